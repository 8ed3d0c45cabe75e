//! What stands at and below a name, written so that it is the same for names of which the same can be
//! answered.

use std::net::IpAddr;

use super::ALIAS;
use super::node::Node;
use super::path::{END, Path};
use super::tree::Walk;
use crate::answer::Portrait;

/// The most nodes at and below a name that are written down.
const MOST_NODES: usize = 64;

/// The most octets that are written down: of very many records none are the same.
const MOST_OCTETS: usize = 1 << 14;

/// The number of the type that begins a zone.
const SOA: u16 = 6;

/// How many octets are looked through at a time.
const CHUNK: usize = 64;

/// What is written of what stands at and below a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// Which addresses there are; else which are equal.
    pub(crate) spells_addresses: bool,
    /// The SOA record of a zone that begins at the name; else it is left out.
    pub(crate) tells_soa: bool,
}

impl Walk<'_> {
    /// Writes down what stands at and below a name, with its first label left out, and returns whether
    /// that is all that an answer about names there can depend on.
    ///
    /// Names are told relative to their owners. So of two names below the same name of which the same is
    /// written, every answer is the same but for that label, wherever aliases lead: provided that no
    /// other zone or part of it begins there, unless it begins at the name itself. Of addresses is
    /// written which are equal, and where the scope says so, which they are.
    pub(crate) fn portray(&mut self, path: &Path, scope: Scope, out: &mut Portrait) -> bool {
        let (key, labels) = (path.key(), path.labels());
        let Some(above) = labels.checked_sub(1).map(|labels| path.ancestor(labels)) else {
            return false;
        };
        let mut painter = Painter {
            // An escaped label is told apart by its escapes, so it is like no other.
            label: &key[above.len()..key.len() - 1],
            scope,
            out,
        };
        painter.push(above, &[]);
        self.go_on_to(key);
        let mut nodes = 0;
        while let Some(node) = self.node() {
            nodes += 1;
            if nodes > MOST_NODES || !painter.push_node(&node.key[key.len()..], node) {
                return false;
            }
            self.advance();
        }
        if scope.spells_addresses {
            // All is told of them.
            painter.out.addresses.clear();
        }
        nodes > 0 && !painter.is_named()
    }
}

struct Painter<'a> {
    /// The label that is left out.
    label: &'a [u8],
    scope: Scope,
    out: &'a mut Portrait,
}

impl Painter<'_> {
    /// False where the label that is left out stands in the name once more, in front of which `own`
    /// stands, or where there is more than is like anything.
    fn push_node(&mut self, own: &[u8], node: Node<'_>) -> bool {
        if own.split(|octet| *octet == END).any(|label| label == self.label)
            || self.out.octets.len() + node.alike.len() > MOST_OCTETS
        {
            return false;
        }
        let (mut is_told, mut has_addresses) = (true, false);
        for (code, is_own) in node.kinds() {
            is_told &= self.tells(code);
            has_addresses |= is_own || code == ALIAS;
        }
        if !is_told {
            let mut alike = Vec::new();
            let records = node.records().filter(|held| self.tells(held.code()));
            records.for_each(|held| held.push_alike(&mut alike));
            self.push(own, &alike);
        } else {
            self.push(own, node.alike);
        }
        !has_addresses || self.push_addresses(node)
    }

    /// Whether records of a type are written.
    fn tells(&self, code: u16) -> bool {
        !is_beside(code) && (self.scope.tells_soa || code != SOA)
    }

    /// Writes which the addresses of a node are.
    fn push_addresses(&mut self, node: Node<'_>) -> bool {
        let mut has_address = [false; 2];
        for held in node.records() {
            let Some(octets) = held.own() else {
                // Those of an ALIAS record are another's.
                self.out.is_orderly &= held.code() != ALIAS;
                continue;
            };
            let Some(address) = read_address(octets) else { return false };
            // Several have an order.
            let is_several =
                std::mem::replace(&mut has_address[usize::from(octets.len() > 4)], true);
            self.out.is_orderly &= !is_several;
            if self.scope.spells_addresses {
                self.out.octets.extend_from_slice(octets);
            }
            let known = self.out.addresses.iter().position(|known| *known == address);
            let at = known.unwrap_or_else(|| {
                self.out.addresses.push(address);
                self.out.addresses.len() - 1
            });
            self.out.octets.extend_from_slice(&(at as u32).to_be_bytes());
        }
        true
    }
    /// Whether the label that is left out stands in what was written, in any case, with its length in
    /// front, as it does in RDATA.
    fn is_named(&self) -> bool {
        let (octets, length) = (self.out.octets.as_slice(), self.label.len());
        let Ok(first) = u8::try_from(length) else { return true };
        let is_it = |from: usize| {
            let label = octets.get(from + 1..from + 1 + length);
            label.is_some_and(|it| it.eq_ignore_ascii_case(self.label))
        };
        octets.chunks(CHUNK).zip((0..).step_by(CHUNK)).any(|(chunk, from)| {
            chunk.contains(&first)
                && chunk.iter().zip(from..).any(|(octet, at)| *octet == first && is_it(at))
        })
    }

    fn push(&mut self, own: &[u8], alike: &[u8]) {
        let mut lengths = [0; 8];
        let (one, other) = lengths.split_at_mut(4);
        one.copy_from_slice(&(own.len() as u32).to_be_bytes());
        other.copy_from_slice(&(alike.len() as u32).to_be_bytes());
        let octets = &mut self.out.octets;
        octets.extend_from_slice(&lengths);
        octets.extend_from_slice(own);
        octets.extend_from_slice(alike);
    }
}

/// Whether DNSSEC keeps the records of a type beside others (RFC 4034 §3 and §4): nobody is answered with
/// them who does not ask for them, and none of them are alike.
fn is_beside(code: u16) -> bool {
    const RRSIG: u16 = 46;
    const NSEC: u16 = 47;
    matches!(code, RRSIG | NSEC)
}

/// The address of an A or AAAA record.
fn read_address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(octets).map(IpAddr::from);
    <[u8; 16]>::try_from(octets).map(IpAddr::from).or_else(|_| v4()).ok()
}
