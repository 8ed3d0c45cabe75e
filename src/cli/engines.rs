//! Servers, asked by several threads: each is a whole engine, with sockets of its own, and the domains
//! go to whichever has fewest. What they say is put together at the desk where the report is written.
//!
//! Nobody waits for a thread but whoever has nothing else to do: the threads take domains as they come
//! and say at once what came of them, and no more is given to one than it has room for.

use std::future::pending;
use std::io;
use std::mem;
use std::pin::pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, Scope};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::cut::Cut;
use super::desk::Desk;
use super::domains::Drafted;
use super::pages::Told;
use super::questions::{GRACE, Opening, candidate};
use super::servers::unresolved;
use super::threads::Run;
use super::trouble::Trouble;
use crate::audit::Candidate;
use crate::lookup::Lookup;
use crate::lookup::once::Once;
use crate::lookup::resolver::Resolver;
use crate::survey::{self, Bounds, Line, Order};

/// The domains that are handed to a thread at a time.
const PART: usize = 8;

/// The domains that a thread has at one time beside those that it may ask about. One more thread begins
/// when those that did have so many each: a short list is asked about by one.
const AHEAD: usize = 64;

/// The domains that a thread may ask about at one time at least, where there are several.
const LEAST: usize = 32;

/// What is said at one time at most, and how long it waits at most for more: to wake another thread
/// costs as much as a question.
const TOGETHER: usize = 64;
const HASTE: Duration = Duration::from_millis(5);

/// How soon it is looked again whether a signal came.
const TICK: Duration = Duration::from_millis(50);

/// A domain, with its place in the input.
type Placed<T> = (u64, Drafted<T>);

/// How the threads are to go on, which is at once at an end where nobody calls any more.
#[derive(Debug, Clone, Copy)]
enum Call {
    Ask,
    /// Begin nothing; what is under way has a time to end.
    End,
}

/// What a thread says.
enum Said {
    /// What came of the domains at these places, and what is to be noted beside it.
    Told { places: Vec<u64>, told: Told, notes: Vec<String> },
    /// It cannot go on.
    Failed(Trouble),
    /// It says no more, and has not finished so many.
    Ended { unfinished: usize },
}

/// Where a thread says something; that it ended, whatever ends it.
struct Mouth {
    number: usize,
    tell: Sender<(usize, Said)>,
    unfinished: usize,
}

impl Mouth {
    /// Says something, and whether anybody listens.
    fn say(&self, said: Said) -> bool {
        self.tell.send((self.number, said)).is_ok()
    }
}

impl Drop for Mouth {
    fn drop(&mut self) {
        self.say(Said::Ended { unfinished: self.unfinished });
    }
}

/// What all threads need.
struct Plant<'a> {
    run: Run<'a>,
    cut: Cut,
    resolver: Resolver,
    memory: Once<()>,
    /// Those of each thread.
    bounds: Bounds,
}

/// A thread that asks, and how many domains it has.
struct Engine {
    give: Option<UnboundedSender<Vec<Placed<()>>>>,
    has: usize,
    ended: bool,
}

/// Those that have begun.
struct Engines<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    plant: &'env Plant<'env>,
    begun: Vec<Engine>,
    /// How many there may be.
    most: usize,
    call: watch::Sender<Call>,
    tell: Sender<(usize, Said)>,
    heard: Receiver<(usize, Said)>,
}

/// Asks the servers of a resolver about all domains, by so many threads at most, and reports them.
///
/// # Errors
///
/// As those of a run by one thread: a signal came, the report cannot be written, or the input cannot
/// be read on.
pub(super) fn ask(
    resolver: Resolver,
    works: impl Iterator<Item = Drafted<()>>,
    desk: &mut Desk<'_>,
    threads: usize,
) -> Result<(), Trouble> {
    let all = desk.bounds(&resolver);
    let concurrency = (all.concurrency / threads.max(1)).max(1);
    let plant = Plant {
        run: Run::of(desk),
        cut: Cut::of(desk),
        resolver,
        memory: Once::new(()),
        bounds: Bounds { concurrency, order: Order::Finished, ..all },
    };
    let ended = thread::scope(|scope| {
        let (tell, heard) = mpsc::channel();
        let (call, begun) = (watch::Sender::new(Call::Ask), Vec::new());
        let engines = Engines { scope, plant: &plant, begun, most: threads, call, tell, heard };
        engines.hand_out(works, all, desk)
    });
    if !matches!(ended, Err(Trouble::Output(_))) {
        desk.progress.note_any(plant.cut.close());
    }
    ended
}

/// How many threads may ask, of those that are wanted.
pub(super) fn threads(resolver: &Resolver, wanted: usize, desk: &Desk<'_>) -> usize {
    let concurrency = desk.bounds(resolver).concurrency;
    resolver.threads(wanted.min(concurrency / LEAST)).max(1)
}

impl Engines<'_, '_> {
    /// Hands out all domains, and reports what is said of them in its order.
    fn hand_out(
        mut self,
        mut works: impl Iterator<Item = Drafted<()>>,
        all: Bounds,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let mut line = Line::new(all.order, all.concurrency);
        let (mut place, mut ended, mut is_called) = (0, None, false);
        loop {
            // Nobody is given any more once one panicked.
            let next = match ended.is_none() && self.most > 0 && line.bears_more(place) {
                true => self.next()?,
                false => None,
            };
            if let Some(next) = next {
                ended = self.give(next, &mut works, &mut place);
            }
            if self.begun.iter().all(|engine| engine.ended) {
                break;
            }
            let patience = if next.is_some() { Duration::ZERO } else { TICK };
            if self.hear(patience, &mut line, desk)? {
                while let Some(told) = line.take() {
                    desk.tell(told)?;
                }
            }
            if let (false, Err(interrupted)) = (is_called, desk.interrupt.check()) {
                is_called = true;
                ended = Some(Err(interrupted.into()));
                self.end();
            }
        }
        // What is known at an early end is reported, though it waited for what came before it.
        for told in line.rest() {
            if all.order == Order::Input && desk.output.is_journalled() {
                // Whoever goes on with the report keeps the order, too.
                desk.unfinished += 1;
            } else {
                desk.tell(told)?;
            }
        }
        ended.unwrap_or(Ok(()))
    }

    /// The thread that has fewest, if it has room; one more, where that is wanted.
    fn next(&mut self) -> Result<Option<usize>, Trouble> {
        let room = self.plant.bounds.concurrency + AHEAD;
        // No thread has domains that wait while another could begin them.
        let enough = AHEAD.min(self.plant.bounds.concurrency);
        let few = |engine: &Engine| engine.has + PART <= enough;
        if self.begun.len() < self.most && !self.begun.iter().any(few) {
            self.begin()?;
        }
        let all = self.begun.iter().enumerate();
        let fewest = all.filter(|(_, engine)| !engine.ended).min_by_key(|(_, engine)| engine.has);
        Ok(fewest.filter(|(_, engine)| engine.has + PART <= room).map(|(number, _)| number))
    }

    /// Begins one more, where the system lets it.
    fn begin(&mut self) -> Result<(), Trouble> {
        match self.try_begin() {
            Ok(engine) => self.begun.push(engine),
            Err(error) if self.begun.is_empty() => return Err(unresolved(&error)),
            // Those that did can go on.
            Err(_limit) => self.most = self.begun.len(),
        }
        Ok(())
    }

    fn try_begin(&self) -> io::Result<Engine> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (give, given) = unbounded_channel();
        let (plant, call) = (self.plant, self.call.subscribe());
        let lookup = plant.memory.beside(plant.resolver.beside());
        let (number, tell) = (self.begun.len(), self.tell.clone());
        let mut mouth = Mouth { number, tell, unfinished: 0 };
        let serve = move || {
            if let Err(trouble) = serve(plant, &runtime, &lookup, (given, call), &mut mouth) {
                mouth.say(Said::Failed(trouble));
            }
        };
        thread::Builder::new().spawn_scoped(self.scope, serve)?;
        Ok(Engine { give: Some(give), has: 0, ended: false })
    }

    /// Gives a thread the next domains; says how the input ended, where it did.
    fn give(
        &mut self,
        next: usize,
        works: &mut impl Iterator<Item = Drafted<()>>,
        place: &mut u64,
    ) -> Option<Result<(), Trouble>> {
        let (mut part, mut ended) = (Vec::with_capacity(PART), None);
        while part.len() < PART && ended.is_none() {
            match works.next() {
                Some(Ok(work)) => {
                    part.push((*place, Ok(work)));
                    *place += 1;
                }
                Some(Err(trouble)) => ended = Some(Err(trouble)),
                None => ended = Some(Ok(())),
            }
        }
        let engine = &mut self.begun[next];
        engine.has += part.len();
        // One that panicked says that it ended.
        let _unheard = engine.give.as_ref().map(|give| give.send(part));
        if ended.is_some() {
            self.close();
        }
        ended
    }

    /// Gives no more to anybody.
    fn close(&mut self) {
        self.begun.iter_mut().for_each(|engine| engine.give = None);
    }

    /// Calls to all to end soon.
    fn end(&mut self) {
        self.close();
        self.call.send_replace(Call::End);
    }

    /// Hears what the threads say, and waits for that if need be. Says whether there was anything.
    fn hear(
        &mut self,
        patience: Duration,
        line: &mut Line<Told>,
        desk: &mut Desk<'_>,
    ) -> Result<bool, Trouble> {
        let (number, said) = match self.heard.recv_timeout(patience) {
            Ok(heard) => heard,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                desk.progress.show();
                return Ok(false);
            }
        };
        // One that could not begin says that it ended.
        let Some(engine) = self.begun.get_mut(number) else { return Ok(true) };
        match said {
            Said::Told { places, told, notes } => {
                engine.has = engine.has.saturating_sub(places.len());
                desk.progress.note_any(notes);
                for (place, told) in places.into_iter().zip(told.apart()) {
                    line.put(place, told);
                }
            }
            Said::Failed(trouble) => return Err(trouble),
            Said::Ended { unfinished } => {
                engine.ended = true;
                desk.unfinished += unfinished;
                if engine.give.is_some() {
                    // It panicked, which the scope goes on with.
                    self.most = 0;
                    self.end();
                }
            }
        }
        Ok(true)
    }
}

/// Asks about what is given until no more is, or until that is called to an end.
fn serve<L: Lookup>(
    plant: &Plant<'_>,
    runtime: &Runtime,
    lookup: &L,
    orders: (UnboundedReceiver<Vec<Placed<()>>>, watch::Receiver<Call>),
    mouth: &mut Mouth,
) -> Result<(), Trouble> {
    plant.run.at_desk(|desk| runtime.block_on(ask_on(plant, lookup, orders, mouth, desk)))
}

async fn ask_on<L: Lookup>(
    plant: &Plant<'_>,
    lookup: &L,
    orders: (UnboundedReceiver<Vec<Placed<()>>>, watch::Receiver<Call>),
    mouth: &mut Mouth,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let (mut parts, mut call) = orders;
    let (opening, series) = (Opening::of(lookup, &plant.cut, desk), desk.series);
    let begin = |(_, work): &Placed<Candidate>| opening.begin(work);
    let subjects = stream::poll_fn(move |context| parts.poll_recv(context));
    let subjects = subjects.flat_map(stream::iter);
    let subjects = subjects.map(|(place, work)| (place, candidate(work, series)));
    let mut results = survey::Results::of(subjects, plant.bounds, begin, lookup);
    let (mut places, mut notes) = (Vec::new(), Vec::new());
    let (mut end, mut late) = (None, pin!(sleep(HASTE)));
    loop {
        tokio::select! {
            biased;
            called = call.changed() => {
                if called.is_err() {
                    return Ok(());
                }
                results.begin_none();
                end = Some(Instant::now() + GRACE);
            }
            () = over(end) => break,
            result = results.next() => {
                let Some(((place, work), views)) = result else { break };
                notes.extend(plant.cut.take(views.as_ref()));
                desk.take(work, views.as_ref(), |owner, rtype| lookup.position(owner, rtype))?;
                if places.is_empty() {
                    late.as_mut().reset(Instant::now() + HASTE);
                }
                places.push(place);
                if places.len() < TOGETHER {
                    continue;
                }
            }
            () = &mut late, if !places.is_empty() => {}
        }
        if !places.is_empty() && !mouth.say(said(&mut places, &mut notes, desk)) {
            return Ok(());
        }
    }
    if !places.is_empty() {
        mouth.say(said(&mut places, &mut notes, desk));
    }
    let (_none_waits, unfinished) = results.end();
    mouth.unfinished = unfinished;
    Ok(())
}

/// All that is to be said.
fn said(places: &mut Vec<u64>, notes: &mut Vec<String>, desk: &mut Desk<'_>) -> Said {
    Said::Told { places: mem::take(places), told: desk.take_told(), notes: mem::take(notes) }
}

/// When what is under way has had its time.
async fn over(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => pending().await,
    }
}
