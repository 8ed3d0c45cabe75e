//! What stands at and below a name, written so that it is the same for names of which the same can be
//! answered.

use std::net::IpAddr;

use super::ALIAS;
use super::node::{Held, Node};
use super::path::{END, Path};
use super::tree::Tree;
use crate::answer::Portrait;

/// The most nodes at and below a name that are written down.
const MOST_NODES: usize = 64;

/// What DNSSEC keeps beside records (RFC 4034 §3 and §4): nobody is answered with it who does not ask
/// for it, and none of it is alike.
const BESIDE: [u16; 2] = [46, 47];

impl Tree {
    /// Writes down what stands at and below a name, with its first label left out, and returns whether
    /// that is all that an answer about names there can depend on.
    ///
    /// Names are told relative to their owners. So of two names below the same name of which the same is
    /// written, every answer is the same but for that label, wherever aliases lead: provided that no
    /// other zone or part of it begins there. Of addresses is written which are equal, and where it
    /// `spells_addresses`, which they are.
    pub(crate) fn portray(&self, path: &Path, spells_addresses: bool, out: &mut Portrait) -> bool {
        let (key, labels) = (path.key(), path.labels());
        let Some(above) = labels.checked_sub(1).map(|labels| path.ancestor(labels)) else {
            return false;
        };
        if self.turns.may_hold_within(key) {
            return false;
        }
        let mut painter = Painter {
            // An escaped label is told apart by its escapes, so it is like no other.
            label: &key[above.len()..key.len() - 1],
            spells_addresses,
            out,
        };
        painter.push(above);
        let mut walk = self.subtree(key);
        let mut nodes = 0;
        while let Some(node) = walk.node() {
            nodes += 1;
            if nodes > MOST_NODES || !painter.push_node(key.len(), node) {
                return false;
            }
            walk.advance();
        }
        if spells_addresses {
            // All is told of them.
            painter.out.addresses.clear();
        }
        nodes > 0
    }
}

struct Painter<'a> {
    /// The label that is left out.
    label: &'a [u8],
    spells_addresses: bool,
    out: &'a mut Portrait,
}

impl Painter<'_> {
    /// False where the label that is left out stands there once more.
    fn push_node(&mut self, behind: usize, node: Node<'_>) -> bool {
        let own = &node.key[behind..];
        if own.split(|octet| *octet == END).any(|label| label == self.label) {
            return false;
        }
        self.push(own);
        let count = self.out.octets.len();
        self.out.octets.push(0);
        let mut has_address = [false; 2];
        for held in node.records().filter(|held| !BESIDE.contains(&held.code())) {
            // Of many records none are the same.
            let Some(counted) = self.out.octets[count].checked_add(1) else { return false };
            self.out.octets[count] = counted;
            // Several addresses have an order, and those of an ALIAS record are another's.
            let is_several = held.own().is_some_and(|address| {
                std::mem::replace(&mut has_address[usize::from(address.len() > 4)], true)
            });
            self.out.is_orderly &= !(is_several || held.code() == ALIAS);
            if !self.push_record(held) {
                return false;
            }
        }
        true
    }

    fn push_record(&mut self, held: Held<'_>) -> bool {
        self.out.octets.extend(held.code().to_be_bytes());
        self.out.octets.extend(held.ttl.to_be_bytes());
        let Some(address) = held.own() else {
            let written = held.written();
            self.push(written);
            return !self.is_named_in(written);
        };
        if self.spells_addresses {
            self.push(address);
        }
        let Some(address) = read_address(address) else { return false };
        let known = self.out.addresses.iter().position(|known| *known == address);
        let at = known.unwrap_or_else(|| {
            self.out.addresses.push(address);
            self.out.addresses.len() - 1
        });
        self.out.octets.extend((at as u64).to_be_bytes());
        true
    }

    /// Whether the label that is left out stands in RDATA, in any case.
    fn is_named_in(&self, mut written: &[u8]) -> bool {
        let length = self.label.len();
        let Ok(first) = u8::try_from(length) else { return true };
        while let Some(at) = written.iter().position(|octet| *octet == first) {
            written = &written[at + 1..];
            if written.get(..length).is_some_and(|it| it.eq_ignore_ascii_case(self.label)) {
                return true;
            }
        }
        false
    }

    fn push(&mut self, octets: &[u8]) {
        self.out.octets.extend((octets.len() as u64).to_be_bytes());
        self.out.octets.extend(octets);
    }
}

/// The address of an A or AAAA record.
fn read_address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(octets).map(IpAddr::from);
    <[u8; 16]>::try_from(octets).map(IpAddr::from).or_else(|_| v4()).ok()
}
