//! A scripted server on loopback, for the tests of this room.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

pub(crate) fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

pub(crate) fn record(owner: &str, ttl: u32, data: RData) -> Record {
    Record::from_rdata(name(owner), ttl, data)
}

pub(crate) fn srv(target: &str) -> RData {
    RData::SRV(SRV::new(0, 1, 993, name(target)))
}

/// What a server of the zone would say.
pub(crate) fn response(code: ResponseCode, answers: &[Record]) -> Message {
    let mut message = Message::response(0, OpCode::Query);
    message.metadata.response_code = code;
    message.metadata.authoritative = true;
    message.answers = answers.to_vec();
    message
}

/// The response to a query, as it stands on the wire.
pub(crate) fn reply(query: &Message, code: ResponseCode, answers: &[Record]) -> Vec<u8> {
    let mut message = response(code, answers);
    message.metadata.id = query.metadata.id;
    message.queries.clone_from(&query.queries);
    message.to_vec().unwrap()
}

/// A socket on a port that is free for TCP, too, and below those that the system gives to clients:
/// another test may not take it before [`tcp`] does.
async fn bind() -> UdpSocket {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another process begins elsewhere.
    let begin = u16::try_from(RandomState::new().hash_one(()) % 9_000).unwrap();
    loop {
        let port = 20_000 + begin + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).await.is_err() {
            continue;
        }
        if let Ok(socket) = UdpSocket::bind(address).await {
            return socket;
        }
    }
}

/// Serves UDP: the script says which datagrams answer a query.
pub(crate) async fn udp(
    mut script: impl FnMut(&Message) -> Vec<Vec<u8>> + Send + 'static,
) -> SocketAddr {
    let socket = bind().await;
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
            let query = Message::from_vec(&buffer[..length]).unwrap();
            for datagram in script(&query) {
                socket.send_to(&datagram, client).await.unwrap();
            }
        }
    });
    address
}

/// Serves TCP on an address that already serves UDP. A connection ends where a query has no answer, or an
/// empty one last.
pub(crate) async fn tcp(
    address: SocketAddr,
    script: impl FnMut(&Message) -> Vec<Vec<u8>> + Send + 'static,
) {
    let listener = TcpListener::bind(address).await.unwrap();
    let script = Arc::new(Mutex::new(script));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let script = Arc::clone(&script);
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut buffer = vec![0; usize::from(length)];
                    stream.read_exact(&mut buffer).await.unwrap();
                    let query = Message::from_vec(&buffer).unwrap();
                    let messages = script.lock().unwrap()(&query);
                    for message in &messages {
                        stream.write_u16(u16::try_from(message.len()).unwrap()).await.unwrap();
                        stream.write_all(message).await.unwrap();
                    }
                    if messages.last().is_none_or(Vec::is_empty) {
                        break;
                    }
                }
            });
        }
    });
}
