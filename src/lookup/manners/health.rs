//! Whether a server is there: one that is not rests, and is tried again from time to time.

use std::time::{Duration, Instant};

use crate::answer::Failure;

/// How many questions in a row get no response before a server rests.
const LOST_IN_A_ROW: u32 = 5;

/// How long it rests at first, and at most; each time twice as long as before.
const FIRST_REST: Duration = Duration::from_millis(500);
const LONGEST_REST: Duration = Duration::from_secs(30);

/// What is thought of a server.
#[derive(Debug)]
pub(super) struct Health {
    state: State,
    /// How many got no response since the last response.
    lost: u32,
    /// How often it rested since.
    rests: u32,
    /// Whether it ever responded.
    responded: bool,
    /// Why the last question got no response.
    why: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    Resting(Instant),
    /// One question is on its way that tells whether it is back.
    Trying,
}

/// Whether a server is asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Open,
    /// One question, to see whether it is back.
    Trial,
    /// Not before this, or until the question that tries it has come to its end.
    Closed(Option<Instant>),
}

impl Health {
    pub(super) fn new() -> Self {
        Self { state: State::Well, lost: 0, rests: 0, responded: false, why: None }
    }

    pub(super) fn access(&self, now: Instant) -> Access {
        match self.state {
            State::Well => Access::Open,
            State::Resting(until) if until <= now => Access::Trial,
            State::Resting(until) => Access::Closed(Some(until)),
            State::Trying => Access::Closed(None),
        }
    }

    /// The question that tries it leaves.
    pub(super) fn begin_trial(&mut self) {
        self.state = State::Trying;
    }

    /// The question that tries it was broken off and says nothing.
    pub(super) fn break_off_trial(&mut self, now: Instant) {
        if self.state == State::Trying {
            self.state = State::Resting(now);
        }
    }

    /// It responded; true where it was thought to be gone.
    pub(super) fn responded(&mut self) -> bool {
        let is_back = self.state != State::Well;
        *self = Self { responded: true, ..Self::new() };
        is_back
    }

    /// It did not respond. A fraction from 0 to 1 spreads those that ask from many machines.
    pub(super) fn lost(&mut self, why: Failure, is_trial: bool, now: Instant, fraction: f64) {
        self.why = Some(why);
        self.lost = self.lost.saturating_add(1);
        let rests = match self.state {
            State::Well => self.lost >= LOST_IN_A_ROW,
            State::Trying => is_trial,
            // It was asked before.
            State::Resting(_) => false,
        };
        if rests {
            let rest = FIRST_REST.saturating_mul(1 << self.rests.min(16)).min(LONGEST_REST);
            self.rests += 1;
            self.state = State::Resting(now + rest.mul_f64(0.5 + fraction / 2.0));
        }
    }

    /// Why it rests.
    pub(super) fn why(&self) -> Option<Failure> {
        self.why
    }

    /// Whether it may come back soon: it responded once, or is silent. One that refuses to be reached
    /// from the start is not there.
    pub(super) fn may_come_back(&self) -> bool {
        self.responded || self.why.is_none_or(|why| why == Failure::Timeout)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rest(health: &mut Health, now: Instant) {
        for _ in 0..LOST_IN_A_ROW {
            assert_eq!(health.access(now), Access::Open);
            health.lost(Failure::Timeout, false, now, 0.5);
        }
    }

    #[test]
    fn it_rests_after_so_many_in_a_row_and_any_response_begins_anew() {
        let mut health = Health::new();
        let now = Instant::now();
        for _ in 0..10 {
            for _ in 1..LOST_IN_A_ROW {
                health.lost(Failure::Timeout, false, now, 0.0);
            }
            assert!(!health.responded());
        }
        assert_eq!(health.access(now), Access::Open);
        rest(&mut health, now);
        assert!(matches!(health.access(now), Access::Closed(Some(until)) if until > now));
        // An answer that was given up may be on its way still.
        assert!(health.responded());
        assert_eq!(health.access(now), Access::Open);
    }

    #[test]
    fn one_question_tries_it_and_what_was_asked_before_does_not_count() {
        let mut health = Health::new();
        let mut now = Instant::now();
        rest(&mut health, now);
        let mut before = Duration::ZERO;
        for _ in 0..20 {
            let Access::Closed(Some(until)) = health.access(now) else { panic!("{health:?}") };
            let rested = until - now;
            assert!(rested >= before && rested <= LONGEST_REST, "{rested:?}");
            before = rested;
            health.lost(Failure::Timeout, false, now, 0.5);
            assert_eq!(health.access(now), Access::Closed(Some(until)));
            now = until;
            assert_eq!(health.access(now), Access::Trial);
            health.begin_trial();
            health.lost(Failure::Timeout, false, now, 0.5);
            assert_eq!(health.access(now), Access::Closed(None));
            health.lost(Failure::Timeout, true, now, 0.5);
        }
        assert_eq!(before, LONGEST_REST.mul_f64(0.75));
    }

    #[test]
    fn a_trial_that_is_broken_off_is_made_again() {
        let mut health = Health::new();
        let now = Instant::now();
        rest(&mut health, now);
        let later = now + LONGEST_REST;
        health.begin_trial();
        health.break_off_trial(later);
        assert_eq!(health.access(later), Access::Trial);
    }

    #[test]
    fn a_port_that_was_closed_from_the_start_is_not_waited_for() {
        let now = Instant::now();
        for (failure, responded, waited_for) in [
            (Failure::Unreachable, false, false),
            (Failure::NoRoute, false, false),
            (Failure::Unreachable, true, true),
            (Failure::Timeout, false, true),
        ] {
            let mut health = Health::new();
            if responded {
                health.responded();
            }
            health.lost(failure, false, now, 0.0);
            assert_eq!(health.may_come_back(), waited_for, "{failure:?}");
        }
    }

    proptest! {
        /// Whatever happens, there is a time at which it is asked again.
        #[test]
        fn it_is_never_given_up_for_good(events in prop::collection::vec((0..4_u8, 0..40_u64), 0..200)) {
            let mut health = Health::new();
            let mut now = Instant::now();
            let mut trying = false;
            for (event, pause) in events {
                now += Duration::from_secs(pause);
                if health.access(now) == Access::Trial {
                    health.begin_trial();
                    trying = true;
                }
                match event {
                    0 => drop(health.responded()),
                    1 if trying => health.break_off_trial(now),
                    2 if trying => health.lost(Failure::Timeout, true, now, 1.0),
                    _ => health.lost(Failure::Timeout, false, now, 1.0),
                }
                trying &= health.access(now) == Access::Closed(None);
                let later = health.access(now + LONGEST_REST);
                prop_assert!(trying || matches!(later, Access::Open | Access::Trial));
            }
        }
    }
}
