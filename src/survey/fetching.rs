//! Pages fetched from where they are served.

use std::net::IpAddr;

use super::Web;
use crate::page::{Page, Request};
use crate::probe::Fetcher;

impl Web for Fetcher {
    async fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> Page {
        Self::fetch(self, request, addresses).await
    }
}
