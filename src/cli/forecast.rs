//! `mailsrv forecast`: what mail clients will conclude.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use super::answers::{Asker, Source};
use super::domains::{Domains, Drafted};
use super::env::Env;
use super::forecast_args::{ForecastArgs, Format};
use super::progress::Progress;
use super::sites::Sites;
use super::trouble::Trouble;
use super::web_folder::WebFolder;
use super::{exit, meeting, profile, zero_touch, zones};
use crate::forecast::{Client, Forecast};
use crate::hosting::Hosting;
use crate::interrupt::{Interrupt, Interrupted};
use crate::lookup::Lookup;
use crate::output::Output;
use crate::plan::plan;
use crate::report::forecast::{ForecastSummary, text, write_lines, write_refused};
use crate::survey::{Resembling, foresee};

/// The domains that are asked about at the same time, where servers are.
const AT_ONCE: usize = 16;

/// Foretells domain after domain.
pub(super) fn run(args: &ForecastArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let hosting = profile::read(&args.subjects, &env.interrupt)?;
    refuse_options(args)?;
    refuse_one_file(args)?;
    if args.provider {
        return zero_touch::run(args, &hosting, env);
    }
    let folder = args.documents.as_deref().map(|folder| WebFolder::open(folder, &env.interrupt));
    let folder = folder.transpose()?;
    let mut domains = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
    let progress = Progress::new(&mut env.stderr, args.subjects.quiet, env.stderr_is_terminal);
    let mut progress = progress.folding(env.stderr_columns);
    if let Some(absence) = folder.as_ref().and_then(WebFolder::absence) {
        progress.note(&absence);
    }
    let mut source =
        Source::open(&args.ask, args.probe, &hosting, &mut domains, &mut progress, &env.interrupt)?;
    let broken = source.take_broken();
    let many = domains.many() || !broken.is_empty();
    let untaken = domains.untaken();
    let (_, works) = domains.drafted(None, |_domain, _columns| Ok(()))?;
    let works = zones::with_works(broken, args.subjects.shard, works);
    let output = Output::open(args.subjects.output.as_deref(), &mut env.stdout, &env.interrupt)?;
    let desk = Desk {
        args,
        hosting: &hosting,
        clients: args.clients(),
        many,
        width: env.stdout_columns,
        output,
        summary: ForecastSummary::default(),
        interrupt: &env.interrupt,
    };
    let manners = &args.ask.manners;
    // Without a network nobody is waited for.
    let (at_once, time) = match args.probe || source.network().is_some() {
        true => {
            let at_once = manners.concurrency.map_or(AT_ONCE, |it| it as usize);
            (at_once, Some(manners.deadline()))
        }
        false => (1, None),
    };
    let run = Run { desk, works, sites: Sites::of(folder, args.probe), at_once, time };
    let probe = args.probe.then(|| source.probe(&args.reach));
    let Desk { mut output, summary, .. } = source.serve(run, probe)??;
    if many && args.format == Format::Text {
        output.put(&summary.text(env.stdout_columns))?;
    }
    output.finish()?;
    untaken.note(&mut progress);
    let is_open = summary.refused() > 0 || summary.unknown() > 0;
    Ok(if is_open { exit::UNJUDGED } else { exit::CLEAN })
}

/// What is about several who say something of one domain, and a client hears one.
fn refuse_options(args: &ForecastArgs) -> Result<(), Trouble> {
    let (compare, validate) = (args.ask.compare, args.ask.validate);
    let Some(option) = compare.then_some("--compare").or_else(|| validate.then_some("--validate"))
    else {
        return Ok(());
    };
    let problem = format!("{option} is about answers that disagree, and a client hears one");
    Err(Trouble::usage(problem, "mailsrv audit has that option"))
}

/// What is written over what is read is lost.
fn refuse_one_file(args: &ForecastArgs) -> Result<(), Trouble> {
    let written: Vec<_> =
        args.subjects.output.as_deref().map(|path| ("--output", path)).into_iter().collect();
    let replay = args.ask.replay.as_deref().map(|path| ("--replay", path));
    let zones = args.ask.zones.zone.iter().map(|path| ("--zone", path.as_path()));
    let authorities = args.ask.ca_file.as_deref().map(|path| ("--ca-file", path));
    let read = meeting::read_by(&args.subjects).chain(replay).chain(zones);
    let read: Vec<_> = read.chain(authorities).collect();
    meeting::refuse(&written, read.iter().copied())?;
    meeting::refuse_kept(&written, read.into_iter())
}

/// Where forecasts arrive.
struct Desk<'a> {
    args: &'a ForecastArgs,
    hosting: &'a Hosting,
    clients: Vec<&'static Client>,
    /// Whether there may be more than one domain.
    many: bool,
    width: usize,
    output: Output<'a>,
    summary: ForecastSummary,
    interrupt: &'a Interrupt,
}

/// A run as it is led by whoever answers its questions.
struct Run<'a, I> {
    desk: Desk<'a>,
    works: I,
    sites: Sites,
    at_once: usize,
    /// How long the questions about one domain may take.
    time: Option<Duration>,
}

impl<'a, I: Iterator<Item = Drafted<()>>> Asker for Run<'a, I> {
    type Done = Result<Desk<'a>, Trouble>;

    async fn ask<L: Lookup>(self, lookup: &L) -> Self::Done {
        let Self { desk, works, sites, at_once, time } = self;
        foretell_all(desk, works, (at_once, time), (lookup, &sites)).await
    }
}

/// What came of one domain.
type Foretold = Drafted<Vec<(&'static Client, Forecast)>>;

async fn foretell_all<'a, L: Lookup>(
    mut desk: Desk<'a>,
    works: impl Iterator<Item = Drafted<()>>,
    (at_once, time): (usize, Option<Duration>),
    asked: (&L, &Sites),
) -> Result<Desk<'a>, Trouble> {
    let (hosting, clients, interrupt) = (desk.hosting, desk.clients.clone(), desk.interrupt);
    let (clients, resembling) = (&clients, &Resembling::of(hosting));
    let foretell = |work| foretell_one(work, hosting, (clients, resembling), asked, time);
    let mut foretold = stream::iter(works).map(foretell).buffered(at_once);
    loop {
        let next = tokio::select! {
            biased;
            signal = interrupt.raised() => return Err(Interrupted(signal).into()),
            next = foretold.next() => next,
        };
        interrupt.check()?;
        match next {
            Some(work) => desk.take(work)?,
            None => break,
        }
    }
    drop(foretold);
    Ok(desk)
}

async fn foretell_one<L: Lookup>(
    work: Drafted<()>,
    hosting: &Hosting,
    (clients, resembling): (&[&'static Client], &Resembling),
    (lookup, sites): (&L, &Sites),
    time: Option<Duration>,
) -> Foretold {
    let (listed, draft) = work?;
    let with_clients = |forecasts| clients.iter().copied().zip(forecasts).collect();
    let domain = match (&listed.parsed, &draft) {
        // What is seen of servers is not compared.
        (Ok((domain, _)), Ok(())) if !lookup.visits() => Some(domain),
        _ => None,
    };
    let mut likeness = None;
    if let Some(domain) = domain {
        let web = sites.of_domain(lookup, domain);
        likeness = resembling.likeness(domain, lookup, &web);
        if let Some(likeness) = &likeness
            && let Some(forecasts) = resembling.known(domain, likeness, &web).await
        {
            return Ok((listed, Ok(with_clients(forecasts))));
        }
    }
    let planned = draft.and_then(|()| match &listed.parsed {
        Ok((domain, columns)) => {
            plan(domain, hosting, columns).map_err(|refusal| refusal.to_string())
        }
        Err(reason) => Err(reason.clone()),
    });
    let forecasts = match planned {
        Ok(plan) => {
            let web = sites.of_domain(lookup, plan.domain());
            let (forecasts, facts) = foresee(&plan, hosting, clients, (lookup, &web), time).await;
            if let Some(likeness) = likeness {
                resembling.learn(plan.domain(), likeness, &forecasts, &facts);
            }
            Ok(with_clients(forecasts))
        }
        Err(reason) => Err(reason),
    };
    Ok((listed, forecasts))
}

impl Desk<'_> {
    /// Prints what came of a domain.
    fn take(&mut self, foretold: Foretold) -> Result<(), Trouble> {
        let (listed, forecasts) = foretold?;
        let is_json = self.args.format == Format::Json;
        let domain = listed.parsed.map(|(domain, _)| domain);
        let told = domain.and_then(|domain| Ok((domain, forecasts?)));
        let written = match told {
            Ok((domain, forecasts)) => {
                self.summary.add(&forecasts);
                match is_json {
                    true => write_lines(&domain, &forecasts, &mut self.output),
                    false if self.many => Ok(()),
                    false => return Ok(self.output.put(&text(&domain, &forecasts, self.width))?),
                }
            }
            Err(reason) => {
                self.summary.refuse();
                match is_json {
                    true => write_refused(&listed.typed, &reason, &mut self.output),
                    false => {
                        let line = format!("{}: {reason}\n", listed.typed);
                        return Ok(self.output.put(&line)?);
                    }
                }
            }
        };
        written.map_err(|error| self.output.failed(error).into())
    }
}
