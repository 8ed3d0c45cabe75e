//! Endpoints visited at the addresses that DNS gives their hosts.

use std::net::IpAddr;
use std::rc::Rc;

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Outcome, Question};
use crate::endpoint::{Endpoint, Sighting, Unseen};
use crate::lookup::Lookup;
use crate::probe::Prober;

/// The most addresses of each family that are tried: others name them, and each may take its time.
const MOST: usize = 4;

/// What an endpoint shows at the first address of its host that answers, IPv6 first, as clients try
/// them (RFC 6724).
///
/// A host that was not looked up is none without addresses.
pub async fn visit<L: Lookup>(prober: &Prober, lookup: &L, endpoint: &Endpoint) -> Rc<Sighting> {
    prober.visit(endpoint, || addresses(lookup, &endpoint.host)).await
}

/// The addresses of a host, or why there are none.
async fn addresses<L: Lookup>(lookup: &L, host: &str) -> Result<Vec<IpAddr>, Unseen> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let name = Name::from_ascii(format!("{host}.")).map_err(|_error| Unseen::NotLookedUp)?;
    let ask = |rtype| async move { lookup.ask(&Question { name, rtype }).await };
    let (six, four) = futures_util::join!(ask.clone()(RecordType::AAAA), ask(RecordType::A));
    let mut addresses = Vec::new();
    let mut is_known = true;
    for answer in [six, four] {
        match answer.outcome {
            Outcome::Records { data, .. } => {
                let found = data.iter().filter_map(|data| match data {
                    RData::A(address) => Some(IpAddr::V4(address.0)),
                    RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                    _ => None,
                });
                addresses.extend(found.take(MOST));
            }
            Outcome::NoData | Outcome::NxDomain => {}
            Outcome::Failed(_) => is_known = false,
        }
    }
    match addresses.is_empty() {
        false => Ok(addresses),
        true if is_known => Err(Unseen::NoAddress),
        true => Err(Unseen::NotLookedUp),
    }
}
