//! One inquiry for each server of a zone, and one for each server of the zones below it.
//!
//! A server that points to a zone below answers no question about a name in it: that is for the
//! servers there to do, and each of them may say something else. So each is asked for all that lies
//! in its zone; what else its inquiry asks, a server above has answered before.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::ready;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared, join_all};
use hickory_proto::rr::Name;
use tokio::time::Instant;

use super::drive::{Limit, Said, before, drive, late, within};
use crate::answer::{Answer, Failure, Outcome, Question, Sight, Vantage};
use crate::inquiry::{Inquiry, Observed, Views};
use crate::lookup::{Lookup, Stage, Unfinished};
use crate::name::MailDomain;

/// The most zones below that of a domain whose servers are asked.
const MAX_ZONES: usize = 8;

/// Asks each vantage of a sight, and each server of the zones below; None where the sight has nobody.
pub(super) async fn observe_each<L: Lookup>(
    mut inquiry: Inquiry,
    lookup: &L,
    sight: &Sight,
    deadline: Option<Instant>,
) -> Option<Views> {
    if sight.is_of_servers() {
        // What one server says of a name shows who serves it, and which zone it lies in.
        inquiry = inquiry.without_sparing();
    }
    inquiry.seek_zone(sight);
    let domain = inquiry.domain().clone();
    let round = Round {
        lookup,
        domain: &domain,
        sight,
        deadline,
        heard: RefCell::default(),
        zones: RefCell::default(),
    };
    let each = sight.vantages.iter().map(|above| round.drive(&inquiry, Place { above, own: None }));
    let mut views = Views::of(sight.clone(), join_all(each).await)?;
    let best = views.seen().find(|(_, observed)| std::ptr::eq(*observed, views.best()));
    let above = best.map(|(vantage, _)| vantage.clone())?;
    for (zone, observed) in round.observe_below(&inquiry, &above, &views).await {
        views.add_below((*zone).clone(), observed);
    }
    Some(views)
}

/// All that is asked about one domain.
struct Round<'a, L> {
    lookup: &'a L,
    domain: &'a MailDomain,
    sight: &'a Sight,
    deadline: Option<Instant>,
    /// What was asked of whom: of many inquiries that ask the same, one asks.
    heard: RefCell<HashMap<(Option<Vantage>, Question), Heard<'a>>>,
    /// The zones below that somebody pointed to.
    zones: RefCell<BTreeMap<Name, Rc<Sight>>>,
}

type Heard<'a> = Shared<LocalBoxFuture<'a, Answer>>;

/// From where an inquiry looks.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The vantage in the zone of the domain.
    above: &'a Vantage,
    /// The zone below that is looked at, and the server of it.
    own: Option<(&'a Sight, &'a Vantage)>,
}

impl<'a, L: Lookup> Round<'a, L> {
    async fn drive(&self, inquiry: &Inquiry, place: Place<'_>) -> Observed {
        let mut inquiry = inquiry.clone();
        if let Some((zone, _)) = place.own {
            inquiry.seek_zone(zone);
        }
        drive(inquiry, self.lookup, async |question| self.ask(place, question).await).await
    }

    /// What each server says of each zone below that a server points to, by zone.
    async fn observe_below(
        &self,
        inquiry: &Inquiry,
        above: &Vantage,
        views: &Views,
    ) -> Vec<(Rc<Sight>, Vec<Observed>)> {
        let mut looked = BTreeSet::new();
        for (_, observed) in views.seen() {
            self.look_below(observed, &mut looked).await;
        }
        let mut found: BTreeMap<Name, (Rc<Sight>, Vec<Observed>)> = BTreeMap::new();
        loop {
            let next = |(apex, _): &(&Name, &Rc<Sight>)| !found.contains_key(apex);
            let zone = self.zones.borrow().iter().find(next).map(|(_, zone)| Rc::clone(zone));
            let Some(zone) = zone else { return found.into_values().collect() };
            let each = zone.vantages.iter().map(|server| {
                let place = Place { above, own: Some((&zone, server)) };
                self.drive(inquiry, place)
            });
            let observed = join_all(each).await;
            for observed in &observed {
                self.look_below(observed, &mut looked).await;
            }
            found.insert(zone.zone.clone(), (zone, observed));
        }
    }

    /// Looks for zones below that nobody had to point to, because who serves the zone above serves
    /// them too.
    async fn look_below(&self, observed: &Observed, looked: &mut BTreeSet<Name>) {
        for (question, _) in observed.answers() {
            let is_below = self.domain.name().zone_of(&question.name);
            if is_below && looked.insert(question.name.clone()) {
                self.zone_below(&question.name).await;
            }
        }
    }

    /// The zone below that a name lies in.
    async fn zone_below(&self, name: &Name) -> Option<Rc<Sight>> {
        let (domain, apex) = (self.domain, self.domain.name());
        let zone = before(self.deadline, self.lookup.sight_below(domain, name)).await??;
        if zone.zone == *apex || !apex.zone_of(&zone.zone) || !zone.covers(name) {
            return None;
        }
        let mut zones = self.zones.borrow_mut();
        if zones.len() >= MAX_ZONES && !zones.contains_key(&zone.zone) {
            return None;
        }
        Some(Rc::clone(zones.entry(zone.zone.clone()).or_insert_with(|| Rc::new(zone))))
    }

    async fn ask(&self, place: Place<'_>, question: &Question) -> Said {
        match place.own {
            Some((zone, server)) if zone.covers(&question.name) => {
                self.ask_server(zone, server, question).await
            }
            _ => self.ask_above(place.above, question).await,
        }
    }

    /// Asks a vantage for what is its own to say, where it points to for what lies below, and for all
    /// else whoever answers.
    async fn ask_above(&self, vantage: &Vantage, question: &Question) -> Said {
        if !self.sight.covers(&question.name) {
            return Said::plain(self.hear(None, question).await);
        }
        let answer = self.hear(Some(vantage), question).await;
        if answer.outcome != Outcome::Failed(Failure::Delegated) {
            return Said::plain(answer);
        }
        match self.zone_below(&question.name).await {
            Some(zone) => self.ask_zone(&zone, question).await,
            None => Said::plain(answer),
        }
    }

    /// Asks the servers of a zone below one after the other until one of them answers.
    fn ask_zone<'b>(&'b self, zone: &'b Sight, question: &'b Question) -> LocalBoxFuture<'b, Said> {
        Box::pin(async move {
            let mut kept = None;
            for server in &zone.vantages {
                let said = self.ask_server(zone, server, question).await;
                match said.answer.outcome {
                    Outcome::Failed(Failure::ChainTooLong) => return said,
                    Outcome::Failed(_) => kept = kept.or(Some(said)),
                    _ => return said,
                }
            }
            let nobody = Answer::plain(Outcome::Failed(Failure::NoServer));
            kept.unwrap_or(Said { answer: nobody, below: Some(None) })
        })
    }

    /// Asks a server of a zone below for a name in it. One that points to its own zone does not serve
    /// it.
    async fn ask_server(&self, zone: &Sight, server: &Vantage, question: &Question) -> Said {
        let mut answer = self.hear(Some(server), question).await;
        if answer.outcome == Outcome::Failed(Failure::Delegated) {
            match self.zone_below(&question.name).await {
                Some(below) if below.zone != zone.zone && zone.covers(&below.zone) => {
                    return self.ask_zone(&below, question).await;
                }
                _ => answer.outcome = Outcome::Failed(Failure::Lame),
            }
        }
        Said { answer, below: Some(Some(server.clone())) }
    }

    /// Asks once, and remembers the answer; what does not come in time has failed.
    async fn hear(&self, from: Option<&Vantage>, question: &Question) -> Answer {
        let key = (from.cloned(), question.clone());
        let heard = self.heard.borrow().get(&key).cloned();
        let heard = heard.unwrap_or_else(|| {
            let (lookup, domain, (from, question)) = (self.lookup, self.domain, key.clone());
            let ask = async move {
                match &from {
                    Some(vantage) => lookup.ask_from(vantage, domain, &question).await,
                    None => lookup.ask_about(domain, &question).await,
                }
            };
            let heard = ask.boxed_local().shared();
            self.heard.borrow_mut().insert(key.clone(), heard.clone());
            heard
        });
        if let Some(answer) = heard.peek() {
            return answer.clone();
        }
        let limit = Some(Limit { stage: Stage::Inquiry, deadline: self.deadline });
        let what = Unfinished::Question(question, from);
        match within(limit, self.lookup, (self.domain, what), heard).await {
            Some(answer) => answer,
            None => {
                let heard = ready(late()).boxed_local().shared();
                self.heard.borrow_mut().insert(key, heard);
                late()
            }
        }
    }
}
