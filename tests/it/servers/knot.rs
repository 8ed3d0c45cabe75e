//! Knot DNS.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Daemon, Zone, require, start, start_at};

/// Serves zones with Knot.
///
/// Knot loads zones that its own semantic checks warn about, which a planted defect needs.
pub(crate) fn serve(zones: &[Zone]) -> Daemon {
    let knotd = require("knotd");
    let last = zones.last().expect("there is a zone to serve");
    start(&last.name, |dir, address| {
        let config = dir.join("knot.conf");
        let listen = format!("{}@{}", address.ip(), address.port());
        fs::write(&config, configuration(dir, &listen, zones))
            .expect("the temporary directory is writable");
        let mut command = Command::new(&knotd);
        command.arg("-c").arg(&config);
        command
    })
}

/// Serves one zone with Knot at an address, signed.
pub(crate) fn serve_signed_at(address: SocketAddr, zone: &Zone) -> Daemon {
    start_at(&zone.name, address, |dir, address| {
        let config = dir.join("knot.conf");
        let listen = format!("{}@{}", address.ip(), address.port());
        let zones = configuration(dir, &listen, std::slice::from_ref(zone));
        let signed = format!("{zones}    dnssec-signing: on\n    journal-content: all\n");
        let signed = signed.replace("zonefile-load: whole", "zonefile-load: difference-no-serial");
        fs::write(&config, signed).expect("the temporary directory is writable");
        let mut command = Command::new(require("knotd"));
        command.arg("-c").arg(&config);
        command
    })
}

/// Serves one zone with Knot, changed by whoever reaches its socket.
pub(crate) fn serve_updatable(zone: &Zone) -> Daemon {
    let knotd = require("knotd");
    start(&zone.name, |dir, address| {
        let config = dir.join("knot.conf");
        let listen = format!("{}@{}", address.ip(), address.port());
        zone.write(dir);
        let (place, name) = (dir.display(), &zone.name);
        let text = format!(
            "server:\n  rundir: \"{place}\"\n  listen: {listen}\n  udp-workers: 1\n  \
               tcp-workers: 1\n  background-workers: 1\n\
             database:\n  storage: \"{place}\"\n\
             log:\n  - target: stderr\n    any: warning\n\
             acl:\n  - id: transfer\n    address: 127.0.0.1\n    action: transfer\n\
             zone:\n  - domain: {name}.\n    storage: \"{place}\"\n    file: {name}.zone\n    \
               acl: transfer\n    zonefile-sync: -1\n    zonefile-load: difference-no-serial\n    \
               journal-content: all\n"
        );
        fs::write(&config, text).expect("the temporary directory is writable");
        let mut command = Command::new(&knotd);
        command.arg("-c").arg(&config);
        command
    })
}

/// Serves one zone with Knot to whoever transfers it, with this key where there is one: its name,
/// algorithm and secret.
pub(crate) fn serve_transfers(zone: &Zone, key: Option<[&str; 3]>) -> Daemon {
    let knotd = require("knotd");
    start(&zone.name, |dir, address| {
        let config = dir.join("knot.conf");
        let listen = format!("{}@{}", address.ip(), address.port());
        let key = key.map(|[id, algorithm, secret]| {
            let key =
                format!("key:\n  - id: {id}\n    algorithm: {algorithm}\n    secret: {secret}\n");
            (key, format!("    key: {id}\n"))
        });
        let (key, allowed) = key.unwrap_or_default();
        let acl = format!("acl:\n  - id: transfer\n    action: transfer\n{allowed}");
        let acl = if allowed.is_empty() { acl + "    address: 127.0.0.1\n" } else { acl };
        let text = configuration(dir, &listen, std::slice::from_ref(zone));
        // On a busy machine, who transfers may be without a processor for seconds.
        let text = text.replace("database:", "  tcp-io-timeout: 60000\ndatabase:");
        let text = text.replace("template:", &format!("{key}{acl}template:"));
        fs::write(&config, text + "    acl: transfer\n")
            .expect("the temporary directory is writable");
        let mut command = Command::new(&knotd);
        command.arg("-c").arg(&config);
        command
    })
}

/// The option of knotc that leads to a server.
pub(crate) fn socket(dir: &Path) -> String {
    format!("--socket={}", dir.join("knot.sock").display())
}

fn configuration(dir: &Path, listen: &str, zones: &[Zone]) -> String {
    let place = dir.display();
    let mut text = format!(
        "server:\n  rundir: \"{place}\"\n  listen: {listen}\n  udp-workers: 1\n  tcp-workers: 1\n  \
           background-workers: 1\n\
         database:\n  storage: \"{place}\"\n\
         log:\n  - target: stderr\n    any: warning\n\
         template:\n  - id: default\n    storage: \"{place}\"\n    zonefile-sync: -1\n    \
           zonefile-load: whole\n    journal-content: none\n    semantic-checks: off\n\
         zone:\n"
    );
    for zone in zones {
        zone.write(dir);
        text.push_str("  - domain: ");
        text.push_str(&zone.name);
        text.push_str(".\n    file: ");
        text.push_str(&zone.name);
        text.push_str(".zone\n");
    }
    text
}
