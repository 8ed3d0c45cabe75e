//! GNOME Online Accounts, by the source of 3.58.1 (`goamailclient.c`, and `goaimapsmtpprovider.c` at
//! bbe98a35).
//!
//! It fetches, one after the other: at `autoconfig` a path of its own and the usual one, then the site
//! of the domain, all by HTTPS, then `autoconfig` by HTTP; then, at `autoconfig` below the mail exchange and
//! its registrable domain, the path of its own alone. It asks no SRV records of mail. Of a document it
//! takes the first server of IMAP and the first of SMTP, with the host as written; it looks at no port,
//! and takes what is no STARTTLS for TLS. A login name that is more than one placeholder is left to the user.

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
use crate::reading::{By, Entry, Mode, Server};
use crate::service::{Direction, Service, TlsMode};

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
    let server = |service| {
        let mut entries = config.entries.iter();
        let entry = entries.find(|entry| entry.service() == Some(service))?;
        Some(taken(entry, service, &url, world)).filter(|server| !server.host.is_empty())
    };
    Ok(Conclusion { incoming: server(Service::Imap), outgoing: server(Service::Submission) })
}

fn taken(entry: &Entry, service: Service, url: &Url, world: &World<'_>) -> Server {
    let starttls = Mode::Tls(TlsMode::StartTls);
    let mode = if entry.mode() == Some(starttls) { TlsMode::StartTls } else { TlsMode::Implicit };
    let user = world.user();
    let login = match entry.user.as_deref() {
        Some(name @ ("%EMAILADDRESS%" | "%EMAILLOCALPART%" | "%EMAILDOMAIN%")) => {
            Some(user.fill(name))
        }
        _ => None,
    };
    Server {
        service,
        host: entry.host.clone(),
        port: service.label(mode).default_port(),
        mode: Mode::Tls(mode),
        login,
        by: By::Document(url.clone()),
    }
}
