//! Balsa, by the source of 2.6.5 (`libinit_balsa/assistant_page_server.c`).
//!
//! Of SRV records it takes the host alone: `_imaps` before `_imap`, `_pop3s` before `_pop3`,
//! `_submissions` before `_submission`. The port it does not look at; it tries the registered ones of
//! the host, TLS first. It passes over records with port 0. The login name is left to the user.

use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::endpoint::is_offered;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::{Mode, Server};
use crate::service::{Direction, Label, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "balsa",
    title: "Balsa",
    version: "2.6.5",
    basis: Basis::Source,
    source: "balsa, libinit_balsa/assistant_page_server.c",
    directions: &Direction::ALL,
    reads: "the hosts of the SRV records of all six labels, and no ports",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let incoming = found(world, &[Label::Imaps, Label::Imap])?;
    let incoming = match incoming {
        None => found(world, &[Label::Pop3s, Label::Pop3])?,
        found => found,
    };
    let outgoing = found(world, &[Label::Submissions, Label::Submission])?;
    Ok(Conclusion { incoming, outgoing })
}

/// The host of the records, at the first registered port at which it has the service.
fn found(world: &World<'_>, labels: &[Label]) -> Told<Option<Server>> {
    let Some(server) = srv::first_with_port(world, labels, None)? else { return Ok(None) };
    let at = |mode: TlsMode| {
        let port = server.service.label(mode).default_port();
        Server { port, mode: Mode::Tls(mode), ..server.clone() }
    };
    let [tls, starttls] = TlsMode::ALL.map(at);
    let is_starttls = !is_offered(world, &tls)? && is_offered(world, &starttls)?;
    Ok(Some(if is_starttls { starttls } else { tls }))
}
