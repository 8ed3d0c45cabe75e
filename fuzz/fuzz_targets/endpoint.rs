//! Octets as what a mail server sends: a certificate, and what it says that it can do.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::endpoint::{Offered, Protocol, Served};

fuzz_target!(|octets: &[u8]| {
    if let Some(served) = Served::from_der(octets) {
        for host in &served.hosts {
            let is_plain = !host.starts_with("*.") && host.parse::<std::net::IpAddr>().is_err();
            assert!(!is_plain || served.is_for(host), "{host}");
        }
        for address in &served.addresses {
            assert!(served.is_for(&address.to_string()), "{address}");
        }
    }
    let text = String::from_utf8_lossy(octets);
    for protocol in Protocol::ALL {
        let offered = Offered::read(protocol, text.lines());
        let is_named = |it: &String| *it == it.to_ascii_uppercase() && !it.contains(' ');
        assert!(offered.mechanisms.iter().all(is_named), "{:?}", offered.mechanisms);
    }
});
