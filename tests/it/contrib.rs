//! What stands in `contrib/`, as far as it runs without GitHub, systemd and Grafana.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{mailsrv, printed, text};
use crate::servers::require;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mailsrv");

/// Zone files whose names a shell, or the program, would take for more than a name.
const ODD: [&str; 3] = ["a b;touch pwned.zone", "$(touch pwned).zone", "-o.zone"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scripts() -> [PathBuf; 4] {
    ["github-action/install", "github-action/check", "pre-commit/check-zones", SCRIPT]
        .map(|script| root().join("contrib").join(script))
}

const SCRIPT: &str = "systemd/mailsrv-audit-mail";

/// A folder in which a script runs.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory can be made"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("it is ours");
        fs::write(path, content).expect("the folder is writable");
    }

    fn program(&self, name: &str, content: &str) {
        self.write(name, content);
        fs::set_permissions(self.path(name), Permissions::from_mode(0o755)).expect("it is ours");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn zone(&self, name: &str, domain: &str, is_good: bool) {
        self.write(name, &zone(domain, is_good));
    }

    /// A command in the folder, with the program under test as `mailsrv`.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let bin = Path::new(PROGRAM).parent().expect("it lies in a folder").display();
        let mut command = Command::new(program.as_ref());
        command.current_dir(self.0.path());
        command.env("PATH", format!("{bin}:/usr/sbin:/usr/bin:/bin"));
        command
    }
}

/// A whole zone; a bad one has the port of IMAP with STARTTLS where that of TLS belongs.
fn zone(domain: &str, is_good: bool) -> String {
    let records = printed(["generate", "-q", domain]);
    let records = if is_good { records } else { records.replace(" 993 ", " 143 ") };
    format!(
        "$TTL 60\n$ORIGIN {domain}.\n@ SOA ns.provider.example. h 1 2 3 4 5\n\
         @ NS ns.provider.example.\n@ MX 10 mail\nmail A 192.0.2.2\nmail AAAA 2001:db8::2\n{records}"
    )
}

/// Exit code, standard output and standard error.
#[track_caller]
fn ran(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("it can be run");
    (status.code(), text(&stdout), text(&stderr))
}

/// Runs the steps of the action as a runner does, in `place`, with the defaults of its inputs.
#[track_caller]
fn act(place: &Place, inputs: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = root().join("contrib/github-action");
    let action = fs::read_to_string(folder.join("action.yml")).expect("the action is there");
    let action: serde_yaml::Value = serde_yaml::from_str(&action).expect("it is YAML");
    assert_eq!(action["runs"]["using"], "composite");
    let mut values = BTreeMap::new();
    for (name, input) in action["inputs"].as_mapping().expect("it has inputs") {
        let name = name.as_str().expect("names are text");
        assert!(input["description"].is_string(), "{name}");
        values.insert(name, input["default"].as_str().unwrap_or_default());
    }
    for (name, value) in inputs {
        assert!(values.insert(name, value).is_some(), "there is no input {name}");
    }
    let mut said = String::new();
    for step in action["runs"]["steps"].as_sequence().expect("it has steps") {
        assert_eq!(step["shell"], "bash");
        let run = step["run"].as_str().expect("a step runs something");
        assert!(!run.contains("${{"), "an input would become a part of the command: {run}");
        let mut command = place.command(require("bash"));
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", run]);
        command.env("GITHUB_ACTION_PATH", &folder).env("RUNNER_TEMP", place.path("temp"));
        command.env("GITHUB_OUTPUT", place.path("output")).env("GITHUB_PATH", place.path("path"));
        for (name, value) in step["env"].as_mapping().expect("inputs come as environment") {
            let value = value.as_str().and_then(|it| it.strip_prefix("${{ inputs."));
            let input = value.and_then(|it| it.strip_suffix(" }}")).expect("it is an input");
            command.env(name.as_str().expect("names are text"), values[input]);
        }
        let (code, out, err) = ran(&mut command);
        said += &(out + &err);
        if code != Some(0) {
            return (code, said);
        }
    }
    (Some(0), said)
}

#[test]
fn what_a_zone_file_says_is_no_command_to_the_runner() {
    let place = Place::new();
    place.write("zones/bad.example.zone", "@ SOA ns h 1 2 3 4 ##[stop-commands]x\n");
    let (code, said) = act(&place, &[("zones", "zones"), ("sarif", "s.sarif")]);
    assert_ne!(code, Some(0), "{said}");
    let mut token: Option<&str> = None;
    let mut quoted = 0;
    for line in said.lines() {
        match (token, line.strip_prefix("::stop-commands::")) {
            (None, Some(new)) => token = Some(new),
            (Some(known), _) if line == format!("::{known}::") => token = None,
            (Some(_), _) => quoted += usize::from(line.contains("##[")),
            (None, None) => assert!(!line.contains("##[") || line.starts_with("::"), "{said}"),
        }
    }
    assert!(token.is_none() && quoted > 0, "{said}");
}

#[test]
fn the_action_annotates_the_lines_that_are_wrong() {
    let place = Place::new();
    place.zone("zones/good.example.zone", "good.example", true);
    let (code, said) = act(&place, &[("zones", "zones\n")]);
    assert_eq!((code, said.contains("::")), (Some(0), false), "{said}");
    place.zone("zones/bad.example.zone", "bad.example", false);
    let (code, said) = act(&place, &[("zones", "zones\r\n\n"), ("sarif", "mail dns.sarif")]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("::error file=zones/bad.example.zone,line="), "{said}");
    assert_eq!(place.read("output"), "sarif=mail dns.sarif\n");
    let sarif: Value = serde_json::from_str(&place.read("mail dns.sarif")).expect("it is JSON");
    assert!(sarif["runs"][0]["results"].as_array().is_some_and(|it| !it.is_empty()), "{sarif}");
    let (code, said) = act(&place, &[("zones", "zones"), ("domains", "good.example")]);
    assert_eq!((code, said.contains("::")), (Some(0), false), "{said}");
    // What is told is no error where only worse ones are to fail the step.
    let (code, _) = act(&place, &[("zones", "zones"), ("fail-on", "critical")]);
    assert_eq!(code, Some(0));
}

#[test]
fn the_action_says_what_it_cannot_do() {
    let place = Place::new();
    for (inputs, said) in [
        (vec![("zones", "\n")], "::error::the input \"zones\" names no file"),
        (vec![("zones", "gone")], "::error::mailsrv could not judge the zones"),
        (vec![("zones", "."), ("program", "mail\nsrv")], "::error::the program mail srv is not"),
    ] {
        let (code, out) = act(&place, &inputs);
        assert_eq!(code, Some(2), "{out}");
        assert!(out.contains(said), "{out}");
    }
}

#[test]
fn names_of_files_are_never_commands_or_options() {
    let place = Place::new();
    for (number, name) in ODD.iter().enumerate() {
        place.zone(name, &format!("a{number}.example"), false);
    }
    let (code, said) = act(&place, &[("zones", &ODD.join("\n"))]);
    assert_eq!(code, Some(1), "{said}");
    let (code, out, err) = ran(place.command(&scripts()[2]).arg("--").args(ODD));
    assert_eq!(code, Some(1), "{out}{err}");
    for number in 0..ODD.len() {
        assert!(said.contains(&format!("::a{number}.example: ")), "{said}");
        assert!(out.contains(&format!("a{number}.example")), "{out}");
    }
    assert!(!place.path("pwned").exists() && !place.path("pwned.zone").exists());
}

#[test]
fn the_action_builds_the_program_where_it_is_not_installed() {
    let place = Place::new();
    place.program("bin/cargo", "#!/bin/bash\nprintf '<%s>' \"$@\"\n");
    let mut command = place.command(&scripts()[0]);
    command.env("PATH", format!("{}:/usr/bin:/bin", place.path("bin").display()));
    command.env("PROGRAM", "mailsrv").env("RUNNER_TEMP", "/runner/a b");
    command.env("GITHUB_ACTION_PATH", "/action").env("GITHUB_PATH", place.path("path"));
    let (code, out, err) = ran(&mut command);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out, "<install><--locked><--path></action/../..><--root></runner/a b/mailsrv>");
    assert_eq!(place.read("path"), "/runner/a b/mailsrv/bin\n");
}

#[test]
fn the_hook_judges_the_files_that_it_is_given() {
    let place = Place::new();
    place.zone("good.zone", "good.example", true);
    place.zone("bad.zone", "bad.example", false);
    for (args, code, out) in [
        (["--", "good.zone"].as_slice(), 0, "good.example"),
        (&["--", "good.zone", "bad.zone"], 1, "bad.example"),
        (&["--fail-on=critical", "--", "bad.zone"], 0, "bad.example"),
        (&["--"], 0, ""),
    ] {
        let (got, said, err) = ran(place.command(&scripts()[2]).args(args));
        assert_eq!(got, Some(code), "{args:?}: {said}{err}");
        assert!(said.contains(out) && err.is_empty(), "{args:?}: {said}{err}");
    }
    let (code, _, err) = ran(place.command(&scripts()[2]).arg("good.zone"));
    assert_eq!(code, Some(2));
    assert!(err.contains("args: [--profile=FILE, --]"), "{err}");
}

/// With what a repository of the hook has, committed, as pre-commit wants it.
#[test]
#[ignore = "needs what tests/tools/install brings"]
fn pre_commit_runs_the_hook_on_changed_zone_files() {
    let place = Place::new();
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools/venv/bin");
    let hook = root().join(".pre-commit-hooks.yaml");
    place.write("hook/.pre-commit-hooks.yaml", &fs::read_to_string(hook).expect("it is there"));
    let script = fs::read_to_string(&scripts()[2]).expect("it is there");
    place.program("hook/contrib/pre-commit/check-zones", &script);
    let config = "repos:\n- repo: ../hook\n  rev: v1.0.0\n  hooks:\n  - id: mailsrv-zones\n";
    place.write("zones/.pre-commit-config.yaml", config);
    place.zone("zones/a b;c.zone", "good.example", true);
    place.write("zones/README", "no zone");
    let git = |folder: &str, args: &[&str]| {
        let mut command = place.command(require("git"));
        command.env("HOME", place.0.path()).args(["-C", folder, "-c", "user.name=a"]);
        let (code, out, err) = ran(command.args(["-c", "user.email=a@a.example"]).args(args));
        assert_eq!(code, Some(0), "{args:?}: {out}{err}");
    };
    for folder in ["hook", "zones"] {
        git(folder, &["init", "-q"]);
        git(folder, &["add", "."]);
        git(folder, &["commit", "-qm", "all"]);
    }
    git("hook", &["tag", "v1.0.0"]);
    let run = |args: &[&str]| {
        let mut command = place.command(tools.join("pre-commit"));
        command.current_dir(place.path("zones")).env("HOME", place.0.path());
        command.env("PRE_COMMIT_HOME", place.path("cache")).env("GIT_CONFIG_NOSYSTEM", "1");
        ran(command.args(["run", "--color=never"]).args(args))
    };
    let (code, out, err) = run(&["--all-files"]);
    assert!(code == Some(0) && out.contains("Passed"), "{out}{err}");
    place.zone("zones/db.bad.example", "bad.example", false);
    git("zones", &["add", "."]);
    let (code, out, err) = run(&[]);
    assert!(code == Some(1) && out.contains("bad.example"), "{out}{err}");
    assert!(!out.contains("good.example"), "it judges what is committed alone: {out}");
}

/// A place with a sendmail that keeps what it is given, in `mail` (all of it) and `sent`.
fn mailing() -> Place {
    let place = Place::new();
    place.program("sendmail", "#!/bin/bash\nset -e\necho \"$@\" >>sent\ncat >mail\n");
    place.program("full", "#!/bin/bash\nexit 75\n");
    fs::create_dir(place.path("state")).expect("the folder is writable");
    place
}

#[track_caller]
fn night(place: &Place, sendmail: &str, code: i32, sent: usize) -> String {
    let mut command = place.command(root().join("contrib").join(SCRIPT));
    command.env("STATE_DIRECTORY", place.path("state")).env("MAIL_TO", "admin@provider.example");
    command.env("SENDMAIL", place.path(sendmail)).args(["a.example", "--zone", "a b;c.zone"]);
    let (got, out, err) = ran(&mut command);
    assert_eq!(got, Some(code), "{out}{err}");
    assert_eq!(place.read("sent").lines().count(), sent, "{out}{err}");
    err
}

#[test]
fn mail_is_sent_when_something_has_changed() {
    let place = mailing();
    place.zone("a b;c.zone", "a.example", true);
    night(&place, "sendmail", 0, 1);
    assert_eq!(place.read("sent"), "-i -t\n");
    let mail = place.read("mail");
    assert!(mail.starts_with("To: admin@provider.example\nSubject: mailsrv: "), "{mail}");
    assert!(mail.contains("\n\na.example: pass\n"), "{mail}");
    night(&place, "sendmail", 0, 1);
    place.zone("a b;c.zone", "a.example", false);
    // A mail that is not taken is not forgotten.
    let said = night(&place, "full", 2, 1);
    assert!(said.contains("full did not take the mail"), "{said}");
    night(&place, "sendmail", 1, 2);
    let mail = place.read("mail");
    let change = "\n\na.example: fail (1 error)\n  was pass\n";
    assert!(mail.contains(change) && mail.contains("port-contradicts-label"), "{mail}");
    night(&place, "sendmail", 1, 2);
    // An audit that could not run changes nothing.
    fs::remove_file(place.path("a b;c.zone")).expect("it is ours");
    night(&place, "sendmail", 2, 2);
    place.zone("a b;c.zone", "a.example", false);
    night(&place, "sendmail", 1, 2);
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_understands_the_units() {
    let place = Place::new();
    let folder = root().join("contrib/systemd");
    place.program("mailsrv-audit-mail", "#!/bin/bash\n");
    for unit in ["mailsrv-audit.service", "mailsrv-audit.timer"] {
        let content = fs::read_to_string(folder.join(unit)).expect("the unit is there");
        let libexec = place.0.path().display().to_string();
        place.write(unit, &content.replace("/usr/local/libexec", &libexec));
        let mut command = place.command(require("systemd-analyze"));
        let (code, out, err) = ran(command.args(["verify", "--man=no", &format!("./{unit}")]));
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""), "{unit}");
    }
}

#[test]
#[ignore = "needs shellcheck"]
fn shellcheck_has_nothing_against_the_scripts() {
    let (code, out, err) = ran(Command::new(require("shellcheck")).args(scripts()));
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
}

/// What a query of the dashboard takes from elsewhere than from the program: the node exporter's own
/// metric of the files that it collects.
const FOREIGN: [(&str, &str); 2] =
    [("node_textfile_mtime_seconds", ""), ("node_textfile_mtime_seconds", "file")];

/// Metrics with their labels, and metrics alone with an empty one, as the program prints them.
fn metrics() -> BTreeSet<(String, String)> {
    let place = Place::new();
    place.zone("zone", "a.example", false);
    let file = place.path("zone").display().to_string();
    let output = mailsrv(["audit", "a.example", "--zone", &file, "-f", "prometheus"]);
    let mut known = BTreeSet::new();
    for line in text(&output.stdout).lines().filter(|line| !line.starts_with('#')) {
        let metric = line.split(['{', ' ']).next().unwrap_or_default();
        known.insert((metric.to_owned(), String::new()));
        for label in line.split(['{', ',']).skip(1).filter_map(|it| it.split_once("=\"")) {
            known.insert((metric.to_owned(), label.0.to_owned()));
        }
    }
    known.extend(FOREIGN.map(|(metric, label)| (metric.to_owned(), label.to_owned())));
    known
}

/// The metric of a query of the dashboard, each of which has one, and its labels.
fn used(query: &str) -> BTreeSet<(String, String)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !is_word(c)).filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let found = words(query).into_iter().filter(|it| it.contains('_')).collect::<Vec<_>>();
    let [metric] = found.as_slice() else { panic!("{query}: {found:?}") };
    let mut labels = vec![String::new()];
    if let Some((_, grouped)) = query.split_once(" by (") {
        labels.extend(words(grouped.split(')').next().unwrap_or_default()));
    }
    if let Some((_, matched)) = query.split_once('{') {
        let matched = matched.split('}').next().unwrap_or_default();
        labels.extend(matched.split(',').flat_map(|it| words(it).into_iter().next()));
    }
    labels.into_iter().map(|label| (metric.clone(), label)).collect()
}

#[test]
fn the_dashboard_asks_for_metrics_that_the_program_prints() {
    let file = root().join("contrib/grafana/mailsrv.json");
    let dashboard = fs::read_to_string(file).expect("the dashboard is there");
    let dashboard: Value = serde_json::from_str(&dashboard).expect("it is JSON");
    let known = metrics();
    let mut asked = BTreeSet::new();
    for panel in dashboard["panels"].as_array().expect("it has panels") {
        for target in panel["targets"].as_array().expect("a panel has targets") {
            let used = used(target["expr"].as_str().expect("a target has a query"));
            assert!(used.is_subset(&known), "{target}: {known:?}");
            let legend = target["legendFormat"].as_str().unwrap_or_default();
            for label in legend.split("{{").skip(1).filter_map(|it| it.split("}}").next()) {
                assert!(used.iter().any(|(_, it)| it == label), "{target}: no label {label}");
            }
            asked.extend(used);
        }
    }
    let names = |of: &BTreeSet<(String, String)>| -> BTreeSet<String> {
        of.iter().map(|(metric, _)| metric.clone()).collect()
    };
    assert_eq!(names(&asked), names(&known), "a metric that no panel shows");
}

#[test]
#[ignore = "needs promtool"]
fn prometheus_understands_the_queries_of_the_dashboard() {
    let place = Place::new();
    let file = root().join("contrib/grafana/mailsrv.json");
    let dashboard = fs::read_to_string(file).expect("the dashboard is there");
    let dashboard: Value = serde_json::from_str(&dashboard).expect("it is JSON");
    let panels = dashboard["panels"].as_array().expect("it has panels").iter();
    let rules: Vec<Value> = panels
        .flat_map(|panel| panel["targets"].as_array().expect("a panel has targets"))
        .enumerate()
        .map(|(number, target)| {
            let query = target["expr"].as_str().expect("a target has a query").replace('$', "");
            serde_json::json!({ "record": format!("query{number}"), "expr": query })
        })
        .collect();
    let groups = serde_json::json!({ "groups": [{ "name": "dashboard", "rules": rules }] });
    place.write("rules.yml", &groups.to_string());
    let (code, out, err) = ran(Command::new(require("promtool"))
        .args(["check", "rules"])
        .arg(place.path("rules.yml")));
    assert_eq!(code, Some(0), "{out}{err}");
}
