//! Talk on stderr, and a line on a terminal that says how far a long run is.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::name::printable;

/// How often the line changes.
const INTERVAL: Duration = Duration::from_millis(200);

/// The progress line; silent where nobody watches.
pub(super) struct Progress<'a> {
    stderr: &'a mut dyn Write,
    /// Whether the user wants nothing but errors.
    quiet: bool,
    /// Whether stderr is a terminal that nothing else writes to.
    watched: bool,
    begun: Instant,
    /// When the line was written; None where none stands.
    shown: Option<Instant>,
    done: u64,
}

impl<'a> Progress<'a> {
    /// Begins to count the time; the line shows from the first interval on.
    pub(super) fn new(stderr: &'a mut dyn Write, quiet: bool, watched: bool) -> Self {
        let watched = watched && !quiet;
        Self { stderr, quiet, watched, begun: Instant::now(), shown: None, done: 0 }
    }

    /// Counts one more domain.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if !self.watched {
            return;
        }
        let now = Instant::now();
        let last = self.shown.unwrap_or(self.begun);
        if now.duration_since(last) < INTERVAL {
            return;
        }
        self.shown = Some(now);
        let seconds = now.duration_since(self.begun).as_secs_f64();
        let rate = self.done as f64 / seconds.max(0.001);
        // Progress is a courtesy: a closed stderr must not end the work.
        let _courtesy = write!(self.stderr, "\r\u{1b}[K{} domains, {rate:.0} a second", self.done);
        let _courtesy = self.stderr.flush();
    }

    /// Writes a line of talk, the progress line out of its way.
    pub(super) fn say(&mut self, line: &str) {
        self.clear();
        let _courtesy = writeln!(self.stderr, "{}", printable(line));
    }

    /// Writes a line of talk unless the user wants none.
    pub(super) fn note(&mut self, line: &str) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.shown.take().is_some() {
            let _courtesy = write!(self.stderr, "\r\u{1b}[K");
            let _courtesy = self.stderr.flush();
        }
    }
}
