//! Text that a terminal may see.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// Whether a terminal only draws it: no control and no bidirectional formatting character.
fn is_fit(character: char) -> bool {
    !(character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// What was typed, fit for a terminal: control and bidirectional formatting characters replaced,
/// line ends kept.
///
/// Whatever comes from DNS, a file or the command line goes through here before a terminal sees it,
/// where it could move the cursor or turn the line around.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_kept = |character: char| character == '\n' || is_fit(character);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|character| if is_kept(character) { character } else { '\u{fffd}' }).collect()
}

/// What was typed, fit for a line of its own: what [`printable`] replaces and ends of lines are
/// escaped, as `\n`, `\x1b` and `\u202e`.
///
/// A line that a file name or a field brings along could pass for one of our own, or for a command to
/// whoever reads a log.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_fit) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    push_escaped(&mut line, text);
    Cow::Owned(line)
}

/// A path as messages have it: on one line, escaped as [`one_line`] does, and with the octets that are
/// no UTF-8 as `\xff`.
///
/// A shell takes the escapes in `$'...'`; a path that has none is shown as it is.
pub fn path_text(path: &Path) -> String {
    let octets = path.as_os_str().as_encoded_bytes();
    let mut line = String::with_capacity(octets.len());
    if path.to_str().is_some_and(|text| text.chars().all(is_fit)) {
        line.extend(path.to_str());
        return line;
    }
    for chunk in octets.utf8_chunks() {
        push_escaped(&mut line, chunk.valid());
        for octet in chunk.invalid() {
            let _into_memory = write!(line, "\\x{octet:02x}");
        }
    }
    line
}

/// Escapes a text of which some has to be, and so its backslashes, too.
fn push_escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        let _into_memory = match character {
            '\\' => write!(line, "\\\\"),
            '\n' => write!(line, "\\n"),
            '\r' => write!(line, "\\r"),
            '\t' => write!(line, "\\t"),
            fit if is_fit(fit) => write!(line, "{fit}"),
            control if u32::from(control) < 0x80 => write!(line, "\\x{:02x}", u32::from(control)),
            control => write!(line, "\\u{:04x}", u32::from(control)),
        };
    }
}

/// The most of a text that a message repeats, in characters.
const BEGINNING: usize = 80;

/// What a text begins with, for messages: its first line, and no more than 80 characters of that.
pub fn beginning(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().chars().take(BEGINNING).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_on_one_line_whatever_it_is_made_of() {
        for (path, expected) in [
            ("zones/b\u{fc}cher \\ \"x\".zone", "zones/b\u{fc}cher \\ \"x\".zone"),
            ("a\nerror: b\r\t", "a\\nerror: b\\r\\t"),
            ("\u{1b}[31m\\\u{7f}", "\\x1b[31m\\\\\\x7f"),
            ("a\u{202e}b\u{85}", "a\\u202eb\\u0085"),
        ] {
            assert_eq!(path_text(Path::new(path)), expected);
            assert_eq!(one_line(path), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn octets_that_are_no_text_are_shown_in_hexadecimal() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(OsStr::from_bytes(b"M\xfcller\\.zone"));
        assert_eq!(path_text(path), "M\\xfcller\\\\.zone");
    }
}
