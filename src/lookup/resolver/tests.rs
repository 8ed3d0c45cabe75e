use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{RData, Record, RecordType};
use hickory_proto::serialize::binary::BinEncodable;

use super::*;
use crate::answer::Dnssec;
use crate::lookup::responder::{name, record, reply, srv, tcp, udp};

/// As short as a busy machine allows.
const SHORT: Options = Options { timeout: Duration::from_secs(1), tries: 1 };
const LONG: Options = Options { timeout: Duration::from_secs(60), tries: 1 };

fn question() -> Question {
    Question { name: name("_imaps._tcp.Example.test."), rtype: RecordType::SRV }
}

fn good(query: &Message) -> Vec<u8> {
    let records = [record("_imaps._tcp.example.test.", 60, srv("mail.example.test."))];
    reply(query, ResponseCode::NoError, &records)
}

async fn ask(servers: &[SocketAddr], options: Options) -> Answer {
    Resolver::new(servers.to_vec(), options).ask(&question()).await
}

async fn ask_by_tcp(server: SocketAddr) -> Answer {
    let server: Server = format!("tcp://{server}").parse().unwrap();
    Resolver::new([server], LONG).ask(&question()).await
}

#[track_caller]
fn assert_good(answer: &Answer) {
    let data = vec![srv("mail.example.test.")];
    assert_eq!(answer.outcome, Outcome::Records { ttl: 60, data });
}

/// A server that always sends one RCODE without records.
async fn only(code: ResponseCode) -> SocketAddr {
    udp(move |query| vec![reply(query, code, &[])]).await
}

/// A server that counts its queries and sends what the script says.
async fn counting(
    script: impl Fn(&Message) -> Vec<Vec<u8>> + Send + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let server = udp(move |query| {
        counter.fetch_add(1, Ordering::Relaxed);
        script(query)
    });
    (server.await, count)
}

/// A port that refuses: its socket hears one peer alone, and keeps the port from other tests.
fn closed_port() -> SocketAddr {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect("127.0.0.1:9").unwrap();
    let address = socket.local_addr().unwrap();
    std::mem::forget(socket);
    address
}

#[tokio::test]
async fn nxdomain_nodata_and_a_loop_are_final() {
    let looping = udp(|query| {
        let asked = query.queries[0].name();
        let alias = Record::from_rdata(asked.clone(), 60, RData::CNAME(CNAME(asked.clone())));
        vec![reply(query, ResponseCode::NoError, &[alias])]
    });
    for (first, outcome) in [
        (only(ResponseCode::NXDomain).await, Outcome::NxDomain),
        (only(ResponseCode::NoError).await, Outcome::NoData),
        (looping.await, Outcome::Failed(Failure::ChainTooLong)),
    ] {
        let (second, count) = counting(|query| vec![good(query)]).await;
        let answer = ask(&[first, second], LONG).await;
        assert_eq!(answer.outcome, outcome);
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn the_next_server_is_asked_after_any_failure() {
    let good = udp(|query| vec![good(query)]).await;
    for bad in [
        only(ResponseCode::ServFail).await,
        only(ResponseCode::Refused).await,
        only(ResponseCode::FormErr).await,
        udp(|_| Vec::new()).await,
        udp(|_| vec![b"garbage".to_vec()]).await,
        closed_port(),
    ] {
        assert_good(&ask(&[bad, good], Options { tries: 10, ..SHORT }).await);
    }
}

#[tokio::test]
async fn the_failure_that_says_most_is_kept() {
    let silent = udp(|_| Vec::new()).await;
    let servfail = only(ResponseCode::ServFail).await;
    let refused = only(ResponseCode::Refused).await;
    for (servers, failure) in [
        (vec![silent], Failure::Timeout),
        (vec![silent, servfail, refused], Failure::ServFail),
        (vec![refused, silent], Failure::Refused),
        (vec![closed_port()], Failure::Unreachable),
        (vec![only(ResponseCode::NotAuth).await], Failure::Rcode(9)),
        (Vec::new(), Failure::Unreachable),
    ] {
        let answer = ask(&servers, SHORT).await;
        assert_eq!(answer.outcome, Outcome::Failed(failure), "{servers:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_more_often_than_the_tries_say() {
    let (silent, count) = counting(|_| Vec::new()).await;
    let options = Options { timeout: Duration::from_millis(800), tries: 2 };
    let answer = ask(&[silent], options).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Timeout));
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_dead_server_is_asked_by_the_first_questions_alone() {
    let (silent, asked) = counting(|_| Vec::new()).await;
    let (alive, answered) = counting(|query| vec![good(query)]).await;
    for dead in [silent, closed_port()] {
        let options = Options { timeout: Duration::from_millis(500), tries: 9 };
        let resolver = Resolver::new([dead, alive], options);
        let question = question();
        let all = (0..300).map(|_| resolver.ask(&question));
        futures_util::future::join_all(all).await.iter().for_each(assert_good);
        let more = (0..300).map(|_| resolver.ask(&question));
        futures_util::future::join_all(more).await.iter().for_each(assert_good);
    }
    assert!(asked.load(Ordering::Relaxed) < 60, "{asked:?}");
    assert!(answered.load(Ordering::Relaxed) >= 1200);
}

#[tokio::test]
async fn what_one_server_has_no_room_for_is_posted_to_the_next() {
    let (first, one) = counting(|_| Vec::new()).await;
    let (second, other) = counting(|_| Vec::new()).await;
    let limits = Limits { at_each: 2, ..Limits::in_flight(9) };
    let network = Network::new(limits, &Trust::public());
    let resolver = Resolver::among(&network, [first, second], LONG);
    let mailbox = Arc::default();
    let post = |number: u64| {
        let mut question = name(&format!("d{number}.test.")).to_bytes().unwrap();
        question.extend([0, 1, 0, 1]);
        let (now, mailbox) = (Instant::now(), &mailbox);
        let letter =
            Letter { question: &question, is_own: true, mailbox, number, now, deadline: None };
        resolver.post(&letter) == Posted::Sent
    };
    let posted: Vec<bool> = (0..5).map(post).collect();
    assert_eq!(posted, [true, true, true, true, false]);
    while [&one, &other].map(|count| count.load(Ordering::Relaxed)) != [2, 2] {
        let _when = resolver.send_posted(Instant::now());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_from_the_start_is_not_waited_for_and_one_that_was_is() {
    let resolver = Resolver::new([closed_port()], Options { tries: 9, ..LONG });
    for _ in 0..20 {
        let answer = resolver.ask(&question()).await;
        assert_eq!(answer.outcome, Outcome::Failed(Failure::Unreachable));
    }
    assert!(resolver.network.standings()[0].asked < 20);
    // Silent for a while, in the midst of a run.
    let mut heard = 0;
    let server = udp(move |query| {
        heard += 1;
        if (2..12).contains(&heard) { Vec::new() } else { vec![good(query)] }
    });
    let options = Options { timeout: Duration::from_millis(400), tries: 10 };
    let resolver = Resolver::new([server.await], options);
    assert_good(&resolver.ask(&question()).await);
    let question = question();
    let all = (0..40).map(|_| resolver.ask(&question));
    futures_util::future::join_all(all).await.iter().for_each(assert_good);
}

#[tokio::test]
async fn a_server_that_refuses_what_is_too_much_answers_all_in_the_end() {
    // It bears fifteen at a time, and thinks for a while.
    let socket = Arc::new(tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let server = socket.local_addr().unwrap();
    let busy = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
            let query = Message::from_vec(&buffer[..length]).unwrap();
            if busy.load(Ordering::Relaxed) >= 15 {
                let refusal = reply(&query, ResponseCode::Refused, &[]);
                socket.send_to(&refusal, client).await.unwrap();
                continue;
            }
            busy.fetch_add(1, Ordering::Relaxed);
            let (socket, busy) = (Arc::clone(&socket), Arc::clone(&busy));
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(2)).await;
                socket.send_to(&good(&query), client).await.unwrap();
                busy.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    let resolver = Resolver::new([server], Options { tries: 2, ..LONG });
    let question = question();
    let all = (0..1000).map(|_| resolver.ask(&question));
    futures_util::future::join_all(all).await.iter().for_each(assert_good);
}

#[tokio::test]
async fn what_does_not_belong_to_the_request_is_ignored() {
    let wrong_id = |query: &Message| {
        let mut bytes = good(query);
        bytes[0] ^= 1;
        bytes
    };
    let wrong_question = |query: &Message| {
        let mut forged = query.clone();
        forged.queries[0].set_name(name("_imap._tcp.example.test."));
        good(&forged)
    };
    let echo = |query: &Message| query.to_vec().unwrap();
    let mut garbage = [0xff; 40].to_vec();
    garbage[2] = 0;
    let with_right_id = move |query: &Message| {
        let mut bytes = garbage.clone();
        bytes[..2].copy_from_slice(&query.metadata.id.to_be_bytes());
        bytes
    };
    type Forge = Box<dyn Fn(&Message) -> Vec<u8> + Send>;
    let forgeries: [(Forge, Failure); 4] = [
        (Box::new(wrong_id), Failure::Timeout),
        (Box::new(wrong_question), Failure::Timeout),
        (Box::new(echo), Failure::Malformed),
        (Box::new(with_right_id), Failure::Malformed),
    ];
    for (forge, failure) in forgeries {
        let mut first = true;
        let server = udp(move |query| {
            let genuine = (!std::mem::take(&mut first)).then(|| good(query));
            [forge(query)].into_iter().chain(genuine).collect()
        });
        let server = server.await;
        let answer = ask(&[server], SHORT).await;
        assert_eq!(answer.outcome, Outcome::Failed(failure));
        assert_good(&ask(&[server], LONG).await);
    }
}

#[tokio::test]
async fn a_response_from_elsewhere_is_ignored() {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
        let query = Message::from_vec(&buffer[..length]).unwrap();
        let elsewhere = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        elsewhere.send_to(&good(&query), client).await.unwrap();
        std::future::pending::<()>().await;
    });
    let answer = ask(&[server], SHORT).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Timeout));
}

#[tokio::test]
async fn a_truncated_response_is_asked_for_again_over_tcp() {
    let truncated = |query: &Message| {
        let mut bytes = reply(query, ResponseCode::NoError, &[]);
        bytes[2] |= 0x02;
        bytes
    };
    let cut_off = move |query: &Message| {
        let mut bytes = truncated(query);
        bytes[7] = 9;
        bytes
    };
    for server in [
        udp(move |query| vec![truncated(query)]).await,
        udp(move |query| vec![cut_off(query)]).await,
    ] {
        tcp(server, |query| vec![b"garbage".to_vec(), good(query)]).await;
        assert_good(&ask(&[server], LONG).await);
    }
    let deaf = udp(move |query| vec![truncated(query)]).await;
    let answer = ask(&[deaf], LONG).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Unreachable));
    tcp(deaf, |_| Vec::new()).await;
    let answer = ask(&[deaf], LONG).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Unreachable));
}

#[tokio::test]
async fn an_empty_message_over_tcp_is_passed_over() {
    let server = udp(|_| Vec::new()).await;
    tcp(server, |query| vec![Vec::new(), good(query)]).await;
    assert_good(&ask_by_tcp(server).await);
    let empty = udp(|_| Vec::new()).await;
    tcp(empty, |_| vec![Vec::new()]).await;
    let answer = ask_by_tcp(empty).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Malformed));
}

#[tokio::test]
async fn a_truncated_response_is_no_answer_over_tcp_either() {
    let truncated = |query: &Message| {
        let mut bytes = good(query);
        bytes[2] |= 0x02;
        vec![bytes]
    };
    let server = udp(truncated).await;
    tcp(server, truncated).await;
    let answer = ask(&[server], LONG).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Truncated));
}

#[tokio::test]
async fn a_broken_additional_record_hides_no_answer() {
    let broken = |query: &Message| {
        let mut bytes = good(query);
        bytes[11] += 1;
        bytes.extend(b"\0\0\x01\0\x01\0\0\0\0\0\x03\xc0\0\x02");
        bytes
    };
    let server = udp(move |query| vec![broken(query)]).await;
    tcp(server, move |query| vec![broken(query)]).await;
    assert_good(&ask(&[server], LONG).await);
    assert_good(&ask_by_tcp(server).await);
}

#[tokio::test]
async fn a_response_that_contradicts_itself_is_not_waited_upon() {
    let contradiction = |query: &Message| {
        let records = [record("_imaps._tcp.example.test.", 60, srv("mail.example.test."))];
        vec![reply(query, ResponseCode::NXDomain, &records), good(query)]
    };
    let answer = ask(&[udp(contradiction).await], LONG).await;
    assert_eq!(answer.outcome, Outcome::Failed(Failure::Malformed));
}

#[tokio::test]
async fn a_server_ignorant_of_edns_is_asked_again_without() {
    for header_alone in [false, true] {
        let server = udp(move |query| {
            if query.edns.is_none() {
                return vec![good(query)];
            }
            let mut bytes = reply(query, ResponseCode::FormErr, &[]);
            if header_alone {
                bytes.truncate(12);
                bytes[5] = 0;
            }
            vec![bytes]
        });
        assert_good(&ask(&[server.await], LONG).await);
    }
}

#[tokio::test]
async fn the_request_asks_for_recursion_and_ad_and_keeps_the_case() {
    let server = udp(|query| {
        let metadata = &query.metadata;
        let as_wanted = metadata.recursion_desired
            && metadata.authentic_data
            && query.queries[0].name().eq_case(&question().name)
            && query.edns.as_ref().is_some_and(|edns| edns.max_payload() == 1232);
        let mut bytes = if as_wanted { good(query) } else { Vec::new() };
        bytes[3] |= 0x20;
        vec![bytes]
    });
    let answer = ask(&[server.await], LONG).await;
    assert_good(&answer);
    assert_eq!(answer.dnssec, Dnssec::Secure);
}

#[tokio::test]
async fn an_srv_record_behind_an_alias_is_found_and_names_of_all_kinds_are_sent() {
    for owner in ["_imaps._tcp.a.invalid.", "_imaps._tcp.localhost.", "_imaps._tcp.b.onion."] {
        let server = udp(move |query| {
            let alias = RData::CNAME(CNAME(name("_imaps._tcp.b.test.")));
            let records = [
                record("_imaps._tcp.b.test.", 60, srv("mail.b.test.")),
                record(owner, 60, alias),
                record("mail.b.test.", 60, RData::A(A::new(192, 0, 2, 1))),
            ];
            vec![reply(query, ResponseCode::NoError, &records)]
        });
        let resolver = Resolver::new(vec![server.await], LONG);
        let question = Question { name: name(owner), rtype: RecordType::SRV };
        let answer = resolver.ask(&question).await;
        assert_eq!(answer.chain, [name("_imaps._tcp.b.test.")]);
        let data = vec![srv("mail.b.test.")];
        assert_eq!(answer.outcome, Outcome::Records { ttl: 60, data });
    }
}

#[test]
fn as_many_threads_ask_as_have_something_to_do() {
    let per_second = |rate| Rate::PerSecond(NonZeroU32::new(rate).unwrap());
    for (servers, rate, threads) in [
        (&["127.0.0.1"][..], Rate::Usual, 4),
        (&["192.0.2.1"], Rate::Usual, 1),
        (&["192.0.2.1"], Rate::Unlimited, 4),
        (&["192.0.2.1", "127.0.0.1"], Rate::Usual, 4),
        (&["192.0.2.1", "192.0.2.2"], per_second(8_000), 1),
        (&["192.0.2.1", "192.0.2.2"], per_second(10_000), 2),
        (&["127.0.0.1"], per_second(1), 1),
        (&["127.0.0.1"], per_second(1_000_000), 4),
        (&["127.0.0.1", "tls://127.0.0.2"], Rate::Usual, 1),
    ] {
        let network = Network::new(Limits { rate, ..Limits::in_flight(256) }, &Trust::public());
        let named = servers.iter().map(|server| server.parse::<Server>().unwrap());
        let options = Options { timeout: Duration::from_secs(1), tries: 1 };
        let resolver = Resolver::among(&network, named, options);
        assert_eq!(resolver.threads(4), threads, "{servers:?} {rate:?}");
    }
}
