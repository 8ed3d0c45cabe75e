//! io-pim-discovery 0.9.0, measured: its program in the mode `first`, which takes the first source
//! that has something.
//!
//! So says its source (commit f7775e3, `cli/domain.rs`): what it knows of providers goes before
//! everything, documents go before PACC, and that before SRV records, of which it asks `_imaps`, `_imap`, `_submissions` and `_submission`. It prints all documents
//! that it finds as one list, and what it finds first for a direction is taken to be what a user takes,
//! with the login name of the document; with SRV records it says none.

use super::pim;
use super::pim_providers::known;
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::Server;
use crate::service::{Direction, Label};

pub(super) const CLIENT: Client = Client {
    name: "pim-discovery",
    title: "io-pim-discovery",
    version: "0.9.0",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the document at autoconfig or on the site of the domain, by HTTPS alone, or where a TXT record mailconf= leads, PACC, and the SRV records of _imaps, _imap, _submissions and _submission",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    if let Some(known) = known(world)? {
        return Ok(known);
    }
    let mut found = Conclusion::default();
    for url in pim::places(world) {
        complete(&mut found, pim::servers(world, &url)?);
        if found.incoming.is_some() && found.outgoing.is_some() {
            return Ok(found);
        }
    }
    if let Some(url) = pim::mailconf(world)? {
        complete(&mut found, pim::servers(world, &url)?);
    }
    if found == Conclusion::default() {
        complete(&mut found, pim::pacc(world)?);
    }
    if found == Conclusion::default() {
        found.incoming = srv::first(world, &[Label::Imaps, Label::Imap], None)?;
        found.outgoing = srv::first(world, &[Label::Submissions, Label::Submission], None)?;
    }
    Ok(found)
}

/// Takes the first servers of the directions that are open.
fn complete(found: &mut Conclusion, servers: Vec<Server>) {
    for server in servers {
        let place = match server.service.is_retrieval() {
            true => &mut found.incoming,
            false => &mut found.outgoing,
        };
        place.get_or_insert(server);
    }
}
