//! What was seen of the servers that the records lead to.

use hickory_proto::rr::{Name, RecordType};

use super::endpoint::faults;
use super::finding::{Findings, Phrase, Subject};
use super::verdict::Policy;
use crate::answer::Failure;
use crate::endpoint::{Endpoint, Sighting, Unseen};
use crate::inquiry::{Said, Views};
use crate::name::{MailDomain, parse_text};

/// Adds what is wrong with the servers, and says which were not visited for a reason that is none of
/// theirs.
pub(super) fn check(
    domain: &MailDomain,
    views: &Views,
    policy: &Policy,
    findings: &mut Findings,
) -> Vec<(Endpoint, Unseen)> {
    let mut unvisited = Vec::new();
    for sighting in views.sightings() {
        let endpoint = &sighting.endpoint;
        let Some(host) = host_name(endpoint) else { continue };
        match sighting.seen {
            Err(why) if !why.is_evidence() => unvisited.push((endpoint.clone(), why)),
            // The records that name it have a finding.
            Err(Unseen::NoAddress) if is_looked_up(&host, views) => {}
            Ok(_) | Err(_) => add(&host, sighting, (domain, policy), findings),
        }
    }
    unvisited
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
        findings.add(fault.code, subject, &who, Phrase::At(fault.message));
    }
}

/// Whether the inquiry asked for the addresses of a host.
fn is_looked_up(host: &Name, views: &Views) -> bool {
    let said = |rtype| move |it: &crate::inquiry::Observed| it.heard(host, rtype).said();
    let is_known = |said: Said| said != Said::Failed(Failure::NotAsked);
    [RecordType::A, RecordType::AAAA]
        .into_iter()
        .all(|rtype| views.all().map(said(rtype)).any(is_known))
}

/// The host as a name of DNS.
fn host_name(endpoint: &Endpoint) -> Option<Name> {
    parse_text(&format!("{}.", endpoint.host)).ok()
}
