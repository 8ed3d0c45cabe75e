//! The names `autoconfig` and `autodiscover`: whether they lead to the profile's host.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use super::{Case, Findings, endless, enumerate};
use crate::answer::Failure;
use crate::audit::{Code, Finding, Severity};
use crate::inquiry::{Family, Heard, Said};
use crate::name::plain_text;
use crate::plan::AliasPlan;
use crate::rrset::ResourceRecord;
use crate::service::{ConfigName, Label};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for alias in case.plan.aliases() {
        check_alias(case, alias, findings);
    }
}

fn check_alias(case: &Case<'_>, alias: &AliasPlan, findings: &mut Findings) {
    let name = alias.name.text();
    let wanted = plain_text(alias.host.name());
    let heard = case.observed.config(alias.name);
    let (chain, said) = (heard.chain(), heard.said());
    let Some(first) = chain.first() else {
        check_without_alias(case, alias, said, findings);
        return;
    };
    let observed = vec![RData::CNAME(CNAME((*first).clone()))];
    let path = chain.iter().copied().map(plain_text).collect::<Vec<_>>().join(" → ");
    let leads_right = chain.contains(&alias.host.name());
    let (code, message) = match said {
        Said::Failed(Failure::ChainTooLong) => {
            let endless = endless(alias.set.owner(), &chain);
            (Code::AliasLoop, format!("{name} is {endless}: {path}"))
        }
        // That the host of the services is gone is a finding of its own.
        Said::NxDomain if leads_right && leads_to_target(case, &chain) => return,
        Said::NxDomain => (
            Code::AliasDangling,
            format!("{name} leads to {path}, which does not exist (NXDOMAIN)"),
        ),
        Said::Records | Said::NoData if !leads_right => {
            (Code::AliasWrong, format!("{name} leads to {path}, not to {wanted}"))
        }
        Said::Records | Said::NoData | Said::Failed(_) => return,
    };
    let severity = match (code, alias.name) {
        (Code::AliasDangling, ConfigName::Autodiscover) => Severity::Critical,
        _ => code.severity(),
    };
    findings
        .add(code, alias.set.owner(), RecordType::CNAME, message)
        .at(severity)
        .expect_set(Some(&alias.set))
        .observe(observed.clone())
        .replace(&observed, &alias.set);
}

fn leads_to_target(case: &Case<'_>, chain: &[&Name]) -> bool {
    let offered = Label::ALL.into_iter().filter(|label| case.plan.label(*label).is_offered());
    offered.flat_map(|label| case.reals(label)).any(|srv| chain.contains(&srv.target))
}

/// No alias stands there: nothing, addresses, or something else.
fn check_without_alias(case: &Case<'_>, alias: &AliasPlan, said: Said, findings: &mut Findings) {
    if said == Said::NxDomain {
        add_missing(alias, findings).replace(&[], &alias.set);
        return;
    }
    let v4 = case.observed.config(alias.name);
    let v6 = case.observed.config_v6(alias.name);
    let is_failed = |said| matches!(said, Said::Failed(_));
    if is_failed(said) || v6.is_some_and(|heard| is_failed(heard.said())) {
        return;
    }
    let addresses: Vec<RData> = [Some(v4), v6].iter().flatten().flat_map(Heard::rdatas).collect();
    let host = case.observed.host(alias.host.name());
    if addresses.is_empty() {
        add_without_address(case, alias, findings);
    } else if !Family::ALL.into_iter().any(|family| is_failed(host.said(family))) {
        add_addresses(case, alias, addresses, v4.ttl(), findings);
    }
}

fn add_missing<'a>(alias: &AliasPlan, findings: &'a mut Findings) -> &'a mut Finding {
    let severity = match alias.name {
        ConfigName::Autoconfig => Severity::Warning,
        ConfigName::Autodiscover => Severity::Info,
    };
    let message = format!("{} is not published", alias.name.text());
    findings
        .add(Code::AliasMissing, alias.set.owner(), RecordType::CNAME, message)
        .at(severity)
        .expect_set(Some(&alias.set))
}

/// The name exists, perhaps for other data, and an alias stands beside nothing (RFC 1034 §3.6.2):
/// the remedy is the addresses that the alias would lead to.
fn add_without_address(case: &Case<'_>, alias: &AliasPlan, findings: &mut Findings) {
    let ttl = findings.ttl();
    let finding = add_missing(alias, findings);
    finding.message = format!("{} exists, with neither an alias nor an address", alias.name.text());
    for data in case.observed.host(alias.host.name()).addresses() {
        let owner = alias.set.owner().clone();
        finding.publish(ResourceRecord { owner, ttl, data });
    }
}

/// A DNS host may show the addresses of the alias's end in place of the alias.
fn add_addresses(
    case: &Case<'_>,
    alias: &AliasPlan,
    addresses: Vec<RData>,
    ttl: u32,
    findings: &mut Findings,
) {
    let wanted = plain_text(alias.host.name());
    let expected = case.observed.host(alias.host.name()).addresses();
    let same = addresses.iter().all(|address| expected.contains(address));
    let name = alias.name.text();
    let (code, message) = if same {
        (Code::AliasFlattened, format!("{name} holds the addresses of {wanted} as a copy"))
    } else {
        let shown: Vec<String> = addresses
            .iter()
            .filter_map(|data| data.ip_addr().map(|address| address.to_string()))
            .collect();
        let plural = if shown.len() == 1 { "address" } else { "addresses" };
        let shown = enumerate(&shown);
        (Code::AliasWrong, format!("{name} has the {plural} {shown}, not those of {wanted}"))
    };
    let finding = findings
        .add(code, alias.set.owner(), RecordType::CNAME, message)
        .expect_set(Some(&alias.set))
        .observe(addresses.clone());
    for data in addresses {
        finding.delete(alias.set.owner(), ttl, data);
    }
    finding.replace(&[], &alias.set);
}
