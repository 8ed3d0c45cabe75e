//! The rules, one file a subject. A rule reads the case and adds findings; it asks for nothing.
//!
//! Where a rule needs an answer that no RRset of the plan brings, its file has a `seek` beside its
//! `check`. The order in [`apply`] is that of causes: what an earlier rule has explained, a later
//! one does not report again.

mod answers;
mod autodiscover;
mod caa;
mod config;
mod dav;
mod dnssec;
mod domain;
mod exchanges;
mod labels;
mod leftovers;
mod order;
mod owners;
mod pacc;
mod ports;
mod presence;
mod records;
mod spelling;
mod targets;
mod tlsa;

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};

use self::owners::Stray;
use super::finding::{Findings, Phrase, Subject, Verb};
use super::meaning::is_for;
use super::place::{Kind, Place, places};
use super::providers;
use super::standing::{Standing, State, standings};
use crate::answer::MAX_CHAIN;
use crate::code::Code;
use crate::inquiry::{Heard, Inquiry, Observed, SrvView};
use crate::name::plain_text;
use crate::plan::{Purpose, RecordPlan};
use crate::rrset::RrSet;
use crate::service::Label;

/// What is judged: the plan, what DNS said, and how the two compare.
///
/// It is made once for all rules, which share what it worked out.
pub(super) struct Case<'a> {
    /// What must stand.
    pub(super) plan: &'a RecordPlan,
    /// What was heard; rules look things up here that are not of the plan.
    pub(super) observed: &'a Observed,
    /// The SRV owner names that the plan says something of.
    pub(super) places: Vec<Place<'a>>,
    /// The records of services under wrong owner names.
    pub(super) strays: Vec<Stray<'a>>,
    /// The comparison that the report draws: a rule explains it, and never compares anew.
    pub(super) standings: Vec<Standing>,
}

/// Seeks what the rules want to know beside the RRsets of the plan.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    exchanges::seek(plan, inquiry);
    leftovers::seek(plan, inquiry);
    dav::seek(plan, inquiry);
    pacc::seek(plan, inquiry);
    caa::seek(plan, inquiry);
}

/// Seeks what could be no more than a warning.
pub(super) fn seek_beside(plan: &RecordPlan, inquiry: &mut Inquiry) {
    owners::seek(plan, inquiry);
}

/// Applies every rule; false where the domain cannot be judged at all.
///
/// Of a domain that does not exist, or whose zone does not validate, everything else would be a
/// symptom. Where nothing at all is published, one finding says so in place of one for each RRset.
pub(super) fn apply(case: &Case<'_>, findings: &mut Findings) -> bool {
    if domain::check_existence(case, findings) || dnssec::check_domain(case, findings) {
        return false;
    }
    dnssec::check(case, findings);
    if presence::is_nothing_published(case) {
        presence::add_nothing_published(case, findings);
        labels::check_unplanned(case, findings);
        let is_mx = |standing: &Standing| standing.purpose == Some(Purpose::Exchange);
        if case.standings.iter().any(|it| is_mx(it) && it.state == State::Differs) {
            exchanges::check(case, findings);
        } else {
            exchanges::check_null(case, findings);
        }
        cover_the_rest(case, findings);
        leftovers::check(case, findings);
        return true;
    }
    owners::check(case, findings);
    presence::check(case, findings);
    records::check(case, findings);
    ports::check(case, findings);
    order::check(case, findings);
    labels::check(case, findings);
    targets::check(case, findings);
    config::check(case, findings);
    autodiscover::check(case, findings);
    caa::check(case, findings);
    exchanges::check(case, findings);
    dav::check(case, findings);
    pacc::check(case, findings);
    tlsa::check(case, findings);
    cover_the_rest(case, findings);
    answers::check(case, findings);
    leftovers::check(case, findings);
    domain::check_cuts(case, findings);
    even_ttls(case, findings);
    true
}

/// Lets no remedy leave an RRset with two TTLs.
///
/// It runs last, when every remedy is known.
fn even_ttls(case: &Case<'_>, findings: &mut Findings) {
    for standing in case.standings.iter().filter(|standing| standing.chain.is_empty()) {
        let heard = case.observed.heard(&standing.owner, standing.rtype);
        if heard.ttl().is_some_and(|ttl| ttl != case.plan.ttl()) && !case.is_from_wildcard(&heard) {
            findings.even_ttl(&standing.owner, standing.rtype, &standing.observed);
        }
    }
}

/// Adds a finding for every RRset that is not as planned and that no rule had a word for, or whose
/// remedies so far do not lead to the plan, so that table, findings and remedies cannot disagree. That
/// a record stands twice, say, does not explain it.
fn cover_the_rest(case: &Case<'_>, findings: &mut Findings) {
    for standing in &case.standings {
        let is_wrong = matches!(standing.state, State::Differs | State::Missing | State::Denied);
        if !is_wrong {
            continue;
        }
        let left = left(case, standing, findings);
        if findings.has(&standing.owner, standing.rtype)
            && left.as_ref().is_none_or(|left| standing.is_met_by(left))
        {
            continue;
        }
        let who = case.shown(&standing.owner);
        let rest = match standing.rtype {
            RecordType::SRV => {
                "another priority or weight than the profile says; the order of the services is the same"
            }
            RecordType::MX => {
                "other preferences, or more mail exchanges, than the profile says; the best one is the same"
            }
            _ => "other data than the profile says",
        };
        let subject = Subject::rrset(&standing.owner, standing.rtype);
        let phrase = Phrase::Of(Verb::Has, rest.to_owned());
        let draft = findings.add(Code::RecordDiffers, subject, &who, phrase);
        draft.expect_data(&standing.expected).observe(standing.observed.iter().cloned());
        let Some(set) = case.planned(&standing.owner, standing.rtype) else { continue };
        let left = left.unwrap_or_else(|| belonging_to(standing));
        draft.turn(&standing.chain, &left, set);
    }
}

/// What an RRset holds after the remedies so far; None where it is not for records to say.
fn left(case: &Case<'_>, standing: &Standing, findings: &Findings) -> Option<Vec<RData>> {
    if standing.purpose.is_none() || standing.rtype == RecordType::CNAME {
        return None;
    }
    let heard = case.observed.heard(&standing.owner, standing.rtype);
    // What stands elsewhere is none of the RRset's own.
    let is_own = standing.chain.is_empty() && !case.is_from_wildcard(&heard);
    let held = if is_own { belonging_to(standing) } else { Vec::new() };
    let mut left = held.clone();
    findings.mend(&standing.owner, standing.rtype, &mut left);
    // A rule that leaves everything as it is has its reasons: a filter in front of ours, say.
    (left != held).then_some(left)
}

/// The records of an RRset that are the plan's business.
fn belonging_to(standing: &Standing) -> Vec<RData> {
    let is_ours = |data: &&RData| is_for(standing.purpose, data);
    standing.observed.iter().filter(is_ours).cloned().collect()
}

impl<'a> Case<'a> {
    /// Reads the places and standings; strays need the places to know whose they are.
    pub(super) fn new(plan: &'a RecordPlan, observed: &'a Observed) -> Self {
        let mut case = Self {
            plan,
            observed,
            places: places(plan, observed),
            strays: Vec::new(),
            standings: standings(plan, observed),
        };
        case.strays = owners::strays(&case);
        case
    }

    pub(super) fn into_standings(self) -> Vec<Standing> {
        self.standings
    }

    /// The place of a mail service.
    fn mail(&self, label: Label) -> Option<&Place<'a>> {
        self.places.iter().find(|place| place.kind == Kind::Mail(label))
    }

    /// The planned RRset of an owner name and type.
    fn planned(&self, owner: &Name, rtype: RecordType) -> Option<&'a RrSet> {
        let sets = self.plan.published().map(|(_, set)| set);
        sets.into_iter().find(|set| set.owner() == owner && set.record_type() == rtype)
    }

    /// Whether something was heard because a wildcard says it of every name (RFC 4592).
    fn is_from_wildcard(&self, heard: &Heard<'_>) -> bool {
        self.observed.is_from_wildcard(heard)
    }

    /// The RRsets planned for a purpose.
    fn planned_for(&self, purpose: Purpose) -> impl Iterator<Item = &'a RrSet> {
        self.plan.published().filter(move |(other, _)| *other == purpose).map(|(_, set)| set)
    }

    /// A name as messages have it: the service label of a service, what stands in front of the mail
    /// domain, or the whole name.
    fn shown(&self, owner: &Name) -> String {
        let place = self.places.iter().find(|place| place.owner == *owner);
        place.map_or_else(
            || {
                let domain = self.plan.domain().name();
                // What is left of a name that ends in the domain twice reads as the right name.
                let doubled = domain.clone().append_name(domain);
                let is_doubled = doubled.is_ok_and(|doubled| doubled.zone_of(owner));
                if domain.zone_of(owner) && owner != domain && !is_doubled {
                    crate::name::relative_text(owner, domain)
                } else {
                    plain_text(owner)
                }
            },
            |place| place.label().to_owned(),
        )
    }

    /// Every host that the plan leads to.
    ///
    /// Hosts of these are the provider's own, wherever they lie; the root of a denial is none.
    fn planned_hosts(&self) -> impl Iterator<Item = &'a Name> {
        let data = self.plan.published().flat_map(|(_, set)| set.rdatas());
        let targets = data.filter_map(|data| match data {
            RData::SRV(srv) if !srv.target.is_root() => Some(&srv.target),
            RData::MX(mx) => Some(&mx.exchange),
            RData::CNAME(canonical) => Some(&canonical.0),
            _ => None,
        });
        targets.chain([self.plan.host().name()])
    }
}

/// How an alias chain fails to end, for a message.
fn endless(start: &Name, chain: &[Name]) -> String {
    let returns =
        chain.split_last().is_some_and(|(last, before)| last == start || before.contains(last));
    if returns {
        "an alias that loops".to_owned()
    } else {
        format!("an alias at the head of a chain of more than {MAX_CHAIN}")
    }
}

/// The names of an alias chain, for a message.
fn path(chain: &[Name]) -> String {
    chain.iter().map(plain_text).collect::<Vec<_>>().join(" → ")
}

/// Among the records of a plan, the one that another was probably meant to be.
///
/// The one with the same port, else the next: so the remedy pairs each wrong record with one right
/// one.
fn take_partner<'a>(left: &mut Vec<&'a SRV>, port: u16) -> Option<&'a SRV> {
    let index = left.iter().position(|planned| planned.port == port).unwrap_or(0);
    (index < left.len()).then(|| left.remove(index))
}

/// The known provider of the first target, for a message.
fn belonging<'a>(srvs: impl IntoIterator<Item = &'a SrvView>) -> String {
    let known = srvs.into_iter().next().and_then(|srv| providers::known(&srv.target));
    known.map(|provider| format!(" ({provider})")).unwrap_or_default()
}

/// Whether a target is an alias of one that is planned there.
///
/// The alias is a fault of its own (RFC 2782), and the record is still one that works.
fn leads_to_us(case: &Case<'_>, place: &Place<'_>, target: &Name) -> bool {
    let chain = case.observed.host(target).chain();
    chain.iter().any(|name| place.planned_for(name).is_some())
}
