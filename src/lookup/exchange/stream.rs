//! Messages with their length in front (RFC 1035 §4.2.2).

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::message::Response;
use super::{Received, Request};

/// Waits for the response on a connection of its own; every message has its length in front (RFC
/// 1035 §4.2.2).
pub(super) async fn ask(
    request: &Request<'_>,
    server: SocketAddr,
    garbage: &mut bool,
) -> io::Result<Response> {
    let mut stream = TcpStream::connect(server).await?;
    let message = request.octets()?;
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    // In one segment (RFC 7766 §8).
    stream.write_all(&[&length.to_be_bytes()[..], &message].concat()).await?;
    loop {
        let length = stream.read_u16().await?;
        let mut message = vec![0; length.into()];
        stream.read_exact(&mut message).await?;
        match Received::sort(request, &message) {
            Received::Response(response) => return Ok(*response),
            Received::Stray => {}
            Received::Garbage => *garbage = true,
        }
    }
}
