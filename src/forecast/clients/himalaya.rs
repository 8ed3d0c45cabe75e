//! himalaya 2.2.1, measured: its wizard, in a terminal.
//!
//! It asks `_imaps`, `_imap`, `_submissions` and `_submission`, and fetches documents and PACC beside,
//! by HTTPS alone. SRV records go before documents, TLS goes before STARTTLS, whatever order and
//! priority say. It enters the full address, and logs in before it saves: where that fails, or its
//! first target is dead, it saves nothing and tries no other.

use super::pim;
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::endpoint::obstacle;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::{Mode, Server};
use crate::service::{Direction, Label, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "himalaya",
    title: "himalaya",
    version: "2.2.1",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the SRV records of _imaps, _imap, _submissions and _submission, the document at autoconfig or on the site of the domain, and PACC, by HTTPS alone",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let login = world.address();
    let mut incoming = srv::first(world, &[Label::Imaps, Label::Imap], Some(login))?;
    let mut outgoing = srv::first(world, &[Label::Submissions, Label::Submission], Some(login))?;
    if incoming.is_none() || outgoing.is_none() {
        let found = pim::document(world)?;
        let servers = found.map(|(url, config)| config.servers(world.user(), &url));
        let best = |service| best(servers.as_deref().unwrap_or_default(), service);
        incoming = incoming.or_else(|| best(Service::Imap));
        outgoing = outgoing.or_else(|| best(Service::Submission));
    }
    if incoming.is_none() || outgoing.is_none() {
        let pacc = pim::pacc(world)?;
        incoming = incoming.or(pacc.incoming);
        outgoing = outgoing.or(pacc.outgoing);
    }
    let server = |server: Option<Server>| server.map(|server| server.with_login(login));
    let Some(both) = Conclusion::both(server(incoming), server(outgoing)) else {
        return Ok(Conclusion::default());
    };
    for server in [&both.incoming, &both.outgoing].into_iter().flatten() {
        if let Some(obstacle) = obstacle(world, server)? {
            world.fails_at(server, obstacle);
            return Ok(Conclusion::default());
        }
    }
    Ok(both)
}

/// The first server of a service with TLS, else the first.
fn best(servers: &[Server], service: Service) -> Option<Server> {
    let of_service = || servers.iter().filter(|server| server.service == service);
    let tls = Mode::Tls(TlsMode::Implicit);
    of_service().find(|server| server.mode == tls).or_else(|| of_service().next()).cloned()
}
