//! What DNS said to a question: the vocabulary between the lookups and the inquiry.
//!
//! NODATA, NXDOMAIN and a failure are three things (RFC 9499) and stay apart to the end: a failed
//! lookup is never a missing record.

use std::fmt;

use hickory_proto::rr::{Name, RData, RecordType};

/// The longest alias chain that is followed; longer ones count as loops (RFC 1034 §3.6.2).
pub const MAX_CHAIN: usize = 8;

/// A question to DNS, class IN.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Question {
    /// The name asked for.
    pub name: Name,
    /// The type asked for.
    pub rtype: RecordType,
}

/// What DNS said to one [`Question`].
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The canonical names met on the way, in order; empty where the name is no alias.
    pub chain: Vec<Name>,
    /// What stands at the end of the chain.
    pub outcome: Outcome,
    /// Whether the responder vouches for DNSSEC validation with the AD bit (RFC 4035 §3.2.3).
    pub authentic: bool,
}

impl Answer {
    /// An answer without aliases, not vouched for.
    pub fn plain(outcome: Outcome) -> Self {
        Self { chain: Vec::new(), outcome, authentic: false }
    }
}

/// What stands at the end of the alias chain, or why nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The RRset asked for: its smallest TTL in seconds and its data, never empty.
    Records {
        /// The smallest TTL of the set, in seconds.
        ttl: u32,
        /// The data of the set.
        data: Vec<RData>,
    },
    /// The name exists without records of this type (RFC 2308 §2.2).
    NoData,
    /// The name does not exist (RFC 2308 §2.1).
    NxDomain,
    /// Nothing is known.
    Failed(Failure),
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The server could not answer: RCODE 2.
    ServFail,
    /// The server would not answer: RCODE 5.
    Refused,
    /// Another RCODE, by its number.
    Rcode(u16),
    /// Nobody answered in time.
    Timeout,
    /// The server points elsewhere instead of answering (RFC 9499: lame delegation).
    Lame,
    /// What came back is no DNS response to the question.
    Malformed,
    /// The server could not be reached: connection refused, no route, cut off.
    Unreachable,
    /// The alias chain loops or is longer than [`MAX_CHAIN`].
    ChainTooLong,
    /// The name lies outside the zones at hand (offline audits).
    OutsideZone,
    /// The recording holds no answer to this question.
    NotRecorded,
    /// There is more than an inquiry looks at, or it was broken off.
    NotAsked,
}

impl Failure {
    /// One of each kind; an RCODE stands for all the others.
    pub const ALL: [Self; 11] = [
        Self::ServFail,
        Self::Refused,
        Self::Rcode(9),
        Self::Timeout,
        Self::Lame,
        Self::Malformed,
        Self::Unreachable,
        Self::ChainTooLong,
        Self::OutsideZone,
        Self::NotRecorded,
        Self::NotAsked,
    ];

    /// The stable word for it in machine output and recordings.
    pub fn code(self) -> String {
        let word = match self {
            Self::ServFail => "servfail",
            Self::Refused => "refused",
            Self::Rcode(number) => return format!("rcode-{number}"),
            Self::Timeout => "timeout",
            Self::Lame => "lame",
            Self::Malformed => "malformed",
            Self::Unreachable => "unreachable",
            Self::ChainTooLong => "chain-too-long",
            Self::OutsideZone => "outside-zone",
            Self::NotRecorded => "not-recorded",
            Self::NotAsked => "not-asked",
        };
        word.to_owned()
    }

    /// Reads what [`Failure::code`] writes.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "servfail" => Self::ServFail,
            "refused" => Self::Refused,
            "timeout" => Self::Timeout,
            "lame" => Self::Lame,
            "malformed" => Self::Malformed,
            "unreachable" => Self::Unreachable,
            "chain-too-long" => Self::ChainTooLong,
            "outside-zone" => Self::OutsideZone,
            "not-recorded" => Self::NotRecorded,
            "not-asked" => Self::NotAsked,
            other => Self::Rcode(other.strip_prefix("rcode-")?.parse().ok()?),
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServFail => f.write_str("SERVFAIL"),
            Self::Refused => f.write_str("REFUSED"),
            Self::Rcode(number) => write!(f, "RCODE {number}"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Lame => f.write_str("referral or lame answer"),
            Self::Malformed => f.write_str("not a DNS response to the question"),
            Self::Unreachable => f.write_str("server unreachable"),
            Self::ChainTooLong => write!(f, "alias loop, or more than {MAX_CHAIN} aliases"),
            Self::OutsideZone => f.write_str("outside the zones at hand"),
            Self::NotRecorded => f.write_str("not in the recording"),
            Self::NotAsked => f.write_str("more than is looked at"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_reads_back_from_its_code() {
        for failure in Failure::ALL {
            assert_eq!(Failure::from_code(&failure.code()), Some(failure));
        }
        assert_eq!(Failure::from_code("missing"), None);
    }
}
