//! A document for Thunderbird: what is imported is a sound profile, and every loss has its place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::hosting::{file, ispdb};

fuzz_target!(|document: &[u8]| {
    let imported = match ispdb::read(document) {
        Ok(imported) => imported,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let written = file::write(&imported.hosting);
    let again = file::parse(&written, "imported.yaml").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, imported.hosting);
    let lines = 1 + document.iter().filter(|octet| **octet == b'\n').count();
    for loss in imported.losses {
        assert!((1..=lines).contains(&loss.line), "{loss}");
        assert!(!loss.to_string().contains(char::is_control), "{loss:?}");
    }
});
