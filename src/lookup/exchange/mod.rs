//! One raw request to one server, and the whole response back, whatever its RCODE.
//!
//! Sockets are our own instead of hickory's streams, for every transport. Its `UdpClientStream` sends
//! from an unconnected socket, so that a closed port looks like silence; it gives up at the first
//! datagram that does not decode; and it drops the FORMERR without a question that servers ignorant of
//! EDNS send (RFC 6891 §7). Its multiplexer, its DNS over HTTPS and its DNS over QUIC lose every message
//! of which one record, anywhere, does not decode.
//!
//! Every name is asked alike: `.invalid`, `.local`, `.onion` and `localhost` too.

mod https;
mod network;
mod post;
mod quic;
mod request;
mod shared;
mod stream;
#[cfg(test)]
mod tests;
mod trust;
mod udp;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
#[cfg(unix)]
use rustix::io::Errno;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

pub use self::network::Network;
use self::network::{Share, domain_of};
use self::post::Parcel;
pub use self::post::{Arrival, Letter, Mailbox, Posted};
pub(super) use self::post::{Begun, Came};
pub(super) use self::request::Flags;
use self::request::Request;
use self::shared::Shared;
pub(super) use self::shared::{connect, encrypt};
use self::udp::Datagrams;
pub use self::udp::Letters;
pub(super) use self::udp::{SOCKETS, in_flight_by, sockets_of};
use super::manners::{Admission, Manners, Queued, Rests, Said};
use super::server::{Server, Transport};
use crate::answer::{Failure, Question};
use crate::message::Response;
pub use crate::trust::{Trust, TrustError};

/// How soon it is looked again whether there is room for a question, or it can be sent.
const NO_ROOM: Duration = Duration::from_millis(20);

/// How often a question is asked again that was refused because too much is asked at one time.
const REFUSALS: u32 = 5;

/// A server, what leads to it and all questions share, and the terms that it is asked on.
#[derive(Debug)]
pub(super) struct Upstream {
    server: Server,
    datagrams: Datagrams,
    connection: Shared,
    manners: Arc<Manners>,
    /// Bounds what is in flight, at all servers of a run.
    room: Arc<Semaphore>,
    /// What of it is for the thread that asks.
    share: Share,
}

impl Upstream {
    fn new(
        server: Server,
        trust: Trust,
        manners: Arc<Manners>,
        room: (Arc<Semaphore>, Share),
        datagrams: Datagrams,
    ) -> Self {
        let connection = Shared::new(server.clone(), trust);
        let (room, share) = room;
        Self { server, datagrams, connection, manners, room, share }
    }

    /// The server that it leads to.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Asks a question and returns the response, truncated or not, in its turn.
    ///
    /// A server that rests is waited for, as long as for a response.
    ///
    /// # Errors
    ///
    /// Why there is no response: timeout, unreachable, or nothing but what is no response.
    pub(super) async fn ask(
        &self,
        question: &Question,
        flags: Flags,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let mut waits = timeout;
        loop {
            match self.ask_now(question, flags, timeout, None).await {
                Ok(response) => return response,
                Err(Rests) if self.manners.may_come_back() => {
                    let begun = tokio::time::Instant::now();
                    if tokio::time::timeout(waits, self.awake()).await.is_err() {
                        return Err(self.why());
                    }
                    waits = waits.saturating_sub(begun.elapsed());
                }
                Err(Rests) => return Err(self.why()),
            }
        }
    }

    /// Asks a question in its turn, and returns the response, truncated or not. A server that rests is
    /// asked nothing.
    ///
    /// What UDP truncates is asked for again by TCP (RFC 7766 §5). Else every request is sent once,
    /// and again where a connection broke that had served before. A server that answers FORMERR or
    /// NOTIMP is asked once more without EDNS (RFC 6891 §7). Each time has a timeout of its own,
    /// which the making of a connection counts on. What does not belong to a request is ignored
    /// until the timeout, so that a genuine response still wins over a forged one. What is refused
    /// because too much is asked at one time is asked again with less.
    ///
    /// Where it was posted, it goes on with what came of that.
    pub(super) async fn ask_now(
        &self,
        question: &Question,
        flags: Flags,
        timeout: Duration,
        mut begun: Option<Box<Begun>>,
    ) -> Result<Result<Response, Failure>, Rests> {
        let mut refused_among = None;
        for again in 0.. {
            let (leave, _room, first) = match begun.take().map(|begun| *begun) {
                Some(Begun { leave, room, response }) => (leave, Some(room), Some(response)),
                None => {
                    let _queued = Queued::behind(&self.share.queued);
                    let leave = match again {
                        0 => self.manners.leave().await?,
                        _ => self.manners.leave_again().await?,
                    };
                    (leave, Arc::clone(&self.room).acquire_owned().await.ok(), None)
                }
            };
            let among = leave.among();
            // Boxed, so that questions that wait are small.
            let response = Box::pin(self.exchange(question, flags, timeout, first)).await;
            let pause = leave.end(said(question, &response), refused_among);
            match pause {
                Some(pause) if again < REFUSALS => {
                    refused_among.get_or_insert(among);
                    tokio::time::sleep(pause * (1 << again)).await;
                }
                _ => return Ok(response),
            }
        }
        Err(Rests)
    }

    /// Takes a question to be sent by UDP with [`Self::send_posted`] if its turn is now and there is room
    /// for it, as one of several servers. [`Posted::No`] where it is asked by another transport, or
    /// others are to be asked before it; and where others have all the room, so that nothing would
    /// arrive here which tells that there is some: it then stands in the queue.
    pub(super) fn post(
        &self,
        letter: &Letter<'_>,
        flags: Flags,
        timeout: Duration,
        server: usize,
    ) -> Posted {
        let (Transport::Udp, Some(address)) = (self.server.transport(), self.server.address())
        else {
            return Posted::No;
        };
        let share = self.share.of_room();
        let in_flight = share.map(|share| (self.datagrams.in_flight(), share));
        let is_sharing_alone =
            in_flight.is_some_and(|(own, _)| own == 0 && self.share.queued() == 0);
        let later = |then| if is_sharing_alone { Posted::No } else { Posted::Later(then) };
        let soon = letter.now + NO_ROOM;
        if in_flight.is_some_and(|(own, share)| own >= share) {
            return later(soon);
        }
        if self.room.available_permits() == 0 {
            return later(soon);
        }
        let leave = match self.manners.leave_at_once(letter.now.into_std()) {
            Admission::Go(leave) => leave,
            Admission::Wait(then) => return later(then.into()),
            Admission::Rests => return Posted::No,
        };
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else { return later(soon) };
        let (mailbox, number) = (Arc::clone(letter.mailbox), letter.number);
        let parcel = Parcel { mailbox, number, server, leave, room };
        match self.datagrams.post(letter, flags, address, timeout, parcel) {
            Ok(()) => Posted::Sent,
            Err(_no_room) => later(soon),
        }
    }

    /// Sends what was posted. Says when to call it again, where some is to be sent later.
    pub(super) fn send_posted(&self, now: tokio::time::Instant) -> Option<tokio::time::Instant> {
        self.datagrams.send(self.server.address()?, now)
    }

    /// Whether it is not to be asked now.
    pub(super) fn rests(&self) -> bool {
        self.manners.rests()
    }

    /// Waits until it may be asked again.
    pub(super) async fn awake(&self) {
        self.manners.awake().await;
    }

    /// Whether others are to be asked first, because it fails at everything.
    pub(super) fn is_doubtful(&self) -> bool {
        self.manners.is_doubtful()
    }

    /// Whether it is worth while to wait for it.
    pub(super) fn may_come_back(&self) -> bool {
        self.manners.may_come_back()
    }

    /// Waits before it is asked again what it just failed at; not where it fails at some zones only.
    pub(super) async fn hesitate(&self) {
        let pause = self.manners.hesitation();
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }

    /// Why there is no answer of a server that rests.
    pub(super) fn why(&self) -> Failure {
        self.manners.why().unwrap_or(Failure::Timeout)
    }

    /// Asks, or goes on with what came of the first request.
    async fn exchange(
        &self,
        question: &Question,
        flags: Flags,
        timeout: Duration,
        first: Option<Result<Response, Failure>>,
    ) -> Result<Response, Failure> {
        let transport = self.server.transport();
        let response = self.ask_by(transport, question, flags, timeout, first).await?;
        if transport == Transport::Udp && response.metadata.truncation {
            self.manners.owe();
            return self.ask_by(Transport::Tcp, question, flags, timeout, None).await;
        }
        Ok(response)
    }

    async fn ask_by(
        &self,
        transport: Transport,
        question: &Question,
        flags: Flags,
        timeout: Duration,
        first: Option<Result<Response, Failure>>,
    ) -> Result<Response, Failure> {
        let mut request = Request::new(question, flags);
        let response = match first {
            Some(response) => response?,
            None => self.send(transport, &request, timeout).await?,
        };
        let code = response.metadata.response_code;
        if !matches!(code, ResponseCode::FormErr | ResponseCode::NotImp) {
            return Ok(response);
        }
        request.edns = false;
        self.manners.owe();
        self.send(transport, &request, timeout).await
    }

    /// Sends and waits until the timeout, whatever comes meanwhile.
    async fn send(
        &self,
        transport: Transport,
        request: &Request<'_>,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let address = self.server.address().ok_or(Failure::Unreachable)?;
        if transport == Transport::Udp {
            return self.datagrams.ask(request, address, timeout).await;
        }
        // Boxed, so that questions by UDP are small.
        let response = Box::pin(self.connection.ask(request, timeout));
        let failure = match tokio::time::timeout(timeout, response).await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::Timeout,
        };
        let garbage = request.garbage.load(Ordering::Relaxed);
        Err(if garbage { Failure::Malformed } else { failure })
    }
}

/// What a response says about the server.
fn said(question: &Question, response: &Result<Response, Failure>) -> Said {
    match response {
        Ok(response) => match response.metadata.response_code {
            ResponseCode::ServFail => Said::Failed(domain_of(&question.name)),
            ResponseCode::Refused => Said::Refused(domain_of(&question.name)),
            _ => Said::Answered,
        },
        // That is no fault of the server.
        Err(Failure::NoDescriptor) => Said::Nothing,
        Err(failure) => Said::Lost(*failure),
    }
}

/// Tells causes on this machine from those that lie in the network or the server.
pub(super) fn failure_of(error: &io::Error) -> Failure {
    #[cfg(unix)]
    if let Some(Errno::MFILE | Errno::NFILE) = Errno::from_io_error(error) {
        return Failure::NoDescriptor;
    }
    match error.kind() {
        io::ErrorKind::TimedOut => Failure::Timeout,
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkDown => Failure::NoRoute,
        io::ErrorKind::PermissionDenied => Failure::Forbidden,
        _ => Failure::Unreachable,
    }
}

/// Why a connection has no response to a request.
#[derive(Debug)]
enum Fault {
    /// It broke; another may have one.
    Broken(Failure),
    /// The server has none.
    Failed(Failure),
}

impl Fault {
    /// The connection ended.
    const BROKEN: Self = Self::Broken(Failure::Unreachable);
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Failed(failure_of(&error))
    }
}

/// A task that ends with whoever needs it.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Task {
    /// Begins to work on it, besides all else that the runtime does.
    fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Whether it ended.
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a message is to a request.
enum Received {
    Response(Box<Response>),
    /// It responds to something else.
    Stray,
    /// It is no response, though it would be one to this request if it were.
    Garbage,
}

impl Received {
    /// Tells by the ID and the question what a message is (RFC 5452 §9).
    fn sort(id: u16, octets: &[u8], is_about: impl FnOnce(&Response) -> bool) -> Self {
        let Some(response) = Response::decode(octets) else { return Self::Garbage };
        if response.metadata.id != id {
            return Self::Stray;
        }
        if !response.is_response() {
            return Self::Garbage;
        }
        // A truncated response may end before its question (RFC 2181 §9), and a server that could
        // not read the request may leave the question out.
        let code = response.metadata.response_code;
        let may_lack_question = response.metadata.truncation
            || !matches!(code, ResponseCode::NoError | ResponseCode::NXDomain);
        let belongs = match response.question {
            Some(_) => is_about(&response),
            None => may_lack_question,
        };
        if belongs {
            Self::Response(Box::new(response))
        } else if response.questions == 1 {
            Self::Stray
        } else {
            Self::Garbage
        }
    }
}
