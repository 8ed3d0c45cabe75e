//! No file imports one that leads back to it, and no room outgrows the house.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::{CodePath, SourceFile, files, paths};

/// The most that one room may have of all lines of code, in percent.
const ROOM_SHARE: usize = 22;

/// The module that a file is, from the crate root on.
fn module(path: &Path) -> Vec<String> {
    let parts = path.with_extension("");
    let mut module: Vec<String> =
        parts.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    module.pop_if(|last| last == "mod");
    module
}

/// A path from the crate root on; None where it leads out of the crate.
fn absolute(path: &CodePath, module: &[String]) -> Option<Vec<String>> {
    let mut segments = path.segments.as_slice();
    let mut base = match segments.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return None,
    };
    while let Some((first, rest)) = segments.split_first() {
        match first.as_str() {
            "crate" | "self" => {}
            "super" => drop(base.pop()),
            _ => break,
        }
        segments = rest;
    }
    base.extend_from_slice(segments);
    Some(base)
}

/// Which module takes something from which. A module and those in it belong together: the outer one
/// hands on what they have, and they name what it says for all.
fn imports(files: &[SourceFile]) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| module(&file.path)).collect();
    let imported = |file: &SourceFile| {
        let own = module(&file.path);
        let found = paths(&file.shipped()).into_iter().filter_map(|path| {
            let absolute = absolute(&path, &own)?;
            let lengths = (1..=absolute.len()).rev();
            let known = lengths.map(|length| &absolute[..length]);
            let other = known.into_iter().find(|prefix| modules.contains(*prefix))?.to_vec();
            (!own.starts_with(&other) && !other.starts_with(&own)).then_some(other)
        });
        let found = found.collect();
        (own, found)
    };
    files.iter().map(imported).collect()
}

/// The modules that lead back to themselves.
fn circles(imports: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> Vec<String> {
    let leads_back = |start: &&Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Vec<String>> = imports[*start].iter().collect();
        while let Some(at) = next.pop() {
            if seen.insert(at) {
                next.extend(imports.get(at).into_iter().flatten());
            }
        }
        seen.contains(start)
    };
    imports.keys().filter(leads_back).map(|module| module.join("::")).collect()
}

#[test]
fn no_file_imports_one_that_leads_back_to_it() {
    assert_eq!(circles(&imports(&files())), [""; 0]);
}

#[test]
fn a_circle_is_found() {
    let module = |name: &str| vec![name.to_owned()];
    let arrows = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")];
    let mut imports = BTreeMap::<_, BTreeSet<_>>::new();
    for (from, to) in arrows {
        imports.entry(module(from)).or_default().insert(module(to));
    }
    assert_eq!(circles(&imports), ["b", "c"]);
    let path =
        |text: &str| CodePath { segments: text.split("::").map(str::to_owned).collect(), line: 1 };
    let own = ["render".to_owned(), "form".to_owned()];
    for (written, meant) in [
        ("super::sheet::Sheet", Some("render::sheet::Sheet")),
        ("self::cell::Typed", Some("render::form::cell::Typed")),
        ("crate::name::text", Some("name::text")),
        ("super::super::plan", Some("plan")),
        ("std::fmt", None),
    ] {
        let found = absolute(&path(written), &own).map(|segments| segments.join("::"));
        assert_eq!(found.as_deref(), meant, "{written}");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the largest rooms are quoted in reviews")]
fn no_room_outgrows_the_house() {
    let mut rooms = BTreeMap::<String, usize>::new();
    for file in files() {
        let lines: BTreeSet<usize> = file.shipped().iter().map(|token| token.line).collect();
        *rooms.entry(file.room().to_owned()).or_default() += lines.len();
    }
    let all: usize = rooms.values().sum();
    let mut shares: Vec<_> = rooms.iter().map(|(room, lines)| (lines * 100 / all, room)).collect();
    shares.sort_by(|a, b| b.cmp(a));
    for (share, room) in shares.iter().take(5) {
        println!("{share:3} % {room}");
    }
    shares.retain(|(share, _)| *share >= ROOM_SHARE);
    assert_eq!(shares, [], "of {all} lines of code");
}
