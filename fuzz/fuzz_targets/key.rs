//! A text as the file of a key: it is read or refused, and the secret is told to nobody.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::lookup::transfer::Key;

fuzz_target!(|text: &str| {
    match Key::read(text) {
        Ok(key) => {
            assert!(key.name().is_fqdn());
            assert!(format!("{key:?}").ends_with(", .. }"));
        }
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.matches('\n').count() + 1);
            assert!(!error.to_string().is_empty());
        }
    }
});
