//! Horde, by the source of `Mail_Autoconfig` (`src/Driver/SrvDriver.php`), read in 2026.
//!
//! It looks at both labels of a service at once, by priority, then by weight as RFC 2782 has it:
//! `_submissions` and `_submission`; `_imaps` and `_imap`, else `_pop3s` and `_pop3`. Of those that
//! are alike it draws one; the first is told here. Its guesses were not looked at, and the login name
//! is left to the user.

use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::Server;
use crate::service::{Direction, Label};

pub(super) const CLIENT: Client = Client {
    name: "horde",
    title: "Horde",
    version: "Mail_Autoconfig, read in 2026",
    basis: Basis::Source,
    source: "Mail_Autoconfig, src/Driver/SrvDriver.php",
    directions: &Direction::ALL,
    reads: "the SRV records of all six labels",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let incoming = match best(world, [Label::Imaps, Label::Imap])? {
        None => best(world, [Label::Pop3s, Label::Pop3])?,
        found => found,
    };
    let outgoing = best(world, [Label::Submissions, Label::Submission])?;
    Ok(Conclusion { incoming, outgoing })
}

fn best(world: &World<'_>, labels: [Label; 2]) -> Told<Option<Server>> {
    let best = srv::pooled(world, labels)?;
    Ok(best.map(|(label, srv)| srv::server(world, label, srv, None)))
}
