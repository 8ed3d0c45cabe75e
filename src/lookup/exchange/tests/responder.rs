//! Scripted servers for every transport that has connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use hickory_proto::op::Message;
use http::{Response as HttpResponse, StatusCode};
use quinn::crypto::rustls::QuicServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::{https, quic};
use super::authority::Identity;
use crate::lookup::server::{Server, Transport};

/// What a server does with a query.
pub(super) enum Reply {
    /// Sends messages: for this query, for earlier ones, or none.
    Messages(Vec<Vec<u8>>),
    /// Sends a message, and ends the connection.
    Last(Vec<u8>),
    /// Sends octets as they are, and ends the connection.
    Raw(Vec<u8>),
    /// Answers by HTTP with a status and a media type.
    Http(u16, &'static str, Vec<u8>),
}

/// The script of a server: how many queries came before by the connection, and the query.
pub(super) type Script = Arc<dyn Fn(usize, &Message) -> Reply + Send + Sync>;

/// A server that runs as long as the test.
pub(super) struct Served {
    pub(super) server: Server,
    connections: Arc<AtomicUsize>,
}

impl Served {
    /// How many connections were made to it.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Serves by a transport, on loopback, under the address or under a name.
pub(super) async fn serve(
    transport: Transport,
    identity: &Identity,
    name: Option<&str>,
    script: Script,
) -> Served {
    let connections = Arc::new(AtomicUsize::new(0));
    let address = match transport {
        Transport::Udp => panic!("datagrams need no connection"),
        Transport::Quic => serve_quic(identity, Arc::clone(&connections), script),
        Transport::Tcp | Transport::Tls | Transport::Https => {
            serve_tcp(transport, identity, Arc::clone(&connections), script).await
        }
    };
    let fragment = name.map(|name| format!("#{name}")).unwrap_or_default();
    let server = format!("{}://{address}{fragment}", transport.scheme()).parse().unwrap();
    Served { server, connections }
}

async fn serve_tcp(
    transport: Transport,
    identity: &Identity,
    connections: Arc<AtomicUsize>,
    script: Script,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let protocols: &[&[u8]] = if transport == Transport::Https { &[https::PROTOCOL] } else { &[] };
    let acceptor = TlsAcceptor::from(identity.server(protocols));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(converse(transport, stream, acceptor.clone(), Arc::clone(&script)));
        }
    });
    address
}

/// Speaks with one client; one that likes the certificate not is gone.
async fn converse(transport: Transport, stream: TcpStream, acceptor: TlsAcceptor, script: Script) {
    if transport == Transport::Tcp {
        return talk(stream, script).await;
    }
    let Ok(stream) = acceptor.accept(stream).await else { return };
    match transport {
        Transport::Https => talk_http(stream, script).await,
        _ => talk(stream, script).await,
    }
}

/// Messages with their length in front, until one of both has enough.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: Script) {
    for nth in 0.. {
        let Ok(length) = stream.read_u16().await else { return };
        let mut query = vec![0; length.into()];
        stream.read_exact(&mut query).await.unwrap();
        let (messages, last) = match script(nth, &Message::from_vec(&query).unwrap()) {
            Reply::Messages(messages) => (messages, false),
            Reply::Last(message) => (vec![message], true),
            Reply::Raw(octets) => {
                let _gone = stream.write_all(&octets).await;
                let _gone = stream.shutdown().await;
                return;
            }
            Reply::Http(..) => panic!("that is no HTTP"),
        };
        for message in messages {
            let framed = [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], &message];
            if stream.write_all(&framed.concat()).await.is_err() {
                return;
            }
        }
        if stream.flush().await.is_err() {
            return;
        }
        if last {
            let _gone = stream.shutdown().await;
            return;
        }
    }
}

/// HTTP/2, until one of both has enough.
async fn talk_http(stream: impl AsyncRead + AsyncWrite + Unpin, script: Script) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut nth = 0;
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(request.headers()["content-type"], "application/dns-message");
        assert_eq!(request.headers()["accept"], "application/dns-message");
        assert_eq!(request.uri().path(), "/dns-query");
        let mut body = request.into_body();
        let query = body.data().await.unwrap().unwrap();
        let query = Message::from_vec(&query).unwrap();
        assert_eq!(query.metadata.id, 0);
        let (status, media_type, body, last) = match script(nth, &query) {
            Reply::Messages(messages) if messages.is_empty() => {
                // Silence: the stream stays open.
                tokio::spawn(async move {
                    std::future::pending::<()>().await;
                    drop(respond);
                });
                continue;
            }
            Reply::Messages(mut messages) => {
                (200, "application/dns-message", messages.remove(0), false)
            }
            Reply::Last(message) => (200, "Application/DNS-Message; a=b", message, true),
            Reply::Http(status, media_type, body) => (status, media_type, body, false),
            Reply::Raw(_) => {
                respond.send_reset(h2::Reason::INTERNAL_ERROR);
                continue;
            }
        };
        nth += 1;
        let response = HttpResponse::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .header("content-type", media_type)
            .body(())
            .unwrap();
        let mut sender = respond.send_response(response, false).unwrap();
        sender.send_data(Bytes::from(body), true).unwrap();
        if last {
            connection.graceful_shutdown();
        }
    }
}

fn serve_quic(identity: &Identity, connections: Arc<AtomicUsize>, script: Script) -> SocketAddr {
    let config = QuicServerConfig::try_from(identity.server(&[quic::PROTOCOL])).unwrap();
    let config = quinn::ServerConfig::with_crypto(Arc::new(config));
    let endpoint = quinn::Endpoint::server(config, "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = endpoint.local_addr().unwrap();
    tokio::spawn(async move {
        while let Some(incoming) = endpoint.accept().await {
            connections.fetch_add(1, Ordering::Relaxed);
            let script = Arc::clone(&script);
            tokio::spawn(async move {
                if let Ok(connection) = incoming.await {
                    talk_quic(connection, script).await;
                }
            });
        }
    });
    address
}

/// A stream for each query, until one of both has enough.
async fn talk_quic(connection: quinn::Connection, script: Script) {
    let mut nth = 0;
    while let Ok((mut send, mut receive)) = connection.accept_bi().await {
        let query = receive.read_to_end(1 << 16).await.unwrap();
        assert_eq!(usize::from(u16::from_be_bytes([query[0], query[1]])), query.len() - 2);
        let query = Message::from_vec(&query[2..]).unwrap();
        assert_eq!(query.metadata.id, 0);
        let framed = |message: &[u8]| {
            [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
        };
        let (octets, last) = match script(nth, &query) {
            Reply::Messages(messages) if messages.is_empty() => {
                tokio::spawn(async move {
                    std::future::pending::<()>().await;
                    drop(send);
                });
                continue;
            }
            Reply::Messages(messages) => (framed(&messages[0]), false),
            Reply::Last(message) => (framed(&message), true),
            Reply::Raw(octets) => (octets, false),
            Reply::Http(..) => panic!("that is no HTTP"),
        };
        nth += 1;
        send.write_all(&octets).await.unwrap();
        send.finish().unwrap();
        if last {
            let _gone = send.stopped().await;
            connection.close(0u8.into(), b"");
        }
    }
}
