//! Addresses on the web, as they are written and as they lead on.

use std::fmt;

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

    /// The host in lower case.
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

    /// The address that a reference leads to from here (RFC 3986 §5.2).
    ///
    /// ```
    /// use mailsrv::page::Url;
    ///
    /// let url: Url = "https://example.com/a/b?c".parse()?;
    /// assert_eq!(url.join("../d")?.to_string(), "https://example.com/d");
    /// assert_eq!(url.join("//example.net")?.to_string(), "https://example.net/");
    /// # Ok::<(), mailsrv::page::UrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It leads to no address on the web.
    pub fn join(&self, reference: &str) -> Result<Self, UrlError> {
        let reference = reference.split('#').next().unwrap_or_default();
        let begin = reference.find([':', '/', '?']).and_then(|at| reference.get(at..));
        if begin.is_some_and(|it| it.starts_with(':')) {
            return reference.parse();
        }
        let scheme = self.scheme.text();
        if reference.starts_with("//") {
            return format!("{scheme}:{reference}").parse();
        }
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        let (path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (reference, String::new()),
        };
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = match path {
            "" => self.path.clone(),
            whole if whole.starts_with('/') => without_dots(whole),
            part => without_dots(&format!("{folder}/{part}")),
        };
        format!("{scheme}://{}{port}{path}{query}", self.host).parse()
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
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_error| wrong())?)),
            None => (authority, None),
        };
        let is_host =
            |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
        if host.is_empty() || !host.bytes().all(is_host) || !behind.bytes().all(is_visible) {
            return Err(wrong());
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { port, query, ..Self::new(scheme, host, path) })
    }
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
        write!(f, "{}://{}", self.scheme.text(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
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
        for text in ["", "example.com", "ftp://example.com/", "https:///a", "https://a b/"] {
            check(text, None);
        }
        for text in ["https://a:b/", "https://user@a/", "https://a/\u{e9}"] {
            check(text, None);
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
        ] {
            let joined = url.join(reference).map(|url| url.to_string());
            assert_eq!(joined.as_deref(), Ok(expected), "{reference}");
        }
        for reference in ["mailto:a", "ftp://a/", "//", "http:a", "\u{e9}", "a b"] {
            assert!(url.join(reference).is_err(), "{reference}");
        }
    }
}
