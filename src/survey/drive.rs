//! One inquiry, led to its end by whoever answers its questions.

use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, timeout_at};

use crate::answer::{Answer, Failure, Outcome, Question, Vantage};
use crate::inquiry::{Inquiry, Observed};
use crate::lookup::Lookup;
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

/// The answer to a question about a mail domain, or that it did not come before the deadline, which
/// the lookup takes note of.
pub(super) async fn in_time<L: Lookup>(
    lookup: &L,
    deadline: Option<Instant>,
    domain: &MailDomain,
    question: &Question,
    answer: impl Future<Output = Answer>,
) -> Answer {
    before(deadline, answer).await.unwrap_or_else(|| {
        let late = Answer::plain(Outcome::Failed(Failure::Deadline));
        lookup.note(None, domain, question, &late);
        late
    })
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
