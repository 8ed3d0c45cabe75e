//! A text as a zone of octoDNS: it is read or refused, within its limits.

#![no_main]

use hickory_proto::rr::Name;
use libfuzzer_sys::fuzz_target;
use mailsrv::lookup::zones::octodns;
use mailsrv::zonefile::{Limits, record};

const LIMITS: Limits = Limits { records: 200, octets: 100_000, generated: 0 };

fuzz_target!(|text: &str| {
    let zone = Name::from_ascii("example.com.").expect("it is a name");
    let read = octodns::read(text, "zone", &zone, LIMITS);
    assert!(read.file.records() <= LIMITS.records + 1);
    for it in read.file.iter() {
        assert!(zone.zone_of(&it.owner));
        assert!(!record(&it).is_empty());
    }
    for error in &read.errors {
        assert!(error.line >= 1 && !error.problem.is_empty());
    }
});
