//! Audits with forecasts: of each domain it is judged what DNS says, and foretold what mail clients make
//! of it, and of it with each remedy.

use std::cell::{Cell, OnceCell};
use std::pin::pin;

use futures_util::{Stream, StreamExt, stream};
use hickory_proto::rr::RData;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::cut::Cut;
use super::desk::{Desk, Foretold};
use super::domains::Drafted;
use super::questions::{GRACE, TICK};
use super::sites::Sites;
use super::trouble::Trouble;
use crate::audit::{Affects, Audit, Candidate, Change, Finding, changes};
use crate::forecast::{Altered, CLIENTS, Client, Effect};
use crate::hosting::Hosting;
use crate::inquiry::{Inquiry, Observed, Views};
use crate::interrupt::Interrupted;
use crate::lookup::Lookup;
use crate::plan::RecordPlan;
use crate::report::Outlook;
use crate::survey::{Bounds, Done, Weighed, observe_within, visit_all, weigh};

/// A domain that was asked about, and what came of it.
type Came = (Drafted<Candidate>, Option<(Views, Foretold)>);

/// Asks about domains as an audit alone does, so many at one time, and foretells the clients of each.
///
/// # Errors
///
/// A signal came, or the report cannot be written.
pub(super) async fn survey<L: Lookup>(
    lookup: &L,
    works: impl Iterator<Item = Drafted<Candidate>>,
    desk: &mut Desk<'_>,
    broken: impl Fn() -> bool,
) -> Result<(), Trouble> {
    let sites = &Sites::of(desk.web.take(), desk.args.probe);
    let cut = Cut::of(desk);
    let (series, args, hosting, bounds) =
        (desk.series, desk.args, desk.hosting, desk.bounds(lookup));
    let (begun, is_over) = (Cell::new(0_usize), Cell::new(false));
    let foretell = async |work: Drafted<Candidate>| -> Came {
        begun.set(begun.get() + 1);
        let inquiry = Desk::begin(series, args, &work).map(|inquiry| cut.apply(inquiry));
        let (Some(inquiry), Ok((_, Ok(candidate)))) = (inquiry, &work) else { return (work, None) };
        let asked = Asked { lookup, sites, hosting, bounds };
        let mut views = asked.observe(inquiry).await;
        if let (true, Ok(plan)) = (args.probe, series.plan(candidate)) {
            visit_all(lookup, plan, &mut views, bounds.deadline).await;
        }
        let foretold = match (series.plan(candidate), series.judge(candidate, &views)) {
            (Ok(plan), Ok(audit)) => asked.foretell(plan, &audit, &views).await,
            // It is planned already, or has no inquiry.
            (Err(_), _) | (_, Err(_)) => return (work, None),
        };
        (work, Some((views, foretold)))
    };
    let works = works.take_while(|_| !is_over.get());
    let results = stream::iter(works).map(foretell).buffered(bounds.concurrency.max(1));
    let taken = take_each(results, lookup, (desk, &cut), broken, &is_over).await?;
    desk.unfinished = begun.get() - taken.count;
    desk.progress.note_any(cut.close());
    taken.ended
}

/// What became of a run.
struct Taken {
    /// How many domains were reported.
    count: usize,
    ended: Result<(), Trouble>,
}

/// Takes what comes of each domain to the desk. After a signal what is under way has a time to end.
async fn take_each<L: Lookup>(
    results: impl Stream<Item = Came>,
    lookup: &L,
    (desk, cut): (&mut Desk<'_>, &Cut),
    broken: impl Fn() -> bool,
    is_over: &Cell<bool>,
) -> Result<Taken, Trouble> {
    let mut results = pin!(results);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let interrupt = desk.interrupt;
    let mut raised = pin!(interrupt.raised());
    let mut grace = pin!(sleep(GRACE));
    let mut taken = Taken { count: 0, ended: Ok(()) };
    while !broken() {
        let has_ended = taken.ended.is_err();
        let (work, came) = tokio::select! {
            biased;
            signal = &mut raised, if !has_ended => {
                taken.ended = Err(Interrupted(signal).into());
                is_over.set(true);
                grace.set(sleep(GRACE));
                continue;
            }
            () = &mut grace, if has_ended => break,
            result = results.next() => match result {
                Some(came) => came,
                None => break,
            },
            _ = ticks.tick() => {
                desk.progress.show();
                continue;
            }
        };
        let (views, foretold) = came.unzip();
        desk.progress.note_any(cut.take(views.as_ref()));
        let position = |owner: &_, rtype| lookup.position(owner, rtype);
        desk.take_foretold(work, views.as_ref(), foretold, position)?;
        taken.count += 1;
        if !has_ended && let Err(interrupted) = interrupt.check() {
            taken.ended = Err(interrupted.into());
            is_over.set(true);
            grace.set(sleep(GRACE));
        }
    }
    Ok(taken)
}

/// Who is asked about domains.
struct Asked<'a, L> {
    lookup: &'a L,
    sites: &'a Sites,
    hosting: &'a Hosting,
    bounds: Bounds,
}

impl<L: Lookup> Asked<'_, L> {
    async fn observe(&self, inquiry: Inquiry) -> Views {
        observe_within(inquiry, self.lookup, self.bounds.deadline).await
    }

    /// What clients conclude, and for which of them each remedy changes that.
    async fn foretell(&self, plan: &RecordPlan, audit: &Audit, views: &Views) -> Foretold {
        let remedies = Remedies::of(audit, views.best());
        let web = self.sites.of_domain(self.lookup, plan.domain());
        let (asked, deadline) = ((self.lookup, &web), self.bounds.deadline);
        let altered = (remedies.findings.len(), |done| remedies.altered(done));
        let weighed = weigh(plan, self.hosting, CLIENTS, altered, asked, deadline).await;
        let Weighed { forecasts, effects, remedied } = weighed;
        let forecasts: Vec<_> = CLIENTS.iter().copied().zip(forecasts).collect();
        let remedied: Vec<_> = CLIENTS.iter().copied().zip(remedied).collect();
        let mut effects = effects.into_iter();
        let affects = audit.findings.iter().map(|finding| match has_remedy(finding) {
            true => effects.next().map(|effects| affects(&effects)),
            false => None,
        });
        let outlook = Outlook::of(&forecasts).remedied(&remedied);
        Foretold { affects: affects.collect(), outlook: Some(outlook) }
    }
}

/// An RRset as it is changed, and what stands there then.
type Changed = (Change, Vec<RData>);

/// The remedies of an audit, merged as they are done together.
struct Remedies<'a> {
    findings: Vec<&'a Finding>,
    observed: &'a Observed,
    /// What was wanted of them: each alone, all but one, all.
    only: Vec<OnceCell<Vec<Changed>>>,
    all_but: Vec<OnceCell<Vec<Changed>>>,
    all: OnceCell<Vec<Changed>>,
}

impl<'a> Remedies<'a> {
    fn of(audit: &'a Audit, observed: &'a Observed) -> Self {
        let findings: Vec<_> = audit.findings.iter().filter(|it| has_remedy(it)).collect();
        let none = vec![OnceCell::new(); findings.len()];
        Self { findings, observed, only: none.clone(), all_but: none, all: OnceCell::new() }
    }

    /// The RRsets that stand otherwise.
    fn altered(&self, done: Done) -> Vec<Altered<'_>> {
        let (cell, is_done): (_, &dyn Fn(usize) -> bool) = match done {
            Done::Only(only) => (self.only.get(only), &move |it| it == only),
            Done::AllBut(left) => (self.all_but.get(left), &move |it| it != left),
            Done::All => (Some(&self.all), &|_| true),
        };
        let merged = || {
            let findings = self.findings.iter().enumerate().filter(|(it, _)| is_done(*it));
            let changes = changes(findings.map(|(_, finding)| *finding), self.observed).into_iter();
            changes.map(|it| (it.clone(), [it.kept, it.published].concat())).collect()
        };
        let changed = cell.map(|cell| cell.get_or_init(merged)).into_iter().flatten();
        changed.map(altered).collect()
    }
}

fn has_remedy(finding: &Finding) -> bool {
    !finding.fix.is_empty()
}

fn altered((change, data): &(Change, Vec<RData>)) -> Altered<'_> {
    Altered { owner: &change.owner, rtype: change.rtype, data }
}

/// The clients by what a remedy does to them.
fn affects(effects: &[Effect]) -> Affects {
    let of = |wanted: Effect| -> Vec<String> {
        let each = CLIENTS.iter().zip(effects).filter(|(_, effect)| **effect == wanted);
        each.map(|(client, _): (&&Client, _)| client.name.to_owned()).collect()
    };
    Affects {
        clients: of(Effect::Changed),
        together: of(Effect::Together),
        unknown: of(Effect::Unknown),
    }
}
