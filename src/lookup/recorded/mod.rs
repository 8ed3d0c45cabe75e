//! Answers written down in one run and read in another: JSON, one line a question.
//!
//! Types, names and data stand in the presentation form of master files; data of a type without a
//! form of its own in that of RFC 3597 §5.
//!
//! A recording is the run. What was known unasked stands in it, and a question that was answered
//! differently for another mail domain stands there for that domain, so that a list of domains is
//! judged from it as it was then; what was given up for a domain, because its time was over, is given up
//! again. What was seen of mail servers stands in it with its time, and what the
//! web served with the addresses that were asked. Where each of several servers was asked, it says which
//! they were, and with every answer whose it is.

mod fetched;
mod line;
mod recorder;
mod recording;
mod seen;
mod shape;
mod sighting;
mod unfinished;

#[cfg(test)]
mod tests;

pub use self::line::LineError;
pub use self::recorder::Recorder;
pub use self::recording::{Recording, RecordingError};
