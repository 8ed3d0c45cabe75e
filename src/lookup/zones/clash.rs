//! What no server loads though every line of it reads (RFC 1034 §3.6.2, RFC 1035 §5.2).

use hickory_proto::rr::{Name, RecordType};

use super::Zones;
use crate::name::plain_text;
use crate::zone::node::Node;
use crate::zone::path;
use crate::zone::place::FileLine;
use crate::zonefile::{Position, type_name};

/// Two records that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", .position.as_ref().map(|at| at.record() + ": ").unwrap_or_default())]
pub struct Clash {
    /// The apex of the zone that no server loads for it; None for loose records.
    pub zone: Option<Name>,
    /// Where the second of them stands.
    pub position: Option<Position>,
    /// What is wrong with it.
    pub problem: ClashError,
}

/// Says why a record cannot stand beside another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClashError {
    /// A second CNAME record (RFC 2181 §10.1).
    #[error("{} is an alias of two names; keep one of them", plain_text(.0))]
    TwoAliases(Name),
    /// A CNAME record beside other data (RFC 1034 §3.6.2).
    #[error(
        "{} is an alias and holds {} data beside it; remove one of the two",
        plain_text(.0), type_name(*.1)
    )]
    AliasAndData(Name, RecordType),
    /// A second SOA record (RFC 1035 §5.2).
    #[error("{} has a second SOA record; keep one of them", plain_text(.0))]
    SecondSoa(Name),
}

/// A signed alias has its signature and its proof of existence beside it (RFC 4035 §2.5).
const BESIDE_ALIAS: [RecordType; 4] =
    [RecordType::CNAME, RecordType::RRSIG, RecordType::NSEC, RecordType::KEY];

impl Zones {
    /// The records that exclude each other: zone by zone in canonical order, one a name.
    pub fn clashes(&self) -> Vec<Clash> {
        let mut apexes: Vec<_> = self.by_apex.keys().collect();
        apexes.sort_unstable();
        let zones =
            apexes.into_iter().filter_map(|apex| Some((Some(apex), self.by_apex.get(apex)?)));
        let mut clashes = Vec::new();
        for (apex, tree) in zones.chain([(None, &self.loose)]) {
            if !tree.may_clash {
                continue;
            }
            let mut walk = tree.nodes();
            while let Some(node) = walk.node() {
                if let Some((place, problem)) = clash(node) {
                    let zone = apex.map(|apex| path::name(apex));
                    clashes.push(Clash { zone, position: self.files.position(place), problem });
                }
                walk.advance();
            }
        }
        clashes
    }
}

/// The first clash of a node: a second SOA record, then what stands beside an alias.
fn clash(node: Node<'_>) -> Option<(FileLine, ClashError)> {
    let Node { key, .. } = node;
    // Most nodes have one record.
    node.kinds().nth(1)?;
    if let Some(second) = node.of_type(RecordType::SOA).nth(1) {
        return Some((second.place, ClashError::SecondSoa(path::name(key))));
    }
    let mut aliases = node.of_type(RecordType::CNAME);
    aliases.next()?;
    if let Some(second) = aliases.next() {
        return Some((second.place, ClashError::TwoAliases(path::name(key))));
    }
    let other = node.records().find(|held| !BESIDE_ALIAS.contains(&held.record_type()))?;
    let rtype = other.record_type();
    Some((other.place, ClashError::AliasAndData(path::name(key), rtype)))
}
