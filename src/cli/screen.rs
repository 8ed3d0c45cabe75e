//! A terminal that a line of progress is drawn on.
//!
//! indicatif draws it; whoever has standard error takes from here what is to be written there.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::TermLike;

/// What takes the line away that the cursor stands on.
const CLEAR: &str = "\r\u{1b}[K";

/// Octets for a terminal, shared by who draws and who writes.
#[derive(Debug, Clone)]
pub(super) struct Screen {
    octets: Arc<Mutex<String>>,
    columns: u16,
}

impl Screen {
    /// One column is left free: a line that ends in the last one would break.
    pub(super) fn new(columns: usize) -> Self {
        let columns = u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX);
        Self { octets: Arc::default(), columns }
    }

    /// What was drawn since this was last asked for.
    pub(super) fn take(&self) -> String {
        std::mem::take(&mut *self.octets.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, text: &str) -> io::Result<()> {
        self.octets.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.columns
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        if lines == 0 { Ok(()) } else { self.put(&format!("\u{1b}[{lines}A")) }
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        if lines == 0 { Ok(()) } else { self.put(&format!("\u{1b}[{lines}B")) }
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        if columns == 0 { Ok(()) } else { self.put(&format!("\u{1b}[{columns}C")) }
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        if columns == 0 { Ok(()) } else { self.put(&format!("\u{1b}[{columns}D")) }
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.put(line)?;
        self.put("\n")
    }

    /// Blanks up to the edge are for terminals that cannot clear a line.
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.put(text.trim_end_matches(' '))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.put(CLEAR)
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
