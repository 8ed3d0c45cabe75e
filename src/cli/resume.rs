//! Going on with a report that a run did not end.
//!
//! A journal says what the run was, and of each domain that is reported what it came to; those are not
//! asked about again, and counted as they were.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::UNIX_EPOCH;

use clap::ArgMatches;
use clap::parser::ValueSource;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::args;
use super::audit_args::AuditArgs;
use super::domains::Drafted;
use super::trouble::Trouble;
use crate::audit::{Severity, Verdict};
use crate::hosting::Hosting;
use crate::interrupt::Interrupt;
use crate::list::Listed;
use crate::name::path_text;
use crate::output::Journalled;
use crate::report::{Baseline, Format, Share, Steps, Tally};

/// The options that change no verdict and no octet of a report: how it is asked and told. A run may be
/// gone on with slower than it was begun.
const FREE: [&str; 14] = [
    "resume",
    "output",
    "quiet",
    "verbose",
    "progress",
    "color",
    "rate",
    "timeout",
    "tries",
    "deadline",
    "concurrency",
    "random_case",
    "jobs",
    "exit_zero",
];

/// What of a run is compared by a digest.
const PROFILE: &str = "the profile";
const LIST: &str = "the list";
const FILES: &str = "a file that it reads";

/// Whether a run leaves a report that another can go on with: one of whole lines, of several domains
/// that are reported one by one, and whose answers nobody wants kept.
pub(super) fn is_resumable(args: &AuditArgs, many: bool) -> bool {
    many && is_of_lines(args.format)
        && args.subjects.output.is_some()
        && args.fix.is_none()
        && args.wait.is_none()
        && args.record.is_none()
}

/// Whether a report is made of lines that say all there is of a domain, and of nothing else.
fn is_of_lines(format: Format) -> bool {
    [Format::JSON, Format::CSV].contains(&format)
}

/// What `--resume` cannot go on with.
pub(super) fn refuse(args: &AuditArgs) -> Result<(), Trouble> {
    if !args.resume {
        return Ok(());
    }
    let Some(output) = &args.subjects.output else {
        let problem = "--resume goes on with a report in a file, and there is none";
        return Err(Trouble::usage(problem, "name it with -o FILE"));
    };
    if !is_of_lines(args.format) {
        let problem = format!("--resume: a report of -f {} is made in one go", args.format.text());
        return Err(Trouble::usage(
            problem,
            "make it with -f json, of which mailsrv merge makes the others",
        ));
    }
    if fs::metadata(output).is_ok_and(|known| !known.is_file()) {
        let problem = "--resume goes on with a regular file, and -o names none";
        return Err(Trouble::usage(problem, "name a file with -o FILE"));
    }
    Ok(())
}

/// What a run is: what has to be the same for its report to be gone on with.
pub(super) struct Resume {
    about: BTreeMap<String, String>,
    hashes: Vec<u64>,
    key: RandomState,
    /// What the reported domains came to.
    tally: Tally,
    /// It meets them.
    baseline: Option<Baseline>,
}

/// A line of the journal, behind how far the report goes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryShape<'a> {
    /// What tells the domain, or a line that is none, from all others.
    #[serde(borrow)]
    of: Cow<'a, str>,
    /// What the report calls it, where that is something else.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    typed: Option<Cow<'a, str>>,
    verdict: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    known: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    worst: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "is_none")]
    publish: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    delete: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The domains that an earlier run reported, 64 bits each.
pub(super) struct Done {
    /// In their order.
    hashes: Vec<u64>,
    key: RandomState,
    /// How many of them this run was given, too.
    met: Cell<usize>,
}

/// They are known once the report is opened, which is after the domains begin to be read.
pub(super) type Known = Rc<OnceCell<Done>>;

impl Resume {
    /// Of a run with this profile and this list, and with these options as typed; `files` are those of
    /// zones.
    pub(super) fn of(
        args: &AuditArgs,
        typed: &ArgMatches,
        hosting: &Hosting,
        list: Option<&Path>,
        files: &[(&'static str, PathBuf)],
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let mut about = options(typed);
        about.insert("mailsrv".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        about.insert(PROFILE.to_owned(), digest(format!("{hosting:?}").as_bytes()));
        if let Some(list) = list.filter(|list| list.is_file()) {
            let read = digest_of_file(list, interrupt);
            let read = read.map_err(|source| Trouble::Read { path: list.to_owned(), source })?;
            about.insert(LIST.to_owned(), read);
        }
        let named = args.ask.zones.zone.iter().chain(&args.baseline).chain(&args.ask.replay);
        let named = named.map(PathBuf::as_path).chain(files.iter().map(|(_, path)| path.as_path()));
        let stamps: String = named.map(stamp).collect();
        if !stamps.is_empty() {
            about.insert(FILES.to_owned(), digest(stamps.as_bytes()));
        }
        let (hashes, key, tally) = (Vec::new(), RandomState::new(), Tally::default());
        Ok(Self { about, hashes, key, tally, baseline: None })
    }

    /// The domains that are met as they are read belong to an earlier report, too.
    pub(super) fn meeting(self, baseline: Option<Baseline>) -> Self {
        Self { baseline, ..self }
    }

    /// What is to be left out, what that came to, and the earlier report.
    pub(super) fn into_parts(self) -> (Done, Tally, Option<Baseline>) {
        let Self { mut hashes, key, tally, baseline, .. } = self;
        hashes.sort_unstable();
        (Done { hashes, key, met: Cell::new(0) }, tally, baseline)
    }
}

impl Journalled for Resume {
    fn head(&self) -> String {
        // Words have a form in JSON.
        serde_json::to_string(&self.about).unwrap_or_default()
    }

    fn differs(&self, head: &str) -> Option<String> {
        let Ok(earlier) = serde_json::from_str::<BTreeMap<String, String>>(head) else {
            return Some("its journal is none".to_owned());
        };
        let names = earlier.keys().chain(self.about.keys());
        let mut differ = names.filter(|name| earlier.get(*name) != self.about.get(*name));
        let name = differ.next()?;
        let said = |value: Option<&String>| match value.map(String::as_str) {
            None => "not given".to_owned(),
            Some("") => "given".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        Some(match name.as_str() {
            PROFILE | LIST | FILES => format!("{name} has changed since"),
            _ => format!(
                "{name} was {}, and is {}",
                said(earlier.get(name)),
                said(self.about.get(name))
            ),
        })
    }

    fn take(&mut self, line: &str) -> bool {
        let Ok(entry) = serde_json::from_str::<EntryShape<'_>>(line) else { return false };
        let verdict = Verdict::ALL.into_iter().find(|it| it.text() == entry.verdict);
        let severity =
            |worst: &str| Severity::ALL.into_iter().find(|severity| severity.text() == worst);
        let (Some(verdict), known) = (verdict, entry.known) else { return false };
        let worst = match entry.worst.as_deref().map(severity) {
            Some(None) => return false,
            worst => worst.flatten(),
        };
        let steps = Steps::new(entry.publish, entry.delete);
        self.tally.add(Share { verdict, known, worst, steps });
        if let Some(baseline) = &mut self.baseline {
            baseline.meet(entry.typed.as_deref().unwrap_or(&entry.of));
        }
        self.hashes.push(self.key.hash_one(&*entry.of));
        true
    }
}

impl Done {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.hashes.len()
    }

    /// How many of them were not given again.
    pub(super) fn lost(&self) -> usize {
        self.count().saturating_sub(self.met.get())
    }

    /// Whether a domain is one of them.
    pub(super) fn has(&self, of: &str) -> bool {
        self.hashes.binary_search(&self.key.hash_one(of)).is_ok()
    }
}

/// What is left to do of these.
pub(super) fn left<T>(
    works: impl Iterator<Item = Drafted<Option<T>>>,
    known: Known,
) -> impl Iterator<Item = Drafted<T>> {
    works.filter_map(move |work| {
        let (listed, draft) = match work {
            Err(trouble) => return Some(Err(trouble)),
            Ok(work) => work,
        };
        if let Some(done) = known.get()
            && done.has(&key(&listed))
        {
            done.met.set(done.met.get() + 1);
            return None;
        }
        Some(Ok((listed, draft.transpose()?)))
    })
}

/// What tells a domain, or a line that is none, from all others of a run.
pub(super) fn key(listed: &Listed) -> String {
    match &listed.parsed {
        Ok((domain, _)) => domain.as_str().to_owned(),
        Err(_) => format!("{} {}", listed.line.unwrap_or_default(), listed.typed),
    }
}

/// What the journal says of a domain that is reported.
pub(super) fn entry(key: &str, typed: &str, share: Share) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.');
    if key == typed && !share.known && key.bytes().all(is_plain) {
        return plain_entry(key, share);
    }
    let shape = EntryShape {
        of: key.into(),
        typed: Some(typed).filter(|typed| *typed != key).map(Into::into),
        verdict: share.verdict.text().into(),
        known: share.known,
        worst: share.worst.map(|worst| worst.text().into()),
        publish: share.steps.publications(),
        delete: share.steps.deletions(),
    };
    // Words and numbers have a form in JSON.
    serde_json::to_string(&shape).unwrap_or_default()
}

/// The same of one that is called what it is, of which nothing has to be escaped: nearly all are so.
fn plain_entry(key: &str, share: Share) -> String {
    let mut text = String::with_capacity(key.len() + 64);
    for part in ["{\"of\":\"", key, "\",\"verdict\":\"", share.verdict.text(), "\""] {
        text.push_str(part);
    }
    if let Some(worst) = share.worst {
        let _into_memory = write!(text, ",\"worst\":\"{}\"", worst.text());
    }
    let counts = [("publish", share.steps.publications()), ("delete", share.steps.deletions())];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let _into_memory = write!(text, ",\"{name}\":{count}");
    }
    text.push('}');
    text
}

/// The command that goes on with a run, for a shell.
pub(super) fn command(args: &[OsString]) -> String {
    let mut words: Vec<String> = args.iter().map(|word| quoted(word)).collect();
    if !args.iter().any(|word| word == "--resume") {
        words.push("--resume".to_owned());
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The options of an audit as typed, but for those that are free, by their names.
fn options(typed: &ArgMatches) -> BTreeMap<String, String> {
    let command = args::command();
    let audit = command.find_subcommand("audit").into_iter();
    let mut options = BTreeMap::new();
    for argument in audit.flat_map(clap::Command::get_arguments) {
        let id = argument.get_id().as_str();
        if FREE.contains(&id) || typed.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let name = argument
            .get_long()
            .map_or_else(|| "the domains as typed".to_owned(), |long| format!("--{long}"));
        let values = typed.get_raw(id).into_iter().flatten().map(|it| it.to_string_lossy());
        let values: Vec<_> =
            values.filter(|it| argument.get_action().takes_values() || it != "true").collect();
        options.insert(name, values.join(" "));
    }
    options
}

fn digest(octets: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(octets))
}

/// What a file holds, read through.
fn digest_of_file(path: &Path, interrupt: &Interrupt) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut digest, mut block) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        interrupt.check()?;
        match file.read(&mut block)? {
            0 => return Ok(HEXLOWER.encode(&digest.finalize())),
            taken => digest.update(&block[..taken]),
        }
    }
}

/// What tells a file from what it was before, for those that are too large to be read twice.
fn stamp(path: &Path) -> String {
    let known = fs::metadata(path).ok().filter(fs::Metadata::is_file);
    let modified = known.as_ref().and_then(|known| known.modified().ok());
    let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let length = known.map(|known| known.len());
    format!("{} {length:?} {modified:?}\n", path_text(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_without_a_serializer_reads_as_what_is_not() {
        let share = Share {
            verdict: Verdict::Fail,
            known: false,
            worst: Some(Severity::Error),
            steps: Steps::new(3, 1),
        };
        let passed =
            Share { verdict: Verdict::Pass, known: false, worst: None, steps: Steps::default() };
        for share in [share, passed, Share { steps: Steps::new(0, 2), ..share }] {
            let plain = entry("d1.a-b.test", "d1.a-b.test", share);
            // One that has to be escaped is written by the serializer.
            let escaped = entry("\"", "\"", share);
            assert_eq!(plain, escaped.replace("\\\"", "d1.a-b.test"));
        }
    }
}
