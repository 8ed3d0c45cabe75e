//! The servers that a run asks: each known once, by one connection and on one set of terms.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::super::manners::{Limits, Manners, Standing};
use super::super::server::Server;
use super::udp::{Datagrams, Letters, OpenSockets};
use super::{Trust, Upstream};
use crate::name::plain_text;
use hickory_proto::rr::Name;

/// The most servers that are known at one time: those that nobody asks at present make room.
const MAX_KNOWN: usize = 4096;

/// The most questions that wait to be asked before no more domains should be begun.
const CROWD: usize = 100;

/// What all that ask in a run share: room for questions in flight, and what is known of each server.
///
/// It is cheap to clone; the clones are one network.
///
/// ```
/// use mailsrv::lookup::resolver::{Limits, Network, Options, Resolver, Server, Trust};
/// use std::time::Duration;
///
/// let network = Network::new(Limits::in_flight(256), &Trust::public());
/// let options = Options { timeout: Duration::from_secs(3), tries: 2 };
/// let server: Server = "192.0.2.53".parse()?;
/// let first = Resolver::among(&network, [server.clone()], options);
/// let second = Resolver::among(&network, [server], options);
/// // However often they are asked, the server gets no more questions a second than one may ask.
/// assert_eq!(network.standings().len(), 1);
/// # Ok::<(), mailsrv::lookup::resolver::ServerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Network(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trust: Trust,
    limits: Limits,
    letters: Letters,
    room: Arc<Semaphore>,
    sockets: OpenSockets,
    queued: Arc<AtomicUsize>,
    /// In the order in which they became known.
    known: Mutex<HashMap<Server, (usize, Arc<Upstream>)>>,
}

impl Network {
    /// Knows nobody yet, and believes the certificates of these authorities.
    pub fn new(limits: Limits, trust: &Trust) -> Self {
        Self::spelling(Letters::Lower, limits, trust)
    }

    /// One like that of [`Self::new`], in which questions are sent in letters of this case.
    pub fn spelling(letters: Letters, limits: Limits, trust: &Trust) -> Self {
        let room = limits.in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            trust: trust.clone(),
            limits,
            letters,
            room: Arc::new(Semaphore::new(room)),
            sockets: OpenSockets::new(room),
            queued: Arc::default(),
            known: Mutex::default(),
        }))
    }

    /// How the servers did so far, in the order in which they were first named.
    pub fn standings(&self) -> Vec<Standing> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known: Vec<_> = known.values().cloned().collect();
        known.sort_by_key(|(order, _)| *order);
        known.into_iter().map(|(_, upstream)| upstream.standing()).collect()
    }

    /// Whether so many questions wait to be asked that more domains would only wait with them.
    pub fn is_crowded(&self) -> bool {
        let rate = self.0.limits.rate.at(None).map_or(CROWD, |rate| rate.get() as usize);
        self.0.queued.load(Ordering::Relaxed) >= rate.min(CROWD)
    }

    /// Whether a server did not respond when it was last asked.
    pub(in crate::lookup) fn is_late(&self, server: &Server) -> bool {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(server).is_some_and(|(_, upstream)| upstream.is_late())
    }

    /// The way to a server. Nobody is connected to: the first question that needs a connection does.
    pub(in crate::lookup) fn upstream(&self, server: &Server) -> Arc<Upstream> {
        let inner = &self.0;
        let mut known = inner.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, upstream)) = known.get(server) {
            return Arc::clone(upstream);
        }
        if known.len() >= MAX_KNOWN {
            known.retain(|_, (_, upstream)| Arc::strong_count(upstream) > 1 || upstream.rests());
        }
        if known.len() >= MAX_KNOWN {
            known.retain(|_, (_, upstream)| Arc::strong_count(upstream) > 1);
        }
        let order = known.values().map(|(order, _)| order + 1).max().unwrap_or_default();
        let address = server.address().map(|address| address.ip());
        let manners = Manners::new(inner.limits, address, Arc::clone(&inner.queued));
        let (room, sockets) = (Arc::clone(&inner.room), inner.sockets.clone());
        let datagrams = |manners| Datagrams::new(sockets, manners, inner.letters);
        let trust = inner.trust.clone();
        let upstream = Upstream::new(server.clone(), trust, manners, room, datagrams);
        let upstream = Arc::new(upstream);
        known.insert(server.clone(), (order, Arc::clone(&upstream)));
        upstream
    }
}

/// Tells whose question it is: the registrable domain, by the Public Suffix List, as a number.
pub(super) fn domain_of(name: &Name) -> u64 {
    let text = plain_text(name).to_ascii_lowercase();
    let mut hasher = DefaultHasher::new();
    psl::domain_str(&text).unwrap_or(&text).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::responder::name;

    #[test]
    fn a_server_is_known_once_and_no_more_than_so_many() {
        let network = Network::new(Limits::in_flight(9), &Trust::public());
        let server =
            |number: usize| -> Server { format!("192.0.2.1:{}", 1000 + number).parse().unwrap() };
        let first = network.upstream(&server(0));
        assert!(Arc::ptr_eq(&first, &network.upstream(&server(0))));
        for number in 1..=2 * MAX_KNOWN {
            network.upstream(&server(number));
        }
        assert!(Arc::ptr_eq(&first, &network.upstream(&server(0))));
        let standings = network.standings();
        assert!(standings.len() <= MAX_KNOWN, "{}", standings.len());
        assert_eq!(standings[0].server, "192.0.2.1:1000");
    }

    #[test]
    fn names_of_one_mail_domain_are_of_one() {
        for (one, other, same) in [
            ("_imaps._tcp.Example.test.", "mail.example.test.", true),
            ("a.example.co.uk.", "b.example.co.uk.", true),
            ("example.co.uk.", "example2.co.uk.", false),
            (".", ".", true),
        ] {
            assert_eq!(domain_of(&name(one)) == domain_of(&name(other)), same, "{one} {other}");
        }
    }
}
