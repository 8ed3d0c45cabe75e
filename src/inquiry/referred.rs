//! What was said by the servers of zones below the one whose server was asked.

use hickory_proto::rr::RecordType;

use super::names::NameId;
use crate::answer::Vantage;

/// The questions that were answered below a zone cut, and by whom.
#[derive(Debug, Clone, Default)]
pub(super) struct Referred {
    /// Those who answered, each once; they are few.
    servers: Vec<Vantage>,
    /// Each with the place of who answered; None where the zone has no server to ask.
    answers: Vec<(NameId, RecordType, Option<usize>)>,
}

impl Referred {
    pub(super) fn note(&mut self, owner: NameId, rtype: RecordType, by: Option<Vantage>) {
        let at = by.map(|by| {
            self.servers.iter().position(|known| *known == by).unwrap_or_else(|| {
                self.servers.push(by);
                self.servers.len() - 1
            })
        });
        self.answers.push((owner, rtype, at));
    }

    /// Whether anything was asked for below a cut at an owner name.
    pub(super) fn holds(&self, owner: NameId) -> bool {
        self.answers.iter().any(|(known, ..)| *known == owner)
    }

    pub(super) fn said_by(&self, owner: NameId, rtype: RecordType) -> Option<&Vantage> {
        let is_it = |answer: &&(NameId, RecordType, _)| (answer.0, answer.1) == (owner, rtype);
        let (.., at) = self.answers.iter().find(is_it)?;
        self.servers.get((*at)?)
    }

    pub(super) fn heap_size(&self) -> usize {
        size_of::<Self>()
            + self.servers.capacity() * size_of::<Vantage>()
            + self.answers.capacity() * size_of::<(NameId, RecordType, Option<usize>)>()
    }
}
