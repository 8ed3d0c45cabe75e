//! What is wrong with a server or a page, before it is a finding of a mail domain.

use super::verdict::{Policy, Verdict};
use crate::code::{Code, Severity};

/// One thing that is wrong with an endpoint or a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of thing; scripts match on it.
    pub code: Code,
    /// How much it matters, after the user's policy.
    pub severity: Severity,
    /// What is the matter, in one sentence.
    pub message: String,
}

/// Asks the policy, puts the most severe first, and says what follows; `is_open` where something is not
/// known.
pub(super) fn settle(faults: &mut Vec<Fault>, is_open: bool, policy: &Policy) -> Verdict {
    faults.retain_mut(|fault| match policy.severity(fault.code, fault.severity) {
        None => false,
        Some(severity) => {
            fault.severity = severity;
            true
        }
    });
    faults.sort_by_key(|fault| std::cmp::Reverse(fault.severity));
    Verdict::of_worst(faults.iter().map(|fault| fault.severity).max(), is_open)
}
