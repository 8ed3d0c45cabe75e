//! Endpoints visited at the addresses that DNS gives their hosts.
//!
//! A lookup that nobody visits for answers questions of DNS; [`Visiting`] makes it one that visits, too.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;

use super::addresses::addresses;
use super::documents::fetch_within;
use super::drive::Limit;
use super::fetching::Fetching;
use super::wants::visited;
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
///
/// What has not come to its end after so long a time is given up, and unknown.
pub(crate) async fn visit_all<L: Lookup>(
    lookup: &L,
    plan: &RecordPlan,
    views: &mut Views,
    time: Option<Duration>,
) {
    let domain = plan.domain();
    let limit = Some(Limit::after(Stage::Visits, time));
    let endpoints = endpoints(plan, views);
    let visits = endpoints.iter().map(|endpoint| visited(limit, lookup, domain, endpoint));
    let visits = futures_util::future::join_all(visits);
    let web = Fetching::new(lookup, domain);
    let pages = fetch_within(limit, plan, (lookup, &web));
    let (seen, pages) = futures_util::join!(visits, pages);
    views.add_sightings(seen.into_iter().flatten());
    views.add_documents(pages);
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use hickory_proto::rr::RData;
    use hickory_proto::rr::rdata::A;

    use super::*;
    use crate::answer::Outcome;
    use crate::audit::{Audit, Code, Policy, Unvisited, inquire, judge_views};
    use crate::endpoint::Unseen;
    use crate::hosting::{Columns, Hosting};
    use crate::page::{Content, Unfetched};
    use crate::plan::plan;
    use crate::survey::observe;

    /// Has what is planned, and refuses every connection; what begins with this never comes to an end.
    struct Hanging<'a> {
        plan: &'a RecordPlan,
        never: &'a str,
    }

    impl Hanging<'_> {
        async fn hang(&self, what: &str) {
            if !self.never.is_empty() && what.starts_with(self.never) {
                pending::<()>().await;
            }
        }
    }

    impl Lookup for Hanging<'_> {
        async fn ask(&self, question: &Question) -> Answer {
            let Question { name, rtype } = question;
            let mut published = self.plan.published().map(|(_, set)| set);
            let set = published.find(|set| (set.owner(), set.record_type()) == (name, *rtype));
            let address = (*rtype == RecordType::A).then(|| vec![RData::A(A::new(192, 0, 2, 1))]);
            let data = set.map(|set| set.rdatas().to_vec()).or(address);
            self.hang(&format!("{name} {rtype}")).await;
            Answer::plain(data.map_or(Outcome::NoData, |data| Outcome::Records { ttl: 60, data }))
        }

        fn visits(&self) -> bool {
            true
        }

        async fn visit(&self, _domain: &MailDomain, endpoint: &Endpoint) -> Option<Arc<Sighting>> {
            self.hang(&endpoint.to_string()).await;
            let (endpoint, seen) = (endpoint.clone(), Err(Unseen::Refused));
            Some(Arc::new(Sighting { endpoint, address: None, at: 0, seen }))
        }

        /// The site of the domain points elsewhere.
        async fn fetch(
            &self,
            _domain: &MailDomain,
            request: &Request,
            _addresses: &[IpAddr],
        ) -> Option<Page> {
            self.hang(&request.url.to_string()).await;
            let away = || Some("https://away.test/".parse().expect("it is an address"));
            let location = (request.url.host() == "d.test").then(away).flatten();
            let status = if location.is_some() { 302 } else { 404 };
            Some(Page::of(Ok(Content { status, location, ..Content::default() })))
        }
    }

    async fn audited(never: &str) -> Audit {
        let domain = "d.test".parse().expect("it is a domain");
        let plan = plan(&domain, &Hosting::documented(), &Columns::default()).expect("it is sound");
        let mut views = observe(inquire(&plan), &Hanging { plan: &plan, never: "" }).await;
        let time = Some(Duration::from_secs(6));
        visit_all(&Hanging { plan: &plan, never }, &plan, &mut views, time).await;
        judge_views(&plan, &views, &Policy::default())
    }

    /// What is unknown because of the time, and how many servers and documents have faults.
    fn concluded(audit: &Audit) -> (Vec<String>, [usize; 2]) {
        let late = |it: &&Unvisited| {
            matches!(it, Unvisited::Server(_, Unseen::Deadline))
                || matches!(it, Unvisited::Page(_, Unfetched::Deadline))
        };
        let unknown: Vec<_> =
            audit.unvisited.iter().filter(late).map(ToString::to_string).collect();
        assert_eq!(unknown.len(), audit.unvisited.len());
        let faults = [Code::EndpointUnreachable, Code::DocumentUnreachable].map(|code| {
            let found = audit.findings.iter().filter(|it| it.code == code);
            found.map(|it| it.subjects.len()).sum()
        });
        (unknown, faults)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_visited_too_long_is_unknown_and_no_fault() {
        const CONFIG: &str = "https://autoconfig.d.test/mail/config-v1.1.xml";
        const OF_THE_SITE: [&str; 3] = [
            "https://d.test/.well-known/autoconfig/mail/config-v1.1.xml",
            "http://d.test/.well-known/autoconfig/mail/config-v1.1.xml",
            "https://d.test/autodiscover/autodiscover.xml",
        ];
        for (never, unknown, faults) in [
            ("", &[][..], [6, 3]),
            ("mail.d.test:993", &["mail.d.test:993 (IMAP, TLS)"], [5, 3]),
            (CONFIG, &[CONFIG], [6, 2]),
            // Where the site points to, by its address or behind it.
            ("https://away.test", &OF_THE_SITE, [6, 3]),
            ("away.test. A", &OF_THE_SITE, [6, 3]),
        ] {
            let unknown = unknown.iter().map(ToString::to_string).collect();
            assert_eq!(concluded(&audited(never).await), (unknown, faults), "{never}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_a_question_takes_too_long_what_depends_on_it_is_unknown() {
        for never in ["autodiscover.d.test. A", "d.test. MX"] {
            let (unknown, faults) = concluded(&audited(never).await);
            let site = unknown.last().map(String::as_str);
            assert_eq!((site, faults), (Some("https://d.test/"), [6, 0]), "{never}");
        }
    }
}
