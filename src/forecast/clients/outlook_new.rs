//! The new Outlook for Windows, and Outlook for phones, as reported: a service of Microsoft looks for
//! the servers of an account of IMAP or POP3, and keeps what it has found. What it asks is not known, and
//! providers say that it passes Autodiscover over.

use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::service::Direction;

pub(super) const CLIENT: Client = Client {
    name: "outlook-new",
    title: "Outlook (new)",
    version: "of 2026",
    basis: Basis::Reported,
    source: "reports of administrators and providers",
    directions: &Direction::ALL,
    reads: "what a service of Microsoft knows, which takes nothing that a domain publishes as far as is known",
    conclude: |_world| Ok(Conclusion::default()),
};
