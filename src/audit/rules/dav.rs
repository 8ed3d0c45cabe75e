//! The path of calendars and address books: TXT beside the SRV record (RFC 6764 §4).

use hickory_proto::rr::{RData, RecordType};

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::meaning::{each, path};
use crate::code::Code;
use crate::inquiry::{Inquiry, Said, Wanted};
use crate::name::plain_text;
use crate::plan::{Purpose, RecordPlan};
use crate::rrset::RrSet;
use crate::service::Related;

/// Some publish the path at the server instead of the service.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    for related in plan.related().iter().filter(|related| related.path.is_some()) {
        inquiry.seek(related.host.name(), RecordType::TXT, Wanted::Anything);
    }
}

/// Judges the planned paths; a path that the profile leaves out may stand.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for (purpose, set) in case.plan.published() {
        if let Purpose::RelatedPath(service) = purpose {
            check_path(case, service, set, findings);
        }
    }
}

/// Adds one finding at most: clients read one path, and the first that is not ours is the one to
/// mend.
fn check_path(case: &Case<'_>, service: Related, set: &RrSet, findings: &mut Findings) {
    let heard = case.observed.heard(set.owner(), RecordType::TXT);
    let Some(planned) = set.rdatas().iter().find_map(path) else { return };
    // A service that is missing lacks its path, too; that is one matter.
    let is_known = !matches!(heard.said(), Said::Failed(_));
    if !is_known || findings.has(set.owner(), RecordType::TXT) {
        return;
    }
    let seen = heard.rdatas();
    // What clients are told beside ours is what is wrong.
    let found = each(path, &seen);
    let other = found.iter().find(|path| **path != planned);
    let (code, phrase) = match other.or_else(|| found.first()) {
        Some(path) if *path == planned => return,
        Some(path) if !path.starts_with('/') => (
            Code::DavPathInvalid,
            Phrase::Of(Verb::Has, format!("the path `{path}`, which does not begin with \"/\"")),
        ),
        Some(path) => (
            Code::DavPathDiffers,
            Phrase::Of(Verb::Has, format!("the path {path}, and the profile says {planned}")),
        ),
        None => match misplaced(case, service) {
            Some(host) => (
                Code::DavPathMisplaced,
                Phrase::Of(
                    Verb::Lacks,
                    format!("its path, which stands at the server {host} instead"),
                ),
            ),
            None => (
                Code::DavPathMissing,
                Phrase::Of(Verb::Lacks, format!("the path {planned} in a TXT record")),
            ),
        },
    };
    // Another key of the same service is left alone.
    let wrong: Vec<RData> = seen.into_iter().filter(|data| path(data).is_some()).collect();
    let subject = Subject::rrset(set.owner(), RecordType::TXT);
    let draft = findings.add(code, subject, service.text(), phrase);
    draft.expect_set(Some(set)).observe(wrong.iter().cloned());
    match heard.chain().first() {
        // The alias lends the SRV record too.
        Some(next) => {
            draft.delete_alias(set.owner(), next).replace(&[], set);
            if let Some(srvs) = case.planned(set.owner(), RecordType::SRV) {
                draft.replace(&[], srvs);
            }
        }
        None => {
            draft.replace(&wrong, set);
        }
    }
}

/// The server, where the path stands at its name.
fn misplaced(case: &Case<'_>, service: Related) -> Option<String> {
    let related = case.plan.related().iter().find(|related| related.service == service)?;
    let heard = case.observed.heard(related.host.name(), RecordType::TXT);
    heard.rdatas().iter().find_map(path).map(|_| plain_text(related.host.name()))
}
