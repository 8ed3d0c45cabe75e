//! Text that a terminal may see.

use std::borrow::Cow;

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

/// What was typed, fit for a line of its own: as [`printable`] makes it, line ends replaced as well.
///
/// A line that a file name or a field brings along could pass for one of our own, or for a command to
/// whoever reads a log.
pub fn one_line(text: &str) -> Cow<'_, str> {
    match printable(text) {
        shown if shown.contains('\n') => Cow::Owned(shown.replace('\n', "\u{fffd}")),
        shown => shown,
    }
}

/// The most of a text that a message repeats, in characters.
const BEGINNING: usize = 80;

/// What a text begins with, for messages: its first line, and no more than 80 characters of that.
pub fn beginning(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().chars().take(BEGINNING).collect()
}
