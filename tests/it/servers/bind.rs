//! BIND, taking dynamic updates from whoever holds its key.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Daemon, Zone, require, start, start_at};

/// The TSIG key (RFC 8945) of a server that lives for one test on loopback.
const KEY: &str = "key \"update.test\" {\n  algorithm hmac-sha256;\n  \
    secret \"bWFpbHNydi1tYWlsc3J2LW1haWxzcnYtbWFpbHNydi0=\";\n};\n";

/// Serves one zone with BIND.
pub(crate) fn serve_updatable(zone: &Zone) -> Daemon {
    let named = require("named");
    start(&zone.name, |dir, address| {
        let config = dir.join("named.conf");
        zone.write(dir);
        fs::write(&config, configuration(dir, address, zone))
            .and_then(|()| fs::write(key_file(dir), KEY))
            .expect("the temporary directory is writable");
        let mut command = Command::new(&named);
        command.arg("-g").arg("-n").arg("1").arg("-c").arg(&config);
        command
    })
}

/// Serves one zone with BIND at an address, signed.
pub(crate) fn serve_signed_at(address: SocketAddr, zone: &Zone) -> Daemon {
    start_at(&zone.name, address, |dir, address| {
        let config = dir.join("named.conf");
        zone.write(dir);
        let (place, ip, port, name) = (dir.display(), address.ip(), address.port(), &zone.name);
        let text = format!(
            "options {{ directory \"{place}\"; pid-file none; session-keyfile none; \
               listen-on port {port} {{ {ip}; }}; listen-on-v6 {{ none; }}; \
               recursion no; dnssec-validation no; notify no; }};\ncontrols {{}};\n\
             zone \"{name}\" {{ type primary; file \"{name}.zone\"; \
               dnssec-policy default; inline-signing yes; }};\n"
        );
        fs::write(&config, text).expect("the temporary directory is writable");
        let mut command = Command::new(require("named"));
        command.arg("-g").arg("-n").arg("1").arg("-c").arg(&config);
        command
    })
}

/// Serves one zone with BIND to whoever transfers it with the key of [`key_file`].
pub(crate) fn serve_transfers(zone: &Zone) -> Daemon {
    let named = require("named");
    start(&zone.name, |dir, address| {
        let config = dir.join("named.conf");
        zone.write(dir);
        let text = configuration(dir, address, zone);
        let text = text.replace("allow-transfer { any; }", "allow-transfer { key update.test; }");
        fs::write(&config, text)
            .and_then(|()| fs::write(key_file(dir), KEY))
            .expect("the temporary directory is writable");
        let mut command = Command::new(&named);
        command.arg("-g").arg("-n").arg("1").arg("-c").arg(&config);
        command
    })
}

/// The file that `nsupdate -k` takes.
pub(crate) fn key_file(dir: &Path) -> PathBuf {
    dir.join("key.conf")
}

fn configuration(dir: &Path, address: SocketAddr, zone: &Zone) -> String {
    let (place, port, name) = (dir.display(), address.port(), &zone.name);
    let key = key_file(dir);
    let key = key.display();
    format!(
        "include \"{key}\";\n\
         options {{ directory \"{place}\"; pid-file none; session-keyfile none; \
           listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; \
           recursion no; dnssec-validation no; notify no; allow-transfer {{ any; }}; }};\n\
         controls {{}};\n\
         zone \"{name}\" {{ type primary; file \"{name}.zone\"; \
           allow-update {{ key update.test; }}; }};\n"
    )
}
