//! How long is waited for a verdict, and for which.

use std::time::Duration;

use clap::ValueEnum;

use crate::audit::Verdict;

/// The verdict that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Until {
    /// Nothing above info is left
    Pass,
    /// No error is left
    Warn,
}

impl Until {
    pub(super) fn is_reached(self, verdict: Verdict) -> bool {
        verdict == Verdict::Pass || self == Self::Warn && verdict == Verdict::Warn
    }

    /// The word for it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Pass => Verdict::Pass.text(),
            Self::Warn => Verdict::Warn.text(),
        }
    }
}

/// Reads a time like [`parse_patience`], and up to ten years in days.
pub(super) fn parse_time(text: &str) -> Result<Duration, String> {
    const LONGEST: u64 = 3653;
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
    match days {
        Some(days @ ..=LONGEST) => Ok(Duration::from_secs(days * 86_400)),
        Some(_) => Err("give ten years at most".to_owned()),
        None => parse_patience(text),
    }
}

/// Reads `90s`, `15m`, `1h`, `1h30m`, and seconds alone: one at least, and seven days at most.
pub(super) fn parse_patience(text: &str) -> Result<Duration, String> {
    const USE: &str = "give a time such as 90s, 15m or 1h";
    const LONGEST: u64 = 7 * 86_400;
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().map_err(|_error| USE.to_owned())?;
        let mut unit = rest[digits..].chars();
        let factor = match unit.next() {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            Some(_) => return Err(USE.to_owned()),
        };
        rest = unit.as_str();
        seconds = seconds.saturating_add(number.saturating_mul(factor));
    }
    match seconds {
        0 => Err(USE.to_owned()),
        1..=LONGEST => Ok(Duration::from_secs(seconds)),
        _ => Err("give seven days at most".to_owned()),
    }
}

/// A time as it is said: `45 s`, `5 min`, `1 h 30 min`.
pub(super) fn spoken(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .take(2)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_read() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("2d", 172_800), ("45", 45)]
        {
            assert_eq!(parse_patience(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "0", "m", "-1s", "1.5h", "5 min", "8d", "99999999999999999999h", "1é"] {
            assert!(parse_patience(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_is_said_in_two_units() {
        for (seconds, text) in [(0, "0 s"), (45, "45 s"), (300, "5 min"), (5400, "1 h 30 min")] {
            assert_eq!(spoken(seconds), text);
        }
    }
}
