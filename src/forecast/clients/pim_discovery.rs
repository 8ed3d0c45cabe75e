//! io-pim-discovery 0.9.0, measured: its program in the mode `first`, which takes the first source
//! that has something.
//!
//! Documents go before PACC, and that before SRV records, of which it asks `_imaps`, `_imap`,
//! `_submissions` and `_submission`. All by HTTPS alone. Of a document it takes the first servers and
//! their login names; with SRV records it says none.

use super::pim;
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::service::{Direction, Label};

pub(super) const CLIENT: Client = Client {
    name: "pim-discovery",
    title: "io-pim-discovery",
    version: "0.9.0",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the document at autoconfig or on the site of the domain, PACC, by HTTPS alone, and the SRV records of _imaps, _imap, _submissions and _submission",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let mut servers = match pim::document(world)? {
        Some((url, config)) => config.strict_servers(world.user(), &url),
        None => Vec::new(),
    };
    if servers.is_empty() {
        servers = pim::pacc(world)?;
    }
    if servers.is_empty() {
        return Ok(Conclusion {
            incoming: srv::first(world, &[Label::Imaps, Label::Imap], None)?,
            outgoing: srv::first(world, &[Label::Submissions, Label::Submission], None)?,
        });
    }
    let first = |is_retrieval: bool| {
        servers.iter().find(|it| it.service.is_retrieval() == is_retrieval).cloned()
    };
    Ok(Conclusion { incoming: first(true), outgoing: first(false) })
}
