//! The nodes of a zone, and how a server finds its way among them (RFC 1034 §4.3.2).

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::path::{self, Path};
use crate::answer::{Failure, Outcome};

/// The RCODE of a DNAME substitution that gets too long (RFC 6672 §2.2).
const YXDOMAIN: u16 = 6;

/// Where an answer is, seen from one node.
pub(super) enum Step {
    Alias(Name),
    End(Outcome),
    /// The name lies outside, or below a zone cut.
    Elsewhere,
}

/// The names that own records, in canonical order.
///
/// Empty non-terminals (RFC 4592 §2.2.2) are not kept: a name exists where the next key is at it or
/// below it, and the closest encloser of a name is an ancestor of one of its two neighbours.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: BTreeMap<Box<[u8]>, Node>,
    /// Whether there may be NS or DNAME records, by which the way down can end early.
    turns: bool,
}

impl Tree {
    pub(super) fn insert(&mut self, path: Path, ttl: u32, data: RData) {
        self.turns |= matches!(data.record_type(), RecordType::NS | RecordType::DNAME);
        self.nodes.entry(path.into_key()).or_default().insert(ttl, data);
    }

    /// Looks for a name at or below an apex of so many labels.
    pub(super) fn step(&self, apex: usize, path: &Path, name: &Name, rtype: RecordType) -> Step {
        if self.turns
            && let Some(turn) = self.turn(apex, path, name)
        {
            return turn;
        }
        if let Some(node) = self.nodes.get(path.key()) {
            return node.step(rtype);
        }
        let encloser = self.encloser(path);
        if encloser == path.labels() {
            return Step::End(Outcome::NoData);
        }
        // An apex above which the neighbours meet has no records at all.
        let wildcard = (encloser >= apex).then(|| path::wildcard(path.ancestor(encloser)));
        wildcard
            .and_then(|wildcard| self.exists(&wildcard))
            .map_or(Step::End(Outcome::NxDomain), |node| {
                node.map_or(Step::End(Outcome::NoData), |node| node.step(rtype))
            })
    }

    /// Where the way from the apex down to a name ends before it, or at it, by a zone cut or a
    /// DNAME record.
    fn turn(&self, apex: usize, path: &Path, name: &Name) -> Option<Step> {
        for labels in apex..=path.labels() {
            let Some(node) = self.nodes.get(path.ancestor(labels)) else { continue };
            if labels > apex && node.has(RecordType::NS) {
                return Some(Step::Elsewhere);
            }
            if labels < path.labels()
                && let Some(target) = node.dname()
            {
                return Some(substitute(name, labels, &target));
            }
        }
        None
    }

    /// The labels of the closest encloser of a name (RFC 4592 §3.3.1), of the name itself where it
    /// is an empty non-terminal.
    fn encloser(&self, path: &Path) -> usize {
        let before = self.nodes.range::<[u8], _>((Unbounded, Excluded(path.key()))).next_back();
        let after = self.nodes.range::<[u8], _>((Excluded(path.key()), Unbounded)).next();
        let neighbours = before.into_iter().chain(after);
        neighbours.map(|(key, _)| path.shared_labels(key)).max().unwrap_or_default()
    }

    /// The node at a key; Some(None) for an empty non-terminal.
    fn exists(&self, key: &[u8]) -> Option<Option<&Node>> {
        let (found, node) = self.nodes.range::<[u8], _>((Included(key), Unbounded)).next()?;
        found.starts_with(key).then(|| (found.len() == key.len()).then_some(node))
    }
}

/// The records of one owner name, with their TTLs.
#[derive(Debug, Default)]
pub(super) struct Node(Vec<(u32, RData)>);

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
