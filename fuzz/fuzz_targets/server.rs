//! A server as typed: what is accepted is displayed as text that reads back as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::lookup::resolver::Server;

fuzz_target!(|typed: &str| {
    // The names of interfaces are asked for of the system.
    if typed.contains('%') {
        return;
    }
    match typed.parse::<Server>() {
        Ok(server) => {
            let shown = server.to_string();
            assert_eq!(shown.parse(), Ok(server.clone()), "{shown}");
            assert!(server.transport().is_encrypted() || server.address().is_some());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
