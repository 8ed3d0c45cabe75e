//! Master files (RFC 1035 §5.1): the text form of zones, read as a stream and written back.
//!
//! Reading never opens a file, never stops at the first error, and holds one entry at a time: a zone
//! is read in constant memory, up to the limits that it has as a whole. The RDATA of every type is described once,
//! in a table of fields, which serves both directions; types without a row there travel in the
//! generic form of RFC 3597 §5.
//!
//! The order of reading, and that of the octets: `lex` cuts lines into tokens, `scan` follows
//! directives, `record` finds what stands in front of the RDATA, `rdata` reads it with a `cursor`
//! over the tokens and the table in `fields`, whose harder fields are in `loc` and `svcb`. Of plain
//! lines, of which large zones consist, `plain` makes the same octets at once.
//! `presentation` reads and writes the smallest parts, `types` names types, `generate` expands
//! `$GENERATE`, `limits` counts what a zone costs, and `write` goes the way back.
//!
//! ```
//! use mailsrv::zonefile::{Scanner, record};
//!
//! let zone = "$ORIGIN example.com.\n$TTL 1h\n_imaps._tcp SRV 0 1 993 mail\nbad A 1.2.3\n";
//! let mut entries = Scanner::new(zone.as_bytes(), "example.com.zone", None);
//!
//! let first = entries.next().unwrap()?;
//! assert_eq!(first.position.to_string(), "example.com.zone:3:1");
//! assert_eq!(
//!     record(&first.record),
//!     "_imaps._tcp.example.com. 3600 IN SRV 0 1 993 mail.example.com."
//! );
//! let error = entries.next().unwrap().unwrap_err();
//! assert_eq!((error.position.line, error.position.column), (4, 7));
//! assert!(entries.next().is_none());
//! # Ok::<(), mailsrv::zonefile::ScanError>(())
//! ```

mod cursor;
mod error;
mod fields;
mod generate;
mod lex;
mod limits;
mod loc;
mod plain;
mod presentation;
mod rdata;
mod record;
mod scan;
mod svcb;
#[cfg(test)]
mod tests;
mod types;
mod write;

pub use error::{Position, ScanError, ScanErrorKind};
pub use limits::Limits;
#[cfg(feature = "net")]
pub(crate) use limits::kept;
pub use presentation::character_string;
#[cfg(feature = "net")]
pub(crate) use rdata::decode;
pub use scan::{Entry, Scanner, WireEntry, parse_rdata};
pub use types::{parse_type, type_name};
#[cfg(feature = "net")]
pub(crate) use write::wire;
pub use write::{push_rdata, push_record, rdata, record, record_without_ttl};
