//! `audit --baseline`: what changed since an earlier report, and nothing else.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::json::closed;
use super::remedies::healthy;
use crate::program::{field, mailsrv, text};

/// A folder with an earlier report of a zone, to compare others with.
struct Earlier(TempDir);

impl Earlier {
    fn of(zone: &str) -> Self {
        let earlier = Self(TempDir::new().expect("there is a place for temporary files"));
        let report = earlier.path("base");
        earlier.audit(zone, &["-f", "json", "-o", &report]);
        earlier
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Audits a zone, and a line that is no domain: exit code, stdout, stderr.
    fn audit(&self, zone: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let (path, list) = (self.path("zone"), self.path("list"));
        fs::write(&path, zone).expect("the folder is writable");
        fs::write(&list, "example.com\nb_d.example\n").expect("the folder is writable");
        let common = ["audit", "--input", &list, "--zone", &path];
        let output = mailsrv(common.iter().chain(args));
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// The lines that a comparison prints, with its exit code.
    fn compare(&self, zone: &str) -> (Option<i32>, Vec<Value>) {
        let base = self.path("base");
        let (code, out, _) = self.audit(zone, &["-f", "json", "--baseline", &base]);
        (code, out.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect())
    }
}

fn missing(label: &str) -> String {
    let healthy = healthy();
    let kept = healthy.lines().filter(|line| !line.starts_with(&format!("{label}._tcp.")));
    kept.fold(String::new(), |zone, line| zone + line + "\n")
}

#[test]
fn nothing_changed_is_nothing_told_and_exit_code_0() {
    for zone in [healthy(), missing("_imap"), healthy().replace(" 993 mail", " 994 mail")] {
        assert_eq!(Earlier::of(&zone).compare(&zone), (Some(0), vec![]));
    }
}

#[test]
fn what_is_new_is_told_alone_and_makes_the_exit_code() {
    let earlier = Earlier::of(&missing("_imap"));
    let (code, lines) = earlier.compare(&missing("_imap").replace(" 993 mail", " 993 www"));
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((code, field(line, "verdict")), (Some(1), "fail"));
    assert_eq!(line["since"], json!({ "verdict": "warn", "gone": [] }));
    let findings = line["findings"].as_array().expect("they are an array");
    assert!(!findings.is_empty());
    for finding in findings {
        assert_ne!(field(finding, "code"), "srv-missing", "{line}");
        assert_eq!(field(finding, "owner"), "_imaps._tcp.example.com.", "{line}");
    }
}

#[test]
fn what_is_gone_is_told_and_fails_nothing() {
    let earlier = Earlier::of(&missing("_imap"));
    let (code, lines) = earlier.compare(&healthy());
    let gone = json!({ "code": "srv-missing", "owner": "_imap._tcp.example.com.", "type": "SRV" });
    let whole = json!({ "schema": 1, "domain": "example.com", "verdict": "pass",
        "since": { "verdict": "warn", "gone": [gone] }, "findings": [] });
    assert_eq!((code, lines.as_slice()), (Some(0), [whole].as_slice()));
    let base = earlier.path("base");
    let (_, page, _) = earlier.audit(&healthy(), &["--baseline", &base]);
    let told = "example.com: pass\n  was warn; gone: srv-missing at _imap._tcp.example.com SRV\n";
    assert!(page.starts_with(told), "{page}");
}

#[test]
fn what_the_earlier_report_has_not_is_told_from_what_passed_and_what_is_lost_is_counted() {
    let earlier = Earlier::of(&healthy());
    let base = earlier.path("base");
    let line = |domain: &str, verdict: &str| {
        format!(r#"{{"schema":1,"domain":"{domain}","verdict":"{verdict}","findings":[]}}"#) + "\n"
    };
    fs::write(&base, line("b_d.example", "broken")).expect("the folder is writable");
    let (code, lines) = earlier.compare(&missing("_imap"));
    assert_eq!((code, &lines[0]["since"]), (Some(0), &json!({ "gone": [] })), "{lines:?}");
    let (_, page, said) = earlier.audit(&missing("_imap"), &["--baseline", &base]);
    assert!(
        page.starts_with("example.com: warn (1 warning)\n  not in the earlier report\n"),
        "{page}"
    );
    assert!(!said.contains("earlier"), "{said}");

    let all = ["lost.example", "example.com", "b_d.example"].map(|it| line(it, "pass")).concat();
    for (more, told) in [
        ("", "1 domain of the earlier report is not in this run\n"),
        (
            "gone.example",
            "2 domains of the earlier report are not in this run, such as gone.example\n",
        ),
    ] {
        let more = if more.is_empty() { String::new() } else { line(more, "fail") };
        fs::write(&base, format!("{all}{more}")).expect("the folder is writable");
        let (_, page, said) = earlier.audit(&missing("_imap"), &["--baseline", &base]);
        assert!(page.contains("example.com: warn (1 warning)\n  was pass\n"), "{page}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn a_comparison_is_as_the_schema_says() {
    let validator = jsonschema::validator_for(&closed()).expect("it is a schema");
    for line in Earlier::of(&missing("_imap")).compare(&missing("_pop3")).1 {
        let wrong: Vec<_> = validator.iter_errors(&line).map(|error| error.to_string()).collect();
        assert_eq!(wrong, [""; 0], "{line}");
    }
}

#[test]
fn what_could_be_judged_and_cannot_any_more_is_new() {
    let earlier = Earlier::of(&healthy());
    let base = earlier.path("base");
    let server = ["--resolver", "127.0.0.1:9", "--timeout", "0.05", "--tries", "1", "-q"];
    let ask = |base: &str, more: &[&str]| {
        let args = ["audit", "example.com", "-f", "json", "--baseline", base];
        let output = mailsrv(args.iter().chain(&server).chain(more));
        (output.status.code(), text(&output.stdout).lines().count())
    };
    assert_eq!(ask(&base, &[]), (Some(3), 1));
    let open = earlier.path("open");
    let args = ["audit", "example.com", "-f", "json", "-o", &open];
    mailsrv(args.iter().chain(&server));
    assert_eq!(ask(&open, &[]), (Some(0), 0));
}

#[test]
fn what_is_no_whole_report_is_refused_with_its_line() {
    #[track_caller]
    fn check(content: &str, told: &str) {
        let earlier = Earlier::of(&healthy());
        let base = earlier.path("base");
        fs::write(&base, content).expect("the folder is writable");
        let (code, out, err) = earlier.audit(&healthy(), &["--baseline", &base]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{content}");
        assert!(err.contains(told), "{err}");
    }
    let good = r#"{"schema":1,"domain":"a.example","verdict":"pass","findings":[]}"#;
    let of = |from: &str, to: &str| format!("{good}\n{}\n", good.replace(from, to));
    check("example.com: pass\n", "base: line 1: not an object of audit -f json");
    check(&of(":1,", ":2,"), "line 2 has the schema 2; this version reads 1");
    check(&of("pass", "good"), "line 2: `good` is no verdict");
    check(
        &of("\"findings\"", "\"since\":{},\"findings\""),
        "line 2 was itself made with --baseline",
    );
    let earlier = Earlier::of(&healthy());
    let base = earlier.path("base");
    let (code, _, err) = earlier.audit(&healthy(), &["--baseline", &base, "-o", &base]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--output and --baseline name the same file"), "{err}");
}
