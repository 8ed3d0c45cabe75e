//! `mailsrv audit`: what is wrong with the records in DNS.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::net::SocketAddr;
use std::ops::ControlFlow;

use hickory_proto::rr::{Name, RecordType};

use super::args::AuditArgs;
use super::env::Env;
use super::output::Output;
use super::progress::Progress;
use super::subjects::{self, Stream};
use super::trouble::Trouble;
use super::zones::{self, Audited};
use super::{certificates, exit, profile};
use crate::audit::{Policy, Severity, inquire, judge};
use crate::hosting::Hosting;
use crate::inquiry::Observed;
use crate::list::Listed;
use crate::lookup::Lookup;
use crate::lookup::hosts::Hosts;
use crate::lookup::layered::First;
use crate::lookup::recorded::{Recorder, Recording};
use crate::lookup::resolver::{Options, Resolver, parse_server};
use crate::lookup::zones::Zones;
use crate::plan::{RecordPlan, plan};
use crate::report::{Item, Looks, Report, Tally};
use crate::survey;
use crate::zonefile::Position;

/// The columns that prose is wrapped at.
const WIDTH: usize = 96;

/// The most questions that are on their way to the resolvers at one time.
const QUESTIONS_IN_FLIGHT: usize = 256;

pub(super) fn run(args: &AuditArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let certificates = certificates::read(&args.certificate)?;
    let hosting = profile::read(&args.subjects)?.with_certificates(certificates);
    let policy = policy(&hosting, args);
    let arguments = subjects::arguments(&args.subjects.domains)?;
    if args.record.is_some() && args.record == args.subjects.output {
        return Err(Trouble::usage(
            "--record and --output name the same file",
            "give each a file of its own",
        ));
    }
    let Env { stdin, stdout, stderr, .. } = env;
    let stream = Stream::open(&args.subjects, stdin)?;
    let audited = Audited {
        domains: arguments
            .iter()
            .filter_map(|subject| Some(&subject.parsed.as_ref().ok()?.0))
            .collect(),
        more: !stream.is_empty(),
    };
    let source = Source::open(args, &hosting, &audited, stderr)?;
    let many = arguments.len() > 1 || !stream.is_empty();
    let to_terminal = env.stdout_is_terminal && args.subjects.output.is_none();
    let run = Run { args, hosting: &hosting, policy: &policy };
    let looks = Looks {
        colour: args.color.is_on(to_terminal, env.no_color),
        full: args.verbose || !many,
        width: WIDTH,
    };
    let watched = env.stderr_is_terminal && many && !to_terminal && !args.subjects.quiet;
    let arguments = arguments.into_iter().map(|subject| run.prepare_argument(subject));
    let arguments = arguments.collect::<Result<Vec<Work>, Trouble>>()?;
    let mut output = Output::open(args.subjects.output.as_deref(), stdout)?;
    let report = Report::begin(args.format, looks, &mut output);
    let report = report.map_err(|error| output.trouble(error))?;
    let mut desk = Desk { run: &run, output, report, progress: Progress::new(stderr, watched) };
    let works = arguments.into_iter().map(Ok).chain(stream.map(|subject| run.prepare(subject)));
    source.answer(works, &mut desk)?;
    let Desk { mut output, report, mut progress, .. } = desk;
    let tally = report.end(&mut output).map_err(|error| output.trouble(error))?;
    progress.clear();
    if many && !args.subjects.quiet {
        progress.say(&tally.to_string());
    }
    output.finish()?;
    Ok(exit_code(&tally, args.fail_on))
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

/// What stays the same over a whole run.
struct Run<'a> {
    args: &'a AuditArgs,
    hosting: &'a Hosting,
    policy: &'a Policy,
}

/// A subject with its plan, or with what makes a plan impossible.
struct Work {
    subject: Listed,
    plan: Result<RecordPlan, String>,
}

impl Run<'_> {
    /// What is wrong with an argument is a mistake in usage.
    fn prepare_argument(&self, subject: Listed) -> Result<Work, Trouble> {
        let work = self.prepare(Ok(subject))?;
        match &work.plan {
            Ok(_) => Ok(work),
            Err(error) => {
                let problem = format!("{}: {error}", work.subject.typed);
                Err(Trouble::Usage { problem, hint: None })
            }
        }
    }

    fn prepare(&self, subject: Result<Listed, Trouble>) -> Result<Work, Trouble> {
        let subject = subject?;
        let plan = match &subject.parsed {
            Ok((domain, columns)) => {
                plan(domain, self.hosting, columns).map_err(|refusal| refusal.to_string())
            }
            Err(problem) => Err(problem.clone()),
        };
        Ok(Work { subject, plan })
    }
}

/// Where results arrive one by one.
struct Desk<'a> {
    run: &'a Run<'a>,
    output: Output<'a>,
    report: Report,
    progress: Progress<'a>,
}

impl Desk<'_> {
    fn take(
        &mut self,
        work: Result<Work, Trouble>,
        observed: Option<&Observed>,
        position: impl Fn(&Name, RecordType) -> Option<Position>,
    ) -> ControlFlow<Trouble> {
        let work = match work {
            Ok(work) => work,
            Err(trouble) => return ControlFlow::Break(trouble),
        };
        self.progress.step();
        let mut audit;
        let item = match (&work.plan, observed) {
            (Ok(plan), Some(observed)) => {
                audit = judge(plan, observed, self.run.policy);
                audit.locate(position);
                Item::Judged { plan, observed, audit: &audit }
            }
            // Every plan has an inquiry, and every inquiry ends.
            (Ok(_), None) => return ControlFlow::Continue(()),
            (Err(error), _) => {
                Item::Broken { line: work.subject.line, typed: &work.subject.typed, error }
            }
        };
        match self.report.item(item, &mut self.output) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(self.output.trouble(error)),
        }
    }
}

/// Who answers the questions.
enum Source {
    Resolver { servers: Option<Vec<SocketAddr>>, options: Options },
    Zones { zones: First<Zones, Hosts>, resolver: Option<(Vec<SocketAddr>, Options)> },
    Replay(Recording),
}

impl Source {
    fn open(
        args: &AuditArgs,
        hosting: &Hosting,
        audited: &Audited<'_>,
        stderr: &mut dyn Write,
    ) -> Result<Self, Trouble> {
        let read = |path: &std::path::Path| {
            File::open(path).map_err(|source| Trouble::Read { path: path.to_owned(), source })
        };
        if let Some(path) = &args.replay {
            let reader = BufReader::new(read(path)?);
            let recording = Recording::read(reader, &path.display().to_string())
                .map_err(|error| Trouble::Profile(format!("error: {error}")))?;
            return Ok(Self::Replay(recording));
        }
        let servers = args
            .resolver
            .iter()
            .map(|typed| {
                parse_server(typed)
                    .map_err(|error| Trouble::Usage { problem: error.to_string(), hint: None })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let options =
            Options { timeout: args.timeout, tries: args.tries, in_flight: QUESTIONS_IN_FLIGHT };
        let servers = (!servers.is_empty()).then_some(servers);
        if args.zone.is_empty() {
            return Ok(Self::Resolver { servers, options });
        }
        let zones = zones::read(args, audited, stderr)?;
        let hosts = Hosts::new(hosting.addresses(), hosting.ttl());
        let resolver = servers.map(|servers| (servers, options));
        Ok(Self::Zones { zones: First::new(zones, hosts), resolver })
    }

    fn answer(
        self,
        works: impl Iterator<Item = Result<Work, Trouble>>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::Resolver { problem: error.to_string() })?;
        runtime.block_on(async {
            match self {
                Self::Replay(recording) => survey(&recording, works, desk).await,
                Self::Zones { zones, resolver: None } => recorded(zones, works, desk).await,
                Self::Zones { zones, resolver: Some((servers, options)) } => {
                    let resolver = Resolver::new(servers, options);
                    recorded(First::new(zones, resolver), works, desk).await
                }
                Self::Resolver { servers, options } => {
                    let resolver = match servers {
                        Some(servers) => Resolver::new(servers, options),
                        None => Resolver::system(options)
                            .map_err(|error| Trouble::Resolver { problem: error.to_string() })?,
                    };
                    recorded(resolver, works, desk).await
                }
            }
        })
    }
}

async fn recorded<L: Lookup>(
    lookup: L,
    works: impl Iterator<Item = Result<Work, Trouble>>,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let Some(path) = &desk.run.args.record else { return survey(&lookup, works, desk).await };
    let mut nowhere = io::sink();
    let recorder = Recorder::new(lookup, Output::open(Some(path), &mut nowhere)?);
    survey(&recorder, works, desk).await?;
    let trouble = |source| Trouble::Write { path: path.clone(), source };
    recorder.finish().map_err(trouble)?.finish()
}

async fn survey<L: Lookup>(
    lookup: &L,
    works: impl Iterator<Item = Result<Work, Trouble>>,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let concurrency = desk.run.args.concurrency as usize;
    let begin = |work: &Result<Work, Trouble>| {
        let plan = work.as_ref().ok()?.plan.as_ref().ok()?;
        Some(inquire(plan))
    };
    let sink = |work, observed: Option<Observed>| {
        desk.take(work, observed.as_ref(), |owner, rtype| lookup.position(owner, rtype))
    };
    match survey::run(works, concurrency, begin, lookup, sink).await {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(trouble) => Err(trouble),
    }
}

fn exit_code(tally: &Tally, fail_on: Severity) -> u8 {
    if tally.worst() >= Some(fail_on) {
        exit::FINDINGS
    } else if tally.is_open() {
        exit::UNJUDGED
    } else {
        exit::CLEAN
    }
}
