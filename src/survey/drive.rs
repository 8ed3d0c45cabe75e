//! One inquiry, led to its end by whoever answers its questions.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, timeout_at};

use crate::answer::{Answer, Failure, Outcome, Question, Vantage};
use crate::inquiry::{Inquiry, Observed};
use crate::lookup::{Lookup, Stage, Unfinished};
use crate::name::MailDomain;

/// The most owner names of SRV records that are looked at unasked.
const MAX_OWNERS: usize = 1024;

/// What came of one question.
pub(super) struct Said {
    pub(super) answer: Answer,
    /// Who said so, where who was asked pointed to a zone below; nobody where that has no server.
    pub(super) below: Option<Option<Vantage>>,
}

impl Said {
    pub(super) fn plain(answer: Answer) -> Self {
        Self { answer, below: None }
    }
}

/// Leads an inquiry to its end by asking so.
pub(super) async fn drive<L: Lookup>(
    mut inquiry: Inquiry,
    lookup: &L,
    ask: impl AsyncFn(&Question) -> Said,
) -> Observed {
    show(&mut inquiry, lookup);
    let mut in_flight = FuturesUnordered::new();
    loop {
        while let Some(ticket) = inquiry.poll() {
            let question = inquiry.question(ticket);
            let ask = &ask;
            in_flight.push(async move { (ticket, ask(&question).await) });
        }
        let Some((ticket, Said { answer, below })) = in_flight.next().await else {
            return inquiry.into_observed();
        };
        match below {
            Some(by) => inquiry.answer_from_below(ticket, answer, by),
            None => inquiry.answer(ticket, answer),
        }
    }
}

/// Shows an inquiry what the lookup knows unasked.
pub(super) fn show<L: Lookup>(inquiry: &mut Inquiry, lookup: &L) {
    let domain = inquiry.domain().clone();
    for owner in lookup.srv_owners(domain.name(), MAX_OWNERS) {
        inquiry.look_at(&owner);
    }
    for hidden in lookup.hidden(domain.name()) {
        inquiry.note_hidden(hidden);
    }
}

/// How long what is asked for a mail domain may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// What is done meanwhile.
    pub(super) stage: Stage,
    pub(super) deadline: Option<Instant>,
}

impl Limit {
    /// A limit that is reached after so long a time; without one, it never is.
    pub(super) fn after(stage: Stage, time: Option<Duration>) -> Self {
        Self { stage, deadline: time.map(|time| Instant::now() + time) }
    }
}

/// What comes within a limit; the rest is given up, which the lookup takes note of. What was given up in
/// a run that is gone over again is so once more.
pub(super) async fn within<L: Lookup, T>(
    limit: Option<Limit>,
    lookup: &L,
    (domain, what): (&MailDomain, Unfinished<'_>),
    came: impl Future<Output = T>,
) -> Option<T> {
    let Some(Limit { stage, deadline }) = limit else { return Some(came.await) };
    if lookup.was_unfinished(domain, stage, what) {
        return None;
    }
    let came = before(deadline, came).await;
    if came.is_none() {
        lookup.note_unfinished(domain, stage, what);
    }
    came
}

/// The answer to a question about a mail domain, or that it did not come within the limit.
pub(super) async fn in_time<L: Lookup>(
    limit: Option<Limit>,
    lookup: &L,
    (domain, question): (&MailDomain, &Question),
    answer: impl Future<Output = Answer>,
) -> Answer {
    let what = Unfinished::Question(question, None);
    within(limit, lookup, (domain, what), answer).await.unwrap_or_else(late)
}

/// What is said of a question that was given up.
pub(super) fn late() -> Answer {
    Answer::plain(Outcome::Failed(Failure::Deadline))
}

/// What comes before a deadline; nothing is begun after it.
pub(super) async fn before<T>(
    deadline: Option<Instant>,
    answer: impl Future<Output = T>,
) -> Option<T> {
    match deadline {
        None => Some(answer.await),
        Some(deadline) if deadline <= Instant::now() => None,
        Some(deadline) => timeout_at(deadline, answer).await.ok(),
    }
}
