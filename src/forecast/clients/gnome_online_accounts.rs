//! GNOME Online Accounts, by the source of 3.58.1 (`goamailclient.c`).
//!
//! It fetches, one after the other: at `autoconfig` a path of its own and the usual one, then the site
//! of the domain, all by HTTPS, then `autoconfig` by HTTP; then, at `autoconfig` below the mail exchange and
//! its registrable domain, the path of its own alone. It asks no SRV records of mail. Which of several
//! servers it takes was not looked at: the first of a type is told here.

use hickory_proto::rr::Name;

use super::sources::{autoconfig, first, well_known};
use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::mx;
use crate::forecast::world::{Told, World};
use crate::name::plain_text;
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::plan::registrable;
use crate::service::{Direction, Service};

pub(super) const CLIENT: Client = Client {
    name: "gnome-online-accounts",
    title: "GNOME Online Accounts",
    version: "3.58.1",
    basis: Basis::Source,
    source: "gnome-online-accounts, goamailclient.c",
    directions: &Direction::ALL,
    reads: "the document at autoconfig, on the site of the domain or at the mail exchange",
    conclude,
};

/// The path that it alone asks for.
const OWN: &str = "/.well-known/mail-v1.xml";

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let domain = world.domain();
    let own = |domain: &str| Url::new(Https, &format!("autoconfig.{domain}"), OWN);
    let urls = [
        own(domain),
        autoconfig(Https, domain),
        well_known(Https, domain),
        autoconfig(Http, domain),
    ];
    let ask = |url| Request::get(url).about(world.address());
    let mut found = first(world, urls.map(ask), |_| true)?;
    if found.is_none()
        && let Some(exchange) = mx::exchange(world)?
    {
        let text = |name: &Name| plain_text(name).to_ascii_lowercase();
        let domains = [text(exchange), text(&registrable(exchange))];
        found = first(world, domains.map(|domain| ask(own(&domain))), |_| true)?;
    }
    let Some((url, config)) = found else { return Ok(Conclusion::default()) };
    let server = |service| config.first(world.user(), &url, service);
    let incoming = server(Service::Imap).or_else(|| server(Service::Pop3));
    Ok(Conclusion { incoming, outgoing: server(Service::Submission) })
}
