//! What a mail server shows to whoever connects to it, as data.
//!
//! Nothing here connects to anything: a [`Sighting`] is filled in by a probe, or read from a recording,
//! and judged without either.

mod association;
mod certificate;
mod offered;
mod refusal;
mod sighting;

pub use self::association::{Digests, Fingerprint, association_name, deny};
pub use self::certificate::{Key, Served, Validity};
pub use self::offered::Offered;
pub use self::refusal::Refusal;
pub use self::sighting::{Chain, Handshake, Instead, Shown, Sighting, StartTls, Tls, Unseen};

use std::fmt;
use std::net::IpAddr;

use hickory_proto::rr::Name;

use crate::name::parse_text;
use crate::service::{Label, Related, Service, TlsMode};

/// A protocol that begins with a greeting in lines of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// IMAP4 (RFC 9051, RFC 3501).
    Imap,
    /// POP3 (RFC 1939).
    Pop3,
    /// Message submission (RFC 6409).
    Submission,
    /// Management of filters (RFC 5804).
    ManageSieve,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 4] = [Self::Imap, Self::Pop3, Self::Submission, Self::ManageSieve];

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Imap => Service::Imap.title(),
            Self::Pop3 => Service::Pop3.title(),
            Self::Submission => Service::Submission.title(),
            Self::ManageSieve => Related::Sieve.title(),
        }
    }

    /// The stable word for it, which is the key of a hosting profile.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Imap => Service::Imap.key(),
            Self::Pop3 => Service::Pop3.key(),
            Self::Submission => Service::Submission.key(),
            Self::ManageSieve => Related::Sieve.key(),
        }
    }

    /// The protocol and the TLS mode that are registered for a port.
    ///
    /// ```
    /// use mailsrv::endpoint::Protocol;
    /// use mailsrv::service::TlsMode;
    ///
    /// assert_eq!(Protocol::at_port(995), Some((Protocol::Pop3, TlsMode::Implicit)));
    /// assert_eq!(Protocol::at_port(4190), Some((Protocol::ManageSieve, TlsMode::StartTls)));
    /// assert_eq!(Protocol::at_port(25), None);
    /// ```
    pub fn at_port(port: u16) -> Option<(Self, TlsMode)> {
        if port == Related::Sieve.default_port() {
            return Some((Self::ManageSieve, TlsMode::StartTls));
        }
        let label = Label::ALL.into_iter().find(|label| label.default_port() == port)?;
        Some((label.service().into(), label.mode()))
    }

    /// The registered port of the protocol in a TLS mode; ManageSieve has one for STARTTLS alone
    /// (RFC 5804 §1.8).
    pub fn port(self, mode: TlsMode) -> Option<u16> {
        let service = match self {
            Self::Imap => Service::Imap,
            Self::Pop3 => Service::Pop3,
            Self::Submission => Service::Submission,
            Self::ManageSieve => {
                return (mode == TlsMode::StartTls).then(|| Related::Sieve.default_port());
            }
        };
        Some(service.label(mode).default_port())
    }
}

impl From<Service> for Protocol {
    fn from(service: Service) -> Self {
        match service {
            Service::Imap => Self::Imap,
            Service::Pop3 => Self::Pop3,
            Service::Submission => Self::Submission,
        }
    }
}

/// Where a client connects to, and what it expects there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The host as DNS has it, lower case and without the final dot, or an address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// What is spoken there.
    pub protocol: Protocol,
    /// When TLS begins.
    pub mode: TlsMode,
}

impl Endpoint {
    /// The host as a name of DNS; None of an address, and of what is no name.
    pub fn host_name(&self) -> Option<Name> {
        let is_address = self.host.parse::<IpAddr>().is_ok();
        if is_address { None } else { parse_text(&format!("{}.", self.host)).ok() }
    }

    /// Where the TLSA records of the host and port stand, as [`association_name`] has it.
    pub fn association_name(&self) -> Option<Name> {
        association_name(&self.host_name()?, self.port)
    }
}

/// `mail.example.com:993 (IMAP, TLS)`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, protocol, mode } = self;
        let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{host}{close}:{port} ({}, {})", protocol.title(), mode.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_port_leads_back() {
        for protocol in Protocol::ALL {
            for mode in TlsMode::ALL {
                let Some(port) = protocol.port(mode) else {
                    assert_eq!((protocol, mode), (Protocol::ManageSieve, TlsMode::Implicit));
                    continue;
                };
                assert_eq!(Protocol::at_port(port), Some((protocol, mode)));
            }
        }
    }

    #[test]
    fn an_address_of_ipv6_stands_in_brackets() {
        let endpoint = |host: &str| Endpoint {
            host: host.to_owned(),
            port: 587,
            protocol: Protocol::Submission,
            mode: TlsMode::StartTls,
        };
        assert_eq!(endpoint("2001:db8::1").to_string(), "[2001:db8::1]:587 (submission, STARTTLS)");
        assert_eq!(endpoint("mail.test").to_string(), "mail.test:587 (submission, STARTTLS)");
    }
}
