//! Whether the records of an RRset are ours, and what stands beside them.

use hickory_proto::rr::RecordType;

use super::{Case, Findings, mend, planned_in, rdatas, targets_text};
use crate::audit::{Code, Finding, Severity};
use crate::inquiry::{Heard, SrvView};
use crate::name::plain_text;
use crate::plan::Expected;
use crate::rrset::RrSet;
use crate::service::AUTODISCOVER_LABEL;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for plan in case.plan.labels() {
        let denial = match &plan.expected {
            Expected::Denied(set) => Some(set),
            Expected::Offered(_) | Expected::Absent => None,
        };
        let heard = case.observed.service(plan.label);
        let place = Place {
            label: plan.label.text(),
            heard,
            planned: plan.offered_set(),
            denial,
            most: None,
        };
        check_denials(&place, findings);
        check_targets(case, &place, findings);
    }
    if let Some(planned) = case.plan.autodiscover() {
        let heard = case.observed.autodiscover();
        // A last resort of Outlook: another target costs less there than at a mail service.
        let most = Some(Severity::Warning);
        let place =
            Place { label: AUTODISCOVER_LABEL, heard, planned: Some(planned), denial: None, most };
        check_denials(&place, findings);
        check_targets(case, &place, findings);
    }
}

/// One owner name with what was heard there and what is planned.
struct Place<'a> {
    label: &'static str,
    heard: Heard<'a>,
    /// What must stand there, where the service is offered.
    planned: Option<&'a RrSet>,
    /// What must stand there, where the service is denied.
    denial: Option<&'a RrSet>,
    /// The most that a wrong target is worth here.
    most: Option<Severity>,
}

impl Place<'_> {
    fn reals(&self) -> Vec<SrvView<'_>> {
        let mut srvs = self.heard.srvs();
        srvs.retain(|srv| !srv.is_denial());
        srvs
    }

    fn temper(&self, finding: &mut Finding) {
        if let Some(most) = self.most {
            finding.severity = finding.severity.min(most);
        }
    }
}

/// RFC 2782: the target `.` stands alone, and its port says nothing.
fn check_denials(place: &Place<'_>, findings: &mut Findings) {
    let Place { label, heard, .. } = place;
    let all = heard.srvs();
    let owner = heard.question().name;
    let denials: Vec<SrvView<'_>> = all.iter().copied().filter(SrvView::is_denial).collect();
    let reals = place.reals();
    if denials.is_empty() {
        return;
    }
    if !reals.is_empty() {
        let message = format!(
            "{label} is denied with the target \".\" and leads to {} at once",
            targets_text(&reals)
        );
        let finding = findings
            .add(Code::DenialNotAlone, &owner, RecordType::SRV, message)
            .expect_set(place.planned.or(place.denial))
            .observe(rdatas(&all));
        match place.planned {
            Some(planned) if !heard.chain().is_empty() => mend(finding, heard, planned),
            Some(_) => {
                for denial in rdatas(&denials) {
                    finding.delete(&owner, heard.ttl(), denial);
                }
            }
            None => {}
        }
    }
    if let Some(odd) = denials.iter().find(|srv| srv.port != 0) {
        let message = format!("the denial of {label} has port {} in place of 0", odd.port);
        let finding =
            findings.add(Code::DenialPort, &owner, RecordType::SRV, message).observe(rdatas(&all));
        if let Some(set) = place.denial {
            mend(finding.expect_set(Some(set)), heard, set);
        }
    }
}

fn check_targets(case: &Case<'_>, place: &Place<'_>, findings: &mut Findings) {
    let Some(planned) = place.planned else { return };
    let reals = place.reals();
    let is_ours = |srv: &SrvView<'_>| planned_in(planned, srv.target).is_some();
    let Some(best) = reals.iter().filter(|srv| is_ours(srv)).map(|srv| srv.priority).min() else {
        // An alias of our server is a finding of its own, and leads to us.
        let is_ours_in_the_end = |srv: &SrvView<'_>| {
            let chain = case.observed.host(srv.target).chain();
            chain.into_iter().any(|name| planned_in(planned, name).is_some())
        };
        if !reals.is_empty() && !reals.iter().all(is_ours_in_the_end) {
            add_unexpected(case, place, planned, findings);
        }
        return;
    };
    let mut extras: Vec<(Code, Vec<SrvView<'_>>)> = Vec::new();
    for other in reals.iter().filter(|srv| !is_ours(srv)) {
        let code = extra_code(case, other, best);
        match extras.iter_mut().find(|(known, _)| *known == code) {
            Some((_, others)) => others.push(*other),
            None => extras.push((code, vec![*other])),
        }
    }
    for (code, others) in extras {
        let message = extra_message(case, code, place.label, &others, best);
        let finding = findings
            .add(code, planned.owner(), RecordType::SRV, message)
            .expect_set(Some(planned))
            .observe(rdatas(&reals));
        place.temper(finding);
        if place.heard.chain().is_empty() {
            for other in &others {
                finding.delete(planned.owner(), place.heard.ttl(), other.rdata());
            }
        } else {
            mend(finding, &place.heard, planned);
        }
    }
}

/// What a record beside ours is: our own without its dot, or another's before or behind ours.
fn extra_code(case: &Case<'_>, other: &SrvView<'_>, best: u16) -> Code {
    if case.undoubled(other.target).is_some() {
        Code::TargetDoubledSuffix
    } else if other.priority < best {
        Code::ExtraPreferred
    } else {
        Code::ExtraRecord
    }
}

fn extra_message(
    case: &Case<'_>,
    code: Code,
    label: &str,
    others: &[SrvView<'_>],
    best: u16,
) -> String {
    let meant = others.first().and_then(|srv| Some((srv, case.undoubled(srv.target)?)));
    if let (Code::TargetDoubledSuffix, Some((srv, meant))) = (code, meant) {
        return doubled(label, srv, &plain_text(&meant));
    }
    let side = if code == Code::ExtraPreferred { "in front of" } else { "beside" };
    let priorities = match others {
        [] => String::new(),
        [one] => format!("priority {}, ours {best}", one.priority),
        [first, .., last] => {
            format!("priorities {} to {}, ours {best}", first.priority, last.priority)
        }
    };
    format!("{label} leads to {} {side} ours ({priorities})", targets_text(others))
}

fn doubled(label: &str, srv: &SrvView<'_>, meant: &str) -> String {
    let target = plain_text(srv.target);
    format!(
        "{label} leads to {target}, which ends in the zone twice; {meant} was meant, with a trailing dot"
    )
}

fn add_unexpected(case: &Case<'_>, place: &Place<'_>, planned: &RrSet, findings: &mut Findings) {
    let reals = place.reals();
    let meant = reals.iter().find_map(|srv| Some((srv, case.undoubled(srv.target)?)));
    let (code, message) = match meant {
        Some((srv, meant)) => {
            (Code::TargetDoubledSuffix, doubled(place.label, srv, &plain_text(&meant)))
        }
        None => (
            Code::TargetUnexpected,
            format!("{} leads to {}, not to our server", place.label, targets_text(&reals)),
        ),
    };
    let finding = findings
        .add(code, planned.owner(), RecordType::SRV, message)
        .expect_set(Some(planned))
        .observe(rdatas(&place.heard.srvs()));
    place.temper(finding);
    mend(finding, &place.heard, planned);
}
