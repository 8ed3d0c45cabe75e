//! Targets that were meant to be another: a final dot too few or too many, an address, a raw U-label.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::Name;

use super::Case;
use crate::audit::finding::{Phrase, Verb};
use crate::code::Code;
use crate::name::{parse_typed, plain_text};

/// Why a target is not the one that was meant, where its spelling tells.
pub(super) fn misspelt(case: &Case<'_>, target: &Name) -> Option<(Code, Phrase)> {
    let leads = |rest: String| Phrase::Of(Verb::Leads, rest);
    if let Some(address) = address(case, target) {
        let rest = format!("to {address}: the target must be the name of a host, not its address");
        return Some((Code::TargetAddressLiteral, leads(rest)));
    }
    if let Some((shown, encoded)) = raw(target) {
        let rest = match encoded {
            Some(host) => format!("to {shown} as it is typed; DNS wants its A-labels, {host}"),
            None => format!("to {shown}, which is not in ASCII and has no A-labels"),
        };
        return Some((Code::TargetEncoding, leads(rest)));
    }
    if target.iter().len() == 1 {
        let lone = plain_text(target);
        let meant = case
            .planned_hosts()
            .find(|host| host.iter().next() == target.iter().next())
            .map_or_else(|| format!("{lone}.{}", case.plan.domain()), plain_text);
        let rest = format!("to the single label {lone}: a final dot too many; {meant} was meant");
        return Some((Code::TargetShort, leads(rest)));
    }
    let (meant, zone) = undoubled(case, target)?;
    let rest = format!(
        "to {}: the zone {} was appended to {}, which lacks its final dot",
        plain_text(target),
        plain_text(&zone),
        plain_text(&meant)
    );
    Some((Code::TargetDoubledSuffix, leads(rest)))
}

/// The name that a target was before a zone was appended to it, and that zone (RFC 1035 §5.1: a name
/// without a final dot is relative).
pub(super) fn undoubled(case: &Case<'_>, target: &Name) -> Option<(Name, Name)> {
    let domain = case.plan.domain().name();
    let labels = domain.iter().len();
    // A snippet may have been pasted into any zone that encloses the domain.
    let zones = (2..=labels).rev().map(|count| domain.trim_to(count));
    for zone in zones.filter(|zone| zone.zone_of(target)) {
        let kept = target.iter().len() - zone.iter().len();
        let rest = absolute(target.iter().take(kept))?;
        let is_expected = case.planned_hosts().any(|expected| *expected == rest);
        if is_expected || domain.zone_of(&rest) {
            return Some((rest, zone));
        }
    }
    None
}

/// The address that a target spells, with or without a zone behind it.
fn address(case: &Case<'_>, target: &Name) -> Option<String> {
    let domain = case.plan.domain().name();
    let behind = (1..=domain.iter().len())
        .map(|count| domain.trim_to(count))
        .filter(|zone| zone.zone_of(target))
        .map(|zone| zone.iter().len());
    let mut texts = std::iter::once(0).chain(behind).map(|count| {
        let labels = target.iter().take(target.iter().len() - count).map(String::from_utf8_lossy);
        labels.collect::<Vec<_>>().join(".")
    });
    texts.find(|text| {
        let text = text.trim_start_matches('[').trim_end_matches(']');
        text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
    })
}

/// A target with octets outside ASCII: as it was typed, and the name that DNS wants.
fn raw(target: &Name) -> Option<(String, Option<String>)> {
    if target.iter().flatten().all(u8::is_ascii) {
        return None;
    }
    let labels = target.iter().map(String::from_utf8_lossy);
    let shown = labels.collect::<Vec<_>>().join(".");
    let name = parse_typed(&shown).ok();
    Some((shown, name.as_ref().map(plain_text)))
}

/// Whether a target is no host name: letters, digits and hyphens alone (RFC 1123 §2.1).
pub(super) fn is_host_name(target: &Name) -> bool {
    target.iter().all(|label| {
        let is_letter = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
        label.iter().all(is_letter) && !label.starts_with(b"-") && !label.ends_with(b"-")
    })
}

/// A name of these labels, complete as it is.
fn absolute<'a>(labels: impl Iterator<Item = &'a [u8]>) -> Option<Name> {
    let mut name = Name::new();
    for label in labels {
        name = name.append_label(label).ok()?;
    }
    name.set_fqdn(true);
    Some(name)
}
