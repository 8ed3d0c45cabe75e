//! What answers for a service label: aliases, wildcards, and the node `_tcp` above them.

use hickory_proto::rr::RecordType;

use super::{Case, endless, path};
use crate::answer::Failure;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::place::{Place, targets_text};
use crate::code::{Code, Severity};
use crate::inquiry::Said;
use crate::service::PROTO;

/// Judges how each place came to answer, not what it says.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for place in &case.places {
        check_owner_alias(place, findings);
        check_wildcard(place, findings);
    }
    check_tcp_node(case, findings);
}

/// What a wildcard says of services that the plan says nothing of.
pub(super) fn check_unplanned(case: &Case<'_>, findings: &mut Findings) {
    let is_unplanned = |place: &&Place<'_>| place.planned.or(place.denial).is_none();
    for place in case.places.iter().filter(is_unplanned) {
        check_wildcard(place, findings);
    }
}

/// An SRV owner name may be an alias (RFC 2782 forbids it of targets only); it is worth knowing,
/// because remedies behind it are another's to apply. One that loops is an error.
fn check_owner_alias(place: &Place<'_>, findings: &mut Findings) {
    let chain = place.heard.chain();
    if chain.is_empty() {
        return;
    }
    let subject = Subject::rrset(&place.owner, RecordType::CNAME);
    if place.heard.said() == Said::Failed(Failure::ChainTooLong) {
        let rest = format!("{}: {}", endless(&place.owner, &chain), path(&chain));
        let phrase = Phrase::Of(Verb::Is, rest);
        let draft = findings.add(Code::AliasLoop, subject, place.label(), phrase);
        draft.about(place.subject()).expect_set(place.planned);
        place.mend(draft);
    } else if place.heard.said() == Said::Records && !place.is_wildcard {
        let phrase = Phrase::Of(Verb::Is, format!("an alias of {}", path(&chain)));
        let draft = findings.add(Code::OwnerAlias, subject, place.label(), phrase);
        draft.observe(place.rdatas());
    }
}

/// RFC 4592: a wildcard answers for every name that does not exist. Denying all that is not listed is
/// a legal use of it (RFC 2782, "Fictional example"). What is wrong with its records is no second
/// matter; it makes this one graver.
fn check_wildcard(place: &Place<'_>, findings: &mut Findings) {
    if !place.is_wildcard || place.reals().next().is_none() {
        return;
    }
    let is_right = place.ours().any(|(srv, planned)| srv.port == planned.port);
    let severity = if is_right { Code::WildcardAnswer.severity() } else { Severity::Error };
    let rest = format!("answered by a wildcard, which leads to {}", targets_text(place.reals()));
    let phrase = Phrase::Of(Verb::Is, rest);
    let code = Code::WildcardAnswer;
    let draft = findings.add_at(code, severity, place.subject(), place.label(), phrase);
    draft.expect_set(place.planned.or(place.denial)).observe(place.rdatas());
    place.mend(draft);
}

/// RFC 8020 §2: below a name that does not exist, nothing exists.
fn check_tcp_node(case: &Case<'_>, findings: &mut Findings) {
    let owner = case.plan.domain().prefixed(&[PROTO]);
    let heard = case.observed.heard(&owner, RecordType::A);
    if heard.said() != Said::NxDomain || heard.is_alias() {
        return;
    }
    let is_child =
        |place: &&Place<'_>| place.heard.said() == Said::Records && owner.zone_of(&place.owner);
    let Some(child) = case.places.iter().find(is_child) else { return };
    let message =
        format!("{PROTO} does not exist (NXDOMAIN), though {} below it does", child.label());
    let subject = Subject::rrset(&owner, RecordType::A);
    findings.add(Code::EmptyNonTerminal, subject, PROTO, Phrase::Whole(message));
}
