//! What the responders say of DNSSEC.

use hickory_proto::rr::RecordType;

use super::Case;
use crate::answer::{Dnssec, extended_text, is_bogus};
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::code::Code;

/// Adds `dnssec-bogus` and returns true where the domain's own zone does not validate: for a client
/// behind a validating resolver it is not there.
pub(super) fn check_domain(case: &Case<'_>, findings: &mut Findings) -> bool {
    let domain = case.plan.domain().name();
    if case.observed.heard(domain, RecordType::MX).dnssec() != Dnssec::Bogus {
        return false;
    }
    check_bogus(case, findings);
    true
}

/// Adds what does not validate below a domain that does, and `domain-unsigned`. The question for
/// the MX stands for the domain, because every audit asks it.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    check_bogus(case, findings);
    check_disputed(case, findings);
    let domain = case.plan.domain().name();
    if case.observed.heard(domain, RecordType::MX).dnssec() == Dnssec::Insecure {
        let subject = Subject::rrset(domain, RecordType::DNSKEY);
        let says = said_by(case.observed.heard(domain, RecordType::MX).dnssec_by());
        let phrase =
            Phrase::Whole(format!("{} is not signed with DNSSEC{says}", case.plan.domain()));
        findings.add(Code::DomainUnsigned, subject, "", phrase);
    }
}

/// Adds `dnssec-bogus` with the resolver's reason, where it gives one (RFC 8914).
fn check_bogus(case: &Case<'_>, findings: &mut Findings) {
    for (question, by, extended) in case.observed.bogus() {
        let by = by.unwrap_or("the resolver");
        let why = extended.filter(is_bogus).and_then(extended_text);
        let rest = match why {
            Some(why) => format!("bogus, says {by}: {why}"),
            None => format!("bogus, says {by}"),
        };
        let subject = Subject::rrset(&question.name, question.rtype);
        let who = case.shown(&question.name);
        findings.add(Code::DnssecBogus, subject, &who, Phrase::Of(Verb::Is, rest));
    }
}

/// Adds `dnssec-disputed` where two opinions differ. Ours alone makes nothing bogus.
fn check_disputed(case: &Case<'_>, findings: &mut Findings) {
    for (question, told, by, validated) in case.observed.disputed() {
        let ours = format!("{} to the experimental validator of this program", validated.code());
        let rest = match told {
            Dnssec::Unknown => ours,
            told => format!("{ours}, and {}{}", told.code(), said_by(by)),
        };
        let subject = Subject::rrset(&question.name, question.rtype);
        let who = case.shown(&question.name);
        findings.add(Code::DnssecDisputed, subject, &who, Phrase::Of(Verb::Is, rest));
    }
}

/// Whose word it is, at the end of a sentence.
fn said_by(by: Option<&str>) -> String {
    by.map(|by| format!(", says {by}")).unwrap_or_default()
}
