//! Connections to mail servers, to see what a client would see there.
//!
//! Nobody logs in, and no mail is sent. An endpoint is visited once a run, however many mail domains
//! share it, and one host by few connections at a time. What is private is not connected to unless that
//! is asked for: the targets are named by DNS, which others write.

mod guard;
mod speech;
mod tls;
mod visit;
mod wire;

pub use crate::trust::{Trust, TrustError};

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore};

use crate::endpoint::{Endpoint, Sighting};

/// How many connections one host gets at a time.
const AT_ONE_HOST: usize = 2;

/// How a server is visited.
#[derive(Debug, Clone)]
pub struct Terms {
    /// How long a connection, a handshake and each answer may take.
    pub timeout: Duration,
    /// Whether addresses of this machine and of private networks may be connected to, too.
    pub allow_private: bool,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// What time it is, in seconds since 1970.
    pub now: u64,
    /// How many connections there are at a time at most; 0 counts as 1.
    pub at_once: usize,
}

/// Visits endpoints, each once.
#[derive(Debug)]
pub struct Prober {
    terms: Terms,
    room: Semaphore,
    hosts: RefCell<HashMap<String, Rc<Semaphore>>>,
    seen: RefCell<HashMap<Endpoint, Rc<OnceCell<Rc<Sighting>>>>>,
}

impl Prober {
    /// Has visited nobody yet.
    pub fn new(terms: Terms) -> Self {
        let room = Semaphore::new(terms.at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { terms, room, hosts: RefCell::default(), seen: RefCell::default() }
    }

    /// What an endpoint shows at the first of its host's addresses that answers. Whoever asks again gets
    /// the same, without another connection.
    pub async fn visit(&self, endpoint: &Endpoint, addresses: &[IpAddr]) -> Rc<Sighting> {
        let place = Rc::clone(self.seen.borrow_mut().entry(endpoint.clone()).or_default());
        let visit = || async {
            let host = self.host(&endpoint.host);
            // Neither is ever closed.
            let _at_host = host.acquire().await;
            let _room = self.room.acquire().await;
            Rc::new(visit::visit(endpoint, addresses, &self.terms).await)
        };
        Rc::clone(place.get_or_init(visit).await)
    }

    fn host(&self, host: &str) -> Rc<Semaphore> {
        let mut hosts = self.hosts.borrow_mut();
        let new = || Rc::new(Semaphore::new(AT_ONE_HOST));
        Rc::clone(hosts.entry(host.to_owned()).or_insert_with(new))
    }
}
