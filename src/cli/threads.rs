//! Threads that judge: each has a desk of its own, and what is said there is told at the one where the
//! report is written.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write, sink};
use std::rc::Rc;

use super::audit_args::{AuditArgs, selection};
use super::desk::Desk;
use super::pages::{One, Pages, Told};
use super::progress::Progress;
use super::trouble::Trouble;
use crate::audit::{Policy, Series};
use crate::hosting::Hosting;
use crate::interrupt::Interrupt;
use crate::output::{Output, OutputError};
use crate::report::{Report, Settings};
use crate::zonefile::Position;

impl Desk<'_> {
    /// Gives what was said since this was last asked for.
    pub(super) fn take_told(&mut self) -> Told {
        let Some(pages) = &mut self.pages else { return Told::default() };
        Told {
            text: std::mem::take(&mut *pages.written.borrow_mut()),
            each: std::mem::take(&mut pages.each),
        }
    }

    /// Reports what another desk said.
    ///
    /// # Errors
    ///
    /// The report cannot be written.
    pub(super) fn tell(&mut self, told: Told) -> Result<(), Trouble> {
        let Told { text, each } = told;
        let mut start = 0;
        for One { end, entry, share, line } in each {
            if self.to_terminal {
                self.progress.clear();
            }
            let said = text.get(start..end).unwrap_or_default();
            let written = self.report.retell(said, share, &mut self.output);
            self.note(written, entry.as_deref())?;
            self.progress.judge(share.map(|share| share.verdict), line);
            start = end;
        }
        Ok(())
    }
}

/// What a run is, for each thread that judges in it.
pub(super) struct Run<'a> {
    args: &'a AuditArgs,
    hosting: &'a Hosting,
    policy: &'a Policy,
    settings: Settings,
    /// Where the zone data is wrong that could not be read, by what it is called.
    broken: HashMap<String, Position>,
    /// Whether a journal is kept of each domain.
    is_journalled: bool,
}

impl<'a> Run<'a> {
    /// That of the desk where the report is written.
    pub(super) fn of(desk: &Desk<'a>) -> Self {
        Self {
            args: desk.args,
            hosting: desk.hosting,
            policy: desk.policy,
            settings: desk.settings.clone(),
            broken: desk.broken.clone(),
            is_journalled: desk.output.is_journalled(),
        }
    }

    /// Works at a desk of a thread's own, from which the other one is told.
    ///
    /// # Errors
    ///
    /// Those of the work.
    pub(super) fn at_desk(
        &self,
        work: impl FnOnce(&mut Desk<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let series = Series::new(self.hosting, self.policy);
        let series = if self.args.quick { series.for_errors() } else { series };
        let (mut text, mut nobody) = (Text::default(), sink());
        let report = Report::begin(self.args.format, self.settings.clone(), &mut sink());
        let mut report = report.map_err(OutputError::Stdout)?;
        report.select(selection(&self.args.only));
        let pages =
            Pages { is_journalled: self.is_journalled, written: text.0.clone(), each: Vec::new() };
        let interrupt = Interrupt::default();
        let mut desk = Desk {
            args: self.args,
            hosting: self.hosting,
            policy: self.policy,
            settings: self.settings.clone(),
            series: &series,
            output: Output::open(None, &mut text, &interrupt)?,
            layouts: Desk::layouts(self.args, &report),
            report,
            progress: Progress::new(&mut nobody, true, false),
            network: None,
            to_terminal: false,
            interrupt: &interrupt,
            broken: self.broken.clone(),
            unfinished: 0,
            many: true,
            command: String::new(),
            web: None,
            pages: Some(pages),
        };
        work(&mut desk)
    }
}

/// A text that is looked at while it is written.
#[derive(Default)]
struct Text(Rc<RefCell<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
