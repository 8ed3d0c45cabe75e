//! The table of planted defects, `tests/planted.yaml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::TempDir;

use crate::servers::{NEGATIVE_TTL, Zone};

/// The zone above those of the defects.
const PARENT: &str = "test";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    parent: String,
    elsewhere: BTreeMap<String, String>,
    healthy: BTreeMap<String, String>,
    profiles: BTreeMap<String, String>,
    defects: Vec<Defect>,
}

/// One row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Defect {
    pub(crate) name: String,
    #[serde(default = "ordinary")]
    base: String,
    profile: Option<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    with: String,
    #[serde(default)]
    no_zone: bool,
    /// Why no server shows it, where it is judged from the file alone.
    pub(crate) offline: Option<String>,
    /// The TTL of what is missing, in seconds.
    #[serde(default = "negative_ttl")]
    negative_ttl: u32,
    /// The codes expected, with their severities.
    pub(crate) codes: BTreeMap<String, String>,
    pub(crate) because: Option<String>,
    pub(crate) verdict: String,
}

fn ordinary() -> String {
    "mail".to_owned()
}

const fn negative_ttl() -> u32 {
    NEGATIVE_TTL
}

impl Defect {
    pub(crate) fn domain(&self) -> String {
        format!("{}.{PARENT}", self.name)
    }

    /// The exit code by the contract of the command line: 1 where an error was found.
    pub(crate) fn exit(&self) -> i32 {
        i32::from(self.codes.values().any(|level| level == "error" || level == "critical"))
    }
}

/// The record types of the table and of the fixes.
const TYPES: [&str; 8] = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"];

/// One record, names absolute, as it stands in a zone file.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) owner: String,
    /// In seconds; None for that of the zone.
    ttl: Option<u32>,
    pub(crate) rtype: String,
    pub(crate) rdata: String,
}

impl Line {
    /// Reads `owner TTL TYPE RDATA`; the TTL may be left out, and a class is skipped.
    pub(crate) fn parse(text: &str, origin: &str) -> Self {
        let words: Vec<_> = text.split_whitespace().collect();
        let at = words.iter().position(|word| TYPES.contains(word));
        let at = at.unwrap_or_else(|| panic!("no record type in `{text}`"));
        let mut rdata: Vec<_> = words[at + 1..].iter().map(|word| (*word).to_owned()).collect();
        if ["CNAME", "MX", "NS", "SRV"].contains(&words[at])
            && let Some(name) = rdata.last_mut()
        {
            *name = absolute(name, origin);
        }
        Self {
            owner: absolute(words[0], origin),
            ttl: words[1..at].iter().find_map(|word| word.parse().ok()),
            rtype: words[at].to_owned(),
            rdata: rdata.join(" "),
        }
    }

    /// Whether two lines are one record, whatever its TTL.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.owner, &self.rtype, &self.rdata) == (&other.owner, &other.rtype, &other.rdata)
    }

    /// Whether it is what a row leaves out: all of an owner name, or one type there.
    fn is_meant(&self, words: &str, origin: &str) -> bool {
        let (owner, rtype) = words.split_once(' ').map_or((words, None), |(a, b)| (a, Some(b)));
        self.owner == absolute(owner, origin) && rtype.is_none_or(|rtype| self.rtype == rtype)
    }
}

fn absolute(name: &str, origin: &str) -> String {
    match name {
        "@" => format!("{origin}."),
        _ if name.ends_with('.') => name.to_owned(),
        _ => format!("{name}.{origin}."),
    }
}

/// The table with its zones.
pub(crate) struct Defects {
    pub(crate) rows: Vec<Defect>,
    parent: String,
    elsewhere: BTreeMap<String, String>,
    healthy: BTreeMap<String, String>,
    profiles: BTreeMap<String, String>,
    dir: TempDir,
}

impl Defects {
    /// Reads the table and writes its profiles where the program finds them.
    pub(crate) fn load() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/planted.yaml");
        let text = fs::read_to_string(path).expect("the table is in the repository");
        let table: Table = serde_yaml::from_str(&text).expect("the table has its shape");
        let dir = TempDir::new().expect("there is a place for temporary files");
        for (name, profile) in &table.profiles {
            fs::write(profile_path(dir.path(), name), profile)
                .expect("the temporary directory is writable");
        }
        let Table { parent, elsewhere, healthy, profiles, defects: rows } = table;
        Self { rows, parent, elsewhere, healthy, profiles, dir }
    }

    /// The options of an audit of this row.
    pub(crate) fn options(&self, defect: &Defect) -> Vec<String> {
        let name = defect.profile.as_ref().unwrap_or(&defect.base);
        // The base that is there without saying has no profile of its name: it is the default one.
        if !self.profiles.contains_key(name) {
            assert!(defect.profile.is_none(), "{} has a profile that is not there", defect.name);
            return Vec::new();
        }
        vec!["-p".to_owned(), profile_path(self.dir.path(), name).display().to_string()]
    }

    /// The records of a row; none where its zone is not to exist.
    pub(crate) fn records(&self, defect: &Defect) -> Vec<Line> {
        let origin = defect.domain();
        let parse = |line| Line::parse(line, &origin);
        let mut records: Vec<_> = self.healthy[&defect.base].lines().map(parse).collect();
        for words in &defect.without {
            let before = records.len();
            records.retain(|line| !line.is_meant(words, &origin));
            assert!(records.len() < before, "{words} is not in {}", defect.base);
        }
        records.extend(defect.with.lines().map(parse));
        records
    }

    /// The zone of a row; None where it is not to exist.
    pub(crate) fn zone(&self, defect: &Defect) -> Option<Zone> {
        (!defect.no_zone).then(|| Self::zone_of(defect, &self.records(defect)))
    }

    /// The zone of a row with other records.
    pub(crate) fn zone_of(defect: &Defect, records: &[Line]) -> Zone {
        zone(&defect.domain(), records, defect.negative_ttl)
    }

    /// The zones that are not those of rows: the one above them, which delegates to them, and those of
    /// others.
    pub(crate) fn surroundings(&self) -> Vec<Zone> {
        let parse = |line: &str| Line::parse(line, PARENT);
        let there = self.rows.iter().filter(|defect| !defect.no_zone);
        let delegations = there.map(|defect| parse(&format!("{0} NS ns.{0}", defect.name)));
        let records: Vec<_> = self.parent.lines().map(parse).chain(delegations).collect();
        let others = self.elsewhere.iter().map(|(name, lines)| {
            let records: Vec<_> = lines.lines().map(|line| Line::parse(line, name)).collect();
            zone(name, &records, NEGATIVE_TTL)
        });
        others.chain([zone(PARENT, &records, NEGATIVE_TTL)]).collect()
    }

    /// The zones of all rows and those around them.
    pub(crate) fn zones(&self) -> Vec<Zone> {
        let rows = self.rows.iter().filter_map(|defect| self.zone(defect));
        rows.chain(self.surroundings()).collect()
    }

    /// The zones that a server can show.
    pub(crate) fn served(&self) -> Vec<Zone> {
        let rows = self.rows.iter().filter(|defect| defect.offline.is_none());
        rows.filter_map(|defect| self.zone(defect)).chain(self.surroundings()).collect()
    }

    /// A place for files that the program reads.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

fn zone(name: &str, records: &[Line], negative_ttl: u32) -> Zone {
    let lines: String = records
        .iter()
        .map(|Line { owner, ttl, rtype, rdata }| {
            let ttl = ttl.map(|ttl| ttl.to_string()).unwrap_or_default();
            format!("{owner} {ttl} IN {rtype} {rdata}\n")
        })
        .collect();
    Zone::with_negative_ttl(name, negative_ttl, &lines)
}

fn profile_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.yaml"))
}
