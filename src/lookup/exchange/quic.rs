//! DNS over dedicated QUIC connections (RFC 9250): a stream for each question.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{
    ClientConfig, ConnectError, ConnectionError, Endpoint, ReadError, ReadToEndError,
    TransportConfig, VarInt, WriteError,
};

use super::trust::failure_of_alert;
use super::{Fault, Received, Request, failure_of};
use crate::answer::Failure;
use crate::message::Response;
use crate::trust::Trust;

/// The protocol, as the handshake names it (RFC 9250 §4.1.1).
pub(super) const PROTOCOL: &[u8] = b"doq";

/// The ID of every request (RFC 9250 §4.2.1).
const ID: u16 = 0;

/// The octets of a message at most, with its length in front.
const MAX_STREAM: u32 = 2 + u16::MAX as u32;

/// The octets that all responses together may send before they are read.
const WINDOW: u32 = 1 << 20;

/// The code that ends a connection that is needed no more (RFC 9250 §4.3).
const NO_ERROR: VarInt = VarInt::from_u32(0);

/// The code of QUIC for the first alert of TLS, 256 of them (RFC 9001 §4.8).
const CRYPTO_ERROR: u64 = 0x100;

/// A connection that carries many requests at one time.
#[derive(Debug)]
pub(super) struct Connection(quinn::Connection);

impl Connection {
    /// Shakes hands with the server at an address, whose certificate must be for the name.
    pub(super) async fn open(
        address: SocketAddr,
        certified: &str,
        trust: &Trust,
    ) -> Result<Self, Failure> {
        let config = QuicClientConfig::try_from(trust.client(&[PROTOCOL])?);
        let mut config = ClientConfig::new(Arc::new(config.map_err(|_error| Failure::Tls)?));
        let mut transport = TransportConfig::default();
        // The server asks nothing, and sends no more than it is asked for.
        transport
            .max_concurrent_bidi_streams(NO_ERROR)
            .max_concurrent_uni_streams(NO_ERROR)
            .datagram_receive_buffer_size(None)
            .stream_receive_window(VarInt::from_u32(MAX_STREAM))
            .receive_window(VarInt::from_u32(WINDOW));
        config.transport_config(Arc::new(transport));
        let local: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        // A socket of its own, which goes with the connection.
        let endpoint = Endpoint::client(local).map_err(|error| failure_of(&error))?;
        let connecting = endpoint.connect_with(config, address, certified);
        let connecting = connecting.map_err(|error| match error {
            ConnectError::InvalidRemoteAddress(_) => Failure::NoRoute,
            _ => Failure::Tls,
        })?;
        match connecting.await {
            Ok(connection) => Ok(Self(connection)),
            Err(error) => Err(failure_of_connection(&error)),
        }
    }

    /// Whether nothing more will come.
    pub(super) fn is_broken(&self) -> bool {
        self.0.close_reason().is_some()
    }

    /// Sends a request by a stream of its own and waits for the response.
    pub(super) async fn ask(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let message = request.framed(ID);
        // Waits where the server takes no more streams at one time.
        let (mut send, mut receive) = self.0.open_bi().await.map_err(|error| broken(&error))?;
        match send.write_all(&message).await {
            // A server that has read enough may answer all the same.
            Ok(()) | Err(WriteError::Stopped(_)) => {}
            Err(WriteError::ConnectionLost(error)) => return Err(broken(&error)),
            Err(_) => return Err(Fault::Failed(Failure::Unreachable)),
        }
        // Nothing follows (RFC 9250 §4.2); a stream that was stopped needs no end.
        let _stopped = send.finish();
        let stream = match receive.read_to_end(MAX_STREAM as usize).await {
            Ok(stream) => stream,
            Err(ReadToEndError::TooLong) => return Err(Fault::Failed(Failure::Malformed)),
            Err(ReadToEndError::Read(ReadError::ConnectionLost(error))) => {
                return Err(broken(&error));
            }
            Err(ReadToEndError::Read(_)) => return Err(Fault::Failed(Failure::Unreachable)),
        };
        let message = stream.split_first_chunk().and_then(|(length, message)| {
            (usize::from(u16::from_be_bytes(*length)) == message.len()).then_some(message)
        });
        match message.map(|message| {
            Received::sort(ID, message, |response| response.is_about(request.question))
        }) {
            Some(Received::Response(response)) => Ok(*response),
            Some(Received::Stray | Received::Garbage) | None => {
                Err(Fault::Failed(Failure::Malformed))
            }
        }
    }
}

impl Drop for Connection {
    /// Tells the server, which would keep the connection until it is idle for long.
    fn drop(&mut self) {
        self.0.close(NO_ERROR, b"");
    }
}

fn broken(error: &ConnectionError) -> Fault {
    Fault::Broken(failure_of_connection(error))
}

fn failure_of_connection(error: &ConnectionError) -> Failure {
    let alert = |code: u64| u8::try_from(code.wrapping_sub(CRYPTO_ERROR)).ok();
    match error {
        ConnectionError::TimedOut => Failure::Timeout,
        ConnectionError::VersionMismatch => Failure::Tls,
        // The alert is ours: something is wrong with the server.
        ConnectionError::TransportError(error) => match alert(error.code.into()) {
            Some(alert) => failure_of_alert(alert),
            None => Failure::Malformed,
        },
        // The alert is that of the server, which does not like us.
        ConnectionError::ConnectionClosed(close) if alert(close.error_code.into()).is_some() => {
            Failure::Tls
        }
        _ => Failure::Unreachable,
    }
}
