//! What stands in `zones/`: every profile has the snippet that `generate` makes of it beside it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::printed;

#[test]
fn every_snippet_is_what_its_profile_generates() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones");
    let mut profiles: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder is in the repository")
        .map(|file| file.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    profiles.sort();
    assert!(profiles.len() >= 2, "{profiles:?}");
    let input = folder.join("customers.csv");
    for profile in profiles {
        let args = ["generate", "-q", "--profile"].map(std::ffi::OsStr::new);
        let generated = printed(args.into_iter().chain([
            profile.as_os_str(),
            "--input".as_ref(),
            input.as_os_str(),
        ]));
        let snippet = profile.with_extension("zone");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&snippet, &generated).expect("the folder is writable");
        }
        let shipped = fs::read_to_string(&snippet).unwrap_or_default();
        assert_eq!(shipped, generated, "{}: UPDATE=1 rewrites it", snippet.display());
    }
}
