//! Where data goes: stdout, or a file or folder that appears whole or not at all.
//!
//! A folder that the user names is opened once, and all that is written there goes through that
//! handle ([`crate::folder`]); so does the folder around a file.

mod below;
mod beside;
mod draft;
mod journal;
mod sweep;
mod tree;

pub(crate) use self::below::{OutputFolder, Spared, put_tree};
pub(crate) use self::tree::Tree;

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use self::beside::Beside;
pub(crate) use self::draft::{Draft, Instead};
use self::journal::Opened;
pub(crate) use self::journal::{Begun, Journal, Journalled, journal};
use self::sweep::sweep;
use crate::folder::Place;
use crate::interrupt::{Interrupt, PatientWriter};
use crate::name::path_text;

/// Says why data did not get where it was to go.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// A file or folder cannot be written; nothing of it was left behind.
    #[error("cannot write {}: {source}\nhint: nothing was written there", path_text(.path))]
    Write { path: PathBuf, source: io::Error },
    /// Data could not be written to stdout.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    /// A folder that would have to be replaced holds what is not ours.
    #[error(
        "{} was not written by mailsrv, or changed since, and {} is replaced as a whole\nhint: name another folder, or move the file away; nothing was written there",
        path_text(.file),
        path_text(.folder)
    )]
    Foreign { folder: PathBuf, file: PathBuf },
    /// A folder that would have to be replaced holds folders of ours.
    #[error(
        "{} holds document roots of several domains\nhint: name the one of this domain, as in {}",
        path_text(.0),
        path_text(&.0.join("example.com"))
    )]
    Several(PathBuf),
    /// What stands under a name that the user did not choose is not replaced.
    #[error("{} is {what}\nhint: remove it, or name another folder", path_text(.path))]
    Irregular { path: PathBuf, what: &'static str },
    /// Two runs would write to one file.
    #[error(
        "another run is writing {}\nhint: wait for its end, or name another file",
        path_text(.0)
    )]
    Busy(PathBuf),
    /// What is to be gone on with was begun otherwise.
    #[error(
        "{} is of another run: {what}\nhint: run it as it was begun, or without --resume to begin anew",
        path_text(.path)
    )]
    OfAnotherRun { path: PathBuf, what: String },
    /// The run reads what it would replace.
    #[error("{} is the file of {option}, which would be lost\nhint: name another folder", path_text(.path))]
    Read { path: PathBuf, option: &'static str },
    /// The run reads what lies in the folder that it would replace.
    #[error("the file of {option} lies in {}, which is replaced as a whole\nhint: name another folder", path_text(.folder))]
    Inside { folder: PathBuf, option: &'static str },
}

impl OutputError {
    /// Whether the reader of stdout has gone.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Whether a path can only be that of a folder.
pub(crate) fn names_folder(path: &Path) -> bool {
    let ends_so = path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    ends_so || path.is_dir()
}

/// A place for data.
pub(crate) enum Output<'a> {
    Stdout(&'a mut dyn Write),
    /// A file that appears when it is whole.
    File {
        path: PathBuf,
        /// What it is called in the folder of the draft.
        name: OsString,
        draft: BufWriter<Draft>,
        instead: Instead,
        /// Of a file that another run can go on with.
        journal: Option<Journal>,
        /// What writes the file where much is written ([`Output::put_text`]).
        beside: Option<Box<Beside>>,
    },
    /// A pipe or a device, which nothing can be put in place of.
    Device {
        path: PathBuf,
        device: BufWriter<PatientWriter>,
    },
}

impl<'a> Output<'a> {
    /// Prepares the file, in the same folder so that it can be put in place at once, or stdout.
    ///
    /// A pipe is waited for until somebody reads from it, or a signal comes.
    pub(crate) fn open(
        path: Option<&Path>,
        stdout: &'a mut dyn Write,
        interrupt: &Interrupt,
    ) -> Result<Self, OutputError> {
        let Some(path) = path else { return Ok(Self::Stdout(stdout)) };
        Self::open_path(path, Instead::OfFile, interrupt)
            .map_err(|source| OutputError::Write { path: path.to_owned(), source })
    }

    fn open_path(path: &Path, instead: Instead, interrupt: &Interrupt) -> io::Result<Self> {
        let known = fs::metadata(path).ok();
        if known.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::other("it is a folder"));
        }
        if names_folder(path) {
            return Err(io::Error::other("the slash at its end makes it the name of a folder"));
        }
        if known.is_some_and(|known| !known.is_file()) {
            let device = BufWriter::new(interrupt.open_device(path)?);
            return Ok(Self::Device { path: path.to_owned(), device });
        }
        let Place { folder, name } = Place::of(path)?;
        sweep(&folder);
        let draft = Draft::begin(&folder).map_err(|error| unmade(path, &error))?;
        let draft = draft.like(folder.known(&name)?.as_ref())?;
        let draft = BufWriter::with_capacity(1 << 16, draft);
        Ok(Self::File { path: path.to_owned(), name, draft, instead, journal: None, beside: None })
    }

    /// Prepares a file that another run can go on with ([`journal`](mod@journal)), or goes on with what
    /// there is where `resume` says so. Of what is no regular file, nothing stays.
    pub(crate) fn open_journalled(
        path: &Path,
        run: &mut dyn Journalled,
        resume: bool,
        interrupt: &Interrupt,
    ) -> Result<(Self, Begun), OutputError> {
        let unwritten = |source| OutputError::Write { path: path.to_owned(), source };
        if names_folder(path) || fs::metadata(path).is_ok_and(|known| !known.is_file()) {
            let output = Self::open_path(path, Instead::OfFile, interrupt).map_err(unwritten)?;
            return Ok((output, Begun::New));
        }
        let Place { folder, name } = Place::of(path).map_err(unwritten)?;
        sweep(&folder);
        let like = folder.known(&name).map_err(unwritten)?;
        let Opened { report, journal, begun } = journal::open(&folder, &name, path, run, resume)?;
        let draft = report.like(like.as_ref()).map_err(unwritten)?;
        let draft = BufWriter::with_capacity(1 << 16, draft);
        let (path, instead, journal) = (path.to_owned(), Instead::OfFile, Some(journal));
        Ok((Self::File { path, name, draft, instead, journal, beside: None }, begun))
    }

    /// Whether another run can go on with it.
    pub(crate) fn is_journalled(&self) -> bool {
        matches!(self, Self::File { journal: Some(_), .. })
    }

    /// Notes in the journal, where there is one, how far the output goes.
    pub(crate) fn note(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::File { draft, journal: Some(journal), .. } => journal.note(line, draft),
            Self::Stdout(_) | Self::File { .. } | Self::Device { .. } => Ok(()),
        }
    }

    /// Leaves nothing behind of a file.
    pub(crate) fn discard(self) -> Result<(), OutputError> {
        match self {
            Self::File { path, draft, journal: Some(journal), .. } => {
                let (draft, _unwritten) = draft.into_parts();
                let removed = journal.remove().and_then(|()| draft.remove());
                removed.map_err(|source| OutputError::Write { path, source })
            }
            Self::Stdout(_) | Self::File { .. } | Self::Device { .. } => Ok(()),
        }
    }

    /// Writes a text.
    pub(crate) fn put(&mut self, text: &str) -> Result<(), OutputError> {
        self.write_all(text.as_bytes()).map_err(|error| self.failed(error))
    }

    /// Writes a text, and leaves memory for another. What is put so into a file is written beside the
    /// caller: whoever began must go on so, and end with [`Output::finish_repeatable`].
    pub(crate) fn put_text(&mut self, text: &mut String) -> Result<(), OutputError> {
        let put = match self {
            Self::File { draft, beside, journal: None, .. } => {
                let begin = |draft: &Draft| Ok(Box::new(Beside::begin(draft.twin()?)?));
                match beside {
                    Some(beside) => beside.put(text),
                    None => begin(draft.get_ref()).and_then(|it| beside.insert(it).put(text)),
                }
            }
            _ => self.write_all(text.as_bytes()).map(|()| text.clear()),
        };
        put.map_err(|error| self.failed(error))
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

    /// Puts the file in place, without waiting for the disk: the same run makes it again.
    pub(crate) fn finish_repeatable(self) -> Result<(), OutputError> {
        match self {
            Self::File { path, name, draft, instead, journal: None, beside } => beside
                .map_or(Ok(()), |mut beside| beside.end())
                .and_then(|()| draft.into_inner().map_err(io::IntoInnerError::into_error))
                .and_then(|draft| draft.put(&name, instead))
                .map_err(|source| OutputError::Write { path, source }),
            other => other.finish(),
        }
    }

    /// Puts the file in place.
    pub(crate) fn finish(self) -> Result<(), OutputError> {
        match self {
            Self::File { path, name, draft, instead, journal, beside: _ } => draft
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
                .and_then(|draft| {
                    draft.sync()?;
                    // Before the report has its name: what comes under that of the draft in exchange is
                    // never gone on with.
                    journal.map_or(Ok(()), Journal::remove)?;
                    draft.put(&name, instead)
                })
                .map_err(|source| OutputError::Write { path, source }),
            mut other => other.flush().map_err(|error| other.failed(error)),
        }
    }

    /// Puts what there is of a file that did not become whole beside its place, and tells where: its
    /// whole lines, as far as they could be written. None where there are none.
    pub(crate) fn keep(self) -> Result<Option<PathBuf>, OutputError> {
        match self {
            Self::File { path, mut draft, journal: Some(mut journal), .. } => {
                let flushed = draft.flush();
                let (mut draft, _unwritten) = draft.into_parts();
                let cut = draft.cut_to_lines().and_then(|is_some| match is_some {
                    true => Ok(()),
                    false => draft.cut(0),
                });
                // What the journal does not tell of is done again.
                let _part = flushed.and_then(|()| journal.write());
                cut.map(|()| Some(partial(path.clone().into_os_string()).into()))
                    .map_err(|source| OutputError::Write { path, source })
            }
            Self::File { path, name, mut draft, .. } => {
                let [path, name] = [path.into_os_string(), name].map(partial);
                let path = PathBuf::from(path);
                // What cannot be written, on a full disk, is what is cut off.
                let _part = draft.flush();
                let (mut draft, _unwritten) = draft.into_parts();
                let kept = draft.cut_to_lines().and_then(|is_some| {
                    if is_some {
                        draft.put(&name, Instead::OfFile).map(|()| true)
                    } else {
                        Ok(false)
                    }
                });
                match kept {
                    Ok(is_some) => Ok(is_some.then_some(path)),
                    Err(source) => Err(OutputError::Write { path, source }),
                }
            }
            other => other.finish().map(|()| None),
        }
    }

    /// Keeps what there is of a file that cannot be written on; a device has had all that it takes.
    pub(crate) fn keep_file(self) -> Result<Option<PathBuf>, OutputError> {
        match self {
            Self::File { .. } => self.keep(),
            Self::Stdout(_) | Self::Device { .. } => Ok(None),
        }
    }

    /// Shows at once what was written, where somebody may be reading along.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(_) | Self::Device { .. } => self.flush(),
            Self::File { .. } => Ok(()),
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
        let written = self.writer().write(octets)?;
        if let Self::File { journal: Some(journal), .. } = self {
            journal.count(written);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

/// The name under which a file is kept that did not become whole.
pub(crate) fn partial(mut name: OsString) -> OsString {
    name.push(".partial");
    name
}

/// Writes a text to a file, or to stdout.
pub(crate) fn write(
    path: Option<&Path>,
    text: &str,
    stdout: &mut dyn Write,
    interrupt: &Interrupt,
) -> Result<(), OutputError> {
    let mut output = Output::open(path, stdout, interrupt)?;
    output.put(text)?;
    output.finish()
}

/// Writes a text to a file that is not there yet, or to a device.
pub(crate) fn write_new(path: &Path, text: &str, interrupt: &Interrupt) -> Result<(), OutputError> {
    let unwritten = |source| OutputError::Write { path: path.to_owned(), source };
    let mut output = Output::open_path(path, Instead::OfNothing, interrupt).map_err(unwritten)?;
    output.put(text)?;
    output.finish()
}

/// The name of a draft tells nobody anything; where it could not be made does.
fn unmade(path: &Path, error: &io::Error) -> io::Error {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = path_text(folder.unwrap_or_else(|| Path::new(".")));
    let kind = error.kind();
    io::Error::new(kind, format!("no new file can be made in {folder}: {kind}"))
}
