//! What a list comes to beside its verdicts: the commonest findings, and what was not answered.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Item, Selection};
use crate::audit::Code;
use crate::name::plain_text;

/// The findings and failures that are listed.
pub(super) const LISTED: usize = 10;

/// Counts what is shown, each with its first example. It grows with the kinds and not with the
/// domains.
#[derive(Debug, Default)]
pub(super) struct Summary {
    codes: BTreeMap<Code, Kind>,
    /// By the words for the failure.
    failures: BTreeMap<String, Kind>,
}

/// Something that is counted.
#[derive(Debug, Default)]
pub(super) struct Kind {
    pub(super) count: u64,
    /// The first domain, or question.
    pub(super) example: String,
}

impl Kind {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.count == 1 {
            self.example = example();
        }
    }
}

impl Summary {
    /// Counts what is shown of a domain.
    pub(super) fn take(&mut self, item: Item<'_>, selection: &Selection) {
        let Item::Judged { audit, .. } = item else { return };
        for finding in selection.findings(audit) {
            let kind = self.codes.entry(finding.code).or_default();
            kind.add(|| plain_text(audit.domain.name()));
        }
        for (question, failure) in &audit.unanswered {
            let kind = self.failures.entry(failure.to_string()).or_default();
            kind.add(|| plain_text(&question.name));
        }
    }

    /// The commonest findings, the commonest first.
    pub(super) fn commonest(&self) -> impl Iterator<Item = (Code, &Kind)> {
        let mut codes: Vec<_> = self.codes.iter().map(|(code, kind)| (*code, kind)).collect();
        codes.sort_by_key(|(code, kind)| (Reverse(kind.count), *code));
        codes.into_iter().take(LISTED)
    }

    /// Why questions were not answered, the commonest reason first.
    pub(super) fn failures(&self) -> impl Iterator<Item = (&str, &Kind)> {
        let mut all: Vec<_> =
            self.failures.iter().map(|(why, kind)| (why.as_str(), kind)).collect();
        all.sort_by_key(|(why, kind)| (Reverse(kind.count), *why));
        all.into_iter().take(LISTED)
    }
}
