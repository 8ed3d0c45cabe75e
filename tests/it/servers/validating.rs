//! Resolvers that validate: Unbound and BIND, told where the servers of some zones are.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use super::{Daemon, require, start};

/// A zone of their own, by which is seen that they answer.
const READY: &str = "ready.invalid";

/// Resolves the zones, which all stand on one server, with Unbound; `options` stand in its `server`
/// clause.
pub(crate) fn unbound(zones: &[&str], server: SocketAddr, dnskey: &str, options: &str) -> Daemon {
    let program = require("unbound");
    start(READY, |dir, address| {
        let (place, port) = (dir.display(), address.port());
        let mut text = format!(
            "server:\n  interface: 127.0.0.1@{port}\n  do-daemonize: no\n  username: \"\"\n  \
               chroot: \"\"\n  directory: \"{place}\"\n  pidfile: \"{place}/pid\"\n  \
               use-syslog: no\n  do-not-query-localhost: no\n  num-threads: 1\n  \
               module-config: \"validator iterator\"\n  trust-anchor-file: \"{place}/anchor\"\n  \
               local-zone: \"{READY}.\" static\n  \
               local-data: \"{READY}. SOA ns.{READY}. host.{READY}. 1 2 3 4 5\"\n  \
               local-zone: \"test.\" nodefault\n  {options}\n\
             remote-control:\n  control-enable: no\n"
        );
        let stub_port = server.port().to_string();
        for zone in zones {
            let stub = ["stub-zone:\n  name: \"", zone, "\"\n  stub-addr: 127.0.0.1@", &stub_port];
            text.push_str(&(stub.concat() + "\n"));
        }
        let config = dir.join("unbound.conf");
        fs::write(dir.join("anchor"), dnskey)
            .and_then(|()| fs::write(&config, text))
            .expect("the temporary directory is writable");
        let mut command = Command::new(&program);
        command.arg("-d").arg("-c").arg(&config);
        command
    })
}

/// Resolves everything at one server with BIND.
pub(crate) fn bind(server: SocketAddr, dnskey: &str) -> Daemon {
    let program = require("named");
    let key: Vec<&str> = dnskey.split_whitespace().collect();
    let at = key.iter().position(|word| *word == "DNSKEY").expect("it is a DNSKEY record");
    let (flags, octets) = (key[at + 1..at + 4].join(" "), key[at + 4..].concat());
    start(READY, |dir, address| {
        let (place, port) = (dir.display(), address.port());
        let text = format!(
            "options {{ directory \"{place}\"; pid-file none; session-keyfile none; \
               managed-keys-directory \"{place}\"; listen-on port {port} {{ 127.0.0.1; }}; \
               listen-on-v6 {{ none; }}; recursion yes; dnssec-validation yes; \
               empty-zones-enable no; \
               forward only; forwarders {{ 127.0.0.1 port {}; }}; }};\n\
             trust-anchors {{ . static-key {flags} \"{octets}\"; }};\n\
             controls {{}};\n\
             zone \"{READY}\" {{ type primary; file \"ready\"; }};\n",
            server.port()
        );
        let ready = "@ 5 IN SOA ns host 1 2 3 4 5\n@ 5 IN NS ns\nns 5 IN A 127.0.0.1\n";
        let config = dir.join("named.conf");
        fs::write(dir.join("ready"), ready)
            .and_then(|()| fs::write(&config, text))
            .expect("the temporary directory is writable");
        let mut command = Command::new(&program);
        command.arg("-g").arg("-n").arg("1").arg("-c").arg(&config);
        command
    })
}
