//! What the web serves to clients, whoever wrote it: what is read in it is whole, and where it leads is an
//! address that is written as it is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::page::{Hsts, Url};
use mailsrv::reading::{Config, Pacc, Pox, User};

fuzz_target!(|octets: &[u8]| {
    let domain = "example.test".parse().expect("it is a mail domain");
    let url: Url =
        "https://autoconfig.example.test/mail/config-v1.1.xml".parse().expect("it is one");
    let user = User::of(&domain);
    let mut servers = Vec::new();
    if let Some(config) = Config::read(octets) {
        servers.extend(config.servers(&user, &url));
        let _taken = config.strict_servers(&user, &url);
    }
    if let Some(pox) = Pox::read(octets) {
        servers.extend(pox.protocols.iter().map(|it| it.server(&url, it.mode(), None)));
    }
    if let Some(pacc) = Pacc::read(octets) {
        servers.extend(pacc.servers(&url));
    }
    assert!(servers.iter().all(|server| server.port != 0));
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let _seconds = Hsts::read(text);
    if let Ok(joined) = url.join(text) {
        assert_eq!(joined.to_string().parse(), Ok(joined));
    }
});
