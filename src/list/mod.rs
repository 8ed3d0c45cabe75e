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

mod error;
mod header;
mod row;
mod seen;

use std::borrow::Cow;
use std::io::{BufRead, Read};

pub use self::error::ListError;
use self::header::Header;
use self::row::Row;
pub use self::seen::Seen;
use crate::hosting::Columns;
use crate::name::{MailDomain, NameError};
use crate::words::counted;

/// The longest line that is read, in octets.
///
/// A longer one is one bad mail domain, and the list goes on behind it.
pub const MAX_LINE: usize = 64 * 1024;

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
pub struct List<R> {
    reader: R,
    line: u64,
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
            reader,
            line: 0,
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

    /// Reads on to the next line that says something.
    fn next_listed(&mut self) -> Result<Option<Listed>, ListError> {
        loop {
            let Some(whole) = self.read_line()? else { return Ok(None) };
            self.line += 1;
            if self.line == 1 && is_utf16(&self.buffer) {
                return Err(ListError::Utf16);
            }
            if !whole {
                return Ok(Some(self.bad(format!("the line is longer than {MAX_LINE} octets"))));
            }
            let text = String::from_utf8_lossy(&self.buffer);
            let is_utf8 = matches!(text, Cow::Borrowed(_));
            let text = if self.line == 1 { text.trim_start_matches('\u{feff}') } else { &*text };
            let text = self.shape.trimmed(text);
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if matches!(self.shape, Shape::Undecided) {
                if header::names_separator(text) {
                    continue;
                }
                self.shape = match Header::read(text, self.line, self.domain_column.as_deref())? {
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
            if !is_utf8 && parsed.is_err() {
                return Ok(Some(self.bad("the line is not UTF-8".to_owned())));
            }
            return Ok(Some(Listed { line: Some(self.line), typed, parsed }));
        }
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

    /// The line under way as a bad mail domain.
    fn bad(&self, problem: String) -> Listed {
        let typed = String::from_utf8_lossy(&self.buffer).trim().chars().take(80).collect();
        Listed { line: Some(self.line), typed, parsed: Err(problem) }
    }
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
    let whole = || text.chars().take(80).collect();
    if let Err(problem) = row.split(text, header.separator) {
        return (whole(), Err(problem));
    }
    let (found, wanted) = (row.len(), header.columns.len() + 1);
    if found != wanted {
        let found = counted(found, "field");
        return (whole(), Err(format!("the row has {found} and the header has {wanted}")));
    }
    let typed = row.fields().nth(header.domain).unwrap_or_default().to_owned();
    let parsed = typed.parse().map_err(|error: NameError| error.to_string());
    let others = row.fields().enumerate().filter(|(at, _)| *at != header.domain);
    let others = others.map(|(_, field)| field);
    (typed, parsed.map(|name| (name, Columns::of_row(&header.columns, others))))
}

#[cfg(test)]
mod tests {
    use std::io;

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
