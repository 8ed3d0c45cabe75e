//! Zone files for an offline audit.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use hickory_proto::rr::Name;

use super::args::AuditArgs;
use super::trouble::Trouble;
use crate::lookup::zones::{Outside, ZoneFile, Zones};
use crate::name::{MailDomain, printable, text};
use crate::zonefile::{Position, ScanError, ScanErrorKind, Scanner};

/// The most problems of one kind that are shown.
const SHOWN: usize = 10;

/// What to do about zone files that answer for none of the mail domains.
const MISSED: &str =
    "correct the origin or the SOA record, or give the zone file of the mail domain";

/// The mail domains of an audit, as far as they are known before it begins.
pub(super) struct Audited<'a> {
    /// Those among the arguments.
    pub(super) domains: Vec<&'a MailDomain>,
    /// Whether others come from an input.
    pub(super) more: bool,
}

/// Reads the zone files; what a DNS server would not load is trouble, and so is what answers for
/// none of the mail domains.
pub(super) fn read(
    args: &AuditArgs,
    Audited { domains, more }: &Audited<'_>,
    stderr: &mut dyn Write,
) -> Result<Zones, Trouble> {
    let reading = Reading { args, domains };
    let mut files = Vec::new();
    let mut apexes = Vec::new();
    let mut notes = Vec::new();
    for path in &args.zone {
        let name = path.display().to_string();
        let file = reading.read_file(path, &name)?;
        reading.check_apex(&file)?;
        let soa = file.soa().map(|(apex, position)| (apex.clone(), place(position)));
        let apex = soa.as_ref().map(|(apex, _)| apex).or(args.origin.as_ref());
        if let Some((apex, outside)) = apex.and_then(|apex| Some((apex, file.outside(apex)?))) {
            notes.push(stray_note(&name, apex, &outside));
        }
        apexes.push(Apex { file: name, soa });
        files.push(file);
    }
    let zones = Zones::of(files, args.origin.as_ref());
    check_clashes(&zones)?;
    if !more && !domains.iter().any(|domain| zones.hold(domain.name())) {
        let problems = apexes.iter().map(|apex| reading.missed(apex));
        if args.resolver.is_empty() {
            return Err(trouble(problems, Some(MISSED)));
        }
        // The network answers for the domains then, which is hardly what the files were given for.
        notes.extend(problems.take(SHOWN));
    }
    if !args.subjects.quiet {
        for note in notes {
            // A note is a courtesy: a closed stderr must not end the work.
            let _courtesy = writeln!(stderr, "{}", printable(&format!("note: {note}")));
        }
    }
    Ok(zones)
}

/// What the reading of all files has in common.
struct Reading<'a> {
    args: &'a AuditArgs,
    domains: &'a [&'a MailDomain],
}

/// The apex that a file gives by its SOA record, with the place of the record.
struct Apex {
    file: String,
    soa: Option<(Name, String)>,
}

impl Reading<'_> {
    fn read_file(&self, path: &Path, name: &str) -> Result<ZoneFile, Trouble> {
        let opened =
            File::open(path).map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
        let reader = BufReader::with_capacity(1 << 16, opened);
        let mut scanner = Scanner::new(reader, name, self.args.origin.clone());
        if self.args.include {
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            scanner = scanner.with_includes(move |included| {
                let file = File::open(folder.join(included))?;
                Ok(Box::new(BufReader::new(file)))
            });
        }
        let mut file = ZoneFile::new();
        let mut errors = Vec::new();
        for entry in scanner {
            match entry {
                Ok(entry) => file.insert(entry),
                Err(error) => {
                    // Every relative name below would say the same.
                    let is_last = matches!(error.kind, ScanErrorKind::NoOrigin { .. });
                    errors.push(error);
                    if is_last {
                        break;
                    }
                }
            }
        }
        if errors.is_empty() {
            return Ok(file);
        }
        let hint = self.hint(&errors);
        Err(trouble(errors.iter().map(ToString::to_string), hint.as_deref()))
    }

    fn hint(&self, errors: &[ScanError]) -> Option<String> {
        errors.iter().find_map(|error| match error.kind {
            ScanErrorKind::IncludeRefused { .. } => Some("--include follows it".to_owned()),
            ScanErrorKind::NoOrigin { .. } => {
                Some(format!("--origin {} names the zone of the file", self.likely_origin()))
            }
            _ => None,
        })
    }

    /// The zone that a file is likely to be of.
    fn likely_origin(&self) -> String {
        match self.domains {
            [domain] => domain.to_string(),
            _ => "ZONE".to_owned(),
        }
    }

    /// Refuses an SOA record that stands where hardly any does, but for a mistake.
    fn check_apex(&self, file: &ZoneFile) -> Result<(), Trouble> {
        let Some((apex, position)) = file.soa() else { return Ok(()) };
        let place = place(position);
        if apex.is_root() {
            return Err(trouble(
                [format!("{place}: the SOA record stands at the root of DNS (.)")],
                Some(&format!(
                    "--origin {} names the zone, or an $ORIGIN line above the record",
                    self.likely_origin()
                )),
            ));
        }
        let is_meant = || self.domains.iter().any(|domain| apex.zone_of(domain.name()));
        match doubled(apex).filter(|_| !is_meant()) {
            None => Ok(()),
            Some(zone) => Err(trouble(
                [format!("{place}: the SOA record stands at {}, the zone doubled", text(apex))],
                Some(&format!("end its owner name with a dot: {}", text(&zone))),
            )),
        }
    }

    /// Says how a file misses the mail domains.
    fn missed(&self, Apex { file, soa }: &Apex) -> String {
        let (place, whose, apex) = match (soa, &self.args.origin) {
            (Some((apex, place)), _) => (place, "by its SOA record", apex),
            (None, Some(origin)) => (file, "by --origin", origin),
            (None, None) => {
                let domains = match self.domains {
                    [domain] => domain.to_string(),
                    domains => format!("any of the {} mail domains", domains.len()),
                };
                return format!("{file}: no record stands at or below {domains}");
            }
        };
        let outside = match self.domains {
            [domain] => format!("{domain} lies outside"),
            domains => format!("the {} mail domains lie outside", domains.len()),
        };
        format!("{place}: the zone is {} {whose}; {outside}", text(apex))
    }
}

/// What a name is, where it is something twice: `example.com.` of `example.com.example.com.`.
fn doubled(name: &Name) -> Option<Name> {
    let labels = name.iter().len();
    let half = name.trim_to(labels / 2);
    // Names such as `com.com.` are in use.
    let front = Name::from_labels(name.iter().take(labels / 2));
    (labels >= 4 && labels.is_multiple_of(2) && front.is_ok_and(|front| front == half))
        .then_some(half)
}

fn stray_note(file: &str, apex: &Name, outside: &Outside) -> String {
    let Outside { records, first } = outside;
    let (stand, they) = match records {
        1 => ("1 record lies".to_owned(), "it is"),
        records => (format!("{records} records lie"), "they are"),
    };
    let first = match first {
        Some(first) if *first.file == *file => format!(", the first in line {}", first.line),
        Some(first) => format!(", the first in {}", place(first)),
        None => String::new(),
    };
    format!("{file}: {stand} outside the zone {}{first}; {they} not looked at", text(apex))
}

fn check_clashes(zones: &Zones) -> Result<(), Trouble> {
    let clashes = zones.clashes();
    if clashes.is_empty() {
        return Ok(());
    }
    let shown = clashes.iter().map(|clash| match &clash.position {
        Some(position) => format!("{}: {}", place(position), clash.problem),
        None => clash.problem.to_string(),
    });
    Err(trouble(shown, None))
}

/// A place as a line: what is wrong is wrong with the whole record.
fn place(position: &Position) -> String {
    format!("{}:{}", position.file, position.line)
}

fn trouble(problems: impl IntoIterator<Item = String>, hint: Option<&str>) -> Trouble {
    let mut problems = problems.into_iter();
    let mut lines: Vec<_> =
        problems.by_ref().take(SHOWN).map(|problem| format!("error: {problem}")).collect();
    match problems.count() {
        0 => {}
        more => lines.push(format!("and {more} more")),
    }
    lines.extend(hint.map(|hint| format!("hint: {hint}")));
    Trouble::Profile(lines.join("\n"))
}
