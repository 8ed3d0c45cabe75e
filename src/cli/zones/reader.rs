//! Reading one zone file after the other.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::rr::Name;

use super::super::trouble::Trouble;
use super::super::zone_args::ZoneArgs;
use super::walk::Place;
use crate::folder::Folder;
use crate::interrupt::{Interrupt, Waiting};
use crate::lookup::zones::octodns::{self, OctoDns};
use crate::lookup::zones::{Unread, ZoneFile, doubled};
use crate::name::{MailDomain, path_text, plain_text, text};
use crate::words::{counted, listed};
use crate::zonefile::{Limits, Position, ScanError, ScanErrorKind, Scanner};

/// How many octets are read at once: few calls, and few lines that two of them share.
const BLOCK: usize = 1 << 18;

/// What the reading of all files has in common.
pub(super) struct ZoneReader<'a> {
    pub(super) args: &'a ZoneArgs,
    pub(super) domains: Vec<&'a MailDomain>,
    /// Whether there are other mail domains, which are not read yet.
    pub(super) more: bool,
    pub(super) interrupt: &'a Interrupt,
    /// The files that others include.
    pub(super) included: Mutex<HashSet<PathBuf>>,
}

/// The files that one opens on the way.
type Opened = Arc<Mutex<HashSet<PathBuf>>>;

/// A file that was read.
pub(super) struct Done {
    pub(super) file: ZoneFile,
    /// The origin that the file left to a guess.
    pub(super) assumed: Option<Name>,
    /// What there is to say of it.
    pub(super) notes: Vec<String>,
}

/// A file that cannot be read.
pub(super) enum Undone {
    /// It cannot be opened.
    Closed(io::Error),
    /// No server would load it.
    Wrong {
        problems: Vec<String>,
        hint: Option<String>,
        rest: Box<ZoneFile>,
        /// Where the first of the problems stands, if at any line.
        first: Option<Position>,
    },
}

impl Undone {
    fn wrong(problem: String, hint: String, rest: ZoneFile) -> Self {
        let (problems, rest) = (vec![problem], Box::new(rest));
        Self::Wrong { problems, hint: Some(hint), rest, first: None }
    }

    fn wrong_at(place: &Position, problem: &str, hint: String, rest: ZoneFile) -> Self {
        let (problems, rest) = (vec![format!("{}: {problem}", place.record())], Box::new(rest));
        Self::Wrong { problems, hint: Some(hint), rest, first: Some(place.clone()) }
    }
}

impl ZoneReader<'_> {
    /// What names are relative to in a file that leaves it to the server: the mail domain, or the one
    /// that all others lie in; where none is named, and in folders, what the name of the file says.
    fn origin(&self, place: &Place) -> Option<Name> {
        if place.found.is_some() || self.domains.is_empty() && !self.more {
            return place.zone();
        }
        let names = || self.domains.iter().map(|domain| domain.name());
        let holds_all = |name: &&Name| names().all(|other| name.zone_of(other));
        names().find(holds_all).filter(|_| !self.more).cloned()
    }

    /// Reads one file with what it includes; every error in it is told, not the first alone.
    pub(super) fn read(&self, place: &Place, limits: Limits) -> Result<Done, Undone> {
        let name = place.name();
        let reader: Box<dyn BufRead> = match &place.found {
            None => {
                let opened = Waiting::open(&place.path, self.interrupt).map_err(Undone::Closed)?;
                Box::new(BufReader::with_capacity(BLOCK, opened))
            }
            Some((folder, file)) => {
                let opened = Place::open(folder, file).map_err(Undone::Closed)?;
                Box::new(BufReader::with_capacity(BLOCK, opened))
            }
        };
        if place.is_yaml() {
            return self.read_octodns(place, &name, reader, limits);
        }
        let origin = self.origin(place);
        let mut scanner = Scanner::new(reader, &name, self.args.origin.clone())
            .assuming(origin.clone())
            .with_limits(limits);
        let opened = Opened::default();
        if let Some(includes) = self.includes(place, &opened).map_err(Undone::Closed)? {
            scanner = scanner.with_includes(move |included| includes.open(included));
        }
        let file =
            ZoneFile::read(&mut scanner).map_err(|Unread { errors, rest }| Undone::Wrong {
                problems: errors.iter().map(ToString::to_string).collect(),
                hint: self.hint(&errors),
                first: errors.first().map(|error| error.position.clone()),
                rest,
            })?;
        let assumed = origin.filter(|_| scanner.has_assumed());
        let file = self.check_apex(file)?;
        self.count_in(place, &opened);
        Ok(Done { file, assumed, notes: Vec::new() })
    }

    /// Reads a zone that octoDNS keeps; the name of the file says which.
    fn read_octodns(
        &self,
        place: &Place,
        name: &str,
        reader: impl Read,
        limits: Limits,
    ) -> Result<Done, Undone> {
        let shown = place.text();
        let Some(zone) = place.zone().or_else(|| self.args.origin.clone()) else {
            let problem =
                format!("{shown}: the name of the file says no zone, as octoDNS wants it");
            let hint = "name it like the zone, as in example.com.yaml, or give --origin ZONE";
            return Err(Undone::wrong(problem, hint.to_owned(), ZoneFile::new()));
        };
        let mut octets = Vec::new();
        let most = limits.octets.saturating_add(1);
        reader.take(most).read_to_end(&mut octets).map_err(Undone::Closed)?;
        let empty = || ZoneFile::of_zone(zone.clone());
        if octets.len() as u64 == most {
            let problem = format!("{shown}: it has more than {} octets", limits.octets);
            return Err(Undone::wrong(problem, self.more(), empty()));
        }
        let Ok(text) = String::from_utf8(octets) else {
            let (problem, hint) = (format!("{shown}: it is not UTF-8"), "save it as UTF-8");
            return Err(Undone::wrong(problem, hint.to_owned(), empty()));
        };
        let OctoDns { file, errors, notes, passed } = octodns::read(&text, name, &zone, limits);
        if !errors.is_empty() {
            let is_over = file.records() > limits.records;
            let problems = errors.iter().map(|error| format!("{shown}:{error}")).collect();
            let hint = is_over.then(|| self.more());
            let first = errors.first().map(|error| Position {
                file: name.into(),
                line: error.line,
                column: 1,
            });
            return Err(Undone::Wrong { problems, hint, rest: Box::new(file), first });
        }
        let types: Vec<_> = passed.keys().cloned().collect();
        let passed = (!types.is_empty()).then(|| {
            let sets = counted(passed.values().sum(), "RRset");
            format!("{shown}: {sets} that mail does not need passed over: {}", listed(&types))
        });
        let notes = notes.iter().map(|note| format!("{shown}:{note}")).chain(passed).collect();
        Ok(Done { file, assumed: None, notes })
    }

    /// The option that reads more of a zone.
    fn more(&self) -> String {
        let more = self.args.max_records.saturating_mul(10);
        format!("--max-records {more} reads more of it, and takes more memory")
    }

    /// Where included files may lie: what a zone file names is no stranger's to choose.
    fn includes(&self, place: &Place, opened: &Opened) -> io::Result<Option<Includes>> {
        let path = match &self.args.include_dir {
            Some(folder) => folder.as_path(),
            None if self.args.include => place.path.parent().unwrap_or(&place.path),
            None => return Ok(None),
        };
        let folder = match &place.found {
            Some((folder, _)) if self.args.include_dir.is_none() => Arc::clone(folder),
            _ => Arc::new(Folder::open(path)?),
        };
        let (path, opened) = (path.to_owned(), Arc::clone(opened));
        let is_named = self.args.include_dir.is_some();
        Ok(Some(Includes { path, is_named, folder, opened }))
    }

    /// Counts what a file that was read includes; what it includes of itself, as what a broken file
    /// does, makes no part of another zone.
    fn count_in(&self, place: &Place, opened: &Opened) {
        let opened = std::mem::take(&mut *opened.lock().unwrap_or_else(PoisonError::into_inner));
        if opened.is_empty() {
            return;
        }
        let own = fs::canonicalize(&place.path).ok();
        let others = opened.into_iter().filter(|path| own.as_ref() != Some(path));
        self.included.lock().unwrap_or_else(PoisonError::into_inner).extend(others);
    }

    /// What to add to the command line, where that mends an error.
    fn hint(&self, errors: &[ScanError]) -> Option<String> {
        errors.iter().find_map(|error| match error.kind {
            ScanErrorKind::IncludeRefused { .. } => Some("--include follows it".to_owned()),
            ScanErrorKind::IncludeOpen { .. } => Some(match &self.args.include_dir {
                Some(folder) => {
                    format!("only regular files below {} are included", path_text(folder))
                }
                None => "only regular files below the folder of the zone file are included; --include-dir names another folder".to_owned(),
            }),
            ScanErrorKind::NoOrigin { .. } if self.domains.is_empty() && !self.more => Some(
                "the name of the file says no zone, so --origin ZONE has to, or an $ORIGIN line"
                    .to_owned(),
            ),
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
                Some(self.more())
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
    fn check_apex(&self, file: ZoneFile) -> Result<ZoneFile, Undone> {
        let Some((apex, position)) = file.soa() else { return Ok(file) };
        let place = position.clone();
        if apex.is_root() {
            let problem = "the SOA record stands at the root of DNS (.)";
            let zone = self.likely_origin();
            let hint =
                format!("--origin {zone} names the zone, or an $ORIGIN line above the record");
            return Err(Undone::wrong_at(&place, problem, hint, file));
        }
        let is_meant = || self.domains.iter().any(|domain| apex.zone_of(domain.name()));
        match doubled(apex).filter(|_| !is_meant()) {
            None => Ok(file),
            Some(zone) => {
                let apex = text(apex);
                let problem = format!("the SOA record stands at {apex}, the zone doubled");
                let hint = format!("end its owner name with a dot: {}", text(&zone));
                Err(Undone::wrong_at(&place, &problem, hint, file))
            }
        }
    }

    /// Says how a zone misses the mail domains.
    pub(super) fn missed(&self, name: &str, file: &ZoneFile) -> String {
        let (place, whose, apex) = match (file.soa(), file.apex(), &self.args.origin) {
            (Some((apex, position)), ..) => (position.record(), " by its SOA record", apex),
            (None, Some(apex), _) => (name.to_owned(), "", apex),
            (None, None, Some(origin)) => (name.to_owned(), " by --origin", origin),
            (None, None, None) => {
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
        format!("{place}: the zone is {}{whose}; {outside}", text(apex))
    }

    /// The files that others include.
    pub(super) fn into_included(self) -> impl Iterator<Item = PathBuf> {
        let mut included = self.included.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *included).into_iter()
    }

    /// Whether another file includes this one.
    pub(super) fn is_included(&self, path: &Path) -> bool {
        let included = self.included.lock().unwrap_or_else(PoisonError::into_inner);
        !included.is_empty() && fs::canonicalize(path).is_ok_and(|path| included.contains(&path))
    }
}

/// The folder that included files lie in.
struct Includes {
    path: PathBuf,
    /// Whether the user named it; absolute paths may lead there then, as they do in BIND.
    is_named: bool,
    folder: Arc<Folder>,
    opened: Opened,
}

impl Includes {
    /// Opens a file below the folder.
    fn open(&self, typed: &str) -> io::Result<Box<dyn BufRead + Send>> {
        let typed = Path::new(typed);
        let whole = fs::canonicalize(&self.path).unwrap_or_else(|_gone| self.path.clone());
        let absolute = [&whole, &self.path].into_iter().find_map(|it| typed.strip_prefix(it).ok());
        let below = absolute.filter(|_| self.is_named).unwrap_or(typed);
        let file: File = self.folder.file_below(below)?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.insert(whole.join(below));
        Ok(Box::new(BufReader::new(file)))
    }
}

/// Why a file that the user named cannot be opened.
pub(super) fn unopened(path: &Path, source: io::Error) -> Trouble {
    Trouble::Read { path: path.to_owned(), source }
}

/// Says that a file was read below a guess.
pub(super) fn guess_note(name: &str, zone: &Name) -> String {
    let zone = plain_text(zone);
    format!(
        "{name}: no $ORIGIN says what its names are relative to; they are read below {zone} (--origin names another zone)"
    )
}
