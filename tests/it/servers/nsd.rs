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
