//! Questions that nobody waits for one by one.
//!
//! Whoever asks many posts each, numbered, and looks into one [`Mailbox`] for what came of them all:
//! no question needs a task or a future of its own. What is plain arrives as an answer. What else came,
//! a failure too, is gone on with by whoever would have waited for it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::super::manners::{Leave, Said};
use crate::answer::{Answer, Failure};
use crate::message::{Plain, Response};

/// A question to be posted.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The question as it stands in a message: name, type and class (RFC 1035 §4.1.2), in lower case.
    pub question: &'a [u8],
    /// Whether it is about a name at or below the mail domain that is asked about.
    pub is_own: bool,
    /// Where what comes of it arrives.
    pub mailbox: &'a Arc<Mailbox>,
    /// Under which number it arrives there.
    pub number: u64,
    /// The time.
    pub now: Instant,
    /// When an answer comes too late.
    pub deadline: Option<Instant>,
}

/// What became of a question that was to be posted.
#[derive(Debug, Clone, PartialEq)]
pub enum Posted {
    /// It need not be sent: this is its answer.
    Known(Box<Answer>),
    /// It is on its way with all that is sent next, and something will arrive.
    Sent,
    /// It may be posted then, or once something has arrived.
    Later(Instant),
    /// It is to be asked and waited for.
    No,
}

/// What came of one question.
pub struct Arrival {
    pub(in crate::lookup) came: Came,
    /// The place of the server among those that are asked.
    pub(in crate::lookup) server: usize,
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival").field("server", &self.server).finish_non_exhaustive()
    }
}

/// What came of one question.
pub(in crate::lookup) enum Came {
    /// An answer; it is known to the manners of the server.
    Plain(Plain),
    /// Anything else.
    Odd(Box<Begun>),
}

/// A request that was sent, and what came of it, of which nobody has drawn conclusions yet.
#[derive(Debug)]
pub(in crate::lookup) struct Begun {
    pub(super) leave: Leave,
    pub(super) room: OwnedSemaphorePermit,
    pub(super) response: Result<Response, Failure>,
}

/// Where what comes of the questions of one who asks many arrives.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    arrived: Vec<(u64, Arrival)>,
    /// Whoever looked and found nothing.
    waker: Option<Waker>,
}

impl Mailbox {
    /// Takes out what has arrived, each with the number of its question. Whoever looks last is woken
    /// when more arrives.
    pub fn take(&self, context: &Context<'_>, arrived: &mut Vec<(u64, Arrival)>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.append(&mut held.arrived);
        match &mut held.waker {
            Some(waker) => waker.clone_from(context.waker()),
            waker => *waker = Some(context.waker().clone()),
        }
    }

    fn put(&self, number: u64, arrival: Arrival) -> Option<Waker> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.arrived.push((number, arrival));
        held.waker.take()
    }
}

/// A question on its way, with all that its answer needs to arrive.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) number: u64,
    pub(super) server: usize,
    pub(super) leave: Leave,
    pub(super) room: OwnedSemaphorePermit,
}

impl Parcel {
    /// An answer came. Says who is to be woken.
    pub(super) fn answered(self, plain: Plain) -> Option<Waker> {
        self.leave.end(Said::Answered, None);
        drop(self.room);
        let arrival = Arrival { came: Came::Plain(plain), server: self.server };
        self.mailbox.put(self.number, arrival)
    }

    /// Something else came of it. Says who is to be woken.
    pub(super) fn ended(self, response: Result<Response, Failure>) -> Option<Waker> {
        let begun = Begun { leave: self.leave, room: self.room, response };
        let arrival = Arrival { came: Came::Odd(Box::new(begun)), server: self.server };
        self.mailbox.put(self.number, arrival)
    }
}
