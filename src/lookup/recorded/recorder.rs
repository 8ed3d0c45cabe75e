//! Answers written down.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::{self, Write};

use hickory_proto::rr::{Name, RecordType};

use super::line::Line;
use crate::answer::{Answer, Hidden, Question};
use crate::lookup::Lookup;
use crate::name::MailDomain;
use crate::zonefile::{self, Position};

/// A lookup that writes every question with its answer down, each question once.
///
/// An error of the writer does not reach the audit: it is kept for [`Self::finish`].
#[derive(Debug)]
pub struct Recorder<L, W> {
    lookup: L,
    state: RefCell<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    out: W,
    /// Hashes of the questions written; a million domains have too many to keep whole.
    written: HashSet<u64>,
    error: Option<io::Error>,
}

impl<L: Lookup, W: Write> Recorder<L, W> {
    /// Begins a recording of what the lookup answers.
    pub fn new(lookup: L, out: W) -> Self {
        let state = State { out, written: HashSet::new(), error: None };
        Self { lookup, state: RefCell::new(state) }
    }

    /// Ends the recording and returns the writer, flushed.
    ///
    /// # Errors
    ///
    /// The first error of the writer; nothing was written after it.
    pub fn finish(self) -> io::Result<W> {
        let State { mut out, error, .. } = self.state.into_inner();
        match error {
            Some(error) => Err(error),
            None => out.flush().map(|()| out),
        }
    }
}

impl<L: Lookup, W: Write> Lookup for Recorder<L, W> {
    async fn ask(&self, question: &Question) -> Answer {
        let answer = self.lookup.ask(question).await;
        self.state.borrow_mut().write(question, &answer);
        answer
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        let answer = self.lookup.ask_about(domain, question).await;
        self.state.borrow_mut().write(question, &answer);
        answer
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        self.lookup.srv_owners(domain, limit)
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        self.lookup.position(owner, rtype)
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.lookup.hidden(domain)
    }
}

impl<W: Write> State<W> {
    fn write(&mut self, question: &Question, answer: &Answer) {
        let recorded = zonefile::parse_type(&zonefile::type_name(question.rtype)).is_some();
        if self.error.is_some() || !recorded {
            return;
        }
        if !self.written.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(question)) {
            return;
        }
        let written = serde_json::to_string(&Line::new(question, answer))
            .map_err(io::Error::from)
            .and_then(|line| writeln!(self.out, "{line}"));
        self.error = written.err();
    }
}
