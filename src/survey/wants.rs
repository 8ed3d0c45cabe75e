//! What mail clients want to know of one domain, asked of DNS and fetched from the web.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hickory_proto::rr::RecordType;

use super::drive::{Limit, in_time, within};
use crate::answer::{Answer, Question};
use crate::endpoint::{Endpoint, Sighting, Unseen};
use crate::forecast::{Facts, Reach, Want};
use crate::lookup::{Lookup, Unfinished};
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

    /// What is said of how hosts are reached, mail servers among them, where somebody says that.
    fn reach(&self) -> Option<&Reach> {
        None
    }

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
    limit: Option<Limit>,
) {
    let domain = plan.domain();
    let ask = async |want: &Want| match want {
        Want::Answer(question) => {
            let answer = lookup.ask_about(domain, question);
            let answer = in_time(limit, lookup, (domain, question), answer).await;
            Came::Answer(question.clone(), Box::new(answer))
        }
        Want::Page(request, addresses) => {
            let page = fetched(limit, (lookup, web), domain, (request, addresses)).await;
            Came::Page(request.clone(), addresses.as_slice().into(), page)
        }
        Want::Sighting(endpoint) => {
            let seen = visited(limit, lookup, domain, endpoint).await;
            Came::Sighting(seen.unwrap_or_else(|| unseen(endpoint, Unseen::NotLookedUp)))
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

/// What a server shows to whoever comes there for a mail domain, or that it was given up; None where nobody
/// visits anybody.
pub(super) async fn visited<L: Lookup>(
    limit: Option<Limit>,
    lookup: &L,
    domain: &MailDomain,
    endpoint: &Endpoint,
) -> Option<Arc<Sighting>> {
    let what = Unfinished::Server(endpoint);
    let seen = within(limit, lookup, (domain, what), lookup.visit(domain, endpoint)).await;
    // A deadline of ours says nothing of the server.
    seen.unwrap_or_else(|| Some(unseen(endpoint, Unseen::Deadline)))
}

fn unseen(endpoint: &Endpoint, why: Unseen) -> Arc<Sighting> {
    Arc::new(Sighting { endpoint: endpoint.clone(), address: None, at: 0, seen: Err(why) })
}

/// What comes of a request to these addresses, or that it was given up.
pub(super) async fn fetched<L: Lookup, W: Web>(
    limit: Option<Limit>,
    (lookup, web): (&L, &W),
    domain: &MailDomain,
    (request, addresses): (&Request, &[IpAddr]),
) -> Page {
    let what = Unfinished::Page(request, addresses);
    let page = within(limit, lookup, (domain, what), web.fetch(request, addresses)).await;
    page.unwrap_or_else(|| Page::of(Err(Unfetched::Deadline)))
}
