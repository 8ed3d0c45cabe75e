//! What stands in a zone file below a zone cut, where no server looks (RFC 1034 §4.2.1).

use std::iter;

use hickory_proto::rr::{Name, RecordType};

use super::Zones;
use super::node::{Held, Node};
use super::path::{self, Path};
use crate::answer::Hidden;

/// The most owner names that are told of one zone cut.
const SHOWN: usize = 8;

/// What a zone holds at and below a zone cut by right: the cut itself, glue, and the proofs of both
/// (RFC 4035 §2).
const BY_RIGHT: [RecordType; 6] = [
    RecordType::NS,
    RecordType::DS,
    RecordType::A,
    RecordType::AAAA,
    RecordType::RRSIG,
    RecordType::NSEC,
];

/// The hidden records of one cut, as they are counted.
struct Count {
    cut: Box<[u8]>,
    owners: Vec<Name>,
    records: usize,
}

impl Count {
    /// Counts the records of a node that are there by mistake.
    fn add(&mut self, key: &[u8], node: &Node) {
        let before = self.records;
        let is_hidden = |held: &&Held| !BY_RIGHT.contains(&held.record_type());
        self.records += node.records().iter().filter(is_hidden).count();
        if self.records > before && self.owners.len() < SHOWN {
            self.owners.push(path::name(key));
        }
    }
}

impl Zones {
    /// The records at or below a domain that zone cuts hide, cut by cut in canonical order.
    ///
    /// Addresses are glue and do not count; neither does what is there for DNSSEC.
    pub fn hidden<'a>(&'a self, domain: &Name) -> impl Iterator<Item = Hidden> + use<'a> {
        let domain = Path::of(domain);
        let zone = self.zone_of(&domain);
        let (apex, tree) = zone.unwrap_or_else(|| (domain.labels(), &self.loose));
        // A cut above the domain hides all that stands below it.
        let mut above: Option<Box<[u8]>> = tree.cut(apex, &domain).map(Box::from);
        let mut nodes = tree.subtree(domain.key()).peekable();
        let counts = iter::from_fn(move || {
            let cut = match above.take() {
                Some(cut) => cut,
                None => {
                    while nodes.next_if(|(key, node)| !tree.is_cut(apex, key, node)).is_some() {}
                    nodes.peek()?.0.into()
                }
            };
            let mut count = Count { cut, owners: Vec::new(), records: 0 };
            while let Some((key, node)) = nodes.next_if(|(key, _)| key.starts_with(&count.cut)) {
                count.add(key, node);
            }
            Some(count)
        });
        counts.filter(|count| count.records > 0).map(|count| Hidden {
            cut: path::name(&count.cut),
            owners: count.owners,
            records: count.records,
        })
    }
}
