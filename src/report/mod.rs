//! Audits out, one format per file.
//!
//! A format is one file with a `Reporter` and a `Spec` that names it, and one row in
//! [`Format::ALL`]. A run is one [`Report`], into which audits go as they are made: none is kept.
//!
//! ```
//! use mailsrv::audit::{Policy, Verdict, inquire, judge};
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::report::{Format, Item, Looks, Report};
//!
//! let plan =
//!     mailsrv::plan::plan(&"example.com".parse()?, &Hosting::documented(), &Columns::default())?;
//! let observed = inquire(&plan).into_observed();
//! let audit = judge(&plan, &observed, &Policy::default());
//!
//! let looks = Looks { colour: false, full: false, width: 80 };
//! let mut page = Vec::new();
//! let mut report = Report::begin(Format::TEXT, looks, &mut page)?;
//! let (plan, observed) = (Some(&plan), Some(&observed));
//! report.item(Item::Judged { plan, observed, audit: &audit, outlook: None }, &mut page)?;
//! let tally = report.end(&mut page)?;
//! assert_eq!(tally.of(Verdict::Unknown), 1);
//! assert!(page.starts_with(b"example.com: unknown"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alike;
mod baseline;
mod blanks;
mod csv;
mod documents;
pub mod forecast;
mod forms;
mod github;
mod html;
mod json;
mod junit;
mod nagios;
mod outlook;
mod prometheus;
mod remedies;
mod sarif;
mod selection;
mod settings;
mod steps;
mod summary;
mod tally;
mod text;
mod unjudged;
mod visits;
pub mod zero_touch;

use std::fmt;
use std::io::{self, Write};

use crate::audit::{Audit, Verdict};
use crate::inquiry::Observed;
use crate::name::plain_text;
use crate::plan::RecordPlan;
use crate::zonefile::Position;

pub use self::alike::{Layouts, Places, Sample};
pub use self::baseline::{Baseline, BaselineError};
pub use self::documents::DocumentVisit;
use self::forms::Form;
pub use self::forms::Forms;
pub use self::json::{Closing, Line, LineError, Part, Retold, json_schema};
pub use self::nagios::Status;
pub use self::outlook::Outlook;
use self::remedies::Remedies;
pub use self::selection::Selection;
pub use self::settings::{Evidence, Rows, Settings};
#[cfg(feature = "cli")]
pub(crate) use self::steps::Steps;
pub(crate) use self::tally::Share;
pub use self::tally::Tally;
pub use self::text::Looks;
#[cfg(feature = "cli")]
pub(crate) use self::unjudged::not_visited;
use self::unjudged::{problem, reason};
pub use self::visits::{BrokenVisit, Visit};

/// An output format of `audit`.
///
/// More may come; [`Format::ALL`] has them all.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What a format is called, and what writes it.
struct Spec {
    /// What a user types to choose it.
    word: &'static str,
    /// For the help text, without a full stop.
    headline: &'static str,
    /// Begins a report.
    reporter: fn(Settings) -> Box<dyn Reporter>,
}

/// Writes the audits of one run: what stands before them, each of them as it comes, what follows.
///
/// Formats differ in which of the three they need; the report calls each, in this order.
trait Reporter {
    /// What stands in front of the first domain.
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// One domain, complete: whoever reads along sees it at once. It is one that is shown; formats
    /// for people leave those of its findings out that are not.
    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()>;

    /// What stands behind the last domain, and what the run comes to.
    fn end(&mut self, _tally: &Tally, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Whether it says of a domain that passes how its RRsets stand, or where it stands itself, or
    /// reads its plan.
    fn needs_states(&self) -> bool {
        false
    }

    /// Whether what it writes of a domain depends on nothing but what came of this one, and not on how
    /// long names are; and nothing is written of all of them.
    fn is_of_one(&self) -> bool {
        false
    }

    /// What is to be said beside the report since this was last asked for.
    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }
}

impl Format {
    /// For people.
    pub const TEXT: Self = Self(&text::SPEC);
    /// One JSON object per line and domain.
    pub const JSON: Self = Self(&json::SPEC);

    /// Rows for spreadsheets.
    pub const CSV: Self = Self(&csv::SPEC);
    /// Test results.
    const JUNIT: Self = Self(&junit::SPEC);
    /// Findings for GitHub's code scanning.
    pub const SARIF: Self = Self(&sarif::SPEC);
    /// Annotations of a GitHub workflow.
    const GITHUB: Self = Self(&github::SPEC);
    /// A page for whoever is sent it.
    const HTML: Self = Self(&html::SPEC);
    /// Metrics.
    const PROMETHEUS: Self = Self(&prometheus::SPEC);
    /// The line of a Nagios plugin; the program then exits as one, too.
    pub const NAGIOS: Self = Self(&nagios::SPEC);

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[
        Self::TEXT,
        Self::JSON,
        Self::HTML,
        Self::CSV,
        Self::JUNIT,
        Self::SARIF,
        Self::GITHUB,
        Self::PROMETHEUS,
        Self::NAGIOS,
    ];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        self.0.word
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        self.0.headline
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
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
        /// What was expected; None where it was like a domain before it, and nobody needed to know
        /// (see [`Report::needs_states`]).
        plan: Option<&'a RecordPlan>,
        /// What was observed; None where it was known what comes of it, and nobody needed to know more.
        observed: Option<&'a Observed>,
        /// What follows.
        audit: &'a Audit,
        /// What is foretold of mail clients, where that is wanted.
        outlook: Option<&'a Outlook>,
    },
    /// It was judged, as an earlier report says.
    Retold(&'a Retold),
    /// It could not even be asked about.
    Broken {
        /// The line of the input, from 1; None for an argument.
        line: Option<u64>,
        /// Where a file has it.
        place: Option<&'a Position>,
        /// The domain as typed.
        typed: &'a str,
        /// What is wrong with it.
        error: &'a str,
    },
}

impl Item<'_> {
    /// What is foretold of mail clients.
    fn outlook(&self) -> Option<&Outlook> {
        match self {
            Item::Judged { outlook, .. } => *outlook,
            Item::Retold(retold) => retold.outlook.as_ref(),
            Item::Broken { .. } => None,
        }
    }

    /// The form that the remedies of a domain are typed into.
    fn form(self, forms: Forms) -> Option<Form> {
        match self {
            Item::Judged { observed, .. } => forms.form(observed?),
            Item::Retold(retold) => retold.form.clone(),
            Item::Broken { .. } => None,
        }
    }
}

/// The report of one run, domain by domain; it counts what the audits come to.
///
/// It is told every domain of the input, so that what it counts is what the user gave.
pub struct Report {
    reporter: Box<dyn Reporter>,
    selection: Selection,
    baseline: Option<Baseline>,
    tally: Tally,
    /// What the baseline has to say in the end.
    lost: Option<String>,
    /// What the last domain added to the tally.
    last: Option<Share>,
}

impl Report {
    /// Begins a report.
    ///
    /// # Errors
    ///
    /// `out` does not take what stands at the head.
    pub fn begin(
        format: Format,
        settings: impl Into<Settings>,
        out: &mut dyn Write,
    ) -> io::Result<Self> {
        let settings = settings.into();
        let mut reporter: Box<dyn Reporter> = match settings.fix {
            Some(format) => Box::new(Remedies::new(format, settings.zone_apex)),
            None => (format.0.reporter)(settings),
        };
        reporter.begin(out)?;
        let (selection, tally) = (Selection::default(), Tally::default());
        Ok(Self { reporter, selection, baseline: None, tally, lost: None, last: None })
    }

    /// Shows a part of the domains from now on.
    pub fn select(&mut self, selection: Selection) {
        self.selection = selection;
    }

    /// Tells from now on what changed since an earlier report, and nothing else. Of findings only the
    /// new ones count, and of domains that could not be judged those that could before.
    pub fn compare(&mut self, baseline: Baseline) {
        self.baseline = Some(baseline);
    }

    /// Goes on with a report that an earlier run began, and that came to this.
    #[cfg_attr(
        not(feature = "cli"),
        expect(dead_code, reason = "the program goes on with reports")
    )]
    pub(crate) fn go_on(&mut self, tally: Tally) {
        self.tally = tally;
    }

    /// Adds one domain of which another report has the text, and counts what it adds; for formats that
    /// [are of one](Reporter::is_of_one).
    ///
    /// # Errors
    ///
    /// `out` does not take it, and the domain is counted nevertheless.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the program judges in parts"))]
    pub(crate) fn retell(
        &mut self,
        text: &[u8],
        share: Option<Share>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        share.into_iter().for_each(|share| self.tally.add(share));
        out.write_all(text)
    }

    /// What the last domain added to the tally.
    #[cfg_attr(
        not(feature = "cli"),
        expect(dead_code, reason = "the program goes on with reports")
    )]
    pub(crate) fn last(&self) -> Option<Share> {
        self.last
    }

    /// Adds one domain; one that is not shown is counted, too.
    ///
    /// # Errors
    ///
    /// `out` does not take it, and the domain is counted nevertheless; or the earlier report cannot
    /// be read again, which a [`BaselineError`] inside the error says.
    pub fn item(&mut self, item: Item<'_>, out: &mut dyn Write) -> io::Result<()> {
        if let Some(baseline) = &mut self.baseline {
            match item {
                Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                    baseline.meet(&plain_text(audit.domain.name()));
                }
                Item::Broken { typed, .. } => baseline.meet(typed),
            }
        }
        let changed;
        let item = match (&mut self.baseline, item) {
            (Some(baseline), Item::Judged { plan, observed, audit, outlook }) => {
                let Some(audit) = baseline.changed(audit)? else {
                    self.last = Some(self.tally.take_known(item));
                    return Ok(());
                };
                changed = audit;
                Item::Judged { plan, observed, audit: &changed, outlook }
            }
            (Some(baseline), Item::Broken { typed, .. })
                if baseline.verdict(typed) == Some(Verdict::Broken) =>
            {
                self.last = Some(self.tally.take_known(item));
                return Ok(());
            }
            (_, item) => item,
        };
        self.last = Some(self.tally.take(item));
        if self.selection.shows(item) {
            self.reporter.item(item, &self.selection, out)
        } else {
            Ok(())
        }
    }

    /// Whether it may be told of domains by [`Layouts`].
    pub fn takes_layouts(&self) -> bool {
        self.reporter.is_of_one() && self.baseline.is_none()
    }

    /// What is written of one domain, which is not counted.
    fn text(&mut self, item: Item<'_>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        self.reporter.item(item, &self.selection, &mut text)?;
        Ok(text)
    }

    /// Adds a domain of which the same came as of another one, but for names, addresses and lines.
    fn alike(
        &mut self,
        audit: &Audit,
        share: Share,
        text: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let item = Item::Judged { plan: None, observed: None, audit, outlook: None };
        self.tally.take_share(item, share);
        self.last = Some(share);
        if self.selection.shows(item) { out.write_all(text) } else { Ok(()) }
    }

    /// What is to be said beside the report since this was last asked for, a line each.
    pub fn notes(&mut self) -> Vec<String> {
        self.reporter.notes().into_iter().chain(self.lost.take()).collect()
    }

    /// Whether domains that pass must come with the states of their RRsets and with their plans.
    pub fn needs_states(&self) -> bool {
        self.reporter.needs_states()
    }

    /// Takes note that the run ends before its input does: what there is, is not all.
    pub fn end_early(&mut self) {
        self.tally.end_early();
    }

    /// Writes what stands at the end; no domain comes after it.
    ///
    /// # Errors
    ///
    /// As [`Report::item`].
    pub fn close(&mut self, out: &mut dyn Write) -> io::Result<()> {
        // Of a run that ends early there is more to come.
        if let Some(baseline) = self.baseline.as_mut().filter(|_| !self.tally.is_early()) {
            self.lost = baseline.lost()?;
        }
        self.reporter.end(&self.tally, out)
    }

    /// Ends the report, and gives what it counted.
    ///
    /// # Errors
    ///
    /// `out` does not take what stands at the end.
    pub fn end(mut self, out: &mut dyn Write) -> io::Result<Tally> {
        self.close(out)?;
        Ok(self.tally)
    }

    /// What was counted.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

/// Writes the report of one domain.
///
/// # Errors
///
/// `out` does not take it.
pub fn write(
    format: Format,
    item: Item<'_>,
    settings: impl Into<Settings>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut report = Report::begin(format, settings, out)?;
    report.item(item, out)?;
    report.end(out).map(drop)
}
