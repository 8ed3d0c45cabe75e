//! Where data goes: stdout, or a file or folder that appears whole or not at all.

mod tree;

pub(crate) use self::tree::{Tree, put_tree};

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Says why data did not get where it was to go.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// A file or folder cannot be written; nothing of it was left behind.
    #[error("cannot write {}: {source}\nhint: nothing was written there", .path.display())]
    Write { path: PathBuf, source: io::Error },
    /// Data could not be written to stdout.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    /// A folder that would have to be replaced holds what is not ours.
    #[error(
        "{} was not written by mailsrv, or changed since, and {} is replaced as a whole\nhint: name another folder, or move the file away; nothing was written there",
        .file.display(),
        .folder.display()
    )]
    Foreign { folder: PathBuf, file: PathBuf },
    /// A folder that would have to be replaced holds folders of ours.
    #[error(
        "{} holds document roots of several domains\nhint: name the one of this domain, as in {}",
        .0.display(),
        .0.join("example.com").display()
    )]
    Several(PathBuf),
    /// A name that the user did not choose leads elsewhere.
    #[error("{} is a symbolic link\nhint: remove it, or name another folder", .0.display())]
    Link(PathBuf),
}

impl OutputError {
    /// Whether the reader of stdout has gone.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// A place for data.
pub(crate) enum Output<'a> {
    Stdout(&'a mut dyn Write),
    /// A file that appears when it is whole.
    File {
        path: PathBuf,
        draft: BufWriter<NamedTempFile>,
    },
    /// A pipe or a device, which nothing can be put in place of.
    Device {
        path: PathBuf,
        device: BufWriter<File>,
    },
}

impl<'a> Output<'a> {
    /// Prepares the file, in the same folder so that it can be put in place at once, or stdout.
    pub(crate) fn open(
        path: Option<&Path>,
        stdout: &'a mut dyn Write,
    ) -> Result<Self, OutputError> {
        let Some(path) = path else { return Ok(Self::Stdout(stdout)) };
        let unwritten = |source| OutputError::Write { path: path.to_owned(), source };
        let known = fs::metadata(path).ok();
        if known.as_ref().is_some_and(|known| !known.is_file() && !known.is_dir()) {
            let device = File::options().write(true).open(path).map_err(unwritten)?;
            return Ok(Self::Device { path: path.to_owned(), device: BufWriter::new(device) });
        }
        let path = target(path, known.as_ref()).map_err(unwritten)?;
        let draft = draft_beside(&path, known.as_ref()).map_err(unwritten)?;
        Ok(Self::File { path, draft: BufWriter::with_capacity(1 << 16, draft) })
    }

    /// Writes a text.
    pub(crate) fn put(&mut self, text: &str) -> Result<(), OutputError> {
        self.write_all(text.as_bytes()).map_err(|error| self.failed(error))
    }

    /// Turns an I/O error into one that names the place.
    pub(crate) fn failed(&self, source: io::Error) -> OutputError {
        match self {
            Self::Stdout(_) => OutputError::Stdout(source),
            Self::File { path, .. } | Self::Device { path, .. } => {
                OutputError::Write { path: path.clone(), source }
            }
        }
    }

    /// Puts the file in place.
    pub(crate) fn finish(self) -> Result<(), OutputError> {
        match self {
            Self::File { path, draft } => draft
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
                .and_then(|draft| draft.persist(&path).map_err(|error| error.error))
                .map(drop)
                .map_err(|source| OutputError::Write { path, source }),
            mut other => other.flush().map_err(|error| other.failed(error)),
        }
    }

    /// Where octets go until the end.
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(stdout) => stdout,
            Self::File { draft, .. } => draft,
            Self::Device { device, .. } => device,
        }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.writer().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

/// Writes a text to a file, or to stdout.
pub(crate) fn write(
    path: Option<&Path>,
    text: &str,
    stdout: &mut dyn Write,
) -> Result<(), OutputError> {
    let mut output = Output::open(path, stdout)?;
    output.put(text)?;
    output.finish()
}

/// Makes a folder, and those around it, where there is none.
pub(crate) fn make_folder(folder: &Path) -> Result<(), OutputError> {
    fs::create_dir_all(folder)
        .map_err(|source| OutputError::Write { path: folder.to_owned(), source })
}

/// What a symbolic link leads to is replaced, and not the link.
fn target(path: &Path, known: Option<&Metadata>) -> io::Result<PathBuf> {
    known.map_or_else(|| Ok(path.to_owned()), |_| fs::canonicalize(path))
}

/// The draft has the mode of the file it replaces, or that of any new file.
fn draft_beside(target: &Path, known: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let draft = made_beside(target, 0o666, "file", |builder, folder| builder.tempfile_in(folder))?;
    if let Some(known) = known {
        draft.as_file().set_permissions(known.permissions())?;
    }
    Ok(draft)
}

/// Makes a draft in the folder of what it will replace, with a mode that the user's mask narrows.
///
/// The name of a draft tells nobody anything; where it could not be made does.
fn made_beside<T>(
    target: &Path,
    mode: u32,
    what: &str,
    make: impl FnOnce(&Builder<'_, '_>, &Path) -> io::Result<T>,
) -> io::Result<T> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::metadata(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".mailsrv-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    make(&builder, folder).map_err(|error| {
        let kind = error.kind();
        let text = format!("no new {what} can be made in {}: {kind}", folder.display());
        io::Error::new(kind, text)
    })
}
