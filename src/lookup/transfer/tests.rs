//! Transfers from a scripted server: what is a zone, and what is none.

use std::time::Duration;

use hickory_proto::op::{OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, NULL, SOA};
use hickory_proto::rr::{DNSClass, RData, Record};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::lookup::responder::{name, record, srv};
use crate::lookup::zones::ZoneFile;
use crate::zonefile::Scanner;

mod signed;

proptest! {
    #[test]
    fn whatever_octets_come_nothing_outside_the_zone_is_handed_on(
        changes in vec((any::<Index>(), any::<u8>()), 0..6),
        cut in any::<Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut request = Message::query();
        request.add_query(Query::query(name("d.test."), RecordType::AXFR));
        let records = [soa(1), host(1), record("_imaps._tcp.d.test.", 9, srv("h1.d.test.")), soa(1)];
        let mut octets = response(&request, &records).to_vec().unwrap();
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        if is_cut {
            octets.truncate(cut.index(octets.len()));
        }
        let id = request.metadata.id;
        let mut frames = Frames::unsigned(id, name("d.test."), LIMITS);
        let mut records = Vec::new();
        if frames.take(&octets, NOW, |record| records.push(record)).unwrap_or(false) {
            prop_assert_eq!(records[0].data.record_type(), RecordType::SOA);
        }
        prop_assert!(records.iter().all(|record| name("d.test.").zone_of(&record.owner)));
    }

    #[test]
    fn whatever_is_no_key_is_refused_and_never_shown(text in "(key |k|\\{|\\}|;|\"|//|/\\*|#|\n| |algorithm |secret |hmac-sha256|czNjcjN0){0,12}") {
        let read = Key::read(&text);
        let shown = format!("{read:?} {}", read.as_ref().err().map(ToString::to_string).unwrap_or_default());
        prop_assert!(!shown.contains("czNj") || read.is_ok_and(|key| key.name().to_ascii().contains("czNj")), "{}", shown);
    }
}

/// The time of the tests, in seconds since 1970.
const NOW: u64 = 1_780_000_000;

const LIMITS: Limits = Limits { records: 1000, octets: 200_000, generated: 0 };

fn options(key: Option<&Key>) -> Options<'_> {
    Options {
        key,
        limits: LIMITS,
        idle: Duration::from_secs(20),
        whole: Duration::from_secs(60),
        clock: || NOW,
    }
}

fn soa(serial: u32) -> Record {
    let soa = SOA::new(name("ns.d.test."), name("h.d.test."), serial, 2, 3, 4, 5);
    record("d.test.", 60, RData::SOA(soa))
}

fn host(number: u16) -> Record {
    let [a, b] = number.to_be_bytes();
    record(&format!("h{number}.d.test."), 60, RData::A(A::new(192, 0, a, b)))
}

/// A response to the request with the question in it.
fn response(request: &Message, records: &[Record]) -> Message {
    let mut message = Message::response(request.metadata.id, OpCode::Query);
    message.metadata.authoritative = true;
    message.queries.clone_from(&request.queries);
    message.answers = records.to_vec();
    message
}

/// What a server does behind the messages of its script.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Close,
    /// It sends a part of one more message.
    Cut,
    Silence,
}

/// Transfers from a server that answers with these messages; how many records came, or why none.
async fn run(
    options: Options<'_>,
    script: impl FnOnce(&Message, &[u8]) -> Vec<Vec<u8>>,
    then: Then,
) -> Result<(usize, LeftOut), TransferError> {
    let mut records = 0;
    let left_out = run_into(options, script, then, |_record| records += 1).await?;
    Ok((records, left_out))
}

/// The same; the records go elsewhere.
async fn run_into(
    options: Options<'_>,
    script: impl FnOnce(&Message, &[u8]) -> Vec<Vec<u8>>,
    then: Then,
    sink: impl FnMut(ResourceRecord),
) -> Result<LeftOut, TransferError> {
    let (client, mut server) = tokio::io::duplex(1 << 20);
    let zone = name("d.test.");
    let transfer = over(client, &zone, options, sink);
    let serve = async {
        let mut request = Vec::new();
        receive(&mut server, &mut request).await.unwrap();
        for message in script(&Message::from_vec(&request).unwrap(), &request) {
            send(&mut server, &message).await.unwrap();
        }
        match then {
            Then::Close => drop(server),
            Then::Cut => server.write_all(&[0, 200, 1, 2, 3]).await.unwrap(),
            Then::Silence => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        left_out = transfer => left_out,
        never = async { serve.await; std::future::pending().await } => never,
    }
}

#[track_caller]
fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

/// What comes of a script: so many records, or the words of the error.
#[track_caller]
fn check(script: impl Fn(&Message) -> Vec<Message>, then: Then, expected: Result<usize, &str>) {
    let octets = |request: &Message, _octets: &[u8]| {
        script(request).iter().map(|message| message.to_vec().unwrap()).collect()
    };
    let got = block(run(options(None), octets, then)).map(|(records, _)| records);
    assert_eq!(got.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
}

#[test]
fn a_zone_comes_in_one_message_or_in_many_and_ends_with_its_soa() {
    let one = |request: &Message| vec![response(request, &[soa(1), host(1), soa(1)])];
    check(one, Then::Silence, Ok(2));
    let bare = |request: &Message| vec![response(request, &[soa(1), soa(1)])];
    check(bare, Then::Silence, Ok(1));
    for question in [true, false] {
        let many = |request: &Message| {
            let mut messages = vec![response(request, &[soa(1)])];
            messages
                .extend((0..300).map(|number| response(request, &[host(number), host(number)])));
            messages.push(response(request, &[soa(1)]));
            if !question {
                messages.iter_mut().skip(1).for_each(|message| message.queries.clear());
            }
            messages
        };
        check(many, Then::Silence, Ok(601));
    }
}

#[test]
fn what_ends_early_is_no_zone() {
    let early = |request: &Message| {
        vec![response(request, &[soa(1), host(1)]), response(request, &[host(2)])]
    };
    let said = "the server closed the connection before the closing SOA record, after 3 records";
    check(early, Then::Close, Err(said));
    check(early, Then::Cut, Err(said));
    let nothing = |_: &Message| Vec::new();
    check(nothing, Then::Close, Err(&said.replace('3', "0")));
    let octets = |request: &Message, _octets: &[u8]| {
        early(request).iter().map(|message| message.to_vec().unwrap()).collect()
    };
    let hasty = Options { idle: Duration::from_millis(20), ..options(None) };
    let error = block(run(hasty, octets, Then::Silence)).unwrap_err();
    assert!(matches!(error, TransferError::Idle { records: 3, .. }), "{error}");
    let brief = Options { whole: Duration::from_millis(20), ..options(None) };
    let error = block(run(brief, octets, Then::Silence)).unwrap_err();
    assert!(matches!(error, TransferError::Endless { .. }), "{error}");
}

#[test]
fn a_server_that_is_slow_is_waited_for() {
    let (client, mut server) = tokio::io::duplex(64);
    let zone = name("d.test.");
    let mut records = 0;
    let transfer = over(client, &zone, options(None), |_| records += 1);
    let serve = async {
        let mut request = Vec::new();
        receive(&mut server, &mut request).await.unwrap();
        let request = Message::from_vec(&request).unwrap();
        let message = response(&request, &[soa(1), host(1), host(2), soa(1)]).to_vec().unwrap();
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        for octet in [&length[..], &message].concat() {
            server.write_all(&[octet]).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let (left_out, ()) = block(async { tokio::join!(transfer, serve) });
    assert_eq!(left_out.unwrap(), LeftOut::default());
    assert_eq!(records, 3);
}

#[test]
fn what_the_server_refuses_is_told_by_its_rcode() {
    for (code, said) in [
        (ResponseCode::Refused, "the server answers REFUSED"),
        (ResponseCode::NotAuth, "the server answers NOTAUTH"),
        (ResponseCode::ServFail, "the server answers SERVFAIL"),
    ] {
        let refuse = |request: &Message| {
            let mut message = response(request, &[]);
            message.metadata.response_code = code;
            message.queries.clear();
            vec![message]
        };
        check(refuse, Then::Silence, Err(said));
        // Even in the middle.
        let late = |request: &Message| {
            let mut messages = vec![response(request, &[soa(1), host(1)])];
            messages.extend(refuse(request));
            messages
        };
        check(late, Then::Silence, Err(said));
    }
}

/// What is done to the second of three messages, and what is said of that.
type Fault = (fn(&mut Message), &'static str);

#[test]
fn what_contradicts_itself_is_no_zone() {
    const FAULTS: [Fault; 10] = [
        (|it| it.metadata.id ^= 1, "message 2 is no response to the request"),
        (|it| it.metadata.op_code = OpCode::Notify, "message 2 is no response to the request"),
        (
            |it| {
                it.queries[0].name = name("e.test.");
            },
            "message 2 is about another question",
        ),
        (
            |it| {
                it.queries[0].query_type = RecordType::IXFR;
            },
            "message 2 is about another question",
        ),
        (|it| it.queries.push(it.queries[0].clone()), "message 2 is about another question"),
        (|it| it.answers.push(soa(2)), "the zone ends with another SOA record than it began with"),
        (
            |it| it.answers.extend([soa(1), host(7)]),
            "message 2 goes on behind the closing SOA record",
        ),
        (
            |it| {
                let rdata = NULL::with(vec![0]);
                it.answers.push(record(
                    "d.test.",
                    1,
                    RData::Unknown { code: RecordType::from(250), rdata },
                ));
            },
            "message 2 has a record of a type that no zone holds",
        ),
        (
            |it| {
                let rdata = NULL::with(vec![1, 2, 3]);
                it.answers.push(record(
                    "d.test.",
                    1,
                    RData::Unknown { code: RecordType::A, rdata },
                ));
            },
            "message 2 has a record that cannot be read",
        ),
        (
            |it| {
                let rdata = NULL::with(vec![0, 1, 2]);
                it.answers.push(record(
                    "d.test.",
                    1,
                    RData::Unknown { code: RecordType::SRV, rdata },
                ));
            },
            "message 2 has a record that cannot be read",
        ),
    ];
    let messages = |request: &Message| {
        vec![
            response(request, &[soa(1)]),
            response(request, &[host(1)]),
            response(request, &[host(2), soa(1)]),
        ]
    };
    check(messages, Then::Silence, Ok(3));
    for (fault, said) in FAULTS {
        let faulty = |request: &Message| {
            let mut messages = messages(request);
            fault(&mut messages[1]);
            messages
        };
        check(faulty, Then::Silence, Err(said));
    }
    let headless = |request: &Message| vec![response(request, &[host(1), soa(1)])];
    let said = "message 1 does not begin with the SOA record of the zone";
    check(headless, Then::Silence, Err(said));
    check(|request| vec![response(request, &[])], Then::Silence, Err(said));
    let foreign = |request: &Message| {
        let mut soa = soa(1);
        soa.name = name("e.test.");
        vec![response(request, &[soa.clone(), soa])]
    };
    check(foreign, Then::Silence, Err(said));
    let unasked = |request: &Message| {
        let mut message = response(request, &[soa(1), soa(1)]);
        message.queries.clear();
        vec![message]
    };
    check(unasked, Then::Silence, Err("message 1 does not repeat the question"));
}

#[test]
fn octets_that_are_no_message_are_no_zone() {
    let whole = |request: &Message| response(request, &[soa(1), soa(1)]).to_vec().unwrap();
    for (cut, said) in [
        (5, "message 1 is no DNS message"),
        (14, "message 1 ends within a record"),
        (40, "message 1 ends within a record"),
    ] {
        let script = |request: &Message, _: &[u8]| vec![whole(request)[..cut].to_vec()];
        let error = block(run(options(None), script, Then::Silence)).unwrap_err();
        assert_eq!(error.to_string(), said, "{cut}");
    }
    let more = |request: &Message, _: &[u8]| vec![[whole(request), vec![0]].concat()];
    let error = block(run(options(None), more, Then::Silence)).unwrap_err();
    assert_eq!(error.to_string(), "message 1 goes on behind its last record");
}

#[test]
fn what_is_no_part_of_the_zone_is_left_out_and_counted() {
    let script = |request: &Message, _: &[u8]| {
        let mut chaos = host(3);
        chaos.dns_class = DNSClass::CH;
        let foreign = record("mail.e.test.", 60, RData::A(A::new(192, 0, 2, 1)));
        let unknown = RData::Unknown { code: RecordType::from(65_280), rdata: NULL::with(vec![9]) };
        let records = [
            soa(1),
            foreign,
            chaos,
            record("x.d.test.", 60, unknown),
            record("_imaps._tcp.d.test.", 60, srv("mail.d.test.")),
            soa(1),
        ];
        vec![response(request, &records).to_vec().unwrap()]
    };
    let (records, left_out) = block(run(options(None), script, Then::Silence)).unwrap();
    assert_eq!((records, left_out), (3, LeftOut { outside: 1, class: 1 }));
}

#[test]
fn what_is_transferred_is_kept_as_what_is_read_of_a_file_and_no_more_than_the_limits_say() {
    const HOSTS: u16 = 20_000;
    let script = |request: &Message, _octets: &[u8]| {
        let hosts: Vec<_> = (0..HOSTS).map(host).collect();
        let messages = hosts.chunks(500).map(|hosts| response(request, hosts));
        let ends = || response(request, &[soa(1)]);
        let messages = [ends()].into_iter().chain(messages).chain([ends()]);
        messages.map(|message| message.to_vec().unwrap()).collect()
    };
    let kept = |limits| {
        let mut file = ZoneFile::of_zone(name("d.test."));
        let options = Options { limits, ..options(None) };
        let sink = |record| file.insert_unplaced(&record);
        let ended = block(run_into(options, script, Then::Silence, sink));
        (file, ended.map_err(|error| error.to_string()))
    };
    let (transferred, ended) = kept(Limits::of_records(20_002));
    assert_eq!(ended, Ok(LeftOut::default()));
    let mut text = "d.test. 60 SOA ns.d.test. h.d.test. 1 2 3 4 5\n".to_owned();
    for number in 0..HOSTS {
        let [a, b] = number.to_be_bytes();
        text.push_str(&["h", &number.to_string(), ".d.test. 60 A 192.0."].concat());
        text.push_str(&[a.to_string(), b.to_string()].join("."));
        text.push('\n');
    }
    let read = ZoneFile::read(&mut Scanner::new(text.as_bytes(), "z", None)).unwrap();
    assert_eq!(transferred.records(), read.records());
    assert!(transferred.iter().eq(read.iter()));
    let (cut, ended) = kept(Limits::of_records(12_000));
    assert_eq!(ended, Err("the zone has more than 12000 records".to_owned()));
    assert!(cut.records() <= 12_000, "{}", cut.records());
}

#[test]
fn what_never_ends_is_left() {
    let endless = |request: &Message| {
        let mut messages = vec![response(request, &[soa(1)])];
        messages.extend((0..1200).map(|number| response(request, &[host(number)])));
        messages
    };
    check(endless, Then::Silence, Err("the zone has more than 1000 records"));
    let empty = |request: &Message| {
        let mut messages = vec![response(request, &[soa(1)])];
        messages.extend((0..1200).map(|_| response(request, &[])));
        messages
    };
    check(empty, Then::Silence, Err("the zone has more than 1000 records"));
    let large = |request: &Message| {
        let mut messages = vec![response(request, &[soa(1)])];
        let rdata = NULL::with(vec![7; 60_000]);
        let code = RecordType::from(65_280);
        let data = RData::Unknown { code, rdata };
        messages.extend((0..4).map(|_| response(request, &[record("d.test.", 1, data.clone())])));
        messages
    };
    check(large, Then::Silence, Err("the zone has more than 200000 octets"));
}
