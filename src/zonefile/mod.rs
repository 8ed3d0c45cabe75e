//! Master files (RFC 1035 §5.1): the text form of zones, read as a stream and written back.
//!
//! Reading never opens a file, never stops at the first error, and holds one entry at a time, so
//! that a zone of any size is read in constant memory. The RDATA of every type is described once,
//! in a table of fields, which serves both directions; types without a row there travel in the
//! generic form of RFC 3597 §5.

mod cursor;
mod error;
mod fields;
mod generate;
mod lex;
mod loc;
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
pub use presentation::character_string;
pub use scan::{Entry, Scanner, parse_rdata};
pub use types::{parse_type, type_name};
pub use write::{push_rdata, push_record, rdata, record, record_without_ttl};
