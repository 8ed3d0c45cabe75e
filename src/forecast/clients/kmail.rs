//! The account wizard of KMail, by the source of 24.12.3 (`src/ispdbservice.cpp`; `serverconfiguration.cpp`
//! at 0bf9ff12 and `configurationmodel.cpp` at 2576c9e7); that of 22.12 was seen to fetch the same.
//!
//! It fetches the document from `autoconfig` by HTTPS and then by HTTP, then from the site of the
//! domain by HTTPS. It looks at the first provider of a document. It asks no SRV records. It lists the servers
//! of IMAP and then those of POP3, as they stand; the first is told here. To each belongs the first of the
//! servers for sending that are the least secure. A word for TLS that it does not know is TLS, and the last that it
//! knows counts.

use super::sources::{autoconfig, first, well_known};
use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{Entry, Mode, Server};
use crate::service::{Direction, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "kmail",
    title: "KMail",
    version: "24.12.3",
    basis: Basis::Source,
    source: "kmail-account-wizard, src/ispdbservice.cpp",
    directions: &Direction::ALL,
    reads: "the document at autoconfig, by HTTP too, or on the site of the domain",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let domain = world.domain();
    let urls = [autoconfig(Https, domain), autoconfig(Http, domain), well_known(Https, domain)];
    let found = first(world, urls.map(Request::get), |_| true)?;
    let Some((url, config)) = found else { return Ok(Conclusion::default()) };
    let servers: Vec<Server> =
        config.entries.iter().filter_map(|entry| server(entry, &url, world)).collect();
    let of = |service| servers.iter().filter(move |server| server.service == service);
    let incoming = of(Service::Imap).next().or_else(|| of(Service::Pop3).next());
    // Of those that are alike, the last one counts.
    let outgoing = of(Service::Submission).rev().max_by_key(|server| server.mode);
    Ok(Conclusion { incoming: incoming.cloned(), outgoing: outgoing.cloned() })
}

fn server(entry: &Entry, url: &Url, world: &World<'_>) -> Option<Server> {
    let mode = entry.modes().flatten().last().unwrap_or(Mode::Tls(TlsMode::Implicit));
    entry.server_in(mode, world.user(), url)
}
