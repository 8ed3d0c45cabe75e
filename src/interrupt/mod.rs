//! Signals that end a run early, and waiting that they end, too.
//!
//! The first SIGINT, SIGTERM or SIGHUP asks a run to stop: its loops look at [`Interrupt::check`],
//! what is async awaits [`Interrupt::raised`], a [`Waiting`] reader gives up, and a [`PatientWriter`]
//! whose reader has stopped. The run then clears
//! up, says what is done, and exits with [`Signal::exit_code`]. A second signal ends the process at
//! once. Where there are no signals of this kind, nothing ever interrupts.

use std::fmt;
use std::io;

#[cfg(not(unix))]
mod none;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use self::none::{Interrupt, PatientWriter, Waiting};
#[cfg(unix)]
pub use self::unix::{Interrupt, PatientWriter, Waiting};

/// A signal that asks a run to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the terminal has gone.
    HangUp,
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupt,
    /// SIGTERM: `kill`, or a supervisor.
    Terminate,
}

impl Signal {
    /// Every signal that is listened to.
    pub const ALL: [Self; 3] = [Self::HangUp, Self::Interrupt, Self::Terminate];

    /// Its number, which POSIX fixes for these (`kill`, option `-n`).
    pub const fn number(self) -> u8 {
        match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }

    /// The exit code of a run that it ended: 128 and its number, as shells have it.
    pub const fn exit_code(self) -> u8 {
        128 + self.number()
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HangUp => "SIGHUP",
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// Says which signal ended what was going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted by {0}")]
pub struct Interrupted(pub Signal);

/// [`io::ErrorKind::Interrupted`] would have the standard library read again.
impl From<Interrupted> for io::Error {
    fn from(interrupted: Interrupted) -> Self {
        Self::other(interrupted)
    }
}

impl Interrupt {
    /// Fails from the first signal on.
    ///
    /// # Errors
    ///
    /// A signal has asked the run to stop.
    pub fn check(&self) -> Result<(), Interrupted> {
        self.signal().map_or(Ok(()), |signal| Err(Interrupted(signal)))
    }
}
