//! SARIF 2.1.0 (OASIS, 2020-03), for GitHub's code scanning and other viewers of findings.
//!
//! Results are written as they come, between the head of a log and what is known in the end. GitHub refuses a log in which a result has no place in a file, and one of
//! more than 25,000 results (docs.github.com, "SARIF support for code scanning", 2026-11).

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::text::{sentence, stated};
use super::{Item, Reporter, Retold, Selection, Spec, Tally, steps};
use crate::audit::{Audit, Code, Finding, Severity, Verdict};
use crate::name::{plain_text, printable, text};
use crate::zonefile::Position;

/// What `--format sarif` selects.
pub(super) const SPEC: Spec = Spec {
    word: "sarif",
    headline: "SARIF 2.1.0, for GitHub's code scanning; up to 25,000 findings",
    reporter: |_| Box::new(Log::default()),
};

/// Where the schema of a log stands.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The most results that GitHub takes in a run.
const RESULTS: usize = 25_000;

/// The most domains without a verdict that are told of.
const NOTIFICATIONS: usize = 1_000;

#[derive(Default)]
struct Log {
    written: usize,
    /// The results for which there was no room.
    untold: usize,
    notifications: Vec<Value>,
    /// The domains without a verdict for which there was no room.
    unjudged: usize,
    notes: Vec<String>,
}

impl Reporter for Log {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(front().as_bytes())
    }

    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (domain, verdict, place) = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                for finding in selection.findings(audit) {
                    self.add(audit, finding, out)?;
                }
                (plain_text(audit.domain.name()), audit.verdict, audit.place.as_ref())
            }
            Item::Broken { place, typed, .. } => {
                (printable(typed).into_owned(), Verdict::Broken, place)
            }
        };
        let Some(problem) = stated(item).filter(|_| selection.shows_whole(verdict)) else {
            return Ok(());
        };
        if self.notifications.len() == NOTIFICATIONS {
            self.unjudged += 1;
            return Ok(());
        }
        let text = format!("{domain}: {verdict}: {}", printable(&problem));
        let locations: Vec<Value> =
            place.map(|place| json!({ "physicalLocation": at(place) })).into_iter().collect();
        self.notifications.push(json!({
            "level": "warning",
            "message": { "text": text },
            "locations": locations,
        }));
        Ok(())
    }

    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        let mut more = |count: usize, what: &str| {
            if count > 0 {
                let text = format!(
                    "{count} more {what} than a log takes are not in it; -f json has them all."
                );
                self.notes.push(format!("note: {text}"));
                self.notifications.push(json!({ "level": "warning", "message": { "text": text } }));
            }
        };
        more(self.untold, "findings");
        more(self.unjudged, "domains without a verdict");
        let invocation = json!({
            "executionSuccessful": !tally.is_open(),
            "exitCodeDescription": tally.to_string(),
            "toolExecutionNotifications": self.notifications,
        });
        writeln!(
            out,
            "
],\"invocations\":[{invocation}]}}]}}"
        )
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

impl Log {
    fn add(&mut self, audit: &Audit, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        if self.written == RESULTS {
            self.untold += 1;
            return Ok(());
        }
        let between = if self.written == 0 { "\n" } else { ",\n" };
        self.written += 1;
        write!(out, "{between}{}", result(audit, finding))
    }
}

/// What stands in front of the results: a log of one run, and the tool with its rules.
fn front() -> String {
    let rules: Vec<Value> = Code::ALL.iter().copied().map(rule).collect();
    let tool = json!({ "driver": {
        "name": "mailsrv",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": rules,
    } });
    format!(
        "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{tool},\
         \"columnKind\":\"unicodeCodePoints\",\"results\":["
    )
}

fn rule(code: Code) -> Value {
    let help = format!("{} {}", code.why(), code.remedy());
    let severity = match code.severity() {
        Severity::Critical | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    };
    json!({
        "id": code.text(),
        "shortDescription": { "text": code.headline() },
        "fullDescription": { "text": code.why() },
        "help": { "text": format!("{help} See {}.", code.reference()) },
        "helpUri": code.address(),
        "defaultConfiguration": { "level": level(code.severity()) },
        "properties": { "tags": ["dns", "mail"], "problem.severity": severity },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(audit: &Audit, finding: &Finding) -> Value {
    let domain = plain_text(audit.domain.name());
    let mut lines = vec![format!("{domain}: {}", sentence(&finding.message))];
    lines.extend(steps::lines(finding));
    let subjects: Vec<String> =
        finding.subjects.iter().map(|it| format!("{} {}", text(it.owner()), it.kind())).collect();
    let named: Vec<Value> = subjects
        .iter()
        .map(|subject| json!({ "fullyQualifiedName": subject, "kind": "resource" }))
        .collect();
    // Without a file the name in DNS is the place (RFC 4501).
    let nowhere = || json!({ "artifactLocation": { "uri": format!("dns:{domain}") } });
    let place = audit.place_of(finding).map_or_else(nowhere, at);
    let index = Code::ALL.iter().position(|code| *code == finding.code);
    json!({
        "ruleId": finding.code.text(),
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": lines.join("\n") },
        "locations": [{ "physicalLocation": place, "logicalLocations": named }],
        "partialFingerprints": {
            "primaryLocationLineHash": fingerprint(&domain, finding.code, &subjects),
        },
        "properties": { "domain": domain, "severity": finding.severity.text() },
    })
}

/// What two runs know a finding by, wherever its line has moved.
fn fingerprint(domain: &str, code: Code, subjects: &[String]) -> String {
    let known = format!("{domain}\n{code}\n{}", subjects.join("\n"));
    let mut hex = String::new();
    for octet in &Sha256::digest(known.as_bytes())[..8] {
        let _into_memory = write!(hex, "{octet:02x}");
    }
    hex + ":1"
}

fn at(place: &Position) -> Value {
    json!({
        "artifactLocation": { "uri": uri(&place.file) },
        "region": { "startLine": place.line.max(1) },
    })
}

/// A path as a reference of RFC 3986: relative to the folder of the run, or a `file` URI.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for octet in path.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(octet));
            }
            _ => {
                let _into_memory = write!(uri, "%{octet:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference_whatever_it_is_made_of() {
        for (path, expected) in [
            ("zones/a.zone", "zones/a.zone"),
            ("./a b.zone", "a%20b.zone"),
            ("/srv/z\u{fc}.zone", "file:///srv/z%C3%BC.zone"),
            ("a:b%c", "a%3Ab%25c"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
