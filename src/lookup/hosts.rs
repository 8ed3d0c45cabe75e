//! The hosts of a hoster, with the addresses that its profile gives them.

use std::collections::HashMap;
use std::future::{Future, ready};
use std::net::IpAddr;

use hickory_proto::rr::rdata::{A, AAAA};
use hickory_proto::rr::{Name, RData, RecordType};

use super::{Lookup, Portray};
use crate::answer::{Answer, Failure, Outcome, Portrait, Question};
use crate::hosting::HostAddresses;
use crate::name::MailDomain;

/// Hosts whose addresses are known beforehand, all of them: what is not listed is NODATA.
///
/// Nothing but addresses is known of them, and nothing of the names around them.
///
/// Put behind the zone of a customer with [`First`](super::layered::First), they answer for the
/// targets of its records, which the zone itself does not hold.
#[derive(Debug, Default)]
pub struct Hosts {
    by_name: HashMap<Name, Vec<IpAddr>>,
    ttl: u32,
}

impl Hosts {
    /// Makes hosts with a TTL in seconds for their addresses.
    ///
    /// A host that is listed twice has all its addresses.
    pub fn new(hosts: &[HostAddresses], ttl: u32) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for HostAddresses { host, addresses } in hosts {
            by_name.entry(host.name().clone()).or_default().extend(addresses);
        }
        Self { by_name, ttl }
    }

    /// The addresses of a family; for any other question the name lies outside.
    fn answer(&self, question: &Question) -> Outcome {
        let data = |address: &IpAddr| match (question.rtype, address) {
            (RecordType::A, IpAddr::V4(address)) => Some(RData::A(A(*address))),
            (RecordType::AAAA, IpAddr::V6(address)) => Some(RData::AAAA(AAAA(*address))),
            _ => None,
        };
        let is_known = matches!(question.rtype, RecordType::A | RecordType::AAAA);
        match self.by_name.get(&question.name).filter(|_| is_known) {
            None => Outcome::Failed(Failure::OutsideZone),
            Some(addresses) => match addresses.iter().filter_map(data).collect::<Vec<_>>() {
                data if data.is_empty() => Outcome::NoData,
                data => Outcome::Records { ttl: self.ttl, data },
            },
        }
    }
}

impl Lookup for Hosts {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        ready(Answer::plain(self.answer(question)))
    }

    fn portrayer(&self) -> impl Portray {
        self
    }
}

/// Hosts outside the domain have the same addresses for all.
impl Portray for &Hosts {
    fn portray(&mut self, domain: &MailDomain, _spells: bool, _portrait: &mut Portrait) -> bool {
        !self.by_name.keys().any(|host| domain.name().zone_of(host))
    }
}
