//! The IPv6 addresses that a server of the zone puts beside SRV records: those of their targets
//! (RFC 2782).
//!
//! They may be glue. So the IPv4 addresses of a host are asked for all the same: they tell whether who
//! answers speaks for it, and are nothing to read here.

use std::net::Ipv6Addr;

use hickory_proto::rr::RData;

use super::is_ttl;
use crate::answer::Beside;

/// The most SRV records beside which anything is read: what is compared is bounded.
pub(super) const MOST_HOSTS: usize = 8;

/// A record of type AAAA at the target of one of the SRV records.
pub(super) struct Found {
    /// The place of the first SRV record that leads there.
    host: usize,
    ttl: u32,
    /// None where the data are none.
    address: Option<Ipv6Addr>,
}

impl Found {
    pub(super) fn new(host: usize, ttl: u32, rdata: &[u8]) -> Self {
        let octets = <[u8; 16]>::try_from(rdata).ok();
        Self { host, ttl, address: octets.map(Ipv6Addr::from) }
    }
}

/// The RRsets that were found, without those that are broken or have more than one TTL.
pub(super) fn rrsets(records: &[RData], found: &[Found]) -> Vec<Beside> {
    if found.is_empty() {
        return Vec::new();
    }
    let rrset = |(at, data): (usize, &RData)| {
        let RData::SRV(srv) = data else { return None };
        let set = || found.iter().filter(move |record| record.host == at);
        let ttl = set().map(|record| record.ttl).next().filter(is_ttl)?;
        let addresses = set().map(|record| record.address).collect::<Option<Vec<_>>>()?;
        let is_even = set().all(|record| record.ttl == ttl);
        is_even.then(|| Beside { host: srv.target.clone(), ttl, addresses })
    };
    records.iter().enumerate().filter_map(rrset).collect()
}
