use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use proptest::prelude::{Just, any, prop, prop_oneof, proptest};

use super::*;
use crate::answer::MAX_EXTENDED;
use crate::lookup::responder::{name, record, response, srv};

fn ask(owner: &str, rtype: RecordType) -> Question {
    Question { name: name(owner), rtype }
}

/// Reads a message as an answer to the question, with which it begins.
fn said(question: &Question, mut message: Message) -> Answer {
    message.add_query(Query::query(question.name.clone(), question.rtype));
    read(question, &Response::decode(&message.to_vec().unwrap()).unwrap())
}

fn chain_of(answer: &Answer) -> Vec<String> {
    answer.chain.iter().map(crate::name::text).collect()
}

#[test]
fn records_behind_aliases_are_found_in_any_order() {
    let question = ask("_imaps._tcp.a.test.", RecordType::SRV);
    let mut records = vec![
        record("_IMAPS._tcp.B.test.", 30, srv("mail.test.")),
        record("_imaps._tcp.b.test.", 60, srv("mail2.test.")),
        record("elsewhere.test.", 1, srv("stray.test.")),
        record("_imaps._tcp.a.test.", 5, RData::CNAME(CNAME(name("_imaps._tcp.b.test.")))),
    ];
    for _ in 0..records.len() {
        records.rotate_left(1);
        let answer = said(&question, response(ResponseCode::NoError, &records));
        assert_eq!(chain_of(&answer), ["_imaps._tcp.b.test."]);
        let Outcome::Records { ttl, data } = answer.outcome else { panic!("no records") };
        assert_eq!((ttl, data.len()), (30, 2));
    }
}

#[test]
fn an_alias_asked_for_as_such_is_data() {
    let question = ask("a.test.", RecordType::CNAME);
    let alias = record("a.test.", 5, RData::CNAME(CNAME(name("b.test."))));
    let answer = said(&question, response(ResponseCode::NoError, std::slice::from_ref(&alias)));
    assert_eq!(answer.outcome, Outcome::Records { ttl: 5, data: vec![alias.data] });
    assert!(answer.chain.is_empty());
}

#[test]
fn the_rcode_speaks_of_the_end_of_the_chain() {
    let question = ask("a.test.", RecordType::A);
    let alias = record("a.test.", 5, RData::CNAME(CNAME(name("gone.test."))));
    for (code, outcome) in
        [(ResponseCode::NXDomain, Outcome::NxDomain), (ResponseCode::NoError, Outcome::NoData)]
    {
        let mut message = response(code, std::slice::from_ref(&alias));
        message.metadata.recursion_available = true;
        let answer = said(&question, message);
        assert_eq!(chain_of(&answer), ["gone.test."]);
        assert_eq!(answer.outcome, outcome);
    }
}

#[test]
fn loops_and_overlong_chains_end() {
    let question = ask("n0.test.", RecordType::A);
    let alias = |from: usize, to: usize| {
        let canonical = name(&format!("n{to}.test."));
        record(&format!("n{from}.test."), 5, RData::CNAME(CNAME(canonical)))
    };
    let line = |length: usize| (0..length).map(|at| alias(at, at + 1)).collect::<Vec<_>>();
    let check = |records: &[Record], length: usize, outcome: Outcome| {
        let answer = said(&question, response(ResponseCode::NoError, records));
        assert_eq!((answer.chain.len(), answer.outcome), (length, outcome));
    };
    let endless = Outcome::Failed(Failure::ChainTooLong);
    check(&[alias(0, 0)], 1, endless.clone());
    check(&[alias(0, 1), alias(1, 0)], 2, endless.clone());
    check(&line(MAX_CHAIN), MAX_CHAIN, Outcome::NoData);
    check(&line(MAX_CHAIN + 1), MAX_CHAIN, endless);
}

#[test]
fn other_rcodes_are_failures() {
    let question = ask("a.test.", RecordType::A);
    for (code, failure) in [
        (ResponseCode::ServFail, Failure::ServFail),
        (ResponseCode::Refused, Failure::Refused),
        (ResponseCode::NotAuth, Failure::Rcode(9)),
    ] {
        let answer = said(&question, response(code, &[]));
        assert_eq!(answer.outcome, Outcome::Failed(failure));
    }
}

#[test]
fn what_a_response_says_besides_is_passed_on() {
    let question = ask("a.test.", RecordType::A);
    let check = |code: ResponseCode, authentic: bool, errors: &[u16], expected: Dnssec| {
        let mut message = response(code, &[]);
        message.metadata.authentic_data = authentic;
        message.metadata.authoritative = true;
        message.set_edns(extended_errors(errors));
        let answer = said(&question, message);
        assert_eq!(answer.dnssec, expected, "{code} {errors:?}");
        assert!(answer.authoritative);
        assert_eq!(answer.rcode, Some(code.into()));
        assert_eq!(answer.extended, errors[..errors.len().min(MAX_EXTENDED)]);
    };
    check(ResponseCode::NXDomain, true, &[], Dnssec::Unknown);
    check(ResponseCode::NXDomain, false, &[3, 6], Dnssec::Unknown);
    check(ResponseCode::ServFail, true, &[22], Dnssec::Unknown);
    check(ResponseCode::ServFail, false, &[22, 6], Dnssec::Bogus);
    check(ResponseCode::ServFail, false, &[5], Dnssec::Unknown);
    check(ResponseCode::Refused, false, &[6], Dnssec::Unknown);
    check(ResponseCode::BADVERS, false, &[0; MAX_EXTENDED + 1], Dnssec::Unknown);
}

#[test]
fn signatures_of_any_kind_hide_no_answer() {
    let question = ask("a.test.", RecordType::A);
    let address = record("a.test.", 60, RData::A(hickory_proto::rr::rdata::A::new(192, 0, 2, 1)));
    for rtype in [RecordType::RRSIG, RecordType::NSEC, RecordType::NSEC3] {
        let garbage = RData::Unknown {
            code: rtype,
            rdata: hickory_proto::rr::rdata::NULL::with(vec![1, 2, 3]),
        };
        let records = [record("a.test.", 30, garbage), address.clone()];
        let answer = said(&question, response(ResponseCode::NoError, &records));
        assert_eq!(answer.outcome, Outcome::Records { ttl: 60, data: vec![address.data.clone()] });
        assert!(!answer.uneven_ttls);
    }
}

#[test]
fn what_is_missing_is_remembered_for_the_smaller_of_two_numbers() {
    let check = |code: ResponseCode, ttl: u32, minimum: u32, expected: Option<u32>| {
        let mut message = response(code, &[]);
        let soa = hickory_proto::rr::rdata::SOA::new(
            name("ns.test."),
            name("host.test."),
            1,
            2,
            3,
            4,
            minimum,
        );
        message.authorities.push(record("test.", ttl, RData::SOA(soa)));
        assert_eq!(said(&ask("a.test.", RecordType::A), message).negative_ttl, expected);
    };
    check(ResponseCode::NXDomain, 300, 900, Some(300));
    check(ResponseCode::NoError, 900, 300, Some(300));
    check(ResponseCode::ServFail, 900, 300, None);
}

fn extended_errors(codes: &[u16]) -> Edns {
    let mut edns = Edns::new();
    for code in codes {
        let octets = [&code.to_be_bytes()[..], b"why"].concat();
        edns.options_mut().insert(EdnsOption::Unknown(15, octets));
    }
    edns
}

fn hostile_message() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::strategy::Strategy;
    let noise = prop::collection::vec(any::<u8>(), 0..300);
    let flipped = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
        .prop_map(|flips| {
            let aliases = [
                record("a.test.", 5, RData::CNAME(CNAME(name("b.test.")))),
                record("b.test.", 5, srv("mail.test.")),
            ];
            let mut message = response(ResponseCode::NoError, &aliases);
            message.add_query(Query::query(name("a.test."), RecordType::SRV));
            let mut bytes = message.to_vec().unwrap();
            for (at, octet) in flips {
                let at = at.index(bytes.len());
                bytes[at] = octet;
            }
            bytes
        });
    prop_oneof![noise, flipped, Just(Vec::new())]
}

proptest! {
    #[test]
    fn no_octets_make_it_panic(bytes in hostile_message()) {
        if let Some(message) = Response::decode(&bytes) {
            for rtype in [RecordType::SRV, RecordType::A, RecordType::CNAME] {
                let answer = read(&ask("a.test.", rtype), &message);
                assert!(answer.chain.len() <= MAX_CHAIN);
                if let Outcome::Records { data, .. } = answer.outcome {
                    assert!(data.iter().all(|data| data.record_type() == rtype));
                    assert!(!data.is_empty());
                }
            }
        }
    }
}

#[test]
fn a_truncated_message_says_nothing_but_that() {
    let mut message = response(ResponseCode::NoError, &[record("a.test.", 5, srv("mail.test."))]);
    message.metadata.truncation = true;
    message.add_query(Query::query(name("a.test."), RecordType::SRV));
    let read = Response::decode(&message.to_vec().unwrap()).unwrap();
    assert!(read.answers.is_empty() && !read.sound);
    assert_eq!(read.question.map(|question| question.name), Some(name("a.test.")));
}
