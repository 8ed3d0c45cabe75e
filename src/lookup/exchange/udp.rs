//! One datagram each way (RFC 1035 §4.2.1).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::Ordering;

use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::super::message::Response;
use super::{Received, Request};

/// The longest datagram that is read; servers that ignore [`PAYLOAD`](super::PAYLOAD) commonly stop
/// here.
const BUFFER: usize = 4096;

/// Sends the request once and waits for the response.
pub(super) async fn ask(request: &Request<'_>, server: SocketAddr) -> io::Result<Response> {
    let local: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).await?;
    // The kernel then drops what comes from elsewhere and reports a closed port.
    socket.connect(server).await?;
    socket.send(&request.octets()?).await?;
    loop {
        socket.ready(Interest::READABLE | Interest::ERROR).await?;
        match receive(&socket, request) {
            Ok(Received::Response(response)) => return Ok(*response),
            Ok(Received::Stray) => {}
            Ok(Received::Garbage) => request.garbage.store(true, Ordering::Relaxed),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Not async, so that the buffer stays out of the state of the many requests in flight.
fn receive(socket: &UdpSocket, request: &Request<'_>) -> io::Result<Received> {
    let mut buffer = [0; BUFFER];
    let length = match socket.try_recv(&mut buffer) {
        // A closed port makes a socket fail without making it readable.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let fail = || Err(socket.take_error()?.unwrap_or(error));
            socket.try_io(Interest::ERROR, fail)?
        }
        received => received?,
    };
    Ok(Received::sort(request.question, request.id(), &buffer[..length]))
}
