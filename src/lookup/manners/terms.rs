//! On what terms a server is asked: all that is known of it, fed with what happens and when.
//!
//! There is no clock in here, and no waiting.

use std::time::{Duration, Instant};

use super::doubt::Doubt;
use super::health::{Access, Health};
use super::pace::Pace;
use super::window::Window;
use super::{Limits, Standing};
use crate::answer::Failure;

/// So few questions at one time are too many for no server: what it refuses then is not meant to
/// slow us down.
const CALM: usize = 8;

/// How many refusals are believed to be about the name, once a question that was asked again at a
/// quarter of the load was refused again; twice as many each time that this shows again, up to so many.
const AT_FACE_VALUE: u32 = 256;
const MOST_AT_FACE_VALUE: u32 = 1 << 14;

/// How long a question waits that was refused under load, at least; twice as long each time.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that takes longer than this is slow.
const SLOW: Duration = Duration::from_secs(1);

/// A question on its way.
#[derive(Debug)]
pub(super) struct Ticket {
    sent: Instant,
    /// It tells whether the server is back.
    is_trial: bool,
    /// How many were on their way with it.
    among: usize,
    /// When it left, as the window counts time.
    time: u64,
}

/// Whether a question may leave.
#[derive(Debug)]
pub(in crate::lookup) enum Admission<T> {
    /// Now.
    Go(T),
    /// Then, or once another has come back.
    Wait(Instant),
    /// Not before this, or until it is known whether the server is back.
    Rests,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lookup) enum Said {
    /// An answer, NXDOMAIN and NODATA among them.
    Answered,
    /// A response that is none (SERVFAIL), to a question of this domain.
    Failed(u64),
    /// REFUSED, to a question of this domain.
    Refused(u64),
    /// No response.
    Lost(Failure),
    /// Nothing that says anything about the server.
    Nothing,
}

/// What is known of a server.
#[derive(Debug)]
pub(super) struct Terms {
    pace: Pace,
    window: Window,
    health: Health,
    doubt: Doubt,
    /// How many refusals are still believed to be about the name.
    at_face_value: u32,
    /// How many will be when it shows again that they are.
    belief: u32,
    /// Whether a question that was refused is asked again to see which it is.
    is_tested: bool,
    asked: u64,
    lost: u64,
    refused: u64,
    /// How long it takes to respond, the last ones counting most.
    response_time: Duration,
    random: u64,
}

impl Terms {
    /// Nothing is known yet. The seed makes those that ask from many machines do so at different times.
    pub(super) fn new(limits: Limits, pace: Pace, seed: u64) -> Self {
        Self {
            pace,
            window: Window::new(limits.at_one()),
            health: Health::new(),
            doubt: Doubt::default(),
            at_face_value: 0,
            belief: AT_FACE_VALUE,
            is_tested: false,
            asked: 0,
            lost: 0,
            refused: 0,
            response_time: Duration::ZERO,
            random: seed | 1,
        }
    }

    /// Whether a question may leave now; it then has.
    pub(super) fn admit(&mut self, now: Instant) -> Admission<Ticket> {
        let access = self.health.access(now);
        if let Access::Closed(_) = access {
            return Admission::Rests;
        }
        if access == Access::Open
            && let Err(then) = self.window.room(now)
        {
            return Admission::Wait(then);
        }
        if let Err(then) = self.pace.take(now) {
            return Admission::Wait(then);
        }
        let is_trial = access == Access::Trial;
        if is_trial {
            self.health.begin_trial();
        }
        let time = self.window.leave();
        self.asked += 1;
        Admission::Go(Ticket { sent: now, is_trial, among: self.window.in_flight(), time })
    }

    /// One more message is sent for a question that has left.
    pub(super) fn owe(&mut self, now: Instant) {
        self.pace.owe(now);
    }

    /// A question was given up before anything came of it.
    pub(super) fn broken_off(&mut self, ticket: &Ticket, now: Instant) {
        self.window.end(ticket.time);
        if ticket.is_trial {
            self.health.break_off_trial(now);
        }
    }

    /// What came of a question, which was refused before with so many on their way. Says after what
    /// pause it is worth asking again, where it was refused for the load.
    pub(super) fn heard(
        &mut self,
        ticket: &Ticket,
        said: Said,
        refused_among: Option<usize>,
        now: Instant,
    ) -> Option<Duration> {
        self.window.end(ticket.time);
        match said {
            Said::Answered => {
                self.responded(ticket, now);
                // It does not grow while it is not known whether it is too wide.
                if !self.is_tested || refused_among.is_some() {
                    self.window.answered(ticket.among);
                }
                self.doubt.answered();
                if refused_among.is_some() {
                    (self.at_face_value, self.belief) = (0, AT_FACE_VALUE);
                    self.is_tested = false;
                }
                None
            }
            Said::Failed(domain) => {
                self.responded(ticket, now);
                self.failed(ticket, domain, now);
                None
            }
            Said::Refused(domain) => {
                self.responded(ticket, now);
                self.refused += 1;
                self.failed(ticket, domain, now);
                self.refused(ticket, refused_among, now)
            }
            Said::Lost(failure) => {
                self.lost += 1;
                self.window.lost(ticket.sent, now);
                let fraction = self.fraction();
                self.health.lost(failure, ticket.is_trial, now, fraction);
                None
            }
            Said::Nothing => {
                if ticket.is_trial {
                    self.health.break_off_trial(now);
                }
                None
            }
        }
    }

    fn responded(&mut self, ticket: &Ticket, now: Instant) {
        let took = now.saturating_duration_since(ticket.sent);
        self.response_time = match self.response_time {
            Duration::ZERO => took,
            before => (before * 7 + took) / 8,
        };
        if self.health.responded() {
            self.window.begin_anew();
        }
    }

    fn failed(&mut self, ticket: &Ticket, domain: u64, now: Instant) {
        let fraction = self.fraction();
        if self.doubt.failed(domain, now, fraction) {
            self.window.halve(ticket.sent, now);
        }
    }

    /// Forwarders refuse what is more than they can forward at one time, and servers refuse names
    /// that they do not serve. Which it is shows when less is asked.
    fn refused(
        &mut self,
        ticket: &Ticket,
        refused_among: Option<usize>,
        now: Instant,
    ) -> Option<Duration> {
        if self.at_face_value > 0 {
            self.at_face_value -= 1;
            return None;
        }
        if ticket.among <= CALM || self.doubt.is_ill() {
            if refused_among.is_some() {
                self.believe();
            }
            return None;
        }
        if refused_among.is_some_and(|among| ticket.among * 4 <= among) {
            self.believe();
            return None;
        }
        if refused_among.is_some() || !self.is_tested {
            self.window.halve(ticket.sent, now);
            self.is_tested = true;
        }
        Some(PAUSE.mul_f64(1.0 + self.fraction()))
    }

    /// What is refused is refused for its name.
    fn believe(&mut self) {
        (self.at_face_value, self.is_tested) = (self.belief, false);
        self.belief = (self.belief * 2).min(MOST_AT_FACE_VALUE);
    }

    /// Whether it is not to be asked now: then until when, unless that depends on what is on its way.
    pub(super) fn rests(&self, now: Instant) -> Option<Option<Instant>> {
        match self.health.access(now) {
            Access::Open | Access::Trial => None,
            Access::Closed(until) => Some(until),
        }
    }

    /// Whether others are to be asked first.
    pub(super) fn is_doubtful(&self, now: Instant) -> bool {
        self.doubt.is_doubtful(now)
    }

    /// How long to wait before asking it again what it just failed at; none where it fails at some
    /// zones only.
    pub(super) fn hesitation(&mut self) -> Duration {
        match self.doubt.is_ill() {
            true => (PAUSE * 4).mul_f64(0.5 + self.fraction()),
            false => Duration::ZERO,
        }
    }

    /// Why it rests.
    pub(super) fn why(&self) -> Option<Failure> {
        self.health.why()
    }

    /// Whether waiting for it is worth while.
    pub(super) fn may_come_back(&self) -> bool {
        self.health.may_come_back()
    }

    pub(super) fn standing(&self, server: String, now: Instant) -> Standing {
        Standing {
            server,
            asked: self.asked,
            unanswered: self.lost,
            refused: self.refused,
            rests: self.health.access(now) != Access::Open,
            is_slow: self.response_time > SLOW,
            why: self.health.why(),
        }
    }

    /// From 0 to 1, never the same (Marsaglia, "Xorshift RNGs", 2003).
    fn fraction(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Ticket {
    /// How many were on their way with it.
    pub(super) fn among(&self) -> usize {
        self.among
    }
}
