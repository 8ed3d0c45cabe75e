//! Autodiscover as Thunderbird 153.7 asks and reads it, measured; so says its source of 2026-08-22
//! (`ExchangeAutoDiscover`).

use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::name::plain_text;
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{POX_PATH, Pox};
use crate::service::{AUTODISCOVER_LABEL, PROTO, Service};

/// Autodiscover at its two hosts, and where its SRV records lead: those it sorts by weight, the least
/// first, and looks neither at priorities nor at ports.
pub(super) fn autodiscover(world: &World<'_>) -> Told<Option<Conclusion>> {
    let domain = world.domain();
    let name = format!("autodiscover.{domain}");
    let own = [(Https, name.as_str()), (Https, domain), (Http, &name)];
    for (scheme, host) in own {
        if let Some(found) = answer(world, Url::new(scheme, host, POX_PATH))? {
            return Ok(Some(found));
        }
    }
    let mut targets = world.srv(&[AUTODISCOVER_LABEL, PROTO])?;
    targets.sort_by_key(|srv| srv.weight);
    for srv in targets {
        let host = plain_text(&srv.target).to_ascii_lowercase();
        if let Some(found) = answer(world, Url::new(Https, &host, POX_PATH))? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What is answered at an address; it goes on to another that the answer names.
fn answer(world: &World<'_>, mut url: Url) -> Told<Option<Conclusion>> {
    for _ in 0..3 {
        let Some(pox) = world.pox(&Request::post(url.clone(), world.address()))? else { break };
        match &pox.redirect {
            Some(next) => url = next.clone(),
            None => return Ok(of_pox(pox, &url, world)),
        }
    }
    Ok(None)
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
    let incoming = server(Service::Imap).or_else(|| server(Service::Pop3))?;
    Some(Conclusion { incoming: Some(incoming), outgoing: server(Service::Submission) })
}
