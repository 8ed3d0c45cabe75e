//! No signals: Ctrl-C ends the process at once.

use std::fs::File;
use std::future::pending;
use std::io::{self, Read, Write};
use std::path::Path;

use super::Signal;

/// Never raised.
#[derive(Debug, Clone, Default)]
pub struct Interrupt;

impl Interrupt {
    /// Listens to nothing.
    ///
    /// # Errors
    ///
    /// None.
    pub fn of_process() -> io::Result<Self> {
        Ok(Self)
    }

    /// No signal.
    pub fn signal(&self) -> Option<Signal> {
        None
    }

    /// Opens a device to write to it.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub fn open_device(&self, path: &Path) -> io::Result<PatientWriter> {
        File::options().write(true).open(path).map(PatientWriter::File)
    }

    /// Waits for ever.
    pub async fn raised(&self) -> Signal {
        pending().await
    }
}

/// Writes to a device or standard output.
#[derive(Debug)]
pub enum PatientWriter {
    /// A device.
    File(File),
    /// Standard output.
    Stdout(io::Stdout),
}

impl PatientWriter {
    /// Writes to standard output.
    ///
    /// # Errors
    ///
    /// None.
    pub fn stdout(_interrupt: &Interrupt) -> io::Result<Self> {
        Ok(Self::Stdout(io::stdout()))
    }
}

impl Write for PatientWriter {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(octets),
            Self::Stdout(stdout) => stdout.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// Reads a file or standard input.
#[derive(Debug)]
pub enum Waiting {
    /// A file.
    File(File),
    /// Standard input.
    Stdin(io::Stdin),
}

impl Waiting {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub fn open(path: &Path, _interrupt: &Interrupt) -> io::Result<Self> {
        File::open(path).map(Self::File)
    }

    /// Reads standard input.
    ///
    /// # Errors
    ///
    /// None.
    pub fn stdin(_interrupt: &Interrupt) -> io::Result<Self> {
        Ok(Self::Stdin(io::stdin()))
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Stdin(stdin) => stdin.read(buffer),
        }
    }
}
