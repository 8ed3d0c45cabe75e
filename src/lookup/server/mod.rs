//! Servers as people name them: an address, or a URL that says how to ask as well.
//!
//! The schemes and ports are those of the standards: `tls` for DNS over TLS (RFC 7858), `https` for
//! DNS over HTTPS (RFC 8484), `quic` for DNS over dedicated QUIC connections (RFC 9250). What stands
//! behind `#` is the name that the certificate must be for, as in the configuration of Unbound and
//! systemd.

mod locate;
mod parse;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use hickory_proto::rr::Name;

pub use self::locate::{LocateError, locate};
pub use self::parse::ServerError;
use crate::name::plain_text;

/// By what a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// Datagrams, and a connection where an answer is truncated (RFC 7766 §5).
    Udp,
    /// A connection for all questions (RFC 7766 §6.2.1).
    Tcp,
    /// DNS over TLS (RFC 7858).
    Tls,
    /// DNS over HTTPS (RFC 8484), by HTTP/2.
    Https,
    /// DNS over dedicated QUIC connections (RFC 9250).
    Quic,
}

impl Transport {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Udp, Self::Tcp, Self::Tls, Self::Https, Self::Quic];

    /// The scheme of its URLs.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Https => "https",
            Self::Quic => "quic",
        }
    }

    /// The port where none is named (RFC 1035 §4.2, RFC 7858 §3.1, RFC 8484 §8.1, RFC 9250 §4.1.1).
    pub fn port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => super::address::DNS_PORT,
            Self::Tls | Self::Quic => 853,
            Self::Https => 443,
        }
    }

    /// Whether the server shows a certificate.
    pub fn is_encrypted(self) -> bool {
        match self {
            Self::Udp | Self::Tcp => false,
            Self::Tls | Self::Https | Self::Quic => true,
        }
    }
}

/// A server, and how to ask it.
///
/// It reads `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1`, `[2001:db8::1]:5300` and `fe80::1%eth0`,
/// which are asked by UDP, and by TCP where an answer is truncated; `udp://` means the same. `tcp://`,
/// `tls://`, `https://` and `quic://` ask by one connection. It is displayed in the shortest text
/// that reads back as the same.
///
/// ```
/// use mailsrv::lookup::resolver::Server;
///
/// let check = |typed: &str, shown: &str| {
///     assert_eq!(typed.parse::<Server>().map(|server| server.to_string()), Ok(shown.to_owned()));
/// };
/// check("udp://192.0.2.1:53", "192.0.2.1");
/// check("tls://[2001:db8::1]:853#dns.example", "tls://[2001:db8::1]#dns.example");
/// check("https://dns.example", "https://dns.example/dns-query");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Server {
    transport: Transport,
    host: Host,
    /// The name of the certificate, where it is not that of the host.
    certified: Option<Name>,
    /// The path of the URL, with its query; empty for other transports than HTTPS.
    path: String,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Host {
    /// At an address.
    Address(SocketAddr),
    /// At whatever addresses this name has, and this port.
    Name(Name, u16),
}

impl Server {
    /// By what it is asked.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Its address; None where a name stands for it, which [`locate`] replaces.
    pub fn address(&self) -> Option<SocketAddr> {
        match self.host {
            Host::Address(address) => Some(address),
            Host::Name(..) => None,
        }
    }

    /// The path and query of the URL; empty for other transports than HTTPS.
    pub(in crate::lookup) fn path(&self) -> &str {
        &self.path
    }

    /// The name or the address that the certificate must be for, as text.
    pub(in crate::lookup) fn certified(&self) -> String {
        match (&self.certified, &self.host) {
            (Some(name), _) | (None, Host::Name(name, _)) => plain_text(name),
            (None, Host::Address(address)) => address.ip().to_string(),
        }
    }

    /// The host and the port as HTTP names them (RFC 9110 §7.2): the host is that of the certificate.
    pub(in crate::lookup) fn authority(&self) -> String {
        let (address, port) = match &self.host {
            Host::Address(address) => (Some(address.ip()), address.port()),
            Host::Name(_, port) => (None, *port),
        };
        let host = match (&self.certified, address) {
            (None, Some(IpAddr::V6(address))) => format!("[{address}]"),
            _ => self.certified(),
        };
        if port == self.transport.port() { host } else { format!("{host}:{port}") }
    }

    /// The same server at one of the addresses of its name.
    fn at(&self, address: IpAddr) -> Self {
        let Host::Name(name, port) = &self.host else { return self.clone() };
        let certified = self.certified.clone().unwrap_or_else(|| name.clone());
        let host = Host::Address(SocketAddr::new(address, *port));
        Self { host, certified: Some(certified), ..self.clone() }
    }
}

impl From<SocketAddr> for Server {
    /// A server that is asked by UDP, and by TCP where an answer is truncated.
    fn from(address: SocketAddr) -> Self {
        let host = Host::Address(address);
        Self { transport: Transport::Udp, host, certified: None, path: String::new() }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.transport == Transport::Udp;
        if !plain {
            write!(f, "{}://", self.transport.scheme())?;
        }
        let usual = self.transport.port();
        match &self.host {
            Host::Address(address) if address.port() != usual => write!(f, "{address}")?,
            Host::Address(SocketAddr::V4(address)) => write!(f, "{}", address.ip())?,
            Host::Address(SocketAddr::V6(address)) => {
                let scope = address.scope_id();
                let scope = if scope == 0 { String::new() } else { format!("%{scope}") };
                let [open, close] = if plain { ["", ""] } else { ["[", "]"] };
                write!(f, "{open}{}{scope}{close}", address.ip())?;
            }
            Host::Name(name, port) => {
                f.write_str(&plain_text(name))?;
                if *port != usual {
                    write!(f, ":{port}")?;
                }
            }
        }
        f.write_str(&self.path)?;
        match &self.certified {
            Some(name) => write!(f, "#{}", plain_text(name)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, certified: &str, authority: &str) {
        let server: Server = typed.parse().unwrap();
        assert_eq!((server.certified(), server.authority()), (certified.into(), authority.into()));
    }

    #[test]
    fn http_and_the_certificate_name_the_server_as_the_url_does() {
        check("https://dns.example", "dns.example", "dns.example");
        check("https://dns.example:8443", "dns.example", "dns.example:8443");
        check("https://192.0.2.1/q", "192.0.2.1", "192.0.2.1");
        check("https://[2001:db8::1]", "2001:db8::1", "[2001:db8::1]");
        check("https://[2001:db8::1]:8443", "2001:db8::1", "[2001:db8::1]:8443");
        check("https://[2001:db8::1]:8443#dns.example", "dns.example", "dns.example:8443");
        check("tls://[fe80::1%7]", "fe80::1", "[fe80::1]");
        check("tls://d\u{fc}ns.example", "xn--dns-hoa.example", "xn--dns-hoa.example");
    }
}
