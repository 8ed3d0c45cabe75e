//! Domain names as people type them and as DNS holds them.
//!
//! Inside, names are A-labels (RFC 5890 §2.3.2.1); U-labels are accepted at the door and shown to
//! people. Presentation form (RFC 1035 §5.1) is written here and nowhere else, because the codec's
//! own `Display` turns A-labels into U-labels and escapes in octal.
//!
//! ```
//! use mailsrv::name::{HostName, MailDomain, text};
//!
//! let domain: MailDomain = "Bücher.example".parse()?;
//! assert_eq!(domain.to_string(), "xn--bcher-kva.example");
//! assert_eq!(domain.shown(), "bücher.example");
//! // In DNS and in presentation form, names are absolute.
//! assert_eq!(text(&domain.prefixed(&["_imaps", "_tcp"])), "_imaps._tcp.xn--bcher-kva.example.");
//!
//! let host: HostName = "mail.provider.example.".parse()?;
//! assert_eq!(host.to_string(), "mail.provider.example");
//! let error = "joe@example.com".parse::<MailDomain>().unwrap_err();
//! assert_eq!(error.to_string(), "`joe@example.com` is a mail address; give the domain alone: example.com");
//! # Ok::<(), mailsrv::name::NameError>(())
//! ```

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use hickory_proto::rr::Name;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The longest owner name that mailsrv puts below a mail domain is `_autodiscover._tcp`, 19 octets
/// on the wire, so a mail domain may take 236 of the 255 octets of RFC 1035 §2.3.4.
pub const MAX_MAIL_DOMAIN_OCTETS: usize = 255 - 19;

/// Says why a text is no usable domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing was typed.
    #[error("the name is empty")]
    Empty,
    /// A label is empty, as in `a..b`.
    #[error("`{name}` has an empty label (two dots in a row, or one in front)")]
    EmptyLabel {
        /// The text as typed.
        name: String,
    },
    /// A label is longer than 63 octets (RFC 1035 §2.3.4).
    #[error("the label `{label}` is longer than 63 octets (RFC 1035 section 2.3.4)")]
    LabelTooLong {
        /// The label in A-label form.
        label: String,
    },
    /// The name does not fit on the wire with what goes before it (RFC 1035 §2.3.4).
    #[error(
        "`{name}` takes {octets} octets on the wire, and at most {limit} fit here (RFC 1035 section 2.3.4)"
    )]
    NameTooLong {
        /// The name in A-label form.
        name: String,
        /// Its length on the wire.
        octets: usize,
        /// What would fit.
        limit: usize,
    },
    /// A character that a host name may not hold (RFC 1123 §2.1).
    #[error(
        "`{name}` is not a host name: letters, digits and inner hyphens only (RFC 1123 section 2.1)"
    )]
    NotHostName {
        /// The text as typed.
        name: String,
    },
    /// An internationalised label that does not survive the round trip (RFC 5891 §4).
    #[error("`{name}` is not a valid internationalised name (RFC 5891)")]
    NotIdna {
        /// The text as typed.
        name: String,
    },
    /// An e-mail address where a domain is wanted.
    #[error("`{address}` is a mail address; give the domain alone: {domain}")]
    Address {
        /// The text as typed.
        address: String,
        /// What follows the `@`.
        domain: String,
    },
    /// An IP address where a name is wanted.
    #[error("`{name}` is an IP address; a host name is wanted")]
    IpAddress {
        /// The text as typed.
        name: String,
    },
    /// A name in presentation form without its final dot.
    #[error("`{name}` is not absolute; it lacks the final dot")]
    Relative {
        /// The text as read.
        name: String,
    },
    /// An octet or an escape that presentation form does not have (RFC 1035 §5.1).
    #[error(
        "`{name}` is not in presentation form: printable ASCII, other octets as \\DDD (RFC 1035 section 5.1)"
    )]
    Escape {
        /// The text as read.
        name: String,
    },
    /// A single label, such as `localhost`.
    #[error("`{name}` has a single label; a mail domain has two at least")]
    SingleLabel {
        /// The text as typed.
        name: String,
    },
}

/// A mail domain: what stands behind the `@` of its addresses.
///
/// Absolute, A-labels, LDH, two labels at least, and short enough that every owner name mailsrv
/// derives from it fits into 255 octets.
///
/// Parsing takes what people type: upper case, U-labels, a final dot, blanks around it. What is
/// displayed is A-labels in lower case without the final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailDomain(Name);

impl MailDomain {
    /// The name in DNS.
    pub fn name(&self) -> &Name {
        &self.0
    }

    /// Builds the owner name of a label sequence in front of this domain.
    ///
    /// Cannot fail for the prefixes of [`crate::service`]: their length is in
    /// [`MAX_MAIL_DOMAIN_OCTETS`].
    ///
    /// # Panics
    ///
    /// One of the labels is no label, or they take more than 19 octets on the wire in front of a
    /// domain that leaves no room for more.
    pub fn prefixed(&self, labels: &[&str]) -> Name {
        labels.iter().rev().fold(self.0.clone(), |name, label| {
            name.prepend_label(label.as_bytes())
                .expect("a mail domain leaves room for its prefixes")
        })
    }
}

impl MailDomain {
    /// The domain as people know it: with its U-labels where it has any.
    pub fn shown(&self) -> String {
        unicode(&self.0).unwrap_or_else(|| self.to_string())
    }

    /// The domain as a heading: with its U-labels where it has any.
    pub fn heading(&self) -> String {
        match unicode(&self.0) {
            Some(shown) => format!("{shown} ({self})"),
            None => self.to_string(),
        }
    }
}

impl FromStr for MailDomain {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = host_name(text)?;
        if name.num_labels() < 2 {
            return Err(NameError::SingleLabel { name: text.to_owned() });
        }
        check_length(&name, MAX_MAIL_DOMAIN_OCTETS)?;
        Ok(Self(name))
    }
}

impl fmt::Display for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_dot(&text(&self.0)))
    }
}

/// A host name fit to be a target: absolute, A-labels, LDH (RFC 1123 §2.1).
///
/// Parsing takes what that of [`MailDomain`] takes, and a single label too. An IP address is
/// refused: a target is a name (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Name);

impl HostName {
    /// The name in DNS.
    pub fn name(&self) -> &Name {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = host_name(text)?;
        check_length(&name, 255)?;
        Ok(Self(name))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_dot(&text(&self.0)))
    }
}

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

/// What was typed, fit for a terminal: control and bidirectional formatting characters replaced,
/// line ends kept.
///
/// Whatever comes from DNS, a file or the command line goes through here before a terminal sees it,
/// where it could move the cursor or turn the line around.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_fit = |character: char| {
        character == '\n'
            || !(character.is_control()
                || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    if text.chars().all(is_fit) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|character| if is_fit(character) { character } else { '\u{fffd}' }).collect()
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

fn without_dot(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// Counts the root label, which the codec does not.
fn check_length(name: &Name, limit: usize) -> Result<(), NameError> {
    let octets = name.len() + 1;
    if octets > limit {
        return Err(NameError::NameTooLong { name: plain_text(name), octets, limit });
    }
    Ok(())
}

/// Reads a name at the door: its spelling, then its length; messages have it as it was typed.
fn host_name(text: &str) -> Result<Name, NameError> {
    let typed = text.trim();
    refuse_what_is_no_name(typed)?;
    let ascii = to_ascii(typed)?;
    let ascii = without_dot(&ascii);
    // Full-width digits are digits by now.
    if ascii.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(NameError::IpAddress { name: typed.to_owned() });
    }
    if let Some(label) = ascii.split('.').find(|label| label.len() > 63) {
        return Err(NameError::LabelTooLong { label: label.to_owned() });
    }
    // The codec refuses what is over 255 octets; the count is one root label more than the text.
    if ascii.len() + 2 > 255 {
        return Err(NameError::NameTooLong {
            name: ascii.to_owned(),
            octets: ascii.len() + 2,
            limit: 255,
        });
    }
    let mut name = Name::new();
    for label in ascii.split('.') {
        name = name
            .append_label(label.as_bytes())
            .map_err(|_error| NameError::NotHostName { name: typed.to_owned() })?;
    }
    name.set_fqdn(true);
    Ok(name)
}

/// Tells the mistakes by what was meant, before a rule about characters would hide it.
fn refuse_what_is_no_name(typed: &str) -> Result<(), NameError> {
    let owned = || typed.to_owned();
    if typed.is_empty() || typed == "." {
        return Err(NameError::Empty);
    }
    if let Some((_, domain)) = typed.rsplit_once('@').filter(|(_, domain)| !domain.is_empty()) {
        return Err(NameError::Address { address: owned(), domain: domain.to_owned() });
    }
    let bare = typed.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok()
        || without_dot(bare).parse::<std::net::Ipv4Addr>().is_ok()
    {
        return Err(NameError::IpAddress { name: owned() });
    }
    if typed.starts_with('.') || typed.contains("..") {
        return Err(NameError::EmptyLabel { name: owned() });
    }
    Ok(())
}

/// Converts to lower-case A-labels; plain ASCII without `xn--` takes the short way.
fn to_ascii(typed: &str) -> Result<Cow<'_, str>, NameError> {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'.';
    if typed.bytes().all(plain) && !has_ace_prefix(typed) {
        let edge = |label: &str| label.starts_with('-') || label.ends_with('-');
        if without_dot(typed).split('.').any(edge) {
            return Err(NameError::NotHostName { name: typed.to_owned() });
        }
        return Ok(if typed.bytes().any(|octet| octet.is_ascii_uppercase()) {
            Cow::Owned(typed.to_ascii_lowercase())
        } else {
            Cow::Borrowed(typed)
        });
    }
    if typed.is_ascii() && !typed.bytes().all(plain) {
        return Err(NameError::NotHostName { name: typed.to_owned() });
    }
    let not_idna = || NameError::NotIdna { name: typed.to_owned() };
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_error| not_idna())?;
    let (shown, outcome) =
        uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let back = uts46.to_ascii(
        shown.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Ignore,
    );
    if outcome.is_err() || back.map_err(|_error| not_idna())? != ascii {
        return Err(not_idna());
    }
    if ascii.split('.').next().is_none_or(str::is_empty) || ascii.contains("..") {
        return Err(NameError::EmptyLabel { name: typed.to_owned() });
    }
    Ok(Cow::Owned(ascii.into_owned()))
}

/// Such a label may be no valid A-label, so that it takes the long way (RFC 5890 §2.3.2.1).
fn has_ace_prefix(typed: &str) -> bool {
    typed.split('.').any(|label| {
        label.as_bytes().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Result<&str, &str>) {
        let got = typed.parse::<MailDomain>();
        match (&got, expected) {
            (Ok(domain), Ok(text)) => assert_eq!(domain.to_string(), text),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{error} lacks {part}");
            }
            _ => panic!("{typed}: {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn mail_domains_are_checked_at_the_door() {
        check("example.com", Ok("example.com"));
        check(" Example.COM. ", Ok("example.com"));
        check("bücher.example", Ok("xn--bcher-kva.example"));
        check("BÜCHER.example", Ok("xn--bcher-kva.example"));
        check("xn--bcher-kva.example", Ok("xn--bcher-kva.example"));
        check("例え。テスト", Ok("xn--r8jz45g.xn--zckzah"));
        check("faß.example", Ok("xn--fa-hia.example"));
        check("", Err("empty"));
        check(".", Err("empty"));
        check("a..b", Err("empty label"));
        check(".a.b", Err("empty label"));
        check("user@example.com", Err("give the domain alone: example.com"));
        check("192.0.2.1", Err("IP address"));
        check("１９２.0.2.1", Err("IP address"));
        check("joe@", Err("not a host name"));
        check("[2001:db8::1]", Err("IP address"));
        check("localhost", Err("single label"));
        check("a_b.example", Err("not a host name"));
        check("-a.example", Err("not a host name"));
        check("a b.example", Err("not a host name"));
        check("xn--zzzzzz--.example", Err("internationalised"));
        check("xn--a.example", Err("internationalised"));
        check("b\u{fe0f}\u{202e}.example", Err("internationalised"));
        check(&format!("{}.example", "a".repeat(64)), Err("longer than 63"));
    }

    #[test]
    fn a_mail_domain_leaves_room_for_its_longest_owner_name() {
        let label = "a".repeat(49);
        let fits = format!("{label}.{label}.{label}.{label}.{}", "b".repeat(34));
        let domain: MailDomain = fits.parse().unwrap();
        assert_eq!(domain.name().len() + 1, MAX_MAIL_DOMAIN_OCTETS);
        assert_eq!(domain.prefixed(&["_autodiscover", "_tcp"]).len() + 1, 255);
        check(&format!("{fits}b"), Err("237 octets on the wire, and at most 236"));
        check(&"a.".repeat(5000), Err("octets on the wire"));
    }

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
        let name = |text: &str| text.parse::<HostName>().unwrap().0;
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
