//! Words for people: lists and counts in sentences, wrapped prose, and the word that was likely meant.

/// Lists words in a sentence: `a, b and c`.
pub(crate) fn listed(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The most words that are listed where there may be any number.
const LISTED: usize = 8;

/// Lists the first words in a sentence, and counts the others.
pub(crate) fn enumerate(words: &[String]) -> String {
    // One word more is as short as saying that there is one more.
    if words.len() <= LISTED + 1 {
        return listed(words);
    }
    format!("{} and {} others", words[..LISTED].join(", "), words.len() - LISTED)
}

/// Counts things in a sentence: `1 record`, `2 records`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Appends prose in lines of at most so many columns, each behind an indent.
pub(crate) fn push_wrapped(page: &mut String, prose: &str, indent: usize, width: usize) {
    push_hanging(page, prose, [indent; 2], width);
}

/// Appends prose in lines of at most so many columns: the first behind the first indent, all others
/// behind the second. A word that is longer than a line is left whole: it may be a name to copy.
pub(crate) fn push_hanging(page: &mut String, prose: &str, indents: [usize; 2], width: usize) {
    let [first, rest] = indents;
    let mut column = 0;
    for (at, word) in prose.split(' ').enumerate() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            page.push('\n');
            column = 0;
        }
        if column == 0 {
            column = if at == 0 { first } else { rest };
            page.extend(std::iter::repeat_n(' ', column));
        } else {
            page.push(' ');
            column += 1;
        }
        page.push_str(word);
        column += length;
    }
    page.push('\n');
}

/// Appends words in columns, each group beside its title, in lines of at most so many columns.
#[cfg(any(feature = "cli", test))]
pub(crate) fn push_columns(page: &mut String, groups: &[(&str, Vec<&str>)], width: usize) {
    const GAP: usize = 2;
    let longest = |words: &mut dyn Iterator<Item = &str>| {
        words.map(|word| word.chars().count()).max().unwrap_or_default() + GAP
    };
    let indent = GAP + longest(&mut groups.iter().map(|(title, _)| *title));
    let column = longest(&mut groups.iter().flat_map(|(_, words)| words.iter().copied()));
    let across = ((width + GAP).saturating_sub(indent) / column).max(1);
    for (title, words) in groups.iter().filter(|(_, words)| !words.is_empty()) {
        for (at, row) in words.chunks(across).enumerate() {
            let title = if at == 0 { *title } else { "" };
            let cells: String = row.iter().map(|word| format!("{word:column$}")).collect();
            let line = format!("{:GAP$}{title:1$}{cells}", "", indent - GAP);
            page.push_str(line.trim_end());
            page.push('\n');
        }
    }
}

/// The longest text that could be a word misspelt, in octets.
const MAX_TYPED: usize = 64;

/// The word that was likely meant, if one is nearer to what was typed than `least` (from 0 to 1).
pub(crate) fn nearest<'a>(
    typed: &str,
    words: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Option<&'a str> {
    // The distance takes the product of both lengths, so a long text must not reach it.
    if typed.len() > MAX_TYPED {
        return None;
    }
    let scored = words.into_iter().map(|word| (strsim::jaro_winkler(word, typed), word));
    let (score, word) = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (score > least).then_some(word)
}

/// The word that a text is a slip of: one letter more, less or other, or two of them swapped.
pub(crate) fn slip_of<'a>(typed: &str, words: &[&'a str]) -> Option<&'a str> {
    let is_near = |word: &&str| strsim::osa_distance(typed, word) == 1;
    words.iter().copied().find(|word| typed.len() <= MAX_TYPED && is_near(word))
}

/// Asks for the word that was likely meant.
pub(crate) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// What is said after the mistake where a word was likely meant.
pub(crate) fn hint(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |word| format!("; {}", did_you_mean(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count: usize, expected: &str) {
        let words: Vec<String> = ('a'..='z').take(count).map(String::from).collect();
        assert_eq!(enumerate(&words), expected);
    }

    #[test]
    fn a_list_ends_with_and_and_counts_what_would_be_too_much() {
        check(0, "");
        check(1, "a");
        check(2, "a and b");
        check(9, "a, b, c, d, e, f, g, h and i");
        check(10, "a, b, c, d, e, f, g, h and 2 others");
    }

    #[test]
    fn columns_are_as_wide_as_the_longest_word_and_fit() {
        let mut page = String::new();
        let groups = [("one", vec!["a", "bb", "ccc", "d"]), ("none", vec![]), ("two", vec!["e"])];
        push_columns(&mut page, &groups, 20);
        assert_eq!(page, "  one   a    bb\n        ccc  d\n  two   e\n");
        push_columns(&mut page, &[("narrow", vec!["word", "other"])], 3);
        assert!(page.ends_with("  narrow  word\n          other\n"), "{page}");
    }

    #[test]
    fn a_slip_is_one_letter_away() {
        let words = ["domain", "host"];
        for slip in ["domian", "domin", "domaim", "domains"] {
            assert_eq!(slip_of(slip, &words), Some("domain"), "{slip}");
        }
        for other in ["domain", "server", "hostname", "dmn"] {
            assert_eq!(slip_of(other, &words), None, "{other}");
        }
    }

    #[test]
    fn prose_hangs_behind_its_first_line_and_keeps_its_words_whole() {
        let mut page = String::new();
        push_hanging(&mut page, "error here at a-very-long-name.example (line 7)", [2, 6], 20);
        assert_eq!(page, "  error here at\n      a-very-long-name.example\n      (line 7)\n");
    }

    #[test]
    fn the_nearest_word_is_near_enough_or_none() {
        let words = ["target-alias", "target-missing"];
        assert_eq!(nearest("target-allias", words, 0.75), Some("target-alias"));
        assert_eq!(nearest("zzz", words, 0.75), None);
        assert_eq!(nearest(&"target-alias".repeat(6), words, 0.0), None);
    }
}
