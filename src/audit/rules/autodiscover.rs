//! Whether the two ways of Autodiscover lead to one provider.

use hickory_proto::rr::{Name, RecordType};

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject};
use crate::code::Code;
use crate::inquiry::Said;
use crate::name::plain_text;
use crate::plan::{Purpose, registrable};
use crate::service::{AUTODISCOVER_LABEL, ConfigName, PROTO};

/// A record that the profile plans has a finding of its own where it leads elsewhere; what stands
/// beside the plan is seen here.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = case.plan.domain();
    let name = domain.prefixed(&[ConfigName::Autodiscover.text()]);
    let service = domain.prefixed(&[AUTODISCOVER_LABEL, PROTO]);
    let is_planned = |owner: &Name, rtype| case.planned(owner, rtype).is_some();
    if is_planned(&name, RecordType::CNAME) && is_planned(&service, RecordType::SRV) {
        return;
    }
    let heard = case.observed.heard(&name, RecordType::A);
    let chain = heard.chain();
    let (Some(first), Said::Records) = (chain.first(), heard.said()) else { return };
    let heard_service = case.observed.heard(&service, RecordType::SRV);
    if case.is_from_wildcard(&heard_service) {
        return;
    }
    let srvs = heard_service.srvs();
    let Some(srv) = srvs.iter().find(|srv| !srv.is_denial()) else { return };
    if domain.name().zone_of(&srv.target) || registrable(first) == registrable(&srv.target) {
        return;
    }
    let message = format!(
        "autodiscover leads to {} and {AUTODISCOVER_LABEL} to {}: two providers, and which one answers depends on the client",
        plain_text(first),
        plain_text(&srv.target)
    );
    let subject = Subject::rrset(&service, RecordType::SRV);
    let draft = findings.add(Code::AutodiscoverSplit, subject, "", Phrase::Whole(message));
    draft.about(Subject::rrset(&name, RecordType::CNAME)).observe(heard_service.rdatas());
    // What the profile does not plan goes.
    if is_planned(&service, RecordType::SRV) {
        let planned = case.planned_for(Purpose::Config(ConfigName::Autodiscover)).next();
        if planned.is_none() {
            draft.delete_alias(&name, first);
        }
        return;
    }
    draft.clear(&service, &heard_service.chain(), heard_service.rdatas());
}
