//! Pages of the web as mail clients fetch them, each once.
//!
//! No redirect is followed here, for each client follows in its own way; no cookie is kept, no
//! compression is asked for, and nobody logs in. A certificate that clients refuse is written down.

mod exchange;
mod stream;

pub(crate) use self::exchange::unfetched;

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use tokio::sync::{OnceCell, Semaphore};

use super::recent::Recent;
use super::{AT_ONE_HOST, Terms};
use crate::page::{Page, Request};

/// The most addresses of a host that are tried: others name them, and each may take its time.
const MOST: usize = 4;

/// How many pages are remembered at most: what clients fetch of one domain is known with it.
const REMEMBERED: usize = 1_000;

/// How many octets of their bodies: many small documents, or some of those that are as large as any.
const REMEMBERED_OCTETS: usize = 32 << 20;

/// What came of a request, once it is known.
type Place = Rc<OnceCell<Page>>;

/// Fetches pages, each once.
#[derive(Debug)]
pub struct Fetcher {
    terms: Terms,
    room: Semaphore,
    hosts: RefCell<Recent<String, Rc<Semaphore>>>,
    /// What is served depends on who is asked, too.
    pages: RefCell<Pages>,
}

/// Pages by what was asked, and of whom.
type Pages = Recent<(Request, Vec<IpAddr>), Place>;

fn no_pages() -> Pages {
    Recent::of(REMEMBERED).bounded(REMEMBERED_OCTETS)
}

impl Fetcher {
    /// Has fetched nothing yet.
    pub fn new(terms: Terms) -> Self {
        let room = Semaphore::new(terms.at_once.clamp(1, Semaphore::MAX_PERMITS));
        let pages = RefCell::new(no_pages());
        Self { terms, room, hosts: RefCell::default(), pages }
    }

    /// Forgets what was fetched: whoever asks again is told what is so then.
    pub fn forget(&self) {
        *self.hosts.borrow_mut() = Recent::default();
        *self.pages.borrow_mut() = no_pages();
    }

    /// What a request comes to at the first of these addresses that answers, IPv6 first, as clients try
    /// them (RFC 6724). Whoever asks the same addresses again gets the same, without another connection.
    pub async fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> Page {
        let key = (request.clone(), addresses.to_vec());
        let place = self.pages.borrow_mut().get(&key, Place::default);
        let fetch = || async {
            let host = request.url.host().to_owned();
            let at_host =
                self.hosts.borrow_mut().get(&host, || Rc::new(Semaphore::new(AT_ONE_HOST)));
            // Neither is ever closed.
            let _at_host = at_host.acquire().await;
            let _room = self.room.acquire().await;
            let of = |is_v6| addresses.iter().filter(move |it| it.is_ipv6() == is_v6).take(MOST);
            let addresses: Vec<IpAddr> = of(true).chain(of(false)).copied().collect();
            let content = exchange::exchange(request, &addresses, &self.terms).await;
            let octets = content.as_ref().map_or(0, |content| content.body.len());
            self.pages.borrow_mut().weigh(&key, octets);
            Page::of(content)
        };
        place.get_or_init(fetch).await.clone()
    }
}
