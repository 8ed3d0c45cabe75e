//! A zone with one planted defect gets exactly the findings of that defect, live and offline.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::defects::{Defect, Defects, Line, zone};
use crate::program::{Audited, Source, audit, audit_args, field, mailsrv, text};
use crate::servers::knot;

/// The codes that the program can find, each of which must have its row.
const CODES: [&str; 33] = [
    "no-srv-published",
    "srv-missing",
    "service-denied",
    "unoffered-published",
    "denial-missing",
    "denial-not-alone",
    "denial-port",
    "target-alias",
    "target-nonexistent",
    "target-no-address",
    "target-one-family",
    "target-ipv6-only",
    "target-doubled-suffix",
    "target-unexpected",
    "extra-preferred",
    "extra-record",
    "port-zero",
    "port-contradicts-label",
    "port-unexpected",
    "priority-prefers-starttls",
    "priority-tie",
    "priority-prefers-pop3",
    "weight-differs",
    "weight-zero-mixed",
    "label-misnomer",
    "owner-alias",
    "alias-missing",
    "alias-wrong",
    "alias-dangling",
    "alias-loop",
    "autodiscover-port",
    "domain-nonexistent",
    "null-mx",
];

#[test]
fn every_code_is_planted_and_every_company_is_explained() {
    let defects = Defects::load();
    let planted = |code| defects.rows.iter().any(|defect| defect.codes.contains_key(code));
    let without_row: Vec<_> = CODES.into_iter().filter(|code| !planted(*code)).collect();
    assert_eq!(without_row, [""; 0]);
    for defect in &defects.rows {
        assert_eq!(defect.codes.len() > 1, defect.because.is_some(), "{}", defect.name);
    }
}

#[test]
fn a_live_audit_finds_exactly_what_was_planted() {
    let defects = Defects::load();
    let Some(server) = knot::serve(&defects.zones()) else { return };
    check_all(&defects, &Source::Servers(&[server.address]));
}

#[test]
fn an_offline_audit_finds_exactly_what_was_planted() {
    let defects = Defects::load();
    let files = write_zones(&defects);
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    check_all(&defects, &Source::Zones(&files));
}

#[test]
fn the_same_zones_live_and_offline_give_the_same_findings() {
    let defects = Defects::load();
    let Some(server) = knot::serve(&defects.zones()) else { return };
    let files = write_zones(&defects);
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    for defect in &defects.rows {
        let live = run(&defects, defect, &Source::Servers(&[server.address]));
        let offline = run(&defects, defect, &Source::Zones(&files));
        assert_eq!(live.findings, offline.findings, "{}", defect.name);
        assert_eq!(live.verdict, offline.verdict, "{}", defect.name);
    }
}

#[test]
fn the_records_of_the_fixes_heal_the_zone() {
    let defects = Defects::load();
    let parent = defects.parent().write(defects.dir());
    for defect in &defects.rows {
        let Some(broken) = defects.zone(defect) else { continue };
        let broken = broken.write(defects.dir());
        let found = run(&defects, defect, &Source::Zones(&[&parent, &broken]));
        let fixed: Vec<_> =
            found.findings.iter().filter(|finding| !fixes(finding).is_empty()).collect();
        if fixed.is_empty() {
            continue;
        }
        let mut records = defects.records(defect);
        for (action, record) in fixed.iter().flat_map(|finding| fixes(finding)) {
            records.retain(|line| *line != record);
            if action == "publish" {
                records.push(record);
            }
        }
        let healed = zone(&defect.domain(), &records).write(defects.dir());
        let after = run(&defects, defect, &Source::Zones(&[&parent, &healed]));
        for finding in fixed {
            let code = field(finding, "code");
            assert!(!after.codes().contains(code), "{}: {code} stays: {records:#?}", defect.name);
        }
    }
}

#[test]
fn the_text_report_names_the_code_and_exits_alike() {
    let defects = Defects::load();
    let files = write_zones(&defects);
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    for defect in &defects.rows {
        let options = defects.options(defect);
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let output = mailsrv(audit_args(&defect.domain(), &Source::Zones(&files), &options));
        let report = text(&output.stdout);
        assert_eq!(output.status.code(), Some(defect.exit()), "{report}");
        for code in defect.codes.keys() {
            assert!(report.contains(code.as_str()), "{} without {code}: {report}", defect.name);
        }
    }
}

fn write_zones(defects: &Defects) -> Vec<PathBuf> {
    defects.zones().iter().map(|zone| zone.write(defects.dir())).collect()
}

fn run(defects: &Defects, defect: &Defect, source: &Source<'_>) -> Audited {
    let options = defects.options(defect);
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    audit(&defect.domain(), source, &options)
}

/// Audits every row and fails with all that differ.
#[track_caller]
fn check_all(defects: &Defects, source: &Source<'_>) {
    let mut wrong = Vec::new();
    for defect in &defects.rows {
        let audited = run(defects, defect, source);
        let codes: BTreeMap<_, _> = audited
            .findings
            .iter()
            .map(|finding| {
                (field(finding, "code").to_owned(), field(finding, "severity").to_owned())
            })
            .collect();
        let found = (&codes, audited.verdict.as_str(), audited.exit);
        let expected = (&defect.codes, defect.verdict.as_str(), defect.exit());
        if found != expected {
            wrong.push(format!("{}: found {found:?}, planted {expected:?}", defect.name));
        }
        for finding in &audited.findings {
            assert!(!field(finding, "message").is_empty(), "{finding}");
            assert!(!field(finding, "reference").is_empty(), "{finding}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a finding says to publish and to delete.
fn fixes(finding: &Value) -> Vec<(&str, Line)> {
    let fixes = finding["fix"].as_array().expect("every finding has its fixes, if none");
    fixes.iter().map(|fix| (field(fix, "action"), Line::parse(field(fix, "record"), ""))).collect()
}
