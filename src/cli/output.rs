//! Where data goes: stdout, or a file that is written whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::trouble::Trouble;

/// A place for data.
pub(super) enum Output<'a> {
    Stdout(&'a mut dyn Write),
    File { path: PathBuf, draft: BufWriter<NamedTempFile> },
}

impl<'a> Output<'a> {
    /// Prepares the file, in the same folder so that it can be put in place at once, or stdout.
    pub(super) fn open(path: Option<&Path>, stdout: &'a mut dyn Write) -> Result<Self, Trouble> {
        let Some(path) = path else { return Ok(Self::Stdout(stdout)) };
        let trouble = |source| Trouble::Write { path: path.to_owned(), source };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let draft = NamedTempFile::new_in(folder).map_err(trouble)?;
        let draft = BufWriter::with_capacity(1 << 16, draft);
        Ok(Self::File { path: path.to_owned(), draft })
    }

    /// Turns an I/O error into trouble that names the place.
    pub(super) fn trouble(&self, source: io::Error) -> Trouble {
        match self {
            Self::Stdout(_) => Trouble::Stdout(source),
            Self::File { path, .. } => Trouble::Write { path: path.clone(), source },
        }
    }

    /// Puts the file in place.
    pub(super) fn finish(self) -> Result<(), Trouble> {
        match self {
            Self::Stdout(stdout) => stdout.flush().map_err(Trouble::Stdout),
            Self::File { path, draft } => {
                let done = draft
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)
                    .and_then(|draft| persist(draft, &path));
                done.map_err(|source| Trouble::Write { path, source })
            }
        }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(octets),
            Self::File { draft, .. } => draft.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File { draft, .. } => draft.flush(),
        }
    }
}

/// A draft is private to its owner; what is put in place has the mode of the file it replaces, or
/// that of any new file.
fn persist(draft: NamedTempFile, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |known| known.permissions().mode());
        draft.as_file().set_permissions(std::fs::Permissions::from_mode(mode & 0o7777))?;
    }
    draft.persist(path).map_err(|error| error.error)?;
    Ok(())
}
