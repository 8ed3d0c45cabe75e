//! What stands in a zone file below a zone cut, where no server looks (RFC 1034 §4.2.1).

use std::iter;

use hickory_proto::rr::{Name, RecordType};

use super::Zones;
use crate::answer::Hidden;
use crate::zone::node::{Held, Node};
use crate::zone::path::{self, Path};

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
    fn add(&mut self, node: Node<'_>) {
        let before = self.records;
        let is_hidden = |held: &Held<'_>| !BY_RIGHT.contains(&held.record_type());
        self.records += node.records().filter(is_hidden).count();
        if self.records > before && self.owners.len() < SHOWN {
            self.owners.push(path::name(node.key));
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
        let has_cuts = above.is_some() || tree.may_have_cuts(domain.key());
        let mut walk = has_cuts.then(|| tree.subtree(domain.key()));
        let counts = iter::from_fn(move || {
            let walk = walk.as_mut()?;
            let cut = match above.take() {
                Some(cut) => cut,
                None => loop {
                    let node = walk.node()?;
                    if tree.is_cut(apex, node) {
                        break Box::from(node.key);
                    }
                    walk.advance();
                },
            };
            let mut count = Count { cut, owners: Vec::new(), records: 0 };
            while let Some(node) = walk.node().filter(|it| it.key.starts_with(&count.cut)) {
                count.add(node);
                walk.advance();
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
