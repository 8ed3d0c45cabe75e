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
use std::hash::Hash;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore};

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

/// How many endpoints, and hosts, are remembered at most, and half as many at least: hosts that many mail
/// domains share are few, and those of one domain each need no memory.
const REMEMBERED: usize = 20_000;

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

/// What was asked for last, by its key: that is young since half of the room was full, and else old.
#[derive(Debug)]
struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    /// What is known by this key, made where nothing is.
    fn get(&mut self, key: &K, new: impl FnOnce() -> V) -> V {
        if let Some(known) = self.young.get(key) {
            return known.clone();
        }
        let value = self.old.remove(key).unwrap_or_else(new);
        if self.young.len() >= REMEMBERED / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.clone(), value.clone());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_last_is_remembered_and_the_rest_forgotten() {
        let mut recent = Recent::default();
        let known = |recent: &mut Recent<usize, usize>, key| recent.get(&key, || key) == key;
        for key in 0..REMEMBERED / 2 {
            assert!(known(&mut recent, key));
        }
        // What is used again stays.
        for key in REMEMBERED / 2..2 * REMEMBERED {
            assert!(known(&mut recent, key));
            assert_eq!(recent.get(&0, || 99), 0, "{key}");
            assert!(recent.young.len() + recent.old.len() <= REMEMBERED);
        }
        assert_eq!(recent.get(&1, || 99), 99);
    }
}
