//! What mail clients will conclude of one domain: what they want to know is asked of DNS and fetched
//! from the web, each thing once for all of them, until none wants more.

use std::cell::LazyCell;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hickory_proto::rr::RecordType;
use tokio::time::Instant;

use super::drive::{before, in_time};
use crate::answer::{Answer, Question};
use crate::endpoint::{Sighting, Unseen};
use crate::forecast::{
    Alterations, Altered, Client, Effect, Facts, Forecast, Want, World, foretell, given_up,
    outcome, planned,
};
use crate::hosting::Hosting;
use crate::lookup::Lookup;
use crate::name::MailDomain;
use crate::page::{Page, Request, Unfetched};
use crate::plan::RecordPlan;
use crate::service::{AUTODISCOVER_LABEL, ConfigName, Label, PROTO};

/// How often clients are asked what more they want: aliases and names derived from names take a round
/// each, and no client goes further than this.
pub(super) const ROUNDS: usize = 40;

/// Who fetches pages.
pub trait Web {
    /// Fetches what a client asks for from a host with these addresses; why it came to nothing is an
    /// answer too.
    fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> impl Future<Output = Page>;

    /// Whether more may be said of hosts at or below a mail domain than of those of any other.
    fn names(&self, _domain: &MailDomain) -> bool {
        true
    }
}

/// Nobody fetches anything: what depends on the web is not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWeb;

impl Web for NoWeb {
    async fn fetch(&self, _request: &Request, _addresses: &[IpAddr]) -> Page {
        Page::of(Err(Unfetched::NotAsked))
    }

    fn names(&self, _domain: &MailDomain) -> bool {
        false
    }
}

/// What came of one want.
enum Came {
    Answer(Question, Box<Answer>),
    Page(Request, Box<[IpAddr]>, Page),
    Sighting(Arc<Sighting>),
}

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
    let planned = LazyCell::new(|| planned(plan, hosting));
    let facts = Facts::of(plan);
    let mut facts = if asked.0.visits() { facts.visiting() } else { facts };
    let mut wanted: Vec<Want> = usual(plan).into_iter().map(Want::Answer).collect();
    let none = || -> Vec<Option<Forecast>> { clients.iter().map(|_| None).collect() };
    let mut forecasts = none();
    let mut others: Vec<_> =
        altered.into_iter().map(|altered| (Alterations::of(altered), none())).collect();
    for _ in 0..ROUNDS {
        ask(&wanted, plan, &mut facts, asked, deadline).await;
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

/// What nearly every client asks, so that it is known at once.
pub(super) fn usual(plan: &RecordPlan) -> Vec<Question> {
    let domain = plan.domain();
    let labels = Label::ALL.map(|label| label.prefix());
    let srv = labels.into_iter().chain([[AUTODISCOVER_LABEL, PROTO]]);
    let srv = srv.map(|labels| (domain.prefixed(&labels), RecordType::SRV));
    let hosts = ConfigName::ALL.map(|name| domain.prefixed(&[name.text()]));
    let hosts = hosts.into_iter().chain([domain.name().clone()]);
    let addresses =
        hosts.flat_map(|host| [RecordType::A, RecordType::AAAA].map(|it| (host.clone(), it)));
    let mx = (domain.name().clone(), RecordType::MX);
    let all = srv.chain(addresses).chain([mx]);
    all.map(|(name, rtype)| Question { name, rtype }).collect()
}

/// Asks for all of this together.
pub(super) async fn ask<L: Lookup, W: Web>(
    wanted: &[Want],
    plan: &RecordPlan,
    facts: &mut Facts<'_>,
    (lookup, web): (&L, &W),
    deadline: Option<Instant>,
) {
    let ask = async |want: &Want| match want {
        Want::Answer(question) => {
            let domain = plan.domain();
            let answer = lookup.ask_about(domain, question);
            let answer = in_time(lookup, deadline, domain, question, answer).await;
            Came::Answer(question.clone(), Box::new(answer))
        }
        Want::Page(request, addresses) => {
            let page = before(deadline, web.fetch(request, addresses)).await;
            let late = || Page::of(Err(Unfetched::Timeout));
            Came::Page(request.clone(), addresses.as_slice().into(), page.unwrap_or_else(late))
        }
        Want::Sighting(endpoint) => {
            let seen = before(deadline, lookup.visit(plan.domain(), endpoint)).await.flatten();
            // A deadline of ours says nothing of the server.
            let late = || {
                let (endpoint, seen) = (endpoint.clone(), Err(Unseen::NotLookedUp));
                Arc::new(Sighting { endpoint, address: None, at: 0, seen })
            };
            Came::Sighting(seen.unwrap_or_else(late))
        }
    };
    let mut asked: FuturesUnordered<_> = wanted.iter().map(ask).collect();
    while let Some(came) = asked.next().await {
        match came {
            Came::Answer(question, answer) => facts.tell(question, *answer),
            Came::Page(request, addresses, page) => facts.show(request, &addresses, page),
            Came::Sighting(sighting) => facts.see(sighting),
        }
    }
}
