//! Folders by their paths, where the system gives no handles to the standard library.
//!
//! What is no link when it is looked at may be one when it is opened; all else holds.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::{Kind, Known, irregular, part};

/// A folder that is there.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens a folder that the user named; links that lead there are followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match fs::metadata(path)?.is_dir() {
            true => Ok(Self(path.to_owned())),
            false => Err(io::Error::other("it is no folder")),
        }
    }

    /// Opens the folder that a link of the user's leads to.
    pub(super) fn at(&self, path: &Path) -> io::Result<Self> {
        Self::open(&self.0.join(path))
    }

    /// The folder around this one.
    pub(crate) fn around(&self) -> io::Result<Self> {
        self.at(Path::new(".."))
    }

    fn path(&self, name: &OsStr) -> io::Result<PathBuf> {
        Ok(self.0.join(part(name)?))
    }

    /// Opens a folder in it.
    pub(crate) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        match self.known(name)?.map(|known| known.kind) {
            Some(Kind::Folder) => Ok(Self(self.path(name)?)),
            Some(_) => Err(io::Error::other("it is no folder")),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Makes a folder in it.
    pub(crate) fn make_folder(&self, name: &OsStr) -> io::Result<Self> {
        fs::create_dir(self.path(name)?)?;
        self.folder(name)
    }

    /// Opens a regular file in it to read.
    pub(crate) fn file(&self, name: &OsStr) -> io::Result<File> {
        match self.known(name)?.map(|known| known.kind) {
            Some(Kind::File) => File::open(self.path(name)?),
            Some(_) => Err(irregular()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Opens a regular file in it to write on.
    pub(crate) fn edit(&self, name: &OsStr) -> io::Result<File> {
        match self.known(name)?.map(|known| known.kind) {
            Some(Kind::File) => File::options().read(true).write(true).open(self.path(name)?),
            Some(_) => Err(irregular()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Whether a name is that of an open file; nobody can tell.
    pub(crate) fn holds(&self, name: &OsStr, _file: &File) -> io::Result<bool> {
        Ok(self.known(name)?.is_some())
    }

    /// Makes a file where nothing stands.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        File::options().read(true).write(true).create_new(true).open(self.path(name)?)
    }

    /// What stands under a name; None where nothing does.
    pub(crate) fn known(&self, name: &OsStr) -> io::Result<Option<Known>> {
        match fs::symlink_metadata(self.path(name)?) {
            Ok(metadata) => Ok(Some(known(metadata.file_type()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is known of the folder itself.
    pub(crate) fn itself(&self) -> io::Result<Known> {
        Ok(known(fs::metadata(&self.0)?.file_type()))
    }

    /// The names in it, in their order.
    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        let names = fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name()));
        let mut names: Vec<_> = names.collect::<io::Result<_>>()?;
        names.sort_unstable();
        Ok(names)
    }

    /// Where a link leads.
    pub(super) fn target(&self, name: &OsStr) -> io::Result<PathBuf> {
        fs::read_link(self.path(name)?)
    }

    /// Every link is the user's.
    pub(super) fn trust(&self, _link: &Known) -> io::Result<()> {
        Ok(())
    }

    /// Deletes a name that is no folder.
    pub(crate) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path(name)?)
    }

    /// Deletes an empty folder.
    pub(crate) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.path(name)?)
    }

    /// Renames what stands under a name, in place of whatever file the other one has.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.path(from)?, self.path(to)?)
    }

    /// Cannot be done.
    pub(crate) fn exchange(&self, _one: &OsStr, _other: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Cannot be done.
    pub(crate) fn rename_new(&self, _from: &OsStr, _to: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A folder has the owner that the system gives it.
    pub(crate) fn become_like(&self, _like: &Known) -> io::Result<()> {
        Ok(())
    }

    /// A file has the owner that the system gives it.
    pub(crate) fn make_like(_file: &File, _like: &Known) -> io::Result<()> {
        Ok(())
    }

    /// A file has the owner that the system gives it.
    pub(crate) fn give(_file: &File, _like: &Known) -> io::Result<()> {
        Ok(())
    }

    /// A folder has the owner that the system gives it.
    pub(crate) fn give_itself(&self, _like: &Known) -> io::Result<()> {
        Ok(())
    }

    /// Folders have no locks.
    pub(crate) fn lock(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Locks a file against other runs until it is closed; false where another one has it.
    pub(crate) fn lock_file(_file: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// Nobody can tell, so nothing is.
    pub(crate) fn is_own(_known: &Known) -> bool {
        false
    }
}

fn known(kind: FileType) -> Known {
    let kind = match kind {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    };
    Known { kind, id: None, owner: (0, 0), mode: 0 }
}
