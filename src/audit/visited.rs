//! What was seen of the servers that the records lead to.

use hickory_proto::rr::{Name, RData, RecordType};

use super::documents::{self, JudgedDocument};
use super::endpoint::faults;
use super::finding::{Findings, Phrase, Subject, Verb};
use super::unvisited::Unvisited;
use super::verdict::Policy;
use crate::answer::{Dnssec, Failure};
use crate::code::Code;
use crate::endpoint::{Endpoint, Shown, Sighting, Unseen, holds};
use crate::inquiry::{Inquiry, Observed, Said, Views, Wanted};
use crate::name::{MailDomain, one_line, parse_text, plain_text};
use crate::plan::RecordPlan;
use crate::service::{PACC_DIGEST_LABEL, PROTO};

/// Adds what is wrong with the servers, and says which were not visited for a reason that is none of
/// theirs.
pub(super) fn check(
    plan: &RecordPlan,
    views: &Views,
    policy: &Policy,
    findings: &mut Findings,
) -> Vec<Unvisited> {
    let domain = plan.domain();
    let mut unvisited = Vec::new();
    for sighting in views.sightings() {
        let endpoint = &sighting.endpoint;
        let Some(host) = host_name(endpoint) else { continue };
        match sighting.seen {
            Err(why) if !why.is_evidence() => {
                unvisited.push(Unvisited::Server(endpoint.clone(), why));
            }
            // The records that name it have a finding.
            Err(Unseen::NoAddress) if is_looked_up(&host, views) => {}
            Ok(_) | Err(_) => add(&host, sighting, (domain, policy), findings),
        }
        check_associations(&host, sighting, views, findings);
    }
    check_documents(plan, views, findings, &mut unvisited);
    unvisited
}

/// Adds what is wrong with the documents that the web serves, and says which were not fetched for a
/// reason that is none of the server's.
fn check_documents(
    plan: &RecordPlan,
    views: &Views,
    findings: &mut Findings,
    unvisited: &mut Vec<Unvisited>,
) {
    let digests = plan.domain().prefixed(&[PACC_DIGEST_LABEL]);
    let digests = views.best().heard(&digests, RecordType::TXT).rdatas();
    for JudgedDocument { fetched, faults, .. } in
        documents::judged(plan, &digests, views.documents())
    {
        let open = fetched.iter().find_map(|it| Some((it.request.url.clone(), it.why_open()?)));
        let open = open.map(|(url, why)| Unvisited::Page(url, why));
        unvisited.extend(open.filter(|it| !unvisited.contains(it)));
        let Some(url) = fetched.first().map(|it| &it.request.url) else { continue };
        let Ok(host) = parse_text(&format!("{}.", url.host())) else { continue };
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = format!("{}{query}", url.path());
        for fault in faults {
            let (host, path) = (host.clone(), path.clone());
            let subject = Subject::Page { host, scheme: url.scheme(), port: url.port(), path };
            let who = subject.place();
            let phrase = Phrase::At(one_line(&fault.message).into_owned());
            findings.add_at(fault.code, fault.severity, subject, &who, phrase);
        }
    }
}

fn add(
    host: &Name,
    sighting: &Sighting,
    (domain, policy): (&MailDomain, &Policy),
    findings: &mut Findings,
) {
    for fault in faults(sighting, Some(domain), policy.expiry) {
        let subject = Subject::Endpoint { host: host.clone(), port: sighting.endpoint.port };
        let who = subject.place();
        findings.add(fault.code, subject, &who, Phrase::At(one_line(&fault.message).into_owned()));
    }
}

/// Seeks the TLSA records of the servers of a plan, which their certificates are held against.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    for srv in plan.published().flat_map(|(_, set)| set.srvs()) {
        if let Some(owner) = association_name(&srv.target, srv.port) {
            inquiry.seek(&owner, RecordType::TLSA, Wanted::Aside);
        }
    }
}

/// Where the TLSA records of a server stand (RFC 6698 §3); None of what is no server.
fn association_name(host: &Name, port: u16) -> Option<Name> {
    let host = Some(host).filter(|host| !host.is_root() && port != 0)?;
    host.prepend_label(PROTO).and_then(|owner| owner.prepend_label(format!("_{port}"))).ok()
}

/// Holds the TLSA records of a server against the certificates that it sends. In a zone that is not
/// signed nobody looks at them (RFC 7671 §2.2).
fn check_associations(host: &Name, sighting: &Sighting, views: &Views, findings: &mut Findings) {
    let tls = sighting.seen.as_ref().ok().and_then(Shown::tls);
    let Some((owner, tls)) = association_name(host, sighting.endpoint.port).zip(tls) else {
        return;
    };
    let Some(first) = tls.sent.first() else { return };
    for observed in views.all() {
        let heard = observed.heard(&owner, RecordType::TLSA);
        if heard.dnssec() == Dnssec::Insecure {
            continue;
        }
        let said = heard.rdatas().into_iter().filter_map(|data| match &data {
            RData::TLSA(record) => Some((holds(record, &tls.sent), data)),
            _ => None,
        });
        let said: Vec<(Option<bool>, RData)> = said.collect();
        // One that cannot be judged may hold.
        if said.is_empty() || said.iter().any(|(holds, _)| *holds != Some(false)) {
            continue;
        }
        let subject = Subject::rrset(&owner, RecordType::TLSA);
        let phrase = Phrase::Of(Verb::Has, NO_MATCH.to_owned());
        let draft = findings.add(Code::TlsaMismatch, subject, &plain_text(&owner), phrase);
        draft.expect_data(&[RData::TLSA(first.record())]);
        draft.observe(said.into_iter().map(|(_, data)| data));
        return;
    }
}

/// What is the matter with TLSA records.
const NO_MATCH: &str = "no record of the certificate that the server sends";

/// Whether the inquiry asked for the addresses of a host.
fn is_looked_up(host: &Name, views: &Views) -> bool {
    let said = |rtype| move |it: &Observed| it.heard(host, rtype).said();
    let is_known = |said: Said| said != Said::Failed(Failure::NotAsked);
    [RecordType::A, RecordType::AAAA]
        .into_iter()
        .all(|rtype| views.all().map(said(rtype)).any(is_known))
}

/// The host as a name of DNS.
fn host_name(endpoint: &Endpoint) -> Option<Name> {
    parse_text(&format!("{}.", endpoint.host)).ok()
}
