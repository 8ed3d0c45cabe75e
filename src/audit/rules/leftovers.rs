//! What another provider left behind beside the plan.

use hickory_proto::rr::{Name, RecordType};

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::providers;
use crate::code::Code;
use crate::inquiry::{Inquiry, Wanted};
use crate::name::plain_text;
use crate::plan::RecordPlan;
use crate::service::{AUTODISCOVER_LABEL, ConfigName, PROTO};

/// The names that clients read, whether or not the profile publishes them.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    for name in ConfigName::ALL {
        let owner = plan.domain().prefixed(&[name.text()]);
        inquiry.seek(&owner, RecordType::A, Wanted::Anything);
    }
    let owner = plan.domain().prefixed(&[AUTODISCOVER_LABEL, PROTO]);
    inquiry.seek(&owner, RecordType::SRV, Wanted::Anything);
}

/// Runs last of the rules that publish or delete: where another has a finding for the name, that is
/// the cause.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for name in ConfigName::ALL {
        check_name(case, name, findings);
    }
    check_autodiscover(case, findings);
}

/// The known provider that a host belongs to, where that is not the profile's.
pub(super) fn other_provider(case: &Case<'_>, host: &Name) -> Option<&'static str> {
    let provider = providers::known(host)?;
    let is_ours = |planned: &Name| providers::known(planned) == Some(provider);
    (!case.planned_hosts().any(is_ours)).then_some(provider)
}

/// A name of documents that the profile does not publish.
fn check_name(case: &Case<'_>, name: ConfigName, findings: &mut Findings) {
    let owner = case.plan.domain().prefixed(&[name.text()]);
    let is_planned = case.plan.published().any(|(_, set)| *set.owner() == owner);
    let chain = case.observed.heard(&owner, RecordType::A).chain();
    if is_planned || findings.has(&owner, RecordType::CNAME) {
        return;
    }
    let known = chain.iter().find_map(|host| Some((host, other_provider(case, host)?)));
    let (Some((host, provider)), Some(first)) = (known, chain.first()) else { return };
    let rest = format!("to {} ({provider}), and the profile publishes none", plain_text(host));
    let subject = Subject::rrset(&owner, RecordType::CNAME);
    let phrase = Phrase::Of(Verb::Leads, rest);
    let draft = findings.add(Code::ProviderLeftover, subject, name.text(), phrase);
    draft.delete_alias(&owner, first);
}

/// `_autodiscover._tcp`, where the profile does not publish it.
fn check_autodiscover(case: &Case<'_>, findings: &mut Findings) {
    let owner = case.plan.domain().prefixed(&[AUTODISCOVER_LABEL, PROTO]);
    if case.planned(&owner, RecordType::SRV).is_some() || findings.has(&owner, RecordType::SRV) {
        return;
    }
    let heard = case.observed.heard(&owner, RecordType::SRV);
    if case.is_from_wildcard(&heard) {
        return;
    }
    let srvs = heard.srvs();
    let known = srvs.iter().find_map(|srv| Some((srv, other_provider(case, &srv.target)?)));
    let Some((srv, provider)) = known else { return };
    let rest =
        format!("to {} ({provider}), and the profile publishes none", plain_text(&srv.target));
    let subject = Subject::rrset(&owner, RecordType::SRV);
    let phrase = Phrase::Of(Verb::Leads, rest);
    let draft = findings.add(Code::ProviderLeftover, subject, AUTODISCOVER_LABEL, phrase);
    draft.observe(heard.rdatas()).clear(&owner, &heard.chain(), heard.rdatas());
}
