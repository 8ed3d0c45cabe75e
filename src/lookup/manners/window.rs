//! How many questions are on their way to a server: as many as it bears.

use std::time::{Duration, Instant};

/// How many a server is asked at one time before it has answered any.
pub(super) const FIRST: usize = 10;

/// How many it is asked at one time at least, however much was lost.
const FLOOR: f64 = 2.0;

/// Of how many questions one must be lost for the window to shrink. The names of zones whose servers
/// are gone time out at a resolver that is well, and a busy network loses one of a hundred.
const LOST_OF: u32 = 4;

/// Of how many questions it is remembered how many were lost.
const MEMORY: u32 = 128;

/// For how long a question takes a place in the window, and twice as long at most. One that takes
/// longer is about a name that nobody answers for, most often, and keeps none from being asked.
const PLACE: Duration = Duration::from_millis(500);

/// The questions in flight, and the most that may be: twice as many after each round of answers as
/// before, up to what was once too much, and from there on one more each round.
#[derive(Debug)]
pub(super) struct Window {
    in_flight: usize,
    /// Those that left of late: in the present time and in the one before.
    recent: [usize; 2],
    /// When the present time began, and which it is.
    began: Option<Instant>,
    time: u64,
    size: f64,
    /// From here on it grows slowly.
    threshold: f64,
    ceiling: f64,
    /// When it was made smaller; what was asked before says nothing about it.
    cut: Option<Instant>,
    answered: u32,
    lost: u32,
}

impl Window {
    /// At most so many, 1 at least.
    pub(super) fn new(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1) as f64;
        let size = ceiling.min(FIRST as f64);
        Self {
            in_flight: 0,
            recent: [0; 2],
            began: None,
            time: 0,
            size,
            threshold: ceiling,
            ceiling,
            cut: None,
            answered: 0,
            lost: 0,
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Whether one more may leave; else when there may be room though none comes back.
    pub(super) fn room(&mut self, now: Instant) -> Result<(), Instant> {
        self.pass(now);
        let taken = self.recent[0] + self.recent[1];
        if (taken as f64) < self.size.floor() && (self.in_flight as f64) < self.ceiling {
            return Ok(());
        }
        Err(self.began.unwrap_or(now) + PLACE)
    }

    /// One more is on its way. Its time is what [`Self::end`] wants to hear.
    pub(super) fn leave(&mut self) -> u64 {
        self.in_flight += 1;
        self.recent[0] += 1;
        self.time
    }

    /// One that left at that time is no longer on its way, whatever came of it.
    pub(super) fn end(&mut self, time: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let ago = usize::try_from(self.time.saturating_sub(time)).unwrap_or(usize::MAX);
        if let Some(recent) = self.recent.get_mut(ago) {
            *recent = recent.saturating_sub(1);
        }
    }

    /// Time passes.
    fn pass(&mut self, now: Instant) {
        let began = *self.began.get_or_insert(now);
        let passed = now.saturating_duration_since(began).as_millis() / PLACE.as_millis();
        match passed {
            0 => return,
            1 => self.recent = [0, self.recent[0]],
            _ => self.recent = [0; 2],
        }
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        self.time += u64::from(passed);
        self.began = began.checked_add(PLACE.saturating_mul(passed));
    }

    /// A response came, with so many on their way when it was asked for.
    pub(super) fn answered(&mut self, among: usize) {
        self.count(1, 0);
        // A window that nobody fills says nothing about a wider one.
        if (among as f64) * 2.0 < self.size {
            return;
        }
        let step = if self.size < self.threshold { 1.0 } else { 1.0 / self.size };
        self.size = (self.size + step).min(self.ceiling);
    }

    /// What was asked for then got no response. Many of them make it smaller.
    pub(super) fn lost(&mut self, sent: Instant, now: Instant) {
        if self.is_of_before(sent) {
            return;
        }
        self.count(0, 1);
        if self.lost * LOST_OF >= self.answered + self.lost {
            self.halve(sent, now);
        }
    }

    /// What was asked for then was too much: half as many from now on. What was on its way together
    /// counts once.
    pub(super) fn halve(&mut self, sent: Instant, now: Instant) {
        if self.is_of_before(sent) {
            return;
        }
        self.threshold = (self.size / 2.0).max(FLOOR).min(self.ceiling);
        self.size = self.threshold;
        self.cut = Some(now);
        (self.answered, self.lost) = (0, 0);
    }

    /// Nothing is known of the server any more.
    pub(super) fn begin_anew(&mut self) {
        let anew = Self::new(self.ceiling as usize);
        (self.size, self.cut) = (anew.size, None);
        (self.answered, self.lost) = (0, 0);
    }

    fn is_of_before(&self, sent: Instant) -> bool {
        self.cut.is_some_and(|cut| sent < cut)
    }

    fn count(&mut self, answered: u32, lost: u32) {
        self.answered += answered;
        self.lost += lost;
        if self.answered + self.lost > MEMORY {
            self.answered /= 2;
            self.lost /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    /// Asks for as many as there is room for.
    fn fill(window: &mut Window, now: Instant) -> Vec<u64> {
        let mut left = Vec::new();
        while window.room(now).is_ok() {
            left.push(window.leave());
        }
        left
    }

    /// A round in which all is answered.
    fn round(window: &mut Window) -> usize {
        let left = fill(window, Instant::now());
        for time in &left {
            window.end(*time);
            window.answered(left.len());
        }
        left.len()
    }

    #[test]
    fn it_doubles_up_to_its_ceiling() {
        let mut window = Window::new(100);
        let sizes: Vec<_> = (0..6).map(|_| round(&mut window)).collect();
        assert_eq!(sizes, [10, 20, 40, 80, 100, 100]);
        let mut small = Window::new(3);
        assert_eq!([round(&mut small), round(&mut small)], [3, 3]);
        assert_eq!(fill(&mut Window::new(0), Instant::now()).len(), 1);
    }

    #[test]
    fn a_flight_that_is_lost_halves_it_once_and_then_it_grows_slowly() {
        let mut window = Window::new(100);
        while round(&mut window) < 100 {}
        let sent = Instant::now();
        let later = sent + Duration::from_secs(3);
        for time in fill(&mut window, sent) {
            window.end(time);
            window.lost(sent, later);
        }
        let sizes: Vec<_> = (0..6).map(|_| round(&mut window)).collect();
        assert!(sizes[0] == 50 && sizes.is_sorted(), "{sizes:?}");
        assert!((52..=55).contains(&sizes[5]), "{sizes:?}");
    }

    #[test]
    fn a_few_that_are_lost_among_many_leave_it_alone() {
        let mut window = Window::new(100);
        while round(&mut window) < 100 {}
        let now = Instant::now();
        for _ in 0..20 {
            for (at, time) in fill(&mut window, now).into_iter().enumerate() {
                window.end(time);
                match at % 10 {
                    0 => window.lost(now, now),
                    _ => window.answered(100),
                }
            }
        }
        assert_eq!(fill(&mut window, now).len(), 100);
    }

    #[test]
    fn one_that_nobody_fills_does_not_grow() {
        let mut window = Window::new(100);
        for _ in 0..1000 {
            let time = window.leave();
            window.end(time);
            window.answered(1);
        }
        assert_eq!(fill(&mut window, Instant::now()).len(), FIRST);
    }

    #[test]
    fn what_takes_long_keeps_no_more_from_being_asked_than_the_ceiling() {
        let mut window = Window::new(35);
        let begun = Instant::now();
        let mut left: Vec<_> = fill(&mut window, begun);
        assert_eq!(left.len(), FIRST);
        let mut now = begun;
        while left.len() < 35 {
            let then = window.room(now).unwrap_err();
            assert!(then > now);
            now = then;
            left.extend(fill(&mut window, now));
        }
        assert!(now > begun + PLACE && window.room(now + PLACE * 9).is_err());
        left.into_iter().for_each(|time| window.end(time));
        assert_eq!((window.in_flight(), window.recent), (0, [0; 2]));
        assert_eq!(fill(&mut window, now + PLACE * 9).len(), FIRST);
    }

    proptest! {
        #[test]
        fn it_stays_between_one_and_its_ceiling_whatever_comes(
            ceiling in 1..300_usize,
            events in prop::collection::vec((0..4_u8, 0..5_u64), 0..300),
        ) {
            let mut window = Window::new(ceiling);
            let mut now = Instant::now();
            for (event, pause) in events {
                let sent = now;
                now += Duration::from_secs(pause);
                match event {
                    0 => window.answered(ceiling),
                    1 => window.lost(sent, now),
                    2 => window.halve(sent, now),
                    _ => window.begin_anew(),
                }
                let left = fill(&mut window, now);
                prop_assert!((1..=ceiling).contains(&left.len()));
                left.into_iter().for_each(|time| window.end(time));
            }
        }
    }
}
