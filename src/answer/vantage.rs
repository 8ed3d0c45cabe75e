//! From where DNS is looked at: each server of a zone, or each of several resolvers.

use std::fmt;
use std::net::IpAddr;

use hickory_proto::rr::Name;

use super::Failure;
use crate::name::plain_text;

/// One who is asked for himself, because he may say something else than the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Vantage {
    /// An authoritative server at one of its addresses: what it says is what it holds.
    Server {
        /// Its name, as an NS record has it.
        name: Name,
        /// The address that is asked.
        address: IpAddr,
    },
    /// A resolver, as it is written on a command line.
    Resolver(String),
}

impl Vantage {
    /// Whether both are one server, by whatever name, or one resolver.
    pub fn is_at(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Server { address, .. }, Self::Server { address: other, .. }) => address == other,
            _ => self == other,
        }
    }
}

impl fmt::Display for Vantage {
    /// `ns1.example.com (192.0.2.1)`, or the resolver.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server { name, address } => write!(f, "{} ({address})", plain_text(name)),
            Self::Resolver(text) => f.write_str(text),
        }
    }
}

/// From where a mail domain is to be seen, and what is known of its zone before anything is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// The apex of the zone that holds the domain; the root for resolvers, which answer for all.
    pub zone: Name,
    /// The name servers as the zone above names them, in canonical order; None where the zone above
    /// is served by the same servers, which do not tell it.
    pub parent: Option<Vec<Name>>,
    /// Who is asked, in the order of names and addresses.
    pub vantages: Vec<Vantage>,
    /// The names of servers without an address, and why it is not known where that is why.
    pub homeless: Vec<(Name, Option<Failure>)>,
}

impl Sight {
    /// Whether each vantage is asked for a name itself: what lies outside the zone is others' to say.
    pub fn covers(&self, name: &Name) -> bool {
        self.zone.zone_of(name)
    }

    /// Whether servers of a zone are looked at, not resolvers.
    pub fn is_of_servers(&self) -> bool {
        !self.vantages.iter().any(|vantage| matches!(vantage, Vantage::Resolver(_)))
    }
}
