//! A file that is written beside its place, and put there when it is whole.
//!
//! Whole it is for whoever reads it, whatever ends the run. Whether it is after the power has failed
//! is the file system's to say, but for what a run has learned from others: a report or a recording,
//! which nobody can make again, is on the disk before it has its name ([`Draft::sync`]). What `generate`
//! prints the same run prints again. To wait for the disk a thousand times took from once and a half to
//! twice as long again as to write a thousand zones (ext4 on a virtual disk), and to wait once for the
//! records of a million domains as long as all the rest.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::folder::{Folder, Kind, Known, draft_name};

/// How often a place may change under our hands.
const ATTEMPTS: usize = 16;

/// A file under a name of its own; it is deleted unless it is put in place.
///
/// It is locked as long as it is open: what nobody has locked, a run that was killed left behind.
#[derive(Debug)]
pub(crate) struct Draft {
    folder: Arc<Folder>,
    name: OsString,
    file: File,
    is_placed: bool,
}

/// What a file may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    /// A regular file, or nothing.
    OfFile,
    OfNothing,
}

impl Draft {
    /// Begins a file.
    pub(super) fn begin(folder: &Arc<Folder>) -> io::Result<Self> {
        attempt(|| Self::attempt(folder))
    }

    /// A file of a name that stays, whatever ends the run.
    pub(super) fn kept(folder: &Arc<Folder>, name: OsString, file: File) -> Self {
        Self { folder: Arc::clone(folder), name, file, is_placed: true }
    }

    /// The file once more, to be written from another thread.
    pub(super) fn twin(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Deletes it.
    pub(super) fn remove(self) -> io::Result<()> {
        self.folder.remove_file(&self.name)
    }

    /// How many octets it has.
    pub(super) fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Cuts off what stands behind so many octets, to go on there.
    pub(super) fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length)).map(drop)
    }

    /// Gives it the owner, the group and the mode of the file that it will replace.
    pub(super) fn like(self, like: Option<&Known>) -> io::Result<Self> {
        if let Some(like) = like {
            Folder::make_like(&self.file, like)?;
        }
        Ok(self)
    }

    /// None where another run has swept it away before it was locked.
    fn attempt(folder: &Arc<Folder>) -> io::Result<Option<Self>> {
        let name = draft_name();
        let file = folder.create(&name)?;
        let draft = Self { folder: Arc::clone(folder), name, file, is_placed: false };
        let is_ours = Folder::lock_file(&draft.file)? && folder.known(&draft.name)?.is_some();
        Ok(is_ours.then_some(draft))
    }

    /// Gives it the owner and the group of another file or folder.
    pub(super) fn give(&self, like: &Known) -> io::Result<()> {
        Folder::give(&self.file, like)
    }

    /// Waits until the file is on the disk; a disk that is full or broken tells so here at the latest.
    pub(super) fn sync(&self) -> io::Result<()> {
        waited(self.file.sync_all())
    }

    /// Waits until what was written is on the disk.
    pub(super) fn sync_octets(&self) -> io::Result<()> {
        waited(self.file.sync_data())
    }

    /// Cuts off what stands behind the last whole line, which takes no room on a full disk either;
    /// false where nothing is left.
    pub(super) fn cut_to_lines(&mut self) -> io::Result<bool> {
        const BLOCK: u64 = 1 << 16;
        let mut end = self.file.seek(SeekFrom::End(0))?;
        let mut block = Vec::new();
        while end > 0 {
            let start = end.saturating_sub(BLOCK);
            block.clear();
            self.file.seek(SeekFrom::Start(start))?;
            (&self.file).take(end - start).read_to_end(&mut block)?;
            if let Some(at) = block.iter().rposition(|octet| *octet == b'\n') {
                self.file.set_len(start + at as u64 + 1)?;
                return Ok(true);
            }
            end = start;
        }
        Ok(false)
    }

    /// Puts it in place. A link, a folder or a device is never replaced, even if it comes there in
    /// the last moment.
    pub(super) fn put(mut self, name: &OsStr, instead: Instead) -> io::Result<()> {
        attempt(|| self.attempt_put(name, instead))?;
        self.is_placed = true;
        Ok(())
    }

    /// None where the place changed meanwhile.
    fn attempt_put(&self, name: &OsStr, instead: Instead) -> io::Result<Option<()>> {
        let folder = &self.folder;
        let (exchanged, is_new) = match folder.known(name)?.map(|known| known.kind) {
            Some(Kind::File) if instead == Instead::OfFile => {
                (folder.exchange(&self.name, name), false)
            }
            Some(Kind::File) => return Err(io::ErrorKind::AlreadyExists.into()),
            Some(_) => return Err(io::Error::other("it is no regular file")),
            None => (folder.rename_new(&self.name, name), true),
        };
        match exchanged.map_err(|error| (error.kind(), error)) {
            Ok(()) if is_new => Ok(Some(())),
            Ok(()) => match folder.known(&self.name)?.map(|old| old.kind) {
                Some(Kind::File) => match folder.remove_file(&self.name) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(())),
                    removed => removed.map(Some),
                },
                Some(_) => folder.exchange(&self.name, name).map(|()| None),
                // Another run has swept the old file away: nobody has it locked.
                None => Ok(Some(())),
            },
            Err((io::ErrorKind::Unsupported, _)) => folder.rename(&self.name, name).map(Some),
            Err((io::ErrorKind::AlreadyExists, _)) if is_new => Ok(None),
            Err((io::ErrorKind::NotFound, _)) if !is_new => Ok(None),
            Err((_, error)) => Err(error),
        }
    }
}

/// Some file systems have nothing to wait for.
fn waited(synced: io::Result<()>) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    match synced {
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Tries until something comes of it, so many times.
pub(super) fn attempt<T>(mut once: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    for _ in 0..ATTEMPTS {
        if let Some(done) = once()? {
            return Ok(done);
        }
    }
    Err(io::Error::other("it changes again and again"))
}

impl Write for Draft {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.file.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_placed {
            // Who ends has nobody to tell; the next run sweeps it.
            drop(self.folder.remove_file(&self.name));
        }
    }
}
