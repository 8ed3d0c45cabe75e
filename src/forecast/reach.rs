//! How hosts are reached, as somebody says who did not look.

use std::net::IpAddr;

use crate::endpoint::Refusal;
use crate::name::MailDomain;

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

    /// What stands before the mail domain in the names of hosts that the certificate is not for.
    pub fn uncertified<'a>(&'a self, domain: &'a MailDomain) -> impl Iterator<Item = &'a str> {
        let own = |host: &'a String| {
            let split = host.len().checked_sub(domain.as_str().len());
            let (own, rest) = host.split_at_checked(split?)?;
            let is_below = own.is_empty() || own.ends_with('.');
            (is_below && rest.eq_ignore_ascii_case(domain.as_str())).then_some(own)
        };
        self.certificate_lacks.iter().filter_map(own)
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
