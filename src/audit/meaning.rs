//! What records say to those who read them: two that differ in octets may say the same.

use std::collections::BTreeSet;

use hickory_proto::rr::RData;

use crate::plan::Purpose;
use crate::reading::digest;

/// Whether two sets of records for a purpose say the same.
///
/// Digests of PACC and paths of services are compared by what they tell, because strings may be
/// cut, ordered and cased in other ways; all other data octet by octet, and without regard to the
/// order of records, of which an RRset has none (RFC 2181 §5).
pub(super) fn is_same(purpose: Purpose, expected: &[RData], seen: &[RData]) -> bool {
    match purpose {
        Purpose::RelatedPath(_) => each(path, expected) == each(path, seen),
        Purpose::PaccDigest => each(digest, expected) == each(digest, seen),
        _ => expected.len() == seen.len() && expected.iter().all(|data| seen.contains(data)),
    }
}

/// Whether a record is for a purpose: others may have texts at a name too.
pub(super) fn is_for(purpose: Option<Purpose>, data: &RData) -> bool {
    match purpose {
        Some(Purpose::PaccDigest) => digest(data).is_some(),
        Some(Purpose::RelatedPath(_)) => path(data).is_some(),
        _ => true,
    }
}

/// What records tell, each once.
pub(super) fn each<T: Ord>(read: fn(&RData) -> Option<T>, rdatas: &[RData]) -> BTreeSet<T> {
    rdatas.iter().filter_map(read).collect()
}

/// The path that a TXT record tells. Keys are compared without regard to case, and the first of two
/// counts (RFC 6763 §6.4).
pub(super) fn path(data: &RData) -> Option<String> {
    let RData::TXT(txt) = data else { return None };
    txt.txt_data.iter().find_map(|string| {
        let (key, value) = std::str::from_utf8(string).ok()?.split_once('=')?;
        key.eq_ignore_ascii_case("path").then(|| value.to_owned())
    })
}
