//! Geary 43, measured: the dialogue for a new account. So says its source (commit a14f5d4,
//! `accounts-autoconfig.vala`).
//!
//! It fetches the document from `autoconfig` by HTTPS alone, and looks nowhere else. The first
//! incoming server must be one of IMAP and the first outgoing one of SMTP, or nothing is taken. They are
//! taken as written: no placeholder of a host is filled, and what is neither `SSL` nor `STARTTLS` is no
//! TLS. It enters the full address, whatever the document says.

use super::sources::{autoconfig, first};
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::page::{Request, Scheme};
use crate::reading::{Config, Mode, Server};
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
    let server = |is_incoming| {
        let entry = config.entries.iter().find(|entry| entry.is_incoming == is_incoming)?;
        let mode = entry.mode().unwrap_or(Mode::Plain);
        let server = entry.server_in(mode, world.user(), &url)?;
        Some(Server { host: entry.host.clone(), ..server }.with_login(world.address()))
    };
    Ok(Conclusion::both(server(true), server(false)).unwrap_or_default())
}
