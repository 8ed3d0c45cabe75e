//! Whether a server fails at everything, which is its own fault, or at some zones, which is theirs.

use std::time::{Duration, Instant};

/// How many failures in a row are more than chance: broken zones are common, and a list may hold
/// several of them one after the other.
const IN_A_ROW: u32 = 40;

/// Over how many domains they must be.
const DOMAINS: usize = 4;

/// For how long it is asked after others at first, and at most.
const FIRST_TIME: Duration = Duration::from_secs(1);
const LONGEST_TIME: Duration = Duration::from_secs(30);

/// The failures (SERVFAIL, REFUSED and the like) since a server last answered.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    failures: u32,
    /// Whose questions they were, each once, no more than count.
    domains: Vec<u64>,
    until: Option<Instant>,
    times: u32,
}

impl Doubt {
    /// It answered.
    pub(super) fn answered(&mut self) {
        if self.failures > 0 {
            *self = Self::default();
        }
    }

    /// It failed at a question of this domain; true where that makes it doubtful.
    pub(super) fn failed(&mut self, domain: u64, now: Instant, fraction: f64) -> bool {
        self.failures = self.failures.saturating_add(1);
        if self.domains.len() < DOMAINS && !self.domains.contains(&domain) {
            self.domains.push(domain);
        }
        let is_ill = self.failures >= IN_A_ROW && self.domains.len() >= DOMAINS;
        if !is_ill || self.is_doubtful(now) {
            return false;
        }
        let time = FIRST_TIME.saturating_mul(1 << self.times.min(16)).min(LONGEST_TIME);
        self.times += 1;
        self.until = Some(now + time.mul_f64(0.5 + fraction / 2.0));
        true
    }

    /// Whether others are asked first. From time to time it is asked all the same, to see.
    pub(super) fn is_doubtful(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Whether it fails at everything.
    pub(super) fn is_ill(&self) -> bool {
        self.until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_zones_make_no_server_doubtful() {
        let now = Instant::now();
        let mut doubt = Doubt::default();
        // One zone, asked for ever.
        for _ in 0..1000 {
            assert!(!doubt.failed(1, now, 0.0));
        }
        // A list of which every other domain is broken.
        for domain in 0..1000 {
            for _ in 0..14 {
                assert!(!doubt.failed(domain, now, 0.0));
            }
            doubt.answered();
        }
        assert!(!doubt.is_doubtful(now) && !doubt.is_ill());
    }

    #[test]
    fn one_that_fails_at_everything_is_doubtful_and_asked_again_ever_more_seldom() {
        let mut now = Instant::now();
        let mut doubt = Doubt::default();
        let begins = (0..u64::from(IN_A_ROW)).filter(|domain| doubt.failed(*domain, now, 1.0));
        assert_eq!(begins.count(), 1);
        assert!(doubt.is_doubtful(now));
        now += FIRST_TIME;
        assert!(!doubt.is_doubtful(now) && doubt.is_ill());
        assert!(doubt.failed(1, now, 1.0));
        assert!(doubt.is_doubtful(now + FIRST_TIME));
        doubt.answered();
        assert!(!doubt.is_doubtful(now) && !doubt.is_ill());
    }
}
