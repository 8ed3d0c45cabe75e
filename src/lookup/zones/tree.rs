//! The nodes of a zone, and how a server finds its way among them (RFC 1034 §4.3.2).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound::{Excluded, Included, Unbounded};

use hickory_proto::rr::{Name, RecordType};

use super::node::{Held, Node, Step};
use super::path::{self, Path};
use crate::answer::{Failure, Outcome};

/// The RCODE of a DNAME substitution that gets too long (RFC 6672 §2.2).
const YXDOMAIN: u16 = 6;

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
    /// Adds a record; one that is there already takes the smaller TTL.
    pub(super) fn insert(&mut self, path: Path, held: Held) {
        self.turns |= held.turns();
        match self.nodes.entry(path.into_key()) {
            Entry::Vacant(vacant) => drop(vacant.insert(Node::One(held))),
            Entry::Occupied(mut known) => known.get_mut().insert(held),
        }
    }

    /// Takes over nodes with different names, in canonical order.
    pub(super) fn absorb(&mut self, nodes: impl Iterator<Item = (Box<[u8]>, Node)>) {
        if self.nodes.is_empty() {
            // A map made at once is packed densely.
            self.nodes = nodes.collect();
            self.turns = self.nodes.values().any(Node::turns);
            return;
        }
        for (key, node) in nodes {
            self.turns |= node.turns();
            match self.nodes.entry(key) {
                Entry::Vacant(vacant) => drop(vacant.insert(node)),
                Entry::Occupied(mut known) => {
                    node.into_records().for_each(|held| known.get_mut().insert(held));
                }
            }
        }
    }

    /// Takes the tree apart, in canonical order.
    pub(super) fn into_nodes(self) -> impl Iterator<Item = (Box<[u8]>, Node)> {
        self.nodes.into_iter()
    }

    /// Every node, in canonical order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&[u8], &Node)> {
        self.nodes.iter().map(|(key, node)| (&**key, node))
    }

    /// The nodes at or below a name, in canonical order.
    pub(super) fn subtree<'a>(
        &'a self,
        key: &[u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a Node)> + use<'a> {
        let from = self.nodes.range::<[u8], _>((Included(key), Unbounded));
        let top: Box<[u8]> = key.into();
        from.map(|(key, node)| (&**key, node)).take_while(move |(key, _)| key.starts_with(&top))
    }

    /// The nodes of [`Tree::subtree`] that are neither zone cuts nor below one.
    pub(super) fn visible<'a>(
        &'a self,
        apex: usize,
        key: &[u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a Node)> + use<'a> {
        let mut cut: Option<&[u8]> = None;
        self.subtree(key).filter(move |(key, node)| {
            if cut.is_some_and(|cut| key.starts_with(cut)) {
                return false;
            }
            let is_cut = self.is_cut(apex, key, node);
            cut = is_cut.then_some(*key).or(cut);
            !is_cut
        })
    }

    /// Whether a node below an apex of so many labels delegates it away.
    pub(super) fn is_cut(&self, apex: usize, key: &[u8], node: &Node) -> bool {
        self.turns && node.has(RecordType::NS) && path::labels(key) > apex
    }

    /// Whether any record stands at or below a name.
    pub(super) fn holds(&self, key: &[u8]) -> bool {
        self.exists(key).is_some()
    }

    /// The records at a name; None too for an empty non-terminal.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Node> {
        self.nodes.get(key)
    }

    /// The zone cut at or above a name, below an apex of so many labels.
    pub(super) fn cut<'a>(&self, apex: usize, path: &'a Path) -> Option<&'a [u8]> {
        let mut below = (apex..=path.labels()).map(|labels| path.ancestor(labels));
        below.find(|key| self.get(key).is_some_and(|node| self.is_cut(apex, key, node)))
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
        // The apex of a zone exists though nothing stands in it.
        if encloser == path.labels() || apex == path.labels() {
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

/// Puts the target of a DNAME in the place of its owner, the last labels of the name
/// (RFC 6672 §2.2).
fn substitute(name: &Name, owner_labels: usize, target: &Name) -> Step {
    let inner = name.iter().len() - owner_labels;
    Name::from_labels(name.iter().take(inner).chain(target))
        .map_or(Step::End(Outcome::Failed(Failure::Rcode(YXDOMAIN))), Step::Alias)
}
