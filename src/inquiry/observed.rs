//! What an inquiry found out, kept flat: one slot a question, a few octets a record.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::Arc;

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, SRV};
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::{
    BinDecoder, BinEncodable, BinEncoder, NameEncoding, Restrict,
};

use super::names::{NameId, Names};
use super::referred::Referred;
use crate::answer::{Answer, Dnssec, Failure, Hidden, Outcome, Question, Vantage};
use crate::name::MailDomain;

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

    /// The type of its address records.
    pub const fn record_type(self) -> RecordType {
        match self {
            Self::V4 => RecordType::A,
            Self::V6 => RecordType::AAAA,
        }
    }
}

/// Why a question is asked, and with that what its answer makes worth asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Records of a plan must stand there, by their fingerprint.
    Records(u32),
    /// A service is not offered: nothing may stand there but the denial of this fingerprint.
    Denied(u32),
    /// An alias that leads to this host must stand there.
    Alias(NameId),
    /// It is the end of an alias chain.
    End,
    /// It helps to understand other answers.
    Evidence,
    /// No judgment needs it.
    Aside,
    /// What a server sends is held against it.
    Association,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Records,
    NoData,
    NxDomain,
    Failed(Failure),
}

/// One record, in a few octets; names are kept once.
#[derive(Debug, Clone, Copy)]
pub(super) enum Datum {
    Alias(NameId),
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        target: NameId,
    },
    Mx {
        preference: u16,
        exchange: NameId,
    },
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    /// Data of another type in wire form, kept among the names.
    Other {
        start: u32,
        length: u16,
    },
}

/// A question, and its answer in a fixed number of octets; the data stand elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) role: Role,
    /// The smallest TTL of the records, or of their absence; 0 where none is known.
    pub(super) ttl: u32,
    pub(super) state: State,
    pub(super) owner: NameId,
    rtype: u16,
    /// Where its data begin: aliases first, then records.
    pub(super) start: u16,
    /// The RCODE of the response, or [`NONE`].
    pub(super) rcode: u16,
    /// The first extended error of the response, or [`NONE`].
    pub(super) extended: u16,
    pub(super) aliases: u8,
    pub(super) records: u8,
    pub(super) dnssec: Dnssec,
    /// Who says so: its place among those who said anything, counted from 1; 0 for nobody.
    pub(super) dnssec_by: u8,
    /// What the validator of this program says.
    pub(super) validated: Option<Dnssec>,
    /// What else is said of the answer, a bit each: [`AUTHORITATIVE`] and its like.
    pub(super) flags: u8,
}

/// In place of an RCODE and of an extended error; no number that is assigned.
pub(super) const NONE: u16 = u16::MAX;

/// The server of the zone speaks.
pub(super) const AUTHORITATIVE: u8 = 1;
/// The records are those that the plan wants.
pub(super) const AS_WANTED: u8 = 1 << 1;
/// The TTLs of the records differ.
pub(super) const UNEVEN_TTLS: u8 = 1 << 2;
/// DNS holds more records than are looked at.
pub(super) const PARTIAL: u8 = 1 << 3;
/// The question has been handed out.
pub(super) const ASKED: u8 = 1 << 4;
/// The question is held back: an answer that is to come may show what it asks for.
pub(super) const HELD: u8 = 1 << 5;
/// It was not asked: nothing stands below a name that does not exist.
pub(super) const BELOW_NOTHING: u8 = 1 << 6;

impl Slot {
    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn open(owner: NameId, rtype: RecordType, role: Role) -> Self {
        Self {
            role,
            ttl: 0,
            state: State::Open,
            owner,
            rtype: rtype.into(),
            start: 0,
            rcode: NONE,
            extended: NONE,
            aliases: 0,
            records: 0,
            dnssec: Dnssec::Unknown,
            dnssec_by: 0,
            validated: None,
            flags: 0,
        }
    }

    pub(super) fn rtype(&self) -> RecordType {
        RecordType::from(self.rtype)
    }

    /// Whether DNS said anything; a loop is an answer.
    pub(super) fn is_answered(&self) -> bool {
        match self.state {
            State::Records | State::NoData | State::NxDomain => true,
            State::Failed(failure) => failure == Failure::ChainTooLong,
            State::Open => false,
        }
    }

    /// Whether DNS said that there is nothing.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.state, State::NoData | State::NxDomain)
    }

    /// Where the canonical names on the way stand.
    pub(super) fn alias_range(&self) -> Range<usize> {
        let start = usize::from(self.start);
        start..start + usize::from(self.aliases)
    }

    /// Where the records at the end stand.
    pub(super) fn record_range(&self) -> Range<usize> {
        let start = self.alias_range().end;
        start..start + usize::from(self.records)
    }
}

/// Everything an inquiry about one mail domain found out, by owner name and type.
///
/// [`heard`](Self::heard) and [`host`](Self::host) read it, aliases followed;
/// [`answers`](Self::answers) has it question by question.
#[derive(Debug, Clone)]
pub struct Observed {
    pub(super) names: Names,
    pub(super) data: Vec<Datum>,
    pub(super) slots: Vec<Slot>,
    /// Slots before this one were sought; answers raised the others.
    pub(super) sought: u8,
    /// Whether anything was asked for in order to see what a wildcard says.
    pub(super) is_probed: bool,
    /// Who said anything of DNSSEC, each once.
    pub(super) validators: Vec<Arc<str>>,
    /// Records that zone cuts hide.
    pub(super) hidden: Vec<Hidden>,
    /// The question to which DNS said more than an inquiry follows, the first of them.
    pub(super) skipped: Option<(NameId, RecordType)>,
    /// Answers of servers of zones below the one that was asked, where there are any.
    pub(super) referred: Option<Box<Referred>>,
}

impl Observed {
    pub(super) fn new(domain: MailDomain) -> Self {
        Self {
            names: Names::new(domain),
            data: Vec::new(),
            slots: Vec::new(),
            sought: 0,
            is_probed: false,
            validators: Vec::new(),
            hidden: Vec::new(),
            skipped: None,
            referred: None,
        }
    }

    /// The mail domain asked about.
    pub fn domain(&self) -> &MailDomain {
        self.names.domain()
    }

    /// Every owner name that was asked for records of a type, in the order of the answers.
    pub fn owners(&self, rtype: RecordType) -> impl Iterator<Item = Name> {
        let of_type = self.slots.iter().filter(move |slot| slot.rtype() == rtype);
        of_type.map(|slot| self.names.name(slot.owner))
    }

    /// Every question without an answer, and why.
    ///
    /// A loop is an answer: the names are there, and lead nowhere. What lies outside the zones at
    /// hand was not asked of anybody; [`Self::not_judged`] has it.
    pub fn unanswered(&self) -> impl Iterator<Item = (Question, Failure)> {
        let judged = self.slots.iter().filter(|slot| slot.role != Role::Aside);
        let failed = judged.filter_map(|slot| match slot.state {
            State::Failed(Failure::ChainTooLong | Failure::OutsideZone) => None,
            State::Failed(failure) => Some((self.question(slot), failure)),
            State::Open | State::Records | State::NoData | State::NxDomain => None,
        });
        let skipped = self.skipped.map(|(owner, rtype)| {
            (Question { name: self.names.name(owner), rtype }, Failure::NotAsked)
        });
        failed.chain(skipped)
    }

    /// The names outside the zones at hand that there were questions about, each once, in order.
    pub fn not_judged(&self) -> Vec<Name> {
        let outside = |slot: &&Slot| {
            let is_judged = !matches!(slot.role, Role::Aside | Role::Association);
            slot.state == State::Failed(Failure::OutsideZone) && is_judged
        };
        // Of an alias that leads out of the zones, the end is what lies outside.
        let end = |slot: &Slot| self.aliases(slot).last().unwrap_or(slot.owner);
        let mut names: Vec<Name> =
            self.slots.iter().filter(outside).map(|slot| self.names.name(end(slot))).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Every question with its answer: first what was sought, then what the answers raised, by name.
    pub fn answers(&self) -> impl Iterator<Item = (Question, Answer)> {
        self.slots.iter().map(|slot| (self.question(slot), self.answer(slot)))
    }

    /// Whether a question was asked and answered.
    pub fn is_answered(&self, question: &Question) -> bool {
        let slot = self.names.find(&question.name).and_then(|id| self.slot(id, question.rtype));
        slot.is_some_and(Slot::is_answered)
    }

    /// Whether who was asked pointed to a zone below for an owner name, and others answered.
    pub fn is_referred(&self, owner: &Name) -> bool {
        let referred = self.referred.as_ref().zip(self.names.find(owner));
        referred.is_some_and(|(referred, owner)| referred.holds(owner))
    }

    /// The server of a zone below that answered a question, or was the first not to.
    pub fn said_by(&self, question: &Question) -> Option<&Vantage> {
        let referred = self.referred.as_ref()?;
        referred.said_by(self.names.find(&question.name)?, question.rtype)
    }

    /// How many questions were answered.
    pub(super) fn answers_count(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_answered()).count()
    }

    /// Whether anything was heard of the domain itself or of a name below it.
    pub fn is_anything_there(&self) -> bool {
        self.slots.iter().any(|slot| {
            let is_something = slot.state == State::Records || slot.aliases > 0;
            is_something && self.names.prefix(slot.owner).is_some()
        })
    }

    /// The questions whose answers do not validate, with who says so and the first extended error of
    /// each.
    pub fn bogus(&self) -> impl Iterator<Item = (Question, Option<&str>, Option<u16>)> {
        let bogus = self.slots.iter().filter(|slot| slot.dnssec == Dnssec::Bogus);
        bogus.map(|slot| {
            let by = self.validator(slot).map(|by| &**by);
            (self.question(slot), by, Some(slot.extended).filter(|code| *code != NONE))
        })
    }

    /// The questions of whose answers the validator of this program says otherwise than the resolver:
    /// what that says and its name, and what the validator says. Where the resolver says nothing, it is
    /// those that the validator calls bogus.
    pub fn disputed(&self) -> impl Iterator<Item = (Question, Dnssec, Option<&str>, Dnssec)> {
        self.slots.iter().filter_map(|slot| {
            let validated = slot.validated.filter(|state| *state != slot.dnssec)?;
            let is_told = match (slot.dnssec, validated) {
                (_, Dnssec::Unknown) => false,
                (Dnssec::Unknown, validated) => validated == Dnssec::Bogus,
                _ => true,
            };
            let by = self.validator(slot).map(|by| &**by);
            is_told.then(|| (self.question(slot), slot.dnssec, by, validated))
        })
    }

    /// Who said of an answer what it is to DNSSEC.
    pub(super) fn validator(&self, slot: &Slot) -> Option<&Arc<str>> {
        self.validators.get(usize::from(slot.dnssec_by).checked_sub(1)?)
    }

    /// The records that zone cuts hide, in the zones at hand.
    pub fn hidden(&self) -> &[Hidden] {
        &self.hidden
    }

    /// The question, where it was asked.
    pub(super) fn slot(&self, owner: NameId, rtype: RecordType) -> Option<&Slot> {
        let code = u16::from(rtype);
        self.slots.iter().find(|slot| slot.owner == owner && slot.rtype == code)
    }

    /// Builds a question out of its slot.
    pub(super) fn question(&self, slot: &Slot) -> Question {
        Question { name: self.names.name(slot.owner), rtype: slot.rtype() }
    }

    /// The name at the end of an alias chain that an answer stops at.
    ///
    /// A server that does not hold the end of a chain returns the chain alone (RFC 1034 §4.3.2), so
    /// NODATA behind a chain says nothing before the end itself was asked for.
    pub(super) fn continuation(&self, slot: &Slot) -> Option<NameId> {
        let last = slot.alias_range().next_back().filter(|_| slot.state == State::NoData)?;
        let Datum::Alias(end) = self.data[last] else { return None };
        Some(end)
    }

    /// Takes note of who speaks of DNSSEC, and returns its place, counted from 1; 0 for nobody.
    pub(super) fn note_validator(&mut self, by: Option<Arc<str>>) -> u8 {
        let Some(by) = by else { return 0 };
        let known = self.validators.iter().position(|known| *known == by);
        let at = known.unwrap_or_else(|| {
            self.validators.push(by);
            self.validators.len() - 1
        });
        // There are no more than questions, which fits.
        u8::try_from(at + 1).unwrap_or(0)
    }

    /// Takes note of what is not followed; of several the first by place and name, whatever came
    /// first.
    pub(super) fn skip(&mut self, owner: NameId, rtype: RecordType) {
        // The place among what was sought; what answers raised comes in any order.
        let place = |owner, code| {
            let sought = &self.slots[..usize::from(self.sought)];
            let known = |slot: &Slot| slot.owner == owner && slot.rtype == code;
            sought.iter().position(known).unwrap_or(sought.len())
        };
        let key = |(owner, rtype): (NameId, RecordType)| {
            let code = u16::from(rtype);
            (place(owner, code), self.names.name(owner), code)
        };
        let new = (owner, rtype);
        if self.skipped.is_none_or(|known| key(new) < key(known)) {
            self.skipped = Some(new);
        }
    }

    /// Puts the questions that answers raised in the order of their names and types.
    pub(super) fn sort_raised(&mut self) {
        let names = &self.names;
        self.slots[usize::from(self.sought)..]
            .sort_by_cached_key(|slot| (names.name(slot.owner), slot.rtype));
    }

    /// The canonical names that an answer told.
    pub(super) fn aliases(&self, slot: &Slot) -> impl Iterator<Item = NameId> {
        self.data[slot.alias_range()].iter().filter_map(|datum| match datum {
            Datum::Alias(name) => Some(*name),
            Datum::Srv { .. }
            | Datum::Mx { .. }
            | Datum::A(_)
            | Datum::Aaaa(_)
            | Datum::Other { .. } => None,
        })
    }

    /// The records of a slot, in a stable order; those that were heard twice stand twice.
    pub(super) fn rdatas(&self, slot: &Slot) -> Vec<RData> {
        let data = &self.data[slot.record_range()];
        let mut rdatas: Vec<_> =
            data.iter().filter_map(|datum| self.rdata(*datum, slot.rtype())).collect();
        rdatas.sort();
        rdatas
    }

    /// Spells a record out again.
    fn rdata(&self, datum: Datum, rtype: RecordType) -> Option<RData> {
        let name = |id: NameId| self.names.name(id);
        Some(match datum {
            Datum::Alias(canonical) => RData::CNAME(CNAME(name(canonical))),
            Datum::Srv { priority, weight, port, target } => {
                RData::SRV(SRV::new(priority, weight, port, name(target)))
            }
            Datum::Mx { preference, exchange } => RData::MX(MX::new(preference, name(exchange))),
            Datum::A(address) => RData::A(A(address)),
            Datum::Aaaa(address) => RData::AAAA(AAAA(address)),
            Datum::Other { start, length } => {
                let mut decoder = BinDecoder::new(self.names.kept(start, length));
                return RData::read(&mut decoder, rtype, Restrict::new(length)).ok();
            }
        })
    }

    /// Keeps a record; None of one that no DNS message could hold.
    pub(super) fn datum(&mut self, rdata: &RData) -> Option<Datum> {
        Some(match rdata {
            RData::CNAME(canonical) => Datum::Alias(self.names.intern(&canonical.0)),
            RData::SRV(srv) => Datum::Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: self.names.intern(&srv.target),
            },
            RData::MX(mx) => {
                let exchange = self.names.intern(&mx.exchange);
                Datum::Mx { preference: mx.preference, exchange }
            }
            RData::A(address) => Datum::A(address.0),
            RData::AAAA(address) => Datum::Aaaa(address.0),
            other => {
                let wire = wire(other)?;
                let length = u16::try_from(wire.len()).ok()?;
                Datum::Other { start: self.names.keep(&wire), length }
            }
        })
    }

    /// The octets of a record's data on the wire, names not compressed.
    pub(super) fn octets(&self, datum: Datum) -> usize {
        let name = |id: NameId| self.names.octets(id);
        match datum {
            Datum::Alias(canonical) => name(canonical),
            Datum::Srv { target, .. } => 6 + name(target),
            Datum::Mx { exchange, .. } => 2 + name(exchange),
            Datum::A(_) => 4,
            Datum::Aaaa(_) => 16,
            Datum::Other { length, .. } => usize::from(length),
        }
    }

    /// The answer again: names in lower case, and of extended errors the first alone.
    pub(super) fn answer(&self, slot: &Slot) -> Answer {
        let outcome = match slot.state {
            State::Records => Outcome::Records { ttl: slot.ttl, data: self.rdatas(slot) },
            State::NoData => Outcome::NoData,
            State::NxDomain => Outcome::NxDomain,
            State::Failed(failure) => Outcome::Failed(failure),
            State::Open => Outcome::Failed(Failure::NotAsked),
        };
        Answer {
            chain: self.aliases(slot).map(|name| self.names.name(name)).collect(),
            outcome,
            dnssec: slot.dnssec,
            dnssec_by: self.validator(slot).cloned(),
            validated: slot.validated,
            authoritative: slot.has(AUTHORITATIVE),
            rcode: (slot.rcode != NONE).then_some(slot.rcode),
            uneven_ttls: slot.has(UNEVEN_TTLS),
            negative_ttl: Some(slot.ttl).filter(|ttl| slot.is_absent() && *ttl > 0),
            extended: (slot.extended != NONE).then_some(slot.extended).into_iter().collect(),
            beside: Vec::new(),
        }
    }

    /// A short sum of records that does not depend on their order, nor on the case of names in them,
    /// nor on the mail domain at the ends of these.
    pub(super) fn fingerprint(&self, data: &[RData]) -> u32 {
        data.iter().fold(0, |sum, data| {
            let mut hash = Fnv::new(data.record_type());
            match data {
                RData::SRV(srv) => {
                    for number in [srv.priority, srv.weight, srv.port] {
                        hash.take(&number.to_be_bytes());
                    }
                    self.names.spell(&srv.target, |octets| hash.take(octets));
                }
                RData::MX(mx) => {
                    hash.take(&mx.preference.to_be_bytes());
                    self.names.spell(&mx.exchange, |octets| hash.take(octets));
                }
                RData::A(address) => hash.take(&address.octets()),
                RData::AAAA(address) => hash.take(&address.octets()),
                other => hash.take(&wire(other).unwrap_or_default()),
            }
            sum.wrapping_add(hash.0)
        })
    }

    /// The octets on the heap, for `benches/inquiry.rs`.
    pub(super) fn heap_size(&self) -> usize {
        self.names.heap_size()
            + self.data.capacity() * size_of::<Datum>()
            + self.slots.capacity() * size_of::<Slot>()
            + self.referred.as_ref().map_or(0, |referred| referred.heap_size())
    }
}

/// Data in wire form, names in lower case and not compressed.
fn wire(rdata: &RData) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut encoder = BinEncoder::new(&mut octets);
    encoder.set_name_encoding(NameEncoding::UncompressedLowercase);
    rdata.emit(&mut encoder).ok()?;
    Some(octets)
}

/// FNV-1a: what is compared is a handful of records, and a mistake costs one question.
struct Fnv(u32);

impl Fnv {
    fn new(rtype: RecordType) -> Self {
        let mut hash = Self(0x811c_9dc5);
        hash.take(&u16::from(rtype).to_be_bytes());
        hash
    }

    fn take(&mut self, octets: &[u8]) {
        self.0 = octets
            .iter()
            .fold(self.0, |hash, octet| (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193));
    }
}
