//! TLSA records, held against the certificates that servers send.

use hickory_proto::rr::rdata::TLSA;
use hickory_proto::rr::{Name, RData, RecordType};

use super::fault::Fault;
use super::finding::{Findings, Phrase, Subject, Verb};
use super::places;
use crate::answer::{Answer, Dnssec, Failure, Outcome};
use crate::code::Code;
use crate::endpoint::{Fingerprint, Sighting, association_name, deny};
use crate::inquiry::{Inquiry, Views, Wanted};
use crate::name::plain_text;
use crate::plan::RecordPlan;
use crate::zonefile::rdata;

/// Seeks the TLSA records of the servers of a mail domain that are visited, which their certificates are
/// held against: those that the plan names, and then those that DNS does.
pub fn seek_associations(plan: &RecordPlan, inquiry: &mut Inquiry) {
    inquiry.seek_associations();
    for endpoint in places::planned(plan) {
        if let Some(owner) = endpoint.association_name() {
            inquiry.seek(&owner, RecordType::TLSA, Wanted::Association);
        }
    }
}

/// Holds the TLSA records of a server against the certificates that it sends, as each vantage has them.
pub(super) fn check(host: &Name, sighting: &Sighting, views: &Views, findings: &mut Findings) {
    let Some(owner) = association_name(host, sighting.endpoint.port) else { return };
    let mismatch = views.all().find_map(|observed| {
        let heard = observed.heard(&owner, RecordType::TLSA);
        Mismatch::of(sighting, heard.dnssec(), heard.rdatas())
    });
    let Some(Mismatch { right, said }) = mismatch else { return };
    let subject = Subject::rrset(&owner, RecordType::TLSA);
    let phrase = Phrase::Of(Verb::Has, NO_MATCH.to_owned());
    let draft = findings.add(Code::TlsaMismatch, subject, &plain_text(&owner), phrase);
    draft.expect_data(&[RData::TLSA(right)]);
    draft.observe(said);
}

/// What is the matter with TLSA records.
const NO_MATCH: &str = "no record of the certificate that the server sends";

/// What is wrong with a server by what DNS says of its TLSA records.
pub(super) fn fault(sighting: &Sighting, answer: &Answer) -> Option<Fault> {
    let Outcome::Records { data, .. } = &answer.outcome else { return None };
    let Mismatch { right, .. } = Mismatch::of(sighting, answer.dnssec, data.clone())?;
    let owner = plain_text(&sighting.endpoint.association_name()?);
    let right = rdata(&RData::TLSA(right));
    let message = format!("{owner} has {NO_MATCH}: `TLSA {right}` is one");
    let code = Code::TlsaMismatch;
    Some(Fault { code, severity: code.severity(), message })
}

/// Why nobody knows what the certificate that a server sent is to be held against; None where that is
/// known, or where it sent none.
pub fn unheard(sighting: &Sighting, answer: &Answer) -> Option<Failure> {
    sent(sighting)?;
    match answer.outcome {
        // The names are there, and lead nowhere.
        Outcome::Failed(Failure::ChainTooLong) => None,
        Outcome::Failed(failure) => Some(failure),
        Outcome::Records { .. } | Outcome::NoData | Outcome::NxDomain => None,
    }
}

/// The certificates that a server sent.
fn sent(sighting: &Sighting) -> Option<&[Fingerprint]> {
    let tls = sighting.seen.as_ref().ok()?.tls()?;
    Some(tls.sent.as_slice()).filter(|sent| !sent.is_empty())
}

/// TLSA records none of which holds for what a server sends.
struct Mismatch {
    /// One that would.
    right: TLSA,
    said: Vec<RData>,
}

impl Mismatch {
    /// None where one holds, or may hold. In a zone that is not signed nobody looks at them (RFC 7671
    /// §2.2).
    fn of(sighting: &Sighting, dnssec: Dnssec, mut said: Vec<RData>) -> Option<Self> {
        let sent = sent(sighting)?;
        let right = sent.first()?.record();
        said.retain(|data| matches!(data, RData::TLSA(_)));
        let records = said.iter().filter_map(|data| match data {
            RData::TLSA(record) => Some(record),
            _ => None,
        });
        let is_mismatch = deny(&records.collect::<Vec<_>>(), sent);
        (is_mismatch && dnssec != Dnssec::Insecure).then_some(Self { right, said })
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::A;

    use super::*;
    use crate::answer::Question;
    use crate::audit::{Audit, Policy, Verdict, inquire, judge, judge_endpoint};
    use crate::endpoint::{Chain, Digests, Endpoint, Handshake, Protocol, Shown, Tls};
    use crate::hosting::{Columns, Hosting};
    use crate::plan::plan;
    use crate::service::TlsMode;

    fn fingerprint() -> Fingerprint {
        Fingerprint { certificate: Digests::of(b"certificate"), key: Digests::of(b"key") }
    }

    fn sighting(handshake: Option<Handshake>) -> Sighting {
        let (host, mode) = ("mail.d.test".to_owned(), TlsMode::Implicit);
        let endpoint = Endpoint { host, port: 993, protocol: Protocol::Imap, mode };
        let shown = Shown { handshake, ..Shown::default() };
        Sighting { endpoint, address: None, at: 0, seen: Ok(shown) }
    }

    fn done() -> Handshake {
        let (version, suite, chain) = ("1.3".to_owned(), String::new(), Chain::Trusted);
        let sent = vec![fingerprint()];
        Handshake::Done(Box::new(Tls { version, suite, certificate: None, chain, sent }))
    }

    fn records(record: TLSA) -> Answer {
        Answer::plain(Outcome::Records { ttl: 60, data: vec![RData::TLSA(record)] })
    }

    fn failed(why: Failure) -> Answer {
        Answer::plain(Outcome::Failed(why))
    }

    #[test]
    fn what_is_sent_is_held_against_what_is_published_and_a_failure_is_no_absence() {
        let right = fingerprint().record();
        let mut wrong = right.clone();
        wrong.cert_data[0] ^= 1;
        let unsigned = Answer { dnssec: Dnssec::Insecure, ..records(wrong.clone()) };
        for (answer, handshake, is_found, open) in [
            (records(right), done(), false, None),
            (records(wrong.clone()), done(), true, None),
            (unsigned, done(), false, None),
            (Answer::plain(Outcome::NoData), done(), false, None),
            (failed(Failure::ChainTooLong), done(), false, None),
            (failed(Failure::Timeout), done(), false, Some(Failure::Timeout)),
            // There is nothing to hold against them.
            (records(wrong), Handshake::NoModernTls, false, None),
            (failed(Failure::Timeout), Handshake::NoModernTls, false, None),
        ] {
            let sighting = sighting(Some(handshake));
            let (verdict, faults) =
                judge_endpoint(&sighting, None, Some(&answer), &Policy::default());
            let found = faults.iter().find(|fault| fault.code == Code::TlsaMismatch);
            assert_eq!(found.is_some(), is_found, "{answer:?}");
            assert_eq!(unheard(&sighting, &answer), open, "{answer:?}");
            assert_eq!(verdict == Verdict::Unknown, open.is_some() && faults.is_empty());
            let message = found.map(|fault| fault.message.as_str());
            let owner = "_993._tcp.mail.d.test has no record of the certificate";
            assert!(message.is_none_or(|it| it.starts_with(owner)), "{message:?}");
        }
    }

    /// Audits a healthy domain where every question for TLSA records is answered so.
    fn audited(said: &Outcome) -> Audit {
        let domain = "example.com".parse().unwrap();
        let plan = plan(&domain, &Hosting::documented(), &Columns::default()).unwrap();
        let mut inquiry = inquire(&plan);
        seek_associations(&plan, &mut inquiry);
        let answer = |Question { name, rtype }: &Question| {
            let set = plan
                .published()
                .find(|(_, set)| (set.owner(), set.record_type()) == (name, *rtype));
            let data = match (set, rtype) {
                (_, &RecordType::TLSA) => return said.clone(),
                (Some((_, set)), _) => set.rdatas().to_vec(),
                (None, &RecordType::A) => vec![RData::A(A::new(192, 0, 2, 1))],
                (None, _) => return Outcome::NoData,
            };
            Outcome::Records { ttl: 60, data }
        };
        while let Some(ticket) = inquiry.poll() {
            let outcome = answer(&inquiry.question(ticket));
            inquiry.answer(ticket, Answer::plain(outcome));
        }
        judge(&plan, &inquiry.into_observed(), &Policy::default())
    }

    #[test]
    fn records_that_nobody_could_look_up_leave_the_verdict_open() {
        let failed = audited(&Outcome::Failed(Failure::Timeout));
        let mut open = failed.unanswered.iter();
        assert!(open.all(|(question, _)| question.rtype == RecordType::TLSA), "{open:?}");
        assert!(!failed.unanswered.is_empty());
        for said in [Outcome::NoData, Outcome::Failed(Failure::OutsideZone)] {
            let audit = audited(&said);
            assert!(audit.unanswered.is_empty(), "{:?}", audit.unanswered);
            // The addresses of the servers tell that they lie elsewhere.
            assert_eq!(audit.not_judged, []);
            let findings = |audit: &Audit| audit.findings.clone();
            assert_eq!(findings(&audit), findings(&failed), "{said:?}");
        }
    }
}
