//! Annotations of a GitHub workflow: commands that a step prints, each a line.
//!
//! Findings stand at lines of the files that the run read, where it read any. Their escapes are those
//! of GitHub's toolkit (`packages/core/src/command.ts` of actions/toolkit, 2026-11): three
//! characters in a message, five in a property.

use std::io::{self, Write};

use super::text::{sentence, stated};
use super::{Item, Reporter, Retold, Selection, Spec, Tally, steps};
use crate::audit::{Finding, Severity, Verdict};
use crate::name::{plain_text, printable};
use crate::zonefile::Position;

/// What `--format github` selects.
pub(super) const SPEC: Spec = Spec {
    word: "github",
    headline: "annotations of a GitHub workflow",
    reporter: |_| Box::new(Annotations),
};

/// It keeps nothing: GitHub itself shows ten of each level in a step, and all in the log.
struct Annotations;

impl Reporter for Annotations {
    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (domain, verdict, place) = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                let domain = plain_text(audit.domain.name());
                for finding in selection.findings(audit) {
                    let place = audit.place_of(finding);
                    let message = message(&domain, finding);
                    annotate(level(finding.severity), place, finding.code.text(), &message, out)?;
                }
                (domain, audit.verdict, audit.place.as_ref())
            }
            Item::Broken { place, typed, .. } => {
                (printable(typed).into_owned(), Verdict::Broken, place)
            }
        };
        match stated(item) {
            Some(problem) if selection.shows_whole(verdict) => {
                let message = format!("{domain}: {}", printable(&problem));
                annotate("warning", place, verdict.text(), &message, out)
            }
            _ => Ok(()),
        }
    }

    /// A line for the log: what does not begin with two colons is no command.
    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{tally}")
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// What is the matter, and below it what mends it.
fn message(domain: &str, finding: &Finding) -> String {
    let mut lines = vec![format!("{domain}: {}", sentence(&finding.message))];
    lines.extend(steps::lines(finding));
    if finding.fix.is_empty() {
        lines.push(finding.code.remedy().to_owned());
    }
    lines.push(finding.code.address());
    lines.join("\n")
}

fn annotate(
    level: &str,
    place: Option<&Position>,
    title: &str,
    message: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let place = place.map_or_else(String::new, |place| {
        format!("file={},line={},", property(&printable(&place.file)), place.line)
    });
    writeln!(out, "::{level} {place}title={}::{}", property(title), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
