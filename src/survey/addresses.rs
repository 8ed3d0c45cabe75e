//! The addresses of hosts that are visited.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Failure, MAX_CHAIN, Outcome, Question};
use crate::endpoint::Unseen;
use crate::lookup::Lookup;

/// The most addresses of each family that are tried: others name them, and each may take its time.
const MOST: usize = 4;

/// The addresses of a host, or why there are none.
pub(super) async fn addresses<L: Lookup>(lookup: &L, host: &str) -> Result<Vec<IpAddr>, Unseen> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let name = Name::from_ascii(format!("{host}.")).map_err(|_error| Unseen::NotLookedUp)?;
    let ask = |rtype| outcome(lookup, name.clone(), rtype);
    let (six, four) = futures_util::join!(ask(RecordType::AAAA), ask(RecordType::A));
    let mut addresses = Vec::new();
    let mut why = None;
    for outcome in [six, four] {
        match outcome {
            Outcome::Records { data, .. } => {
                let found = data.iter().filter_map(|data| match data {
                    RData::A(address) => Some(IpAddr::V4(address.0)),
                    RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                    _ => None,
                });
                addresses.extend(found.take(MOST));
            }
            Outcome::NoData | Outcome::NxDomain => {}
            Outcome::Failed(Failure::OutsideZone) => why = why.or(Some(Unseen::OutsideZone)),
            Outcome::Failed(_) => why = Some(Unseen::NotLookedUp),
        }
    }
    match addresses.is_empty() {
        false => Ok(addresses),
        true => Err(why.unwrap_or(Unseen::NoAddress)),
    }
}

/// What stands at the end of the aliases of a name; zones at hand may know no more than where they lead.
async fn outcome<L: Lookup>(lookup: &L, mut name: Name, rtype: RecordType) -> Outcome {
    for _ in 0..MAX_CHAIN {
        let answer = lookup.ask(&Question { name: name.clone(), rtype }).await;
        match (answer.outcome, answer.chain.last()) {
            (Outcome::NoData, Some(end)) if *end != name => name = end.clone(),
            (outcome, _) => return outcome,
        }
    }
    Outcome::NoData
}
