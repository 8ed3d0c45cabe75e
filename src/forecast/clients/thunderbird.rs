//! Thunderbird 153.7, measured: its own modules for new accounts, without a window. So says the source
//! of 2026-08-22 (`FetchConfig`, `FindConfig`, `ExchangeAutoDiscover`, `GuessConfig`, `readFromXML` at
//! 1457122d).
//!
//! It fetches all at once. Of the addresses of the domain, by HTTPS before HTTP, it reads the first that
//! answers, and no other, whatever stands there; then documents below the domains around the mail
//! exchange; then Autodiscover, also where `_autodiscover._tcp` leads. It asks no SRV records of mail.
//! Then it guesses host names, and enters the part before the `@` there: IMAP before POP3 and TLS before
//! STARTTLS at all of them. A host of another domain that `_autodiscover._tcp` leads to, the user is
//! asked about, and is taken to agree.

use super::sources::{autoconfig, first, first_answer, well_known};
use super::thunderbird_exchange::autodiscover;
use crate::endpoint::Refusal;
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::forecast::{guess, mx};
use crate::page::Scheme::{Http, Https};
use crate::page::{Request, Url};
use crate::reading::{Config, Entry, Server, USER};
use crate::service::{Direction, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "thunderbird",
    title: "Thunderbird",
    version: "153.7",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the document at autoconfig, on the site of the domain or at the domain of the mail exchange, and Autodiscover",
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
    let ask = |url| Request::get(url).about(world.address());
    let is_good = |config: &Config| {
        let url = autoconfig(Https, domain);
        let server = |incoming| of_config(config, &url, world, incoming);
        config.is_named() && server(true).is_some() && server(false).is_some()
    };
    let mut found = None;
    if let Some(request) = first_answer(world, own.map(ask))? {
        let config = world.config(&request)?.filter(|config| is_good(config));
        found = config.map(|config| (request.url, config));
    }
    if found.is_none() {
        let domains = mx::domains(world)?;
        let urls = domains.iter().map(|domain| autoconfig(Https, domain));
        found = first(world, urls.map(ask), is_good)?;
    }
    if let Some((url, config)) = found {
        let server = |incoming| of_config(config, &url, world, incoming);
        return Ok(Conclusion { incoming: server(true), outgoing: server(false) });
    }
    if let Some(conclusion) = autodiscover(world)? {
        return Ok(conclusion);
    }
    // It tries all of them together.
    let (imap, pop3, outgoing) = (
        guess(world, Service::Imap, &["imap", "mail", ""]),
        guess(world, Service::Pop3, &["pop3", "pop", "mail", ""]),
        guess(world, Service::Submission, &["smtp", "mail", ""]),
    );
    let incoming = match imap? {
        None => pop3?,
        found => found,
    };
    Ok(Conclusion::both(incoming, outgoing?).unwrap_or_default())
}

/// The first of these hosts that answers with TLS, else with STARTTLS.
fn guess(world: &World<'_>, service: Service, hosts: &[&str]) -> Told<Option<Server>> {
    let of = hosts.iter().map(|host| (*host, std::slice::from_ref(&service)));
    let hosts: Vec<(&str, &[Service])> = of.collect();
    for mode in TlsMode::ALL {
        // It looks at no certificate where TLS begins later.
        let counts = |refusal: Refusal| {
            refusal.is_absence() || (mode, refusal) == (TlsMode::Implicit, Refusal::Name)
        };
        if let Some(server) = guess::first(world, &hosts, &[mode], USER, counts)? {
            return Ok(Some(server));
        }
    }
    Ok(None)
}

/// The ways to log in that it knows with a password, and so a login name.
const BY_PASSWORD: [&str; 4] = ["password-cleartext", "plain", "password-encrypted", "secure"];

/// The others.
const OTHERWISE: [&str; 2] = ["GSSAPI", "NTLM"];

/// What it takes for none at all, for sending alone.
const NO_LOGIN: [&str; 3] = ["none", "client-IP-address", "smtp-after-pop"];

/// The first server of a direction that it can use; it passes over the others.
fn of_config(config: &Config, url: &Url, world: &World<'_>, incoming: bool) -> Option<Server> {
    let mut entries = config.entries.iter().filter(|it| it.is_incoming == incoming);
    entries.find_map(|entry| server(entry, url, world))
}

/// A server with the first of its modes and ways to log in that it knows. A login name that is not there
/// is the word `undefined` to it where it needs one, and an empty one the word `true`.
fn server(entry: &Entry, url: &Url, world: &World<'_>) -> Option<Server> {
    let is_by_password = |method: &&str| BY_PASSWORD.contains(method);
    let is_known = |method: &&str| {
        is_by_password(method)
            || OTHERWISE.contains(method)
            || !entry.is_incoming && NO_LOGIN.contains(method)
    };
    let method = entry.methods.iter().map(String::as_str).find(is_known)?;
    let server = entry.server_in(entry.modes().flatten().next()?, world.user(), url)?;
    Some(match server.login {
        Some(_) => server,
        None if entry.has_username => server.with_login("true"),
        None if entry.is_incoming || is_by_password(&method) => server.with_login("undefined"),
        None => server,
    })
}
