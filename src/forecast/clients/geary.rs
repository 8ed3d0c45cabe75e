//! Geary 43, measured: the dialogue for a new account. So says the source of 46
//! (`accounts-autoconfig.vala`).
//!
//! It fetches the document from `autoconfig` by HTTPS alone, and looks nowhere else. The first
//! incoming server must be one of IMAP, or nothing is taken; of the outgoing ones it takes the first.
//! It enters the full address, whatever the document says.

use super::sources::{autoconfig, first};
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::page::{Request, Scheme};
use crate::reading::Config;
use crate::service::{Direction, Service};

pub(super) const CLIENT: Client = Client {
    name: "geary",
    title: "Geary",
    version: "43",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the document at autoconfig, by HTTPS alone",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let urls = [autoconfig(Scheme::Https, world.domain())];
    let begins_with_imap = |config: &Config| {
        let first = config.entries.iter().find(|entry| entry.is_incoming);
        first.is_some_and(|entry| entry.service() == Some(Service::Imap))
    };
    let Some((url, config)) = first(world, urls.map(Request::get), begins_with_imap)? else {
        return Ok(Conclusion::default());
    };
    let server = |service| {
        let server = config.first(world.user(), &url, service)?;
        Some(server.with_login(world.address()))
    };
    let both = Conclusion::both(server(Service::Imap), server(Service::Submission));
    Ok(both.unwrap_or_default())
}
