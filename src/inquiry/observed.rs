//! What an inquiry found out, kept flat: interned names, small records, one slot a question.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, SRV};
use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Answer, Dnssec, Failure, MAX_CHAIN, Outcome, Question};
use crate::name::MailDomain;
use crate::service::{AUTODISCOVER_LABEL, ConfigName, Label, MISNOMERS, Misnomer, PROTO};

/// A name that DNS mentioned, interned in one [`Observed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HostId(pub(super) u16);

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4: type A.
    V4,
    /// IPv6: type AAAA.
    V6,
}

impl Family {
    /// Both families.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    fn record_type(self) -> RecordType {
        match self {
            Self::V4 => RecordType::A,
            Self::V6 => RecordType::AAAA,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Service(Label),
    Autodiscover,
    Misnomer(u8),
    Config(ConfigName, Family),
    TcpNode,
    Mx,
    /// SRV records at the end of an owner name's alias chain.
    SrvEnd(HostId),
    Host(HostId, Family),
}

impl Topic {
    /// The place in a listing of all questions.
    fn rank(self) -> (u8, u8) {
        match self {
            Self::Service(label) => (0, label as u8),
            Self::Config(name, family) => (1, 2 * name as u8 + family as u8),
            Self::Autodiscover => (2, 0),
            Self::Mx => (3, 0),
            Self::TcpNode => (4, 0),
            Self::Misnomer(index) => (5, index),
            Self::SrvEnd(_) => (6, 0),
            Self::Host(..) => (7, 0),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Records,
    NoData,
    NxDomain,
    Failed(Failure),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Datum {
    Alias(HostId),
    Srv { priority: u16, weight: u16, port: u16, target: HostId },
    Mx { preference: u16, exchange: HostId },
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) topic: Topic,
    pub(super) state: State,
    pub(super) dnssec: Dnssec,
    pub(super) authoritative: bool,
    pub(super) aliases: u16,
    pub(super) records: u16,
    pub(super) start: u32,
    pub(super) ttl: u32,
}

impl Slot {
    pub(super) fn open(topic: Topic) -> Self {
        Self {
            topic,
            state: State::Open,
            dnssec: Dnssec::Unknown,
            authoritative: false,
            aliases: 0,
            records: 0,
            start: 0,
            ttl: 0,
        }
    }

    pub(super) fn alias_range(&self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + usize::from(self.aliases)
    }

    /// The topic that asks for the end of the alias chain, where this answer stops at an alias.
    ///
    /// A server that does not hold the end of a chain returns the chain alone (RFC 1034 §4.3.2), so
    /// NODATA behind a chain says nothing before the end itself was asked for.
    pub(super) fn continuation(&self, data: &[Datum]) -> Option<Topic> {
        let last = self.alias_range().next_back().filter(|_| self.state == State::NoData)?;
        let Datum::Alias(end) = data[last] else { return None };
        match self.topic {
            Topic::Service(_) | Topic::Autodiscover | Topic::SrvEnd(_) => Some(Topic::SrvEnd(end)),
            Topic::Config(_, family) | Topic::Host(_, family) => Some(Topic::Host(end, family)),
            Topic::Misnomer(_) | Topic::TcpNode | Topic::Mx => None,
        }
    }

    pub(super) fn record_range(&self) -> std::ops::Range<usize> {
        let start = self.alias_range().end;
        start..start + usize::from(self.records)
    }
}

/// Everything an inquiry about one mail domain found out.
#[derive(Debug, Clone)]
pub struct Observed {
    pub(super) domain: MailDomain,
    pub(super) hosts: Vec<Name>,
    pub(super) data: Vec<Datum>,
    pub(super) slots: Vec<Slot>,
    /// The topic of which DNS said more than an inquiry follows, the first in rank of them.
    pub(super) skipped: Option<Topic>,
}

impl Observed {
    pub(super) fn new(domain: MailDomain) -> Self {
        Self { domain, hosts: Vec::new(), data: Vec::new(), slots: Vec::new(), skipped: None }
    }

    pub(super) fn name(&self, host: HostId) -> &Name {
        &self.hosts[usize::from(host.0)]
    }

    pub(super) fn skip(&mut self, topic: Topic) {
        if self.skipped.is_none_or(|known| topic.rank() < known.rank()) {
            self.skipped = Some(topic);
        }
    }

    /// Puts the questions in the order of their topics, hosts by name.
    pub(super) fn sort_slots(&mut self) {
        let hosts = &self.hosts;
        let name = |host: HostId| &hosts[usize::from(host.0)];
        self.slots.sort_by(|one, two| match (one.topic, two.topic) {
            (Topic::SrvEnd(a), Topic::SrvEnd(b)) => name(a).cmp(name(b)),
            (Topic::Host(a, family), Topic::Host(b, other)) => {
                name(a).cmp(name(b)).then((family as u8).cmp(&(other as u8)))
            }
            (a, b) => a.rank().cmp(&b.rank()),
        });
    }

    pub(super) fn question(&self, topic: Topic) -> Question {
        let owner = |labels: &[&str]| self.domain.prefixed(labels);
        let (name, rtype) = match topic {
            Topic::Service(label) => (owner(&label.prefix()), RecordType::SRV),
            Topic::Autodiscover => (owner(&[AUTODISCOVER_LABEL, PROTO]), RecordType::SRV),
            Topic::Misnomer(index) => {
                (owner(&[MISNOMERS[usize::from(index)].text, PROTO]), RecordType::SRV)
            }
            Topic::Config(name, family) => (owner(&[name.text()]), family.record_type()),
            Topic::TcpNode => (owner(&[PROTO]), RecordType::A),
            Topic::Mx => (self.domain.name().clone(), RecordType::MX),
            Topic::SrvEnd(host) => (self.name(host).clone(), RecordType::SRV),
            Topic::Host(host, family) => (self.name(host).clone(), family.record_type()),
        };
        Question { name, rtype }
    }

    pub(super) fn heap_size(&self) -> usize {
        // A name keeps 32 octets of labels inside itself and the rest on the heap.
        let spilled =
            |name: &Name| if name.len() > 32 + name.iter().len() { name.len() } else { 0 };
        self.hosts.capacity() * size_of::<Name>()
            + self.hosts.iter().map(spilled).sum::<usize>()
            + spilled(self.domain.name())
            + self.data.capacity() * size_of::<Datum>()
            + self.slots.capacity() * size_of::<Slot>()
    }

    /// The mail domain asked about.
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// What was heard under a service label.
    pub fn service(&self, label: Label) -> Heard<'_> {
        self.heard_surely(Topic::Service(label))
    }

    /// What was heard under `_autodiscover._tcp`.
    pub fn autodiscover(&self) -> Heard<'_> {
        self.heard_surely(Topic::Autodiscover)
    }

    /// What was heard of the IPv4 addresses of a configuration name, through its aliases.
    pub fn config(&self, name: ConfigName) -> Heard<'_> {
        self.heard_surely(Topic::Config(name, Family::V4))
    }

    /// What was heard of the IPv6 addresses of a configuration name that is no alias; None where
    /// nothing raised the question.
    pub fn config_v6(&self, name: ConfigName) -> Option<Heard<'_>> {
        self.heard(Topic::Config(name, Family::V6))
    }

    /// What was heard of the mail exchanges of the domain.
    pub fn mx(&self) -> Heard<'_> {
        self.heard_surely(Topic::Mx)
    }

    /// What was heard of the node `_tcp`; None where nothing raised the question.
    pub fn tcp_node(&self) -> Option<Heard<'_>> {
        self.heard(Topic::TcpNode)
    }

    /// What was heard under wrong labels, for those that were asked.
    pub fn misnomers(&self) -> impl Iterator<Item = (Misnomer, Heard<'_>)> {
        (0u8..)
            .zip(MISNOMERS)
            .filter_map(|(index, misnomer)| Some((misnomer, self.heard(Topic::Misnomer(index))?)))
    }

    /// What was heard of the addresses of a name; None where nobody asked.
    pub fn addresses(&self, name: &Name, family: Family) -> Option<Heard<'_>> {
        let index = self.hosts.iter().position(|known| known == name)?;
        self.heard(Topic::Host(HostId(u16::try_from(index).ok()?), family))
    }

    /// Follows the aliases of a name as far as the answers go.
    pub fn host(&self, name: &Name) -> Host<'_> {
        let [v4, v6] = Family::ALL.map(|family| self.addresses(name, family));
        Host { v4, v6 }
    }

    /// Every question without an answer, and why.
    pub fn unanswered(&self) -> impl Iterator<Item = (Question, Failure)> {
        let failed = self.slots.iter().filter_map(|slot| match slot.state {
            // A loop is an answer: the names are there, and lead nowhere.
            State::Failed(Failure::ChainTooLong) => None,
            State::Failed(failure) => Some((self.question(slot.topic), failure)),
            State::Open | State::Records | State::NoData | State::NxDomain => None,
        });
        failed.chain(self.skipped.map(|topic| (self.question(topic), Failure::NotAsked)))
    }

    /// Every question with its answer, in the order asked.
    pub fn answers(&self) -> impl Iterator<Item = (Question, Answer)> {
        self.slots.iter().map(|slot| (self.question(slot.topic), self.answer(slot)))
    }

    fn slot(&self, topic: Topic) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.topic == topic)
    }

    fn heard(&self, topic: Topic) -> Option<Heard<'_>> {
        let slot = self.slot(topic)?;
        Some(Heard { observed: self, slot, end: self.end(slot) })
    }

    /// Follows an alias chain over several answers to the last one.
    fn end<'a>(&'a self, first: &'a Slot) -> Result<&'a Slot, Failure> {
        let mut slot = first;
        let mut aliases = usize::from(slot.aliases);
        while aliases <= MAX_CHAIN {
            let Some(topic) = slot.continuation(&self.data) else { return Ok(slot) };
            let next = self.slot(topic).ok_or(Failure::NotAsked)?;
            aliases += usize::from(next.aliases);
            slot = next;
        }
        Err(Failure::ChainTooLong)
    }

    /// The answer that goes on where another one ends in an alias.
    fn next(&self, slot: &Slot) -> Option<&Slot> {
        let next = slot.continuation(&self.data)?;
        self.slot(next)
    }

    fn aliases(&self, slot: &Slot) -> impl Iterator<Item = &Name> + use<'_> {
        self.data[slot.alias_range()].iter().filter_map(|datum| match datum {
            Datum::Alias(host) => Some(self.name(*host)),
            Datum::Srv { .. } | Datum::Mx { .. } | Datum::A(_) | Datum::Aaaa(_) => None,
        })
    }

    fn rdatas(&self, slot: &Slot) -> Vec<RData> {
        let name = |host: HostId| self.name(host).clone();
        let mut rdatas: Vec<_> = self.data[slot.record_range()]
            .iter()
            .map(|datum| match *datum {
                Datum::Alias(host) => RData::CNAME(CNAME(name(host))),
                Datum::Srv { priority, weight, port, target } => {
                    RData::SRV(SRV::new(priority, weight, port, name(target)))
                }
                Datum::Mx { preference, exchange } => {
                    RData::MX(MX::new(preference, name(exchange)))
                }
                Datum::A(address) => RData::A(A(address)),
                Datum::Aaaa(address) => RData::AAAA(AAAA(address)),
            })
            .collect();
        rdatas.sort();
        rdatas
    }

    fn answer(&self, slot: &Slot) -> Answer {
        let outcome = match slot.state {
            State::Records => Outcome::Records { ttl: slot.ttl, data: self.rdatas(slot) },
            State::NoData => Outcome::NoData,
            State::NxDomain => Outcome::NxDomain,
            State::Failed(failure) => Outcome::Failed(failure),
            State::Open => Outcome::Failed(Failure::NotAsked),
        };
        Answer {
            chain: self.aliases(slot).cloned().collect(),
            dnssec: slot.dnssec,
            authoritative: slot.authoritative,
            ..Answer::plain(outcome)
        }
    }

    /// For the topics that every inquiry raises at its beginning.
    fn heard_surely(&self, topic: Topic) -> Heard<'_> {
        self.heard(topic).expect("every inquiry opens with this question")
    }
}

/// What DNS said about the existence of something.
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

/// A host as DNS shows it, aliases followed.
#[derive(Debug, Clone, Copy)]
pub struct Host<'a> {
    v4: Option<Heard<'a>>,
    v6: Option<Heard<'a>>,
}

impl<'a> Host<'a> {
    /// What was said of its addresses.
    pub fn said(&self, family: Family) -> Said {
        let heard = match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        };
        heard.map_or(Said::Failed(Failure::NotAsked), |heard| heard.said())
    }

    /// The canonical names met on the way; empty where the name is no alias.
    pub fn chain(&self) -> Vec<&'a Name> {
        let [v4, v6] = [self.v4, self.v6].map(|heard| heard.map_or_else(Vec::new, |h| h.chain()));
        if v4.len() >= v6.len() { v4 } else { v6 }
    }

    /// Whether the name, or the end of its alias chain, does not exist.
    pub fn is_nonexistent(&self) -> bool {
        Family::ALL.into_iter().any(|family| self.said(family) == Said::NxDomain)
    }

    /// The addresses as records, IPv4 first.
    pub fn addresses(&self) -> Vec<RData> {
        self.v4.iter().chain(&self.v6).flat_map(Heard::rdatas).collect()
    }
}

/// One SRV record as observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SrvView<'a> {
    /// Lower is preferred.
    pub priority: u16,
    /// The share among records of one priority.
    pub weight: u16,
    /// The TCP port.
    pub port: u16,
    /// The target; the root where the service is denied.
    pub target: &'a Name,
}

impl SrvView<'_> {
    /// Whether the record denies the service: the target is `.` (RFC 2782).
    pub fn is_denial(&self) -> bool {
        self.target.is_root()
    }

    /// The record as data to print or to compare.
    pub fn rdata(&self) -> RData {
        RData::SRV(SRV::new(self.priority, self.weight, self.port, self.target.clone()))
    }
}

/// What was heard to one question, aliases followed as far as the answers go.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    observed: &'a Observed,
    slot: &'a Slot,
    /// Where the alias chain ends, or why that is not known.
    end: Result<&'a Slot, Failure>,
}

impl<'a> Heard<'a> {
    /// The question.
    pub fn question(&self) -> Question {
        self.observed.question(self.slot.topic)
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

    /// The smallest TTL of the records, in seconds.
    pub fn ttl(&self) -> u32 {
        self.end.map_or(0, |end| end.ttl)
    }

    /// The canonical names met on the way; empty where the name is no alias.
    ///
    /// In a loop, the first name that comes again is the last.
    pub fn chain(&self) -> Vec<&'a Name> {
        if self.slot.aliases == 0 {
            return Vec::new();
        }
        let start = self.question().name;
        let mut chain: Vec<&Name> = Vec::new();
        let mut next = Some(self.slot);
        while let Some(slot) = next {
            for name in self.observed.aliases(slot) {
                let again = *name == start || chain.contains(&name);
                chain.push(name);
                if again || chain.len() > MAX_CHAIN {
                    return chain;
                }
            }
            next = self.observed.next(slot);
        }
        chain
    }

    /// The SRV records, best priority first.
    pub fn srvs(&self) -> Vec<SrvView<'a>> {
        let observed = self.observed;
        let data = self.end.map_or_else(|_| &[][..], |end| &observed.data[end.record_range()]);
        let mut srvs: Vec<_> = data
            .iter()
            .filter_map(|datum| match *datum {
                Datum::Srv { priority, weight, port, target } => {
                    Some(SrvView { priority, weight, port, target: observed.name(target) })
                }
                Datum::Alias(_) | Datum::Mx { .. } | Datum::A(_) | Datum::Aaaa(_) => None,
            })
            .collect();
        srvs.sort_by_key(|srv| (srv.priority, srv.weight, srv.port, srv.target));
        srvs
    }

    /// The data as records, in a stable order.
    pub fn rdatas(&self) -> Vec<RData> {
        self.end.map_or_else(|_| Vec::new(), |end| self.observed.rdatas(end))
    }
}
