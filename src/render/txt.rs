//! The text of TXT records, for tools that have their own idea of it.

use std::fmt::Write;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::TXT;

use crate::rrset::RrSet;

/// The longest character-string (RFC 1035 §3.3).
const STRING: usize = 255;

/// How the octets are written that are not printable ASCII: three digits after a backslash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// As master files have them (RFC 1035 §5.1).
    Decimal,
    /// As Amazon Route 53 has them.
    Octal,
}

/// The strings of a record with their escapes, and what stands between them.
pub(super) fn escaped(txt: &TXT, digits: Digits, joint: &str) -> String {
    let mut out = String::new();
    for (index, string) in txt.txt_data.iter().enumerate() {
        if index > 0 {
            out.push_str(joint);
        }
        push_escaped(string, digits, &mut out);
    }
    out
}

/// Appends octets with a backslash before `"` and `\`.
pub(super) fn push_escaped(octets: &[u8], digits: Digits, out: &mut String) {
    for &octet in octets {
        match octet {
            b'"' | b'\\' => out.extend(['\\', char::from(octet)]),
            b' '..=b'~' => out.push(char::from(octet)),
            _ => {
                let _infallible = match digits {
                    Digits::Decimal => write!(out, "\\{octet:03}"),
                    Digits::Octal => write!(out, "\\{octet:03o}"),
                };
            }
        }
    }
}

/// Reads what [`escaped`] writes; what stands between the strings begins with a quotation mark.
pub(super) fn unescaped(text: &str, digits: Digits, joint: &str) -> Result<Vec<Vec<u8>>, String> {
    let wrong = || format!("the text `{text}` is escaped wrongly");
    let mut strings = vec![Vec::new()];
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        let octet = match octet {
            b'"' => {
                if !joint.bytes().skip(1).all(|wanted| octets.next() == Some(wanted)) {
                    return Err(wrong());
                }
                strings.push(Vec::new());
                continue;
            }
            b'\\' => match octets.next().ok_or_else(wrong)? {
                first @ b'0'..=b'9' => {
                    let number = [Some(first), octets.next(), octets.next()];
                    let number: Option<Vec<u8>> = number.into_iter().collect();
                    digits.read(&number.ok_or_else(wrong)?).ok_or_else(wrong)?
                }
                escaped @ (b'"' | b'\\') => escaped,
                _ => return Err(wrong()),
            },
            b' ' | b'!' | b'#'..=b'~' => octet,
            _ => return Err(wrong()),
        };
        // There is one from the beginning.
        if let Some(string) = strings.last_mut() {
            string.push(octet);
        }
    }
    Ok(strings)
}

impl Digits {
    fn read(self, digits: &[u8]) -> Option<u8> {
        let radix = match self {
            Self::Decimal => 10,
            Self::Octal => 8,
        };
        // `from_str_radix` alone would take a sign.
        let text = std::str::from_utf8(digits).ok()?;
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then(|| u8::from_str_radix(text, radix).ok()).flatten()
    }
}

/// A TXT record of these strings.
pub(super) fn of_strings(strings: &[Vec<u8>]) -> Result<RData, String> {
    if strings.iter().any(|string| string.len() > STRING) {
        return Err(format!("a text has a string of more than {STRING} octets"));
    }
    Ok(RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect())))
}

/// The TXT record of a text that is cut where a string is full.
pub(super) fn of_text(text: &[u8]) -> RData {
    match text {
        [] => RData::TXT(TXT::from_bytes(vec![text])),
        _ => RData::TXT(TXT::from_bytes(text.chunks(STRING).collect())),
    }
}

/// Whether the strings are others once they are joined and cut anew where one is full.
pub(super) fn is_cut_otherwise(data: &RData) -> bool {
    matches!(data, RData::TXT(txt) if of_text(&joined(txt)) != *data)
}

/// Says why an RRset has no place where a text is written without its joints, and not every text is
/// taken.
pub(super) fn unfit(set: &RrSet, takes: impl Fn(&[u8]) -> bool, why: &str) -> Option<String> {
    let is_unfit = |data: &RData| match data {
        RData::TXT(txt) => !takes(&joined(txt)) || is_cut_otherwise(data),
        _ => false,
    };
    set.rdatas().iter().any(is_unfit).then(|| why.to_owned())
}

/// The text of a TXT record without its joints.
pub(super) fn joined(txt: &TXT) -> Vec<u8> {
    txt.txt_data.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_reads_back() {
        let strings = [(0..=255).collect(), Vec::new(), b"a".to_vec()];
        let octets = strings.iter().map(Vec::as_slice).collect();
        let txt = TXT::from_bytes(octets);
        for digits in [Digits::Decimal, Digits::Octal] {
            for joint in ["\"\"", "\" \""] {
                let text = escaped(&txt, digits, joint);
                assert!(text.is_ascii());
                assert_eq!(unescaped(&text, digits, joint), Ok(strings.to_vec()));
                for wrong in
                    ["\\", "\\1", "\\12", "\\999", "\\x12", "\\1+2", "\"", "\"a", "\u{fc}", "\n"]
                {
                    assert!(unescaped(wrong, digits, joint).is_err(), "{wrong}");
                }
            }
        }
        assert!(unescaped("\\188", Digits::Octal, "\"\"").is_err());
    }

    #[test]
    fn strings_are_cut_where_they_are_full() {
        let is_cut = |strings: Vec<&[u8]>| is_cut_otherwise(&RData::TXT(TXT::from_bytes(strings)));
        assert!(!is_cut(vec![b""]));
        assert!(!is_cut(vec![&[b'a'; 255], b"a"]));
        assert!(is_cut(vec![b"a", b"a"]));
        assert!(is_cut(vec![b"a", b""]));
    }
}
