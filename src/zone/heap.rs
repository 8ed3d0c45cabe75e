//! Records as they come, before they are sorted: some thousands, mostly in order already.

use std::ops::Range;

use super::node::Loose;
use super::place::FileLine;

/// How many octets of records are gathered before they are sorted: they should stay in the cache of
/// a processor.
const GATHERED: usize = 1 << 18;

/// How many places a record may go up as it comes: those of one mail domain mostly stand together.
const STEPS: usize = 24;

/// A record that was gathered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// Where its key begins in the octets; its RDATA is behind it.
    at: u32,
    key: u16,
    data: u16,
    /// None for a name alone.
    code: Option<u16>,
    ttl: u32,
    pub(super) place: FileLine,
}

impl Arrival {
    pub(super) fn key<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        &octets[self.at as usize..][..usize::from(self.key)]
    }

    pub(super) fn record<'a>(&self, octets: &'a [u8]) -> Option<Loose<'a>> {
        let start = self.at as usize + usize::from(self.key);
        let octets = &octets[start..][..usize::from(self.data)];
        let Self { ttl, place, .. } = *self;
        Some(Loose { code: self.code?, ttl, place, octets })
    }
}

/// Records as they came.
#[derive(Debug, Clone)]
pub(crate) struct Heap {
    pub(super) octets: Vec<u8>,
    pub(super) arrivals: Vec<Arrival>,
    /// How many octets are gathered before they are sorted.
    pub(super) most: usize,
}

impl Default for Heap {
    fn default() -> Self {
        Self { octets: Vec::new(), arrivals: Vec::new(), most: GATHERED }
    }
}

impl Heap {
    /// Adds a record, or a name without one.
    pub(super) fn push(&mut self, key: &[u8], record: Option<Loose<'_>>) {
        let octets = record.map_or(&[][..], |record| record.octets);
        let (Ok(length), Ok(data)) = (u16::try_from(key.len()), u16::try_from(octets.len())) else {
            return;
        };
        let place = record.map_or(FileLine::NOWHERE, |record| record.place);
        let ttl = record.map_or(0, |record| record.ttl);
        let code = record.map(|record| record.code);
        let at = u32::try_from(self.octets.len()).unwrap_or(u32::MAX);
        self.octets.extend_from_slice(key);
        self.octets.extend_from_slice(octets);
        self.arrivals.push(Arrival { at, key: length, data, code, ttl, place });
    }

    /// Whether it is time to sort them.
    pub(super) fn is_full(&self) -> bool {
        self.octets.len() >= self.most
    }

    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.arrivals.clear();
    }

    /// The keys of the records.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.arrivals.iter().map(|it| it.key(&self.octets))
    }
}

/// Records in order, or nearly so.
#[derive(Debug, Clone, Default)]
pub(super) struct Pile {
    pub(super) heap: Heap,
    /// Whether they did not come in order, or nearly so.
    is_mixed: bool,
    /// Where the one that came last is among them.
    last: usize,
}

impl Pile {
    /// Adds the records of a heap, and leaves it empty.
    pub(super) fn add(&mut self, heap: &mut Heap) {
        let behind = u32::try_from(self.heap.octets.len()).unwrap_or(u32::MAX);
        self.heap.most = heap.most;
        self.heap.octets.extend_from_slice(&heap.octets);
        for mut arrival in heap.arrivals.drain(..) {
            arrival.at = arrival.at.saturating_add(behind);
            self.last = self.place_of(&arrival);
            self.heap.arrivals.insert(self.last, arrival);
        }
        heap.clear();
    }

    /// Where a record goes among those that were gathered: behind those of its name, and before those
    /// of later ones, as long as it has not far to go.
    fn place_of(&mut self, arrival: &Arrival) -> usize {
        let Heap { arrivals, octets, .. } = &self.heap;
        if self.is_mixed {
            return arrivals.len();
        }
        let key = arrival.key(octets);
        let before = arrivals.iter().rev().take(STEPS + 1);
        let steps = before.take_while(|it| it.key(octets) > key).count();
        self.is_mixed = steps > STEPS;
        if self.is_mixed { arrivals.len() } else { arrivals.len() - steps }
    }

    /// Takes out what is to be sorted: all but the records of a file in order that came last. So a mail
    /// domain mostly has its records in one run, and runs have nothing to merge. What stays has its
    /// place in the memory of another pile.
    pub(super) fn take_most(&mut self, mut rest: Self) -> Self {
        rest.clear();
        let kept = self.late();
        let Heap { arrivals, octets, .. } = &mut self.heap;
        for mut arrival in arrivals.drain(kept) {
            let at = u32::try_from(rest.heap.octets.len()).unwrap_or(u32::MAX);
            let length = usize::from(arrival.key) + usize::from(arrival.data);
            rest.heap.octets.extend_from_slice(&octets[arrival.at as usize..][..length]);
            arrival.at = at;
            rest.heap.arrivals.push(arrival);
        }
        std::mem::replace(self, rest)
    }

    /// Which records came last, around the last one; none where the others would be none.
    fn late(&self) -> Range<usize> {
        let Heap { arrivals, octets, most } = &self.heap;
        if self.is_mixed {
            return 0..0;
        }
        let since = octets.len() - octets.len().min(most / 64);
        let is_late = |it: &&Arrival| it.at as usize >= since;
        let (before, behind) = arrivals.split_at(self.last.min(arrivals.len()));
        let end = self.last + behind.iter().take(STEPS).take_while(is_late).count();
        let mut start = self.last - before.iter().rev().take(STEPS).take_while(is_late).count();
        // The records of a name stay together.
        let key = |at: usize| arrivals.get(at).map(|it| it.key(octets));
        while start < end && start > 0 && key(start) == key(start - 1) {
            start += 1;
        }
        if start == 0 { 0..0 } else { start..end }
    }

    /// Puts the records in order.
    pub(super) fn sort(&mut self) {
        if std::mem::take(&mut self.is_mixed) {
            let Heap { arrivals, octets, .. } = &mut self.heap;
            arrivals.sort_by(|one, other| one.key(octets).cmp(other.key(octets)));
        }
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
        (self.is_mixed, self.last) = (false, 0);
    }
}
