//! Pages fetched from where they are served.

use std::net::IpAddr;

use super::Web;
use crate::lookup::Lookup;
use crate::name::MailDomain;
use crate::page::{Page, Request, Unfetched};
use crate::probe::Fetcher;

impl Web for Fetcher {
    async fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> Page {
        Self::fetch(self, request, addresses).await
    }
}

/// The web as a lookup has it that fetches pages for a mail domain; of one that does not, nothing is
/// known.
#[derive(Debug)]
pub struct Fetching<'a, L> {
    lookup: &'a L,
    domain: &'a MailDomain,
}

impl<'a, L: Lookup> Fetching<'a, L> {
    /// What is served to clients of a mail domain.
    pub fn new(lookup: &'a L, domain: &'a MailDomain) -> Self {
        Self { lookup, domain }
    }
}

impl<L: Lookup> Web for Fetching<'_, L> {
    async fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> Page {
        let page = self.lookup.fetch(self.domain, request, addresses).await;
        page.unwrap_or_else(|| Page::of(Err(Unfetched::NotAsked)))
    }
}
