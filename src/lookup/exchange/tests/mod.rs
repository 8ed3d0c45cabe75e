//! Every transport against scripted servers: what it makes of good ones, and of bad ones.

mod authority;
mod request;
mod responder;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::io::AsyncWriteExt;

use self::authority::{Identity, Kind, NAME};
use self::responder::{Reply, Script, Served, serve};
use super::{Flags, Network, Trust, Upstream};
use crate::answer::{Failure, Outcome, Question};
use crate::lookup::manners::Limits;
use crate::lookup::responder::{name, record, reply, srv};
use crate::lookup::server::{Server, Transport};
use crate::message;

/// Longer than any machine needs.
const LONG: Duration = Duration::from_secs(60);

/// As short as a busy machine allows.
const SHORT: Duration = Duration::from_secs(1);

/// All that one connection serves.
const CONNECTED: [Transport; 4] =
    [Transport::Tcp, Transport::Tls, Transport::Https, Transport::Quic];

/// Those that show a certificate.
const ENCRYPTED: [Transport; 3] = [Transport::Tls, Transport::Https, Transport::Quic];

fn question(number: usize) -> Question {
    Question { name: name(&format!("q{number}.Example.test.")), rtype: RecordType::SRV }
}

/// The answer to a query, with a record behind it that no codec reads.
fn good(query: &Message) -> Vec<u8> {
    let owner = query.queries[0].name().to_ascii();
    let records = [record(&owner, 60, srv("mail.example.test."))];
    let mut octets = reply(query, ResponseCode::NoError, &records);
    octets[11] += 1;
    octets.extend(b"\0\0\x01\0\x01\0\0\0\0\0\x03\xc0\0\x02");
    octets
}

fn each(reply: impl Fn(&Message) -> Reply + Send + Sync + 'static) -> Script {
    Arc::new(move |_, query| reply(query))
}

fn answering() -> Script {
    each(|query| Reply::Messages(vec![good(query)]))
}

async fn ask(upstream: &Upstream, number: usize, timeout: Duration) -> Result<(), Failure> {
    let question = question(number);
    let response = upstream.ask(&question, Flags::STUB, timeout).await?;
    match message::read(&question, &response).outcome {
        Outcome::Records { .. } => Ok(()),
        Outcome::Failed(failure) => Err(failure),
        absent => panic!("{absent:?}"),
    }
}

fn upstream(served: &Served, identity: &Identity) -> Arc<Upstream> {
    reach(&served.server, &identity.trust)
}

/// The way to a server that nothing is known of.
fn reach(server: &Server, trust: &Trust) -> Arc<Upstream> {
    Network::new(Limits::in_flight(256), trust).upstream(server)
}

/// Asks a server one question after the other.
#[track_caller]
fn check(
    script: Script,
    transport: Transport,
    timeout: Duration,
    wanted: &[Result<(), Failure>],
    connections: usize,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (results, made) = runtime.block_on(async {
        let identity = Identity::new(Kind::Signed);
        let served = serve(transport, &identity, None, script).await;
        let upstream = upstream(&served, &identity);
        let mut results = Vec::new();
        for number in 0..wanted.len() {
            results.push(ask(&upstream, number, timeout).await);
        }
        (results, served.connections())
    });
    assert_eq!(results, wanted, "{transport:?}");
    assert_eq!(made, connections, "{transport:?}");
}

#[test]
fn the_codec_loses_a_response_that_is_answered_here() {
    let mut query = Message::query();
    query.add_query(hickory_proto::op::Query::query(name("a.test."), RecordType::SRV));
    assert!(Message::from_vec(&good(&query)).is_err());
}

#[tokio::test]
async fn one_connection_serves_many_questions_at_one_time() {
    let identity = Identity::new(Kind::Signed);
    for transport in CONNECTED {
        let served = serve(
            transport,
            &identity,
            Some(NAME).filter(|_| transport.is_encrypted()),
            answering(),
        )
        .await;
        let upstream = upstream(&served, &identity);
        for _ in 0..2 {
            let asked = (0..150).map(|number| ask(&upstream, number, LONG));
            let results = join_all(asked).await;
            assert!(results.iter().all(Result::is_ok), "{transport:?}: {results:?}");
        }
        assert_eq!(served.connections(), 1, "{transport:?}");
    }
}

#[tokio::test]
async fn answers_come_in_any_order() {
    let identity = Identity::new(Kind::Signed);
    for transport in [Transport::Tcp, Transport::Tls] {
        let held: Mutex<Vec<Vec<u8>>> = Mutex::default();
        let script: Script = Arc::new(move |nth, query| {
            let mut held = held.lock().unwrap();
            held.push(good(query));
            let all = if nth == 9 { std::mem::take(&mut *held) } else { Vec::new() };
            Reply::Messages(all.into_iter().rev().collect())
        });
        let served = serve(transport, &identity, None, script).await;
        let upstream = upstream(&served, &identity);
        let asked = (0..10).map(|number| ask(&upstream, number, LONG));
        assert!(join_all(asked).await.iter().all(Result::is_ok), "{transport:?}");
    }
}

#[test]
fn a_connection_that_the_server_ends_is_made_anew() {
    for transport in CONNECTED {
        let script = each(|query| Reply::Last(good(query)));
        check(script, transport, LONG, &[Ok(()), Ok(()), Ok(())], 3);
    }
}

#[tokio::test]
async fn what_was_unanswered_when_the_server_ended_the_connection_is_asked_again() {
    let identity = Identity::new(Kind::Signed);
    for transport in CONNECTED {
        let script: Script = Arc::new(|nth, query| match nth {
            3 => Reply::Last(good(query)),
            _ => Reply::Messages(vec![good(query)]),
        });
        let served = serve(transport, &identity, None, script).await;
        let upstream = upstream(&served, &identity);
        let results = join_all((0..9).map(|number| ask(&upstream, number, LONG))).await;
        assert!(results.iter().all(Result::is_ok), "{transport:?}: {results:?}");
    }
}

#[test]
fn a_connection_that_never_answered_is_not_tried_again() {
    let cut = |octets: &'static [u8]| each(|_| Reply::Raw(octets.to_vec()));
    for transport in [Transport::Tcp, Transport::Tls] {
        check(cut(b""), transport, LONG, &[Err(Failure::Unreachable)], 1);
        check(cut(b"\0\x40\0\0half"), transport, LONG, &[Err(Failure::Unreachable)], 1);
    }
    check(cut(b""), Transport::Https, LONG, &[Err(Failure::Unreachable)], 1);
    for octets in [&b""[..], b"\0", b"\0\x40\0\0half"] {
        check(cut(octets), Transport::Quic, LONG, &[Err(Failure::Malformed)], 1);
    }
}

#[test]
fn a_connection_that_fell_silent_is_given_up() {
    for transport in CONNECTED {
        let script: Script = Arc::new(|nth, query| match nth {
            0 => Reply::Messages(vec![good(query)]),
            _ => Reply::Messages(Vec::new()),
        });
        let wanted = [Ok(()), Err(Failure::Timeout), Ok(())];
        check(script, transport, SHORT, &wanted, 2);
    }
}

#[test]
fn garbage_is_told_from_silence() {
    for transport in [Transport::Tcp, Transport::Tls] {
        for garbage in [&b""[..], b"x", b"garbage"] {
            let script = each(|query| {
                let mut answer = garbage.to_vec();
                if answer.len() > 2 {
                    answer[..2].copy_from_slice(&query.metadata.id.to_be_bytes());
                }
                Reply::Messages(vec![answer])
            });
            check(script, transport, SHORT, &[Err(Failure::Malformed)], 1);
        }
    }
    for transport in [Transport::Https, Transport::Quic] {
        let script = each(|_| Reply::Messages(vec![b"garbage".to_vec()]));
        check(script, transport, LONG, &[Err(Failure::Malformed); 2], 1);
        let other = each(|query| {
            let mut other = query.clone();
            other.queries[0].set_name(name("other.test."));
            Reply::Messages(vec![good(&other)])
        });
        check(other, transport, LONG, &[Err(Failure::Malformed)], 1);
    }
}

#[test]
fn a_truncated_answer_is_none_whatever_carries_it() {
    for transport in CONNECTED {
        let script = each(|query| {
            let mut octets = good(query);
            octets[2] |= 0x02;
            Reply::Messages(vec![octets])
        });
        check(script, transport, LONG, &[Err(Failure::Truncated)], 1);
    }
}

#[test]
fn a_server_ignorant_of_edns_is_asked_again_by_the_same_connection() {
    for transport in CONNECTED {
        let script = each(|query| {
            Reply::Messages(vec![match query.edns {
                Some(_) => reply(query, ResponseCode::FormErr, &[]),
                None => good(query),
            }])
        });
        check(script, transport, LONG, &[Ok(())], 1);
    }
}

#[test]
fn what_http_says_is_told_apart() {
    const MESSAGE: &str = "application/dns-message";
    for (status, media_type, failure) in [
        (500, MESSAGE, Failure::Http(500)),
        (302, MESSAGE, Failure::Http(302)),
        (204, MESSAGE, Failure::Http(204)),
        (200, "text/html", Failure::MediaType),
        (200, "application/dns-json", Failure::MediaType),
        (200, "", Failure::MediaType),
    ] {
        let script = each(move |query| Reply::Http(status, media_type, good(query)));
        check(script, Transport::Https, LONG, &[Err(failure), Err(failure)], 1);
    }
    let endless = each(|query| Reply::Http(200, MESSAGE, [good(query), vec![0; 1 << 17]].concat()));
    check(endless, Transport::Https, LONG, &[Err(Failure::Malformed), Err(Failure::Malformed)], 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_believed_has_a_cause() {
    for transport in ENCRYPTED {
        for kind in [Kind::Signed, Kind::Own] {
            let good = Identity::new(kind);
            let expired = Identity::until(kind, 2001);
            let other = Identity::new(kind);
            let early = Identity::from(kind, 2999);
            for (shown, believed, name, wanted) in [
                (&good, &good.trust, None, Ok(())),
                (&good, &good.trust, Some(NAME), Ok(())),
                (&good, &good.trust, Some("other.example"), Err(Failure::WrongName)),
                (&good, &other.trust, None, Err(Failure::UnknownAuthority)),
                (&good, &Trust::public(), None, Err(Failure::UnknownAuthority)),
                (&expired, &expired.trust, None, Err(Failure::Expired)),
                (&early, &early.trust, None, Err(Failure::Expired)),
            ] {
                let served = serve(transport, shown, name, answering()).await;
                let upstream = reach(&served.server, believed);
                let result = ask(&upstream, 0, LONG).await;
                assert_eq!(result, wanted, "{transport:?} {kind:?} {name:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_speaks_another_protocol_is_told() {
    let identity = Identity::new(Kind::Signed);
    // TLS without HTTP/2.
    let tls = serve(Transport::Tls, &identity, None, answering()).await;
    let address = tls.server.address().unwrap();
    let server: Server = format!("https://{address}").parse().unwrap();
    let result = ask(&reach(&server, &identity.trust), 0, LONG).await;
    assert_eq!(result, Err(Failure::Tls));
    // No TLS at all.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"220 mail.example.test ESMTP\r\n").await.unwrap();
        }
    });
    for scheme in ["tls", "https"] {
        let server: Server = format!("{scheme}://{address}").parse().unwrap();
        let result = ask(&reach(&server, &identity.trust), 0, LONG).await;
        assert_eq!(result, Err(Failure::Tls), "{scheme}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_waited_for_once() {
    let identity = Identity::new(Kind::Signed);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    for scheme in ["tls", "https"] {
        let server: Server = format!("{scheme}://{address}").parse().unwrap();
        let upstream = reach(&server, &identity.trust);
        let results = join_all((0..5).map(|number| ask(&upstream, number, SHORT))).await;
        assert_eq!(results, [Err(Failure::Timeout); 5], "{scheme}");
        // All five waited for one handshake.
        listener.accept().await.unwrap();
        let another = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
        assert!(another.is_err(), "{scheme}");
    }
}

#[tokio::test]
async fn a_server_that_only_a_name_says_is_unreachable() {
    let server: Server = "tls://dns.example".parse().unwrap();
    let result = ask(&reach(&server, &Trust::public()), 0, LONG).await;
    assert_eq!(result, Err(Failure::Unreachable));
}
