//! What a command may touch of the world, handed in by `main` or by a test.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};

use crate::interrupt::{Interrupt, Waiting};
use crate::name::printable;
use crate::output::OutputError;

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
        let _told = writeln!(self.stderr, "{}", printable(line));
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
        Self {
            args: std::env::args_os().collect(),
            stdin,
            stdout: Box::new(io::BufWriter::with_capacity(1 << 16, io::stdout().lock())),
            stderr: Box::new(io::stderr()),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            interrupt,
        }
    }
}
