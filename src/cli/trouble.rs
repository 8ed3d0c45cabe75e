//! What ends a run with exit code 2: a message that names the thing typed and the remedy.

use std::io;
use std::path::PathBuf;

/// Says why a run could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The command line does not make sense.
    #[error("error: {problem}{}", hint_line(.hint.as_deref()))]
    Usage { problem: String, hint: Option<String> },
    /// A file cannot be read.
    #[error("error: cannot read {}: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A file cannot be written; nothing of it was left behind.
    #[error("error: cannot write {}: {source}\nhint: nothing was written there", .path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A folder that would have to be replaced holds what is not ours.
    #[error(
        "error: {} was not written by mailsrv, or changed since, and {} is replaced as a whole\nhint: name another folder, or move the file away; nothing was written there",
        .file.display(),
        .folder.display()
    )]
    Foreign { folder: PathBuf, file: PathBuf },
    /// The profile is wrong; the message has its place.
    #[error("{0}")]
    Profile(String),
    /// The input cannot be read on.
    #[error("error: {file}: {problem}")]
    Input { file: String, problem: String },
    /// The system's resolvers are not to be had.
    #[error("error: {problem}\nhint: name a resolver with --resolver 192.0.2.53")]
    Resolver { problem: String },
    /// Something that only a mistake in this program can bring about.
    #[error("error: {0}\nhint: nothing of it was written")]
    Bug(String),
    /// Data could not be written to stdout.
    #[error("error: cannot write to standard output: {0}")]
    Stdout(io::Error),
}

impl Trouble {
    pub(super) fn usage(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { problem: problem.into(), hint: Some(hint.into()) }
    }

    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}
