//! What was heard to one question, for those who judge it.

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};

use super::observed::{AUTHORITATIVE, Datum, Family, Observed, PARTIAL, Slot, State, UNEVEN_TTLS};
use super::probe_beside;
use crate::answer::{Dnssec, Failure, MAX_CHAIN, Question};

/// What DNS said about the existence of something.
///
/// It speaks of the end of the alias chain; [`Heard::is_alias`] tells whether there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Records of the type asked for.
    Records,
    /// The name exists, without such records.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// Nothing is known.
    Failed(Failure),
}

/// What was heard to one question, aliases followed as far as the answers go.
///
/// Where nobody asked the question, nothing is known: [`Failure::NotAsked`].
///
/// Nothing is looked up anew: it reads the answers, and each method follows the aliases that they
/// tell.
#[derive(Debug, Clone)]
pub struct Heard<'a> {
    observed: &'a Observed,
    question: Question,
    slot: Option<&'a Slot>,
    /// Where the alias chain ends, or why that is not known.
    end: Result<&'a Slot, Failure>,
}

impl Observed {
    /// What was heard of an owner name and type, aliases followed as far as the answers go.
    pub fn heard(&self, owner: &Name, rtype: RecordType) -> Heard<'_> {
        let slot = self.names.find(owner).and_then(|id| self.slot(id, rtype));
        let end = slot.ok_or(Failure::NotAsked).and_then(|slot| end(self, slot));
        let question = Question { name: owner.clone(), rtype };
        Heard { observed: self, question, slot, end }
    }

    /// What was heard of the addresses of a host.
    pub fn host(&self, name: &Name) -> Host<'_> {
        Host { families: Family::ALL.map(|family| self.heard(name, family.record_type())) }
    }

    /// What was heard where nobody publishes anything, beside an owner name: what a wildcard says
    /// there (RFC 4592). It matters only where the answer for the owner name is not as planned, and
    /// is not asked for elsewhere.
    fn beside(&self, owner: &Name, rtype: RecordType) -> Heard<'_> {
        self.heard(&probe_beside(owner), rtype)
    }

    /// Whether a wildcard is what answered a question (RFC 4592).
    pub fn is_from_wildcard(&self, heard: &Heard<'_>) -> bool {
        self.is_probed && heard.is_like(&self.beside(heard.owner(), heard.question().rtype))
    }
}

impl Heard<'_> {
    /// The question.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The owner name asked for.
    pub fn owner(&self) -> &Name {
        &self.question.name
    }

    /// What DNS said at the end of the alias chain.
    pub fn said(&self) -> Said {
        let end = match self.end {
            Ok(end) => end,
            Err(failure) => return Said::Failed(failure),
        };
        match end.state {
            State::Records => Said::Records,
            State::NoData => Said::NoData,
            State::NxDomain => Said::NxDomain,
            State::Failed(failure) => Said::Failed(failure),
            State::Open => Said::Failed(Failure::NotAsked),
        }
    }

    /// Whether DNS said that there is nothing: NODATA or NXDOMAIN, not a failure.
    pub fn is_absent(&self) -> bool {
        matches!(self.said(), Said::NoData | Said::NxDomain)
    }

    /// Whether something was heard: records, or an alias wherever it leads.
    pub fn is_something(&self) -> bool {
        self.said() == Said::Records || self.is_alias()
    }

    /// Whether the owner name is an alias.
    pub fn is_alias(&self) -> bool {
        self.slot.is_some_and(|slot| slot.aliases > 0)
    }

    /// The smallest TTL of the records, in seconds, where it does not count down in a cache.
    pub fn ttl(&self) -> Option<u32> {
        let end = self.end.ok()?;
        (end.has(AUTHORITATIVE) && end.state == State::Records).then_some(end.ttl)
    }

    /// The state of DNSSEC: what is bogus or insecure on the way makes the whole so.
    pub fn dnssec(&self) -> Dnssec {
        let start = self.slot.map_or(Dnssec::Unknown, |slot| slot.dnssec);
        let end = self.end.map_or(start, |end| end.dnssec);
        let worst = [Dnssec::Bogus, Dnssec::Insecure, Dnssec::Unknown];
        let is_met = |state: &Dnssec| *state == start || *state == end;
        worst.into_iter().find(is_met).unwrap_or(Dnssec::Secure)
    }

    /// Who says what the answer is to DNSSEC; None where nobody does, or nobody in particular.
    pub fn dnssec_by(&self) -> Option<&str> {
        let state = self.dnssec();
        let end = self.end.ok();
        let mut slots = self.slot.into_iter().chain(end).filter(|slot| slot.dnssec == state);
        slots.find_map(|slot| self.observed.validator(slot)).map(|by| &**by)
    }

    /// The canonical names met on the way; empty where the name is no alias.
    ///
    /// In a loop, the first name that comes again is the last.
    pub fn chain(&self) -> Vec<Name> {
        let mut chain: Vec<Name> = Vec::new();
        let mut next = self.slot.filter(|slot| slot.aliases > 0);
        while let Some(slot) = next {
            for id in self.observed.aliases(slot) {
                let name = self.observed.names.name(id);
                let again = name == self.question.name || chain.contains(&name);
                chain.push(name);
                if again || chain.len() > MAX_CHAIN {
                    return chain;
                }
            }
            next = self
                .observed
                .continuation(slot)
                .and_then(|end| self.observed.slot(end, slot.rtype()));
        }
        chain
    }

    /// The SRV records, best priority first.
    pub fn srvs(&self) -> Vec<SrvView> {
        let observed = self.observed;
        let data = self.end.map_or_else(|_| &[][..], |end| &observed.data[end.record_range()]);
        let mut srvs: Vec<_> = data
            .iter()
            .filter_map(|datum| match *datum {
                Datum::Srv { priority, weight, port, target } => {
                    Some(SrvView { priority, weight, port, target: observed.names.name(target) })
                }
                Datum::Alias(_)
                | Datum::Mx { .. }
                | Datum::A(_)
                | Datum::Aaaa(_)
                | Datum::Other { .. } => None,
            })
            .collect();
        srvs.sort_by(|a, b| a.key().cmp(&b.key()));
        srvs
    }

    /// The data as records, in a stable order.
    pub fn rdatas(&self) -> Vec<RData> {
        let mut rdatas = self.end.map_or_else(|_| Vec::new(), |end| self.observed.rdatas(end));
        rdatas.dedup();
        rdatas
    }

    /// The records that were heard more than once, each once: equal but for the case of names.
    pub fn repeated(&self) -> Vec<RData> {
        let rdatas = self.end.map_or_else(|_| Vec::new(), |end| self.observed.rdatas(end));
        let mut repeated: Vec<RData> = Vec::new();
        for pair in rdatas.windows(2) {
            if pair[0] == pair[1] && !repeated.contains(&pair[0]) {
                repeated.push(pair[0].clone());
            }
        }
        repeated
    }

    /// Whether there are more records than are looked at: what is not among those heard may yet be
    /// there.
    pub fn is_partial(&self) -> bool {
        self.end.is_ok_and(|end| end.has(PARTIAL))
    }

    /// Whether the TTLs of the records differ.
    pub fn has_uneven_ttls(&self) -> bool {
        self.end.is_ok_and(|end| end.has(UNEVEN_TTLS))
    }

    /// About how many octets a response with the answer has: header, question, and records whose
    /// owner names are compressed and whose targets are not (RFC 2782).
    pub fn response_octets(&self) -> usize {
        const HEADER: usize = 12;
        const QUESTION_TAIL: usize = 4;
        const RECORD_HEAD: usize = 12;
        let records = self.end.map_or(0, |end| {
            let data = &self.observed.data[end.record_range()];
            data.iter().map(|datum| RECORD_HEAD + self.observed.octets(*datum)).sum()
        });
        let aliases: usize = self.chain().iter().map(|name| RECORD_HEAD + name.len() + 1).sum();
        HEADER + self.question.name.len() + 1 + QUESTION_TAIL + aliases + records
    }

    /// Whether another question got the same answer: the same data behind the same aliases.
    pub fn is_like(&self, other: &Heard<'_>) -> bool {
        self.is_something()
            && other.is_something()
            && self.chain() == other.chain()
            && self.rdatas() == other.rdatas()
    }
}

/// Follows an alias chain over several answers to the last one.
fn end<'a>(observed: &'a Observed, first: &'a Slot) -> Result<&'a Slot, Failure> {
    let mut slot = first;
    let mut aliases = usize::from(slot.aliases);
    while aliases <= MAX_CHAIN {
        let Some(end) = observed.continuation(slot) else { return Ok(slot) };
        let next = observed.slot(end, slot.rtype()).ok_or(Failure::NotAsked)?;
        aliases += usize::from(next.aliases);
        slot = next;
    }
    Err(Failure::ChainTooLong)
}

/// A host as DNS shows it, aliases followed.
#[derive(Debug, Clone)]
pub struct Host<'a> {
    families: [Heard<'a>; 2],
}

impl<'a> Host<'a> {
    /// What was heard of each family, IPv4 first.
    pub fn families(&self) -> &[Heard<'a>; 2] {
        &self.families
    }

    /// What was said of its addresses.
    pub fn said(&self, family: Family) -> Said {
        self.families[family as usize].said()
    }

    /// The canonical names met on the way; empty where the name is no alias.
    pub fn chain(&self) -> Vec<Name> {
        let [v4, v6] = [self.families[0].chain(), self.families[1].chain()];
        if v4.len() >= v6.len() { v4 } else { v6 }
    }

    /// Whether the name, or the end of its alias chain, does not exist.
    pub fn is_nonexistent(&self) -> bool {
        Family::ALL.into_iter().any(|family| self.said(family) == Said::NxDomain)
    }

    /// Whether the addresses of both families are known, if only to be none.
    pub fn is_known(&self) -> bool {
        !Family::ALL.into_iter().any(|family| matches!(self.said(family), Said::Failed(_)))
    }

    /// The addresses as records, IPv4 first.
    pub fn addresses(&self) -> Vec<RData> {
        self.families.iter().flat_map(Heard::rdatas).collect()
    }
}

/// One SRV record as observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrvView {
    /// Lower is preferred.
    pub priority: u16,
    /// The share among records of one priority.
    pub weight: u16,
    /// The TCP port.
    pub port: u16,
    /// The target; the root where the service is denied.
    pub target: Name,
}

impl SrvView {
    /// The order in which a client of RFC 2782 tries records, and a stable one among equals.
    fn key(&self) -> (u16, u16, u16, &Name) {
        (self.priority, self.weight, self.port, &self.target)
    }

    /// Whether the record denies the service: the target is `.` (RFC 2782).
    pub fn is_denial(&self) -> bool {
        self.target.is_root()
    }

    /// The record as data to print or to compare.
    pub fn rdata(&self) -> RData {
        RData::SRV(SRV::new(self.priority, self.weight, self.port, self.target.clone()))
    }
}
