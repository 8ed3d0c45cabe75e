//! What `audit --fix` prints, applied to the server that it is for: the domain passes afterwards, and
//! a second time changes nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::program::{mailsrv, text};
use crate::reports::remedies::{with_a_third_damaged, with_text_beside};
use crate::servers::{Daemon, Zone, bind, free_address, knot, powerdns, require, transfer};

const ZONE: &str = "example.com";

/// A server, and how a script for it is applied.
struct Kind {
    /// The format of the script.
    format: &'static str,
    serve: fn(&Zone) -> Daemon,
    apply: fn(&Daemon, &Path) -> Output,
    /// The records of the zone, a line each, but the SOA record.
    records: fn(&Daemon) -> Vec<String>,
}

const BIND: Kind = Kind {
    format: "nsupdate",
    serve: bind::serve_updatable,
    apply: |server, script| {
        let (ip, port) = (server.address.ip(), server.address.port());
        let lines = fs::read_to_string(script).expect("it was written");
        fs::write(script, format!("server {ip} {port}\n{lines}")).expect("it is writable");
        let mut command = Command::new(require("nsupdate"));
        command.args(["-t", "120", "-u", "30", "-k"]).arg(bind::key_file(server.dir()));
        command.arg(script).output().expect("the program was found")
    },
    records: |server| transfer(server.address, ZONE),
};

const KNOT: Kind = Kind {
    format: "knotc",
    serve: knot::serve_updatable,
    apply: |server, script| {
        let knotc = format!("{} {}", require("knotc").display(), knot::socket(server.dir()));
        let mut shell = Command::new("sh");
        shell.arg(script).env("KNOTC", knotc).output().expect("there is a shell")
    },
    records: |server| transfer(server.address, ZONE),
};

const POWERDNS: Kind = Kind {
    format: "pdnsutil",
    serve: |zone| powerdns::serve_unordered_at(free_address(), zone),
    apply: |server, script| {
        let mut shell = Command::new("sh");
        shell.arg(script).env("PDNSUTIL", pdnsutil(server));
        shell.output().expect("there is a shell")
    },
    // The server remembers for a minute what was there before.
    records: |server| {
        let list = format!("{} list-zone {ZONE}", pdnsutil(server));
        let output = Command::new("sh").args(["-c", &list]).output().expect("there is a shell");
        let listed = text(&output.stdout).replace(['\t'], " ");
        let is_record = |line: &&str| line.contains(" IN ") && !line.contains(" SOA ");
        let absolute = |line: &str| line.replacen(' ', ". ", 1).replace(".. ", ". ");
        let mut lines: Vec<_> = listed.lines().filter(is_record).map(absolute).collect();
        lines.sort();
        lines
    },
};

fn pdnsutil(server: &Daemon) -> String {
    format!("{} --config-dir={}", require("pdnsutil").display(), server.dir().display())
}

/// Audits a zone: exit code and stdout.
fn audit(zone: &str, args: &[&str]) -> (Option<i32>, String) {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = dir.path().join("zone").display().to_string();
    fs::write(&path, zone).expect("the folder is writable");
    let output = mailsrv(["audit", ZONE, "--zone", &path].iter().chain(args));
    (output.status.code(), text(&output.stdout))
}

/// Serves a zone, and gives it with the script that mends it.
fn served(kind: &Kind, records: &str) -> (Daemon, String) {
    let records: Vec<&str> = records.lines().filter(|line| !line.contains(" SOA ")).collect();
    let zone = Zone::new(ZONE, &(records.join("\n") + "\n"));
    let (_, script) = audit(&zone.text, &["--fix", kind.format]);
    ((kind.serve)(&zone), script)
}

fn apply(kind: &Kind, server: &Daemon, script: &str) -> (Option<i32>, String) {
    let path = server.dir().join("script");
    fs::write(&path, script).expect("the temporary directory is writable");
    let output = (kind.apply)(server, &path);
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[track_caller]
fn check(kind: &Kind) {
    for skipped in 0..3 {
        let (server, script) = served(kind, &with_a_third_damaged(skipped));
        let (code, said) = apply(kind, &server, &script);
        assert_eq!(code, Some(0), "{said}\n{script}");
        let mended = (kind.records)(&server);
        let soa = "example.com. 300 IN SOA ns.example.com. hm.example.com. 1 7200 3600 1209600 300";
        let (code, report) = audit(&format!("{soa}\n{}\n", mended.join("\n")), &[]);
        assert_eq!(code, Some(0), "{report}");
        assert!(report.starts_with("example.com: pass"), "{report}");
        let (code, said) = apply(kind, &server, &script);
        assert_eq!(code, Some(0), "{said}\n{script}");
        assert_eq!((kind.records)(&server), mended, "{said}");
    }
    let (server, script) = served(kind, &with_text_beside());
    let before = (kind.records)(&server);
    let (code, said) = apply(kind, &server, &script);
    assert_ne!(code, Some(0), "{said}\n{script}");
    assert_eq!((kind.records)(&server), before, "{said}\n{script}");
}

#[test]
#[ignore = "needs BIND"]
fn bind_is_mended_by_nsupdate() {
    check(&BIND);
}

#[test]
#[ignore = "needs Knot DNS"]
fn knot_is_mended_by_knotc() {
    check(&KNOT);
}

#[test]
#[ignore = "needs PowerDNS"]
fn powerdns_is_mended_by_pdnsutil() {
    check(&POWERDNS);
}
