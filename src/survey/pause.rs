//! How long to wait until a domain is asked about again.

use std::time::Duration;

/// The pause after the first try.
const FIRST: Duration = Duration::from_secs(3);

/// The longest pause that is not that of a cache.
const LONGEST: Duration = Duration::from_secs(300);

/// How much longer a pause is than the cache remembers, at least: TTLs are whole seconds, and a record
/// is kept to the end of its last one.
const AFTER: Duration = Duration::from_secs(1);

/// The pause after so many tries, one at least: it doubles from 3 seconds up to 5 minutes, and is
/// longer by up to a quarter, so that many who wait do not ask together. It is never shorter than a
/// cache remembers what it said, in seconds.
///
/// `jitter` is a random number.
pub fn pause(tries: u32, remembered: Option<u32>, jitter: u32) -> Duration {
    let doubled =
        FIRST.saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
    let pause = doubled.min(LONGEST);
    let share = f64::from(jitter) / f64::from(u32::MAX) / 4.0;
    let remembered = remembered.map(|seconds| Duration::from_secs(seconds.into()) + AFTER);
    let jittered = pause.mul_f64(1.0 + share);
    // Of a cache that is waited for, the share is that of a short pause: it need not be long.
    match remembered.filter(|remembered| *remembered > pause) {
        Some(remembered) => remembered + FIRST.mul_f64(share),
        None => jittered,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[track_caller]
    fn check(tries: u32, remembered: Option<u32>, jitter: u32, seconds: f64) {
        let pause = pause(tries, remembered, jitter).as_secs_f64();
        assert!((pause - seconds).abs() < 0.001, "{pause}");
    }

    #[test]
    fn pauses_grow_up_to_five_minutes() {
        for (tries, seconds) in [(1, 3.0), (2, 6.0), (3, 12.0), (8, 300.0), (40, 300.0)] {
            check(tries, None, 0, seconds);
            check(tries, None, u32::MAX, seconds * 1.25);
        }
    }

    #[test]
    fn what_a_cache_remembers_is_waited_for() {
        check(1, Some(300), 0, 301.0);
        check(1, Some(300), u32::MAX, 301.75);
        check(8, Some(30), 0, 300.0);
    }

    proptest! {
        #[test]
        fn nobody_is_asked_before_a_cache_forgets(
            tries in any::<u32>(),
            remembered in any::<u32>(),
            jitter in any::<u32>(),
        ) {
            let pause = pause(tries, Some(remembered), jitter);
            assert!(pause > Duration::from_secs(remembered.into()) && pause >= FIRST);
        }
    }
}
