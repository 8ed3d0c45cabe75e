//! `.ci/release` with builders that take no time: two builds from nothing, compared.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::program::text;
use crate::servers::require;

/// Stands for cargo: writes its flags, and what is asked for in `MORE`, as the program. A folder that
/// is there already is an earlier run's.
const CARGO: &str = r#"#!/bin/bash
set -eu
folder="${@: -1}"
[ ! -e "$folder" ]
mkdir -p "$folder/release"
printf '%s' "$CARGO_ENCODED_RUSTFLAGS" > "$folder/release/mailsrv"
[ "$MORE" != folder ] || printf '%s' "$folder" >> "$folder/release/mailsrv"
"#;

#[test]
#[ignore = "needs bash"]
fn a_release_is_built_twice_from_nothing_and_compared() {
    let bash = require("bash");
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    // A blank in a path parts no flags.
    let root = place.path().join("a b");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release");
    fs::create_dir_all(root.join(".ci")).expect("the temporary directory is writable");
    fs::create_dir_all(root.join("bin")).expect("the temporary directory is writable");
    fs::copy(script, root.join(".ci/release")).expect("the script is there");
    for (name, program) in [("cargo", CARGO), ("rustc", "#!/bin/bash\n")] {
        let path = root.join("bin").join(name);
        fs::write(&path, program).expect("the temporary directory is writable");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it is ours");
    }
    for (more, code, out, err) in [
        ("", 0, "\nthe two builds are the same\n", "not auditable: cargo-auditable is not"),
        ("folder", 1, "/mailsrv differ: ", "release: the two builds differ\n"),
    ] {
        let output = Command::new(&bash)
            .arg(root.join(".ci/release"))
            .env("PATH", format!("{}:/usr/bin:/bin", root.join("bin").display()))
            .env("HOME", place.path())
            .env_remove("CARGO_HOME")
            .env("MORE", more)
            .output()
            .expect("bash was found");
        let (said, printed) = (text(&output.stderr), text(&output.stdout));
        assert_eq!(output.status.code(), Some(code), "{said}{printed}");
        assert!(printed.contains(out) && said.contains(err), "{said}{printed}");
    }
    let flags = fs::read_to_string(root.join("target/release-1/release/mailsrv"));
    let flags = flags.expect("it was made");
    let flags: Vec<_> = flags.split('\u{1f}').collect();
    let of = |path: &Path, to: &str| format!("--remap-path-prefix={}={to}", path.display());
    assert_eq!(flags[0], of(&root, "/mailsrv"));
    assert!(flags[1].starts_with(&of(&place.path().join(".cargo"), "/cargo")), "{flags:?}");
    assert_eq!(flags.len(), 2);
}
