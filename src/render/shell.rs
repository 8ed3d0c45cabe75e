//! Words of the shell (POSIX.1-2024, Shell Command Language, section 2.2).

/// Writes a text as one word that the shell takes as it is.
///
/// Between single quotation marks only a single quotation mark means something else than itself.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes a text as it is where it means nothing else to the shell, and quoted where it may.
pub(super) fn word(text: &str) -> String {
    let is_plain = !text.is_empty() && text.bytes().all(is_plain);
    if is_plain { text.to_owned() } else { quoted(text) }
}

fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_' | b'-' | b'@')
}

/// Reads the words of a simple command, single blanks between them; nothing may be expanded.
pub(super) fn words(command: &str) -> Result<Vec<String>, String> {
    let mut words = vec![String::new()];
    let mut rest = command.chars();
    let mut is_open = true;
    while let Some(character) = rest.next() {
        if character == ' ' {
            if is_open {
                return Err(format!("a blank too many in `{command}`"));
            }
            words.push(String::new());
            is_open = true;
            continue;
        }
        is_open = false;
        let Some(word) = words.last_mut() else { continue };
        match character {
            '\'' => {
                let (text, after) = rest
                    .as_str()
                    .split_once('\'')
                    .ok_or_else(|| format!("a quotation mark without its end in `{command}`"))?;
                word.push_str(text);
                rest = after.chars();
            }
            '\\' if rest.as_str().starts_with('\'') => word.extend(rest.next()),
            _ if u8::try_from(character).is_ok_and(is_plain) => word.push(character),
            _ => return Err(format!("`{character}` without quotation marks in `{command}`")),
        }
    }
    if is_open { Err(format!("a blank too many in `{command}`")) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_quoted_is_one_word() {
        for text in ["", "a b", "it's", "''", r#"\"$x`y`\"#, "#", "a\nb", "~", "\u{fc}"] {
            assert_eq!(words(&quoted(text)), Ok(vec![text.to_owned()]));
            assert_eq!(words(&format!("a {} b", word(text))).unwrap()[1], text);
        }
        assert_eq!(word("_imap._tcp.example.com."), "_imap._tcp.example.com.");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn what_the_shell_would_expand_is_refused() {
        for command in ["", "a ", " a", "a  b", "a $b", "a;b", "'a", "a\\b", "a\"b\"", "a*", "a\tb"]
        {
            words(command).expect_err(command);
        }
    }
}
