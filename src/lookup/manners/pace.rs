//! How many questions a second a server is asked: a bucket of tokens.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// The questions a second that a server is asked at most where nothing else is said.
///
/// Half of what a client may ask Google Public DNS (1,000 to 1,500 a second by its documentation,
/// <https://developers.google.com/speed/public-dns/docs/isp>, 2025-07), and less than the 600 that
/// the resolvers of Huawei Cloud look up for a machine (<https://support.huaweicloud.com/eu/productdesc-dns/dns_pd_0015.html>,
/// 2025-07). A list of a thousand healthy domains takes half a minute at it.
pub const USUAL_RATE: NonZeroU32 = NonZeroU32::new(500).expect("it is not zero");

/// The most that a [`Rate`] can say.
const MAX_RATE: u32 = 1_000_000;

/// How much of a second is asked at once after a pause: a domain's questions need not wait for each
/// other.
const BURST: f64 = 0.1;

/// How many questions a second each server is asked at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rate {
    /// [`USUAL_RATE`]; as fast as it answers where it is on this machine.
    #[default]
    Usual,
    /// As many as it answers.
    Unlimited,
    /// So many.
    PerSecond(NonZeroU32),
}

/// Says why a text is no [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give questions a second from 1 to {MAX_RATE}, as in 50, or `unlimited`")]
pub struct RateError;

impl Rate {
    /// What it is for a server at this address; None where there is no limit.
    pub fn at(self, address: Option<IpAddr>) -> Option<NonZeroU32> {
        match self {
            Self::Usual if address.is_some_and(|address| address.to_canonical().is_loopback()) => {
                None
            }
            Self::Usual => Some(USUAL_RATE),
            Self::Unlimited => None,
            Self::PerSecond(rate) => Some(rate),
        }
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        if text.eq_ignore_ascii_case("unlimited") {
            return Ok(Self::Unlimited);
        }
        let rate: NonZeroU32 = text.parse().map_err(|_error| RateError)?;
        if rate.get() > MAX_RATE { Err(RateError) } else { Ok(Self::PerSecond(rate)) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual => write!(f, "{USUAL_RATE}"),
            Self::Unlimited => f.write_str("unlimited"),
            Self::PerSecond(rate) => write!(f, "{rate}"),
        }
    }
}

/// A bucket that fills at a rate, and gives a token for each question.
#[derive(Debug)]
pub(super) struct Pace {
    /// Tokens a second; None gives as many as are asked for.
    rate: Option<f64>,
    tokens: f64,
    /// When the tokens were counted.
    counted: Option<Instant>,
}

impl Pace {
    /// A full bucket.
    pub(super) fn new(rate: Option<NonZeroU32>) -> Self {
        let rate = rate.map(|rate| f64::from(rate.get()));
        Self { rate, tokens: rate.map_or(0.0, size), counted: None }
    }

    /// Takes a token, or says when there will be one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let Some(rate) = self.rate else { return Ok(()) };
        self.fill(rate, now);
        // A nanosecond that was rounded away is worth no second look.
        if self.tokens >= 1.0 - 1e-6 {
            self.tokens -= 1.0;
            return Ok(());
        }
        // At least a little, so that rounding makes nobody look again at once.
        let seconds = ((1.0 - self.tokens) / rate).max(1e-6);
        Err(now + Duration::from_secs_f64(seconds))
    }

    /// Takes a token that may not be there yet, for what cannot wait.
    pub(super) fn owe(&mut self, now: Instant) {
        if let Some(rate) = self.rate {
            self.fill(rate, now);
            self.tokens -= 1.0;
        }
    }

    fn fill(&mut self, rate: f64, now: Instant) {
        let counted = self.counted.replace(now).unwrap_or(now);
        let passed = now.saturating_duration_since(counted).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(size(rate));
    }
}

/// What a bucket holds.
fn size(rate: f64) -> f64 {
    (rate * BURST).max(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_is_a_number_or_unlimited() {
        let per_second = |rate| Ok(Rate::PerSecond(NonZeroU32::new(rate).unwrap()));
        for (text, rate) in [
            ("1", per_second(1)),
            ("1000000", per_second(1_000_000)),
            ("Unlimited", Ok(Rate::Unlimited)),
            ("0", Err(RateError)),
            ("-1", Err(RateError)),
            ("0.5", Err(RateError)),
            ("1000001", Err(RateError)),
            ("", Err(RateError)),
        ] {
            assert_eq!(text.parse(), rate, "{text}");
        }
    }

    #[test]
    fn this_machine_is_asked_as_fast_as_it_answers_unless_a_rate_is_given() {
        for (address, usual) in [
            ("127.0.0.53", None),
            ("::1", None),
            ("::ffff:127.0.0.1", None),
            ("192.168.0.1", Some(USUAL_RATE)),
            ("2001:db8::1", Some(USUAL_RATE)),
        ] {
            let address = Some(address.parse().unwrap());
            assert_eq!(Rate::Usual.at(address), usual);
            assert_eq!(Rate::Unlimited.at(address), None);
            assert_eq!(Rate::PerSecond(NonZeroU32::MIN).at(address), Some(NonZeroU32::MIN));
        }
    }

    proptest! {
        /// Whoever asks whenever a token is promised never gets more than the rate and one burst, and
        /// no less than the rate.
        #[test]
        fn no_more_is_given_than_the_rate_and_no_less(
            rate in 1..10_000_u32,
            pauses in prop::collection::vec(0..2_000_u64, 1..60),
        ) {
            let begun = Instant::now();
            let mut pace = Pace::new(NonZeroU32::new(rate));
            let (mut now, mut taken) = (begun, 0_u32);
            for pause in pauses {
                now += Duration::from_millis(pause);
                for _ in 0..50 {
                    match pace.take(now) {
                        Ok(()) => taken += 1,
                        Err(then) => {
                            prop_assert!(then > now);
                            prop_assert!(then - now <= Duration::from_secs_f64(1.1 / f64::from(rate)));
                            now = then;
                            prop_assert!(pace.take(now).is_ok());
                            taken += 1;
                        }
                    }
                }
            }
            let passed = (now - begun).as_secs_f64();
            let most = passed * f64::from(rate) + size(f64::from(rate)) + 1.0;
            prop_assert!(f64::from(taken) <= most, "{} of {}", taken, most);
        }

        #[test]
        fn what_is_owed_is_waited_for(rate in 1..10_000_u32, owed in 1..100_u32) {
            let mut pace = Pace::new(NonZeroU32::new(rate));
            let now = Instant::now();
            while pace.take(now).is_ok() {}
            let before = pace.take(now).unwrap_err();
            for _ in 0..owed {
                pace.owe(now);
            }
            let later = pace.take(now).unwrap_err() - before;
            let expected = f64::from(owed) / f64::from(rate);
            prop_assert!((later.as_secs_f64() - expected).abs() < 1e-3 + expected * 1e-3);
        }
    }
}
