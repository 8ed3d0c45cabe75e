//! Whether the records of an RRset are ours, and what stands beside them.

use hickory_proto::rr::RecordType;

use super::{Case, Findings, mend, planned_for, rdatas, targets_text};
use crate::audit::Code;
use crate::inquiry::SrvView;
use crate::name::plain_text;
use crate::plan::LabelPlan;
use crate::rrset::RrSet;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for plan in case.plan.labels() {
        check_denials(case, plan, findings);
        if let Some(planned) = plan.offered_set() {
            check_targets(case, plan, planned, findings);
        }
    }
}

/// RFC 2782: the target `.` stands alone, and its port says nothing.
fn check_denials(case: &Case<'_>, plan: &LabelPlan, findings: &mut Findings) {
    let heard = case.observed.service(plan.label);
    let all = heard.srvs();
    let owner = case.owner(plan.label);
    let denials: Vec<SrvView<'_>> = all.iter().copied().filter(SrvView::is_denial).collect();
    if denials.is_empty() {
        return;
    }
    if denials.len() < all.len() {
        let message = format!(
            "{} is denied with the target \".\" and leads to {} at once",
            plan.label,
            targets_text(&case.reals(plan.label))
        );
        let finding = findings
            .add(Code::DenialNotAlone, &owner, RecordType::SRV, message)
            .expect_set(plan.offered_set())
            .observe(rdatas(&all));
        match plan.offered_set() {
            Some(planned) if !heard.chain().is_empty() => mend(finding, &heard, planned),
            Some(_) => {
                for denial in rdatas(&denials) {
                    finding.delete(&owner, heard.ttl(), denial);
                }
            }
            None => {}
        }
    }
    if let Some(odd) = denials.iter().find(|srv| srv.port != 0) {
        let message = format!("the denial of {} has port {} in place of 0", plan.label, odd.port);
        let finding =
            findings.add(Code::DenialPort, &owner, RecordType::SRV, message).observe(rdatas(&all));
        if let crate::plan::Expected::Denied(set) = &plan.expected {
            mend(finding.expect_set(Some(set)), &heard, set);
        }
    }
}

fn check_targets(case: &Case<'_>, plan: &LabelPlan, planned: &RrSet, findings: &mut Findings) {
    let reals = case.reals(plan.label);
    let ours: Vec<_> = case.ours(plan.label).into_iter().map(|(srv, _)| srv).collect();
    let observed = rdatas(&reals);
    if reals.is_empty() {
        return;
    }
    if ours.is_empty() {
        add_unexpected(case, plan, planned, findings);
        return;
    }
    let best = ours.iter().map(|srv| srv.priority).min().unwrap_or_default();
    for other in reals.iter().filter(|srv| planned_for(plan, srv.target).is_none()) {
        let (code, place) = if other.priority < best {
            (Code::ExtraPreferred, "in front of")
        } else {
            (Code::ExtraRecord, "beside")
        };
        let target = plain_text(other.target);
        let message = format!(
            "{} leads to {target} {place} ours (priority {}, ours {best})",
            plan.label, other.priority
        );
        let finding = findings
            .add(code, planned.owner(), RecordType::SRV, message)
            .expect_set(Some(planned))
            .observe(observed.clone());
        let heard = case.observed.service(plan.label);
        if heard.chain().is_empty() {
            finding.delete(planned.owner(), heard.ttl(), other.rdata());
        } else {
            mend(finding, &heard, planned);
        }
    }
}

fn add_unexpected(case: &Case<'_>, plan: &LabelPlan, planned: &RrSet, findings: &mut Findings) {
    let reals = case.reals(plan.label);
    let doubled = reals.iter().find_map(|srv| Some((srv, case.undoubled(srv.target)?)));
    let (code, message) = match doubled {
        Some((srv, meant)) => (
            Code::TargetDoubledSuffix,
            format!(
                "{} leads to {}, which ends in the zone twice; {} was meant, with a trailing dot",
                plan.label,
                plain_text(srv.target),
                plain_text(&meant)
            ),
        ),
        None => (
            Code::TargetUnexpected,
            format!("{} leads to {}, not to our server", plan.label, targets_text(&reals)),
        ),
    };
    let heard = case.observed.service(plan.label);
    let finding = findings
        .add(code, planned.owner(), RecordType::SRV, message)
        .expect_set(Some(planned))
        .observe(rdatas(&heard.srvs()));
    mend(finding, &heard, planned);
}
