//! Evolution 3.46.4, measured with its own look-up and held against its assistant. So say the sources of
//! before and after it (`e-mail-autoconfig.c` at 0273cc29 and 6901b223, `e-srv-config-lookup.c` at
//! 0d5a7a99).
//!
//! It asks all six labels, and fetches a document beside: from `autoconfig`, then from the site of the
//! domain (of a user of no name), of each first by HTTPS and then by HTTP, which it takes where the certificate or the port is
//! not good. The first page that is XML is the only one it reads, whatever its root. What a document says
//! comes first: of the servers of a type it makes one, of each field what is written last and is not
//! empty, so that a word for TLS that it does not know leaves what was there, at first no TLS. It fills
//! `%EMAILDOMAIN%` with nothing. Of SRV records TLS goes before STARTTLS and IMAP before POP3, whatever
//! the priorities of the labels.

use super::sources::{autoconfig, well_known};
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{By, Entry, Mode, Server, User};
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
    let requests = urls.map(|url| Request::get(url).about(&about));
    world.expect(&requests);
    let mut page: Option<(Url, &[Entry])> = None;
    for request in requests {
        if let Some(entries) = world.entries(&request)? {
            page = Some((request.url, entries));
            break;
        }
    }
    let server = |service| {
        let (url, entries) = page.as_ref()?;
        merged(entries, service, url, world)
    };
    let (incoming, outgoing) =
        (server(Service::Imap).or_else(|| server(Service::Pop3)), server(Service::Submission));
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

/// What it makes of all servers of a service, field by field.
fn merged(entries: &[Entry], service: Service, url: &Url, world: &World<'_>) -> Option<Server> {
    let from_last = || entries.iter().rev().filter(|entry| entry.service() == Some(service));
    let user = User { domain: "", ..world.user().clone() };
    let mut hosts = from_last().map(|entry| user.fill(&entry.host).to_ascii_lowercase());
    let host = hosts.find(|host| !host.is_empty())?;
    let mode = from_last().find_map(|entry| entry.modes().flatten().last());
    let login = from_last().find_map(|entry| entry.user.as_deref());
    Some(Server {
        service,
        host,
        port: from_last().find_map(Entry::port).unwrap_or_default(),
        mode: mode.unwrap_or(Mode::Plain),
        login: login.map(|login| user.fill(login)),
        by: By::Document(url.clone()),
    })
}
