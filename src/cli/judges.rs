//! Zones at hand, judged by several threads: nobody is waited for, so each has a part of the domains
//! to itself. What they say is put together in the order of the input, as one thread would have it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write, sink};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::audit_args::{AuditArgs, selection};
use super::desk::{Desk, Pages, Told};
use super::domains::Drafted;
use super::progress::Progress;
use super::questions::{candidates, survey};
use super::servers::unresolved;
use super::trouble::Trouble;
use crate::audit::{Policy, Series};
use crate::hosting::Hosting;
use crate::interrupt::Interrupt;
use crate::lookup::Lookup;
use crate::output::{Output, OutputError};
use crate::report::{Report, Settings};
use crate::zonefile::Position;

/// The domains that a thread judges at a time.
const PART: usize = 512;

/// The parts that a thread has at one time, those included that are judged and not taken.
const PARTS: usize = 2;

/// How soon it is looked again whether a signal came.
const TICK: Duration = Duration::from_millis(50);

/// A part of the domains; none of them is the end of the input.
type Part = Vec<Drafted<()>>;

/// What a run is, for each who judges in it.
struct Run<'a> {
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
    fn of(desk: &Desk<'a>) -> Self {
        Self {
            args: desk.args,
            hosting: desk.hosting,
            policy: desk.policy,
            settings: desk.settings.clone(),
            broken: desk.broken.clone(),
            is_journalled: desk.output.is_journalled(),
        }
    }
}

/// A thread that judges.
struct Judge {
    give: SyncSender<Part>,
    told: Receiver<Result<Told, Trouble>>,
}

/// Judges all domains by so many threads and reports them.
///
/// # Errors
///
/// As those of a run by one thread: a signal came, the report cannot be written, or the input cannot
/// be read on.
pub(super) fn judge<L: Lookup + Sync>(
    lookup: &L,
    works: impl Iterator<Item = Drafted<()>>,
    desk: &mut Desk<'_>,
    threads: usize,
) -> Result<(), Trouble> {
    let run = Run::of(desk);
    thread::scope(|scope| {
        let run = &run;
        let judges = (0..threads.max(1)).map(|_| {
            let (give, given) = sync_channel(PARTS);
            let (tell, told) = sync_channel(PARTS);
            scope.spawn(move || {
                // Whoever gave the parts does not listen any more.
                if let Err(trouble) = serve(run, lookup, given, &tell) {
                    let _unheard = tell.send(Err(trouble));
                }
            });
            Judge { give, told }
        });
        hand_out(works, &judges.collect::<Vec<_>>(), desk)
    })
}

/// Gives parts to one judge after the other, and takes what they say in the same order.
fn hand_out(
    mut works: impl Iterator<Item = Drafted<()>>,
    judges: &[Judge],
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let (mut given, mut taken, mut ended) = (0, 0, None);
    loop {
        while ended.is_none() && given - taken < judges.len() * PARTS {
            let mut part = Part::with_capacity(PART);
            while part.len() < PART && ended.is_none() {
                match works.next() {
                    Some(Ok(work)) => part.push(Ok(work)),
                    Some(Err(trouble)) => ended = Some(Err(trouble)),
                    None => ended = Some(Ok(())),
                }
            }
            if judges[given % judges.len()].give.send(part).is_err() {
                break;
            }
            given += 1;
        }
        if given == taken {
            return ended.unwrap_or(Ok(()));
        }
        match judges[taken % judges.len()].told.recv_timeout(TICK) {
            Ok(told) => {
                taken += 1;
                desk.tell(told?)?;
            }
            Err(RecvTimeoutError::Timeout) => desk.progress.show(),
            // It panicked, which the scope goes on with.
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        // What was given is judged to its end, which is soon.
        if let (None, Err(interrupted)) = (&ended, desk.interrupt.check()) {
            ended = Some(Err(interrupted.into()));
        }
    }
}

/// Judges parts as long as there are any.
fn serve<L: Lookup>(
    run: &Run<'_>,
    lookup: &L,
    parts: Receiver<Part>,
    tell: &SyncSender<Result<Told, Trouble>>,
) -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unresolved(&error))?;
    let series = Series::new(run.hosting, run.policy);
    let series = if run.args.quick { series.for_errors() } else { series };
    let (mut text, mut nobody) = (Text::default(), sink());
    let report = Report::begin(run.args.format, run.settings.clone(), &mut sink());
    let mut report = report.map_err(OutputError::Stdout)?;
    report.select(selection(&run.args.only));
    let pages =
        Pages { is_journalled: run.is_journalled, written: text.0.clone(), each: Vec::new() };
    let interrupt = Interrupt::default();
    let mut desk = Desk {
        args: run.args,
        hosting: run.hosting,
        policy: run.policy,
        settings: run.settings.clone(),
        series: &series,
        output: Output::open(None, &mut text, &interrupt)?,
        layouts: Desk::layouts(run.args, &report),
        report,
        progress: Progress::new(&mut nobody, true, false),
        network: None,
        to_terminal: false,
        interrupt: &interrupt,
        broken: run.broken.clone(),
        unfinished: 0,
        many: true,
        command: String::new(),
        pages: Some(pages),
    };
    for part in parts {
        let works = candidates(part.into_iter(), &series);
        runtime.block_on(survey(lookup, works, &mut desk, &(), || false))?;
        if tell.send(Ok(desk.take_told())).is_err() {
            break;
        }
    }
    Ok(())
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
