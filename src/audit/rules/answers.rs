//! What is peculiar to the answers themselves: TTLs, size, and records that stand twice.

use hickory_proto::rr::{RData, RecordType};

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::standing::{Standing, State};
use crate::code::{Code, Severity};
use crate::inquiry::Heard;
use crate::name::plain_text;

/// A day: what is cached longer is long in the way of a change.
const LONG: u32 = 86_400;

/// What a UDP response holds without EDNS (RFC 1035 §2.3.4).
const PLAIN_UDP: usize = 512;

/// What a UDP response holds without fragments (RFC 9715 §3.2).
const UNFRAGMENTED: usize = 1_232;

/// Looks at the RRsets of the plan, and at how long the zone has a missing one remembered.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for standing in &case.standings {
        let rtype = match standing.rtype {
            RecordType::CNAME => RecordType::A,
            other => other,
        };
        let heard = case.observed.heard(&standing.owner, rtype);
        check_ttl(case, standing, &heard, findings);
        if standing.rtype != RecordType::CNAME {
            // Where records stand that should not, they are what makes an answer large.
            if standing.state == State::Ok {
                check_size(case, standing, &heard, findings);
            }
            check_repeated(case, standing, &heard, findings);
        }
    }
    check_negative_ttl(case, findings);
}

/// A TTL counts where it does not count down in a cache; that of the profile is as it wants it.
fn check_ttl(case: &Case<'_>, standing: &Standing, heard: &Heard<'_>, findings: &mut Findings) {
    let Some(ttl) = heard.ttl().filter(|_| !heard.is_alias()) else { return };
    let (code, phrase) = if heard.has_uneven_ttls() {
        let rest = format!("records of different TTLs, {ttl} the smallest");
        (Code::TtlUnequal, Phrase::Of(Verb::Has, rest))
    } else if ttl == 0 && case.plan.ttl() > 0 {
        (Code::TtlZero, Phrase::Of(Verb::Has, "TTL 0: nobody may cache it".to_owned()))
    } else if ttl > LONG && ttl > case.plan.ttl() {
        (Code::TtlLong, Phrase::Of(Verb::Has, format!("TTL {ttl}, more than a day")))
    } else {
        return;
    };
    let subject = Subject::rrset(&standing.owner, standing.rtype);
    let draft = findings.add(code, subject, &case.shown(&standing.owner), phrase);
    draft.observe(standing.observed.iter().cloned());
    // What is wrong beside that goes, and is not to be published anew.
    let stays = |data: &&RData| standing.state == State::Ok || standing.expected.contains(data);
    for data in standing.observed.iter().filter(stays) {
        draft.publish(&standing.owner, data.clone());
    }
}

/// RFC 2308 §5: that something is missing is cached for the smaller of two numbers of the SOA record.
fn check_negative_ttl(case: &Case<'_>, findings: &mut Findings) {
    let apex = case.plan.domain().name();
    let heard = case.observed.heard(apex, RecordType::SOA);
    let data = heard.rdatas();
    let (Some(ttl), [RData::SOA(soa)]) = (heard.ttl(), data.as_slice()) else { return };
    let negative = ttl.min(soa.minimum);
    if negative <= LONG {
        return;
    }
    let message = format!(
        "{} has a negative TTL of {negative} seconds: that long a resolver remembers that a record is missing",
        plain_text(apex)
    );
    let subject = Subject::rrset(apex, RecordType::SOA);
    findings
        .add(Code::NegativeTtlLong, subject, "", Phrase::Whole(message))
        .observe([data[0].clone()]);
}

/// RFC 2782, "Domain administrator advice": replies are to be small.
fn check_size(case: &Case<'_>, standing: &Standing, heard: &Heard<'_>, findings: &mut Findings) {
    let octets = heard.response_octets();
    let severity = match octets {
        0..=PLAIN_UDP => return,
        _ if octets <= UNFRAGMENTED => Severity::Info,
        _ => Severity::Warning,
    };
    let rest = format!("an answer of about {octets} octets");
    let subject = Subject::rrset(&standing.owner, standing.rtype);
    let who = case.shown(&standing.owner);
    findings.add_at(Code::AnswerLarge, severity, subject, &who, Phrase::Of(Verb::Has, rest));
}

/// Two records that are equal but for the case of a name are one (RFC 2181 §5).
fn check_repeated(
    case: &Case<'_>,
    standing: &Standing,
    heard: &Heard<'_>,
    findings: &mut Findings,
) {
    let repeated = heard.repeated();
    if repeated.is_empty() {
        return;
    }
    let phrase = Phrase::Of(Verb::Has, "one record twice".to_owned());
    let subject = Subject::rrset(&standing.owner, standing.rtype);
    let draft = findings.add(Code::DuplicateRecord, subject, &case.shown(&standing.owner), phrase);
    draft.observe(repeated);
}
