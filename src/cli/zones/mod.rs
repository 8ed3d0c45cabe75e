//! Zone data for an offline audit: files, folders of them, and transfers.

mod broken;
mod doubles;
mod reader;
mod transfers;
mod walk;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hickory_proto::rr::Name;

use self::broken::About;
pub(super) use self::broken::{Broken, places, with_works};
use self::reader::{Done, Undone, ZoneReader, guess_note, unopened};
use self::transfers::Refused;
use self::walk::{Place, Source, Walk};
use super::ask_args::AskArgs;
use super::domains::Domains;
use super::progress::Progress;
use super::trouble::Trouble;
use crate::folder::Folder;
use crate::interrupt::Interrupt;
use crate::lookup::zones::{Found, MailDomains, Outside, ZoneFile, Zones};
use crate::name::{MailDomain, path_text, plain_text, text};
use crate::words::{counted, listed};
use crate::zonefile::Limits;

/// The most problems of one kind that are shown.
const SHOWN: usize = 10;

/// What to do about zone files that answer for none of the mail domains.
const MISSED: &str =
    "correct the origin or the SOA record, or give the zone file of the mail domain";

/// The zones at hand, and what of them could not be read.
pub(super) struct ZoneData {
    pub(super) zones: Zones,
    pub(super) broken: Vec<Broken>,
    /// The mail domains of the zones, where the user named none.
    pub(super) found: Option<MailDomains>,
    /// The files that no option names, and what led to each.
    pub(super) files: Vec<(&'static str, PathBuf)>,
}

/// Reads the zones; what a DNS server would not load is one broken result among others that it would,
/// and else trouble; so is what answers for none of the mail domains.
pub(super) fn read(
    args: &AskArgs,
    domains: &mut Domains<'_>,
    progress: &mut Progress<'_>,
    interrupt: &Interrupt,
) -> Result<ZoneData, Trouble> {
    let inputs = inputs(&args.zones.zone)?;
    let first = args.zones.zone.first();
    // A file that is not there is told before a list is waited for.
    if let Some(path) = first.filter(|_| domains.more) {
        touch(path).map_err(|source| unopened(path, source))?;
    }
    if let Some(folder) = &args.zones.include_dir {
        Folder::open(folder).map_err(|source| unopened(folder, source))?;
    }
    let is_guessed = domains.more && args.zones.origin.is_none();
    let only = if is_guessed { domains.only().cloned() } else { None };
    let reader = ZoneReader {
        args: &args.zones,
        domains: only.as_ref().map_or_else(|| domains.arguments(), |only| vec![only]),
        more: domains.more && only.is_none(),
        interrupt,
        included: Mutex::default(),
    };
    let several =
        inputs.iter().any(|input| input.is_folder) || inputs.len() + args.zones.zone_name.len() > 1;
    let mut gathered = Gathered::default();
    for input in &inputs {
        gathered.notes.extend(input.notes.iter().cloned());
        gathered.input(input, &reader, several)?;
    }
    gathered.transfers(args, &reader, several)?;
    gathered.leave_out_included(&reader);
    gathered.leave_out_doubles();
    let Gathered { read, mut broken, mut notes, guessed } = gathered;
    if read.is_empty() && !broken.is_empty() {
        return Err(trouble(broken.iter().map(Broken::problem), None));
    }
    let missed: Vec<_> = read.iter().map(|it| reader.missed(&it.name, &it.file)).collect();
    let files = read.into_iter().map(|it| it.file).collect();
    let mut zones = Zones::of(files, args.zones.origin.as_ref());
    leave_out_clashes(&mut zones, &mut broken, &guessed)?;
    let is_missed = |domain: &&MailDomain| {
        let name = domain.name();
        !zones.hold(name) && !broken.iter().any(|broken| broken.concerns(name))
    };
    let named = !reader.domains.is_empty() || reader.more;
    if named && !reader.more && reader.domains.iter().all(is_missed) {
        if args.resolver.is_empty() {
            return Err(trouble(missed, Some(MISSED)));
        }
        // The network answers for the domains then, which is hardly what the files were given for.
        notes.extend(missed.into_iter().take(SHOWN));
    }
    let found = if named { None } else { Some(found(&zones, &broken, &mut notes)?) };
    notes.iter().take(SHOWN).for_each(|note| progress.note(&format!("note: {note}")));
    if notes.len() > SHOWN {
        progress.note(&format!("note: there are {} more notes of this kind", notes.len() - SHOWN));
    }
    let included = reader.into_included().map(|path| ("$INCLUDE", path));
    let places = inputs.into_iter().flat_map(|input| input.places);
    let in_folders = places.filter(|place| place.found.is_some()).map(|it| ("--zone", it.path));
    Ok(ZoneData { zones, broken, found, files: in_folders.chain(included).collect() })
}

/// Whether a file can be read, unless it is a pipe or a device, of which nothing is to be lost.
fn touch(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        let _octets = File::open(path)?.read(&mut [0])?;
    }
    Ok(())
}

/// What one `--zone` names.
struct Input {
    places: Vec<Place>,
    is_folder: bool,
    /// The folders below that cannot be read.
    closed: Vec<(PathBuf, io::Error)>,
    notes: Vec<String>,
}

/// Looks what is a file and what is a folder.
fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Trouble> {
    let input = |path: &PathBuf| {
        if !fs::metadata(path).is_ok_and(|known| known.is_dir()) {
            let places = vec![Place::named(path)];
            return Ok(Input { places, is_folder: false, closed: Vec::new(), notes: Vec::new() });
        }
        let walk = Walk::through(path).map_err(|source| unopened(path, source))?;
        let notes = walk.notes();
        if walk.files.is_empty() && walk.closed.is_empty() {
            let problem = format!("{}: there is no zone file in it", path_text(path));
            let hint = (!notes.is_empty()).then(|| notes.join("; "));
            return Err(Trouble::Usage { problem, hint });
        }
        Ok(Input { places: walk.files, is_folder: true, closed: walk.closed, notes })
    };
    paths.iter().map(input).collect()
}

/// A zone that was read.
struct Read {
    /// What it is called in messages.
    name: String,
    /// The file, where it was found in a folder.
    source: Option<Source>,
    file: ZoneFile,
}

/// What is read so far.
#[derive(Default)]
struct Gathered {
    read: Vec<Read>,
    broken: Vec<Broken>,
    notes: Vec<String>,
    /// The files that left their origin to a guess.
    guessed: Vec<String>,
}

impl Gathered {
    /// Reads what one option names; the records of a folder count together.
    fn input(
        &mut self,
        input: &Input,
        reader: &ZoneReader<'_>,
        several: bool,
    ) -> Result<(), Trouble> {
        self.broken.extend(input.closed.iter().map(|(path, source)| closed(path, source)));
        let mut records = 0;
        for place in &input.places {
            reader.interrupt.check()?;
            let left = reader.args.max_records.saturating_sub(records);
            match reader.read(place, Limits::of_records(left)) {
                Ok(done) => {
                    records += done.file.records();
                    self.done(place, done, reader);
                }
                Err(undone) => self.broken.extend(self::undone(place, undone, several)?),
            }
        }
        Ok(())
    }

    /// Takes a file that was read, with what there is to say of it.
    fn done(&mut self, place: &Place, done: Done, reader: &ZoneReader<'_>) {
        let Done { file, assumed, notes } = done;
        self.notes.extend(notes);
        let name = place.text();
        if let Some(origin) = assumed {
            // In a folder, files without an $ORIGIN are the rule, and named like their zones.
            if place.found.is_none() {
                self.notes.push(guess_note(&name, &origin));
            }
            self.guessed.push(name.clone());
        }
        let apex = file.apex().or(reader.args.origin.as_ref());
        if let Some((apex, outside)) = apex.and_then(|apex| Some((apex, file.outside(apex)?))) {
            self.notes.push(stray_note(place, apex, &outside));
        }
        let source = place.found.is_some().then(|| place.source());
        self.read.push(Read { name, source, file });
    }

    /// Transfers what is to be transferred.
    fn transfers(
        &mut self,
        args: &AskArgs,
        reader: &ZoneReader<'_>,
        several: bool,
    ) -> Result<(), Trouble> {
        for transferred in transfers::read(args, reader.interrupt)? {
            self.notes.extend(transferred.note);
            let source = transferred.source;
            match transferred.file {
                Ok(file) => self.read.push(Read { name: source, source: None, file }),
                Err(Refused { problem, hint }) => {
                    let problem = format!("{source}: {problem}");
                    if !several {
                        return Err(trouble([problem], hint.as_deref()));
                    }
                    let about = About::Zone(transferred.zone);
                    self.broken.push(Broken::new(source, &[problem], hint.as_deref(), about));
                }
            }
        }
        Ok(())
    }

    /// What another file includes is no zone of its own, in whatever order both were read, unless its
    /// SOA record says that it is one, and of no zone at hand.
    fn leave_out_included(&mut self, reader: &ZoneReader<'_>) {
        let is_included = |read: &Read| {
            read.source.as_ref().is_some_and(|source| reader.is_included(&source.path))
        };
        let (included, mut read): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.read).into_iter().partition(is_included);
        let apexes: HashSet<Name> =
            read.iter().filter_map(|it| Some(it.file.apex()?.to_lowercase())).collect();
        let is_own = |it: &Read| {
            it.file.soa().is_some_and(|(apex, _)| !apexes.contains(&apex.to_lowercase()))
        };
        read.extend(included.into_iter().filter(is_own));
        self.read = read;
        self.broken.retain(|broken| !broken.path().is_some_and(|path| reader.is_included(path)));
    }
}

/// A file that cannot be read: trouble where it is the only one, or where the user named what is not
/// there.
fn undone(place: &Place, undone: Undone, several: bool) -> Result<Option<Broken>, Trouble> {
    let is_named = place.found.is_none();
    let name = place.text();
    let (problems, hint, rest, first) = match undone {
        Undone::Closed(source) if is_named => return Err(unopened(&place.path, source)),
        Undone::Closed(source) => (vec![unread(&place.path, &source)], None, None, None),
        Undone::Wrong { problems, hint, .. } if !several => {
            return Err(trouble(problems, hint.as_deref()));
        }
        Undone::Wrong { problems, hint, rest, first } => (problems, hint, Some(rest), first),
    };
    let about = match rest.filter(|rest| rest.apex().is_some() || !is_named && rest.records() > 0) {
        Some(rest) => About::Rest(rest),
        None if is_named => About::Any,
        None => place.zone().map_or(About::Nobody, About::Zone),
    };
    let path = (!is_named).then(|| place.path.clone());
    let broken = Broken::new(name, &problems, hint.as_deref(), about);
    Ok(Some(broken.found_at(path).first_at(first)))
}

/// A folder that cannot be read: the name of one does not tell which zones are in it.
fn closed(path: &Path, source: &io::Error) -> Broken {
    Broken::new(path_text(path), &[unread(path, source)], None, About::Nobody)
}

fn unread(path: &Path, source: &io::Error) -> String {
    format!("{}: it cannot be read: {source}", path_text(path))
}

/// Leaves out the zones with records that exclude each other, which no server loads; where it is the
/// only zone, or there is none, that is trouble.
fn leave_out_clashes(
    zones: &mut Zones,
    broken: &mut Vec<Broken>,
    guessed: &[String],
) -> Result<(), Trouble> {
    let clashes = zones.clashes();
    let is_alone = zones.count() < 2;
    if clashes.iter().any(|clash| is_alone || clash.zone.is_none()) {
        let hint = (guessed.len() > 1).then(|| {
            format!(
                "{} have no $ORIGIN and are read as one zone; add an $ORIGIN line to what is another",
                listed(guessed)
            )
        });
        return Err(trouble(clashes.iter().map(ToString::to_string), hint.as_deref()));
    }
    for of_zone in clashes.chunk_by(|one, other| one.zone == other.zone) {
        let Some(first) = of_zone.first() else { continue };
        let Some(zone) = first.zone.clone() else { continue };
        let problems: Vec<_> = of_zone.iter().map(ToString::to_string).collect();
        zones.leave_out(&zone);
        let source = format!("zone {}", plain_text(&zone));
        let it = Broken::new(source, &problems, None, About::Zone(zone));
        broken.push(it.first_at(first.position.clone()));
    }
    Ok(())
}

/// The mail domains of the zones.
fn found(
    zones: &Zones,
    broken: &[Broken],
    notes: &mut Vec<String>,
) -> Result<MailDomains, Trouble> {
    let Found { domains, without_mail } = zones.mail_domains();
    if !without_mail.is_empty() {
        let some: Vec<_> = without_mail.iter().take(3).map(plain_text).collect();
        let (take, are) = if without_mail.len() == 1 { ("takes", "is") } else { ("take", "are") };
        let such = if without_mail.len() > some.len() { ", such as " } else { ": " };
        notes.push(format!(
            "{} {take} no mail (null MX, RFC 7505) and {are} not judged{such}{}",
            counted(without_mail.len(), "zone"),
            listed(&some)
        ));
    }
    if domains.iter().next().is_none() && broken.is_empty() {
        return Err(Trouble::usage(
            "there is no mail domain in the zones",
            "name one, as in mailsrv audit example.com",
        ));
    }
    Ok(domains)
}

/// What lies outside a zone is no error to a server; whoever typed it hardly knows.
fn stray_note(place: &Place, apex: &Name, outside: &Outside) -> String {
    let file = place.text();
    let Outside { records, first } = outside;
    let (lie, they) = if *records == 1 { ("lies", "it is") } else { ("lie", "they are") };
    let records = counted(*records, "record");
    let first = match first {
        Some(first) if *first.file == *place.name() => {
            format!(", the first in line {}", first.line)
        }
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
