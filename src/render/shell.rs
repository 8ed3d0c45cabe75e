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

/// An octet that means itself everywhere in a word; a `~` or `=` would not.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_' | b'-' | b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_quotation_mark_ends_the_others_and_begins_them_anew() {
        for (text, written) in [
            ("_imap._tcp.example.com.", "_imap._tcp.example.com."),
            ("@", "@"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            (r#"\"$x`y`\"#, r#"'\"$x`y`\'"#),
            ("a\nb", "'a\nb'"),
            ("\u{fc}", "'\u{fc}'"),
        ] {
            assert_eq!(word(text), written);
        }
        assert_eq!(quoted("a"), "'a'");
    }
}
