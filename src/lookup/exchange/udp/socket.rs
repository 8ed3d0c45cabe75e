//! One socket to one server, which carries many questions at one time and then no more.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::super::{Parcel, failure_of};
use super::Known;
use super::flights::{Flights, Place};
use super::offload::{BATCH, LENGTH, Offload};
use super::open::Counted;
use crate::answer::Failure;
use crate::lookup::manners::Manners;
use crate::message::Response;

/// The octets of datagrams that may wait to be read.
const RECEIVED: usize = 1 << 20;

/// How often some datagrams are read before others have their turn.
const AT_ONCE: usize = 4;

/// How long a socket is used, by how many questions at most, and how many datagrams it may hear that
/// nobody waits for: who looks for its port must find it before, and is noticed.
const LIFE: Duration = Duration::from_secs(10);
const MOST: u32 = 10_000;
const MOST_STRAYS: u32 = 32;

/// A socket, and those who wait for what comes by it.
#[derive(Debug)]
pub(super) struct Socket {
    udp: UdpSocket,
    held: Mutex<Held>,
    /// It is to be looked after sooner than it will be.
    stirred: Notify,
    opened: Instant,
    asked: AtomicU32,
    /// Whether it is not to be used for more.
    retired: AtomicBool,
    counted: Counted,
    /// What is sent once more counts, too.
    manners: Arc<Manners>,
    offload: Arc<Offload>,
}

#[derive(Debug)]
struct Held {
    flights: Flights,
    /// When the socket is looked after, though nothing comes.
    alarm: Instant,
}

impl Socket {
    /// Opens a socket on a port that the system draws.
    pub(super) fn open(server: SocketAddr, counted: Counted, known: Known) -> io::Result<Self> {
        let local: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = std::net::UdpSocket::bind(local)?;
        // The kernel then drops what comes from elsewhere and reports a closed port.
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        // As much as the system allows: many answers may come while one is read.
        let _as_it_is = SockRef::from(&socket).set_recv_buffer_size(RECEIVED);
        let opened = Instant::now();
        Ok(Self {
            udp: UdpSocket::from_std(socket)?,
            held: Mutex::new(Held {
                flights: Flights::new(known.round_trip, known.letters),
                alarm: opened + LIFE,
            }),
            stirred: Notify::new(),
            opened,
            asked: AtomicU32::new(0),
            retired: AtomicBool::new(false),
            counted,
            manners: known.manners,
            offload: known.offload,
        })
    }

    /// Whether it may be used for more.
    pub(super) fn serves(&self, now: Instant) -> bool {
        !self.retired.load(Ordering::Relaxed)
            && now < self.opened + LIFE
            && self.asked.load(Ordering::Relaxed) < MOST
    }

    /// No more is asked by it; those that are in flight may still be answered.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
        self.stirred.notify_one();
    }

    /// Whether nobody waits.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight() == 0
    }

    /// How many wait, with those whose messages are not sent yet.
    pub(super) fn in_flight(&self) -> usize {
        self.held().flights.len()
    }

    /// Takes a question up that has time until then. None where there is no room.
    pub(super) fn enter(self: &Arc<Self>, question: &[u8], until: Instant) -> Option<Flight> {
        let mut held = self.held();
        if self.retired.load(Ordering::Relaxed) {
            return None;
        }
        let (place, id) = held.flights.enter(question, until, rand::random)?;
        let is_early = until < held.alarm;
        drop(held);
        self.asked.fetch_add(1, Ordering::Relaxed);
        if is_early {
            self.stirred.notify_one();
        }
        Some(Flight { socket: Arc::clone(self), place, id, until })
    }

    /// Takes a question up like [`Self::enter`], of which the message is sent later, under this ID. What
    /// comes of it arrives with the parcel, which is given back where there is no room.
    pub(super) fn post(
        &self,
        question: &[u8],
        until: Instant,
        parcel: Parcel,
    ) -> Result<(Place, u16), Parcel> {
        let mut held = self.held();
        if self.retired.load(Ordering::Relaxed) {
            return Err(parcel);
        }
        let posted = held.flights.post(question, until, rand::random, parcel)?;
        drop(held);
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(posted)
    }

    /// Sends messages that are so long each. Says how many were sent, and what kept the others.
    pub(super) fn send(
        &self,
        server: SocketAddr,
        messages: &[u8],
        length: usize,
    ) -> (usize, io::Result<()>) {
        self.offload.send(&self.udp, server, messages, length)
    }

    /// Messages of one length have been sent, which have time until then.
    pub(super) fn sent(&self, places: &[Place], messages: &[u8], until: Instant) {
        let Some(length) = messages.len().checked_div(places.len()) else { return };
        let now = Instant::now();
        let mut held = self.held();
        let mut early = until;
        for (place, message) in places.iter().zip(messages.chunks_exact(length)) {
            if let Some(again) = held.flights.sent(*place, message, now) {
                early = early.min(again);
            }
        }
        let is_early = early < held.alarm;
        drop(held);
        if is_early {
            self.stirred.notify_one();
        }
    }

    /// Messages could not be sent.
    pub(super) fn failed_at(&self, places: &[Place], error: &io::Error) {
        for place in places {
            let failed = self.held().flights.end(*place, failure_of(error));
            wake(failed);
        }
        self.failed(error);
    }

    /// Sends once more what is taken for lost.
    fn repeat(&self) {
        let now = Instant::now();
        let mut held = self.held();
        while let Some(message) = held.flights.repeat(now) {
            // If it fails, whoever sends next is told.
            if SockRef::from(&self.udp).send(message).is_ok() {
                self.manners.owe();
            }
        }
    }

    /// Nothing more can be sent by it.
    fn failed(&self, error: &io::Error) {
        self.retire();
        // That says an earlier datagram of the same port.
        if error.kind() == io::ErrorKind::ConnectionRefused {
            self.fail(failure_of(error));
        }
    }

    /// Hears what comes, and ends with the last question once it is not to be used for more.
    pub(super) async fn serve(self: Arc<Self>) {
        let mut alarm = pin!(sleep_until(self.opened + LIFE));
        while let Some(due) = self.due() {
            if alarm.is_elapsed() || due < alarm.deadline() {
                alarm.as_mut().reset(due);
                self.held().alarm = due;
            }
            tokio::select! {
                _readiness = self.udp.ready(Interest::READABLE | Interest::ERROR) => {
                    self.receive();
                }
                () = &mut alarm => {}
                () = self.stirred.notified() => {}
            }
            let late = self.held().flights.expire(Instant::now());
            wake(late);
            self.repeat();
            self.rest();
        }
    }

    /// When it is to be looked after, though nothing comes; None where it is at its end.
    fn due(&self) -> Option<Instant> {
        let mut held = self.held();
        if let Some(due) = held.flights.due() {
            return Some(due);
        }
        // Whoever leaves last stirs it.
        if held.flights.len() > 0 {
            return Some(Instant::now() + LIFE);
        }
        // Nobody enters any more, who would look at it under the same lock.
        let is_over = !self.serves(Instant::now());
        self.retired.fetch_or(is_over, Ordering::Relaxed);
        (!is_over).then(|| self.opened + LIFE)
    }

    /// Reads what has come.
    fn receive(&self) {
        let mut buffer = self.counted.buffer();
        let mut lengths = [0; BATCH];
        let mut woken = Vec::new();
        for _ in 0..AT_ONCE {
            match self.receive_some(&mut buffer, &mut lengths) {
                Ok(count) => {
                    let now = Instant::now();
                    let mut held = self.held();
                    for (message, length) in buffer.chunks_exact(LENGTH).zip(&lengths[..count]) {
                        woken.extend(held.flights.take(&message[..*length], now));
                    }
                    let is_found_out = held.flights.strays() >= MOST_STRAYS;
                    drop(held);
                    wake(woken.drain(..));
                    if is_found_out {
                        self.retire();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => return self.fail(failure_of(&error)),
            }
        }
    }

    fn receive_some(&self, buffer: &mut [u8], lengths: &mut [usize; BATCH]) -> io::Result<usize> {
        match self.offload.receive(&self.udp, buffer, lengths) {
            // A closed port makes a socket fail without making it readable.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let fail = || Err(self.udp.take_error()?.unwrap_or(error));
                self.udp.try_io(Interest::ERROR, fail)
            }
            received => received,
        }
    }

    /// Nothing that is in flight will be answered.
    fn fail(&self, failure: Failure) {
        self.retire();
        let failed = self.held().flights.fail(failure);
        wake(failed);
    }

    fn leave(&self, place: Place) {
        self.held().flights.leave(place);
        self.rest();
    }

    /// Retires where nobody waits and it is not to be kept for others.
    fn rest(&self) {
        let is_idle = self.is_idle() && !self.retired.load(Ordering::Relaxed);
        if is_idle && (self.counted.is_one_of_many() || !self.serves(Instant::now())) {
            self.retire();
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change is one step, so there is none half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// A question in flight, as long as somebody waits for its response.
#[derive(Debug)]
pub(super) struct Flight {
    socket: Arc<Socket>,
    place: Place,
    id: u16,
    until: Instant,
}

impl Flight {
    /// Sends the message once under the ID of this flight, and waits for the response or until the
    /// time is over.
    pub(super) async fn ask(&self, message: &mut [u8]) -> Result<Response, Failure> {
        message[..2].copy_from_slice(&self.id.to_be_bytes());
        let sent = match self.socket.udp.try_send(message) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::select! {
                sent = self.socket.udp.send(message) => sent,
                ended = self.end() => return ended,
            },
            sent => sent,
        };
        if let Err(error) = sent {
            self.socket.failed(&error);
            return Err(failure_of(&error));
        }
        self.socket.sent(&[self.place], message, self.until);
        self.end().await
    }

    async fn end(&self) -> Result<Response, Failure> {
        let end = poll_fn(|context| self.socket.held().flights.poll(self.place, context));
        end.await.map(|response| *response)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.socket.leave(self.place);
    }
}
