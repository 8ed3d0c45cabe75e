//! What is said of domains at one desk, for another one where the report is written.

use std::cell::RefCell;
use std::rc::Rc;

use crate::report::Share;

/// What is said of domains, for another desk.
pub(super) struct Pages {
    /// Whether that one keeps a journal.
    pub(super) is_journalled: bool,
    /// The report so far.
    pub(super) written: Rc<RefCell<Vec<u8>>>,
    pub(super) each: Vec<One>,
}

/// What is said of a part.
#[derive(Default)]
pub(super) struct Told {
    /// The report.
    pub(super) text: Vec<u8>,
    pub(super) each: Vec<One>,
}

/// A domain that was judged.
pub(super) struct One {
    /// Where that ends in the text which is said of it.
    pub(super) end: usize,
    /// Its line in the journal, where there is one.
    pub(super) entry: Option<String>,
    /// What it adds to the tally.
    pub(super) share: Option<Share>,
    /// Its line in the input.
    pub(super) line: Option<u64>,
}
