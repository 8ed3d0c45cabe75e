//! himalaya 2.2.1, measured: its wizard, in a terminal. So says its source (commit 5b12b2a).
//!
//! It fetches PACC and the documents at `autoconfig` and on the site of the domain, by HTTPS alone, and
//! that where a TXT record `mailconf=` leads, and asks `_imaps`, `_imap`, `_submissions` and
//! `_submission`. Of all that are found in this order it takes, for each direction, the last of those that
//! are most secure (`wizard/search.rs`): so SRV records go before documents where both say TLS. Where it
//! knows the provider it takes no other server. It enters the full address, or the login name that is
//! documented for reading mail where that has the form of one (`wizard/imap_smtp.rs`), and logs in before
//! it saves: where that fails, or its first target is dead, it saves nothing and tries no other. Without a
//! server for sending the account is one for reading mail.

use super::pim;
use super::pim_providers::known;
use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::endpoint::{barrier, obstacle};
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::{By, Mode, PACC_PATH, Server};
use crate::service::{Direction, Label, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "himalaya",
    title: "himalaya",
    version: "2.2.1",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the SRV records of _imaps, _imap, _submissions and _submission, the document at autoconfig or on the site of the domain, by HTTPS alone, or where a TXT record mailconf= leads, and PACC",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let best = match known(world)? {
        Some(known) => known,
        None => best(world)?,
    };
    let Some(incoming) = best.incoming else { return Ok(Conclusion::default()) };
    let said = incoming.login.clone().filter(|login| is_address(login));
    let login = said.unwrap_or_else(|| world.address().to_owned());
    let with_login = |server: Server| server.with_login(&login);
    let best = Conclusion {
        incoming: Some(with_login(incoming)),
        outgoing: best.outgoing.map(with_login),
    };
    for server in [&best.incoming, &best.outgoing].into_iter().flatten() {
        let barrier = match server.by {
            // The profile's users are none of the provider's.
            By::Provider(_) => obstacle(world, server)?,
            _ => barrier(world, server, &beside(world, server)?)?,
        };
        if let Some(barrier) = barrier {
            world.fails_at(server, barrier);
            return Ok(Conclusion::default());
        }
    }
    Ok(best)
}

/// Whether a login name has the form of a mail address.
fn is_address(login: &str) -> bool {
    login.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// The servers that stand along with one where it was found.
fn beside(world: &World<'_>, server: &Server) -> Told<Vec<Server>> {
    match (&server.by, server.mode) {
        (By::Records(_), Mode::Tls(mode)) => {
            let label = server.service.label(mode);
            let records = world.label(label)?.into_iter();
            Ok(records.map(|srv| srv::server(world, label, srv, None)).collect())
        }
        (By::Document(url), _) if url.path() != PACC_PATH => pim::servers(world, url),
        _ => Ok(Vec::new()),
    }
}

/// The last of the most secure servers of each direction. It is looked for from the end, so that nothing
/// is asked for that could not change it.
fn best(world: &World<'_>) -> Told<Conclusion> {
    let mut best = Conclusion {
        incoming: srv::first(world, &[Label::Imaps, Label::Imap], None)?,
        outgoing: srv::first(world, &[Label::Submissions, Label::Submission], None)?,
    };
    if is_settled(&best) {
        return Ok(best);
    }
    let mut urls = pim::places(world).to_vec();
    urls.extend(pim::mailconf(world)?);
    for url in urls.iter().rev() {
        for server in pim::servers(world, url)?.into_iter().rev() {
            take(&mut best, server);
        }
        if is_settled(&best) {
            return Ok(best);
        }
    }
    for server in pim::pacc(world)?.into_iter().rev() {
        take(&mut best, server);
    }
    Ok(best)
}

/// Takes a server in the place of one that is less secure; POP3 is not known.
fn take(best: &mut Conclusion, server: Server) {
    let place = match server.service {
        Service::Imap => &mut best.incoming,
        Service::Submission => &mut best.outgoing,
        Service::Pop3 => return,
    };
    if place.as_ref().is_none_or(|other| security(other) < security(&server)) {
        *place = Some(server);
    }
}

fn is_settled(best: &Conclusion) -> bool {
    let is_most = |it: &Option<Server>| it.as_ref().is_some_and(|it| security(it) == 2);
    is_most(&best.incoming) && is_most(&best.outgoing)
}

const fn security(server: &Server) -> u8 {
    match server.mode {
        Mode::Tls(TlsMode::Implicit) => 2,
        Mode::Tls(TlsMode::StartTls) => 1,
        Mode::Plain => 0,
    }
}
