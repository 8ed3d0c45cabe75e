//! Autodiscover as Thunderbird 153.7 asks and reads it, measured; so says its source of 2026-08-22
//! (`ExchangeAutoDiscover`). It goes on to another mail address that the answer names, and to no other URL.

use super::sources::first_answer;
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::name::{MailDomain, plain_text};
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{POX_PATH, Pox};
use crate::service::{AUTODISCOVER_LABEL, PROTO, Service};

/// How often it goes on to another mail address.
const MAX_REDIRECTS: usize = 2;

/// Autodiscover of the mail domain, and of the domain of another address that is named there; the user
/// logs in with the own one.
pub(super) fn autodiscover(world: &World<'_>) -> Told<Option<Conclusion>> {
    let (mut domain, mut address) = (world.domain().to_owned(), world.address().to_owned());
    for _ in 0..=MAX_REDIRECTS {
        let Some(request) = first_answer(world, requests(world, &domain, &address)?)? else {
            break;
        };
        let Some(pox) = world.pox(&request)? else { break };
        match pox.redirect_address.as_deref().and_then(|other| other.rsplit_once('@')) {
            Some((user, other)) => {
                domain = other.to_ascii_lowercase();
                address = format!("{user}@{domain}");
            }
            None => return Ok(of_pox(pox, &request.url, world)),
        }
    }
    Ok(None)
}

/// Whom it asks about a domain; the first that answers is the only one that is read. Of the SRV records
/// it takes that of the least weight, and looks neither at priorities nor at ports.
fn requests(world: &World<'_>, domain: &str, address: &str) -> Told<Vec<Request>> {
    let name = format!("autodiscover.{domain}");
    let post = |scheme, host: &str| Request::post(Url::new(scheme, host, POX_PATH), address);
    let mut requests = vec![post(Https, &name), post(Https, domain), post(Http, &name)];
    let Ok(domain) = domain.parse::<MailDomain>() else { return Ok(Vec::new()) };
    let targets = world.srv_of(&domain, &[AUTODISCOVER_LABEL, PROTO])?;
    if let Some(srv) = targets.iter().min_by_key(|srv| srv.weight) {
        requests.push(post(Https, &plain_text(&srv.target).to_ascii_lowercase()));
    }
    Ok(requests)
}

fn of_pox(pox: &Pox, url: &Url, world: &World<'_>) -> Option<Conclusion> {
    let server = |service| {
        let protocol = pox.first(service)?;
        // An empty name is one to it: the word for "it is there".
        let login = match protocol.login.as_deref() {
            None => world.address(),
            Some("") => "true",
            Some(login) => login,
        };
        Some(protocol.server(url, protocol.mode(), Some(login.to_owned())))
    };
    let retrieval = pox.protocols.iter().find(|protocol| protocol.service.is_retrieval())?;
    let incoming = server(retrieval.service)?;
    Some(Conclusion { incoming: Some(incoming), outgoing: server(Service::Submission) })
}
