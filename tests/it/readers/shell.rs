//! Words of the shell (POSIX.1-2024, Shell Command Language, section 2.2).

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
            _ if is_plain(character) => word.push(character),
            _ => return Err(format!("`{character}` without quotation marks in `{command}`")),
        }
    }
    if is_open { Err(format!("a blank too many in `{command}`")) } else { Ok(words) }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '@')
}

#[test]
fn quotation_marks_make_one_word_of_anything() {
    let words = words(r#"a 'b c' 'it'\''s' '' '\"$x`y`\' @_.-"#).expect("words");
    assert_eq!(words, ["a", "b c", "it's", "", r#"\"$x`y`\"#, "@_.-"]);
}

#[test]
fn what_the_shell_would_expand_is_refused() {
    for command in ["", "a ", " a", "a  b", "a $b", "a;b", "'a", "a\\b", "a\"b\"", "a*", "a\tb"] {
        words(command).expect_err(command);
    }
}
