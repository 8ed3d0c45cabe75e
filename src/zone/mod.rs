//! The records of a zone in memory, in some octets each: what is kept of a million domains, and how a
//! server finds its way among them (RFC 1034 §4.3.2).
//!
//! Records are gathered as they come (`heap`), put in order (`gather`), and are a `tree` when all are
//! there: nodes (`node`) in canonical order (`path`), written one after the other in a `run`, where alike
//! ones are told by their `shape`. Each record knows its `place` in a file; `turns` says where the way
//! down a zone may end, and `likeness` what is alike of names.

pub(crate) mod gather;
pub(crate) mod heap;
pub(crate) mod likeness;
pub(crate) mod node;
pub(crate) mod path;
pub(crate) mod place;
pub(crate) mod run;
pub(crate) mod shape;
pub(crate) mod tree;
mod turns;

/// The number of ALIAS, which PowerDNS gave it: the DNS host answers for addresses of the name with
/// those of another one.
pub(crate) const ALIAS: u16 = 65_401;
