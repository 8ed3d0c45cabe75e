//! Addresses of servers as people and configuration files write them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};

/// The port of DNS over UDP and TCP (RFC 1035 §4.2).
pub(super) const DNS_PORT: u16 = 53;

/// Says why a text is no server address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerAddressError {
    /// Anything but an IP address, with or without a port.
    #[error(
        "`{text}` is not the address of a DNS server; give an IP address, with its port if that is not {DNS_PORT}: 192.0.2.1, 192.0.2.1:5300, 2001:db8::1, [2001:db8::1]:5300, fe80::1%eth0; or a URL: tcp://192.0.2.1, tls://192.0.2.1#dns.example, https://dns.example/dns-query, quic://dns.example"
    )]
    NotAddress {
        /// The text as typed.
        text: String,
    },
    /// A port that is no number from 1 to 65535.
    #[error("`{port}` in `{text}` is not a port; give a number from 1 to 65535")]
    Port {
        /// The text as typed.
        text: String,
        /// The part behind the colon.
        port: String,
    },
    /// A link-local address, which every network has, without the interface to the one meant.
    #[error(
        "`{text}` is in use on every network; say by which interface it is reached, as in {address}%eth0"
    )]
    LinkLocal {
        /// The text as typed.
        text: String,
        /// The address alone.
        address: Ipv6Addr,
    },
    /// A scope that is no interface of this machine.
    #[error("`{scope}` in `{text}` is no network interface of this machine")]
    Scope {
        /// The text as typed.
        text: String,
        /// The part behind the percent sign.
        scope: String,
    },
}

/// Reads the address of a server: `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1`,
/// `[2001:db8::1]:5300`; and `fe80::1%eth0`, whose scope is an interface by name or number (RFC
/// 4007 §11). `typed` is what it is a part of.
///
/// # Errors
///
/// Names what was typed and what would be an address.
pub(super) fn server_address(
    text: &str,
    typed: &str,
    usual_port: u16,
) -> Result<SocketAddr, ServerAddressError> {
    let not_address = || ServerAddressError::NotAddress { text: typed.to_owned() };
    let (mut server, given) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or_else(not_address)?;
            let server = server(address, typed)?;
            match port.strip_prefix(':') {
                None if !port.is_empty() => return Err(not_address()),
                port if server.is_ipv6() => (server, port),
                _ => return Err(not_address()),
            }
        }
        None => match (server(text, typed), text.split_once(':')) {
            (Ok(server), _) => (server, None),
            (Err(error @ ServerAddressError::NotAddress { .. }), None) => return Err(error),
            (Err(ServerAddressError::NotAddress { .. }), Some((address, port))) => {
                let address = address.parse().map(IpAddr::V4).map_err(|_error| not_address())?;
                (SocketAddr::new(address, DNS_PORT), Some(port))
            }
            (Err(error), _) => return Err(error),
        },
    };
    server.set_port(given.map_or(Ok(usual_port), |given| port(given, typed))?);
    Ok(server)
}

/// Reads a port, which is a part of what was typed.
///
/// # Errors
///
/// It is no number from 1 to 65535.
pub(super) fn port(port: &str, typed: &str) -> Result<u16, ServerAddressError> {
    match port.parse() {
        Ok(number) if number != 0 && port.bytes().all(|octet| octet.is_ascii_digit()) => Ok(number),
        _ => Err(ServerAddressError::Port { text: typed.to_owned(), port: port.to_owned() }),
    }
}

/// Reads an address without a port, which is a part of what was typed.
pub(super) fn server(address: &str, typed: &str) -> Result<SocketAddr, ServerAddressError> {
    let text = || typed.to_owned();
    match address.parse() {
        Ok(IpAddr::V6(address)) if address.is_unicast_link_local() => {
            return Err(ServerAddressError::LinkLocal { text: text(), address });
        }
        Ok(address) => return Ok(SocketAddr::new(address, DNS_PORT)),
        Err(_error) => {}
    }
    let scoped = address.split_once('%').and_then(|(address, scope)| {
        Some((address.parse::<Ipv6Addr>().ok()?, scope)).filter(|_| !scope.is_empty())
    });
    let Some((alone, scope)) = scoped else {
        return Err(ServerAddressError::NotAddress { text: text() });
    };
    if let Ok(number) = scope.parse() {
        return Ok(SocketAddrV6::new(alone, DNS_PORT, 0, number).into());
    }
    // The system knows its interfaces by name; an address is nothing that it would ask for.
    let known = (address, DNS_PORT).to_socket_addrs().ok().and_then(|mut found| found.next());
    known.ok_or_else(|| ServerAddressError::Scope { text: text(), scope: scope.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        match (server_address(text, text, DNS_PORT), expected) {
            (Ok(address), Ok(expected)) => assert_eq!(address.to_string(), expected),
            (Err(error), Err(part)) => {
                let error = error.to_string();
                assert!(error.contains(part) && error.contains(text), "{error}");
            }
            (got, expected) => panic!("{text}: {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn server_addresses() {
        check("127.0.0.1", Ok("127.0.0.1:53"));
        check("127.0.0.1:5300", Ok("127.0.0.1:5300"));
        check("::1", Ok("[::1]:53"));
        check("[::1]", Ok("[::1]:53"));
        check("[::1]:5300", Ok("[::1]:5300"));
        check("", Err("not the address"));
        check("ns1.example.com", Err("not the address"));
        check("ns1.example.com:53", Err("not the address"));
        check("[127.0.0.1]:53", Err("not the address"));
        check("[::1", Err("not the address"));
        check("[::1]53", Err("not the address"));
        check("127.0.0.1:0", Err("not a port"));
        check("127.0.0.1:65536", Err("not a port"));
        check("127.0.0.1:+53", Err("not a port"));
        check("127.0.0.1:", Err("not a port"));
    }

    #[test]
    fn a_scope_is_an_interface_by_name_or_number() {
        check("fe80::1%7", Ok("[fe80::1%7]:53"));
        check("[fe80::1%7]:5300", Ok("[fe80::1%7]:5300"));
        check("fe80::1", Err("as in fe80::1%eth0"));
        check("[fe80::1]:5300", Err("as in fe80::1%eth0"));
        check("fe80::1%", Err("not the address"));
        check("fe80::1%no-such-one", Err("`no-such-one` in "));
        check("[fe80::1%no-such-one]:53", Err("is no network interface of this machine"));
        check("127.0.0.1%lo", Err("not the address"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_loopback_interface_is_found_by_its_name() {
        let index = std::fs::read_to_string("/sys/class/net/lo/ifindex").unwrap();
        check("fe80::1%lo", Ok(&format!("[fe80::1%{}]:53", index.trim())));
        check("[fe80::1%lo]:5300", Ok(&format!("[fe80::1%{}]:5300", index.trim())));
    }
}
