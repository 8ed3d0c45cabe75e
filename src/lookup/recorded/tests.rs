//! What is written down is read again.

use std::cell::Cell;
use std::future::{Future, ready};
use std::io::{self, Cursor};
use std::net::Ipv6Addr;

use futures_util::FutureExt;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, SOA, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::{BinDecoder, Restrict};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::line::MAX_LINE;
use super::{Recorder, Recording};
use crate::answer::{
    Answer, Beside, Dnssec, Failure, Hidden, MAX_EXTENDED, Outcome, Question, Sight, Vantage,
};
use crate::lookup::Lookup;
use crate::name::{MailDomain, parse_text};

/// Answers every question alike.
struct Constant(Answer);

impl Lookup for Constant {
    fn ask(&self, _question: &Question) -> impl Future<Output = Answer> {
        ready(self.0.clone())
    }
}

fn record(question: &Question, answer: &Answer) -> String {
    let recorder = Recorder::new(Constant(answer.clone()), Vec::new());
    for _ in 0..2 {
        assert_eq!(recorder.ask(question).now_or_never().as_ref(), Some(answer));
    }
    written(recorder)
}

fn written<L: Lookup>(recorder: Recorder<L, Vec<u8>>) -> String {
    assert!(!recorder.is_broken());
    let (written, outcome) = recorder.finish();
    outcome.unwrap();
    String::from_utf8(written).unwrap()
}

fn read(recording: &str) -> Recording<Cursor<&str>> {
    Recording::read(Cursor::new(recording), "x.jsonl").unwrap()
}

fn replay(recording: &str, question: &Question) -> Answer {
    read(recording).ask(question).now_or_never().unwrap()
}

fn question(name: &str, rtype: RecordType) -> Question {
    Question { name: parse_text(name).unwrap(), rtype }
}

/// So it is asked for, and the recording replays as the run that it was.
#[test]
fn what_stands_beside_an_answer_is_no_part_of_a_run_that_is_recorded() {
    let host = parse_text("mail.example.com.").unwrap();
    let data = vec![RData::SRV(SRV::new(0, 1, 993, host.clone()))];
    let plain = Answer::plain(Outcome::Records { ttl: 60, data });
    let beside = vec![Beside { host, ttl: 60, addresses: vec![Ipv6Addr::LOCALHOST] }];
    let recorder = Recorder::new(Constant(Answer { beside, ..plain.clone() }), Vec::new());
    let asked = question("_imaps._tcp.example.com.", RecordType::SRV);
    let domain: MailDomain = "example.com".parse().unwrap();
    let from = Vantage::Resolver("127.0.0.1".to_owned());
    let heard = [
        recorder.ask(&asked).now_or_never(),
        recorder.ask_about(&domain, &asked).now_or_never(),
        recorder.ask_from(&from, &domain, &asked).now_or_never(),
    ];
    assert!(heard.iter().all(|answer| answer.as_ref() == Some(&plain)), "{heard:?}");
}

#[test]
fn a_line_reads_as_documented() {
    let asked = question("_imaps._tcp.example.com.", RecordType::SRV);
    let target = parse_text("mail.example.com.").unwrap();
    let data = vec![RData::SRV(SRV::new(0, 1, 993, target))];
    let outcome = Outcome::Records { ttl: 3600, data };
    let alias = parse_text("a\\.b.example.com.").unwrap();
    let answer = Answer {
        chain: vec![alias],
        outcome,
        dnssec: Dnssec::Secure,
        dnssec_by: Some("127.0.0.1".into()),
        validated: None,
        negative_ttl: None,
        authoritative: true,
        rcode: Some(0),
        extended: vec![3, 29],
        uneven_ttls: false,
        beside: Vec::new(),
    };
    let expected = concat!(
        r#"{"name":"_imaps._tcp.example.com.","type":"SRV","chain":["a\\.b.example.com."],"#,
        r#""outcome":"records","ttl":3600,"data":["0 1 993 mail.example.com."],"#,
        r#""dnssec":"secure","dnssec_by":"127.0.0.1","authoritative":true,"extended":[3,29]}"#,
        "\n",
    );
    assert_eq!(record(&asked, &answer), expected);
    assert_eq!(replay(expected, &asked), answer);
    assert_eq!(
        replay(expected, &question("example.com.", RecordType::MX)).outcome,
        Outcome::Failed(Failure::NotRecorded)
    );
    assert_eq!(record(&question("a.", RecordType::ANY), &Answer::plain(Outcome::NoData)), "");
}

#[test]
fn errors_name_the_file_the_line_and_what_is_wrong() {
    let line = |fields: &str| format!(r#"{{"name":"a.test.","type":"A",{fields}}}"#);
    let check = |line: &str, part: &str| {
        let recording = format!("{}\n\n{line}\n", GOOD);
        let error = Recording::read(Cursor::new(recording), "x.jsonl").unwrap_err().to_string();
        assert!(error.starts_with("x.jsonl:3: ") && error.contains(part), "{error}");
    };
    const GOOD: &str = r#"{"name":"a.test.","type":"A","outcome":"nodata"}"#;
    check("{}", "missing field `name`");
    check("nonsense", "not a recorded answer");
    check(&GOOD.replace("nodata", "gone"), "unknown variant `gone`");
    check(&line(r#""outcome":"nodata","authentic":true"#), "unknown field `authentic`");
    check(&line(r#""outcome":"nodata","dnssec":"unsure""#), "`unsure` is not what");
    check(&line(r#""outcome":"nodata","rcode":3"#), "do not tell it");
    check(&line(r#""outcome":"nodata","extended":[1,2,3,4,5,6,7,8,9]"#), "at most 8");
    check(&GOOD.replace("a.test.", "a.test"), "final dot");
    check(&GOOD.replace("\"A\"", "\"ANY\""), "`ANY` is no record type");
    check(&GOOD.replace("nodata", "nxdomain"), "another answer");
    check(&line(r#""outcome":"records""#), "do not fit the outcome");
    check(&line(r#""outcome":"records","ttl":1,"data":[]"#), "do not fit the outcome");
    check(&line(r#""outcome":"nodata","ttl":1"#), "do not fit the outcome");
    check(&line(r#""outcome":"failed""#), "do not fit the outcome");
    check(&line(r#""outcome":"failed","failure":"bad luck""#), "`bad luck` is not a failure");
    for data in ["192.0.2", "192.0.2.1 192.0.2.2", "192.0.2.1\\n", "::1", "", "("] {
        let fields = format!(r#""outcome":"records","ttl":1,"data":["{data}"]"#);
        check(&line(&fields), "is not the data of one A record");
    }
    let mut long = GOOD.to_owned();
    long.push_str(&" ".repeat(1 << 23));
    check(&long, "longer than");
    let twice = format!("{GOOD}\n{GOOD}");
    assert!(Recording::read(Cursor::new(twice), "x.jsonl").is_ok());
    check(r#"{"domain":"d.test.","owners":[]}"#, "unknown field `owners`");
    check(r#"{"domain":"d.test"}"#, "final dot");
    check(r#"{"domain":"d.test.","hidden":[{"cut":"x.d.test.","owners":[]}]}"#, "`records`");
}

/// Answers a domain as it is told, and knows something of one unasked.
struct ToEach(Cell<u8>);

impl Lookup for ToEach {
    fn ask(&self, _question: &Question) -> impl Future<Output = Answer> {
        let number = self.0.replace(self.0.get() + 1);
        let data = vec![RData::A(A::new(192, 0, 2, number / 2))];
        let answer = Answer::plain(Outcome::Records { ttl: 60, data });
        ready(Answer { rcode: Some(0), ..answer })
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let owners = ["_imaps._tcp.d.test.", "_imaps._tcp.mail.d.test."];
        let known = owners.iter().map(|owner| parse_text(owner).unwrap());
        known.filter(|owner| domain.zone_of(owner)).take(limit).collect()
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        let cut = domain.prepend_label("cut").unwrap();
        std::iter::once(Hidden { owners: vec![cut.clone()], cut, records: 3 })
    }
}

#[test]
fn a_recording_replays_as_the_run_that_it_was() {
    let recorder = Recorder::new(ToEach(Cell::new(0)), Vec::new());
    let host = question("server1.provider.test.", RecordType::A);
    let domains: Vec<MailDomain> =
        ["a.test", "b.test", "c.test", "d.test"].map(|domain| domain.parse().unwrap()).into();
    /// What one domain hears: the answer, and what is known unasked.
    fn hear(lookup: &impl Lookup, domain: &MailDomain, host: &Question) -> String {
        let owners = lookup.srv_owners(domain.name(), 9);
        let hidden: Vec<Hidden> = lookup.hidden(domain.name()).collect();
        format!("{:?} {owners:?} {hidden:?}", lookup.ask_about(domain, host).now_or_never())
    }
    let live: Vec<String> = domains.iter().map(|domain| hear(&recorder, domain, &host)).collect();
    assert_ne!(live[1], live[2]);
    let written = written(recorder);
    // Two domains heard what all do, two of them something else.
    assert_eq!(written.matches(r#""about""#).count(), 2, "{written}");
    let owners = r#""srv_owners":["_imaps._tcp.d.test.","_imaps._tcp.mail.d.test."]"#;
    assert_eq!(written.matches(owners).count(), 1, "{written}");
    let recording = read(&written);
    let replayed: Vec<String> =
        domains.iter().map(|domain| hear(&recording, domain, &host)).collect();
    assert_eq!(replayed, live);
    // Lines may come in any order, and be there twice.
    let mut lines: Vec<&str> = written.lines().collect();
    lines.reverse();
    let twice =
        read(&[lines.join("\n"), written.clone()].join("\n")).srv_owners(domains[3].name(), 1);
    assert_eq!(twice, [parse_text("_imaps._tcp.d.test.").unwrap()]);
    let again = Recorder::new(recording, Vec::new());
    let replayed: Vec<String> = domains.iter().map(|domain| hear(&again, domain, &host)).collect();
    assert_eq!((replayed, super::tests::written(again)), (live, written));
}

#[test]
fn nothing_is_written_after_an_error_of_the_writer() {
    let answer = Answer::plain(Outcome::NoData);
    let mut room = [0; 70];
    let recorder = Recorder::new(Constant(answer.clone()), room.as_mut_slice());
    for (name, broken) in [("a.test.", false), ("b.test.", true), ("c.test.", true)] {
        let asked = question(name, RecordType::A);
        assert_eq!(recorder.ask(&asked).now_or_never(), Some(answer.clone()));
        assert_eq!(recorder.is_broken(), broken);
    }
    let (_, outcome) = recorder.finish();
    assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::WriteZero);
}

fn any_name() -> impl Strategy<Value = Name> {
    let label = prop::collection::vec(any::<u8>(), 1..20);
    prop::collection::vec(label, 0..6)
        .prop_map(|labels| Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap())
}

fn any_data() -> impl Strategy<Value = RData> {
    prop_oneof![
        (any::<[u16; 3]>(), any_name())
            .prop_map(|([a, b, c], name)| RData::SRV(SRV::new(a, b, c, name))),
        (any::<u16>(), any_name()).prop_map(|(a, name)| RData::MX(MX::new(a, name))),
        any::<[u8; 4]>().prop_map(|octets| RData::A(A(octets.into()))),
        any::<[u8; 16]>().prop_map(|octets| RData::AAAA(AAAA(octets.into()))),
        any_name().prop_map(|name| RData::CNAME(CNAME(name))),
        any_name().prop_map(|name| RData::NS(NS(name))),
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..256), 1..4).prop_map(
            |strings| RData::TXT(TXT::from_bytes(strings.iter().map(|s| &s[..]).collect()))
        ),
        (any::<[u8; 3]>(), prop::collection::vec(any::<u8>(), 1..65)).prop_map(
            |([a, b, c], data)| RData::TLSA(TLSA::new(a.into(), b.into(), c.into(), data))
        ),
        (any_name(), any_name(), any::<[u32; 2]>(), any::<[i32; 3]>()).prop_map(
            |(server, mailbox, [serial, minimum], [a, b, c])| {
                RData::SOA(SOA::new(server, mailbox, serial, a, b, c, minimum))
            }
        ),
        any_other_data(),
    ]
}

/// CAA, and types without a form of their own.
fn any_other_data() -> impl Strategy<Value = RData> {
    let caa = (any::<u8>(), "[a-z0-9]{1,15}", prop::collection::vec(any::<u8>(), 0..40)).prop_map(
        |(flags, tag, value)| {
            let tag = [&[u8::try_from(tag.len()).unwrap()], tag.as_bytes()].concat();
            from_wire(RecordType::CAA, &[&[flags][..], &tag, &value].concat())
        },
    );
    let other = (65_280..65_535u16, prop::collection::vec(any::<u8>(), 1..40))
        .prop_map(|(code, octets)| from_wire(RecordType::from(code), &octets));
    prop_oneof![caa, other]
}

fn from_wire(rtype: RecordType, octets: &[u8]) -> RData {
    let length = Restrict::new(u16::try_from(octets.len()).unwrap());
    RData::read(&mut BinDecoder::new(octets), rtype, length).unwrap()
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        (any::<u32>(), any_data())
            .prop_map(|(ttl, data)| Outcome::Records { ttl, data: vec![data] }),
        Just(Outcome::NoData),
        Just(Outcome::NxDomain),
        any::<u16>().prop_map(|code| Outcome::Failed(Failure::Rcode(code))),
        Just(Outcome::Failed(Failure::Lame)),
    ]
}

/// Two servers that say different things, each of itself.
struct Two;

impl Lookup for Two {
    fn ask(&self, _question: &Question) -> impl Future<Output = Answer> {
        ready(Answer::plain(Outcome::NxDomain))
    }

    fn sight(&self, domain: &MailDomain) -> impl Future<Output = Option<Sight>> {
        ready(Some(Sight {
            zone: domain.name().clone(),
            parent: Some(vec![parse_text("ns1.test.").unwrap()]),
            vantages: servers(),
            homeless: vec![
                (parse_text("ns8.test.").unwrap(), None),
                (parse_text("ns9.test.").unwrap(), Some(Failure::Timeout)),
            ],
        }))
    }

    fn sight_below(
        &self,
        _domain: &MailDomain,
        name: &Name,
    ) -> impl Future<Output = Option<Sight>> {
        let zone = parse_text("_tcp.d.test.").unwrap();
        let sight = Sight { zone, parent: None, vantages: servers(), homeless: Vec::new() };
        ready(Some(sight).filter(|sight| sight.covers(name)))
    }

    fn ask_from(
        &self,
        vantage: &Vantage,
        _domain: &MailDomain,
        _question: &Question,
    ) -> impl Future<Output = Answer> {
        let outcome = match *vantage == servers()[0] {
            true => Outcome::NoData,
            false => Outcome::Failed(Failure::Refused),
        };
        let rcode = outcome.rcode();
        ready(Answer { rcode, ..Answer::plain(outcome) })
    }
}

fn servers() -> Vec<Vantage> {
    let server = |name: &str, address: &str| Vantage::Server {
        name: parse_text(name).unwrap(),
        address: address.parse().unwrap(),
    };
    let resolver = Vantage::Resolver("tls://192.0.2.53:853#dns.test".to_owned());
    vec![server("ns1.test.", "192.0.2.1"), server("ns1.test.", "2001:db8::1"), resolver]
}

#[test]
fn who_said_what_is_recorded_and_read_again() {
    let recorder = Recorder::new(Two, Vec::new());
    let domain: MailDomain = "d.test".parse().unwrap();
    let asked = question("mail.d.test.", RecordType::A);
    let sight = recorder.sight(&domain).now_or_never().unwrap();
    let heard = said(&recorder, &domain, &asked);
    recorder.ask_about(&domain, &asked).now_or_never().unwrap();
    let recording = written(recorder);
    assert_eq!(recording.lines().count(), 1 + 3 + 1, "{recording}");
    let recording = read(&recording);
    assert_eq!(recording.sight(&domain).now_or_never(), Some(sight));
    assert_eq!(said(&recording, &domain, &asked), heard);
    let anybody = recording.ask_about(&domain, &asked).now_or_never().unwrap();
    assert_eq!(anybody.outcome, Outcome::NxDomain);
    let other = "e.test".parse().unwrap();
    assert_eq!(recording.sight(&other).now_or_never(), Some(None));
}

/// What each of the servers says.
fn said(lookup: &impl Lookup, domain: &MailDomain, asked: &Question) -> Vec<Answer> {
    let ask = |vantage| lookup.ask_from(vantage, domain, asked).now_or_never().unwrap();
    servers().iter().map(ask).collect()
}

#[test]
fn a_zone_below_is_recorded_and_found_again_by_every_name_in_it() {
    let recorder = Recorder::new(Two, Vec::new());
    let domain: MailDomain = "d.test".parse().unwrap();
    let below =
        |lookup: &dyn Fn(&Name) -> Option<Sight>, name: &str| lookup(&parse_text(name).unwrap());
    let ask = |name: &Name| recorder.sight_below(&domain, name).now_or_never().unwrap();
    let seen = recorder.sight(&domain).now_or_never().unwrap();
    let sight = below(&ask, "_imaps._tcp.d.test.");
    assert_eq!((below(&ask, "_tcp.d.test."), below(&ask, "mail.d.test.")), (sight.clone(), None));
    let recording = written(recorder);
    assert_eq!(recording.lines().count(), 2, "{recording}");
    let recording = read(&recording);
    let ask = |name: &Name| recording.sight_below(&domain, name).now_or_never().unwrap();
    for name in ["_tcp.d.test.", "_imaps._tcp.d.test.", "a.b._tcp.d.test."] {
        assert_eq!(below(&ask, name), sight, "{name}");
    }
    for name in ["d.test.", "mail.d.test.", "_tcp.e.test.", "test."] {
        assert_eq!(below(&ask, name), None, "{name}");
    }
    assert_eq!(recording.sight(&domain).now_or_never(), Some(seen));
}

#[test]
fn a_line_that_names_nobody_or_two_is_refused() {
    for from in
        ["{}", r#"{"server":"ns1.test."}"#, r#"{"address":"192.0.2.1","resolver":"192.0.2.1"}"#]
    {
        let line = format!(r#"{{"name":"d.test.","type":"MX","from":{from},"outcome":"nodata"}}"#);
        let error = Recording::read(Cursor::new(line), "x").unwrap_err().to_string();
        assert!(error.contains("either `server` with its `address`, or `resolver`"), "{error}");
    }
    let line = r#"{"seen":"d.test.","zone":"d.test.","from":[],"homeless":[{"server":"a.","failure":"gone"}]}"#;
    let error = Recording::read(Cursor::new(line), "x").unwrap_err().to_string();
    assert!(error.contains("`gone` is not a failure"), "{error}");
}

proptest! {
    #[test]
    fn what_is_recorded_replays(
        name in any_name(),
        chain in prop::collection::vec(any_name(), 0..3),
        outcome in any_outcome(),
        dnssec in prop::sample::select(Dnssec::ALL.to_vec()),
        authoritative in any::<bool>(),
        rcode in any::<Option<u16>>(),
        extended in prop::collection::vec(any::<u16>(), 0..=MAX_EXTENDED),
        uneven_ttls in any::<bool>(),
        by in any::<Option<u8>>(),
        validated in prop::option::of(prop::sample::select(Dnssec::ALL.to_vec())),
        negative_ttl in any::<Option<u32>>(),
    ) {
        let rtype = match &outcome {
            Outcome::Records { data, .. } => data[0].record_type(),
            _ => RecordType::AAAA,
        };
        let question = Question { name, rtype };
        let rcode = outcome.rcode().or(rcode);
        let dnssec_by = by.map(|by| format!("192.0.2.{by}").into());
        let answer = Answer {
            chain, outcome, dnssec, dnssec_by, validated, authoritative, rcode, extended, uneven_ttls, negative_ttl,
            beside: Vec::new(),
        };
        let recording = record(&question, &answer);
        let replayed = replay(&recording, &question);
        // Names are equal in any case, their text is not.
        if replayed != answer || record(&question, &replayed) != recording {
            return Err(TestCaseError::fail(recording));
        }
    }

    #[test]
    fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _may_fail = Recording::read(Cursor::new(octets), "noise");
    }
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
    let read = |octets: u64| {
        let mut line = vec![b' '; usize::try_from(octets - 1).unwrap()];
        line.push(b'\n');
        Recording::read(Cursor::new(line), "x").map(|_recording| ()).map_err(|it| it.to_string())
    };
    assert_eq!(read(MAX_LINE), Ok(()));
    let error = read(MAX_LINE + 1).unwrap_err();
    assert!(error.starts_with("x:1: the line is longer than 8388608 octets"), "{error}");
}
