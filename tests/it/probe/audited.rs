//! What `audit --probe` finds where records lead.

use std::net::TcpListener;

use serde_json::Value;

use super::certificates::Kind;
use super::plant::Plant;
use super::scripted::Script;
use crate::program::{field, mailsrv, text};
use crate::servers::{Zone, nsd};

/// A server that takes passwords before TLS.
const LAX: &str =
    "clear: { CAPABILITY: \"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\\n{tag} OK\" }";

fn lax() -> Script {
    serde_yaml::from_str(LAX).expect("it is a script")
}

/// The lines of the JSON report of an audit by the zone.
pub(super) fn audited(plant: &Plant, options: &[&str]) -> Vec<Value> {
    let zone = plant.path("test.zone");
    let run = plant.run(&[&["audit", "--zone", &zone, "-f", "json", "--probe"], options].concat());
    let lines = text(&run.stdout);
    assert!(!lines.is_empty(), "{}", text(&run.stderr));
    lines.lines().map(|line| serde_json::from_str(line).expect("lines are JSON")).collect()
}

#[test]
fn an_audit_visits_each_endpoint_once_however_many_domains_share_it() {
    let plant = Plant::new(5, 1000, Kind::Good, &Script::default());
    plant.write_zone();
    let lines = audited(&plant, &["--severity", "no-mail-route=off"]);
    assert_eq!((lines.len(), plant.visits()), (1000, 30));
    let others: Vec<_> = lines.iter().filter(|line| line["verdict"] != "pass").collect();
    assert!(others.is_empty(), "{:?}", others.first());
}

#[test]
fn what_is_wrong_with_servers_is_found_once_for_each_cause() {
    let plant = Plant::new(1, 1, Kind::Expired, &lax());
    plant.write_zone();
    let lines = audited(&plant, &[]);
    let [line] = lines.as_slice() else { panic!("one line is of one domain") };
    assert_eq!(line["verdict"], "fail");
    let found: Vec<_> =
        line["findings"].as_array().expect("findings are an array").iter().collect();
    let codes: Vec<_> = found.iter().map(|it| field(it, "code")).collect();
    assert_eq!(codes[..2], ["endpoint-plaintext-login", "certificate-expired"], "{line}");
    let ports: Vec<_> = plant.ports.iter().map(|port| format!("{port}/tcp")).collect();
    let of = |finding: &Value| -> Vec<String> {
        let subjects = finding["subjects"].as_array().expect("subjects are an array");
        assert!(subjects.iter().all(|it| it["owner"] == "h1.hosts.test."), "{finding}");
        subjects.iter().map(|it| field(it, "type").to_owned()).collect()
    };
    assert_eq!(of(found[0]), ports[1..2]);
    let mut all = of(found[1]);
    all.sort();
    let mut expected = ports;
    expected.sort();
    assert_eq!(all, expected);
    let set = audited(&plant, &["--severity", "certificate-expired=off"]);
    assert!(!set[0].to_string().contains("certificate-expired"), "{}", set[0]);
}

#[test]
fn nobody_is_connected_to_unless_that_is_asked_for() {
    let plant = Plant::new(1, 2, Kind::Expired, &lax());
    plant.write_zone();
    let [zone, list, profile] = ["test.zone", "list.csv", "profile.yaml"].map(|it| plant.path(it));
    let audit = ["audit", "--zone", &zone, "--input", &list, "-p", &profile];
    let run = mailsrv(audit);
    assert_eq!((run.status.code(), plant.visits()), (Some(0), 0), "{}", text(&run.stderr));
    // What is private is not visited unless that is asked for, too: nothing is known of it then.
    let run = mailsrv([&audit[..], &["--probe"]].concat());
    assert_eq!((run.status.code(), plant.visits()), (Some(3), 0), "{}", text(&run.stdout));
    let page = text(&run.stdout);
    assert!(page.contains("d0.test: unknown (1 warning, 1 info, 6 servers not visited)"), "{page}");
    assert!(page.contains("--probe-private visits it"), "{page}");
    for option in ["--probe-private", "--expiry=1d"] {
        let run = mailsrv([&audit[..], &[option]].concat());
        assert_eq!(run.status.code(), Some(2), "{option}: {}", text(&run.stdout));
    }
}

#[test]
fn servers_whose_addresses_lie_outside_the_zones_are_not_judged() {
    let plant = Plant::new(1, 1, Kind::Good, &Script::default());
    plant.write_zone();
    let zone = std::fs::read_to_string(plant.path("test.zone")).expect("it was written");
    let without: Vec<_> = zone.lines().filter(|line| !line.starts_with("h1.hosts")).collect();
    let elsewhere = without.join("\n").replace("h1.hosts.test.", "h1.hosts.example.");
    plant.write("test.zone", &(elsewhere + "\n"));
    plant.write("list.csv", "domain,server\nd0.test,h1.hosts.example\n");
    for (options, verdict) in [(&[][..], "warn"), (&["--strict"], "unknown")] {
        let lines = audited(&plant, options);
        assert_eq!(lines[0]["verdict"], verdict, "{}", lines[0]);
        let unvisited = lines[0]["unvisited"].as_array().expect("they are an array");
        assert_eq!(unvisited.len(), 6);
        assert!(unvisited.iter().all(|it| it["reason"] == "outside-zone"), "{unvisited:?}");
    }
    assert_eq!(plant.visits(), 0);
}

/// What is at one endpoint, and what is at all of them, as each format has it.
const TOLD: [(&str, [&str; 2]); 9] = [
    (
        "text",
        [
            "critical endpoint-plaintext-login at h1.hosts.test:{}",
            "certificate-expired at h1.hosts.test:{} and 5",
        ],
    ),
    (
        "json",
        ["\"owner\":\"h1.hosts.test.\",\"type\":\"{}/tcp\"", "\"code\":\"certificate-expired\""],
    ),
    (
        "csv",
        [
            "endpoint-plaintext-login,h1.hosts.test.,{}/tcp,",
            "certificate-expired,h1.hosts.test.,{}/tcp,",
        ],
    ),
    (
        "junit",
        ["endpoint-plaintext-login at h1.hosts.test:{}", "certificate-expired at h1.hosts.test:{}"],
    ),
    (
        "sarif",
        ["\"fullyQualifiedName\":\"h1.hosts.test. {}/tcp\"", "\"ruleId\":\"certificate-expired\""],
    ),
    ("github", ["h1.hosts.test:{}: takes passwords before TLS", "the certificate ended"]),
    ("prometheus", ["owner=\"h1.hosts.test\",type=\"{}/tcp\"", "code=\"certificate-expired\""]),
    ("nagios", ["endpoint-plaintext-login: h1.hosts.test:{}", "fail=1"]),
    ("html", ["<code>h1.hosts.test:{}</code>", "certificate-expired"]),
];

#[test]
fn every_format_tells_what_is_found_at_servers_and_merge_retells_it() {
    let plant = Plant::new(1, 1, Kind::Expired, &lax());
    plant.write_zone();
    let (zone, report) = (plant.path("test.zone"), plant.path("report.jsonl"));
    let audit = ["audit", "--zone", &zone, "--probe", "-f"];
    let json = plant.run(&[&audit[..], &["json"]].concat()).stdout;
    plant.write("report.jsonl", &text(&json));
    for (format, told) in TOLD {
        let run = plant.run(&[&audit[..], &[format]].concat());
        let page = text(&run.stdout);
        let port = plant.ports[1].to_string();
        for (part, port) in told.iter().zip([&port, &plant.ports[0].to_string()]) {
            let part = part.replace("{}", port);
            let dense = page.replace(": ", ":");
            let is_told = page.contains(&part) || dense.contains(&part);
            assert!(is_told, "{format}: no {part} in {page}");
        }
        let merged = mailsrv(["merge", &report, "-f", format]);
        let again = text(&merged.stdout);
        assert_eq!(again, page, "{format}: {}", text(&merged.stderr));
    }
}

#[test]
fn what_was_found_at_servers_before_is_not_told_again() {
    let plant = Plant::new(1, 1, Kind::Expired, &lax());
    plant.write_zone();
    let (zone, report) = (plant.path("test.zone"), plant.path("before.jsonl"));
    let audit = ["audit", "--zone", &zone, "--probe", "-f", "json"];
    plant.write("before.jsonl", &text(&plant.run(&audit).stdout));
    let run = plant.run(&[&audit[..], &["--baseline", &report]].concat());
    assert_eq!((run.status.code(), text(&run.stdout).as_str()), (Some(0), ""));
}

#[test]
fn servers_that_hang_are_given_up_at_the_deadline_and_unknown() {
    let plant = Plant::new(1, 1, Kind::Good, &Script::default());
    plant.write_zone();
    // It takes connections and never says a word.
    let mute = TcpListener::bind("127.0.0.11:0").expect("there is a port");
    let port = mute.local_addr().expect("it has one").port();
    let zone = std::fs::read_to_string(plant.path("test.zone")).expect("it was written");
    let more = format!("_imaps._tcp.d0.test. IN SRV 0 1 {port} h1.hosts.test.\n");
    plant.write("test.zone", &(zone + &more));
    let (file, list) = (plant.path("run.jsonl"), plant.path("list.csv"));
    let patience = ["--timeout", "60", "--deadline", "1", "--record", &file];
    let live = audited(&plant, &patience);
    let unvisited = live[0]["unvisited"].as_array().expect("they are an array");
    // A slow machine gives more up.
    assert!(unvisited.iter().all(|it| it["reason"] == "deadline"), "{}", live[0]);
    assert!(unvisited.iter().any(|it| it["port"] == port), "{}", live[0]);
    let profile = plant.path("profile.yaml");
    let replay = ["audit", "--replay", &file, "--input", &list, "-p", &profile, "--probe"];
    let again = text(&mailsrv([&replay[..], &["-f", "json"]].concat()).stdout);
    let again: Value = serde_json::from_str(&again).expect("it is JSON");
    for field in ["verdict", "unvisited"] {
        assert_eq!(again[field], live[0][field]);
    }
}

#[test]
#[ignore = "needs nsd"]
fn a_recorded_audit_that_visited_is_judged_again_without_a_connection() {
    let plant = Plant::new(2, 4, Kind::EndsSoon, &lax());
    plant.write_zone();
    let zone = std::fs::read_to_string(plant.path("test.zone")).expect("it was written");
    let server = nsd::serve(&[Zone { name: "test".to_owned(), text: zone }]);
    let (address, file) = (server.address.to_string(), plant.path("run.jsonl"));
    for format in ["text", "json"] {
        let audit = ["audit", "--probe", "-f", format];
        let recorded =
            plant.run(&[&audit[..], &["--resolver", &address, "--record", &file]].concat());
        let page = text(&recorded.stdout);
        assert!(page.contains("certificate-expires"), "{page}{}", text(&recorded.stderr));
        let visits = plant.visits();
        let list = plant.path("list.csv");
        let again = ["--replay", &file, "--input", &list, "-p", &plant.path("profile.yaml")];
        let replayed = mailsrv([&audit[..], &again].concat());
        assert_eq!(text(&replayed.stdout), page, "{}", text(&replayed.stderr));
        assert_eq!(replayed.status.code(), recorded.status.code());
        assert_eq!(plant.visits(), visits);
        // Without --probe, what was seen is not judged.
        let without = mailsrv([&["audit", "-f", format][..], &again].concat());
        assert!(!text(&without.stdout).contains("certificate-expires"));
        // What is not in the recording is unknown.
        let lines = std::fs::read_to_string(&file).expect("it was written");
        let answers: Vec<_> = lines.lines().filter(|it| !it.contains("\"visited\"")).collect();
        assert!(answers.len() < lines.lines().count());
        plant.write("run.jsonl", &(answers.join("\n") + "\n"));
        let unknown = mailsrv([&audit[..], &again].concat());
        assert_eq!(unknown.status.code(), Some(3), "{}", text(&unknown.stdout));
    }
}

/// Whatever the time was enough for.
#[test]
#[ignore = "needs nsd"]
fn a_recorded_audit_whose_time_was_over_comes_to_the_same_again() {
    let plant = Plant::new(2, 4, Kind::Good, &Script::default());
    plant.write_zone();
    let zone = std::fs::read_to_string(plant.path("test.zone")).expect("it was written");
    let server = nsd::serve(&[Zone { name: "test".to_owned(), text: zone }]);
    let (address, file) = (server.address.to_string(), plant.path("run.jsonl"));
    let [list, profile] = ["list.csv", "profile.yaml"].map(|it| plant.path(it));
    for time in ["0.01", "0.02", "0.05", "0.2"] {
        let audit = ["audit", "--probe", "--forecast", "-f", "json"];
        let live = ["--resolver", &address, "--record", &file, "--deadline", time];
        let recorded = plant.run(&[&audit[..], &live].concat());
        let lines = std::fs::read_to_string(&file).expect("it was written");
        let again = ["--replay", &file, "--input", &list, "-p", &profile];
        let replayed = mailsrv([&audit[..], &again].concat());
        assert_eq!(text(&replayed.stdout), text(&recorded.stdout), "{time}: {lines}");
        assert_eq!(replayed.status.code(), recorded.status.code(), "{time}");
    }
}
