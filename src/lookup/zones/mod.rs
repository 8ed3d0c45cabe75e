//! Offline: zone data in memory, answered as an authoritative server answers it.

use std::collections::HashMap;
use std::future::{Future, ready};

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::Lookup;
use super::message::extend_chain;
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::rrset::ResourceRecord;

/// The RCODE of a DNAME substitution that gets too long (RFC 6672 §2.2).
const YXDOMAIN: u16 = 6;

/// The zones at hand.
#[derive(Debug, Default)]
pub struct Zones {
    by_apex: HashMap<Box<[u8]>, Zone>,
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
        let zone = self.by_apex.entry(Path::of(apex).octets.into()).or_default();
        zone.apex_labels = apex.iter().len();
        for record in records {
            if apex.zone_of(&record.owner) {
                zone.insert(record);
            }
        }
    }

    /// The deepest zone around a name.
    fn zone_of(&self, path: &Path) -> Option<&Zone> {
        (0..=path.labels()).rev().find_map(|labels| self.by_apex.get(path.ancestor(labels)))
    }

    /// Answers a question, across zones where aliases lead there (RFC 1034 §4.3.2).
    fn answer(&self, question: &Question) -> Answer {
        let mut chain = Vec::new();
        let outcome = loop {
            let name = chain.last().unwrap_or(&question.name);
            let path = Path::of(name);
            let step = self
                .zone_of(&path)
                .map_or(Step::Elsewhere, |zone| zone.step(&path, name, question.rtype));
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

enum Step {
    Alias(Name),
    End(Outcome),
    /// The name lies outside, or below a zone cut.
    Elsewhere,
}

#[derive(Debug, Default)]
struct Zone {
    apex_labels: usize,
    /// Every node that exists, empty non-terminals included (RFC 4592 §2.2.2).
    nodes: HashMap<Box<[u8]>, Node>,
}

impl Zone {
    fn insert(&mut self, record: ResourceRecord) {
        let path = Path::of(&record.owner);
        for labels in (self.apex_labels..path.labels()).rev() {
            let ancestor = path.ancestor(labels);
            if self.nodes.contains_key(ancestor) {
                break;
            }
            self.nodes.insert(ancestor.into(), Node::default());
        }
        self.nodes.entry(path.octets.into()).or_default().insert(record.ttl, record.data);
    }

    /// Walks from the apex down to the name.
    fn step(&self, path: &Path, name: &Name, rtype: RecordType) -> Step {
        for labels in self.apex_labels..=path.labels() {
            let Some(node) = self.nodes.get(path.ancestor(labels)) else {
                // At the apex: a zone without records.
                let Some(encloser) = labels.checked_sub(1) else { break };
                return self.synthesize(path.ancestor(encloser), rtype);
            };
            let at_name = labels == path.labels();
            if labels > self.apex_labels && node.has(RecordType::NS) {
                return Step::Elsewhere;
            }
            if at_name {
                return node.step(rtype);
            }
            if let Some(target) = node.dname() {
                return substitute(name, labels, &target);
            }
        }
        Step::End(Outcome::NxDomain)
    }

    /// Answers from the wildcard below the closest encloser (RFC 4592 §3.3).
    fn synthesize(&self, encloser: &[u8], rtype: RecordType) -> Step {
        let wildcard = [encloser, b"\x01*"].concat();
        self.nodes
            .get(wildcard.as_slice())
            .map_or(Step::End(Outcome::NxDomain), |node| node.step(rtype))
    }
}

/// The records of one owner name, with their TTLs.
#[derive(Debug, Default)]
struct Node(Vec<(u32, RData)>);

impl Node {
    fn insert(&mut self, ttl: u32, data: RData) {
        // The same record twice is one record (RFC 2181 §5).
        match self.0.iter_mut().find(|(_, known)| *known == data) {
            Some((known, _)) => *known = ttl.min(*known),
            None => {
                // Most nodes hold one record, and a vector would make room for four.
                self.0.reserve_exact(1);
                self.0.push((ttl, data));
            }
        }
    }

    fn has(&self, rtype: RecordType) -> bool {
        self.0.iter().any(|(_, data)| data.record_type() == rtype)
    }

    fn dname(&self) -> Option<Name> {
        self.0.iter().find_map(|(_, data)| match data {
            RData::Unknown { code: RecordType::DNAME, rdata } => {
                Name::from_bytes(&rdata.anything).ok()
            }
            _ => None,
        })
    }

    fn step(&self, rtype: RecordType) -> Step {
        let of_type = self.0.iter().filter(|(_, data)| data.record_type() == rtype);
        let data: Vec<_> = of_type.clone().map(|(_, data)| data.clone()).collect();
        if !data.is_empty() {
            let ttl = of_type.map(|(ttl, _)| *ttl).min().unwrap_or_default();
            return Step::End(Outcome::Records { ttl, data });
        }
        let alias = self.0.iter().find_map(|(_, data)| match data {
            RData::CNAME(CNAME(canonical)) => Some(canonical.clone()),
            _ => None,
        });
        alias.map_or(Step::End(Outcome::NoData), Step::Alias)
    }
}

/// Puts the target of a DNAME in the place of its owner, the last labels of the name
/// (RFC 6672 §2.2).
fn substitute(name: &Name, owner_labels: usize, target: &Name) -> Step {
    let inner = name.iter().len() - owner_labels;
    Name::from_labels(name.iter().take(inner).chain(target))
        .map_or(Step::End(Outcome::Failed(Failure::Rcode(YXDOMAIN))), Step::Alias)
}

/// A name from the root down, lower-case, on the wire's terms: every ancestor is a prefix.
struct Path {
    octets: Vec<u8>,
    /// Where each label ends; the root ends at 0.
    ends: Vec<usize>,
}

impl Path {
    fn of(name: &Name) -> Self {
        let mut octets = Vec::with_capacity(name.len() + 1);
        let mut ends = Vec::with_capacity(name.iter().len() + 1);
        ends.push(0);
        for label in name.iter().rev() {
            // A label has 63 octets at most.
            octets.push(label.len() as u8);
            octets.extend(label.iter().map(u8::to_ascii_lowercase));
            ends.push(octets.len());
        }
        Self { octets, ends }
    }

    fn labels(&self) -> usize {
        self.ends.len() - 1
    }

    fn ancestor(&self, labels: usize) -> &[u8] {
        &self.octets[..self.ends[labels]]
    }
}

#[cfg(test)]
mod tests;
