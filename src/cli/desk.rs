//! Where the results of an audit arrive one by one, and are judged and reported.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread::available_parallelism;

use hickory_proto::rr::{Name, RecordType};

use super::audit_args::AuditArgs;
use super::domains::{Drafted, STDIN};
use super::events::Event;
use super::pages::{One, Pages};
use super::progress::Progress;
use super::resume;
use super::silence;
use super::subject_args::SubjectArgs;
use super::trouble::Trouble;
use super::untaken::Untaken;
use super::web_folder::WebFolder;
use crate::audit::{Affects, Audit, Candidate, Passed, Policy, Series, Verdict, seek_associations};
use crate::hosting::Hosting;
use crate::inquiry::{Inquiry, Views};
use crate::interrupt::Interrupt;
use crate::list::Listed;
use crate::lookup::Lookup;
use crate::lookup::resolver::Network;
use crate::name::{MailDomain, path_text};
use crate::output::{Output, OutputError};
use crate::plan::RecordPlan;
use crate::report::{
    BaselineError, Format, Forms, Item, Layouts, Outlook, Places, Report, Sample, Settings, Tally,
};
use crate::survey::{Bounds, Order};
use crate::words::counted;
use crate::zonefile::Position;

/// How many domains are asked about at one time where nothing else is said: so many that those of
/// which an answer is late keep nobody busy, and where each takes a future and more for itself.
const AT_ONCE: usize = 256;
const FEW_AT_ONCE: usize = 16;

/// Where results arrive one by one.
pub(super) struct Desk<'a> {
    pub(super) args: &'a AuditArgs,
    pub(super) hosting: &'a Hosting,
    pub(super) policy: &'a Policy,
    pub(super) settings: Settings,
    /// Plans and judges by the profile and the severities of the command line.
    pub(super) series: &'a Series<'a>,
    pub(super) output: Output<'a>,
    pub(super) report: Report,
    pub(super) progress: Progress<'a>,
    /// What is known of the servers that are asked, where any are.
    pub(super) network: Option<Network>,
    /// Whether results go to a terminal, which the line of progress may stand on.
    pub(super) to_terminal: bool,
    pub(super) interrupt: &'a Interrupt,
    /// Where the zone data is wrong that could not be read, by what it is called.
    pub(super) broken: HashMap<String, Position>,
    /// The domains that were asked about when the run ended early.
    pub(super) unfinished: usize,
    /// Whether there may be more domains than one.
    pub(super) many: bool,
    /// How domains read that are alike, where that may be known beforehand.
    pub(super) layouts: Option<Rc<RefCell<Layouts>>>,
    /// The command that goes on with the run.
    pub(super) command: String,
    /// Where it is kept what is said of each domain, where another desk takes it.
    pub(super) pages: Option<Pages>,
    /// What the web serves, where clients are foretold.
    pub(super) web: Option<WebFolder>,
}

/// What was foretold of the clients of a domain.
#[derive(Default)]
pub(super) struct Foretold {
    /// What the remedy of each finding does to them, where it has one.
    pub(super) affects: Vec<Option<Affects>>,
    pub(super) outlook: Option<Outlook>,
}

impl Desk<'_> {
    /// How much is done at one time. Without a network all goes in order: the same input gives the same
    /// report. It takes as long as it takes, but for servers that are visited.
    pub(super) fn bounds(&self, lookup: &impl Lookup) -> Bounds {
        let args = &self.args.ask.manners;
        let usual = if lookup.takes_post() { AT_ONCE } else { FEW_AT_ONCE };
        let concurrency = args.concurrency.map_or(usual, |it| it as usize);
        if self.network.is_none() {
            let is_live = self.args.probe && self.args.ask.replay.is_none();
            let deadline = is_live.then(|| args.deadline());
            return Bounds { deadline, ..Bounds::concurrency(concurrency) };
        }
        let order = if args.ordered { Order::Input } else { Order::Overtaking };
        Bounds { concurrency, deadline: Some(args.deadline()), order }
    }

    /// Whether what comes of a domain is enough where it is known without asking.
    pub(super) fn may_foretell(&self) -> bool {
        !self.args.probe
            && !self.args.forecast
            && !self.report.needs_states()
            && self.args.forms.unwrap_or_default() == Forms::None
    }

    /// Where it is kept how domains read that are alike, if the report takes that. While a verdict is
    /// waited for, each domain is asked about, and of each its clients are foretold.
    pub(super) fn layouts(args: &AuditArgs, report: &Report) -> Option<Rc<RefCell<Layouts>>> {
        let is_each_alone = args.wait.is_some() || args.probe || args.forecast;
        (report.takes_layouts() && !is_each_alone).then(Rc::default)
    }

    /// Begins the inquiry about a domain; None of what cannot be planned.
    pub(super) fn begin(
        series: &Series<'_>,
        args: &AuditArgs,
        work: &Drafted<Candidate>,
    ) -> Option<Inquiry> {
        let (_, candidate) = work.as_ref().ok()?;
        let mut inquiry = series.inquire(candidate.as_ref().ok()?).ok()?;
        args.forms.unwrap_or_default().seek(&mut inquiry);
        if let Some(plan) = Self::planned(series, work).filter(|_| args.probe) {
            seek_associations(plan, &mut inquiry);
        }
        Some(inquiry)
    }

    /// The plan of a domain; None of what cannot be planned.
    pub(super) fn planned<'b>(
        series: &Series<'_>,
        work: &'b Drafted<Candidate>,
    ) -> Option<&'b RecordPlan> {
        let (_, candidate) = work.as_ref().ok()?;
        series.plan(candidate.as_ref().ok()?).ok()
    }

    /// Judges what was observed; None of what cannot be planned.
    pub(super) fn judge(&self, work: &Drafted<Candidate>, views: &Views) -> Option<Audit> {
        let (_, candidate) = work.as_ref().ok()?;
        self.series.judge(candidate.as_ref().ok()?, views).ok()
    }

    /// Judges what was observed and reports it at once: whoever reads along need not wait for more.
    ///
    /// # Errors
    ///
    /// The report cannot be written, or the input cannot be read on.
    pub(super) fn take(
        &mut self,
        work: Drafted<Candidate>,
        views: Option<&Views>,
        position: impl Fn(&Name, RecordType) -> Option<Position>,
    ) -> Result<(), Trouble> {
        self.take_foretold(work, views, None, position)
    }

    /// Does what [`take`](Self::take) does, of a domain whose clients were foretold.
    ///
    /// # Errors
    ///
    /// As those of `take`.
    pub(super) fn take_foretold(
        &mut self,
        work: Drafted<Candidate>,
        views: Option<&Views>,
        foretold: Option<Foretold>,
        position: impl Fn(&Name, RecordType) -> Option<Position>,
    ) -> Result<(), Trouble> {
        let (listed, candidate) = work?;
        let key = self.is_journalled().then(|| resume::key(&listed));
        let Listed { line, typed, .. } = listed;
        if self.to_terminal {
            self.progress.clear();
        }
        let judged = match (&candidate, views) {
            // Every plan has an inquiry but where what comes of it is known, and every inquiry ends.
            (Ok(candidate), None) => Ok((None, None, candidate.foretold().cloned())),
            (Ok(candidate), Some(views)) => {
                let otherwise = || self.place(line, &typed);
                let judged = self.conclude(candidate, views, &position, &otherwise);
                judged.map(|audit| (candidate.planned(), Some(views.best()), audit))
            }
            (Err(error), _) => Err(error.clone()),
        };
        let (mut audit, place, outlook);
        let item = match judged {
            Ok((plan, observed, Some(judged))) => {
                audit = judged;
                // Of one that passes like others there is nothing to look for.
                if plan.is_some() {
                    audit.locate(&position);
                    let otherwise = self.place(line, &typed);
                    if audit.place.is_none() {
                        audit.place.clone_from(&otherwise);
                    }
                    let places = Places { position: &position, otherwise: otherwise.as_ref() };
                    if let (Ok(candidate), Some(observed)) = (&candidate, observed) {
                        let sample = Sample { candidate, observed, audit: &audit };
                        self.learn(sample, places)?;
                    }
                }
                let Foretold { affects, outlook: foretold } = foretold.unwrap_or_default();
                for (finding, affects) in audit.findings.iter_mut().zip(affects) {
                    finding.affects = affects;
                }
                outlook = foretold;
                Item::Judged { plan, observed, audit: &audit, outlook: outlook.as_ref() }
            }
            // It reads like others.
            Ok((_, _, None)) => {
                let (Some(layouts), Ok(candidate)) = (self.layouts.clone(), &candidate) else {
                    return Ok(());
                };
                let mut layouts = layouts.borrow_mut();
                let filled = layouts.report(candidate, &mut self.report, &mut self.output);
                let called = candidate.domain().as_str();
                return self.taken(filled, key.as_deref(), called, line);
            }
            Err(ref error) => {
                place = self.place(line, &typed);
                Item::Broken { line, place: place.as_ref(), typed: &typed, error }
            }
        };
        let called = match (&key, item) {
            (Some(key), Item::Judged { .. }) => key,
            _ => &typed,
        };
        let reported = self.report.item(item, &mut self.output);
        self.taken(reported, key.as_deref(), called, line)
    }

    /// Reports a mail domain that passes like others; false where it is not known how those read.
    ///
    /// # Errors
    ///
    /// The report cannot be written.
    pub(super) fn take_passed(
        &mut self,
        domain: &MailDomain,
        passed: &Passed,
        line: Option<u64>,
    ) -> Result<bool, Trouble> {
        let Some(layouts) = self.layouts.clone() else { return Ok(false) };
        if self.to_terminal {
            self.progress.clear();
        }
        let mut layouts = layouts.borrow_mut();
        let (report, output) = (&mut self.report, &mut self.output);
        let reported = layouts.report_passed(domain, passed, report, output);
        if matches!(reported, Ok(false)) {
            return Ok(false);
        }
        let key = self.is_journalled().then_some(domain.as_str());
        self.taken(reported.map(drop), key, domain.as_str(), line)?;
        Ok(true)
    }

    /// Whether a journal is kept of each domain, here or where it is taken.
    fn is_journalled(&self) -> bool {
        match &self.pages {
            Some(pages) => pages.is_journalled,
            None => self.output.is_journalled(),
        }
    }

    /// Judges what was observed of a candidate; None where it reads like others.
    fn conclude(
        &self,
        candidate: &Candidate,
        views: &Views,
        position: &dyn Fn(&Name, RecordType) -> Option<Position>,
        otherwise: &dyn Fn() -> Option<Position>,
    ) -> Result<Option<Audit>, String> {
        let fits = |candidate: &Candidate| {
            let otherwise = otherwise();
            let places = Places { position, otherwise: otherwise.as_ref() };
            self.layouts.as_ref().is_some_and(|all| all.borrow().fit(candidate, places))
        };
        let fits = self.layouts.is_some().then_some(&fits as &dyn Fn(&Candidate) -> bool);
        let judged = match self.may_foretell() {
            true => self.series.conclude_unless(candidate, views, fits),
            false if self.report.needs_states() => self.series.judge(candidate, views).map(Some),
            false => self.series.conclude(candidate, views).map(Some),
        };
        judged.map_err(|refusal| refusal.to_string())
    }

    /// Learns how a domain reads that was judged by itself.
    fn learn(&mut self, sample: Sample<'_>, places: Places<'_>) -> Result<(), Trouble> {
        let Some(layouts) = self.layouts.as_ref().filter(|_| self.may_foretell()) else {
            return Ok(());
        };
        let learnt = layouts.borrow_mut().learn(sample, self.series, &mut self.report, places);
        learnt.map_err(|error| unreported(error, self.args, &self.output))
    }

    /// Takes note of a domain that was reported.
    fn taken(
        &mut self,
        reported: io::Result<()>,
        key: Option<&str>,
        called: &str,
        line: Option<u64>,
    ) -> Result<(), Trouble> {
        let share = self.report.last();
        let entry = key.zip(share).map(|(key, share)| resume::entry(key, called, share));
        if let Some(pages) = &mut self.pages {
            let end = pages.written.borrow().len();
            pages.each.push(One { end, entry, share, line });
            return reported.map_err(|error| unreported(error, self.args, &self.output));
        }
        self.note(reported, entry.as_deref())?;
        self.report.notes().iter().for_each(|note| self.progress.note(note));
        self.progress.judge(share.map(|share| share.verdict), line);
        Ok(())
    }

    /// Takes note in the journal of a domain that was reported.
    pub(super) fn note(
        &mut self,
        reported: io::Result<()>,
        entry: Option<&str>,
    ) -> Result<(), Trouble> {
        let noted = reported.and_then(|()| match entry {
            Some(entry) => self.output.note(entry),
            None => Ok(()),
        });
        let shown = noted.and_then(|()| self.output.show());
        shown.map_err(|error| unreported(error, self.args, &self.output))
    }

    /// How many threads may judge: one where results depend on others, or come from others.
    pub(super) fn threads(&self) -> usize {
        let usual = || available_parallelism().map_or(1, NonZero::get);
        let jobs = self.args.jobs;
        if self.may_be_parted() { jobs.map_or_else(usual, |jobs| jobs as usize) } else { 1 }
    }

    /// Whether several threads may judge.
    pub(super) fn may_be_parted(&self) -> bool {
        let args = self.args;
        let is_plain = args.wait.is_none() && args.record.is_none() && !args.probe;
        is_plain && !args.forecast && self.many && self.report.takes_layouts()
    }

    /// Where a reader of files is to look for what no zone has: what is wrong in a
    /// zone file, the line of the list, the zone file that is broken, else the first of them, else
    /// the profile.
    fn place(&self, line: Option<u64>, typed: &str) -> Option<Position> {
        if let Some(position) = self.broken.get(typed) {
            return Some(position.clone());
        }
        let subjects = &self.args.subjects;
        let list = line.and_then(|line| Some((list_of(subjects)?, line)));
        let (zones, own) = (&self.args.ask.zones.zone, Path::new(typed));
        let own = zones.iter().any(|zone| own.starts_with(zone)).then_some(own);
        let first = || zones.first().or(subjects.profile.as_ref()).map(PathBuf::as_path);
        let (path, line) = list.or_else(|| own.or_else(first).map(|path| (path, 1)))?;
        Some(Position { file: path.display().to_string().into(), line, column: 1 })
    }

    /// Ends the report of a run that came to its end or not, and says what is done.
    ///
    /// # Errors
    ///
    /// What ended the run early, or why the report could not be written.
    pub(super) fn end(
        self,
        ended: Result<(), Trouble>,
        untaken: &Untaken,
    ) -> Result<Tally, Trouble> {
        let Self {
            mut output,
            mut report,
            mut progress,
            network,
            unfinished,
            to_terminal,
            args,
            many,
            command,
            ..
        } = self;
        progress.clear();
        if ended.is_err() {
            report.end_early();
        }
        // Of trouble the one line of a plugin is the trouble, which is told last.
        let is_told_last = matches!(&ended, Err(trouble) if !trouble.is_interrupt())
            && args.format == Format::NAGIOS
            && args.subjects.output.is_none();
        let closed = if is_told_last { Ok(()) } else { report.close(&mut output) };
        let closed = closed.map_err(|error| unreported(error, args, &output));
        let ended = ended.and(closed);
        if ended.as_ref().is_err_and(Trouble::is_broken_pipe) {
            return ended.map(|()| Tally::default());
        }
        report.notes().iter().for_each(|note| progress.note(note));
        let tally = report.tally().clone();
        let some = tally.count() > 0;
        let is_journalled = output.is_journalled();
        let kept = match &ended {
            Ok(()) => output.finish().map(|()| None),
            // That a pipe takes nothing is told once.
            Err(Trouble::Output(_)) if some => output.keep_file(),
            Err(_) if some => output.keep(),
            Err(_) => output.discard().map(|()| None),
        };
        progress.tell(&Event::Finished {
            domains: tally.count(),
            verdicts: Verdict::ALL.into_iter().map(|it| (it.text(), tally.of(it))).collect(),
            whole: ended.is_ok(),
        });
        untaken.note(&mut progress);
        for note in network.iter().flat_map(|network| silence::notes(&network.standings())) {
            progress.note(&note);
        }
        // The text of a list ends with it, before the same eyes.
        let closes = tally.count() > 1 || ended.is_err();
        let is_seen = to_terminal && args.format == Format::TEXT && closes;
        let is_told = many && ended.is_ok() || some && ended.is_err();
        if is_told && !(is_seen && args.fix.is_none()) {
            let shard = args.subjects.shard.map(|shard| format!("shard {shard}: "));
            progress.note(&format!("{}{tally}", shard.unwrap_or_default()));
        }
        if unfinished > 0 {
            let were = if unfinished == 1 { "was" } else { "were" };
            let domains = counted(unfinished, "domain");
            progress.note(&format!("{domains} {were} begun and not finished"));
        }
        match (ended, kept) {
            (Ok(()), kept) => kept.map(|_whole| tally).map_err(Trouble::from),
            (Err(trouble), kept) => {
                let command = Some(command).filter(|_| is_journalled);
                tell_kept(kept, command.as_deref(), &mut progress);
                Err(trouble)
            }
        }
    }
}

/// Says where the report is of a run that ended early, and with which command it can be gone on with.
fn tell_kept(
    kept: Result<Option<PathBuf>, OutputError>,
    command: Option<&str>,
    progress: &mut Progress<'_>,
) {
    match kept {
        Ok(Some(path)) => {
            let so_far = format!("the report so far is in {}", path_text(&path));
            progress.say(&match command {
                Some(command) => format!("{so_far}; to go on:\n  {command}"),
                None => so_far,
            });
        }
        Ok(None) => {}
        Err(error) => progress.say(&Trouble::from(error).to_string()),
    }
}

/// Why the report does not go on: it cannot be written, or the earlier one cannot be read again.
fn unreported(error: io::Error, args: &AuditArgs, output: &Output<'_>) -> Trouble {
    match (error.downcast::<BaselineError>(), &args.baseline) {
        (Ok(error), Some(path)) => {
            Trouble::Input { file: path_text(path), problem: error.to_string() }
        }
        (Ok(error), None) => output.failed(error.into()).into(),
        (Err(error), _) => output.failed(error).into(),
    }
}

/// The file that lines are numbered in: the list, where standard input is not read as well.
pub(super) fn list_of(args: &SubjectArgs) -> Option<&Path> {
    let list = args.input.as_deref().filter(|path| path.as_os_str() != STDIN);
    list.filter(|_| !args.domains.iter().any(|typed| typed == STDIN))
}
