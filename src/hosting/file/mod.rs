//! The YAML shape of a hosting profile.
//!
//! A profile is read in three steps, each of which knows the place of what it refuses: `tree`
//! keeps every node with its place in the source, `shape` says which keys there are, and
//! `convert` checks what the keys mean together. `write` goes the other way.

mod convert;
mod de;
mod diagnose;
mod place;
mod related;
mod shape;
mod slip;
mod span;
mod tree;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use self::diagnose::{Problem, ProfileError};
pub use self::slip::slip;
pub use self::write::write;

use serde::Deserialize;

use self::diagnose::Fault;
use self::shape::Profile;
use super::Hosting;

/// The documented default profile.
pub const DOCUMENTED: &str = include_str!("../../../zones/hosting.yaml");

/// The most octets a profile may have.
pub const MAX_OCTETS: usize = 1 << 20;

/// The levels of nesting that are read; a profile needs four.
const MAX_DEPTH: usize = 8;

/// The TTL of records, in seconds, where a profile does not set it.
pub(super) const DEFAULT_TTL: u32 = 3600;

/// The largest TTL (RFC 2181 §8).
const MAX_TTL: u32 = 0x7fff_ffff;

/// The weight of a server, where a profile does not set it.
pub(super) const DEFAULT_WEIGHT: u16 = 1;

/// The most servers of one service.
pub(super) const MAX_SERVERS: usize = 32;

/// The most addresses of one host.
const MAX_ADDRESSES: usize = 16;

/// Reads a profile; `file` is what its errors call it.
///
/// ```
/// use mailsrv::hosting::file;
///
/// let error = file::parse("imap: { tls: 143 }\n", "profile.yaml").unwrap_err();
/// assert_eq!((error.line(), error.column(), error.field()), (1, 14, "imap.tls"));
/// assert_eq!(error.hint(), Some("write `starttls: 143`, or `tls: 993`"));
/// ```
///
/// # Errors
///
/// The first mistake, with its place: it is no YAML, larger or deeper than any profile, has fields
/// or values that no profile has, or contradicts itself.
pub fn parse(text: &str, file: &str) -> Result<Hosting, ProfileError> {
    read(text).map_err(|fault| ProfileError::new(fault, text, file))
}

/// Describes the YAML shape as a JSON Schema, for editors that check and complete profiles.
///
/// It is looser than [`parse`]: what fields mean together, no schema says.
pub fn json_schema() -> serde_json::Value {
    shape::schema().to_value()
}

/// The three steps, one after the other.
fn read(text: &str) -> Result<Hosting, Fault> {
    let root = tree::read(text)?;
    let profile = Profile::deserialize(de::Source(&root))?;
    convert::hosting(profile, &root)
}

/// Reads the YAML of another kind of file, with the same care and errors of the same kind.
///
/// # Errors
///
/// The first mistake, with its place.
#[cfg(feature = "cli")]
pub(crate) fn parse_as<T: serde::de::DeserializeOwned>(
    text: &str,
    file: &str,
) -> Result<T, ProfileError> {
    let read = || T::deserialize(de::Source(&tree::read(text)?));
    read().map_err(|fault| ProfileError::new(fault, text, file))
}
