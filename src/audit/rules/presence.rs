//! Whether the records are there, and only those of services that are offered.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{RData, RecordType};

use super::{Case, Findings, enumerate, mend, planned_for, rdatas, targets_text};
use crate::audit::Code;
use crate::name::plain_text;
use crate::plan::{Expected, LabelPlan};
use crate::service::Label;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let offered: Vec<&LabelPlan> =
        case.plan.labels().iter().filter(|plan| plan.is_offered()).collect();
    let none_published = !offered.is_empty()
        && offered.iter().all(|plan| case.observed.service(plan.label).is_absent());
    if none_published {
        add_none_published(case, findings);
    }
    for plan in case.plan.labels() {
        match &plan.expected {
            Expected::Offered(_) if none_published => {}
            Expected::Offered(_) => check_offered(case, plan, findings),
            Expected::Denied(_) | Expected::Absent => {
                check_unoffered(case, plan, findings);
                // Who publishes nothing denies nothing; that is one matter, not two.
                if !none_published {
                    check_denial(case, plan, findings);
                }
            }
        }
    }
}

fn add_none_published(case: &Case<'_>, findings: &mut Findings) {
    let labels: Vec<String> = case
        .plan
        .labels()
        .iter()
        .filter(|plan| plan.is_offered())
        .map(|plan| plan.label.to_string())
        .collect();
    let message = format!("none of the offered services has an SRV record: {}", enumerate(&labels));
    let finding =
        findings.add(Code::NoSrvPublished, case.plan.domain().name(), RecordType::SRV, message);
    for plan in case.plan.labels() {
        let Some(set) = plan.offered_set() else { continue };
        finding.expected.extend(set.rdatas().iter().cloned());
        mend(finding, &case.observed.service(plan.label), set);
    }
}

fn check_offered(case: &Case<'_>, plan: &LabelPlan, findings: &mut Findings) {
    let Some(planned) = plan.offered_set() else { return };
    let heard = case.observed.service(plan.label);
    let owner = planned.owner();
    let label = plan.label;
    if heard.is_absent() && !is_misnamed(case, label) {
        let what = match heard.chain().last() {
            None => "is not published".to_owned(),
            Some(end) => format!("is an alias of {}, which holds no SRV record", plain_text(end)),
        };
        let message = format!(
            "{label} {what}, though {} with {} is offered",
            label.service().title(),
            label.mode().title()
        );
        let finding = findings
            .add(Code::SrvMissing, owner, RecordType::SRV, message)
            .expect_set(Some(planned));
        mend(finding, &heard, planned);
        return;
    }
    let all = heard.srvs();
    if all.is_empty() {
        return;
    }
    let reals = case.reals(label);
    if reals.is_empty() {
        let message = format!("{label} is denied with the target \".\", though it is offered");
        let finding = findings
            .add(Code::ServiceDenied, owner, RecordType::SRV, message)
            .expect_set(Some(planned))
            .observe(rdatas(&all));
        mend(finding, &heard, planned);
        return;
    }
    add_absent_servers(case, plan, findings);
}

/// Some servers of the profile are there and others are not.
fn add_absent_servers(case: &Case<'_>, plan: &LabelPlan, findings: &mut Findings) {
    let Some(planned) = plan.offered_set() else { return };
    let ours = case.ours(plan.label);
    if ours.is_empty() {
        return;
    }
    let observed = rdatas(&case.reals(plan.label));
    for record in planned.records() {
        let RData::SRV(srv) = &record.data else { continue };
        if ours.iter().any(|(seen, _)| *seen.target == srv.target) {
            continue;
        }
        let message = format!("{} lacks the server {}", plan.label, plain_text(&srv.target));
        let finding = findings
            .add(Code::SrvIncomplete, planned.owner(), RecordType::SRV, message)
            .expect_set(Some(planned))
            .observe(observed.clone());
        match case.observed.service(plan.label) {
            heard if heard.chain().is_empty() => {
                finding.publish(record);
            }
            heard => mend(finding, &heard, planned),
        }
    }
}

fn check_unoffered(case: &Case<'_>, plan: &LabelPlan, findings: &mut Findings) {
    let label = plan.label;
    let owner = case.owner(label);
    let heard = case.observed.service(label);
    let denial = match &plan.expected {
        Expected::Denied(set) => Some(set),
        Expected::Offered(_) | Expected::Absent => None,
    };
    let reals = case.reals(label);
    if !reals.is_empty() {
        let message = format!(
            "{label} leads to {}, though {} with {} is not offered",
            targets_text(&reals),
            label.service().title(),
            label.mode().title()
        );
        let observed = rdatas(&heard.srvs());
        let finding = findings
            .add(Code::UnofferedPublished, &owner, RecordType::SRV, message)
            .expect_set(denial)
            .observe(observed);
        match (denial, heard.chain().first()) {
            (Some(set), _) => mend(finding, &heard, set),
            (None, Some(next)) => {
                let alias = RData::CNAME(CNAME((*next).clone()));
                finding.delete(&owner, heard.ttl(), alias);
            }
            (None, None) => {
                for real in rdatas(&reals) {
                    finding.delete(&owner, heard.ttl(), real);
                }
            }
        }
    }
}

fn check_denial(case: &Case<'_>, plan: &LabelPlan, findings: &mut Findings) {
    let Expected::Denied(set) = &plan.expected else { return };
    let label = plan.label;
    let heard = case.observed.service(label);
    if !heard.is_absent() {
        return;
    }
    let message = format!(
        "{label} is not denied with the target \".\", though {} with {} is not offered",
        label.service().title(),
        label.mode().title()
    );
    let finding = findings
        .add(Code::DenialMissing, set.owner(), RecordType::SRV, message)
        .expect_set(Some(set));
    mend(finding, &heard, set);
}

/// The record stands under a wrong label, which has a finding of its own.
pub(super) fn is_misnamed(case: &Case<'_>, label: Label) -> bool {
    case.observed.misnomers().any(|(misnomer, heard)| {
        misnomer.right == label
            && heard.srvs().iter().any(|srv| {
                !srv.is_denial() && planned_for(case.plan.label(label), srv.target).is_some()
            })
    })
}
