//! Nodes in canonical order, written one after the other in pages.
//!
//! A key is told by what it changes in the key before, and the place of a first record by the way to
//! it from that of the node before. Every so many nodes there is a mark, behind which both begin anew:
//! so that a name is found by halving, over the pages, over the marks of one, and then node by node.

use std::ops::Range;

use super::node::{Node, step, stepped};
use super::shape::{Shapes, push_counted, push_number, take_counted, take_number};

/// How many nodes stand from one mark to the next.
const BETWEEN: usize = 32;

/// From how many octets on a page is full.
pub(crate) const PAGE: usize = 1 << 14;

/// Some nodes that follow each other.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    octets: Box<[u8]>,
    /// Where the marks are; the first is at the front.
    marks: Box<[u32]>,
    /// The key of its last node.
    pub(crate) last: Box<[u8]>,
}

impl Page {
    /// The key behind a mark.
    fn key(&self, mark: u32) -> &[u8] {
        let mut rest = self.octets.get(mark as usize..).unwrap_or_default();
        take_counted(&mut rest)
    }

    /// The key of its first node.
    pub(crate) fn first(&self) -> &[u8] {
        self.key(0)
    }
}

/// Nodes in canonical order, each name once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    pub(crate) pages: Vec<Page>,
}

impl Run {
    /// The pages that may hold keys from one to another, and where they would be if there are none.
    pub(crate) fn pages_between(&self, first: &[u8], last: &[u8]) -> Range<usize> {
        let from = self.pages.partition_point(|page| *page.last < *first);
        let to = self.pages.partition_point(|page| page.first() <= last);
        from..to.max(from)
    }

    /// How many octets the pages have that may hold keys from one to another.
    pub(crate) fn octets_between(&self, first: &[u8], last: &[u8]) -> usize {
        let pages = self.pages.get(self.pages_between(first, last)).unwrap_or_default();
        pages.iter().map(|page| page.octets.len()).sum()
    }

    /// How many octets its pages have.
    pub(crate) fn octets(&self) -> usize {
        self.pages.iter().map(|page| page.octets.len()).sum()
    }
}

/// The way through one page.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    key: Vec<u8>,
    /// Behind the node.
    at: usize,
    /// How many marks were passed.
    marks: usize,
    alike: Alike,
    /// Where what the node has for its own begins.
    own: usize,
    before: u64,
    /// The place of its first record.
    place: u64,
}

/// Where it says what alike nodes have alike.
#[derive(Debug)]
enum Alike {
    /// Behind so many octets of a shape.
    Shape(u32, usize),
    /// From here to there in the page.
    Here(usize, usize),
}

impl Default for Alike {
    fn default() -> Self {
        Self::Here(0, 0)
    }
}

impl Reader {
    /// Goes to the front of a page, before its first node.
    pub(crate) fn rewind(&mut self) {
        (self.at, self.marks) = (0, 0);
    }

    /// Goes before the node behind a mark.
    fn go_to(&mut self, page: &Page, mark: usize) {
        self.marks = mark;
        self.at = page.marks.get(mark).map_or(page.octets.len(), |at| *at as usize);
    }

    /// Reads the next node; false at the end of the page.
    pub(crate) fn next(&mut self, page: &Page, shapes: &Shapes) -> bool {
        let whole = &page.octets;
        let Some(mut rest) = whole.get(self.at..).filter(|rest| !rest.is_empty()) else {
            return false;
        };
        if page.marks.get(self.marks).is_some_and(|mark| *mark as usize == self.at) {
            self.marks += 1;
            self.key.clear();
            self.key.extend_from_slice(take_counted(&mut rest));
            self.place = 0;
        }
        let id = u32::try_from(take_number(&mut rest)).unwrap_or_default();
        let written = if id == 0 { take_counted(&mut rest) } else { shapes.shape(id) };
        let mut alike = written;
        let dropped = usize::try_from(take_number(&mut alike)).unwrap_or(usize::MAX);
        self.key.truncate(self.key.len().saturating_sub(dropped));
        self.key.extend_from_slice(take_counted(&mut alike));
        let behind = whole.len() - rest.len();
        self.alike = match id {
            0 => Alike::Here(behind - alike.len(), behind),
            id => Alike::Shape(id, written.len() - alike.len()),
        };
        self.before = self.place;
        let mut own: &[u8] = if alike.is_empty() { &[] } else { take_counted(&mut rest) };
        (self.own, self.at) = (whole.len() - rest.len() - own.len(), whole.len() - rest.len());
        if !own.is_empty() {
            self.place = stepped(self.place, take_number(&mut own));
        }
        true
    }

    /// The key of the node that was read last.
    #[inline]
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    /// The node that was read last.
    #[inline]
    pub(crate) fn node<'a>(&'a self, page: &'a Page, shapes: &'a Shapes) -> Node<'a> {
        let alike = match self.alike {
            Alike::Shape(id, from) => shapes.shape(id).get(from..),
            Alike::Here(from, to) => page.octets.get(from..to),
        };
        self.node_alike(page, alike.unwrap_or_default())
    }

    /// The same with what alike nodes have alike from elsewhere.
    fn node_alike<'a>(&'a self, page: &'a Page, alike: &'a [u8]) -> Node<'a> {
        let own = page.octets.get(self.own..self.at).unwrap_or_default();
        Node { key: &self.key, alike, own, before: self.before }
    }
}

/// Writes nodes, each with a key above that of the one before.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    run: Run,
    octets: Vec<u8>,
    marks: Vec<u32>,
    /// How many nodes stand behind the last mark.
    behind: usize,
    key: Vec<u8>,
    place: u64,
    /// Room to write a shape in.
    shape: Vec<u8>,
}

impl Writer {
    /// Adds a node.
    pub(crate) fn push(&mut self, node: Node<'_>, shapes: &mut Shapes) {
        if self.octets.len() >= PAGE {
            self.end_page();
        }
        self.shape.clear();
        let shared = shared(&self.key, node.key);
        if self.octets.is_empty() || self.behind >= BETWEEN {
            self.marks.push(u32::try_from(self.octets.len()).unwrap_or(u32::MAX));
            push_number(node.key.len() as u64, &mut self.octets);
            self.octets.extend_from_slice(node.key);
            (self.behind, self.place) = (0, 0);
            self.shape.extend_from_slice(&[0, 0]);
        } else {
            push_number((self.key.len() - shared) as u64, &mut self.shape);
            push_number((node.key.len() - shared) as u64, &mut self.shape);
            self.shape.extend_from_slice(&node.key[shared..]);
        }
        // Nobody has to read a node of very many records on the way to the next.
        self.behind =
            if node.alike.len() + node.own.len() > PAGE { BETWEEN } else { self.behind + 1 };
        self.shape.extend_from_slice(node.alike);
        match shapes.id(&self.shape) {
            Some(id) => push_number(id.into(), &mut self.octets),
            None => {
                self.octets.push(0);
                push_number(self.shape.len() as u64, &mut self.octets);
                self.octets.extend_from_slice(&self.shape);
            }
        }
        if !node.alike.is_empty() {
            let mut own = node.own;
            let first = stepped(node.before, take_number(&mut own));
            let octets = &mut self.octets;
            push_counted(octets, |octets| {
                push_number(step(self.place, first), octets);
                octets.extend_from_slice(own);
            });
            self.place = first;
        }
        self.key.truncate(shared);
        self.key.extend_from_slice(&node.key[shared..]);
    }

    /// Takes over a page of which every key is above that of the node before.
    pub(crate) fn push_page(&mut self, page: Page) {
        self.end_page();
        self.run.pages.push(page);
    }

    pub(crate) fn into_run(mut self) -> Run {
        self.end_page();
        self.run
    }

    fn end_page(&mut self) {
        if self.octets.is_empty() {
            return;
        }
        let octets = self.octets.as_slice().into();
        let (marks, last) = (self.marks.as_slice().into(), self.key.as_slice().into());
        self.run.pages.push(Page { octets, marks, last });
        self.octets.clear();
        self.marks.clear();
    }
}

/// How many octets two keys share at the front.
#[inline]
pub(crate) fn shared(one: &[u8], other: &[u8]) -> usize {
    // Eight at a time: the keys of one domain have most of their octets alike.
    let ((ones, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    for ((one, other), eights) in ones.iter().zip(others).zip(0..) {
        let differing = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if differing != 0 {
            return 8 * eights + differing.trailing_zeros() as usize / 8;
        }
    }
    let eights = 8 * ones.len().min(others.len());
    let rest = one.iter().zip(other).skip(eights);
    eights + rest.take_while(|(one, other)| one == other).count()
}

/// The way through a run, from some name on.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    pages: &'a [Page],
    shapes: &'a Shapes,
    /// The page of the node.
    page: usize,
    reader: Reader,
    /// How many octets the key that was sought shares with the one before it.
    pub(crate) shared_before: Option<usize>,
}

impl<'a> Cursor<'a> {
    /// Goes to the first node at or behind a key.
    pub(crate) fn seek(run: &'a Run, shapes: &'a Shapes, key: &[u8]) -> Self {
        let (pages, reader) = (run.pages.as_slice(), Reader::default());
        let mut cursor = Self { pages, shapes, page: 0, reader, shared_before: None };
        cursor.go_to(key);
        cursor
    }

    /// The same, wherever it has come to.
    pub(crate) fn go_to(&mut self, key: &[u8]) {
        let Self { pages, shapes, .. } = *self;
        self.page = pages.partition_point(|page| *page.last < *key);
        let before = self.page.checked_sub(1).and_then(|before| pages.get(before));
        self.shared_before = before.map(|before| shared(&before.last, key));
        let Some(own) = pages.get(self.page) else { return };
        let mark = own.marks.partition_point(|mark| own.key(*mark) <= key);
        self.reader.go_to(own, mark.saturating_sub(1));
        while self.reader.next(own, shapes) && self.reader.key() < key {
            self.shared_before = Some(shared(self.reader.key(), key));
        }
    }

    /// The node where the way has come to; None at the end.
    #[inline]
    pub(crate) fn node(&self) -> Option<Node<'_>> {
        Some(self.reader.node(self.pages.get(self.page)?, self.shapes))
    }

    /// Goes to the next node.
    #[inline]
    pub(crate) fn advance(&mut self) {
        while let Some(page) = self.pages.get(self.page) {
            if self.reader.next(page, self.shapes) {
                return;
            }
            self.page += 1;
            self.reader.rewind();
        }
    }
}

/// The way through a run that is taken apart, page by page.
#[derive(Debug)]
pub(crate) struct Source {
    pages: std::vec::IntoIter<Page>,
    page: Option<Page>,
    reader: Reader,
    /// Whether the node is the first of its page.
    is_first: bool,
}

impl Source {
    pub(crate) fn new(run: Run, shapes: &Shapes) -> Self {
        let (pages, reader) = (run.pages.into_iter(), Reader::default());
        let mut source = Self { pages, page: None, reader, is_first: true };
        source.turn(shapes);
        source
    }

    pub(crate) fn node<'a>(&'a self, shapes: &'a Shapes) -> Option<Node<'a>> {
        Some(self.reader.node(self.page.as_ref()?, shapes))
    }

    /// The node with what alike nodes have alike from elsewhere, where the shapes are to change.
    pub(crate) fn node_alike<'a>(&'a self, alike: &'a [u8]) -> Option<Node<'a>> {
        Some(self.reader.node_alike(self.page.as_ref()?, alike))
    }

    pub(crate) fn advance(&mut self, shapes: &Shapes) {
        self.is_first = false;
        if self.page.as_ref().is_some_and(|page| !self.reader.next(page, shapes)) {
            self.turn(shapes);
        }
    }

    /// Takes the page out where the node is its first, and all of it stands before a key.
    pub(crate) fn page_before(&mut self, key: Option<&[u8]>, shapes: &Shapes) -> Option<Page> {
        let is_before = |page: &mut Page| key.is_none_or(|key| *page.last < *key);
        let page = if self.is_first { self.page.take_if(is_before) } else { None };
        if page.is_some() {
            self.turn(shapes);
        }
        page
    }

    /// Goes to the front of the next page.
    fn turn(&mut self, shapes: &Shapes) {
        self.page = self.pages.next();
        self.is_first = true;
        self.reader.rewind();
        if let Some(page) = &self.page {
            // No page is empty.
            let _some = self.reader.next(page, shapes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_share_what_they_begin_with() {
        for (one, other, count) in [
            ("", "a", 0),
            ("ab", "ac", 1),
            ("ab", "abc", 2),
            ("b", "a", 0),
            ("12345678", "12345678", 8),
            ("123456789", "12345678a", 8),
            ("12345678abcdefgh", "12345678abcdefxh", 14),
            ("12345678abc", "12345678abcdefxh", 11),
        ] {
            assert_eq!(shared(one.as_bytes(), other.as_bytes()), count, "{one} {other}");
        }
    }
}
