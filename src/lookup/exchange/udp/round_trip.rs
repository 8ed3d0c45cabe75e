//! How long a server takes to answer, and when a question to it is taken for lost.

use std::time::Duration;

/// How long an answer is waited for at least before its question is sent once more.
const LEAST: Duration = Duration::from_millis(200);

/// The times that answers of a server took, smoothed (RFC 6298 §2).
#[derive(Debug, Default)]
pub(super) struct RoundTrip {
    /// Their mean, and how far they are from it.
    smoothed: Option<(Duration, Duration)>,
}

impl RoundTrip {
    /// An answer took so long; its question was sent once, so that it is known which was answered.
    pub(super) fn heard(&mut self, took: Duration) {
        self.smoothed = Some(match self.smoothed {
            None => (took, took / 2),
            Some((mean, off)) => ((mean * 7 + took) / 8, (off * 3 + mean.abs_diff(took)) / 4),
        });
    }

    /// After what time without an answer a question is taken for lost; None of a server that has not
    /// answered yet.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.smoothed.map(|(mean, off)| (mean + off * 4).max(LEAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_patient_as_the_server_is_slow_and_unsteady() {
        let mut round_trip = RoundTrip::default();
        assert_eq!(round_trip.patience(), None);
        let mut after = |millis: &[u64]| {
            millis.iter().for_each(|it| round_trip.heard(Duration::from_millis(*it)));
            round_trip.patience().unwrap()
        };
        assert_eq!(after(&[1]), LEAST);
        assert_eq!(after(&[1; 100]), LEAST);
        let steady = after(&[300; 100]);
        assert!(steady >= Duration::from_millis(300) && steady < Duration::from_millis(320));
        let unsteady = after(&[100, 500].repeat(50));
        assert!(unsteady > Duration::from_millis(900), "{unsteady:?}");
    }
}
