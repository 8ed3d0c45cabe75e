//! A JSON report read back: every format made of it is the one that the run itself would have made.

use mailsrv::audit::{Audit, Gone, Severity, Since, Verdict};
use mailsrv::dns_host::DnsHost;
use mailsrv::report::{
    Evidence, Format, Forms, Item, Line, Looks, Report, Rows, Selection, Settings,
};
use mailsrv::zonefile::Position;

use super::TYPED;
use crate::scenarios::JUDGED;

fn position(line: u64) -> Position {
    Position { file: "a list, \"quoted\".csv".into(), line, column: 1 }
}

/// The audits of all scenarios, told apart, with places as a list and a zone file give them.
fn audits() -> impl Iterator<Item = Audit> {
    JUDGED.iter().zip(1..).map(|((_, _, audit), at)| {
        let mut audit = audit.clone();
        audit.domain = format!("bücher{at}.example").parse().expect("it is a domain");
        audit.place = (at % 3 > 0).then(|| position(at));
        for finding in audit.findings.iter_mut().step_by(2) {
            finding.position = Some(position(at + 1000));
        }
        if at % 5 == 0 {
            let gone = Gone {
                code: "srv-missing".to_owned(),
                owner: "_imap._tcp.example.".to_owned(),
                kind: "SRV".to_owned(),
            };
            audit.since = Some(Since { verdict: Some(Verdict::Unknown), gone: vec![gone] });
        }
        audit
    })
}

/// One run over them and over what could not be asked about.
fn told(format: Format, settings: &Settings, selection: &Selection) -> String {
    let mut out = Vec::new();
    let mut report = Report::begin(format, settings.clone(), &mut out).expect("memory holds it");
    report.select(selection.clone());
    let place = position(7);
    for (line, place, typed) in [(Some(7), Some(&place), TYPED), (None, None, "zones/a b")] {
        let item = Item::Broken { line, place, typed, error: "`=cmd` is no \"domain\"" };
        report.item(item, &mut out).expect("memory holds it");
    }
    for ((plan, observed, _), audit) in JUDGED.iter().zip(audits()) {
        let item = Item::Judged {
            plan: Some(plan),
            observed: Some(observed),
            audit: &audit,
            outlook: None,
        };
        report.item(item, &mut out).expect("memory holds it");
    }
    report.end(&mut out).expect("memory holds it");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// The report that is made of a JSON report.
#[track_caller]
fn retold(json: &str, format: Format, settings: &Settings, selection: &Selection) -> String {
    let mut out = Vec::new();
    let mut report = Report::begin(format, settings.clone(), &mut out).expect("memory holds it");
    report.select(selection.clone());
    for raw in json.lines() {
        let line = Line::read(raw).unwrap_or_else(|error| panic!("{error}: {raw}"));
        let item = line.item().expect("it is about a domain");
        report.item(item, &mut out).expect("memory holds it");
    }
    report.end(&mut out).expect("memory holds it");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Compares line by line, so that a difference can be read.
#[track_caller]
fn check(settings: &Settings, selection: &Selection) {
    let json = told(Format::JSON, settings, &Selection::default());
    for format in Format::ALL.iter().copied() {
        let told = told(format, settings, selection);
        let retold = retold(&json, format, settings, selection);
        for (at, (told, retold)) in told.lines().zip(retold.lines()).enumerate() {
            assert_eq!(told, retold, "{} line {at}", format.text());
        }
        assert!(told == retold, "{} ends otherwise", format.text());
    }
}

fn settings(looks: Looks) -> Settings {
    Settings { evidence: Evidence::Always, ..Settings::from(looks) }
}

#[test]
fn every_format_made_of_a_json_report_is_that_of_the_run() {
    let all = Selection::default();
    let wide = Looks { colour: true, full: true, width: 120 };
    check(&settings(wide), &all);
    check(
        &Settings { rows: Rows::Domain, fail_on: Severity::Info, ..settings(Looks::default()) },
        &all,
    );
    let host: DnsHost = "namecheap".parse().expect("it is known");
    for forms in [Forms::Of(host), Forms::ByNameServers] {
        check(&Settings { forms, ..settings(Looks { full: true, ..Looks::default() }) }, &all);
    }
}

#[test]
fn a_part_of_the_domains_is_shown_of_a_json_report_as_of_the_run() {
    let mut selection = Selection::default();
    selection.add_verdict(Verdict::Fail);
    selection.add_code("target-alias".parse().expect("it is a code"));
    check(&settings(Looks::default()), &selection);
}

#[test]
fn what_a_line_of_a_domain_that_passes_does_not_hold_is_its_table_and_its_place() {
    let narrow = Settings::default();
    let json = told(Format::JSON, &narrow, &Selection::default());
    for format in Format::ALL.iter().copied().filter(|it| it.text() != "junit") {
        let told = told(format, &narrow, &Selection::default());
        assert!(told == retold(&json, format, &narrow, &Selection::default()), "{}", format.text());
    }
    for raw in json.lines() {
        if let Ok(Line::Judged(retold)) = Line::read(raw) {
            let passes = retold.audit().verdict == Verdict::Pass;
            assert_eq!(retold.has_states(), !passes, "{raw}");
        }
    }
}

#[test]
fn a_line_that_is_none_of_this_version_is_refused_with_what_is_wrong_in_it() {
    #[track_caller]
    fn check(raw: &str, said: &str) {
        let error = Line::read(raw).expect_err("it is refused").to_string();
        assert!(error.starts_with(said), "{error}");
    }
    let line =
        |more: &str| format!(r#"{{"schema":1,"domain":"a.example","verdict":"pass"{more}}}"#);
    assert!(Line::read(&line(r#","findings":[],"later":[{}]"#)).is_ok());
    check("", "not an object of audit -f json: EOF");
    check("[]", "not an object of audit -f json");
    check(r#"{"schema":1}"#, "not an object of audit -f json: missing field `domain`");
    check(r#"{"schema":2,"domain":"a.example"}"#, "it has the schema 2; this version reads 1");
    check(&line("").replace("pass", "good"), "`good` is no verdict that this version knows");
    check(&line("").replace("a.e", "a..e"), "`a..example`");
    check(
        &line(r#","unanswered":[{"name":"a.","type":"MX","failure":"tired"}]"#),
        "`tired` is no failure",
    );
    let rrset = r#","rrsets":[{"owner":"a.example.","type":"MX","state":"ok"}]"#;
    check(&line(rrset), "its `rrsets` do not say what is expected");
    let rrset = rrset.replace("\"ok\"", r#""ok","expected":["mail"]"#);
    check(&line(&rrset), "`mail` is no data of type MX");
}
