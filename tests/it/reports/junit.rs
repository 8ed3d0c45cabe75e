//! `audit -f junit`: suites whose counts are right, by a reader of XML and by a schema.

use std::fs;
use std::process::Command;

use mailsrv::report::Settings;
use roxmltree::{Document, Node};
use tempfile::TempDir;

use super::{count, run};
use crate::program::{mailsrv, text};
use crate::servers::require;

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.has_tag_name(name))
}

#[test]
fn a_suite_is_a_domain_and_counts_its_tests() {
    let text = run("junit", Settings::default());
    let document = Document::parse(&text).expect("it is XML");
    let suites: Vec<_> = children(document.root_element(), "testsuite").collect();
    assert_eq!(suites.len(), count().domains + 1);
    let mut failing = 0;
    for suite in &suites {
        let tests: Vec<_> = children(*suite, "testcase").collect();
        let with =
            |name| tests.iter().filter(|test| children(**test, name).next().is_some()).count();
        let told: [usize; 4] = ["tests", "failures", "errors", "skipped"]
            .map(|key| suite.attribute(key).and_then(|it| it.parse().ok()).expect("a number"));
        assert_eq!(told, [tests.len(), with("failure"), with("error"), with("skipped")]);
        assert!(!tests.is_empty(), "{:?}", suite.attribute("name"));
        failing += usize::from(told[1] > 0);
    }
    assert_eq!(failing, count().failing);
    let first = suites[0].attribute("name").expect("it has a name");
    assert!(first.starts_with("=cmd|' /C calc'!A1,\"<b>&;:%\u{fffd}[31m"), "{first}");
}

#[test]
fn what_was_not_answered_is_an_error_and_no_failure() {
    let text = run("junit", Settings::default());
    let document = Document::parse(&text).expect("it is XML");
    let errors = document.descendants().filter(|node| node.has_tag_name("error"));
    let messages: Vec<_> = errors.filter_map(|error| error.attribute("message")).collect();
    assert!(messages.iter().any(|it| it.starts_with("not answered: ")), "{messages:?}");
    assert!(messages.iter().any(|it| it.contains(" not answered: ")), "{messages:?}");
}

#[test]
#[ignore = "needs xmllint"]
fn the_schema_takes_the_suites_and_nothing_else() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documents/junit.rng");
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = dir.path().join("report.xml");
    let whole = run("junit", Settings::default());
    for (from, to, code) in [
        ("", "", 0),
        ("<testsuite name", "<testsuite nmae", 3),
        (" failures=", " failed=", 3),
        ("<testcase classname", "<test/><testcase classname", 3),
        ("<failure type", "<fail/><failure type", 3),
        ("</testsuites>", "<testcase name=\"a\"/></testsuites>", 3),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(&path, whole.replacen(from, to, 1)).expect("the folder is writable");
        let mut command = Command::new(require("xmllint"));
        command.args(["--noout", "--nonet", "--relaxng", schema]).arg(&path);
        let output = command.output().expect("xmllint was found");
        assert_eq!(output.status.code(), Some(code), "{to}: {}", text(&output.stderr));
    }
}

/// The zone above is at hand and has no such domain.
#[test]
fn a_broken_domain_is_an_error_whatever_fails_a_test() {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = dir.path().join("zone").display().to_string();
    fs::write(
        &path,
        "example. 60 IN SOA ns.example. h.example. 1 2 3 4 5\nexample. 60 IN NS ns.example.\n",
    )
    .expect("the folder is writable");
    for (level, told) in [("critical", [1, 0]), ("info", [0, 1])] {
        let output =
            mailsrv(["audit", "gone.example", "--zone", &path, "-f", "junit", "--fail-on", level]);
        let text = text(&output.stdout);
        let document = Document::parse(&text).expect("it is XML");
        let of = |name| document.descendants().filter(|it| it.has_tag_name(name)).count();
        assert_eq!([of("error"), of("failure")], told, "{text}");
        assert_eq!(of("testcase"), of("error") + 1, "{text}");
    }
}
