//! What the web serves to clients that are foretold.

use std::net::IpAddr;

use super::web_folder::WebFolder;
use crate::forecast::Reach;
use crate::lookup::Lookup;
use crate::name::MailDomain;
use crate::page::{Page, Request};
use crate::survey::{Fetching, NoWeb, Web};

/// Where pages of the web come from.
#[derive(Debug)]
pub(super) enum Sites {
    /// From a folder.
    Folder(WebFolder),
    /// From whoever visits servers, or a recording of that.
    Fetched,
    /// From nowhere: what depends on them is unknown.
    Unknown,
}

impl Sites {
    /// Those of a folder, where there is one, else those that are fetched, where that is asked for.
    pub(super) fn of(folder: Option<WebFolder>, are_fetched: bool) -> Self {
        match folder {
            Some(folder) => Self::Folder(folder),
            None if are_fetched => Self::Fetched,
            None => Self::Unknown,
        }
    }

    /// The pages as clients of a mail domain have them.
    pub(super) fn of_domain<'a, L: Lookup>(
        &'a self,
        lookup: &'a L,
        domain: &'a MailDomain,
    ) -> Pages<'a, L> {
        match self {
            Self::Folder(folder) => Pages::Folder(folder),
            Self::Fetched => Pages::Fetched(Fetching::new(lookup, domain)),
            Self::Unknown => Pages::Unknown,
        }
    }
}

/// The pages of one mail domain.
#[derive(Debug)]
pub(super) enum Pages<'a, L> {
    Folder(&'a WebFolder),
    Fetched(Fetching<'a, L>),
    Unknown,
}

impl<L: Lookup> Web for Pages<'_, L> {
    async fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> Page {
        match self {
            Self::Folder(folder) => folder.fetch(request, addresses).await,
            Self::Fetched(web) => web.fetch(request, addresses).await,
            Self::Unknown => NoWeb.fetch(request, addresses).await,
        }
    }

    fn reach(&self) -> Option<&Reach> {
        match self {
            Self::Folder(folder) => folder.reach(),
            Self::Fetched(_) | Self::Unknown => None,
        }
    }

    fn names(&self, domain: &MailDomain) -> bool {
        match self {
            Self::Folder(folder) => folder.names(domain),
            Self::Fetched(web) => web.names(domain),
            Self::Unknown => NoWeb.names(domain),
        }
    }
}
