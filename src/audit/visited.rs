//! What was seen of the servers that the records lead to.

use hickory_proto::rr::{Name, RecordType};

use super::associations;
use super::documents::{self, JudgedDocument};
use super::endpoint::faults;
use super::finding::{Findings, Phrase, Subject};
use super::unvisited::Unvisited;
use super::verdict::Policy;
use crate::answer::Failure;
use crate::endpoint::{Sighting, Unseen};
use crate::inquiry::{Observed, Said, Views};
use crate::name::{MailDomain, one_line, parse_text};
use crate::plan::RecordPlan;
use crate::service::PACC_DIGEST_LABEL;

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
        let Some(host) = endpoint.host_name() else { continue };
        match sighting.seen {
            Err(why) if !why.is_evidence() => {
                unvisited.push(Unvisited::Server(endpoint.clone(), why));
            }
            // The records that name it have a finding.
            Err(Unseen::NoAddress) if is_looked_up(&host, views) => {}
            Ok(_) | Err(_) => add(&host, sighting, (domain, policy), findings),
        }
        associations::check(&host, sighting, views, findings);
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

/// Whether the inquiry asked for the addresses of a host.
fn is_looked_up(host: &Name, views: &Views) -> bool {
    let said = |rtype| move |it: &Observed| it.heard(host, rtype).said();
    let is_known = |said: Said| said != Said::Failed(Failure::NotAsked);
    [RecordType::A, RecordType::AAAA]
        .into_iter()
        .all(|rtype| views.all().map(said(rtype)).any(is_known))
}
