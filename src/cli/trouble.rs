//! What ends a run with exit code 2: a message that names the thing typed and the remedy.

use std::io;
use std::path::{Path, PathBuf};

use super::beside;
use crate::interrupt::Interrupted;
use crate::name::path_text;
use crate::output::OutputError;
use crate::words::did_you_mean;

/// Says why a run could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The command line does not make sense.
    #[error("error: {problem}{}", hint_line(.hint.as_deref()))]
    Usage { problem: String, hint: Option<String> },
    /// A file cannot be read.
    #[error("error: cannot read {}: {source}{}", path_text(.path), hint_line(likely(.path, .source).as_deref()))]
    Read { path: PathBuf, source: io::Error },
    /// Data did not get where it was to go.
    #[error("error: {0}")]
    Output(#[from] OutputError),
    /// The profile is wrong; the message has its place.
    #[error("{0}")]
    Profile(String),
    /// The input cannot be read on.
    #[error("error: {file}: {problem}")]
    Input { file: String, problem: String },
    /// A signal asked the run to stop.
    #[error("{0}")]
    Interrupted(#[from] Interrupted),
    /// The system's resolvers are not to be had.
    #[error("error: {problem}\nhint: name a resolver with --resolver 192.0.2.53")]
    Resolver { problem: String },
    /// This process may open no more files.
    #[error("error: {problem}\nhint: raise the limit of open files, as with ulimit -n 1024")]
    Descriptors { problem: String },
}

impl Trouble {
    /// A mistake in what was typed, with what to type instead.
    pub(super) fn usage(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { problem: problem.into(), hint: Some(hint.into()) }
    }

    /// Whether a signal ended the run, which is what was wanted.
    pub(super) fn is_interrupt(&self) -> bool {
        matches!(self, Self::Interrupted(_))
    }

    /// Whether stdout does not take what is written there.
    pub(super) fn is_of_stdout(&self) -> bool {
        matches!(self, Self::Output(OutputError::Stdout(_)))
    }

    /// Whether the reader of stdout has gone, which is no trouble.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.is_broken_pipe())
    }
}

/// What stands beside a file that is not there and is likely meant.
fn likely(path: &Path, source: &io::Error) -> Option<String> {
    let is_missing = source.kind() == io::ErrorKind::NotFound;
    let likely = is_missing.then(|| beside::likely(path, Path::exists)).flatten();
    likely.map(|it| did_you_mean(&it))
}

/// A line of its own, so that scripts find the error on the first.
fn hint_line(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}
