//! Evolution 3.46.4, measured with its own look-up and held against its assistant.
//!
//! It asks all six labels, and fetches a document beside: from `autoconfig`, then from the site of the
//! domain (of a user of no name), of each first by HTTPS and then by HTTP, which it takes where the certificate or the port is
//! not good. What a document says comes first; of several servers of a type it takes the last. Of SRV
//! records TLS goes before STARTTLS and IMAP before POP3, whatever the priorities of the labels.

use super::sources::{autoconfig, first, well_known};
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::page::Request;
use crate::page::Scheme::{Http, Https};
use crate::reading::Server;
use crate::service::{Direction, Label, Service};

pub(super) const CLIENT: Client = Client {
    name: "evolution",
    title: "Evolution",
    version: "3.46.4",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the document at autoconfig or on the site of the domain, and the SRV records of all six labels",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let domain = world.domain();
    let urls = [
        autoconfig(Https, domain),
        autoconfig(Http, domain),
        well_known(Https, domain),
        well_known(Http, domain),
    ];
    let about = format!("EVOLUTIONUSER@{domain}");
    let found = first(world, urls.map(|url| Request::get(url).about(&about)), |_| true)?;
    let servers = found.map(|(url, config)| config.servers(world.user(), &url));
    let last = |service: Service| -> Option<Server> {
        servers.as_ref()?.iter().rev().find(|server| server.service == service).cloned()
    };
    let (incoming, outgoing) =
        (last(Service::Imap).or_else(|| last(Service::Pop3)), last(Service::Submission));
    let login = Some(world.address());
    let incoming = match incoming {
        None => srv::first(world, &[Label::Imaps, Label::Imap, Label::Pop3s, Label::Pop3], login)?,
        found => found,
    };
    let outgoing = match outgoing {
        None => srv::first(world, &[Label::Submissions, Label::Submission], login)?,
        found => found,
    };
    Ok(Conclusion { incoming, outgoing })
}
