//! The records of one zone file, before they have their place among the zones.

use hickory_proto::rr::{Name, RData};

use super::path::Path;
use super::place::{Files, Place};
use super::tree::{Held, Tree};
use crate::rrset::ResourceRecord;
use crate::zonefile::{Entry, Position};

/// The records of one zone file, those of the files it includes among them.
#[derive(Debug, Default)]
pub struct ZoneFile {
    pub(super) tree: Tree,
    pub(super) files: Files,
    pub(super) soa: Option<(Name, Position)>,
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

    /// Adds a record.
    pub fn insert(&mut self, entry: Entry) {
        let Entry { record: ResourceRecord { owner, ttl, data }, position } = entry;
        let place = self.files.place(&position);
        let path = Path::of(&owner);
        if self.soa.is_none() && matches!(data, RData::SOA(_)) {
            self.soa = Some((owner, position));
        }
        self.tree.insert(path, Held { data, ttl, place });
    }

    /// The owner name of the first SOA record, the apex of the zone, and where the record stands.
    pub fn soa(&self) -> Option<(&Name, &Position)> {
        self.soa.as_ref().map(|(apex, position)| (apex, position))
    }

    /// The records that lie outside a zone; None where there are none.
    pub fn outside(&self, apex: &Name) -> Option<Outside> {
        let apex = Path::of(apex);
        let nodes = self.tree.nodes().filter(|(key, _)| !key.starts_with(apex.key()));
        let places = nodes.flat_map(|(_, node)| node.records()).map(|held| held.place);
        let (records, first) =
            places.fold((0, Place::NOWHERE), |(count, first), place| (count + 1, first.min(place)));
        (records > 0).then(|| Outside { records, first: self.files.position(first) })
    }
}
