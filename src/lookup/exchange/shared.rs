//! One connection to a server for all questions of a run, made anew where it broke.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::server::{Server, Transport};
use super::trust::failure_of_handshake;
use super::{Fault, Request, Task, failure_of, https, quic, stream};
use crate::answer::Failure;
use crate::message::Response;
use crate::trust::Trust;

/// The connections that one request is sent by at most.
const CONNECTIONS: usize = 4;

/// The connection to one server, made when it is needed and kept while it serves.
#[derive(Debug)]
pub(super) struct Shared {
    server: Server,
    trust: Trust,
    opening: Mutex<Option<Opening>>,
}

impl Shared {
    pub(super) fn new(server: Server, trust: Trust) -> Self {
        Self { server, trust, opening: Mutex::default() }
    }

    /// Sends a request and waits for the response, for ever if the server keeps the connection and
    /// says nothing.
    ///
    /// Servers close what is idle, and some after so many answers (RFC 7766 §6.2.3): what was
    /// unanswered then is sent by another connection, if this one has answered anything.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let mut failure = Failure::Unreachable;
        for _ in 0..CONNECTIONS {
            let open = self.open(timeout).await?;
            let mut trial = Trial { open: &open, answers: open.answers(), ended: false };
            let result = open.connection.ask(request).await;
            trial.ended = true;
            match result {
                Ok(response) => {
                    open.answers.fetch_add(1, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(Fault::Failed(failure)) => return Err(failure),
                Err(Fault::Broken(why)) => {
                    open.retire();
                    failure = why;
                    if open.answers() == 0 {
                        break;
                    }
                }
            }
        }
        Err(failure)
    }

    /// The connection that serves, or a new one; whoever needs it while it is made waits for it,
    /// and fails with it.
    async fn open(&self, timeout: Duration) -> Result<Arc<Open>, Failure> {
        let mut made = self.opening(timeout)?;
        let made = made.wait_for(Option::is_some).await.map_err(|_closed| Failure::Unreachable)?;
        made.clone().unwrap_or(Err(Failure::Unreachable))
    }

    fn opening(&self, timeout: Duration) -> Result<watch::Receiver<Made>, Failure> {
        let mut opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opening) = &*opening
            && opening.is_of_use()
        {
            return Ok(opening.made.clone());
        }
        let (server, trust) = (self.server.clone(), self.trust.clone());
        let (sender, made) = watch::channel(None);
        let task = Task::spawn(async move {
            let connection = tokio::time::timeout(timeout, Connection::open(&server, &trust)).await;
            let connection = connection.unwrap_or(Err(Failure::Timeout));
            sender.send_replace(Some(connection.map(|connection| Arc::new(connection.into()))));
        });
        *opening = Some(Opening { made: made.clone(), _task: task });
        Ok(made)
    }
}

/// A connection, or why there is none; None while it is made.
type Made = Option<Result<Arc<Open>, Failure>>;

#[derive(Debug)]
struct Opening {
    made: watch::Receiver<Made>,
    _task: Task,
}

impl Opening {
    /// Whether it is still going on, or led to a connection that serves.
    fn is_of_use(&self) -> bool {
        match &*self.made.borrow() {
            None => self.made.has_changed().is_ok(),
            Some(Ok(open)) => open.serves(),
            Some(Err(_)) => false,
        }
    }
}

/// A connection that was made.
#[derive(Debug)]
struct Open {
    connection: Connection,
    /// How many requests it answered.
    answers: AtomicUsize,
    /// Whether it is not to be used for more.
    retired: AtomicBool,
}

impl From<Connection> for Open {
    fn from(connection: Connection) -> Self {
        Self { connection, answers: AtomicUsize::new(0), retired: AtomicBool::new(false) }
    }
}

impl Open {
    fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// Those that are waited for may still come by it.
    fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    fn serves(&self) -> bool {
        !self.retired.load(Ordering::Relaxed) && !self.connection.is_broken()
    }
}

/// A request by a connection. Where it is given up before its end and nothing else was answered
/// meanwhile, the connection is as good as dead: a firewall that forgot it tells nobody.
struct Trial<'a> {
    open: &'a Open,
    answers: usize,
    ended: bool,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if !self.ended && self.open.answers() == self.answers {
            self.open.retire();
        }
    }
}

/// A connection of one of the transports.
#[derive(Debug)]
enum Connection {
    Stream(stream::Connection),
    Https(https::Connection),
    Quic(quic::Connection),
}

impl Connection {
    /// Connects, and shakes hands where that is the way of the transport.
    async fn open(server: &Server, trust: &Trust) -> Result<Self, Failure> {
        let address = server.address().ok_or(Failure::Unreachable)?;
        match server.transport() {
            Transport::Udp | Transport::Tcp => {
                Ok(Self::Stream(stream::Connection::new(connect(address).await?)))
            }
            Transport::Tls => {
                let stream = encrypt(connect(address).await?, server, trust, &[]).await?;
                Ok(Self::Stream(stream::Connection::new(stream)))
            }
            Transport::Https => {
                let protocols = &[https::PROTOCOL];
                let stream = encrypt(connect(address).await?, server, trust, protocols).await?;
                Ok(Self::Https(https::Connection::new(stream, server).await?))
            }
            Transport::Quic => {
                let certified = server.certified();
                Ok(Self::Quic(quic::Connection::open(address, &certified, trust).await?))
            }
        }
    }

    fn is_broken(&self) -> bool {
        match self {
            Self::Stream(connection) => connection.is_broken(),
            Self::Https(connection) => connection.is_broken(),
            Self::Quic(connection) => connection.is_broken(),
        }
    }

    async fn ask(&self, request: &Request<'_>) -> Result<Response, Fault> {
        match self {
            Self::Stream(connection) => connection.ask(request).await,
            Self::Https(connection) => connection.ask(request).await,
            Self::Quic(connection) => connection.ask(request).await,
        }
    }
}

/// Connects by TCP.
pub(in crate::lookup) async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.map_err(|error| failure_of(&error))?;
    // Requests are small, and the next does not wait for the answer to the last.
    stream.set_nodelay(true).map_err(|error| failure_of(&error))?;
    Ok(stream)
}

/// Shakes hands by TLS. The protocols are those that the server must speak one of, if any.
pub(in crate::lookup) async fn encrypt(
    stream: TcpStream,
    server: &Server,
    trust: &Trust,
    protocols: &[&[u8]],
) -> Result<TlsStream<TcpStream>, Failure> {
    let name = ServerName::try_from(server.certified()).map_err(|_error| Failure::WrongName)?;
    let connector = TlsConnector::from(Arc::new(trust.client(protocols)?));
    let stream = connector.connect(name, stream).await;
    let stream = stream.map_err(|error| failure_of_handshake(&error))?;
    let chosen = stream.get_ref().1.alpn_protocol();
    let speaks = chosen.map_or(protocols.is_empty(), |chosen| protocols.contains(&chosen));
    if speaks { Ok(stream) } else { Err(Failure::Tls) }
}
