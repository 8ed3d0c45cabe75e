//! The nodes of a zone, and how a server finds its way among them (RFC 1034 §4.3.2).

use hickory_proto::rr::{Name, RecordType};

use super::node::{Node, Step};
use super::path::{self, Path};
use super::run::{Cursor, Run};
use super::shape::Shapes;
use super::turns::Turns;
use crate::answer::{Failure, Outcome};

/// The RCODE of a DNAME substitution that gets too long (RFC 6672 §2.2).
const YXDOMAIN: u16 = 6;

/// The names that own records, in canonical order.
///
/// Empty non-terminals (RFC 4592 §2.2.2) are not kept: a name exists where the next key is at it or
/// below it, and the closest encloser of a name is an ancestor of one of its two neighbours.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) run: Run,
    pub(crate) shapes: Shapes,
    pub(crate) turns: Turns,
    /// Whether records may stand at one name that exclude each other.
    pub(crate) may_clash: bool,
}

impl Tree {
    /// Every node, in canonical order.
    pub(crate) fn nodes(&self) -> Walk<'_> {
        Walk { cursor: self.run.cursor(&self.shapes), top: Vec::new() }
    }

    /// The nodes at or below a name, in canonical order.
    pub(crate) fn subtree(&self, key: &[u8]) -> Walk<'_> {
        Walk { cursor: Cursor::seek(&self.run, &self.shapes, key), top: key.to_vec() }
    }

    /// Looks at the nodes of [`Tree::subtree`] that are neither zone cuts nor below one, until told
    /// to stop.
    pub(crate) fn look_at_visible(
        &self,
        apex: usize,
        key: &[u8],
        mut look: impl FnMut(Node<'_>) -> Looking,
    ) {
        // NS records at the apex are no cut.
        let has_cuts = match path::labels(key) == apex {
            true => self.turns.may_hold_below(key),
            false => self.turns.may_hold_within(key),
        };
        let mut cut: Option<Vec<u8>> = None;
        let mut walk = self.subtree(key);
        while let Some(node) = walk.node() {
            if has_cuts {
                if cut.as_ref().is_some_and(|cut| node.key.starts_with(cut)) {
                    walk.advance();
                    continue;
                }
                if self.is_cut(apex, node) {
                    cut = Some(node.key.to_vec());
                    walk.advance();
                    continue;
                }
            }
            if look(node) == Looking::Ends {
                return;
            }
            walk.advance();
        }
    }

    /// Whether a node below an apex of so many labels delegates it away.
    pub(crate) fn is_cut(&self, apex: usize, node: Node<'_>) -> bool {
        self.turns.may_hold(node.key) && node.has(RecordType::NS) && path::labels(node.key) > apex
    }

    /// Whether there may be a zone cut at a name or below it.
    pub(crate) fn may_have_cuts(&self, key: &[u8]) -> bool {
        self.turns.may_hold_within(key)
    }

    /// Whether any record stands at or below a name.
    pub(crate) fn holds(&self, key: &[u8]) -> bool {
        self.run.holds(&self.shapes, key)
    }

    /// What the records at a name say; None too for an empty non-terminal.
    pub(crate) fn get<T>(&self, key: &[u8], read: impl FnOnce(Node<'_>) -> T) -> Option<T> {
        let cursor = Cursor::seek(&self.run, &self.shapes, key);
        cursor.node().filter(|node| node.key == key).map(read)
    }

    /// The zone cut at or above a name, below an apex of so many labels.
    pub(crate) fn cut<'a>(&self, apex: usize, path: &'a Path) -> Option<&'a [u8]> {
        let mut below = (apex..=path.labels()).map(|labels| path.ancestor(labels));
        below.find(|key| {
            self.turns.may_hold(key)
                && self.get(key, |node| self.is_cut(apex, node)).unwrap_or_default()
        })
    }

    /// Looks for a name at or below an apex of so many labels.
    pub(crate) fn step(&self, apex: usize, path: &Path, name: &Name, rtype: RecordType) -> Step {
        if let Some(turn) = self.turn(apex, path, name) {
            return turn;
        }
        let cursor = Cursor::seek(&self.run, &self.shapes, path.key());
        let after = cursor.node();
        if let Some(node) = after.filter(|node| node.key == path.key()) {
            return node.step(rtype);
        }
        // The closest encloser (RFC 4592 §3.3.1), or the name itself where it is an empty
        // non-terminal, is what it shares with one of its two neighbours.
        let before = cursor.shared_before.map(|octets| path.labels_within(octets));
        let after = after.map(|node| path.shared_labels(node.key));
        let encloser = before.into_iter().chain(after).max().unwrap_or_default();
        // The apex of a zone exists though nothing stands in it.
        if encloser == path.labels() || apex == path.labels() {
            return Step::End(Outcome::NoData);
        }
        // An apex above which the neighbours meet has no records at all.
        if encloser < apex {
            return Step::End(Outcome::NxDomain);
        }
        let wildcard = path::wildcard(path.ancestor(encloser));
        let cursor = Cursor::seek(&self.run, &self.shapes, &wildcard);
        match cursor.node().filter(|node| node.key.starts_with(&wildcard)) {
            None => Step::End(Outcome::NxDomain),
            Some(node) if node.key == wildcard => node.step(rtype),
            // An empty non-terminal.
            Some(_) => Step::End(Outcome::NoData),
        }
    }

    /// Where the way from the apex down to a name ends before it, or at it, by a zone cut or a
    /// DNAME record.
    fn turn(&self, apex: usize, path: &Path, name: &Name) -> Option<Step> {
        (apex..=path.labels()).find_map(|labels| {
            let key = path.ancestor(labels);
            if !self.turns.may_hold(key) {
                return None;
            }
            self.get(key, |node| {
                if labels > apex && node.has(RecordType::NS) {
                    return Some(Step::Elsewhere);
                }
                let target = if labels < path.labels() { node.dname() } else { None };
                target.map(|target| substitute(name, labels, &target))
            })?
        })
    }
}

/// How many nodes are passed by on the way to a name before it is searched for.
const STEPS: usize = 8;

/// Whether to go on looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looking {
    GoesOn,
    Ends,
}

impl Run {
    /// The way from the first node on.
    pub(crate) fn cursor<'a>(&'a self, shapes: &'a Shapes) -> Cursor<'a> {
        Cursor::seek(self, shapes, &[])
    }

    /// Whether a node stands at or below a name.
    pub(crate) fn holds(&self, shapes: &Shapes, key: &[u8]) -> bool {
        Cursor::seek(self, shapes, key).node().is_some_and(|node| node.key.starts_with(key))
    }

    /// Whether a node stands at a name.
    pub(crate) fn has(&self, shapes: &Shapes, key: &[u8]) -> bool {
        Cursor::seek(self, shapes, key).node().is_some_and(|node| node.key == key)
    }
}

/// The way through the nodes at or below a name.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    cursor: Cursor<'a>,
    top: Vec<u8>,
}

impl Walk<'_> {
    /// The node where it has come to; None at its end.
    #[inline]
    pub(crate) fn node(&self) -> Option<Node<'_>> {
        self.cursor.node().filter(|node| node.key.starts_with(&self.top))
    }

    #[inline]
    pub(crate) fn advance(&mut self) {
        self.cursor.advance();
    }

    /// Goes to the nodes at or below another name, by a few steps where that is not far: those who go
    /// from name to name in order need not search.
    pub(crate) fn go_on_to(&mut self, key: &[u8]) {
        let is_over = self.node().is_none();
        // Then all that stands before the node where it has come to stands before the name, too.
        let is_ahead = is_over && self.top.as_slice() < key && !key.starts_with(&self.top);
        self.top.clear();
        self.top.extend_from_slice(key);
        for _ in 0..if is_ahead { STEPS } else { 0 } {
            match self.cursor.node() {
                Some(node) if node.key < key => self.cursor.advance(),
                _ => return,
            }
        }
        self.cursor.go_to(key);
    }
}

/// Puts the target of a DNAME in the place of its owner, the last labels of the name
/// (RFC 6672 §2.2).
fn substitute(name: &Name, owner_labels: usize, target: &Name) -> Step {
    let inner = name.iter().len() - owner_labels;
    Name::from_labels(name.iter().take(inner).chain(target))
        .map_or(Step::End(Outcome::Failed(Failure::Rcode(YXDOMAIN))), Step::Alias)
}
