//! Answers written down.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};

use super::line::{Given, Line};
use crate::answer::{Answer, Hidden, Question, Sight, Vantage};
use crate::endpoint::{Endpoint, Sighting};
use crate::lookup::{Lookup, Stage, Unfinished};
use crate::name::MailDomain;
use crate::page::{Page, Request, Url};
use crate::zonefile::{self, Position};

/// A lookup that writes every question with its answer down, each once.
///
/// A question that is answered otherwise for another mail domain is written once more, for that
/// domain alone: so a recording replays as the run that it was. An error of the writer does not
/// reach the audit: [`Self::is_broken`] tells of it, and [`Self::finish`] what it was. About twenty
/// octets are kept in memory for each line.
#[derive(Debug)]
pub struct Recorder<L, W> {
    lookup: L,
    state: RefCell<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    out: W,
    /// The hashes of what was written, and of the answers; a million domains have too many to keep
    /// whole.
    written: HashMap<u64, u64>,
    hasher: RandomState,
    error: Option<io::Error>,
    /// Where answers may be asked for again: those of each mail domain, and not yet written.
    deferred: Option<Deferred>,
}

/// The answers of mail domains that may be asked about again.
#[derive(Debug, Default)]
struct Deferred {
    /// Those of the try that is under way.
    current: HashMap<Name, Vec<Line>>,
    /// Those of the last whole try.
    whole: HashMap<Name, Vec<Line>>,
}

impl Deferred {
    fn note(&mut self, domain: &MailDomain, line: Line) {
        self.current.entry(domain.name().clone()).or_default().push(line);
    }
}

impl<L: Lookup, W: Write> Recorder<L, W> {
    /// Begins a recording of what the lookup answers.
    pub fn new(lookup: L, out: W) -> Self {
        let (written, hasher) = (HashMap::new(), RandomState::new());
        let state = State { out, written, hasher, error: None, deferred: None };
        Self { lookup, state: RefCell::new(state) }
    }

    /// Writes the answers of a mail domain when it is closed, because it may be asked about again: the
    /// recording is that of the last whole try.
    #[must_use]
    pub fn deferring(self) -> Self {
        self.state.borrow_mut().deferred = Some(Deferred::default());
        self
    }

    /// The answers to the questions about a mail domain are whole: they replace those before.
    pub fn settle(&self, domain: &MailDomain) {
        if let Some(Deferred { current, whole }) = &mut self.state.borrow_mut().deferred {
            let answers = current.remove(domain.name()).unwrap_or_default();
            whole.insert(domain.name().clone(), answers);
        }
    }

    /// Writes the answers of the last whole try of a mail domain.
    pub fn close(&self, domain: &MailDomain) {
        let mut state = self.state.borrow_mut();
        let deferred = state.deferred.as_mut();
        let answers = deferred.and_then(|deferred| deferred.whole.remove(domain.name()));
        for line in answers.unwrap_or_default() {
            match line {
                Line::Answer { question, from, answer, .. } => {
                    state.write_answer(&question, Some(domain.name()), from.as_ref(), &answer);
                }
                Line::Visited { .. } | Line::Fetched { .. } => {
                    state.write_or_about(line, Some(domain.name()));
                }
                Line::Seen { .. } | Line::Unfinished { .. } | Line::Unasked { .. } => {
                    state.write(&line);
                }
            }
        }
    }

    /// Whether the writer failed: nothing is recorded any more.
    pub fn is_broken(&self) -> bool {
        self.state.borrow().error.is_some()
    }

    /// Whether nothing was recorded so far.
    pub fn is_empty(&self) -> bool {
        self.state.borrow().written.is_empty()
    }

    /// Ends the recording and returns the writer, flushed, with the first error of the writer: what
    /// was written before it is whole.
    pub fn finish(self) -> (W, io::Result<()>) {
        let State { mut out, error, .. } = self.state.into_inner();
        let outcome = error.map_or(Ok(()), Err).and_then(|()| out.flush());
        (out, outcome)
    }
}

impl<L: Lookup, W: Write> Lookup for Recorder<L, W> {
    async fn ask(&self, question: &Question) -> Answer {
        let answer = alone(self.lookup.ask(question).await);
        self.state.borrow_mut().write_answer(question, None, None, &answer);
        answer
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        let answer = alone(self.lookup.ask_about(domain, question).await);
        self.state.borrow_mut().note_answer(question, domain, None, &answer);
        answer
    }

    fn note_unfinished(&self, domain: &MailDomain, stage: Stage, what: Unfinished<'_>) {
        self.lookup.note_unfinished(domain, stage, what);
        self.state.borrow_mut().note_unfinished(domain, stage, what);
    }

    fn was_unfinished(&self, domain: &MailDomain, stage: Stage, what: Unfinished<'_>) -> bool {
        self.lookup.was_unfinished(domain, stage, what)
    }

    async fn sight(&self, domain: &MailDomain) -> Option<Sight> {
        let sight = self.lookup.sight(domain).await?;
        self.state.borrow_mut().note_sight(domain, &sight, false);
        Some(sight)
    }

    async fn ask_from(
        &self,
        vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> Answer {
        let answer = alone(self.lookup.ask_from(vantage, domain, question).await);
        self.state.borrow_mut().note_answer(question, domain, Some(vantage), &answer);
        answer
    }

    async fn sight_below(&self, domain: &MailDomain, name: &Name) -> Option<Sight> {
        let sight = self.lookup.sight_below(domain, name).await?;
        self.state.borrow_mut().note_sight(domain, &sight, true);
        Some(sight)
    }

    fn forget(&self) {
        self.lookup.forget();
    }

    fn visits(&self) -> bool {
        self.lookup.visits()
    }

    async fn visit(&self, domain: &MailDomain, endpoint: &Endpoint) -> Option<Arc<Sighting>> {
        let sighting = self.lookup.visit(domain, endpoint).await?;
        self.state.borrow_mut().note_sighting(domain, &sighting);
        Some(sighting)
    }

    async fn fetch(
        &self,
        domain: &MailDomain,
        request: &Request,
        addresses: &[IpAddr],
    ) -> Option<Page> {
        let page = self.lookup.fetch(domain, request, addresses).await?;
        self.state.borrow_mut().note_page(domain, (request, addresses), &page);
        Some(page)
    }

    /// What is known of the domain unasked is written down, too; inquiries begin with it.
    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let owners = self.lookup.srv_owners(domain, limit);
        let hidden: Vec<Hidden> = self.lookup.hidden(domain).collect();
        if !owners.is_empty() || !hidden.is_empty() {
            let (domain, owners) = (domain.clone(), owners.clone());
            self.state.borrow_mut().write(&Line::Unasked { domain, owners, hidden });
        }
        owners
    }

    fn has_room(&self) -> bool {
        self.lookup.has_room()
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        self.lookup.position(owner, rtype)
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.lookup.hidden(domain)
    }
}

/// A recording has no place for what stands beside an answer, so it is asked for itself.
fn alone(answer: Answer) -> Answer {
    Answer { beside: Vec::new(), ..answer }
}

/// Whether a type is read again as it is written.
fn is_readable(rtype: RecordType) -> bool {
    zonefile::parse_type(&zonefile::type_name(rtype)).is_some()
}

/// Whether an address is read again as it is written.
fn is_read(url: &Url) -> bool {
    url.to_string().parse().as_ref() == Ok(url)
}

impl<W: Write> State<W> {
    /// Writes an answer about a mail domain now, or when that is closed.
    fn note_answer(
        &mut self,
        question: &Question,
        domain: &MailDomain,
        from: Option<&Vantage>,
        answer: &Answer,
    ) {
        if let Some(deferred) = &mut self.deferred {
            let (question, answer) = (question.clone(), answer.clone());
            let line = Line::Answer { question, about: None, from: from.cloned(), answer };
            deferred.note(domain, line);
        } else {
            self.write_answer(question, Some(domain.name()), from, answer);
        }
    }

    /// Writes from where a mail domain is seen now, or when that is closed.
    fn note_sight(&mut self, domain: &MailDomain, sight: &Sight, is_below: bool) {
        let line = Line::Seen { domain: domain.name().clone(), sight: sight.clone(), is_below };
        match &mut self.deferred {
            Some(deferred) => deferred.note(domain, line),
            None => self.write(&line),
        }
    }

    /// Writes what was seen of a server now, or when the mail domain is closed.
    fn note_sighting(&mut self, domain: &MailDomain, sighting: &Sighting) {
        let sighting = Box::new(sighting.clone());
        self.note(domain, Line::Visited { about: None, sighting });
    }

    /// Writes what came of a request now, or when the mail domain is closed; what would not be read as it
    /// is written is left out, as a host whose name stands in no URL.
    fn note_page(
        &mut self,
        domain: &MailDomain,
        (request, addresses): (&Request, &[IpAddr]),
        page: &Page,
    ) {
        let location = page.content.as_ref().ok().and_then(|content| content.location.as_ref());
        if is_read(&request.url) && location.is_none_or(is_read) {
            let (request, page) = (Box::new(request.clone()), Box::new(page.clone()));
            let addresses = addresses.to_vec();
            self.note(domain, Line::Fetched { about: None, request, addresses, page });
        }
    }

    /// Writes what was given up for a mail domain now, or when that is closed; what would not be read as
    /// it is written is left out, as its answer would be.
    fn note_unfinished(&mut self, domain: &MailDomain, stage: Stage, what: Unfinished<'_>) {
        let is_told = match what {
            Unfinished::Question(question, _) => is_readable(question.rtype),
            Unfinished::Page(request, _) => is_read(&request.url),
            Unfinished::Server(_) => true,
        };
        if is_told {
            let (name, given) = (domain.name().clone(), Given::of(what));
            self.note(domain, Line::Unfinished { domain: name, stage, given });
        }
    }

    /// Writes a line now, or when the mail domain is closed.
    fn note(&mut self, domain: &MailDomain, line: Line) {
        match &mut self.deferred {
            Some(deferred) => deferred.note(domain, line),
            None => self.write_or_about(line, Some(domain.name())),
        }
    }

    /// Writes an answer, unless it stands there; where another one does, for the domain alone.
    fn write_answer(
        &mut self,
        question: &Question,
        domain: Option<&Name>,
        from: Option<&Vantage>,
        answer: &Answer,
    ) {
        if !is_readable(question.rtype) {
            return;
        }
        let (question, answer) = (question.clone(), answer.clone());
        let line = Line::Answer { question, about: None, from: from.cloned(), answer };
        self.write_or_about(line, domain);
    }

    /// Writes a line, unless it stands there; where another one of its key does, about the domain alone.
    fn write_or_about(&mut self, mut line: Line, domain: Option<&Name>) {
        let Some(known) = self.written.get(&self.hasher.hash_one(line.key())).copied() else {
            return self.write(&line);
        };
        let said = line.json().map(|json| self.hasher.hash_one(json));
        if let (
            Line::Answer { about, .. } | Line::Visited { about, .. } | Line::Fetched { about, .. },
            Some(domain),
        ) = (&mut line, domain)
            && said.is_ok_and(|said| said != known)
        {
            *about = Some(domain.clone());
            self.write(&line);
        }
    }

    /// Writes the first line of its key; nothing after an error of the writer.
    fn write(&mut self, line: &Line) {
        let key = self.hasher.hash_one(line.key());
        if self.error.is_some() || self.written.contains_key(&key) {
            return;
        }
        let written = line.json().and_then(|json| {
            self.written.insert(key, self.hasher.hash_one(&json));
            writeln!(self.out, "{json}")
        });
        self.error = written.err();
    }
}
