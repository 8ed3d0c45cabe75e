//! What a command may touch of the world, handed in by `main` or by a test.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};

use terminal_size::{Height, Width, terminal_size_of};

use crate::interrupt::{Interrupt, PatientWriter, Waiting};
use crate::name::printable;
use crate::output::OutputError;
use crate::words::push_hanging;

/// The columns of a page where nobody says how many there are.
const COLUMNS: usize = 80;

/// Fewer columns than these are no page, and more are no terminal.
const SENSIBLE: std::ops::RangeInclusive<usize> = 20..=1000;

/// The world of one run of the program.
pub struct Env<'a> {
    /// The arguments, the program's name first.
    pub args: Vec<OsString>,
    /// Where `-` reads from.
    pub stdin: Box<dyn BufRead + 'a>,
    /// Where data goes.
    pub stdout: Box<dyn Write + 'a>,
    /// Where talk goes.
    pub stderr: Box<dyn Write + 'a>,
    /// Whether a person types on stdin.
    pub stdin_is_terminal: bool,
    /// Whether a person reads stdout.
    pub stdout_is_terminal: bool,
    /// Whether a person reads stderr.
    pub stderr_is_terminal: bool,
    /// The columns of a page on stdout.
    pub stdout_columns: usize,
    /// The columns that talk is folded at; None where it goes to no terminal, and lines stay whole
    /// for scripts.
    pub stderr_columns: Option<usize>,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// What asks the run to stop before its end.
    pub interrupt: Interrupt,
}

impl Env<'_> {
    /// Prints data.
    ///
    /// A command that prints little calls it once; streams of records go through an `Output`.
    pub(super) fn print(&mut self, page: &[u8]) -> Result<(), OutputError> {
        self.stdout.write_all(page).map_err(OutputError::Stdout)
    }

    /// Says a line; with stderr closed there is nobody left to tell.
    pub(super) fn say(&mut self, line: &str) {
        let _told = write!(self.stderr, "{}", folded(line, self.stderr_columns));
    }
}

impl Env<'static> {
    /// The world as it is.
    ///
    /// The only place of the program that reads arguments and environment variables.
    pub fn real() -> Self {
        // A run without a descriptor left has its own trouble to tell; signals end it at once.
        let interrupt = Interrupt::of_process().unwrap_or_default();
        let stdin: Box<dyn BufRead> = match Waiting::stdin(&interrupt) {
            Ok(stdin) => Box::new(BufReader::with_capacity(1 << 16, stdin)),
            Err(_) => Box::new(io::stdin().lock()),
        };
        let stdout: Box<dyn Write> = match PatientWriter::stdout(&interrupt) {
            Ok(stdout) => Box::new(BufWriter::with_capacity(1 << 16, stdout)),
            Err(_) => Box::new(BufWriter::with_capacity(1 << 16, io::stdout().lock())),
        };
        let of = |size: Option<(Width, Height)>| size.map(|(Width(columns), _)| columns.into());
        let [stdout_columns, stderr_columns] =
            [of(terminal_size_of(io::stdout())), of(terminal_size_of(io::stderr()))];
        // Whoever sets it wants it, on a terminal or not.
        let wanted = std::env::var_os("COLUMNS").and_then(|wanted| wanted.to_str()?.parse().ok());
        let sensible = |columns: Option<usize>| {
            wanted.or(columns).filter(|columns| SENSIBLE.contains(columns)).unwrap_or(COLUMNS)
        };
        let stderr_is_terminal = io::stderr().is_terminal();
        Self {
            args: std::env::args_os().collect(),
            stdin,
            stdout,
            stderr: Box::new(io::stderr()),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal,
            stdout_columns: sensible(stdout_columns),
            stderr_columns: stderr_is_terminal.then(|| sensible(stderr_columns)),
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            interrupt,
        }
    }
}

/// Talk as it goes to stderr: what could move the cursor made visible, long lines folded at the
/// columns of a terminal. Lines that are indented are laid out already, and stay.
pub(super) fn folded(talk: &str, columns: Option<usize>) -> String {
    let talk = printable(talk);
    let mut page = String::new();
    for line in talk.split('\n') {
        match columns {
            Some(columns) if !line.starts_with(' ') => {
                push_hanging(&mut page, line, [0, 2], columns);
            }
            _ => page.extend([line, "\n"]),
        }
    }
    page
}
