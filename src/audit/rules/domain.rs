//! Whether there is anything to judge.

use hickory_proto::rr::RecordType;

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject};
use crate::code::Code;
use crate::inquiry::Said;

/// Adds `domain-nonexistent` and returns true where the domain does not exist.
///
/// A name with children exists, whatever a broken server says of it (RFC 8020 §2), so an NXDOMAIN
/// counts only where nothing was found below.
pub(super) fn check_existence(case: &Case<'_>, findings: &mut Findings) -> bool {
    let domain = case.plan.domain();
    let mx = case.observed.heard(domain.name(), RecordType::MX);
    // The NXDOMAIN of an alias speaks of its end, not of the domain.
    if mx.said() != Said::NxDomain || mx.is_alias() {
        return false;
    }
    let has_children = case.observed.answers().any(|(question, answer)| {
        let is_something = !answer.chain.is_empty()
            || matches!(answer.outcome, crate::answer::Outcome::Records { .. });
        is_something && domain.name().zone_of(&question.name)
    });
    if has_children {
        return false;
    }
    let message = format!("{domain} does not exist (NXDOMAIN)");
    let subject = Subject::rrset(domain.name(), RecordType::MX);
    findings.add(Code::DomainNonexistent, subject, "", Phrase::Whole(message));
    true
}
