//! What of a run is shown.

use super::{Item, Retold};
use crate::audit::{Audit, Code, Finding, Verdict};

/// Which domains a report shows: those with one of the verdicts, or with a finding of one of the
/// codes. Without any, all.
///
/// It hides and does not change: what is counted is the whole run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    verdicts: Vec<Verdict>,
    codes: Vec<Code>,
}

impl Selection {
    /// Shows the domains with a verdict.
    pub fn add_verdict(&mut self, verdict: Verdict) {
        self.verdicts.push(verdict);
    }

    /// Shows the domains with a finding of a code, and of their findings those of the codes that
    /// were added.
    pub fn add_code(&mut self, code: Code) {
        self.codes.push(code);
    }

    /// Whether a domain is shown.
    pub(super) fn shows(&self, item: Item<'_>) -> bool {
        match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                self.shows_whole(audit.verdict)
                    || audit.findings.iter().any(|finding| self.codes.contains(&finding.code))
            }
            Item::Broken { .. } => self.shows_whole(Verdict::Broken),
        }
    }

    /// Whether all is shown of a domain with a verdict.
    pub(super) fn shows_whole(&self, verdict: Verdict) -> bool {
        self.verdicts.contains(&verdict) || self.verdicts.is_empty() && self.codes.is_empty()
    }

    /// The findings of a domain that are shown.
    pub(super) fn findings<'a>(&self, audit: &'a Audit) -> impl Iterator<Item = &'a Finding> {
        let whole = self.shows_whole(audit.verdict);
        audit.findings.iter().filter(move |finding| whole || self.codes.contains(&finding.code))
    }
}
