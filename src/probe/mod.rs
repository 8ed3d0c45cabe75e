//! Connections to mail servers, to see what a client would see there.
//!
//! Nobody logs in, and no mail is sent. An endpoint is visited once a run, however many mail domains
//! share it, and one host by few connections at a time. What is private is not connected to unless that
//! is asked for: the targets are named by DNS, which others write.

mod connect;
mod fetch;
mod guard;
mod recent;
mod speech;
mod tls;
mod visit;
mod wire;

pub use self::fetch::Fetcher;
pub(crate) use self::fetch::unfetched;
pub use crate::trust::{Trust, TrustError};

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore};

use self::recent::Recent;
use crate::endpoint::{Endpoint, Sighting, Unseen};

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

/// What is known of an endpoint, once it is.
type Place = Rc<OnceCell<Arc<Sighting>>>;

/// What is known of the addresses of a host, once it is.
type Addresses = Rc<OnceCell<Result<Vec<IpAddr>, Unseen>>>;

/// A host: its addresses, and room for connections.
#[derive(Debug, Clone)]
struct Host {
    addresses: Addresses,
    room: Rc<Semaphore>,
}

/// Visits endpoints, each once.
#[derive(Debug)]
pub struct Prober {
    terms: Terms,
    room: Semaphore,
    hosts: RefCell<Recent<String, Host>>,
    seen: RefCell<Recent<Endpoint, Place>>,
}

impl Prober {
    /// Has visited nobody yet.
    pub fn new(terms: Terms) -> Self {
        let room = Semaphore::new(terms.at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { terms, room, hosts: RefCell::default(), seen: RefCell::default() }
    }

    /// What an endpoint shows at the first of its host's addresses that answers; `addresses` looks them
    /// up, once a host. Whoever asks again gets the same, without another connection.
    pub async fn visit<F: Future<Output = Result<Vec<IpAddr>, Unseen>>>(
        &self,
        endpoint: &Endpoint,
        addresses: impl FnOnce() -> F,
    ) -> Arc<Sighting> {
        let place = self.seen.borrow_mut().get(endpoint, Place::default);
        let visit = || async {
            let host = self.host(&endpoint.host);
            // Neither is ever closed.
            let _at_host = host.room.acquire().await;
            let _room = self.room.acquire().await;
            Arc::new(match host.addresses.get_or_init(addresses).await {
                Ok(addresses) => visit::visit(endpoint, addresses, &self.terms).await,
                Err(why) => {
                    let (endpoint, at) = (endpoint.clone(), self.terms.now);
                    Sighting { endpoint, address: None, at, seen: Err(*why) }
                }
            })
        };
        Arc::clone(place.get_or_init(visit).await)
    }

    /// Forgets what was seen: whoever asks again is told what is so then.
    pub fn forget(&self) {
        *self.hosts.borrow_mut() = Recent::default();
        *self.seen.borrow_mut() = Recent::default();
    }

    fn host(&self, host: &str) -> Host {
        let new =
            || Host { addresses: Addresses::default(), room: Rc::new(Semaphore::new(AT_ONE_HOST)) };
        self.hosts.borrow_mut().get(&host.to_owned(), new)
    }
}
