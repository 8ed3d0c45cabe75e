//! `--wait`: what is not there yet is asked about again.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Output;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RData, Record};
use serde_json::Value;
use tempfile::TempDir;

use crate::hostile::scripted::{Reply, Scripted, healthy, refuse};
use crate::program::{field, mailsrv, text};

/// How often each name was asked for.
type Asked = Arc<Mutex<HashMap<String, usize>>>;

/// A server where all names below `victim.test` appear at the third time that they are asked for, and
/// nothing else is ever there.
fn late() -> (Scripted, Asked) {
    let asked: Asked = Arc::default();
    let counted = Arc::clone(&asked);
    let server = Scripted::start(move |request, _| {
        let query = &request.queries[0];
        let name = query.name().to_ascii().to_ascii_lowercase();
        let mut asked = counted.lock().expect("no test failed with it");
        let times = asked.entry(format!("{name} {}", query.query_type())).or_default();
        *times += 1;
        let is_there =
            name.ends_with("victim.test.") && (!name.starts_with("_imaps.") || *times > 2);
        Reply::Message(if is_there { healthy(request) } else { nowhere(request, 300) })
    });
    (server, asked)
}

/// NXDOMAIN of the root, of a server of the root.
fn nowhere(request: &Message, ttl: u32) -> Message {
    let mut response = refuse(request, ResponseCode::NXDomain);
    let soa = SOA::new(Name::root(), Name::root(), 1, 2, 3, 4, ttl);
    response.add_authority(Record::from_rdata(Name::root(), ttl, RData::SOA(soa)));
    response
}

fn run(server: SocketAddr, args: &[&str]) -> Output {
    let server = server.to_string();
    let common = ["audit", "--resolver", &server, "--tries", "10", "-f", "json"];
    mailsrv([&common[..], args].concat())
}

/// The lines of a stream as JSON.
#[track_caller]
fn objects(octets: &[u8]) -> Vec<Value> {
    let read =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text(octets).lines().map(read).collect()
}

fn events<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| field(event, "event") == kind).collect()
}

#[test]
fn a_domain_that_is_there_at_the_third_try_passes() {
    let (server, _) = late();
    let dir = TempDir::new().expect("there is a place for temporary files");
    let record = dir.path().join("run.jsonl");
    let record = record.to_str().expect("temporary paths are UTF-8");
    let waiting = ["victim.test", "--wait", "10m", "--progress", "json", "--record", record];
    let output = run(server.address, &waiting);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let reports = objects(&output.stdout);
    assert_eq!((reports.len(), field(&reports[0], "verdict")), (1, "pass"));

    let told = objects(&output.stderr);
    assert_eq!(field(&told[0], "event"), "started");
    assert_eq!((&told[0]["wait"], field(&told[0], "until")), (&Value::from(600), "pass"));
    let tries = events(&told, "try");
    let numbers: Vec<_> = tries.iter().map(|it| (&it["number"], &it["waiting"])).collect();
    let [one, two, three, none] = [1, 2, 3, 0].map(Value::from);
    assert_eq!(numbers, [(&one, &one), (&two, &one), (&three, &none)], "{told:?}");
    assert_eq!(tries[0]["domains"][0]["findings"], Value::from(vec!["srv-missing"]));
    assert!(tries[0]["next"].is_u64() && tries[2]["next"].is_null());
    assert_eq!(events(&told, "finished")[0]["verdicts"]["pass"], one);

    // What is recorded is the last try.
    let replayed = mailsrv(["audit", "victim.test", "-f", "json", "--replay", record]);
    assert_eq!(objects(&replayed.stdout), reports);
}

#[test]
fn of_a_list_those_that_are_not_there_are_asked_about_again() {
    let (server, asked) = late();
    let output = run(
        server.address,
        &["gone.test", "victim.test", "--wait", "4s", "--severity", "srv-missing=off", "-q"],
    );
    let reports = objects(&output.stdout);
    let told: Vec<_> =
        reports.iter().map(|it| (field(it, "domain"), field(it, "verdict"))).collect();
    assert_eq!(told, [("victim.test", "pass"), ("gone.test", "broken")]);
    let asked = asked.lock().expect("no test failed with it");
    assert_eq!(asked["_pop3s._tcp.victim.test. SRV"], 1);
    assert!(asked["_pop3s._tcp.gone.test. SRV"] > 1, "{asked:?}");
}

#[test]
fn what_is_missing_is_told_with_how_long_it_is_remembered() {
    let server = Scripted::start(|request, _| {
        let mut response = nowhere(request, 86);
        response.metadata.authoritative = false;
        response.metadata.recursion_available = true;
        Reply::Message(response)
    });
    let output = run(server.address, &["gone.test", "--wait", "2s"]);
    let told = text(&output.stderr);
    assert!(told.starts_with("try 1: 1 domain is not there yet\ngone.test: broken: "), "{told}");
    assert!(
        told.contains("next try in 2 s; caches remember what is wrong for up to 1 min 26 s\n"),
        "{told}"
    );
    assert!(told.contains("try 2: 1 domain is not there yet\n"), "{told}");
    assert!(told.contains("the time to wait is over\n"), "{told}");
    assert_eq!(objects(&output.stdout).len(), 1);
}

#[test]
fn until_warn_is_content_with_less() {
    let (server, asked) = late();
    let options = ["--severity", "srv-missing=warning", "--wait", "10m", "--until", "warn"];
    let output = run(server.address, &[&["victim.test"][..], &options].concat());
    assert_eq!(field(&objects(&output.stdout)[0], "verdict"), "warn");
    let asked = asked.lock().expect("no test failed with it");
    assert_eq!(asked["_imaps._tcp.victim.test. SRV"], 1);
}
