//! NSD.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Daemon, Zone, require, start, start_at};

/// Serves zones with NSD.
pub(crate) fn serve(zones: &[Zone]) -> Daemon {
    let last = zones.last().expect("there is a zone to serve");
    start(&last.name, |dir, address| command(dir, address, zones))
}

/// Serves one zone with NSD at an address.
pub(crate) fn serve_at(address: SocketAddr, zone: &Zone) -> Daemon {
    start_at(&zone.name, address, |dir, address| command(dir, address, std::slice::from_ref(zone)))
}

fn command(dir: &Path, address: SocketAddr, zones: &[Zone]) -> Command {
    let config = dir.join("nsd.conf");
    fs::write(&config, configuration(dir, address, zones))
        .expect("the temporary directory is writable");
    let mut command = Command::new(require("nsd"));
    command.arg("-d").arg("-c").arg(&config);
    command
}

/// Serves one zone with NSD to whoever transfers it, with this key where there is one: its name,
/// algorithm and secret.
pub(crate) fn serve_transfers(zone: &Zone, key: Option<[&str; 3]>) -> Daemon {
    let nsd = require("nsd");
    start(&zone.name, |dir, address| {
        let config = dir.join("nsd.conf");
        let text = configuration(dir, address, std::slice::from_ref(zone));
        let text = match key {
            None => format!("{text}  provide-xfr: 127.0.0.1 NOKEY\n"),
            Some([name, algorithm, secret]) => format!(
                "key:\n  name: {name}\n  algorithm: {algorithm}\n  secret: \"{secret}\"\n\
                 {text}  provide-xfr: 127.0.0.1 {name}\n"
            ),
        };
        fs::write(&config, text).expect("the temporary directory is writable");
        let mut command = Command::new(&nsd);
        command.arg("-d").arg("-c").arg(&config);
        command
    })
}

fn configuration(dir: &Path, address: SocketAddr, zones: &[Zone]) -> String {
    let place = dir.display();
    let (ip, port) = (address.ip(), address.port());
    let mut text = format!(
        "server:\n  ip-address: {ip}@{port}\n  server-count: 1\n  username: \"\"\n  \
           chroot: \"\"\n  database: \"\"\n  zonesdir: \"{place}\"\n  pidfile: \"{place}/pid\"\n  \
           zonelistfile: \"{place}/zone.list\"\n  xfrdfile: \"{place}/xfrd.state\"\n  \
           xfrdir: \"{place}\"\n  rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\n\
         remote-control:\n  control-enable: no\n"
    );
    for zone in zones {
        zone.write(dir);
        text.push_str("zone:\n  name: ");
        text.push_str(&zone.name);
        text.push_str("\n  zonefile: ");
        text.push_str(&zone.name);
        text.push_str(".zone\n");
    }
    text
}
