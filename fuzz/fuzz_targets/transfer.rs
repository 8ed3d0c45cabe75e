//! Octets as the messages of a transfer: it ends or fails, and what it hands on lies in the zone.

#![no_main]

use hickory_proto::rr::{Name, RecordType};
use libfuzzer_sys::fuzz_target;
use mailsrv::lookup::transfer::frames::Frames;
use mailsrv::zonefile::{Limits, record};

const LIMITS: Limits = Limits { records: 200, octets: 20_000, generated: 0 };

fuzz_target!(|octets: &[u8]| {
    let zone = Name::from_ascii("d.test.").expect("it is a name");
    let Some(&[_, _, a, b]) = octets.first_chunk() else { return };
    let mut frames = Frames::unsigned(u16::from_be_bytes([a, b]), zone.clone(), LIMITS);
    let mut records = Vec::new();
    let mut rest = octets;
    while let Some((&length, after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(length)).min(after.len());
        let (message, after) = after.split_at(length);
        rest = after;
        match frames.take(message, 0, |record| records.push(record)) {
            Ok(false) => {}
            Ok(true) => {
                assert_eq!(records[0].data.record_type(), RecordType::SOA);
                break;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                break;
            }
        }
    }
    assert!(records.len() as u64 <= LIMITS.records);
    for it in &records {
        assert!(zone.zone_of(&it.owner));
        assert!(!record(it).is_empty());
    }
});
