//! What nodes are, written so that alike nodes are written alike.
//!
//! The domains of a provider differ in their names and addresses and in little else. So a name that
//! ends RDATA is written relative to the owner name, addresses stand apart, and the key of a node is
//! told by what it changes in the key before: what is left is a *shape*, of which a million healthy
//! domains share a handful.

use super::ALIAS;
use super::path::{END, ESCAPE};

/// The longest shape that is kept once for all: longer ones are hardly alike.
const MAX_SHAPE: usize = 256;

/// The most shapes that are kept once for all, which bounds what has to be looked up.
const MAX_SHAPES: usize = 1 << 16;

/// How many hashes of shapes are remembered to tell which come more than once.
const SEEN: usize = 1 << 16;

/// How many places there are for the numbers of shapes: so many that half of them stay empty.
const PLACES: usize = 2 * MAX_SHAPES;

/// How many places are looked at for one shape, whatever hashes a file may contrive.
const TRIES: usize = 8;

/// Stands in place of the number of labels where RDATA is kept as it is.
const WHOLE: u8 = u8::MAX;

/// Appends a number, seven bits an octet, the lowest first.
#[inline]
pub(crate) fn push_number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Takes a number off the front.
#[inline]
pub(crate) fn take_number(rest: &mut &[u8]) -> u64 {
    match *rest {
        // Most are small, and TTLs not much larger.
        [octet @ ..0x80, after @ ..] => {
            *rest = after;
            u64::from(*octet)
        }
        [low, high @ ..0x80, after @ ..] => {
            *rest = after;
            u64::from(low & 0x7f) | u64::from(*high) << 7
        }
        _ => take_long_number(rest),
    }
}

/// The same of any number.
fn take_long_number(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&octet, after)) = rest.split_first() {
        *rest = after;
        value |= u64::from(octet & 0x7f) << (shift & 63);
        if octet < 0x80 {
            break;
        }
        shift += 7;
    }
    value
}

/// Appends octets with their number in front, which mostly takes one octet.
#[inline]
pub(crate) fn push_counted(out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.push(0);
    push(out);
    let count = out.len() - at - 1;
    match u8::try_from(count) {
        Ok(count) if count < 0x80 => out[at] = count,
        _ => {
            let mut number = Vec::new();
            push_number(count as u64, &mut number);
            out.splice(at..=at, number);
        }
    }
}

/// Takes octets with their number in front.
#[inline]
pub(crate) fn take_counted<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let count = usize::try_from(take_number(rest)).unwrap_or(usize::MAX);
    take(rest, count)
}

/// Takes octets off the front, all that are left at most.
#[inline]
pub(crate) fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at(count.min(rest.len()));
    *rest = after;
    taken
}

/// How many octets stand in front of the name with which the RDATA of a type ends.
fn before_name(code: u16) -> Option<usize> {
    match code {
        2 | 5 | 12 | 39 | ALIAS => Some(0),
        15 | 18 | 21 | 36 | 107 => Some(2),
        33 => Some(6),
        _ => None,
    }
}

/// Appends RDATA, with a name at its end relative to the owner name of this key.
///
/// Names keep their case: only labels that the key has as they are count as shared.
pub(crate) fn push_data(code: u16, key: &[u8], octets: &[u8], out: &mut Vec<u8>) {
    let Some(at) = before_name(code) else {
        out.extend_from_slice(octets);
        return;
    };
    match octets.split_at_checked(at).and_then(|(front, name)| Some((front, shared(name, key)?))) {
        Some((front, (labels, own))) => {
            out.push(labels);
            out.extend_from_slice(front);
            out.extend_from_slice(own);
        }
        None => {
            out.push(WHOLE);
            out.extend_from_slice(octets);
        }
    }
}

/// Undoes [`push_data`].
pub(crate) fn data(code: u16, key: &[u8], written: &[u8]) -> Vec<u8> {
    let (Some(_), Some((&labels, rest))) = (before_name(code), written.split_first()) else {
        return written.to_vec();
    };
    let mut octets = rest.to_vec();
    if labels == WHOLE {
        return octets;
    }
    let mut end = 0;
    for _ in 0..labels {
        end += key[end..].iter().position(|octet| *octet == END).map_or(0, |at| at + 1);
    }
    let mut above = &key[..end];
    while let Some((_end, labels)) = above.split_last() {
        let start = labels.iter().rposition(|octet| *octet == END).map_or(0, |at| at + 1);
        let label = &labels[start..];
        octets.push(label.len().to_le_bytes()[0]);
        octets.extend_from_slice(label);
        above = &labels[..start];
    }
    octets.push(0);
    octets
}

/// Whether what [`push_data`] wrote has the root at its end.
pub(crate) fn ends_in_root(code: u16, written: &[u8]) -> bool {
    before_name(code).is_some_and(|at| written.len() == at + 1 && written.first() == Some(&0))
}

/// How many labels a name in wire form shares with that of a key, and the octets of its others; None
/// where the octets are no name and nothing else.
fn shared<'a>(wire: &'a [u8], key: &[u8]) -> Option<(u8, &'a [u8])> {
    let (mut starts, mut count, mut at) = ([0_u8; 128], 0, 0);
    while let length @ 1..=63 = *wire.get(at)? {
        *starts.get_mut(count)? = u8::try_from(at).ok()?;
        count += 1;
        at += usize::from(length) + 1;
    }
    if at + 1 != wire.len() || wire[at] != 0 || wire.len() > 255 {
        return None;
    }
    let (mut above, mut labels) = (key, 0);
    for start in starts[..count].iter().rev() {
        let label = &wire[usize::from(*start) + 1..at];
        let is_plain = !label.iter().any(|octet| matches!(*octet, END | ESCAPE));
        match above.strip_prefix(label).and_then(|after| after.strip_prefix(&[END])) {
            Some(after) if is_plain => above = after,
            _ => break,
        }
        labels += 1;
        at = usize::from(*start);
    }
    Some((labels, &wire[..at]))
}

/// The shapes that are kept once for all nodes that have them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shapes {
    octets: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
    /// The number of each, from 1 on, near where its hash points to; 0 where there is none. Empty when
    /// no more are taken up.
    ids: Vec<u32>,
    /// Hashes of shapes that were there before: what comes once stays with its node.
    seen: Vec<u32>,
}

impl Shapes {
    /// Takes up shapes from now on. Small zones are smaller without.
    pub(crate) fn open(&mut self) {
        if !self.seen.is_empty() {
            return;
        }
        (self.seen, self.ids) = (vec![0; SEEN], vec![0; PLACES]);
        for id in 1..=self.ends.len() {
            let id = u32::try_from(id).unwrap_or_default();
            if let Err(Some(place)) = self.find(self.shape(id), hash(self.shape(id))) {
                self.ids[place] = id;
            }
        }
    }

    /// Forgets what is needed only to take up shapes.
    pub(crate) fn close(&mut self) {
        self.ids = Vec::new();
        self.seen = Vec::new();
        self.octets.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// The number of a shape; None where it is not kept for all.
    pub(crate) fn id(&mut self, shape: &[u8]) -> Option<u32> {
        if self.seen.is_empty() || shape.len() > MAX_SHAPE {
            return None;
        }
        let hash = hash(shape);
        let place = match self.find(shape, hash) {
            Ok(id) => return Some(id),
            Err(place) => place?,
        };
        let [a, b, c, d, e, f, ..] = hash.to_le_bytes();
        let seen = self.seen.get_mut(usize::from(u16::from_le_bytes([a, b])) % SEEN)?;
        let mark = u32::from_le_bytes([c, d, e, f]) | 1;
        if *seen != mark || self.ends.len() >= MAX_SHAPES {
            *seen = mark;
            return None;
        }
        self.octets.extend_from_slice(shape);
        self.ends.push(u32::try_from(self.octets.len()).ok()?);
        let id = u32::try_from(self.ends.len()).ok()?;
        self.ids[place] = id;
        Some(id)
    }

    /// The number of a shape, or where it may go, if anywhere.
    fn find(&self, shape: &[u8], hash: u64) -> Result<u32, Option<usize>> {
        let [.., a, b, c] = hash.to_le_bytes();
        let from = u32::from_le_bytes([a, b, c, 0]) as usize;
        for place in (from..from + TRIES).map(|place| place % PLACES) {
            match self.ids[place] {
                0 => return Err(Some(place)),
                id if self.shape(id) == shape => return Ok(id),
                _ => {}
            }
        }
        Err(None)
    }

    /// The shape of a number, from 1 on.
    #[inline]
    pub(crate) fn shape(&self, id: u32) -> &[u8] {
        let end = |id: usize| self.ends.get(id).map_or(0, |end| *end as usize);
        let id = id as usize;
        let start = id.checked_sub(2).map_or(0, end);
        self.octets.get(start..end(id.wrapping_sub(1))).unwrap_or_default()
    }
}

/// A hash of some octets. Who contrives shapes of one hash has them kept less densely, and no more.
fn hash(octets: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = octets.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mix = |hash: u64, word: &[u8; 8]| {
        let mixed = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(ODD);
        mixed ^ mixed >> 32
    };
    let hash = words.iter().fold(octets.len() as u64, mix);
    mix(mix(hash, &last), &[0; 8])
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::path::Path;
    use super::*;
    use crate::name::parse_text;

    #[track_caller]
    fn check(owner: &str, code: u16, octets: &[u8], written: &[u8]) {
        let path = Path::of(&parse_text(owner).unwrap());
        let mut out = Vec::new();
        push_data(code, path.key(), octets, &mut out);
        assert_eq!(out, written, "{owner}");
        let at_root = before_name(code).is_some_and(|at| octets.get(at..) == Some(&[0]));
        assert_eq!(ends_in_root(code, &out), at_root, "{owner}");
        assert_eq!(data(code, path.key(), &out), octets, "{owner}");
    }

    #[test]
    fn a_name_at_the_end_is_told_relative_to_the_owner_and_keeps_its_case() {
        let srv = b"\0\0\0\x01\x03\xe1\x04mail\x01d\x04test\0";
        check("_imaps._tcp.d.test.", 33, srv, b"\x02\0\0\0\x01\x03\xe1\x04mail");
        check("_imaps._tcp.e.test.", 33, srv, b"\x01\0\0\0\x01\x03\xe1\x04mail\x01d");
        check("d.example.", 5, b"\x01d\x04test\0", b"\0\x01d\x04test");
        check("D.Test.", 5, b"\x01d\x04Test\0", b"\0\x01d\x04Test");
        check("d.test.", 5, b"\x01D\x04test\0", b"\x01\x01D");
        check("mail.d.test.", 15, b"\0\x0a\x01d\x04test\0", b"\x02\0\x0a");
        check("d.test.", 15, b"\0\0\0", b"\0\0\0");
        check("d.test.", 15, b"\0\x0a\x01d\x04test\0", b"\x02\0\x0a");
        check("d.test.", 16, b"\x01x", b"\x01x");
        // One label with a zero in it is not the two that the key has there.
        check("b.a.", 5, b"\x03a\0b\0", b"\0\x03a\0b");
        // What is no name is kept as it is.
        for broken in [&b""[..], b"\x04test", b"\x04test\0\0", b"\xc0\0", b"\x04tes"] {
            check("d.test.", 5, broken, &[&[WHOLE], broken].concat());
        }
    }

    proptest! {
        #[test]
        fn rdata_is_read_back_whatever_it_is(
            owner in vec(vec(0_u8..4, 1..3), 0..4),
            code in prop_oneof![Just(5_u16), Just(15), Just(33), Just(16), any::<u16>()],
            octets in vec(prop_oneof![0_u8..4, any::<u8>()], 0..12),
            labels in vec(vec(0_u8..4, 1..3), 0..4),
        ) {
            let name = hickory_proto::rr::Name::from_labels(owner.iter().map(Vec::as_slice)).unwrap();
            let path = Path::of(&name);
            let mut named = octets.clone();
            for label in &labels {
                named.push(u8::try_from(label.len()).unwrap());
                named.extend(label);
            }
            named.push(0);
            for octets in [octets, named] {
                let mut out = Vec::new();
                push_data(code, path.key(), &octets, &mut out);
                prop_assert_eq!(data(code, path.key(), &out), octets);
            }
        }

        #[test]
        fn numbers_read_back(values in vec(any::<u64>(), 0..4)) {
            let mut out = Vec::new();
            values.iter().for_each(|value| push_number(*value, &mut out));
            let mut rest = out.as_slice();
            for value in values {
                prop_assert_eq!(take_number(&mut rest), value);
            }
            prop_assert!(rest.is_empty());
        }
    }

    #[test]
    fn a_shape_that_comes_again_is_kept_once_and_after_a_break_too() {
        let mut shapes = Shapes::default();
        assert_eq!((shapes.id(b"a"), shapes.id(b"a")), (None, None));
        shapes.open();
        let ids: Vec<_> = [b"a", b"a", b"b", b"a", b"b"].map(|it| shapes.id(it)).into();
        assert_eq!(ids, [None, Some(1), None, Some(1), Some(2)]);
        shapes.close();
        assert_eq!((shapes.shape(1), shapes.shape(2)), (&b"a"[..], &b"b"[..]));
        shapes.open();
        assert_eq!((shapes.id(b"b"), shapes.id(&[b'x'; MAX_SHAPE + 1])), (Some(2), None));
    }
}
