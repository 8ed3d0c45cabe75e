//! mpop 1.4.18, measured: `mpop --configure`, and mail fetched with what that wrote.
//!
//! It asks `_pop3s`, and `_pop3` where that has nothing. It enters the part before the `@`, and takes
//! the first record alone.

use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::USER;
use crate::service::{Direction, Label};

pub(super) const CLIENT: Client = Client {
    name: "mpop",
    title: "mpop",
    version: "1.4.18",
    basis: Basis::Measured,
    source: RUN,
    directions: &[Direction::Incoming],
    reads: "the SRV records of _pop3s and _pop3",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let incoming = srv::first(world, &[Label::Pop3s, Label::Pop3], Some(USER))?;
    Ok(Conclusion { incoming, outgoing: None })
}
