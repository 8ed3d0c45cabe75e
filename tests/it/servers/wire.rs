//! The few queries that tests ask for themselves, apart from the program under test.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, Record, RecordType};

use super::PATIENCE;

/// Whether the server answers for the zone: with authority, or as a resolver.
pub(super) fn is_served(server: SocketAddr, zone: &str) -> bool {
    ask(server, zone, RecordType::SOA).is_ok_and(|response| {
        response.metadata.response_code == ResponseCode::NoError
            && (response.metadata.authoritative || response.metadata.recursion_available)
            && !response.answers.is_empty()
    })
}

fn ask(server: SocketAddr, name: &str, rtype: RecordType) -> io::Result<Message> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    socket.connect(server)?;
    socket.send(&query(name, rtype))?;
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer)?;
    Message::from_vec(&buffer[..length]).map_err(io::Error::other)
}

/// Every record of a zone, by zone transfer, as sorted text without the SOA.
pub(crate) fn transfer(server: SocketAddr, zone: &str) -> Vec<String> {
    let mut records: Vec<Record> = Vec::new();
    let is_soa = |record: &&Record| record.record_type() == RecordType::SOA;
    let mut stream = TcpStream::connect(server).expect("the server listens on TCP");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    send(&mut stream, &query(zone, RecordType::AXFR)).expect("the server takes a query");
    // A transfer ends with the SOA record that it began with (RFC 5936 §2.2).
    while records.iter().filter(is_soa).count() < 2 {
        let message = receive(&mut stream).expect("the server sends the whole zone");
        let message = Message::from_vec(&message).expect("the server sends DNS messages");
        assert_eq!(message.metadata.response_code, ResponseCode::NoError);
        records.extend(message.answers);
    }
    records.retain(|record| record.record_type() != RecordType::SOA);
    let mut lines: Vec<_> = records
        .iter()
        .map(|record| {
            format!("{} {} {} {}", record.name, record.ttl, record.record_type(), record.data)
        })
        .collect();
    lines.sort();
    lines
}

fn query(name: &str, rtype: RecordType) -> Vec<u8> {
    let mut name = Name::from_ascii(name).expect("tests ask for valid names");
    name.set_fqdn(true);
    let mut message = Message::query();
    // A resolver asks others for nobody who does not desire it.
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name, rtype));
    message.to_vec().expect("a query fits a message")
}

/// Sends a message over TCP, with its length in front (RFC 1035 §4.2.2).
pub(crate) fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), message].concat())
}

/// Receives a message over TCP.
pub(crate) fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message)?;
    Ok(message)
}
