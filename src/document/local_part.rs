//! The part of a mail address before the `@`.

use std::fmt;
use std::str::FromStr;

/// The part of a mail address before the `@`: a dot-string (RFC 5321 §4.1.2, RFC 6531 §3.3).
///
/// Quoted local parts are refused: hardly any client takes them as a login name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPart(String);

/// Says why a text is no local part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocalPartError {
    /// It has no characters, or more octets than RFC 5321 §4.5.3.1.1 allows.
    #[error("`{text}` has {octets} octets before the `@`; 1 to 64 fit there")]
    Length {
        /// The text as typed.
        text: String,
        /// Its octets.
        octets: usize,
    },
    /// A character that would need quotation marks.
    #[error(
        "`{text}` holds `{character}` (U+{code:04X}); before the `@` stand letters, digits and !#$%&'*+-/=?^_`{{|}}~, and single dots between them",
        code = u32::from(*character)
    )]
    Character {
        /// The text as typed.
        text: String,
        /// The character.
        character: char,
    },
}

/// The most octets of a local part (RFC 5321 §4.5.3.1.1).
const MAX_OCTETS: usize = 64;

impl LocalPart {
    /// The local part as it was typed.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl FromStr for LocalPart {
    type Err = LocalPartError;

    fn from_str(text: &str) -> Result<Self, LocalPartError> {
        let owned = || text.to_owned();
        if text.is_empty() || text.len() > MAX_OCTETS {
            return Err(LocalPartError::Length { text: owned(), octets: text.len() });
        }
        if let Some(character) = text.chars().find(|character| !is_allowed(*character)) {
            return Err(LocalPartError::Character { text: owned(), character });
        }
        if text.split('.').any(str::is_empty) {
            return Err(LocalPartError::Character { text: owned(), character: '.' });
        }
        Ok(Self(owned()))
    }
}

impl fmt::Display for LocalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands in an address without quotation marks (RFC 5321 §4.1.2, RFC 6531 §3.3).
fn is_allowed(character: char) -> bool {
    match character {
        '.' => true,
        _ if character.is_ascii() => {
            character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
        }
        _ => !character.is_control() && !character.is_whitespace() && !is_invisible(character),
    }
}

/// The characters without a form of their own that come along when an address is copied from a web
/// page or a letter: soft hyphen, joiners and marks of direction (Unicode, category Cf).
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(), &str>) {
        match (text.parse::<LocalPart>(), expected) {
            (Ok(part), Ok(())) => assert_eq!(part.text(), text),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (got, expected) => panic!("{text}: {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn a_local_part_is_a_dot_string() {
        check("joe", Ok(()));
        check("joe.blow+list", Ok(()));
        check("j\u{fc}rgen", Ok(()));
        check("o'neill", Ok(()));
        check("", Err("has 0 octets"));
        check(&"a".repeat(65), Err("has 65 octets"));
        check("joe blow", Err("holds ` `"));
        check("joe@x", Err("holds `@`"));
        check("\"joe\"", Err("holds `\"`"));
        check(".joe", Err("holds `.`"));
        check("joe..blow", Err("holds `.`"));
        check("joe\u{2028}", Err("holds"));
        check("\u{200b}joe", Err("(U+200B)"));
        check("joe\u{202e}", Err("(U+202E)"));
    }
}
