//! The questions in flight by one socket: who waits for what, and until when.
//!
//! A slab without clock and socket. A place in it belongs to whoever asked until [`Flights::leave`];
//! the places that were left are used again, so that nothing is allocated once there are enough.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use super::super::{Parcel, Received};
use super::letters::Letters;
use super::round_trip::RoundTrip;
use crate::answer::Failure;
use crate::message::{Response, plain};

/// The most questions in flight by one socket: an ID that is drawn is free most often, and no guess
/// of one hits more than one time of sixteen.
pub(super) const FULL: usize = 4096;

/// How often a question is sent once more, each time after twice as long.
const REPEATS: u32 = 2;

/// Who waits for a response.
#[derive(Debug, Default)]
pub(super) struct Flights {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Where those are that wait.
    by_id: HashMap<u16, u32, BuildHasherDefault<Spread>>,
    /// All that wait, by the end of their time, and some that no longer do.
    queue: Line,
    /// Those that are sent once more then, if they still wait.
    again: Line,
    strays: u32,
    /// How long the server takes; other sockets to it know, too.
    round_trip: Arc<Mutex<RoundTrip>>,
    letters: Letters,
}

/// Places by the time at which they have their turn.
type Line = VecDeque<(Instant, Place)>;

/// A place among those in flight. It is the key of one question, and of no other that has the slot
/// later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    slot: u32,
    generation: u32,
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    id: u16,
    /// As it was sent.
    question: Vec<u8>,
    /// The whole message, and when it was sent first, once it was.
    message: Vec<u8>,
    sent: Option<Instant>,
    /// How often it was sent once more.
    repeats: u32,
    /// Whether something came that is no response, though it would be one to this question if it were.
    garbage: bool,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Free,
    /// In flight; the waker is that of whoever looked last.
    Waits(Option<Waker>),
    /// In flight; what comes of it arrives with the parcel.
    Posted(Parcel),
    /// What came of it, until whoever asked has taken it.
    Ended(Result<Box<Response>, Failure>),
}

impl Flights {
    /// None is in flight yet.
    pub(super) fn new(round_trip: Arc<Mutex<RoundTrip>>, letters: Letters) -> Self {
        Self { round_trip, letters, ..Self::default() }
    }

    /// How many there are, with those that ended and whose end nobody has taken yet.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// How many messages came that nobody waited for.
    pub(super) fn strays(&self) -> u32 {
        self.strays
    }

    /// Takes a question up that has time until then, under an ID that no other has: the first that is
    /// free of those drawn. None where it is full.
    pub(super) fn enter(
        &mut self,
        question: &[u8],
        until: Instant,
        mut draw: impl FnMut() -> u16,
    ) -> Option<(Place, u16)> {
        if self.len() >= FULL {
            return None;
        }
        let id = loop {
            let id = draw();
            if !self.by_id.contains_key(&id) {
                break id;
            }
        };
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() as u32 - 1
        });
        let slot = &mut self.slots[at as usize];
        slot.id = id;
        slot.question.clear();
        slot.question.extend_from_slice(question);
        slot.garbage = false;
        (slot.sent, slot.repeats) = (None, 0);
        slot.state = State::Waits(None);
        let place = Place { slot: at, generation: slot.generation };
        self.by_id.insert(id, at);
        line_up(&mut self.queue, &self.slots, until, place);
        Some((place, id))
    }

    /// A message has been sent now. It is sent once more if its answer takes longer than others of the
    /// server did: says when.
    pub(super) fn sent(&mut self, place: Place, message: &[u8], now: Instant) -> Option<Instant> {
        let slot = &mut self.slots[place.slot as usize];
        if slot.generation != place.generation {
            return None;
        }
        slot.sent = Some(now);
        let patience = self.round_trip.lock().unwrap_or_else(PoisonError::into_inner).patience()?;
        slot.message.clear();
        slot.message.extend_from_slice(message);
        let then = now.checked_add(patience)?;
        line_up(&mut self.again, &self.slots, then, place);
        Some(then)
    }

    /// The next message that is to be sent once more by now.
    pub(super) fn repeat(&mut self, now: Instant) -> Option<&[u8]> {
        let place = loop {
            let (then, place) = *self.again.front()?;
            let waits = self.waits(place);
            if waits && then > now {
                return None;
            }
            self.again.pop_front();
            if waits {
                break place;
            }
        };
        let slot = &mut self.slots[place.slot as usize];
        slot.repeats += 1;
        let waited = slot.sent.map(|sent| now.saturating_duration_since(sent));
        if slot.repeats < REPEATS
            && let Some(then) = waited.and_then(|waited| now.checked_add(waited * 2))
        {
            line_up(&mut self.again, &self.slots, then, place);
        }
        Some(&self.slots[place.slot as usize].message)
    }

    /// Takes a question up like [`Self::enter`], which nobody waits for: what comes of it arrives with
    /// the parcel. Gives the parcel back where it is full.
    pub(super) fn post(
        &mut self,
        question: &[u8],
        until: Instant,
        draw: impl FnMut() -> u16,
        parcel: Parcel,
    ) -> Result<(Place, u16), Parcel> {
        let Some((place, id)) = self.enter(question, until, draw) else { return Err(parcel) };
        self.slots[place.slot as usize].state = State::Posted(parcel);
        Ok((place, id))
    }

    /// Ends a question for this reason, and says who is to be woken.
    pub(super) fn end(&mut self, place: Place, failure: Failure) -> Option<Waker> {
        self.waits(place).then(|| self.close(place.slot, Err(failure))).flatten()
    }

    /// What came of it, once it ended; it is told once.
    pub(super) fn poll(
        &mut self,
        place: Place,
        context: &Context<'_>,
    ) -> Poll<Result<Box<Response>, Failure>> {
        let state = &mut self.slots[place.slot as usize].state;
        match state {
            State::Waits(Some(waker)) => waker.clone_from(context.waker()),
            State::Waits(waker) => *waker = Some(context.waker().clone()),
            State::Ended(_) | State::Free | State::Posted(_) => {
                return Poll::Ready(match std::mem::take(state) {
                    State::Ended(result) => result,
                    State::Free | State::Waits(_) | State::Posted(_) => Err(Failure::Unreachable),
                });
            }
        }
        Poll::Pending
    }

    /// Whoever asked is gone.
    pub(super) fn leave(&mut self, place: Place) {
        let _nothing_posted = self.vacate(place.slot);
    }

    /// Gives a message that came now to whoever waits for it, and says who is to be woken.
    pub(super) fn take(&mut self, message: &[u8], now: Instant) -> Option<Waker> {
        let id = message.first_chunk().map(|id| u16::from_be_bytes(*id));
        let Some(at) = id.and_then(|id| self.by_id.get(&id).copied()) else {
            self.strays = self.strays.saturating_add(1);
            if Response::decode(message).is_none() {
                // It may have been meant for anybody.
                self.by_id.values().for_each(|at| self.slots[*at as usize].garbage = true);
            }
            return None;
        };
        let slot = &mut self.slots[at as usize];
        if let State::Posted(_) = slot.state
            && let Some(plain) = plain(&slot.question, message)
        {
            self.time(at, now);
            return self.vacate(at)?.answered(plain);
        }
        match Received::sort(slot.id, message, |response| response.repeats(&slot.question)) {
            Received::Response(response) => {
                self.time(at, now);
                self.close(at, Ok(response))
            }
            Received::Stray => {
                self.strays = self.strays.saturating_add(1);
                let folded = self.letters.folded(&slot.question, message)?;
                self.close(at, Ok(Box::new(folded)))
            }
            Received::Garbage => {
                slot.garbage = true;
                None
            }
        }
    }

    /// Ends what has waited long enough, and says who is to be woken.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Waker> {
        let mut woken = Vec::new();
        while let Some((until, place)) = self.queue.front().copied() {
            if self.waits(place) {
                if until > now {
                    break;
                }
                woken.extend(self.close(place.slot, Err(Failure::Timeout)));
            }
            self.queue.pop_front();
        }
        woken
    }

    /// Ends all that wait, and says who is to be woken.
    pub(super) fn fail(&mut self, failure: Failure) -> Vec<Waker> {
        let waiting: Vec<_> = self.by_id.values().copied().collect();
        self.queue.clear();
        waiting.into_iter().filter_map(|at| self.close(at, Err(failure))).collect()
    }

    /// When the time of the first of those that wait is over, or one is to be sent once more.
    pub(super) fn due(&mut self) -> Option<Instant> {
        let waits = |(_, place): &(Instant, Place)| waits(&self.slots, *place);
        let first = |line: &mut Line| {
            while line.front().is_some_and(|it| !waits(it)) {
                line.pop_front();
            }
            line.front().map(|(then, _)| *then)
        };
        [first(&mut self.queue), first(&mut self.again)].into_iter().flatten().min()
    }

    /// Takes note of how long an answer took. Of one to a message that was sent twice, nobody knows.
    fn time(&self, at: u32, now: Instant) {
        let slot = &self.slots[at as usize];
        if let Some(sent) = slot.sent.filter(|_| slot.repeats == 0) {
            let mut round_trip = self.round_trip.lock().unwrap_or_else(PoisonError::into_inner);
            round_trip.heard(now.saturating_duration_since(sent));
        }
    }

    /// Garbage says more than silence.
    fn close(&mut self, at: u32, result: Result<Box<Response>, Failure>) -> Option<Waker> {
        let slot = &mut self.slots[at as usize];
        let result = result.map_err(|failure| match slot.garbage {
            true => Failure::Malformed,
            false => failure,
        });
        if let State::Posted(_) = slot.state {
            return self.vacate(at)?.ended(result.map(|response| *response));
        }
        self.by_id.remove(&slot.id);
        match std::mem::replace(&mut slot.state, State::Ended(result)) {
            State::Waits(waker) => waker,
            State::Free | State::Ended(_) | State::Posted(_) => None,
        }
    }

    /// Makes the place free; gives back what was posted from there.
    fn vacate(&mut self, at: u32) -> Option<Parcel> {
        let slot = &mut self.slots[at as usize];
        let state = std::mem::take(&mut slot.state);
        if let State::Waits(_) | State::Posted(_) = state {
            self.by_id.remove(&slot.id);
        }
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(at);
        match state {
            State::Posted(parcel) => Some(parcel),
            State::Free | State::Waits(_) | State::Ended(_) => None,
        }
    }

    fn waits(&self, place: Place) -> bool {
        waits(&self.slots, place)
    }
}

fn waits(slots: &[Slot], place: Place) -> bool {
    let slot = &slots[place.slot as usize];
    slot.generation == place.generation && matches!(slot.state, State::Waits(_) | State::Posted(_))
}

/// All have the same time, most often, so each goes to the end.
fn line_up(line: &mut Line, slots: &[Slot], until: Instant, place: Place) {
    if line.len() > 2 * slots.len() {
        line.retain(|(_, place)| waits(slots, *place));
    }
    match line.back() {
        Some((last, _)) if *last > until => {
            let at = line.partition_point(|(other, _)| *other <= until);
            line.insert(at, (until, place));
        }
        _ => line.push_back((until, place)),
    }
}

/// IDs are random already.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u16((*octet).into());
        }
    }

    fn write_u16(&mut self, id: u16) {
        // The golden ratio spreads it over all bits (Knuth, "The Art of Computer Programming", §6.4).
        self.0 = (self.0 ^ u64::from(id)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use hickory_proto::op::{Message, Query, ResponseCode};
    use hickory_proto::rr::RecordType;

    use super::*;
    use crate::lookup::responder::{name, reply};

    const SECOND: Duration = Duration::from_secs(1);

    /// The question of a query, and the response to it under an ID.
    fn query(owner: &str) -> (Vec<u8>, impl Fn(u16) -> Vec<u8>) {
        let mut query = Message::query();
        query.add_query(Query::query(name(owner), RecordType::A));
        let question = query.to_vec().unwrap()[12..].to_vec();
        let response = reply(&query, ResponseCode::NoError, &[]);
        (question, move |id: u16| [&id.to_be_bytes()[..], &response[2..]].concat())
    }

    fn end(flights: &mut Flights, place: Place) -> Option<Result<(), Failure>> {
        match flights.poll(place, &Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result.map(drop)),
            Poll::Pending => None,
        }
    }

    #[test]
    fn an_answer_ends_the_question_that_it_repeats_under_its_id_and_no_other() {
        let (question, response) = query("a.Test.");
        let (_, other_case) = query("a.test.");
        let (_, other_name) = query("b.Test.");
        let mut flights = Flights::default();
        let until = Instant::now();
        let mut drawn = VecDeque::from([7, 7, 7, 8]);
        let mut enter = |flights: &mut Flights| {
            flights.enter(&question, until, || drawn.pop_front().unwrap()).unwrap()
        };
        let (first, first_id) = enter(&mut flights);
        let (second, second_id) = enter(&mut flights);
        assert_eq!((first_id, second_id), (7, 8), "an ID that is taken is drawn again");
        for forged in [response(9), other_case(7), other_name(7)] {
            assert!(flights.take(&forged, Instant::now()).is_none());
            assert_eq!([end(&mut flights, first), end(&mut flights, second)], [None, None]);
        }
        assert_eq!(flights.strays(), 3);
        assert!(flights.take(&response(8), Instant::now()).is_some(), "whoever looked is woken");
        assert_eq!([end(&mut flights, first), end(&mut flights, second)], [None, Some(Ok(()))]);
        // The second answer to a question is one too many.
        assert!(flights.take(&response(8), Instant::now()).is_none());
        assert_eq!(flights.strays(), 4);
        flights.leave(second);
        assert_eq!(flights.len(), 1);
    }

    #[test]
    fn time_ends_questions_in_its_order_and_spares_those_that_have_a_place_again() {
        let (question, response) = query("a.test.");
        let now = Instant::now();
        let mut flights = Flights::default();
        let enter = |flights: &mut Flights, id: u16, seconds: u32| {
            flights.enter(&question, now + seconds * SECOND, || id).unwrap().0
        };
        let (third, first) = (enter(&mut flights, 1, 3), enter(&mut flights, 2, 1));
        let gone = enter(&mut flights, 3, 2);
        flights.leave(gone);
        let again = enter(&mut flights, 4, 4);
        assert_eq!(again.slot, gone.slot);
        assert_eq!(flights.due(), Some(now + SECOND));
        flights.expire(now + 2 * SECOND);
        let timeout = Some(Err(Failure::Timeout));
        assert_eq!(
            [first, third, again].map(|place| end(&mut flights, place)),
            [timeout, None, None]
        );
        assert_eq!(flights.due(), Some(now + 3 * SECOND));
        flights.take(&response(1), Instant::now());
        assert_eq!(end(&mut flights, third), Some(Ok(())));
        assert_eq!(flights.due(), Some(now + 4 * SECOND));
    }

    #[test]
    fn what_takes_longer_than_others_is_sent_once_more_and_again_after_twice_as_long() {
        let (question, response) = query("a.test.");
        let now = Instant::now();
        let mut flights = Flights::default();
        let enter = |flights: &mut Flights, id: u16| {
            flights.enter(&question, now + 9 * SECOND, || id).unwrap().0
        };
        let send = |flights: &mut Flights, place, id: u8| flights.sent(place, &[0, id], now);
        // Nothing is known of a server that has not answered.
        let first = enter(&mut flights, 1);
        assert_eq!(send(&mut flights, first, 1), None);
        flights.take(&response(1), Instant::now());
        let (answered, late) = (enter(&mut flights, 2), enter(&mut flights, 3));
        let then = send(&mut flights, answered, 2).unwrap();
        assert_eq!(send(&mut flights, late, 3), Some(then));
        assert_eq!((flights.due(), flights.repeat(now)), (Some(then), None));
        flights.take(&response(2), Instant::now());
        assert_eq!(flights.repeat(then), Some(&[0, 3][..]));
        let again = then + 2 * (then - now);
        assert_eq!((flights.due(), flights.repeat(then)), (Some(again), None));
        assert_eq!(flights.repeat(again), Some(&[0, 3][..]));
        assert_eq!((flights.due(), flights.repeat(again)), (Some(now + 9 * SECOND), None));
        flights.take(&response(3), Instant::now());
        assert_eq!(end(&mut flights, late), Some(Ok(())));
        assert!(flights.again.is_empty());
    }

    #[test]
    fn garbage_says_more_than_silence_to_those_that_it_may_be_meant_for() {
        let (question, response) = query("a.test.");
        let (first, second) = (Some(Err(Failure::Timeout)), Some(Err(Failure::Malformed)));
        let to_second = [&[0, 2], &b"garbage"[..]].concat();
        let mut asking = response(2);
        asking[2] &= 0x7f;
        for (garbage, ends) in [
            (to_second, [first, second]),
            (asking, [first, second]),
            (b"garbage".to_vec(), [second, second]),
            (b"x".to_vec(), [second, second]),
            (response(3), [first, first]),
        ] {
            let now = Instant::now();
            let mut flights = Flights::default();
            let places = [1, 2].map(|id| flights.enter(&question, now, || id).unwrap().0);
            assert!(flights.take(&garbage, Instant::now()).is_none());
            flights.expire(now);
            assert_eq!(places.map(|place| end(&mut flights, place)), ends, "{garbage:?}");
        }
    }

    #[test]
    fn it_takes_no_more_room_than_the_most_that_were_in_flight_at_one_time() {
        let (question, _) = query("a.test.");
        let now = Instant::now();
        let mut flights = Flights::default();
        // One that is never answered, before all others.
        let stuck = flights.enter(&question, now, rand::random).unwrap().0;
        for _ in 0..10_000 {
            let places: Vec<_> = (0..3)
                .map(|_| flights.enter(&question, now + SECOND, rand::random).unwrap().0)
                .collect();
            places.into_iter().for_each(|place| flights.leave(place));
        }
        assert_eq!((flights.slots.len(), flights.by_id.len(), flights.len()), (4, 1, 1));
        assert!(flights.queue.len() <= 10, "{}", flights.queue.len());
        flights.leave(stuck);
        let mut ids = 0..;
        while flights.enter(&question, now, || ids.next().unwrap()).is_some() {}
        assert_eq!(flights.len(), FULL);
    }
}
