//! The scanner: records of a master file, one after the other (RFC 1035 §5.1).

use std::fmt;
use std::io::{self, BufRead};
use std::sync::Arc;

use hickory_proto::rr::{Name, RData, RecordType};

use super::error::{Position, ScanError, ScanErrorKind};
use super::generate::{Generate, Range, expand};
use super::lex::{Fault, Lines, Spot};
use super::limits::{Budget, Limits, kept};
use super::presentation::{Origin, period, push_unescaped, shown, wire_name};
use super::rdata::decode;
use super::record::Context;
use super::types::type_name;
use crate::rrset::ResourceRecord;

/// How deep files may include files.
const MAX_INCLUDE_DEPTH: usize = 8;

/// How many files a zone may include in all.
const MAX_INCLUDES: usize = 1024;

/// A record with its place in the master file.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The record, its names absolute.
    pub record: ResourceRecord,
    /// Where its entry begins.
    pub position: Position,
}

/// A record as it stands on the wire, before anybody reads it there; with its place.
///
/// Zones of a million records are kept without a [`Name`] and an [`RData`] for each.
#[derive(Debug, Clone, Copy)]
pub struct WireEntry<'a> {
    /// The owner name, uncompressed.
    pub owner: &'a [u8],
    /// The number of the type.
    pub code: u16,
    /// The time to live, in seconds.
    pub ttl: u32,
    /// The RDATA, uncompressed.
    pub rdata: &'a [u8],
    /// The file as its opener named it.
    pub file: &'a Arc<str>,
    /// The line on which its entry begins, counted from 1.
    pub line: u64,
    /// The octet in the line, counted from 1.
    pub column: u64,
}

impl WireEntry<'_> {
    /// Where its entry begins.
    pub fn position(&self) -> Position {
        Position { file: Arc::clone(self.file), line: self.line, column: self.column }
    }

    /// The record, read.
    fn record(&self) -> Result<ResourceRecord, ScanErrorKind> {
        let owner = wire_name(self.owner).map(|(name, _)| name);
        let owner = owner.ok_or_else(|| ScanErrorKind::NameTooLong { typed: shown(self.owner) })?;
        Ok(ResourceRecord { owner, ttl: self.ttl, data: decode(self.code, self.rdata) })
    }
}

/// What was read last, but for its names and data.
struct Head {
    code: u16,
    ttl: u32,
    line: u64,
    column: u64,
    is_generated: bool,
}

/// Opens an included file by its path as typed.
type Opener = dyn FnMut(&str) -> io::Result<Box<dyn BufRead + Send>> + Send;

/// Reads the records of a master file in constant memory.
///
/// An entry that cannot be read is one error, and the next line is read. Records that lean on it
/// (on its owner name, its `$ORIGIN` or its `$TTL`) are errors too, rather than read with what
/// stood there before. Records outside the zone are records like all others.
///
/// It is an iterator. After an error of the reader itself ([`ScanErrorKind::Read`]), and where the zone
/// exceeds its [`Limits`], it ends; after any other error it goes on. An entry has 256 KiB at most, a
/// token 128 KiB, and a `$GENERATE` makes 65,536 records.
pub struct Scanner<R> {
    main: R,
    /// The files under way, the innermost last.
    included: Vec<Included>,
    /// How many files have been opened in all, of [`MAX_INCLUDES`].
    includes: usize,
    opener: Option<Box<Opener>>,
    /// The name of the file under way, shared with the positions in it.
    file: Arc<str>,
    lines_read: u64,
    /// The entry under way.
    lines: Lines,
    /// Room for the RDATA that a `$GENERATE` makes, beside the entry that it came from.
    generated: Lines,
    /// The owner name that one makes, in wire form.
    generated_owner: Vec<u8>,
    generate: Option<Generate>,
    context: Context,
    /// The origin of names that have none.
    assumed: Option<Name>,
    has_assumed: bool,
    budget: Budget,
    finished: bool,
}

/// A file under way, and what holds again when it ends (RFC 1035 §5.1).
struct Included {
    reader: Box<dyn BufRead + Send>,
    parent_file: Arc<str>,
    parent_lines: u64,
    parent: Context,
}

/// Reads the RDATA of one record, its names absolute: what [`rdata`](super::rdata()) writes, and what
/// a master file may say instead on one line. None where it is anything else.
///
/// ```
/// use hickory_proto::rr::RecordType;
/// use mailsrv::zonefile::{parse_rdata, rdata};
///
/// let srv = parse_rdata("0 1 0993 Mail.example.com.", RecordType::SRV).unwrap();
/// assert_eq!(rdata(&srv), "0 1 993 Mail.example.com.");
/// // No origin is known, so a relative name is none.
/// assert_eq!(parse_rdata("0 1 993 mail", RecordType::SRV), None);
/// ```
pub fn parse_rdata(text: &str, rtype: RecordType) -> Option<RData> {
    if text.contains(['\n', '\r']) {
        return None;
    }
    let entry = format!(". 0 IN {} {text}\n", type_name(rtype));
    let mut scanner = Scanner::new(entry.as_bytes(), "", None);
    let data = scanner.next()?.ok()?.record.data;
    (data.record_type() == rtype).then_some(data)
}

impl<R: BufRead> Scanner<R> {
    /// Starts at the front of a master file; `file` is its name in messages.
    ///
    /// Without an origin, relative names are errors until an `$ORIGIN` gives one. `$INCLUDE` is
    /// refused; see [`Self::with_includes`].
    pub fn new(reader: R, file: &str, origin: Option<Name>) -> Self {
        Self {
            main: reader,
            included: Vec::new(),
            includes: 0,
            opener: None,
            file: Arc::from(file),
            lines_read: 0,
            lines: Lines::default(),
            generated: Lines::default(),
            generated_owner: Vec::new(),
            generate: None,
            context: Context::new(origin.map_or_else(Origin::default, Origin::new)),
            assumed: None,
            has_assumed: false,
            budget: Budget::new(Limits::default()),
            finished: false,
        }
    }

    /// Sets how much of the zone is read, in place of [`Limits::default`].
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.budget = Budget::new(limits);
        self
    }

    /// Allows `$INCLUDE`: the opener is handed the path as typed and decides.
    ///
    /// Files nest 8 deep at most, and 1024 are opened in all.
    ///
    /// What the opener may open is its own to limit: the path comes out of the zone, and may be
    /// absolute or climb with `..`. An error of it is one error of the scanner,
    /// [`ScanErrorKind::IncludeOpen`], and the file goes on behind the directive.
    #[must_use]
    pub fn with_includes(
        mut self,
        opener: impl FnMut(&str) -> io::Result<Box<dyn BufRead + Send>> + Send + 'static,
    ) -> Self {
        self.opener = Some(Box::new(opener));
        self
    }

    /// Reads relative names below this origin where none is known.
    ///
    /// Servers are told the zone of a file in their configuration, so that few files begin with an
    /// `$ORIGIN`. [`Self::has_assumed`] tells whether the file left it to a guess.
    #[must_use]
    pub fn assuming(mut self, origin: Option<Name>) -> Self {
        self.assumed = origin;
        self
    }

    /// Whether the origin of [`Self::assuming`] was needed.
    pub fn has_assumed(&self) -> bool {
        self.has_assumed
    }

    /// Takes the assumed origin; false where there is none.
    fn assume(&mut self) -> bool {
        let Some(origin) = &self.assumed else { return false };
        self.context.origin = Origin::new(origin.clone());
        self.has_assumed = true;
        true
    }

    /// Where a place in the entry lies in the file.
    fn place(&self, at: Spot) -> Position {
        Position {
            file: Arc::clone(&self.file),
            line: self.lines.first_line + u64::from(at.line),
            column: u64::from(at.column),
        }
    }

    /// Reads the next entry; false at the end of the last file.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            let reader: &mut dyn BufRead = match self.included.last_mut() {
                Some(included) => &mut included.reader,
                None => &mut self.main,
            };
            if self.lines.read(reader, &mut self.lines_read, self.budget.octets())? {
                return Ok(true);
            }
            let Some(ended) = self.included.pop() else { return Ok(false) };
            self.file = ended.parent_file;
            self.lines_read = ended.parent_lines;
            self.context.leave(ended.parent);
        }
    }

    /// Reads the entry: the type and TTL of a record, or None for a directive, whose effect is on what follows. Where a
    /// directive fails, what it would have set is lost rather than left as it was.
    fn entry(&mut self) -> Result<Option<(u16, u32)>, Fault> {
        let first = self.lines.tokens.first().copied();
        let directive = first
            .filter(|token| !self.lines.blank_owner && !token.quoted)
            .map(|token| token.text(&self.lines.text).to_ascii_uppercase())
            .filter(|text| text.starts_with(b"$"));
        let fault = self.lines.fault.take();
        let Some(directive) = directive else {
            let Some(fault) = fault else { return self.context.record(&self.lines).map(Some) };
            self.context.keep_owner(&self.lines);
            return Err(fault);
        };
        let outcome = match (fault, directive.as_slice()) {
            (Some(fault), _) => Err(fault),
            (None, b"$ORIGIN") => self.set_origin(),
            (None, b"$TTL") => self.set_ttl(),
            (None, b"$INCLUDE") => self.include(),
            (None, b"$GENERATE") => self.start_generate(),
            (None, _) => {
                self.context.lose_owner();
                let kind = ScanErrorKind::UnknownDirective { typed: self.lines.typed(0) };
                Err(Fault { at: self.lines.spot(0), kind })
            }
        };
        if outcome.is_err() {
            match directive.as_slice() {
                b"$ORIGIN" => self.context.origin.lost = true,
                b"$TTL" => self.context.lose_ttl(),
                _ => {}
            }
        }
        outcome.map(|()| None)
    }

    /// RFC 1035 §5.1.
    fn set_origin(&mut self) -> Result<(), Fault> {
        let text = self.lines.argument(1, "$ORIGIN", "origin")?;
        let name =
            self.context.name(text).map_err(|kind| Fault { at: self.lines.spot(1), kind })?;
        self.lines.no_more(2, "$ORIGIN")?;
        self.context.origin = Origin::new(name);
        Ok(())
    }

    /// RFC 2308 §4.
    fn set_ttl(&mut self) -> Result<(), Fault> {
        let text = self.lines.argument(1, "$TTL", "TTL")?;
        let value = period(text).ok_or_else(|| ScanErrorKind::BadField {
            typed: shown(text),
            rtype: "$TTL".to_owned(),
            field: "TTL",
            wanted: "seconds, or a period such as 1h30m",
        });
        let ttl = value
            .and_then(|value| super::record::limited_ttl(value, text))
            .map_err(|kind| Fault { at: self.lines.spot(1), kind })?;
        self.lines.no_more(2, "$TTL")?;
        self.context.set_default_ttl(ttl);
        Ok(())
    }

    /// RFC 1035 §5.1: the origin and owner name of the including file come back at the end.
    fn include(&mut self) -> Result<(), Fault> {
        let mut path = Vec::new();
        let typed = self.lines.argument(1, "$INCLUDE", "file name")?;
        let unescaped = push_unescaped(typed, &mut path);
        let at = self.lines.spot(1);
        let fail = |kind| Fault { at, kind };
        unescaped.map_err(fail)?;
        let path = String::from_utf8(path).map_err(|_error| {
            let (typed, rtype) = (shown(typed), "$INCLUDE".to_owned());
            let wanted = "a path in UTF-8";
            fail(ScanErrorKind::BadField { typed, rtype, field: "file name", wanted })
        })?;
        let origin = match self.lines.tokens.get(2) {
            Some(token) => {
                let name = self.context.name(token.text(&self.lines.text));
                Some(name.map_err(|kind| Fault { at: token.at, kind })?)
            }
            None => None,
        };
        self.lines.no_more(3, "$INCLUDE")?;
        if self.included.len() >= MAX_INCLUDE_DEPTH {
            return Err(fail(ScanErrorKind::IncludeDepth { path, limit: MAX_INCLUDE_DEPTH }));
        }
        if self.includes >= MAX_INCLUDES {
            return Err(fail(ScanErrorKind::IncludeCount { path, limit: MAX_INCLUDES }));
        }
        let Some(opener) = &mut self.opener else {
            return Err(Fault { at, kind: ScanErrorKind::IncludeRefused { path } });
        };
        let reader = match opener(&path) {
            Ok(reader) => reader,
            Err(source) => {
                return Err(Fault { at, kind: ScanErrorKind::IncludeOpen { path, source } });
            }
        };
        self.includes += 1;
        let parent = self.context.clone();
        if let Some(origin) = origin {
            self.context.origin = Origin::new(origin);
        }
        let parent_file = std::mem::replace(&mut self.file, Arc::from(path));
        let parent_lines = std::mem::take(&mut self.lines_read);
        self.included.push(Included { reader, parent_file, parent_lines, parent });
        Ok(())
    }

    /// Checks the line once; its records are made one by one as they are asked for.
    fn start_generate(&mut self) -> Result<(), Fault> {
        if self.context.origin.is_none() {
            self.assume();
        }
        let range = Range::read(self.lines.argument(1, "$GENERATE", "range")?)
            .map_err(|kind| Fault { at: self.lines.spot(1), kind })?;
        let owner = self.lines.argument(2, "$GENERATE", "owner name")?.to_vec();
        let header = self.context.header(&self.lines, 3)?;
        let ttl =
            self.context.ttl(header.ttl, None).map_err(|kind| Fault { at: header.at, kind })?;
        let rdata = self.lines.argument(header.next, "$GENERATE", "RDATA")?;
        let quoted = self.lines.tokens.get(header.next).is_some_and(|token| token.quoted);
        let rdata = if quoted { without_escaped_quotes(rdata) } else { rdata.to_vec() };
        self.lines.no_more(header.next + 1, "$GENERATE")?;
        let position = self.place(self.lines.spot(0));
        self.generate = Some(Generate { range, owner, rdata, code: header.code, ttl, position });
        Ok(())
    }

    /// Makes the next record of the `$GENERATE` under way; its first error ends it.
    fn generated(&mut self) -> Option<Result<Head, ScanError>> {
        let generate = self.generate.as_mut()?;
        let Some(value) = generate.range.next() else {
            self.generate = None;
            return None;
        };
        let Position { line, column, .. } = generate.position;
        let head =
            Head { code: generate.code, ttl: generate.ttl, line, column, is_generated: true };
        let made = expand(&generate.owner, value).and_then(|owner| {
            let rdata = expand(&generate.rdata, value)?;
            self.generated.set(&rdata);
            let room = &mut self.generated_owner;
            self.context.generated(&owner, generate.code, &mut self.generated, room)?;
            Ok((owner.len() + rdata.len()) as u64)
        });
        let octets = match made {
            Ok(octets) => octets,
            Err(kind) => {
                let position = generate.position.clone();
                self.generate = None;
                return Some(Err(ScanError { position, kind }));
            }
        };
        let octets = octets.max(octets_of(&self.generated_owner, self.context.rdata()));
        let spent = self.budget.spend_generated(octets);
        Some(self.spent(spent, line, column).map(|()| head))
    }

    /// Reads the next line where it is plain and the reader has all of it at hand, without a copy.
    fn plain(&mut self) -> io::Result<Option<Result<Head, ScanError>>> {
        let reader: &mut dyn BufRead = match self.included.last_mut() {
            Some(included) => &mut included.reader,
            None => &mut self.main,
        };
        let text = match reader.fill_buf() {
            // It is asked again for the entry.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
            text => text?,
        };
        let Some((code, ttl, octets)) = self.context.plain(text) else { return Ok(None) };
        reader.consume(octets);
        self.lines_read += 1;
        let head = Head { code, ttl, line: self.lines_read, column: 1, is_generated: false };
        let octets = (octets as u64).max(octets_of(self.context.owner(), self.context.rdata()));
        Ok(Some(self.spend(octets, head.line, head.column).map(|()| head)))
    }

    /// Reads the plain lines that the reader has at hand, as long as there is one after the other:
    /// [`Self::next_wire`] goes on behind them.
    ///
    /// # Errors
    ///
    /// That of the reader itself, which ends the zone.
    pub fn take_plain(&mut self, mut take: impl FnMut(&WireEntry<'_>)) -> Result<(), ScanError> {
        if self.finished || self.generate.is_some() {
            return Ok(());
        }
        let reader: &mut dyn BufRead = match self.included.last_mut() {
            Some(included) => &mut included.reader,
            None => &mut self.main,
        };
        let text = match reader.fill_buf() {
            Ok(text) => text,
            // It is asked again for the entry.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(source) => return Err(self.broken(source)),
        };
        let mut taken = 0;
        while self.budget.has_room()
            && let Some((code, ttl, octets)) = self.context.plain(&text[taken..])
        {
            taken += octets;
            self.lines_read += 1;
            let (owner, rdata) = (self.context.owner(), self.context.rdata());
            self.budget.spend_plain((octets as u64).max(octets_of(owner, rdata)));
            let (file, line) = (&self.file, self.lines_read);
            take(&WireEntry { owner, code, ttl, rdata, file, line, column: 1 });
        }
        reader.consume(taken);
        Ok(())
    }

    /// Ends the zone with an error of the reader itself.
    fn broken(&mut self, source: io::Error) -> ScanError {
        self.finished = true;
        let (file, line) = (Arc::clone(&self.file), self.lines_read + 1);
        let position = Position { file, line, column: 1 };
        ScanError { position, kind: ScanErrorKind::Read { source } }
    }

    /// Reads up to the next record, or to what is wrong; None at the end.
    fn item(&mut self) -> Option<Result<Head, ScanError>> {
        loop {
            if let Some(generated) = self.generated() {
                return Some(generated);
            }
            match self.plain() {
                Ok(None) => {}
                Ok(Some(head)) => return Some(head),
                Err(source) => return Some(Err(self.broken(source))),
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(source) => return Some(Err(self.broken(source))),
            }
            let octets = self.lines.octets();
            let (line, column) = (self.lines.first_line + u64::from(self.lines.spot(0).line), 1);
            if let Err(error) = self.spend(octets, line, column) {
                return Some(Err(error));
            }
            if self.lines.tokens.is_empty() && self.lines.fault.is_none() {
                continue;
            }
            let entry = match self.entry() {
                Err(Fault { kind: ScanErrorKind::NoOrigin { .. }, .. }) if self.assume() => {
                    self.entry()
                }
                entry => entry,
            };
            match entry {
                Ok(Some((code, ttl))) => {
                    let kept = octets_of(self.context.owner(), self.context.rdata());
                    let spent = self.spend(kept.saturating_sub(octets), line, column);
                    let head = Head { code, ttl, line, column, is_generated: false };
                    return Some(spent.map(|()| head));
                }
                Ok(None) => {}
                Err(Fault { at, kind }) => {
                    return Some(Err(ScanError { position: self.place(at), kind }));
                }
            }
        }
    }

    /// Counts octets.
    fn spend(&mut self, octets: u64, line: u64, column: u64) -> Result<(), ScanError> {
        let spent = self.budget.spend_octets(octets);
        self.spent(spent, line, column)
    }

    /// With none left of the budget, the zone ends here.
    fn spent(
        &mut self,
        spent: Result<(), ScanErrorKind>,
        line: u64,
        column: u64,
    ) -> Result<(), ScanError> {
        spent.map_err(|kind| {
            self.finished = true;
            let position = Position { file: Arc::clone(&self.file), line, column };
            ScanError { position, kind }
        })
    }

    /// Reads the next record as the iterator does, and leaves it in wire form.
    pub fn next_wire(&mut self) -> Option<Result<WireEntry<'_>, ScanError>> {
        if self.finished {
            return None;
        }
        let Some(item) = self.item() else {
            self.finished = true;
            return None;
        };
        if let Err(kind) = self.budget.spend_record() {
            self.finished = true;
            let position = match item {
                Ok(Head { line, column, .. }) => {
                    Position { file: Arc::clone(&self.file), line, column }
                }
                Err(error) => error.position,
            };
            return Some(Err(ScanError { position, kind }));
        }
        Some(item.map(|Head { code, ttl, line, column, is_generated }| {
            let owner = if is_generated { &self.generated_owner } else { self.context.owner() };
            let (rdata, file) = (self.context.rdata(), &self.file);
            WireEntry { owner, code, ttl, rdata, file, line, column }
        }))
    }
}

/// How many octets a record takes in memory, about.
fn octets_of(owner: &[u8], rdata: &[u8]) -> u64 {
    let owner = (owner.len() as u64).saturating_sub(1).max(1);
    kept(owner, rdata.len() as u64)
}

impl<R: BufRead> Iterator for Scanner<R> {
    type Item = Result<Entry, ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = match self.next_wire()? {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error)),
        };
        let (record, position) = (entry.record(), entry.position());
        Some(match record {
            Ok(record) => Ok(Entry { record, position }),
            Err(kind) => Err(ScanError { position, kind }),
        })
    }
}

impl<R> fmt::Debug for Scanner<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner")
            .field("file", &self.file)
            .field("lines_read", &self.lines_read)
            .finish_non_exhaustive()
    }
}

/// Quoted RDATA of `$GENERATE` is cut into tokens a second time, now with its inner quotes.
fn without_escaped_quotes(text: &[u8]) -> Vec<u8> {
    // No quote inside a quoted token is without a backslash of its own.
    let is_kept = |index: &usize| !text[*index..].starts_with(b"\\\"");
    (0..text.len()).filter(is_kept).map(|index| text[index]).collect()
}
