//! Zone files for an offline audit.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use hickory_proto::rr::Name;

use super::trouble::Trouble;
use crate::lookup::zones::Zones;
use crate::zonefile::Scanner;

/// The most errors of one file that are shown.
const SHOWN: usize = 10;

/// Reads zone files; one that a DNS server would not load is trouble.
pub(super) fn read(paths: &[PathBuf], origin: Option<&Name>) -> Result<Zones, Trouble> {
    let mut zones = Zones::new();
    for path in paths {
        read_file(path, origin, &mut zones)?;
    }
    Ok(zones)
}

fn read_file(path: &Path, origin: Option<&Name>, zones: &mut Zones) -> Result<(), Trouble> {
    let file =
        File::open(path).map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    let name = path.display().to_string();
    let mut scanner = Scanner::new(BufReader::with_capacity(1 << 16, file), &name, origin.cloned());
    let mut records = Vec::new();
    let mut errors = Vec::new();
    let mut more = 0u64;
    for entry in scanner.by_ref() {
        match entry {
            Ok(entry) => records.push(entry.record),
            Err(error) if errors.len() < SHOWN => errors.push(format!("error: {error}")),
            Err(_) => more += 1,
        }
    }
    if !errors.is_empty() {
        if more > 0 {
            errors.push(format!("and {more} more"));
        }
        return Err(Trouble::Profile(errors.join("\n")));
    }
    // A snippet has no SOA record; its origin stands for the apex.
    let Some(apex) = scanner.apex().or_else(|| scanner.origin()).cloned() else {
        return Err(Trouble::usage(
            format!("{name} has neither an SOA record nor an $ORIGIN"),
            "name its zone with --origin",
        ));
    };
    zones.add_zone(&apex, records);
    Ok(())
}
