//! The zone files below a folder, in the order of their names.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hickory_proto::rr::Name;

use crate::folder::{Folder, Kind};
use crate::name::{MailDomain, path_text};
use crate::words::{counted, listed};

/// How deep folders are looked into.
const MAX_DEPTH: usize = 8;

/// What ends the names of files that stand beside zone files and are none: journals, keys, backups,
/// what editors leave behind, configuration and words for people.
const OTHERS: [&str; 25] = [
    "~", ".bak", ".cfg", ".conf", ".css", ".inc", ".jbk", ".jnl", ".json", ".key", ".log", ".md",
    ".new", ".old", ".orig", ".partial", ".private", ".py", ".rej", ".rst", ".save", ".sh",
    ".state", ".swp", ".tmp",
];

/// What begins or ends the name of a zone file beside the name of the zone.
const PREFIXES: [&str; 3] = ["db.", "pri.", "zone."];
const SUFFIXES: [&str; 8] = [".signed", ".txt", ".yaml", ".yml", ".zone", ".db", ".dns", ".hosts"];

/// What stands between the name of a file and what marks a former version of it.
const MARKS: [char; 4] = ['.', '-', '_', '~'];

/// What marks a former version of a file, or one that a package brought beside it; numbers may follow.
const VERSIONS: [&str; 17] = [
    "backup",
    "bak",
    "bkp",
    "copy",
    "dpkg-bak",
    "dpkg-dist",
    "dpkg-new",
    "dpkg-old",
    "dpkg-tmp",
    "new",
    "old",
    "orig",
    "rpmnew",
    "rpmorig",
    "rpmsave",
    "save",
    "ucf-old",
];

/// How many names are told of those that were passed over.
const TOLD: usize = 3;

/// A zone file, named by the user or found in a folder.
#[derive(Debug)]
pub(super) struct Place {
    /// Its path as it is told.
    pub(super) path: PathBuf,
    /// The folder that it was found in, and its name there; None where the user named it.
    pub(super) found: Option<(Arc<Folder>, OsString)>,
    /// The zone of a folder that octoDNS keeps it in, a file for each owner name.
    split: Option<Name>,
}

impl Place {
    /// A file that the user named.
    pub(super) fn named(path: &Path) -> Self {
        Self { path: path.to_owned(), found: None, split: None }
    }

    /// What it is called in positions, which are data.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// What it is called in messages.
    pub(super) fn text(&self) -> String {
        path_text(&self.path)
    }

    /// Opens a file that was found; no link is followed.
    pub(super) fn open(folder: &Folder, name: &OsStr) -> io::Result<File> {
        folder.file(name)
    }

    /// The zone that the file is of, as its name says.
    pub(super) fn zone(&self) -> Option<Name> {
        let name = self.path.file_name()?.to_str()?;
        self.split.clone().or_else(|| zone_of(name))
    }

    /// The file that it is, where it was found in a folder.
    pub(super) fn source(&self) -> Source {
        let (path, is_yaml) = (self.path.clone(), self.is_yaml());
        Source { path, is_yaml, is_split: self.split.is_some() }
    }

    /// Whether it is YAML, which octoDNS reads.
    pub(super) fn is_yaml(&self) -> bool {
        self.path.file_name().is_some_and(is_yaml)
    }
}

/// The file that a zone, or a part of one, was found in.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    is_yaml: bool,
    /// Whether octoDNS keeps the zone in the folder, a file for each owner name.
    is_split: bool,
}

impl Source {
    /// Whether octoDNS takes both for one zone: files of its folder, or the folder and the file of the
    /// zone beside it.
    pub(super) fn is_part_with(&self, other: &Self) -> bool {
        let is_above = |one: &Self, other: &Self| {
            one.is_yaml && other.path.parent().and_then(Path::parent) == one.path.parent()
        };
        match (self.is_split, other.is_split) {
            (true, true) => self.is_beside(other),
            (true, false) => is_above(other, self),
            (false, true) => is_above(self, other),
            (false, false) => false,
        }
    }

    /// Whether both are of the folder of one zone.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.is_split && other.is_split && self.path.parent() == other.path.parent()
    }
}

/// Why a name was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passed {
    /// It is not that of a zone file.
    Name,
    Link,
    /// It is a pipe, a socket or a device.
    Special,
    /// It is a folder below too many.
    Depth,
}

/// The files of a folder and what was passed over.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) files: Vec<Place>,
    /// The folders below that cannot be read.
    pub(super) closed: Vec<(PathBuf, io::Error)>,
    passed: Vec<(Passed, String)>,
}

impl Walk {
    /// Looks through a folder that the user named.
    pub(super) fn through(path: &Path) -> io::Result<Self> {
        let mut walk = Self::default();
        walk.folder(path, Folder::open(path)?, 0)?;
        Ok(walk)
    }

    fn folder(&mut self, path: &Path, folder: Folder, depth: usize) -> io::Result<()> {
        let names = folder.names()?;
        let folder = Arc::new(folder);
        let own = path.file_name().and_then(OsStr::to_str);
        let split = own.and_then(|own| own.strip_suffix('.')).and_then(zone_of);
        for name in &names {
            let here = path.join(name);
            // None of what was deleted meanwhile.
            let Some(kind) = folder.known(name)?.map(|known| known.kind) else { continue };
            let passed = match kind {
                // What file systems have at their root, and let nobody read.
                _ if is_hidden(name) || name == "lost+found" => Passed::Name,
                Kind::Folder if depth == MAX_DEPTH => Passed::Depth,
                Kind::Folder => {
                    let below = folder.folder(name);
                    let below = below.and_then(|below| self.folder(&here, below, depth + 1));
                    self.closed.extend(below.err().map(|source| (here, source)));
                    continue;
                }
                _ if is_other(name, &names, split.is_some()) => Passed::Name,
                Kind::Link => Passed::Link,
                Kind::Other => Passed::Special,
                Kind::File => {
                    let found = Some((Arc::clone(&folder), name.clone()));
                    let split = split.clone().filter(|_| is_yaml(name));
                    self.files.push(Place { path: here, found, split });
                    continue;
                }
            };
            self.passed.push((passed, path_text(&here)));
        }
        Ok(())
    }

    /// What to say of the names that were passed over.
    pub(super) fn notes(&self) -> Vec<String> {
        let all = [Passed::Name, Passed::Link, Passed::Special, Passed::Depth];
        all.into_iter().filter_map(|why| self.note(why)).collect()
    }

    fn note(&self, why: Passed) -> Option<String> {
        let names: Vec<_> = self.passed.iter().filter(|(passed, _)| *passed == why).collect();
        let told: Vec<_> = names.iter().take(TOLD).map(|(_, name)| name).collect();
        let shown = listed(&told);
        let (one, all) = match why {
            Passed::Name => ("no zone file by its name", "no zone files by their names"),
            Passed::Link => (
                "a link; --zone with its own name follows it",
                "links, which --zone with their own names follows",
            ),
            Passed::Special => ("no regular file", "no regular files"),
            Passed::Depth => ("a folder too deep", "folders too deep"),
        };
        match names.len() {
            0 => None,
            1 => Some(format!("{shown}: passed over, {one}")),
            count if count <= TOLD => Some(format!("{shown}: passed over, {all}")),
            count => {
                Some(format!("{} passed over, {all}, such as {shown}", counted(count, "name")))
            }
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_yaml(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a name is that of another file with what marks a former version of it behind; the names
/// are sorted.
fn is_backup(name: &OsStr, names: &[OsString]) -> bool {
    let Some(name) = name.to_str() else { return false };
    name.char_indices().skip(1).filter(|(_, mark)| MARKS.contains(mark)).any(|(at, _)| {
        let (original, rest) = name.split_at(at);
        is_version(original, &rest.to_lowercase())
            && names.binary_search_by(|other| other.as_os_str().cmp(original.as_ref())).is_ok()
    })
}

/// Whether what stands behind the name of a zone file marks a former version: anything behind a
/// suffix that ends the names of zone files, and else a word for it or a number, for `example.com`
/// and `example.com.au` are two zones, and `db.192.0` and `db.192.0.2` two networks.
fn is_version(original: &str, rest: &str) -> bool {
    let is_suffix = |rest: &str| SUFFIXES.iter().any(|suffix| rest.ends_with(suffix));
    if is_suffix(rest) {
        return false;
    }
    let is_ended = SUFFIXES.iter().any(|suffix| original.to_lowercase().ends_with(suffix));
    let rest = &rest[1..];
    let word = rest.trim_end_matches(|it: char| it.is_ascii_digit() || MARKS.contains(&it));
    let is_network = original.ends_with(|it: char| it.is_ascii_digit());
    is_ended || VERSIONS.contains(&word) || word.is_empty() && !is_network
}

/// Whether a file is no zone file by its name, a backup or the signed copy of one; YAML without the
/// name of a zone is the configuration of octoDNS, but where the folder is named like a zone.
fn is_other(name: &OsStr, names: &[OsString], is_split: bool) -> bool {
    let lower = name.to_string_lossy().to_lowercase();
    let is_emacs = lower.starts_with('#') && lower.ends_with('#');
    let is_signed = || {
        let unsigned = name.to_str().and_then(|name| name.strip_suffix(".signed"));
        unsigned.is_some_and(|unsigned| names.iter().any(|name| name == unsigned))
    };
    let is_configuration =
        || is_yaml(name) && !is_split && name.to_str().and_then(zone_of).is_none();
    is_hidden(name)
        || is_configuration()
        || is_emacs
        || OTHERS.iter().any(|end| lower.ends_with(end))
        || is_signed()
        || is_backup(name, names)
}

/// The zone that the name of a file says: `db.example.com`, `example.com.zone`.
fn zone_of(file: &str) -> Option<Name> {
    let mut rest = PREFIXES.iter().find_map(|prefix| file.strip_prefix(prefix)).unwrap_or(file);
    for suffix in SUFFIXES {
        rest = rest.strip_suffix(suffix).unwrap_or(rest);
    }
    // The network of a reverse zone is no domain.
    let is_number = rest.rsplit('.').next().is_some_and(|last| last.parse::<u32>().is_ok());
    let domain: MailDomain = rest.parse().ok().filter(|_| !is_number)?;
    Some(domain.name().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_its_zone() {
        for (file, zone) in [
            ("example.com", Some("example.com.")),
            ("example.com.zone", Some("example.com.")),
            ("example.com.zone.signed", Some("example.com.")),
            ("db.example.com", Some("example.com.")),
            ("pri.example.com", Some("example.com.")),
            ("Example.COM.db", Some("example.com.")),
            ("example.com.zone.txt", Some("example.com.")),
            ("example.com.yaml", Some("example.com.")),
            ("example.zone", None),
            ("mail.example.com", Some("mail.example.com.")),
            ("customers", None),
            ("db.192.0.2", None),
        ] {
            let said = zone_of(file).map(|zone| zone.to_ascii().to_lowercase());
            assert_eq!(said.as_deref(), zone, "{file}");
        }
    }

    #[test]
    fn a_former_version_of_another_file_is_no_zone_file() {
        for (name, is_none) in [
            ("d.test.zone", false),
            ("d.test.zone-old", true),
            ("d.test.zone.rpmsave", true),
            ("d.test.zone.dpkg-old", true),
            ("d.test.zone.bak2", true),
            ("d.test.zone.1", true),
            ("d.test.zone.2024-01-01", true),
            ("d.test.zone_before_move", true),
            ("d.test.zone.yaml", false),
            ("e.test.zone-old", false),
            ("example.com-old", true),
            ("example.com.20240101", true),
            ("example.com.DPKG-dist", true),
            ("example.com.au", false),
            ("example.com-x.test", false),
            ("db.192.0", false),
            ("db.192.0.2", false),
        ] {
            let mut names = ["d.test.zone", "example.com", "db.192.0", name].map(OsString::from);
            names.sort();
            assert_eq!(is_other(OsStr::new(name), &names, false), is_none, "{name}");
        }
    }

    #[test]
    fn what_stands_beside_zone_files_is_none() {
        let names: Vec<OsString> =
            ["a.zone", "a.zone.signed", "b.zone.signed"].iter().map(OsString::from).collect();
        for (name, is_none) in [
            ("a.zone", false),
            ("b.zone.signed", false),
            ("db.a", false),
            ("a.example.yaml", false),
            ("production.yaml", true),
            ("a.zone.signed", true),
            (".a.zone", true),
            ("a.zone~", true),
            ("#a.zone#", true),
            ("a.zone.JNL", true),
            ("named.conf", true),
            ("README.md", true),
        ] {
            assert_eq!(is_other(OsStr::new(name), &names, false), is_none, "{name}");
        }
    }
}
