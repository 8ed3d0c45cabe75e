//! A list of mail domains, plain or CSV, to its end: a line gives one at most.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::list::{List, Listed};

fuzz_target!(|input: &[u8]| {
    let lines = input.split(|octet| *octet == b'\n').count();
    let mut last = 0;
    for (count, listed) in List::new(input).enumerate() {
        assert!(count < lines, "more mail domains than lines");
        match listed {
            Ok(Listed { line, parsed, .. }) => {
                let line = line.expect("what is listed has a line");
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
