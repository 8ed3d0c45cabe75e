//! Talk on stderr, and a line on a terminal that says how far a long run is.

use std::io::Write;
use std::time::{Duration, Instant};

use super::env::folded;
use super::events::{Event, Told};
use super::silence;
use crate::lookup::resolver::Network;
use crate::words::counted;

/// How often the line changes.
const INTERVAL: Duration = Duration::from_millis(200);

/// How often scripts are told.
const TOLD_INTERVAL: Duration = Duration::from_secs(1);

/// The progress line; silent where nobody watches.
pub(super) struct Progress<'a> {
    stderr: &'a mut dyn Write,
    /// Whether the user wants nothing but errors.
    quiet: bool,
    /// Whether stderr is a terminal.
    watched: bool,
    /// The columns that talk is folded at.
    columns: Option<usize>,
    /// The servers that are told of where they do not answer.
    network: Option<Network>,
    begun: Instant,
    /// When the line was written; None where none stands.
    shown: Option<Instant>,
    done: u64,
    /// How many domains an earlier run had done.
    earlier: u64,
    /// Whether scripts read along.
    scripted: bool,
    /// When somebody is asked again, while that is waited for.
    waits: Option<Instant>,
}

impl<'a> Progress<'a> {
    /// Begins to count the time; the line shows from the first interval on.
    pub(super) fn new(stderr: &'a mut dyn Write, quiet: bool, watched: bool) -> Self {
        let watched = watched && !quiet;
        let begun = Instant::now();
        Self {
            stderr,
            quiet,
            watched,
            columns: None,
            network: None,
            begun,
            shown: None,
            done: 0,
            earlier: 0,
            scripted: false,
            waits: None,
        }
    }

    /// Tells how far the run is in this way.
    pub(super) fn told(self, told: Told) -> Self {
        let (watched, scripted) = (self.watched && told == Told::Auto, told == Told::Json);
        Self { watched, scripted, ..self }
    }

    /// Tells scripts what came to pass.
    pub(super) fn tell(&mut self, event: &Event<'_>) {
        if self.scripted {
            let _courtesy = self.stderr.write_all(event.line().as_bytes());
            let _courtesy = self.stderr.flush();
        }
    }

    /// Writes lines of talk for people alone, unless the user wants none.
    pub(super) fn talk(&mut self, lines: &str) {
        if !self.scripted {
            self.note(lines);
        }
    }

    /// Nothing is asked until then.
    pub(super) fn wait_until(&mut self, time: Option<Instant>) {
        self.waits = time;
    }

    /// Folds talk at the columns of a terminal.
    pub(super) fn folding(self, columns: Option<usize>) -> Self {
        Self { columns, ..self }
    }

    /// Tells of servers that do not answer, too.
    pub(super) fn watch(&mut self, network: Network) {
        self.network = Some(network);
    }

    /// So many domains were done by an earlier run.
    pub(super) fn go_on(&mut self, count: usize) {
        self.earlier = count as u64;
    }

    /// Counts one more domain.
    pub(super) fn step(&mut self) {
        self.done += 1;
        self.show();
    }

    /// Shows how far the run is, if it is time to.
    pub(super) fn show(&mut self) {
        if !self.watched && !self.scripted {
            return;
        }
        let now = Instant::now();
        let last = self.shown.unwrap_or(self.begun);
        let interval = if self.scripted { TOLD_INTERVAL } else { INTERVAL };
        if now.duration_since(last) < interval {
            return;
        }
        self.shown = Some(now);
        if self.scripted {
            let seconds = now.duration_since(self.begun).as_secs();
            return self.tell(&Event::Progress { done: self.done, seconds });
        }
        let seconds = now.duration_since(self.begun).as_secs_f64().max(0.001);
        let rate = self.done as f64 / seconds;
        let left = self.waits.map(|next| next.saturating_duration_since(now).as_secs() + 1);
        let line = match (self.done, left) {
            (_, Some(left)) => format!("next try in {left} s"),
            (0, None) => format!("waiting for answers, {seconds:.0} s"),
            (done, None) if rate < 1.0 => format!("{} in {seconds:.0} s", domains(done)),
            (done, None) => format!("{}, {rate:.0} a second", domains(done)),
        };
        let silent = self.network.as_ref().and_then(|network| silence::now(&network.standings()));
        let line = match silent {
            Some(silent) => format!("{line}; {silent}"),
            None => line,
        };
        let line = fitting(line, self.columns);
        // Progress is a courtesy: a closed stderr must not end the work.
        let _courtesy = write!(self.stderr, "\r\u{1b}[K{line}");
        let _courtesy = self.stderr.flush();
    }

    /// Writes a line of talk, the progress line out of its way.
    pub(super) fn say(&mut self, line: &str) {
        if self.scripted {
            return self.tell(&Event::Note { text: line });
        }
        self.clear();
        let _courtesy = write!(self.stderr, "{}", folded(line, self.columns));
    }

    /// Writes a line of talk unless the user wants none.
    pub(super) fn note(&mut self, line: &str) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if !self.scripted && self.shown.take().is_some() {
            let _courtesy = write!(self.stderr, "\r\u{1b}[K");
            let _courtesy = self.stderr.flush();
        }
    }
}

fn domains(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "domain")
}

/// What fits on a line of a terminal: a longer one could not be taken away again.
fn fitting(line: String, columns: Option<usize>) -> String {
    match columns {
        Some(columns) if line.chars().count() >= columns => {
            let kept: String = line.chars().take(columns.saturating_sub(2)).collect();
            format!("{kept}…")
        }
        _ => line,
    }
}
