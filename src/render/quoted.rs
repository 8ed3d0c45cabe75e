//! Text between double quotation marks, as JSON, JavaScript and YAML read it alike.

use std::fmt::{self, Write};

/// Writes a text between double quotation marks; what is not printable ASCII is escaped.
///
/// `\uXXXX` means the same to JSON (RFC 8259 §7), JavaScript and YAML (1.2.2 §5.7). Beyond the
/// Basic Multilingual Plane it does not, because YAML knows no surrogates, but there a character
/// may stand as it is in all three.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                ' '..='~' | '\u{10000}'.. => f.write_char(character)?,
                _ => write!(f, "\\u{:04x}", u32::from(character))?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_read_what_was_quoted() {
        let text: String =
            (0..=0x2_0000).step_by(7).chain(0..0x3000).filter_map(char::from_u32).collect();
        let quoted = Quoted(&text).to_string();
        assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        assert_eq!(serde_yaml::from_str::<String>(&quoted).unwrap(), text);
        assert!(quoted.chars().all(|c| c >= '\u{10000}' || (' '..='~').contains(&c)));
    }

    #[test]
    fn quotation_marks_and_backslashes_are_escaped() {
        let quoted = Quoted("a\"b\\c\n\u{fc}\u{2028}").to_string();
        assert_eq!(quoted, r#""a\"b\\c\u000a\u00fc\u2028""#);
    }
}
