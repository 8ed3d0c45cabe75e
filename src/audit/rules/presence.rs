//! Whether the records are there, and only those of services that are offered.

use hickory_proto::rr::RecordType;

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::place::{Kind, Place, targets_text};
use crate::audit::standing::{Standing, State};
use crate::code::{Code, Severity};
use crate::inquiry::SrvView;
use crate::name::plain_text;
use crate::plan::Purpose;
use crate::rrset::RrSet;
use crate::service::Service;
use crate::words::enumerate;

/// Whether nothing stands by which a client could find a server: no SRV record, no configuration
/// name. What a wildcard says was not published for that.
pub(super) fn is_nothing_published(case: &Case<'_>) -> bool {
    let is_name = |standing: &&Standing| standing.purpose.is_some_and(is_config);
    let mut names = case.standings.iter().filter(is_name).peekable();
    let is_anything_planned =
        names.peek().is_some() || case.places.iter().any(|place| place.planned.is_some());
    let is_absent = |place: &Place<'_>| {
        place.heard.is_absent() || place.is_wildcard && place.reals().next().is_some()
    };
    is_anything_planned
        && case.strays.is_empty()
        && case.places.iter().all(is_absent)
        && names.all(|standing| {
            let set = case.planned(&standing.owner, standing.rtype);
            standing.state == State::Missing || set.is_some_and(|set| is_from_wildcard(case, set))
        })
}

/// Whether what was heard in place of a planned RRset is what a wildcard says.
fn is_from_wildcard(case: &Case<'_>, set: &RrSet) -> bool {
    let rtype = match set.record_type() {
        RecordType::CNAME => RecordType::A,
        other => other,
    };
    case.is_from_wildcard(&case.observed.heard(set.owner(), rtype))
}

/// The names at which clients fetch documents.
const fn is_config(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Config(_) | Purpose::PaccName)
}

/// One finding whose remedy is the whole plan.
pub(super) fn add_nothing_published(case: &Case<'_>, findings: &mut Findings) {
    let message = format!(
        "{} publishes nothing by which a mail client could find its servers: no SRV record and no configuration name",
        case.plan.domain()
    );
    let subject = Subject::rrset(case.plan.domain().name(), RecordType::SRV);
    let draft = findings.add(Code::NothingPublished, subject, "", Phrase::Whole(message));
    for standing in &case.standings {
        let Some(set) = case.planned(&standing.owner, standing.rtype) else { continue };
        if standing.state == State::Missing || is_from_wildcard(case, set) {
            draft.about(Subject::rrset(set.owner(), set.record_type()));
            draft.expect_set(Some(set));
            if let Some(next) = standing.chain.first().filter(|_| !is_from_wildcard(case, set)) {
                draft.delete_alias(set.owner(), next);
            }
            draft.replace(&[], set);
        }
    }
}

/// Where all of a kind is missing, one finding says it; Autodiscover and `_smtps` do not count,
/// because clients find servers without them.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let counts = |place: &&Place<'_>| {
        place.planned.is_some() && !matches!(place.kind, Kind::Autodiscover | Kind::CompatSmtps)
    };
    let offered: Vec<&Place<'_>> = case.places.iter().filter(counts).collect();
    let none_published = !offered.is_empty()
        && offered.iter().all(|place| place.heard.is_absent() && !is_stray(case, place));
    if none_published {
        add_none_published(case, findings);
    }
    let nobody_sends = !none_published && nobody_sends(case);
    for place in &case.places {
        let is_covered = none_published && place.heard.is_absent();
        match place.planned {
            Some(_) if is_covered && place.kind != Kind::Autodiscover => {}
            Some(_) => check_offered(case, place, nobody_sends, findings),
            None => {
                check_unoffered(place, findings);
                // Who publishes nothing denies nothing; that is one matter, not two.
                if !is_covered {
                    check_denial(place, findings);
                }
            }
        }
    }
}

/// Names every service in one finding, denials in the remedy: who publishes all is to publish them
/// too.
fn add_none_published(case: &Case<'_>, findings: &mut Findings) {
    let is_offered =
        |place: &&Place<'_>| place.planned.is_some() && place.kind != Kind::Autodiscover;
    let labels: Vec<String> =
        case.places.iter().filter(is_offered).map(|place| place.label().to_owned()).collect();
    let message = format!("none of the offered services has an SRV record: {}", enumerate(&labels));
    let subject = Subject::rrset(case.plan.domain().name(), RecordType::SRV);
    let draft = findings.add(Code::NoSrvPublished, subject, "", Phrase::Whole(message));
    for place in case.places.iter().filter(|place| place.kind != Kind::Autodiscover) {
        if !place.heard.is_absent() {
            continue;
        }
        if place.planned.or(place.denial).is_some() {
            place.add_missing(case.observed, draft);
        }
    }
}

/// Whether submission is offered and nothing at all is published of it, while clients find where to
/// read mail.
fn nobody_sends(case: &Case<'_>) -> bool {
    let of_service = |place: &&Place<'_>, retrieval: bool| match place.kind {
        Kind::Mail(label) => label.service().is_retrieval() == retrieval && place.planned.is_some(),
        _ => false,
    };
    let mut sending = case.places.iter().filter(|place| of_service(place, false)).peekable();
    sending.peek().is_some()
        && sending.all(|place| place.heard.is_absent())
        && case
            .places
            .iter()
            .any(|place| of_service(&place, true) && place.reals().next().is_some())
}

/// A service of the plan: nothing there, or nothing but denials.
fn check_offered(case: &Case<'_>, place: &Place<'_>, nobody_sends: bool, findings: &mut Findings) {
    if place.heard.is_absent() {
        let is_sending =
            matches!(place.kind, Kind::Mail(label) if label.service() == Service::Submission);
        if is_sending && nobody_sends {
            add_missing(case, place, Code::NoSubmission, findings);
        } else if !is_stray(case, place) {
            add_missing(case, place, Code::SrvMissing, findings);
        }
    } else if !place.srvs.is_empty() && place.srvs.iter().all(SrvView::is_denial) {
        let severity = match place.kind {
            // A last resort of Outlook.
            Kind::Autodiscover | Kind::CompatSmtps => Severity::Warning,
            _ => Code::ServiceDenied.severity(),
        };
        let rest = "denied with the target \".\", though offered by the profile".to_owned();
        let phrase = Phrase::Of(Verb::Is, rest);
        let draft =
            findings.add_at(Code::ServiceDenied, severity, place.subject(), place.label(), phrase);
        draft.expect_set(place.planned).observe(place.rdatas());
        place.mend(draft);
    }
}

/// Words depend on why it is missing: an alias without records at its end, or nothing.
fn add_missing(case: &Case<'_>, place: &Place<'_>, code: Code, findings: &mut Findings) {
    let severity = match place.kind {
        Kind::Autodiscover => Severity::Info,
        _ => code.severity(),
    };
    let chain = if place.is_wildcard { Vec::new() } else { place.heard.chain() };
    let phrase = match (chain.last(), place.kind, code) {
        (Some(end), ..) => Phrase::Of(
            Verb::Is,
            format!("an alias of {}, which holds no SRV record", plain_text(end)),
        ),
        (None, Kind::Autodiscover, _) => Phrase::Of(
            Verb::Is,
            "not published; Outlook and Thunderbird read it as their last resort".to_owned(),
        ),
        (None, _, Code::NoSubmission) => Phrase::Of(
            Verb::Is,
            "not published, though submission is offered: who reads mail cannot send".to_owned(),
        ),
        (None, ..) => {
            Phrase::Of(Verb::Is, "not published, though offered by the profile".to_owned())
        }
    };
    let draft = findings.add_at(code, severity, place.subject(), place.label(), phrase);
    place.add_missing(case.observed, draft);
}

/// Something real where the plan wants nothing or a denial.
fn check_unoffered(place: &Place<'_>, findings: &mut Findings) {
    if place.is_wildcard || place.reals().next().is_none() {
        return;
    }
    let rest = format!("to {}, though not offered by the profile", targets_text(place.reals()));
    let phrase = Phrase::Of(Verb::Leads, rest);
    let draft = findings.add(Code::UnofferedPublished, place.subject(), place.label(), phrase);
    draft.expect_set(place.denial).observe(place.rdatas());
    place.mend(draft);
}

/// The target `.` tells a client not to guess (RFC 6186 §3.4); a profile may want it and a zone
/// lack it.
fn check_denial(place: &Place<'_>, findings: &mut Findings) {
    if place.denial.is_none() || !place.heard.is_absent() {
        return;
    }
    let rest = "not denied with the target \".\", though not offered by the profile".to_owned();
    let phrase = Phrase::Of(Verb::Is, rest);
    let draft = findings.add(Code::DenialMissing, place.subject(), place.label(), phrase);
    draft.expect_set(place.denial);
    place.mend(draft);
}

/// The record stands under a wrong owner name, which has a finding of its own.
fn is_stray(case: &Case<'_>, place: &Place<'_>) -> bool {
    case.strays.iter().any(|stray| stray.is_meant_for(place))
}
