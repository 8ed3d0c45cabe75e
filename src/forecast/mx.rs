//! Names that clients derive from the mail exchange of a domain
//! (draft-ietf-mailmaint-autoconfig §4.3).

use hickory_proto::rr::{Name, RData, RecordType};

use super::world::{Told, World};
use crate::name::plain_text;
use crate::plan::registrable;

/// The exchange that is preferred, where the domain takes mail (RFC 7505 §3).
pub(super) fn exchange<'a>(world: &World<'a>) -> Told<Option<&'a Name>> {
    let records = world.records(world.plan().domain().name(), RecordType::MX)?;
    let exchanges = records.iter().filter_map(|data| match data {
        RData::MX(mx) if !mx.exchange.is_root() => Some((mx.preference, &mx.exchange)),
        _ => None,
    });
    Ok(exchanges.min().map(|(_, exchange)| exchange))
}

/// The domains whose `autoconfig` is asked: that around the exchange, and the registrable one; none
/// where the latter is the mail domain itself, which was asked before.
pub(super) fn domains(world: &World<'_>) -> Told<Vec<String>> {
    let Some(exchange) = exchange(world)? else { return Ok(Vec::new()) };
    let registered = registrable(exchange);
    if registered == *world.plan().domain().name() {
        return Ok(Vec::new());
    }
    let around = exchange.base_name();
    let mut domains = vec![plain_text(&registered).to_ascii_lowercase()];
    if around != registered && registered.zone_of(&around) {
        domains.insert(0, plain_text(&around).to_ascii_lowercase());
    }
    Ok(domains)
}
