//! The nsupdate script against a real BIND: complete, idempotent, and harmless to foreign records.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::program::{printed, text};
use crate::servers::{Daemon, Zone, bind, require, transfer};

const ZONE: &str = "example.com";

/// What is in every zone before the update.
const MAIL: &str = "mail IN A 192.0.2.1\n";

/// What is in the zone without any update, as a transfer shows it.
const BASE: [&str; 3] = [
    "example.com. 3600 NS ns.example.com.",
    "mail.example.com. 3600 A 192.0.2.1",
    "ns.example.com. 3600 A 127.0.0.1",
];

const PLANNED: [&str; 9] = [
    "_autodiscover._tcp.example.com. 3600 SRV 0 0 443 mail.example.com.",
    "_imap._tcp.example.com. 3600 SRV 10 1 143 mail.example.com.",
    "_imaps._tcp.example.com. 3600 SRV 0 1 993 mail.example.com.",
    "_pop3._tcp.example.com. 3600 SRV 30 1 110 mail.example.com.",
    "_pop3s._tcp.example.com. 3600 SRV 20 1 995 mail.example.com.",
    "_submission._tcp.example.com. 3600 SRV 10 1 587 mail.example.com.",
    "_submissions._tcp.example.com. 3600 SRV 0 1 465 mail.example.com.",
    "autoconfig.example.com. 3600 CNAME mail.example.com.",
    "autodiscover.example.com. 3600 CNAME mail.example.com.",
];

#[test]
#[ignore = "needs BIND"]
fn a_script_publishes_everything_and_changes_nothing_the_second_time() {
    let server = serve("");
    let first = apply(&server);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));

    let second = apply(&server);
    assert_eq!(second.status.code(), Some(0), "{}", said(&second));
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));
}

#[test]
#[ignore = "needs BIND"]
fn a_script_reports_foreign_records_and_leaves_them() {
    const FOREIGN: [&str; 4] = [
        "_imaps._tcp.example.com. 300 SRV 5 5 9993 imap.stranger.example.",
        "autoconfig.example.com. 3600 A 192.0.2.80",
        "autodiscover.example.com. 3600 CNAME autodiscover.stranger.example.",
        "text.example.com. 3600 TXT unrelated",
    ];
    let server = serve(&zone_lines(&FOREIGN));
    let output = apply(&server);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));

    // An alias keeps its name to itself. A service record goes beside the foreign one, and the
    // RRset has one TTL (RFC 2181 §5.2).
    let taken = ["autoconfig.", "autodiscover."];
    let published: Vec<_> = PLANNED
        .into_iter()
        .filter(|record| !taken.iter().any(|owner| record.starts_with(owner)))
        .collect();
    let kept = FOREIGN.map(|record| record.replacen(" 300 ", " 3600 ", 1));
    let kept = kept.each_ref().map(String::as_str);
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &kept, &published]));
}

#[test]
#[ignore = "needs BIND"]
fn a_foreign_record_beside_ours_stays_and_is_reported() {
    const OURS: &str = "_imap._tcp.example.com. 3600 SRV 10 1 143 mail.example.com.";
    const FOREIGN: &str = "_imap._tcp.example.com. 3600 SRV 20 1 143 imap.stranger.example.";
    let server = serve(&zone_lines(&[OURS, FOREIGN]));
    let output = apply(&server);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &[FOREIGN], &PLANNED]));
}

#[test]
#[ignore = "needs BIND"]
fn a_denial_makes_way_for_what_is_offered_now() {
    const DENIED: &str = "_imaps._tcp.example.com. 3600 SRV 0 0 0 .";
    let server = serve(&zone_lines(&[DENIED]));
    let output = apply(&server);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));
}

#[test]
#[ignore = "needs BIND"]
fn the_program_in_the_script_applies_it_and_tells_which_record_was_refused() {
    const FOREIGN: [&str; 3] = [
        "_imaps._tcp.example.com. 300 SRV 5 5 9993 imap.stranger.example.",
        "_pop3._tcp.example.com. 3600 CNAME pop.stranger.example.",
        "autoconfig.example.com. 3600 A 192.0.2.80",
    ];
    let server = serve(&zone_lines(&FOREIGN));
    let output = apply_and_tell(&server, server.address.port());
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (
            Some(2),
            "refused: _imaps._tcp.example.com. SRV (NXRRSET)\n\
             refused: _pop3._tcp.example.com. SRV (YXRRSET)\n\
             refused: autoconfig.example.com. CNAME (YXDOMAIN)\n"
        )
    );
    let again = serve("");
    let output = apply_and_tell(&again, again.address.port());
    assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()));
    assert_eq!(transfer(again.address, ZONE), sorted(&[&BASE, &PLANNED]));
    // Nothing answers at the port of discard.
    let output = apply_and_tell(&again, 9);
    assert_ne!(output.status.code(), Some(0));
    assert!(said(&output).contains("could not reach any name server"), "{}", said(&output));
}

/// Applies the script of the default profile as its header says.
fn apply_and_tell(server: &Daemon, port: u16) -> Output {
    let nsupdate = require("nsupdate");
    let address = server.address.ip();
    let script = printed(["generate", "-f", "nsupdate", ZONE]);
    let command = script.lines().find_map(|line| line.strip_prefix(";     ")).expect("a command");
    assert_eq!(command, "sed -n 's/^;| //p' FILE | sh -s FILE -k update.key");
    let dir = server.dir();
    fs::write(dir.join("FILE"), format!("server {address} {port}\n{script}"))
        .and_then(|()| fs::copy(bind::key_file(dir), dir.join("update.key")))
        .expect("the temporary directory is writable");
    let mut shell = Command::new("sh");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = nsupdate.parent().map(Path::to_owned).into_iter();
    let path = std::env::join_paths(folders.chain(std::env::split_paths(&path)));
    shell.args(["-c", command]).current_dir(dir).env("PATH", path.expect("folders make a path"));
    shell.output().expect("there is a shell")
}

/// Records as a transfer shows them, as lines of a zone file.
fn zone_lines(records: &[&str]) -> String {
    records.iter().map(|record| record.replacen(' ', " IN ", 1) + "\n").collect()
}

#[test]
#[ignore = "needs BIND"]
fn a_script_for_a_domain_below_the_apex_finds_its_zone() {
    let server = serve("");
    let args = ["dept.example.com", "--zone-apex", ZONE, "--host", "mail.example.com"];
    let output = apply_generated(&server, &args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let planned: Vec<_> =
        PLANNED.iter().map(|record| record.replacen(".example", ".dept.example", 1)).collect();
    let planned: Vec<_> = planned.iter().map(String::as_str).collect();
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &planned]));
}

fn serve(records: &str) -> Daemon {
    bind::serve_updatable(&Zone::new(ZONE, &format!("{MAIL}{records}")))
}

/// Applies the script of the default profile.
fn apply(server: &Daemon) -> Output {
    apply_generated(server, &[ZONE])
}

fn apply_generated(server: &Daemon, args: &[&str]) -> Output {
    let nsupdate = require("nsupdate");
    let script = printed([&["generate", "-f", "nsupdate"], args].concat());
    let address = server.address;
    let script = format!("server {} {}\n{script}", address.ip(), address.port());
    run(&nsupdate, server.dir(), &script)
}

fn run(nsupdate: &Path, dir: &Path, script: &str) -> Output {
    let file = dir.join("script");
    fs::write(&file, script).expect("the temporary directory is writable");
    let mut command = Command::new(nsupdate);
    // A loaded machine may need longer than the three seconds of a first try.
    command.args(["-t", "120", "-u", "30", "-k"]).arg(bind::key_file(dir)).arg(&file);
    command.output().expect("the program was found")
}

fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

fn sorted(lists: &[&[&str]]) -> Vec<String> {
    let mut lines: Vec<_> = lists.concat().into_iter().map(str::to_owned).collect();
    lines.sort();
    lines
}
