//! Endpoints visited at the addresses that DNS gives their hosts.
//!
//! A lookup that nobody visits for answers questions of DNS; [`Visiting`] makes it one that visits, too.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;

use super::addresses::addresses;
use super::documents::fetch_documents;
use super::fetching::Fetching;
use crate::answer::{Answer, Hidden, Question, Sight, Vantage};
use crate::audit::endpoints;
use crate::endpoint::{Endpoint, Sighting};
use crate::inquiry::Views;
use crate::lookup::{Arrival, Letter, Lookup, Portray, Posted, Stage, Unfinished};
use crate::name::MailDomain;
use crate::page::{Page, Request};
use crate::plan::RecordPlan;
use crate::probe::{Fetcher, Prober, Terms};
use crate::zonefile::Position;

/// A lookup, and who visits the servers that its answers lead to, if anybody does.
///
/// Each endpoint is visited once, whichever mail domain leads there.
#[derive(Debug)]
pub struct Visiting<L> {
    lookup: L,
    probe: Option<Probe>,
}

/// Who visits mail servers, and who fetches pages.
#[derive(Debug)]
pub struct Probe {
    prober: Prober,
    fetcher: Fetcher,
}

impl Probe {
    /// Has seen nothing yet.
    pub fn new(terms: Terms) -> Self {
        Self { prober: Prober::new(terms.clone()), fetcher: Fetcher::new(terms) }
    }
}

impl<L> Visiting<L> {
    /// Asks the lookup, and visits servers by the probe; by none, nobody is visited.
    pub fn new(lookup: L, probe: Option<Probe>) -> Self {
        Self { lookup, probe }
    }
}

impl<L: Lookup> Lookup for Visiting<L> {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        self.lookup.ask(question)
    }

    fn ask_about(&self, domain: &MailDomain, question: &Question) -> impl Future<Output = Answer> {
        self.lookup.ask_about(domain, question)
    }

    /// Whoever visits waits for more than answers.
    fn takes_post(&self) -> bool {
        self.probe.is_none() && self.lookup.takes_post()
    }

    fn post(&self, letter: &Letter<'_>) -> Posted {
        self.lookup.post(letter)
    }

    fn send_posted(&self, now: Instant) -> Option<Instant> {
        self.lookup.send_posted(now)
    }

    fn open(&self, arrival: Arrival) -> Result<Answer, Box<Arrival>> {
        self.lookup.open(arrival)
    }

    fn go_on(&self, question: &Question, arrival: Arrival) -> impl Future<Output = Answer> {
        self.lookup.go_on(question, arrival)
    }

    fn sight(&self, domain: &MailDomain) -> impl Future<Output = Option<Sight>> {
        self.lookup.sight(domain)
    }

    fn ask_from(
        &self,
        vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> impl Future<Output = Answer> {
        self.lookup.ask_from(vantage, domain, question)
    }

    fn sight_below(&self, domain: &MailDomain, name: &Name) -> impl Future<Output = Option<Sight>> {
        self.lookup.sight_below(domain, name)
    }

    fn forget(&self) {
        self.lookup.forget();
        if let Some(probe) = &self.probe {
            probe.prober.forget();
            probe.fetcher.forget();
        }
    }

    fn note_unfinished(&self, domain: &MailDomain, stage: Stage, what: Unfinished<'_>) {
        self.lookup.note_unfinished(domain, stage, what);
    }

    fn was_unfinished(&self, domain: &MailDomain, stage: Stage, what: Unfinished<'_>) -> bool {
        self.lookup.was_unfinished(domain, stage, what)
    }

    fn has_room(&self) -> bool {
        self.lookup.has_room()
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        self.lookup.srv_owners(domain, limit)
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        self.lookup.position(owner, rtype)
    }

    fn portrayer(&self) -> impl Portray {
        self.lookup.portrayer()
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.lookup.hidden(domain)
    }

    fn visits(&self) -> bool {
        self.probe.is_some() || self.lookup.visits()
    }

    async fn visit(&self, domain: &MailDomain, endpoint: &Endpoint) -> Option<Arc<Sighting>> {
        Some(visit(&self.probe.as_ref()?.prober, &self.lookup, Some(domain), endpoint).await)
    }

    async fn fetch(
        &self,
        _domain: &MailDomain,
        request: &Request,
        addresses: &[IpAddr],
    ) -> Option<Page> {
        Some(self.probe.as_ref()?.fetcher.fetch(request, addresses).await)
    }
}

/// What an endpoint shows at the first address of its host that answers, IPv6 first, as clients try
/// them (RFC 6724).
///
/// A host that was not looked up is none without addresses. The mail domain is that by whose records
/// clients come there, if any: loose records are read for it.
pub async fn visit<L: Lookup>(
    prober: &Prober,
    lookup: &L,
    domain: Option<&MailDomain>,
    endpoint: &Endpoint,
) -> Arc<Sighting> {
    prober.visit(endpoint, || addresses(lookup, domain, &endpoint.host)).await
}

/// What DNS says of the TLSA records of an endpoint; None where its host is an address, which has none.
///
/// The mail domain is as in [`visit`].
pub async fn associations<L: Lookup>(
    lookup: &L,
    domain: Option<&MailDomain>,
    endpoint: &Endpoint,
) -> Option<Answer> {
    let question = Question { name: endpoint.association_name()?, rtype: RecordType::TLSA };
    Some(match domain {
        Some(domain) => lookup.ask_about(domain, &question).await,
        None => lookup.ask(&question).await,
    })
}

/// Visits the servers of a mail domain and fetches what the web serves to its clients, and adds what they
/// show to what was observed of it.
pub(crate) async fn visit_all<L: Lookup>(lookup: &L, plan: &RecordPlan, views: &mut Views) {
    let domain = plan.domain();
    let endpoints = endpoints(plan, views);
    let visits = endpoints.iter().map(|endpoint| lookup.visit(domain, endpoint));
    let visits = futures_util::future::join_all(visits);
    let web = Fetching::new(lookup, domain);
    let pages = fetch_documents(plan, (lookup, &web));
    let (seen, pages) = futures_util::join!(visits, pages);
    views.add_sightings(seen.into_iter().flatten());
    views.add_documents(pages);
}
