//! The questions of an audit: every mail domain is asked about, and what comes of it is taken to the
//! desk.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep};

use super::audit_args::AuditArgs;
use super::cut::Cut;
use super::desk::Desk;
use super::domains::Drafted;
use super::trouble::Trouble;
use super::wait::{Book, Wait};
use crate::audit::{Candidate, Passed, Series};
use crate::inquiry::Inquiry;
use crate::interrupt::Interrupted;
use crate::list::Listed;
use crate::lookup::{Lookup, Portray};
use crate::report::{Layouts, Places};
use crate::survey::{self, Order};

/// How often it is looked how far a run is while no result comes.
pub(super) const TICK: Duration = Duration::from_millis(250);

/// How long domains that are under way may take behind a signal.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The mail domains that are to be judged, with those of them that cannot be planned.
pub(super) fn candidates(
    works: impl Iterator<Item = Drafted<()>>,
    series: &Series<'_>,
) -> impl Iterator<Item = Drafted<Candidate>> {
    works.map(|work| candidate(work, series))
}

/// A mail domain that is to be judged.
pub(super) fn candidate(work: Drafted<()>, series: &Series<'_>) -> Drafted<Candidate> {
    let (listed, draft) = work?;
    let candidate = draft.and_then(|()| match &listed.parsed {
        Ok((domain, columns)) => {
            series.candidate(domain, columns).map_err(|refusal| refusal.to_string())
        }
        Err(error) => Err(error.clone()),
    });
    Ok((listed, candidate))
}

/// How the inquiries about mail domains begin.
pub(super) struct Opening<'a, 'b, L> {
    lookup: &'b L,
    portrayer: RefCell<Box<dyn Portray + 'b>>,
    series: &'a Series<'a>,
    args: &'a AuditArgs,
    cut: &'b Cut,
    may_foretell: bool,
    layouts: Option<Rc<RefCell<Layouts>>>,
}

impl<'a, 'b, L: Lookup> Opening<'a, 'b, L> {
    /// As they do for this desk.
    pub(super) fn of(lookup: &'b L, cut: &'b Cut, desk: &Desk<'a>) -> Self {
        let (series, args, layouts) = (desk.series, desk.args, desk.layouts.clone());
        let portrayer = RefCell::new(Box::new(lookup.portrayer()) as Box<dyn Portray>);
        Self { lookup, portrayer, series, args, cut, may_foretell: desk.may_foretell(), layouts }
    }

    /// Begins the inquiry about one; None of what is known unasked, or cannot be planned.
    pub(super) fn begin(&self, work: &Drafted<Candidate>) -> Option<Inquiry> {
        if self.is_known(work) {
            return None;
        }
        Desk::begin(self.series, self.args, work).map(|inquiry| self.cut.apply(inquiry))
    }

    /// What it is known to come to that a mail domain of a list passes like another one.
    pub(super) fn passed(&self, listed: &Listed) -> Option<Rc<Passed>> {
        let (domain, columns) = listed.parsed.as_ref().ok().filter(|_| self.may_foretell)?;
        let mut portrayer = self.portrayer.borrow_mut();
        let portray = |domain: &_, spells, out: &mut _| portrayer.portray(domain, spells, out);
        self.series.passed(domain, columns, portray)
    }

    /// Whether it is known what comes of one that nobody was asked about, or how it reads.
    pub(super) fn is_known(&self, work: &Drafted<Candidate>) -> bool {
        let Ok((_, Ok(candidate))) = work else { return false };
        let mut portrayer = self.portrayer.borrow_mut();
        let portray = |domain: &_, spells, out: &mut _| portrayer.portray(domain, spells, out);
        if self.may_foretell && self.series.foretell(candidate, portray) {
            return true;
        }
        let position = |owner: &_, rtype| self.lookup.position(owner, rtype);
        let places = Places { position: &position, otherwise: None };
        self.layouts.as_ref().is_some_and(|all| all.borrow().fit(candidate, places))
    }
}

/// Inquires of every plan; what cannot be planned passes through to the report in its place. It
/// ends early where something is `broken` that the answers are for. What is known at an early end is
/// reported, though it waited for what came before it.
pub(super) async fn survey<L: Lookup>(
    lookup: &L,
    works: impl Iterator<Item = Drafted<Candidate>>,
    desk: &mut Desk<'_>,
    book: &impl Book,
    broken: impl Fn() -> bool,
) -> Result<(), Trouble> {
    let args = desk.args;
    let cut = Cut::of(desk);
    let opening = Opening::of(lookup, &cut, desk);
    let begin = |work: &Drafted<Candidate>| opening.begin(work);
    let results = survey::Results::new(works, desk.bounds(lookup), begin, lookup);
    let series = desk.series;
    let plan_of = move |work: &Drafted<Candidate>| Desk::planned(series, work).cloned();
    let mut results =
        results.visiting(args.probe.then(|| Rc::new(plan_of) as survey::Plans<'_, _>));
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let interrupt = desk.interrupt;
    let mut raised = pin!(interrupt.raised());
    let mut wait = Wait::begin(args, book);
    let mut ended = Ok(());
    let mut whole = false;
    while !broken() && ended.is_ok() && !whole {
        tokio::select! {
            biased;
            signal = &mut raised => ended = Err(Interrupted(signal).into()),
            result = results.next() => match result {
                Some((work, views)) => {
                    desk.progress.note_any(cut.take(views.as_ref()));
                    wait.arrive(work, views, lookup, desk)?;
                }
                None => whole = true,
            },
            _ = ticks.tick() => desk.progress.show(),
        }
        // Lookups that never wait leave no time to hear of a signal.
        ended = ended.and_then(|()| Ok(interrupt.check()?));
    }
    if ended.is_err() && desk.many {
        // What is under way has a time to end.
        results.begin_none();
        let mut over = pin!(sleep(GRACE));
        while let Some((work, views)) = tokio::select! {
            biased;
            () = &mut over => None,
            result = results.next() => result,
        } {
            desk.progress.note_any(cut.take(views.as_ref()));
            wait.arrive(work, views, lookup, desk)?;
        }
    }
    let is_ordered = desk.bounds(lookup).order == Order::Input;
    let (known, unfinished) = results.end();
    desk.unfinished = unfinished;
    for (work, views) in known {
        if is_ordered && desk.output.is_journalled() {
            // Whoever goes on with the report keeps the order, too.
            desk.unfinished += 1;
        } else {
            desk.progress.note_any(cut.take(views.as_ref()));
            wait.arrive(work, views, lookup, desk)?;
        }
    }
    desk.progress.note_any(cut.close());
    if whole && ended.is_ok() {
        ended = wait.go_on(lookup, desk, broken).await;
    }
    match ended {
        // What goes to nobody any more is not reported.
        Err(trouble @ Trouble::Output(_)) => Err(trouble),
        ended => wait.end(lookup, desk).and(ended),
    }
}
