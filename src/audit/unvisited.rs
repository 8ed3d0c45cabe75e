//! What nothing is known of, because nobody was there.

use std::fmt;

use crate::endpoint::{Endpoint, Unseen};
use crate::page::{Unfetched, Url};

/// What was to be visited, and was not: nothing is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unvisited {
    /// A mail server.
    Server(Endpoint, Unseen),
    /// A page of the web.
    Page(Url, Unfetched),
}

impl Unvisited {
    /// Whether it lies outside the zones at hand.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self, Self::Server(_, Unseen::OutsideZone) | Self::Page(_, Unfetched::OutsideZone))
    }
}

/// Where it is, for people.
impl fmt::Display for Unvisited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(endpoint, _) => endpoint.fmt(f),
            Self::Page(url, _) => url.fmt(f),
        }
    }
}
