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
