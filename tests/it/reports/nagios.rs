//! `audit -f nagios`: one line, its data, and the exit codes of a plugin.

use std::fs;

use mailsrv::report::Settings;
use tempfile::TempDir;

use super::run;
use crate::program::{mailsrv, text};

/// What stands behind the bar, as monitoring-plugins' readers take it.
fn data(line: &str) -> Vec<(String, u64)> {
    let (_, data) = line.split_once(" | ").expect("there is a bar");
    let pair = |pair: &str| {
        let (label, value) = pair.split_once('=').expect("a label has a value");
        let (value, rest) = value.split_once(';').expect("there are limits");
        assert_eq!(rest, ";;0", "{pair}");
        assert!(label.chars().all(|it| it.is_ascii_lowercase()), "{pair}");
        (label.to_owned(), value.parse().expect("a number"))
    };
    data.split(' ').map(pair).collect()
}

#[test]
fn all_is_one_line_whose_data_add_up() {
    let line = run("nagios", Settings::default());
    assert!(line.starts_with("MAILSRV CRITICAL: ") && line.ends_with('\n'), "{line}");
    assert_eq!((line.lines().count(), line.matches('|').count()), (1, 1), "{line}");
    let data = data(line.trim_end());
    assert_eq!(data[0].0, "domains");
    assert_eq!(data[0].1, data[1..].iter().map(|(_, count)| count).sum::<u64>());
    assert!(line.len() < 1024, "NRPE may cut it: {}", line.len());
}

/// A zone of three names, healthy but for what is changed.
const ZONE: &str = "\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns hostmaster 1 7200 3600 1209600 300
@ IN MX 10 mail
mail IN A 192.0.2.25
mail IN AAAA 2001:db8::25
_imaps._tcp IN SRV 0 1 993 mail
_imap._tcp IN SRV 0 0 0 .
_pop3s._tcp IN SRV 0 0 0 .
_pop3._tcp IN SRV 0 0 0 .
_submissions._tcp IN SRV 0 1 465 mail
_submission._tcp IN SRV 10 1 587 mail
";

#[test]
fn the_exit_code_is_that_of_a_plugin() {
    #[track_caller]
    fn check(change: [&str; 2], args: &[&str], code: i32, line: &str) {
        let dir = TempDir::new().expect("there is a place for temporary files");
        let path = |name: &str| dir.path().join(name).display().to_string();
        fs::write(path("zone"), ZONE.replace(change[0], change[1])).expect("it is writable");
        fs::write(path("profile"), "imap: { tls: true }\nsubmission: true\n")
            .expect("it is writable");
        let (zone, profile) = (path("zone"), path("profile"));
        let mut common = vec!["audit", "-f", "nagios", "-p", &profile];
        if !args.contains(&"--resolver") {
            common.extend(["--zone", &zone]);
        }
        let output = mailsrv(common.iter().chain(args));
        let out = text(&output.stdout);
        assert!(out.starts_with(line) && out.lines().count() == 1, "{out}");
        assert_eq!(output.status.code(), Some(code), "{out}");
    }
    let same = ["mail", "mail"];
    let elsewhere = ["0 1 993 mail", "0 1 993 www"];
    let missing = ["_submission._tcp IN SRV 10 1 587 mail\n", ""];
    check(same, &["example.com"], 0, "MAILSRV OK: 1 domain: 1 pass | domains=1;;;0 ");
    check(
        elsewhere,
        &["example.com"],
        2,
        "MAILSRV CRITICAL: 1 domain: 1 fail: example.com (target-",
    );
    check(
        missing,
        &["example.com"],
        1,
        "MAILSRV WARNING: 1 domain: 1 warn: example.com (srv-missing:",
    );
    check(missing, &["example.com", "--fail-on", "warning"], 2, "MAILSRV CRITICAL: ");
    let nobody = ["example.com", "--resolver", "127.0.0.1:9", "--timeout", "0.05"];
    check(same, &nobody, 3, "MAILSRV UNKNOWN: 1 domain: 1 unknown: example.com (");
    check(same, &["exa..mple.com"], 3, "MAILSRV UNKNOWN: `exa..mple.com` has an empty label");
    check(same, &["example.com", "--fial-on", "x"], 3, "MAILSRV UNKNOWN: unexpected argument");
    check(
        same,
        &["example.com", "--input", "/nowhere"],
        3,
        "MAILSRV UNKNOWN: cannot read /nowhere",
    );
}

#[test]
fn a_run_that_ends_early_is_not_ok_and_no_success_in_a_log() {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = |name: &str| dir.path().join(name).display().to_string();
    fs::write(path("zone"), ZONE).expect("it is writable");
    fs::write(path("profile"), "imap: { tls: true }\nsubmission: true\n").expect("it is writable");
    // A line without an end ends a list.
    fs::write(path("list"), "example.com\n").expect("it is writable");
    let list = fs::File::options().write(true).open(path("list")).expect("it is there");
    list.set_len(70_000_000).expect("it may grow");
    let audit = |format: &str, more: &[&str]| {
        let (zone, profile, list) = (path("zone"), path("profile"), path("list"));
        let args = ["audit", "-f", format, "-p", &profile, "--zone", &zone, "--input", &list];
        text(&mailsrv([&args, more].concat()).stdout)
    };
    // Of trouble there is one line, that of the exit code.
    let line = audit("nagios", &[]);
    assert!(line.starts_with("MAILSRV UNKNOWN: ") && line.contains("line 2"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert_eq!(audit("nagios", &["-o", &path("report")]).lines().count(), 1);
    let kept = fs::read_to_string(path("report.partial")).expect("what is done is kept");
    let said = "MAILSRV UNKNOWN: 1 domain: 1 pass; ended early | domains=1;;;0 ";
    assert!(kept.starts_with(said), "{kept}");
    let log: serde_json::Value = serde_json::from_str(&audit("sarif", &[])).expect("it is JSON");
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCodeDescription"], "1 domain: 1 pass; ended early");
}
