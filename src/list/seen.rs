//! Which mail domains a run has had already, at about eleven octets each, or eight in sorted lists.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::name::MailDomain;

/// How many parts the set has; each grows by itself, so that growing never takes twice the memory.
const SHARDS: usize = 256;

/// The slots that a part begins with.
const FEWEST: usize = 16;

/// How many fingerprints of a sorted list are kept in one piece.
const PIECE: usize = 1 << 16;

/// A set of mail domains that keeps 64 bits of each.
///
/// A domain that is taken for another one would be left out of a run. Among a million domains that
/// happens in one of 37 million lists, so that the names themselves are not kept. The hash has a key
/// of its own in every run: whoever chooses domains cannot choose which are taken for each other, or
/// make the search long.
///
/// ```
/// use mailsrv::list::Seen;
///
/// let mut seen = Seen::default();
/// assert!(seen.insert(&"example.com".parse()?));
/// assert!(seen.insert(&"example.org".parse()?));
/// assert!(!seen.insert(&"Example.COM".parse()?));
/// # Ok::<(), mailsrv::name::NameError>(())
/// ```
#[derive(Debug)]
pub struct Seen {
    shards: Vec<Shard>,
    key: RandomState,
    sorted: Option<Sorted>,
}

/// What came in ascending order so far: a domain behind the last one is new without a look at the
/// others, of which each takes a place in memory far from the one before.
#[derive(Debug, Default)]
struct Sorted {
    /// Fingerprints as they came.
    pieces: Vec<Vec<u64>>,
    last: String,
}

/// A part of the set: fingerprints in open addressing, 0 where a slot is free.
#[derive(Debug, Default)]
struct Shard {
    slots: Vec<u64>,
    held: usize,
}

impl Default for Seen {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        Self { shards, key: RandomState::new(), sorted: Some(Sorted::default()) }
    }
}

impl Seen {
    /// Adds a mail domain; false where it is there already.
    pub fn insert(&mut self, domain: &MailDomain) -> bool {
        self.insert_row(domain, std::iter::empty())
    }

    /// Adds a mail domain with what a row says of it; false where that is there already.
    ///
    /// Case does not count, as in names.
    pub fn insert_row<'a>(
        &mut self,
        domain: &MailDomain,
        values: impl Iterator<Item = &'a str>,
    ) -> bool {
        let fingerprint = fingerprint(domain, values, &self.key);
        if let Some(sorted) = &mut self.sorted {
            if sorted.last.as_str() < domain.as_str() {
                sorted.push(domain, fingerprint);
                return true;
            }
            if sorted.last() == Some(fingerprint) {
                return false;
            }
        }
        for known in self.sorted.take().into_iter().flat_map(|sorted| sorted.pieces).flatten() {
            self.insert_fingerprint(known);
        }
        self.insert_fingerprint(fingerprint)
    }

    fn insert_fingerprint(&mut self, fingerprint: u64) -> bool {
        // The low octet chooses the part, the high half the slot in it.
        self.shards[usize::from(fingerprint.to_le_bytes()[0])].insert(fingerprint)
    }
}

impl Sorted {
    fn push(&mut self, domain: &MailDomain, fingerprint: u64) {
        self.last.clear();
        self.last.push_str(domain.as_str());
        match self.pieces.last_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push(fingerprint),
            None => self.pieces.push(vec![fingerprint]),
        }
    }

    fn last(&self) -> Option<u64> {
        self.pieces.last()?.last().copied()
    }
}

impl Shard {
    /// Adds a fingerprint; grows by half where more than seven of eight slots would be taken.
    fn insert(&mut self, fingerprint: u64) -> bool {
        if (self.held + 1) * 8 > self.slots.len() * 7 {
            let wider = (self.slots.len() + self.slots.len() / 2).max(FEWEST);
            let before = std::mem::replace(&mut self.slots, vec![0; wider]);
            for known in before.into_iter().filter(|known| *known != 0) {
                let at = self.slot(known);
                self.slots[at] = known;
            }
        }
        let at = self.slot(fingerprint);
        let is_new = self.slots[at] == 0;
        self.slots[at] = fingerprint;
        self.held += usize::from(is_new);
        is_new
    }

    /// The slot that holds a fingerprint, or the free one where it belongs.
    fn slot(&self, fingerprint: u64) -> usize {
        let length = self.slots.len();
        let share = ((u128::from(fingerprint >> 8) * length as u128) >> 56) as usize;
        let mut slots = (share..length).chain(0..share);
        slots
            .find(|at| self.slots[*at] == 0 || self.slots[*at] == fingerprint)
            .expect("an eighth of the slots is free")
    }
}

/// 64 bits of a domain, never 0.
fn fingerprint<'a>(
    domain: &MailDomain,
    values: impl Iterator<Item = &'a str>,
    key: &RandomState,
) -> u64 {
    let mut hasher = key.build_hasher();
    hasher.write(domain.as_str().as_bytes());
    hasher.write_u8(0xff);
    for value in values {
        hasher.write(value.to_ascii_lowercase().as_bytes());
        // No UTF-8 has it, so that values are told apart by where they end.
        hasher.write_u8(0xff);
    }
    hasher.finish().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_domain_is_new_once_and_costs_few_octets() {
        // In no order from the second on.
        let domain = |number: usize| format!("customer{}.example", number ^ 1).parse().unwrap();
        let mut seen = Seen::default();
        const COUNT: usize = 20_000;
        for number in 0..COUNT {
            assert!(seen.insert(&domain(number)), "{number}");
        }
        for number in 0..COUNT {
            assert!(!seen.insert(&domain(number)), "{number}");
        }
        let slots: usize = seen.shards.iter().map(|shard| shard.slots.len()).sum();
        assert!(slots * size_of::<u64>() <= COUNT * 16, "{slots}");
    }

    #[test]
    fn a_sorted_list_is_known_as_any_other_and_stays_known_where_its_order_ends() {
        let domain = |number: usize| format!("d{number:06}.example").parse().unwrap();
        let count = PIECE + 3;
        let mut seen = Seen::default();
        for number in 0..count {
            assert!(seen.insert(&domain(2 * number)), "{number}");
            assert!(!seen.insert(&domain(2 * number)), "{number}");
        }
        let sorted = seen.sorted.as_ref().unwrap();
        assert_eq!(sorted.pieces.iter().map(Vec::len).sum::<usize>(), count);
        assert!(!seen.insert(&domain(2)) && seen.sorted.is_none());
        for number in 0..count {
            assert!(!seen.insert(&domain(2 * number)), "{number}");
            assert!(seen.insert(&domain(2 * number + 1)), "{number}");
        }
    }

    #[test]
    fn rows_of_a_domain_are_told_apart_by_their_values() {
        let mut seen = Seen::default();
        let domain = "a.example".parse().unwrap();
        let mut insert = |values: &[&str]| seen.insert_row(&domain, values.iter().copied());
        assert!(insert(&["ab", "c"]) && insert(&["a", "bc"]) && insert(&[]));
        assert!(!insert(&["AB", "c"]) && !insert(&[]));
    }

    #[test]
    fn labels_are_told_apart_by_where_they_end() {
        let mut seen = Seen::default();
        assert!(seen.insert(&"ab.c".parse().unwrap()));
        assert!(seen.insert(&"a.bc".parse().unwrap()));
        assert!(!seen.insert(&"AB.c.".parse().unwrap()));
    }
}
