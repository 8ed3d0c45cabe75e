//! Many inquiries led to their ends together, by a lookup that takes post.
//!
//! None has a task or a future of its own, and neither has a question: each is posted under a number
//! that says of which inquiry it is, and answered when something arrives under that number. What cannot
//! be posted, and what arrives and is no answer, is asked apart, and waited for there.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, Sleep, sleep_until};

use super::drive::{Limit, in_time, show};
use crate::answer::Answer;
use crate::inquiry::{Inquiry, Ticket, Views};
use crate::lookup::{Arrival, Letter, Lookup, Mailbox, Posted, Stage};

/// How long what is posted waits at most while others begin and end.
const HASTE: Duration = Duration::from_millis(1);

/// The inquiries under way, each with its subject.
pub(super) struct Bulk<'a, L, T> {
    lookup: &'a L,
    mailbox: Arc<Mailbox>,
    open: Vec<Option<Open<T>>>,
    free: Vec<usize>,
    /// Those that have questions to post, in the order of their turns.
    asking: VecDeque<usize>,
    /// The questions that are waited for, by their numbers.
    apart: FuturesUnordered<LocalBoxFuture<'a, (u64, Answer)>>,
    finished: VecDeque<(u64, T, Option<Views>)>,
    /// What has arrived, as long as it is looked through.
    arrived: Vec<(u64, Arrival)>,
    /// The question that is posted.
    question: Vec<u8>,
    /// Since when something is posted that is not sent yet.
    unsent: Option<Instant>,
    /// When it is tried again to post, though nothing arrives.
    alarm: Option<Pin<Box<Sleep>>>,
}

/// One inquiry under way.
struct Open<T> {
    /// Its place in the input.
    at: u64,
    subject: T,
    inquiry: Inquiry,
    deadline: Option<Instant>,
    /// The question that could not be posted yet.
    next: Option<Ticket>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// One is finished.
    Finished,
    /// There is room for one more.
    Room,
    /// None is under way.
    End,
}

/// How far what is asked was posted.
enum Turn {
    /// Nothing is left to post.
    Done,
    /// No more can be posted before this, or before something arrives.
    Later(Instant),
}

impl<'a, L: Lookup, T> Bulk<'a, L, T> {
    /// None is under way yet.
    pub(super) fn new(lookup: &'a L) -> Self {
        Self {
            lookup,
            mailbox: Arc::default(),
            open: Vec::new(),
            free: Vec::new(),
            asking: VecDeque::new(),
            apart: FuturesUnordered::new(),
            finished: VecDeque::new(),
            arrived: Vec::new(),
            question: Vec::new(),
            unsent: None,
            alarm: None,
        }
    }

    /// How many are under way, with those that are finished and were not handed out.
    pub(super) fn len(&self) -> usize {
        self.open.len() - self.free.len() + self.finished.len()
    }

    /// Whether the questions of one more would be posted at once.
    pub(super) fn has_room(&self) -> bool {
        self.asking.is_empty() && self.lookup.has_room()
    }

    /// Begins with an inquiry, or with none where the subject is broken, and posts what it asks, to be
    /// sent with what others ask.
    pub(super) fn begin(
        &mut self,
        at: u64,
        subject: T,
        inquiry: Option<Inquiry>,
        deadline: Option<Duration>,
    ) {
        let now = Instant::now();
        if self.unsent.is_some_and(|since| now >= since + HASTE) {
            self.send(now);
        }
        let Some(mut inquiry) = inquiry else {
            return self.finished.push_back((at, subject, None));
        };
        show(&mut inquiry, self.lookup);
        let deadline = deadline.map(|time| now + time);
        let open = Some(Open { at, subject, inquiry, deadline, next: None });
        let place = match self.free.pop() {
            Some(place) => {
                self.open[place] = open;
                place
            }
            None => {
                self.open.push(open);
                self.open.len() - 1
            }
        };
        self.asking.push_back(place);
        self.post(now);
    }

    /// The first of those that are finished: its place in the input, its subject and what was observed.
    pub(super) fn take(&mut self) -> Option<(u64, T, Option<Views>)> {
        self.finished.pop_front()
    }

    /// What comes next. Whether there is room for one more is told to who wants more.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>, wants_more: bool) -> Poll<Next> {
        loop {
            if !self.finished.is_empty() {
                return Poll::Ready(Next::Finished);
            }
            let mut arrived = std::mem::take(&mut self.arrived);
            self.mailbox.take(context, &mut arrived);
            for (number, arrival) in arrived.drain(..) {
                match self.lookup.open(arrival) {
                    Ok(answer) => self.answer(number, answer),
                    Err(arrival) => self.go_on(number, *arrival),
                }
            }
            self.arrived = arrived;
            let now = Instant::now();
            let turn = self.post(now);
            let unsent = self.send(now);
            while let Poll::Ready(Some((number, answer))) = self.apart.poll_next_unpin(context) {
                self.answer(number, answer);
            }
            if !self.finished.is_empty() {
                continue;
            }
            if self.len() == 0 {
                return Poll::Ready(Next::End);
            }
            if wants_more && self.has_room() {
                return Poll::Ready(Next::Room);
            }
            match turn {
                // Answers that were waited for may have raised more.
                Turn::Done if !self.asking.is_empty() => {}
                Turn::Later(then) if self.is_over(then, context) => {}
                Turn::Done | Turn::Later(_) => match unsent {
                    Some(then) if self.is_over(then, context) => {}
                    Some(_) | None => return Poll::Pending,
                },
            }
        }
    }

    /// Sends what is posted. Says when to try again, where something is still to be sent.
    fn send(&mut self, now: Instant) -> Option<Instant> {
        let later = self.lookup.send_posted(now);
        self.unsent = later.map(|_| now);
        later
    }

    /// Whether a time has come; whoever looks is woken then.
    fn is_over(&mut self, then: Instant, context: &mut Context<'_>) -> bool {
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(then)));
        // Too early is no harm, and costs less than to set it anew each time.
        if alarm.is_elapsed() || then < alarm.deadline() {
            alarm.as_mut().reset(then);
        }
        alarm.as_mut().poll(context).is_ready()
    }

    /// Takes an answer, and what it raises has its turn first.
    fn answer(&mut self, number: u64, answer: Answer) {
        let (place, ticket) = parts(number);
        let Some(Some(open)) = self.open.get_mut(place) else { return };
        let Some(ticket) = open.inquiry.ticket(ticket) else { return };
        open.inquiry.answer(ticket, answer);
        if open.inquiry.is_finished() {
            self.finish(place);
        } else if open.next.is_none() {
            open.next = open.inquiry.poll();
            if open.next.is_some() {
                self.asking.push_front(place);
            }
        }
    }

    fn finish(&mut self, place: usize) {
        if let Some(Open { at, subject, inquiry, .. }) = self.open[place].take() {
            self.free.push(place);
            let views = Views::from(inquiry.into_observed());
            self.finished.push_back((at, subject, Some(views)));
        }
    }

    /// Posts as much as may be posted now.
    fn post(&mut self, now: Instant) -> Turn {
        while let Some(place) = self.asking.front().copied() {
            if let Some(then) = self.post_of(place, now) {
                return Turn::Later(then);
            }
            self.asking.pop_front();
            if self.open[place].as_ref().is_some_and(|open| open.inquiry.is_finished()) {
                self.finish(place);
            }
        }
        Turn::Done
    }

    /// Posts what one inquiry asks; says when to go on where not all could be posted.
    fn post_of(&mut self, place: usize, now: Instant) -> Option<Instant> {
        let open = self.open.get_mut(place)?.as_mut()?;
        while let Some(ticket) = open.next.take().or_else(|| open.inquiry.poll()) {
            let is_own = open.inquiry.write_question(ticket, &mut self.question);
            let number = number(place, ticket);
            let letter = Letter {
                question: &self.question,
                is_own,
                mailbox: &self.mailbox,
                number,
                now,
                deadline: open.deadline,
            };
            match self.lookup.post(&letter) {
                Posted::Sent => {
                    self.unsent.get_or_insert(now);
                }
                Posted::Known(answer) => open.inquiry.answer(ticket, *answer),
                Posted::Later(then) => {
                    open.next = Some(ticket);
                    return Some(then);
                }
                Posted::No => {
                    let (lookup, deadline) = (self.lookup, open.deadline);
                    let limit = Some(Limit { stage: Stage::Inquiry, deadline });
                    let domain = open.inquiry.domain().clone();
                    let question = open.inquiry.question(ticket);
                    self.apart.push(Box::pin(async move {
                        let answer = lookup.ask_about(&domain, &question);
                        (number, in_time(limit, lookup, (&domain, &question), answer).await)
                    }));
                }
            }
        }
        None
    }

    /// Waits for the answer to a question of which something else has arrived.
    fn go_on(&mut self, number: u64, arrival: Arrival) {
        let (place, ticket) = parts(number);
        let Some(Some(open)) = self.open.get(place) else { return };
        let Some(ticket) = open.inquiry.ticket(ticket) else { return };
        let (lookup, deadline) = (self.lookup, open.deadline);
        let limit = Some(Limit { stage: Stage::Inquiry, deadline });
        let (domain, question) = (open.inquiry.domain().clone(), open.inquiry.question(ticket));
        self.apart.push(Box::pin(async move {
            let answer = lookup.go_on(&question, arrival);
            (number, in_time(limit, lookup, (&domain, &question), answer).await)
        }));
    }
}

/// The number of a question: that of its inquiry, and which of its questions it is.
fn number(place: usize, ticket: Ticket) -> u64 {
    (place as u64) << 16 | u64::from(ticket.number())
}

/// What a number is of.
fn parts(number: u64) -> (usize, u16) {
    ((number >> 16) as usize, (number & 0xffff) as u16)
}

#[cfg(test)]
mod tests;
