//! `mailsrv audit`: what is wrong with the records in DNS.

use std::io::{BufReader, sink};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::Path;

use hickory_proto::rr::{Name, RecordType};

use super::args::AuditArgs;
use super::domains::{Domains, Drafted};
use super::env::Env;
use super::progress::Progress;
use super::trouble::Trouble;
use super::{exit, meeting, profile, zones};
use crate::audit::{Policy, Severity, inquire, judge};
use crate::hosting::Hosting;
use crate::inquiry::Observed;
use crate::interrupt::{Interrupt, Interrupted, Waiting};
use crate::list::Listed;
use crate::lookup::Lookup;
use crate::lookup::hosts::Hosts;
use crate::lookup::layered::First;
use crate::lookup::recorded::{Recorder, Recording};
use crate::lookup::resolver::{Options, Resolver, parse_server};
use crate::lookup::zones::Zones;
use crate::output::{Output, OutputError};
use crate::plan::{RecordPlan, plan};
use crate::report::{Item, Looks, Report, Tally};
use crate::survey;
use crate::zonefile::Position;

/// The columns that prose is wrapped at.
const WIDTH: usize = 96;

/// The most questions that are on their way to the resolvers at one time.
const QUESTIONS_IN_FLIGHT: usize = 256;

/// Reads everything that may be wrong with the arguments first, so that nothing is asked or written
/// in vain, and judges domain after domain as answers come.
pub(super) fn run(args: &AuditArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let certificates = profile::certificates(&args.certificate, &env.interrupt)?;
    let hosting = profile::read(&args.subjects, &env.interrupt)?.with_certificates(certificates);
    let policy = policy(&hosting, args);
    refuse_one_file(args)?;
    let domains = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
    let many = domains.many();
    let to_terminal = env.stdout_is_terminal && args.subjects.output.is_none();
    let watched = env.stderr_is_terminal && many && !to_terminal;
    let mut progress = Progress::new(&mut env.stderr, args.subjects.quiet, watched);
    let source = Source::open(args, &hosting, &domains, &mut progress, &env.interrupt)?;
    let repeats = domains.repeats();
    let (_, works) = domains.drafted(None, |domain, columns| {
        plan(domain, &hosting, columns).map_err(|refusal| refusal.to_string())
    })?;
    let looks = Looks {
        colour: args.color.is_on(to_terminal, env.no_color),
        full: args.verbose || !many,
        width: WIDTH,
    };
    let mut output =
        Output::open(args.subjects.output.as_deref(), &mut env.stdout, &env.interrupt)?;
    let report = Report::begin(args.format, looks, &mut output);
    let report = report.map_err(|error| output.failed(error))?;
    let report = report.with_forms(args.forms.unwrap_or_default());
    let mut desk =
        Desk { args, policy: &policy, output, report, progress, interrupt: &env.interrupt };
    source.answer(works, &mut desk)?;
    let Desk { mut output, report, mut progress, .. } = desk;
    let tally = report.end(&mut output).map_err(|error| output.failed(error))?;
    progress.clear();
    repeats.note(&mut progress);
    if many {
        progress.note(&tally.to_string());
    }
    output.finish()?;
    Ok(exit_code(&tally, args.fail_on))
}

/// What is written over what is read, or over something else that is written, is lost.
fn refuse_one_file(args: &AuditArgs) -> Result<(), Trouble> {
    let record = args.record.as_deref().map(|path| ("--record", path));
    let output = args.subjects.output.as_deref().map(|path| ("--output", path));
    let written: Vec<_> = record.into_iter().chain(output).collect();
    let replay = args.replay.as_deref().map(|path| ("--replay", path));
    let certificates = args.certificate.iter().map(|path| ("--certificate", path.as_path()));
    let zones = args.zone.iter().map(|path| ("--zone", path.as_path()));
    let read = meeting::read_by(&args.subjects).chain(replay).chain(certificates).chain(zones);
    meeting::refuse(&written, read)
}

/// The severities of the profile, overridden by those of the command line.
fn policy(hosting: &Hosting, args: &AuditArgs) -> Policy {
    let mut policy = Policy::default();
    policy.strict = args.strict;
    for (code, severity) in hosting.severities().iter().chain(&args.severity) {
        policy.set(*code, *severity);
    }
    policy
}

/// Where results arrive one by one.
struct Desk<'a> {
    args: &'a AuditArgs,
    /// That of the profile, overridden by the command line.
    policy: &'a Policy,
    output: Output<'a>,
    report: Report,
    progress: Progress<'a>,
    interrupt: &'a Interrupt,
}

impl Desk<'_> {
    /// Judges what was observed and reports it; breaks off where the report cannot be written.
    fn take(
        &mut self,
        work: Drafted<RecordPlan>,
        observed: Option<&Observed>,
        position: impl Fn(&Name, RecordType) -> Option<Position>,
    ) -> ControlFlow<Trouble> {
        let (Listed { line, typed, .. }, plan) = match work {
            Ok(work) => work,
            Err(trouble) => return ControlFlow::Break(trouble),
        };
        self.progress.step();
        let mut audit;
        let item = match (&plan, observed) {
            (Ok(plan), Some(observed)) => {
                audit = judge(plan, observed, self.policy);
                audit.locate(position);
                Item::Judged { plan, observed, audit: &audit }
            }
            // Every plan has an inquiry, and every inquiry ends.
            (Ok(_), None) => return ControlFlow::Continue(()),
            (Err(error), _) => Item::Broken { line, typed: &typed, error },
        };
        match self.report.item(item, &mut self.output) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(self.output.failed(error).into()),
        }
    }
}

/// Who answers the questions: a recording, else zone files, and servers for what lies outside them.
struct Source {
    replay: Option<Recording>,
    zones: Option<First<Zones, Hosts>>,
    /// Without any and without zone files, the system's are asked.
    servers: Vec<SocketAddr>,
    options: Options,
}

impl Source {
    /// Reads recordings and zone files; whether servers answer, the first question tells.
    fn open(
        args: &AuditArgs,
        hosting: &Hosting,
        domains: &Domains<'_>,
        progress: &mut Progress<'_>,
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let replay = args.replay.as_deref();
        let replay = replay.map(|path| read_recording(path, interrupt)).transpose()?;
        let mut servers = Vec::new();
        for typed in &args.resolver {
            servers.push(
                parse_server(typed)
                    .map_err(|error| Trouble::Usage { problem: error.to_string(), hint: None })?,
            );
        }
        let mut zones = None;
        if !args.zone.is_empty() {
            let hosts = Hosts::new(hosting.addresses(), hosting.ttl());
            zones = Some(First::new(zones::read(args, domains, progress, interrupt)?, hosts));
        }
        let options =
            Options { timeout: args.timeout, tries: args.tries, in_flight: QUESTIONS_IN_FLIGHT };
        Ok(Self { replay, zones, servers, options })
    }

    /// Conducts all inquiries on this thread: they wait far more than they work.
    fn answer(
        self,
        works: impl Iterator<Item = Drafted<RecordPlan>>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let Self { replay, zones, servers, options } = self;
        let trouble = |problem: String| Trouble::Resolver { problem };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| trouble(error.to_string()))?;
        runtime.block_on(async {
            match (replay, zones) {
                (Some(recording), _) => survey(&recording, works, desk).await,
                (None, Some(zones)) if servers.is_empty() => recorded(zones, works, desk).await,
                (None, Some(zones)) => {
                    let resolver = Resolver::new(servers, options);
                    recorded(First::new(zones, resolver), works, desk).await
                }
                (None, None) => {
                    let resolver = match servers.is_empty() {
                        true => {
                            Resolver::system(options).map_err(|error| trouble(error.to_string()))?
                        }
                        false => Resolver::new(servers, options),
                    };
                    recorded(resolver, works, desk).await
                }
            }
        })
    }
}

/// A recording is refused for its first bad line: with answers missing, verdicts would be open.
fn read_recording(path: &Path, interrupt: &Interrupt) -> Result<Recording, Trouble> {
    let file = Waiting::open(path, interrupt)
        .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    Recording::read(BufReader::new(file), &path.display().to_string())
        .map_err(|error| Trouble::Profile(format!("error: {error}")))
}

/// Answers are written down where the user wants that; the file appears when the run is done.
async fn recorded<L: Lookup>(
    lookup: L,
    works: impl Iterator<Item = Drafted<RecordPlan>>,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let Some(path) = &desk.args.record else { return survey(&lookup, works, desk).await };
    let mut nowhere = sink();
    let recorder = Recorder::new(lookup, Output::open(Some(path), &mut nowhere, desk.interrupt)?);
    survey(&recorder, works, desk).await?;
    let unwritten = |source| OutputError::Write { path: path.clone(), source };
    Ok(recorder.finish().map_err(unwritten)?.finish()?)
}

/// Inquires of every plan; what cannot be planned passes through to the report in its place.
async fn survey<L: Lookup>(
    lookup: &L,
    works: impl Iterator<Item = Drafted<RecordPlan>>,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let concurrency = desk.args.concurrency as usize;
    let begin = |work: &Drafted<RecordPlan>| {
        let (_, plan) = work.as_ref().ok()?;
        let mut inquiry = plan.as_ref().ok().map(inquire)?;
        desk.args.forms.unwrap_or_default().seek(&mut inquiry);
        Some(inquiry)
    };
    let interrupt = desk.interrupt;
    let sink = |work, observed: Option<Observed>| {
        desk.take(work, observed.as_ref(), |owner, rtype| lookup.position(owner, rtype))
    };
    tokio::select! {
        biased;
        signal = interrupt.raised() => Err(Interrupted(signal).into()),
        run = survey::run(works, concurrency, begin, lookup, sink) => match run {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(trouble) => Err(trouble),
        },
    }
}

/// Findings beat what was not judged: a script that looks for trouble has found it.
fn exit_code(tally: &Tally, fail_on: Severity) -> u8 {
    if tally.worst() >= Some(fail_on) {
        exit::FINDINGS
    } else if tally.is_open() {
        exit::UNJUDGED
    } else {
        exit::CLEAN
    }
}
