//! Records of services under owner names that no client asks for.

use hickory_proto::rr::{Name, RecordType};

use super::{Case, belonging};
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::place::{Place, targets_text};
use crate::code::Code;
use crate::inquiry::{Heard, Inquiry, SrvView, Wanted};
use crate::plan::RecordPlan;
use crate::service::{
    AUTODISCOVER_LABEL, Label, MISNOMERS, PACC_OBSOLETE, PROTO, Related, SMTPS_LABEL,
};

/// Real records under a wrong owner name, and the service label they were meant for.
pub(in crate::audit) struct Stray<'a> {
    /// What was heard under the wrong name.
    heard: Heard<'a>,
    /// Its records, denials left out: one that nobody asks for denies nothing.
    reals: Vec<SrvView>,
    /// Whether the label or the rest of the owner name is what is wrong.
    code: Code,
    /// The right service label.
    right: &'static str,
    /// Whether a target is that of the plan for the right label.
    is_ours: bool,
}

impl Stray<'_> {
    /// Whether the records are those of a place.
    pub(super) fn is_meant_for(&self, place: &Place<'_>) -> bool {
        self.is_ours && self.right == place.label() && place.planned.is_some()
    }
}

/// Every wrong owner name that holds something, in order.
pub(super) fn strays<'a>(case: &Case<'a>) -> Vec<Stray<'a>> {
    let domain = case.plan.domain().name();
    let mut strays: Vec<Stray<'a>> = case
        .observed
        .owners(RecordType::SRV)
        .filter(|owner| !case.places.iter().any(|place| place.owner == *owner))
        .filter_map(|owner| {
            let (code, right) = wrong_owner(&owner, domain)?;
            let heard = case.observed.heard(&owner, RecordType::SRV);
            let mut reals = heard.srvs();
            reals.dedup();
            reals.retain(|srv| !srv.is_denial());
            let place = case.places.iter().find(|place| place.label() == right);
            // A wildcard says the same of every name.
            if reals.is_empty() || case.is_from_wildcard(&heard) {
                return None;
            }
            let is_ours = place.is_some_and(|place| {
                reals.iter().any(|srv| place.planned_for(&srv.target).is_some())
            });
            Some(Stray { heard, reals, code, right, is_ours })
        })
        .collect();
    strays.sort_by(|one, other| one.heard.owner().cmp(other.heard.owner()));
    strays
}

/// What an owner name was meant to be, where it is a wrong spelling of that of a service.
fn wrong_owner(owner: &Name, domain: &Name) -> Option<(Code, &'static str)> {
    if !domain.zone_of(owner) {
        return None;
    }
    let kept = owner.iter().len() - domain.iter().len();
    let labels: Vec<String> = owner
        .iter()
        .take(kept)
        .map(|label| String::from_utf8_lossy(label).to_ascii_lowercase())
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    if labels == PACC_OBSOLETE {
        return Some((Code::PaccObsolete, ""));
    }
    let [first, rest @ ..] = labels.as_slice() else { return None };
    let misnomer = MISNOMERS.into_iter().find(|misnomer| misnomer.text == *first);
    if let (Some(misnomer), [PROTO]) = (misnomer, rest) {
        return Some((Code::LabelMisnomer, misnomer.right.text()));
    }
    let known = || known_labels().chain(misnomer.map(|misnomer| misnomer.text));
    let right = |label: &'static str| match MISNOMERS.iter().find(|known| known.text == label) {
        Some(misnomer) => misnomer.right.text(),
        None => label,
    };
    let spelled = |text: &str| known().find(|label| *label == text).map(right);
    let is_doubled = |tail: &[&str]| {
        let domain: Vec<String> = domain
            .iter()
            .map(|label| String::from_utf8_lossy(label).to_ascii_lowercase())
            .collect();
        !tail.is_empty() && domain.iter().map(String::as_str).eq(tail.iter().copied())
    };
    let label = match rest {
        // `_imaps`, `_imaps_tcp`
        [] => spelled(first).or_else(|| spelled(first.strip_suffix(PROTO)?)),
        // `imaps._tcp`
        [PROTO] => known_labels().find(|label| label.strip_prefix('_') == Some(*first)),
        // `_imaps.__tcp`, `_imaps._udp`, `_imaps._tls`, `_imaps.tcp`
        ["__tcp" | "_udp" | "_tls" | "tcp"] => spelled(first),
        // `_imaps._tcp.@`, `_imaps._tcp.mail`, `_imaps._tcp.example.com`
        [PROTO, "@" | "mail" | "www"] => spelled(first),
        [PROTO, tail @ ..] if is_doubled(tail) => spelled(first),
        // `_imaps.example.com` is a name below the domain appended twice.
        _ => None,
    };
    label.map(|label| (Code::OwnerMisplaced, label))
}

/// The labels that clients ask for. `_smtps` is none: its registration was revoked
/// (RFC 8314 §7.3), and aerc alone asks for it.
fn known_labels() -> impl Iterator<Item = &'static str> {
    let related = Related::ALL.into_iter().map(Related::text);
    Label::ALL.into_iter().map(Label::text).chain([AUTODISCOVER_LABEL]).chain(related)
}

/// Of all wrong names, `_smtps` is the one that a client asks for: a stale record there leads it astray
/// beside records that are right. The others are asked for where the right one is missing.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    let owner = plan.domain().prefixed(&[SMTPS_LABEL, PROTO]);
    inquiry.seek(&owner, RecordType::SRV, Wanted::Anything);
}

/// Each stray is one finding, and stands for the missing record that it was meant to be.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for stray in &case.strays {
        check_stray(case, stray, findings);
    }
}

/// Names the right owner name, and publishes there only what leads to us.
fn check_stray(case: &Case<'_>, stray: &Stray<'_>, findings: &mut Findings) {
    let Stray { heard, reals, code, right, is_ours } = stray;
    let owner = heard.owner();
    let who = case.shown(owner);
    let place = case.places.iter().find(|place| place.label() == *right);
    let is_offered = place.is_some_and(|place| place.planned.is_some());
    let the_right_one = if *is_ours {
        format!("the right one is {right}.{PROTO}")
    } else {
        let targets = targets_text(reals);
        format!("it leads to {targets}{}, and the right one is {right}.{PROTO}", belonging(reals))
    };
    let rest = match code {
        Code::PaccObsolete => {
            "a record of the first draft of PACC, which no client asks for".into()
        }
        _ if !is_offered => format!(
            "no name that clients ask for, and {right} is not offered; it leads to {}{}",
            targets_text(reals),
            belonging(reals)
        ),
        Code::LabelMisnomer if who.starts_with(SMTPS_LABEL) => format!(
            "a label whose registration was revoked, and aerc alone asks for it; {the_right_one}"
        ),
        _ => format!("no name that clients ask for; {the_right_one}"),
    };
    let subject = Subject::rrset(owner, RecordType::SRV);
    let draft = findings.add(*code, subject, &who, Phrase::Of(Verb::Is, rest));
    let rdatas = || reals.iter().map(SrvView::rdata);
    draft.observe(rdatas()).clear(owner, &heard.chain(), rdatas());
    // Where the target is another's, `srv-missing` says what to publish.
    if let Some(place) = place.filter(|place| *is_ours && place.heard.is_absent()) {
        draft.about(place.subject()).expect_set(place.planned);
        place.mend(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_owner_names_are_told_from_those_of_others() {
        #[track_caller]
        fn check(labels: &str, expected: Option<(Code, &str)>) {
            let domain = Name::from_ascii("example.com.").unwrap();
            let labels = labels.split('.').chain(["example", "com"]);
            let owner = Name::from_labels(labels.clone().map(str::as_bytes)).unwrap();
            let labels: Vec<&str> = labels.collect();
            assert_eq!(wrong_owner(&owner, &domain), expected, "{labels:?}");
        }
        let misplaced = |right| Some((Code::OwnerMisplaced, right));
        check("_smtps._tcp", Some((Code::LabelMisnomer, "_submissions")));
        check("_POP._tcp", Some((Code::LabelMisnomer, "_pop3")));
        check("_imaps._tcp.example.com", misplaced("_imaps"));
        check("_imaps._tcp.@", misplaced("_imaps"));
        check("_imaps.__tcp", misplaced("_imaps"));
        check("_imaps_tcp", misplaced("_imaps"));
        check("imaps._tcp", misplaced("_imaps"));
        check("_imaps", misplaced("_imaps"));
        check("_smtps", misplaced("_submissions"));
        check("_imaps._udp", misplaced("_imaps"));
        check("_imaps._tls", misplaced("_imaps"));
        check("_imaps._tcp.mail", misplaced("_imaps"));
        check("_imaps._tcp.www", misplaced("_imaps"));
        check("_caldavs._tcp.www", misplaced("_caldavs"));
        check("_pacc._https", Some((Code::PaccObsolete, "")));
        check("_imaps._tcp", None);
        check("_imaps._tcp.sales", None);
        check("_sip._tcp", None);
        check("_sip._udp", None);
        check("_xmpp-client._tcp.mail", None);
        check("imaps", None);
    }
}
