//! What is found of TLSA records, held against the certificates that are served.

use serde_json::Value;

use super::audited::audited;
use super::certificates::Kind;
use super::plant::Plant;
use super::scripted::Script;
use crate::program::{field, text};
use crate::servers::{Zone, nsd};

/// What is published of the certificate, in the zone that has this beside everything else.
fn mismatches(plant: &Plant, records: &str) -> Vec<Value> {
    plant.write_zone();
    let zone = std::fs::read_to_string(plant.path("test.zone")).expect("it was written");
    plant.write("test.zone", &(zone + records));
    let lines = audited(plant, &[]);
    let findings = lines[0]["findings"].as_array().expect("findings are an array");
    findings.iter().filter(|it| it["code"] == "tlsa-mismatch").cloned().collect()
}

#[test]
fn tlsa_records_are_held_against_the_certificate_that_is_served() {
    let plant = Plant::new(1, 1, Kind::Good, &Script::default());
    assert_eq!(mismatches(&plant, ""), [""; 0]);
    let owner = |port| format!("_{port}._tcp.h1.hosts.test.");
    let wrong = |port| format!("{} IN TLSA 3 1 1 {}\n", owner(port), "ab".repeat(32));
    let both = [plant.ports[0], plant.ports[1]].map(wrong).concat();
    let found = mismatches(&plant, &both);
    let [finding] = found.as_slice() else { panic!("one finding is for both: {found:?}") };
    let owners = finding["subjects"].as_array().expect("subjects are an array");
    let owners: Vec<_> = owners.iter().map(|it| field(it, "owner").to_owned()).collect();
    assert_eq!(owners, [plant.ports[0], plant.ports[1]].map(owner));
    // What is expected holds, also beside what does not, and by another matching.
    let right = finding["expected"][0].as_str().expect("data are text");
    let right = format!("{} IN TLSA {right}\n", owner(plant.ports[0]));
    assert_eq!(mismatches(&plant, &(right.clone() + &wrong(plant.ports[0]))), [""; 0]);
    let unknown = right.replace("TLSA 3 1 1", "TLSA 0 1 1");
    assert_eq!(mismatches(&plant, &unknown), [""; 0]);
    let full = right.replace("TLSA 3 1 1", "TLSA 3 0 1");
    assert_eq!(mismatches(&plant, &full).len(), 1);
}

/// The owner names of the findings.
fn owners(findings: &[Value]) -> Vec<String> {
    let subjects = findings.iter().flat_map(|it| it["subjects"].as_array().into_iter().flatten());
    subjects.map(|it| field(it, "owner").to_owned()).collect()
}

#[test]
fn records_of_a_server_that_dns_alone_names_are_held_against_what_it_sends() {
    let plant = Plant::new(1, 1, Kind::Good, &Script::default());
    let port = plant.ports[0];
    let elsewhere = format!(
        "_imaps._tcp.d0.test. IN SRV 9 1 {port} Else.hosts.test.\nelse.hosts.test. IN A 127.0.0.11\n"
    );
    let wrong = format!("_{port}._tcp.else.hosts.test. IN TLSA 3 1 1 {}\n", "ab".repeat(32));
    assert_eq!(owners(&mismatches(&plant, &elsewhere)), [""; 0]);
    let found = owners(&mismatches(&plant, &(elsewhere + &wrong)));
    assert_eq!(found, [format!("_{port}._tcp.else.hosts.test.")]);
    // Nobody comes there.
    assert_eq!(owners(&mismatches(&plant, &wrong)), [""; 0]);
}

#[test]
#[ignore = "needs nsd"]
fn a_probe_holds_the_records_of_hosts_and_of_mail_domains_against_what_is_sent() {
    let plant = Plant::new(1, 1, Kind::Good, &Script::default());
    plant.write_zone();
    let zone = std::fs::read_to_string(plant.path("test.zone")).expect("it was written");
    let port = plant.ports[0];
    let wrong = format!("_{port}._tcp.h1.hosts.test. IN TLSA 3 1 1 {}\n", "ab".repeat(32));
    let server = nsd::serve(&[Zone { name: "test".to_owned(), text: zone + &wrong }]);
    let address = server.address.to_string();
    let host = format!("h1.hosts.test:{port}");
    let typed = [&host, "--protocol", "imap", "--mode", "tls"];
    let probe = ["probe", "--resolver", &address, "-f", "json"];
    let run = plant.run(&[&probe[..], &typed].concat());
    let lines = text(&run.stdout);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let servers: Vec<Value> = lines.filter(|line| line["host"].is_string()).collect();
    let found = servers.iter().filter(|line| line.to_string().contains("tlsa-mismatch"));
    let found: Vec<_> = found.map(|line| (&line["port"], line["domain"].as_str())).collect();
    assert_eq!(found, [(&port.into(), None), (&port.into(), Some("d0.test"))], "{servers:?}");
    assert_eq!(servers.len(), 7);
}
