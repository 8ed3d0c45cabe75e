//! What `generate` prints is loaded by three real servers' checkers without a word.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::program::{printed, text};
use crate::servers::{Zone, require};

/// A generated snippet and the zone it is pasted into.
struct Case {
    what: String,
    args: Vec<String>,
    apex: &'static str,
    /// The hosts within the zone that the snippet leads to.
    hosts: Vec<&'static str>,
}

fn case(what: &str, args: &[&str], apex: &'static str, hosts: &[&'static str]) -> Case {
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    Case { what: what.to_owned(), args, apex, hosts: hosts.to_vec() }
}

/// The column that profiles with `{server}` need.
const INPUT: &str = "domain,server\nexample.com,server1.provider.example\n";

fn cases(dir: &Path) -> Vec<Case> {
    let mut cases = vec![
        case("the default profile", &["example.com"], "example.com", &["mail.example.com."]),
        case(
            "the server's own host name",
            &["example.com", "--host", "server1.provider.example"],
            "example.com",
            &[],
        ),
        case(
            "a mail domain below the apex",
            &["dept.example.com", "--zone-apex", "example.com"],
            "example.com",
            &["mail.dept.example.com."],
        ),
        case(
            "an internationalised domain",
            &["b\u{fc}cher.example"],
            "xn--bcher-kva.example",
            &["mail.xn--bcher-kva.example."],
        ),
        case(
            "several domains of one zone",
            &["a.example.com", "b.example.com", "--zone-apex", "example.com"],
            "example.com",
            &["mail.a.example.com.", "mail.b.example.com."],
        ),
    ];
    let input = dir.join("input.csv");
    fs::write(&input, INPUT).expect("the temporary directory is writable");
    for profile in profiles() {
        let (name, input) = (profile.display().to_string(), input.display().to_string());
        let args = ["-p", &name, "--input", &input];
        cases.push(case(&name, &args, "example.com", &["mail.example.com."]));
    }
    cases
}

/// The profiles that the repository offers for copying.
pub(crate) fn profiles() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones");
    let entries = fs::read_dir(folder).expect("the repository has profiles");
    let mut paths: Vec<_> =
        entries.map(|entry| entry.expect("the folder is readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

#[test]
#[ignore = "needs named-checkzone"]
fn bind_loads_every_snippet() {
    check("named-checkzone", |program, zone, file| {
        let strict = ["-i", "local", "-k", "fail", "-S", "fail", "-n", "fail"];
        let output = run(program, &strict, &[zone.name.as_str(), file]);
        let expected = format!("zone {}/IN: loaded serial 1\nOK\n", zone.name);
        (output, expected)
    });
}

#[test]
#[ignore = "needs nsd-checkzone"]
fn nsd_loads_every_snippet() {
    check("nsd-checkzone", |program, zone, file| {
        (run(program, &[], &[zone.name.as_str(), file]), format!("zone {} is ok\n", zone.name))
    });
}

#[test]
#[ignore = "needs kzonecheck"]
fn knot_loads_every_snippet() {
    check("kzonecheck", |program, zone, file| {
        (run(program, &["-o", zone.name.as_str()], &[file]), String::new())
    });
}

/// Has a checker load every case; all it may say is what it says of a zone without fault.
#[track_caller]
fn check(program: &str, load: impl Fn(&Path, &Zone, &str) -> (Output, String)) {
    let program = require(program);
    let dir = TempDir::new().expect("there is a place for temporary files");
    for case in cases(dir.path()) {
        let snippet = printed(["generate".to_owned()].into_iter().chain(case.args));
        let addresses: String =
            case.hosts.iter().map(|host| format!("{host} IN A 192.0.2.1\n")).collect();
        let zone = Zone::new(case.apex, &(addresses + &snippet));
        let file = zone.write(dir.path());
        let file = file.to_str().expect("temporary paths are UTF-8");
        let (output, expected) = load(&program, &zone, file);
        let said = text(&output.stdout) + &text(&output.stderr);
        let what = &case.what;
        assert!(output.status.success(), "{what}: {said}\n{}", zone.text);
        assert_eq!(said, expected, "{what}:\n{}", zone.text);
    }
}

fn run(program: &Path, options: &[&str], arguments: &[&str]) -> Output {
    Command::new(program).args(options).args(arguments).output().expect("the program was found")
}
