//! The servers that a run asks: each known once, by one connection and on one set of terms.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
/// It is cheap to clone; the clones are one network. Sockets and connections belong to the thread that
/// opened them: another one that asks in the same run has a network of its own beside it
/// ([`Self::beside`]), by which every server is asked on the same terms.
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
    run: Arc<Run>,
    sockets: OpenSockets,
    /// How many questions of this thread stand in the queues of all servers.
    queued: Arc<AtomicUsize>,
    known: Mutex<HashMap<Server, Arc<Upstream>>>,
    /// Counts the thread, where it is one of several.
    _thread: Option<Thread>,
}

/// What the threads of a run share.
#[derive(Debug)]
struct Run {
    trust: Trust,
    limits: Limits,
    letters: Letters,
    room: Arc<Semaphore>,
    threads: Arc<AtomicUsize>,
    /// The terms that servers are asked on, in the order in which they became known.
    terms: Mutex<HashMap<Server, (usize, Arc<Manners>)>>,
}

/// One of several threads that ask, as long as it does.
#[derive(Debug)]
struct Thread(Arc<AtomicUsize>);

impl Thread {
    fn of(threads: &Arc<AtomicUsize>) -> Self {
        threads.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(threads))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What of the room at a server is for each of the threads that ask: whoever is quick to ask would
/// leave nothing to the others, and they nothing to do.
#[derive(Debug)]
pub(super) struct Share {
    threads: Arc<AtomicUsize>,
    /// What there is room for.
    all: usize,
    /// How many questions of the thread stand in queues.
    pub(super) queued: Arc<AtomicUsize>,
}

impl Share {
    /// How many questions each thread has in flight at the server at most, where there are several.
    pub(super) fn of_room(&self) -> Option<usize> {
        let threads = self.threads.load(Ordering::Relaxed);
        (threads > 1).then(|| self.all.div_ceil(threads).max(1))
    }

    /// How many questions of the thread stand in queues.
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }
}

impl Network {
    /// Knows nobody yet, and believes the certificates of these authorities.
    pub fn new(limits: Limits, trust: &Trust) -> Self {
        Self::spelling(Letters::Lower, limits, trust)
    }

    /// One like that of [`Self::new`], in which questions are sent in letters of this case.
    pub fn spelling(letters: Letters, limits: Limits, trust: &Trust) -> Self {
        let room = limits.in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let run = Run {
            trust: trust.clone(),
            limits,
            letters,
            room: Arc::new(Semaphore::new(room)),
            threads: Arc::default(),
            terms: Mutex::default(),
        };
        Self::of(Arc::new(run), OpenSockets::new(room), None)
    }

    /// The network of one more thread that asks in the same run, by a runtime of its own: the servers
    /// are asked no more and no faster by all of them than by one, and what one thread finds out about
    /// a server holds for all.
    #[must_use]
    pub fn beside(&self) -> Self {
        let run = Arc::clone(&self.0.run);
        let thread = Thread::of(&run.threads);
        Self::of(run, self.0.sockets.beside(), Some(thread))
    }

    fn of(run: Arc<Run>, sockets: OpenSockets, thread: Option<Thread>) -> Self {
        let (queued, known) = (Arc::default(), Mutex::default());
        Self(Arc::new(Inner { run, sockets, queued, known, _thread: thread }))
    }

    /// How the servers did so far in the run, in the order in which they were first named.
    pub fn standings(&self) -> Vec<Standing> {
        let terms = self.0.run.terms();
        let mut known: Vec<_> =
            terms.iter().map(|(server, (order, manners))| (*order, server, manners)).collect();
        known.sort_by_key(|(order, ..)| *order);
        known.into_iter().map(|(_, server, manners)| manners.standing(server.to_string())).collect()
    }

    /// Whether so many questions of this thread wait to be asked that more domains would only wait with
    /// them. Those of others do not count: nobody here would be told when they wait no longer.
    pub fn is_crowded(&self) -> bool {
        let Inner { run, queued, .. } = &*self.0;
        let rate = run.limits.rate.at(None).map_or(CROWD, |rate| rate.get() as usize);
        let threads = run.threads.load(Ordering::Relaxed).max(1);
        queued.load(Ordering::Relaxed) >= rate.min(CROWD).div_ceil(threads)
    }

    /// How many questions a second a server is asked at most.
    pub(in crate::lookup) fn rate_of(&self, server: &Server) -> Option<NonZeroU32> {
        self.0.run.limits.rate.at(server.address().map(|address| address.ip()))
    }

    /// Whether a server did not respond when it was last asked.
    pub(in crate::lookup) fn is_late(&self, server: &Server) -> bool {
        self.0.run.terms().get(server).is_some_and(|(_, manners)| manners.why().is_some())
    }

    /// The way to a server. Nobody is connected to: the first question that needs a connection does.
    pub(in crate::lookup) fn upstream(&self, server: &Server) -> Arc<Upstream> {
        let Inner { run, sockets, queued, known, .. } = &*self.0;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(upstream) = known.get(server) {
            return Arc::clone(upstream);
        }
        if known.len() >= MAX_KNOWN {
            known.retain(|_, upstream| Arc::strong_count(upstream) > 1);
        }
        let manners = run.manners(server);
        let datagrams = Datagrams::new(sockets.clone(), Arc::clone(&manners), run.letters);
        let (threads, all) = (Arc::clone(&run.threads), run.limits.at_one());
        let share = Share { threads, all, queued: Arc::clone(queued) };
        let room = (Arc::clone(&run.room), share);
        let upstream = Upstream::new(server.clone(), run.trust.clone(), manners, room, datagrams);
        let upstream = Arc::new(upstream);
        known.insert(server.clone(), Arc::clone(&upstream));
        upstream
    }
}

impl Run {
    /// The terms that a server is asked on.
    fn manners(&self, server: &Server) -> Arc<Manners> {
        let mut terms = self.terms();
        if let Some((_, manners)) = terms.get(server) {
            return Arc::clone(manners);
        }
        let is_asked = |manners: &Arc<Manners>| Arc::strong_count(manners) > 1;
        if terms.len() >= MAX_KNOWN {
            terms.retain(|_, (_, manners)| is_asked(manners) || manners.rests());
        }
        if terms.len() >= MAX_KNOWN {
            terms.retain(|_, (_, manners)| is_asked(manners));
        }
        let order = terms.values().map(|(order, _)| order + 1).max().unwrap_or_default();
        let address = server.address().map(|address| address.ip());
        let manners = Arc::new(Manners::new(self.limits, address));
        terms.insert(server.clone(), (order, Arc::clone(&manners)));
        manners
    }

    fn terms(&self) -> MutexGuard<'_, HashMap<Server, (usize, Arc<Manners>)>> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
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
    use std::time::Duration;

    use tokio::time::Instant;

    use super::super::super::manners::{Admission, Queued, Rate, Said};
    use super::*;
    use crate::answer::Failure;
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

    /// The network of a run, and those of two threads in it.
    fn run(limits: Limits) -> (Network, [Network; 2]) {
        let network = Network::new(limits, &Trust::public());
        let threads = [network.beside(), network.beside()];
        (network, threads)
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_is_asked_at_its_rate_by_however_many_threads() {
        let rate = Rate::PerSecond(NonZeroU32::new(50).unwrap());
        let (network, threads) = run(Limits { rate, ..Limits::in_flight(256) });
        let server: Server = "192.0.2.1".parse().unwrap();
        let begun = Instant::now();
        let mut left = 0;
        while begun.elapsed() < Duration::from_secs(2) {
            for thread in &threads {
                let now = Instant::now().into_std();
                let leave = thread.upstream(&server).manners.leave_at_once(now);
                if let Admission::Go(leave) = leave {
                    leave.end(Said::Answered, None);
                    left += 1;
                }
            }
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!((95..=106).contains(&left), "{left}");
        let standings = network.standings();
        assert_eq!((standings.len(), standings[0].asked), (1, left));
    }

    #[test]
    fn what_one_thread_finds_out_about_a_server_holds_for_all() {
        let (_, [first, second]) = run(Limits::in_flight(256));
        let server: Server = "192.0.2.1".parse().unwrap();
        let [first_way, second_way] = [&first, &second].map(|thread| thread.upstream(&server));
        assert!(!Arc::ptr_eq(&first_way, &second_way), "each has sockets of its own");
        assert!(!second.is_late(&server));
        while !second_way.rests() {
            let now = Instant::now().into_std();
            let Admission::Go(leave) = first_way.manners.leave_at_once(now) else { panic!() };
            leave.end(Said::Lost(Failure::Timeout), None);
        }
        assert!(second.is_late(&server));
    }

    #[test]
    fn what_waits_in_another_thread_keeps_none_from_beginning_more() {
        let (_, [first, second]) = run(Limits::in_flight(256));
        let queued = || Queued::behind(&first.0.queued);
        let _half: Vec<_> = (0..CROWD / 2).map(|_| queued()).collect();
        assert_eq!([&first, &second].map(Network::is_crowded), [true, false]);
        drop(second);
        assert!(!first.is_crowded(), "alone it has all the room");
    }

    #[test]
    fn threads_share_what_there_is_room_for_as_long_as_there_are_several() {
        let (network, [first, second]) = run(Limits::in_flight(9));
        let upstream = network.upstream(&"192.0.2.1".parse().unwrap());
        assert_eq!(upstream.share.of_room(), Some(5));
        drop(second);
        assert_eq!(upstream.share.of_room(), None);
        let more: Vec<_> = (0..20).map(|_| first.beside()).collect();
        assert_eq!(upstream.share.of_room(), Some(1));
        drop((first, more));
        assert_eq!(upstream.share.of_room(), None);
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
