//! Forecasts of what mail clients conclude, held against what was measured.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{mailsrv, text};

/// The cells that are not as measured: a scenario, a client, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("all", "deltachat", AC),
    ("all", "evolution", AC),
    ("all", "geary", AC),
    ("all", "pim-discovery", AC),
    ("all", "thunderbird", AC),
    ("both", "deltachat", AC),
    ("both", "evolution", AC),
    ("both", "geary", AC),
    ("both", "pim-discovery", AC),
    ("both", "thunderbird", AC),
    ("srv-priority", "aerc", SRV2),
    ("srv-priority", "claws", SRV2),
    ("srv-priority", "claws+pop3", SRV2),
    ("autoconfig-badcert", "deltachat", "it was run so that it takes any certificate"),
];

const AC: &str =
    "the document names a host that served in the measurement and is none of the profile";
const SRV2: &str =
    "a record names a host that served in the measurement and is none of the profile";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forecast")
}

/// What is foretold in a scenario of a folder, by client.
fn forecast(of: &str, scenario: &str) -> BTreeMap<String, Value> {
    let scenarios = folder().join("scenarios");
    let own = folder().join(of).join(scenario);
    let path = |path: PathBuf| path.display().to_string();
    let documents = own.join("documents");
    // A domain of which nothing is served has no folder, and git keeps no empty ones.
    let empty = tempfile::tempdir().expect("there is a place for temporary files");
    let documents = if documents.is_dir() { documents } else { empty.path().to_owned() };
    let output = mailsrv([
        "forecast".to_owned(),
        "example.test".to_owned(),
        "-p".to_owned(),
        path(own.join("profile.yaml")),
        "--zone".to_owned(),
        path(own.join("zone")),
        "--zone".to_owned(),
        path(scenarios.join("provider.zone")),
        "--documents".to_owned(),
        path(documents),
        "-f".to_owned(),
        "json".to_owned(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{scenario}: {}", text(&output.stderr));
    let lines = text(&output.stdout);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    lines.map(|line| (line["client"].as_str().expect("a name").to_owned(), line)).collect()
}

/// A server as a row of the measurement has it.
fn server(server: &Value) -> String {
    if server.is_null() {
        return ",,,".to_owned();
    }
    let word = |field: &str| server[field].as_str().expect(field).to_owned();
    format!("{},{},{},{}", word("protocol"), word("host"), server["port"], word("mode"))
}

#[test]
#[expect(clippy::print_stdout, reason = "the agreement is quoted in reviews")]
fn clients_conclude_what_they_were_seen_to() {
    let known = fs::read_to_string(folder().join("known.csv")).expect("it stands beside");
    let rows: Vec<&str> = known.lines().filter(|line| !line.starts_with('#')).collect();
    let mut forecasts: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    let mut agreement: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let mut fields = row.splitn(3, ',');
        let mut field = || fields.next().expect(row);
        let (scenario, client) = (field(), field());
        let told = forecasts.entry(scenario).or_insert_with(|| forecast("scenarios", scenario));
        let line = &told[client];
        let said = format!(
            "{scenario},{client},{},{},{},{},{}",
            line["version"].as_str().expect("a version"),
            server(&line["incoming"]),
            server(&line["outgoing"]),
            line["found"],
            line["works"],
        );
        let is_otherwise = OTHERWISE.iter().any(|it| (it.0, it.1) == (scenario, client));
        if (said == *row) == is_otherwise {
            wrong.push(format!("{row}\n  {said}\n  {}", line["why"]));
        }
        let [right, all] = agreement.entry(client).or_default();
        *right += usize::from(said == *row);
        *all += 1;
    }
    // Each is there for a reason.
    assert!(OTHERWISE.iter().all(|(_, _, reason)| !reason.is_empty()));
    for (client, [right, all]) in &agreement {
        println!("{client:14} {right} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((rows.len(), forecasts.len(), agreement.len()), (330, 30, 11));
}

#[test]
fn other_clients_conclude_what_their_sources_say() {
    let rows = fs::read_to_string(folder().join("sources.csv")).expect("it stands beside");
    let rows: Vec<&str> = rows.lines().filter(|line| !line.starts_with('#')).collect();
    let mut forecasts: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut clients = BTreeSet::new();
    for row in &rows {
        let mut fields = row.splitn(3, ',');
        let mut field = || fields.next().expect(row);
        let (scenario, client) = (field(), field());
        let told = forecasts.entry(scenario).or_insert_with(|| forecast("sources", scenario));
        let line = &told[client];
        let [incoming, outgoing] = ["incoming", "outgoing"].map(|field| server(&line[field]));
        let (found, works) = (&line["found"], &line["works"]);
        let said = format!("{scenario},{client},{incoming},{outgoing},{found},{works},");
        if !row.starts_with(&said) {
            wrong.push(format!("{row}\n  {said}\n  {}", line["why"]));
        }
        clients.insert(client);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sourced = forecasts["tls-only"].values().filter(|line| line["basis"] != "measured");
    for line in sourced {
        assert!(clients.contains(line["client"].as_str().expect("a name")), "{line}");
    }
}
