//! Names as keys, in canonical order.

use hickory_proto::rr::Name;

use crate::name::MailDomain;

/// Ends every label, so that an ancestor of a name is a prefix of its key and of no other.
pub(crate) const END: u8 = 0;

/// Stands before an octet that would not be below all others, or would not be told from the end.
pub(crate) const ESCAPE: u8 = 1;

/// A name from the root down, lower-case.
///
/// Keys sort as names do in canonical order (RFC 4034 §6.1), and every ancestor is a prefix: a
/// domain with all that stands below it is one range of keys.
#[derive(Debug)]
pub(crate) struct Path {
    octets: Vec<u8>,
    /// Where each label ends; the root ends at 0.
    ends: Vec<usize>,
}

impl Path {
    /// Octets that END and ESCAPE use are escaped, so that order and prefixes hold for any label.
    pub(crate) fn of(name: &Name) -> Self {
        let mut octets = Vec::with_capacity(name.len() + 1);
        let mut ends = Vec::with_capacity(name.iter().len() + 1);
        ends.push(0);
        for label in name.iter().rev() {
            push_label(label, &mut octets);
            octets.push(END);
            ends.push(octets.len());
        }
        Self { octets, ends }
    }

    /// The path of the root.
    pub(crate) fn root() -> Self {
        Self { octets: Vec::new(), ends: vec![0] }
    }

    /// Becomes that of a mail domain, whose labels are plain and in lower case.
    pub(crate) fn become_domain(&mut self, domain: &MailDomain) {
        let Self { octets, ends } = self;
        octets.clear();
        ends.clear();
        ends.push(0);
        for label in domain.as_str().as_bytes().rsplit(|octet| *octet == b'.') {
            octets.extend_from_slice(label);
            octets.push(END);
            ends.push(octets.len());
        }
    }

    /// The path of a key's name.
    pub(crate) fn of_key(key: &[u8]) -> Self {
        let is_end = |(at, octet): (usize, &u8)| (*octet == END).then_some(at + 1);
        let ends = std::iter::once(0).chain(key.iter().enumerate().filter_map(is_end)).collect();
        Self { octets: key.to_vec(), ends }
    }

    /// The octets that sort.
    pub(crate) fn key(&self) -> &[u8] {
        &self.octets
    }

    pub(crate) fn into_key(self) -> Box<[u8]> {
        self.octets.into()
    }

    /// How many labels the name has, the root not counted.
    pub(crate) fn labels(&self) -> usize {
        self.ends.len() - 1
    }

    /// The key of the last labels of the name.
    pub(crate) fn ancestor(&self, labels: usize) -> &[u8] {
        &self.octets[..self.ends[labels]]
    }

    /// Whether the name stands at the other one or below it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.octets.starts_with(&other.octets)
    }

    /// How many labels, from the root down, lie within so many octets of the key.
    pub(crate) fn labels_within(&self, octets: usize) -> usize {
        self.ends.partition_point(|end| *end <= octets) - 1
    }

    /// How many labels, from the root down, the name shares with that of a key.
    pub(crate) fn shared_labels(&self, key: &[u8]) -> usize {
        // The root is shared with every key.
        (1..=self.labels()).take_while(|labels| key.starts_with(self.ancestor(*labels))).count()
    }
}

/// Makes keys of names one after the other: names that stand together share their tails.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// The name before, in wire form.
    wire: Vec<u8>,
    key: Vec<u8>,
}

impl Keys {
    /// The key of a name in wire form, without compression.
    pub(crate) fn key(&mut self, wire: &[u8]) -> &[u8] {
        let head = self.head(wire);
        self.key.truncate((wire.len() - head).saturating_sub(1));
        push_labels(&wire[..head], &mut self.key);
        self.wire.clear();
        self.wire.extend_from_slice(wire);
        &self.key
    }

    /// How many octets stand in front of the labels that a name shares with the one before: all where
    /// the key before is not made of the same octets.
    fn head(&self, wire: &[u8]) -> usize {
        let is_escaped = self.key.len() + 1 != self.wire.len();
        let shared = if is_escaped { 0 } else { shared_tail(wire, &self.wire) };
        let head = label_from(wire, wire.len() - shared);
        let head_before = (self.wire.len() + head).checked_sub(wire.len());
        // A label of one name may end like one of the other, and the octet before be no length there.
        match head_before {
            Some(before) if label_from(&self.wire, before) == before => head,
            _ => wire.len(),
        }
    }
}

/// Where the first label begins that begins at an octet or behind it; the end where none does.
fn label_from(wire: &[u8], octet: usize) -> usize {
    let mut at = 0;
    while at < octet {
        at += wire.get(at).map_or(1, |length| usize::from(*length) + 1);
    }
    at.min(wire.len())
}

/// How many octets two names have alike at their ends.
fn shared_tail(one: &[u8], other: &[u8]) -> usize {
    let ((_, ones), (_, others)) = (one.as_rchunks::<8>(), other.as_rchunks::<8>());
    for ((one, other), eights) in ones.iter().rev().zip(others.iter().rev()).zip(0..) {
        let differing = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if differing != 0 {
            return 8 * eights + differing.leading_zeros() as usize / 8;
        }
    }
    let eights = 8 * ones.len().min(others.len());
    let rest = one.iter().rev().zip(other.iter().rev()).skip(eights);
    eights + rest.take_while(|(one, other)| one == other).count()
}

/// Appends the labels of a name in wire form, from the last to the first.
fn push_labels(wire: &[u8], out: &mut Vec<u8>) {
    let (mut starts, mut count, mut at) = ([0_u8; 128], 0, 0);
    while let Some(&length @ 1..) = wire.get(at)
        && let Some(start) = starts.get_mut(count)
    {
        *start = at.to_le_bytes()[0];
        count += 1;
        at += usize::from(length) + 1;
    }
    for start in starts[..count].iter().rev() {
        let label = wire.get(usize::from(*start) + 1..at).unwrap_or_default();
        at = usize::from(*start);
        if label.iter().any(|octet| *octet <= ESCAPE) {
            push_label(label, out);
        } else {
            let from = out.len();
            out.extend_from_slice(label);
            out[from..].make_ascii_lowercase();
        }
        out.push(END);
    }
}

/// Appends a label, the octets that END and ESCAPE use escaped.
fn push_label(label: &[u8], out: &mut Vec<u8>) {
    for octet in label {
        match octet.to_ascii_lowercase() {
            low @ (END | ESCAPE) => out.extend([ESCAPE, low + 1]),
            other => out.push(other),
        }
    }
}

/// The number of labels of a key.
pub(crate) fn labels(key: &[u8]) -> usize {
    key.iter().filter(|octet| **octet == END).count()
}

/// The key of the wildcard below a name.
pub(crate) fn wildcard(key: &[u8]) -> Vec<u8> {
    [key, b"*", &[END]].concat()
}

/// Whether the first label of a key's name is the asterisk alone (RFC 4592 §2.1.1).
pub(crate) fn is_wildcard(key: &[u8]) -> bool {
    let parent = key.strip_suffix(&[b'*', END]);
    parent.is_some_and(|parent| parent.last().is_none_or(|octet| *octet == END))
}

/// The name of a key, in lower case.
pub(crate) fn name(key: &[u8]) -> Name {
    let mut labels = vec![Vec::new()];
    let mut octets = key.iter().copied();
    while let Some(octet) = octets.next() {
        match (octet, labels.last_mut()) {
            (END, _) | (_, None) => labels.push(Vec::new()),
            (ESCAPE, Some(label)) => label.extend(octets.next().map(|raised| raised - 1)),
            (other, Some(label)) => label.push(other),
        }
    }
    labels.pop();
    Name::from_labels(labels.iter().rev().map(Vec::as_slice))
        .expect("a key is made of a name, which had room for these labels")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn any_name() -> impl Strategy<Value = Name> {
        let octet = prop_oneof![Just(0), Just(1), Just(2), Just(b'*'), Just(b'a'), any::<u8>()];
        vec(vec(octet, 1..4), 0..5).prop_map(|labels| {
            let name = Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
            name.to_lowercase()
        })
    }

    proptest! {
        #[test]
        fn keys_sort_like_names_and_read_back(one in any_name(), other in any_name()) {
            let (a, b) = (Path::of(&one), Path::of(&other));
            prop_assert_eq!(a.key().cmp(b.key()), one.cmp(&other));
            prop_assert_eq!(a.is_within(&b), other.zone_of(&one));
            prop_assert_eq!(&Path::of_key(a.key()).ends, &a.ends);
            prop_assert_eq!(labels(a.key()), one.iter().len());
            prop_assert_eq!(is_wildcard(a.key()), one.is_wildcard());
            prop_assert_eq!(name(a.key()), one);
        }

        #[test]
        fn a_key_is_that_of_its_name_whatever_name_came_before(
            names in vec((any_name(), any_name(), any::<bool>()), 1..8),
        ) {
            let mut keys = Keys::default();
            let mut below = Name::root();
            for (head, tail, is_below) in names {
                // Names below the one before, or below others.
                let tail = if is_below { below } else { tail };
                let name = Name::from_labels(head.iter().chain(&tail)).unwrap();
                let mut wire = Vec::new();
                for label in &name {
                    wire.push(u8::try_from(label.len()).unwrap());
                    wire.extend(label.to_ascii_uppercase());
                }
                wire.push(0);
                let path = Path::of(&name);
                prop_assert_eq!(keys.key(&wire), path.key());
                below = tail;
            }
        }

        #[test]
        fn keys_of_labels_that_look_like_lengths_are_told_apart(
            names in vec("[\\x01-\\x03a]{1,3}(\\.[\\x01-\\x03a]{1,3}){0,3}", 1..8),
        ) {
            let mut keys = Keys::default();
            for text in names {
                let labels: Vec<_> = text.split('.').map(str::as_bytes).collect();
                let mut wire = Vec::new();
                for label in &labels {
                    wire.push(u8::try_from(label.len()).unwrap());
                    wire.extend_from_slice(label);
                }
                wire.push(0);
                let name = Name::from_labels(labels).unwrap();
                let path = Path::of(&name);
                prop_assert_eq!(keys.key(&wire), path.key());
            }
        }
    }
}
