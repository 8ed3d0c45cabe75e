//! aerc 0.14, measured: the dialogue for a new account, in a terminal. So says the source
//! (`widgets/account-wizard.go` at 03650474).
//!
//! It asks `_imaps`, and `_imap` where that has nothing; for sending `_submission` alone. Of a label it
//! looks at the first record alone, which is none where its port is 0 or its target `.`. Where there is
//! none it proposes the mail domain itself with TLS. It enters the full address.

use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::guess;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::By;
use crate::service::{Direction, Label, Service, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "aerc",
    title: "aerc",
    version: "0.14",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the SRV records of _imaps, _imap and _submission",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let login = world.address();
    let proposal = |service| {
        let (host, mode) = (world.domain(), TlsMode::Implicit);
        guess::server(host, service, mode, login, By::Proposal)
    };
    let found = |labels| {
        srv::chosen(world, labels, Some(login), |records| {
            records.first().copied().filter(|srv| srv::names_server(srv))
        })
    };
    let (incoming, outgoing) = (found(&[Label::Imaps, Label::Imap])?, found(&[Label::Submission])?);
    Ok(Conclusion {
        incoming: Some(incoming.unwrap_or_else(|| proposal(Service::Imap))),
        outgoing: Some(outgoing.unwrap_or_else(|| proposal(Service::Submission))),
    })
}
