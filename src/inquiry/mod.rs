//! The questions that an audit of one mail domain asks, and what the answers raise.
//!
//! An [`Inquiry`] does no I/O. Whoever drives it polls for tickets, looks up the question of each in
//! whatever way it likes, and hands the answers back in any order:
//!
//! ```
//! use mailsrv::answer::{Answer, Outcome};
//! use mailsrv::inquiry::Inquiry;
//!
//! let mut inquiry = Inquiry::new("example.com".parse()?, []);
//! while let Some(ticket) = inquiry.poll() {
//!     let question = inquiry.question(ticket);
//!     println!("{} {}", mailsrv::name::text(&question.name), question.rtype);
//!     inquiry.answer(ticket, Answer::plain(Outcome::NoData));
//! }
//! assert!(inquiry.is_finished());
//! let observed = inquiry.into_observed();
//! # Ok::<(), mailsrv::name::NameError>(())
//! ```
//!
//! The state is a few flat vectors without shared ownership: names are interned once per domain,
//! questions are rebuilt from their topic when needed. `benches/inquiry.rs` measures the bytes.

mod observed;

use self::observed::HostId;
pub use self::observed::{Family, Heard, Host, Observed, Said, SrvView};

use hickory_proto::rr::{Name, RData};

use self::observed::{Datum, State, Topic};
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::name::{HostName, MailDomain};
use crate::service::{ConfigName, Label, MISNOMERS};

/// The most targets of one RRset whose addresses are asked for, the preferred ones first; what DNS
/// says decides how many there are, so there must be an end.
pub const MAX_TARGETS: usize = 8;

/// The most questions about one mail domain; only endless alias chains get there.
pub const MAX_QUESTIONS: usize = 200;

/// The most records of one answer that are looked at.
pub const MAX_RECORDS: usize = 64;

/// One question of an [`Inquiry`]: valid for that inquiry alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(u16);

/// The questions about one mail domain, asked and answered step by step.
#[derive(Debug)]
pub struct Inquiry {
    observed: Observed,
    /// Slots before this one have been handed out.
    asked: u16,
    /// Slots without an answer.
    open: u16,
    /// The hosts that the configuration names are expected to lead to, as interned.
    expected: [Option<HostId>; 2],
}

impl Inquiry {
    /// Begins an inquiry about a mail domain.
    ///
    /// `aliases` are the hosts that the configuration names should lead to: their addresses are
    /// asked for where a name holds addresses instead of an alias.
    pub fn new(
        domain: MailDomain,
        aliases: impl IntoIterator<Item = (ConfigName, HostName)>,
    ) -> Self {
        let mut inquiry =
            Self { observed: Observed::new(domain), asked: 0, open: 0, expected: [None; 2] };
        for (name, host) in aliases {
            inquiry.expected[name as usize] = Some(inquiry.observed.intern(host.name().clone()));
        }
        for label in Label::ALL {
            inquiry.raise(Topic::Service(label));
        }
        inquiry.raise(Topic::Autodiscover);
        for name in ConfigName::ALL {
            inquiry.raise(Topic::Config(name, Family::V4));
        }
        inquiry.raise(Topic::Mx);
        inquiry
    }

    /// Hands out the next question that has not been handed out.
    ///
    /// None means: nothing to ask now. Answers still to come may raise more.
    pub fn poll(&mut self) -> Option<Ticket> {
        let ticket = Ticket(self.asked);
        self.observed.slots.get(usize::from(self.asked))?;
        self.asked += 1;
        Some(ticket)
    }

    /// Builds the question of a ticket; it may be built again for a retry.
    pub fn question(&self, ticket: Ticket) -> Question {
        self.observed.question(self.observed.slots[usize::from(ticket.0)].topic)
    }

    /// Takes the answer to a ticket's question. A second answer to one ticket is ignored.
    pub fn answer(&mut self, ticket: Ticket, answer: Answer) {
        let index = usize::from(ticket.0);
        if self.observed.slots[index].state != State::Open {
            return;
        }
        self.open -= 1;
        self.store(index, answer);
        self.raise_from(index);
    }

    /// Whether every question raised has its answer.
    pub fn is_finished(&self) -> bool {
        self.open == 0
    }

    /// Ends the inquiry; what was asked and never answered counts as failed.
    ///
    /// What was found out does not depend on the order in which the answers came.
    pub fn into_observed(mut self) -> Observed {
        for slot in &mut self.observed.slots {
            if slot.state == State::Open {
                slot.state = State::Failed(Failure::NotAsked);
            }
        }
        self.observed.sort_slots();
        self.observed
    }

    /// The bytes this inquiry holds, on the stack and on the heap.
    pub fn size_in_memory(&self) -> usize {
        size_of::<Self>() + self.observed.heap_size()
    }

    fn raise(&mut self, topic: Topic) {
        self.observed.slots.push(observed::Slot::open(topic));
        self.open += 1;
    }

    fn store(&mut self, index: usize, answer: Answer) {
        let observed = &mut self.observed;
        let topic = observed.slots[index].topic;
        let start = observed.data.len();
        for name in answer.chain {
            let host = observed.intern(name);
            observed.data.push(Datum::Alias(host));
        }
        let aliases = observed.data.len() - start;
        let mut lowest_ttl = 0;
        let state = match answer.outcome {
            Outcome::Records { ttl, mut data } => {
                lowest_ttl = ttl;
                if data.len() > MAX_RECORDS {
                    // Servers rotate what they send.
                    data.sort();
                    observed.skip(topic);
                }
                for rdata in data.into_iter().take(MAX_RECORDS) {
                    let datum = observed.datum(rdata);
                    observed.data.extend(datum);
                }
                // A response without a record of the type asked for is NODATA (RFC 2308 §2.2).
                if observed.data.len() > start + aliases { State::Records } else { State::NoData }
            }
            Outcome::NoData => State::NoData,
            Outcome::NxDomain => State::NxDomain,
            Outcome::Failed(failure) => State::Failed(failure),
        };
        let slot = &mut observed.slots[index];
        slot.state = state;
        slot.dnssec = answer.dnssec;
        slot.authoritative = answer.authoritative;
        slot.ttl = lowest_ttl;
        slot.start = u32::try_from(start).unwrap_or(u32::MAX);
        slot.aliases = u16::try_from(aliases).unwrap_or(u16::MAX);
        slot.records = u16::try_from(observed.data.len() - start - aliases).unwrap_or(u16::MAX);
    }

    /// Asks what an answer makes worth asking.
    fn raise_from(&mut self, index: usize) {
        let slot = self.observed.slots[index];
        if let Some(end) = slot.continuation(&self.observed.data) {
            self.raise_once(end);
            return;
        }
        match (slot.topic, slot.state) {
            (Topic::Service(_), State::Records) => {
                self.raise_targets(index);
                self.raise_once(Topic::TcpNode);
            }
            (Topic::Service(label), State::NoData | State::NxDomain) => self.raise_misnomer(label),
            (Topic::Autodiscover | Topic::SrvEnd(_), State::Records) => self.raise_targets(index),
            // Addresses in place of an alias are compared with those it should lead to.
            (Topic::Config(name, Family::V4), State::Records | State::NoData)
                if slot.aliases == 0 =>
            {
                self.raise_once(Topic::Config(name, Family::V6));
                if let Some(host) = self.expected[name as usize] {
                    for family in Family::ALL {
                        self.raise_once(Topic::Host(host, family));
                    }
                }
            }
            _ => {}
        }
    }

    /// Asks for the addresses of the targets, in an order that is not that of the response.
    fn raise_targets(&mut self, index: usize) {
        let slot = self.observed.slots[index];
        let mut targets: Vec<(u16, HostId)> = self.observed.data[slot.record_range()]
            .iter()
            .filter_map(|datum| match *datum {
                Datum::Srv { priority, target, .. } => Some((priority, target)),
                _ => None,
            })
            .filter(|(_, target)| !self.observed.name(*target).is_root())
            .collect();
        targets.sort_by_key(|(priority, target)| (*priority, self.observed.name(*target)));
        targets.dedup_by_key(|(_, target)| *target);
        if targets.len() > MAX_TARGETS {
            self.observed.skip(slot.topic);
        }
        for (_, target) in targets.into_iter().take(MAX_TARGETS) {
            for family in Family::ALL {
                self.raise_once(Topic::Host(target, family));
            }
        }
    }

    fn raise_misnomer(&mut self, label: Label) {
        for (index, misnomer) in (0u8..).zip(MISNOMERS) {
            if misnomer.right == label {
                self.raise_once(Topic::Misnomer(index));
            }
        }
    }

    fn raise_once(&mut self, topic: Topic) {
        if self.observed.slots.iter().any(|slot| slot.topic == topic) {
            return;
        }
        if self.observed.slots.len() >= MAX_QUESTIONS {
            self.observed.skip(topic);
            return;
        }
        self.raise(topic);
    }
}

impl Observed {
    /// Names are kept in lower case, so that the first spelling to arrive does not show
    /// (RFC 4343: case says nothing).
    fn intern(&mut self, name: Name) -> HostId {
        let has_capitals = name.iter().flatten().any(u8::is_ascii_uppercase);
        let name = if has_capitals { name.to_lowercase() } else { name };
        let found = self.hosts.iter().position(|known| *known == name);
        let index = found.unwrap_or_else(|| {
            self.hosts.push(name);
            self.hosts.len() - 1
        });
        HostId(u16::try_from(index).unwrap_or(u16::MAX))
    }

    fn datum(&mut self, rdata: RData) -> Option<Datum> {
        Some(match rdata {
            RData::SRV(srv) => Datum::Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: self.intern(srv.target),
            },
            RData::MX(mx) => {
                Datum::Mx { preference: mx.preference, exchange: self.intern(mx.exchange) }
            }
            RData::A(address) => Datum::A(address.0),
            RData::AAAA(address) => Datum::Aaaa(address.0),
            _ => return None,
        })
    }
}
