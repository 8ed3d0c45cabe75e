//! Zones at hand, judged by several threads: nobody is waited for, so each has a part of the domains
//! to itself. What they say is put together in the order of the input, as one thread would have it.

use std::io;
use std::iter::once;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::desk::Desk;
use super::domains::Drafted;
use super::pages::Told;
use super::servers::unresolved;
use super::short::judge_each;
use super::threads::Run;
use super::trouble::Trouble;
use crate::lookup::Lookup;

/// The domains that a thread judges at a time.
const PART: usize = 512;

/// The parts that a thread has at one time, those included that are judged and not taken.
const PARTS: usize = 2;

/// How soon it is looked again whether a signal came.
const TICK: Duration = Duration::from_millis(50);

/// A part of the domains; none of them is the end of the input.
type Part = Vec<Drafted<()>>;

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
    let new_runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    if threads <= 1 {
        let runtime = new_runtime().map_err(|error| unresolved(&error))?;
        return judge_each(once(works), lookup, &runtime, desk, |_| true);
    }
    let run = Run::of(desk);
    thread::scope(|scope| {
        let run = &run;
        let begin = || {
            let runtime = new_runtime()?;
            let (give, given) = sync_channel(PARTS);
            let (tell, told) = sync_channel(PARTS);
            let serve = move || {
                // Whoever gave the parts does not listen any more.
                if let Err(trouble) = serve(run, lookup, &runtime, given, &tell) {
                    let _unheard = tell.send(Err(trouble));
                }
            };
            thread::Builder::new().spawn_scoped(scope, serve)?;
            Ok::<_, io::Error>(Judge { give, told })
        };
        let mut judges = Vec::new();
        for _ in 0..threads.max(1) {
            match begin() {
                Ok(judge) => judges.push(judge),
                Err(error) if judges.is_empty() => return Err(unresolved(&error)),
                // Those that did can go on.
                Err(_limit) => break,
            }
        }
        hand_out(works, &judges, desk)
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
    runtime: &Runtime,
    parts: Receiver<Part>,
    tell: &SyncSender<Result<Told, Trouble>>,
) -> Result<(), Trouble> {
    run.at_desk(|desk| {
        judge_each(parts, lookup, runtime, desk, |desk| tell.send(Ok(desk.take_told())).is_ok())
    })
}
