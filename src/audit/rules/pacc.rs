//! The digest of the PACC document, and the name that serves it (draft-ietf-mailmaint-pacc).

use std::slice;

use hickory_proto::rr::{Name, RData, RecordType};

use super::Case;
use crate::audit::finding::{Draft, Findings, Phrase, Subject, Verb};
use crate::code::Code;
use crate::inquiry::{Heard, Inquiry, Said, Wanted};
use crate::plan::{Purpose, RecordPlan};
use crate::reading::digest;
use crate::rrset::RrSet;
use crate::service::{PACC_DIGEST_LABEL, PACC_NAME, PACC_OBSOLETE};

/// The digest may stand at the other of the two names, and the record of the first draft remain.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    if plan.pacc().is_some() {
        let domain = plan.domain();
        inquiry.seek(&domain.prefixed(&[PACC_NAME]), RecordType::TXT, Wanted::Anything);
        inquiry.seek(&domain.prefixed(&PACC_OBSOLETE), RecordType::SRV, Wanted::Anything);
    }
}

/// Judges the digest. The name of the document is judged where the other names are, in `config`.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(digests) = case.planned_for(Purpose::PaccDigest).next() else { return };
    let heard = case.observed.heard(digests.owner(), RecordType::TXT);
    let name_stands = case.planned_for(Purpose::PaccName).any(|set| {
        let rtype = match set.record_type() {
            RecordType::CNAME => RecordType::A,
            other => other,
        };
        case.observed.heard(set.owner(), rtype).is_something()
    });
    let seen = heard.rdatas();
    let ours: Vec<&RData> = seen.iter().filter(|data| is_about_pacc(data)).collect();
    match heard.said() {
        Said::Failed(_) => {}
        _ if ours.is_empty() => add_missing(case, digests, name_stands, findings),
        Said::NoData | Said::NxDomain => {}
        Said::Records => check_digests(digests, &heard, findings),
    }
}

/// Whether a digest of the document stands.
pub(super) fn has_digest(case: &Case<'_>) -> bool {
    case.planned_for(Purpose::PaccDigest).any(|set| {
        let heard = case.observed.heard(set.owner(), RecordType::TXT);
        heard.rdatas().iter().any(is_about_pacc)
    })
}

/// The digest is missing: it may stand at the other of the two names.
fn add_missing(case: &Case<'_>, digests: &RrSet, name_stands: bool, findings: &mut Findings) {
    let subject = Subject::rrset(digests.owner(), RecordType::TXT);
    let heard = case.observed.heard(digests.owner(), RecordType::TXT);
    let swapped = swapped(case);
    if !swapped.is_empty() {
        let phrase =
            Phrase::Of(Verb::Lacks, format!("its digest, which stands at {PACC_NAME} instead"));
        let draft = findings.add(Code::PaccIncomplete, subject, PACC_DIGEST_LABEL, phrase);
        draft.expect_set(Some(digests)).observe(swapped.iter().cloned());
        for data in swapped {
            draft.delete(&name(case), data);
        }
        mend(draft, &heard, &[], digests);
        publish_name(case, draft);
        return;
    }
    let (code, rest) = if name_stands {
        (
            Code::PaccIncomplete,
            format!("not published, and {PACC_NAME} is: clients cannot check what it serves"),
        )
    } else {
        (Code::AliasMissing, "not published".to_owned())
    };
    let phrase = Phrase::Of(Verb::Is, rest);
    let draft = findings.add(code, subject, PACC_DIGEST_LABEL, phrase);
    draft.expect_set(Some(digests));
    mend(draft, &heard, &[], digests);
}

/// Whether the digest stands at the name of the document in place of its own, and alone: the remedy
/// of the digest is that of the name then.
pub(super) fn is_swapped(case: &Case<'_>) -> bool {
    let is_known = case.planned_for(Purpose::PaccDigest).all(|set| {
        let heard = case.observed.heard(set.owner(), RecordType::TXT);
        !matches!(heard.said(), Said::Failed(_))
    });
    is_known && !has_digest(case) && !swapped(case).is_empty() && is_alone(case)
}

/// Whether no text of somebody else stands at the name of the document: an alias takes its place only
/// where nothing else stays (RFC 1034 §3.6.2).
fn is_alone(case: &Case<'_>) -> bool {
    case.observed.heard(&name(case), RecordType::TXT).rdatas().iter().all(is_about_pacc)
}

/// Adds the name of the document where the digest alone stood, and goes.
fn publish_name(case: &Case<'_>, draft: &mut Draft) {
    if !is_alone(case) {
        return;
    }
    for set in case.planned_for(Purpose::PaccName) {
        let both = case.observed.host(set.owner());
        if both.families().iter().all(|heard| heard.is_absent() && !heard.is_alias()) {
            draft.about(Subject::rrset(set.owner(), set.record_type()));
            draft.expect_set(Some(set)).replace(&[], set);
        }
    }
}

/// Adds what puts the planned digests in the place of some records; an alias goes whole.
fn mend(draft: &mut Draft, heard: &Heard<'_>, wrong: &[RData], digests: &RrSet) {
    if let Some(next) = heard.chain().first() {
        draft.delete_alias(digests.owner(), next).replace(&[], digests);
        return;
    }
    for data in wrong {
        draft.delete(digests.owner(), data.clone());
    }
    let seen = heard.rdatas();
    for planned in digests.rdatas() {
        if !seen.iter().any(|data| digest(planned) == digest(data)) {
            draft.publish(digests.owner(), planned.clone());
        }
    }
}

/// Whether a record belongs to PACC at all.
fn is_about_pacc(data: &RData) -> bool {
    digest(data).is_some()
}

/// The name that serves the document: `ua-auto-config`.
fn name(case: &Case<'_>) -> Name {
    case.plan.domain().prefixed(&[PACC_NAME])
}

/// The digests that stand at the name of the document.
fn swapped(case: &Case<'_>) -> Vec<RData> {
    let mut rdatas = case.observed.heard(&name(case), RecordType::TXT).rdatas();
    rdatas.retain(is_about_pacc);
    rdatas
}

/// One planned digest among those that stand is enough: while a document changes, both stand. What
/// cannot be read is reported even then.
fn check_digests(digests: &RrSet, heard: &Heard<'_>, findings: &mut Findings) {
    let subject = || Subject::rrset(digests.owner(), RecordType::TXT);
    let seen = heard.rdatas();
    let mut is_malformed = false;
    for data in &seen {
        let Some(Err(problem)) = digest(data) else { continue };
        is_malformed = true;
        let phrase = Phrase::Of(Verb::Has, problem);
        let draft = findings.add(Code::PaccDigestMalformed, subject(), PACC_DIGEST_LABEL, phrase);
        draft.expect_set(Some(digests)).observe([data.clone()]);
        mend(draft, heard, slice::from_ref(data), digests);
    }
    let is_planned =
        |data: &RData| digests.rdatas().iter().any(|planned| digest(planned) == digest(data));
    if is_malformed || seen.iter().any(is_planned) {
        return;
    }
    let rest = "a digest that is not that of the profile's document: clients refuse it".to_owned();
    let phrase = Phrase::Of(Verb::Has, rest);
    let draft = findings.add(Code::PaccDigestMismatch, subject(), PACC_DIGEST_LABEL, phrase);
    let ours: Vec<RData> = seen.iter().filter(|data| is_about_pacc(data)).cloned().collect();
    draft.expect_set(Some(digests)).observe(ours.iter().cloned());
    mend(draft, heard, &ours, digests);
}
