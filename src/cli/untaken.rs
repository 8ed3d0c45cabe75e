//! What a list gives and a run does not take: domains that were given before, and comments that may
//! have been meant as rows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::progress::Progress;
use super::repeats::Repeats;
use crate::list::PassedOver;

/// Both kinds; shared by who reads and who tells.
#[derive(Clone)]
pub(super) struct Untaken {
    pub(super) repeats: Repeats,
    pub(super) comments: Comments,
}

impl Untaken {
    /// Says in the end what there was.
    pub(super) fn note(&self, progress: &mut Progress<'_>) {
        self.repeats.note(progress);
        for said in self.comments.said() {
            progress.note(&format!("note: {said}"));
        }
    }
}

/// The comments of each file that may have been meant as rows.
#[derive(Clone, Default)]
pub(super) struct Comments(Rc<RefCell<BTreeMap<String, PassedOver>>>);

impl Comments {
    /// Takes what a list knows by now.
    pub(super) fn take(&self, file: &str, passed: Option<PassedOver>) {
        let Some(passed) = passed else { return };
        let mut told = self.0.borrow_mut();
        match told.get_mut(file) {
            Some(known) => *known = passed,
            None => _ = told.insert(file.to_owned(), passed),
        }
    }

    /// A sentence for each file.
    pub(super) fn said(&self) -> Vec<String> {
        let said = |(file, passed): (&String, &PassedOver)| {
            let PassedOver { first, count } = passed;
            match count {
                1 => format!(
                    "{file}: line {first} begins with # and is a comment, though it could be a row; if it is one, put its first field in quotes"
                ),
                _ => format!(
                    "{file}: {count} lines begin with # and are comments, though they could be rows, the first of them line {first}; if they are, put their first fields in quotes"
                ),
            }
        };
        self.0.borrow().iter().map(said).collect()
    }
}
