//! The input of a run, plain or CSV, to its end: a line gives one subject at most.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::cli::input::{Subject, Subjects};

fuzz_target!(|input: &[u8]| {
    let lines = input.split(|octet| *octet == b'\n').count();
    let mut last = 0;
    for (count, subject) in Subjects::new(input).enumerate() {
        assert!(count < lines, "more subjects than lines");
        match subject {
            Ok(Subject { line, parsed, .. }) => {
                let line = line.expect("a subject of an input has a line");
                assert!(line > last, "line {line} after line {last}");
                last = line;
                if let Err(error) = parsed {
                    assert!(!error.is_empty());
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
