//! What mail clients will conclude of one domain: what they want to know is asked of DNS and fetched
//! from the web, each thing once for all of them, until none wants more.

use std::cell::LazyCell;
use std::time::Duration;

use tokio::time::Instant;

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
/// failed, which is then unknown.
pub async fn foresee<L: Lookup, W: Web>(
    plan: &RecordPlan,
    hosting: &Hosting,
    clients: &[&Client],
    asked: (&L, &W),
    time: Option<Duration>,
) -> Vec<Forecast> {
    weigh(plan, hosting, clients, Vec::new(), asked, time).await.forecasts
}

/// What is foretold of clients, and what becomes of them where RRsets are altered.
#[derive(Debug)]
pub struct Weighed {
    /// What is foretold, in the order of the clients.
    pub forecasts: Vec<Forecast>,
    /// What each of the alterations does to each client.
    pub effects: Vec<Vec<Effect>>,
}

/// Foretells what clients will conclude as [`foresee`] does, and what each of these alterations would do
/// to them: each by itself, of the RRsets that stand otherwise then.
pub async fn weigh<L: Lookup, W: Web>(
    plan: &RecordPlan,
    hosting: &Hosting,
    clients: &[&Client],
    altered: Vec<Vec<Altered<'_>>>,
    asked: (&L, &W),
    time: Option<Duration>,
) -> Weighed {
    let deadline = time.map(|time| Instant::now() + time);
    let limit = Some(Limit { stage: Stage::Forecast, deadline });
    let planned = LazyCell::new(|| planned(plan, hosting));
    let facts = Facts::of(plan);
    let mut facts = if asked.0.visits() { facts.visiting() } else { facts };
    let mut wanted: Vec<Want> = usual(plan).into_iter().map(Want::Answer).collect();
    let none = || -> Vec<Option<Forecast>> { clients.iter().map(|_| None).collect() };
    let mut forecasts = none();
    let mut others: Vec<_> =
        altered.into_iter().map(|altered| (Alterations::of(altered), none())).collect();
    for _ in 0..ROUNDS {
        ask(&wanted, plan, &mut facts, asked, limit).await;
        let world = World::new(&facts);
        fill(&mut forecasts, clients, |client| foretell(&world, client, || planned.as_slice()));
        wanted = world.wanted();
        for (alterations, outcomes) in &mut others {
            let world = World::altered(&facts, alterations);
            fill(outcomes, clients, |client| outcome(&world, client));
            wanted.extend(world.wanted());
        }
        if wanted.is_empty() {
            break;
        }
        wanted.sort();
        wanted.dedup();
    }
    let known = |forecast: Option<Forecast>| forecast.unwrap_or_else(given_up);
    let forecasts: Vec<Forecast> = forecasts.into_iter().map(known).collect();
    let of = |outcomes: Vec<Option<Forecast>>| {
        let outcomes = outcomes.into_iter().map(known);
        outcomes.zip(&forecasts).map(|(with, without)| with.effect(without)).collect()
    };
    let effects = others.into_iter().map(|(_, outcomes)| of(outcomes)).collect();
    Weighed { effects, forecasts }
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

    /// All that is concluded of a domain where this stalls at one stage and the other.
    async fn concluded<L: Lookup>(
        lookup: &L,
        (plan, hosting): (&RecordPlan, &Hosting),
        (stalls, at): (&Cell<bool>, [bool; 2]),
        time: Option<Duration>,
    ) -> String {
        stalls.set(at[0]);
        let mut views = observe_within(inquire(plan), lookup, time).await;
        stalls.set(false);
        visit_all(lookup, plan, &mut views).await;
        stalls.set(at[1]);
        let web = Fetching::new(lookup, plan.domain());
        let forecasts = foresee(plan, hosting, CLIENTS, (lookup, &web), time).await;
        format!("{:?}{forecasts:?}", judge_views(plan, &views, &Policy::default()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_up_is_given_up_again_where_the_run_is_gone_over() {
        let hosting = Hosting::documented();
        let planned = plan(&"d.test".parse().unwrap(), &hosting, &Columns::default()).unwrap();
        let mut all = BTreeSet::new();
        for at in [[false, false], [true, false], [false, true], [true, true]] {
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
        assert_eq!(all.len(), 4);
    }
}
