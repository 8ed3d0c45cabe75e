//! The text of TXT records, as some tools have their own idea of it.

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::TXT;

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

/// Reads strings with their escapes; what stands between them begins with a quotation mark.
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

#[test]
fn text_is_read_as_it_is_escaped() {
    let text = r#"a\"\\\101""b"#;
    let read = |digits| unescaped(text, digits, "\"\"");
    assert_eq!(read(Digits::Decimal), Ok(vec![b"a\"\\e".to_vec(), b"b".to_vec()]));
    assert_eq!(read(Digits::Octal), Ok(vec![b"a\"\\A".to_vec(), b"b".to_vec()]));
    for wrong in ["\\", "\\1", "\\12", "\\999", "\\x12", "\\1+2", "\"", "\"a", "\u{fc}", "\n"] {
        for digits in [Digits::Decimal, Digits::Octal] {
            assert!(unescaped(wrong, digits, "\" \"").is_err(), "{wrong}");
        }
    }
    assert!(unescaped("\\188", Digits::Octal, "\"\"").is_err());
}
