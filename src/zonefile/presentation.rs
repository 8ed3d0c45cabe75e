//! Names, strings, numbers and periods as master files write them (RFC 1035 §5.1).

use std::fmt::Write;

use data_encoding::BASE64_NOPAD;
use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, BinEncodable, BinEncoder};

use super::error::ScanErrorKind;

/// What relative names are relative to.
///
/// Kept in wire form as well, because a large zone appends it to nearly every name.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// None where no origin is known, and where it is lost.
    pub(super) name: Option<Name>,
    /// The name without compression; empty where there is none.
    wire: Vec<u8>,
    /// An `$ORIGIN` could not be read, so relative names would be misread.
    pub(super) lost: bool,
}

impl Origin {
    /// Takes a name as absolute, whether or not it was typed so.
    pub(super) fn new(mut name: Name) -> Self {
        name.set_fqdn(true);
        let mut wire = Vec::new();
        let mut encoder = BinEncoder::new(&mut wire);
        if name.emit(&mut encoder).is_err() {
            return Self { name: None, wire: Vec::new(), lost: true };
        }
        Self { name: Some(name), wire, lost: false }
    }

    /// Whether none is known, and none is lost.
    pub(super) fn is_none(&self) -> bool {
        self.name.is_none() && !self.lost
    }

    /// The octets to append to a relative name; None where no origin is known.
    pub(super) fn octets(&self) -> Option<&[u8]> {
        (self.name.is_some() && !self.lost).then_some(&self.wire)
    }

    /// The octets to append to a relative name; `typed` is for the error.
    fn wire(&self, typed: &[u8]) -> Result<&[u8], ScanErrorKind> {
        if self.lost {
            return Err(ScanErrorKind::OriginUnknown { typed: shown(typed) });
        }
        if self.name.is_none() {
            return Err(ScanErrorKind::NoOrigin { typed: shown(typed) });
        }
        Ok(&self.wire)
    }
}

/// Appends a name in wire form; relative ones end in the origin.
pub(super) fn push_name(
    text: &[u8],
    origin: &Origin,
    out: &mut Vec<u8>,
) -> Result<(), ScanErrorKind> {
    let start = out.len();
    match text {
        b"@" => {
            out.extend_from_slice(origin.wire(text)?);
            return Ok(());
        }
        b"." => {
            out.push(0);
            return Ok(());
        }
        _ => {}
    }
    let mut index = 0;
    loop {
        let label = out.len();
        out.push(0);
        let more = push_label(text, &mut index, out)?;
        match out.len() - label - 1 {
            0 => return Err(ScanErrorKind::EmptyLabel { typed: shown(text) }),
            length @ 1..=63 => out[label] = length.to_le_bytes()[0],
            _ => return Err(ScanErrorKind::LabelTooLong { typed: shown(text) }),
        }
        if !more {
            out.extend_from_slice(origin.wire(text)?);
            break;
        }
        if index == text.len() {
            out.push(0);
            break;
        }
    }
    if out.len() - start > 255 {
        return Err(ScanErrorKind::NameTooLong { typed: shown(text) });
    }
    Ok(())
}

/// Appends the octets of one label; true when a dot ended it.
fn push_label(text: &[u8], index: &mut usize, out: &mut Vec<u8>) -> Result<bool, ScanErrorKind> {
    let from = *index;
    let rest = text.get(from..).unwrap_or_default();
    let plain = rest.iter().position(|octet| matches!(octet, b'.' | b'\\')).unwrap_or(rest.len());
    out.extend_from_slice(&rest[..plain]);
    *index += plain;
    while let Some(&octet) = text.get(*index) {
        *index += 1;
        match octet {
            b'.' => return Ok(true),
            b'\\' => out.push(escaped(text, index)?),
            _ => out.push(octet),
        }
    }
    Ok(false)
}

/// Reads what follows a backslash.
fn escaped(text: &[u8], index: &mut usize) -> Result<u8, ScanErrorKind> {
    let bad = || ScanErrorKind::BadEscape { typed: shown(text) };
    let octet = *text.get(*index).ok_or_else(bad)?;
    if !octet.is_ascii_digit() {
        *index += 1;
        return Ok(octet);
    }
    let digits = text.get(*index..*index + 3).ok_or_else(bad)?;
    *index += 3;
    u8::try_from(number(digits).ok_or_else(bad)?).map_err(|_over| bad())
}

/// Appends a string without its escapes, however long.
pub(super) fn push_unescaped(text: &[u8], out: &mut Vec<u8>) -> Result<(), ScanErrorKind> {
    let mut index = 0;
    while let Some(rest) = text.get(index..).filter(|rest| !rest.is_empty()) {
        let plain = rest.iter().position(|octet| *octet == b'\\').unwrap_or(rest.len());
        out.extend_from_slice(&rest[..plain]);
        index += plain;
        if index < text.len() {
            index += 1;
            out.push(escaped(text, &mut index)?);
        }
    }
    Ok(())
}

/// Appends a character-string with its length (RFC 1035 §3.3).
pub(super) fn push_string(text: &[u8], out: &mut Vec<u8>) -> Result<(), ScanErrorKind> {
    let start = out.len();
    out.push(0);
    push_unescaped(text, out)?;
    let octets = out.len() - start - 1;
    out[start] = u8::try_from(octets)
        .map_err(|_over| ScanErrorKind::StringTooLong { typed: shown(text), octets })?;
    Ok(())
}

/// Writes a character-string: in quotes, with `"` and `\` escaped and `\DDD` for what is not
/// printable ASCII.
///
/// ```
/// use mailsrv::zonefile::character_string;
///
/// assert_eq!(character_string("say \"ö\"".as_bytes()), r#""say \"\195\182\"""#);
/// ```
///
/// No length is checked: one character-string holds 255 octets at most (RFC 1035 §3.3), and
/// [`rdata`](super::rdata()) splits what is longer.
pub fn character_string(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() + 2);
    push_quoted(octets, &mut out);
    out
}

/// Appends what [`character_string`] returns.
pub(super) fn push_quoted(octets: &[u8], out: &mut String) {
    out.push('"');
    for &octet in octets {
        match octet {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(octet));
            }
            b' '..=b'~' => out.push(char::from(octet)),
            _ => {
                let _infallible = write!(out, "\\{octet:03}");
            }
        }
    }
    out.push('"');
}

/// Reads base64 with its padding (RFC 4648 §4), which may stand at the end alone.
pub(super) fn read_base64(digits: &[u8]) -> Option<Vec<u8>> {
    let body = digits.strip_suffix(b"=").unwrap_or(digits);
    let body = body.strip_suffix(b"=").unwrap_or(body);
    let is_padded = digits.len().is_multiple_of(4);
    BASE64_NOPAD.decode(body).ok().filter(|_| is_padded)
}

/// Reads decimal digits; what is beyond `u64` saturates.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    let digit = |octet: &u8| octet.is_ascii_digit().then(|| u64::from(octet - b'0'));
    text.first()?;
    text.iter().try_fold(0u64, |sum, octet| {
        digit(octet).map(|value| sum.saturating_mul(10).saturating_add(value))
    })
}

/// Reads seconds, plain or with the units w, d, h, m and s, as in `1h30m`.
pub(super) fn period(text: &[u8]) -> Option<u64> {
    if text.last()?.is_ascii_digit() {
        return number(text);
    }
    let mut sum = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.iter().position(|octet| !octet.is_ascii_digit())?;
        let seconds = match rest[digits].to_ascii_lowercase() {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        sum = sum.saturating_add(number(&rest[..digits])?.saturating_mul(seconds));
        rest = &rest[digits + 1..];
    }
    Some(sum)
}

/// Reads an uncompressed name from the front of wire octets, and its length there.
pub(super) fn wire_name(wire: &[u8]) -> Option<(Name, usize)> {
    let mut end = 0;
    while let length @ 1..=63 = *wire.get(end)? {
        end += usize::from(length) + 1;
    }
    let whole = wire.get(..=end)?;
    let name = Name::read(&mut BinDecoder::new(whole)).ok()?;
    Some((name, whole.len()))
}

/// Makes a token fit for a message: UTF-8, without control characters, not too long.
pub(super) fn shown(text: &[u8]) -> String {
    const LIMIT: usize = 64;
    let cut = text.get(..LIMIT).unwrap_or(text);
    let mut out = String::with_capacity(cut.len());
    for character in String::from_utf8_lossy(cut).chars() {
        if character.is_control() {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    if text.len() > LIMIT {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_with_units() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("3600", Some(3600)),
            ("1h30m", Some(5400)),
            ("1W2D", Some(777_600)),
            ("1m30s", Some(90)),
            ("1h30", None),
            ("h", None),
            ("", None),
            ("1x", None),
            ("-1", None),
            ("99999999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(period(text.as_bytes()), seconds, "{text}");
        }
    }

    #[test]
    fn names_in_octets_end_in_the_root_within_255_octets() {
        let long = |last: u8| {
            let labels = [63, 63, 63, last].map(|length| [&[length][..], &[b'a'; 63]].concat());
            let mut wire = labels.concat();
            wire.truncate(3 * 64 + 1 + usize::from(last));
            wire.push(0);
            wire
        };
        for (wire, length) in [
            (b"\x01a\0\0".to_vec(), Some(3)),
            (b"\0".to_vec(), Some(1)),
            (long(61), Some(255)),
            (long(62), None),
            (b"\x01a".to_vec(), None),
            (b"\x02a".to_vec(), None),
            // Pointers (RFC 1035 section 4.1.4), and labels of other kinds.
            (b"\x01a\xc0\0\0".to_vec(), None),
            (b"\x01a\x41\0".to_vec(), None),
            (b"\x01a\x80\0".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(wire_name(&wire).map(|(_name, length)| length), length, "{wire:?}");
        }
    }

    #[test]
    fn messages_show_64_octets_of_a_token() {
        let long = "a".repeat(64);
        assert_eq!(shown(long.as_bytes()), long);
        assert_eq!(shown(format!("{long}b").as_bytes()), format!("{long}..."));
        assert_eq!(shown(b"a\x1bb\xff"), "a\\u{1b}b\u{fffd}");
    }
}
