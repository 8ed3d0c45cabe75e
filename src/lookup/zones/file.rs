//! The records of one zone file, before they have their place among the zones.

use std::io::BufRead;

use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::sorting::Sorting;
use crate::rrset::ResourceRecord;
use crate::zone::gather::Gathering;
use crate::zone::node::Loose;
use crate::zone::path::{self, Keys, Path};
use crate::zone::place::{FileLine, Files};
use crate::zonefile::{self, Entry, Position, ScanError, Scanner, WireEntry};

/// The records of one zone file, those of the files it includes among them.
#[derive(Debug, Default)]
pub struct ZoneFile {
    pub(super) gathering: Gathering,
    pub(super) files: Files,
    /// Of the first one in the file.
    pub(super) soa: Option<(Name, Position)>,
    /// The apex of a zone that is told by other means than an SOA record.
    apex: Option<Name>,
    /// Where a zone without an SOA record begins.
    pub(super) home: Option<FileLine>,
    records: u64,
}

/// Why a zone file is not read, and what of it could be.
#[derive(Debug)]
pub struct Unread {
    /// Every entry that could not be read, in order, but for those of which an error before is the
    /// cause; one at least.
    pub errors: Vec<ScanError>,
    /// The others, which tell no more than what the file is about.
    pub rest: Box<ZoneFile>,
}

/// The records of a zone file that lie outside its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// How many there are, one at least.
    pub records: usize,
    /// Where the first one stands; None behind line 2^32 or in more than 65,535 files.
    pub first: Option<Position>,
}

impl ZoneFile {
    /// Makes a file without records.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a file of the zone with this apex, whether an SOA record stands there or not.
    pub fn of_zone(apex: Name) -> Self {
        Self { apex: Some(apex), ..Self::default() }
    }

    /// Makes a file of a zone that a whole file is kept for, which begins with it.
    pub(super) fn kept_in(apex: Name, file: &std::sync::Arc<str>) -> Self {
        let mut zone = Self::of_zone(apex);
        zone.home = Some(zone.files.place(file, 1));
        zone
    }

    /// Reads the entries of a scanner, or everything that is wrong with them.
    ///
    /// # Errors
    ///
    /// Everything that is wrong; a server would not load the zone then.
    pub fn read<R: BufRead>(scanner: &mut Scanner<R>) -> Result<Self, Unread> {
        let mut file = Self::new();
        let (mut errors, mut keys, mut sorting) = (Vec::new(), Keys::default(), Sorting::default());
        loop {
            let mut take = |entry: &WireEntry<'_>| {
                file.insert_wire(entry, &mut keys);
                sorting.sort_full(&mut file.gathering);
            };
            let entry = match scanner.take_plain(&mut take) {
                Ok(()) => scanner.next_wire().map(|entry| entry.map(|entry| take(&entry))),
                Err(error) => Some(Err(error)),
            };
            match entry {
                None => break,
                Some(Ok(())) => {}
                Some(Err(error)) if error.kind.follows(&errors) => {}
                Some(Err(error)) => errors.push(error),
            }
        }
        sorting.end(&mut file.gathering);
        if errors.is_empty() { Ok(file) } else { Err(Unread { errors, rest: Box::new(file) }) }
    }

    /// Adds a record that nobody has read from its wire form; the caller sorts what is full.
    fn insert_wire(&mut self, entry: &WireEntry<'_>, keys: &mut Keys) {
        let WireEntry { owner, code, ttl, rdata: octets, file, line, .. } = *entry;
        let place = self.files.place(file, line);
        if self.soa.is_none()
            && code == u16::from(RecordType::SOA)
            && let Ok(apex) = Name::from_bytes(owner)
        {
            self.soa = Some((apex, entry.position()));
        }
        self.gathering.gather(keys.key(owner), Loose { code, ttl, place, octets });
        self.records += 1;
    }

    /// Adds a record.
    ///
    /// Owner names outside the zone are kept; [`Self::outside`] counts them. What has no wire form,
    /// which no file holds, is left out.
    pub fn insert(&mut self, entry: Entry) {
        let Entry { record: ResourceRecord { owner, ttl, data }, position } = entry;
        let place = self.files.place(&position.file, position.line);
        self.hold(&owner, &data, ttl, place);
        if self.soa.is_none() && matches!(data, RData::SOA(_)) {
            self.soa = Some((owner, position));
        }
    }

    /// Adds a record that stands in no file.
    pub fn insert_unplaced(&mut self, record: &ResourceRecord) {
        self.hold(&record.owner, &record.data, record.ttl, FileLine::NOWHERE);
    }

    fn hold(&mut self, owner: &Name, data: &RData, ttl: u32, place: FileLine) {
        if let Some(octets) = zonefile::wire(data) {
            let code = data.record_type().into();
            let record = Loose { code, ttl, place, octets: &octets };
            self.gathering.insert(Path::of(owner).key(), record);
            self.records += 1;
        }
    }

    /// The records, in canonical order of their owner names.
    pub fn iter(&self) -> impl Iterator<Item = ResourceRecord> {
        let tree = self.gathering.clone().into_tree();
        let (mut walk, mut records) = (tree.nodes(), Vec::new());
        while let Some(node) = walk.node() {
            records.extend(node.records().map(|held| {
                let owner = path::name(node.key);
                ResourceRecord { owner, ttl: held.ttl, data: held.data() }
            }));
            walk.advance();
        }
        records.into_iter()
    }

    /// How many records were added.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The apex of the zone: where its SOA record stands, or what it was told to be.
    pub fn apex(&self) -> Option<&Name> {
        self.soa().map(|(apex, _)| apex).or(self.apex.as_ref())
    }

    /// Whether the file may have something to say of a domain: it lies in its zone, or in a file
    /// without one a record stands at it, below it or above it.
    pub fn concerns(&self, domain: &Name) -> bool {
        match self.apex() {
            Some(apex) => apex.zone_of(domain),
            None => {
                let domain = Path::of(domain);
                let mut above = (1..=domain.labels()).map(|labels| domain.ancestor(labels));
                self.gathering.holds(domain.key()) || above.any(|key| self.gathering.has(key))
            }
        }
    }

    /// The owner name of the first SOA record, the apex of the zone, and where the record stands.
    pub fn soa(&self) -> Option<(&Name, &Position)> {
        self.soa.as_ref().map(|(apex, position)| (apex, position))
    }

    /// The records that lie outside a zone; None where there are none.
    pub fn outside(&self, apex: &Name) -> Option<Outside> {
        let apex = Path::of(apex);
        if self.gathering.lies_within(apex.key()) {
            return None;
        }
        let (mut records, mut first) = (0, FileLine::NOWHERE);
        self.gathering.for_each(|key, place| {
            if !key.starts_with(apex.key()) {
                records += 1;
                first = first.min(place);
            }
        });
        (records > 0).then(|| Outside { records, first: self.files.position(first) })
    }
}

/// What a name is, where it is something twice: `example.com.` of `example.com.example.com.`.
pub fn doubled(name: &Name) -> Option<Name> {
    let labels = name.iter().len();
    let half = name.trim_to(labels / 2);
    // Names such as `com.com.` are in use.
    let front = Name::from_labels(name.iter().take(labels / 2));
    (labels >= 4 && labels.is_multiple_of(2) && front.is_ok_and(|front| front == half))
        .then_some(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::parse_text;

    #[test]
    fn a_name_of_two_like_halves_is_doubled_unless_they_are_single_labels() {
        for (text, half) in [
            ("example.com.example.com.", Some("example.com.")),
            ("a.b.c.a.b.c.", Some("a.b.c.")),
            ("a.b.c.d.", None),
            ("a.b.x.a.b.", None),
            ("com.com.", None),
            (".", None),
        ] {
            let half = half.map(|half| parse_text(half).unwrap());
            assert_eq!(doubled(&parse_text(text).unwrap()), half, "{text}");
        }
    }
}
