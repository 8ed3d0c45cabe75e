//! The names `autoconfig` and `autodiscover`: whether they lead to the profile's host.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use super::{Case, Findings, enumerate};
use crate::answer::Failure;
use crate::audit::{Code, Severity};
use crate::inquiry::{Family, Said};
use crate::name::plain_text;
use crate::plan::AliasPlan;
use crate::service::ConfigName;

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
            (Code::AliasLoop, format!("{name} is an alias that loops: {path}"))
        }
        Said::NxDomain => (
            Code::AliasDangling,
            format!("{name} leads to {path}, which does not exist (NXDOMAIN)"),
        ),
        _ if !leads_right => (Code::AliasWrong, format!("{name} leads to {path}, not to {wanted}")),
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

/// No alias stands there: nothing, or addresses.
fn check_without_alias(case: &Case<'_>, alias: &AliasPlan, said: Said, findings: &mut Findings) {
    match said {
        Said::NoData | Said::NxDomain => add_missing(alias, findings),
        Said::Records => check_addresses(case, alias, findings),
        Said::Failed(_) => {}
    }
}

fn add_missing(alias: &AliasPlan, findings: &mut Findings) {
    let name = alias.name.text();
    let severity = match alias.name {
        ConfigName::Autoconfig => Severity::Warning,
        ConfigName::Autodiscover => Severity::Info,
    };
    let message = format!("{name} is not published");
    findings
        .add(Code::AliasMissing, alias.set.owner(), RecordType::CNAME, message)
        .at(severity)
        .expect_set(Some(&alias.set))
        .replace(&[], &alias.set);
}

/// A DNS host may show the addresses of the alias's end in place of the alias.
fn check_addresses(case: &Case<'_>, alias: &AliasPlan, findings: &mut Findings) {
    let heard = case.observed.config(alias.name);
    let addresses = heard.rdatas();
    let wanted: &Name = alias.host.name();
    let host = case.observed.host(wanted);
    if matches!(host.said(Family::V4), Said::Failed(_)) {
        return;
    }
    let expected = host.addresses();
    let same = addresses.iter().all(|address| expected.contains(address));
    let name = alias.name.text();
    let shown: Vec<String> = addresses
        .iter()
        .filter_map(|data| data.ip_addr().map(|address| address.to_string()))
        .collect();
    let (code, message) = if same {
        let message = format!("{name} holds the addresses of {} as a copy", plain_text(wanted));
        (Code::AliasFlattened, message)
    } else {
        let message = format!(
            "{name} has the address {}, not that of {}",
            enumerate(&shown),
            plain_text(wanted)
        );
        (Code::AliasWrong, message)
    };
    let finding = findings
        .add(code, alias.set.owner(), RecordType::CNAME, message)
        .expect_set(Some(&alias.set))
        .observe(addresses.clone());
    for data in addresses {
        finding.delete(alias.set.owner(), heard.ttl(), data);
    }
    finding.replace(&[], &alias.set);
}
