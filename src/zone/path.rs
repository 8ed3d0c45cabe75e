//! Names as keys, in canonical order.

use hickory_proto::rr::Name;

/// Ends every label, so that an ancestor of a name is a prefix of its key and of no other.
pub(crate) const END: u8 = 0;

/// Stands before an octet that would not be below all others, or would not be told from the end.
pub(crate) const ESCAPE: u8 = 1;

/// A name from the root down, lower-case.
///
/// Keys sort as names do in canonical order (RFC 4034 §6.1), and every ancestor is a prefix: a
/// domain with all that stands below it is one range of keys.
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

    /// Appends the key of a name in wire form, without compression.
    pub(crate) fn push_key(wire: &[u8], out: &mut Vec<u8>) {
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
            if label.iter().all(|octet| *octet > ESCAPE) {
                let from = out.len();
                out.extend_from_slice(label);
                out[from..].make_ascii_lowercase();
            } else {
                push_label(label, out);
            }
            out.push(END);
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
            let (mut wire, mut key) = (Vec::new(), Vec::new());
            for label in &one {
                wire.push(u8::try_from(label.len()).unwrap());
                wire.extend(label.to_ascii_uppercase());
            }
            wire.push(0);
            Path::push_key(&wire, &mut key);
            prop_assert_eq!(&key, a.key());
            prop_assert_eq!(name(a.key()), one);
        }
    }
}
