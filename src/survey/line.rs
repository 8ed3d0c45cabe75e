//! Results in the order in which they are handed out, whoever made them.

use std::collections::BTreeMap;

/// The finished results that wait for one before them at most, unless so many inquiries are under way
/// that more is nothing to them.
pub(super) const WAITING: usize = 256;

/// In what order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// That of the input. Once so many wait for a slow one as may, nothing more is begun.
    Input,
    /// That of the input, but for slow ones: once so many wait for one as may, they go before it.
    Overtaking,
    /// That in which they are finished: nothing waits.
    Finished,
}

/// What is finished and waits for its turn, by its place in the input.
#[derive(Debug)]
pub(crate) struct Line<T> {
    order: Order,
    /// How many wait at most.
    room: usize,
    /// Which comes next; those before it were handed out, or overtaken.
    next: u64,
    /// Each where it stays: many are moved along when one goes.
    waiting: BTreeMap<u64, Box<T>>,
}

impl<T> Line<T> {
    /// None waits yet, where so many inquiries are under way at one time.
    pub(crate) fn new(order: Order, concurrency: usize) -> Self {
        Self { order, room: concurrency.max(WAITING), next: 0, waiting: BTreeMap::new() }
    }

    /// The one at this place of the input is finished.
    pub(crate) fn put(&mut self, at: u64, finished: T) {
        self.waiting.insert(at, Box::new(finished));
    }

    /// Whether it is the turn of one.
    pub(crate) fn has_turn(&self) -> bool {
        let Some((first, _)) = self.waiting.first_key_value() else { return false };
        *first <= self.next
            || match self.order {
                Order::Input => false,
                Order::Overtaking => !self.has_room(),
                Order::Finished => true,
            }
    }

    /// The one whose turn it is.
    pub(crate) fn take(&mut self) -> Option<T> {
        if !self.has_turn() {
            return None;
        }
        let (at, finished) = self.waiting.pop_first()?;
        self.next = self.next.max(at + 1);
        Some(*finished)
    }

    /// Whether no more wait than may.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < self.room
    }

    /// Whether more may be begun by others than who hands out, where so many were: as many may be under
    /// way as wait.
    #[cfg(any(feature = "cli", test))]
    pub(crate) fn bears_more(&self, begun: u64) -> bool {
        self.order != Order::Input || begun < self.next + 2 * self.room as u64
    }

    /// What waits still, in the order of the input.
    #[cfg(any(feature = "cli", test))]
    pub(crate) fn rest(self) -> impl Iterator<Item = T> {
        self.waiting.into_values().map(|finished| *finished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed out when these places are finished one after the other, of each the number.
    fn handed_out(order: Order, finished: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut line = Line::new(order, 1);
        let mut taken = Vec::new();
        for at in finished {
            line.put(at, at);
            taken.extend(std::iter::from_fn(|| line.take()));
        }
        taken.push(u64::MAX);
        taken.extend(line.rest());
        taken
    }

    #[test]
    fn results_wait_for_those_before_them_as_their_order_says() {
        let end = u64::MAX;
        for (order, handed) in [
            (Order::Input, [0, end, 2, 3]),
            (Order::Overtaking, [0, end, 2, 3]),
            (Order::Finished, [3, 0, 2, end]),
        ] {
            assert_eq!(handed_out(order, [3, 0, 2]), handed, "{order:?}");
        }
        assert_eq!(handed_out(Order::Input, [1, 2, 0]), [0, 1, 2, end]);
    }

    #[test]
    fn no_more_is_begun_than_may_wait_for_a_slow_one_where_the_order_is_kept() {
        let most = 2 * WAITING as u64;
        for (order, bears) in [(Order::Input, false), (Order::Overtaking, true)] {
            let mut line = Line::new(order, 1);
            assert!(line.bears_more(most - 1), "{order:?}");
            assert_eq!(line.bears_more(most), bears, "{order:?}");
            line.put(0, ());
            line.take();
            assert!(line.bears_more(most), "{order:?}");
        }
    }

    #[test]
    fn a_slow_one_is_overtaken_once_too_many_wait() {
        let many = WAITING as u64;
        let late = (1..=many + 2).chain([0]);
        let overtaken = handed_out(Order::Overtaking, late.clone());
        assert_eq!(overtaken, [(1..=many + 2).collect(), vec![0, u64::MAX]].concat());
        let in_order = handed_out(Order::Input, late);
        assert_eq!(in_order, [(0..=many + 2).collect(), vec![u64::MAX]].concat());
    }
}
