//! The reports of `audit`: each is read back by a strict reader, over every scenario.

mod json;

use std::path::Path;

use mailsrv::report::{Format, Item, Report, Settings};

use crate::scenarios;

/// What a user may have in a list, and must do no harm in a report.
const TYPED: &str = "=cmd|' /C calc'!A1,\"<b>&;:%\u{1b}[31m\u{202e}";

/// One run over all scenarios and a broken line, in a format that is chosen by its word.
fn run(word: &str, settings: Settings) -> String {
    let mut out = Vec::new();
    let mut report = Report::begin(format(word), settings, &mut out).expect("memory holds it");
    let broken = Item::Broken { line: Some(7), typed: TYPED, error: "`=cmd` is no domain" };
    report.item(broken, &mut out).expect("memory holds it");
    scenarios::each(|plan, observed, audit| {
        let item = Item::Judged { plan, observed, audit };
        report.item(item, &mut out).expect("memory holds it");
    });
    report.end(&mut out).expect("memory holds it");
    String::from_utf8(out).expect("reports are UTF-8")
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
