//! The table of planted defects, `tests/planted.yaml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::TempDir;

use crate::servers::Zone;

/// The zone above those of the defects.
const PARENT: &str = "test";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    parent: String,
    healthy: String,
    profiles: BTreeMap<String, String>,
    defects: Vec<Defect>,
}

/// One row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Defect {
    pub(crate) name: String,
    pub(crate) profile: Option<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    with: String,
    #[serde(default)]
    no_zone: bool,
    /// The codes expected, with their severities.
    pub(crate) codes: BTreeMap<String, String>,
    pub(crate) because: Option<String>,
    pub(crate) verdict: String,
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
const TYPES: [&str; 7] = ["A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"];

/// One record, names absolute, as it stands in a zone file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) owner: String,
    pub(crate) rtype: String,
    pub(crate) rdata: String,
}

impl Line {
    /// Reads `owner TYPE RDATA`; a TTL or a class before the type is skipped.
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
            rtype: words[at].to_owned(),
            rdata: rdata.join(" "),
        }
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
    healthy: String,
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
        Self { rows: table.defects, parent: table.parent, healthy: table.healthy, dir }
    }

    /// The options of an audit of this row.
    pub(crate) fn options(&self, defect: &Defect) -> Vec<String> {
        let path = defect.profile.as_ref().map(|name| profile_path(self.dir.path(), name));
        path.map(|path| vec!["-p".to_owned(), path.display().to_string()]).unwrap_or_default()
    }

    /// The records of a row; none where its zone is not to exist.
    pub(crate) fn records(&self, defect: &Defect) -> Vec<Line> {
        let origin = defect.domain();
        let parse = |line| Line::parse(line, &origin);
        let left_out: Vec<_> =
            defect.without.iter().map(|owner| absolute(owner, &origin)).collect();
        let mut records: Vec<_> = self.healthy.lines().map(parse).collect();
        for owner in &left_out {
            assert!(records.iter().any(|line| line.owner == *owner), "{owner} is not healthy's");
        }
        records.retain(|line| !left_out.contains(&line.owner));
        records.extend(defect.with.lines().map(parse));
        records
    }

    /// The zone of a row; None where it is not to exist.
    pub(crate) fn zone(&self, defect: &Defect) -> Option<Zone> {
        (!defect.no_zone).then(|| zone(&defect.domain(), &self.records(defect)))
    }

    /// The zone above those of the rows, which delegates to them.
    pub(crate) fn parent(&self) -> Zone {
        let parse = |line: &str| Line::parse(line, PARENT);
        let served = self.rows.iter().filter(|defect| !defect.no_zone);
        let delegations = served.map(|defect| parse(&format!("{0} NS ns.{0}", defect.name)));
        let records: Vec<_> = self.parent.lines().map(parse).chain(delegations).collect();
        zone(PARENT, &records)
    }

    /// The zones of all rows and the one above them.
    pub(crate) fn zones(&self) -> Vec<Zone> {
        let rows = self.rows.iter().filter_map(|defect| self.zone(defect));
        rows.chain([self.parent()]).collect()
    }

    /// A place for files that the program reads.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// A zone of these records.
pub(crate) fn zone(name: &str, records: &[Line]) -> Zone {
    let lines: String = records
        .iter()
        .map(|line| [line.owner.as_str(), " IN ", &line.rtype, " ", &line.rdata, "\n"].concat())
        .collect();
    Zone::new(name, &lines)
}

fn profile_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.yaml"))
}
