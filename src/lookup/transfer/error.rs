//! Why a transfer came to nothing.

use std::io;

use super::tsig::TsigError;
use crate::answer::{Failure, rcode_text};
use crate::words::counted;

/// How many records had come.
fn come(records: u64) -> String {
    counted(usize::try_from(records).unwrap_or(usize::MAX), "record")
}

/// Says why there is no zone; what had come of it is dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// There is no connection.
    #[error("there is no connection: {0}")]
    Unreachable(Failure),
    /// Zones are transferred by TCP and TLS alone (RFC 5936 §4.1, RFC 9103 §7).
    #[error("zones are not transferred by {scheme}://")]
    Transport {
        /// The scheme of the server's URL.
        scheme: &'static str,
    },
    /// The connection broke, or was closed, before the end of the zone.
    #[error("{} before the closing SOA record, after {}", cut(.source), come(*.records))]
    CutOff {
        /// How many records had come.
        records: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The server went silent, or needed too long.
    #[error("nothing more came within {seconds} seconds, after {}", come(*.records))]
    Idle {
        /// How long it was waited for.
        seconds: u64,
        /// How many records had come.
        records: u64,
    },
    /// The transfer as a whole takes too long.
    #[error("the transfer takes more than {seconds} seconds")]
    Endless {
        /// How long it may take.
        seconds: u64,
    },
    /// The server answers with an RCODE, by its number.
    #[error("the server answers {}", rcode(*.0))]
    Rcode(u16),
    /// What came is no transfer of the zone (RFC 5936 §2.2).
    #[error("message {message} {problem}")]
    Malformed {
        /// Which message it is, from 1.
        message: u64,
        /// What is wrong with it, as a sentence goes on.
        problem: &'static str,
    },
    /// The last SOA record is not the first one: the zone was changed meanwhile.
    #[error("the zone ends with another SOA record than it began with")]
    Changed,
    /// A signature is missing or wrong, or the server did not like ours.
    #[error(transparent)]
    Tsig(#[from] TsigError),
    /// The zone has more records than are read.
    #[error("the zone has more than {limit} records")]
    TooManyRecords {
        /// How many are read.
        limit: u64,
    },
    /// The messages have more octets than are read.
    #[error("the zone has more than {limit} octets")]
    TooManyOctets {
        /// How many are read.
        limit: u64,
    },
}

/// A server that closes the connection leaves nothing to read.
fn cut(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        _ => format!("the connection broke ({source})"),
    }
}

/// An RCODE by its name, or by its number.
fn rcode(number: u16) -> String {
    rcode_text(number).map_or_else(|| format!("RCODE {number}"), str::to_owned)
}
