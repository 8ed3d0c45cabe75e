//! Apple Mail of macOS 15.5 and of August 2026, as reported by who watched it and who read its code:
//! setting up a mail account that is none of Exchange, it asks DNS and the web nothing.
//!
//! What sets it up is a configuration profile, which `mailsrv documents` makes.

use crate::forecast::client::{Basis, Client};
use crate::forecast::conclusion::Conclusion;
use crate::service::Direction;

pub(super) const CLIENT: Client = Client {
    name: "apple-mail",
    title: "Apple Mail",
    version: "macOS 15.5",
    basis: Basis::Reported,
    source: "a log of a device and a search of the system's libraries, by others",
    directions: &Direction::ALL,
    reads: "nothing that can be published; give its users the configuration profile that mailsrv documents makes",
    conclude: |_world| Ok(Conclusion::default()),
};
