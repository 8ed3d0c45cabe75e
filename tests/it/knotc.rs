//! The knotc script against a real Knot DNS: complete, idempotent, and harmless to foreign records.

use std::fs;
use std::process::{Command, Output};

use crate::program::{printed, text};
use crate::servers::{Daemon, Zone, knot, require, transfer};

const ZONE: &str = "example.com";

/// What is in the zone without any script, as a transfer shows it.
const BASE: [&str; 2] =
    ["example.com. 3600 NS ns.example.com.", "ns.example.com. 3600 A 127.0.0.1"];

const PROFILE: &str = "\
host: mail.provider.example
imap: { tls: 993 }
autoconfig: true
";

const PLANNED: [&str; 7] = [
    "_imap._tcp.example.com. 3600 SRV 0 0 0 .",
    "_imaps._tcp.example.com. 3600 SRV 0 1 993 mail.provider.example.",
    "_pop3._tcp.example.com. 3600 SRV 0 0 0 .",
    "_pop3s._tcp.example.com. 3600 SRV 0 0 0 .",
    "_submission._tcp.example.com. 3600 SRV 0 0 0 .",
    "_submissions._tcp.example.com. 3600 SRV 0 0 0 .",
    "autoconfig.example.com. 3600 CNAME mail.provider.example.",
];

#[test]
#[ignore = "needs Knot DNS"]
fn a_script_publishes_everything_and_changes_nothing_the_second_time() {
    let server = serve(&[]);
    for _ in 0..2 {
        let output = apply(&server, PROFILE);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));
    }
}

#[test]
#[ignore = "needs Knot DNS"]
fn a_denial_makes_way_for_what_is_offered_now() {
    let server = serve(&["_imaps._tcp.example.com. 3600 SRV 0 0 0 ."]);
    let output = apply(&server, PROFILE);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));
}

#[test]
#[ignore = "needs Knot DNS"]
fn a_script_reports_foreign_records_and_leaves_them() {
    const FOREIGN: [&str; 4] = [
        "_imaps._tcp.example.com. 300 SRV 5 5 9993 imap.stranger.example.",
        "_pop3._tcp.example.com. 300 SRV 0 1 110 pop.stranger.example.",
        "autoconfig.example.com. 300 A 192.0.2.80",
        "text.example.com. 300 TXT unrelated",
    ];
    let server = serve(&FOREIGN);
    // The RRset has one TTL (RFC 2181 section 5.2).
    let kept = [FOREIGN[0].replacen(" 300 ", " 3600 ", 1)];
    let kept = [kept[0].as_str(), FOREIGN[1], FOREIGN[2], FOREIGN[3]];
    let published = [PLANNED[0], PLANNED[1], PLANNED[3], PLANNED[4], PLANNED[5]];
    for _ in 0..2 {
        let output = apply(&server, PROFILE);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            text(&output.stderr),
            "beside a foreign record: \
               _imaps._tcp.example.com. SRV 0 1 993 mail.provider.example.\n\
             left out, for a foreign record stands there: _pop3._tcp.example.com. SRV 0 0 0 .\n\
             left out, for a foreign record stands there: \
               autoconfig.example.com. CNAME mail.provider.example.\n"
        );
        assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &kept, &published]));
    }
}

#[test]
#[ignore = "needs Knot DNS"]
fn what_an_older_profile_published_is_reported() {
    let server = serve(&[]);
    let output = apply(&server, PROFILE);
    assert_eq!(output.status.code(), Some(0));
    let newer = "host: new.provider.example\nimap: { tls: 993 }\ndeny: false\n";
    let output = apply(&server, newer);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "beside a foreign record: _imaps._tcp.example.com. SRV 0 1 993 new.provider.example.\n"
    );
}

#[test]
#[ignore = "needs Knot DNS"]
fn the_script_of_many_domains_starts_no_more_processes_than_that_of_one() {
    let server = serve(&[]);
    for domains in [&["sales.example.com"][..], &["a.example.com", "b.example.com", ZONE]] {
        // It counts itself, before it does what it is asked to.
        let count = server.dir().join("count");
        fs::write(&count, "").expect("the temporary directory is writable");
        let counting = format!("echo >>{}; exec", count.display());
        let args = [domains, &["--zone-apex", ZONE]].concat();
        let output = apply_with(&server, PROFILE, &args, &counting);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        // It begins, looks, and changes.
        assert_eq!(fs::read_to_string(&count).expect("it was written").lines().count(), 3);
    }
    let zone = transfer(server.address, ZONE);
    for domain in ["sales.example.com", "a.example.com", "b.example.com", ZONE] {
        let record = format!("_imaps._tcp.{domain}. 3600 SRV 0 1 993 mail.provider.example.");
        assert!(zone.contains(&record), "{domain}: {zone:#?}");
    }
}

#[test]
#[ignore = "needs Knot DNS"]
fn records_of_several_types_at_one_name_are_ours_every_time() {
    let server = serve(&[]);
    let profile = "host: mail.provider.example\nimap: true\ndeny: false\n\
                   autoconfig: { addresses: [192.0.2.1, '2001:db8::1'] }\n\
                   caldav: { path: \"/a;b'$d%7B,c\" }\n";
    for _ in 0..2 {
        let output = apply(&server, profile);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        let zone = transfer(server.address, ZONE);
        let path = zone.iter().filter(|record| record.contains(r"path=/a")).count();
        assert_eq!(path, 1, "{zone:#?}");
    }
}

#[test]
#[ignore = "needs Knot DNS"]
fn a_zone_that_cannot_be_changed_is_told_and_the_others_are_changed() {
    let server = serve(&[]);
    let output = apply_with(&server, PROFILE, &["stranger.example", ZONE], "exec");
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (
            Some(1),
            "not changed: stranger.example.: error: [stranger.example.] (no such zone found)\n"
        )
    );
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));
    let output = apply_with(&server, PROFILE, &["stranger.example", ZONE], "exec no-such");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.starts_with("not changed: stranger.example. and 1 more: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
#[ignore = "needs Knot DNS"]
fn an_interrupted_script_finishes_what_it_has_begun_and_nothing_more() {
    let server = serve(&[]);
    let interrupting = "[ -e told ] || kill -TERM $(cat pid); : >told; exec";
    let output = apply_with(&server, PROFILE, &[ZONE], interrupting);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), String::new()));
    assert_eq!(transfer(server.address, ZONE), sorted(&[&BASE, &PLANNED]));
    let output = apply(&server, PROFILE);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

fn serve(records: &[&str]) -> Daemon {
    let lines: String =
        records.iter().map(|record| record.replacen(' ', " IN ", 1) + "\n").collect();
    knot::serve_updatable(&Zone::new(ZONE, &lines))
}

/// Applies the script of a profile.
fn apply(server: &Daemon, profile: &str) -> Output {
    apply_with(server, profile, &[ZONE], "exec")
}

/// Applies the script of a profile for mail domains, with a `knotc` that does something first.
///
/// The file `pid` beside the script has the process that runs it.
fn apply_with(server: &Daemon, profile: &str, args: &[&str], first: &str) -> Output {
    let knotc = require("knotc");
    let (dir, write) = (server.dir(), "the temporary directory is writable");
    let (file, script, stand_in) =
        (dir.join("profile.yaml"), dir.join("script"), dir.join("stand-in"));
    fs::write(&file, profile).expect(write);
    let file = file.to_str().expect("temporary paths are UTF-8");
    let all = [&["generate", "-f", "knotc", "-p", file], args].concat();
    fs::write(&script, printed(all)).expect(write);
    let command = format!("{first} {} {}\n", knotc.display(), knot::socket(dir));
    fs::write(&stand_in, command).expect(write);
    let mut shell = Command::new("sh");
    shell.args(["-c", "echo $$ >pid; exec sh script"]).current_dir(dir);
    shell.env("KNOTC", format!("sh {}", stand_in.display()));
    shell.output().expect("there is a shell")
}

fn sorted(lists: &[&[&str]]) -> Vec<String> {
    let mut lines: Vec<_> = lists.concat().into_iter().map(str::to_owned).collect();
    lines.sort();
    lines
}
