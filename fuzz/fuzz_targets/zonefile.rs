//! Zone files: plain lines are read the short way as they are the long one, and whatever a file says,
//! its records can be kept, or its errors told.

#![no_main]

use std::io::{BufRead, BufReader};

use libfuzzer_sys::fuzz_target;
use mailsrv::zonefile::{Limits, Scanner, WireEntry};

/// What a reader of records sees: each of them, or the error in its place.
type Seen = Result<(Vec<u8>, u16, u32, Vec<u8>, u64, u64), String>;

fuzz_target!(|octets: &[u8]| {
    // Octet by octet no line is ever at hand, so that each is cut into tokens.
    let long = seen(BufReader::with_capacity(1, octets), false);
    for in_rows in [false, true] {
        assert_eq!(seen(octets, in_rows), long);
        assert_eq!(seen(BufReader::with_capacity(64, octets), in_rows), long);
    }
});

/// Reads line by line, or as many plain lines as stand together.
fn seen(text: impl BufRead, in_rows: bool) -> Vec<Seen> {
    let limits = Limits { records: 1000, octets: 1 << 20, generated: 1 << 16 };
    let origin = "example.com.".parse().expect("it is a name");
    let mut scanner = Scanner::new(text, "z", Some(origin)).with_limits(limits);
    let mut all = Vec::new();
    let one = |entry: &WireEntry<'_>| {
        let (owner, rdata) = (entry.owner.to_vec(), entry.rdata.to_vec());
        (owner, entry.code, entry.ttl, rdata, entry.line, entry.column)
    };
    loop {
        if in_rows && let Err(error) = scanner.take_plain(|entry| all.push(Ok(one(entry)))) {
            all.push(Err(error.to_string()));
        }
        let Some(entry) = scanner.next_wire() else { return all };
        all.push(entry.map_err(|error| error.to_string()).map(|entry| one(&entry)));
    }
}
