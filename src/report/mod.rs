//! Audits out, one format per file.
//!
//! A format is one file with a `Reporter` and a `Spec` that names it, and one row in [`Format::ALL`].

mod json;
mod tally;
mod text;

use std::fmt;
use std::io::{self, Write};

use crate::audit::Audit;
use crate::inquiry::Observed;
use crate::plan::RecordPlan;

pub use self::tally::Tally;
pub use self::text::Looks;

/// An output format of `audit`.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What a format is called, and what writes it.
struct Spec {
    word: &'static str,
    headline: &'static str,
    reporter: fn(Looks) -> Box<dyn Reporter>,
}

/// Writes the audits of one run: what stands before them, each of them as it comes, what follows.
trait Reporter {
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: Item<'_>, out: &mut dyn Write) -> io::Result<()>;

    fn end(&mut self, _tally: &Tally, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl Format {
    /// For people.
    pub const TEXT: Self = Self(&text::SPEC);
    /// One JSON object per line and domain.
    pub const JSON: Self = Self(&json::SPEC);

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[Self::TEXT, Self::JSON];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        self.0.word
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        self.0.headline
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What there is to say of one domain of the input.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// It was judged.
    Judged {
        /// What was expected.
        plan: &'a RecordPlan,
        /// What was observed.
        observed: &'a Observed,
        /// What follows.
        audit: &'a Audit,
    },
    /// It could not even be asked about.
    Broken {
        /// The line of the input, from 1; None for an argument.
        line: Option<u64>,
        /// The domain as typed.
        typed: &'a str,
        /// What is wrong with it.
        error: &'a str,
    },
}

/// The report of one run, domain by domain; it counts what the audits come to.
pub struct Report {
    reporter: Box<dyn Reporter>,
    tally: Tally,
}

impl Report {
    /// Begins a report.
    pub fn begin(format: Format, looks: Looks, out: &mut dyn Write) -> io::Result<Self> {
        let mut reporter = (format.0.reporter)(looks);
        reporter.begin(out)?;
        Ok(Self { reporter, tally: Tally::default() })
    }

    /// Adds one domain.
    pub fn item(&mut self, item: Item<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.tally.count(item);
        self.reporter.item(item, out)
    }

    /// Ends the report, and gives what it counted.
    pub fn end(mut self, out: &mut dyn Write) -> io::Result<Tally> {
        self.reporter.end(&self.tally, out)?;
        Ok(self.tally)
    }
}

/// Writes the report of one domain.
pub fn write(format: Format, item: Item<'_>, looks: Looks, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::begin(format, looks, out)?;
    report.item(item, out)?;
    report.end(out).map(drop)
}
