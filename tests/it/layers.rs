//! The floors of the house: an import only ever points down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::{CodePath, SourceFile, files, paths};

/// Every room and the floor it stands on. A room may import the rooms of lower floors.
const FLOORS: [(&str, u8); 31] = [
    ("words", 1),
    ("name", 1),
    ("code", 1),
    ("service", 1),
    ("rrset", 2),
    ("zonefile", 2),
    ("answer", 2),
    ("endpoint", 2),
    ("trust", 2),
    ("hosting", 2),
    ("page", 2),
    ("reading", 3),
    ("plan", 3),
    ("inquiry", 3),
    ("dns_host", 3),
    ("list", 3),
    ("message", 3),
    ("zone", 3),
    ("document", 4),
    ("lookup", 4),
    ("probe", 4),
    ("interrupt", 4),
    ("folder", 4),
    ("forecast", 5),
    ("render", 6),
    ("audit", 6),
    ("report", 7),
    ("survey", 7),
    ("output", 7),
    ("cli", 8),
    ("main", 9),
];

/// Neighbours that share a floor and an arrow: master-file syntax is written of RRsets, and whoever
/// misspells a code is told the nearest.
const NEIGHBOURS: [(&str, &str); 2] = [("zonefile", "rrset"), ("code", "words")];

/// What only some rooms may name, and which; the wall of the cargo features runs along these lines.
const RESERVED: [(&str, &[&str]); 24] = [
    ("hickory_net", &["lookup"]),
    ("hickory_resolver", &["lookup"]),
    ("h2", &["lookup"]),
    ("http", &["lookup", "probe"]),
    ("http_body_util", &["probe"]),
    ("hyper", &["probe"]),
    ("quinn", &["lookup"]),
    ("quinn_udp", &["lookup"]),
    ("socket2", &["lookup"]),
    ("rustls", &["lookup", "probe", "trust"]),
    ("tokio_rustls", &["lookup", "probe"]),
    ("webpki_roots", &["trust"]),
    ("tokio", &["lookup", "probe", "survey", "interrupt", "cli"]),
    ("clap", &["cli"]),
    ("signal_hook", &["interrupt"]),
    ("rustix", &["interrupt", "folder", "lookup"]),
    ("std::fs", &["cli", "lookup", "output", "interrupt", "folder"]),
    ("std::env", &["cli", "main"]),
    ("std::process", &["cli", "main"]),
    ("std::thread", &["cli", "lookup", "output"]),
    ("std::time::SystemTime", &["cli"]),
    ("std::net::TcpStream", &["lookup"]),
    ("std::net::TcpListener", &["lookup"]),
    ("std::net::UdpSocket", &["lookup"]),
];

/// The rooms that may be async: where sockets are.
const ASYNC: [&str; 5] = ["lookup", "probe", "survey", "interrupt", "cli"];

/// The macros that write to the terminal past the environment that `main` passes in.
const PRINTING: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];

#[test]
#[expect(clippy::print_stdout, reason = "the table is quoted in reviews")]
fn imports_only_point_down() {
    let files = files();
    let mut table: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.room() != "lib") {
        let room = file.room();
        let imported = table.entry(room).or_default();
        for path in paths(&file.shipped()) {
            let Some(other) = room_of(&path, file).filter(|other| *other != room) else { continue };
            imported.insert(other.to_owned());
            if !may_import(room, other) {
                wrong.push(format!("{}:{} {room} imports {other}", file.path.display(), path.line));
            }
        }
    }
    let mut rows: Vec<_> = table.into_iter().collect();
    rows.sort_by_key(|(room, _)| (std::cmp::Reverse(floor(room)), *room));
    for (room, imported) in rows {
        let floor = floor(room).map_or_else(|| "?".to_owned(), |floor| floor.to_string());
        let imported: Vec<_> = imported.into_iter().collect();
        println!("{floor}  {room:<9} {}", imported.join(" "));
    }
    assert_eq!(wrong, [""; 0], "an import that does not point down");
}

#[test]
fn every_room_has_its_floor() {
    let unknown: BTreeSet<_> = files()
        .iter()
        .map(|file| file.room().to_owned())
        .filter(|room| room != "lib" && floor(room).is_none())
        .collect();
    assert_eq!(unknown, BTreeSet::new());
}

#[test]
fn sockets_files_and_the_runtime_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for file in files() {
        for path in paths(&file.shipped()) {
            for (reserved, rooms) in RESERVED {
                let segments: Vec<_> = reserved.split("::").collect();
                let named = path.segments.iter().map(String::as_str).take(segments.len());
                if named.eq(segments) && !rooms.contains(&file.room()) {
                    wrong.push(format!("{}:{} {reserved}", file.path.display(), path.line));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn nothing_is_async_but_where_sockets_are() {
    let wrong: Vec<_> = files()
        .iter()
        .filter(|file| !ASYNC.contains(&file.room()))
        .flat_map(|file| lines_of(file, |texts| matches!(texts, ["async" | "await", ..])))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn only_main_prints_or_ends_the_process() {
    let wrong: Vec<_> = files()
        .iter()
        .filter(|file| file.room() != "main")
        .flat_map(|file| {
            lines_of(file, |texts| match texts {
                [name, "!", ..] => PRINTING.contains(name),
                ["process", "::", "exit" | "abort", ..] => true,
                _ => false,
            })
        })
        .collect();
    assert_eq!(wrong, [""; 0]);
}

/// A path that is printed as it is brings its ends of lines along.
#[test]
fn paths_are_shown_by_one_function() {
    const DATA: [&str; 3] = ["cli/desk.rs", "cli/zones/walk.rs", "output/tree.rs"];
    for file in files() {
        let is_data = DATA.iter().any(|data| file.path == Path::new(data));
        let lines = lines_of(&file, |tokens| tokens.starts_with(&[".", "display", "("]));
        assert!(is_data || lines.is_empty(), "name::path_text shows paths: {lines:?}");
        assert!(lines.len() <= 1, "{lines:?}");
    }
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

fn may_import(room: &str, other: &str) -> bool {
    floor(other) < floor(room) && floor(other).is_some() || NEIGHBOURS.contains(&(room, other))
}

/// The room that a path leads to; None where it leads out of the crate, or stays in the module.
fn room_of<'a>(path: &'a CodePath, file: &SourceFile) -> Option<&'a str> {
    let mut segments = path.segments.iter().map(String::as_str).peekable();
    match segments.next()? {
        "crate" | "mailsrv" => {}
        "super" => {
            let mut left = file.depth().saturating_sub(1);
            while segments.next_if_eq(&"super").is_some() {
                left = left.saturating_sub(1);
            }
            if left > 0 {
                return None;
            }
        }
        _ => return None,
    }
    segments.next()
}

/// Where a pattern of tokens stands in the shipped code of a file.
fn lines_of(file: &SourceFile, matches: impl Fn(&[&str]) -> bool) -> Vec<String> {
    let tokens = file.shipped();
    let texts: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
    let hits = (0..texts.len()).filter(|at| matches(&texts[*at..]));
    hits.map(|at| format!("{}:{} {}", file.path.display(), tokens[at].line, texts[at])).collect()
}
