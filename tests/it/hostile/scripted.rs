//! A DNS server on loopback that says what a test tells it to, over UDP and TCP.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, SOA, SRV};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::DOMAIN;
use crate::servers::{PATIENCE, free_address, receive, send};

/// What a request came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
}

/// What the server does about a request.
pub(crate) enum Reply {
    Message(Message),
    /// These octets, one datagram or TCP message each.
    Bytes(Vec<Vec<u8>>),
    Silence,
}

type Script = dyn Fn(&Message, Transport) -> Reply + Send + Sync;

/// A running server; it ends when dropped.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Scripted {
    pub(crate) fn start(
        script: impl Fn(&Message, Transport) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (udp, tcp) = sockets();
        Self::serve(udp, tcp, script)
    }

    /// A server at this address; None where something else is there.
    pub(crate) fn start_at(
        address: SocketAddr,
        script: impl Fn(&Message, Transport) -> Reply + Send + Sync + 'static,
    ) -> Option<Self> {
        let udp = UdpSocket::bind(address).ok()?;
        let tcp = TcpListener::bind(address).ok()?;
        Some(Self::serve(udp, tcp, script))
    }

    fn serve(
        udp: UdpSocket,
        tcp: TcpListener,
        script: impl Fn(&Message, Transport) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let script: Arc<Script> = Arc::new(script);
        let address = udp.local_addr().expect("a bound socket has an address");
        let stop = Arc::new(AtomicBool::new(false));
        let threads = vec![
            thread::spawn({
                let (script, stop) = (Arc::clone(&script), Arc::clone(&stop));
                move || serve_udp(&udp, &*script, &stop)
            }),
            thread::spawn({
                let stop = Arc::clone(&stop);
                move || serve_tcp(&tcp, &script, &stop)
            }),
        ];
        Self { address, stop, threads }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // This is the last request that both threads get, behind all that came before.
        let woken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|socket| socket.send_to(&[], self.address));
        if woken.is_ok() && TcpStream::connect(self.address).is_ok() {
            for thread in self.threads.drain(..) {
                // A panic of the script has failed the test already.
                let _ = thread.join();
            }
        }
    }
}

fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let address = free_address();
        if let (Ok(udp), Ok(tcp)) = (UdpSocket::bind(address), TcpListener::bind(address)) {
            return (udp, tcp);
        }
    }
}

fn serve_udp(socket: &UdpSocket, script: &Script, stop: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok((length, client)) = socket.recv_from(&mut buffer) {
        if length == 0 && stop.load(Ordering::SeqCst) {
            return;
        }
        for message in replies(&buffer[..length], Transport::Udp, script) {
            // A client that has gone away needs no answer.
            let _ = socket.send_to(&message, client);
        }
    }
}

fn serve_tcp(listener: &TcpListener, script: &Arc<Script>, stop: &AtomicBool) {
    while let Ok((stream, _)) = listener.accept() {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let script = Arc::clone(script);
        // Several connections at once, as real servers take them; each ends with its client.
        thread::spawn(move || converse(stream, &*script));
    }
}

fn converse(mut stream: TcpStream, script: &Script) {
    let patience = stream.set_read_timeout(Some(PATIENCE));
    while let (Ok(()), Ok(request)) = (&patience, receive(&mut stream)) {
        for message in replies(&request, Transport::Tcp, script) {
            if send(&mut stream, &message).is_err() {
                return;
            }
        }
    }
}

fn replies(request: &[u8], transport: Transport, script: &Script) -> Vec<Vec<u8>> {
    let request = Message::from_vec(request).expect("the program sends DNS messages");
    assert_eq!(request.queries.len(), 1, "one question a message");
    match script(&request, transport) {
        Reply::Message(message) => vec![message.to_vec().expect("the message can be written")],
        Reply::Bytes(messages) => messages,
        Reply::Silence => Vec::new(),
    }
}

/// An empty response to the request with this RCODE.
pub(crate) fn refuse(request: &Message, code: ResponseCode) -> Message {
    let mut response = Message::response(request.metadata.id, OpCode::Query);
    response.metadata.response_code = code;
    response.metadata.authoritative = true;
    response.metadata.recursion_desired = request.metadata.recursion_desired;
    response.add_queries(request.queries.iter().cloned());
    response
}

/// The response of a server that holds what the default profile asks for.
pub(crate) fn healthy(request: &Message) -> Message {
    respond(request, |labels| {
        let (priority, weight, port) = match labels {
            "_imaps._tcp" => (0, 1, 993),
            "_imap._tcp" => (10, 1, 143),
            "_pop3s._tcp" => (20, 1, 995),
            "_pop3._tcp" => (30, 1, 110),
            "_submissions._tcp" => (0, 1, 465),
            "_submission._tcp" => (10, 1, 587),
            "_autodiscover._tcp" => (0, 0, 443),
            _ => return None,
        };
        Some(SRV::new(priority, weight, port, name("mail")))
    })
}

/// A response that, if believed, sends clients to a stranger.
pub(super) fn poisoned(request: &Message) -> Message {
    respond(request, |labels| {
        labels.starts_with('_').then(|| SRV::new(0, 1, 666, name("stranger")))
    })
}

fn respond(request: &Message, srv: impl Fn(&str) -> Option<SRV>) -> Message {
    let mut response = refuse(request, ResponseCode::NoError);
    let query = &request.queries[0];
    let owner = query.name().to_ascii().to_ascii_lowercase();
    let labels = owner.strip_suffix(&format!("{DOMAIN}.")).unwrap_or(&owner).trim_end_matches('.');
    let alias = matches!(labels, "autoconfig" | "autodiscover");
    if alias {
        response.add_answer(record(query.name().clone(), RData::CNAME(CNAME(name("mail")))));
    }
    let host = if alias { name("mail") } else { query.name().clone() };
    let data = match (labels, query.query_type()) {
        ("mail" | "stranger" | "autoconfig" | "autodiscover", RecordType::A) => {
            Some(RData::A(A(Ipv4Addr::new(192, 0, 2, 1))))
        }
        ("mail" | "stranger" | "autoconfig" | "autodiscover", RecordType::AAAA) => {
            Some(RData::AAAA(AAAA(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))))
        }
        ("", RecordType::MX) => Some(RData::MX(MX::new(10, name("mail")))),
        (_, RecordType::SRV) => srv(labels).map(RData::SRV),
        _ => None,
    };
    if let Some(data) = data {
        response.add_answer(record(host, data));
    } else {
        let exists = ["", "_tcp", "mail"].contains(&labels) || alias || srv(labels).is_some();
        if !exists {
            response.metadata.response_code = ResponseCode::NXDomain;
        }
        response.add_authority(record(apex(), soa()));
    }
    response
}

/// NODATA of a server of the zone.
pub(super) fn nothing(request: &Message) -> Message {
    let mut response = refuse(request, ResponseCode::NoError);
    response.add_authority(record(apex(), soa()));
    response
}

pub(super) fn apex() -> Name {
    Name::from_ascii(format!("{DOMAIN}.")).expect("the name is valid")
}

pub(super) fn soa() -> RData {
    RData::SOA(SOA::new(name("ns"), name("hostmaster"), 1, 7200, 3600, 1_209_600, 300))
}

pub(crate) fn record(owner: Name, data: RData) -> Record {
    Record::from_rdata(owner, 3600, data)
}

pub(super) fn name(label: &str) -> Name {
    Name::from_ascii(format!("{label}.{DOMAIN}.")).expect("the name is valid")
}
