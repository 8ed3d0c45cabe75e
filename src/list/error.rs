//! What ends the reading of a list.

use std::io;

/// Says why a list cannot be read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The CSV header has no column for the domain.
    #[error("line {line}: the header has no column `{wanted}`, but {found}")]
    NoDomainColumn {
        /// The line of the header.
        line: u64,
        /// The column that is to hold the mail domains.
        wanted: String,
        /// The columns it has.
        found: String,
        /// The column that is likely meant, as it is written.
        meant: Option<String>,
    },
    /// The first line has fields, and one of them is a mail domain.
    #[error(
        "line {line}: `{domain}` is no name of a column; put a header above it that names them, one of them `{wanted}`"
    )]
    NoHeader {
        /// The line.
        line: u64,
        /// The column that is to hold the mail domains.
        wanted: String,
        /// The first mail domain in it.
        domain: String,
    },
    /// The CSV header is no CSV.
    #[error("line {line}: the header is no CSV: {problem}")]
    Header {
        /// The line of the header.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A quote may be a letter, and the lines behind it are no longer at hand.
    #[error(
        "line {line}: a quoted field begins there and has no end; close its quote, or double it if it is part of the text"
    )]
    OpenQuote {
        /// The line that the row begins with.
        line: u64,
    },
    /// The file has two octets for a letter.
    #[error("the list is in UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)")]
    Utf16,
    /// A line has no end that is worth looking for: what is read is no list.
    #[error(
        "line {line} has no end within {limit} octets; give a list with a mail domain on each line"
    )]
    Endless {
        /// The line.
        line: u64,
        /// How far its end was looked for.
        limit: u64,
    },
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}
