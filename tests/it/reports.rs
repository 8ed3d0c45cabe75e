//! The reports of `audit`: each is read back by a strict reader, over every scenario.

mod baseline;
mod closing;
mod csv;
mod github;
mod html;
mod json;
mod junit;
mod limits;
mod nagios;
mod prometheus;
pub(crate) mod remedies;
mod retold;
mod sarif;

use std::path::Path;

use mailsrv::audit::Severity;
use mailsrv::report::{Format, Item, Report, Settings};

use crate::scenarios::JUDGED;

/// What a user may have in a list, and must do no harm in a report.
const TYPED: &str = "=cmd|' /C calc'!A1,\"<b>&;:%\u{1b}[31m\u{202e}";

/// One run over all scenarios and a broken line, in a format that is chosen by its word.
fn run(word: &str, settings: Settings) -> String {
    run_as(word, settings, Numbered::No)
}

/// Whether the domains of scenarios are told apart, as those of a list are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbered {
    Yes,
    No,
}

fn run_as(word: &str, settings: Settings, numbered: Numbered) -> String {
    let mut out = Vec::new();
    let mut report = Report::begin(format(word), settings, &mut out).expect("memory holds it");
    let broken =
        Item::Broken { line: Some(7), place: None, typed: TYPED, error: "`=cmd` is no domain" };
    report.item(broken, &mut out).expect("memory holds it");
    for (at, (plan, observed, audit)) in JUDGED.iter().enumerate() {
        let mut audit = audit.clone();
        if numbered == Numbered::Yes {
            audit.domain = format!("d{at}.example").parse().expect("it is a domain");
        }
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

/// What a run over all scenarios must tell of, without the broken line.
#[derive(Default)]
struct Count {
    domains: usize,
    findings: usize,
    /// The domains with an error or worse.
    failing: usize,
}

fn count() -> Count {
    let mut count = Count::default();
    for (_, _, audit) in JUDGED.iter() {
        count.domains += 1;
        count.findings += audit.findings.len();
        let worst = audit.findings.iter().map(|finding| finding.severity).max();
        count.failing += usize::from(worst >= Some(Severity::Error));
    }
    count
}

fn format(word: &str) -> Format {
    let all = Format::ALL.iter().copied();
    all.into_iter().find(|format| format.text() == word).expect("there is such a format")
}

/// Compares a shipped file with what the program makes; `UPDATE=1` rewrites it.
#[track_caller]
fn hold(path: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some_and(|what| what == "1") {
        std::fs::write(&path, made).expect("the folder is writable");
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == made, "{}: UPDATE=1 rewrites it", path.display());
}
