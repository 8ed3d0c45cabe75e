//! What came of one connection.

use std::net::IpAddr;

use super::{Endpoint, Fingerprint, Offered, Protocol, Served};

/// What was seen of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Where a client would connect to.
    pub endpoint: Endpoint,
    /// The address that was connected to, or tried last.
    pub address: Option<IpAddr>,
    /// When, in seconds since 1970: certificates are judged by it.
    pub at: u64,
    /// What it showed, or why nothing was seen.
    pub seen: Result<Shown, Unseen>,
}

/// Why nothing was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unseen {
    /// The host has no address, and DNS says so.
    NoAddress,
    /// The addresses of the host could not be looked up: nothing is known.
    NotLookedUp,
    /// The addresses of the host lie outside the zones at hand, and nobody was asked for them.
    OutsideZone,
    /// The recording that is judged again does not have it.
    NotRecorded,
    /// The time for the mail domain was over.
    Deadline,
    /// The address is private or of this machine, and may not be connected to unless that is asked for.
    Guarded,
    /// The connection was refused.
    Refused,
    /// No way leads there.
    Unreachable,
    /// This machine cannot connect there: it has no address of that family, or no descriptor left.
    NoWay,
    /// It was not borne what a probe sends, and a second connection, without that, did not come about.
    NotAgain,
    /// Nothing came in time.
    Timeout,
    /// The connection was closed before anything was said.
    Closed,
}

impl Unseen {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::NoAddress,
        Self::NotLookedUp,
        Self::OutsideZone,
        Self::NotRecorded,
        Self::Deadline,
        Self::Guarded,
        Self::Refused,
        Self::Unreachable,
        Self::NoWay,
        Self::NotAgain,
        Self::Timeout,
        Self::Closed,
    ];

    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAddress => "no-address",
            Self::NotLookedUp => "not-looked-up",
            Self::OutsideZone => "outside-zone",
            Self::NotRecorded => "not-recorded",
            Self::Deadline => "deadline",
            Self::Guarded => "guarded",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::NoWay => "no-way",
            Self::NotAgain => "not-again",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
        }
    }

    /// The reason with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    /// Whether that says anything of the server: a guard, a failed lookup and what this machine lacks do
    /// not.
    pub const fn is_evidence(self) -> bool {
        match self {
            Self::NoAddress | Self::Refused | Self::Unreachable | Self::Timeout | Self::Closed => {
                true
            }
            Self::NotLookedUp
            | Self::OutsideZone
            | Self::NotRecorded
            | Self::Deadline
            | Self::Guarded
            | Self::NoWay
            | Self::NotAgain => false,
        }
    }
}

/// What a server showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The first line it said in the clear or within TLS, cut where it is long.
    pub greeting: Option<String>,
    /// What it speaks, where that is not what was expected.
    pub instead: Option<Instead>,
    /// What it offers in the clear; None where TLS begins at once.
    pub before: Option<Offered>,
    /// What came of STARTTLS, where that was to begin TLS.
    pub starttls: Option<StartTls>,
    /// What came of the handshake, where there was one.
    pub handshake: Option<Handshake>,
    /// The words by which it refuses to say what it offers.
    pub refusal: Option<String>,
    /// What it offers within TLS.
    pub after: Option<Offered>,
    /// Whether it obeyed what was sent in the clear behind STARTTLS; None where that was not seen.
    pub injected: Option<bool>,
    /// Why nothing more was seen, where the conversation broke off.
    pub broken_off: Option<Unseen>,
}

/// What is spoken in place of what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// The same or another protocol in the clear, where TLS was expected at once; None where that is
    /// no protocol of mail.
    Clear(Option<Protocol>),
    /// TLS at once, where a greeting in the clear was expected.
    Tls,
    /// Another protocol, in the expected TLS mode; None where that is none of mail.
    Other(Option<Protocol>),
}

/// What came of STARTTLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartTls {
    /// It is not offered.
    NotOffered,
    /// It is offered, and refused with these words.
    Refused(String),
    /// It is offered, and no answer came to it.
    Unanswered(Unseen),
    /// TLS began.
    Begun,
}

/// What came of a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// TLS is spoken.
    Done(Box<Tls>),
    /// The server speaks no version from 1.2 on (RFC 8996).
    NoModernTls,
    /// It shares no cipher suite, curve or kind of signature with this program, which has those of today
    /// (RFC 9325 §4).
    NothingShared,
    /// It failed for this reason.
    Failed(String),
}

/// What TLS showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// `1.2` or `1.3`.
    pub version: String,
    /// The cipher suite as IANA calls it.
    pub suite: String,
    /// The certificate of the server itself; None where it cannot be read.
    pub certificate: Option<Served>,
    /// What stands behind it.
    pub chain: Chain,
    /// All certificates that were sent and can be read, the first of them that of the server.
    pub sent: Vec<Fingerprint>,
}

/// Who stands behind a certificate, whatever names and times it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// An authority that is believed.
    Trusted,
    /// The certificate itself.
    SelfSigned,
    /// Nobody can tell: the certificate of the authority named here is not among those sent.
    Incomplete(String),
    /// An authority that is not believed, named here.
    Unknown(String),
    /// The chain is broken in another way.
    Broken(String),
}

impl Shown {
    /// What TLS showed, where there was any.
    pub fn tls(&self) -> Option<&Tls> {
        match &self.handshake {
            Some(Handshake::Done(tls)) => Some(tls),
            Some(Handshake::NoModernTls | Handshake::NothingShared | Handshake::Failed(_))
            | None => None,
        }
    }
}
