//! One datagram each way (RFC 1035 §4.2.1), by few sockets that many questions share.
//!
//! Whoever forges an answer must guess the port and the ID of a question (RFC 5452 §4). So there are
//! several sockets to a server, each question goes by one that is drawn and under an ID that is
//! drawn, and no socket is used for long.

mod flights;
mod letters;
mod offload;
mod open;
mod outbox;
mod round_trip;
mod socket;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use self::letters::Letters;
use self::offload::{MOST, Offload};
pub(super) use self::open::OpenSockets;
pub(in crate::lookup) use self::open::{in_flight_by, sockets_of};
use self::outbox::Outbox;
use self::round_trip::RoundTrip;
use self::socket::{Flight, Socket};
use super::super::manners::Manners;
use super::{Flags, Letter, NO_ROOM, Parcel, Request, Task, failure_of};
use crate::answer::Failure;
use crate::message::Response;

/// The sockets to a server that questions are spread over.
pub(in crate::lookup) const SOCKETS: usize = 4;

/// The octets of a header (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// A time that no run takes, for a patience that is longer than clocks reach.
const FOR_EVER: Duration = Duration::from_secs(1 << 30);

/// The sockets to one server. They are opened when they are needed.
#[derive(Debug)]
pub(super) struct Datagrams {
    opened: OpenSockets,
    known: Known,
    sockets: Mutex<Sockets>,
}

/// What the sockets to one server share.
#[derive(Debug, Clone)]
struct Known {
    round_trip: Arc<Mutex<RoundTrip>>,
    manners: Arc<Manners>,
    offload: Arc<Offload>,
    letters: Letters,
}

#[derive(Debug, Default)]
struct Sockets {
    serving: Vec<Serving>,
    /// Those that end with the last question that is in flight by them.
    retired: Vec<Task>,
    /// The message that is posted.
    message: Vec<u8>,
    outbox: Outbox,
}

/// A socket, and who hears what comes by it.
#[derive(Debug)]
struct Serving {
    socket: Arc<Socket>,
    task: Task,
}

impl Datagrams {
    /// None is open yet.
    pub(super) fn new(opened: OpenSockets, manners: Arc<Manners>, letters: Letters) -> Self {
        let offload = Arc::new(Offload::new(MOST));
        let known = Known { round_trip: Arc::default(), manners, offload, letters };
        Self { opened, known, sockets: Mutex::default() }
    }

    fn open(&self, server: SocketAddr) -> io::Result<Socket> {
        Socket::open(server, self.opened.count(), self.known.clone())
    }

    /// Sends the request, and waits for the response or until the timeout. What takes longer than
    /// other responses did is taken for lost and sent once more, twice at most; any response counts.
    ///
    /// What does not belong to the request is passed over. Garbage that may be meant for it makes
    /// its failure [`Failure::Malformed`].
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        server: SocketAddr,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let fail = |error: io::Error| failure_of(&error);
        let mut message = request.message(0);
        self.known.letters.draw(question_of(&mut message));
        let now = Instant::now();
        let until = now.checked_add(timeout).unwrap_or(now + FOR_EVER);
        let flight = {
            let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
            let open = || self.open(server);
            sockets.enter(question_of(&mut message), now, until, open).map_err(fail)?
        };
        flight.ask(&mut message).await
    }

    /// Takes a question that is sent with others by [`Self::send`], and then as [`Self::ask`] does; what
    /// comes of it, and be it nothing until the timeout, arrives with the parcel. Gives the parcel back
    /// where there is no room.
    pub(super) fn post(
        &self,
        letter: &Letter<'_>,
        flags: Flags,
        server: SocketAddr,
        timeout: Duration,
        parcel: Parcel,
    ) -> Result<(), Parcel> {
        let until = letter.now.checked_add(timeout).unwrap_or(letter.now + FOR_EVER);
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let sockets = &mut *sockets;
        sockets.make_ready(letter.now, || self.open(server));
        flags.write(letter.question, &mut sockets.message);
        let question = HEADER..HEADER + letter.question.len();
        self.known.letters.draw(&mut sockets.message[question.clone()]);
        let drawn = drawn(&sockets.serving).map(|serving| &serving.socket);
        sockets.outbox.put(&sockets.message, question, until, parcel, drawn)
    }

    /// How many questions are in flight, but for those by sockets that retired.
    pub(super) fn in_flight(&self) -> usize {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner).in_flight()
    }

    /// Sends what was posted, or lets it wait for more where the server is on this machine: there, what
    /// is sent together costs less, and nobody waits for it. Says when to call it again.
    pub(super) fn send(&self, server: SocketAddr, now: Instant) -> Option<Instant> {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let sockets = &mut *sockets;
        if server.ip().to_canonical().is_loopback() && !self.known.manners.is_paced() {
            let in_flight = sockets.in_flight();
            if let Some(then) = sockets.outbox.hold(in_flight, now) {
                return Some(then);
            }
        }
        sockets.outbox.send(server).then(|| now + NO_ROOM)
    }
}

/// All of them, beginning with one that is drawn.
fn drawn(serving: &[Serving]) -> impl Iterator<Item = &Serving> {
    let drawn = if serving.is_empty() { 0 } else { rand::random_range(0..serving.len()) };
    let (before, behind) = serving.split_at(drawn);
    behind.iter().chain(before)
}

impl Sockets {
    /// Finds a socket for a question, one that is drawn from those that serve.
    fn enter(
        &mut self,
        question: &[u8],
        now: Instant,
        until: Instant,
        open: impl Fn() -> io::Result<Socket>,
    ) -> io::Result<Flight> {
        if let Some(error) = self.make_ready(now, &open)
            && self.serving.is_empty()
        {
            return Err(error);
        }
        let mut drawn = drawn(&self.serving);
        if let Some(flight) = drawn.find_map(|it| it.socket.enter(question, until)) {
            return Ok(flight);
        }
        drop(drawn);
        // All are full.
        let socket = self.serve(open()?);
        socket.enter(question, until).ok_or_else(|| io::ErrorKind::ResourceBusy.into())
    }

    fn in_flight(&self) -> usize {
        self.serving.iter().map(|serving| serving.socket.in_flight()).sum()
    }

    /// Opens one more where all that serve are busy and few do. Where there is no descriptor for
    /// another, those that are open do.
    fn make_ready(
        &mut self,
        now: Instant,
        open: impl Fn() -> io::Result<Socket>,
    ) -> Option<io::Error> {
        self.retire(now);
        let is_busy = |serving: &Serving| !serving.socket.is_idle();
        if self.serving.len() >= SOCKETS || !self.serving.iter().all(is_busy) {
            return None;
        }
        open().map(|socket| self.serve(socket)).err()
    }

    fn serve(&mut self, socket: Socket) -> Arc<Socket> {
        let socket = Arc::new(socket);
        let task = Task::spawn(Arc::clone(&socket).serve());
        self.serving.push(Serving { socket: Arc::clone(&socket), task });
        socket
    }

    /// No more is asked by those that had their time.
    fn retire(&mut self, now: Instant) {
        let serves = |serving: &Serving| serving.socket.serves(now) && !serving.task.is_finished();
        if self.serving.iter().all(serves) {
            return;
        }
        self.retired.retain(|task| !task.is_finished());
        for serving in self.serving.extract_if(.., |serving| !serves(serving)) {
            serving.socket.retire();
            self.retired.push(serving.task);
        }
    }
}

/// The question of a message, as it stands there (RFC 1035 §4.1.2).
fn question_of(message: &mut [u8]) -> &mut [u8] {
    const TYPE_AND_CLASS: usize = 4;
    let mut end = HEADER;
    while let Some(length @ 1..) = message.get(end) {
        end += 1 + usize::from(*length);
    }
    message.get_mut(HEADER..end + 1 + TYPE_AND_CLASS).unwrap_or_default()
}
