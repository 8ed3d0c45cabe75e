//! Whether there is anything to judge, and what a zone hides.

use hickory_proto::rr::RecordType;

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject};
use crate::code::Code;
use crate::inquiry::Said;
use crate::name::plain_text;
use crate::words::enumerate;

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
    if case.observed.is_anything_there() {
        return false;
    }
    let message = format!("{domain} does not exist (NXDOMAIN)");
    let subject = Subject::rrset(domain.name(), RecordType::MX);
    findings.add(Code::DomainNonexistent, subject, "", Phrase::Whole(message));
    true
}

/// RFC 1034 §4.2.1: at and below a delegation, the servers of the zone below are asked.
pub(super) fn check_cuts(case: &Case<'_>, findings: &mut Findings) {
    for hidden in case.observed.hidden() {
        let owners: Vec<String> = hidden.owners.iter().map(|owner| case.shown(owner)).collect();
        let records = match hidden.records {
            1 => "one record".to_owned(),
            more => format!("{more} records"),
        };
        let message = format!(
            "the delegation of {} hides {records} of the zone below it: {}",
            plain_text(&hidden.cut),
            enumerate(&owners)
        );
        let subject = Subject::rrset(&hidden.cut, RecordType::NS);
        findings.add(Code::ZoneCut, subject, "", Phrase::Whole(message));
    }
}
