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
use self::quotes::{Known, Quotes, has_text_behind};
use self::row::Row;
pub use self::seen::Seen;
use crate::hosting::Columns;
use crate::name::{MailDomain, beginning};
use crate::words::counted;

/// The longest line that is read, and the longest row over several lines, in octets.
///
/// A longer one is one bad mail domain, and the list goes on behind it.
pub const MAX_LINE: usize = 64 * 1024;

/// How far the end of a quoted field is looked for before its lines can no longer be read one by one.
const MAX_AHEAD: usize = 1 << 20;

/// How far it is looked for at all.
const MAX_ROW: usize = 16 * MAX_AHEAD;

/// How far ends of quoted fields are looked for in a list, in octets: so many for each that was read...
const LOOKED_PER_READ: u64 = 16;

/// ...and so many besides. Where each line leaves a quote open, each would look on to the end.
const LOOKED_BESIDES: u64 = 2 << 20;

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
        let (typed, parsed) = parse_domain(typed);
        Self { line: None, typed, parsed: parsed.map(|domain| (domain, Columns::default())) }
    }
}

/// What was typed as a mail domain, short and in one line for messages, and what it says.
fn parse_domain(typed: &str) -> (String, Result<MailDomain, String>) {
    match typed.parse::<MailDomain>() {
        Ok(domain) => (typed.trim().to_owned(), Ok(domain)),
        Err(error) => (beginning(typed), Err(error.to_string())),
    }
}

/// Rows that were passed over as comments, though they have the fields that the header names and a
/// mail domain in its column: text that begins with `#`, such as the number of a ticket, needs quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedOver {
    /// The line of the first of them, from 1.
    pub first: u64,
    /// How many there are.
    pub count: u64,
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
    /// The octets that were read.
    read: u64,
    /// The octets that were looked at for the ends of quoted fields.
    looked: u64,
    passed_over: Option<PassedOver>,
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
    /// What may separate the fields of a row.
    fn separators(&self) -> &[u8] {
        match self {
            Self::Plain => &[],
            Self::Undecided => &header::SEPARATORS,
            Self::Csv(header) => slice::from_ref(&header.separator),
        }
    }

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

/// What is read of a line.
enum Length {
    /// All of it.
    Fits,
    /// What it begins with; it may leave a quote open.
    Over(Option<Quotes>),
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
            read: 0,
            looked: 0,
            passed_over: None,
            ended: false,
        }
    }

    /// Reads mail domains from another column than `domain`; the list is CSV then.
    #[must_use]
    pub fn with_domain_column(mut self, name: &str) -> Self {
        self.domain_column = Some(name.to_owned());
        self
    }

    /// The comments so far that may have been meant as rows.
    ///
    /// Where the mail domain is the first field, none is: no mail domain begins with `#`.
    pub fn passed_over(&self) -> Option<PassedOver> {
        self.passed_over
    }

    /// Reads on to the next row that says something.
    fn next_listed(&mut self) -> Result<Option<Listed>, ListError> {
        loop {
            if let Some(listed) = self.plain_line()? {
                return Ok(Some(listed));
            }
            let Some(length) = self.read_line()? else { return Ok(None) };
            self.line += 1;
            self.first = self.line;
            if self.first == 1 && is_utf16(&self.buffer) {
                return Err(ListError::Utf16);
            }
            let is_whole = match length {
                Length::Fits => self.read_row()?,
                Length::Over(Some(quotes)) => self.read_quoted(quotes, self.buffer.len())?,
                Length::Over(None) => {
                    return Ok(Some(
                        self.bad(format!("the line is longer than {MAX_LINE} octets")),
                    ));
                }
            };
            if !is_whole {
                return Ok(Some(self.bad(format!("the row is longer than {MAX_LINE} octets"))));
            }
            let text = String::from_utf8_lossy(&self.buffer);
            let is_utf8 = matches!(text, Cow::Borrowed(_));
            let text = self.shape.trimmed(unmarked(&text, self.first));
            if text.is_empty() {
                continue;
            }
            if text.starts_with('#') {
                if could_be_row(&self.shape, &mut self.row, text) {
                    let passed = PassedOver { first: self.first, count: 0 };
                    self.passed_over.get_or_insert(passed).count += 1;
                }
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

    /// Reads the next line of a plain list where it is at hand, and a mail domain as it is displayed:
    /// most are, and need not be copied to be looked at.
    fn plain_line(&mut self) -> io::Result<Option<Listed>> {
        if !matches!(self.shape, Shape::Plain) {
            return Ok(None);
        }
        let at_hand = match self.reader.fill_buf() {
            // It is asked again for the line.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
            at_hand => at_hand?,
        };
        let Some(length) = at_hand.iter().position(|octet| *octet < b'-') else { return Ok(None) };
        let end = match at_hand[length..] {
            [b'\n', ..] => length + 1,
            [b'\r', b'\n', ..] => length + 2,
            _ => return Ok(None),
        };
        let Some(domain) = str::from_utf8(&at_hand[..length]).ok().and_then(MailDomain::kept)
        else {
            return Ok(None);
        };
        self.reader.consume(end);
        self.read += end as u64;
        self.line += 1;
        self.first = self.line;
        let typed = domain.as_str().to_owned();
        Ok(Some(Listed { line: Some(self.line), typed, parsed: Ok((domain, Columns::default())) }))
    }

    /// Reads on to the end of the row where a quoted field goes on over lines; false where the row is
    /// too long, and was skipped.
    fn read_row(&mut self) -> Result<bool, ListError> {
        let separators = self.shape.separators();
        if !self.buffer.contains(&b'"') {
            return Ok(true);
        }
        let text = String::from_utf8_lossy(&self.buffer);
        let text = self.shape.trimmed(unmarked(&text, self.first));
        let open = separators.iter().find_map(|separator| Quotes::left_open(text, *separator));
        match open {
            Some(quotes) => self.read_quoted(quotes, 0),
            None => Ok(true),
        }
    }

    /// Reads on to the end of a row whose first line leaves a quote open, and of which so many octets
    /// were skipped; false as from [`Self::read_row`].
    fn read_quoted(&mut self, mut quotes: Quotes, mut skipped: usize) -> Result<bool, ListError> {
        let mut length = 0;
        loop {
            if self.looked > LOOKED_BESIDES + LOOKED_PER_READ * self.read {
                return Err(ListError::OpenQuote { line: self.first });
            }
            let piece = self.reader.look(length)?;
            self.looked += piece.len() as u64;
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
        self.read += length as u64;
        let ends = self.buffer[before..].iter().filter(|octet| **octet == b'\n').count();
        self.line += ends as u64;
        Ok(())
    }

    /// Reads a line into the buffer; where it is too long, the rest of it is skipped.
    fn read_line(&mut self) -> Result<Option<Length>, ListError> {
        self.buffer.clear();
        let limit = MAX_LINE as u64 + 1;
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
        if length == 0 {
            return Ok(None);
        }
        self.read += length as u64;
        if length <= MAX_LINE || self.buffer.ends_with(b"\n") {
            return Ok(Some(Length::Fits));
        }
        self.skip_line().map(|quotes| Some(Length::Over(quotes)))
    }

    /// Skips the rest of a line; what comes back is the quote that it leaves open.
    fn skip_line(&mut self) -> Result<Option<Quotes>, ListError> {
        let text = String::from_utf8_lossy(&self.buffer);
        let begin = |separator: &u8| {
            let mut quotes = Quotes::begin(*separator);
            quotes.follow(unmarked(&text, self.line + 1).trim_start_matches(' ').as_bytes());
            quotes
        };
        let mut quotes: Vec<Quotes> = self.shape.separators().iter().map(begin).collect();
        let mut rest = self.reader.by_ref().take(MAX_SKIPPED);
        loop {
            let piece = rest.fill_buf()?;
            let end = piece.iter().position(|octet| *octet == b'\n');
            let line = &piece[..end.unwrap_or(piece.len())];
            quotes.iter_mut().for_each(|quotes| _ = quotes.follow(line));
            let (length, is_last) = (line.len(), piece.is_empty());
            rest.consume(length + usize::from(end.is_some()));
            self.read += length as u64;
            match rest.limit() {
                0 => return Err(ListError::Endless { line: self.line + 1, limit: MAX_SKIPPED }),
                _ if end.is_some() || is_last => {
                    return Ok(quotes.into_iter().find_map(Quotes::behind_line));
                }
                _ => {}
            }
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
        Listed { line: Some(self.first), typed: beginning(&text), parsed: Err(problem) }
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

/// Whether a comment would be a good row if it were none.
fn could_be_row(shape: &Shape, row: &mut Row, text: &str) -> bool {
    match shape {
        Shape::Csv(header) if header.domain > 0 => parse_row(row, text, header).1.is_ok(),
        Shape::Csv(_) | Shape::Plain | Shape::Undecided => false,
    }
}

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
    if has_text_behind(text, header.separator, header.domain) {
        return (
            beginning(text),
            Err("text follows the quote that closes the mail domain".to_owned()),
        );
    }
    let (typed, parsed) = parse_domain(row.fields().nth(header.domain).unwrap_or_default());
    let others = row.fields().enumerate().filter(|(at, _)| *at != header.domain);
    let others = others.map(|(_, field)| field);
    (typed, parsed.map(|name| (name, Columns::of_row(&header.columns, others))))
}

#[cfg(test)]
mod tests;
