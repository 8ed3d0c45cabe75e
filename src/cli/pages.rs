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

impl Told {
    /// What is said of each domain.
    pub(super) fn apart(self) -> impl Iterator<Item = Self> {
        let Self { text, each } = self;
        let mut start = 0;
        each.into_iter().map(move |one| {
            let said = text.get(start..one.end).unwrap_or_default().to_vec();
            start = one.end;
            let each = vec![One { end: said.len(), ..one }];
            Self { text: said, each }
        })
    }
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
