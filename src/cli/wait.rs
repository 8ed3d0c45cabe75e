//! Asking again, until the verdicts are as they are wanted or the time is over.
//!
//! A domain is reported once, when its verdict is final. Those that are not there yet are held; they
//! alone are asked about again, each in its time.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::audit_args::AuditArgs;
use super::desk::Desk;
use super::domains::Drafted;
use super::events::{Event, Missing};
use super::patience::spoken;
use super::trouble::Trouble;
use crate::audit::{Audit, Candidate, Severity};
use crate::inquiry::{Inquiry, Observed, Views};
use crate::interrupt::Interrupted;
use crate::lookup::Lookup;
use crate::name::MailDomain;
use crate::plan::RecordPlan;
use crate::report::not_visited;
use crate::survey::{self, pause};
use crate::words::counted;

/// The domains that are held at most, at some 10 KiB each: those behind them are asked about once.
const MOST: usize = 10_000;

/// How many domains a line about a try names.
const NAMED: usize = 3;

/// How many domains an event about a try names.
const TOLD: usize = 100;

/// What falls due so soon after something else is asked together with it.
const TOGETHER: Duration = Duration::from_secs(1);

/// How often a line on a terminal changes.
const TICK: Duration = Duration::from_millis(250);

/// Where the answers of a domain are kept beside its report.
pub(super) trait Book {
    /// The answers of this try are whole: they replace those of the try before.
    fn settle(&self, domain: &MailDomain);

    /// The domain will not be asked about again.
    fn close(&self, domain: &MailDomain);
}

/// Nothing is kept.
impl Book for () {
    fn settle(&self, _domain: &MailDomain) {}

    fn close(&self, _domain: &MailDomain) {}
}

/// A domain that is not there yet.
struct Held {
    work: Drafted<Candidate>,
    views: Views,
    tries: u32,
    asked: Instant,
    due: Instant,
}

/// One that is asked about again.
struct Due {
    at: u64,
    inquiry: Cell<Option<Inquiry>>,
    /// Where servers are visited.
    plan: Option<RecordPlan>,
}

/// The domains that are not there yet.
pub(super) struct Wait<'a, B> {
    args: &'a AuditArgs,
    book: &'a B,
    begun: Instant,
    held: BTreeMap<u64, Held>,
    /// Those that came so far, and those of this try.
    came: u64,
    asked: usize,
    number: u32,
    random: RandomState,
}

impl<'a, B: Book> Wait<'a, B> {
    /// The time begins now.
    pub(super) fn begin(args: &'a AuditArgs, book: &'a B) -> Self {
        let (begun, random) = (Instant::now(), RandomState::new());
        Self { args, book, begun, held: BTreeMap::new(), came: 0, asked: 0, number: 1, random }
    }

    /// Reports a domain whose verdict is final, and holds another one.
    pub(super) fn arrive<L: Lookup>(
        &mut self,
        work: Drafted<Candidate>,
        views: Option<Views>,
        lookup: &L,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let at = self.came;
        self.came += 1;
        self.asked += 1;
        let Some(views) = views else { return self.report(work, None, lookup, desk) };
        self.book.settle(views.first().domain());
        let now = Instant::now();
        let held = Held { work, views, tries: 0, asked: now, due: now };
        self.settle(at, held, lookup, desk)
    }

    /// Holds a domain unless its verdict is final.
    fn settle<L: Lookup>(
        &mut self,
        at: u64,
        mut held: Held,
        lookup: &L,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let is_there = || {
            let audit = desk.judge(&held.work, &held.views);
            audit.is_none_or(|audit| self.args.until.is_reached(audit.verdict))
        };
        if self.args.wait.is_none() || self.held.len() >= MOST || is_there() {
            return self.report(held.work, Some(&held.views), lookup, desk);
        }
        held.tries += 1;
        held.asked = Instant::now();
        // What a random number is needed for is no secret.
        let jitter = self.random.hash_one((at, held.tries)) as u32;
        held.due = held.asked + pause(held.tries, remembered(&held.views), jitter);
        self.held.insert(at, held);
        Ok(())
    }

    fn report<L: Lookup>(
        &self,
        work: Drafted<Candidate>,
        views: Option<&Views>,
        lookup: &L,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        if let Some(views) = views {
            self.book.close(views.first().domain());
        }
        desk.take(work, views, |owner, rtype| lookup.position(owner, rtype))
    }

    /// Asks again until all are there or the time is over.
    ///
    /// # Errors
    ///
    /// A signal came, or the report cannot be written.
    pub(super) async fn go_on<L: Lookup>(
        &mut self,
        lookup: &L,
        desk: &mut Desk<'_>,
        is_broken: impl Fn() -> bool,
    ) -> Result<(), Trouble> {
        let Some(patience) = self.args.wait else { return Ok(()) };
        let end = self.begun + patience;
        loop {
            let next = self.next(end);
            self.tell(next, desk);
            let Some(next) = next.filter(|_| !is_broken()) else { return Ok(()) };
            desk.progress.wait_until(Some(next.into_std()));
            wait_until(next, desk).await?;
            desk.progress.wait_until(None);
            self.ask_again(next >= end, lookup, desk).await?;
        }
    }

    /// When the next try is; the last one is at the end of the time, whatever is due later.
    fn next(&self, end: Instant) -> Option<Instant> {
        let due = self.held.values().map(|held| held.due).min()?;
        (Instant::now() < end).then_some(due.min(end))
    }

    /// Asks about those that are due; about all of them `at_last`.
    async fn ask_again<L: Lookup>(
        &mut self,
        at_last: bool,
        lookup: &L,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let now = Instant::now();
        let is_due =
            |held: &Held| held.due <= now + TOGETHER || at_last && held.asked + TOGETHER <= now;
        let inquiry = |held: &Held| Desk::begin(desk.series, self.args, &held.work);
        let plan = |held: &Held| {
            Desk::planned(desk.series, &held.work).filter(|_| self.args.probe).cloned()
        };
        let due = self.held.iter().filter(|(_, held)| is_due(held));
        let due = due.map(|(at, held)| Due {
            at: *at,
            inquiry: Cell::new(inquiry(held)),
            plan: plan(held),
        });
        let due: Vec<Due> = due.collect();
        self.number += 1;
        self.asked = due.len();
        lookup.forget();
        let begin = |due: &Due| due.inquiry.take();
        let plan_of = |due: &Due| due.plan.clone();
        let results = survey::Results::new(due, desk.bounds(lookup), begin, lookup);
        let mut results = results.visiting(Some(Rc::new(plan_of) as survey::Plans<'_, _>));
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let interrupt = desk.interrupt;
        let mut raised = pin!(interrupt.raised());
        loop {
            tokio::select! {
                biased;
                signal = &mut raised => return Err(Interrupted(signal).into()),
                result = results.next() => {
                    let Some((Due { at, .. }, views)) = result else { return Ok(()) };
                    let held = self.held.remove(&at);
                    if let (Some(held), Some(views)) = (held, views) {
                        self.book.settle(views.first().domain());
                        self.settle(at, Held { views, ..held }, lookup, desk)?;
                    }
                }
                _ = ticks.tick() => desk.progress.show(),
            }
            interrupt.check()?;
        }
    }

    /// Says what is not there yet, and when the next try is.
    fn tell(&self, next: Option<Instant>, desk: &mut Desk<'_>) {
        let audits: Vec<(String, Audit)> = self
            .held
            .values()
            .take(TOLD)
            .filter_map(|held| {
                let audit = desk.judge(&held.work, &held.views)?;
                Some((audit.domain.to_string(), audit))
            })
            .collect();
        let now = Instant::now();
        let seconds =
            next.map(|next| next.saturating_duration_since(now).as_secs_f64().ceil() as u64);
        let remembered = self.held.values().filter_map(|held| remembered(&held.views)).max();
        let remembered = remembered.filter(|_| next.is_some());
        desk.progress.tell(&Event::Try {
            number: self.number,
            asked: self.asked,
            waiting: self.held.len(),
            domains: audits.iter().map(|(domain, audit)| missing(domain, audit)).collect(),
            next: seconds,
            remembered,
        });
        if self.held.is_empty() {
            return;
        }
        let count = self.held.len();
        let mut lines = vec![format!("try {}: {} not there yet", self.number, are(count))];
        let named = audits.iter().take(NAMED);
        lines.extend(named.map(|(domain, audit)| format!("{domain}: {}", lacks(audit))));
        if count > NAMED {
            lines.push(format!("and {}", counted(count - NAMED, "other domain")));
        }
        let remembers = remembered.map(|it| spoken(it.into()));
        let remembers = remembers.map_or_else(String::new, |time| {
            format!("; caches remember what is wrong for up to {time}")
        });
        lines.push(match seconds {
            Some(seconds) => format!("next try in {}{remembers}", spoken(seconds)),
            None => "the time to wait is over".to_owned(),
        });
        desk.progress.talk(&lines.join("\n"));
    }

    /// Reports those that are not there, as they were seen last.
    pub(super) fn end<L: Lookup>(mut self, lookup: &L, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        for (_, held) in std::mem::take(&mut self.held) {
            self.report(held.work, Some(&held.views), lookup, desk)?;
        }
        Ok(())
    }
}

/// Waits, with a line of progress, for a time or a signal.
async fn wait_until(time: Instant, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut raised = pin!(desk.interrupt.raised());
    let mut over = pin!(sleep_until(time));
    loop {
        tokio::select! {
            biased;
            signal = &mut raised => return Err(Interrupted(signal).into()),
            () = &mut over => return Ok(()),
            _ = ticks.tick() => desk.progress.show(),
        }
    }
}

/// How long caches remember what is not as planned, whoever was asked.
fn remembered(views: &Views) -> Option<u32> {
    views.all().filter_map(Observed::remembered).max()
}

fn missing<'a>(domain: &'a str, audit: &Audit) -> Missing<'a> {
    let findings = audit.findings.iter().filter(|finding| finding.severity > Severity::Info);
    let mut codes: Vec<_> = findings.map(|finding| finding.code.text()).collect();
    codes.dedup();
    Missing {
        domain,
        verdict: audit.verdict.text(),
        findings: codes,
        unanswered: audit.unanswered.len(),
    }
}

/// What keeps a domain from its verdict, in a line: `fail: srv-missing (_imaps), and 2 more`.
fn lacks(audit: &Audit) -> String {
    let findings = audit.findings.iter().filter(|finding| finding.severity > Severity::Info);
    let mut why: Vec<String> = findings.map(|finding| finding.message.clone()).collect();
    if !audit.unanswered.is_empty() {
        why.push(format!("no answer to {}", counted(audit.unanswered.len(), "question")));
    }
    if !audit.unvisited.is_empty() {
        why.push(not_visited(audit));
    }
    let more = why.len().saturating_sub(2);
    why.truncate(2);
    if more > 0 {
        why.push(format!("and {more} more"));
    }
    format!("{}: {}", audit.verdict, why.join("; "))
}

fn are(count: usize) -> String {
    format!("{} {}", counted(count, "domain"), if count == 1 { "is" } else { "are" })
}
