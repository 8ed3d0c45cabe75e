//! Datagrams of one length, handed to the system together.
//!
//! Linux takes many as one and cuts them apart on the way (`UDP_SEGMENT`, since 4.18), which costs a
//! fraction of sending each. Not every network device and tunnel bears that: the first error that says
//! so (EIO, EINVAL) ends it for the server, and what was to be sent goes one by one. So it does elsewhere:
//! what other systems have for it is not measured, and macOS takes no address for a connected socket.
//!
//! What has come is read many by one call, too, but never joined (`UDP_GRO`): servers send one by one,
//! in many lengths, and what is joined takes 64 KiB of room for each.

use std::io::{self, Read};
use std::net::SocketAddr;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use self::system::Segments;

/// The most datagrams that Linux cuts one into (`UDP_MAX_SEGMENTS` before 6.9).
pub(super) const MOST: usize = 64;

/// The most octets of one datagram that is cut: 16 bits less the headers of UDP and IP, about.
const OCTETS: usize = 65_000;

/// How datagrams are sent to one server.
#[derive(Debug)]
pub(super) struct Offload {
    segments: Segments,
    most: usize,
}

/// How many datagrams are read by one call, and the room for each: servers that ignore the payload of
/// a request commonly stop there.
pub(super) const BATCH: usize = 32;
pub(super) const LENGTH: usize = 4096;

impl Offload {
    /// So many are handed over together at most.
    pub(super) fn new(most: usize) -> Self {
        Self { segments: Segments::default(), most }
    }

    /// Sends datagrams that are so long each. Says how many were sent, and what kept the others.
    pub(super) fn send(
        &self,
        socket: &UdpSocket,
        server: SocketAddr,
        octets: &[u8],
        length: usize,
    ) -> (usize, io::Result<()>) {
        let all = octets.len() / length;
        let mut sent = 0;
        while sent < all {
            let together = self.together(length, all - sent);
            let next = &octets[sent * length..(sent + together) * length];
            let result = match together {
                // The runtime takes a socket for writable once it has said so, which it has not of a
                // new one.
                1 => SockRef::from(socket).send(next).map(drop),
                _ => self.segments.send(socket, server, next, length),
            };
            match result {
                Ok(()) => sent += together,
                Err(_refused) if together > 1 && !self.segments.are_taken() => {}
                Err(error) => return (sent, Err(error)),
            }
        }
        (sent, Ok(()))
    }

    /// Reads what has come into a buffer with room for [`BATCH`], each of which begins [`LENGTH`] octets
    /// behind the one before. Says how many there are.
    pub(super) fn receive(
        &self,
        socket: &UdpSocket,
        buffer: &mut [u8],
        lengths: &mut [usize; BATCH],
    ) -> io::Result<usize> {
        socket.try_io(Interest::READABLE, || self.segments.receive(socket, buffer, lengths))
    }

    /// How many of so many are sent together.
    fn together(&self, length: usize, count: usize) -> usize {
        let most = self.most.min(OCTETS / length).min(count);
        if most > 1 && self.segments.are_taken() { most } else { 1 }
    }
}

fn receive_one(
    socket: &UdpSocket,
    buffer: &mut [u8],
    lengths: &mut [usize; BATCH],
) -> io::Result<usize> {
    lengths[0] = (&*SockRef::from(socket)).read(&mut buffer[..LENGTH])?;
    Ok(1)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::io::{self, IoSliceMut};
    use std::net::{Ipv4Addr, SocketAddr};
    use std::sync::OnceLock;

    use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
    use tokio::net::UdpSocket;

    use super::{BATCH, LENGTH, receive_one};

    /// Whether the system takes many for one.
    #[derive(Debug, Default)]
    pub(super) struct Segments(OnceLock<Option<UdpSocketState>>);

    impl Segments {
        /// It does, as far as is known.
        pub(super) fn are_taken(&self) -> bool {
            self.state().is_some_and(|state| state.max_gso_segments() > 1)
        }

        pub(super) fn send(
            &self,
            socket: &UdpSocket,
            server: SocketAddr,
            octets: &[u8],
            length: usize,
        ) -> io::Result<()> {
            let state = self.state().ok_or(io::ErrorKind::Unsupported)?;
            let transmit = Transmit {
                destination: server,
                ecn: None,
                contents: octets,
                segment_size: Some(length),
                src_ip: None,
            };
            state.try_send(socket.into(), &transmit)
        }

        pub(super) fn receive(
            &self,
            socket: &UdpSocket,
            buffer: &mut [u8],
            lengths: &mut [usize; BATCH],
        ) -> io::Result<usize> {
            let Some(state) = self.state() else { return receive_one(socket, buffer, lengths) };
            let mut parts = buffer.chunks_exact_mut(LENGTH);
            let mut parts: [IoSliceMut<'_>; BATCH] =
                std::array::from_fn(|_| IoSliceMut::new(parts.next().unwrap_or_default()));
            let mut read = [RecvMeta::default(); BATCH];
            let count = state.recv(socket.into(), &mut parts, &mut read)?;
            for (length, read) in lengths.iter_mut().zip(&read[..count]) {
                *length = read.len;
            }
            Ok(count)
        }

        /// It is found out with a socket of its own, of which the options are set for what is not wanted
        /// of the others.
        fn state(&self) -> Option<&UdpSocketState> {
            let ask = || {
                let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
                UdpSocketState::new((&socket).into()).ok()
            };
            self.0.get_or_init(ask).as_ref()
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use std::io;
    use std::net::SocketAddr;

    use tokio::net::UdpSocket;

    use super::{BATCH, receive_one};

    /// The system takes one for one.
    #[derive(Debug, Default)]
    pub(super) struct Segments;

    impl Segments {
        pub(super) fn are_taken(&self) -> bool {
            false
        }

        pub(super) fn send(
            &self,
            _socket: &UdpSocket,
            _server: SocketAddr,
            _octets: &[u8],
            _length: usize,
        ) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn receive(
            &self,
            socket: &UdpSocket,
            buffer: &mut [u8],
            lengths: &mut [usize; BATCH],
        ) -> io::Result<usize> {
            receive_one(socket, buffer, lengths)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends so many datagrams of 30 octets each, and reads as many.
    async fn sent(offload: &Offload, address: &str, count: u8) -> Vec<u8> {
        let server = UdpSocket::bind(address).await.unwrap();
        let client = UdpSocket::bind(address).await.unwrap();
        let address = server.local_addr().unwrap();
        client.connect(address).await.unwrap();
        let octets: Vec<u8> = (0..count).flat_map(|number| [number; 30]).collect();
        let (sent, result) = offload.send(&client, address, &octets, 30);
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(sent, usize::from(count));
        let mut numbers = Vec::new();
        let (mut buffer, mut lengths) = (vec![0; BATCH * LENGTH], [0; BATCH]);
        while numbers.len() < usize::from(count) {
            server.readable().await.unwrap();
            let Ok(read) = offload.receive(&server, &mut buffer, &mut lengths) else { continue };
            for (datagram, length) in buffer.chunks_exact(LENGTH).zip(&lengths[..read]) {
                assert_eq!(datagram[..*length], [datagram[0]; 30]);
                numbers.push(datagram[0]);
            }
        }
        numbers
    }

    #[tokio::test]
    async fn each_datagram_arrives_by_itself_however_many_are_sent_together() {
        for (most, count) in [(MOST, 1), (MOST, 2), (MOST, 64), (MOST, 200), (3, 20), (1, 5)] {
            let numbers = sent(&Offload::new(most), "127.0.0.1:0", count).await;
            assert_eq!(numbers, (0..count).collect::<Vec<_>>(), "{most}");
        }
        if std::net::UdpSocket::bind("[::1]:0").is_ok() {
            let numbers = sent(&Offload::new(MOST), "[::1]:0", 100).await;
            assert_eq!(numbers, (0..100).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn where_the_system_refuses_it_all_are_sent_one_by_one_and_so_are_those_behind_them() {
        // More than any Linux takes.
        let offload = Offload::new(1000);
        for _ in 0..2 {
            assert_eq!(sent(&offload, "127.0.0.1:0", 200).await, (0..200).collect::<Vec<_>>());
            assert_eq!(offload.together(30, 200), 1);
        }
    }
}
