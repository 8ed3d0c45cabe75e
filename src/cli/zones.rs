//! Zone files for an offline audit.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use hickory_proto::rr::{Name, RData, RecordType};

use super::args::AuditArgs;
use super::trouble::Trouble;
use crate::lookup::zones::Zones;
use crate::name::plain_text;
use crate::rrset::ResourceRecord;
use crate::zonefile::{ScanError, ScanErrorKind, Scanner, type_name};

/// The most errors of one file that are shown.
const SHOWN: usize = 10;

/// Reads zone files; one that a DNS server would not load is trouble.
pub(super) fn read(args: &AuditArgs) -> Result<Zones, Trouble> {
    let mut zones = Zones::new();
    for path in &args.zone {
        read_file(path, args, &mut zones)?;
    }
    Ok(zones)
}

fn read_file(path: &Path, args: &AuditArgs, zones: &mut Zones) -> Result<(), Trouble> {
    let file =
        File::open(path).map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    let name = path.display().to_string();
    let reader = BufReader::with_capacity(1 << 16, file);
    let mut scanner = Scanner::new(reader, &name, args.origin.clone());
    if args.include {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        scanner = scanner.with_includes(move |included| {
            let file = File::open(folder.join(included))?;
            Ok(Box::new(BufReader::new(file)))
        });
    }
    let mut records = Vec::new();
    let mut errors = Vec::new();
    let mut more = 0u64;
    for entry in scanner.by_ref() {
        match entry {
            Ok(entry) => records.push(entry.record),
            Err(error) if errors.len() < SHOWN => errors.push(shown(&error)),
            Err(_) => more += 1,
        }
    }
    if !errors.is_empty() {
        if more > 0 {
            errors.push(format!("and {more} more"));
        }
        return Err(Trouble::Profile(errors.join("\n")));
    }
    let clashes = clashes(&records);
    if !clashes.is_empty() {
        let clashes: Vec<_> =
            clashes.iter().take(SHOWN).map(|problem| format!("error: {name}: {problem}")).collect();
        return Err(Trouble::Profile(clashes.join("\n")));
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

/// What no server loads though every line reads: an alias beside other data, and a second SOA
/// record (RFC 1034 §3.6.2, RFC 1035 §5.2).
fn clashes(records: &[ResourceRecord]) -> Vec<String> {
    let mut aliases: BTreeMap<&Name, &RData> = BTreeMap::new();
    let mut problems = Vec::new();
    for record in records {
        if let RData::CNAME(_) = &record.data
            && aliases
                .insert(&record.owner, &record.data)
                .is_some_and(|known| *known != record.data)
        {
            problems.push(format!("{} is an alias of two names", plain_text(&record.owner)));
        }
    }
    // A signed alias has its signature and its proof of existence beside it (RFC 4035 §2.5).
    let may_stand = [RecordType::CNAME, RecordType::RRSIG, RecordType::NSEC, RecordType::KEY];
    for record in records {
        let rtype = record.data.record_type();
        if !may_stand.contains(&rtype) && aliases.contains_key(&record.owner) {
            let (owner, rtype) = (plain_text(&record.owner), type_name(rtype));
            problems.push(format!("{owner} is an alias and holds {rtype} data beside it"));
        }
    }
    let mut starts = records.iter().filter(|record| matches!(record.data, RData::SOA(_)));
    if let (Some(first), Some(second)) = (starts.next(), starts.next())
        && *first != *second
    {
        problems.push(format!("{} is a second SOA record", plain_text(&second.owner)));
    }
    problems
}

fn shown(error: &ScanError) -> String {
    let hint = match error.kind {
        ScanErrorKind::IncludeRefused { .. } => "\nhint: --include follows it",
        _ => "",
    };
    format!("error: {error}{hint}")
}
