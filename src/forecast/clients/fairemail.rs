//! FairEmail, by the source of 1.2331 (`EmailProvider.java`, `Misc.java` of the flavour that fetches).
//!
//! It weighs what it finds: a document that says a login name, SRV records, a document that says none.
//! SRV records it takes only for IMAP and SMTP together, none of them where one has port 0, and looks at
//! both labels of a service at once: by priority, then the greater weight, then `_imaps` before `_imap`
//! but `_submission` before `_submissions`. STARTTLS is what a label without `s` means at its registered
//! port, and nowhere else.
//! It fetches the document from `autoconfig` and the site of the domain, by HTTPS and by HTTP, and does not
//! look for whom the certificate is; then at the names around the mail exchange; then it asks
//! Autodiscover. Which of several servers of a document it takes was not looked at: the first of a type is
//! told here.

use super::sources::{autoconfig, well_known};
use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::forecast::{mx, srv};
use crate::name::plain_text;
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{Mode, POX_PATH, Server};
use crate::service::{Direction, Label, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "fairemail",
    title: "FairEmail",
    version: "1.2331",
    basis: Basis::Source,
    source: "FairEmail, EmailProvider.java and extra/Misc.java",
    directions: &Direction::ALL,
    reads: "the document at autoconfig or on the site of the domain, the SRV records of _imaps, _imap, _submissions and _submission together, and Autodiscover",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let document = documents(world, world.domain())?;
    let says_login = |it: &Conclusion| it.incoming.as_ref().is_some_and(|it| it.login.is_some());
    if let Some(found) = document.clone().filter(says_login) {
        return Ok(found);
    }
    let login = Some(world.address());
    let incoming = best(world, [Label::Imaps, Label::Imap], login)?;
    let outgoing = best(world, [Label::Submission, Label::Submissions], login)?;
    let has_port = |server: &Server| server.port != 0;
    let found = Conclusion::both(incoming.filter(has_port), outgoing.filter(has_port));
    if let Some(found) = found.or(document) {
        return Ok(found);
    }
    if let Some(exchange) = mx::exchange(world)? {
        // Up to the name below the root.
        for labels in (2..=exchange.num_labels()).rev() {
            let name = plain_text(&exchange.trim_to(labels.into())).to_ascii_lowercase();
            if let Some(found) = documents(world, &name)? {
                return Ok(found);
            }
        }
    }
    Ok(autodiscover(world)?.unwrap_or_default())
}

fn documents(world: &World<'_>, domain: &str) -> Told<Option<Conclusion>> {
    for url in [
        autoconfig(Https, domain),
        well_known(Https, domain),
        autoconfig(Http, domain),
        well_known(Http, domain),
    ] {
        let Some(config) = world.config_of_anyone(&Request::get(url.clone()))? else { continue };
        let server = |service| config.first(world.user(), &url, service);
        let both = Conclusion::both(server(Service::Imap), server(Service::Submission));
        if both.is_some() {
            return Ok(both);
        }
    }
    Ok(None)
}

/// The best record of two labels; of those that are alike, that of the first label.
fn best(world: &World<'_>, labels: [Label; 2], login: Option<&str>) -> Told<Option<Server>> {
    let best = srv::pooled(world, labels)?;
    Ok(best.map(|(label, srv)| {
        let server = srv::server(world, label, srv, login);
        let is_starttls = label.mode() == TlsMode::StartTls && srv.port == label.default_port();
        let mode = if is_starttls { TlsMode::StartTls } else { TlsMode::Implicit };
        Server { mode: Mode::Tls(mode), ..server }
    }))
}

fn autodiscover(world: &World<'_>) -> Told<Option<Conclusion>> {
    let domain = world.domain();
    for host in [domain.to_owned(), format!("autodiscover.{domain}")] {
        let url = Url::new(Https, &host, POX_PATH);
        let Some(answer) = world.pox(&Request::post(url.clone(), world.address()))? else {
            continue;
        };
        let server = |service| {
            let protocol = answer.first(service)?;
            let login = Some(world.address().to_owned());
            Some(protocol.server(&url, Mode::Tls(protocol.mode_by_port()), login))
        };
        let both = Conclusion::both(server(Service::Imap), server(Service::Submission));
        if both.is_some() {
            return Ok(both);
        }
    }
    Ok(None)
}
