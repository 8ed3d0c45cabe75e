//! Two readers of responses: what the quick one takes for plain, the other one reads the same.

#![no_main]

use hickory_proto::rr::{Name, RecordType};
use libfuzzer_sys::fuzz_target;
use mailsrv::answer::Question;
use mailsrv::message::{Plain, Response, plain, read};

/// The types that plain responses are about.
const TYPES: [RecordType; 9] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::CAA,
    RecordType::CNAME,
    RecordType::MX,
    RecordType::NS,
    RecordType::SOA,
    RecordType::SRV,
    RecordType::TXT,
];

/// A header that announces one question, for `q.d.test.`.
const HEADER: usize = 12;
const OWNER: &[u8] = b"\x01q\x01d\x04test\x00";

fuzz_target!(|octets: &[u8]| {
    let Some((first, octets)) = octets.split_first() else { return };
    let rtype = TYPES[usize::from(*first) % TYPES.len()];
    let question = [OWNER, &u16::from(rtype).to_be_bytes(), &[0, 1]].concat();
    let Some((header, rest)) = octets.split_at_checked(HEADER) else { return };
    let mut message = [header, &question, rest].concat();
    message[4..6].copy_from_slice(&[0, 1]);
    let Some(Plain { answer, authentic_data, recursion_available }) = plain(&question, &message)
    else {
        return;
    };
    let whole = Response::decode(&message).expect("what is plain can be read");
    let asked = Question { name: Name::from_ascii("q.d.test.").expect("it is a name"), rtype };
    assert_eq!(format!("{answer:?}"), format!("{:?}", read(&asked, &whole)));
    assert_eq!(authentic_data, message[3] & 0x20 != 0);
    assert_eq!(recursion_available, message[3] & 0x80 != 0);
});
