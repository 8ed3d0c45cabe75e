//! How every expected RRset stands: the one comparison of a plan with DNS, which the report draws
//! and the rules explain.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use super::meaning::is_same;
use super::place::{Kind, unplanned};
use crate::answer::{Dnssec, Failure};
use crate::inquiry::{Observed, Said};
use crate::plan::{Purpose, RecordPlan};
use crate::rrset::is_denial;
use crate::service::PROTO;

/// How an expected RRset stands.
///
/// Whether a state is good or bad is not said here: rules make findings of it, and a policy weighs
/// these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It stands as planned.
    Ok,
    /// Something else stands there.
    Differs,
    /// Nothing stands there.
    Missing,
    /// A service that is offered is denied with the target `.`.
    Denied,
    /// Nothing is known of it.
    /// The question was not answered, or not asked, for this reason.
    Unknown(Failure),
    /// It lies outside the zones at hand.
    NotJudged,
}

impl State {
    /// The words of all states.
    pub const WORDS: [&'static str; 6] = [
        Self::Ok.text(),
        Self::Differs.text(),
        Self::Missing.text(),
        Self::Denied.text(),
        Self::Unknown(Failure::Timeout).text(),
        Self::NotJudged.text(),
    ];

    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Denied => "denied",
            Self::Unknown(_) => "unknown",
            Self::NotJudged => "not judged",
        }
    }
}

/// One expected RRset and how it stands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// What the RRset is for; None where the plan wants nothing there but a denial at most.
    pub purpose: Option<Purpose>,
    /// The owner name.
    pub owner: Name,
    /// The record type.
    pub rtype: RecordType,
    /// The data that the plan wants there; empty where it wants nothing.
    pub expected: Vec<RData>,
    /// The data that DNS holds there. In place of an alias these may be addresses.
    pub observed: Vec<RData>,
    /// The canonical names on the way to the data, where the owner name is an alias.
    pub chain: Vec<Name>,
    /// How it stands; where several were asked and disagree, what most of them say.
    pub state: State,
    /// Whether those who were asked disagree.
    pub disputed: bool,
}

impl Standing {
    /// Whether data mean what is expected.
    pub(super) fn is_met_by(&self, data: &[RData]) -> bool {
        match self.purpose {
            Some(purpose) => is_same(purpose, &self.expected, data),
            None => data.iter().all(is_denial),
        }
    }
}

/// How everything stands that a plan says something of, in the order of the plan.
pub(super) fn standings(plan: &RecordPlan, observed: &Observed) -> Vec<Standing> {
    let planned = plan.published().map(|(purpose, set)| {
        let owner = set.owner().clone();
        match set.rdatas() {
            [RData::CNAME(CNAME(host))] => alias(purpose, owner, host, observed),
            expected => records(purpose, owner, set.record_type(), expected, observed),
        }
    });
    let absent = unplanned(plan).filter_map(|kind| {
        let owner = plan.domain().prefixed(&[kind.label(), PROTO]);
        let standing = nothing(owner, observed);
        // A service beside mail that nobody planned is worth a row where something stands.
        let is_mail = matches!(kind, Kind::Mail(_));
        (is_mail || !standing.observed.is_empty()).then_some(standing)
    });
    planned.chain(absent).collect()
}

/// Compares data: the RRset of one type at an owner name, aliases followed.
fn records(
    purpose: Purpose,
    owner: Name,
    rtype: RecordType,
    expected: &[RData],
    observed: &Observed,
) -> Standing {
    let heard = observed.heard(&owner, rtype);
    let seen = heard.rdatas();
    let is_unsigned = rtype == RecordType::TLSA && heard.dnssec() == Dnssec::Insecure;
    let state = match heard.said() {
        Said::Failed(failure) => failed(failure),
        Said::NoData | Said::NxDomain if is_unsigned => State::Ok,
        Said::NoData | Said::NxDomain => State::Missing,
        Said::Records if is_unsigned => State::Differs,
        Said::Records if is_same(purpose, expected, &seen) => State::Ok,
        // What is not among the records that were looked at may yet be there.
        Said::Records if heard.is_partial() && !expected.iter().all(|data| seen.contains(data)) => {
            State::Unknown(Failure::NotAsked)
        }
        Said::Records if !purpose.is_denial() && seen.iter().all(is_denial) => State::Denied,
        Said::Records => State::Differs,
    };
    let chain = heard.chain();
    // A TLSA record in an unsigned zone must not stand (RFC 8314 §4.5.4).
    let expected = if is_unsigned { Vec::new() } else { expected.to_vec() };
    Standing {
        purpose: Some(purpose),
        owner,
        rtype,
        expected,
        observed: seen,
        chain,
        state,
        disputed: false,
    }
}

/// Compares where an alias leads. It was asked for by its addresses (see `inquire`), so a chain
/// without an end still shows it; data in place of an alias show as addresses.
fn alias(purpose: Purpose, owner: Name, host: &Name, observed: &Observed) -> Standing {
    let both = observed.host(&owner);
    let [v4, v6] = both.families();
    let chain = v4.chain();
    let seen = match chain.first() {
        Some(next) => vec![RData::CNAME(CNAME(next.clone()))],
        None => both.addresses(),
    };
    let state = match v4.said() {
        Said::Failed(Failure::ChainTooLong) => State::Differs,
        // Another alias on the way does no harm.
        _ if chain.contains(host) => State::Ok,
        // Where the chain leaves the zones at hand on another way, it leads elsewhere.
        Said::Failed(Failure::OutsideZone) if !chain.is_empty() => State::Differs,
        Said::Failed(failure) => failed(failure),
        Said::NoData | Said::NxDomain if chain.is_empty() => {
            // The other family may be known, or not be known.
            match v6.said() {
                Said::Failed(failure) if failure != Failure::NotAsked => failed(failure),
                Said::Records => State::Differs,
                Said::Failed(_) | Said::NoData | Said::NxDomain => State::Missing,
            }
        }
        Said::Records | Said::NoData | Said::NxDomain => State::Differs,
    };
    let expected = vec![RData::CNAME(CNAME(host.clone()))];
    let (purpose, rtype) = (Some(purpose), RecordType::CNAME);
    Standing { purpose, owner, rtype, expected, observed: seen, chain, state, disputed: false }
}

/// Where a service is not offered, nothing may stand; a denial says no less.
fn nothing(owner: Name, observed: &Observed) -> Standing {
    let heard = observed.heard(&owner, RecordType::SRV);
    let seen = heard.rdatas();
    let state = match heard.said() {
        Said::Failed(failure) => failed(failure),
        Said::NoData | Said::NxDomain => State::Ok,
        Said::Records if seen.iter().all(is_denial) => State::Ok,
        Said::Records => State::Differs,
    };
    let (chain, expected) = (heard.chain(), Vec::new());
    let rtype = RecordType::SRV;
    Standing {
        purpose: None,
        owner,
        rtype,
        expected,
        observed: seen,
        chain,
        state,
        disputed: false,
    }
}

/// The state of an RRset whose question failed: most failures say nothing of it.
fn failed(failure: Failure) -> State {
    match failure {
        Failure::OutsideZone => State::NotJudged,
        // The alias is there, and leads nowhere.
        Failure::ChainTooLong => State::Differs,
        other => State::Unknown(other),
    }
}
