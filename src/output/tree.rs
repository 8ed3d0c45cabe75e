//! A folder of files that appears whole, and takes the place of the one that an earlier run wrote.
//!
//! The files are written beside the folder, which is exchanged for them at once. Where that cannot
//! be, because the folder is a mount point, or the one that somebody stands in, or the one around it
//! is not ours, its files are replaced one by one. What was written is listed with its digests in a
//! file of its own. A folder that holds anything else, or what was changed since, is left as it is;
//! only what stands in that list and is unchanged is ever deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::OutputError;
use super::draft::{Draft, Instead, attempt};
use crate::folder::{Folder, Kind, Known, draft_name, is_draft, parts};

/// The list of the files of a tree, in the form that `sha256sum --check` reads.
const LIST: &str = ".mailsrv.sha256";

/// The most octets of a file that could be ours.
const MAX_OCTETS: u64 = 1 << 20;

/// The deepest folder of ours.
const MAX_DEPTH: usize = 8;

/// How far up it is looked whether somebody stands in a folder.
const MAX_ABOVE: usize = 256;

/// Files by their paths below the root, with `/` between the parts.
pub(crate) type Tree = BTreeMap<String, String>;

/// The digests that a file of ours may have, by its path.
type Digests = BTreeMap<PathBuf, BTreeSet<String>>;

/// Puts a tree under a name in a folder.
pub(super) fn put(folder: &Folder, name: &OsStr, tree: &Tree) -> io::Result<TreeOutcome> {
    match root_in(folder, name)? {
        Ok(None) => begin(folder, name, tree),
        Ok(Some(root)) => renew(Some((folder, name)), &root, tree),
        Err(what) => Ok(TreeOutcome::Irregular(what)),
    }
}

/// Whether a tree would be put there, as far as that can be told before.
pub(super) fn look_in(folder: &Folder, name: &OsStr) -> io::Result<TreeOutcome> {
    match root_in(folder, name)? {
        Ok(None) => Ok(TreeOutcome::Written),
        Ok(Some(root)) => Ok(foreign(&root)?.map_or(TreeOutcome::Written, TreeOutcome::Foreign)),
        Err(what) => Ok(TreeOutcome::Irregular(what)),
    }
}

/// The root under a name, none where there is none, or what else stands there.
fn root_in(folder: &Folder, name: &OsStr) -> io::Result<Result<Option<Arc<Folder>>, &'static str>> {
    match folder.known(name)?.map(|known| known.kind) {
        None => Ok(Ok(None)),
        Some(Kind::Folder) => folder.folder(name).map(|root| Ok(Some(Arc::new(root)))),
        Some(Kind::Link) => Ok(Err("a symbolic link")),
        Some(Kind::File | Kind::Other) => Ok(Err("no folder")),
    }
}

/// Turns what came of a tree into what the user is told.
pub(super) fn told(put: io::Result<TreeOutcome>, place: &Path) -> Result<bool, OutputError> {
    match put.map_err(|source| OutputError::Write { path: place.to_owned(), source })? {
        TreeOutcome::Written => Ok(true),
        TreeOutcome::Unchanged => Ok(false),
        TreeOutcome::Irregular(what) => {
            Err(OutputError::Irregular { path: place.to_owned(), what })
        }
        TreeOutcome::Foreign(file) if file.ends_with(LIST) => {
            Err(OutputError::Several(place.to_owned()))
        }
        TreeOutcome::Foreign(file) => {
            Err(OutputError::Foreign { folder: place.to_owned(), file: place.join(file) })
        }
    }
}

/// What came of a tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TreeOutcome {
    Written,
    /// It stands there as it is.
    Unchanged,
    /// A file that is not ours stands there, and everything is left as it was.
    Foreign(PathBuf),
    /// What stands there is no folder, but this.
    Irregular(&'static str),
}

/// Puts a tree where nothing stands; whatever came there meanwhile makes it fail.
pub(super) fn begin(folder: &Folder, name: &OsStr, tree: &Tree) -> io::Result<TreeOutcome> {
    let draft = TreeDraft::make(folder, None, tree)?;
    match folder.rename_new(&draft.name, name) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            folder.rename(&draft.name, name)?;
        }
        renamed => renamed?,
    }
    draft.keep();
    Ok(TreeOutcome::Written)
}

/// Looks first and writes then: what is foreign is found before anything is made.
pub(super) fn renew(
    at: Option<(&Folder, &OsStr)>,
    root: &Arc<Folder>,
    tree: &Tree,
) -> io::Result<TreeOutcome> {
    if !root.lock()? {
        return Err(io::Error::other("another run of mailsrv is writing there"));
    }
    if let Some(file) = foreign(root)? {
        return Ok(TreeOutcome::Foreign(file));
    }
    if stands(root, tree)? {
        return Ok(TreeOutcome::Unchanged);
    }
    let itself = root.itself()?;
    let above = Folder::open(Path::new(".")).map(|here| above(&here)).unwrap_or_default();
    if let Some((folder, name)) = at.filter(|_| !above.iter().any(|known| known.is(&itself)))
        && let Some(outcome) = exchange(folder, name, root, tree)?
    {
        return Ok(outcome);
    }
    rewrite(root, tree, &above)
}

/// A folder, such as the one that this process and the shell that began it stand in, and those around
/// it.
pub(super) fn above(here: &Folder) -> Vec<Known> {
    let mut above: Vec<Known> = Vec::new();
    let mut around: Option<Folder> = None;
    while let Ok(known) = around.as_ref().unwrap_or(here).itself()
        && above.len() < MAX_ABOVE
        && !above.last().is_some_and(|last| last.is(&known))
    {
        above.push(known);
        let Ok(next) = around.as_ref().unwrap_or(here).around() else { break };
        around = Some(next);
    }
    above
}

/// Exchanges a tree of ours for another one at once; None where that cannot be done here.
fn exchange(
    folder: &Folder,
    name: &OsStr,
    root: &Arc<Folder>,
    tree: &Tree,
) -> io::Result<Option<TreeOutcome>> {
    use io::ErrorKind::{
        CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy, Unsupported,
    };
    let cannot = |error: &io::Error| {
        matches!(
            error.kind(),
            CrossesDevices | PermissionDenied | ReadOnlyFilesystem | ResourceBusy | Unsupported
        )
    };
    let draft = match TreeDraft::make(folder, Some(root), tree) {
        Err(error) if cannot(&error) => return Ok(None),
        draft => draft?,
    };
    match folder.exchange(&draft.name, name) {
        Err(error) if cannot(&error) => return Ok(None),
        exchanged => exchanged?,
    }
    // What came out is looked at again: files may have come in, or another folder to its place.
    let is_same = folder
        .known(&draft.name)?
        .is_some_and(|known| root.itself().is_ok_and(|itself| known.is(&itself)));
    let foreign = if is_same { foreign(root) } else { Ok(Some(PathBuf::new())) };
    if !matches!(foreign, Ok(None)) {
        folder.exchange(&draft.name, name)?;
        return foreign.map(|file| Some(TreeOutcome::Foreign(file.unwrap_or_default())));
    }
    remove_root(folder, &draft.name, root);
    draft.keep();
    Ok(Some(TreeOutcome::Written))
}

/// Replaces the files of a tree of ours one by one.
///
/// The list has the old and the new ones meanwhile, so that whatever a run leaves that is killed is
/// known as ours.
fn rewrite(root: &Arc<Folder>, tree: &Tree, above: &[Known]) -> io::Result<TreeOutcome> {
    let old = read_list(root)?;
    let lines = old.iter().flat_map(|(path, digests)| {
        digests.iter().map(|digest| format!("{digest}  {}\n", path.display()))
    });
    let both: String = std::iter::once(list(tree)).chain(lines).collect();
    let owner = root.itself()?;
    write_below(root, Some(root), Some(&owner), &[OsStr::new(LIST)], &both)?;
    let is_gone = |path: &Path| path.to_str().is_none_or(|path| !tree.contains_key(path));
    let gone: Digests = old.into_iter().filter(|(path, _)| is_gone(path)).collect();
    remove_ours(root, Path::new(""), &gone, above, MAX_DEPTH);
    fill(root, Some(root), Some(&owner), tree)?;
    write_below(root, Some(root), Some(&owner), &[OsStr::new(LIST)], &list(tree))?;
    Ok(TreeOutcome::Written)
}

/// Writes a tree into a folder; what replaces a file of the old one gets its owner and mode, what is
/// new gets the owner of the root.
fn fill(
    root: &Arc<Folder>,
    old: Option<&Folder>,
    owner: Option<&Known>,
    tree: &Tree,
) -> io::Result<()> {
    for (path, text) in tree {
        let parts = parts(Path::new(path)).ok_or_else(|| io::Error::other("no path of ours"))?;
        write_below(root, old, owner, &parts, text)?;
    }
    Ok(())
}

fn write_below(
    folder: &Arc<Folder>,
    old: Option<&Folder>,
    owner: Option<&Known>,
    path: &[&OsStr],
    text: &str,
) -> io::Result<()> {
    let Some((name, rest)) = path.split_first() else { return Ok(()) };
    let like = old.map(|old| old.known(name)).transpose()?.flatten();
    if rest.is_empty() {
        let like = like.filter(|like| like.kind == Kind::File);
        let mut draft = Draft::begin(folder)?.like(like.as_ref())?;
        if let (None, Some(owner)) = (like, owner) {
            draft.give(owner)?;
        }
        draft.write_all(text.as_bytes())?;
        return draft.put(name, Instead::OfFile);
    }
    let old = old.and_then(|old| old.folder(name).ok());
    let below = match folder.folder(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = folder.make_folder(name)?;
            match (like.filter(|like| like.kind == Kind::Folder), owner) {
                (Some(like), _) => made.become_like(&like)?,
                (None, Some(owner)) => made.give_itself(owner)?,
                (None, None) => {}
            }
            made
        }
        below => below?,
    };
    write_below(&Arc::new(below), old.as_ref(), owner, rest, text)
}

/// A tree under a name of its own; it is deleted unless it is put in place.
struct TreeDraft<'a> {
    folder: &'a Folder,
    name: OsString,
    root: Arc<Folder>,
    is_placed: bool,
}

impl<'a> TreeDraft<'a> {
    /// Writes a tree beside its place; with the owners and modes of the old one, where there is one.
    fn make(folder: &'a Folder, old: Option<&Folder>, tree: &Tree) -> io::Result<Self> {
        let draft = attempt(|| Self::attempt(folder)).map_err(|error| {
            let text = format!("no new folder can be made beside it: {error}");
            io::Error::new(error.kind(), text)
        })?;
        let owner = old.map(Folder::itself).transpose()?;
        // The list comes first, so that what a run leaves that is killed is known as ours.
        write_below(&draft.root, old, owner.as_ref(), &[OsStr::new(LIST)], &list(tree))?;
        fill(&draft.root, old, owner.as_ref(), tree)?;
        if let Some(owner) = owner {
            draft.root.become_like(&owner)?;
        }
        Ok(draft)
    }

    /// None where another run has swept it away before it was locked.
    fn attempt(folder: &'a Folder) -> io::Result<Option<Self>> {
        let name = draft_name();
        let root = Arc::new(folder.make_folder(&name)?);
        let is_ours = root.lock()? && folder.known(&name)?.is_some();
        Ok(is_ours.then_some(Self { folder, name, root, is_placed: false }))
    }

    /// It is in its place.
    fn keep(mut self) {
        self.is_placed = true;
    }
}

impl Drop for TreeDraft<'_> {
    fn drop(&mut self) {
        if !self.is_placed {
            remove_root(self.folder, &self.name, &self.root);
        }
    }
}

/// Deletes a tree of this user that nobody has locked, as far as it is ours.
pub(super) fn sweep(folder: &Folder, name: &OsStr) {
    if let Ok(root) = folder.folder(name)
        && root.lock().unwrap_or(false)
    {
        remove_root(folder, name, &root);
    }
}

/// Deletes what is ours in a tree, and the tree where nothing is left in it.
fn remove_root(folder: &Folder, name: &OsStr, root: &Folder) {
    if let Ok(list) = read_list(root) {
        remove_ours(root, Path::new(""), &list, &[], MAX_DEPTH);
    }
    drop(root.remove_file(OsStr::new(LIST)));
    // It stays where anything is left in it.
    drop(folder.remove_folder(name));
}

/// Deletes what is listed and unchanged in a folder, and each folder where nothing is left in it.
///
/// What came in since stays, and so does what cannot be deleted: the new tree stands all the same.
fn remove_ours(folder: &Folder, at: &Path, list: &Digests, spared: &[Known], depth: usize) {
    for name in folder.names().unwrap_or_default() {
        let path = at.join(&name);
        let Ok(Some(known)) = folder.known(&name) else { continue };
        if known.kind == Kind::Folder && depth > 0 {
            if let Ok(below) = folder.folder(&name) {
                remove_ours(&below, &path, list, spared, depth - 1);
            }
            if is_above_ours(&path, list) && !spared.iter().any(|spared| spared.is(&known)) {
                drop(folder.remove_folder(&name));
            }
        } else if is_left_over(&name, &known)
            || is_ours(folder, &name, &path, list).unwrap_or(false)
        {
            drop(folder.remove_file(&name));
        }
    }
}

/// Whether a folder has something of ours below it; an empty one of somebody else has not.
fn is_above_ours(folder: &Path, list: &Digests) -> bool {
    list.keys().any(|path| Path::new(path).starts_with(folder))
}

/// Whether a file is a draft in a tree, which is locked: no other run is writing it.
fn is_left_over(name: &OsStr, known: &Known) -> bool {
    is_draft(name) && known.kind == Kind::File && Folder::is_own(known)
}

/// The first file that no run of ours wrote, or that is not as it was written.
fn foreign(root: &Folder) -> io::Result<Option<PathBuf>> {
    foreign_below(root, Path::new(""), &read_list(root)?, MAX_DEPTH)
}

fn foreign_below(
    folder: &Folder,
    at: &Path,
    list: &Digests,
    depth: usize,
) -> io::Result<Option<PathBuf>> {
    for name in folder.names()? {
        let path = at.join(&name);
        let Some(known) = folder.known(&name)? else { continue };
        if known.kind == Kind::Folder && depth > 0 {
            let below = foreign_below(&folder.folder(&name)?, &path, list, depth - 1)?;
            if below.is_some() {
                return Ok(below);
            }
            if !is_above_ours(&path, list) {
                return Ok(Some(path));
            }
        } else if path != Path::new(LIST)
            && !is_left_over(&name, &known)
            && !is_ours(folder, &name, &path, list)?
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// What a tree has to hold, a line a file, in the order of the paths.
fn list(tree: &Tree) -> String {
    tree.iter().map(|(path, text)| format!("{}  {path}\n", digest_of(text.as_bytes()))).collect()
}

/// Whether a tree without anything foreign in it is this one.
fn stands(root: &Folder, tree: &Tree) -> io::Result<bool> {
    let known = read_bounded(root, OsStr::new(LIST))?;
    Ok(known.is_some_and(|octets| octets == list(tree).as_bytes())
        && tree.keys().all(|path| is_file_below(root, Path::new(path))))
}

fn is_file_below(root: &Folder, path: &Path) -> bool {
    let Some(parts) = parts(path) else { return false };
    let Some((name, folders)) = parts.split_last() else { return false };
    let around = folders.iter().try_fold(None, |around: Option<Folder>, name| {
        around.as_ref().unwrap_or(root).folder(name).map(Some)
    });
    around.is_ok_and(|around| {
        let known = around.as_ref().unwrap_or(root).known(name);
        matches!(known, Ok(Some(known)) if known.kind == Kind::File)
    })
}

/// The digests by path; empty where there is no list, or none of ours. A path that does not lead down
/// is not ours.
fn read_list(root: &Folder) -> io::Result<Digests> {
    let Some(octets) = read_bounded(root, OsStr::new(LIST))? else { return Ok(Digests::new()) };
    let mut list = Digests::new();
    for line in String::from_utf8_lossy(&octets).lines() {
        if let Some((digest, path)) = line.split_once("  ")
            && parts(Path::new(path)).is_some()
        {
            list.entry(PathBuf::from(path)).or_default().insert(digest.to_owned());
        }
    }
    Ok(list)
}

/// Whether a file is as the list has it.
fn is_ours(folder: &Folder, name: &OsStr, path: &Path, list: &Digests) -> io::Result<bool> {
    let Some(digests) = list.get(path) else { return Ok(false) };
    let octets = read_bounded(folder, name)?;
    Ok(octets.is_some_and(|octets| digests.contains(&digest_of(&octets))))
}

/// The octets of a file; None where there is none, or it is no file, or too large to be ours.
fn read_bounded(folder: &Folder, name: &OsStr) -> io::Result<Option<Vec<u8>>> {
    match folder.known(name)? {
        Some(known) if known.kind == Kind::File => {}
        Some(_) | None => return Ok(None),
    }
    let mut octets = Vec::new();
    folder.file(name)?.take(MAX_OCTETS + 1).read_to_end(&mut octets)?;
    Ok((octets.len() as u64 <= MAX_OCTETS).then_some(octets))
}

/// The digest of a file, as `sha256sum` writes it.
fn digest_of(octets: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(octets))
}

#[cfg(test)]
mod tests;
