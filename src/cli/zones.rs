//! Zone files for an offline audit.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use hickory_proto::rr::Name;

use super::args::AuditArgs;
use super::domains::Domains;
use super::progress::Progress;
use super::trouble::Trouble;
use crate::folder::Folder;
use crate::interrupt::{Interrupt, Waiting};
use crate::lookup::zones::{Outside, ZoneFile, Zones, doubled};
use crate::name::{MailDomain, plain_text, text};
use crate::words::{counted, listed};
use crate::zonefile::{Limits, ScanError, ScanErrorKind, Scanner};

/// The most problems of one kind that are shown.
const SHOWN: usize = 10;

/// What to do about zone files that answer for none of the mail domains.
const MISSED: &str =
    "correct the origin or the SOA record, or give the zone file of the mail domain";

/// Reads the zone files; what a DNS server would not load is trouble, and so is what answers for
/// none of the mail domains.
pub(super) fn read(
    args: &AuditArgs,
    domains: &mut Domains<'_>,
    progress: &mut Progress<'_>,
    interrupt: &Interrupt,
) -> Result<Zones, Trouble> {
    let first = args.zone.first();
    // A file that is not there is told before a list is waited for.
    if let Some(path) = first.filter(|_| domains.more)
        && let Err(source) = touch(path)
    {
        return Err(Trouble::Read { path: path.clone(), source });
    }
    let only = if domains.more && args.origin.is_none() { domains.only().cloned() } else { None };
    let reader = ZoneReader {
        args,
        domains: only.as_ref().map_or_else(|| domains.arguments(), |only| vec![only]),
        more: domains.more && only.is_none(),
        interrupt,
    };
    let mut files = Vec::new();
    let mut missed = Vec::new();
    let mut notes = Vec::new();
    let mut guessed = Vec::new();
    for path in &args.zones.zone {
        let name = path.display().to_string();
        let (file, has_assumed) = reader.read_file(path, &name)?;
        if let Some(origin) = reader.origin().filter(|_| has_assumed) {
            let zone = plain_text(origin);
            notes.push(format!(
                "{name}: no $ORIGIN says what its names are relative to; they are read below {zone} (--origin names another zone)"
            ));
            guessed.push(name.clone());
        }
        reader.check_apex(&file)?;
        let apex = file.soa().map(|(apex, _)| apex).or(args.zones.origin.as_ref());
        if let Some((apex, outside)) = apex.and_then(|apex| Some((apex, file.outside(apex)?))) {
            notes.push(stray_note(&name, apex, &outside));
        }
        missed.push(reader.missed(&name, &file));
        files.push(file);
    }
    let zones = Zones::of(files, args.zones.origin.as_ref());
    let clashes = zones.clashes();
    if !clashes.is_empty() {
        let hint = (guessed.len() > 1).then(|| {
            format!(
                "{} have no $ORIGIN and are read as one zone; add an $ORIGIN line to what is another",
                listed(&guessed)
            )
        });
        return Err(trouble(clashes.iter().map(ToString::to_string), hint.as_deref()));
    }
    if !reader.more && !reader.domains.iter().any(|domain| zones.hold(domain.name())) {
        if args.resolver.is_empty() {
            return Err(trouble(missed, Some(MISSED)));
        }
        // The network answers for the domains then, which is hardly what the files were given for.
        notes.extend(missed.into_iter().take(SHOWN));
    }
    notes.iter().for_each(|note| progress.note(&format!("note: {note}")));
    Ok(zones)
}

/// Whether a file can be read, unless it is a pipe or a device, of which nothing is to be lost.
fn touch(path: &Path) -> io::Result<()> {
    let known = fs::metadata(path)?;
    if known.is_file() || known.is_dir() {
        let _octets = File::open(path)?.read(&mut [0])?;
    }
    Ok(())
}

/// What the reading of all files has in common.
struct ZoneReader<'a> {
    args: &'a AuditArgs,
    domains: Vec<&'a MailDomain>,
    /// Whether there are other mail domains, which are not read yet.
    more: bool,
    interrupt: &'a Interrupt,
}

impl ZoneReader<'_> {
    /// What names are relative to in a file that leaves it to the server: the mail domain, or the one
    /// that all others lie in. None where that is a guess.
    fn origin(&self) -> Option<&Name> {
        let names = || self.domains.iter().map(|domain| domain.name());
        let holds_all = |name: &&Name| names().all(|other| name.zone_of(other));
        names().find(holds_all).filter(|_| !self.more)
    }

    /// Reads one file with what it includes; every error in it is told, not the first alone.
    ///
    /// It is told, too, whether the file left its origin to a guess.
    fn read_file(&self, path: &Path, name: &str) -> Result<(ZoneFile, bool), Trouble> {
        let opened = Waiting::open(path, self.interrupt)
            .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
        let reader = BufReader::with_capacity(1 << 16, opened);
        let limits = Limits::of_records(self.args.zones.max_records);
        let mut scanner = Scanner::new(reader, name, self.args.zones.origin.clone())
            .assuming(self.origin().cloned())
            .with_limits(limits);
        if self.args.zones.include {
            // What a zone file names is no stranger's to choose: files below its folder, and no others.
            let folder = Folder::open(path.parent().unwrap_or(path))
                .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
            scanner = scanner.with_includes(move |included| {
                let file = folder.file_below(Path::new(included))?;
                Ok(Box::new(BufReader::new(file)))
            });
        }
        let file = ZoneFile::read(&mut scanner).map_err(|errors| {
            let hint = self.hint(&errors);
            trouble(errors.iter().map(ToString::to_string), hint.as_deref())
        })?;
        Ok((file, scanner.has_assumed()))
    }

    /// What to add to the command line, where that mends an error.
    fn hint(&self, errors: &[ScanError]) -> Option<String> {
        errors.iter().find_map(|error| match error.kind {
            ScanErrorKind::IncludeRefused { .. } => Some("--include follows it".to_owned()),
            ScanErrorKind::IncludeOpen { .. } => {
                Some("only regular files below the folder of the zone file are included".to_owned())
            }
            ScanErrorKind::NoOrigin { .. } if self.more => Some(
                "an origin is guessed for one mail domain, not for a list; --origin ZONE names the zone of the file"
                    .to_owned(),
            ),
            ScanErrorKind::NoOrigin { .. } => Some(
                "the mail domains lie in no one of them, so --origin ZONE has to name the zone of the file"
                    .to_owned(),
            ),
            ScanErrorKind::TooManyRecords { .. }
            | ScanErrorKind::TooManyOctets { .. }
            | ScanErrorKind::TooMuchGenerated { .. } => {
                let more = self.args.zones.max_records.saturating_mul(10);
                Some(format!("--max-records {more} reads more of it, and takes more memory"))
            }
            _ => None,
        })
    }

    /// The zone that a file is likely to be of.
    fn likely_origin(&self) -> String {
        match self.domains.as_slice() {
            [domain] => domain.to_string(),
            _ => "ZONE".to_owned(),
        }
    }

    /// Refuses an SOA record that stands where hardly any does, but for a mistake.
    fn check_apex(&self, file: &ZoneFile) -> Result<(), Trouble> {
        let Some((apex, position)) = file.soa() else { return Ok(()) };
        let place = position.record();
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
    fn missed(&self, name: &str, file: &ZoneFile) -> String {
        let (place, whose, apex) = match (file.soa(), &self.args.zones.origin) {
            (Some((apex, position)), _) => (position.record(), "by its SOA record", apex),
            (None, Some(origin)) => (name.to_owned(), "by --origin", origin),
            (None, None) => {
                let domains = match self.domains.as_slice() {
                    [domain] => domain.to_string(),
                    domains => format!("any of the {} mail domains", domains.len()),
                };
                return format!("{name}: no record stands at or below {domains}");
            }
        };
        let outside = match self.domains.as_slice() {
            [domain] => format!("{domain} lies outside"),
            domains => format!("the {} mail domains lie outside", domains.len()),
        };
        format!("{place}: the zone is {} {whose}; {outside}", text(apex))
    }
}

/// What lies outside a zone is no error to a server; whoever typed it hardly knows.
fn stray_note(file: &str, apex: &Name, outside: &Outside) -> String {
    let Outside { records, first } = outside;
    let (lie, they) = if *records == 1 { ("lies", "it is") } else { ("lie", "they are") };
    let records = counted(*records, "record");
    let first = match first {
        Some(first) if *first.file == *file => format!(", the first in line {}", first.line),
        Some(first) => format!(", the first in {}", first.record()),
        None => String::new(),
    };
    format!("{file}: {records} {lie} outside the zone {}{first}; {they} not looked at", text(apex))
}

/// The first problems, one a line, and how many more there are.
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
