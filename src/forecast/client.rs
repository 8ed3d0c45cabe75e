//! A mail client, with the version that is foretold and how it is known what that does.

use super::conclusion::Conclusion;
use super::world::{Told, World};
use crate::service::Direction;

/// How it is known what a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// It was run, and what it asked, fetched and concluded was written down.
    Measured,
    /// Its source was read.
    Source,
    /// Its maker, or somebody who watched it, says so.
    Reported,
}

impl Basis {
    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Source => "source",
            Self::Reported => "reported",
        }
    }
}

/// A mail client.
#[derive(Debug)]
pub struct Client {
    /// The word that selects it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The version that is foretold, or the date of the source.
    pub version: &'static str,
    /// How it is known what it does.
    pub basis: Basis,
    /// What was read, or how it was measured.
    pub source: &'static str,
    /// The directions that it looks for servers in.
    pub directions: &'static [Direction],
    /// What it goes by, in a few words that can stand behind "it reads".
    pub reads: &'static str,
    /// What it concludes.
    pub(crate) conclude: fn(&World<'_>) -> Told<Conclusion>,
}

/// What stands as source of those that were run.
pub(super) const RUN: &str = "run in 2026 with DNS, web and mail servers of its own";
