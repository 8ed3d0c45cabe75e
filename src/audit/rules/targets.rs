//! Whether a client can get from the targets to addresses.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use super::{Case, Findings, endless, enumerate, mend, planned_in};
use crate::answer::Failure;
use crate::audit::{Code, Finding};
use crate::inquiry::{Family, Host, Said};
use crate::name::plain_text;
use crate::rrset::ResourceRecord;
use crate::service::{AUTODISCOVER_LABEL, Label};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for (target, labels) in used_targets(case) {
        check_target(case, target, &enumerate(&labels), findings);
    }
}

/// The distinct real targets of what is offered, each with the labels that use it.
///
/// A target with a doubled suffix is left out: that it does not exist is no second cause.
fn used_targets<'a>(case: &'a Case<'_>) -> Vec<(&'a Name, Vec<String>)> {
    let offered = case.plan.labels().iter().filter(|plan| plan.is_offered());
    let services = offered.flat_map(|plan| {
        let label = plan.label.to_string();
        case.reals(plan.label).into_iter().map(move |srv| (srv.target, label.clone()))
    });
    let autodiscover = case.plan.autodiscover().into_iter().flat_map(|_| {
        let srvs = case.observed.autodiscover().srvs().into_iter();
        srvs.map(|srv| (srv.target, AUTODISCOVER_LABEL.to_owned()))
    });
    let mut used: Vec<(&Name, Vec<String>)> = Vec::new();
    for (target, label) in services.chain(autodiscover) {
        if target.is_root() || case.undoubled(target).is_some() {
            continue;
        }
        match used.iter_mut().find(|(known, _)| *known == target) {
            Some((_, labels)) if labels.contains(&label) => {}
            Some((_, labels)) => labels.push(label),
            None => used.push((target, vec![label])),
        }
    }
    used
}

fn check_target(case: &Case<'_>, target: &Name, labels: &str, findings: &mut Findings) {
    let host = case.observed.host(target);
    let shown = plain_text(target);
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
        findings.add(Code::TargetNonexistent, target, RecordType::A, message);
        return;
    }
    if let Some(canonical) = host.chain().last() {
        add_alias(case, target, &host, canonical, labels, findings);
    }
    match (host.said(Family::V4), host.said(Family::V6)) {
        (Said::NoData, Said::NoData) => {
            let message = format!("{shown}, the target of {labels}, has no address");
            findings.add(Code::TargetNoAddress, target, RecordType::A, message);
        }
        (Said::Records, Said::NoData) => {
            let message = format!("{shown}, the target of {labels}, has no IPv6 address");
            findings
                .add(Code::TargetOneFamily, target, RecordType::AAAA, message)
                .observe(host.addresses());
        }
        (Said::NoData, Said::Records) => {
            let message = format!("{shown}, the target of {labels}, has no IPv4 address");
            findings
                .add(Code::TargetIpv6Only, target, RecordType::A, message)
                .observe(host.addresses());
        }
        (Said::Records | Said::NoData | Said::NxDomain | Said::Failed(_), _) => {}
    }
}

/// The remedy keeps the target that the profile names and gives it the addresses it leads to.
fn add_alias(
    case: &Case<'_>,
    target: &Name,
    host: &Host<'_>,
    canonical: &Name,
    labels: &str,
    findings: &mut Findings,
) {
    let loops = host.said(Family::V4) == Said::Failed(Failure::ChainTooLong);
    let message = if loops {
        let endless = endless(target, &host.chain());
        format!("{}, the target of {labels}, is {endless}", plain_text(target))
    } else {
        format!(
            "{}, the target of {labels}, is an alias; its canonical name is {}",
            plain_text(target),
            plain_text(canonical)
        )
    };
    let next = host.chain().first().map_or_else(Name::root, |next| (*next).clone());
    let alias = RData::CNAME(CNAME(next));
    let ttl = findings.ttl();
    let addresses = host.addresses();
    let is_planned = case.expected_targets().any(|expected| expected == target);
    let finding = findings
        .add(Code::TargetAlias, target, RecordType::CNAME, message)
        .observe(vec![alias.clone()]);
    finding.expected.clone_from(&addresses);
    let is_known =
        !Family::ALL.into_iter().any(|family| matches!(host.said(family), Said::Failed(_)));
    if !is_planned {
        for label in Label::ALL {
            mend_alias_of_ours(case, label, target, &host.chain(), finding);
        }
    } else if is_known && !addresses.is_empty() {
        finding.delete(target, ttl, alias);
        for data in addresses {
            finding.publish(ResourceRecord { owner: target.clone(), ttl, data });
        }
    }
}

/// Where the alias leads to the server of the profile, the record is to name that server itself.
fn mend_alias_of_ours(
    case: &Case<'_>,
    label: Label,
    target: &Name,
    chain: &[&Name],
    finding: &mut Finding,
) {
    let Some(planned) = case.plan.label(label).offered_set() else { return };
    let is_used = case.reals(label).iter().any(|srv| srv.target == target);
    if is_used && chain.iter().any(|name| planned_in(planned, name).is_some()) {
        mend(finding, &case.observed.service(label), planned);
    }
}
