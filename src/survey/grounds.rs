//! What the forecast of a domain stands on beside the zones at hand: pages of the web, and addresses that are
//! others'.
//!
//! Of a domain of which zones say the same but for its first label and the spelling of its addresses, the
//! same is foretold where these are the same, too, but for the name.

use std::collections::HashSet;
use std::net::IpAddr;

use hickory_proto::rr::Name;

use super::wants::Web;
use crate::forecast::Facts;
use crate::name::{MailDomain, parse_text, plain_text};
use crate::page::{Content, Page, Request};
use crate::plan::registrable;

/// The most octets of pages that a forecast may stand on to be that of others, too.
const MOST_OCTETS: usize = 1 << 16;

/// Stands for the name of the domain in a text.
const NAME: u8 = 0;

/// What the forecast of one domain stands on.
#[derive(Debug)]
pub(super) struct Grounds {
    domain: MailDomain,
    /// Its addresses, in the order of its portrait.
    addresses: Box<[IpAddr]>,
    /// The names and addresses that are others'.
    names: Box<[Name]>,
    elsewhere: HashSet<IpAddr>,
    /// What stands before the domain in the names of its own mail exchanges, with the labels of the
    /// registrable domain of each, from which clients derive names.
    exchanges: Vec<(String, u8)>,
    pages: Vec<Ground>,
    octets: usize,
}

/// A request, and what came of it.
#[derive(Debug)]
struct Ground {
    request: Request,
    addresses: Box<[IpAddr]>,
    shape: Shape,
}

/// A page, with the name of the domain left out.
#[derive(Debug, PartialEq)]
struct Shape {
    /// What is not text of whoever wrote the page.
    page: Page,
    location: Option<Box<[u8]>>,
    body: Box<[u8]>,
}

impl Grounds {
    /// What was found out of a domain; None where it may say more of the domain than its name. Of one of
    /// which the web names no host, what its own hosts serve is nothing.
    pub(super) fn of(
        domain: &MailDomain,
        addresses: &[IpAddr],
        is_named: bool,
        facts: &Facts<'_>,
    ) -> Option<Self> {
        let name = domain.as_str();
        let names = facts.names_elsewhere()?;
        for name_elsewhere in &names {
            without(plain_text(name_elsewhere).as_bytes(), name)?;
        }
        let mut pages = Vec::new();
        let mut octets = 0;
        for (request, at, page) in facts.pages() {
            if !is_named && is_at_or_below(request.url.host(), name) {
                continue;
            }
            without(request.url.to_string().as_bytes(), name)?;
            let shape = Shape::of(page, name)?;
            octets += shape.body.len();
            pages.push(Ground { request: request.clone(), addresses: at.into(), shape });
        }
        let (domain, elsewhere) = (domain.clone(), facts.elsewhere());
        let names = names.into_iter().cloned().collect();
        let mut exchanges = Vec::new();
        for exchange in facts.own_exchanges() {
            let text = plain_text(exchange).to_ascii_lowercase();
            let own = text.strip_suffix(name)?.to_owned();
            exchanges.push((own, registrable(exchange).num_labels()));
        }
        let addresses = addresses.into();
        let grounds = Self { domain, addresses, names, elsewhere, exchanges, pages, octets };
        (octets <= MOST_OCTETS).then_some(grounds)
    }

    /// The domain.
    pub(super) fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// How many octets of pages it keeps.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// Whether another domain with the same portrait stands on the same.
    pub(super) async fn hold_for(
        &self,
        domain: &MailDomain,
        addresses: &[IpAddr],
        web: &impl Web,
    ) -> bool {
        // What others say of it, they say of none else.
        if self.names.iter().any(|name| domain.name().zone_of(name)) {
            return false;
        }
        // An address that is others', too, counts as what it is.
        let pairs = || self.addresses.iter().zip(addresses);
        let are_others = |(one, other)| [one, other].iter().any(|it| self.elsewhere.contains(*it));
        if self.addresses.len() != addresses.len()
            || pairs().any(|pair| pair.0 != pair.1 && are_others(pair))
        {
            return false;
        }
        let is_registered_alike = |(own, labels): &(String, u8)| {
            let exchange = parse_text(&format!("{own}{}.", domain.as_str()));
            exchange.is_ok_and(|exchange| registrable(&exchange).num_labels() == *labels)
        };
        if !self.exchanges.iter().all(is_registered_alike) {
            return false;
        }
        for ground in &self.pages {
            let Some(request) = self.renamed(&ground.request, domain) else { return false };
            let of = |address: &IpAddr| {
                let pair = pairs().find(|(one, _)| *one == address);
                pair.map_or(*address, |(_, other)| *other)
            };
            let at: Vec<IpAddr> = ground.addresses.iter().map(of).collect();
            let page = web.fetch(&request, &at).await;
            if Shape::of(&page, domain.as_str()).as_ref() != Some(&ground.shape) {
                return false;
            }
        }
        true
    }

    /// The request that another domain's clients make in the place of one.
    fn renamed(&self, request: &Request, domain: &MailDomain) -> Option<Request> {
        let of = |text: &str| text.replace(self.domain.as_str(), domain.as_str());
        let url = of(&request.url.to_string()).parse().ok()?;
        Some(Request { method: request.method, url, user: request.user.as_deref().map(of) })
    }
}

impl Shape {
    /// None where a page may say more of the domain than its name.
    fn of(page: &Page, name: &str) -> Option<Self> {
        let Ok(content) = &page.content else {
            let (page, location) = (page.clone(), None);
            return Some(Self { page, location, body: Box::default() });
        };
        let body = match unread(&content.body) {
            Some((before, after)) => without(&[before, after].concat(), name)?,
            None => without(&content.body, name)?,
        };
        // DNS may have the digest of every octet of what is JSON (PACC).
        if body.trim_ascii_start().first() == Some(&b'{') && body.contains(&NAME) {
            return None;
        }
        let location = content.location.as_ref().map(ToString::to_string);
        let location = match location {
            Some(location) => Some(without(location.as_bytes(), name)?),
            None => None,
        };
        let rest = Content {
            status: content.status,
            media_type: content.media_type.clone(),
            encoding: content.encoding.clone(),
            hsts: content.hsts,
            fault: content.fault,
            ..Content::default()
        };
        Some(Self { page: Page::of(Ok(rest)), location, body })
    }
}

/// What stands around the short name of a provider in XML, which no client reads, and which may be a part of
/// the name of the domain. What could end the reading stays.
fn unread(body: &[u8]) -> Option<(&[u8], &[u8])> {
    const BEGIN: &[u8] = b"<displayShortName>";
    if body.trim_ascii_start().first() != Some(&b'<') {
        return None;
    }
    let begin = body.windows(BEGIN.len()).position(|it| it == BEGIN)? + BEGIN.len();
    let (before, rest) = body.split_at_checked(begin)?;
    let is_plain = |it: &u8| matches!(it, b' '..=b'~') && !matches!(it, b'<' | b'&' | b'>');
    let end = rest.iter().position(|it| !is_plain(it))?;
    let after = rest.get(end..)?;
    after.starts_with(b"</displayShortName>").then_some((before, after))
}

fn is_at_or_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A text without a name in it; None where the name stands there as a part of another, or may be hidden:
/// in other letters, or behind a reference of XML, an escape of JSON or of a URL.
fn without(text: &[u8], name: &str) -> Option<Box<[u8]>> {
    let is_hidden = |two: &[u8]| {
        matches!(two, [b'&', b'#']) || matches!(two, [b'%', hex] if hex.is_ascii_digit())
    };
    if !text.is_ascii()
        || text.iter().any(|it| matches!(it, &NAME | b'\\'))
        || text.windows(2).any(is_hidden)
    {
        return None;
    }
    let mut left = std::str::from_utf8(text).ok()?;
    let mut out = Vec::with_capacity(text.len());
    let is_of_name = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    while let Some(place) = find(left, name) {
        let (before, rest) = left.split_at_checked(place)?;
        let after = rest.strip_prefix(name)?;
        let is_part = before.as_bytes().last().is_some_and(is_of_name)
            || after.as_bytes().first().is_some_and(|it| is_of_name(it) || *it == b'.');
        if is_part {
            return None;
        }
        out.extend_from_slice(before.as_bytes());
        out.push(NAME);
        left = after;
    }
    out.extend_from_slice(left.as_bytes());
    Some(out.into())
}

/// Where a name stands in a text, in whatever case.
fn find(text: &str, name: &str) -> Option<usize> {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    let first = name.first()?;
    let is_it = |it: &[u8]| {
        it.first().is_some_and(|it| it.eq_ignore_ascii_case(first)) && it.eq_ignore_ascii_case(name)
    };
    text.windows(name.len()).position(is_it)
}
