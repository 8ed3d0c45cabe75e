//! aerc of 2026, by its source (`lib/autoconfig`: `get.go`, `dns-srv.go`, `autoconfig.go`, `guess.go`).
//!
//! It asks `_imap`, `_imaps`, `_submission` and `_smtps`: STARTTLS goes before TLS, and the greatest
//! weight before any priority. Where there is a record for reading mail it looks no further, even if it
//! has none for sending. Else it fetches the document from `autoconfig` and from the site of the domain,
//! by HTTPS alone, and guesses hosts in the end. It enters the full address, but for what a document says
//! otherwise; of placeholders there it knows `%EMAILADDRESS%` alone. JMAP, which it reads where
//! `_jmap` has a record, is not told here.

use super::sources::{autoconfig, first, well_known};
use crate::endpoint::Refusal;
use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::guess;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::name::plain_text;
use crate::page::Scheme::Https;
use crate::page::{Request, Url};
use crate::reading::{By, Config, Entry, Mode, Server};
use crate::service::{Direction, Label, PROTO, SMTPS_LABEL, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "aerc-new",
    title: "aerc (new)",
    version: "2026",
    basis: Basis::Source,
    source: "aerc, lib/autoconfig",
    directions: &Direction::ALL,
    reads: "the SRV records of _imap, _imaps, _submission and _smtps, and the document at autoconfig or on the site of the domain, by HTTPS alone",
    conclude,
};

/// In the order in which it tries ports.
const MODES: [TlsMode; 2] = [TlsMode::StartTls, TlsMode::Implicit];

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let incoming = found(world, [Label::Imap.text(), Label::Imaps.text()], Service::Imap)?;
    if incoming.is_some() {
        let labels = [Label::Submission.text(), SMTPS_LABEL];
        return Ok(Conclusion { incoming, outgoing: found(world, labels, Service::Submission)? });
    }
    let urls = [autoconfig(Https, world.domain()), well_known(Https, world.domain())];
    let ask = |url| Request::get(url).about(world.address());
    let is_good = |config: &Config| of_config(config, &urls[0], world).is_some();
    if let Some((url, config)) = first(world, urls.clone().map(ask), is_good)? {
        return Ok(of_config(config, &url, world).unwrap_or_default());
    }
    let guessed = |own, service: &'static [Service]| {
        let hosts = [(own, service), ("mail", service)];
        guess::first(world, &hosts, &MODES, world.address(), Refusal::is_absence)
    };
    let (imap, smtp) =
        (guessed("imap", &[Service::Imap])?, guessed("smtp", &[Service::Submission])?);
    Ok(Conclusion::both(imap, smtp).unwrap_or_default())
}

/// The server of the first of these labels, of which the former is STARTTLS, that has one: the record of
/// the greatest weight, unless its port is 0 or its target `.`.
fn found(world: &World<'_>, labels: [&str; 2], service: Service) -> Told<Option<Server>> {
    for (label, mode) in std::iter::zip(labels, MODES) {
        let best = world.srv(&[label, PROTO])?.into_iter();
        let best = best.max_by_key(|srv| (srv.weight, std::cmp::Reverse(srv.priority)));
        if let Some(srv) = best.filter(|srv| srv::names_server(srv)) {
            return Ok(Some(Server {
                service,
                host: plain_text(&srv.target).to_ascii_lowercase(),
                port: srv.port,
                mode: Mode::Tls(mode),
                login: Some(world.address().to_owned()),
                by: By::Records(format!("{label}.{PROTO}.{}", world.domain())),
            }));
        }
    }
    Ok(None)
}

/// The first server of IMAP, and the last one for sending.
fn of_config(config: &Config, url: &Url, world: &World<'_>) -> Option<Conclusion> {
    let of = |entry: &Entry| {
        let mode = entry.mode().unwrap_or(Mode::Tls(TlsMode::StartTls));
        let server = entry.server_in(mode, world.user(), url)?;
        let written = entry.user.clone().unwrap_or_default();
        let is_known = written.eq_ignore_ascii_case("%EMAILADDRESS%");
        Some(server.with_login(if is_known { world.address() } else { &written }))
    };
    let mut entries = config.entries.iter();
    let imap = entries.find(|it| it.service() == Some(Service::Imap)).and_then(of);
    let sending = |entry: &&Entry| entry.service() == Some(Service::Submission);
    let smtp = config.entries.iter().rfind(sending).and_then(of);
    Conclusion::both(imap, smtp)
}
