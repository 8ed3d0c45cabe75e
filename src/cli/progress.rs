//! Talk on stderr, and a line on a terminal that says how far a long run is.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::env::folded;
use super::events::{Event, Told};
use super::patience::spoken;
use super::screen::Screen;
use super::silence;
use crate::audit::Verdict;
use crate::lookup::resolver::Network;
use crate::report::Tally;
use crate::words::counted;

/// How often the line changes.
const INTERVAL: Duration = Duration::from_millis(200);

/// How often scripts are told.
const TOLD_INTERVAL: Duration = Duration::from_secs(1);

/// The columns of a terminal from which on there is room for a bar.
const WIDE: usize = 100;

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
    /// What draws the line, and estimates the time that is left.
    bar: Option<(ProgressBar, Screen)>,
    done: u64,
    /// How many domains an earlier run had done.
    earlier: u64,
    /// By the place of the verdict in [`Verdict::ALL`], those of an earlier run among them.
    verdicts: [u64; Verdict::ALL.len()],
    /// How long the input is, in lines or in domains, where that is known; and how far it is taken.
    length: Option<u64>,
    position: u64,
    /// Whether scripts read along.
    scripted: bool,
    /// When somebody is asked again, while that is waited for.
    waits: Option<Instant>,
}

/// How many questions were asked, and to how many of them there was no response.
#[derive(Clone, Copy)]
struct Asked {
    asked: u64,
    lost: u64,
}

impl<'a> Progress<'a> {
    /// Begins to count the time; the line shows from the first interval on.
    pub(super) fn new(stderr: &'a mut dyn Write, quiet: bool, watched: bool) -> Self {
        Self {
            stderr,
            quiet,
            watched: watched && !quiet,
            columns: None,
            network: None,
            begun: Instant::now(),
            shown: None,
            bar: None,
            done: 0,
            earlier: 0,
            verdicts: Default::default(),
            length: None,
            position: 0,
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

    /// Tells of servers, too: how much they were asked, and which of them do not answer.
    pub(super) fn watch(&mut self, network: Network) {
        self.network = Some(network);
    }

    /// Whether anybody is told how far the run is.
    pub(super) fn is_followed(&self) -> bool {
        self.watched || self.scripted
    }

    /// The input is so long.
    pub(super) fn expect(&mut self, length: Option<u64>) {
        self.length = length;
    }

    /// An earlier run came so far.
    pub(super) fn go_on(&mut self, tally: &Tally) {
        self.earlier = tally.count();
        self.verdicts = Verdict::ALL.map(|verdict| tally.of(verdict));
    }

    /// Counts one more domain with its verdict, and the line of the input that it stands in.
    pub(super) fn judge(&mut self, verdict: Option<Verdict>, line: Option<u64>) {
        if let Some(verdict) = verdict {
            self.verdicts[verdict as usize] += 1;
        }
        // Of a list that is gone on with, what is done goes by at once.
        let is_begun = self.done > 0 || self.earlier == 0;
        self.position = self.position.max(line.unwrap_or(self.earlier + self.done + 1));
        if self.is_followed() && !is_begun {
            let (bar, _) = self.bar();
            bar.reset_eta();
        }
        self.step();
    }

    /// Counts one more domain.
    pub(super) fn step(&mut self) {
        self.done += 1;
        self.show();
    }

    /// Shows how far the run is, if it is time to.
    pub(super) fn show(&mut self) {
        if !self.is_followed() {
            return;
        }
        let now = Instant::now();
        let last = self.shown.unwrap_or(self.begun);
        let interval = if self.scripted { TOLD_INTERVAL } else { INTERVAL };
        if now.duration_since(last) < interval {
            return;
        }
        self.shown = Some(now);
        let seconds = now.duration_since(self.begun);
        let standings = self.network.as_ref().map(Network::standings);
        let asked = standings.as_ref().map(|standings| Asked {
            asked: standings.iter().map(|standing| standing.asked).sum(),
            lost: standings.iter().map(|standing| standing.unanswered).sum(),
        });
        let (bar, screen) = self.bar();
        bar.tick();
        // Nothing is known of the time before something is done.
        let left = bar.length().map(|_| bar.eta().as_secs()).filter(|left| *left > 0);
        if self.scripted {
            return self.tell_progress(seconds.as_secs(), asked, left);
        }
        let silent = standings.and_then(|standings| silence::now(&standings));
        let waits = self.waits.map(|next| next.saturating_duration_since(now).as_secs() + 1);
        let line = match (self.done, waits) {
            (_, Some(waits)) => format!("next try in {waits} s"),
            (0, None) => format!("waiting for answers, {} s", seconds.as_secs()),
            (_, None) => self.line(seconds, asked, left, silent.as_deref()),
        };
        let line = match silent.filter(|_| self.done == 0 || waits.is_some()) {
            Some(silent) => format!("{line}; {silent}"),
            None => line,
        };
        // What was drawn for the time that is left alone.
        drop(screen.take());
        bar.set_message(line);
        self.draw(&screen.take());
    }

    /// How fast the run is, what it came to so far, and how long it takes.
    fn line(
        &self,
        time: Duration,
        asked: Option<Asked>,
        left: Option<u64>,
        silent: Option<&str>,
    ) -> String {
        let seconds = time.as_secs_f64().max(0.001);
        let done = domains(self.earlier + self.done);
        let speed = match self.done as f64 / seconds {
            rate if rate < 1.0 => format!("{done} in {} s", time.as_secs()),
            rate => format!("{done}, {rate:.0}/s"),
        };
        let asked = asked.map(|Asked { asked, lost }| {
            format!("{:.0} queries/s, {lost} lost", asked as f64 / seconds)
        });
        let counts = Verdict::ALL.into_iter().map(|verdict| (verdict, self.of(verdict)));
        let counts = counts.filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts.map(|(verdict, count)| format!("{count} {verdict}")).collect();
        let left = left.map(|left| format!("{} left", spoken(left)));
        let verdicts = Some(counts.join(", ")).filter(|counts| !counts.is_empty());
        let behind = [left, silent.map(str::to_owned), verdicts];
        let speed = [Some(speed), asked].into_iter().flatten().collect::<Vec<_>>().join(", ");
        [Some(speed)].into_iter().chain(behind).flatten().collect::<Vec<_>>().join("; ")
    }

    fn of(&self, verdict: Verdict) -> u64 {
        self.verdicts[verdict as usize]
    }

    fn tell_progress(&mut self, seconds: u64, asked: Option<Asked>, left: Option<u64>) {
        let verdicts: BTreeMap<_, _> =
            Verdict::ALL.into_iter().map(|it| (it.text(), self.of(it))).collect();
        self.tell(&Event::Progress {
            done: self.earlier + self.done,
            earlier: Some(self.earlier).filter(|earlier| *earlier > 0),
            seconds,
            percent: self.length.map(|length| self.position.min(length) * 100 / length.max(1)),
            left,
            queries: asked.as_ref().map(|it| it.asked),
            lost: asked.map(|it| it.lost),
            verdicts,
        });
    }

    /// What draws, told how far the run is.
    fn bar(&mut self) -> (ProgressBar, Screen) {
        let (bar, screen) = self.bar.get_or_insert_with(|| {
            let columns = self.columns.unwrap_or(usize::MAX);
            let screen = Screen::new(columns);
            let target = match self.watched {
                true => ProgressDrawTarget::term_like(Box::new(screen.clone())),
                false => ProgressDrawTarget::hidden(),
            };
            let template = match self.length {
                None => "{wide_msg}",
                Some(_) if columns < WIDE => "{percent:>3} %: {wide_msg}",
                Some(_) => "[{bar:16}] {percent:>3} %: {wide_msg}",
            };
            let style = ProgressStyle::with_template(template);
            // Templates of our own are good ones; another one would be the default.
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(self.length, target);
            (bar.with_style(style.progress_chars("=> ")), screen)
        });
        let position = self.length.map_or(self.position, |length| self.position.min(length));
        bar.set_position(position);
        (bar.clone(), screen.clone())
    }

    /// Writes what moves the line. Progress is a courtesy: a closed stderr must not end the work.
    fn draw(&mut self, octets: &str) {
        let _courtesy = self.stderr.write_all(octets.as_bytes());
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

    /// Writes what there is to be said, each a line, unless the user wants none.
    pub(super) fn note_any(&mut self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.note(&line));
    }

    /// Takes the line away, until it is time for it again.
    pub(super) fn clear(&mut self) {
        if self.scripted || self.shown.take().is_none() {
            return;
        }
        // What is drawn behind the pause is not written.
        let Some((bar, screen)) = &self.bar else { return };
        drop(screen.take());
        let octets = bar.suspend(|| screen.take());
        drop(screen.take());
        self.draw(&octets);
    }
}

fn domains(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "domain")
}
