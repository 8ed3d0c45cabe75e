//! Names as keys, in canonical order.

use hickory_proto::rr::Name;

/// Ends every label, so that an ancestor of a name is a prefix of its key and of no other.
const END: u8 = 0;

/// Stands before an octet that would not be below all others, or would not be told from the end.
const ESCAPE: u8 = 1;

/// A name from the root down, lower-case.
///
/// Keys sort as names do in canonical order (RFC 4034 §6.1), and every ancestor is a prefix: a
/// domain with all that stands below it is one range of keys.
pub(super) struct Path {
    octets: Vec<u8>,
    /// Where each label ends; the root ends at 0.
    ends: Vec<usize>,
}

impl Path {
    pub(super) fn of(name: &Name) -> Self {
        let mut octets = Vec::with_capacity(name.len() + 1);
        let mut ends = Vec::with_capacity(name.iter().len() + 1);
        ends.push(0);
        for label in name.iter().rev() {
            for octet in label {
                match octet.to_ascii_lowercase() {
                    low @ (END | ESCAPE) => octets.extend([ESCAPE, low + 1]),
                    other => octets.push(other),
                }
            }
            octets.push(END);
            ends.push(octets.len());
        }
        Self { octets, ends }
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.octets
    }

    pub(super) fn into_key(self) -> Box<[u8]> {
        self.octets.into()
    }

    pub(super) fn labels(&self) -> usize {
        self.ends.len() - 1
    }

    pub(super) fn ancestor(&self, labels: usize) -> &[u8] {
        &self.octets[..self.ends[labels]]
    }

    /// How many labels, from the root down, the name shares with that of a key.
    pub(super) fn shared_labels(&self, key: &[u8]) -> usize {
        // The root is shared with every key.
        (1..=self.labels()).take_while(|labels| key.starts_with(self.ancestor(*labels))).count()
    }
}

/// The key of the wildcard below a name.
pub(super) fn wildcard(key: &[u8]) -> Vec<u8> {
    [key, b"*", &[END]].concat()
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
        fn keys_sort_like_names(one in any_name(), other in any_name()) {
            let (a, b) = (Path::of(&one), Path::of(&other));
            prop_assert_eq!(a.key().cmp(b.key()), one.cmp(&other));
        }
    }
}
