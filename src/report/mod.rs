//! Audits out, one format per file.
//!
//! A format is one file with one pure `write` and a `Spec` that names it, and one row in
//! [`Format::ALL`].

mod json;
mod text;

use std::fmt;
use std::io::{self, Write};

use crate::audit::Audit;
use crate::inquiry::Observed;
use crate::plan::RecordPlan;

pub use self::text::Looks;
#[cfg(feature = "cli")]
pub(crate) use self::text::push_wrapped;

/// An output format of `audit`.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What a format is called, and what writes it.
struct Spec {
    word: &'static str,
    headline: &'static str,
    write: fn(Item<'_>, Looks, &mut dyn Write) -> io::Result<()>,
}

impl Format {
    /// For people.
    pub const TEXT: Self = Self(&text::SPEC);
    /// One JSON object per line and domain.
    pub const JSON: Self = Self(&json::SPEC);

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[Self::TEXT, Self::JSON];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        self.0.word
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        self.0.headline
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
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
    (format.0.write)(item, looks, out)
}
