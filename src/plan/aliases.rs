//! The names `autoconfig` and `autodiscover`, as aliases or with addresses of their own.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};

use super::Context;
use crate::hosting::{ExpandError, Lead};
use crate::rrset::RrSet;
use crate::service::ConfigName;

/// Plans the names that lead to a host by an alias.
pub(super) fn plan_aliases(context: &Context<'_>) -> Result<Vec<(ConfigName, RrSet)>, ExpandError> {
    ConfigName::ALL
        .into_iter()
        .filter_map(|name| Some((name, context.hosting.lead(name)?.alias()?)))
        .map(|(name, pattern)| {
            let host = context.host(Some(pattern))?;
            let owner = context.domain.prefixed(&[name.text()]);
            let set = RrSet::cname(owner, context.hosting.ttl(), host.name().clone());
            Ok((name, set))
        })
        .collect()
}

/// The names that may not be aliases, with their addresses.
pub(super) fn plan_addresses(context: &Context<'_>) -> Vec<(ConfigName, RrSet)> {
    let mut sets = Vec::new();
    for name in ConfigName::ALL {
        if let Some(Lead::Addresses(addresses)) = context.hosting.lead(name) {
            let owner = context.domain.prefixed(&[name.text()]);
            let of_name = address_sets(&owner, addresses, context.hosting.ttl());
            sets.extend(of_name.into_iter().map(|set| (name, set)));
        }
    }
    sets
}

/// The RRsets of a name that leads somewhere: one alias, or its addresses by family.
pub(super) fn lead_sets(
    lead: &Lead,
    owner: Name,
    context: &Context<'_>,
) -> Result<Vec<RrSet>, ExpandError> {
    let ttl = context.hosting.ttl();
    Ok(match lead {
        Lead::Alias(pattern) => {
            let host = context.host(Some(pattern))?;
            vec![RrSet::cname(owner, ttl, host.name().clone())]
        }
        Lead::Addresses(addresses) => address_sets(&owner, addresses, ttl),
    })
}

/// The A and the AAAA RRset of a name, as far as there are addresses of the family.
pub(super) fn address_sets(owner: &Name, addresses: &[IpAddr], ttl: u32) -> Vec<RrSet> {
    let (v4, v6): (Vec<RData>, Vec<RData>) = addresses
        .iter()
        .map(|address| RData::from(*address))
        .partition(|data| data.record_type() == RecordType::A);
    [v4, v6].into_iter().filter_map(|records| RrSet::of(owner.clone(), ttl, records)).collect()
}
