//! What the audits of a run come to.

use std::fmt::{self, Write as _};

use super::steps::Steps;
use super::summary::Summary;
use super::{Item, Retold};
use crate::audit::{Severity, Verdict};

/// How many domains got which verdict, the most severe of all findings, and what there is to do.
///
/// Displayed it is the line at the end of an audit: `3 domains: 2 pass, 1 fail; 4 to publish`.
///
/// The exit code of `audit` is made of it: a finding at or above `--fail-on` beats a domain that
/// could not be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By the place of the verdict in [`Verdict::ALL`].
    verdicts: [u64; Verdict::ALL.len()],
    worst: Option<Severity>,
    /// Whether some domain could not be judged that could before.
    open: bool,
    /// Whether the run ended before its input did.
    early: bool,
    /// A record that mends two domains counts for each of them.
    steps: Steps,
    summary: Summary,
}

/// What one domain adds to a [`Tally`], but for the summary: what a report that is gone on with keeps
/// of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) verdict: Verdict,
    /// Whether an earlier report said the same, so that it opens nothing.
    pub(crate) known: bool,
    /// The severity of its most severe finding.
    pub(crate) worst: Option<Severity>,
    /// What there is to do.
    pub(crate) steps: Steps,
}

impl Share {
    /// One that could not be asked about is [`Verdict::Broken`].
    pub(super) fn of(item: Item<'_>) -> Self {
        let (Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. })) = item else {
            let (verdict, steps) = (Verdict::Broken, Steps::default());
            return Self { verdict, known: false, worst: None, steps };
        };
        let severities = audit.findings.iter().map(|finding| finding.severity);
        Self {
            verdict: audit.verdict,
            known: audit.since.as_ref().and_then(|it| it.verdict).is_some_and(is_open),
            worst: severities.max(),
            steps: Steps::of(&audit.findings),
        }
    }

    /// That of a domain of which nothing is new.
    fn known(item: Item<'_>) -> Self {
        let verdict = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => audit.verdict,
            Item::Broken { .. } => Verdict::Broken,
        };
        Self { verdict, known: true, worst: None, steps: Steps::default() }
    }
}

impl Tally {
    /// Counts one domain; what it adds.
    pub(super) fn take(&mut self, item: Item<'_>) -> Share {
        self.summary.take(item);
        let share = Share::of(item);
        self.add(share);
        share
    }

    /// Counts one domain of which it is known what it adds.
    pub(super) fn take_share(&mut self, item: Item<'_>, share: Share) {
        self.summary.take(item);
        self.add(share);
    }

    /// Counts the verdict of a domain of which nothing is new.
    pub(super) fn take_known(&mut self, item: Item<'_>) -> Share {
        let share = Share::known(item);
        self.add(share);
        share
    }

    /// Counts what one domain adds.
    pub(crate) fn add(&mut self, share: Share) {
        let Share { verdict, known, worst, steps } = share;
        self.count_verdict(verdict, !known);
        self.worst = self.worst.max(worst);
        self.steps.add(steps);
    }

    /// Takes note that there were domains that are not counted; so those are open.
    pub(super) fn end_early(&mut self) {
        self.early = true;
    }

    /// Whether the run ended before its input did.
    pub(super) fn is_early(&self) -> bool {
        self.early
    }

    fn count_verdict(&mut self, verdict: Verdict, is_new: bool) {
        self.verdicts[verdict as usize] += 1;
        self.open |= is_new && is_open(verdict);
    }

    /// All domains.
    pub fn count(&self) -> u64 {
        self.verdicts.iter().sum()
    }

    /// The domains with a verdict.
    ///
    /// Every domain has one, so that these add up to the lines of the input.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.verdicts[verdict as usize]
    }

    /// The severity of the most severe finding.
    ///
    /// None where there was no finding. It is that of the policy: findings that the user dropped do
    /// not count.
    pub fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// How many domains there are, and how many of them have which verdict.
    pub(super) fn verdicts(&self) -> String {
        let count = self.count();
        let mut text = format!("{count} domain{}", if count == 1 { "" } else { "s" });
        let some = Verdict::ALL.into_iter().filter(|verdict| self.of(*verdict) > 0);
        for (at, verdict) in some.enumerate() {
            let before = if at == 0 { ": " } else { ", " };
            let _into_memory = write!(text, "{before}{} {verdict}", self.of(verdict));
        }
        if self.early {
            text.push_str("; ended early");
        }
        text
    }

    /// What there is to publish and delete.
    pub(super) fn steps(&self) -> Steps {
        self.steps
    }

    /// What was found and not answered, of all domains.
    pub(super) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Whether some domain could not be judged, be it that the run ended early.
    pub fn is_open(&self) -> bool {
        self.open || self.early
    }
}

/// Whether a domain could not be judged.
fn is_open(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Unknown | Verdict::Broken)
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verdicts())?;
        match self.steps.is_none() {
            true => Ok(()),
            false => write!(f, "; {}", self.steps),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        domains: &[(Verdict, Option<Severity>)],
        worst: Option<Severity>,
        open: bool,
        text: &str,
    ) {
        let mut tally = Tally::default();
        for (verdict, worst) in domains {
            tally.count_verdict(*verdict, true);
            tally.worst = tally.worst.max(*worst);
        }
        assert_eq!(
            (tally.worst(), tally.is_open(), tally.to_string()),
            (worst, open, text.to_owned())
        );
    }

    #[test]
    fn every_verdict_counts_and_the_worst_finding_of_all() {
        use Severity::{Error, Info, Warning};
        use Verdict::{Broken, Fail, Pass, Unknown, Warn};
        check(&[], None, false, "0 domains");
        check(&[(Pass, None)], None, false, "1 domain: 1 pass");
        check(
            &[(Warn, Some(Warning)), (Fail, Some(Error)), (Pass, Some(Info)), (Pass, None)],
            Some(Error),
            false,
            "4 domains: 2 pass, 1 warn, 1 fail",
        );
        check(&[(Pass, None), (Unknown, None)], None, true, "2 domains: 1 pass, 1 unknown");
        check(
            &[(Broken, None), (Fail, Some(Error))],
            Some(Error),
            true,
            "2 domains: 1 fail, 1 broken",
        );
    }
}
