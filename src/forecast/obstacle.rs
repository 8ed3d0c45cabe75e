//! What stands between a client and a server of the profile.

use std::fmt;

use crate::endpoint::Refusal;
use crate::service::TlsMode;

/// Why a client gets nowhere with the server that it has concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The host has no address.
    NoAddress,
    /// The host has none of the servers of the service.
    NoServer,
    /// The host has the service, at other ports or in another mode.
    NotThere {
        /// Where it has it, the best first.
        there: Vec<(u16, TlsMode)>,
    },
    /// The server is there, and clients turn away from it.
    Seen(Refusal),
    /// The login name is another.
    Login {
        /// The one that the client enters.
        entered: String,
        /// The one that is documented.
        documented: String,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str("the host has no address"),
            Self::NoServer => f.write_str("the profile has no such server there"),
            Self::NotThere { there } => {
                let of = |(port, mode): &(u16, TlsMode)| format!("{port} {}", mode.title());
                let there: Vec<_> = there.iter().map(of).collect();
                write!(f, "the server is at {}", crate::words::listed(&there))
            }
            Self::Seen(refusal) => refusal.fmt(f),
            Self::Login { entered, documented } => {
                write!(f, "it enters the login name {entered}, and the server takes {documented}")
            }
        }
    }
}
