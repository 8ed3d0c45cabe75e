//! Mail domains that a run is given more than once: each is one, and a note.

use std::cell::RefCell;
use std::rc::Rc;

use super::progress::Progress;
use crate::hosting::Columns;
use crate::list::{Listed, Seen};
use crate::name::beginning;
use crate::words::enumerate;

/// What was left out because it stands before; shared by who reads and who tells.
#[derive(Clone)]
pub(super) struct Repeats {
    told: Rc<RefCell<Told>>,
    /// The columns that the profile reads.
    columns: Rc<[String]>,
}

#[derive(Default)]
struct Told {
    seen: Seen,
    count: u64,
    /// The first of them, with its place.
    first: String,
    /// The domains with what those columns say of them; empty where none are read.
    rows: Seen,
    /// How many had other columns than before.
    others: u64,
    /// The first of them, with its place and what is not used of it.
    first_other: String,
}

impl Repeats {
    /// Begins without any; these columns are what rows of one domain may differ in.
    pub(super) fn of(columns: &[String]) -> Self {
        Self { told: Rc::default(), columns: columns.into() }
    }

    /// Whether it is the first of its mail domain; what is none is told otherwise.
    pub(super) fn is_first(&self, listed: &Listed) -> bool {
        let Ok((domain, columns)) = &listed.parsed else { return true };
        let mut told = self.told.borrow_mut();
        let is_first = told.seen.insert(domain);
        let values = values(columns, &self.columns);
        let differs = !values.is_empty()
            && told.rows.insert_row(domain, values.iter().map(|(_, value)| *value));
        if is_first {
            return true;
        }
        let place = listed.line.map(|line| format!(" in line {line}")).unwrap_or_default();
        let place = format!("{domain}{place}");
        if differs {
            told.others += 1;
            if told.others == 1 {
                let unused: Vec<String> = values
                    .iter()
                    .map(|(name, value)| format!("{name}={}", beginning(value)))
                    .collect();
                told.first_other = format!("not used of {place}: {}", enumerate(&unused));
            }
        }
        told.count += 1;
        if told.count == 1 {
            told.first = place;
        }
        false
    }

    /// How many were left out.
    pub(super) fn count(&self) -> u64 {
        self.told.borrow().count
    }

    /// Says in the end how many there were.
    pub(super) fn note(&self, progress: &mut Progress<'_>) {
        let told = self.told.borrow();
        let first = &told.first;
        match told.count {
            0 => {}
            1 => progress.note(&format!("note: {first} was given before; the first one counts")),
            count => progress.note(&format!(
                "note: {count} domains were given before, such as {first}; the first of each counts"
            )),
        }
        let first = &told.first_other;
        match told.others {
            0 => {}
            1 => progress.note(&format!(
                "note: {first}; the row says otherwise than the first one, which stands"
            )),
            count => progress.note(&format!(
                "note: {first}, and so of {} more; the rows say otherwise than the first ones, which stand",
                count - 1
            )),
        }
    }
}

/// What a row says in the columns that the profile reads.
fn values<'a>(columns: &'a Columns, read: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let value = |name: &'a String| Some((name.as_str(), columns.value(name)?.trim()));
    read.iter().filter_map(value).collect()
}
