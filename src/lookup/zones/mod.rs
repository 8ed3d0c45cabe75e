//! Offline: zone data in memory, answered as an authoritative server answers it.

mod path;
mod tree;

use std::collections::HashMap;
use std::future::{Future, ready};

use hickory_proto::rr::Name;

use self::path::Path;
use self::tree::{Step, Tree};
use super::Lookup;
use super::message::extend_chain;
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::rrset::ResourceRecord;

/// The zones at hand.
#[derive(Debug, Default)]
pub struct Zones {
    by_apex: HashMap<Box<[u8]>, Tree>,
}

impl Zones {
    /// Makes an empty set of zones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a zone, or more records to one that is there.
    ///
    /// Records with an owner outside the zone are left out, as servers do.
    pub fn add_zone(&mut self, apex: &Name, records: impl IntoIterator<Item = ResourceRecord>) {
        let zone = self.by_apex.entry(Path::of(apex).into_key()).or_default();
        for ResourceRecord { owner, ttl, data } in records {
            if apex.zone_of(&owner) {
                zone.insert(Path::of(&owner), ttl, data);
            }
        }
    }

    /// The deepest zone around a name, and the labels of its apex.
    fn zone_of(&self, path: &Path) -> Option<(usize, &Tree)> {
        (0..=path.labels()).rev().find_map(|labels| {
            let zone = self.by_apex.get(path.ancestor(labels))?;
            Some((labels, zone))
        })
    }

    /// Answers a question, across zones where aliases lead there (RFC 1034 §4.3.2).
    fn answer(&self, question: &Question) -> Answer {
        let mut chain = Vec::new();
        let outcome = loop {
            let name = chain.last().unwrap_or(&question.name);
            let path = Path::of(name);
            let step = self.zone_of(&path).map_or(Step::Elsewhere, |(apex, zone)| {
                zone.step(apex, &path, name, question.rtype)
            });
            match step {
                Step::Alias(canonical) => {
                    if extend_chain(&mut chain, &question.name, canonical).is_err() {
                        break Outcome::Failed(Failure::ChainTooLong);
                    }
                }
                Step::End(outcome) => break outcome,
                Step::Elsewhere if chain.is_empty() => {
                    break Outcome::Failed(Failure::OutsideZone);
                }
                // A server returns the chain without its end then.
                Step::Elsewhere => break Outcome::NoData,
            }
        };
        Answer { chain, authoritative: true, ..Answer::plain(outcome) }
    }
}

impl Lookup for Zones {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        ready(self.answer(question))
    }
}

#[cfg(test)]
mod tests;
