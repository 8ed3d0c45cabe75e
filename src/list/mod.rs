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

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use crate::hosting::Columns;
use crate::name::{MailDomain, NameError};
use crate::words::counted;

/// The longest line that is read, in octets.
///
/// A longer one is one bad mail domain, and the list goes on behind it.
pub const MAX_LINE: usize = 64 * 1024;
/// The most columns of a CSV header.
const MAX_COLUMNS: usize = 256;

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

/// Says why a list cannot be read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The CSV header has no column for the domain.
    #[error(
        "line {line}: the header has no column `domain`, but {found}; name the column of the mail domains `domain`"
    )]
    NoDomainColumn {
        /// The line of the header.
        line: u64,
        /// The columns it has.
        found: String,
    },
    /// The CSV header is no CSV.
    #[error("line {line}: the header is no CSV: {problem}")]
    Header {
        /// The line of the header.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads mail domains from lines, one at a time and in constant memory.
///
/// The first line that is neither blank nor a comment decides: with a comma in it, or alone the word
/// `domain`, it is the header of a CSV file; else the input is plain, one domain a line.
pub struct List<R> {
    reader: R,
    line: u64,
    shape: Shape,
    buffer: Vec<u8>,
    row: Row,
    /// Nothing follows an error: without a header, no line can be read.
    ended: bool,
}

/// What the first line says of the others.
enum Shape {
    Undecided,
    Plain,
    /// The columns beside the mail domain, and where it stands among them.
    Csv {
        columns: Arc<[String]>,
        domain: usize,
    },
}

impl<R: BufRead> List<R> {
    /// Begins to read.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            shape: Shape::Undecided,
            buffer: Vec::new(),
            row: Row::default(),
            ended: false,
        }
    }

    /// Reads on to the next line that says something.
    fn next_listed(&mut self) -> Result<Option<Listed>, ListError> {
        loop {
            let Some(whole) = self.read_line()? else { return Ok(None) };
            self.line += 1;
            if !whole {
                return Ok(Some(self.bad(format!("the line is longer than {MAX_LINE} octets"))));
            }
            let Ok(text) = std::str::from_utf8(&self.buffer) else {
                return Ok(Some(self.bad("the line is not UTF-8".to_owned())));
            };
            let text = if self.line == 1 { text.trim_start_matches('\u{feff}') } else { text };
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if matches!(self.shape, Shape::Undecided) {
                self.shape = decide(text, self.line)?;
                if matches!(self.shape, Shape::Csv { .. }) {
                    continue;
                }
            }
            let (typed, parsed) = match &self.shape {
                Shape::Csv { columns, domain } => parse_row(&mut self.row, text, columns, *domain),
                Shape::Plain | Shape::Undecided => {
                    let Listed { typed, parsed, .. } = Listed::alone(text);
                    (typed, parsed)
                }
            };
            return Ok(Some(Listed { line: Some(self.line), typed, parsed }));
        }
    }

    /// Reads a line into the buffer; false where it was too long, and the rest of it was skipped.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        self.buffer.clear();
        let limit = MAX_LINE as u64 + 1;
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
        if length == 0 {
            return Ok(None);
        }
        if length <= MAX_LINE || self.buffer.ends_with(b"\n") {
            return Ok(Some(true));
        }
        let mut rest = Vec::new();
        loop {
            rest.clear();
            let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut rest)?;
            if length == 0 || rest.ends_with(b"\n") {
                return Ok(Some(false));
            }
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

/// Reads the first line as a header, unless it is a domain itself.
fn decide(text: &str, line: u64) -> Result<Shape, ListError> {
    if !text.contains(',') && !text.eq_ignore_ascii_case("domain") {
        return match other_separator(text) {
            None => Ok(Shape::Plain),
            Some(name) => {
                let problem =
                    format!("its fields are separated by {name}; separate them by commas");
                Err(ListError::Header { line, problem })
            }
        };
    }
    let mut row = Row::default();
    row.split(text).map_err(|problem| ListError::Header { line, problem })?;
    let mut header: Vec<String> =
        row.fields().map(|name| name.trim().to_ascii_lowercase()).collect();
    let Some(domain) = header.iter().position(|name| name == "domain") else {
        let found = header.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Err(ListError::NoDomainColumn { line, found });
    };
    if let Some(twice) = header.iter().enumerate().find(|(at, name)| header[..*at].contains(name)) {
        let problem = format!("the column `{}` stands there twice", twice.1);
        return Err(ListError::Header { line, problem });
    }
    header.remove(domain);
    Ok(Shape::Csv { columns: header.into(), domain })
}

/// What separates the fields of a header that spreadsheets write where the comma is decimal.
fn other_separator(text: &str) -> Option<&'static str> {
    let is_domain =
        |field: &str| field.trim().trim_matches('"').trim().eq_ignore_ascii_case("domain");
    [(';', "semicolons"), ('\t', "tabs")]
        .into_iter()
        .find(|(separator, _)| text.contains(*separator) && text.split(*separator).any(is_domain))
        .map(|(_, name)| name)
}

/// The domain with its columns, or what to tell the user.
type Parsed = Result<(MailDomain, Columns), String>;

/// The domain as typed, and what the row says. Names of columns are shared among all rows.
fn parse_row(
    row: &mut Row,
    text: &str,
    columns: &Arc<[String]>,
    domain: usize,
) -> (String, Parsed) {
    let whole = || text.chars().take(80).collect();
    if let Err(problem) = row.split(text) {
        return (whole(), Err(problem));
    }
    let (found, wanted) = (row.fields.len(), columns.len() + 1);
    if found != wanted {
        let found = counted(found, "field");
        return (whole(), Err(format!("the row has {found} and the header has {wanted}")));
    }
    let typed = row.fields().nth(domain).unwrap_or_default().to_owned();
    let parsed = typed.parse().map_err(|error: NameError| error.to_string());
    let others = row.fields().enumerate().filter(|(at, _)| *at != domain).map(|(_, field)| field);
    (typed, parsed.map(|name| (name, Columns::of_row(columns, others))))
}

/// The fields of one row of CSV, in room that is used again for every row.
#[derive(Default)]
struct Row {
    /// What the fields are cut out of.
    text: String,
    /// Where each begins and ends.
    fields: Vec<(usize, usize)>,
}

impl Row {
    fn fields(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.iter().map(|&(start, end)| &self.text[start..end])
    }

    /// Splits a row (RFC 4180); a quoted field may not go on to the next line.
    fn split(&mut self, text: &str) -> Result<(), String> {
        self.text.clear();
        self.fields.clear();
        let mut start = 0;
        for (at, octet) in text.bytes().enumerate() {
            match octet {
                b',' => {
                    self.fields.push((start, at));
                    start = at + 1;
                }
                // Most rows have nothing that needs the tables of a parser.
                b'"' | b'\r' => return self.split_quoted(text),
                _ => {}
            }
        }
        self.fields.push((start, text.len()));
        if self.fields.len() > MAX_COLUMNS {
            return Err(format!("the row has more than {MAX_COLUMNS} fields"));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Splits a row that has quotes.
    fn split_quoted(&mut self, text: &str) -> Result<(), String> {
        use csv_core::ReadRecordResult::{InputEmpty, OutputEndsFull, Record};
        let mut row = Vec::with_capacity(text.len() + 1);
        row.extend_from_slice(text.as_bytes());
        row.push(b'\n');
        let mut output = vec![0; row.len()];
        let mut ends = [0; MAX_COLUMNS];
        let mut reader = csv_core::Reader::new();
        let (result, consumed, written, count) = reader.read_record(&row, &mut output, &mut ends);
        match result {
            Record if consumed == row.len() => {}
            Record => return Err("there is a carriage return inside the row".to_owned()),
            InputEmpty => return Err("a quoted field does not end on its line".to_owned()),
            OutputEndsFull => return Err(format!("the row has more than {MAX_COLUMNS} fields")),
            _ => return Err("the row is no CSV".to_owned()),
        }
        // Quotes are cut out of UTF-8, which is UTF-8 still.
        self.text = String::from_utf8_lossy(&output[..written]).into_owned();
        self.fields.clear();
        let starts = [0].into_iter().chain(ends);
        self.fields.extend(starts.zip(ends).take(count));
        Ok(())
    }
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
        check(
            b"domain;server\n",
            &["end: line 1: the header is no CSV: its fields are separated by semi"],
        );
        check(
            b"server\t\"Domain\"\n",
            &["end: line 1: the header is no CSV: its fields are separated by tabs"],
        );
        check(b"a;b\n", &["1 bad a;b: "]);
        check(b"name,server\nx,y\n", &["end: line 1: the header has no column `domain`"]);
        check(b"domain,a,a\n", &["end: line 1: the header is no CSV: the column `a` stands"]);
    }

    #[test]
    fn an_endless_line_is_one_bad_line_in_bounded_memory() {
        let mut input = vec![b'a'; 3 * MAX_LINE];
        input.extend_from_slice(b"\nb.example\n");
        check(&input, &["1 bad aaaaaaaa", "2 b.example"]);
    }
}
