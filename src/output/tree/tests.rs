//! Trees in temporary folders.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::folder::Place;
use crate::output::OutputError;

/// Puts a tree where the user says, and nothing of it is read by the run.
fn put_tree(place: &Path, tree: &Tree) -> Result<bool, OutputError> {
    crate::output::put_tree(place, tree, &[])
}

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
fn a_folder_that_nothing_of_ours_lies_below_is_foreign_though_it_is_empty() {
    let (_around, place) = place();
    put_tree(&place, &files(&[("a", "1"), ("b/c", "2")])).unwrap();
    fs::create_dir(place.join("b/acme-challenge")).unwrap();
    let error = put_tree(&place, &files(&[("a", "new")])).unwrap_err().to_string();
    assert!(error.contains("www/b/acme-challenge was not written by mailsrv"), "{error}");
    assert!(place.join("b/acme-challenge").is_dir());
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
    let root = Arc::new(Folder::open(&place).unwrap());
    let at = Place::of(&place).unwrap();
    fs::write(place.join("b/new"), "x").unwrap();
    // As if it came in after the first look.
    let outcome = exchange(&at.folder, &at.name, &root, &files(&[("a", "3")])).unwrap();
    assert_eq!(outcome, Some(TreeOutcome::Foreign("b/new".into())));
    assert_eq!(found(&place).len(), 3);
    stands_alone(&around);
    // And as if it came in after the second one.
    remove_root(&at.folder, &at.name, &root);
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

#[test]
fn a_list_that_was_planted_makes_nothing_ours_but_what_lies_below() {
    let (around, place) = place();
    let victim = around.path().join("victim");
    fs::write(&victim, "kept").unwrap();
    fs::create_dir_all(place.join("b")).unwrap();
    fs::write(place.join("b/c"), "2").unwrap();
    let digest = digest_of(b"kept");
    for path in [&victim.display().to_string(), "../victim", "b/../../victim", "./../victim"] {
        fs::write(place.join(LIST), format!("{digest}  {path}\n{}  b/c\n", digest_of(b"2")))
            .unwrap();
        let list = read_list(&Folder::open(&place).unwrap()).unwrap();
        assert_eq!(list.into_keys().collect::<Vec<_>>(), [PathBuf::from("b/c")], "{path}");
    }
    put_tree(&place, &files(&[("a", "1")])).unwrap();
    assert_eq!(found(&place), files(&[("a", "1")]));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
}

/// Puts something where a file or folder of ours was.
type Plant<'a> = &'a dyn Fn(&Path);

#[cfg(unix)]
#[test]
fn links_and_pipes_that_were_planted_are_foreign_and_nothing_is_read_through_them() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("c"), "2").unwrap();
    let made: [(&str, Plant<'_>); 4] = [
        ("b/c", &|path| symlink(outside.path().join("c"), path).unwrap()),
        ("b/c", &|path| {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("b", &|path| {
            fs::remove_dir(path).unwrap();
            symlink(outside.path(), path).unwrap();
        }),
        (LIST, &|path| {
            fs::rename(path, outside.path().join("list")).unwrap();
            symlink(outside.path().join("list"), path).unwrap();
        }),
    ];
    for (path, plant) in made {
        let (around, place) = place();
        put_tree(&place, &files(&[("b/c", "2")])).unwrap();
        if path == "b/c" || path == "b" {
            fs::remove_file(place.join("b/c")).unwrap();
        }
        plant(&place.join(path));
        let error = put_tree(&place, &files(&[("b/c", "3")])).unwrap_err().to_string();
        assert!(error.contains("was not written by mailsrv"), "{path}: {error}");
        assert_eq!(fs::read_to_string(outside.path().join("c")).unwrap(), "2");
        stands_alone(&around);
    }
}

/// A tree of ours, and what a run that was killed leaves beside it and in it.
#[test]
fn what_killed_runs_left_is_swept_and_nothing_else() {
    let (around, place) = place();
    let ours = files(&[("a", "1"), ("b/c", "2")]);
    put_tree(&place, &ours).unwrap();
    let folder = Folder::open(around.path()).unwrap();
    let left = around.path().join(draft_name());
    std::mem::forget(TreeDraft::make(&folder, None, &ours).unwrap());
    fs::write(&left, "half").unwrap();
    fs::write(place.join("b").join(draft_name()), "half").unwrap();
    let held = around.path().join(draft_name());
    fs::write(&held, "of a run that goes on").unwrap();
    let lock = fs::File::open(&held).unwrap();
    assert!(Folder::lock_file(&lock).unwrap());
    put_tree(&place, &files(&[("a", "3")])).unwrap();
    assert!(held.exists() && !left.exists());
    assert_eq!(found(&place), files(&[("a", "3")]));
    drop(lock);
    let kept = around.path().join(".mailsrv-kept");
    fs::write(&kept, "not a draft").unwrap();
    put_tree(&place, &files(&[("a", "4")])).unwrap();
    fs::remove_file(&kept).unwrap();
    // The draft that was forgotten is still locked by this process.
    let names: Vec<_> = folder.names().unwrap();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn two_runs_do_not_write_one_tree_at_a_time() {
    let (_around, place) = place();
    put_tree(&place, &files(&[("a", "1")])).unwrap();
    let other = Folder::open(&place).unwrap();
    assert!(other.lock().unwrap());
    let error = put_tree(&place, &files(&[("a", "2")])).unwrap_err().to_string();
    assert!(error.contains("another run of mailsrv is writing there"), "{error}");
    drop(other);
    assert!(put_tree(&place, &files(&[("a", "2")])).unwrap());
}

#[test]
fn where_nothing_can_be_exchanged_files_are_replaced_one_by_one() {
    let (around, place) = place();
    put_tree(&place, &files(&[("a", "1"), ("b/c", "2"), ("d", "3")])).unwrap();
    let root = Arc::new(Folder::open(&place).unwrap());
    let before = root.itself().unwrap();
    for tree in [
        files(&[("a", "4"), ("b/e", "5"), ("d/f", "6")]),
        files(&[("a", "7")]),
        files(&[("a/b", "8")]),
    ] {
        assert_eq!(rewrite(&root, &tree, &[]).unwrap(), TreeOutcome::Written);
        assert_eq!(found(&place), tree);
        assert_eq!(
            renew(None, &Arc::new(Folder::open(&place).unwrap()), &tree).unwrap(),
            TreeOutcome::Unchanged
        );
        stands_alone(&around);
    }
    assert!(root.itself().unwrap().is(&before));
}

#[test]
fn a_run_that_is_killed_between_two_files_leaves_nothing_foreign() {
    let (_around, place) = place();
    let (old, new) = (files(&[("a", "1"), ("b", "2")]), files(&[("a", "3"), ("c", "4")]));
    put_tree(&place, &old).unwrap();
    let root = Arc::new(Folder::open(&place).unwrap());
    // What `rewrite` begins with, and no more of it.
    let both = list(&new) + &list(&old);
    write_below(&root, Some(&root), None, &[OsStr::new(LIST)], &both).unwrap();
    fs::write(place.join("a"), "3").unwrap();
    assert_eq!(foreign(&root).unwrap(), None);
    assert!(put_tree(&place, &new).unwrap());
    assert_eq!(found(&place), new);
}
