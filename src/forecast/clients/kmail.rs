//! The account wizard of KMail, by the source of 24.12.3 (`src/ispdbservice.cpp`); that of 22.12 was
//! seen to fetch the same.
//!
//! It fetches the document from `autoconfig` by HTTPS and then by HTTP, then from the site of the
//! domain by HTTPS. It looks at the first provider of a document. It asks no SRV records. Which of several
//! servers it takes was not looked at: the first of a type is told here.

use super::sources::{autoconfig, first, well_known};
use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::page::Request;
use crate::page::Scheme::{Http, Https};
use crate::service::{Direction, Service};

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
    let server = |service| config.first(world.user(), &url, service);
    let incoming = server(Service::Imap).or_else(|| server(Service::Pop3));
    Ok(Conclusion { incoming, outgoing: server(Service::Submission) })
}
