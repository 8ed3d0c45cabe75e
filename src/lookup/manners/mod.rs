//! Manners: how much each server is asked, and when.
//!
//! All questions to a server pass one [`Manners`], whoever asks them, in whichever thread. It holds them back to a rate
//! ([`pace`]), to as many at one time as the server bears ([`window`]), and from a server that is not
//! there ([`health`]); and it tells a server that fails at everything from broken zones ([`doubt`]).
//! What is known of a server are its [`terms`], a state machine without a clock; the waiting is here.

mod doubt;
mod health;
mod pace;
mod terms;
mod window;

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use self::pace::Pace;
pub use self::pace::{Rate, RateError, USUAL_RATE};
pub(super) use self::terms::Admission;
pub(super) use self::terms::Said;
use self::terms::{Terms, Ticket};
use crate::answer::Failure;

/// How many questions are on their way to one server at one time at most, where nothing else is said.
///
/// Well below the 150 from which on dnsmasq refuses (its `dns-forward-max`), and as many as HTTP/2
/// servers allow at least (RFC 9113 §6.5.2). With answers in a millisecond it is 100,000 a second.
pub const USUAL_WINDOW: usize = 100;

/// How soon it is looked again whether a question may leave that comes behind those in the queue.
const BEHIND: Duration = Duration::from_millis(20);

/// How much servers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many questions are in flight at most, at all servers together; 0 counts as 1. Each server
    /// takes file descriptors, and one that the system refuses makes its question fail:
    /// [`room`](super::resolver::room) says for how many there are enough.
    pub in_flight: usize,
    /// How many are in flight at one server at most; it may bear less. 0 counts as 1.
    pub at_each: usize,
    /// How many questions a second each server is asked at most.
    pub rate: Rate,
}

impl Limits {
    /// So many in flight, and [`USUAL_WINDOW`] at each server, at the usual rate.
    pub fn in_flight(in_flight: usize) -> Self {
        Self { in_flight, at_each: USUAL_WINDOW, rate: Rate::Usual }
    }

    /// How many are in flight at one server at most, however many it bears.
    pub(super) fn at_one(&self) -> usize {
        self.at_each.min(self.in_flight)
    }
}

/// How a server did so far.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// The server.
    pub server: String,
    /// How many questions it was asked, those that were asked again counted each time.
    pub asked: u64,
    /// How many of them got no response.
    pub unanswered: u64,
    /// How many of them it refused.
    pub refused: u64,
    /// Whether it is not asked at present, because it did not respond.
    pub rests: bool,
    /// Whether it takes more than a second to respond.
    pub is_slow: bool,
    /// Why the last question got no response, if none was answered since.
    pub why: Option<Failure>,
}

/// All that is known of one server, and the queue before it.
pub(super) struct Manners {
    terms: Mutex<Terms>,
    /// The first in the queue has it.
    turn: tokio::sync::Mutex<()>,
    /// How many stand in the queue.
    in_line: AtomicUsize,
    /// A question came back.
    came_back: Notify,
    /// The server rests no longer, or not as before.
    stirred: Notify,
    is_paced: bool,
}

impl fmt::Debug for Manners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manners").field("terms", &self.terms).finish_non_exhaustive()
    }
}

/// The server rests: nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rests;

impl Manners {
    /// Nothing is known of a server at this address yet.
    pub(super) fn new(limits: Limits, address: Option<IpAddr>) -> Self {
        let rate = limits.rate.at(address);
        let pace = Pace::new(rate);
        let seed = RandomState::new().build_hasher().finish();
        Self {
            terms: Mutex::new(Terms::new(limits, pace, seed)),
            turn: tokio::sync::Mutex::default(),
            in_line: AtomicUsize::new(0),
            came_back: Notify::new(),
            stirred: Notify::new(),
            is_paced: rate.is_some(),
        }
    }

    /// Waits until a question may leave: first come, first served.
    pub(super) async fn leave(self: &Arc<Self>) -> Result<Leave, Rests> {
        let _in_line = Queued::behind(&self.in_line);
        let _turn = self.turn.lock().await;
        self.leave_first().await
    }

    /// Waits until a question may leave that has stood in the queue before.
    pub(super) async fn leave_again(self: &Arc<Self>) -> Result<Leave, Rests> {
        self.leave_first().await
    }

    async fn leave_first(self: &Arc<Self>) -> Result<Leave, Rests> {
        // Most often there is room, and nobody need be told when there will be.
        match self.leave_now(now()) {
            Admission::Go(leave) => return Ok(leave),
            Admission::Rests => return Err(Rests),
            Admission::Wait(_) => {}
        }
        loop {
            let mut came_back = pin!(self.came_back.notified());
            came_back.as_mut().enable();
            match self.leave_now(now()) {
                Admission::Go(leave) => return Ok(leave),
                Admission::Rests => return Err(Rests),
                Admission::Wait(then) => {
                    let _whichever = tokio::time::timeout_at(then.into(), came_back).await;
                }
            }
        }
    }

    /// Lets a question leave that does not stand in the queue, if none does and the server is well.
    pub(super) fn leave_at_once(self: &Arc<Self>, now: Instant) -> Admission<Leave> {
        // Whoever has the turn waits for the same.
        if self.in_line.load(Ordering::Relaxed) > 0 {
            return Admission::Wait(now + BEHIND);
        }
        if self.terms().is_doubtful(now) {
            return Admission::Rests;
        }
        self.leave_now(now)
    }

    /// Lets a question leave if it may, or says when to look again.
    fn leave_now(self: &Arc<Self>, now: Instant) -> Admission<Leave> {
        match self.terms().admit(now) {
            Admission::Go(ticket) => {
                Admission::Go(Leave { manners: Arc::clone(self), ticket, ended: false })
            }
            Admission::Rests => Admission::Rests,
            Admission::Wait(then) => Admission::Wait(then),
        }
    }

    /// Waits until the server may be asked again.
    pub(super) async fn awake(&self) {
        loop {
            let mut stirred = pin!(self.stirred.notified());
            stirred.as_mut().enable();
            let rests = self.terms().rests(now());
            match rests {
                None => return,
                Some(None) => stirred.await,
                Some(Some(then)) => {
                    let _whichever = tokio::time::timeout_at(then.into(), stirred).await;
                }
            }
        }
    }

    /// Whether it is asked at a rate, and not as fast as it answers.
    pub(super) fn is_paced(&self) -> bool {
        self.is_paced
    }

    /// Whether it is not to be asked now.
    pub(super) fn rests(&self) -> bool {
        self.terms().rests(now()).is_some()
    }

    /// Whether others are to be asked first.
    pub(super) fn is_doubtful(&self) -> bool {
        self.terms().is_doubtful(now())
    }

    /// How long to wait before asking it again what it just failed at.
    pub(super) fn hesitation(&self) -> Duration {
        self.terms().hesitation()
    }

    /// Why the last question got no response, if none did since.
    pub(super) fn why(&self) -> Option<Failure> {
        self.terms().why()
    }

    /// Whether it is worth while to wait for it.
    pub(super) fn may_come_back(&self) -> bool {
        self.terms().may_come_back()
    }

    /// One more message is sent for a question that has left.
    pub(super) fn owe(&self) {
        self.terms().owe(now());
    }

    pub(super) fn standing(&self, server: String) -> Standing {
        self.terms().standing(server, now())
    }

    fn terms(&self) -> MutexGuard<'_, Terms> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stir(&self, rested: bool) {
        self.came_back.notify_waiters();
        if rested {
            self.stirred.notify_waiters();
        }
    }
}

/// A question on its way.
#[derive(Debug)]
pub(super) struct Leave {
    manners: Arc<Manners>,
    ticket: Ticket,
    ended: bool,
}

impl Leave {
    /// What came of it, where it was refused before with so many on their way. Says after what pause
    /// it is worth asking again, where it was refused for the load.
    pub(super) fn end(mut self, said: Said, refused_among: Option<usize>) -> Option<Duration> {
        self.ended = true;
        let now = now();
        let (pause, rested) = {
            let mut terms = self.manners.terms();
            let rested = terms.rests(now).is_some();
            (terms.heard(&self.ticket, said, refused_among, now), rested)
        };
        self.manners.stir(rested);
        pause
    }

    /// How many were on their way with it.
    pub(super) fn among(&self) -> usize {
        self.ticket.among()
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if !self.ended {
            self.manners.terms().broken_off(&self.ticket, now());
            self.manners.stir(true);
        }
    }
}

/// One that stands in a queue.
pub(super) struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    pub(super) fn behind(others: &'a AtomicUsize) -> Self {
        others.fetch_add(1, Ordering::Relaxed);
        Self(others)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The time of the runtime, which tests set.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests;
