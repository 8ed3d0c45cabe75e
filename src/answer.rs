//! What DNS said to a question: the vocabulary between the lookups and the inquiry.
//!
//! NODATA, NXDOMAIN and a failure are three things (RFC 9499) and stay apart to the end: a failed
//! lookup is never a missing record.

mod beside;
mod portrait;
mod vantage;

use std::fmt;
use std::sync::Arc;

use hickory_proto::rr::{DNSClass, Name, RData, RecordType};

pub use self::beside::Beside;
pub use self::portrait::Portrait;
pub use self::vantage::{Sight, Vantage};

/// The longest alias chain that is followed; longer ones count as loops (RFC 1034 §3.6.2).
pub const MAX_CHAIN: usize = 8;

/// How many extended DNS errors of a response are kept.
pub const MAX_EXTENDED: usize = 8;

/// A question to DNS, class IN.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Question {
    /// The name asked for.
    pub name: Name,
    /// The type asked for.
    pub rtype: RecordType,
}

impl Question {
    /// Writes it as it stands in a message: name, type and class (RFC 1035 §4.1.2).
    pub fn write(&self, octets: &mut Vec<u8>) {
        for label in self.name.iter() {
            // 63 octets at most (RFC 1035 §2.3.4).
            octets.push(label.len() as u8);
            octets.extend_from_slice(label);
        }
        octets.push(0);
        octets.extend(u16::from(self.rtype).to_be_bytes());
        octets.extend(u16::from(DNSClass::IN).to_be_bytes());
    }
}

/// What DNS said to one [`Question`].
///
/// A lookup of one's own makes most of its answers with [`Answer::plain`].
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The canonical names met on the way, in order; empty where the name is no alias.
    pub chain: Vec<Name>,
    /// What stands at the end of the chain.
    pub outcome: Outcome,
    /// What is said of DNSSEC validation.
    pub dnssec: Dnssec,
    /// Who says it, as it is named to people: a resolver. None where nothing is said, or nobody
    /// knows by whom.
    pub dnssec_by: Option<Arc<str>>,
    /// What the validator of this program says of it; None where it was not asked. It is evidence:
    /// where a resolver says otherwise, that one is believed.
    pub validated: Option<Dnssec>,
    /// Whether a server of the zone speaks: the AA bit (RFC 1035 §4.1.1), or zone data at hand.
    pub authoritative: bool,
    /// The RCODE of the response with its extended part (RFC 6891 §6.1.3); None where there was no
    /// response.
    pub rcode: Option<u16>,
    /// The INFO-CODEs of extended DNS errors (RFC 8914 §4), in order, at most [`MAX_EXTENDED`].
    pub extended: Vec<u16>,
    /// Whether the TTLs of the records differ, which they must not (RFC 2181 §5.2).
    pub uneven_ttls: bool,
    /// How long it is remembered that nothing is there, in seconds (RFC 2308 §5); None where
    /// something is, and where the response does not tell.
    pub negative_ttl: Option<u32>,
    /// What a server of the zone put beside SRV records. It is not part of the answer: whoever keeps or
    /// compares answers leaves it out.
    pub beside: Vec<Beside>,
}

impl Answer {
    /// An answer without aliases of which nothing more is known.
    ///
    /// Nobody is said to be authoritative, so a TTL in it counts as one of a cache, and no rule
    /// judges it; set `authoritative` where the zone itself speaks.
    pub fn plain(outcome: Outcome) -> Self {
        Self {
            chain: Vec::new(),
            outcome,
            dnssec: Dnssec::Unknown,
            dnssec_by: None,
            validated: None,
            authoritative: false,
            rcode: None,
            extended: Vec::new(),
            uneven_ttls: false,
            negative_ttl: None,
            beside: Vec::new(),
        }
    }
}

/// What a responder says of DNSSEC validation (RFC 4035 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum Dnssec {
    /// Validated: the AD bit (RFC 4035 §3.2.3) of a resolver that is trusted (RFC 6840 §5.8).
    Secure,
    /// No chain of signatures leads there from a trust anchor, and that is proven.
    Insecure,
    /// Validation failed.
    Bogus,
    /// Nothing is said.
    #[default]
    Unknown,
}

impl Dnssec {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Secure, Self::Insecure, Self::Bogus, Self::Unknown];

    /// The stable word for it in machine output and recordings.
    pub fn code(self) -> &'static str {
        match self {
            Self::Secure => "secure",
            Self::Insecure => "insecure",
            Self::Bogus => "bogus",
            Self::Unknown => "unknown",
        }
    }

    /// Reads what [`Dnssec::code`] writes.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Records that a zone cut hides: those of the zone below are asked for instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The owner name of the NS records.
    pub cut: Name,
    /// The owner names of the hidden records in canonical order, eight at most.
    pub owners: Vec<Name>,
    /// How many records are hidden, one at least.
    pub records: usize,
}

/// What stands at the end of the alias chain, or why nothing is known.
///
/// Empty `Records` are NODATA to an inquiry (RFC 2308 §2.2).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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

impl Outcome {
    /// The RCODE of a response with this outcome, where the outcome tells it.
    pub fn rcode(&self) -> Option<u16> {
        match self {
            Self::Records { .. } | Self::NoData => Some(0),
            Self::NxDomain => Some(3),
            Self::Failed(Failure::ServFail) => Some(2),
            Self::Failed(Failure::Refused) => Some(5),
            Self::Failed(Failure::Rcode(number)) => Some(*number),
            Self::Failed(_) => None,
        }
    }
}

/// Why a question has no answer.
///
/// Each has a word for machines, [`Failure::code`], and words for people as it is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
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
    /// What came back is no DNS response to the question, or contradicts itself.
    Malformed,
    /// The response is truncated, by TCP too.
    Truncated,
    /// The resolver says that it forges, blocks, censors or filters the answer (RFC 8914 §4).
    Filtered,
    /// The server could not be reached: connection refused, cut off.
    Unreachable,
    /// This machine has no route to the server: no network at all, or none of its family.
    NoRoute,
    /// This machine may not ask the server: a firewall or a sandbox forbids it.
    Forbidden,
    /// This machine has no file descriptor left to ask with.
    NoDescriptor,
    /// TLS with the server failed, or it does not speak the protocol of DNS that it is asked by.
    Tls,
    /// The certificate of the server is signed by no authority that is trusted.
    UnknownAuthority,
    /// The certificate of the server is for another name than the one it is asked by.
    WrongName,
    /// The certificate of the server is valid no more, or not yet.
    Expired,
    /// The server answered by another status of HTTP than 200.
    Http(u16),
    /// The server answered by HTTP, and with something else than a DNS message.
    MediaType,
    /// No name server of the zone has an address that can be found.
    NoServer,
    /// The server points to a zone below its own. Where that lies below the mail domain, its servers are
    /// asked for themselves; it is left standing where they cannot be, or do not answer.
    Delegated,
    /// The alias chain loops or is longer than [`MAX_CHAIN`].
    ChainTooLong,
    /// The name lies outside the zones at hand (offline audits).
    OutsideZone,
    /// The recording holds no answer to this question.
    NotRecorded,
    /// There is more than an inquiry looks at, or it was broken off.
    NotAsked,
    /// The time for all questions about the mail domain was over.
    Deadline,
}

impl Failure {
    /// One of each kind; an RCODE and a status of HTTP stand for all the others.
    pub const ALL: [Self; 25] = [
        Self::ServFail,
        Self::Refused,
        Self::Rcode(9),
        Self::Timeout,
        Self::Lame,
        Self::Malformed,
        Self::Truncated,
        Self::Filtered,
        Self::Unreachable,
        Self::NoRoute,
        Self::Forbidden,
        Self::NoDescriptor,
        Self::Tls,
        Self::UnknownAuthority,
        Self::WrongName,
        Self::Expired,
        Self::Http(500),
        Self::MediaType,
        Self::NoServer,
        Self::Delegated,
        Self::ChainTooLong,
        Self::OutsideZone,
        Self::NotRecorded,
        Self::NotAsked,
        Self::Deadline,
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
            Self::Truncated => "truncated",
            Self::Filtered => "filtered",
            Self::Unreachable => "unreachable",
            Self::NoRoute => "no-route",
            Self::Forbidden => "forbidden",
            Self::NoDescriptor => "no-descriptor",
            Self::Tls => "tls",
            Self::UnknownAuthority => "tls-unknown-authority",
            Self::WrongName => "tls-wrong-name",
            Self::Expired => "tls-expired",
            Self::Http(status) => return format!("http-{status}"),
            Self::MediaType => "http-media-type",
            Self::NoServer => "no-server",
            Self::Delegated => "delegated",
            Self::ChainTooLong => "chain-too-long",
            Self::OutsideZone => "outside-zone",
            Self::NotRecorded => "not-recorded",
            Self::NotAsked => "not-asked",
            Self::Deadline => "deadline",
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
            "truncated" => Self::Truncated,
            "filtered" => Self::Filtered,
            "unreachable" => Self::Unreachable,
            "no-route" => Self::NoRoute,
            "forbidden" => Self::Forbidden,
            "no-descriptor" => Self::NoDescriptor,
            "tls" => Self::Tls,
            "tls-unknown-authority" => Self::UnknownAuthority,
            "tls-wrong-name" => Self::WrongName,
            "tls-expired" => Self::Expired,
            "http-media-type" => Self::MediaType,
            "no-server" => Self::NoServer,
            "delegated" => Self::Delegated,
            "chain-too-long" => Self::ChainTooLong,
            "outside-zone" => Self::OutsideZone,
            "not-recorded" => Self::NotRecorded,
            "not-asked" => Self::NotAsked,
            "deadline" => Self::Deadline,
            other => match other.strip_prefix("http-") {
                Some(status) => Self::Http(status.parse().ok()?),
                None => Self::Rcode(other.strip_prefix("rcode-")?.parse().ok()?),
            },
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServFail => f.write_str("SERVFAIL"),
            Self::Refused => f.write_str("REFUSED"),
            Self::Rcode(number) => match rcode_text(*number) {
                Some(text) => f.write_str(text),
                None => write!(f, "RCODE {number}"),
            },
            Self::Timeout => f.write_str("no answer in time"),
            Self::Lame => f.write_str("referral or lame answer"),
            Self::Malformed => f.write_str("not a DNS response to the question"),
            Self::Truncated => f.write_str("truncated, by TCP too"),
            Self::Filtered => f.write_str("filtered by the resolver"),
            Self::Unreachable => f.write_str("server unreachable"),
            Self::NoRoute => f.write_str("this machine has no route to the server"),
            Self::Forbidden => f.write_str("this machine may not ask the server"),
            Self::NoDescriptor => f.write_str("this machine has no file descriptor left"),
            Self::Tls => f.write_str("no TLS, or not that protocol"),
            Self::UnknownAuthority => {
                f.write_str("certificate of an unknown authority (--ca-file)")
            }
            Self::WrongName => f.write_str("certificate for another name (#NAME)"),
            Self::Expired => f.write_str("certificate not valid at this time"),
            Self::Http(status) => write!(f, "HTTP status {status}"),
            Self::MediaType => f.write_str("HTTP response without a DNS message"),
            Self::NoServer => f.write_str("no name server of the zone can be found"),
            Self::Delegated => f.write_str("no answer from the zone that it is delegated to"),
            Self::ChainTooLong => write!(f, "alias loop, or more than {MAX_CHAIN} aliases"),
            Self::OutsideZone => f.write_str("outside the zones at hand"),
            Self::NotRecorded => f.write_str("not in the recording"),
            Self::NotAsked => f.write_str("more than is looked at"),
            Self::Deadline => f.write_str("not answered before the deadline of the domain"),
        }
    }
}

/// Whether an extended error of a SERVFAIL says that the data did not validate (RFC 8914 §4).
///
/// Code 5 does not: "indeterminate" is what a resolver without a trust anchor is (RFC 4033 §5).
pub fn is_bogus(code: &u16) -> bool {
    matches!(code, 1 | 2 | 6..=12 | 25 | 27)
}

/// The name of an RCODE of a response in IANA's registry (RFC 6895 §2.3); None where the number is not
/// assigned.
pub fn rcode_text(number: u16) -> Option<&'static str> {
    /// The names of RCODEs, each at its number (IANA, "DNS RCODEs").
    const REGISTRY: [&str; 12] = [
        "NOERROR",
        "FORMERR",
        "SERVFAIL",
        "NXDOMAIN",
        "NOTIMP",
        "REFUSED",
        "YXDOMAIN",
        "YXRRSET",
        "NXRRSET",
        "NOTAUTH",
        "NOTZONE",
        "DSOTYPENI",
    ];
    match number {
        16 => Some("BADVERS"),
        23 => Some("BADCOOKIE"),
        _ => REGISTRY.get(usize::from(number)).copied(),
    }
}

/// The purpose of an extended DNS error in IANA's registry (RFC 8914 §5.2); None where the code is
/// not assigned.
pub fn extended_text(code: u16) -> Option<&'static str> {
    /// The purposes of INFO-CODEs, each at its number (IANA, "Extended DNS Error Codes").
    const REGISTRY: [&str; 31] = [
        "Other Error",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDOMAIN Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
        "Signature Expired before Valid",
        "Too Early",
        "Unsupported NSEC3 Iterations Value",
        "Unable to conform to policy",
        "Synthesized",
        "Invalid Query Type",
    ];
    REGISTRY.get(usize::from(code)).copied()
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

    #[test]
    fn every_state_of_validation_reads_back_from_its_code() {
        for state in Dnssec::ALL {
            assert_eq!(Dnssec::from_code(state.code()), Some(state));
        }
        assert_eq!(Dnssec::from_code("authentic"), None);
    }

    #[test]
    fn response_codes_have_the_names_of_the_registry() {
        for (number, text) in [(1, "FORMERR"), (9, "NOTAUTH"), (16, "BADVERS"), (12, "RCODE 12")] {
            assert_eq!(Failure::Rcode(number).to_string(), text);
        }
    }

    #[test]
    fn extended_errors_have_the_names_of_the_registry() {
        for (code, text) in [
            (0, Some("Other Error")),
            (6, Some("DNSSEC Bogus")),
            (18, Some("Prohibited")),
            (30, Some("Invalid Query Type")),
            (49_152, None),
        ] {
            assert_eq!(extended_text(code), text);
        }
    }
}
