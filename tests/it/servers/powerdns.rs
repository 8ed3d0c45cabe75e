//! PowerDNS with a database in one file.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Daemon, Zone, require, start_at};

/// Where Debian keeps the tables of the database.
const SCHEMAS: [&str; 2] = [
    "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql",
    "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql",
];

/// What makes a database of them: its own program is installed more seldom than Python.
const MAKE: &str = "import sqlite3, sys\n\
    sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())";

/// Serves one zone with PowerDNS at an address, signed.
pub(crate) fn serve_signed_at(address: SocketAddr, zone: &Zone) -> Daemon {
    serve(address, zone, true)
}

/// Serves one zone with PowerDNS at an address as it was put into the database: it has no empty
/// non-terminals then (`pdnsutil rectify-zone` makes them).
pub(crate) fn serve_unordered_at(address: SocketAddr, zone: &Zone) -> Daemon {
    serve(address, zone, false)
}

fn serve(address: SocketAddr, zone: &Zone, signed: bool) -> Daemon {
    let (server, tool) = (require("pdns_server"), require("pdnsutil"));
    start_at(&zone.name, address, |dir, address| {
        fs::write(dir.join("pdns.conf"), configuration(dir, address, signed))
            .expect("the temporary directory is writable");
        let schema = SCHEMAS.into_iter().find(|path| Path::new(path).is_file());
        let schema = schema.expect("pdns-backend-sqlite3 has its tables");
        let file = zone.write(dir);
        let settings = format!("--config-dir={}", dir.display());
        run(Command::new("python3").args(["-c", MAKE]).arg(dir.join("database")).arg(schema));
        run(Command::new(&tool).arg(&settings).args(["load-zone", &zone.name]).arg(file));
        if signed {
            run(Command::new(&tool).arg(&settings).args(["secure-zone", &zone.name]));
        }
        let mut command = Command::new(&server);
        command.arg(settings);
        command
    })
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().expect("the program was found");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn configuration(dir: &Path, address: SocketAddr, signed: bool) -> String {
    let signed = if signed { "yes" } else { "no" };
    let (place, ip, port) = (dir.display(), address.ip(), address.port());
    format!(
        "launch=gsqlite3\ngsqlite3-database={place}/database\ngsqlite3-dnssec={signed}\nlocal-address={ip}\n\
         local-port={port}\nsocket-dir={place}\nguardian=no\ndaemon=no\ndisable-syslog=yes\n\
         write-pid=no\nsecurity-poll-suffix=\nreceiver-threads=1\ndistributor-threads=1\n"
    )
}
