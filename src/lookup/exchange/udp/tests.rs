//! Sockets that many questions share, against scripted servers on loopback.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::net::UdpSocket;

use super::*;
use crate::answer::Question;
use crate::lookup::exchange::Flags;
use crate::lookup::manners::Limits;
use crate::lookup::responder::{name, reply};

/// Longer than any machine needs.
const LONG: Duration = Duration::from_secs(60);

/// From which ports and under which IDs a server was asked.
type Seen = Arc<Mutex<Vec<(u16, u16)>>>;

/// A server that answers every query, or none.
async fn serve(answers: bool) -> (SocketAddr, Seen) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (socket.local_addr().unwrap(), Seen::default());
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
            let query = Message::from_vec(&buffer[..length]).unwrap();
            noted.lock().unwrap().push((client.port(), query.metadata.id));
            if answers {
                let octets = reply(&query, ResponseCode::NoError, &[]);
                socket.send_to(&octets, client).await.unwrap();
            }
        }
    });
    (address, seen)
}

fn datagrams(in_flight: usize) -> Datagrams {
    Datagrams::new(OpenSockets::new(in_flight), manners(), Letters::Lower)
}

fn manners() -> Arc<Manners> {
    Arc::new(Manners::new(Limits::in_flight(256), None))
}

async fn ask(datagrams: &Datagrams, server: SocketAddr, number: usize) -> Result<(), Failure> {
    let question = Question { name: name(&format!("q{number}.test.")), rtype: RecordType::A };
    let request = Request::new(&question, Flags::STUB);
    datagrams.ask(&request, server, LONG).await.map(drop)
}

fn ports(seen: &Seen) -> HashSet<u16> {
    seen.lock().unwrap().iter().map(|(port, _)| *port).collect()
}

#[tokio::test]
async fn many_questions_share_few_sockets() {
    let (server, seen) = serve(true).await;
    let datagrams = datagrams(256);
    for round in 0..20 {
        let results = join_all((0..40).map(|it| ask(&datagrams, server, 40 * round + it))).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }
    assert_eq!(ports(&seen).len(), SOCKETS);
    // A few of 800 that are drawn are drawn twice.
    let ids: Vec<_> = seen.lock().unwrap().iter().map(|(_, id)| *id).collect();
    let distinct: HashSet<_> = ids.iter().collect();
    assert!(distinct.len() > 700 && !ids.is_sorted(), "{ids:?}");
}

#[tokio::test]
async fn one_question_after_the_other_needs_one_socket() {
    let (server, seen) = serve(true).await;
    let datagrams = datagrams(256);
    for number in 0..20 {
        assert_eq!(ask(&datagrams, server, number).await, Ok(()));
    }
    assert_eq!(ports(&seen).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_socket_is_not_used_for_long() {
    let (server, seen) = serve(true).await;
    let datagrams = datagrams(256);
    for number in 0..4 {
        assert_eq!(ask(&datagrams, server, number).await, Ok(()));
        tokio::time::advance(LONG).await;
    }
    assert_eq!(ports(&seen).len(), 4);
    // Who hears is gone with the socket, though nobody asks any more.
    tokio::time::sleep(LONG).await;
    let sockets = datagrams.sockets.lock().unwrap();
    assert!(sockets.serving.iter().all(|serving| serving.task.is_finished()));
}

#[tokio::test]
async fn a_socket_that_nobody_uses_makes_room_for_others() {
    let datagrams = datagrams(4);
    let (silent, _) = serve(false).await;
    let (server, seen) = serve(true).await;
    let others = Datagrams::new(datagrams.opened.clone(), manners(), Letters::Lower);
    let waits = ask(&others, silent, 0);
    let asked = async {
        for number in 0..3 {
            assert_eq!(ask(&datagrams, server, number).await, Ok(()));
        }
    };
    tokio::select! {
        biased;
        _silent = waits => panic!("it answers nothing"),
        () = asked => {}
    }
    assert_eq!(ports(&seen).len(), 3);
}

#[tokio::test]
async fn a_closed_port_ends_all_that_is_in_flight_there() {
    // It hears one peer alone, and keeps the port from other tests.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect("127.0.0.1:9").unwrap();
    let (server, datagrams) = (socket.local_addr().unwrap(), datagrams(256));
    let asked = (0..40).map(|number| ask(&datagrams, server, number));
    assert_eq!(join_all(asked).await, [Err(Failure::Unreachable); 40]);
}

#[tokio::test]
async fn whoever_stops_waiting_leaves_nothing_behind() {
    let (server, seen) = serve(false).await;
    let datagrams = datagrams(256);
    for number in 0..100 {
        let asked = ask(&datagrams, server, number);
        let ended = tokio::time::timeout(Duration::from_millis(1), asked).await;
        assert!(ended.is_err());
    }
    assert_eq!(ports(&seen).len(), 1);
    assert!(datagrams.sockets.lock().unwrap().serving[0].socket.is_idle());
}

#[test]
fn the_question_of_a_message_ends_before_its_other_records() {
    for (owner, length) in [("a.test.", 12), (".", 5)] {
        let question = Question { name: name(owner), rtype: RecordType::A };
        let mut message = Request::new(&question, Flags::STUB).message(0);
        let question = question_of(&mut message);
        assert_eq!(question.len(), length);
        assert!(question.ends_with(b"\0\0\x01\0\x01"));
    }
    for cut_off in [&b""[..], &[0; 12], &[63; 20]] {
        assert_eq!(question_of(&mut cut_off.to_vec()), b"");
    }
}
