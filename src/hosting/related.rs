//! What a profile says beside mail access: related services, mail exchanges, addresses of hosts.

use std::net::IpAddr;

use super::HostPattern;
use crate::name::HostName;

/// What is offered of a service beside mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedOffer {
    /// Its host; None for the default host of the profile.
    pub host: Option<HostPattern>,
    /// The TCP port, never 0.
    pub port: u16,
    /// The path on the server, with its leading `/`; only CalDAV and CardDAV have one (RFC 6764 §4).
    pub path: Option<String>,
}

/// A server that takes mail for the domain (RFC 5321 §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailExchange {
    /// Its host; None for the default host of the profile.
    pub host: Option<HostPattern>,
    /// The preference of the MX record: lower is tried first.
    pub preference: u16,
}

/// The addresses of a host of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAddresses {
    /// The host.
    pub host: HostName,
    /// Its addresses, one at least.
    pub addresses: Vec<IpAddr>,
}

/// The longest path on a server, in octets; a character-string of DNS has 255.
pub(super) const MAX_PATH: usize = 200;

/// Whether a text is a path that a record and a document can hold (RFC 3986 §3.3).
pub(super) fn is_path(path: &str) -> bool {
    let allowed =
        |octet: u8| octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&octet);
    path.starts_with('/') && path.len() <= MAX_PATH && path.bytes().all(allowed)
}
