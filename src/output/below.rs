//! Files and document roots below one folder that the user names.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::OutputError;
use super::draft::{Draft, Instead};
use super::sweep::sweep;
use super::tree::{self, Tree, TreeOutcome};
use crate::folder::{Folder, Kind, Known, Place};

/// A folder that is open: nothing is written outside it, whatever is renamed or linked meanwhile.
pub(crate) struct OutputFolder {
    path: PathBuf,
    folder: Arc<Folder>,
    /// What the run reads: no file takes its place.
    spared: Vec<Spared>,
}

/// A file that the run reads, with the option that names it.
pub(crate) struct Spared {
    option: &'static str,
    place: Place,
    /// The folder that it lies in, and those around it.
    folders: Vec<Known>,
}

impl Spared {
    /// Looks where a file lies.
    pub(crate) fn new(option: &'static str, place: Place) -> Self {
        let folders = tree::above(&place.folder);
        Self { option, place, folders }
    }

    /// Refuses to replace a folder with one of these files in it.
    fn look_at_root(spared: &[Self], root: &Folder, path: &Path) -> Result<(), OutputError> {
        let unread = |source| OutputError::Write { path: path.to_owned(), source };
        let root = root.itself().map_err(unread)?;
        match spared.iter().find(|it| it.folders.iter().any(|folder| folder.is(&root))) {
            None => Ok(()),
            Some(Self { option, .. }) => {
                Err(OutputError::Inside { folder: path.to_owned(), option })
            }
        }
    }
}

impl OutputFolder {
    /// Makes the folder, and those around it, where there is none; and sweeps what runs of this user
    /// left there that were killed.
    pub(crate) fn open(path: &Path) -> Result<Self, OutputError> {
        let open = || {
            fs::create_dir_all(path)?;
            Folder::open(path)
        };
        let folder =
            open().map_err(|source| OutputError::Write { path: path.to_owned(), source })?;
        sweep(&folder);
        Ok(Self { path: path.to_owned(), folder: Arc::new(folder), spared: Vec::new() })
    }

    /// The folder as the user named it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts no file in the place of these, which the options name.
    pub(crate) fn sparing(self, spared: Vec<Spared>) -> Self {
        Self { spared, ..self }
    }

    /// Whether upper and lower case are one here.
    pub(crate) fn ignores_case(&self) -> Result<bool, OutputError> {
        self.folder.ignores_case().map_err(|source| self.unwritten(OsStr::new(""), source))
    }

    /// Whether a file could be put under a name, as far as that can be told before.
    pub(crate) fn look_at_file(&self, name: &OsStr) -> Result<(), OutputError> {
        let known = self.folder.known(name).map_err(|source| self.unwritten(name, source))?;
        let what = match known.map(|known| known.kind) {
            None => return Ok(()),
            Some(Kind::File) => return self.look_at_spared(name),
            Some(Kind::Link) => "a symbolic link",
            Some(Kind::Folder) => "a folder",
            Some(Kind::Other) => "no regular file",
        };
        Err(OutputError::Irregular { path: self.path.join(name), what })
    }

    /// Whether a file that stands there is none that the run reads.
    fn look_at_spared(&self, name: &OsStr) -> Result<(), OutputError> {
        let place = Place { folder: Arc::clone(&self.folder), name: name.to_owned() };
        for Spared { option, place: spared, .. } in &self.spared {
            if place.meets(spared).map_err(|source| self.unwritten(name, source))? {
                return Err(OutputError::Read { path: self.path.join(name), option });
            }
        }
        Ok(())
    }

    /// Puts a file under a name, whole or not at all.
    pub(crate) fn put_file(&self, name: &OsStr, texts: &[&str]) -> Result<(), OutputError> {
        self.look_at_file(name)?;
        let put = || -> io::Result<()> {
            let mut draft = Draft::begin(&self.folder)?.like(self.folder.known(name)?.as_ref())?;
            for text in texts {
                draft.write_all(text.as_bytes())?;
            }
            draft.put(name, Instead::OfFile)
        };
        put().map_err(|source| self.unwritten(name, source))
    }

    /// Whether a tree could be put under a name, as far as that can be told before.
    pub(crate) fn look_at_tree(&self, name: &OsStr) -> Result<(), OutputError> {
        self.look_at_spared_in(name)?;
        tree::told(tree::look_in(&self.folder, name), &self.path.join(name)).map(drop)
    }

    /// Puts a tree under a name; false where it stands there already.
    pub(crate) fn put_tree(&self, name: &OsStr, tree: &Tree) -> Result<bool, OutputError> {
        self.look_at_spared_in(name)?;
        tree::told(tree::put(&self.folder, name, tree), &self.path.join(name))
    }

    /// Whether the folder that stands there holds none of what the run reads.
    fn look_at_spared_in(&self, name: &OsStr) -> Result<(), OutputError> {
        match self.folder.folder(name) {
            Ok(root) => Spared::look_at_root(&self.spared, &root, &self.path.join(name)),
            // What else stands there is told when it is looked at.
            Err(_) => Ok(()),
        }
    }

    fn unwritten(&self, name: &OsStr, source: io::Error) -> OutputError {
        OutputError::Write { path: self.path.join(name), source }
    }
}

/// Puts a tree where the user says; false where it stands there already, octet for octet.
pub(crate) fn put_tree(place: &Path, tree: &Tree, spared: &[Spared]) -> Result<bool, OutputError> {
    if let Ok(root) = Folder::open(place) {
        Spared::look_at_root(spared, &root, place)?;
    }
    tree::told(put_at(place, tree), place)
}

fn put_at(place: &Path, tree: &Tree) -> io::Result<TreeOutcome> {
    // `.` and `/` have no name to be exchanged under.
    let at = || place.file_name().map(|_| Place::of(place)).transpose();
    match Folder::open(place).map(Arc::new) {
        Ok(root) => {
            let at = at()?;
            if let Some(at) = &at {
                sweep(&at.folder);
            }
            tree::renew(at.as_ref().map(|at| (&*at.folder, at.name.as_os_str())), &root, tree)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !place.is_symlink() => {
            let Some(at) = at()? else { return Err(error) };
            sweep(&at.folder);
            tree::begin(&at.folder, &at.name, tree)
        }
        Err(error) => Err(io::Error::other(match error.kind() {
            io::ErrorKind::NotFound => "it is a symbolic link that leads nowhere".to_owned(),
            io::ErrorKind::NotADirectory => "it is no folder".to_owned(),
            _ => error.to_string(),
        })),
    }
}
