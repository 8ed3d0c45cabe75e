//! Handles in temporary folders, with links, pipes and paths planted there.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

#[test]
fn a_path_leads_down_part_by_part_or_nowhere() {
    assert_eq!(parts(Path::new("a/b")), Some(vec![name("a"), name("b")]));
    for path in ["", ".", "..", "/", "/a", "a/../b", "../a", "a/..", "./a"] {
        assert_eq!(parts(Path::new(path)), None, "{path}");
    }
}

#[test]
fn a_name_is_no_path() {
    let around = tempfile::tempdir().unwrap();
    fs::write(around.path().join("victim"), "kept").unwrap();
    fs::create_dir(around.path().join("in")).unwrap();
    let folder = Folder::open(&around.path().join("in")).unwrap();
    let victim = around.path().join("victim").into_os_string();
    for name in [victim.as_os_str(), name("../victim"), name(".."), name("."), name(""), name("a/")]
    {
        assert!(folder.file(name).is_err(), "{name:?}");
        assert!(folder.known(name).is_err(), "{name:?}");
        assert!(folder.create(name).is_err(), "{name:?}");
        assert!(folder.folder(name).is_err(), "{name:?}");
        assert!(folder.remove_file(name).is_err(), "{name:?}");
        assert!(folder.rename(name, name).is_err(), "{name:?}");
    }
    assert_eq!(fs::read_to_string(victim).unwrap(), "kept");
}

#[test]
fn nothing_but_regular_files_is_read_and_no_link_is_followed() {
    let around = tempfile::tempdir().unwrap();
    let path = |name: &str| around.path().join(name);
    fs::create_dir(path("folder")).unwrap();
    fs::write(path("folder/file"), "text").unwrap();
    symlink("folder/file", path("link")).unwrap();
    symlink("folder", path("link-to-folder")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    let folder = Folder::open(around.path()).unwrap();
    for name in ["link", "pipe", "socket", "folder", "none"] {
        assert!(folder.file(OsStr::new(name)).is_err(), "{name}");
    }
    assert!(folder.folder(name("link-to-folder")).is_err());
    assert!(folder.file_below(Path::new("folder/file")).is_ok());
    for path in ["link-to-folder/file", "folder/../folder/file", "/etc/passwd", "folder", "pipe"] {
        assert!(folder.file_below(Path::new(path)).is_err(), "{path}");
    }
}

#[test]
fn a_place_is_where_links_of_the_users_lead() {
    let around = tempfile::tempdir().unwrap();
    let path = |name: &str| around.path().join(name);
    fs::create_dir(path("folder")).unwrap();
    symlink("folder/new", path("link")).unwrap();
    symlink("link", path("link-to-link")).unwrap();
    symlink("round", path("round")).unwrap();
    let place = Place::of(&path("link-to-link")).unwrap();
    assert_eq!(place.name, "new");
    let folder = Folder::open(&path("folder")).unwrap().itself().unwrap();
    assert!(place.folder.itself().unwrap().is(&folder));
    assert!(Place::of(&path("round")).is_err());
    assert!(Place::of(Path::new("..")).is_err());
    assert!(place.meets(&Place::of(&path("folder/../folder/./new")).unwrap()).unwrap());
    assert!(!place.meets(&Place::of(&path("new")).unwrap()).unwrap());
    fs::write(path("folder/new"), "").unwrap();
    fs::hard_link(path("folder/new"), path("other")).unwrap();
    assert!(place.meets(&Place::of(&path("other")).unwrap()).unwrap());
}

#[test]
fn a_link_of_somebody_elses_in_a_common_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let handle = Folder::open(folder.path()).unwrap();
    let itself = handle.itself().unwrap();
    let link = |owner| Known { kind: Kind::Link, owner: (owner, 0), ..itself };
    let strangers = link(itself.owner.0 + 1);
    handle.trust(&strangers).unwrap();
    let common = std::os::unix::fs::PermissionsExt::from_mode(0o1777);
    fs::set_permissions(folder.path(), common).unwrap();
    assert!(handle.trust(&strangers).is_err());
    handle.trust(&link(itself.owner.0)).unwrap();
}

#[test]
fn the_name_of_a_draft_is_known_again() {
    let names = [draft_name(), draft_name()];
    assert!(names.iter().all(|name| is_draft(name)) && names[0] != names[1]);
    for other in [".mailsrv-", ".mailsrv.sha256", ".mailsrv-0123456789abcdeg", "mailsrv"] {
        assert!(!is_draft(name(other)), "{other}");
    }
}
