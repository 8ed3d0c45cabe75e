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

/// The TXT record of a text that is cut where a string is full.
fn of_text(text: &[u8]) -> RData {
    match text {
        [] => RData::TXT(TXT::from_bytes(vec![text])),
        _ => RData::TXT(TXT::from_bytes(text.chunks(STRING).collect())),
    }
}

/// Whether the strings are others once they are joined and cut anew where one is full.
fn is_cut_otherwise(data: &RData) -> bool {
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

/// The text of a TXT record without its joints, for tools that cut it where a string is full. What
/// is no UTF-8 is no text: formats that want one leave it out.
pub(super) fn text(txt: &TXT) -> String {
    String::from_utf8_lossy(&joined(txt)).into_owned()
}

/// The octets of a TXT record without its joints.
pub(super) fn joined(txt: &TXT) -> Vec<u8> {
    txt.txt_data.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_printable_is_written_in_digits() {
        let txt = TXT::from_bytes(vec![b"a\"\\;\t\xfc", b"", b" b"]);
        let decimal = r#"a\"\\;\009\252"""" b"#;
        assert_eq!(escaped(&txt, Digits::Decimal, "\"\""), decimal);
        let octal = r#"a\"\\;\011\374" "" " b"#;
        assert_eq!(escaped(&txt, Digits::Octal, "\" \""), octal);
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
