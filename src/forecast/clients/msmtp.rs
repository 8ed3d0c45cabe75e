//! msmtp 1.8.23, measured: `msmtp --configure`, and a message sent with what that wrote.
//!
//! It asks `_submissions`, and `_submission` where that has nothing. It enters the part before the `@`,
//! and takes the first record alone.

use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::USER;
use crate::service::{Direction, Label};

pub(super) const CLIENT: Client = Client {
    name: "msmtp",
    title: "msmtp",
    version: "1.8.23",
    basis: Basis::Measured,
    source: RUN,
    directions: &[Direction::Outgoing],
    reads: "the SRV records of _submissions and _submission",
    conclude,
};

fn conclude(world: &World<'_>) -> Told<Conclusion> {
    let outgoing = srv::first(world, &[Label::Submissions, Label::Submission], Some(USER))?;
    Ok(Conclusion { incoming: None, outgoing })
}
