//! The program under test, run as a user runs it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the program and returns what it did, whatever its exit code.
pub(crate) fn mailsrv<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailsrv"))
        .args(args)
        .output()
        .expect("the program was built for this test")
}

/// The program, listening to all signals: what runs behind a shell or `nohup` ignores some from the
/// start, the tests among it.
#[cfg(target_os = "linux")]
pub(crate) fn listening() -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_mailsrv")]);
    command
}

/// The standard output of a run that must succeed.
#[track_caller]
pub(crate) fn printed<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let output = mailsrv(args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Program output as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

/// Where an audit takes its answers from.
pub(crate) enum Source<'a> {
    Servers(&'a [SocketAddr]),
    Zones(&'a [&'a Path]),
}

/// What an audit of one domain says in JSON.
#[derive(Debug)]
pub(crate) struct Audited {
    pub(crate) exit: i32,
    pub(crate) verdict: String,
    pub(crate) findings: Vec<Value>,
}

impl Audited {
    pub(crate) fn codes(&self) -> BTreeSet<&str> {
        self.findings.iter().map(|finding| field(finding, "code")).collect()
    }
}

/// Findings without the line of a file, which servers and recordings have not.
pub(crate) fn without_places(mut findings: Vec<Value>) -> Vec<Value> {
    for finding in findings.iter_mut().filter_map(Value::as_object_mut) {
        finding.remove("file");
        finding.remove("line");
    }
    findings
}

/// A string field of a JSON object.
#[track_caller]
pub(crate) fn field<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_else(|| panic!("no string `{key}` in {object}"))
}

/// Audits one domain and reads the JSON report.
#[track_caller]
pub(crate) fn audit(domain: &str, source: &Source<'_>, options: &[&str]) -> Audited {
    let output = mailsrv(audit_args(domain, source, &[&["-f", "json"], options].concat()));
    let stderr = text(&output.stderr);
    let stdout = text(&output.stdout);
    let report: Value = serde_json::from_str(&stdout)
        .unwrap_or_else(|error| panic!("{error}: not one JSON object: {stdout}{stderr}"));
    assert_eq!(field(&report, "domain"), domain);
    Audited {
        exit: output.status.code().expect("the program was not killed"),
        verdict: field(&report, "verdict").to_owned(),
        findings: report["findings"].as_array().expect("findings are an array").clone(),
    }
}

/// The arguments of an audit.
pub(crate) fn audit_args(domain: &str, source: &Source<'_>, options: &[&str]) -> Vec<String> {
    let mut args = vec!["audit".to_owned(), domain.to_owned()];
    args.extend(options.iter().map(|option| (*option).to_owned()));
    match source {
        Source::Servers(addresses) => {
            // A busy machine may leave a server without a processor for seconds.
            if !options.contains(&"--tries") {
                args.extend(["--tries".to_owned(), "10".to_owned()]);
            }
            for address in *addresses {
                args.extend(["--resolver".to_owned(), address.to_string()]);
            }
        }
        Source::Zones(files) => {
            for file in *files {
                let file = file.to_str().expect("temporary paths are UTF-8");
                args.extend(["--zone".to_owned(), file.to_owned()]);
            }
        }
    }
    args
}
