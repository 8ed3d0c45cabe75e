//! `mailsrv audit`: what is wrong with the records in DNS.

use std::io::{Write, sink};
use std::path::PathBuf;

use clap::ArgMatches;
use sha2::{Digest, Sha256};

use super::answers::{Source, seekable};
use super::audit_args::{AuditArgs, selection};
use super::desk::{self, Desk};
use super::domains::Domains;
use super::env::Env;
use super::events::Event;
use super::meeting::Named;
use super::progress::Progress;
use super::resume::{Done, Known, Resume};
use super::trouble::Trouble;
use super::web_folder::WebFolder;
use super::{exit, meeting, profile, resume, zones};
use crate::audit::{Policy, Series, Severity};
use crate::hosting::{Hosting, file};
use crate::interrupt::Interrupt;
use crate::name::{Shard, path_text};
use crate::output::{Begun, Output};
use crate::render::{OutsideApex, Scope};
use crate::report::{Baseline, Format, Looks, Part, Report, Rows, Settings, Status, Tally};
use crate::words::counted;

/// Reads everything that may be wrong with the arguments first, so that nothing is asked or written
/// in vain, and judges domain after domain as answers come.
pub(super) fn run(
    args: &AuditArgs,
    typed: Option<&ArgMatches>,
    env: &mut Env<'_>,
) -> Result<u8, Trouble> {
    let certificates = profile::certificates(&args.certificate, &env.interrupt)?;
    let hosting = profile::read(&args.subjects, &env.interrupt)?.with_certificates(certificates);
    let policy = policy(&hosting, args);
    let series = Series::new(&hosting, &policy);
    let series = if args.quick { series.for_errors() } else { series };
    refuse_one_file(args)?;
    let mut domains = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
    let baseline = read_baseline(args, &env.interrupt)?;
    refuse_options(args, domains.many())?;
    resume::refuse(args)?;
    let to_terminal = env.stdout_is_terminal && args.subjects.output.is_none();
    let progress = Progress::new(&mut env.stderr, args.subjects.quiet, env.stderr_is_terminal);
    let mut progress = progress.folding(env.stderr_columns).told(args.progress);
    progress.tell(&started(args));
    let web = WebFolder::named(args.documents.as_deref(), &env.interrupt, &mut progress)?;
    let mut source =
        Source::open(&args.ask, args.probe, &hosting, &mut domains, &mut progress, &env.interrupt)?;
    let files = source.take_files();
    refuse_zone_files(args, &files)?;
    let broken = source.take_broken();
    let many = domains.many() || !broken.is_empty();
    // How many mail domains the zones have is known now.
    refuse_options(args, many)?;
    let untaken = domains.untaken();
    if progress.is_followed() {
        progress.expect(domains.length(desk::list_of(&args.subjects)));
    }
    let known = Known::default();
    let is_named = !domains.arguments().is_empty();
    let (_, works) = domains.drafted(None, |domain, columns| {
        if known.get().is_some_and(|done| done.has(domain.as_str())) {
            return Ok(None);
        }
        OutsideApex::refuse(domain, args.zone_apex.as_ref()).map_err(|it| it.to_string())?;
        // What is named is refused at once.
        let named = is_named.then(|| series.candidate(domain, columns)).transpose();
        named.map(|_planned| Some(())).map_err(|refusal| refusal.to_string())
    })?;
    let places = zones::places(&broken);
    let works = resume::left(zones::with_works(broken, args.subjects.shard, works), known.clone());
    let colour = args.color.is_on(to_terminal, env.no_color);
    let looks = Looks { colour, full: args.verbose || !many, width: env.stdout_columns };
    let talk = (&mut progress, &env.interrupt);
    let settings = settings(args, &hosting, looks);
    let resume = resumable(args, typed, many, &hosting, &files, &env.interrupt)?;
    let opening = Opening { resume, baseline, settings: settings.clone() };
    let (output, report) = begin(args, opening, &known, talk, &mut env.stdout)?;
    let network = source.network();
    if let Some(network) = &network {
        progress.watch(network.clone());
    }
    let mut desk = Desk {
        layouts: Desk::layouts(args, &report),
        args,
        hosting: &hosting,
        policy: &policy,
        settings,
        series: &series,
        output,
        report,
        progress,
        network,
        to_terminal,
        interrupt: &env.interrupt,
        broken: places,
        unfinished: 0,
        many,
        command: resume::command(&env.args),
        pages: None,
        web,
    };
    let ended = source.answer(works, &mut desk).and_then(|()| refuse_lost(args, &known));
    let tally = desk.end(ended, &untaken)?;
    Ok(code(args, &tally))
}

/// The exit code of a run that came to its end.
fn code(args: &AuditArgs, tally: &Tally) -> u8 {
    if args.exit_zero {
        return exit::CLEAN;
    }
    if args.format == Format::NAGIOS {
        return Status::of(tally, args.fail_on).code();
    }
    exit_code(tally, args.fail_on)
}

/// What a report looks like, in this format.
fn settings(args: &AuditArgs, hosting: &Hosting, looks: Looks) -> Settings {
    Settings {
        forms: args.forms.unwrap_or_default(),
        evidence: args.observed,
        rows: args.per,
        fix: args.fix,
        zone_apex: args.zone_apex.clone(),
        fail_on: args.fail_on,
        part: args.subjects.shard.map(|shard| part(shard, hosting, args)),
        ..Settings::from(looks)
    }
}

/// What the run is, where another one can go on with its report.
fn resumable(
    args: &AuditArgs,
    typed: Option<&ArgMatches>,
    many: bool,
    hosting: &Hosting,
    files: &[(&'static str, PathBuf)],
    interrupt: &Interrupt,
) -> Result<Option<Resume>, Trouble> {
    let typed = typed.filter(|_| resume::is_resumable(args, many || args.resume));
    let list = desk::list_of(&args.subjects);
    typed.map(|typed| Resume::of(args, typed, hosting, list, files, interrupt)).transpose()
}

/// What a report is begun with.
struct Opening {
    /// What the run is, where its report can be gone on with.
    resume: Option<Resume>,
    baseline: Option<Baseline>,
    settings: Settings,
}

/// Begins the report, or goes on with what an earlier run has of it.
fn begin<'a>(
    args: &AuditArgs,
    opening: Opening,
    known: &Known,
    talk: (&mut Progress<'_>, &Interrupt),
    stdout: &'a mut dyn Write,
) -> Result<(Output<'a>, Report), Trouble> {
    let Opening { resume, baseline, settings } = opening;
    let (progress, interrupt) = talk;
    let path = args.subjects.output.as_deref();
    let (mut output, begun, earlier, baseline) = match (resume, path) {
        (Some(resume), Some(path)) => {
            let mut resume = resume.meeting(baseline);
            let opened = Output::open_journalled(path, &mut resume, args.resume, interrupt)?;
            let (done, tally, baseline) = resume.into_parts();
            (opened.0, opened.1, Some((done, tally)), baseline)
        }
        (_, path) => (Output::open(path, stdout, interrupt)?, Begun::New, None, baseline),
    };
    let earlier = earlier.filter(|(done, _)| done.count() > 0);
    let report = match earlier {
        // What stands in front of the first domain does so already.
        Some(_) => Report::begin(args.format, settings, &mut sink()),
        None => Report::begin(args.format, settings, &mut output),
    };
    let mut report = report.map_err(|error| output.failed(error))?;
    report.select(selection(&args.only));
    if let Some(baseline) = baseline {
        report.compare(baseline);
    }
    if let Some((done, tally)) = earlier {
        let count = done.count();
        let (domains, are) = (counted(count, "domain"), if count == 1 { "is" } else { "are" });
        progress.note(&format!("{domains} {are} reported already, the others follow"));
        progress.go_on(&tally);
        report.go_on(tally);
        let _first = known.set(done);
    } else if begun == Begun::Anew {
        progress.note("note: begins anew, in place of a report that was not whole");
    }
    Ok((output, report))
}

/// What is reported and not given any more: the report would not be that of one run.
fn refuse_lost(args: &AuditArgs, known: &Known) -> Result<(), Trouble> {
    let lost = known.get().map_or(0, Done::lost);
    let Some(output) = args.subjects.output.as_deref().filter(|_| lost > 0) else { return Ok(()) };
    let are = if lost == 1 { "is" } else { "are" };
    Err(Trouble::Input {
        file: path_text(output),
        problem: format!(
            "{} that {are} reported {are} not given any more\nhint: begin anew, without --resume",
            counted(lost, "domain")
        ),
    })
}

/// What scripts are told first.
fn started(args: &AuditArgs) -> Event<'static> {
    let wait = args.wait.map(|wait| wait.as_secs());
    Event::Started { wait, until: args.wait.map(|_| args.until.text()) }
}

/// Reads an earlier report, where one is named.
fn read_baseline(args: &AuditArgs, interrupt: &Interrupt) -> Result<Option<Baseline>, Trouble> {
    let Some(path) = args.baseline.as_deref() else { return Ok(None) };
    let file = seekable(path, interrupt)
        .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    let go_on = || interrupt.check().map_err(Into::into);
    let read = Baseline::read_while(file, args.subjects.shard, go_on);
    read.map(Some).map_err(|error| Trouble::Input {
        file: path_text(path),
        problem: format!("{error}\nhint: give a report of audit -f json"),
    })
}

/// What a format cannot do with the other options.
fn refuse_options(args: &AuditArgs, many: bool) -> Result<(), Trouble> {
    if let Some(format) = args.fix {
        let word = format.text();
        if format.is_template() {
            let problem = format!("--fix {word}: a template is the same for all domains");
            return Err(Trouble::usage(problem, "name a format that has a domain's records"));
        }
        let holds_one = match format.scope() {
            Scope::OneEach => Some("one zone"),
            Scope::ZoneOnce if args.zone_apex.is_some() => Some("one domain of a zone"),
            Scope::ZoneOnce | Scope::Stream => None,
        };
        if let Some(one) = holds_one.filter(|_| many) {
            let problem = format!("--fix {word}: a file holds {one}");
            return Err(Trouble::usage(problem, "audit one domain at a time"));
        }
    }
    if args.per == Rows::Domain && args.format != Format::CSV {
        return Err(Trouble::usage("--per domain is for rows of CSV", "add -f csv"));
    }
    let is_read = desk::list_of(&args.subjects).is_some()
        || !args.ask.zones.zone.is_empty()
        || args.subjects.profile.is_some();
    if args.format == Format::SARIF && !is_read {
        return Err(Trouble::usage(
            "SARIF has findings at lines of files, and this run reads none",
            "name a file with --input, --zone or --profile",
        ));
    }
    Ok(())
}

/// The files that a run writes.
fn written(args: &AuditArgs) -> Vec<Named<'_>> {
    let record = args.record.as_deref().map(|path| ("--record", path));
    let output = args.subjects.output.as_deref().map(|path| ("--output", path));
    record.into_iter().chain(output).collect()
}

/// The same of the zone files that no option names, which are known when they have been read.
fn refuse_zone_files(args: &AuditArgs, files: &[(&'static str, PathBuf)]) -> Result<(), Trouble> {
    let written = written(args);
    let read = files.iter().map(|(by, path)| (*by, path.as_path()));
    meeting::refuse(&written, read.clone())?;
    meeting::refuse_kept(&written, read)
}

/// What is written over what is read, or over something else that is written, is lost.
fn refuse_one_file(args: &AuditArgs) -> Result<(), Trouble> {
    let written = written(args);
    let replay = args.ask.replay.as_deref().map(|path| ("--replay", path));
    let baseline = args.baseline.as_deref().map(|path| ("--baseline", path));
    let certificates = args.certificate.iter().map(|path| ("--certificate", path.as_path()));
    let zones = args.ask.zones.zone.iter().map(|path| ("--zone", path.as_path()));
    let authorities = args.ask.ca_file.as_deref().map(|path| ("--ca-file", path));
    let anchors = args.ask.trust_anchor.as_deref().map(|path| ("--trust-anchor", path));
    let key = args.ask.zones.tsig_key_file.as_deref().map(|path| ("--tsig-key-file", path));
    let read = meeting::read_by(&args.subjects).chain(replay).chain(baseline);
    let read = read.chain(certificates).chain(zones);
    let hints = args.ask.root_hints.as_deref().map(|path| ("--root-hints", path));
    let read: Vec<_> = read.chain(authorities).chain(anchors).chain(hints).chain(key).collect();
    meeting::refuse(&written, read.iter().copied())?;
    meeting::refuse_kept(&written, read.into_iter())
}

/// The severities of the profile, overridden by those of the command line.
fn policy(hosting: &Hosting, args: &AuditArgs) -> Policy {
    let mut policy = Policy::default();
    policy.expiry = args.visits.expiry.as_secs();
    policy.strict = args.strict;
    for (code, severity) in hosting.severities().iter().chain(&args.severity) {
        policy.set(*code, *severity);
    }
    policy
}

/// Which part of a run the report is. The digest stands for what the verdicts depend on beside DNS.
fn part(shard: Shard, hosting: &Hosting, args: &AuditArgs) -> Part {
    let mut digest = Sha256::new();
    digest.update(file::write(hosting));
    digest.update(format!("{:?}{:?}{:?}", hosting.certificates(), args.strict, args.quick));
    if args.probe {
        digest.update(format!("probe {:?}", args.visits));
    }
    if args.forecast {
        digest.update(format!("forecast {:?}", args.documents));
    }
    let set = args.subjects.set.iter().map(|it| format!("{it:?}"));
    let severities = args.severity.iter().map(|(code, level)| format!("{code} {level:?}"));
    set.chain(severities).for_each(|text| digest.update(text));
    let profile = digest.finalize()[..8].iter().map(|octet| format!("{octet:02x}")).collect();
    Part { shard, profile, all: args.only.is_empty() && args.baseline.is_none() }
}

/// Findings beat what was not judged: a script that looks for trouble has found it.
pub(super) fn exit_code(tally: &Tally, fail_on: Severity) -> u8 {
    if tally.worst() >= Some(fail_on) {
        exit::FINDINGS
    } else if tally.is_open() {
        exit::UNJUDGED
    } else {
        exit::CLEAN
    }
}
