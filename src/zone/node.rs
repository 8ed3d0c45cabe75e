//! The records of one owner name, and what it answers by itself.
//!
//! A zone may hold millions of records, and few of them are asked for: so they are kept as they are
//! written ([`shape`](super::shape)) and read where somebody asks.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::ALIAS;
use super::place::FileLine;
use super::shape::{
    data, ends_in_root, push_counted, push_data, push_number, take, take_counted, take_number,
};
use crate::answer::Outcome;
use crate::zonefile;

/// From how many records on those of a name are found by their hash.
const HASHED_FROM: usize = 16;

/// What an ALIAS record stands for.
const ADDRESSES: [RecordType; 2] = [RecordType::A, RecordType::AAAA];

/// Where an answer is, seen from one node.
pub(crate) enum Step {
    /// The name is an alias of this one.
    Alias(Name),
    /// The name has the addresses of this one.
    Flattened(Name),
    /// The zone has spoken.
    End(Outcome),
    /// The name lies outside, or below a zone cut.
    Elsewhere,
}

/// A record before it has its place in a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loose<'a> {
    pub(crate) code: u16,
    pub(crate) ttl: u32,
    pub(crate) place: FileLine,
    /// The RDATA, uncompressed.
    pub(crate) octets: &'a [u8],
}

impl Loose<'_> {
    /// Whether both are one record: names in RDATA are compared without regard to case (RFC 4343).
    fn is_twin(&self, other: &Self) -> bool {
        let decoded = |it: &Self| zonefile::decode(it.code, it.octets);
        self.code == other.code
            && self.octets.eq_ignore_ascii_case(other.octets)
            && (self.octets == other.octets || decoded(self) == decoded(other))
    }

    /// Becomes one with its twin (RFC 2181 §5).
    fn merge(&mut self, twin: &Self) {
        self.ttl = self.ttl.min(twin.ttl);
        self.place = self.place.min(twin.place);
    }
}

/// Makes one of each record and its twins: a record that comes again takes the smaller TTL.
pub(crate) fn without_twins(records: &mut Vec<Loose<'_>>) {
    if records.len() > HASHED_FROM {
        return without_many_twins(records, &RandomState::new());
    }
    let mut kept = 0;
    for at in 0..records.len() {
        let record = records[at];
        match records[..kept].iter_mut().find(|known| known.is_twin(&record)) {
            Some(known) => known.merge(&record),
            None => {
                records[kept] = record;
                kept += 1;
            }
        }
    }
    records.truncate(kept);
}

/// A file may put any number of records at one name.
fn without_many_twins(records: &mut Vec<Loose<'_>>, hasher: &impl BuildHasher) {
    let mut kept: Vec<Loose<'_>> = Vec::with_capacity(records.len());
    // Where the first record of a hash is kept.
    let mut first: HashMap<u64, usize> = HashMap::new();
    for record in records.drain(..) {
        // Data hashes as it compares; its octets would not, for the case of names in them.
        let hash = hasher.hash_one(zonefile::decode(record.code, record.octets));
        let first = *first.entry(hash).or_insert(kept.len());
        let twin = match kept.get(first) {
            None => None,
            Some(known) if known.is_twin(&record) => Some(first),
            // Two hashes of 64 bits have met by chance.
            Some(_) => kept.iter().position(|known| known.is_twin(&record)),
        };
        match twin {
            Some(twin) => kept[twin].merge(&record),
            None => kept.push(record),
        }
    }
    *records = kept;
}

/// How many octets stand apart from the shape, where a type has an address of its own.
fn own_octets(code: u16) -> Option<usize> {
    match code {
        1 => Some(4),
        28 => Some(16),
        _ => None,
    }
}

/// Writes the records of a node: what alike nodes have alike, and what each has for its own.
pub(crate) fn write(key: &[u8], records: &[Loose<'_>], alike: &mut Vec<u8>, own: &mut Vec<u8>) {
    let mut before = 0_u64;
    for record in records {
        let is_own = own_octets(record.code) == Some(record.octets.len());
        push_head(record.code, is_own, record.ttl, alike);
        let place = record.place.number();
        push_number(step(before, place), own);
        before = place;
        if is_own {
            own.extend_from_slice(record.octets);
        } else {
            push_counted(alike, |alike| push_data(record.code, key, record.octets, alike));
        }
    }
}

/// Appends what stands in front of RDATA.
fn push_head(code: u16, is_own: bool, ttl: u32, out: &mut Vec<u8>) {
    push_number(u64::from(code) << 1 | u64::from(is_own), out);
    push_number(ttl.into(), out);
}

/// The way from one place to the next, small in either direction.
#[inline]
pub(crate) fn step(from: u64, to: u64) -> u64 {
    let way = to.wrapping_sub(from).cast_signed();
    (way << 1 ^ way >> 63).cast_unsigned()
}

/// Where a step leads.
#[inline]
pub(crate) fn stepped(from: u64, step: u64) -> u64 {
    let way = (step >> 1).cast_signed() ^ -(step & 1).cast_signed();
    from.wrapping_add(way.cast_unsigned())
}

/// The records of one owner name, in the order in which they came; none where the name alone is
/// kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    pub(crate) key: &'a [u8],
    /// What [`write`] says of all nodes like this one.
    pub(crate) alike: &'a [u8],
    /// What it says of this one alone.
    pub(crate) own: &'a [u8],
    /// The place from which the first record is told.
    pub(crate) before: u64,
}

/// One record of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    key: &'a [u8],
    code: u16,
    pub(crate) ttl: u32,
    /// Where it stands in a file.
    pub(crate) place: FileLine,
    written: &'a [u8],
    is_own: bool,
}

impl Held<'_> {
    pub(crate) fn code(&self) -> u16 {
        self.code
    }

    pub(crate) fn record_type(&self) -> RecordType {
        self.code.into()
    }

    /// The RDATA, uncompressed.
    pub(crate) fn octets(&self) -> Vec<u8> {
        if self.is_own { self.written.to_vec() } else { data(self.code, self.key, self.written) }
    }

    /// The RDATA where it stands apart, because no two are alike: an address.
    pub(crate) fn own(&self) -> Option<&[u8]> {
        self.is_own.then_some(self.written)
    }

    /// Appends what alike nodes have of it alike, as [`write`] does.
    pub(crate) fn push_alike(&self, out: &mut Vec<u8>) {
        push_head(self.code, self.is_own, self.ttl, out);
        if !self.is_own {
            push_counted(out, |out| out.extend_from_slice(self.written));
        }
    }

    /// Whether the name at the end of the RDATA is the root.
    pub(crate) fn ends_in_root(&self) -> bool {
        !self.is_own && ends_in_root(self.code, self.written)
    }

    pub(crate) fn data(&self) -> RData {
        zonefile::decode(self.code, &self.octets())
    }
}

/// Reads the records of a node one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Records<'a> {
    node: Node<'a>,
}

impl<'a> Iterator for Records<'a> {
    type Item = Held<'a>;

    fn next(&mut self) -> Option<Held<'a>> {
        let Node { key, alike, own, before } = &mut self.node;
        if alike.is_empty() {
            return None;
        }
        let head = take_number(alike);
        let code = u16::try_from(head >> 1).unwrap_or_default();
        let ttl = u32::try_from(take_number(alike)).unwrap_or_default();
        *before = stepped(*before, take_number(own));
        let is_own = head & 1 != 0;
        let written =
            if is_own { take(own, own_octets(code).unwrap_or(0)) } else { take_counted(alike) };
        Some(Held { key, code, ttl, place: FileLine::of_number(*before), written, is_own })
    }
}

impl<'a> Node<'a> {
    /// All of them.
    pub(crate) fn records(&self) -> Records<'a> {
        Records { node: *self }
    }

    /// Those of a type: the RRset.
    pub(crate) fn of_type(&self, rtype: RecordType) -> impl Iterator<Item = Held<'a>> + Clone {
        let code = u16::from(rtype);
        self.records().filter(move |held| held.code == code)
    }

    /// The number of the type of each, and whether its RDATA stands apart: read without what the node
    /// has for its own.
    #[inline]
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (u16, bool)> + use<'a> {
        let mut alike = self.alike;
        std::iter::from_fn(move || {
            if alike.is_empty() {
                return None;
            }
            let head = take_number(&mut alike);
            let _ttl = take_number(&mut alike);
            let is_own = head & 1 != 0;
            if !is_own {
                let _written = take_counted(&mut alike);
            }
            Some((u16::try_from(head >> 1).unwrap_or_default(), is_own))
        })
    }

    pub(crate) fn has(&self, rtype: RecordType) -> bool {
        let code = u16::from(rtype);
        self.kinds().any(|(it, _)| it == code)
    }

    /// The target of a DNAME record, which the codec does not read.
    pub(crate) fn dname(&self) -> Option<Name> {
        let held = self.of_type(RecordType::DNAME).next()?;
        Name::from_bytes(&held.octets()).ok()
    }

    /// Data of the type, else the alias; where neither stands, NODATA.
    pub(crate) fn step(&self, rtype: RecordType) -> Step {
        let data: Vec<_> = self.of_type(rtype).map(|held| held.data()).collect();
        if !data.is_empty() {
            let ttl = self.of_type(rtype).map(|held| held.ttl).min().unwrap_or_default();
            return Step::End(Outcome::Records { ttl, data });
        }
        match self.of_type(RecordType::CNAME).next().map(|held| held.data()) {
            Some(RData::CNAME(CNAME(canonical))) => Step::Alias(canonical),
            _ => match self.of_type(RecordType::from(ALIAS)).next() {
                Some(held) if ADDRESSES.contains(&rtype) => Name::from_bytes(&held.octets())
                    .map_or(Step::End(Outcome::NoData), Step::Flattened),
                _ => Step::End(Outcome::NoData),
            },
        }
    }

    /// Answers where there may be more records of this name than are at hand: a host that has
    /// addresses here has them all.
    pub(crate) fn glimpse(&self, rtype: RecordType) -> Step {
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

#[cfg(test)]
mod tests {
    use std::hash::BuildHasherDefault;

    use hickory_proto::rr::rdata::{SRV, TXT};

    use super::super::path::Path;
    use super::*;
    use crate::name::parse_text;

    /// A hash that is the same for all.
    #[derive(Default)]
    struct Chance;

    impl std::hash::Hasher for Chance {
        fn finish(&self) -> u64 {
            7
        }

        fn write(&mut self, _octets: &[u8]) {}
    }

    fn srv(port: u16, target: &str) -> RData {
        RData::SRV(SRV::new(0, 1, port, parse_text(target).unwrap()))
    }

    fn loose<'a>(data: &RData, ttl: u32, room: &'a mut Vec<u8>) -> Loose<'a> {
        *room = zonefile::wire(data).unwrap();
        let (code, octets) = (data.record_type().into(), room.as_slice());
        Loose { code, ttl, place: FileLine::NOWHERE, octets }
    }

    /// Puts so many SRV records at a name, and some of them twice.
    #[track_caller]
    fn check(records: u16) {
        let mut all: Vec<_> = (0..records).map(|port| (srv(port, "a.test."), 60)).collect();
        all.extend([0, records / 2, records - 1].map(|port| (srv(port, "A.Test."), 5)));
        // Text is compared with regard to case.
        let texts = ["v=x", "v=X", "v=X"];
        all.extend(texts.map(|text| (RData::TXT(TXT::new(vec![text.to_owned()])), 60)));
        let mut rooms = vec![Vec::new(); all.len()];
        let mut kept: Vec<_> =
            all.iter().zip(&mut rooms).map(|((it, ttl), room)| loose(it, *ttl, room)).collect();
        let mut by_chance = kept.clone();
        without_twins(&mut kept);
        without_many_twins(&mut by_chance, &BuildHasherDefault::<Chance>::default());
        let said = |kept: &[Loose<'_>]| -> Vec<_> {
            kept.iter().map(|it| (it.ttl, it.octets.to_vec())).collect()
        };
        assert_eq!(said(&kept), said(&by_chance));
        let ttls: Vec<_> = kept.iter().map(|it| it.ttl).collect();
        let low = [0, records / 2, records - 1];
        let expected = (0..records).map(|port| if low.contains(&port) { 5 } else { 60 });
        assert_eq!(ttls, expected.chain([60, 60]).collect::<Vec<_>>(), "{records}");
        let (path, mut alike, mut own) =
            (Path::of(&parse_text("a.test.").unwrap()), Vec::new(), Vec::new());
        write(path.key(), &kept, &mut alike, &mut own);
        let node = Node { key: path.key(), alike: &alike, own: &own, before: 0 };
        assert_eq!(node.of_type(RecordType::TXT).count(), 2);
        let Step::End(Outcome::Records { data, ttl }) = node.step(RecordType::SRV) else {
            panic!("{records}");
        };
        assert_eq!((data.len(), ttl), (usize::from(records), 5));
        assert_eq!(data[0], srv(0, "a.test."));
        assert_eq!(node.records().count(), usize::from(records) + 2);
    }

    #[test]
    fn a_record_twice_is_one_however_many_stand_at_its_name() {
        for records in [1, 2, 3, 15, 16, 17, 18, 19, 1000] {
            check(records);
        }
    }

    #[test]
    fn a_record_is_kept_as_it_was_written() {
        let (mut room, mut alike, mut own) = (Vec::new(), Vec::new(), Vec::new());
        let path = Path::of(&parse_text("_imaps._tcp.example.test.").unwrap());
        let record = loose(&srv(993, "Mail.Example.test."), 60, &mut room);
        write(path.key(), &[record], &mut alike, &mut own);
        let node = Node { key: path.key(), alike: &alike, own: &own, before: 0 };
        let Step::End(Outcome::Records { data, .. }) = node.step(RecordType::SRV) else { panic!() };
        assert_eq!(zonefile::rdata(&data[0]), "0 1 993 Mail.Example.test.");
    }

    #[test]
    fn places_are_told_by_the_way_from_one_to_the_next() {
        for (from, to, way) in [(0, 0, 0), (5, 6, 2), (6, 5, 1), (0, u64::MAX, 1), (u64::MAX, 0, 2)]
        {
            assert_eq!((step(from, to), stepped(from, way)), (way, to));
        }
        for (from, to) in [(1 << 63, 0), (0, 1 << 63), (3, u64::MAX - 9)] {
            assert_eq!(stepped(from, step(from, to)), to);
        }
    }
}
