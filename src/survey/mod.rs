//! Many domains: subjects stream in, results stream out, about in the order of the input.
//!
//! [`conduct()`] drives one inquiry, [`observe`] one for each vantage of a domain (`each`), and [`run`] does so
//! for any number of domains with bounded concurrency and memory, together where the lookup takes post
//! (`bulk`).
//! All leave to the [`Lookup`] how questions are answered and how many are in flight.

mod addresses;
mod bulk;
mod conduct;
mod documents;
mod drive;
mod each;
mod fetching;
mod foresee;
mod grounds;
mod line;
mod pause;
mod resembling;
mod visiting;
mod wants;

pub use self::conduct::{conduct, observe, observe_within};
pub use self::documents::fetch_documents;
pub use self::fetching::Fetching;
pub use self::foresee::{Done, Weighed, foresee, weigh};
#[cfg(feature = "cli")]
pub(crate) use self::line::Line;
#[cfg(not(feature = "cli"))]
use self::line::Line;
pub use self::line::Order;
pub use self::pause::pause;
pub use self::resembling::{Likeness, Resembling};
pub use self::visiting::{Probe, Visiting, associations, visit};
pub use self::wants::{NoWeb, Web};

use std::cell::Cell;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, FuturesUnordered, Peekable};
use futures_util::{Stream, StreamExt};
use tokio::task::yield_now;
use tokio::time::timeout;

use self::bulk::{Bulk, Next};
pub(crate) use self::visiting::visit_all;
use crate::inquiry::{Inquiry, Views};
use crate::lookup::Lookup;
use crate::plan::RecordPlan;

/// How many inquiries are begun before those that were begun get their turn: their questions tell
/// whether there is room for more.
const AT_ONCE: usize = 8;

/// How soon it is looked again whether there is room for more.
const RECHECK: Duration = Duration::from_millis(20);

/// How much is done at one time, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many inquiries are under way at most; 0 counts as 1. Fewer are where the lookup has no
    /// room for more ([`Lookup::has_room`]).
    pub concurrency: usize,
    /// How long one inquiry may take ([`observe_within`]), and what is visited for one domain after it.
    pub deadline: Option<Duration>,
    /// In what order results come.
    pub order: Order,
}

impl Bounds {
    /// So many at a time, each as long as it takes, in the order of the input.
    pub fn concurrency(concurrency: usize) -> Self {
        Self { concurrency, deadline: None, order: Order::Input }
    }
}

/// Conducts the inquiries of many subjects, so many at a time, until the input ends or the sink
/// breaks off.
///
/// `begin` makes the inquiry of a subject, or none for one that is broken already; the sink takes
/// every subject with what was observed. Besides those under way, 256 that are finished are held at
/// most, or as many as may be under way. The input is read on the thread that waits for the network:
/// a slow one slows the answers down.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use mailsrv::audit::{Policy, inquire, judge_views};
/// use mailsrv::hosting::{Columns, Hosting};
/// use mailsrv::lookup::recorded::Recording;
/// use mailsrv::plan::plan;
///
/// let hosting = Hosting::documented();
/// let plans = ["example.com", "example.org"].into_iter().map(|domain| {
///     plan(&domain.parse().unwrap(), &hosting, &Columns::default())
/// });
/// let mut verdicts = Vec::new();
/// let sink = |plan: Result<_, _>, views: Option<_>| {
///     if let (Ok(plan), Some(views)) = (plan, views) {
///         verdicts.push(judge_views(&plan, &views, &Policy::default()).verdict.text());
///     }
///     ControlFlow::<()>::Continue(())
/// };
/// let begin = |plan: &Result<_, _>| plan.as_ref().ok().map(inquire);
/// // A recording without answers: nothing is known of either.
/// let lookup = Recording::default();
/// let bounds = mailsrv::survey::Bounds::concurrency(16);
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let _done = runtime.block_on(mailsrv::survey::run(plans, bounds, begin, &lookup, sink));
/// assert_eq!(verdicts, ["unknown", "unknown"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn run<T, L: Lookup, B>(
    subjects: impl IntoIterator<Item = T>,
    bounds: Bounds,
    begin: impl FnMut(&T) -> Option<Inquiry>,
    lookup: &L,
    mut sink: impl FnMut(T, Option<Views>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut results = Results::new(subjects, bounds, begin, lookup);
    while let Some((subject, views)) = results.next().await {
        sink(subject, views)?;
    }
    ControlFlow::Continue(())
}

/// A subject with what was observed.
type Surveyed<T> = (T, Option<Views>);

/// The plan of a subject that is visited.
pub(crate) type Plans<'a, T> = Rc<dyn Fn(&T) -> Option<RecordPlan> + 'a>;

/// Whether more inquiries may be begun.
enum Room {
    None,
    Later,
    /// There is room, and no subject at the moment.
    Idle,
    More,
}

/// Those under way, by their place in the input.
enum Running<'a, L, T> {
    /// Each for itself.
    Apart(FuturesUnordered<LocalBoxFuture<'a, (u64, Surveyed<T>)>>),
    /// Together, by a lookup that takes post.
    Together(Bulk<'a, L, T>),
}

impl<L: Lookup, T> Running<'_, L, T> {
    fn len(&self) -> usize {
        match self {
            Self::Apart(running) => running.len(),
            Self::Together(bulk) => bulk.len(),
        }
    }

    /// The next that is finished, the last one being followed by none; None, where there may be room
    /// `later`, once there is or may be.
    async fn finished(&mut self, later: bool) -> Option<Option<(u64, Surveyed<T>)>> {
        match self {
            Self::Apart(running) if later => timeout(RECHECK, running.next()).await.ok(),
            Self::Apart(running) => Some(running.next().await),
            Self::Together(bulk) => match poll_fn(|context| bulk.poll_next(context, later)).await {
                Next::Finished => {
                    let finished = bulk.take();
                    Some(finished.map(|(at, subject, views)| (at, (subject, views))))
                }
                Next::Room => None,
                Next::End => Some(None),
            },
        }
    }
}

/// The subjects of [`run`] with what was observed, for whoever waits for something else, too.
pub(crate) struct Results<'a, S: Stream, F, L, T> {
    subjects: Peekable<S>,
    begin: F,
    lookup: &'a L,
    bounds: Bounds,
    /// How many were begun.
    begun: u64,
    /// How many of them had no turn yet.
    fresh: Rc<Cell<usize>>,
    running: Running<'a, L, T>,
    /// The servers that are visited once what DNS says is known.
    plans: Option<Plans<'a, T>>,
    /// Those that wait for one before them.
    finished: Line<Surveyed<T>>,
}

impl<'a, I, F, L, T> Results<'a, stream::Iter<I>, F, L, T>
where
    I: Iterator<Item = T>,
    F: FnMut(&T) -> Option<Inquiry>,
    L: Lookup,
    T: 'a,
{
    /// Begins nothing yet. Whoever looks for the next subject waits for it.
    pub(crate) fn new(
        subjects: impl IntoIterator<Item = T, IntoIter = I>,
        bounds: Bounds,
        begin: F,
        lookup: &'a L,
    ) -> Self {
        Self::of(stream::iter(subjects), bounds, begin, lookup)
    }
}

impl<'a, S, F, L, T> Results<'a, S, F, L, T>
where
    S: Stream<Item = T> + Unpin,
    F: FnMut(&T) -> Option<Inquiry>,
    L: Lookup,
    T: 'a,
{
    /// Begins nothing yet. The subjects may come while others are asked about.
    pub(crate) fn of(subjects: S, bounds: Bounds, begin: F, lookup: &'a L) -> Self {
        Self {
            subjects: subjects.peekable(),
            begin,
            lookup,
            // Nothing would ever start with room for none.
            bounds: Bounds { concurrency: bounds.concurrency.max(1), ..bounds },
            begun: 0,
            fresh: Rc::default(),
            running: match lookup.takes_post() {
                true => Running::Together(Bulk::new(lookup)),
                false => Running::Apart(FuturesUnordered::new()),
            },
            plans: None,
            finished: Line::new(bounds.order, bounds.concurrency),
        }
    }

    /// Visits servers, too: those that each subject with a plan leads to, where the lookup visits anybody.
    #[cfg(feature = "cli")]
    #[must_use]
    pub(crate) fn visiting(self, plans: Option<Plans<'a, T>>) -> Self {
        Self { plans, ..self }
    }

    /// The next one; None behind the last one. Whoever drops the future loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Surveyed<T>> {
        loop {
            if let Some(result) = self.finished.take() {
                return Some(result);
            }
            let room = poll_fn(|context| Poll::Ready(self.begin_some(context))).await;
            if self.finished.has_turn() {
                continue;
            }
            let finished = self.running.finished(matches!(room, Room::Later));
            let subjects = Pin::new(&mut self.subjects);
            let (at, result) = match room {
                Room::None | Room::Later => match finished.await {
                    Some(finished) => finished?,
                    None => continue,
                },
                Room::More => tokio::select! {
                    biased;
                    finished = finished => finished.flatten()?,
                    () = yield_now() => continue,
                },
                Room::Idle => tokio::select! {
                    biased;
                    Some(Some(finished)) = finished => finished,
                    _ = subjects.peek() => continue,
                },
            };
            self.finished.put(at, result);
        }
    }

    /// Begins as many as there is room for, and says whether there is room for more.
    fn begin_some(&mut self, context: &mut Context<'_>) -> Room {
        for _ in 0..AT_ONCE {
            if self.running.len() >= self.bounds.concurrency || !self.finished.has_room() {
                return Room::None;
            }
            let has_room = match &self.running {
                Running::Apart(_) if self.fresh.get() >= AT_ONCE => break,
                Running::Apart(_) => self.lookup.has_room(),
                Running::Together(bulk) => bulk.has_room(),
            };
            if self.running.len() > 0 && !has_room {
                return Room::Later;
            }
            let subject = match self.subjects.poll_next_unpin(context) {
                Poll::Ready(Some(subject)) => subject,
                Poll::Ready(None) => return Room::None,
                Poll::Pending => return Room::Idle,
            };
            let inquiry = (self.begin)(&subject);
            self.start(subject, inquiry);
        }
        Room::More
    }

    /// Begins no more: what is under way comes to its end.
    #[cfg(feature = "cli")]
    pub(crate) fn begin_none(&mut self) {
        self.bounds.concurrency = 0;
    }

    fn start(&mut self, subject: T, inquiry: Option<Inquiry>) {
        let (at, lookup, deadline) = (self.begun, self.lookup, self.bounds.deadline);
        self.begun += 1;
        match &mut self.running {
            Running::Together(bulk) => bulk.begin(at, subject, inquiry, deadline),
            Running::Apart(running) => {
                let Some(inquiry) = inquiry else {
                    // Nothing is to be asked of what is known already.
                    self.finished.put(at, (subject, None));
                    return;
                };
                let fresh = Rc::clone(&self.fresh);
                fresh.set(fresh.get() + 1);
                let plans = self.plans.clone();
                running.push(Box::pin(async move {
                    fresh.set(fresh.get() - 1);
                    let mut views = observe_within(inquiry, lookup, deadline).await;
                    if let Some(plan) = plans.and_then(|plan_of| plan_of(&subject)) {
                        visit_all(lookup, &plan, &mut views, deadline).await;
                    }
                    (at, (subject, Some(views)))
                }));
            }
        }
    }

    /// Gives the rest up: what is known already, in the order of the input, and how many were begun
    /// besides.
    #[cfg(any(feature = "cli", test))]
    pub(crate) fn end(self) -> (impl Iterator<Item = Surveyed<T>>, usize) {
        (self.finished.rest(), self.running.len())
    }
}

#[cfg(test)]
mod tests {
    use super::line::WAITING;
    use super::*;
    use hickory_proto::rr::RecordType;

    use crate::answer::{Answer, Outcome, Question};
    use crate::inquiry::Wanted;
    use crate::name::MailDomain;

    /// Answers a domain the later, the shorter its name is.
    #[derive(Default)]
    struct Slow {
        now: Cell<usize>,
        most: Cell<usize>,
    }

    impl Lookup for Slow {
        async fn ask(&self, question: &Question) -> Answer {
            self.now.set(self.now.get() + 1);
            self.most.set(self.most.get().max(self.now.get()));
            let shortness = 40_u64.saturating_sub(question.name.len() as u64);
            tokio::time::sleep(Duration::from_millis(shortness)).await;
            self.now.set(self.now.get() - 1);
            Answer::plain(Outcome::NoData)
        }
    }

    fn begin(line: &&str) -> Option<Inquiry> {
        let domain: MailDomain = line.parse().ok()?;
        let mut inquiry = Inquiry::new(domain.clone());
        for rtype in [RecordType::MX, RecordType::A] {
            inquiry.seek(domain.name(), rtype, Wanted::Anything);
        }
        Some(inquiry)
    }

    #[tokio::test]
    async fn results_come_in_the_order_of_the_input() {
        let lines = ["a.test", "not a domain", "longer.example.test", "bb.test"];
        for concurrency in [0, 1, 2, 10] {
            let mut seen = Vec::new();
            let lookup = Slow::default();
            let end =
                run(lines, Bounds::concurrency(concurrency), begin, &lookup, |line, views| {
                    seen.push((line, views.map(|views| views.first().domain().to_string())));
                    ControlFlow::<()>::Continue(())
                });
            assert!(end.await.is_continue());
            let expected = lines.map(|line| (line, begin(&line).map(|_| line.to_owned())));
            assert_eq!(seen, expected);
            let questions_each = 3;
            assert!(lookup.most.get() <= questions_each * concurrency.max(1));
        }
    }

    /// Never answers for one domain.
    struct Silent(&'static str);

    impl Lookup for Silent {
        async fn ask(&self, question: &Question) -> Answer {
            if question.name.to_ascii().contains(self.0) {
                std::future::pending::<()>().await;
            }
            Answer::plain(Outcome::NoData)
        }
    }

    #[tokio::test]
    async fn what_waits_behind_a_slow_one_is_known_when_the_rest_is_given_up() {
        let lines = ["a.test", "slow.test", "b.test", "no domain", "c.test", "d.test"];
        for (concurrency, known) in [(1, &[][..]), (2, &lines[2..]), (4, &lines[2..])] {
            let lookup = Silent("slow");
            let mut results = Results::new(lines, Bounds::concurrency(concurrency), begin, &lookup);
            assert_eq!(results.next().await.map(|(line, _)| line), Some("a.test"));
            for _ in 0..10 {
                let next = timeout(Duration::from_millis(1), results.next()).await;
                assert!(next.is_err(), "{concurrency}");
            }
            let (rest, unfinished) = results.end();
            let rest: Vec<_> = rest.map(|(line, _)| line).collect();
            assert_eq!((rest.as_slice(), unfinished), (known, 1), "{concurrency}");
        }
    }

    /// The results of so many domains of which the third answers late.
    async fn with_a_slow_third(bounds: Bounds, domains: usize) -> Vec<usize> {
        let lookup = Late("d2.test");
        let names: Vec<_> = (0..domains).map(|number| format!("d{number}.test")).collect();
        let mut seen = Vec::new();
        let end = run(
            &names,
            bounds,
            |name| begin(&name.as_str()),
            &lookup,
            |name, observed| {
                assert!(observed.is_some());
                seen.extend(names.iter().position(|known| known == name));
                ControlFlow::<()>::Continue(())
            },
        );
        assert!(end.await.is_continue());
        seen
    }

    /// Answers for one domain a second late.
    struct Late(&'static str);

    impl Lookup for Late {
        async fn ask(&self, question: &Question) -> Answer {
            if question.name.to_ascii().ends_with(&format!("{}.", self.0)) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Answer::plain(Outcome::NoData)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_one_is_overtaken_once_too_many_wait_for_it_unless_the_order_is_to_be_kept() {
        let overtaking = Bounds { order: Order::Overtaking, ..Bounds::concurrency(4) };
        for (bounds, domains, at) in [
            (overtaking, WAITING + 2, 2),
            (overtaking, WAITING + 100, WAITING + 99),
            (Bounds::concurrency(4), WAITING + 100, 2),
        ] {
            let seen = with_a_slow_third(bounds, domains).await;
            let mut others = seen.clone();
            assert_eq!(seen.iter().position(|number| *number == 2), Some(at), "{bounds:?}");
            others.remove(at);
            assert!(others.is_sorted() && others.len() == domains - 1, "{bounds:?}");
        }
    }

    /// Has room for the questions of so many domains.
    struct Narrow {
        room: usize,
        now: Cell<usize>,
        most: Cell<usize>,
    }

    impl Lookup for Narrow {
        async fn ask(&self, _question: &Question) -> Answer {
            self.now.set(self.now.get() + 1);
            self.most.set(self.most.get().max(self.now.get()));
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.now.set(self.now.get() - 1);
            Answer::plain(Outcome::NoData)
        }

        fn has_room(&self) -> bool {
            self.now.get() < self.room
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_begun_than_the_lookup_has_room_for() {
        for room in [0, 1, 100] {
            let lookup = Narrow { room, now: Cell::new(0), most: Cell::new(0) };
            let names: Vec<_> = (0..400).map(|number| format!("d{number}.test")).collect();
            let mut seen = 0;
            let bounds = Bounds::concurrency(10_000);
            let end = run(
                &names,
                bounds,
                |name| begin(&name.as_str()),
                &lookup,
                |_, _| {
                    seen += 1;
                    ControlFlow::<()>::Continue(())
                },
            );
            assert!(end.await.is_continue());
            assert_eq!(seen, 400);
            let (questions_each, most) = (3, lookup.most.get());
            assert!(most <= room + questions_each * 2 * AT_ONCE, "{room}: {most}");
        }
    }

    #[tokio::test]
    async fn subjects_may_come_while_others_are_asked_about() {
        let (give, mut given) = tokio::sync::mpsc::unbounded_channel();
        let lookup = Silent("slow");
        let subjects = stream::poll_fn(move |context| given.poll_recv(context));
        let bounds = Bounds { order: Order::Finished, ..Bounds::concurrency(2) };
        let mut results = Results::of(subjects, bounds, begin, &lookup);
        for lines in [&["slow.test"][..], &["a.test", "b.test"], &["no domain"], &["c.test"]] {
            let nothing = timeout(Duration::from_millis(1), results.next()).await;
            assert!(nothing.is_err(), "{lines:?}");
            lines.iter().for_each(|line| give.send(*line).unwrap());
            for line in lines.iter().filter(|line| !line.starts_with("slow")) {
                assert_eq!(results.next().await.map(|(line, _)| line), Some(*line));
            }
        }
        // Nobody looks at them at the moment that one more comes.
        let (next, ()) = tokio::join!(results.next(), async {
            yield_now().await;
            give.send("d.test").unwrap();
        });
        assert_eq!(next.map(|(line, _)| line), Some("d.test"));
        drop(give);
        let over = timeout(Duration::from_millis(1), results.next()).await;
        assert!(over.is_err(), "one is under way");
        assert_eq!(results.end().1, 1);
    }

    #[tokio::test]
    async fn the_sink_ends_the_run_without_reading_the_input_to_its_end() {
        let read = Cell::new(0);
        let endless = std::iter::repeat("a.test").inspect(|_| read.set(read.get() + 1));
        let mut seen = 0;
        let lookup = Slow::default();
        let end = run(endless, Bounds::concurrency(3), begin, &lookup, |_, _| {
            seen += 1;
            if seen == 5 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
        });
        assert_eq!(end.await, ControlFlow::Break("enough"));
        assert!(read.get() <= 5 + 3 + WAITING);
    }
}
