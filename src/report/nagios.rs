//! What a Nagios plugin says: one line with performance data, and its exit code.
//!
//! The forms are those of the guidelines for plugins (nagios-plugins.org, "Development Guidelines"):
//! status, text, a bar, then `label=value` parted by blanks.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Item, Reporter, Retold, Selection, Spec, Tally, problem};
use crate::audit::{Finding, Severity, Verdict};
use crate::name::{plain_text, printable};
use crate::words::listed;

/// What `--format nagios` selects.
pub(super) const SPEC: Spec = Spec {
    word: "nagios",
    headline: "one line with performance data, and the exit codes of a Nagios plugin",
    reporter: |settings| Box::new(Line { fail_on: settings.fail_on, examples: Default::default() }),
};

/// The domains that are named; the others are counted.
const NAMED: usize = 3;

/// The characters of a message that are shown.
const SHOWN: usize = 120;

/// The status of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing worse than info.
    Ok,
    /// A warning, or whatever is worse and does not fail a run.
    Warning,
    /// A finding that fails a run.
    Critical,
    /// No such findings, but something could not be judged; or trouble.
    Unknown,
}

impl Status {
    /// What a run comes to: a finding beats what was not judged, as with the exit codes of other
    /// formats.
    pub fn of(tally: &Tally, fail_on: Severity) -> Self {
        match tally.worst() {
            Some(worst) if worst >= fail_on => Self::Critical,
            Some(worst) if worst >= Severity::Warning => Self::Warning,
            _ if tally.is_open() => Self::Unknown,
            _ => Self::Ok,
        }
    }

    /// The exit code of a plugin.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The line of a plugin with this status; what would end it or begin its data is left out.
    pub fn line(self, words: &str) -> String {
        let words = printable(words).replace(['\n', '|'], " ");
        format!("MAILSRV {}: {words}", self.text())
    }
}

/// It keeps the first examples of each status.
struct Line {
    fail_on: Severity,
    /// By the exit code.
    examples: [Vec<String>; 4],
}

impl Reporter for Line {
    fn item(&mut self, item: Item<'_>, selection: &Selection, _: &mut dyn Write) -> io::Result<()> {
        let mut one = Tally::default();
        one.take(item);
        let status = Status::of(&one, self.fail_on);
        let examples = &mut self.examples[usize::from(status.code())];
        if status != Status::Ok && examples.len() < NAMED {
            examples.push(example(item, selection));
        }
        Ok(())
    }

    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        let status = Status::of(tally, self.fail_on);
        let examples = &self.examples[usize::from(status.code())];
        let mut words = tally.verdicts();
        if !examples.is_empty() {
            let _into_memory = write!(words, ": {}", listed(examples));
        }
        let mut data = format!("domains={};;;0", tally.count());
        for verdict in Verdict::ALL {
            let _into_memory = write!(data, " {verdict}={};;;0", tally.of(verdict));
        }
        writeln!(out, "{} | {data}", status.line(&words))
    }
}

/// A domain with the worst of it, or why it was not judged.
fn example(item: Item<'_>, selection: &Selection) -> String {
    let (domain, finding): (String, Option<&Finding>) = match item {
        Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
            (plain_text(audit.domain.name()), selection.findings(audit).next())
        }
        Item::Broken { typed, .. } => (printable(typed).into_owned(), None),
    };
    let worst = finding.filter(|finding| finding.severity >= Severity::Warning);
    let why = match worst {
        Some(finding) => format!("{}: {}", finding.code, finding.message),
        None => problem(item).unwrap_or_default(),
    };
    let mut shown: String = why.chars().take(SHOWN).collect();
    if shown.len() < why.len() {
        shown.push_str("...");
    }
    format!("{domain} ({shown})")
}
