//! Addresses on the web, as they are written and as they lead on.

use std::fmt;
use std::net::Ipv6Addr;

use data_encoding::HEXUPPER;

use crate::service::{HTTP_PORT, HTTPS_PORT};

/// How a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// With TLS from the start (RFC 9110 §4.2.2).
    Https,
    /// In the clear (RFC 9110 §4.2.1).
    Http,
}

impl Scheme {
    /// The scheme as it stands in a URL.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }
}

/// An address on the web, at the registered port of its scheme unless it names another.
///
/// ```
/// use mailsrv::page::Url;
///
/// let url: Url = "https://Autoconfig.Example.com/mail/config-v1.1.xml?a=b#c".parse()?;
/// assert_eq!((url.host(), url.path()), ("autoconfig.example.com", "/mail/config-v1.1.xml"));
/// assert_eq!(url.to_string(), "https://autoconfig.example.com/mail/config-v1.1.xml?a=b");
/// # Ok::<(), mailsrv::page::UrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Url {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    path: String,
    query: Option<String>,
}

/// Says that a text is no address on the web.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no address that begins with https:// or http:// and a host name")]
pub struct UrlError {
    text: String,
}

impl Url {
    /// The address of a path on a host, both as they stand in a URL.
    pub fn new(scheme: Scheme, host: &str, path: &str) -> Self {
        let (host, path) = (host.to_ascii_lowercase(), path.to_owned());
        Self { scheme, host, port: None, path, query: None }
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host in lower case: a name, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, where the address names one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port that is connected to: where none is named, that of the scheme.
    pub fn reached_port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme {
            Scheme::Https => HTTPS_PORT,
            Scheme::Http => HTTP_PORT,
        })
    }

    /// The address that a reference leads to from here (RFC 3986 §5.2), as it was sent: octets that may
    /// not stand in one are written in hexadecimal, as browsers do. One with a user name is refused, which
    /// hides where it leads (RFC 9110 §4.2.4).
    ///
    /// ```
    /// use mailsrv::page::Url;
    ///
    /// let url: Url = "https://example.com/a/b?c".parse()?;
    /// assert_eq!(url.join("../d")?.to_string(), "https://example.com/d");
    /// assert_eq!(url.join("//example.net")?.to_string(), "https://example.net/");
    /// assert_eq!(url.join("\u{e9}")?.to_string(), "https://example.com/a/%C3%A9");
    /// # Ok::<(), mailsrv::page::UrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It leads to no address on the web.
    pub fn join(&self, reference: impl AsRef<[u8]>) -> Result<Self, UrlError> {
        let reference = encoded(reference.as_ref());
        let reference = reference.split('#').next().unwrap_or_default();
        let begin = reference.find([':', '/', '?']).and_then(|at| reference.get(at..));
        if begin.is_some_and(|it| it.starts_with(':')) {
            return reference.parse();
        }
        let scheme = self.scheme.text();
        if reference.starts_with("//") {
            return format!("{scheme}:{reference}").parse();
        }
        let (path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None if reference.is_empty() => (reference, self.query()),
            None => (reference, None),
        };
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = match path {
            "" => self.path.clone(),
            whole if whole.starts_with('/') => without_dots(whole),
            part => without_dots(&format!("{folder}/{part}")),
        };
        format!("{scheme}://{}{path}{query}", self.authority()).parse()
    }

    /// The host, an address of IPv6 in brackets, with the port where the address names one, as they stand
    /// in the field `Host` (RFC 9110 §7.2).
    pub fn authority(&self) -> String {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{open}{}{close}{port}", self.host)
    }

    /// The path, which begins with a slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same with another name in the place of one, wherever that stands.
    pub(crate) fn renamed(&self, from: &str, to: &str) -> Self {
        let query = self.query.as_ref().map(|query| query.replace(from, to));
        let (host, path) = (self.host.replace(from, to), self.path.replace(from, to));
        Self { scheme: self.scheme, host, port: self.port, path, query }
    }

    /// What stands behind the `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }
}

impl std::str::FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let wrong = || UrlError { text: crate::name::beginning(text) };
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let scheme = [Scheme::Https, Scheme::Http]
            .into_iter()
            .find(|known| scheme.eq_ignore_ascii_case(known.text()))
            .ok_or_else(wrong)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, behind) = match rest.find(['/', '?']) {
            Some(place) => rest.split_at(place),
            None => (rest, ""),
        };
        let (path, query) = match behind.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (behind, None),
        };
        let (host, port) = host_and_port(authority).ok_or_else(wrong)?;
        if !behind.bytes().all(is_visible) {
            return Err(wrong());
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { port, query, ..Self::new(scheme, &host, path) })
    }
}

/// Reads a host and a port (RFC 3986 §3.2): a name, an address, or one of IPv6 in brackets; an empty port
/// is none.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(bracketed) => {
            let (address, port) = bracketed?;
            (address.parse::<Ipv6Addr>().ok()?.to_string(), port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            let is_host =
                |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
            let is_name = !host.is_empty() && host.bytes().all(is_host);
            (Some(host.to_owned()).filter(|_| is_name)?, port)
        }
    };
    let digits = match port {
        "" => "",
        port => port.strip_prefix(':')?,
    };
    if !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let port = if digits.is_empty() { None } else { Some(digits.parse().ok()?) };
    Some((host, port))
}

/// A reference in the octets of a URL: all others are written in hexadecimal (RFC 3986 §2.1). Space around
/// it is none of it.
fn encoded(reference: &[u8]) -> String {
    let mut text = String::with_capacity(reference.len());
    for octet in reference.trim_ascii() {
        match is_visible(*octet) {
            true => text.push(char::from(*octet)),
            false => text.extend(["%", &HEXUPPER.encode(&[*octet])]),
        }
    }
    text
}

/// A path without the steps `.` and `..` (RFC 3986 §5.2.4).
fn without_dots(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    let mut is_folder = false;
    for step in path.split('/').skip(1) {
        is_folder = matches!(step, "." | "..");
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    let end = if is_folder && !steps.is_empty() { "/" } else { "" };
    format!("/{}{end}", steps.join("/"))
}

/// Whether an octet may stand in a URL.
fn is_visible(octet: u8) -> bool {
    octet.is_ascii_graphic()
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.text(), self.authority())?;
        f.write_str(&self.path)?;
        match &self.query {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            let url = text.parse::<Url>().map(|url| url.to_string());
            assert_eq!(url.ok().as_deref(), expected, "{text}");
        }
        check("https://example.com", Some("https://example.com/"));
        check("HTTP://Example.com:8080?a", Some("http://example.com:8080/?a"));
        check("https://example.com/a/B?c=d#e", Some("https://example.com/a/B?c=d"));
        check("https://example.com:/a", Some("https://example.com/a"));
        check("https://[2001:DB8:0::1]:8443/a", Some("https://[2001:db8::1]:8443/a"));
        check("https://[::ffff:127.0.0.1]", Some("https://[::ffff:127.0.0.1]/"));
        for text in ["", "example.com", "ftp://example.com/", "https:///a", "https://a b/"] {
            check(text, None);
        }
        for text in ["https://a:b/", "https://a:+1/", "https://a:65536/", "https://a/\u{e9}"] {
            check(text, None);
        }
        for text in ["user@a", "2001:db8::1", "[::1", "[::1]a", "[fe80::1%25eth0]", "[127.0.0.1]"] {
            check(&format!("https://{text}/"), None);
        }
    }

    #[test]
    fn a_reference_leads_on_from_where_it_stands() {
        let url: Url = "http://a.test:81/b/c/d?e".parse().unwrap();
        for (reference, expected) in [
            ("f", "http://a.test:81/b/c/f"),
            ("./f/", "http://a.test:81/b/c/f/"),
            ("..", "http://a.test:81/b/"),
            ("../../../f", "http://a.test:81/f"),
            ("/f?g#h", "http://a.test:81/f?g"),
            ("?g", "http://a.test:81/b/c/d?g"),
            ("//f/g", "http://f/g"),
            ("https://f", "https://f/"),
            ("//[2001:db8::1]:82/f", "http://[2001:db8::1]:82/f"),
            ("HTTPS://F.Test:443/G#h", "https://f.test:443/G"),
            ("", "http://a.test:81/b/c/d?e"),
            ("#f", "http://a.test:81/b/c/d?e"),
            ("\u{e9}?\u{fc}", "http://a.test:81/b/c/%C3%A9?%C3%BC"),
            (" /f g%20\t", "http://a.test:81/f%20g%20"),
        ] {
            let joined = url.join(reference).map(|url| url.to_string());
            assert_eq!(joined.as_deref(), Ok(expected), "{reference}");
        }
        for reference in ["mailto:a", "ftp://a/", "//", "http:a", "//\u{e9}", "//user@a/"] {
            assert!(url.join(reference).is_err(), "{reference}");
        }
        // Whatever the letters are: it is the octets that are sent.
        let latin = url.join(b"/\xfc").map(|url| url.to_string());
        assert_eq!(latin.as_deref(), Ok("http://a.test:81/%FC"));
        let literal: Url = "https://[2001:db8::1]:82/a".parse().unwrap();
        let joined = literal.join("b").map(|url| url.to_string());
        assert_eq!(joined.as_deref(), Ok("https://[2001:db8::1]:82/b"));
        assert_eq!(literal.host(), "2001:db8::1");
    }
}
