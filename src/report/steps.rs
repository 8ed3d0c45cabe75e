//! What there is to do: the steps of all remedies, counted.

use std::collections::BTreeSet;
use std::fmt;

use crate::audit::{Action, Finding, Fix};

/// The steps that mend a finding, each as a line: a sign, and the record.
pub(super) fn lines(finding: &Finding) -> Vec<String> {
    let sign = |fix: &Fix| match fix.action {
        Action::Publish => '+',
        Action::Delete => '-',
    };
    finding.fix.iter().map(|fix| format!("{} {}", sign(fix), fix.text())).collect()
}

/// How many records are to be published and deleted.
///
/// Displayed it is `4 to publish, 1 to delete`, what is none left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    publish: u64,
    delete: u64,
}

impl Steps {
    /// So many, counted before.
    #[cfg_attr(
        not(feature = "cli"),
        expect(dead_code, reason = "the program goes on with reports")
    )]
    pub(crate) fn new(publish: u64, delete: u64) -> Self {
        Self { publish, delete }
    }

    /// Counts the steps of one domain; one that mends two findings is one.
    pub(super) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut known = BTreeSet::new();
        let mut steps = Self::default();
        for fix in findings.into_iter().flat_map(|finding| &finding.fix) {
            if known.insert((fix.action.text(), fix.text())) {
                match fix.action {
                    Action::Publish => steps.publish += 1,
                    Action::Delete => steps.delete += 1,
                }
            }
        }
        steps
    }

    /// Counts those of another domain, too.
    pub(super) fn add(&mut self, others: Self) {
        self.publish += others.publish;
        self.delete += others.delete;
    }

    /// The records to publish.
    pub(crate) fn publications(self) -> u64 {
        self.publish
    }

    /// The records to delete.
    pub(crate) fn deletions(self) -> u64 {
        self.delete
    }

    /// Whether there is nothing to do.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.publish, self.delete) {
            (publish, 0) => write!(f, "{publish} to publish"),
            (0, delete) => write!(f, "{delete} to delete"),
            (publish, delete) => write!(f, "{publish} to publish, {delete} to delete"),
        }
    }
}
