//! Lists of mail domains, plain or CSV with columns for the placeholders of a profile.
//!
//! One bad line is one bad mail domain with its line number; the list goes on.
//!
//! ```
//! use mailsrv::list::List;
//!
//! let csv = "domain,server\nexample.com,mx1\nexample..org,mx2\n";
//! let mut list = List::new(csv.as_bytes());
//!
//! let first = list.next().unwrap()?;
//! let (domain, columns) = first.parsed.unwrap();
//! assert_eq!((domain.to_string().as_str(), columns.value("server")), ("example.com", Some("mx1")));
//! let second = list.next().unwrap()?;
//! assert_eq!((second.line, second.parsed.is_err()), (Some(3), true));
//! # Ok::<(), mailsrv::list::ListError>(())
//! ```

mod ahead;
mod error;
mod header;
mod quotes;
mod row;
mod seen;

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::slice;

use self::ahead::Ahead;
pub use self::error::ListError;
use self::header::Header;
use self::quotes::{Known, Quotes};
use self::row::Row;
pub use self::seen::Seen;
use crate::hosting::Columns;
use crate::name::{MailDomain, NameError};
use crate::words::counted;

/// The longest line that is read, and the longest row over several lines, in octets.
///
/// A longer one is one bad mail domain, and the list goes on behind it.
pub const MAX_LINE: usize = 64 * 1024;

/// How far the end of a quoted field is looked for before its lines can no longer be read one by one.
const MAX_AHEAD: usize = 1 << 20;

/// How far it is looked for at all.
const MAX_ROW: usize = 16 * MAX_AHEAD;

/// How far the end of such a line is looked for: what never has one, such as a device, is no list.
const MAX_SKIPPED: u64 = 64 << 20;

/// A mail domain as it was typed or listed, with the columns beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The line of the list, from 1; None where it stands alone.
    pub line: Option<u64>,
    /// The domain as typed, for messages.
    pub typed: String,
    /// The domain and its columns, or what is wrong with them.
    pub parsed: Result<(MailDomain, Columns), String>,
}

impl Listed {
    /// Reads a mail domain that stands alone.
    pub fn alone(typed: &str) -> Self {
        let parsed = typed
            .parse()
            .map(|domain| (domain, Columns::default()))
            .map_err(|error: NameError| error.to_string());
        Self { line: None, typed: typed.to_owned(), parsed }
    }
}

/// Reads mail domains from lines, one at a time and in constant memory.
///
/// The first line that is neither blank nor a comment decides: with a comma, a semicolon or a tab in
/// it, or alone the word `domain`, it is the header of a CSV file; else the input is plain, one domain
/// a line. What is not UTF-8 does no harm in a column that nobody reads.
///
/// A quoted field may go on over lines. What is well-formed CSV is read as such, so that no text of a
/// note ever becomes a mail domain; a row of more than [`MAX_LINE`] octets is one bad mail domain. A
/// stray quote is known by what no writer of CSV makes: the next quote stands where it cannot close a
/// field, or there is none. Then the line with the stray quote is one bad mail domain, and the list
/// goes on with the next. Where neither shows within 1 MiB, the lines between are no longer at hand:
/// the row is skipped to its end, and if it has none that is right, the list ends with an error rather
/// than with a guess.
pub struct List<R> {
    reader: Ahead<R>,
    /// The last line that was read.
    line: u64,
    /// The line that the row under way begins with.
    first: u64,
    shape: Shape,
    /// The column of the mail domains, where it is not `domain`.
    domain_column: Option<String>,
    buffer: Vec<u8>,
    row: Row,
    /// Nothing follows an error: without a header, no line can be read.
    ended: bool,
}

/// What the first line says of the others.
enum Shape {
    Undecided,
    Plain,
    Csv(Header),
}

impl Shape {
    /// A line without the blanks around it; a tab at its ends may stand beside an empty field.
    fn trimmed<'a>(&self, line: &'a str) -> &'a str {
        let inner = line.trim();
        let by_tabs = match self {
            Self::Undecided => inner.contains('\t'),
            Self::Plain => false,
            Self::Csv(header) => header.separator == b'\t',
        };
        if by_tabs { line.trim_matches([' ', '\r', '\n']) } else { inner }
    }
}

/// What is wrong with a line that is needed, and in another encoding.
const NOT_UTF8: &str =
    "the line is not UTF-8; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8";

/// A line without the mark that a file in UTF-8 may begin with.
fn unmarked(text: &str, line: u64) -> &str {
    if line == 1 { text.trim_start_matches('\u{feff}') } else { text }
}

/// Whether a file begins as UTF-16 does: with its mark, or with an octet 0 beside one that is none.
fn is_utf16(line: &[u8]) -> bool {
    match line {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    }
}

impl<R: BufRead> List<R> {
    /// Begins to read.
    pub fn new(reader: R) -> Self {
        Self {
            reader: Ahead::new(reader),
            line: 0,
            first: 0,
            shape: Shape::Undecided,
            domain_column: None,
            buffer: Vec::new(),
            row: Row::default(),
            ended: false,
        }
    }

    /// Reads mail domains from another column than `domain`; the list is CSV then.
    #[must_use]
    pub fn with_domain_column(mut self, name: &str) -> Self {
        self.domain_column = Some(name.to_owned());
        self
    }

    /// Reads on to the next row that says something.
    fn next_listed(&mut self) -> Result<Option<Listed>, ListError> {
        loop {
            let Some(whole) = self.read_line()? else { return Ok(None) };
            self.line += 1;
            self.first = self.line;
            if self.first == 1 && is_utf16(&self.buffer) {
                return Err(ListError::Utf16);
            }
            if !whole {
                return Ok(Some(self.bad(format!("the line is longer than {MAX_LINE} octets"))));
            }
            if !self.read_row()? {
                return Ok(Some(self.bad(format!("the row is longer than {MAX_LINE} octets"))));
            }
            let text = String::from_utf8_lossy(&self.buffer);
            let is_utf8 = matches!(text, Cow::Borrowed(_));
            let text = self.shape.trimmed(unmarked(&text, self.first));
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if matches!(self.shape, Shape::Undecided) {
                if header::names_separator(text) {
                    continue;
                }
                self.shape = match Header::read(text, self.first, self.domain_column.as_deref())? {
                    Some(header) => Shape::Csv(header),
                    None => Shape::Plain,
                };
                if matches!(self.shape, Shape::Csv(_)) {
                    continue;
                }
            }
            let (typed, parsed) = match &self.shape {
                Shape::Csv(header) if header.is_blank(text) => continue,
                Shape::Csv(header) => parse_row(&mut self.row, text, header),
                Shape::Plain | Shape::Undecided => {
                    let Listed { typed, parsed, .. } = Listed::alone(text);
                    (typed, parsed)
                }
            };
            return Ok(Some(match parsed {
                Err(_) if !is_utf8 => self.bad(NOT_UTF8.to_owned()),
                Err(problem) if self.line > self.first => self.bad(problem),
                parsed => Listed { line: Some(self.first), typed, parsed },
            }));
        }
    }

    /// Reads on to the end of the row where a quoted field goes on over lines; false where the row is
    /// too long, and was skipped.
    fn read_row(&mut self) -> Result<bool, ListError> {
        let separators = match &self.shape {
            Shape::Plain => return Ok(true),
            Shape::Undecided => &header::SEPARATORS,
            Shape::Csv(header) => slice::from_ref(&header.separator),
        };
        if !self.buffer.contains(&b'"') {
            return Ok(true);
        }
        let text = String::from_utf8_lossy(&self.buffer);
        let text = self.shape.trimmed(unmarked(&text, self.first));
        let open = separators.iter().find_map(|separator| Quotes::left_open(text, *separator));
        let Some(mut quotes) = open else { return Ok(true) };
        let (mut length, mut skipped) = (0, 0);
        loop {
            let piece = self.reader.look(length)?;
            let known = match piece {
                [] if quotes.may_end() => Known::Ends(0),
                [] => Known::Stray,
                octets => quotes.follow(octets),
            };
            match known {
                Known::Open => length += piece.len(),
                Known::Ends(more) => {
                    self.take(length + more)?;
                    self.line += u64::from(!self.buffer.ends_with(b"\n"));
                    return Ok(skipped == 0 && self.buffer.len() <= MAX_LINE);
                }
                // The lines behind this one are read one by one.
                Known::Stray if skipped == 0 => return Ok(true),
                Known::Stray => return Err(ListError::OpenQuote { line: self.first }),
            }
            if length > MAX_AHEAD {
                self.take(length)?;
                self.buffer.truncate(MAX_LINE);
                skipped += length;
                length = 0;
            }
            if skipped > MAX_ROW {
                return Err(ListError::OpenQuote { line: self.first });
            }
        }
    }

    /// Reads so many octets more into the buffer.
    fn take(&mut self, length: usize) -> io::Result<()> {
        let before = self.buffer.len();
        self.reader.by_ref().take(length as u64).read_to_end(&mut self.buffer)?;
        let ends = self.buffer[before..].iter().filter(|octet| **octet == b'\n').count();
        self.line += ends as u64;
        Ok(())
    }

    /// Reads a line into the buffer; false where it was too long, and the rest of it was skipped.
    fn read_line(&mut self) -> Result<Option<bool>, ListError> {
        self.buffer.clear();
        let limit = MAX_LINE as u64 + 1;
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
        if length == 0 {
            return Ok(None);
        }
        if length <= MAX_LINE || self.buffer.ends_with(b"\n") {
            return Ok(Some(true));
        }
        match self.reader.by_ref().take(MAX_SKIPPED).skip_until(b'\n')? as u64 {
            MAX_SKIPPED => Err(ListError::Endless { line: self.line + 1, limit: MAX_SKIPPED }),
            _ => Ok(Some(false)),
        }
    }

    /// The row under way as a bad mail domain.
    fn bad(&self, problem: String) -> Listed {
        let text = String::from_utf8_lossy(&self.buffer[..self.buffer.len().min(MAX_LINE)]);
        let problem = match self.line {
            last if last > self.first => {
                format!("{problem}; a quoted field makes one row of it and all to line {last}")
            }
            _ => problem,
        };
        Listed { line: Some(self.first), typed: beginning(text.trim()), parsed: Err(problem) }
    }
}

/// What a row begins with, for messages.
fn beginning(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(80).collect()
}

impl<R: BufRead> Iterator for List<R> {
    type Item = Result<Listed, ListError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_listed().transpose();
        self.ended = matches!(next, Some(Err(_)));
        next
    }
}

/// The domain with its columns, or what to tell the user.
type Parsed = Result<(MailDomain, Columns), String>;

/// The domain as typed, and what the row says. Names of columns are shared among all rows.
fn parse_row(row: &mut Row, text: &str, header: &Header) -> (String, Parsed) {
    if let Err(problem) = row.split(text, header.separator) {
        return (beginning(text), Err(problem));
    }
    let (found, wanted) = (row.len(), header.columns.len() + 1);
    if found != wanted {
        let found = counted(found, "field");
        return (beginning(text), Err(format!("the row has {found} and the header has {wanted}")));
    }
    let typed = row.fields().nth(header.domain).unwrap_or_default().to_owned();
    let parsed = typed.parse().map_err(|error: NameError| error.to_string());
    let others = row.fields().enumerate().filter(|(at, _)| *at != header.domain);
    let others = others.map(|(_, field)| field);
    (typed, parsed.map(|name| (name, Columns::of_row(&header.columns, others))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &[u8], expected: &[&str]) {
        let got: Vec<String> = List::new(input)
            .map(|listed| match listed {
                Ok(Listed { line, typed, parsed }) => {
                    let line = line.unwrap_or_default();
                    match parsed {
                        Ok((domain, columns)) => {
                            let server = columns.value("server").unwrap_or("-");
                            format!("{line} {domain} {server}")
                        }
                        Err(error) => format!("{line} bad {typed}: {error}"),
                    }
                }
                Err(error) => format!("end: {error}"),
            })
            .collect();
        assert_eq!(got.len(), expected.len(), "{got:#?}");
        for (got, part) in got.iter().zip(expected) {
            assert!(got.starts_with(part), "{got:?} does not begin with {part:?}");
        }
    }

    #[test]
    fn plain_lines_are_one_domain_each() {
        check(b"", &[]);
        check(b"example.com", &["1 example.com -"]);
        check(
            "\u{feff}# customers\r\n\r\nA.example\r\nbücher.example\n".as_bytes(),
            &["3 a.example -", "4 xn--bcher-kva.example -"],
        );
        check(
            b"a.example\nb example\n\xff\nc.example\n",
            &[
                "1 a.example",
                "2 bad b example: ",
                "3 bad \u{fffd}: the line is not UTF-8",
                "4 c.example",
            ],
        );
    }

    #[test]
    fn a_header_makes_it_csv() {
        check(
            b"Domain,server\na.example,s1.example\n\"b.example\", \n",
            &["2 a.example s1.example", "3 b.example "],
        );
        check(b"domain\na.example\n", &["2 a.example -"]);
        check(
            b"server,domain\ns1.example\n\"open,a.example\ns1,a.example\n",
            &[
                "2 bad s1.example: the row has 1 field and the header has 2",
                "3 bad \"open,a.example: a quoted",
                "4 a.example s1",
            ],
        );
        check(b"a;b\n", &["end: line 1: the header has no column `domain`, but `a` and `b`"]);
        check(
            b"a.example,s1\n",
            &["end: line 1: `a.example` is no name of a column; put a header"],
        );
        check(b"name,server\nx,y\n", &["end: line 1: the header has no column `domain`"]);
        check(b"domain,a,a\n", &["end: line 1: the header is no CSV: the column `a` stands"]);
    }

    #[test]
    fn a_quoted_field_may_go_on_over_lines() {
        check(
            b"domain,\"The\r\nnote\",server\r\na.example,\"one\r\n\r\n# \"\"two\"\"\r\nx.example,,s\",s1\r\nb.example,,s2",
            &["3 a.example s1", "7 b.example s2"],
        );
        check(
            b"domain;server;note\n#a.example;s0;\"x\nevil.example;s1;\"\nb.example;s2;\"y\n\"",
            &["4 b.example s2"],
        );
        // What a field of too many makes bad goes with all of its lines.
        check(
            b"note,domain\n\"x\nevil.example,y\nz\",b.example,\nc,d.example\n",
            &[
                "2 bad \"x: the row has 3 fields and the header has 2; a quoted field makes one row of it and all to line 4",
                "5 d.example",
            ],
        );
    }

    #[test]
    fn a_stray_quote_swallows_no_other_row() {
        check(
            b"note,domain\n\"open,a.example\n\"s1\",b.example\n\"c.example\nx,d.example\n",
            &[
                "2 bad \"open,a.example: a quoted field has no closing quote",
                "3 b.example",
                "4 bad \"c.example: a quoted field has no closing quote",
                "5 d.example",
            ],
        );
        let rows = "x,a.example\n".repeat(MAX_AHEAD / 16);
        let list = format!("note,domain\n\"x,a.example\n{rows}");
        let mut list = List::new(list.as_bytes());
        assert!(list.next().unwrap().unwrap().parsed.is_err());
        assert_eq!(list.filter(|row| row.as_ref().unwrap().parsed.is_ok()).count(), MAX_AHEAD / 16);
    }

    #[test]
    fn a_long_note_is_one_bad_row_and_never_a_mail_domain() {
        let lines = |octets: usize| "evil.example,x\n".repeat(octets / 15);
        for octets in [MAX_LINE, MAX_AHEAD, 3 * MAX_AHEAD] {
            let list = format!("domain,note\na.example,\"{}\"\r\nb.example,\n", lines(octets));
            check(
                list.as_bytes(),
                &[
                    &format!(
                        "2 bad a.example,\"evil.example,x: the row is longer than 65536 octets; a quoted field makes one row of it and all to line {}",
                        2 + octets / 15
                    ),
                    &format!("{} b.example", 3 + octets / 15),
                ],
            );
        }
        // Where nothing tells a note from rows, nothing is guessed.
        for end in ["", "\"b\",c.example\n"] {
            let list = format!("domain,note\n\"a.example,\n{}{end}", lines(2 * MAX_AHEAD));
            check(list.as_bytes(), &["end: line 2: a quoted field begins there and has no end"]);
        }
        let endless = io::Cursor::new(b"domain,note\na.example,\"").chain(io::repeat(b'\n'));
        let mut endless = List::new(io::BufReader::new(endless));
        let error = endless.next().unwrap().unwrap_err().to_string();
        assert!(error.starts_with("line 2: a quoted field"), "{error}");
        assert!(endless.next().is_none());
    }

    /// A field as a writer of CSV writes it (RFC 4180 §2), in quotes where it needs them.
    fn written(field: &str, separator: char) -> String {
        let needs = |letter: char| matches!(letter, '"' | '\n' | '\r' | '#') || letter == separator;
        if field.contains(needs) || field.trim() != field {
            return format!("\"{}\"", field.replace('"', "\"\""));
        }
        field.to_owned()
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn well_formed_csv_reads_back_as_it_was_written(
            rows in proptest::collection::vec(proptest::array::uniform2("[a,;\t\"\"\r\n #ü]{0,12}"), 1..12),
            separator in proptest::sample::select(vec![',', ';', '\t']),
            end in proptest::sample::select(vec!["\n", "\r\n"]),
            domain_at in 0..3_usize,
        ) {
            let row = |fields: [&str; 2], domain: &str| {
                let mut fields: Vec<String> =
                    fields.iter().map(|field| written(field, separator)).collect();
                fields.insert(domain_at, domain.to_owned());
                fields.join(&separator.to_string()) + end
            };
            let mut list = row(["server", "a\nb"], "domain");
            for (at, [server, note]) in rows.iter().enumerate() {
                list += &row([server, note], &format!("d{at}.example"));
            }
            let read: Vec<_> = List::new(list.as_bytes()).map(Result::unwrap).collect();
            proptest::prop_assert_eq!(read.len(), rows.len(), "{:?}", list);
            for (at, (listed, [server, note])) in read.iter().zip(&rows).enumerate() {
                let (domain, columns) = listed.parsed.as_ref().unwrap();
                proptest::prop_assert_eq!(domain.to_string(), format!("d{at}.example"));
                proptest::prop_assert_eq!(columns.value("server"), Some(server.as_str()));
                proptest::prop_assert_eq!(columns.value("a b"), Some(note.as_str()));
            }
        }
    }

    #[test]
    fn spreadsheets_separate_by_semicolons_and_tabs() {
        check(
            b"\xef\xbb\xbfsep=;\r\nName;Domain;Server;;\r\n\"A; B\";a.example;s1;;\r\n;;;;\r\n;b.example;;;\r\n",
            &["3 a.example s1", "5 b.example "],
        );
        check(
            b"Note\t\"Domain\"\tServer\n\ta.example\t\nx\tb.example\ts2\n\t\t\n",
            &["2 a.example ", "3 b.example s2"],
        );
        check(b"domain;note\na.example;one,two\n", &["2 a.example -"]);
        check(b"\ta.example\t\nb.example\n", &["1 a.example -", "2 b.example -"]);
    }

    #[test]
    fn another_column_may_hold_the_mail_domains() {
        let check = |input: &str, column: &str, expected: &str| {
            let mut list = List::new(input.as_bytes()).with_domain_column(column);
            let got = match list.next() {
                Some(Ok(Listed { parsed: Ok((domain, columns)), .. })) => {
                    format!("{domain} {}", columns.value("mail server").unwrap_or("-"))
                }
                other => format!("{other:?}"),
            };
            assert!(got.contains(expected), "{got}");
        };
        check("Mail Domain,Mail  Server\na.example,s1\n", "mail domain", "a.example s1");
        check("\"FQDN\"\na.example\n", "fqdn", "a.example -");
        check("domain,server\na.example,s1\n", "fqdn", "NoDomainColumn");
        check("a.example\n", "fqdn", "NoDomainColumn");
    }

    #[test]
    fn octets_of_other_encodings_harm_only_what_is_read() {
        check(
            b"domain;Gr\xf6\xdfe;server\na.example;M\xfcller;s1\nm\xfcller.example;;s2\n",
            &["2 a.example s1", "3 bad m\u{fffd}ller.example;;s2: the line is not UTF-8"],
        );
        check(b"# Gr\xf6\xdfe\na.example\n", &["2 a.example -"]);
        for utf16 in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a", b"a\0.\0", b"\0a\0."] {
            check(utf16, &["end: the list is in UTF-16; save it as UTF-8"]);
        }
    }

    #[test]
    fn an_endless_line_is_one_bad_line_in_bounded_memory() {
        let mut input = vec![b'a'; 3 * MAX_LINE];
        input.extend_from_slice(b"\nb.example\n");
        check(&input, &["1 bad aaaaaaaa", "2 b.example"]);
    }

    #[test]
    fn what_has_no_line_end_is_left() {
        let endless = io::BufReader::new(io::repeat(b'a'));
        let read: Vec<_> =
            List::new(endless).map(|listed| listed.unwrap_err().to_string()).collect();
        assert_eq!(read.len(), 1, "{read:?}");
        assert!(read[0].starts_with("line 1 has no end within 67108864 octets"), "{read:?}");
    }
}
