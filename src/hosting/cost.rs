//! Counts the work of readers, so that tests can bound it without a clock.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps: events taken, nodes visited, records compared, octets gone through.
pub(crate) fn spend(steps: usize) {
    STEPS.with(|all| all.set(all.get() + steps));
}

/// What some work returns, and the steps that it took.
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    STEPS.with(|all| all.set(0));
    let result = work();
    (result, STEPS.with(Cell::get))
}
