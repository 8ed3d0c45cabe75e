//! The arguments that say how servers are visited.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;

use super::patience::parse_time;
use crate::probe::{Terms, Trust};

/// How many connections there are at a time.
const AT_ONCE: usize = 64;

/// Where a connection may lead.
#[derive(Debug, Args)]
pub(super) struct ReachArgs {
    /// Connect to private addresses and to this machine, too
    ///
    /// Without it only addresses of the public Internet are connected to: what is visited is named by
    /// DNS, which others write.
    #[arg(long)]
    pub(super) probe_private: bool,
}

/// Where a visit may lead, and what is expected there.
#[derive(Debug, Args)]
pub(super) struct VisitArgs {
    #[command(flatten)]
    pub(super) reach: ReachArgs,
    /// Warn of a certificate that ends within this time
    #[arg(long, value_name = "TIME", default_value = "21d", value_parser = parse_time)]
    pub(super) expiry: Duration,
}

impl ReachArgs {
    /// The terms of visits that begin now, each step of which may take so long.
    pub(super) fn terms(&self, trust: Trust, timeout: Duration) -> Terms {
        let (allow_private, now) = (self.probe_private, now());
        Terms { timeout, allow_private, trust, now, at_once: AT_ONCE }
    }
}

#[expect(clippy::disallowed_methods, reason = "certificates are valid for a time")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
