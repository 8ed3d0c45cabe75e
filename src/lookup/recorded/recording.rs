//! Recordings read again: an index in memory, the lines on demand.

use std::cell::RefCell;
use std::future::{Future, ready};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::Name;

use super::line::{Key, Line, LineError, MAX_LINE};
use crate::answer::{Answer, Failure, Hidden, Outcome, Question, Sight, Vantage};
use crate::endpoint::{Endpoint, Sighting, Unseen};
use crate::lookup::{Lookup, Stage, Unfinished};
use crate::name::MailDomain;
use crate::page::{Page, Request, Unfetched};

/// Says where and why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct RecordingError {
    /// The name of the file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    #[source]
    pub problem: LineError,
}

/// Answers read from a recording.
///
/// A question that was not recorded has no answer ([`Failure::NotRecorded`]). Sixteen octets are
/// kept in memory for each line; the line itself is read when its question is asked. A line that
/// can be read no more then counts as not recorded.
///
/// ```
/// use std::io::Cursor;
///
/// use mailsrv::lookup::recorded::Recording;
///
/// let error = Recording::read(Cursor::new("\nMX\n"), "run.jsonl").unwrap_err();
/// assert!(error.to_string().starts_with("run.jsonl:2: not a recorded answer"));
/// ```
#[derive(Debug)]
pub struct Recording<S> {
    lines: RefCell<Lines<S>>,
    /// By the hash of what the line is about, then in the order of the file.
    index: Vec<Place>,
    /// Whether what was seen of servers is told.
    visits: bool,
    /// Seeded anew for each recording, so that none can be written whose lines all meet.
    hasher: RandomState,
}

/// Where a line begins, under the hash of what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    hash: u64,
    offset: u64,
}

impl Default for Recording<io::Empty> {
    /// A recording without a line.
    fn default() -> Self {
        let lines = RefCell::new(Lines::new(io::empty()));
        Self { lines, index: Vec::new(), visits: false, hasher: RandomState::new() }
    }
}

impl<S: Read + Seek> Recording<S> {
    /// Reads a recording from its beginning; `file` is what errors call it. Empty lines are skipped.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read, or is no recorded answer; then the first one that
    /// contradicts another.
    pub fn read(source: S, file: &str) -> Result<Self, RecordingError> {
        let lines = RefCell::new(Lines::new(source));
        let mut recording =
            Self { lines, index: Vec::new(), visits: false, hasher: RandomState::new() };
        let failed = |(line, problem)| RecordingError { file: file.to_owned(), line, problem };
        recording.scan().map_err(failed)?;
        recording.index.sort_unstable();
        recording.settle().map_err(failed)?;
        recording.index.shrink_to_fit();
        Ok(recording)
    }

    /// Tells what was seen of servers, too, where it is asked for.
    #[must_use]
    pub fn visiting(self) -> Self {
        Self { visits: true, ..self }
    }

    /// Takes every line into the index.
    fn scan(&mut self) -> Result<(), (u64, LineError)> {
        let lines = self.lines.get_mut();
        lines.reader.rewind().map_err(|error| (1, LineError::Read(error)))?;
        for number in 1.. {
            let offset = lines.at;
            let at = |problem| (number, problem);
            if !lines.read().map_err(at)? {
                break;
            }
            if let Some(line) = Line::parse(&lines.line).map_err(at)? {
                let hash = self.hasher.hash_one(line.key());
                self.index.push(Place { hash, offset });
            }
        }
        Ok(())
    }

    /// Keeps the first of equal answers, and finds those that contradict each other.
    fn settle(&mut self) -> Result<(), (u64, LineError)> {
        let mut index = std::mem::take(&mut self.index);
        let mut last: Option<Place> = None;
        // Those of one hash, of which there are two where a question is answered twice.
        let mut met: Vec<Line> = Vec::new();
        let mut clash = None;
        index.retain(|place| {
            let before = last.replace(*place).filter(|before| before.hash == place.hash);
            let Some(before) = before.filter(|_| clash.is_none()) else {
                met.clear();
                return true;
            };
            if met.is_empty() {
                met.extend(self.line_at(before.offset));
            }
            let Some(line) = self.line_at(place.offset) else { return true };
            let same = met.iter().find(|other| other.key() == line.key());
            match same.map(|same| *same == line) {
                Some(true) => return false,
                Some(false) => clash = Some(place.offset),
                None => met.push(line),
            }
            true
        });
        self.index = index;
        match clash {
            Some(offset) => Err((self.number_of(offset), LineError::Contradiction)),
            None => Ok(()),
        }
    }

    /// The number of the line that begins at an offset, from 1.
    fn number_of(&self, offset: u64) -> u64 {
        let mut lines = self.lines.borrow_mut();
        let mut number = 1;
        let mut go_on = lines.go_to(0).is_ok();
        while go_on && lines.at < offset {
            go_on = lines.read().unwrap_or(false);
            number += u64::from(go_on);
        }
        number
    }

    /// What stands at an offset, if it still does.
    fn line_at(&self, offset: u64) -> Option<Line> {
        let mut lines = self.lines.borrow_mut();
        lines.go_to(offset).ok()?;
        lines.read().ok()?;
        Line::parse(&lines.line).ok()?
    }

    /// The lines about one thing, in the order of the file.
    fn lines_about<'a>(&'a self, key: Key<'a>) -> impl Iterator<Item = Line> + 'a {
        let hash = self.hasher.hash_one(key);
        let from = self.index.partition_point(|place| place.hash < hash);
        let places = self.index[from..].iter().take_while(move |place| place.hash == hash);
        places.filter_map(|place| self.line_at(place.offset)).filter(move |line| line.key() == key)
    }

    /// What was said to all, or, about one domain, to its inquiry.
    fn answer(
        &self,
        question: &Question,
        about: Option<&Name>,
        from: Option<&Vantage>,
    ) -> Option<Answer> {
        let mut lines = self.lines_about(Key::Question { question, about, from });
        lines.find_map(|line| match line {
            Line::Answer { answer, .. } => Some(answer),
            _ => None,
        })
    }

    /// What a domain alone was told comes before what all others were.
    fn answer_about(&self, domain: &Name, question: &Question, from: Option<&Vantage>) -> Answer {
        let answer = self.answer(question, Some(domain), from);
        let answer = answer.or_else(|| self.answer(question, None, from));
        answer.unwrap_or_else(|| Answer::plain(Outcome::Failed(Failure::NotRecorded)))
    }

    /// From where a domain was seen, or a zone below it.
    fn seen(&self, domain: &Name, below: Option<&Name>) -> Option<Sight> {
        let mut lines = self.lines_about(Key::Seen(domain, below));
        lines.find_map(|line| match line {
            Line::Seen { sight, .. } => Some(sight),
            _ => None,
        })
    }

    /// What was seen of a server, by one mail domain or by all.
    fn visited(&self, endpoint: &Endpoint, about: Option<&Name>) -> Option<Sighting> {
        let mut lines = self.lines_about(Key::Visited(endpoint, about));
        lines.find_map(|line| match line {
            Line::Visited { sighting, .. } => Some(*sighting),
            _ => None,
        })
    }

    /// What came of a request to these addresses, of one mail domain or of all.
    fn fetched(
        &self,
        request: &Request,
        addresses: &[IpAddr],
        about: Option<&Name>,
    ) -> Option<Page> {
        let mut lines = self.lines_about(Key::Fetched(request, addresses, about));
        lines.find_map(|line| match line {
            Line::Fetched { page, .. } => Some(*page),
            _ => None,
        })
    }

    /// What was known of a domain unasked when it was recorded.
    fn unasked(&self, domain: &Name) -> (Vec<Name>, Vec<Hidden>) {
        let mut lines = self.lines_about(Key::Unasked(domain));
        let found = lines.find_map(|line| match line {
            Line::Unasked { owners, hidden, .. } => Some((owners, hidden)),
            _ => None,
        });
        found.unwrap_or_default()
    }
}

impl<S: Read + Seek> Lookup for Recording<S> {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        let answer = self.answer(question, None, None);
        ready(answer.unwrap_or_else(|| Answer::plain(Outcome::Failed(Failure::NotRecorded))))
    }

    fn ask_about(&self, domain: &MailDomain, question: &Question) -> impl Future<Output = Answer> {
        ready(self.answer_about(domain.name(), question, None))
    }

    fn sight(&self, domain: &MailDomain) -> impl Future<Output = Option<Sight>> {
        ready(self.seen(domain.name(), None))
    }

    fn sight_below(&self, domain: &MailDomain, name: &Name) -> impl Future<Output = Option<Sight>> {
        let domain = domain.name();
        let labels = domain.iter().len() + 1..=name.iter().len();
        let labels = labels.filter(|_| domain.zone_of(name));
        let mut apexes = labels.rev().map(|labels| name.trim_to(labels));
        ready(apexes.find_map(|apex| self.seen(domain, Some(&apex))))
    }

    fn ask_from(
        &self,
        vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> impl Future<Output = Answer> {
        ready(self.answer_about(domain.name(), question, Some(vantage)))
    }

    fn was_unfinished(&self, domain: &MailDomain, stage: Stage, what: Unfinished<'_>) -> bool {
        self.lines_about(Key::Unfinished(domain.name(), stage, what)).next().is_some()
    }

    fn visits(&self) -> bool {
        self.visits
    }

    /// A server that nobody visited then is unknown.
    fn visit(
        &self,
        domain: &MailDomain,
        endpoint: &Endpoint,
    ) -> impl Future<Output = Option<Arc<Sighting>>> {
        let seen = self.visited(endpoint, Some(domain.name()));
        let seen = seen.or_else(|| self.visited(endpoint, None));
        let unknown = || {
            let (endpoint, seen) = (endpoint.clone(), Err(Unseen::NotRecorded));
            Sighting { endpoint, address: None, at: 0, seen }
        };
        ready(Some(Arc::new(seen.unwrap_or_else(unknown))))
    }

    /// A page that nobody fetched then is unknown.
    fn fetch(
        &self,
        domain: &MailDomain,
        request: &Request,
        addresses: &[IpAddr],
    ) -> impl Future<Output = Option<Page>> {
        let page = self.fetched(request, addresses, Some(domain.name()));
        let page = page.or_else(|| self.fetched(request, addresses, None));
        ready(Some(page.unwrap_or_else(|| Page::of(Err(Unfetched::NotAsked)))))
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let mut owners = self.unasked(domain).0;
        owners.truncate(limit);
        owners
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.unasked(domain).1.into_iter()
    }
}

/// The lines of a file, one after the other or from an offset on.
#[derive(Debug)]
struct Lines<S> {
    reader: BufReader<S>,
    /// Where the next line begins.
    at: u64,
    /// The last line that was read.
    line: Vec<u8>,
}

impl<S: Read> Lines<S> {
    fn new(source: S) -> Self {
        Self { reader: BufReader::new(source), at: 0, line: Vec::new() }
    }

    /// Reads a line; false at the end of the input.
    fn read(&mut self) -> Result<bool, LineError> {
        // One long line must not stay in memory for all that follow.
        if self.line.capacity() > 1 << 16 {
            self.line = Vec::new();
        }
        self.line.clear();
        let mut bounded = self.reader.by_ref().take(MAX_LINE + 1);
        let length = bounded.read_until(b'\n', &mut self.line).map_err(LineError::Read)?;
        self.at += length as u64;
        if length as u64 > MAX_LINE {
            return Err(LineError::TooLong);
        }
        Ok(length > 0)
    }
}

impl<S: Read + Seek> Lines<S> {
    /// Goes to where a line begins; what the buffer holds is not read again.
    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        match i64::try_from(i128::from(offset) - i128::from(self.at)) {
            Ok(way) => self.reader.seek_relative(way)?,
            Err(_far) => drop(self.reader.seek(SeekFrom::Start(offset))?),
        }
        self.at = offset;
        Ok(())
    }
}
