//! What a response message says to a question.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use crate::answer::{Answer, Dnssec, Failure, MAX_CHAIN, MAX_EXTENDED, Outcome, Question};

/// Reads the answer to a question out of a response.
///
/// The alias chain is followed by owner name, in whatever order the records stand, and the RCODE
/// speaks of its end (RFC 6604 §2).
pub fn read(question: &Question, response: &Message) -> Answer {
    let metadata = &response.metadata;
    let mut chain = Vec::new();
    let outcome = match metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {
            let loops = follow(question, &response.answers, &mut chain).is_err();
            if loops {
                Outcome::Failed(Failure::ChainTooLong)
            } else {
                end(question, chain.last().unwrap_or(&question.name), response)
            }
        }
        ResponseCode::ServFail => Outcome::Failed(Failure::ServFail),
        ResponseCode::Refused => Outcome::Failed(Failure::Refused),
        other => Outcome::Failed(Failure::Rcode(other.into())),
    };
    let extended = extended(response);
    Answer {
        dnssec: dnssec(&outcome, metadata.authentic_data, &extended),
        authoritative: metadata.authoritative,
        rcode: Some(metadata.response_code.into()),
        chain,
        outcome,
        extended,
    }
}

/// The INFO-CODEs of the extended errors, in order (RFC 8914 §2).
fn extended(response: &Message) -> Vec<u16> {
    const EDE: EdnsCode = EdnsCode::Unknown(15);
    let options = response.edns.iter().flat_map(|edns| edns.options().as_ref());
    let codes = options.filter_map(|(code, option)| match option {
        EdnsOption::Unknown(_, octets) if *code == EDE => {
            octets.first_chunk().map(|code| u16::from_be_bytes(*code))
        }
        _ => None,
    });
    codes.take(MAX_EXTENDED).collect()
}

fn dnssec(outcome: &Outcome, authentic: bool, extended: &[u16]) -> Dnssec {
    match outcome {
        Outcome::Failed(Failure::ServFail) if extended.iter().any(is_bogus) => Dnssec::Bogus,
        Outcome::Failed(_) => Dnssec::Unknown,
        _ if authentic => Dnssec::Secure,
        _ => Dnssec::Unknown,
    }
}

/// Whether an extended error of a SERVFAIL says that the data did not validate (RFC 8914 §4).
///
/// Code 5 does not: "indeterminate" is what a resolver without a trust anchor is (RFC 4033 §5).
fn is_bogus(code: &u16) -> bool {
    matches!(code, 1 | 2 | 6..=12 | 25 | 27)
}

/// The alias chain loops or is too long.
pub(super) struct Endless;

/// Appends a canonical name to a chain that begins at `start`.
pub(super) fn extend_chain(
    chain: &mut Vec<Name>,
    start: &Name,
    canonical: Name,
) -> Result<(), Endless> {
    if chain.len() == MAX_CHAIN {
        return Err(Endless);
    }
    let known = canonical == *start || chain.contains(&canonical);
    chain.push(canonical);
    if known { Err(Endless) } else { Ok(()) }
}

fn follow(question: &Question, answers: &[Record], chain: &mut Vec<Name>) -> Result<(), Endless> {
    if question.rtype == RecordType::CNAME {
        return Ok(());
    }
    loop {
        let owner = chain.last().unwrap_or(&question.name);
        let canonical = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(CNAME(canonical)) if is_at(record, owner) => Some(canonical),
            _ => None,
        });
        match canonical {
            Some(canonical) => extend_chain(chain, &question.name, canonical.clone())?,
            None => return Ok(()),
        }
    }
}

fn end(question: &Question, owner: &Name, response: &Message) -> Outcome {
    if response.metadata.response_code == ResponseCode::NXDomain {
        return Outcome::NxDomain;
    }
    let mut ttl = u32::MAX;
    let mut data: Vec<RData> = Vec::new();
    for record in &response.answers {
        // A record without RDATA exists in updates alone (RFC 2136 §2.4.1).
        let empty = matches!(record.data, RData::Update0(_));
        if record.data.record_type() == question.rtype && is_at(record, owner) && !empty {
            ttl = ttl.min(record.ttl);
            data.push(record.data.clone());
        }
    }
    if !data.is_empty() {
        Outcome::Records { ttl, data }
    } else if *owner == question.name && is_referral(question, response) {
        Outcome::Failed(Failure::Lame)
    } else {
        Outcome::NoData
    }
}

/// Whether a server without the zone, and not recursive, points elsewhere: that is no NODATA
/// (RFC 2308 §2.2.1 tells them apart by the SOA).
fn is_referral(question: &Question, response: &Message) -> bool {
    let metadata = &response.metadata;
    if metadata.authoritative || metadata.recursion_available {
        return false;
    }
    let has = |rtype| {
        response
            .authorities
            .iter()
            .any(|record| record.data.record_type() == rtype && record.name.zone_of(&question.name))
    };
    has(RecordType::NS) && !has(RecordType::SOA)
}

fn is_at(record: &Record, owner: &Name) -> bool {
    record.dns_class == DNSClass::IN && record.name == *owner
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::Edns;
    use proptest::prelude::{Just, any, prop, prop_oneof, proptest};

    use super::*;
    use crate::lookup::responder::{name, record, response, srv};

    fn ask(owner: &str, rtype: RecordType) -> Question {
        Question { name: name(owner), rtype }
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
            let answer = read(&question, &response(ResponseCode::NoError, &records));
            assert_eq!(chain_of(&answer), ["_imaps._tcp.b.test."]);
            let Outcome::Records { ttl, data } = answer.outcome else { panic!("no records") };
            assert_eq!((ttl, data.len()), (30, 2));
        }
    }

    #[test]
    fn an_alias_asked_for_as_such_is_data() {
        let question = ask("a.test.", RecordType::CNAME);
        let alias = record("a.test.", 5, RData::CNAME(CNAME(name("b.test."))));
        let answer =
            read(&question, &response(ResponseCode::NoError, std::slice::from_ref(&alias)));
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
            let answer = read(&question, &response(code, std::slice::from_ref(&alias)));
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
            let answer = read(&question, &response(ResponseCode::NoError, records));
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
            let answer = read(&question, &response(code, &[]));
            assert_eq!(answer.outcome, Outcome::Failed(failure));
        }
    }

    #[test]
    fn a_referral_is_no_nodata() {
        use hickory_proto::rr::rdata::NS;
        let question = ask("a.b.test.", RecordType::A);
        let mut referral = response(ResponseCode::NoError, &[]);
        assert_eq!(read(&question, &referral).outcome, Outcome::NoData);
        referral.add_authority(record("b.test.", 5, RData::NS(NS(name("ns.test.")))));
        assert_eq!(read(&question, &referral).outcome, Outcome::Failed(Failure::Lame));
        referral.metadata.recursion_available = true;
        assert_eq!(read(&question, &referral).outcome, Outcome::NoData);
    }

    #[test]
    fn what_a_response_says_besides_is_passed_on() {
        let question = ask("a.test.", RecordType::A);
        let check = |code: ResponseCode, authentic: bool, errors: &[u16], expected: Dnssec| {
            let mut message = response(code, &[]);
            message.metadata.authentic_data = authentic;
            message.metadata.authoritative = true;
            message.set_edns(extended_errors(errors));
            let answer = read(&question, &message);
            assert_eq!(answer.dnssec, expected, "{code} {errors:?}");
            assert!(answer.authoritative);
            assert_eq!(answer.rcode, Some(code.into()));
            assert_eq!(answer.extended, errors[..errors.len().min(MAX_EXTENDED)]);
        };
        check(ResponseCode::NXDomain, true, &[], Dnssec::Secure);
        check(ResponseCode::NXDomain, false, &[3, 6], Dnssec::Unknown);
        check(ResponseCode::ServFail, true, &[22], Dnssec::Unknown);
        check(ResponseCode::ServFail, false, &[22, 6], Dnssec::Bogus);
        check(ResponseCode::ServFail, false, &[5], Dnssec::Unknown);
        check(ResponseCode::Refused, false, &[6], Dnssec::Unknown);
        check(ResponseCode::BADVERS, false, &[0; MAX_EXTENDED + 1], Dnssec::Unknown);
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
                let mut bytes = response(ResponseCode::NoError, &aliases).to_vec().unwrap();
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
            if let Ok(message) = Message::from_vec(&bytes) {
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
}
