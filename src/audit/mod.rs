//! The judgment: a plan and what DNS said, in; verdict and findings, out. It cannot fail.

mod finding;
mod providers;
mod rules;

pub use self::finding::{Action, Audit, Finding, Fix, SeverityPolicy, Verdict};
pub use crate::code::{Code, Severity, UnknownCode, UnknownLevel, parse_setting};

use self::finding::Findings;
use crate::inquiry::Observed;
use crate::plan::RecordPlan;

/// Judges what was observed of a mail domain against its plan.
///
/// The policy changes severities and drops findings in this one place; no rule asks for it.
pub fn judge(plan: &RecordPlan, observed: &Observed, policy: &SeverityPolicy) -> Audit {
    let mut findings = Findings::new(plan.ttl());
    let judged = rules::apply(&rules::Case { plan, observed }, &mut findings);
    let findings = findings.settle(policy);
    let unanswered: Vec<_> = observed.unanswered().collect();
    let verdict =
        if judged { Verdict::of(&findings, !unanswered.is_empty()) } else { Verdict::Broken };
    Audit { domain: plan.domain().clone(), verdict, findings, unanswered }
}
