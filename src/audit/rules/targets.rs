//! Whether a client can get from the targets to addresses.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use super::spelling::{is_host_name, misspelt};
use super::{Case, endless, leads_to_us};
use crate::answer::{Dnssec, Failure};
use crate::audit::finding::{Findings, Phrase, Subject};
use crate::audit::place::Place;
use crate::code::{Code, Severity};
use crate::inquiry::{Family, Host, Said};
use crate::name::plain_text;
use crate::words::enumerate;

/// Each target is judged once, however many labels use it, and the finding names them all.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for target in used_targets(case) {
        check_spelling(&target, findings);
        check_outside(case, &target, findings);
        check_target(case, &target, findings);
    }
}

/// A real target of what is offered, with the places that use it.
struct Target<'c, 'a> {
    name: Name,
    places: Vec<&'c Place<'a>>,
}

impl Target<'_, '_> {
    /// The labels that use it, for a message.
    fn labels(&self) -> String {
        let labels: Vec<String> =
            self.places.iter().map(|place| place.label().to_owned()).collect();
        enumerate(&labels)
    }

    fn shown(&self) -> String {
        plain_text(&self.name)
    }
}

/// The distinct real targets of what is offered.
///
/// One that is misspelt is left out: that it does not exist is no second cause. So is one that goes
/// because it leads to somebody else, unless clients are led to us beside it: so is all of a service
/// that is not offered.
fn used_targets<'c, 'a>(case: &'c Case<'a>) -> Vec<Target<'c, 'a>> {
    let mut used: Vec<Target<'c, 'a>> = Vec::new();
    for place in case.places.iter().filter(|place| !place.is_wildcard) {
        for srv in place.reals() {
            let is_ours = place.planned_for(&srv.target).is_some();
            let is_explained = misspelt(case, &srv.target).is_some()
                || place.ours().next().is_none() && !leads_to_us(case, place, &srv.target);
            if !is_ours && is_explained {
                continue;
            }
            match used.iter_mut().find(|target| target.name == srv.target) {
                Some(target) if target.places.iter().any(|known| known.owner == place.owner) => {}
                Some(target) => target.places.push(place),
                None => used.push(Target { name: srv.target.clone(), places: vec![place] }),
            }
        }
    }
    used
}

/// Underscores and the like resolve, and no certificate is issued for such a host (RFC 1123 §2.1).
fn check_spelling(target: &Target<'_, '_>, findings: &mut Findings) {
    if is_host_name(&target.name) {
        return;
    }
    let message = format!(
        "{}, the target of {}, is no host name: letters, digits and hyphens are allowed",
        target.shown(),
        target.labels()
    );
    let subject = Subject::rrset(&target.name, RecordType::A);
    findings.add(Code::TargetBadHostname, subject, "", Phrase::Whole(message));
}

/// RFC 6186 §6: without DNSSEC, a client asks its user about a target outside the domain.
fn check_outside(case: &Case<'_>, target: &Target<'_, '_>, findings: &mut Findings) {
    let domain = case.plan.domain().name();
    let is_unsigned = target.places.iter().any(|place| place.heard.dnssec() == Dnssec::Insecure);
    if domain.zone_of(&target.name) || !is_unsigned {
        return;
    }
    let code = Code::TargetOutsideDomain;
    let is_ours = case.planned_hosts().any(|host| *host == target.name);
    let severity = if is_ours { Severity::Info } else { code.severity() };
    let message = format!(
        "{}, the target of {}, lies outside the domain, and the domain is not signed",
        target.shown(),
        target.labels()
    );
    let subject = Subject::rrset(&target.name, RecordType::A);
    findings.add_at(code, severity, subject, "", Phrase::Whole(message));
}

/// Follows the host to its addresses and stops at the first fault: what does not exist lacks no
/// family.
fn check_target(case: &Case<'_>, target: &Target<'_, '_>, findings: &mut Findings) {
    let host = case.observed.host(&target.name);
    if let Some(canonical) = host.chain().last().filter(|_| !host.is_nonexistent()) {
        add_alias(case, target, &host, canonical, findings);
    }
    let (shown, labels) = (target.shown(), target.labels());
    let mut add = |code, rtype, message, addresses: Vec<RData>| {
        let subject = Subject::rrset(&target.name, rtype);
        findings.add(code, subject, "", Phrase::Whole(message)).observe(addresses);
    };
    if host.is_nonexistent() {
        let has_addresses = !host.addresses().is_empty();
        let message = match host.chain().last() {
            // RFC 4074 §4.2 knows such servers.
            _ if has_addresses => format!(
                "{shown}, the target of {labels}, has an address and does not exist (NXDOMAIN), says its server: which one depends on the family asked for"
            ),
            None => format!("{shown}, the target of {labels}, does not exist (NXDOMAIN)"),
            Some(end) => format!(
                "{shown}, the target of {labels}, is an alias of {}, which does not exist (NXDOMAIN)",
                plain_text(end)
            ),
        };
        add(Code::TargetNonexistent, RecordType::A, message, Vec::new());
        return;
    }
    // Which families it has is the plan's to say, where its addresses are.
    let is_planned = |family: Family| case.planned(&target.name, family.record_type()).is_some();
    if Family::ALL.into_iter().any(is_planned) && !host.addresses().is_empty() {
        return;
    }
    match (host.said(Family::V4), host.said(Family::V6)) {
        (Said::NoData, Said::NoData) => {
            let message = format!("{shown}, the target of {labels}, has no address");
            add(Code::TargetNoAddress, RecordType::A, message, Vec::new());
        }
        (Said::Records, Said::NoData) => {
            let message = format!("{shown}, the target of {labels}, has no IPv6 address");
            add(Code::TargetOneFamily, RecordType::AAAA, message, host.addresses());
        }
        (Said::NoData, Said::Records) => {
            let message = format!("{shown}, the target of {labels}, has no IPv4 address");
            add(Code::TargetIpv6Only, RecordType::A, message, host.addresses());
        }
        (Said::Records | Said::NoData | Said::NxDomain | Said::Failed(_), _) => {}
    }
}

/// The remedy keeps the target that the profile names and gives it the addresses it leads to.
fn add_alias(
    case: &Case<'_>,
    target: &Target<'_, '_>,
    host: &Host<'_>,
    canonical: &Name,
    findings: &mut Findings,
) {
    let (shown, labels) = (target.shown(), target.labels());
    let chain = host.chain();
    let message = if host.said(Family::V4) == Said::Failed(Failure::ChainTooLong) {
        format!("{shown}, the target of {labels}, is {}", endless(&target.name, &chain))
    } else {
        format!(
            "{shown}, the target of {labels}, is an alias; its canonical name is {}",
            plain_text(canonical)
        )
    };
    let alias = chain.first().map(|next| RData::CNAME(CNAME(next.clone())));
    let addresses = host.addresses();
    // The plan may lead to the alias by another alias, and want it to be one.
    let is_planned = case.planned_hosts().any(|expected| *expected == target.name)
        && case.planned(&target.name, RecordType::CNAME).is_none();
    let subject = Subject::rrset(&target.name, RecordType::CNAME);
    let draft = findings.add(Code::TargetAlias, subject, "", Phrase::Whole(message));
    draft.observe(alias.iter().cloned()).expect_data(&addresses);
    if !is_planned {
        // Where the alias leads to the server of the profile, the record is to name that server.
        for place in &target.places {
            let planned = chain.iter().find_map(|name| place.planned_for(name));
            let srv = place.reals().find(|srv| srv.target == target.name);
            if let (Some(planned), Some(srv)) = (planned, srv) {
                draft.about(place.subject());
                place.swap(draft, srv, planned);
            }
        }
    } else if let (Some(alias), true) = (alias, host.is_known() && !addresses.is_empty()) {
        // What a wildcard says stands elsewhere, and gives way to what is published.
        let heard = case.observed.heard(&target.name, RecordType::A);
        if !case.is_from_wildcard(&heard) {
            draft.delete(&target.name, alias);
        }
        for data in addresses {
            draft.publish(&target.name, data);
        }
    }
}
