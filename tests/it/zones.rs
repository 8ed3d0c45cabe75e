//! What stands in `zones/`: every profile has the snippet that `generate` makes of it beside it.

use std::fs;
use std::path::Path;

use crate::loads::profiles;
use crate::program::printed;

/// The profiles whose point is a mail domain of another kind than that of the customers, with the
/// arguments that show it.
const SUBJECTS: [(&str, &[&str]); 3] = [
    ("below-the-apex", &["sales.example.com", "--zone-apex", "example.com"]),
    ("delegated-subdomain", &["shop.company.example"]),
    ("international", &["b\u{fc}cher.example"]),
];

#[test]
fn every_snippet_is_what_its_profile_generates() {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/customers.csv");
    let customers = ["--input", input.to_str().expect("the path of the repository is UTF-8")];
    let mut shown = 0;
    for profile in profiles() {
        let own = SUBJECTS.iter().find(|(name, _)| profile.file_stem() == Some(name.as_ref()));
        shown += usize::from(own.is_some());
        let subjects = own.map_or(customers.as_slice(), |(_, args)| args);
        let args = ["generate", "-q", "--profile"].map(std::ffi::OsStr::new);
        let subjects = subjects.iter().map(std::ffi::OsStr::new);
        let generated = printed(args.into_iter().chain([profile.as_os_str()]).chain(subjects));
        let snippet = profile.with_extension("zone");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&snippet, &generated).expect("the folder is writable");
        }
        let shipped = fs::read_to_string(&snippet).unwrap_or_default();
        assert_eq!(shipped, generated, "{}: UPDATE=1 rewrites it", snippet.display());
    }
    assert_eq!(shown, SUBJECTS.len(), "a profile with arguments of its own is gone");
}
