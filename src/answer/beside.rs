//! What stands beside the records that were asked for.

use std::net::Ipv6Addr;

use hickory_proto::rr::Name;

/// The IPv6 addresses of the target of an SRV record, as a server of the zone put them beside it
/// (RFC 2782: the additional section). The RRset is whole (RFC 2181 §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The target.
    pub host: Name,
    /// The TTL of all of its addresses, in seconds.
    pub ttl: u32,
    /// One at least.
    pub addresses: Vec<Ipv6Addr>,
}
