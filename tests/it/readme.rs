//! The README's commands do what the README shows.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::text;

/// What a reader types to run the program from a clone.
const FROM_CLONE: &str = "cargo run --release -- ";

struct Fence<'a> {
    language: &'a str,
    body: &'a str,
}

#[test]
fn every_command_of_the_readme_prints_what_the_readme_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("there is a README");
    let fences = fences(&readme);
    let place = clone_of_what_commands_read(root);
    let mut commands = 0;
    for (at, fence) in fences.iter().enumerate().filter(|(_, fence)| fence.language == "console") {
        for (command, shown) in transcript(fence.body) {
            commands += 1;
            let printed = run(command, place.path());
            let next = fences.get(at + 1).filter(|next| next.language == "zone");
            match (command.strip_prefix(FROM_CLONE), next) {
                (Some(_), Some(next)) => assert_eq!(printed, next.body, "{command}"),
                _ => assert_eq!(printed, shown, "{command}"),
            }
        }
    }
    assert!(commands >= 3, "{commands} commands were found");
}

#[test]
fn the_readme_shows_the_shipped_profile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("there is a README");
    let profile = fs::read_to_string(root.join("zones/hosting.yaml")).expect("it is shipped");
    assert!(fences(&readme).iter().any(|f| f.language == "yaml" && f.body == profile));
}

fn fences(readme: &str) -> Vec<Fence<'_>> {
    let mut fences = Vec::new();
    let mut rest = readme;
    while let Some((_, opened)) = rest.split_once("\n```") {
        let (language, inside) = opened.split_once('\n').expect("a fence has a body");
        let end = inside.find("```").expect("a fence is closed");
        fences.push(Fence { language, body: &inside[..end] });
        // The closing fence keeps the newline before the next one.
        rest = &inside[end + 3..];
    }
    fences
}

/// The commands of a transcript, each with the output shown below it.
fn transcript(body: &str) -> Vec<(&str, &str)> {
    let starts: Vec<usize> =
        body.match_indices("$ ").map(|(at, _)| at).filter(|at| is_line_start(body, *at)).collect();
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| body[start + 2..end].split_once('\n'))
        .collect()
}

fn is_line_start(body: &str, at: usize) -> bool {
    at == 0 || body.as_bytes()[at - 1] == b'\n'
}

/// A folder in which the commands can read what they read in a clone, and write without harm.
fn clone_of_what_commands_read(root: &Path) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    for folder in ["zones", "tests/readme"] {
        let copy = place.path().join(folder);
        fs::create_dir_all(&copy).expect("the temporary directory is writable");
        for file in fs::read_dir(root.join(folder)).expect("the folder is in the repository") {
            let file = file.expect("the folder can be read");
            fs::copy(file.path(), copy.join(file.file_name())).expect("the file can be copied");
        }
    }
    place
}

fn run(command: &str, place: &Path) -> String {
    let args = command.strip_prefix(FROM_CLONE).or_else(|| command.strip_prefix("mailsrv "));
    let args = args.unwrap_or_else(|| panic!("`{command}` is no command of ours"));
    let output = Command::new(env!("CARGO_BIN_EXE_mailsrv"))
        .args(args.split_whitespace())
        .current_dir(place)
        .output()
        .expect("the program was built for this test");
    let code = output.status.code().expect("the program was not killed");
    assert_ne!(code, 2, "{command}: {}", text(&output.stderr));
    text(&output.stdout)
}
