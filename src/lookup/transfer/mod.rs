//! A whole zone from a server: AXFR (RFC 5936), signed with TSIG (RFC 8945) where the server wants it.
//!
//! Messages are read one by one to the closing SOA record. The multiplexer of hickory-net hands them
//! on through a channel of eight and drops what does not fit, so that a zone ends early and without an
//! error; and its verifier wants a signature on every message.

mod error;
// No part of the interface: the fuzz target of transfers reads through it.
#[doc(hidden)]
pub mod frames;
mod key_file;
#[cfg(test)]
mod tests;
mod tsig;

use std::io;
use std::time::Duration;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::{Instant, timeout, timeout_at};

pub use self::error::TransferError;
use self::frames::Frames;
pub use self::frames::LeftOut;
pub use self::key_file::{KeyFileError, KeyFileErrorKind};
use self::tsig::Session;
pub use self::tsig::{Algorithm, Key, TsigError};
use super::exchange::{Trust, connect, encrypt};
use super::server::{Server, Transport};
use crate::answer::Failure;
use crate::rrset::ResourceRecord;
use crate::zonefile::Limits;

/// The protocol of transfers by TLS (RFC 9103 §7.1).
const XOT: &[u8] = b"dot";

/// How many octets are taken from a connection at once.
const READ_AHEAD: usize = 1 << 18;

/// How a zone is transferred.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// What the request is signed with, and every response has to be.
    pub key: Option<&'a Key>,
    /// The most that is read of the zone.
    pub limits: Limits,
    /// How long connecting may take, and then each message.
    pub idle: Duration,
    /// How long all of it may take.
    pub whole: Duration,
    /// The seconds since 1970, by which signatures are valid.
    pub clock: fn() -> u64,
}

/// Transfers a zone and hands on its records, the SOA record first; by TLS (RFC 9103), the server is
/// believed by its certificate.
///
/// # Errors
///
/// Why the zone did not come whole; what was handed on before is not to be believed then.
pub async fn transfer(
    server: &Server,
    trust: &Trust,
    zone: &Name,
    options: Options<'_>,
    sink: impl FnMut(ResourceRecord),
) -> Result<LeftOut, TransferError> {
    let scheme = server.transport().scheme();
    if matches!(server.transport(), Transport::Https | Transport::Quic) {
        return Err(TransferError::Transport { scheme });
    }
    let address = server.address().ok_or(TransferError::Unreachable(Failure::Unreachable))?;
    let late = |_late| TransferError::Unreachable(Failure::Timeout);
    let stream = timeout(options.idle, connect(address)).await.map_err(late)?;
    let stream = stream.map_err(TransferError::Unreachable)?;
    if server.transport() != Transport::Tls {
        return over(ahead(stream), zone, options, sink).await;
    }
    let encrypted = encrypt(stream, server, trust, &[XOT]);
    let stream = timeout(options.idle, encrypted).await.map_err(late)?;
    let stream = stream.map_err(TransferError::Unreachable)?;
    over(ahead(stream), zone, options, sink).await
}

/// Servers give up clients that leave what they send for half a second, so much is taken at once.
fn ahead<S: AsyncRead>(stream: S) -> BufReader<S> {
    BufReader::with_capacity(READ_AHEAD, stream)
}

/// Transfers a zone over a connection that is there.
async fn over(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    zone: &Name,
    options: Options<'_>,
    mut sink: impl FnMut(ResourceRecord),
) -> Result<LeftOut, TransferError> {
    let mut message = Message::query();
    message.metadata.recursion_desired = false;
    message.add_query(Query::query(zone.clone(), RecordType::AXFR));
    let id = message.metadata.id;
    let mut request = message.to_vec().map_err(|error| cut_off(0, io::Error::other(error)))?;
    let session = options.key.map(|key| Session::sign(key, &mut request, (options.clock)()));
    let mut frames = Frames::new(id, zone.clone(), session, options.limits);
    let end = Instant::now() + options.whole;
    let sent = timeout(options.idle, send(&mut stream, &request)).await;
    sent.map_err(|_late| idle(options, 0))?.map_err(|source| cut_off(0, source))?;
    let mut message = Vec::new();
    loop {
        let records = frames.records;
        let soon = (Instant::now() + options.idle).min(end);
        let received = timeout_at(soon, receive(&mut stream, &mut message)).await;
        received
            .map_err(|_late| match Instant::now() < end {
                true => idle(options, records),
                false => TransferError::Endless { seconds: options.whole.as_secs() },
            })?
            .map_err(|source| cut_off(records, source))?;
        if frames.take(&message, (options.clock)(), &mut sink)? {
            return Ok(frames.left_out());
        }
    }
}

fn idle(options: Options<'_>, records: u64) -> TransferError {
    TransferError::Idle { seconds: options.idle.as_secs(), records }
}

fn cut_off(records: u64, source: io::Error) -> TransferError {
    TransferError::CutOff { records, source }
}

/// Sends a message with its length in front, in one segment (RFC 7766 §8).
async fn send(stream: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], message].concat()).await?;
    stream.flush().await
}

/// Receives a message into the room of the one before.
async fn receive(stream: &mut (impl AsyncRead + Unpin), message: &mut Vec<u8>) -> io::Result<()> {
    let length = stream.read_u16().await?;
    message.resize(length.into(), 0);
    stream.read_exact(message).await?;
    Ok(())
}
