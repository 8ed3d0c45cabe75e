//! What clients fetch of one domain, whatever comes of it: every page that some client asks for where all
//! others are missing.

use std::net::IpAddr;

use futures_util::future::join_all;

use super::Web;
use super::addresses::addresses;
use super::wants::{ROUNDS, ask, usual};
use crate::forecast::{CLIENTS, Facts, Want, World, follow};
use crate::lookup::Lookup;
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
    (lookup, web): (&L, &W),
) -> Vec<Fetched> {
    let sought = sought(plan, lookup).await;
    let fetched =
        sought.iter().map(|(request, at)| fetch(request, at, plan.domain(), (lookup, web)));
    join_all(fetched).await
}

/// What clients ask for, with the addresses of the host.
async fn sought<L: Lookup>(plan: &RecordPlan, lookup: &L) -> Vec<(Request, Vec<IpAddr>)> {
    let mut facts = Facts::of(plan);
    let mut sought: Vec<(Request, Vec<IpAddr>)> = Vec::new();
    let mut questions: Vec<Want> = usual(plan).into_iter().map(Want::Answer).collect();
    for _ in 0..ROUNDS {
        ask(&questions, plan, &mut facts, (lookup, &super::NoWeb), None).await;
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
                    sought.push((request, addresses));
                }
                // Nobody says that servers are visited.
                Want::Sighting(_) => {}
            }
        }
    }
    sought
}

/// Fetches a page, and goes where servers point to.
async fn fetch<L: Lookup, W: Web>(
    request: &Request,
    at: &[IpAddr],
    domain: &MailDomain,
    (lookup, web): (&L, &W),
) -> Fetched {
    let mut hops = Vec::new();
    let mut next = request.clone();
    let mut page = web.fetch(&next, at).await;
    while let (None, Some(to)) = (refusal(&page), page.leads_to(&next)) {
        if hops.len() == MAX_REDIRECTS {
            page = Page::of(Err(Unfetched::Redirects));
            break;
        }
        hops.push(to.url.clone());
        page = match addresses(lookup, Some(domain), to.url.host()).await {
            Ok(addresses) => web.fetch(&to, &addresses).await,
            Err(why) => Page::of(Err(unfetched(why))),
        };
        next = to;
    }
    Fetched { request: request.clone(), hops, page }
}

/// What ends the way of most clients.
fn refusal(page: &Page) -> Option<Unfetched> {
    page.content.as_ref().ok()?.fault
}
