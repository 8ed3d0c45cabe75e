//! Endpoints visited at the addresses that DNS gives their hosts.

use std::net::IpAddr;
use std::rc::Rc;

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Outcome, Question};
use crate::endpoint::{Endpoint, Sighting, Unseen};
use crate::lookup::Lookup;
use crate::probe::Prober;

/// What an endpoint shows at the first address of its host that answers, IPv6 first, as clients try
/// them (RFC 6724).
///
/// A host that was not looked up is none without addresses.
pub async fn visit<L: Lookup>(prober: &Prober, lookup: &L, endpoint: &Endpoint) -> Rc<Sighting> {
    let unseen =
        |why| Rc::new(Sighting { endpoint: endpoint.clone(), address: None, seen: Err(why) });
    if let Ok(address) = endpoint.host.parse::<IpAddr>() {
        return prober.visit(endpoint, &[address]).await;
    }
    let Ok(name) = Name::from_ascii(format!("{}.", endpoint.host)) else {
        return unseen(Unseen::NotLookedUp);
    };
    let ask = |rtype| async move { lookup.ask(&Question { name, rtype }).await };
    let (six, four) = futures_util::join!(ask.clone()(RecordType::AAAA), ask(RecordType::A));
    let mut addresses = Vec::new();
    let mut is_known = true;
    for answer in [six, four] {
        match answer.outcome {
            Outcome::Records { data, .. } => {
                addresses.extend(data.iter().filter_map(|data| match data {
                    RData::A(address) => Some(IpAddr::V4(address.0)),
                    RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                    _ => None,
                }));
            }
            Outcome::NoData | Outcome::NxDomain => {}
            Outcome::Failed(_) => is_known = false,
        }
    }
    match addresses.as_slice() {
        [] if !is_known => unseen(Unseen::NotLookedUp),
        [] => unseen(Unseen::NoAddress),
        addresses => prober.visit(endpoint, addresses).await,
    }
}
