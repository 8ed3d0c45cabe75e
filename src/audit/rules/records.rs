//! Whether the records of an RRset are ours, and what stands beside them.

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData};

use super::spelling::misspelt;
use super::{Case, belonging, leads_to_us, take_partner};
use crate::audit::finding::{Findings, Phrase, Verb};
use crate::audit::place::{Kind, Place, targets_text};
use crate::code::{Code, Severity};
use crate::inquiry::SrvView;
use crate::name::plain_text;
use crate::rrset::RrSet;
use crate::words::enumerate;

/// What a wildcard answers is left out: its records are not those of the name.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for place in case.places.iter().filter(|place| !place.is_wildcard) {
        check_denials(place, findings);
        if let Some(planned) = place.planned {
            check_targets(case, place, planned, findings);
        }
    }
}

/// RFC 2782: the target `.` stands alone, and its port says nothing.
fn check_denials(place: &Place<'_>, findings: &mut Findings) {
    let denials: Vec<&SrvView> = place.srvs.iter().filter(|srv| srv.is_denial()).collect();
    if denials.is_empty() {
        return;
    }
    if place.reals().next().is_some() {
        let rest = "denied with the target \".\" and published at once".to_owned();
        let phrase = Phrase::Of(Verb::Is, rest);
        let draft = findings.add(Code::DenialNotAlone, place.subject(), place.label(), phrase);
        draft.expect_set(place.planned.or(place.denial)).observe(place.rdatas());
        if place.planned.is_some() {
            for denial in &denials {
                place.remove(draft, denial);
            }
        }
    }
    let mut odds = denials.iter().filter(|srv| srv.port != 0).peekable();
    if let (Some(odd), None) = (odds.peek(), place.planned) {
        let rest = format!("a denial with port {} in place of 0", odd.port);
        let phrase = Phrase::Of(Verb::Has, rest);
        let draft = findings.add(Code::DenialPort, place.subject(), place.label(), phrase);
        draft.expect_set(place.denial).observe(place.rdatas());
        if place.denial.is_none() {
            for odd in odds {
                place.swap(draft, odd, &SRV::new(0, 0, 0, Name::root()));
            }
        } else if place.reals().next().is_none() {
            place.mend(draft);
        }
    }
}

/// Sorts the records that are not ours into misspelt, in front of, beside, and instead of ours.
fn check_targets(case: &Case<'_>, place: &Place<'_>, planned: &RrSet, findings: &mut Findings) {
    let best = place.ours().map(|(srv, _)| srv.priority).min();
    let is_there = |wanted: &SRV| place.ours().any(|(srv, _)| srv.target == wanted.target);
    let mut left: Vec<&SRV> = planned.srvs().filter(|wanted| !is_there(wanted)).collect();
    // A misspelt record was one of the plan; what is left is missing, or another stands in its place.
    let (misspelt, foreign) = split(case, place);
    for (srv, code, phrase) in misspelt {
        let partner = take_partner(&mut left, srv.port);
        let draft = findings.add_at(
            code,
            temper(place, code.severity()),
            place.subject(),
            place.label(),
            phrase,
        );
        draft.expect_set(Some(planned)).observe([srv.rdata()]);
        match partner {
            Some(partner) => place.swap(draft, srv, partner),
            None => place.remove(draft, srv),
        }
    }
    // What is not among the records that were looked at may yet be there.
    let is_partial = place.heard.is_partial();
    match best {
        Some(best) => {
            add_extras(place, planned, &foreign, best, findings);
            if !is_partial {
                add_incomplete(place, planned, &left, findings);
            }
        }
        None if is_partial => {}
        None if !foreign.is_empty() => add_unexpected(place, planned, &foreign, left, findings),
        None => {}
    }
}

/// A wrong target of Autodiscover costs less than one of a mail service: it is Outlook's last resort.
fn temper(place: &Place<'_>, severity: Severity) -> Severity {
    match place.kind {
        Kind::Autodiscover => severity.min(Severity::Warning),
        _ => severity,
    }
}

/// Records with what their spelling tells.
type Misspelt<'p> = Vec<(&'p SrvView, Code, Phrase)>;

/// The records that are not ours: those whose spelling tells what was meant, and the others. An alias
/// of our server is neither: it has a finding of its own, and leads to us.
fn split<'p>(case: &Case<'_>, place: &'p Place<'_>) -> (Misspelt<'p>, Vec<&'p SrvView>) {
    let (mut misspelled, mut foreign) = (Vec::new(), Vec::new());
    for srv in place.reals().filter(|srv| place.planned_for(&srv.target).is_none()) {
        match misspelt(case, &srv.target) {
            Some((code, phrase)) => misspelled.push((srv, code, phrase)),
            None if leads_to_us(case, place, &srv.target) => {}
            None => foreign.push(srv),
        }
    }
    (misspelled, foreign)
}

/// Those in front take all clients, and those beside or behind some of them: two codes.
fn add_extras(
    place: &Place<'_>,
    planned: &RrSet,
    foreign: &[&SrvView],
    best: u16,
    findings: &mut Findings,
) {
    let (before, beside): (Vec<&SrvView>, Vec<&SrvView>) =
        foreign.iter().partition(|srv| srv.priority < best);
    for (code, side, others) in
        [(Code::ExtraPreferred, "in front of", before), (Code::ExtraRecord, "beside", beside)]
    {
        let priorities = match others.as_slice() {
            [] => continue,
            [one] => format!("priority {}, ours {best}", one.priority),
            [first, .., last] => {
                format!("priorities {} to {}, ours {best}", first.priority, last.priority)
            }
        };
        let targets = targets_text(others.iter().copied());
        let known = belonging(others.iter().copied());
        let rest = format!("to {targets}{known} {side} ours ({priorities})");
        let severity = temper(place, code.severity());
        let phrase = Phrase::Of(Verb::Leads, rest);
        let draft = findings.add_at(code, severity, place.subject(), place.label(), phrase);
        draft.expect_set(Some(planned)).observe(place.reals().map(SrvView::rdata));
        for other in others {
            place.remove(draft, other);
        }
    }
}

/// Some servers of the profile are there and others are not.
fn add_incomplete(place: &Place<'_>, planned: &RrSet, left: &[&SRV], findings: &mut Findings) {
    if left.is_empty() {
        return;
    }
    let names: Vec<String> = left.iter().map(|srv| plain_text(&srv.target)).collect();
    let plural = if left.len() == 1 { "server" } else { "servers" };
    let phrase = Phrase::Of(Verb::Lacks, format!("the {plural} {}", enumerate(&names)));
    let draft = findings.add(Code::SrvIncomplete, place.subject(), place.label(), phrase);
    draft.expect_set(Some(planned)).observe(place.reals().map(SrvView::rdata));
    if place.heard.is_alias() {
        return place.mend(draft);
    }
    for srv in left {
        draft.publish(&place.owner, RData::SRV((*srv).clone()));
    }
}

/// None of the records is ours. Each is replaced by the planned record with its port, as far as
/// there are any.
fn add_unexpected(
    place: &Place<'_>,
    planned: &RrSet,
    foreign: &[&SrvView],
    mut left: Vec<&SRV>,
    findings: &mut Findings,
) {
    let targets = targets_text(foreign.iter().copied());
    let known = belonging(foreign.iter().copied());
    let rest = format!("to {targets}{known}, not to our server");
    let code = Code::TargetUnexpected;
    let severity = temper(place, code.severity());
    let phrase = Phrase::Of(Verb::Leads, rest);
    let draft = findings.add_at(code, severity, place.subject(), place.label(), phrase);
    draft.expect_set(Some(planned)).observe(foreign.iter().map(|srv| srv.rdata()));
    for srv in foreign {
        match take_partner(&mut left, srv.port) {
            Some(partner) => place.swap(draft, srv, partner),
            None => place.remove(draft, srv),
        }
    }
    if !place.heard.is_alias() {
        for srv in left {
            draft.publish(&place.owner, RData::SRV(srv.clone()));
        }
    }
}
