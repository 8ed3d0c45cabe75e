//! What was found out last, so that it is not asked for again.

use std::collections::HashMap;
use std::hash::Hash;

/// How many endpoints, and hosts, are remembered at most, and half as many at least: hosts that many mail
/// domains share are few, and those of one domain each need no memory.
const REMEMBERED: usize = 20_000;

/// What was asked for last, by its key: that is young since half of the room was full, and else old.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: Known<K, V>,
    old: Known<K, V>,
    /// How many are remembered at most.
    room: usize,
    /// How many octets they have together at most.
    octets: usize,
}

/// What is known by its key, with the octets of each.
#[derive(Debug)]
struct Known<K, V> {
    each: HashMap<K, (V, usize)>,
    octets: usize,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self { each: HashMap::new(), octets: 0 }
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    fn take(&mut self, key: &K) -> Option<(V, usize)> {
        let (value, octets) = self.each.remove(key)?;
        self.octets -= octets;
        Some((value, octets))
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self::of(REMEMBERED)
    }
}

impl<K, V> Recent<K, V> {
    /// Room for so many, half of which are remembered at least.
    pub(super) fn of(room: usize) -> Self {
        Self { young: Known::default(), old: Known::default(), room, octets: usize::MAX }
    }

    /// Room for so many octets, nearly half of which are remembered at least.
    pub(super) fn bounded(self, octets: usize) -> Self {
        Self { octets, ..self }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    /// What is known by this key, made where nothing is.
    pub(super) fn get(&mut self, key: &K, new: impl FnOnce() -> V) -> V {
        if let Some((known, _)) = self.young.each.get(key) {
            return known.clone();
        }
        let (value, octets) = self.old.take(key).unwrap_or_else(|| (new(), 0));
        self.keep(key, value.clone(), octets);
        value
    }

    /// What is known by this key takes so many octets; where it is not known any more, nothing does.
    pub(super) fn weigh(&mut self, key: &K, octets: usize) {
        if let Some((value, _)) = self.young.take(key).or_else(|| self.old.take(key)) {
            self.keep(key, value, octets);
        }
    }

    /// Keeps what was used last among the young, which grow old where their half is full.
    fn keep(&mut self, key: &K, value: V, octets: usize) {
        let is_full = self.young.each.len() >= self.room / 2
            || self.young.octets.saturating_add(octets) > self.octets / 2;
        if is_full {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.octets += octets;
        self.young.each.insert(key.clone(), (value, octets));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_last_is_remembered_and_the_rest_forgotten() {
        let mut recent = Recent::default();
        let known = |recent: &mut Recent<usize, usize>, key| recent.get(&key, || key) == key;
        for key in 0..REMEMBERED / 2 {
            assert!(known(&mut recent, key));
        }
        // What is used again stays.
        for key in REMEMBERED / 2..2 * REMEMBERED {
            assert!(known(&mut recent, key));
            assert_eq!(recent.get(&0, || 99), 0, "{key}");
            assert!(recent.young.each.len() + recent.old.each.len() <= REMEMBERED);
        }
        assert_eq!(recent.get(&1, || 99), 99);
    }

    /// The keys that are known, in order, and the octets of all.
    fn kept(recent: &Recent<usize, ()>) -> (Vec<usize>, usize) {
        let all = || recent.young.each.iter().chain(&recent.old.each);
        let mut keys: Vec<usize> = all().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        assert_eq!(
            all().map(|(_, (_, octets))| octets).sum::<usize>(),
            recent.young.octets + recent.old.octets
        );
        (keys, recent.young.octets + recent.old.octets)
    }

    #[test]
    fn so_many_octets_are_kept_however_many_came() {
        let mut recent = Recent::of(1_000).bounded(80);
        for key in 0..100 {
            recent.get(&key, || ());
            assert!(kept(&recent).1 <= 80, "{key}");
            recent.weigh(&key, 10);
            let (keys, octets) = kept(&recent);
            assert!(octets <= 80 && octets == 10 * keys.len(), "{key}: {keys:?}");
            // The last four of ten octets are half of the room.
            let last: Vec<usize> = (0..=key).rev().take(4).collect();
            assert!(last.iter().all(|it| keys.contains(it)), "{key}: {keys:?}");
        }
        // What is used again stays, and what is weighed again is weighed once.
        for key in 200..300 {
            recent.get(&200, || ());
            recent.weigh(&key, 10);
            recent.get(&key, || ());
            recent.weigh(&key, 30);
            recent.weigh(&key, 10);
            assert!(kept(&recent).1 <= 80, "{key}");
            assert!(kept(&recent).0.contains(&200), "{key}");
        }
        // What was forgotten has no weight.
        recent.weigh(&7, 10);
        assert!(!kept(&recent).0.contains(&7));
    }
}
