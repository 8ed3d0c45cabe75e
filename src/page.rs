//! What the web said to a request: the vocabulary between who fetches and who foretells.
//!
//! As with DNS, what is not there and what nobody could find out are two things.

mod url;

pub use self::url::{Scheme, Url, UrlError};

use std::fmt;
use std::sync::Arc;

/// The most octets of a body that are kept: no document for mail clients comes near.
pub const MAX_BODY: usize = 256 << 10;

/// How often clients go where servers point to.
pub const MAX_REDIRECTS: usize = 5;

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
    /// The time for the mail domain was over.
    Deadline,
    /// The addresses of the host lie outside the zones at hand.
    OutsideZone,
    /// Nobody has asked.
    NotAsked,
}

impl Unfetched {
    /// Every reason.
    pub const ALL: [Self; 17] = [
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
        Self::Deadline,
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
            Self::Guarded
                | Self::NoWay
                | Self::Timeout
                | Self::Deadline
                | Self::OutsideZone
                | Self::NotAsked
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
            Self::Deadline => ("deadline", "the deadline of the domain came first"),
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
