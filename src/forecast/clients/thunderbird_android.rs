//! Thunderbird for Android, and K-9 Mail, by the source of 2026-08-20
//! (`feature/autodiscovery/autoconfig`: `RealAutoconfigParser`, `RealAutoDiscoveryRegistry` and the
//! providers of URLs).
//!
//! It fetches the document from `autoconfig` and the site of the domain, by HTTPS and then by HTTP,
//! without the mail address; then from the domains around the mail exchange. One server of IMAP or SMTP
//! that lacks a field, or has no TLS, and it refuses the whole document. It knows no POP3, no SRV
//! records, no Autodiscover, and guesses nothing.

use super::sources::{autoconfig, first, well_known};
use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::mx;
use crate::forecast::world::{Told, World};
use crate::page::Request;
use crate::page::Scheme::{Http, Https};
use crate::reading::{Config, Entry, Mode};
use crate::service::{Direction, Service};

pub(super) const CLIENT: Client = Client {
    name: "thunderbird-android",
    title: "Thunderbird for Android",
    version: "2026-08-20",
    basis: Basis::Source,
    source: "thunderbird-android, feature/autodiscovery/autoconfig",
    directions: &Direction::ALL,
    reads: "the document at autoconfig, on the site of the domain or at the domain of the mail exchange",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let domain = world.domain();
    let own = [
        autoconfig(Https, domain),
        well_known(Https, domain),
        autoconfig(Http, domain),
        well_known(Http, domain),
    ];
    let is_good = |config: &Config| is_taken(config, world);
    let mut found = first(world, own.map(Request::get), is_good)?;
    if found.is_none() {
        let domains = mx::domains(world)?;
        let urls = domains.iter().map(|domain| autoconfig(Https, domain));
        found = first(world, urls.map(Request::get), is_good)?;
    }
    let Some((url, config)) = found else { return Ok(Conclusion::default()) };
    let server = |service| config.first(world.user(), &url, service);
    Ok(Conclusion { incoming: server(Service::Imap), outgoing: server(Service::Submission) })
}

/// Whether it takes a document: the provider has a name and a domain, and all servers are whole.
fn is_taken(config: &Config, world: &World<'_>) -> bool {
    let is_looked_at =
        |entry: &&Entry| matches!(entry.service(), Some(Service::Imap | Service::Submission));
    let is_whole = |entry: &Entry| {
        let url = autoconfig(Https, world.domain());
        entry
            .server(world.user(), &url)
            .is_some_and(|server| server.mode != Mode::Plain && server.login.is_some())
    };
    let has =
        |incoming| config.entries.iter().filter(is_looked_at).any(|it| it.is_incoming == incoming);
    config.is_named()
        && has(true)
        && has(false)
        && config.entries.iter().filter(is_looked_at).all(is_whole)
}
