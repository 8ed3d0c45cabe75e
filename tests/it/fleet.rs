//! Several machines, and what reads their reports: the commands of the README and of `contrib/`, run.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{field, mailsrv, printed, text};
use crate::servers::require;

/// The Python that `tests/tools/install` has put the tools into.
fn python() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools/venv/bin/python")
}

/// The first code of a language in the README that begins so.
fn of_readme(language: &str, begin: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README");
    let mut fences = readme.split("\n```").skip(1).step_by(2);
    let body =
        fences.find_map(|fence| fence.strip_prefix(language)?.trim_start().strip_prefix(begin));
    format!("{begin}{}", body.unwrap_or_else(|| panic!("the README has no {language}: {begin}")))
}

/// A folder with `customers.csv`, and the zones of those customers in `customers.zone`.
fn customers(count: usize) -> TempDir {
    let place = TempDir::new().expect("there is a place for temporary files");
    let (mut list, mut zone) = (String::from("domain\n"), String::from("$TTL 60\n"));
    let snippet = printed(["generate", "-q", "customer.example"]);
    let hosts = "@ MX 10 mail\nmail A 192.0.2.2\nmail AAAA 2001:db8::2\n";
    for at in 0..count {
        let domain = format!("customer{at}.example");
        let snippet = snippet.replace("customer.example", &domain);
        let snippet = match at % 10 {
            3 => snippet.replace(" 993 ", " 143 "),
            7 => snippet.replace("_imap._tcp", "_imap._tpc"),
            _ => snippet,
        };
        list += &domain;
        list.push('\n');
        zone.extend(["$ORIGIN ", &domain, ".\n", hosts, &snippet, "\n"]);
    }
    fs::write(place.path().join("customers.csv"), list)
        .and_then(|()| fs::write(place.path().join("customers.zone"), zone))
        .expect("the folder is writable");
    place
}

/// In the place of the program: it knows the zones, and the first that audits shard 3 is killed by the
/// system in the middle of a write, when a file of it is as large as it may be.
const KILLED: &str = r#"#!/bin/sh
case "$1 $*" in
audit*--shard\ 3/16*)
    if mkdir killed 2>/dev/null; then ulimit -f 32; fi
    exec env --default-signal=XFSZ PROGRAM "$@" --zone customers.zone
    ;;
audit*) exec PROGRAM "$@" --zone customers.zone ;;
*) exec PROGRAM "$@" ;;
esac
"#;

/// The report of one run over the customers, in the order of the shards.
fn whole(place: &Path, format: &str) -> String {
    let path = |name: &str| place.join(name).display().to_string();
    let (list, zone) = (path("customers.csv"), path("customers.zone"));
    let args = ["audit", "--input", &list, "--zone", &zone, "-f", format];
    text(&mailsrv(args).stdout)
}

fn sorted(text: &str) -> Vec<String> {
    // The same file, by another path.
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
#[ignore = "needs parallel"]
fn gnu_parallel_restarts_a_worker_that_was_killed_and_the_merged_report_is_that_of_one_run() {
    require("parallel");
    let place = customers(800);
    let path = |name: &str| place.path().join(name);
    fs::create_dir(path("bin")).expect("the folder is writable");
    let wrapper = KILLED.replace("PROGRAM", env!("CARGO_BIN_EXE_mailsrv"));
    fs::write(path("bin/mailsrv"), wrapper).expect("the folder is writable");
    fs::set_permissions(path("bin/mailsrv"), Permissions::from_mode(0o755)).expect("it is ours");
    let script = of_readme("sh", "parallel ");
    let search = format!("{}:/usr/bin:/bin", path("bin").display());
    let mut command = Command::new(require("bash"));
    command.args(["-ec", &script]).current_dir(place.path()).env("PATH", search);
    let ran = command.env("HOME", place.path()).output().expect("there is a shell");
    let said = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}{}", text(&ran.stdout));
    // It was killed, and went on with what it had.
    assert!(path("killed").is_dir(), "{said}");
    assert!(said.contains("reported already, the others follow"), "{said}");
    let log = fs::read_to_string(path("shards.log")).expect("parallel writes a log");
    assert_eq!(log.lines().count(), 17, "{log}");

    let merged = fs::read_to_string(path("report.jsonl")).expect("it is written");
    let of_place = |text: &str| text.replace(&format!("{}/", place.path().display()), "");
    let one = of_place(&whole(place.path(), "json"));
    assert_eq!(sorted(&merged).len(), 800);
    assert!(sorted(&merged) == sorted(&one), "the merged report is another one");
}

/// What Kubernetes makes of the arguments of a container.
fn expanded(argument: &str, index: usize, data: &Path) -> String {
    let argument = argument.replace("$(INDEX)", &index.to_string());
    argument.replace("/data/", &format!("{}/", data.display()))
}

fn manifests() -> Vec<serde_yaml::Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/kubernetes/audit.yaml");
    let text = fs::read_to_string(path).expect("it is there");
    let documents = text.split("\n---\n").map(|it| serde_yaml::from_str(it).expect("it is YAML"));
    documents.collect()
}

fn arguments(manifest: &serde_yaml::Value) -> Vec<String> {
    let container = &manifest["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["command"][0], "mailsrv");
    let arguments = container["args"].as_sequence().expect("it has arguments").iter();
    arguments.map(|it| it.as_str().expect("arguments are text").to_owned()).collect()
}

#[test]
fn the_pods_of_kubernetes_audit_all_of_the_list_and_their_reports_are_joined() {
    let place = customers(60);
    fs::create_dir(place.path().join("shards")).expect("the folder is writable");
    let [audit, merge] = manifests().try_into().expect("there are two jobs");
    let completions = audit["spec"]["completions"].as_u64().expect("it is a number") as usize;
    let zone = place.path().join("customers.zone").display().to_string();
    for index in 0..completions {
        let arguments = arguments(&audit);
        let mut arguments: Vec<String> =
            arguments.iter().map(|it| expanded(it, index, place.path())).collect();
        arguments.push(format!("--zone={zone}"));
        let ran = mailsrv(&arguments);
        assert_eq!(ran.status.code(), Some(0), "{arguments:?}: {}", text(&ran.stderr));
    }
    let data = place.path().display().to_string();
    let arguments = arguments(&merge).into_iter();
    let ran = mailsrv(arguments.map(|it| it.replace("/data", &data)));
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let merged = fs::read_to_string(place.path().join("report.jsonl")).expect("it is written");
    assert_eq!(sorted(&merged), sorted(&whole(place.path(), "json")));
}

/// The schemas are those of the `OpenAPI` description of Kubernetes; nothing may be in a manifest that they
/// do not know.
const VALIDATE: &str = "
import json, sys
import kubernetes_validate
for manifest in json.load(sys.stdin):
    for version in ('1.31', '1.37'):
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
            print('good')
        except kubernetes_validate.ValidationError as error:
            print('bad', error.message)
";

#[test]
#[ignore = "needs what tests/tools/install brings"]
fn the_schemas_of_kubernetes_take_the_manifests_and_nothing_else() {
    #[track_caller]
    fn check(manifests: &[serde_yaml::Value], good: bool) {
        let input = tempfile::NamedTempFile::new().expect("there is a place for temporary files");
        let json = serde_json::to_vec(manifests).expect("YAML is JSON here");
        fs::write(input.path(), json).expect("it is ours");
        let mut command = Command::new(python());
        command.args(["-c", VALIDATE]).stdin(fs::File::open(input.path()).expect("it is there"));
        let ran = command.output().expect("tests/tools/install has put it there");
        let (out, said) = (text(&ran.stdout), text(&ran.stderr));
        assert_eq!(out.lines().count(), 2 * manifests.len(), "{out}{said}");
        assert_eq!(out.lines().all(|it| it == "good"), good, "{out}{said}");
    }
    check(&manifests(), true);
    for (from, to) in [
        ("completionMode: Indexed", "completionMode: 7"),
        ("backoffLimitPerIndex: 3", "backoffLimitPerIndex: many"),
        ("completions: 16", "completion: 16"),
        ("restartPolicy: Never", "restartPolicies: Never"),
    ] {
        let manifest = serde_yaml::to_string(&manifests()[0]).expect("it is YAML");
        assert!(manifest.contains(from), "{manifest}");
        let bad = serde_yaml::from_str(&manifest.replacen(from, to, 1)).expect("it is YAML");
        check(&[bad], false);
    }
}

const DUCKDB: &str = "
import json, sys
import duckdb
connection = duckdb.connect()
for statement in duckdb.extract_statements(open(sys.argv[1]).read()):
    rows = connection.execute(statement).fetchall()
    if statement.type == duckdb.StatementType.SELECT:
        print(json.dumps(rows))
";

/// The series of a metric: its labels, and its value.
fn series(metrics: &str, name: &str) -> BTreeMap<String, u64> {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('{'));
    let split = |line: &str| {
        let (labels, value) = line.rsplit_once("} ").expect("a series has labels");
        (labels.to_owned(), value.parse().expect("a value is a number"))
    };
    lines.map(split).collect()
}

#[test]
#[ignore = "needs what tests/tools/install brings"]
fn duckdb_counts_in_a_report_what_the_report_itself_comes_to() {
    let place = customers(40);
    let path = |name: &str| place.path().join(name).display().to_string();
    let (list, zone, report) =
        (path("customers.csv"), path("customers.zone"), path("report.jsonl"));
    let args = ["audit", "--input", &list, "--zone", &zone, "--shard", "1/1", "-f", "json"];
    mailsrv(args.iter().chain(&["-o", &report]));
    fs::write(path("query.sql"), of_readme("sql", "CREATE VIEW report")).expect("it is writable");
    let mut command = Command::new(python());
    command.args(["-c", DUCKDB, "query.sql"]).current_dir(place.path());
    let ran = command.output().expect("tests/tools/install has put it there");
    let out = text(&ran.stdout);
    let rows: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let [verdicts, codes, worst] = rows.as_slice() else { panic!("{out}{}", text(&ran.stderr)) };

    let metrics = text(&mailsrv(["merge", &report, "-f", "prometheus"]).stdout);
    let rows = |value: &Value| value.as_array().expect("it is a list of rows").clone();
    let word = |row: &Value, at: usize| row[at].as_str().expect("it is text").to_owned();
    let number = |row: &Value, at: usize| row[at].as_u64().expect("it is a number");
    let counted: BTreeMap<String, u64> = rows(verdicts)
        .iter()
        .map(|row| (format!("verdict=\"{}\"", word(row, 0)), number(row, 1)))
        .collect();
    let mut known = series(&metrics, "mailsrv_domains");
    known.retain(|_, count| *count > 0);
    assert_eq!(counted, known, "{metrics}");
    assert_eq!(known.values().sum::<u64>(), 40);
    let counted: BTreeMap<String, u64> = rows(codes)
        .iter()
        .map(|row| {
            (format!("code=\"{}\",severity=\"{}\"", word(row, 0), word(row, 1)), number(row, 2))
        })
        .collect();
    assert_eq!(counted, series(&metrics, "mailsrv_findings"), "{metrics}");
    // The domains with most findings first, as many as the query asks for at most.
    let lines = fs::read_to_string(&report).expect("it is written");
    let mut found: Vec<(usize, String)> = Vec::new();
    for line in lines.lines().filter(|line| !line.contains("\"shard\":")) {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        let count = line["findings"].as_array().expect("it is a list").len();
        found.push((usize::MAX - count, field(&line, "domain").to_owned()));
    }
    found.sort();
    let found: Vec<(String, u64)> = found
        .into_iter()
        .filter(|(left, _)| *left < usize::MAX)
        .map(|(left, domain)| (domain, (usize::MAX - left) as u64))
        .take(20)
        .collect();
    let told: Vec<(String, u64)> =
        rows(worst).iter().map(|row| (word(row, 0), number(row, 2))).collect();
    assert_eq!(told, found);
}
