//! What the web said to a request: the vocabulary between who fetches and who foretells.
//!
//! As with DNS, what is not there and what nobody could find out are two things.

use std::fmt;
use std::sync::Arc;

use crate::service::{HTTP_PORT, HTTPS_PORT};

/// The most octets of a body that are kept: no document for mail clients comes near.
pub const MAX_BODY: usize = 256 << 10;

/// How often clients go where servers point to.
pub const MAX_REDIRECTS: usize = 5;

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

/// How a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// GET (RFC 9110 §9.3.1).
    Get,
    /// POST (RFC 9110 §9.3.3) of an Autodiscover request (MS-OXDSCLI §2.2.3).
    Post,
}

/// What a client asks the web.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// The mail address that it is about, where the client tells: in the query as `emailaddress`, or
    /// in what is posted.
    pub user: Option<String>,
}

impl Request {
    /// Asks for a page.
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, user: None }
    }

    /// Sends an Autodiscover request about a mail address there.
    pub fn post(url: Url, user: &str) -> Self {
        Self { method: Method::Post, url, user: Some(user.to_owned()) }
    }

    /// The same, telling the mail address.
    #[must_use]
    pub fn about(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }
}

/// What came of one request: a page, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What is served there.
    pub content: Result<Content, Unfetched>,
}

impl Page {
    /// A page that stands where it was asked for.
    pub fn of(content: Result<Content, Unfetched>) -> Self {
        Self { content }
    }

    /// A document that is served with the status 200.
    pub fn found(body: impl Into<Arc<[u8]>>) -> Self {
        Self::of(Ok(Content { status: 200, body: body.into(), ..Content::default() }))
    }

    /// A server that has nothing there.
    pub fn missing() -> Self {
        Self::of(Ok(Content { status: 404, ..Content::default() }))
    }

    /// What is asked next, where the server points elsewhere.
    ///
    /// What was posted is posted again for two statuses alone (RFC 9110 §15.4), and what was said in the
    /// query is in the address that is pointed to, or meant to be left out.
    pub fn leads_to(&self, request: &Request) -> Option<Request> {
        let content = self.content.as_ref().ok()?;
        let to = content.location.as_ref().filter(|_| (300..400).contains(&content.status))?;
        let is_again = matches!(content.status, 307 | 308) && request.method == Method::Post;
        let get = Request::get(to.clone());
        Some(match is_again {
            true => Request { method: Method::Post, user: request.user.clone(), ..get },
            false => get,
        })
    }

    /// A server that points to another address (RFC 9110 §15.4.3).
    pub fn redirect(location: Url) -> Self {
        Self::of(Ok(Content { status: 302, location: Some(location), ..Content::default() }))
    }
}

/// A request with where servers pointed to, and what came of it in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What was asked first.
    pub request: Request,
    /// Where servers pointed to, one after the other.
    pub hops: Vec<Url>,
    /// What stands at the end.
    pub page: Page,
}

impl Fetched {
    /// Why nothing is known of the page, where the reason is none of the server's.
    pub fn why_open(&self) -> Option<Unfetched> {
        let why = *self.page.content.as_ref().err()?;
        (!why.is_known() && why != Unfetched::Timeout).then_some(why)
    }

    /// Where the page stands.
    pub fn url(&self) -> &Url {
        self.hops.last().unwrap_or(&self.request.url)
    }
}

/// What a web server said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// The status (RFC 9110 §15).
    pub status: u16,
    /// The media type, as it was said (RFC 9110 §8.3); None where nobody knows.
    pub media_type: Option<String>,
    /// The coding of the body, such as `gzip`, where one was said (RFC 9110 §8.4).
    pub encoding: Option<String>,
    /// For how long browsers go to this host by HTTPS alone (RFC 6797).
    pub hsts: Option<Hsts>,
    /// Where it points to, with a status of 300 or more; nobody has gone there.
    pub location: Option<Url>,
    /// What strict clients refuse it for, whatever it says.
    pub fault: Option<Unfetched>,
    /// The octets as they were sent, [`MAX_BODY`] at most.
    pub body: Arc<[u8]>,
}

/// What a host says of those who come again: only by HTTPS (RFC 6797 §6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hsts {
    /// For how many seconds; 0 takes back what was said before.
    pub max_age: u64,
    /// Whether that holds for the names below, too.
    pub include_subdomains: bool,
}

impl Hsts {
    /// Reads the field `Strict-Transport-Security`; None where it says no time.
    ///
    /// ```
    /// use mailsrv::page::Hsts;
    ///
    /// let hsts = Hsts::read("max-age=\"31536000\"; includeSubDomains; preload");
    /// assert_eq!(hsts, Some(Hsts { max_age: 31_536_000, include_subdomains: true }));
    /// assert_eq!(Hsts::read("includeSubDomains"), None);
    /// ```
    pub fn read(text: &str) -> Option<Self> {
        let directives = || text.split(';').map(str::trim);
        let max_age = directives().find_map(|it| {
            let (name, value) = it.split_once('=')?;
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("max-age").then(|| value.parse().ok())?
        })?;
        let include_subdomains =
            directives().any(|it| it.eq_ignore_ascii_case("includeSubDomains"));
        Some(Self { max_age, include_subdomains })
    }
}

/// Why nothing was served.
///
/// [`Unfetched::is_known`] tells what is so from what could not be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unfetched {
    /// The host has no address.
    NoHost,
    /// Nobody answers at the port.
    Refused,
    /// The certificate is not for the host that was asked.
    Certificate,
    /// The certificate is signed by no authority that is trusted.
    Untrusted,
    /// The certificate is not valid at this time.
    Expired,
    /// TLS does not begin with what answers.
    NoTls,
    /// What answers speaks no version of TLS from 1.2 on (RFC 8996).
    OldTls,
    /// What answers does not speak HTTP, or breaks off.
    NoHttp,
    /// There is more than [`MAX_BODY`].
    TooLarge,
    /// Redirected more often than clients follow, or to no address on the web.
    Redirects,
    /// It points from HTTPS to HTTP, where nobody is followed.
    Downgrade,
    /// The address is private or of this machine, and may not be connected to unless that is asked for.
    Guarded,
    /// This machine cannot connect there: it has no address of that family, or no descriptor left.
    NoWay,
    /// Nobody answered in time.
    Timeout,
    /// The addresses of the host lie outside the zones at hand.
    OutsideZone,
    /// Nobody has asked.
    NotAsked,
}

impl Unfetched {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::NoHost,
        Self::Refused,
        Self::Certificate,
        Self::Untrusted,
        Self::Expired,
        Self::NoTls,
        Self::OldTls,
        Self::NoHttp,
        Self::TooLarge,
        Self::Redirects,
        Self::Downgrade,
        Self::Guarded,
        Self::NoWay,
        Self::Timeout,
        Self::OutsideZone,
        Self::NotAsked,
    ];

    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        self.told().0
    }

    /// The reason that a word is for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    /// Whether clients would fare alike; else nobody knows.
    pub const fn is_known(self) -> bool {
        !matches!(
            self,
            Self::Guarded | Self::NoWay | Self::Timeout | Self::OutsideZone | Self::NotAsked
        )
    }

    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::NoHost => ("no-address", "the host has no address"),
            Self::Refused => ("refused", "nobody answers there"),
            Self::Certificate => ("certificate", "the certificate is not for that host"),
            Self::Untrusted => ("untrusted", "the certificate is not trusted"),
            Self::Expired => ("expired", "the certificate is not valid at this time"),
            Self::NoTls => ("no-tls", "TLS does not begin there"),
            Self::OldTls => ("old-tls", "what answers there speaks neither TLS 1.2 nor 1.3"),
            Self::NoHttp => ("no-http", "what answers there does not speak HTTP, or breaks off"),
            Self::TooLarge => ("too-large", "what is served there is larger than any document"),
            Self::Redirects => ("redirects", "it redirects to no end, or to no address on the web"),
            Self::Downgrade => ("downgrade", "it points from HTTPS to HTTP"),
            Self::Guarded => ("guarded", "the address is private, and was not connected to"),
            Self::NoWay => ("no-way", "this machine cannot connect there"),
            Self::Timeout => ("timeout", "no answer in time"),
            Self::OutsideZone => {
                ("outside-zone", "the addresses of the host lie outside the zones at hand")
            }
            Self::NotAsked => ("not-asked", "the web was not asked"),
        }
    }
}

impl fmt::Display for Unfetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.told().1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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

    #[test]
    fn what_was_posted_is_posted_again_for_two_statuses_alone() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let to = url("https://b.test/");
        let posted = Request::post(url("https://a.test/"), "user@a.test");
        let leads = |status, request: &Request| {
            let content = Content { status, location: Some(to.clone()), ..Content::default() };
            Page::of(Ok(content)).leads_to(request)
        };
        for (status, expected) in [
            (302, Some(Request::get(to.clone()))),
            (307, Some(Request::post(to.clone(), "user@a.test"))),
            (308, Some(Request::post(to.clone(), "user@a.test"))),
            (200, None),
            (401, None),
        ] {
            assert_eq!(leads(status, &posted), expected, "{status}");
        }
        // What the query said stands in the address that is pointed to.
        let asked = Request::get(url("https://a.test/")).about("user@a.test");
        assert_eq!(leads(307, &asked), Some(Request::get(to.clone())));
    }

    #[test]
    fn every_reason_has_words_of_its_own() {
        let words: BTreeSet<_> =
            Unfetched::ALL.iter().map(|it| (it.code(), it.to_string())).collect();
        assert_eq!(words.len(), Unfetched::ALL.len());
    }

    #[test]
    fn what_a_host_says_of_https_is_read() {
        let hsts = |max_age, include_subdomains| Some(Hsts { max_age, include_subdomains });
        for (text, expected) in [
            ("max-age=0", hsts(0, false)),
            ("MAX-AGE = 60 ;includesubdomains", hsts(60, true)),
            ("includeSubDomains; max-age=\"5\"", hsts(5, true)),
            ("max-age=-1", None),
            ("max-age", None),
            ("", None),
        ] {
            assert_eq!(Hsts::read(text), expected, "{text}");
        }
    }
}
