//! What mail clients will conclude of one domain: what they want to know is asked of DNS and fetched
//! from the web, each thing once for all of them, until none wants more.

use std::cell::LazyCell;
use std::time::Duration;

use super::drive::Limit;
use super::wants::{ROUNDS, Web, ask, usual};
use crate::forecast::{
    Alterations, Altered, Client, Effect, Facts, Forecast, Want, World, foretell, given_up,
    outcome, planned,
};
use crate::hosting::Hosting;
use crate::lookup::{Lookup, Stage};
use crate::plan::RecordPlan;

/// Foretells what clients will conclude of a planned domain, in their order.
///
/// The hosting must be the one that the plan was made of. What is not answered after so long a time has
/// failed, which is then unknown. What was found out comes with it.
pub async fn foresee<'p, L: Lookup, W: Web>(
    plan: &'p RecordPlan,
    hosting: &Hosting,
    clients: &[&Client],
    asked: (&'p L, &'p W),
    time: Option<Duration>,
) -> (Vec<Forecast>, Facts<'p>) {
    let mut known = Known::of(plan, asked, time);
    let weighed = known.weigh(hosting, clients, (0, |_| Vec::new())).await;
    (weighed.forecasts, known.facts)
}

/// Which of several remedies are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// One of them, by its place.
    Only(usize),
    /// All but one, by its place.
    AllBut(usize),
    /// All of them.
    All,
}

/// What is foretold of clients, and what becomes of them where remedies are done.
#[derive(Debug)]
pub struct Weighed {
    /// What is foretold, in the order of the clients.
    pub forecasts: Vec<Forecast>,
    /// What each of the remedies does to each client.
    pub effects: Vec<Vec<Effect>>,
    /// What is foretold where all of them are done; nothing where there is none.
    pub remedied: Vec<Forecast>,
}

/// Foretells what clients will conclude as [`foresee`] does, and what so many remedies would do to
/// them; `altered` says which RRsets stand otherwise where some of these are done.
///
/// Each is weighed by itself, and left out of all for those clients that none makes by itself what all
/// of them do.
pub async fn weigh<'a, L: Lookup, W: Web>(
    plan: &RecordPlan,
    hosting: &Hosting,
    clients: &[&Client],
    remedies: (usize, impl Fn(Done) -> Vec<Altered<'a>>),
    asked: (&L, &W),
    time: Option<Duration>,
) -> Weighed {
    Known::of(plan, asked, time).weigh(hosting, clients, remedies).await
}

/// What is known, and who is asked for more.
struct Known<'a, L, W> {
    facts: Facts<'a>,
    plan: &'a RecordPlan,
    asked: (&'a L, &'a W),
    limit: Limit,
}

impl<'a, L: Lookup, W: Web> Known<'a, L, W> {
    fn of(plan: &'a RecordPlan, asked: (&'a L, &'a W), time: Option<Duration>) -> Self {
        let limit = Limit::after(Stage::Forecast, time);
        let facts = Facts::of(plan).reaching(asked.1.reach());
        let facts = if asked.0.visits() { facts.visiting() } else { facts };
        Self { facts, plan, asked, limit }
    }

    /// What becomes of clients, and what so many remedies do to them.
    async fn weigh<'r>(
        &mut self,
        hosting: &Hosting,
        clients: &[&Client],
        (count, altered): (usize, impl Fn(Done) -> Vec<Altered<'r>>),
    ) -> Weighed {
        let planned = LazyCell::new(|| planned(self.plan, hosting));
        let mut forecasts: Vec<Option<Forecast>> = clients.iter().map(|_| None).collect();
        let of = |done| Mended::of(altered(done), clients.to_vec());
        // One alone is all of them.
        let dones = (0..count).map(Done::Only).chain((count > 1).then_some(Done::All));
        let mut mended: Vec<_> = dones.map(of).collect();
        let usual = usual(self.plan).into_iter().map(Want::Answer).collect();
        let look = |facts: &Facts<'_>| {
            let world = World::new(facts);
            fill(&mut forecasts, clients, |client| foretell(&world, client, || planned.as_slice()));
            mended.iter_mut().fold(world.wanted(), |wanted, it| it.look(facts, wanted))
        };
        self.settle(usual, look).await;
        let forecasts = told(forecasts);
        let mut each: Vec<_> = mended.into_iter().map(|it| told(it.outcomes)).collect();
        let remedied = each.last().cloned().unwrap_or_default();
        each.truncate(count);
        let effects = each.iter().map(|with| effects(with, &forecasts)).collect();
        let mut weighed = Weighed { forecasts, effects, remedied };
        let several = needing_several(&weighed, &each);
        if several.contains(&true) {
            weigh_together(&mut weighed, clients, &several, altered, self).await;
        }
        weighed
    }

    /// Asks for what is wanted, until who looks at what is known wants no more.
    async fn settle(
        &mut self,
        mut wanted: Vec<Want>,
        mut look: impl FnMut(&Facts<'_>) -> Vec<Want>,
    ) {
        for _ in 0..ROUNDS {
            ask(&wanted, self.plan, &mut self.facts, self.asked, Some(self.limit)).await;
            wanted = look(&self.facts);
            if wanted.is_empty() {
                return;
            }
            wanted.sort();
            wanted.dedup();
        }
    }
}

/// A world in which some remedies are done, and what becomes of clients there.
struct Mended<'a, 'c> {
    alterations: Alterations<'a>,
    clients: Vec<&'c Client>,
    outcomes: Vec<Option<Forecast>>,
}

impl<'a, 'c> Mended<'a, 'c> {
    fn of(altered: Vec<Altered<'a>>, clients: Vec<&'c Client>) -> Self {
        let outcomes = clients.iter().map(|_| None).collect();
        Self { alterations: Alterations::of(altered), clients, outcomes }
    }

    /// Looks at what is known, and adds to what is wanted.
    fn look(&mut self, facts: &Facts<'_>, mut wanted: Vec<Want>) -> Vec<Want> {
        let world = World::altered(facts, &self.alterations);
        fill(&mut self.outcomes, &self.clients, |client| outcome(&world, client));
        wanted.extend(world.wanted());
        wanted
    }
}

/// Foretells those clients of which nothing is told yet.
fn fill(
    forecasts: &mut [Option<Forecast>],
    clients: &[&Client],
    foretell: impl Fn(&Client) -> Option<Forecast>,
) {
    for (client, forecast) in clients.iter().zip(forecasts) {
        if forecast.is_none() {
            *forecast = foretell(client);
        }
    }
}

fn told(forecasts: Vec<Option<Forecast>>) -> Vec<Forecast> {
    forecasts.into_iter().map(|it| it.unwrap_or_else(given_up)).collect()
}

fn effects(with: &[Forecast], without: &[Forecast]) -> Vec<Effect> {
    with.iter().zip(without).map(|(with, without)| with.effect(without)).collect()
}

/// Of each client whether all remedies change what becomes of it, and none makes that of it alone.
fn needing_several(weighed: &Weighed, each: &[Vec<Forecast>]) -> Vec<bool> {
    let mut several: Vec<bool> = effects(&weighed.remedied, &weighed.forecasts)
        .into_iter()
        .map(|effect| effect == Effect::Changed)
        .collect();
    for one in each {
        for (several, effect) in several.iter_mut().zip(effects(&weighed.remedied, one)) {
            *several &= effect != Effect::Same;
        }
    }
    several
}

/// Weighs each remedy that does nothing to a client by itself beside the others, where the client needs
/// several.
async fn weigh_together<'a, L: Lookup, W: Web>(
    weighed: &mut Weighed,
    clients: &[&Client],
    several: &[bool],
    altered: impl Fn(Done) -> Vec<Altered<'a>>,
    known: &mut Known<'_, L, W>,
) {
    let is_open = |effect: Effect, several: bool| several && effect == Effect::Same;
    let left_out = |(it, effects): (usize, &Vec<Effect>)| {
        let each = clients.iter().zip(effects).zip(several);
        let open = each.filter(|((_, effect), several)| is_open(**effect, **several));
        let open: Vec<&Client> = open.map(|((client, _), _)| *client).collect();
        let altered = if open.is_empty() { Vec::new() } else { altered(Done::AllBut(it)) };
        Mended::of(altered, open)
    };
    let mut worlds: Vec<_> = weighed.effects.iter().enumerate().map(left_out).collect();
    let look = |facts: &Facts<'_>| {
        worlds.iter_mut().fold(Vec::new(), |wanted, world| world.look(facts, wanted))
    };
    known.settle(Vec::new(), look).await;
    for (effects, world) in weighed.effects.iter_mut().zip(worlds) {
        let each = effects.iter_mut().zip(&weighed.remedied).zip(several);
        let open = each.filter(|((effect, _), several)| is_open(**effect, **several));
        for (((effect, with), _), without) in open.zip(told(world.outcomes)) {
            *effect = match with.effect(&without) {
                Effect::Changed => Effect::Together,
                other => other,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::future::pending;
    use std::io::Cursor;
    use std::net::IpAddr;
    use std::rc::Rc;
    use std::sync::Arc;

    use hickory_proto::rr::rdata::A;
    use hickory_proto::rr::{RData, RecordType};

    use super::super::{Fetching, observe_within, visit_all};
    use super::*;
    use crate::answer::{Answer, Outcome, Question};
    use crate::audit::{Policy, inquire, judge_views};
    use crate::endpoint::{Endpoint, Sighting, Unseen};
    use crate::forecast::CLIENTS;
    use crate::hosting::Columns;
    use crate::lookup::recorded::{Recorder, Recording};
    use crate::name::MailDomain;
    use crate::page::{Page, Request};
    use crate::plan::plan;

    /// Has what is planned, and now and then never says what the mail exchange is, and never comes back
    /// from a server or with a page.
    struct Stalling<'a> {
        plan: &'a RecordPlan,
        stalls: Rc<Cell<bool>>,
    }

    impl Stalling<'_> {
        async fn stall(&self) {
            if self.stalls.get() {
                pending::<()>().await;
            }
        }
    }

    impl Lookup for Stalling<'_> {
        async fn ask(&self, question: &Question) -> Answer {
            let Question { name, rtype } = question;
            if *rtype == RecordType::MX {
                self.stall().await;
            }
            let mut published = self.plan.published().map(|(_, set)| set);
            let set = published.find(|set| (set.owner(), set.record_type()) == (name, *rtype));
            let address = (*rtype == RecordType::A).then(|| vec![RData::A(A::new(192, 0, 2, 1))]);
            let data = set.map(|set| set.rdatas().to_vec()).or(address);
            Answer::plain(data.map_or(Outcome::NoData, |data| Outcome::Records { ttl: 60, data }))
        }

        fn visits(&self) -> bool {
            true
        }

        async fn visit(&self, _domain: &MailDomain, endpoint: &Endpoint) -> Option<Arc<Sighting>> {
            self.stall().await;
            let (endpoint, seen) = (endpoint.clone(), Err(Unseen::Refused));
            Some(Arc::new(Sighting { endpoint, address: None, at: 0, seen }))
        }

        async fn fetch(
            &self,
            _domain: &MailDomain,
            _request: &Request,
            _addresses: &[IpAddr],
        ) -> Option<Page> {
            self.stall().await;
            Some(Page::missing())
        }
    }

    /// All that is concluded of a domain where this stalls at some of the stages.
    async fn concluded<L: Lookup>(
        lookup: &L,
        (plan, hosting): (&RecordPlan, &Hosting),
        (stalls, [inquiry, visits, forecast]): (&Cell<bool>, [bool; 3]),
        time: Option<Duration>,
    ) -> String {
        stalls.set(inquiry);
        let mut views = observe_within(inquire(plan), lookup, time).await;
        stalls.set(visits);
        visit_all(lookup, plan, &mut views, time).await;
        stalls.set(forecast);
        let web = Fetching::new(lookup, plan.domain());
        let forecasts = foresee(plan, hosting, CLIENTS, (lookup, &web), time).await.0;
        format!("{:?}{forecasts:?}", judge_views(plan, &views, &Policy::default()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_up_is_given_up_again_where_the_run_is_gone_over() {
        let hosting = Hosting::documented();
        let planned = plan(&"d.test".parse().unwrap(), &hosting, &Columns::default()).unwrap();
        let mut all = BTreeSet::new();
        for stages in 0..8 {
            let at = [1, 2, 4].map(|stage| stages & stage != 0);
            let stalls = Rc::new(Cell::new(false));
            let lookup = Stalling { plan: &planned, stalls: Rc::clone(&stalls) };
            let recorder = Recorder::new(lookup, Vec::new());
            let (of, time) = ((&planned, &hosting), Some(Duration::from_secs(6)));
            let told = concluded(&recorder, of, (&stalls, at), time).await;
            let (written, outcome) = recorder.finish();
            outcome.unwrap();
            let recording = Recording::read(Cursor::new(written), "run").unwrap().visiting();
            let again = concluded(&recording, of, (&stalls, at), None).await;
            assert_eq!(again, told, "{at:?}");
            all.insert(told);
        }
        // Each of them is another run.
        assert_eq!(all.len(), 8);
    }
}
