//! Delta Chat 2.65.0, measured: `deltachat-rpc-server`, with a login to IMAP and SMTP. So says its
//! source of 2026-08-21 (`src/configure.rs`, `configure/auto_mozilla.rs`, `auto_outlook.rs`).
//!
//! It fetches the document from `autoconfig`, then from the site of the domain, then asks Autodiscover
//! on the site and at `autodiscover`, and where that points to; by HTTPS alone, with the roots that are
//! compiled in. The first page that its reader comes to the end of is the only one it takes, whatever
//! that says. For a direction of which it has found nothing it tries hosts at the registered ports. It
//! tries the servers that it has found one after the other, and keeps the first that lets it in. It was
//! measured taking any certificate.

use super::sources::{autoconfig, well_known};
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::endpoint::barrier;
use crate::forecast::guess;
use crate::forecast::world::{Told, World};
use crate::page::{Request, Scheme, Url};
use crate::reading::{Entry, Mode, POX_PATH, Protocol, Server};
use crate::service::{Direction, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "deltachat",
    title: "Delta Chat",
    version: "2.65.0",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the document at autoconfig or on the site of the domain, and Autodiscover, by HTTPS alone",
    conclude,
};

/// How often it goes on to where Autodiscover points.
const MAX_REDIRECTS: usize = 10;

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let found = match documents(world)? {
        None => autodiscover(world)?,
        found => found,
    };
    let candidates = found.unwrap_or_default();
    let incoming = choose(world, &candidates, Service::Imap)?;
    let outgoing = choose(world, &candidates, Service::Submission)?;
    Ok(Conclusion::both(incoming, outgoing).unwrap_or_default())
}

/// What the first document says that its reader comes to the end of, which may be nothing.
fn documents(world: &World<'_>) -> Told<Option<Vec<Server>>> {
    let domain = world.domain();
    let requests = [
        Request::get(autoconfig(Scheme::Https, domain)).about(world.address()),
        Request::get(well_known(Scheme::Https, domain)),
    ];
    world.expect(&requests);
    for request in requests.iter().cloned() {
        if is_read(world, &request)? {
            let entries = world.entries(&request)?.unwrap_or_default().iter();
            return Ok(Some(entries.flat_map(|it| of_document(it, &request.url, world)).collect()));
        }
    }
    Ok(None)
}

/// The same of Autodiscover, wherever that points to.
fn autodiscover(world: &World<'_>) -> Told<Option<Vec<Server>>> {
    let domain = world.domain();
    for host in [domain.to_owned(), format!("autodiscover.{domain}")] {
        let mut url = Url::new(Scheme::Https, &host, POX_PATH);
        for _ in 0..MAX_REDIRECTS {
            let request = Request::get(url.clone());
            if !is_read(world, &request)? {
                break;
            }
            let answer = world.pox(&request)?;
            match answer.and_then(|answer| answer.redirect.clone()) {
                Some(next) => url = next,
                None => {
                    let protocols = answer.map(|answer| answer.protocols.as_slice());
                    let protocols = protocols.unwrap_or_default().iter();
                    return Ok(Some(protocols.flat_map(|it| of_pox(it, &url, world)).collect()));
                }
            }
        }
    }
    Ok(None)
}

/// Whether something is served that its reader comes to the end of: it trips over end tags that do not
/// fit, and looks at no root.
fn is_read(world: &World<'_>, request: &Request) -> Told<bool> {
    let Some((content, is_xml)) = world.content(request)? else { return Ok(false) };
    Ok(is_xml || !content.body.windows(2).any(|two| two == b"</"))
}

/// Where it does not know what is written of TLS, it tries both modes; of several words the last counts. A server without a login name is
/// none to it.
fn of_document(entry: &Entry, url: &Url, world: &World<'_>) -> Vec<Server> {
    if entry.user.is_none() {
        return Vec::new();
    }
    let modes = match entry.last_mode() {
        Some(mode) => vec![mode],
        None => TlsMode::ALL.map(Mode::Tls).to_vec(),
    };
    modes.into_iter().filter_map(|mode| entry.server_in(mode, world.user(), url)).collect()
}

/// With TLS it tries both modes, that of the port first; `SSL` off is no TLS to it.
fn of_pox(protocol: &Protocol, url: &Url, world: &World<'_>) -> Vec<Server> {
    let login = Some(world.address().to_owned());
    if !protocol.is_ssl {
        return vec![protocol.server(url, Mode::Plain, login)];
    }
    let modes = TlsMode::ALL.into_iter();
    modes.map(|mode| protocol.server(url, Mode::Tls(mode), login.clone())).collect()
}

/// The first server of a service that lets it in. Where none is named, it tries hosts of its own.
fn choose(world: &World<'_>, candidates: &[Server], service: Service) -> Told<Option<Server>> {
    let mut of_service = candidates.iter().filter(|server| server.service == service).peekable();
    if of_service.peek().is_none() {
        let (own, services) = match service {
            Service::Submission => ("smtp", &[Service::Submission][..]),
            Service::Imap | Service::Pop3 => ("imap", &[Service::Imap][..]),
        };
        let hosts = [own, "mail", ""].map(|host| (host, services));
        return guess::first(world, &hosts, &TlsMode::ALL, world.address(), |_| true);
    }
    for server in of_service {
        let login = server.login.as_deref().unwrap_or_else(|| world.address()).to_owned();
        let server = server.clone().with_login(&login);
        match barrier(world, &server, candidates)? {
            None => return Ok(Some(server)),
            Some(barrier) => world.fails_at(&server, barrier),
        }
    }
    Ok(None)
}
