//! A response as octets: it is read without harm, and "nothing is there" has evidence.

#![no_main]

use std::sync::LazyLock;

use hickory_proto::rr::{Name, RecordType};
use libfuzzer_sys::fuzz_target;
use mailsrv::answer::{MAX_CHAIN, MAX_EXTENDED, Outcome, Question};
use mailsrv::message::{Response, read};

const AA: u8 = 0x04;
const TC: u8 = 0x02;
const RA: u8 = 0x80;

/// TYPE and CLASS of an SOA record, as they stand in it.
const SOA: [u8; 4] = [0, 6, 0, 1];

static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(|| {
    let types = [RecordType::SRV, RecordType::A, RecordType::CNAME, RecordType::TXT];
    let name = Name::from_ascii("q.d.test.").expect("it is a name");
    types.into_iter().map(|rtype| Question { name: name.clone(), rtype }).collect()
});

fuzz_target!(|octets: &[u8]| {
    let Some(response) = Response::decode(octets) else { return };
    for question in &*QUESTIONS {
        let answer = read(question, &response);
        assert!(answer.chain.len() <= MAX_CHAIN);
        assert!(answer.extended.len() <= MAX_EXTENDED);
        assert!(answer.rcode.is_some());
        if !matches!(answer.outcome, Outcome::Failed(_)) {
            assert_eq!(octets[2] & TC, 0, "truncated");
            assert_eq!(answer.outcome.rcode(), answer.rcode);
        }
        match answer.outcome {
            Outcome::Records { data, .. } => {
                assert!(!data.is_empty());
                assert!(data.iter().all(|data| data.record_type() == question.rtype));
            }
            Outcome::NoData | Outcome::NxDomain => {
                let vouched = octets[2] & AA != 0 || octets[3] & RA != 0;
                assert!(vouched || octets.windows(4).any(|window| window == SOA));
            }
            _ => {}
        }
    }
});
