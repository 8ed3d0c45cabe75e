//! Many domains: subjects stream in, results stream out in the order of the input.
//!
//! [`conduct()`] drives one inquiry, [`run`] any number of them with bounded concurrency and memory.
//! Both leave to the [`Lookup`] how questions are answered and how many are in flight.

mod conduct;

pub use self::conduct::conduct;

use std::ops::ControlFlow;
use std::pin::pin;

use futures_util::{Stream, StreamExt, stream};

use crate::inquiry::{Inquiry, Observed};
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
/// use mailsrv::audit::{Policy, inquire, judge};
/// use mailsrv::hosting::{Columns, Hosting};
/// use mailsrv::lookup::recorded::Recording;
/// use mailsrv::plan::plan;
///
/// let hosting = Hosting::documented();
/// let plans = ["example.com", "example.org"].into_iter().map(|domain| {
///     plan(&domain.parse().unwrap(), &hosting, &Columns::default())
/// });
/// let mut verdicts = Vec::new();
/// let sink = |plan: Result<_, _>, observed: Option<_>| {
///     if let (Ok(plan), Some(observed)) = (plan, observed) {
///         verdicts.push(judge(&plan, &observed, &Policy::default()).verdict.text());
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
    mut sink: impl FnMut(T, Option<Observed>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut results = pin!(results(subjects, concurrency, begin, lookup));
    while let Some((subject, observed)) = results.next().await {
        sink(subject, observed)?;
    }
    ControlFlow::Continue(())
}

/// The subjects of [`run`] with what was observed, for whoever waits for something else, too.
pub(crate) fn results<T, L: Lookup>(
    subjects: impl IntoIterator<Item = T>,
    concurrency: usize,
    mut begin: impl FnMut(&T) -> Option<Inquiry>,
    lookup: &L,
) -> impl Stream<Item = (T, Option<Observed>)> {
    let started = stream::iter(subjects).map(move |subject| {
        let inquiry = begin(&subject);
        async move {
            let observed = match inquiry {
                Some(inquiry) => Some(conduct(inquiry, lookup).await),
                None => None,
            };
            (subject, observed)
        }
    });
    // Nothing would ever start with room for none.
    started.buffered(concurrency.max(1))
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
            let end = run(lines, concurrency, begin, &lookup, |line, observed| {
                seen.push((line, observed.map(|observed| observed.domain().to_string())));
                ControlFlow::<()>::Continue(())
            });
            assert!(end.await.is_continue());
            let expected = lines.map(|line| (line, begin(&line).map(|_| line.to_owned())));
            assert_eq!(seen, expected);
            let questions_each = 3;
            assert!(lookup.most.get() <= questions_each * concurrency.max(1));
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
