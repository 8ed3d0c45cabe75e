//! What clients fetch of one domain, whatever comes of it: every page that some client asks for where all
//! others are missing.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use super::addresses::addresses;
use super::drive::{Limit, within};
use super::wants::{NoWeb, ROUNDS, Web, ask, fetched, usual};
use crate::endpoint::Unseen;
use crate::forecast::{CLIENTS, Facts, Want, World, follow};
use crate::lookup::{Lookup, Unfinished};
use crate::name::MailDomain;
use crate::page::{Fetched, MAX_REDIRECTS, Page, Request, Unfetched};
use crate::plan::RecordPlan;
use crate::probe::unfetched;

/// Fetches every page that some client asks for, in the order of the clients, and goes where servers
/// point to.
///
/// The addresses are those that the lookup has; a host without any is not in it.
pub async fn fetch_documents<L: Lookup, W: Web>(
    plan: &RecordPlan,
    asked: (&L, &W),
) -> Vec<Fetched> {
    fetch_within(None, plan, asked).await
}

/// Does the same within a limit: what does not come before is known to be given up.
pub(super) async fn fetch_within<L: Lookup, W: Web>(
    limit: Option<Limit>,
    plan: &RecordPlan,
    asked: (&L, &W),
) -> Vec<Fetched> {
    let mut facts = Facts::of(plan);
    let mut questions: Vec<Want> = usual(plan).into_iter().map(Want::Answer).collect();
    let (mut under_way, mut came) = (FuturesOrdered::new(), Vec::new());
    for _ in 0..ROUNDS {
        let answers = ask(&questions, plan, &mut facts, (asked.0, &NoWeb), limit);
        meanwhile(answers, &mut under_way, &mut came).await;
        let world = World::new(&facts);
        CLIENTS.iter().for_each(|client| follow(&world, client));
        let wanted = world.wanted();
        if wanted.is_empty() {
            break;
        }
        questions.clear();
        for want in wanted {
            match want {
                Want::Answer(_) => questions.push(want),
                Want::Page(request, addresses) => {
                    facts.show(request.clone(), &addresses, Page::missing());
                    under_way.push_back(fetch(limit, request, addresses, plan.domain(), asked));
                }
                // Nobody says that servers are visited.
                Want::Sighting(_) => {}
            }
        }
    }
    came.extend(under_way.collect::<Vec<_>>().await);
    if facts.is_given_up() {
        // What depends on the answer is fetched nowhere, and it is told of the site of the domain.
        let site = format!("https://{}/", plan.domain()).parse().ok();
        let page = || Page::of(Err(Unfetched::Deadline));
        let of = |url| Fetched { request: Request::get(url), hops: Vec::new(), page: page() };
        came.extend(site.map(of));
    }
    came
}

/// Waits for the answers, while pages come that are known to be asked for.
async fn meanwhile<F: Future<Output = Fetched>>(
    answers: impl Future<Output = ()>,
    under_way: &mut FuturesOrdered<F>,
    came: &mut Vec<Fetched>,
) {
    let mut answers = pin!(answers);
    loop {
        tokio::select! {
            biased;
            () = &mut answers => return,
            Some(page) = under_way.next() => came.push(page),
        }
    }
}

/// Fetches a page, and goes where servers point to.
async fn fetch<L: Lookup, W: Web>(
    limit: Option<Limit>,
    request: Request,
    at: Vec<IpAddr>,
    domain: &MailDomain,
    (lookup, web): (&L, &W),
) -> Fetched {
    let mut hops = Vec::new();
    let mut next = request.clone();
    let mut page = fetched(limit, (lookup, web), domain, (&next, &at)).await;
    while let (None, Some(to)) = (refusal(&page), page.leads_to(&next)) {
        if hops.len() == MAX_REDIRECTS {
            page = Page::of(Err(Unfetched::Redirects));
            break;
        }
        hops.push(to.url.clone());
        // Of a host whose addresses were given up nothing was requested.
        let what = (domain, Unfinished::Page(&to, &[]));
        let found = addresses(lookup, Some(domain), to.url.host());
        let found = within(limit, lookup, what, found).await.unwrap_or(Err(Unseen::Deadline));
        page = match found {
            Ok(addresses) => fetched(limit, (lookup, web), domain, (&to, &addresses)).await,
            Err(why) => Page::of(Err(unfetched(why))),
        };
        next = to;
    }
    Fetched { request, hops, page }
}

/// What ends the way of most clients.
fn refusal(page: &Page) -> Option<Unfetched> {
    page.content.as_ref().ok()?.fault
}
