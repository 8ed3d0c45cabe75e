//! A folder of files that appears whole, and takes the place of the one that an earlier run wrote.
//!
//! The files are written beside the folder, which is then renamed aside and replaced by them: two
//! renames, between which it is missing for a moment. What was written is listed with its digests
//! in a file of its own. A folder that holds anything else, or what was changed since, is left as it
//! is; only what stands in that list and is unchanged is ever deleted.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{OutputError, made_beside, target};

/// The list of the files of a tree, in the form that `sha256sum --check` reads.
const LIST: &str = ".mailsrv.sha256";

/// The most octets of a file that could be ours.
const MAX_OCTETS: u64 = 1 << 20;

/// The deepest folder of ours.
const MAX_DEPTH: usize = 8;

/// Files by their paths below the root, with `/` between the parts.
pub(crate) type Tree = BTreeMap<String, String>;

/// Puts a tree in place; false where it stands there already, octet for octet.
pub(crate) fn put_tree(place: &Path, tree: &Tree) -> Result<bool, OutputError> {
    let known = match fs::metadata(place) {
        Ok(known) if !known.is_dir() => Err(io::Error::other("it is no folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        known => known.map(Some),
    };
    let put = known.and_then(|known| put(&target(place, known.as_ref())?, known.as_ref(), tree));
    match put.map_err(|source| OutputError::Write { path: place.to_owned(), source })? {
        TreeOutcome::Written => Ok(true),
        TreeOutcome::Unchanged => Ok(false),
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
enum TreeOutcome {
    Written,
    /// It stands there as it is.
    Unchanged,
    /// A file that is not ours stands there, and everything is left as it was.
    Foreign(PathBuf),
}

/// Looks first and writes then: what is foreign is found before anything is made.
fn put(target: &Path, known: Option<&Metadata>, tree: &Tree) -> io::Result<TreeOutcome> {
    let Some(known) = known else { return begin(target, draft(target, tree)?) };
    if let Some(file) = foreign(target)? {
        return Ok(TreeOutcome::Foreign(file));
    }
    if stands(target, tree)? {
        return Ok(TreeOutcome::Unchanged);
    }
    let draft = draft(target, tree)?;
    fs::set_permissions(draft.path(), known.permissions())?;
    replace(target, draft)
}

/// What a tree has to hold, a line a file, in the order of the paths.
fn list(tree: &Tree) -> String {
    tree.iter().map(|(path, text)| format!("{}  {path}\n", digest_of(text.as_bytes()))).collect()
}

/// Whether a tree without anything foreign in it is this one.
fn stands(root: &Path, tree: &Tree) -> io::Result<bool> {
    let known = read_bounded(&root.join(LIST))?;
    Ok(known.is_some_and(|octets| octets == list(tree).as_bytes())
        && tree.keys().all(|path| root.join(path).is_file()))
}

/// Writes the files into a new folder beside the place.
fn draft(target: &Path, tree: &Tree) -> io::Result<TempDir> {
    let draft = made_beside(target, 0o777, "folder", |builder, folder| builder.tempdir_in(folder))?;
    for (path, text) in tree {
        let file = draft.path().join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, text)?;
    }
    fs::write(draft.path().join(LIST), list(tree))?;
    Ok(draft)
}

/// Renames the draft to where nothing stands; whatever came there meanwhile makes it fail.
fn begin(target: &Path, draft: TempDir) -> io::Result<TreeOutcome> {
    if target.is_symlink() {
        return Err(io::Error::other("it is a symbolic link that leads nowhere"));
    }
    fs::rename(draft.path(), target)?;
    drop(draft.keep());
    Ok(TreeOutcome::Written)
}

/// Renames the draft into the place of a tree of ours, which is put back where that fails, and where
/// a foreign file came in meanwhile.
fn replace(target: &Path, draft: TempDir) -> io::Result<TreeOutcome> {
    // Nobody else finds a way into this folder; who was in it before may still write there.
    let aside = made_beside(target, 0o700, "folder", |builder, folder| builder.tempdir_in(folder))?;
    let aside = aside.keep();
    let old = aside.join("old");
    let outcome = fs::rename(target, &old).and_then(|()| {
        let outcome = match foreign(&old) {
            Ok(None) => fs::rename(draft.path(), target).map(|()| TreeOutcome::Written),
            Ok(Some(file)) => Ok(TreeOutcome::Foreign(file)),
            Err(error) => Err(error),
        };
        if !matches!(outcome, Ok(TreeOutcome::Written)) {
            fs::rename(&old, target)?;
        }
        outcome
    });
    if matches!(outcome, Ok(TreeOutcome::Written)) {
        drop(draft.keep());
        if let Ok(list) = read_list(&old) {
            remove_ours(&old, Path::new(""), &list, MAX_DEPTH);
        }
    }
    // It stays where anything is left in it.
    drop(fs::remove_dir(&aside));
    outcome
}

/// Deletes what is listed and unchanged in a folder, and the folder where nothing is left in it.
///
/// What came in since stays, and so does what cannot be deleted: the new tree stands all the same.
fn remove_ours(root: &Path, folder: &Path, list: &BTreeMap<PathBuf, String>, depth: usize) {
    for file in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let path = folder.join(file.file_name());
        if depth > 0 && file.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_ours(root, &path, list, depth - 1);
        } else if path == Path::new(LIST) || is_ours(root, &path, list).unwrap_or(false) {
            drop(fs::remove_file(file.path()));
        }
    }
    drop(fs::remove_dir(root.join(folder)));
}

/// The first file that no run of ours wrote, or that is not as it was written.
fn foreign(root: &Path) -> io::Result<Option<PathBuf>> {
    let list = read_list(root)?;
    let mut folders = vec![(PathBuf::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let mut names: Vec<_> = fs::read_dir(root.join(&folder))?.collect::<Result<_, _>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        for file in names {
            let path = folder.join(file.file_name());
            let kind = file.file_type()?;
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((path, depth + 1));
            } else if path != Path::new(LIST) && !is_ours(root, &path, &list)? {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// The digests by path; empty where there is no list, or none of ours.
fn read_list(root: &Path) -> io::Result<BTreeMap<PathBuf, String>> {
    let Some(octets) = read_bounded(&root.join(LIST))? else { return Ok(BTreeMap::new()) };
    let text = String::from_utf8_lossy(&octets);
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    Ok(lines.map(|(digest, path)| (PathBuf::from(path), digest.to_owned())).collect())
}

/// Whether a file is as the list has it.
fn is_ours(root: &Path, path: &Path, list: &BTreeMap<PathBuf, String>) -> io::Result<bool> {
    let Some(digest) = list.get(path) else { return Ok(false) };
    let octets = read_bounded(&root.join(path))?;
    Ok(octets.is_some_and(|octets| digest_of(&octets) == *digest))
}

/// The octets of a file; None where there is none, or it is no file, or too large to be ours.
fn read_bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(known) if known.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut octets = Vec::new();
    File::open(path)?.take(MAX_OCTETS + 1).read_to_end(&mut octets)?;
    Ok((octets.len() as u64 <= MAX_OCTETS).then_some(octets))
}

/// The digest of a file, as `sha256sum` writes it.
fn digest_of(octets: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Tree {
        texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    /// The files below a folder, without the list.
    fn found(root: &Path) -> Tree {
        let mut found = Tree::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for file in fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with(LIST) {
                    let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                    found.insert(below, fs::read_to_string(path).unwrap());
                }
            }
        }
        found
    }

    /// A place for a tree, and the folder that has nothing else in it.
    fn place() -> (TempDir, PathBuf) {
        let around = tempfile::tempdir().unwrap();
        let place = around.path().join("www");
        (around, place)
    }

    #[track_caller]
    fn stands_alone(around: &TempDir) {
        let names: Vec<_> =
            fs::read_dir(around.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["www"], "something was left behind");
    }

    #[test]
    fn a_tree_takes_the_place_of_nothing_of_an_empty_folder_and_of_one_of_ours() {
        let (around, place) = place();
        for tree in [
            files(&[("a", "1"), ("b/c", "2")]),
            files(&[("a", "3"), ("d/e/f", "4")]),
            files(&[("a", "3")]),
        ] {
            assert!(put_tree(&place, &tree).unwrap(), "it was there");
            assert_eq!(found(&place), tree);
            assert!(!put_tree(&place, &tree).unwrap(), "it was not there");
            stands_alone(&around);
        }
        fs::remove_file(place.join("a")).unwrap();
        assert!(put_tree(&place, &files(&[("a", "3")])).unwrap());
        assert_eq!(found(&place), files(&[("a", "3")]));
        fs::remove_dir_all(&place).unwrap();
        fs::create_dir(&place).unwrap();
        put_tree(&place, &files(&[("a", "1")])).unwrap();
        stands_alone(&around);
    }

    #[test]
    fn a_tree_with_anything_foreign_in_it_stays_as_it_is() {
        let ours = files(&[("a", "1"), ("b/c", "2")]);
        for (path, text) in [("index.html", "x"), ("b/d", "x"), ("b/c", "changed"), ("a", "")] {
            let (around, place) = place();
            put_tree(&place, &ours).unwrap();
            fs::write(place.join(path), text).unwrap();
            let before = found(&place);
            let error = put_tree(&place, &files(&[("a", "new")])).unwrap_err().to_string();
            assert!(error.contains(&format!("www/{path} was not written by mailsrv")), "{error}");
            assert_eq!(found(&place), before);
            stands_alone(&around);
        }
    }

    #[test]
    fn a_folder_without_our_list_is_foreign_whatever_it_holds() {
        let (_around, place) = place();
        fs::create_dir(&place).unwrap();
        fs::write(place.join("a"), "1").unwrap();
        let error = put_tree(&place, &files(&[("a", "1")])).unwrap_err().to_string();
        assert!(error.contains("www/a was not written by mailsrv"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_to_the_place_and_foreign_within_it() {
        use std::os::unix::fs::symlink;
        let (around, place) = place();
        put_tree(&place, &files(&[("a", "1")])).unwrap();
        let link = around.path().join("link");
        symlink(&place, &link).unwrap();
        put_tree(&link, &files(&[("a", "2")])).unwrap();
        assert!(link.is_symlink());
        assert_eq!(found(&place), files(&[("a", "2")]));

        let nowhere = around.path().join("nowhere");
        symlink("none", &nowhere).unwrap();
        let error = put_tree(&nowhere, &files(&[("a", "2")])).unwrap_err().to_string();
        assert!(error.contains("leads nowhere") && nowhere.is_symlink(), "{error}");

        symlink("a", place.join("b")).unwrap();
        let error = put_tree(&place, &files(&[("a", "3")])).unwrap_err().to_string();
        assert!(error.contains("www/b was not written by mailsrv"), "{error}");
    }

    #[test]
    fn what_comes_in_while_a_tree_is_replaced_is_kept() {
        let (around, place) = place();
        let ours = files(&[("a", "1"), ("b/c", "2")]);
        put_tree(&place, &ours).unwrap();
        fs::write(place.join("b/new"), "x").unwrap();
        // As if it came in after the first look.
        let draft = draft(&place, &files(&[("a", "3")])).unwrap();
        assert_eq!(replace(&place, draft).unwrap(), TreeOutcome::Foreign("b/new".into()));
        assert_eq!(found(&place).len(), 3);
        stands_alone(&around);
        // And as if it came in after the second one.
        remove_ours(&place, Path::new(""), &read_list(&place).unwrap(), MAX_DEPTH);
        assert_eq!(found(&place), files(&[("b/new", "x")]));
        stands_alone(&around);
    }

    #[cfg(unix)]
    #[test]
    fn a_tree_can_be_read_by_a_web_server_and_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let (_around, place) = place();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        put_tree(&place, &files(&[("b/c", "2")])).unwrap();
        let (folder, file) = (mode(&place.join("b")), mode(&place.join("b/c")));
        assert_eq!((mode(&place), file), (folder, folder & 0o666));
        fs::set_permissions(&place, fs::Permissions::from_mode(0o750)).unwrap();
        put_tree(&place, &files(&[("b/c", "2")])).unwrap();
        assert_eq!(mode(&place), 0o750);
    }

    #[test]
    fn nothing_is_written_where_a_file_stands_or_no_folder() {
        let (around, place) = place();
        fs::write(&place, "").unwrap();
        let error = put_tree(&place, &files(&[("a", "1")])).unwrap_err().to_string();
        assert!(error.contains("it is no folder"), "{error}");
        let error = put_tree(&around.path().join("no/www"), &files(&[])).unwrap_err().to_string();
        assert!(error.contains("nothing was written there"), "{error}");
    }
}
