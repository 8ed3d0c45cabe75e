//! The records of one owner name, and what it answers by itself.
//!
//! A zone may hold millions of records, and few of them are asked for: so a record is kept in the
//! octets of its wire form, and one beside which no other stands takes no room of a list. A file may
//! put any number of records at one name: beyond a few they are found by their hash.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::slice;

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::ALIAS;
use super::place::FileLine;
use crate::answer::Outcome;
use crate::zonefile;

/// From how many records on a node finds them by their hash.
const HASHED_FROM: usize = 16;

/// What an ALIAS record stands for.
const ADDRESSES: [RecordType; 2] = [RecordType::A, RecordType::AAAA];

/// Where an answer is, seen from one node.
pub(super) enum Step {
    /// The name is an alias of this one.
    Alias(Name),
    /// The name has the addresses of this one.
    Flattened(Name),
    /// The zone has spoken.
    End(Outcome),
    /// The name lies outside, or below a zone cut.
    Elsewhere,
}

/// One record of a node.
#[derive(Debug)]
pub(super) struct Held {
    /// The RDATA, uncompressed.
    octets: Box<[u8]>,
    code: u16,
    pub(super) ttl: u32,
    /// Where it stands in a file.
    pub(super) place: FileLine,
}

impl Held {
    /// Keeps a record; None where its data has no wire form.
    pub(super) fn new(data: &RData, ttl: u32, place: FileLine) -> Option<Self> {
        let octets = zonefile::wire(data)?.into();
        Some(Self { octets, code: data.record_type().into(), ttl, place })
    }

    pub(super) fn record_type(&self) -> RecordType {
        self.code.into()
    }

    pub(super) fn data(&self) -> RData {
        zonefile::decode(self.code, &self.octets)
    }

    /// Whether the way down ends at its owner name.
    pub(super) fn turns(&self) -> bool {
        matches!(self.record_type(), RecordType::NS | RecordType::DNAME)
    }

    /// Whether both are one record: names in RDATA are compared without regard to case (RFC 4343).
    fn is_twin(&self, other: &Self) -> bool {
        self.code == other.code
            && self.octets.eq_ignore_ascii_case(&other.octets)
            && (self.octets == other.octets || self.data() == other.data())
    }

    /// Becomes one with its twin (RFC 2181 §5).
    fn merge(&mut self, twin: &Self) {
        self.ttl = self.ttl.min(twin.ttl);
        self.place = self.place.min(twin.place);
    }
}

/// The records of one owner name, one at least, in the order in which they came.
#[derive(Debug)]
pub(super) enum Node {
    /// Most names own one record.
    One(Held),
    Few(Vec<Held>),
    Many(Box<Hashed>),
}

impl Node {
    /// Adds a record; one that is there already takes the smaller TTL.
    pub(super) fn insert(&mut self, held: Held) {
        if let Self::Many(records) = self {
            records.insert(held);
        } else if let Some(known) = self.records_mut().iter_mut().find(|known| known.is_twin(&held))
        {
            known.merge(&held);
        } else {
            *self = std::mem::replace(self, Self::Few(Vec::new())).with(held);
        }
    }

    /// Adds a record that has no twin here.
    fn with(self, held: Held) -> Self {
        match self {
            Self::One(known) => Self::Few(vec![known, held]),
            Self::Few(mut list) if list.len() < HASHED_FROM => {
                // A vector would make room for four at once.
                list.reserve_exact(1);
                list.push(held);
                Self::Few(list)
            }
            Self::Few(list) => {
                let mut records = Box::new(Hashed::of(list));
                records.insert(held);
                Self::Many(records)
            }
            Self::Many(mut records) => {
                records.insert(held);
                Self::Many(records)
            }
        }
    }

    pub(super) fn turns(&self) -> bool {
        self.records().iter().any(Held::turns)
    }

    /// All of them.
    pub(super) fn records(&self) -> &[Held] {
        match self {
            Self::One(held) => slice::from_ref(held),
            Self::Few(list) => list,
            Self::Many(records) => &records.list,
        }
    }

    fn records_mut(&mut self) -> &mut [Held] {
        match self {
            Self::One(held) => slice::from_mut(held),
            Self::Few(list) => list,
            Self::Many(records) => &mut records.list,
        }
    }

    /// Takes the node apart.
    pub(super) fn into_records(self) -> impl Iterator<Item = Held> {
        let (one, others) = match self {
            Self::One(held) => (Some(held), Vec::new()),
            Self::Few(list) => (None, list),
            Self::Many(records) => (None, records.list),
        };
        one.into_iter().chain(others)
    }

    /// Moves the records behind so many other files.
    pub(super) fn moved_behind(mut self, files: usize) -> Self {
        self.records_mut().iter_mut().for_each(|held| held.place = held.place.behind(files));
        self
    }

    /// Those of a type: the RRset.
    pub(super) fn of_type(&self, rtype: RecordType) -> impl Iterator<Item = &Held> + Clone {
        let code = u16::from(rtype);
        self.records().iter().filter(move |held| held.code == code)
    }

    pub(super) fn has(&self, rtype: RecordType) -> bool {
        self.of_type(rtype).next().is_some()
    }

    /// The target of a DNAME record, which the codec does not read.
    pub(super) fn dname(&self) -> Option<Name> {
        let held = self.of_type(RecordType::DNAME).next()?;
        Name::from_bytes(&held.octets).ok()
    }

    /// Data of the type, else the alias; where neither stands, NODATA.
    pub(super) fn step(&self, rtype: RecordType) -> Step {
        let data: Vec<_> = self.of_type(rtype).map(Held::data).collect();
        if !data.is_empty() {
            let ttl = self.of_type(rtype).map(|held| held.ttl).min().unwrap_or_default();
            return Step::End(Outcome::Records { ttl, data });
        }
        match self.of_type(RecordType::CNAME).next().map(Held::data) {
            Some(RData::CNAME(CNAME(canonical))) => Step::Alias(canonical),
            _ => match self.of_type(RecordType::from(ALIAS)).next() {
                Some(held) if ADDRESSES.contains(&rtype) => Name::from_bytes(&held.octets)
                    .map_or(Step::End(Outcome::NoData), Step::Flattened),
                _ => Step::End(Outcome::NoData),
            },
        }
    }

    /// Answers where there may be more records of this name than are at hand: a host that has
    /// addresses here has them all.
    pub(super) fn glimpse(&self, rtype: RecordType) -> Step {
        match self.step(rtype) {
            Step::End(Outcome::NoData)
                if !(ADDRESSES.contains(&rtype)
                    && ADDRESSES.iter().any(|other| self.has(*other))) =>
            {
                Step::Elsewhere
            }
            step => step,
        }
    }
}

/// The records of a name that owns many.
#[derive(Debug)]
pub(super) struct Hashed {
    list: Vec<Held>,
    /// Where the first record of a hash stands in the list; twins have the same hash.
    first: HashMap<u64, usize>,
}

impl Hashed {
    fn of(list: Vec<Held>) -> Self {
        let mut records = Self { list: Vec::new(), first: HashMap::new() };
        list.into_iter().for_each(|held| records.insert(held));
        records
    }

    fn insert(&mut self, held: Held) {
        // Data hashes as it compares; its octets would not, for the case of names in them.
        let hash = self.first.hasher().hash_one(held.data());
        let first = *self.first.entry(hash).or_insert(self.list.len());
        let twin = match self.list.get(first) {
            None => None,
            Some(known) if known.is_twin(&held) => Some(first),
            // Two hashes of 64 bits have met by chance.
            Some(_) => self.list.iter().position(|known| known.is_twin(&held)),
        };
        match twin {
            Some(twin) => self.list[twin].merge(&held),
            None => self.list.push(held),
        }
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{SRV, TXT};

    use super::*;
    use crate::name::parse_text;

    fn held(data: &RData, ttl: u32) -> Held {
        Held::new(data, ttl, FileLine::NOWHERE).unwrap()
    }

    fn srv(port: u16, target: &str) -> RData {
        RData::SRV(SRV::new(0, 1, port, parse_text(target).unwrap()))
    }

    /// Puts so many SRV records at a name, and some of them twice.
    #[track_caller]
    fn check(records: u16) {
        let mut node = Node::One(held(&srv(0, "a.test."), 60));
        for port in 1..records {
            node.insert(held(&srv(port, "a.test."), 60));
        }
        for port in [0, records / 2, records - 1] {
            node.insert(held(&srv(port, "A.Test."), 5));
        }
        let ttls: Vec<_> = node.records().iter().map(|held| held.ttl).collect();
        let expected = (0..records)
            .map(|port| if [0, records / 2, records - 1].contains(&port) { 5 } else { 60 });
        assert_eq!(ttls, expected.collect::<Vec<_>>(), "{records}");
        // Text is compared with regard to case.
        for text in ["v=x", "v=X", "v=X"] {
            node.insert(held(&RData::TXT(TXT::new(vec![text.to_owned()])), 60));
        }
        assert_eq!(node.of_type(RecordType::TXT).count(), 2);
        let Step::End(Outcome::Records { data, ttl }) = node.step(RecordType::SRV) else {
            panic!("{records}");
        };
        assert_eq!((data.len(), ttl), (usize::from(records), 5));
        assert_eq!(data[0], srv(0, "a.test."));
        assert_eq!(node.into_records().count(), usize::from(records) + 2);
    }

    #[test]
    fn a_record_twice_is_one_however_many_stand_at_its_name() {
        for records in [1, 2, 3, 15, 16, 17, 18, 19, 1000] {
            check(records);
        }
    }

    #[test]
    fn hashes_that_meet_by_chance_lose_no_record() {
        let list = (0..20).map(|port| held(&srv(port, "a.test."), 60)).collect();
        let mut records = Hashed::of(list);
        let strange = held(&srv(99, "a.test."), 60);
        let hash = records.first.hasher().hash_one(strange.data());
        records.first.insert(hash, 3);
        records.insert(strange);
        records.insert(held(&srv(99, "A.test."), 7));
        assert_eq!(records.list.len(), 21);
        assert_eq!(records.list[20].ttl, 7);
    }

    #[test]
    fn a_record_is_kept_as_it_was_written() {
        let node = Node::One(held(&srv(993, "Mail.Example.test."), 60));
        let Step::End(Outcome::Records { data, .. }) = node.step(RecordType::SRV) else { panic!() };
        assert_eq!(zonefile::rdata(&data[0]), "0 1 993 Mail.Example.test.");
        // Most of a large zone: no more than this beside the octets themselves.
        assert_eq!((size_of::<Held>(), size_of::<Node>()), (32, 40));
    }

    #[test]
    fn what_has_no_wire_form_is_not_kept() {
        let long = RData::TXT(TXT::new(vec!["x".repeat(256)]));
        assert!(Held::new(&long, 60, FileLine::NOWHERE).is_none());
    }
}
