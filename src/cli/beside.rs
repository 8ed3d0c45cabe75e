//! Which file or folder was likely meant by a path where nothing stands.

use std::fs;
use std::path::{Path, PathBuf};

use crate::name::path_text;
use crate::words::nearest;

/// How near a name is to one that was mistyped.
const LEAST: f64 = 0.8;

/// How many names of a folder are looked at.
const MOST: usize = 10_000;

/// The path of what stands beside and is named nearly like it; `fits` tells what may be meant.
pub(super) fn likely(path: &Path, fits: impl Fn(&Path) -> bool) -> Option<String> {
    let typed = path.file_name()?.to_string_lossy();
    let beside: Vec<PathBuf> =
        fs::read_dir(around(path)?).ok()?.flatten().take(MOST).map(|it| it.path()).collect();
    let mut names: Vec<_> = beside
        .iter()
        .filter(|it| fits(it))
        .filter_map(|it| Some(it.file_name()?.to_string_lossy().into_owned()))
        .collect();
    // A folder has no order.
    names.sort_unstable();
    let near = nearest(&typed, names.iter().map(String::as_str), LEAST)?;
    Some(path_text(&path.with_file_name(near)))
}

/// The folder that a path stands in, where the path names one.
pub(super) fn around(path: &Path) -> Option<&Path> {
    let around = path.parent()?;
    Some(if around.as_os_str().is_empty() { Path::new(".") } else { around })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_of_the_kind_is_meant() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let at = |name: &str| folder.path().join(name);
        for name in ["profile.yaml", "profiles.csv", "other"] {
            fs::write(at(name), "").expect("it is writable");
        }
        fs::create_dir(at("profil")).expect("it is writable");
        let meant = |typed: &str, fits: fn(&Path) -> bool| likely(&at(typed), fits);
        let file = |name: &str| Some(path_text(&at(name)));
        assert_eq!(meant("profle.yaml", Path::is_file), file("profile.yaml"));
        assert_eq!(meant("profile.cvs", Path::is_file), file("profiles.csv"));
        assert_eq!(meant("profi", Path::is_dir), file("profil"));
        assert_eq!(meant("nothing-like-it", Path::is_file), None);
        assert_eq!(likely(&at("none/profile.yaml"), Path::is_file), None);
        assert_eq!(around(Path::new("one")), Some(Path::new(".")));
        assert_eq!(around(Path::new("/")), None);
    }
}
