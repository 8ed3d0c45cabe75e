//! One raw request to one server, and the whole response back, whatever its RCODE.
//!
//! UDP goes over a connected socket of our own instead of hickory's `UdpClientStream`: that one
//! sends from an unconnected socket, so that a closed port looks like silence; it gives up at the
//! first datagram that does not decode; and it drops the FORMERR without a question that servers
//! ignorant of EDNS send (RFC 6891 §7). TCP goes over hickory's multiplexer.
//!
//! Every name is asked alike: `.invalid`, `.local`, `.onion` and `localhost` too.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt;
use hickory_net::NetError;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::tcp::TcpClientStream;
use hickory_net::xfer::{DnsMultiplexer, DnsRequestSender};
use hickory_proto::op::{
    DnsRequest, DnsRequestOptions, Edns, Message, MessageType, OpCode, Query, ResponseCode,
};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::answer::{Failure, Question};

/// The UDP payload that a request announces: what passes nearly every path without fragments.
const PAYLOAD: u16 = 1232;

/// The longest datagram that is read; servers that ignore [`PAYLOAD`] commonly stop here.
const BUFFER: usize = 4096;

/// What carries a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One datagram each way (RFC 1035 §4.2.1).
    Udp,
    /// A connection of its own (RFC 1035 §4.2.2).
    Tcp,
}

/// Sends a question to a server and returns the response, truncated or not.
///
/// Every request is sent once. A server that answers FORMERR or NOTIMP is asked once again
/// without EDNS (RFC 6891 §7), with a timeout of its own. What does not belong to the request is
/// ignored until the timeout, so that a genuine response still wins over a forged one.
///
/// # Errors
///
/// Why there is no response: timeout, unreachable, or nothing but undecodable data.
pub async fn exchange(
    question: &Question,
    server: SocketAddr,
    transport: Transport,
    timeout: Duration,
) -> Result<Message, Failure> {
    let request = request(question);
    let response = send(&request, server, transport, timeout).await?;
    let code = response.metadata.response_code;
    if !matches!(code, ResponseCode::FormErr | ResponseCode::NotImp) {
        return Ok(response);
    }
    let mut plain = request;
    plain.edns = None;
    send(&plain, server, transport, timeout).await
}

fn request(question: &Question) -> Message {
    let mut request = Message::query();
    request.metadata.recursion_desired = true;
    // Asks a validating resolver to tell what it validated (RFC 6840 §5.7).
    request.metadata.authentic_data = true;
    request.add_query(Query::query(question.name.clone(), question.rtype));
    let mut edns = Edns::new();
    edns.set_max_payload(PAYLOAD);
    request.set_edns(edns);
    request
}

async fn send(
    request: &Message,
    server: SocketAddr,
    transport: Transport,
    timeout: Duration,
) -> Result<Message, Failure> {
    let mut silence = Failure::Timeout;
    let response = async {
        match transport {
            Transport::Udp => udp(request, server, &mut silence).await.map_err(|e| from_io(&e)),
            Transport::Tcp => Box::pin(tcp(request, server, timeout)).await,
        }
    };
    match tokio::time::timeout(timeout, response).await {
        Ok(result) => result,
        Err(_elapsed) => Err(silence),
    }
}

/// Waits for the response; `silence` becomes what it means when none comes.
async fn udp(request: &Message, server: SocketAddr, silence: &mut Failure) -> io::Result<Message> {
    let local: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).await?;
    // The kernel then drops what comes from elsewhere and reports a closed port.
    socket.connect(server).await?;
    socket.send(&request.to_vec().map_err(io::Error::other)?).await?;
    loop {
        socket.ready(Interest::READABLE | Interest::ERROR).await?;
        match receive(&socket, request) {
            Ok(Received::Response(response)) => return Ok(*response),
            Ok(Received::Stray) => {}
            Ok(Received::Garbage) => *silence = Failure::Malformed,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

enum Received {
    Response(Box<Message>),
    Stray,
    Garbage,
}

/// Not async, so that the buffer stays out of the state of the many requests in flight.
fn receive(socket: &UdpSocket, request: &Message) -> io::Result<Received> {
    let mut buffer = [0; BUFFER];
    let length = match socket.try_recv(&mut buffer) {
        // A closed port makes a socket fail without making it readable.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let fail = || Err(socket.take_error()?.unwrap_or(error));
            socket.try_io(Interest::ERROR, fail)?
        }
        received => received?,
    };
    Ok(read(request, &buffer[..length]))
}

fn read(request: &Message, datagram: &[u8]) -> Received {
    let Ok(response) = Message::from_vec(datagram) else {
        return cut_off(request, datagram)
            .map_or(Received::Garbage, |response| Received::Response(Box::new(response)));
    };
    if response.metadata.id == request.metadata.id && belongs(request, &response) {
        Received::Response(Box::new(response))
    } else {
        Received::Stray
    }
}

/// Servers may cut a truncated response anywhere, so its header alone counts (RFC 2181 §9).
fn cut_off(request: &Message, datagram: &[u8]) -> Option<Message> {
    const QR: u8 = 0x80;
    const TC: u8 = 0x02;
    let header = datagram.first_chunk::<12>()?;
    let id = u16::from_be_bytes([header[0], header[1]]);
    if id != request.metadata.id || header[2] & (QR | TC) != QR | TC {
        return None;
    }
    let mut response = Message::response(id, OpCode::Query);
    response.metadata.truncation = true;
    Some(response)
}

/// Whether a message with the right ID responds to the question of the request.
fn belongs(request: &Message, response: &Message) -> bool {
    let metadata = &response.metadata;
    if metadata.message_type != MessageType::Response || metadata.op_code != OpCode::Query {
        return false;
    }
    if response.queries.is_empty() {
        // A server that could not read the request may leave the question out.
        return !matches!(metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain);
    }
    response.queries == request.queries
}

async fn tcp(request: &Message, server: SocketAddr, timeout: Duration) -> Result<Message, Failure> {
    let provider = TokioRuntimeProvider::default();
    let (connection, handle) = TcpClientStream::new(server, None, Some(timeout), provider);
    let connection = connection.await.map_err(|error| from_net(&error))?;
    let mut multiplexer = DnsMultiplexer::new(connection, handle).with_timeout(timeout);
    let request = DnsRequest::new(request.clone(), DnsRequestOptions::default());
    let mut responses = multiplexer.send_message(request.clone());
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            response = responses.next() => match response {
                Some(Ok(response)) if belongs(&request, &response) => {
                    return Ok(response.into_message());
                }
                Some(Ok(_stray)) => {}
                Some(Err(error)) => return Err(from_net(&error)),
                None => return Err(Failure::Unreachable),
            },
            more = multiplexer.next(), if open => open = more.is_some(),
        }
    }
}

fn from_io(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::TimedOut => Failure::Timeout,
        _ => Failure::Unreachable,
    }
}

fn from_net(error: &NetError) -> Failure {
    match error {
        NetError::Timeout => Failure::Timeout,
        NetError::Proto(_) => Failure::Malformed,
        NetError::Io(error) => from_io(error),
        _ => Failure::Unreachable,
    }
}
