//! A server out of what was typed.

use std::str::FromStr;

use hickory_proto::rr::Name;
use http::uri::PathAndQuery;

use super::super::address::{self, ServerAddressError};
use super::{Host, Server, Transport};
use crate::name::{NameError, parse_typed};

/// The path where none is named; RFC 8484 has it in its examples, and servers as their default.
const PATH: &str = "/dns-query";

/// The rest of a URI template that servers are announced with (RFC 8484 §4.1): nothing, when the
/// question is posted.
const TEMPLATE: &str = "{?dns}";

/// Schemes that people try, and what they mean.
const MEANT: [(&str, &str); 8] = [
    ("dns", "udp"),
    ("dot", "tls"),
    ("tcps", "tls"),
    ("doh", "https"),
    ("http", "https"),
    ("h2", "https"),
    ("h3", "https"),
    ("doq", "quic"),
];

/// Says why a text names no server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] ServerAddressError),
    /// The scheme of the URL is no transport of DNS, or none that is spoken here.
    #[error(
        "`{scheme}` in `{text}` is no way to ask a server; {}",
        meant(.scheme, .text)
    )]
    Scheme {
        /// The text as typed.
        text: String,
        /// The part in front of `://`.
        scheme: String,
    },
    /// A name where an address is needed.
    #[error(
        "`{text}` names a server that is not encrypted by a host name; give its IP address: {scheme}://192.0.2.1"
    )]
    NeedsAddress {
        /// The text as typed.
        text: String,
        /// The scheme.
        scheme: &'static str,
    },
    /// The host is neither an address nor a host name.
    #[error(
        "`{text}` has neither an IP address nor a host name behind `{scheme}://`: {problem}; an IPv6 address stands in brackets, as in {scheme}://[2001:db8::1]"
    )]
    Host {
        /// The text as typed.
        text: String,
        /// The scheme.
        scheme: &'static str,
        /// What is wrong with it as a name.
        problem: NameError,
    },
    /// What stands behind `#` is no host name.
    #[error(
        "what stands behind `#` in `{text}` is not the name of a certificate: {problem}; give a host name, as in {scheme}://192.0.2.1#dns.example"
    )]
    Certified {
        /// The text as typed.
        text: String,
        /// The scheme.
        scheme: &'static str,
        /// What is wrong with it as a name.
        problem: NameError,
    },
    /// The URL has a part that servers of its scheme do not have.
    #[error("`{part}` in `{text}` has no meaning for {scheme}://; leave it out")]
    Superfluous {
        /// The text as typed.
        text: String,
        /// The scheme.
        scheme: &'static str,
        /// The part.
        part: String,
    },
    /// The path of the URL has octets that no path has.
    #[error("`{path}` in `{text}` is no path of a URL; it is mostly {PATH}")]
    Path {
        /// The text as typed.
        text: String,
        /// The path.
        path: String,
    },
}

/// The remedy for a scheme that is none.
fn meant(scheme: &str, text: &str) -> String {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let known = MEANT.into_iter().find(|(tried, _)| scheme.eq_ignore_ascii_case(tried));
    match known {
        Some((_, scheme)) => format!("write {scheme}://{rest}"),
        None => "there are udp://, tcp://, tls://, https:// and quic://".to_owned(),
    }
}

impl FromStr for Server {
    type Err = ServerError;

    /// # Errors
    ///
    /// Names the text, and what would be a server.
    fn from_str(typed: &str) -> Result<Self, ServerError> {
        let text = || typed.to_owned();
        let Some((scheme, rest)) = typed.split_once("://") else {
            return Ok(address::server_address(typed, typed, Transport::Udp.port())?.into());
        };
        let named = |transport: &Transport| scheme.eq_ignore_ascii_case(transport.scheme());
        let transport = Transport::ALL.into_iter().find(named);
        let transport = transport
            .ok_or_else(|| ServerError::Scheme { text: text(), scheme: scheme.to_owned() })?;
        let scheme = transport.scheme();
        let superfluous =
            |part: &str| ServerError::Superfluous { text: text(), scheme, part: part.to_owned() };
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (rest, None),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '{']).unwrap_or(rest.len()));
        let certified = match fragment {
            Some(fragment) if !transport.is_encrypted() => {
                return Err(superfluous(&format!("#{fragment}")));
            }
            Some(fragment) => {
                Some(parse_typed(fragment).map_err(|problem| ServerError::Certified {
                    text: text(),
                    scheme,
                    problem,
                })?)
            }
            None => None,
        };
        let path = match transport {
            Transport::Https => path_of(path, typed)?,
            // A slash is what a browser would add.
            _ if path.is_empty() || path == "/" => String::new(),
            _ => return Err(superfluous(path)),
        };
        if let Some((user, _)) = authority.split_once('@') {
            return Err(superfluous(&format!("{user}@")));
        }
        let host = host(authority, typed, transport)?;
        // A name that says what stands there anyway says nothing.
        let certified =
            certified.filter(|name| !matches!(&host, Host::Name(host, _) if host == name));
        Ok(Self { transport, host, certified, path })
    }
}

/// An address or a name, with a port or without.
fn host(authority: &str, typed: &str, transport: Transport) -> Result<Host, ServerError> {
    let text = || typed.to_owned();
    let scheme = transport.scheme();
    match address::server_address(authority, typed, transport.port()) {
        Ok(address) => return Ok(Host::Address(address)),
        Err(ServerAddressError::NotAddress { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let (name, port) = match authority.rsplit_once(':') {
        // The colons of an address that is none are not in front of a port.
        Some((name, port)) if !name.contains(':') => (name, Some(port)),
        _ => (authority, None),
    };
    let name: Name =
        parse_typed(name).map_err(|problem| ServerError::Host { text: text(), scheme, problem })?;
    if !transport.is_encrypted() {
        return Err(ServerError::NeedsAddress { text: text(), scheme });
    }
    let port = port.map(|port| address::port(port, typed)).transpose()?;
    Ok(Host::Name(name, port.unwrap_or_else(|| transport.port())))
}

/// The path and query of a URL of HTTPS.
fn path_of(path: &str, typed: &str) -> Result<String, ServerError> {
    let path = path.strip_suffix(TEMPLATE).unwrap_or(path);
    let path = match path {
        "" => PATH.to_owned(),
        query if query.starts_with('?') => format!("{PATH}{query}"),
        path => path.to_owned(),
    };
    // The parser of paths takes some octets that no path has (RFC 3986 §3.3).
    let is_sound =
        path.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&octet));
    if is_sound && path.parse::<PathAndQuery>().is_ok_and(|parsed| parsed.as_str() == path) {
        return Ok(path);
    }
    Err(ServerError::Path { text: typed.to_owned(), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, shown: &str) {
        let server: Server = typed.parse().unwrap();
        assert_eq!(server.to_string(), shown);
        assert_eq!(shown.parse(), Ok(server));
    }

    #[track_caller]
    fn refuse(typed: &str, parts: &[&str]) {
        let error = typed.parse::<Server>().unwrap_err().to_string();
        for part in parts.iter().chain([&typed]) {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn an_address_alone_is_asked_by_udp() {
        check("192.0.2.1", "192.0.2.1");
        check("192.0.2.1:53", "192.0.2.1");
        check("192.0.2.1:5300", "192.0.2.1:5300");
        check("UDP://192.0.2.1:53", "192.0.2.1");
        check("udp://192.0.2.1/", "192.0.2.1");
        check("2001:DB8::1", "2001:db8::1");
        check("[2001:db8::1]:5300", "[2001:db8::1]:5300");
        check("udp://[2001:db8::1]", "2001:db8::1");
        check("fe80::1%7", "fe80::1%7");
        check("[fe80::1%7]:5300", "[fe80::1%7]:5300");
    }

    #[test]
    fn a_scheme_says_how_to_ask_and_has_its_port() {
        check("tcp://192.0.2.1", "tcp://192.0.2.1");
        check("tcp://192.0.2.1:53", "tcp://192.0.2.1");
        check("tls://192.0.2.1:853", "tls://192.0.2.1");
        check("tls://192.0.2.1:53", "tls://192.0.2.1:53");
        check("tls://2001:db8::1", "tls://[2001:db8::1]");
        check("tls://[2001:db8::1]:8853#Dns.Example.", "tls://[2001:db8::1]:8853#dns.example");
        check("tls://[fe80::1%7]", "tls://[fe80::1%7]");
        check("quic://192.0.2.1#dns.example", "quic://192.0.2.1#dns.example");
        check("quic://dns.example:8853", "quic://dns.example:8853");
        check("tls://dns.example#dns.example", "tls://dns.example");
        check("tls://dns.example#other.example", "tls://dns.example#other.example");
        check("tls://192.0.2.1#dns", "tls://192.0.2.1#dns");
        check("tls://d\u{fc}ns.example", "tls://xn--dns-hoa.example");
    }

    #[test]
    fn https_has_a_path() {
        check("https://dns.example/dns-query", "https://dns.example/dns-query");
        check("https://dns.example", "https://dns.example/dns-query");
        check("https://dns.example/", "https://dns.example/");
        check("https://dns.example:443/q?k=1", "https://dns.example/q?k=1");
        check("https://dns.example?k=1", "https://dns.example/dns-query?k=1");
        check("https://dns.example/dns-query{?dns}", "https://dns.example/dns-query");
        check("https://192.0.2.1/dns-query#dns.example", "https://192.0.2.1/dns-query#dns.example");
        check("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/dns-query");
    }

    #[test]
    fn what_is_no_server_is_told_with_a_remedy() {
        refuse("doh://dns.example/q", &["`doh` in ", "write https://dns.example/q"]);
        refuse("h3://dns.example", &["`h3` in ", "write https://dns.example"]);
        refuse("DoT://192.0.2.1", &["`DoT` in ", "write tls://192.0.2.1"]);
        refuse("sdns://AQcA", &["`sdns` in ", "udp://, tcp://, tls://, https:// and quic://"]);
        refuse("://192.0.2.1", &["`` in "]);
        refuse("dns.example", &["is not the address of a DNS server", "tls://"]);
        refuse("udp://dns.example", &["give its IP address: udp://192.0.2.1"]);
        refuse("tcp://192.0.2.1#dns.example", &["`#dns.example` in ", "has no meaning for tcp://"]);
        refuse("tls://192.0.2.1/dns-query", &["`/dns-query` in ", "has no meaning for tls://"]);
        refuse("https://me@dns.example", &["`me@` in "]);
        refuse("tls://", &["neither an IP address nor a host name behind `tls://`"]);
        refuse("tls://:853", &["neither an IP address nor a host name"]);
        refuse("tls://2001:db8::zz", &["neither", "as in tls://[2001:db8::1]"]);
        refuse("tls://192.0.2.1#", &["behind `#`", "tls://192.0.2.1#dns.example"]);
        refuse("tls://192.0.2.1#192.0.2.2", &["behind `#`", "give a host name"]);
        refuse("tls://192.0.2.1:x", &["`x` in ", "is not a port"]);
        refuse("tls://dns.example:0", &["`0` in ", "is not a port"]);
        refuse("quic://fe80::1", &["as in fe80::1%eth0"]);
        refuse("https://dns.example/a b", &["`/a b` in ", "no path of a URL"]);
        refuse("https://dns.example/\u{fc}", &["no path of a URL"]);
    }
}
