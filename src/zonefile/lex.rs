//! Entries and their tokens: lines, parentheses, quotes and comments (RFC 1035 §5.1).
//!
//! An entry is cut into tokens before anybody knows what it is: quotes, comments and parentheses
//! mean the same in records and directives. The buffers are used again for the next entry, and a
//! lexical error never swallows the lines behind it.

use std::io::{self, BufRead, Read};

use super::error::ScanErrorKind;
use super::presentation::shown;

/// The longest entry that is read, parentheses, comments and all.
pub(super) const MAX_ENTRY: usize = 256 * 1024;

/// The longest token; generous for the base64 of 65,535 octets.
pub(super) const MAX_TOKEN: usize = 128 * 1024;

/// A place inside an entry: its line counted from 0, its octet from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// From 0; an entry with parentheses has several.
    pub(super) line: u32,
    pub(super) column: u32,
}

/// What is wrong, and where in the entry.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Spot,
    pub(super) kind: ScanErrorKind,
}

/// A run of octets between blanks, without its quotes and with its escapes.
///
/// It borrows nothing, so that the entry may stay where it is while directives change the scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// Where it begins in the octets of the entry, quotes left out.
    start: u32,
    end: u32,
    pub(super) at: Spot,
    /// Written in quotes: then it is a string, and neither a directive nor a number.
    pub(super) quoted: bool,
    /// Nothing stands between this token and the one before it, as in `alpn="h2"`.
    pub(super) glued: bool,
}

impl Token {
    /// Its octets, escapes still in them: only who reads a token knows whether `\.` is a dot.
    pub(super) fn text(self, entry: &[u8]) -> &[u8] {
        entry.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The place behind it, where something missing is reported.
    pub(super) fn past(self) -> Spot {
        Spot { line: self.at.line, column: self.at.column + (self.end - self.start) }
    }
}

/// One entry: a line, or the lines that parentheses join.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The octets of all its lines, line ends included.
    pub(super) text: Vec<u8>,
    pub(super) tokens: Vec<Token>,
    /// The entry begins with a blank, so that the owner name above holds on.
    pub(super) blank_owner: bool,
    /// The line on which the entry begins, counted from 1.
    pub(super) first_line: u64,
    /// The first lexical error; the entry is read to its end nevertheless.
    pub(super) fault: Option<Fault>,
    /// How many parentheses are open. They may nest, which RFC 1035 §5.1 leaves open.
    depth: u32,
    /// Where the outermost open parenthesis stands, for the error at the end of the file.
    opened_at: Spot,
    /// A quoted string that an escaped line end continues: its start, its place, and whether it is
    /// glued.
    open_quote: Option<(u32, Spot, bool)>,
    /// Where the line under way begins in the octets; columns count from there.
    line_start: usize,
    line: u32,
    /// The octets that were not kept, of an entry that is too long.
    skipped: u64,
}

impl Lines {
    /// Reads the next entry and counts its lines; false at the end of the file. Of an entry that is
    /// too long, no more than `most` octets are looked at for its end.
    pub(super) fn read(
        &mut self,
        reader: &mut dyn BufRead,
        lines: &mut u64,
        most: u64,
    ) -> io::Result<bool> {
        self.clear();
        self.first_line = *lines + 1;
        loop {
            let start = self.text.len();
            let room = (MAX_ENTRY - start) as u64 + 1;
            let read = Read::take(&mut *reader, room).read_until(b'\n', &mut self.text)?;
            if read == 0 {
                self.end_of_file();
                return Ok(start > 0);
            }
            *lines += 1;
            self.line_start = start;
            if self.text.len() > MAX_ENTRY {
                if self.text.last() != Some(&b'\n') {
                    self.skipped = Read::take(&mut *reader, most).skip_until(b'\n')? as u64;
                }
                let at = if self.depth > 0 { self.opened_at } else { Spot { column: 1, line: 0 } };
                self.fail(at, ScanErrorKind::EntryTooLong { limit: MAX_ENTRY });
                return Ok(true);
            }
            let mut from = start;
            if *lines == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
                from = 3;
                self.line_start = 3;
            }
            if start == 0 {
                self.blank_owner = matches!(self.text.get(from), Some(b' ' | b'\t'));
            }
            self.tokenize(from);
            self.line += 1;
            if self.depth == 0 && self.open_quote.is_none() {
                return Ok(true);
            }
        }
    }

    /// Replaces the entry by a text made from elsewhere, on one line.
    pub(super) fn set(&mut self, text: &[u8]) {
        self.clear();
        self.text.extend_from_slice(text);
        self.tokenize(0);
        self.end_of_file();
    }

    /// How many octets the entry took, line ends included.
    pub(super) fn octets(&self) -> u64 {
        self.text.len() as u64 + self.skipped
    }

    /// Returns the argument of a directive.
    pub(super) fn argument(
        &self,
        index: usize,
        directive: &str,
        field: &'static str,
    ) -> Result<&[u8], Fault> {
        self.tokens.get(index).map(|token| token.text(&self.text)).ok_or_else(|| {
            let kind = ScanErrorKind::MissingField { rtype: directive.to_owned(), field };
            Fault { at: self.past(), kind }
        })
    }

    /// Refuses what follows the last argument of a directive.
    pub(super) fn no_more(&self, index: usize, directive: &str) -> Result<(), Fault> {
        if index >= self.tokens.len() {
            return Ok(());
        }
        let (typed, rtype) = (self.typed(index), directive.to_owned());
        Err(Fault { at: self.spot(index), kind: ScanErrorKind::ExtraToken { typed, rtype } })
    }

    /// Returns a token as messages show it.
    pub(super) fn typed(&self, index: usize) -> String {
        shown(self.tokens.get(index).map_or(&[], |token| token.text(&self.text)))
    }

    /// Returns where a token begins.
    pub(super) fn spot(&self, index: usize) -> Spot {
        self.tokens.get(index).map_or(Spot { line: 0, column: 1 }, |token| token.at)
    }

    /// Returns where the last token ends.
    pub(super) fn past(&self) -> Spot {
        self.tokens.last().map_or(Spot { line: 0, column: 1 }, |token| token.past())
    }

    /// Forgets the entry and keeps the room that it took.
    fn clear(&mut self) {
        self.text.clear();
        self.tokens.clear();
        self.blank_owner = false;
        self.fault = None;
        self.depth = 0;
        self.open_quote = None;
        self.line_start = 0;
        self.line = 0;
        self.skipped = 0;
    }

    /// Reports what is still open when nothing more can close it.
    fn end_of_file(&mut self) {
        if let Some((_, at, _)) = self.open_quote.take() {
            self.fail(at, ScanErrorKind::UnclosedQuote);
        } else if self.depth > 0 {
            self.fail(self.opened_at, ScanErrorKind::UnclosedParenthesis);
        }
    }

    /// Cuts the line that begins at an offset into tokens, up to its end or comment.
    fn tokenize(&mut self, from: usize) {
        let mut index = from;
        if let Some((start, at, glued)) = self.open_quote.take() {
            index = self.quoted(start as usize, index, at, glued);
        }
        while let Some(&octet) = self.text.get(index) {
            match octet {
                b' ' | b'\t' => index += 1,
                b';' | b'\n' => return,
                b'\r' if self.text.get(index + 1).is_none_or(|next| *next == b'\n') => return,
                b'\r' => {
                    self.fail(self.place(index), ScanErrorKind::StrayCarriageReturn);
                    index += 1;
                }
                b'(' => {
                    if self.depth == 0 {
                        self.opened_at = self.place(index);
                    }
                    self.depth += 1;
                    index += 1;
                }
                b')' => {
                    if self.depth == 0 {
                        self.fail(self.place(index), ScanErrorKind::UnopenedParenthesis);
                    }
                    self.depth = self.depth.saturating_sub(1);
                    index += 1;
                }
                b'"' => {
                    let glued = self.is_glued(index);
                    index = self.quoted(index + 1, index + 1, self.place(index), glued);
                }
                _ => index = self.word(index),
            }
        }
    }

    /// Takes a token without quotes; returns where it ends. An escape hides the octet behind it
    /// (RFC 1035 §5.1), so `\;` begins no comment.
    fn word(&mut self, start: usize) -> usize {
        let mut index = start;
        while let Some(&octet) = self.text.get(index) {
            if !ENDS_WORD[usize::from(octet)] {
                index += 1;
            } else if octet != b'\\' {
                break;
            } else if matches!(self.text.get(index + 1), None | Some(b'\n' | b'\r')) {
                // No line goes on behind a backslash: the name or string refuses it.
                index += 1;
                break;
            } else {
                index += 2;
            }
        }
        let glued = self.is_glued(start);
        self.push(start, index, self.place(start), false, glued);
        index
    }

    /// Reads from inside a quoted string to behind its closing quote.
    fn quoted(&mut self, start: usize, from: usize, at: Spot, glued: bool) -> usize {
        let mut index = from;
        loop {
            match self.text.get(index) {
                // Whether a line follows is seen when it is read.
                None => {
                    self.open_quote = Some((offset(start), at, glued));
                    return index;
                }
                Some(b'\n') => {
                    self.fail(at, ScanErrorKind::UnclosedQuote);
                    return index;
                }
                Some(b'"') => {
                    self.push(start, index, at, true, glued);
                    return index + 1;
                }
                Some(b'\\') => index = (index + 2).min(self.text.len()),
                Some(_) => index += 1,
            }
        }
    }

    /// Keeps a token of bearable length.
    fn push(&mut self, start: usize, end: usize, at: Spot, quoted: bool, glued: bool) {
        if end - start > MAX_TOKEN {
            self.fail(at, ScanErrorKind::TokenTooLong { limit: MAX_TOKEN });
            return;
        }
        self.tokens.push(Token { start: offset(start), end: offset(end), at, quoted, glued });
    }

    /// Whether a token that begins at an offset follows the one before without a blank.
    fn is_glued(&self, start: usize) -> bool {
        self.tokens.last().is_some_and(|token| token.end as usize == start)
    }

    /// The place of an offset on the line under way.
    fn place(&self, index: usize) -> Spot {
        Spot { line: self.line, column: offset(index - self.line_start) + 1 }
    }

    /// Keeps the first error of the entry: what follows is often caused by it.
    fn fail(&mut self, at: Spot, kind: ScanErrorKind) {
        self.fault.get_or_insert(Fault { at, kind });
    }
}

/// An offset as tokens keep it.
fn offset(index: usize) -> u32 {
    u32::try_from(index).expect("an entry is shorter than MAX_ENTRY")
}

/// The octets at which a word may end; a table, because every octet of a zone is looked up.
const ENDS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b" \t\r\n;()\"\\";
    let mut index = 0;
    while index < ends.len() {
        table[ends[index] as usize] = true;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8], expected: &[&str]) {
        let (mut lines, mut count, mut reader) = (Lines::default(), 0, text);
        let mut got = Vec::new();
        while lines.read(&mut reader, &mut count, u64::MAX).unwrap() {
            let tokens = lines.tokens.iter().map(|token| {
                let quote = if token.quoted { "'" } else { "" };
                format!("{quote}{}{quote}", String::from_utf8_lossy(token.text(&lines.text)))
            });
            let mut line = tokens.collect::<Vec<_>>().join("|");
            if let Some(fault) = &lines.fault {
                let Spot { line: row, column } = fault.at;
                line = format!("{line}!{row}:{column} {}", fault.kind);
            }
            got.push(line);
        }
        assert_eq!(got.len(), expected.len(), "{got:?}");
        for (got, expected) in got.iter().zip(expected) {
            assert!(
                got == expected || got.starts_with(expected) && expected.contains('!'),
                "{got}"
            );
        }
    }

    #[test]
    fn entries_are_cut_into_tokens() {
        check(b"a b\tc ; d\n", &["a|b|c"]);
        check(b"\xef\xbb\xbfa b\r\nc", &["a|b", "c"]);
        check(b"a(b ; )\n c \"d)\"\n)e\nf", &["a|b|c|'d)'|e", "f"]);
        check(b"a\\;b \"c;d\"e\"f\"", &["a\\;b|'c;d'|e|'f'"]);
        check(b"\"a\\\nb\" c\n", &["'a\\\nb'|c"]);
        check(b"a \"b\nc\n", &["a!0:3 the quoted", "c"]);
        check(b"a (b\nc\n", &["a|b|c!0:3 the parenthesis is never"]);
        check(b"a )b\n", &["a|b!0:3 `)`"]);
        check(b"a \rb\n", &["a|b!0:3 a carriage"]);
        check(b"a\\\nb\n", &["a\\", "b"]);
        check(b"a \"\\", &["a!0:3 the quoted"]);
        check(b"a \"\\\n", &["a!0:3 the quoted"]);
        check(b"a \"", &["a!0:3 the quoted"]);
        check(b"", &[]);
        check(b"a (\nb \"c\n)\nd\n", &["a|b!1:3 the quoted", "d"]);
    }

    #[test]
    fn entries_and_tokens_may_be_as_long_as_their_limits_and_no_longer() {
        for (blanks, expected) in [(2, "a"), (1, "!0:1 the entry is longer")] {
            let mut entry = vec![b' '; MAX_ENTRY - blanks + 1];
            entry[0] = b'a';
            entry.extend_from_slice(b"\nb\n");
            check(&entry, &[expected, "b"]);
        }
        let token = "a".repeat(MAX_TOKEN);
        check(token.as_bytes(), &[&token]);
        check(format!("{token}a").as_bytes(), &["!0:1 the token is longer"]);
        // A line that is too long is not kept, wherever in the entry it stands.
        let long = format!("a (\n{}\n)\n", "b".repeat(2 * MAX_ENTRY));
        let mut lines = Lines::default();
        assert!(lines.read(&mut long.as_bytes(), &mut 0, u64::MAX).unwrap());
        assert_eq!(lines.text.len(), MAX_ENTRY + 1);
    }

    #[test]
    fn memory_is_bounded_and_the_next_line_is_read() {
        let mut long = vec![b'a'; MAX_ENTRY + 5];
        long.extend_from_slice(b"\nb\n");
        check(&long, &["!0:1 the entry is longer", "b"]);
        let mut lost = b"a (\n".to_vec();
        lost.extend(b"b\n".repeat(MAX_ENTRY / 2));
        let (mut lines, mut count, mut reader) = (Lines::default(), 0, lost.as_slice());
        assert!(lines.read(&mut reader, &mut count, u64::MAX).unwrap());
        assert_eq!(lines.fault.as_ref().unwrap().at, Spot { line: 0, column: 3 });
        assert!(lines.read(&mut reader, &mut count, u64::MAX).unwrap());
        assert!(lines.fault.is_none());
    }
}
