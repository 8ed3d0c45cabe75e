//! Where the way down a zone can end early: the names with NS or DNAME records.

use std::collections::BTreeSet;
use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// How many of them are remembered: most zones have few, and those of registries millions.
const FEW: usize = 1 << 12;

/// The keys of names that have NS or DNAME records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns {
    keys: BTreeSet<Box<[u8]>>,
    /// Whether there are more, so that any name may be one.
    are_more: bool,
}

impl Turns {
    pub(crate) fn insert(&mut self, key: &[u8]) {
        if self.keys.contains(key) {
            return;
        }
        self.are_more |= self.keys.len() >= FEW;
        if !self.are_more {
            self.keys.insert(key.into());
        }
    }

    /// Whether the name may be one.
    pub(crate) fn may_hold(&self, key: &[u8]) -> bool {
        self.are_more || self.keys.contains(key)
    }

    /// Whether one may be at a name or below it.
    pub(crate) fn may_hold_within(&self, key: &[u8]) -> bool {
        self.may_hold_from(Included(key), key)
    }

    /// Whether one may be below a name.
    pub(crate) fn may_hold_below(&self, key: &[u8]) -> bool {
        self.may_hold_from(Excluded(key), key)
    }

    fn may_hold_from(&self, from: Bound<&[u8]>, key: &[u8]) -> bool {
        let mut behind = self.keys.range::<[u8], _>((from, Unbounded));
        self.are_more || behind.next().is_some_and(|it| it.starts_with(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_known_and_of_many_any_name_may_be_one() {
        let mut turns = Turns::default();
        assert!(!turns.may_hold(b"") && !turns.may_hold_within(b""));
        turns.insert(b"a\0b\0");
        assert!(turns.may_hold(b"a\0b\0") && !turns.may_hold(b"a\0"));
        assert!(turns.may_hold_within(b"a\0") && turns.may_hold_within(b"a\0b\0"));
        assert!(!turns.may_hold_within(b"a\0b\0c\0") && !turns.may_hold_within(b"b\0"));
        assert!(turns.may_hold_below(b"a\0") && !turns.may_hold_below(b"a\0b\0"));
        for at in 0..FEW {
            turns.insert(format!("{at}\0").as_bytes());
        }
        assert!(turns.may_hold(b"a\0") && turns.may_hold_within(b"b\0"));
    }
}
