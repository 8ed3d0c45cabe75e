//! Outlook for Windows of old, not joined to a domain, by what Microsoft documents (MS-OXDISCO §3.1.5,
//! MS-OXDSCLI §2.2.4) and administrators report of its order; providers report that versions of late
//! pass Autodiscover over where it names no Exchange.
//!
//! It posts to the site of the domain, then to `autodiscover`, by HTTPS; then looks whether
//! `autodiscover` points elsewhere by HTTP; then goes where `_autodiscover._tcp` leads, whatever the port.
//! Where the answer has no login name, it enters the part before the `@`.

use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::name::plain_text;
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{Mode, POX_PATH, Pox, Protocol, Server, USER};
use crate::service::{AUTODISCOVER_LABEL, Direction, PROTO, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "outlook-classic",
    title: "Outlook (classic)",
    version: "MS-OXDISCO",
    basis: Basis::Reported,
    source: "MS-OXDISCO, MS-OXDSCLI, and reports of administrators",
    directions: &Direction::ALL,
    reads: "Autodiscover on the site of the domain, at autodiscover, and where _autodiscover._tcp leads",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let domain = world.domain();
    let name = format!("autodiscover.{domain}");
    let post = |host: &str| Request::post(Url::new(Https, host, POX_PATH), world.address());
    // Only where it points to is of use.
    let by_http = Request::get(Url::new(Http, &name, POX_PATH));
    for request in [post(domain), post(&name), by_http] {
        if let Some(found) = answer(world, request)? {
            return Ok(found);
        }
    }
    let mut targets = world.srv(&[AUTODISCOVER_LABEL, PROTO])?;
    targets.sort_by_key(|srv| (srv.priority, std::cmp::Reverse(srv.weight)));
    if let Some(srv) = targets.first() {
        let host = plain_text(&srv.target).to_ascii_lowercase();
        return Ok(answer(world, post(&host))?.unwrap_or_default());
    }
    Ok(Conclusion::default())
}

/// What is answered; it goes on to another address that the answer names.
fn answer(world: &World<'_>, mut request: Request) -> Told<Option<Conclusion>> {
    for _ in 0..3 {
        let Some(pox) = world.pox(&request)? else { break };
        match &pox.redirect {
            Some(next) => request = Request::post(next.clone(), world.address()),
            None => return Ok(of_pox(pox, &request.url)),
        }
    }
    Ok(None)
}

fn of_pox(pox: &Pox, url: &Url) -> Option<Conclusion> {
    let server = |service| -> Option<Server> {
        let protocol = pox.first(service)?;
        let login = protocol.login.as_deref().filter(|login| !login.is_empty());
        Some(protocol.server(url, mode(protocol), Some(login.unwrap_or(USER).to_owned())))
    };
    let incoming = server(Service::Imap).or_else(|| server(Service::Pop3))?;
    Some(Conclusion { incoming: Some(incoming), outgoing: server(Service::Submission) })
}

/// `Encryption` is said to go before `SSL`.
fn mode(protocol: &Protocol) -> Mode {
    match protocol.encryption.as_str() {
        "none" => Mode::Plain,
        "ssl" => Mode::Tls(TlsMode::Implicit),
        "tls" => Mode::Tls(TlsMode::StartTls),
        _ if protocol.is_ssl => Mode::Tls(TlsMode::Implicit),
        _ => Mode::Plain,
    }
}
