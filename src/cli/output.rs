//! Where data goes: stdout, or a file that is written whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::trouble::Trouble;

/// A place for data.
pub(super) enum Output<'a> {
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
    pub(super) fn open(path: Option<&Path>, stdout: &'a mut dyn Write) -> Result<Self, Trouble> {
        let Some(path) = path else { return Ok(Self::Stdout(stdout)) };
        let trouble = |source| Trouble::Write { path: path.to_owned(), source };
        let known = fs::metadata(path).ok();
        if known.as_ref().is_some_and(|known| !known.is_file() && !known.is_dir()) {
            let device = File::options().write(true).open(path).map_err(trouble)?;
            return Ok(Self::Device { path: path.to_owned(), device: BufWriter::new(device) });
        }
        // What a symbolic link leads to is replaced, and not the link.
        let place = match known {
            Some(_) => fs::canonicalize(path).map_err(trouble)?,
            None => path.to_owned(),
        };
        let folder = match place.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let draft = draft_in(folder, known.as_ref()).map_err(trouble)?;
        let draft = BufWriter::with_capacity(1 << 16, draft);
        Ok(Self::File { path: place, draft })
    }

    /// Turns an I/O error into trouble that names the place.
    pub(super) fn trouble(&self, source: io::Error) -> Trouble {
        match self {
            Self::Stdout(_) => Trouble::Stdout(source),
            Self::File { path, .. } | Self::Device { path, .. } => {
                Trouble::Write { path: path.clone(), source }
            }
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
                    .and_then(|draft| draft.persist(&path).map_err(|error| error.error));
                done.map(drop).map_err(|source| Trouble::Write { path, source })
            }
            Self::Device { path, mut device } => {
                device.flush().map_err(|source| Trouble::Write { path, source })
            }
        }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(octets),
            Self::File { draft, .. } => draft.write(octets),
            Self::Device { device, .. } => device.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File { draft, .. } => draft.flush(),
            Self::Device { device, .. } => device.flush(),
        }
    }
}

/// The draft has the mode of the file it replaces, or that of any new file.
fn draft_in(folder: &Path, known: Option<&Metadata>) -> io::Result<NamedTempFile> {
    fs::metadata(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let draft = builder
        .prefix(".mailsrv-")
        .tempfile_in(folder)
        .map_err(|error| unmade("file", folder, &error))?;
    if let Some(known) = known {
        draft.as_file().set_permissions(known.permissions())?;
    }
    Ok(draft)
}

/// The name of a draft tells nobody anything; where it could not be made does.
pub(super) fn unmade(what: &str, folder: &Path, error: &io::Error) -> io::Error {
    let kind = error.kind();
    io::Error::new(kind, format!("no new {what} can be made in {}: {kind}", folder.display()))
}
