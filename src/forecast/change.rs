//! The one change that makes a client work: what is planned is put into the world piece by piece, the
//! cheapest first, and the client asked again.

use super::altered;
use super::facts::Planned;
use super::mending::Mending;
use super::world::{Change, Stop, Told, World};
use crate::name::plain_text;
use crate::plan::Purpose;
use crate::rrset::RrSet;

/// The first change that is enough; None within where none is, and without where more must be known
/// to tell. First each RRset that does not stand as planned, then each document with the records of its
/// host, then all SRV records of services together.
#[expect(clippy::option_option, reason = "nothing helps, and nobody knows yet, are two things")]
pub(super) fn find<'p>(
    world: &World<'_>,
    planned: impl FnOnce() -> &'p [Planned],
    works: impl Fn(&World<'_>) -> Told<bool>,
) -> Option<Option<Mending>> {
    let domain = world.plan().domain();
    let mut is_open = false;
    let mut does = |records: &[&RrSet], document: Option<&Planned>| {
        // What the client has not looked at cannot change what it does.
        let is_seen =
            document.map_or_else(|| world.has_touched(records), |it| world.has_sought(it));
        if !is_seen {
            return false;
        }
        let records = &altered::planned(records);
        let changed = world.changed(Change { records, document, ..Change::default() });
        let works = works(&changed);
        world.want_also(&changed);
        is_open |= works == Err(Stop::Wanted);
        works == Ok(true)
    };
    let lacking = world.lacking();
    let mut helpful = lacking.iter().filter(|(purpose, _)| may_help(*purpose));
    let enough = helpful.find(|(_, set)| does(&[set], None));
    let mut found = enough.map(|(_, set)| Mending::record(set, domain));
    if found.is_none() {
        let mut with = planned().iter().map(|it| (it, records_with(it, world)));
        let enough = with.find(|(it, with)| does(with.as_slice(), Some(it)));
        found = enough.map(|(it, with)| Mending::document(it, with, domain));
    }
    if found.is_none() {
        let services = lacking.iter().filter(|(purpose, _)| matches!(purpose, Purpose::Service(_)));
        let services: Vec<&RrSet> = services.map(|(_, set)| *set).collect();
        found = (services.len() > 1 && does(&services, None))
            .then(|| Mending::services(&services, domain));
    }
    // A later change is no answer while an earlier one may be enough.
    if is_open { None } else { Some(found) }
}

/// Whether records for this decide what mail clients find.
pub(super) fn may_help(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Service(_)
            | Purpose::Denial(_)
            | Purpose::CompatSmtps
            | Purpose::Config(_)
            | Purpose::Autodiscover
            | Purpose::PaccName
            | Purpose::PaccDigest
    )
}

/// The records that give the host of a document an address, where it has none.
fn records_with<'a>(planned: &Planned, world: &World<'a>) -> Option<&'a RrSet> {
    if !matches!(world.addresses_of(&planned.host), Ok(addresses) if addresses.is_empty()) {
        return None;
    }
    let is_its = |set: &&RrSet| plain_text(set.owner()).eq_ignore_ascii_case(&planned.host);
    world.plan().published().map(|(_, set)| set).find(is_its)
}
