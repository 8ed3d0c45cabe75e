//! Where mail for the domain goes: the MX beside what clients are told.

use hickory_proto::rr::rdata::MX;
use hickory_proto::rr::{Name, RData, RecordType};

use super::Case;
use super::leftovers::other_provider;
use crate::audit::finding::{Findings, Phrase, Subject};
use crate::audit::providers;
use crate::code::{Code, Severity};
use crate::inquiry::{Inquiry, Said, Wanted};
use crate::name::plain_text;
use crate::plan::{Purpose, RecordPlan};
use crate::rrset::RrSet;
use crate::words::enumerate;

/// Without an MX the domain may not even exist, and one at another provider takes the mail there.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    inquiry.seek(plan.domain().name(), RecordType::MX, Wanted::Anything);
}

/// Where the profile says nothing of the MX, only a domain that no mail reaches and the MX of another
/// known provider are reported.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = case.plan.domain().name();
    let heard = case.observed.heard(domain, RecordType::MX);
    let exchanges = exchanges(case);
    if check_null(case, findings) {
        return;
    }
    match (case.planned_for(Purpose::Exchange).next(), heard.said()) {
        (Some(planned), Said::NoData) => {
            let message = format!("{} has no MX, though the profile has one", plain_text(domain));
            let subject = Subject::rrset(domain, RecordType::MX);
            let draft = findings.add(Code::MxMissing, subject, "", Phrase::Whole(message));
            draft.expect_set(Some(planned)).replace(&[], planned);
        }
        (Some(planned), Said::Records) => check_planned(planned, &exchanges, findings),
        (None, Said::NoData) => check_route(case, findings),
        (None, Said::Records) => check_provider(case, &exchanges, findings),
        (_, Said::NxDomain | Said::Failed(_)) => {}
    }
    check_aliases(case, &exchanges, findings);
}

/// The mail exchanges of the domain, best preference first.
fn exchanges(case: &Case<'_>) -> Vec<MX> {
    let heard = case.observed.heard(case.plan.domain().name(), RecordType::MX);
    let mut exchanges: Vec<MX> = heard
        .rdatas()
        .into_iter()
        .filter_map(|data| match data {
            RData::MX(mx) => Some(mx),
            _ => None,
        })
        .collect();
    exchanges.sort_by(|a, b| (a.preference, &a.exchange).cmp(&(b.preference, &b.exchange)));
    exchanges
}

/// RFC 7505 §3: a null MX is one MX record with the root as its exchange. True where there is one.
pub(super) fn check_null(case: &Case<'_>, findings: &mut Findings) -> bool {
    let exchanges = exchanges(case);
    let [only] = exchanges.as_slice() else { return false };
    if !only.exchange.is_root() {
        return false;
    }
    let planned = case.planned_for(Purpose::Exchange).next();
    let serves_mail = case.places.iter().any(|place| place.reals().next().is_some());
    if !serves_mail && planned.is_none() {
        return true;
    }
    let owner = case.plan.domain().name();
    let shown = plain_text(owner);
    let message = if serves_mail {
        format!("{shown} has a null MX, and mail services beside it")
    } else {
        format!("{shown} has a null MX, though the profile has mail exchanges")
    };
    let subject = Subject::rrset(owner, RecordType::MX);
    let draft = findings.add(Code::NullMx, subject, "", Phrase::Whole(message));
    let null = RData::MX(only.clone());
    draft.expect_set(planned).observe([null.clone()]);
    // Without a plan there is no fix: a domain without its null MX takes mail at its address, often
    // that of a web host.
    if let Some(planned) = planned {
        draft.replace(&[null], planned);
    }
    true
}

/// The exchanges of the profile must stand, and be the best.
fn check_planned(planned: &RrSet, exchanges: &[MX], findings: &mut Findings) {
    let is_ours = |name: &Name| {
        planned.rdatas().iter().any(|data| matches!(data, RData::MX(mx) if mx.exchange == *name))
    };
    let best = exchanges.iter().filter(|mx| is_ours(&mx.exchange)).map(|mx| mx.preference).min();
    let foreign: Vec<&MX> = exchanges
        .iter()
        .filter(|mx| !is_ours(&mx.exchange) && best.is_none_or(|best| mx.preference < best))
        .collect();
    if foreign.is_empty() {
        return;
    }
    let owner = planned.owner();
    let shown = shown(&foreign);
    // A filter takes the mail in and hands it on; where, DNS does not say.
    let are_filters = foreign.iter().all(|mx| providers::filter(&mx.exchange).is_some());
    let message = match best {
        _ if are_filters => {
            format!("the MX leads to {shown}, a filter that may stand in front of ours")
        }
        None => format!("the MX leads to {shown}, not to the profile's mail exchange"),
        Some(best) => format!("the MX leads to {shown} in front of ours (preference {best})"),
    };
    let subject = Subject::rrset(owner, RecordType::MX);
    let code = Code::MxUnexpected;
    let severity = if are_filters { Severity::Info } else { code.severity() };
    let draft = findings.add_at(code, severity, subject, "", Phrase::Whole(message));
    let observed: Vec<RData> = exchanges.iter().cloned().map(RData::MX).collect();
    draft.expect_set(Some(planned)).observe(observed.iter().cloned());
    match best {
        // Without the filter, what it keeps out comes in.
        _ if are_filters => {}
        None => {
            draft.replace(&observed, planned);
        }
        Some(_) => {
            for mx in foreign {
                draft.delete(owner, RData::MX(mx.clone()));
            }
        }
    }
}

/// The hosts with the providers that they are known to belong to.
fn shown(exchanges: &[&MX]) -> String {
    let names: Vec<String> = exchanges
        .iter()
        .map(|mx| {
            let name = plain_text(&mx.exchange);
            match providers::known(&mx.exchange).or_else(|| providers::filter(&mx.exchange)) {
                Some(provider) => format!("{name} ({provider})"),
                None => name,
            }
        })
        .collect();
    enumerate(&names)
}

/// RFC 5321 §5.1: without an MX, mail goes to the address of the domain.
fn check_route(case: &Case<'_>, findings: &mut Findings) {
    let owner = case.plan.domain().name();
    let host = case.observed.host(owner);
    if !host.is_known() || !host.addresses().is_empty() {
        return;
    }
    let message =
        format!("{} has neither an MX nor an address: no mail reaches it", plain_text(owner));
    let subject = Subject::rrset(owner, RecordType::MX);
    findings.add(Code::NoMailRoute, subject, "", Phrase::Whole(message));
}

/// The profile says nothing of the MX; one at another provider means that the mailboxes that clients
/// are led to get no mail.
fn check_provider(case: &Case<'_>, exchanges: &[MX], findings: &mut Findings) {
    let Some(best) = exchanges.first() else { return };
    let Some(provider) = other_provider(case, &best.exchange) else { return };
    let owner = case.plan.domain().name();
    let message = format!(
        "the MX still leads to {} ({provider}), so mail arrives there and not where clients read it",
        plain_text(&best.exchange)
    );
    let subject = Subject::rrset(owner, RecordType::MX);
    let draft = findings.add(Code::ProviderLeftover, subject, "", Phrase::Whole(message));
    draft.observe(exchanges.iter().cloned().map(RData::MX));
}

/// RFC 2181 §10.3: the target of an MX is no alias.
fn check_aliases(case: &Case<'_>, exchanges: &[MX], findings: &mut Findings) {
    let owner = case.plan.domain().name();
    for mx in exchanges {
        let heard = case.observed.heard(&mx.exchange, RecordType::A);
        let Some(canonical) = heard.chain().pop() else { continue };
        // A server that is an alias, or whose alias leads nowhere, is one matter, whoever names it.
        let known = [RecordType::CNAME, RecordType::A];
        if known.into_iter().any(|rtype| findings.has(&mx.exchange, rtype)) {
            continue;
        }
        let (shown, end) = (plain_text(&mx.exchange), plain_text(&canonical));
        let message = if heard.said() == Said::NxDomain {
            format!(
                "{shown}, the target of the MX, is an alias of {end}, which does not exist (NXDOMAIN)"
            )
        } else {
            format!("{shown}, the target of the MX, is an alias; its canonical name is {end}")
        };
        let subject = Subject::rrset(owner, RecordType::MX);
        let draft = findings.add(Code::MxAlias, subject, "", Phrase::Whole(message));
        draft.observe([RData::MX(mx.clone())]);
        let is_planned = case.planned_hosts().any(|host| *host == mx.exchange);
        if heard.said() == Said::Records && !is_planned {
            draft.delete(owner, RData::MX(mx.clone()));
            draft.publish(owner, RData::MX(MX::new(mx.preference, canonical)));
        }
    }
}
