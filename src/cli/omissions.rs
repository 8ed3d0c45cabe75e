//! What a run had to leave out: one line for each reason, however many domains there were.

use super::progress::Progress;
use crate::render::LeftOut;

/// The reasons that came up, each with its first RRset and the number of them.
#[derive(Default)]
pub(super) struct Omissions {
    reasons: Vec<(LeftOut, u64)>,
    /// Those beyond the reasons that are told apart.
    others: u64,
}

/// The most reasons that are told apart.
const MAX_REASONS: usize = 64;

impl Omissions {
    /// Counts what one domain had to leave out.
    pub(super) fn add(&mut self, left_out: &[LeftOut]) {
        for one in left_out {
            let known = self.reasons.iter().position(|(first, _)| first.reason == one.reason);
            match known {
                Some(at) => self.reasons[at].1 += 1,
                None if self.reasons.len() < MAX_REASONS => self.reasons.push((one.clone(), 1)),
                None => self.others += 1,
            }
        }
    }

    /// Notes each reason once.
    pub(super) fn say(&self, progress: &mut Progress<'_>) {
        for (LeftOut { owner, rtype, reason }, count) in &self.reasons {
            let more = match count {
                1 => String::new(),
                count => format!(" (and {} more like it)", count - 1),
            };
            progress.note(&format!("left out: {owner} {rtype}{more}: it {reason}"));
        }
        if self.others > 0 {
            progress.note(&format!("left out: {} more for other reasons", self.others));
        }
    }
}
