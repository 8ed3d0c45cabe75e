//! What the responders say of DNSSEC.

use hickory_proto::rr::RecordType;

use super::Case;
use crate::answer::{Dnssec, extended_text};
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
    let domain = case.plan.domain().name();
    if case.observed.heard(domain, RecordType::MX).dnssec() == Dnssec::Insecure {
        let subject = Subject::rrset(domain, RecordType::DNSKEY);
        let phrase = Phrase::Whole(format!("{} is not signed with DNSSEC", case.plan.domain()));
        findings.add(Code::DomainUnsigned, subject, "", phrase);
    }
}

/// Adds `dnssec-bogus` with the resolver's reason, where it gives one (RFC 8914).
fn check_bogus(case: &Case<'_>, findings: &mut Findings) {
    for (question, extended) in case.observed.bogus() {
        let why = extended.and_then(extended_text);
        let rest = match why {
            Some(why) => format!("bogus, says the resolver: {why}"),
            None => "bogus, says the resolver".to_owned(),
        };
        let subject = Subject::rrset(&question.name, question.rtype);
        let who = case.shown(&question.name);
        findings.add(Code::DnssecBogus, subject, &who, Phrase::Of(Verb::Is, rest));
    }
}
