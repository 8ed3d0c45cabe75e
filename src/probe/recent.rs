//! What was found out last, so that it is not asked for again.

use std::collections::HashMap;
use std::hash::Hash;

/// How many endpoints, and hosts, are remembered at most, and half as many at least: hosts that many mail
/// domains share are few, and those of one domain each need no memory.
const REMEMBERED: usize = 20_000;

/// What was asked for last, by its key: that is young since half of the room was full, and else old.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    /// How many are remembered at most.
    room: usize,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self::of(REMEMBERED)
    }
}

impl<K, V> Recent<K, V> {
    /// Room for so many, half of which are remembered at least.
    pub(super) fn of(room: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), room }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    /// What is known by this key, made where nothing is.
    pub(super) fn get(&mut self, key: &K, new: impl FnOnce() -> V) -> V {
        if let Some(known) = self.young.get(key) {
            return known.clone();
        }
        let value = self.old.remove(key).unwrap_or_else(new);
        if self.young.len() >= self.room / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.clone(), value.clone());
        value
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
            assert!(recent.young.len() + recent.old.len() <= REMEMBERED);
        }
        assert_eq!(recent.get(&1, || 99), 99);
    }
}
