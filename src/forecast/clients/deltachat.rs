//! Delta Chat 2.65.0, measured: `deltachat-rpc-server`, with a login to IMAP and SMTP. So says its
//! source of 2026-08-21 (`src/configure.rs`, `configure/auto_mozilla.rs`, `auto_outlook.rs`).
//!
//! It fetches the document from `autoconfig`, then from the site of the domain, then asks Autodiscover
//! on the site and at `autodiscover`; by HTTPS alone, with the roots that are compiled in. Where it has
//! found nothing it tries hosts at the registered ports. It tries the servers that it has found one
//! after the other, and keeps the first that lets it in. It was measured taking any certificate.

use super::sources::{autoconfig, first, well_known};
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::endpoint::obstacle;
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

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let domain = world.domain();
    let requests = [
        Request::get(autoconfig(Scheme::Https, domain)).about(world.address()),
        Request::get(well_known(Scheme::Https, domain)),
    ];
    if let Some((url, config)) = first(world, requests, |_| true)? {
        let candidates = config.entries.iter().flat_map(|it| of_document(it, &url, world));
        return choose(world, &candidates.collect::<Vec<_>>());
    }
    for host in [domain.to_owned(), format!("autodiscover.{domain}")] {
        let url = Url::new(Scheme::Https, &host, POX_PATH);
        if let Some(answer) = world.pox(&Request::get(url.clone()))? {
            let candidates = answer.protocols.iter().flat_map(|it| of_pox(it, &url, world));
            return choose(world, &candidates.collect::<Vec<_>>());
        }
    }
    let login = world.address();
    let of = |own, service: &'static [Service]| [(own, service), ("mail", service), ("", service)];
    let incoming = guess::first(world, &of("imap", &[Service::Imap]), &TlsMode::ALL, login)?;
    let outgoing = guess::first(world, &of("smtp", &[Service::Submission]), &TlsMode::ALL, login)?;
    Ok(Conclusion::both(incoming, outgoing).unwrap_or_default())
}

/// Where it does not know what is written of TLS, it tries both modes.
fn of_document(entry: &Entry, url: &Url, world: &World<'_>) -> Vec<Server> {
    let modes = match entry.mode() {
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

/// The first server of each direction that lets it in.
fn choose(world: &World<'_>, candidates: &[Server]) -> Told<Conclusion> {
    let chosen = |service: Service| -> Told<Option<Server>> {
        for server in candidates.iter().filter(|server| server.service == service) {
            let login = server.login.as_deref().unwrap_or_else(|| world.address()).to_owned();
            let server = server.clone().with_login(&login);
            match obstacle(world, &server)? {
                None => return Ok(Some(server)),
                Some(obstacle) => world.fails_at(&server, obstacle),
            }
        }
        Ok(None)
    };
    let both = Conclusion::both(chosen(Service::Imap)?, chosen(Service::Submission)?);
    Ok(both.unwrap_or_default())
}
