//! Many domains: subjects stream in, results stream out in the order of the input.
//!
//! [`conduct()`] drives one inquiry, [`observe`] one for each vantage of a domain, and [`run`] does so
//! for any number of domains with bounded concurrency and memory.
//! All leave to the [`Lookup`] how questions are answered and how many are in flight.

mod conduct;
mod pause;

pub use self::conduct::{conduct, observe};
pub use self::pause::pause;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::inquiry::{Inquiry, Views};
use crate::lookup::Lookup;

/// Conducts the inquiries of many subjects, so many at a time, until the input ends or the sink
/// breaks off.
///
/// `begin` makes the inquiry of a subject, or none for one that is broken already; the sink takes
/// every subject with what was observed. No more than `concurrency` subjects are held at a time,
/// finished ones that wait for their turn included. The input is read on the thread that waits
/// for the network: a slow one slows the answers down.
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
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let _done = runtime.block_on(mailsrv::survey::run(plans, 16, begin, &lookup, sink));
/// assert_eq!(verdicts, ["unknown", "unknown"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn run<T, L: Lookup, B>(
    subjects: impl IntoIterator<Item = T>,
    concurrency: usize,
    begin: impl FnMut(&T) -> Option<Inquiry>,
    lookup: &L,
    mut sink: impl FnMut(T, Option<Views>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut results = Results::new(subjects, concurrency, begin, lookup);
    while let Some((subject, views)) = results.next().await {
        sink(subject, views)?;
    }
    ControlFlow::Continue(())
}

/// A subject with what was observed.
type Surveyed<T> = (T, Option<Views>);

/// The subjects of [`run`] with what was observed, for whoever waits for something else, too.
pub(crate) struct Results<'a, I, F, L, T> {
    subjects: I,
    begin: F,
    lookup: &'a L,
    concurrency: usize,
    /// How many were begun, and how many of them were handed out: those between are held here.
    begun: u64,
    handed_out: u64,
    /// Those under way, by their place in the input.
    running: FuturesUnordered<LocalBoxFuture<'a, (u64, Surveyed<T>)>>,
    /// Those that wait for one before them.
    waiting: BTreeMap<u64, Surveyed<T>>,
}

impl<'a, I, F, L, T> Results<'a, I, F, L, T>
where
    I: Iterator<Item = T>,
    F: FnMut(&T) -> Option<Inquiry>,
    L: Lookup,
    T: 'a,
{
    /// Begins nothing yet.
    pub(crate) fn new(
        subjects: impl IntoIterator<Item = T, IntoIter = I>,
        concurrency: usize,
        begin: F,
        lookup: &'a L,
    ) -> Self {
        Self {
            subjects: subjects.into_iter(),
            begin,
            lookup,
            // Nothing would ever start with room for none.
            concurrency: concurrency.max(1),
            begun: 0,
            handed_out: 0,
            running: FuturesUnordered::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// The next one in the order of the input; None behind the last one. Whoever drops the future
    /// loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Surveyed<T>> {
        loop {
            if let Some(result) = self.waiting.remove(&self.handed_out) {
                self.handed_out += 1;
                return Some(result);
            }
            while self.running.len() + self.waiting.len() < self.concurrency
                && let Some(subject) = self.subjects.next()
            {
                let (at, inquiry, lookup) = (self.begun, (self.begin)(&subject), self.lookup);
                self.begun += 1;
                self.running.push(Box::pin(async move {
                    let views = match inquiry {
                        Some(inquiry) => Some(observe(inquiry, lookup).await),
                        None => None,
                    };
                    (at, (subject, views))
                }));
            }
            let (at, result) = self.running.next().await?;
            self.waiting.insert(at, result);
        }
    }

    /// Gives the rest up: what is known already, in the order of the input, and how many were begun
    /// besides.
    pub(crate) fn end(self) -> (impl Iterator<Item = Surveyed<T>>, usize) {
        (self.waiting.into_values(), self.running.len())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

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
            let end = run(lines, concurrency, begin, &lookup, |line, views| {
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
        for (concurrency, known) in [(1, &[][..]), (3, &["b.test", "no domain"]), (4, &lines[2..5])]
        {
            let lookup = Silent("slow");
            let mut results = Results::new(lines, concurrency, begin, &lookup);
            assert_eq!(results.next().await.map(|(line, _)| line), Some("a.test"));
            for _ in 0..10 {
                let next = tokio::time::timeout(Duration::ZERO, results.next()).await;
                assert!(next.is_err(), "{concurrency}");
            }
            let (rest, unfinished) = results.end();
            let rest: Vec<_> = rest.map(|(line, _)| line).collect();
            assert_eq!((rest.as_slice(), unfinished), (known, 1), "{concurrency}");
        }
    }

    #[tokio::test]
    async fn the_sink_ends_the_run_without_reading_the_input_to_its_end() {
        let read = Cell::new(0);
        let endless = std::iter::repeat("a.test").inspect(|_| read.set(read.get() + 1));
        let mut seen = 0;
        let lookup = Slow::default();
        let end = run(endless, 3, begin, &lookup, |_, _| {
            seen += 1;
            if seen == 5 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
        });
        assert_eq!(end.await, ControlFlow::Break("enough"));
        assert!(read.get() <= 5 + 3);
    }
}
