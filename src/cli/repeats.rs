//! Mail domains that a run is given more than once: each is one, and a note.

use std::cell::RefCell;
use std::rc::Rc;

use super::progress::Progress;
use crate::list::{Listed, Seen};

/// What was left out because it stands before; shared by who reads and who tells.
#[derive(Clone, Default)]
pub(super) struct Repeats(Rc<RefCell<Told>>);

#[derive(Default)]
struct Told {
    seen: Seen,
    count: u64,
    /// The first of them, with its place.
    first: String,
}

impl Repeats {
    /// Whether it is the first of its mail domain; what is none is told otherwise.
    pub(super) fn is_first(&self, listed: &Listed) -> bool {
        let Ok((domain, _)) = &listed.parsed else { return true };
        let mut told = self.0.borrow_mut();
        if told.seen.insert(domain) {
            return true;
        }
        told.count += 1;
        if told.count == 1 {
            let line = listed.line.map(|line| format!(" in line {line}")).unwrap_or_default();
            told.first = format!("{domain}{line}");
        }
        false
    }

    /// How many were left out.
    pub(super) fn count(&self) -> u64 {
        self.0.borrow().count
    }

    /// Says in the end how many there were.
    pub(super) fn note(&self, progress: &mut Progress<'_>) {
        let told = self.0.borrow();
        let first = &told.first;
        match told.count {
            0 => {}
            1 => progress.note(&format!("note: {first} was given before; the first one counts")),
            count => progress.note(&format!(
                "note: {count} domains were given before, such as {first}; the first of each counts"
            )),
        }
    }
}
