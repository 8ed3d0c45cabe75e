//! How hosts are reached, as somebody says who did not look.

use std::net::IpAddr;

use crate::endpoint::Refusal;

/// What is said of all hosts and of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Whether anybody answers by IPv6.
    pub ipv6: bool,
    /// The hosts that the certificate is not for.
    pub certificate_lacks: Vec<String>,
}

impl Reach {
    /// Whether anybody answers at one of these addresses.
    pub fn is_answered(&self, addresses: &[IpAddr]) -> bool {
        self.ipv6 || addresses.iter().any(IpAddr::is_ipv4)
    }

    /// Whether the certificate is for a host.
    pub fn is_certified(&self, host: &str) -> bool {
        !self.certificate_lacks.iter().any(|lacking| lacking.eq_ignore_ascii_case(host))
    }

    /// Why clients turn away from a server on a host with these addresses; None where they do not.
    pub(super) fn refusal(&self, host: &str, addresses: &[IpAddr]) -> Option<Refusal> {
        match (self.is_answered(addresses), self.is_certified(host)) {
            (false, _) => Some(Refusal::Unanswered),
            (true, false) => Some(Refusal::Name),
            (true, true) => None,
        }
    }
}
