//! A zone with one planted defect gets exactly the findings of that defect, live and offline.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mailsrv::audit::Code;
use serde_json::Value;

use crate::defects::{Defect, Defects, Line};
use crate::program::{
    Audited, Source, audit, audit_args, field, mailsrv, printed, text, without_places,
};
use crate::servers::knot;

/// Codes that neither a real server nor a zone file can be brought to show, and why.
const NOT_PLANTED: &[(&str, &str)] = &[
    ("empty-non-terminal", "no server in use denies a name with children; `hostile.rs` has one"),
    ("duplicate-record", "servers and our reader make one record of the two"),
    ("alias-other-data", "no server loads that, and a file with it is refused at its line"),
    ("target-outside-domain", "needs a validating resolver that calls the domain insecure"),
    ("domain-unsigned", "needs a validating resolver that calls the domain insecure"),
    ("dnssec-bogus", "needs a validating resolver"),
    ("dnssec-disputed", "needs a validating resolver"),
    ("tlsa-missing", "the certificate of the tests is for other hosts; `offline.rs` has it"),
    ("tlsa-differs", "the certificate of the tests is for other hosts; `offline.rs` has it"),
    ("tlsa-unsigned", "needs a validating resolver that calls the zone insecure"),
    ("servers-disagree", "needs several servers; `authority.rs` has a tree of them"),
    ("server-lame", "needs several servers; `authority.rs` has a tree of them"),
    ("delegation-differs", "needs a zone above; `authority.rs` has a tree of them"),
    ("resolvers-disagree", "needs several resolvers; `scenarios/resolvers-disagree.yaml` has them"),
];

#[test]
fn every_code_is_planted_and_every_company_is_explained() {
    let defects = Defects::load();
    let list = printed(["explain", "--list"]);
    // A line that begins with a space goes on with the headline above.
    let words = list.lines().filter_map(|line| line.split(' ').next());
    // What is found by connecting to servers is planted in `endpoints.yaml`.
    let is_probed = |word: &str| word.parse::<Code>().is_ok_and(Code::is_probed);
    let codes: Vec<_> = words.filter(|word| !word.is_empty() && !is_probed(word)).collect();
    assert!(codes.contains(&"srv-missing"), "{list}");
    let planted = |code: &&str| defects.rows.iter().any(|row| row.codes.contains_key(*code));
    let excused = |code: &&str| NOT_PLANTED.iter().any(|(excused, _)| excused == code);
    let wrong: Vec<_> = codes.iter().filter(|code| planted(code) == excused(code)).collect();
    assert_eq!(wrong, [&""; 0], "without a row and without a reason, or with both");
    for (code, _) in NOT_PLANTED {
        assert!(codes.contains(code), "{code} is no code");
    }
    for defect in &defects.rows {
        assert_eq!(defect.codes.len() > 1, defect.because.is_some(), "{}", defect.name);
    }
}

#[test]
#[ignore = "needs Knot DNS"]
fn a_live_audit_finds_exactly_what_was_planted() {
    let defects = Defects::load();
    let server = knot::serve(&defects.served());
    let rows = defects.rows.iter().filter(|row| row.offline.is_none());
    check_all(&defects, rows, &Source::Servers(&[server.address]));
}

#[test]
fn an_offline_audit_finds_exactly_what_was_planted() {
    let defects = Defects::load();
    let files = write_zones(&defects);
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    check_all(&defects, &defects.rows, &Source::Zones(&files));
}

#[test]
#[ignore = "needs Knot DNS"]
fn the_same_zones_live_and_offline_give_the_same_findings() {
    let defects = Defects::load();
    let server = knot::serve(&defects.served());
    let files = write_zones(&defects);
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    let mut differing = Vec::new();
    for defect in defects.rows.iter().filter(|row| row.offline.is_none()) {
        let live = run(&defects, defect, &Source::Servers(&[server.address]));
        let mut offline = run(&defects, defect, &Source::Zones(&files));
        offline.findings = without_places(offline.findings);
        if (&live.verdict, &live.findings) != (&offline.verdict, &offline.findings) {
            differing.push(format!("{}:\n{live:?}\n{offline:?}", defect.name));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn the_records_of_the_fixes_heal_the_zone() {
    let defects = Defects::load();
    let wrong: Vec<_> = defects.rows.iter().filter_map(|row| stays(&defects, row)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Does what the findings of a row say; returns what stays wrong.
fn stays(defects: &Defects, defect: &Defect) -> Option<String> {
    let around: Vec<_> =
        defects.surroundings().iter().map(|zone| zone.write(defects.dir())).collect();
    let with = |zone: &Path| {
        let files: Vec<_> = around.iter().map(PathBuf::as_path).chain([zone]).collect();
        run(defects, defect, &Source::Zones(&files))
    };
    let found = with(&defects.zone(defect)?.write(defects.dir()));
    let mut records = defects.records(defect);
    for (action, record) in found.findings.iter().flat_map(fixes) {
        // What is published once more has another TTL.
        records.retain(|line| !line.is_same(&record));
        if action == "publish" {
            records.push(record);
        }
    }
    if let Some(line) = records.iter().find(|line| is_alias_with_company(line, &records)) {
        // No server loads that (RFC 1034 §3.6.2).
        return Some(format!("{}: an alias beside other data at {}", defect.name, line.owner));
    }
    let after = with(&Defects::zone_of(defect, &records).write(defects.dir()));
    let without_fix = found.findings.iter().filter(|finding| fixes(finding).is_empty());
    let may_stay: BTreeSet<_> = without_fix.map(|finding| field(finding, "code")).collect();
    let after = after.codes();
    let stays: Vec<_> = after.difference(&may_stay).collect();
    (!stays.is_empty()).then(|| format!("{}: {stays:?} after {records:#?}", defect.name))
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
fn check_all<'a>(
    defects: &Defects,
    rows: impl IntoIterator<Item = &'a Defect>,
    source: &Source<'_>,
) {
    let mut wrong = Vec::new();
    for defect in rows {
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

fn is_alias_with_company(line: &Line, records: &[Line]) -> bool {
    let at_owner = records.iter().filter(|other| other.owner.eq_ignore_ascii_case(&line.owner));
    line.rtype == "CNAME" && at_owner.count() > 1
}

/// What a finding says to publish and to delete.
fn fixes(finding: &Value) -> Vec<(&str, Line)> {
    let fixes = finding["fix"].as_array().expect("every finding has its fixes, if none");
    fixes.iter().map(|fix| (field(fix, "action"), Line::parse(field(fix, "record"), ""))).collect()
}
