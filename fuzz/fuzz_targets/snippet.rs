//! A master file to its end, errors and all; what was read is written and read again.

#![no_main]

use hickory_proto::rr::Name;
use libfuzzer_sys::fuzz_target;
use mailsrv::rrset::ResourceRecord;
use mailsrv::zonefile::{Scanner, record};

/// More octets than this show nothing that fewer do not.
const MAX_OCTETS: usize = 4096;

/// `$GENERATE` makes many records of few octets.
const MAX_RECORDS: usize = 2000;

fuzz_target!(|text: &[u8]| {
    let text = &text[..text.len().min(MAX_OCTETS)];
    let origin = Name::from_ascii("example.com.").expect("it is a name");
    let mut records: Vec<ResourceRecord> = Vec::new();
    for entry in Scanner::new(text, "snippet", Some(origin)).take(MAX_RECORDS) {
        match entry {
            Ok(entry) => records.push(entry.record),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let lines: Vec<String> = records.iter().map(record).collect();
    let written = lines.iter().fold(String::new(), |text, line| text + line + "\n");
    let again: Vec<ResourceRecord> = Scanner::new(written.as_bytes(), "written", None)
        .map(|entry| entry.map_or_else(|error| panic!("{error}\n{written}"), |entry| entry.record))
        .collect();
    assert_eq!(again.iter().map(record).collect::<Vec<_>>(), lines);
    assert_eq!(again, records);
});
