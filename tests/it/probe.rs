//! What `probe` sees of mail servers: scripted ones, by scenarios in a file, and real ones.

mod associations;
mod audited;
mod certificates;
mod fetched;
mod foretold;
mod judged;
mod plant;
mod real;
mod scripted;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::Ordering;

use mailsrv::audit::Code;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use self::certificates::{Authority, Kind};
use self::plant::Plant;
use self::scripted::{Begins, Script, serve};
use crate::program::{field, mailsrv, text};
use crate::servers::{Zone, nsd};

/// A server, and what is to be found there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    protocol: String,
    mode: String,
    #[serde(default)]
    server: Script,
    #[serde(default)]
    certificate: Kind,
    verdict: String,
    /// The codes of the findings, each with a part of its message.
    #[serde(default)]
    findings: BTreeMap<String, String>,
    /// How often the server is connected to.
    #[serde(default = "once")]
    visits: usize,
}

fn once() -> usize {
    1
}

fn scenarios() -> Vec<Scenario> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/endpoints.yaml");
    let read = fs::read_to_string(path).expect("the file is there");
    serde_yaml::from_str(&read).expect("the scenarios are of this form")
}

#[test]
fn every_scenario_finds_what_it_expects_and_nothing_else() {
    let authority = Authority::new("authority of the tests");
    let dir = TempDir::new().expect("there is a place for temporary files");
    let ca_file = dir.path().join("ca.pem");
    fs::write(&ca_file, authority.pem()).expect("the temporary directory is writable");
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let begins = if scenario.mode == "tls" { Begins::AtOnce } else { Begins::Asked };
        let config = authority.server(scenario.certificate);
        let server = serve(&scenario.protocol, begins, &scenario.server, &config);
        let run = mailsrv([
            "probe",
            &server.address.to_string(),
            "--protocol",
            &scenario.protocol,
            "--mode",
            &scenario.mode,
            "--probe-private",
            "--ca-file",
            &ca_file.display().to_string(),
            "--timeout",
            if scenario.name.contains("silent") { "3" } else { "60" },
            "-f",
            "json",
        ]);
        let line: Value = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", scenario.name, text(&run.stderr)));
        let findings = line["findings"].as_array().expect("findings are an array");
        let found: BTreeMap<&str, &str> =
            findings.iter().map(|it| (field(it, "code"), field(it, "message"))).collect();
        let codes: Vec<_> = found.keys().copied().collect();
        let expected: Vec<_> = scenario.findings.keys().map(String::as_str).collect();
        let says = |(code, part): (&String, &String)| {
            found.get(code.as_str()).is_some_and(|message| message.contains(part.as_str()))
        };
        let visits = server.visits.load(Ordering::SeqCst);
        if codes != expected
            || !scenario.findings.iter().all(says)
            || line["verdict"] != scenario.verdict.as_str()
            || visits != scenario.visits
        {
            wrong.push(format!("{}: {visits} visits, {line}", scenario.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_a_probe_occurs_in_a_scenario() {
    let scenarios = scenarios();
    let found: BTreeSet<&str> =
        scenarios.iter().flat_map(|it| it.findings.keys().map(String::as_str)).collect();
    // The servers of the scenarios are addresses, which have no TLSA records.
    let needs_a_name = |code: &&Code| **code == Code::TlsaMismatch;
    let probed = Code::ALL.iter().filter(|code| code.is_probed() && !needs_a_name(code));
    let judged = judged::codes();
    let is_found = |code: &str| found.contains(code) || judged.contains(code);
    let missing: Vec<_> = probed.filter(|code| !is_found(code.text())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What a list of so many domains on five hosts comes to: the lines, and how often the servers were
/// connected to.
fn probe_list(domains: usize, kind: Kind) -> (Vec<Value>, usize) {
    let plant = Plant::new(5, domains, kind, &Script::default());
    let server = nsd::serve(&[Zone::new("test", &plant.addresses)]);
    let address = server.address.to_string();
    let run = plant.run(&["probe", "--resolver", &address, "--timeout", "60", "-f", "json"]);
    let lines = text(&run.stdout);
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("lines are JSON"));
    (lines.collect(), plant.visits())
}

#[test]
#[ignore = "needs nsd"]
fn an_endpoint_is_visited_once_however_many_domains_share_it() {
    let (lines, visits) = probe_list(1000, Kind::Good);
    assert_eq!((lines.len(), visits), (6000, 30));
    let others: Vec<_> = lines.iter().filter(|line| line["verdict"] != "pass").collect();
    assert!(others.is_empty(), "{:?}", others.first());
}

/// RFC 7817 section 3: a certificate may be for the domain of the address.
#[test]
#[ignore = "needs nsd"]
fn a_certificate_may_be_for_the_mail_domain() {
    let (lines, _) = probe_list(2, Kind::Domain);
    for line in &lines {
        let is_of_domain = line["domain"] == "d1.test";
        let expected = if is_of_domain { "pass" } else { "fail" };
        assert_eq!(line["verdict"], expected, "{line}");
    }
    assert_eq!(lines.len(), 12);
}

#[test]
fn what_is_private_is_not_visited_unless_that_is_asked_for() {
    let authority = Authority::new("authority of the tests");
    let config = authority.server(Kind::Good);
    let server = serve("imap", Begins::AtOnce, &Script::default(), &config);
    let address = server.address.to_string();
    let run = mailsrv(["probe", &address, "--protocol", "imap", "--mode", "tls"]);
    assert_eq!(run.status.code(), Some(3), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("--probe-private visits"), "{}", text(&run.stdout));
    assert_eq!(server.visits.load(Ordering::SeqCst), 0);
}

#[test]
fn a_target_that_makes_no_sense_is_refused() {
    for (target, problem) in [
        ("mail.example.com:", "error: `mail.example.com:` has no port from 1 to 65535 at its end"),
        ("mail.example.com:0", "error: `mail.example.com:0` has no port from 1 to 65535"),
        ("mail.example.com:70000", "error: `mail.example.com:70000` has no port from 1 to 65535"),
        ("mail:993", "error: `mail:993` has no host: `mail` is a single label"),
        ("[::x]:993", "error: `[::x]:993` has no address of IPv6 in its brackets"),
        ("mail.example.com:1234", "error: `mail.example.com:1234`: port 1234 is registered for no"),
    ] {
        let run = mailsrv(["probe", target]);
        assert_eq!(run.status.code(), Some(2), "{target}");
        assert!(text(&run.stderr).starts_with(problem), "{}", text(&run.stderr));
        assert!(text(&run.stderr).contains("\nhint: "), "{}", text(&run.stderr));
    }
}

#[test]
fn what_is_no_mail_domain_is_broken_in_its_line_and_the_rest_goes_on() {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let list = dir.path().join("list");
    fs::write(&list, "foo..\u{1b}x\n").expect("the temporary directory is writable");
    let list = list.display().to_string();
    for (format, expected) in [
        ("text", "line 1: foo..\\x1bx: broken: "),
        ("json", "{\"domain\":\"foo..\\u001bx\",\"verdict\":\"broken\",\"line\":1,\"error\":"),
    ] {
        let server = "127.0.0.1:9";
        let run = mailsrv(["probe", "--input", &list, "--resolver", server, "-f", format]);
        assert_eq!(run.status.code(), Some(3), "{}", text(&run.stderr));
        assert!(text(&run.stdout).starts_with(expected), "{}", text(&run.stdout));
    }
    let run = mailsrv(["probe", "--input", &list, "-o", &list]);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stdout));
    for idle in [&["example.com", "--mode", "tls"][..], &["127.0.0.1:993", "--shard", "1/2"]] {
        let run = mailsrv([&["probe"], idle].concat());
        assert_eq!(run.status.code(), Some(2), "{idle:?}");
        assert!(text(&run.stderr).contains("none is given"), "{}", text(&run.stderr));
    }
}

#[test]
fn what_nobody_could_find_out_is_counted_by_what_it_is() {
    // Nobody answers at the port of the discard service (RFC 863).
    let run = mailsrv(["probe", "d.test", "--resolver", "127.0.0.1:9", "--probe-private"]);
    let (page, said) = (text(&run.stdout), text(&run.stderr));
    assert_eq!(run.status.code(), Some(3), "{page}{said}");
    assert!(said.starts_with("6 endpoints: 6 not visited; 6 SRV RRsets not looked up"), "{said}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}
