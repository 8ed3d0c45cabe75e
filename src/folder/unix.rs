//! Folders as file descriptors.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, Dir, FileType, FlockOperation, Gid, Mode, OFlags, Stat, Uid, fchmod, fchown, flock,
    fstat, mkdirat, open, openat, readlinkat, renameat, statat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::{Kind, Known, irregular, part};

/// A folder that is open.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

/// To open a folder.
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

impl Folder {
    /// Opens a folder that the user named; links that lead there are followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(Self(open(path, FOLDER, Mode::empty())?))
    }

    /// Opens the folder that a link of the user's leads to.
    pub(super) fn at(&self, path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(Self(openat(&self.0, path, FOLDER, Mode::empty())?))
    }

    /// The folder around this one.
    pub(crate) fn around(&self) -> io::Result<Self> {
        self.at(Path::new(".."))
    }

    /// Opens a folder in it.
    pub(crate) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        let flags = FOLDER | OFlags::NOFOLLOW;
        Ok(Self(openat(&self.0, part(name)?, flags, Mode::empty())?))
    }

    /// Makes a folder in it, with a mode that the user's mask narrows.
    pub(crate) fn make_folder(&self, name: &OsStr) -> io::Result<Self> {
        mkdirat(&self.0, part(name)?, Mode::from(0o777))?;
        self.folder(name)
    }

    /// Opens a regular file in it to read.
    pub(crate) fn file(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = match openat(&self.0, part(name)?, flags, Mode::empty()) {
            // A socket, or a device without a driver.
            Err(Errno::LOOP | Errno::NXIO) => return Err(irregular()),
            file => file?,
        };
        match known(&fstat(&file)?).kind {
            Kind::File => Ok(file.into()),
            Kind::Folder | Kind::Link | Kind::Other => Err(irregular()),
        }
    }

    /// Opens a regular file in it to write on, as this user or another run left it there.
    pub(crate) fn edit(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::CLOEXEC | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = match openat(&self.0, part(name)?, flags, Mode::empty()) {
            Err(Errno::LOOP | Errno::NXIO) => return Err(irregular()),
            file => file?,
        };
        let stat = fstat(&file)?;
        if known(&stat).kind != Kind::File {
            return Err(irregular());
        }
        if stat.st_nlink != 1 {
            return Err(io::Error::other("it has another name, too"));
        }
        self.trust(&known(&stat))?;
        Ok(file.into())
    }

    /// Whether a name is that of an open file.
    pub(crate) fn holds(&self, name: &OsStr, file: &File) -> io::Result<bool> {
        let open = known(&fstat(file)?);
        Ok(self.known(name)?.is_some_and(|known| known.is(&open)))
    }

    /// Makes a file where nothing stands, to write and to read it again, with a mode that the user's mask narrows.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::CLOEXEC | OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
        Ok(openat(&self.0, part(name)?, flags | OFlags::NOFOLLOW, Mode::from(0o666))?.into())
    }

    /// What stands under a name; None where nothing does.
    pub(crate) fn known(&self, name: &OsStr) -> io::Result<Option<Known>> {
        match statat(&self.0, part(name)?, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(known(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What is known of the folder itself.
    pub(crate) fn itself(&self) -> io::Result<Known> {
        Ok(known(&fstat(&self.0)?))
    }

    /// The names in it, in the order of their octets.
    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Where a link leads.
    pub(super) fn target(&self, name: &OsStr) -> io::Result<PathBuf> {
        let target = readlinkat(&self.0, part(name)?, Vec::new())?;
        Ok(PathBuf::from(OsStr::from_bytes(target.to_bytes())))
    }

    /// Refuses what a stranger may have planted in a folder that all may write to, as Linux does with
    /// links where `fs.protected_symlinks` is set.
    pub(super) fn trust(&self, planted: &Known) -> io::Result<()> {
        let itself = self.itself()?;
        let is_common = itself.mode & 0o1002 == 0o1002;
        let (owner, _) = planted.owner;
        if is_common && owner != geteuid().as_raw() && owner != itself.owner.0 {
            let what = if planted.kind == Kind::Link { "link" } else { "file" };
            let problem = format!("it is a {what} of somebody else's in a common folder");
            return Err(io::Error::other(problem));
        }
        Ok(())
    }

    /// Deletes a name that is no folder.
    pub(crate) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, part(name)?, AtFlags::empty())?)
    }

    /// Deletes an empty folder.
    pub(crate) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, part(name)?, AtFlags::REMOVEDIR)?)
    }

    /// Renames what stands under a name, in place of whatever file the other one has.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, part(from)?, &self.0, part(to)?)?)
    }

    /// Renames where nothing stands under the other name, and exchanges the two where `exchange` is
    /// said; at once, as far as anybody sees.
    ///
    /// [`io::ErrorKind::Unsupported`] says that the file system or the system cannot.
    fn rename_with(&self, from: &OsStr, to: &OsStr, exchange: bool) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            let flags = if exchange { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
            match renameat_with(&self.0, part(from)?, &self.0, part(to)?, flags) {
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                renamed => return Ok(renamed?),
            }
        }
        let _only_there = exchange;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Exchanges two names at once.
    pub(crate) fn exchange(&self, one: &OsStr, other: &OsStr) -> io::Result<()> {
        self.rename_with(one, other, true)
    }

    /// Renames to where nothing stands.
    pub(crate) fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.rename_with(from, to, false)
    }

    /// Gives the folder itself the owner, the group and the mode of another one.
    pub(crate) fn become_like(&self, like: &Known) -> io::Result<()> {
        become_like(&self.0, like)
    }

    /// Gives a file the owner, the group and the mode of another one.
    pub(crate) fn make_like(file: &File, like: &Known) -> io::Result<()> {
        become_like(file, like)
    }

    /// Gives a file the owner and the group of another one.
    pub(crate) fn give(file: impl AsFd, like: &Known) -> io::Result<()> {
        let now = known(&fstat(&file)?);
        let (user, group) = like.owner;
        let user = Some(user).filter(|user| *user != now.owner.0).map(Uid::from_raw);
        let group = Some(group).filter(|group| *group != now.owner.1).map(Gid::from_raw);
        if user.is_none() && group.is_none() {
            return Ok(());
        }
        fchown(file, user, group).map_err(|error| {
            let (user, group) = like.owner;
            // No matter of the place, which another way to write there would mend.
            io::Error::other(format!(
                "its owner {user} and group {group} cannot be kept ({error}); run as that user, or delete it first"
            ))
        })
    }

    /// Gives the folder itself the owner and the group of another one.
    pub(crate) fn give_itself(&self, like: &Known) -> io::Result<()> {
        Self::give(&self.0, like)
    }

    /// Locks the folder against other runs until it is closed; false where another one has it.
    pub(crate) fn lock(&self) -> io::Result<bool> {
        lock(&self.0)
    }

    /// Locks a file against other runs until it is closed; false where another one has it.
    pub(crate) fn lock_file(file: &File) -> io::Result<bool> {
        lock(file)
    }

    /// Whether what is known belongs to the user of this process.
    pub(crate) fn is_own(known: &Known) -> bool {
        known.owner.0 == geteuid().as_raw()
    }
}

fn become_like(fd: impl AsFd, like: &Known) -> io::Result<()> {
    Folder::give(&fd, like)?;
    // Behind it: to change the owner takes bits of the mode away.
    Ok(fchmod(fd, Mode::from(like.mode))?)
}

/// Some file systems have no locks; there everybody has to look after himself.
fn lock(fd: impl AsFd) -> io::Result<bool> {
    match flock(fd, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Ok(false),
        Ok(()) | Err(Errno::BADF | Errno::NOLCK | Errno::NOSYS | Errno::NOTSUP | Errno::INVAL) => {
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

#[expect(clippy::unnecessary_cast, reason = "the types of these fields differ between systems")]
fn known(stat: &Stat) -> Known {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    };
    Known {
        kind,
        id: Some((stat.st_dev as u64, stat.st_ino as u64)),
        owner: (stat.st_uid, stat.st_gid),
        mode: Mode::from_raw_mode(stat.st_mode).bits() as u32 & 0o7777,
    }
}
