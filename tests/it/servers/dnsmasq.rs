//! dnsmasq.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use super::{Daemon, require, start};

/// Forwards all questions to a server, as dnsmasq does without other settings: 150 at one time.
pub(crate) fn forward(zone: &str, upstream: SocketAddr) -> Daemon {
    let dnsmasq = require("dnsmasq");
    start(zone, |dir, address| {
        let config = dir.join("dnsmasq.conf");
        let (ip, port) = (address.ip(), address.port());
        let text = format!(
            "no-resolv\nno-hosts\nkeep-in-foreground\npid-file\nlog-facility=-\nuser=\n\
             bind-interfaces\nlisten-address={ip}\nport={port}\nserver={}#{}\n",
            upstream.ip(),
            upstream.port()
        );
        fs::write(&config, text).expect("the temporary directory is writable");
        let mut command = Command::new(&dnsmasq);
        command.arg("-C").arg(&config);
        command
    })
}
