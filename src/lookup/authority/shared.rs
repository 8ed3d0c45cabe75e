//! What many walks find, found once: whoever comes second waits for the first.
//!
//! Walks wait for one another, and two that wait for each other would do so for ever: the servers of
//! one zone may be named in another, whose servers are named in the first. So it is known who waits
//! for whom, and a walk that would close a circle goes on alone.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hickory_proto::rr::Name;
use tokio::sync::Notify;

/// How many results are kept of those used since the last time that there was no room, and as many
/// of those used before.
const ROOM: usize = 8192;

/// Results by name, and who is about to find one.
#[derive(Debug)]
pub(super) struct Shared<V> {
    young: RefCell<HashMap<Name, V>>,
    old: RefCell<HashMap<Name, V>>,
    flights: RefCell<HashMap<Name, Flight>>,
}

/// A search under way.
#[derive(Debug, Clone)]
struct Flight {
    of: u64,
    landed: Rc<Notify>,
}

/// Which walk waits for which.
#[derive(Debug, Default)]
pub(super) struct Waits {
    pairs: RefCell<Vec<(u64, u64)>>,
    last: Cell<u64>,
}

/// One walk as others see it.
#[derive(Debug)]
pub(super) struct Walker<'a> {
    waits: &'a Waits,
    id: u64,
    /// The steps that are left to it, and to all walks for one mail domain.
    left: Cell<u32>,
    budget: Rc<Cell<u32>>,
    /// Whether it met itself or the end of its steps, so that what it finds is not the whole.
    is_partial: Cell<bool>,
}

impl Waits {
    /// Sets out with so many steps to go, no more than are left to all walks together.
    pub(super) fn set_out(&self, steps: u32, budget: &Rc<Cell<u32>>) -> Walker<'_> {
        let id = self.last.get() + 1;
        self.last.set(id);
        Walker {
            waits: self,
            id,
            left: Cell::new(steps),
            budget: Rc::clone(budget),
            is_partial: Cell::new(false),
        }
    }

    /// Whether the one waits for the other, by however many between them.
    fn leads(&self, from: u64, to: u64) -> bool {
        let pairs = self.pairs.borrow();
        let mut reached = vec![from];
        let mut at = 0;
        while let Some(walk) = reached.get(at).copied() {
            if walk == to {
                return true;
            }
            for (_, owner) in pairs.iter().filter(|(waiter, _)| *waiter == walk) {
                if !reached.contains(owner) {
                    reached.push(*owner);
                }
            }
            at += 1;
        }
        false
    }
}

impl Walker<'_> {
    /// Takes a step; false where none is left.
    pub(super) fn step(&self) -> bool {
        let is_left = [&self.left, &*self.budget].into_iter().all(|left| {
            let steps = left.get();
            left.set(steps.saturating_sub(1));
            steps > 0
        });
        if !is_left {
            self.give_up();
        }
        is_left
    }

    /// Says that what is found from now on holds for this walk alone.
    pub(super) fn give_up(&self) {
        self.is_partial.set(true);
    }
}

/// Takes the pair out again, also where the wait is broken off.
struct Waiting<'a> {
    waits: &'a Waits,
    pair: (u64, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut pairs = self.waits.pairs.borrow_mut();
        if let Some(at) = pairs.iter().position(|pair| *pair == self.pair) {
            pairs.swap_remove(at);
        }
    }
}

/// Ends a search, also where it is broken off.
struct Landing<'a, V> {
    shared: &'a Shared<V>,
    name: &'a Name,
}

impl<V> Drop for Landing<'_, V> {
    fn drop(&mut self) {
        if let Some(flight) = self.shared.flights.borrow_mut().remove(self.name) {
            flight.landed.notify_waiters();
        }
    }
}

impl<V> Default for Shared<V> {
    fn default() -> Self {
        Self { young: RefCell::default(), old: RefCell::default(), flights: RefCell::default() }
    }
}

impl<V: Clone> Shared<V> {
    /// Keeps nothing of what was found; who is about to find something goes on.
    pub(super) fn forget(&self) {
        self.young.borrow_mut().clear();
        self.old.borrow_mut().clear();
    }

    /// What is known of a name.
    pub(super) fn known(&self, name: &Name) -> Option<V> {
        if let Some(value) = self.young.borrow().get(name) {
            return Some(value.clone());
        }
        let value = self.old.borrow_mut().remove(name)?;
        self.keep(name, value.clone());
        Some(value)
    }

    /// What is known of a name, or what `find` finds.
    pub(super) async fn of(
        &self,
        name: &Name,
        walker: &Walker<'_>,
        find: impl AsyncFnOnce() -> V,
    ) -> V {
        loop {
            if let Some(value) = self.known(name) {
                return value;
            }
            let flight = self.flights.borrow().get(name).cloned();
            let Some(flight) = flight else { break };
            if walker.waits.leads(flight.of, walker.id) {
                walker.give_up();
                return find().await;
            }
            let pair = (walker.id, flight.of);
            walker.waits.pairs.borrow_mut().push(pair);
            let _waiting = Waiting { waits: walker.waits, pair };
            flight.landed.notified().await;
        }
        let flight = Flight { of: walker.id, landed: Rc::default() };
        self.flights.borrow_mut().insert(name.clone(), flight);
        let _landing = Landing { shared: self, name };
        let value = find().await;
        if !walker.is_partial.get() {
            self.keep(name, value.clone());
        }
        value
    }

    pub(super) fn keep(&self, name: &Name, value: V) {
        let mut young = self.young.borrow_mut();
        young.insert(name.clone(), value);
        if young.len() > ROOM {
            *self.old.borrow_mut() = std::mem::take(&mut young);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::future::{join, join_all};

    use super::*;
    use crate::lookup::responder::name;

    fn plenty() -> Rc<Cell<u32>> {
        Rc::new(Cell::new(u32::MAX))
    }

    #[test]
    fn walks_for_one_domain_share_what_is_left() {
        let (waits, budget) = (Waits::default(), Rc::new(Cell::new(3)));
        let (one, other) = (waits.set_out(2, &budget), waits.set_out(2, &budget));
        assert_eq!([one.step(), one.step(), one.step()], [true, true, false]);
        assert_eq!([other.step(), other.step()], [true, false]);
    }

    #[tokio::test]
    async fn what_many_want_is_found_once() {
        let (shared, waits, found) = (Shared::default(), Waits::default(), Cell::new(0));
        let name = name("com.");
        let walks = (0..20).map(|_| async {
            let walker = waits.set_out(9, &plenty());
            let find = async || {
                tokio::task::yield_now().await;
                found.set(found.get() + 1);
                found.get()
            };
            shared.of(&name, &walker, find).await
        });
        assert_eq!(join_all(walks).await, [1; 20]);
        assert!(waits.pairs.borrow().is_empty());
    }

    #[tokio::test]
    async fn two_that_need_each_other_do_not_wait_for_ever() {
        let (shared, waits) = (Shared::default(), Waits::default());
        let (a, b) = (name("a."), name("b."));
        let seek = async |first: &Name, then: &Name, value: u8| {
            let walker = waits.set_out(9, &plenty());
            let find = async || {
                tokio::task::yield_now().await;
                shared.of(then, &walker, async || value).await
            };
            shared.of(first, &walker, find).await
        };
        // The second goes on alone, and what it finds so is not kept: the first finds it again.
        assert_eq!(join(seek(&a, &b, 1), seek(&b, &a, 2)).await, (1, 2));
        assert_eq!((shared.known(&a), shared.known(&b)), (Some(1), Some(1)));
    }

    #[tokio::test]
    async fn what_was_found_in_part_is_not_kept_and_what_is_kept_has_an_end() {
        let (shared, waits) = (Shared::default(), Waits::default());
        let walker = waits.set_out(1, &plenty());
        assert!(walker.step());
        assert_eq!(shared.of(&name("a."), &walker, async || 1).await, 1);
        assert!(!walker.step());
        assert_eq!(shared.of(&name("b."), &walker, async || 2).await, 2);
        assert_eq!((shared.known(&name("a.")), shared.known(&name("b."))), (Some(1), None));
        let walker = waits.set_out(1, &plenty());
        for number in 0..3 * ROOM {
            shared.of(&name(&format!("n{number}.")), &walker, async || 3).await;
            assert_eq!(shared.known(&name("a.")), Some(1));
        }
        assert_eq!(shared.known(&name("n0.")), None);
        assert!(shared.young.borrow().len() + shared.old.borrow().len() <= 2 * ROOM + 2);
    }

    #[tokio::test]
    async fn a_search_that_is_broken_off_does_not_stop_the_next() {
        let (shared, waits) = (Shared::default(), Waits::default());
        let name = name("a.");
        let walker = waits.set_out(1, &plenty());
        let lost = shared.of(&name, &walker, async || std::future::pending().await);
        assert_eq!(lost.now_or_never(), None);
        assert_eq!(shared.of(&name, &walker, async || 4).await, 4);
    }
}
