//! What stands at and below a name, written so that it is the same for names of which the same can be
//! answered.

use super::node::{Held, Node};
use super::path::{END, Path};
use super::tree::Tree;

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
    pub(crate) fn portray(&self, path: &Path, spells_addresses: bool, out: &mut Vec<u8>) -> bool {
        let (key, labels) = (path.key(), path.labels());
        let Some(above) = labels.checked_sub(1).map(|labels| path.ancestor(labels)) else {
            return false;
        };
        if self.turns.may_hold_within(key) {
            return false;
        }
        let mut portrait = Portrait {
            // An escaped label is told apart by its escapes, so it is like no other.
            label: &key[above.len()..key.len() - 1],
            spells_addresses,
            addresses: Vec::new(),
            out,
        };
        portrait.push(above);
        let mut walk = self.subtree(key);
        let mut nodes = 0;
        while let Some(node) = walk.node() {
            nodes += 1;
            if nodes > MOST_NODES || !portrait.push_node(key.len(), node) {
                return false;
            }
            walk.advance();
        }
        nodes > 0
    }
}

struct Portrait<'a> {
    /// The label that is left out.
    label: &'a [u8],
    spells_addresses: bool,
    /// The addresses met so far, each once.
    addresses: Vec<Box<[u8]>>,
    out: &'a mut Vec<u8>,
}

impl Portrait<'_> {
    /// False where the label that is left out stands there once more.
    fn push_node(&mut self, behind: usize, node: Node<'_>) -> bool {
        let own = &node.key[behind..];
        if own.split(|octet| *octet == END).any(|label| label == self.label) {
            return false;
        }
        self.push(own);
        let count = self.out.len();
        self.out.push(0);
        for held in node.records().filter(|held| !BESIDE.contains(&held.code())) {
            // Of many records none are the same.
            let Some(counted) = self.out[count].checked_add(1) else { return false };
            self.out[count] = counted;
            if !self.push_record(held) {
                return false;
            }
        }
        true
    }

    fn push_record(&mut self, held: Held<'_>) -> bool {
        self.out.extend(held.code().to_be_bytes());
        self.out.extend(held.ttl.to_be_bytes());
        let Some(address) = held.own() else {
            let written = held.written();
            self.push(written);
            return !self.is_named_in(written);
        };
        if self.spells_addresses {
            self.push(address);
        }
        let known = self.addresses.iter().position(|known| **known == *address);
        let at = known.unwrap_or_else(|| {
            self.addresses.push(address.into());
            self.addresses.len() - 1
        });
        self.out.extend((at as u64).to_be_bytes());
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
        self.out.extend((octets.len() as u64).to_be_bytes());
        self.out.extend(octets);
    }
}
