//! Audits out, one format per file.

mod json;
mod text;

use std::io::{self, Write};

use crate::audit::Audit;
use crate::inquiry::Observed;
use crate::plan::RecordPlan;

pub use self::text::Looks;

/// An output format of `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object per line and domain.
    Json,
}

impl Format {
    /// Every format, the default first.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Text => "report for people",
            Self::Json => "one JSON object per line and domain",
        }
    }
}

/// What there is to say of one domain of the input.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// It was judged.
    Judged {
        /// What was expected.
        plan: &'a RecordPlan,
        /// What was observed.
        observed: &'a Observed,
        /// What follows.
        audit: &'a Audit,
    },
    /// It could not even be asked about.
    Broken {
        /// The line of the input, from 1; None for an argument.
        line: Option<u64>,
        /// The domain as typed.
        typed: &'a str,
        /// What is wrong with it.
        error: &'a str,
    },
}

/// Writes one item in a format.
pub fn write(format: Format, item: Item<'_>, looks: Looks, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(item, looks, out),
        Format::Json => json::write(item, out),
    }
}
