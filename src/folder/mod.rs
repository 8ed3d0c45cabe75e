//! One folder, and nothing outside it.
//!
//! A [`Folder`] is a handle: what is read, written and deleted through it is in that folder, whatever
//! is renamed or linked meanwhile. A name is one component, never a path; no link is followed; only
//! regular files are read, and nothing waits for a pipe. A path that was read somewhere leads down
//! from a handle, part by part ([`parts`]), or nowhere.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

#[cfg(not(unix))]
mod paths;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::paths::Folder;
#[cfg(unix)]
pub(crate) use self::unix::Folder;

/// The most links that lead from one to the next.
const MAX_LINKS: usize = 40;

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Other,
}

/// What is known of a file or a folder without opening it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) kind: Kind,
    /// Device and number, which tell whether two are one; None where the system has none.
    pub(crate) id: Option<(u64, u64)>,
    /// Owner and group by their numbers.
    pub(crate) owner: (u32, u32),
    /// The bits of its mode.
    pub(crate) mode: u32,
}

impl Known {
    /// Whether two are the same file or folder.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.id.is_some() && self.id == other.id
    }
}

/// Where a path that the user typed leads: a folder, and the name in it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: Arc<Folder>,
    pub(crate) name: OsString,
}

impl Place {
    /// Follows the links that the user may have meant, and stops at the name that is none.
    ///
    /// # Errors
    ///
    /// There is no such folder, or a link in it that others may have planted.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let nameless = || io::Error::other("it names no file");
        let mut name = path.file_name().ok_or_else(nameless)?.to_owned();
        let mut folder = Folder::open(path.parent().unwrap_or(path))?;
        for _ in 0..MAX_LINKS {
            let known = folder.known(&name)?;
            let Some(link) = known.filter(|known| known.kind == Kind::Link) else {
                return Ok(Self { folder: Arc::new(folder), name });
            };
            folder.trust(&link)?;
            let target = folder.target(&name)?;
            name = target.file_name().ok_or_else(nameless)?.to_owned();
            folder = folder.at(target.parent().unwrap_or(&target))?;
        }
        Err(io::Error::other("too many links"))
    }

    /// Whether two places are one, or would be on this file system.
    pub(crate) fn meets(&self, other: &Self) -> io::Result<bool> {
        let known = [self, other].map(|place| place.folder.known(&place.name));
        if let [Ok(Some(known)), Ok(Some(other))] = &known
            && known.id.is_some()
        {
            return Ok(known.is(other));
        }
        let same_folder = self.folder.itself()?.is(&other.folder.itself()?);
        Ok(same_folder
            && (self.name == other.name
                || folded(&self.name) == folded(&other.name) && self.folder.ignores_case()?))
    }
}

impl Folder {
    /// Opens a regular file by a path that was read somewhere.
    ///
    /// # Errors
    ///
    /// The path does not lead down, or over a link, or to what is no regular file.
    pub(crate) fn file_below(&self, path: &Path) -> io::Result<File> {
        let outside = || io::Error::other("it leads out of the folder");
        let parts = parts(path).ok_or_else(outside)?;
        let (name, folders) = parts.split_last().ok_or_else(outside)?;
        let mut below = None;
        for folder in folders {
            below = Some(below.as_ref().unwrap_or(self).folder(folder)?);
        }
        below.as_ref().unwrap_or(self).file(name)
    }

    /// Whether `A` and `a` are one name here, found out with a draft.
    pub(crate) fn ignores_case(&self) -> io::Result<bool> {
        let name = draft_name();
        let probe = self.create(&name)?;
        // Who sweeps leaves alone what is locked.
        let is_ours = Self::lock_file(&probe)? && self.known(&name)?.is_some();
        let other = name.to_string_lossy().to_uppercase();
        let known = self.known(OsStr::new(&other));
        match self.remove_file(&name) {
            Err(error) if is_ours || error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(known?.is_some())
    }
}

/// What the names of drafts begin with.
const DRAFT: &str = ".mailsrv-";

/// A name for a draft, which nobody foresees.
pub(crate) fn draft_name() -> OsString {
    format!("{DRAFT}{:016x}", RandomState::new().hash_one(())).into()
}

/// Whether a name is that of a draft.
pub(crate) fn is_draft(name: &OsStr) -> bool {
    let digits = name.to_str().and_then(|name| name.strip_prefix(DRAFT));
    digits.is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// A name without upper case, as file systems that ignore case compare names.
pub(crate) fn folded(name: &OsStr) -> String {
    name.to_string_lossy().to_lowercase()
}

/// The parts of a path that leads down and nowhere else; None for all others.
pub(crate) fn parts(path: &Path) -> Option<Vec<&OsStr>> {
    let parts = path.components().map(|part| match part {
        Component::Normal(part) => Some(part),
        Component::CurDir | Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
            None
        }
    });
    parts.collect::<Option<Vec<_>>>().filter(|parts| !parts.is_empty())
}

/// One part of a path, as every name below a handle has to be.
fn part(name: &OsStr) -> io::Result<&OsStr> {
    match parts(Path::new(name)).as_deref() {
        Some([only]) if *only == name => Ok(name),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file")),
    }
}

/// What is no regular file is not read.
fn irregular() -> io::Error {
    io::Error::other("it is no regular file")
}

#[cfg(test)]
mod tests;
