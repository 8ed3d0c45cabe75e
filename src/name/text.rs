//! Names in presentation form (RFC 1035 §5.1), absolute, relative and as people write them.

use hickory_proto::rr::Name;
use idna::uts46::{AsciiDenyList, Hyphens, Uts46};

use super::error::NameError;

/// Writes a name in presentation form: absolute, with the decimal escapes of RFC 1035 §5.1.
pub fn text(name: &Name) -> String {
    let mut out = String::with_capacity(name.len() + 1);
    push_text(name, &mut out);
    out
}

/// Appends what [`text`] returns.
pub fn push_text(name: &Name, out: &mut String) {
    for label in name {
        push_label(label, out);
        out.push('.');
    }
    if name.num_labels() == 0 && name.is_root() {
        out.push('.');
    }
}

/// Reads what [`text`] writes: an absolute name in presentation form (RFC 1035 §5.1).
///
/// # Errors
///
/// The text is relative, badly escaped, has an empty label, or does not fit on the wire.
pub fn parse_text(text: &str) -> Result<Name, NameError> {
    let owned = || text.to_owned();
    if text == "." {
        return Ok(Name::root());
    }
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    let mut labels = Vec::new();
    let mut label = Vec::new();
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        match octet {
            b'.' if label.is_empty() => return Err(NameError::EmptyLabel { name: owned() }),
            b'.' => labels.push(std::mem::take(&mut label)),
            b'\\' => label
                .push(unescape(&mut octets).ok_or_else(|| NameError::Escape { name: owned() })?),
            0x21..=0x7e => label.push(octet),
            _ => return Err(NameError::Escape { name: owned() }),
        }
    }
    if !label.is_empty() {
        return Err(NameError::Relative { name: owned() });
    }
    if let Some(label) = labels.iter().find(|label| label.len() > 63) {
        let mut shown = String::new();
        push_label(label, &mut shown);
        return Err(NameError::LabelTooLong { label: shown });
    }
    let octets = labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
    let too_long = || NameError::NameTooLong { name: owned(), octets, limit: 255 };
    if octets > 255 {
        return Err(too_long());
    }
    Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|_error| too_long())
}

/// Reads what follows a backslash: three decimal digits, or any other character.
fn unescape(octets: &mut std::str::Bytes<'_>) -> Option<u8> {
    let first = octets.next()?;
    if !first.is_ascii_digit() {
        return matches!(first, 0x21..=0x7e).then_some(first);
    }
    let mut number = u16::from(first - b'0');
    for _ in 0..2 {
        let digit = octets.next().filter(u8::is_ascii_digit)?;
        number = number * 10 + u16::from(digit - b'0');
    }
    u8::try_from(number).ok()
}

/// Writes a name relative to an origin, `@` for the origin itself; absolute where it lies outside.
///
/// ```
/// use mailsrv::name::{parse_text, relative_text};
///
/// let (zone, mail) = (parse_text("example.com.")?, parse_text("mail.example.com.")?);
/// assert_eq!(relative_text(&mail, &zone), "mail");
/// assert_eq!(relative_text(&zone, &zone), "@");
/// assert_eq!(relative_text(&zone, &mail), "example.com.");
/// # Ok::<(), mailsrv::name::NameError>(())
/// ```
pub fn relative_text(name: &Name, origin: &Name) -> String {
    if name == origin {
        return "@".to_owned();
    }
    if origin.is_root() || !origin.zone_of(name) {
        return text(name);
    }
    let mut out = String::new();
    let inner = name.iter().len().saturating_sub(origin.iter().len());
    for label in name.iter().take(inner) {
        if !out.is_empty() {
            out.push('.');
        }
        push_label(label, &mut out);
    }
    out
}

/// Writes a name without its final dot, as people and most web forms have it.
pub fn plain_text(name: &Name) -> String {
    let mut out = text(name);
    if out.len() > 1 {
        out.pop();
    }
    out
}

/// The U-label form of a name, when it has one: what a person would call it.
///
/// None when the name is plain ASCII or does not decode.
pub fn unicode(name: &Name) -> Option<String> {
    let ascii = plain_text(name);
    if !ascii.to_ascii_lowercase().split('.').any(|label| label.starts_with("xn--")) {
        return None;
    }
    let (shown, outcome) =
        Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    (outcome.is_ok() && shown != ascii).then(|| shown.into_owned())
}

/// Escapes what means something to master files besides what is not printable.
fn push_label(label: &[u8], out: &mut String) {
    for &octet in label {
        match octet {
            b'"' | b'(' | b')' | b'.' | b';' | b'@' | b'\\' | b'$' => {
                out.push('\\');
                out.push(char::from(octet));
            }
            0x21..=0x7e => out.push(char::from(octet)),
            _ => {
                out.push('\\');
                for digit in [octet / 100, octet / 10 % 10, octet % 10] {
                    out.push(char::from(b'0' + digit));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::HostName;

    #[test]
    fn names_print_with_decimal_escapes_and_never_as_u_labels() {
        let name = Name::from_labels([&b"a b\xc8\0"[..], b"x.y;\"@", b"xn--bcher-kva"]).unwrap();
        assert_eq!(text(&name), "a\\032b\\200\\000.x\\.y\\;\\\"\\@.xn--bcher-kva.");
        assert_eq!(text(&Name::root()), ".");
        assert_eq!(plain_text(&Name::root()), ".");
    }

    #[test]
    fn presentation_form_reads_back() {
        let labels = [&b"a b\xc8\0"[..], b"x.y;\"@\\", b"1\x7f", b"xn--bcher-kva"];
        for name in [Name::from_labels(labels).unwrap(), Name::root()] {
            assert_eq!(parse_text(&text(&name)).as_ref(), Ok(&name));
        }
        let check = |text: &str, part: &str| {
            let error = parse_text(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("", "empty");
        check("a", "final dot");
        check("a\\.", "final dot");
        check("a..", "empty label");
        check(".a.", "empty label");
        check("a\\256.", "presentation form");
        check("a\\25.", "presentation form");
        check("a\\2x5.", "presentation form");
        check("a b.", "presentation form");
        check("b\u{fc}cher.", "presentation form");
        check("a\\", "presentation form");
        check(&format!("{}.", "a".repeat(64)), "longer than 63");
        check(&"abc.".repeat(64), "257 octets");
        assert!(parse_text(&format!("{}a.", "abc.".repeat(63))).is_ok());
    }

    #[test]
    fn relative_text_cuts_the_origin_and_only_the_origin() {
        let name = |text: &str| text.parse::<HostName>().unwrap().name().clone();
        let origin = name("example.com");
        assert_eq!(relative_text(&origin, &origin), "@");
        assert_eq!(relative_text(&name("a.b.example.com"), &origin), "a.b");
        assert_eq!(relative_text(&name("notexample.com"), &origin), "notexample.com.");
        assert_eq!(relative_text(&origin, &Name::root()), "example.com.");
    }

    #[test]
    fn u_labels_are_shown_only_where_there_are_any() {
        let shown = |text: &str| unicode(text.parse::<HostName>().unwrap().name());
        assert_eq!(shown("mail.xn--bcher-kva.example").as_deref(), Some("mail.bücher.example"));
        assert_eq!(shown("mail.example"), None);
    }
}
