//! What the answers of zones about a mail domain depend on.

use super::Zones;
use crate::answer::Portrait;
use crate::lookup::Portray;
use crate::name::MailDomain;
use crate::zone::likeness::Scope;
use crate::zone::path::Path;
use crate::zone::tree::{Tree, Walk};

/// Writes it down of one mail domain after the other.
pub(super) struct Portrayer<'a> {
    zones: &'a Zones,
    /// The only zone there is, or the records that lie in none; None where each domain does not stand
    /// for itself.
    ground: Option<(&'a Tree, Walk<'a>)>,
    /// The key of its apex, and its labels.
    apex: Option<(&'a [u8], usize)>,
    /// Room for the path of a domain.
    path: Path,
}

impl<'a> Portrayer<'a> {
    pub(super) fn of(zones: &'a Zones) -> Self {
        let mut all = zones.by_apex.iter();
        let (apex, tree) = all.next().map_or((None, &zones.loose), |(apex, tree)| {
            (Some((&**apex, Path::of_key(apex).labels())), tree)
        });
        let are_plain = *zones.plain.get_or_init(|| zones.are_plain());
        let ground = are_plain.then(|| (tree, tree.nodes()));
        Self { zones, ground, apex, path: Path::root() }
    }
}

impl Portray for Portrayer<'_> {
    fn portray(
        &mut self,
        domain: &MailDomain,
        spells_addresses: bool,
        portrait: &mut Portrait,
    ) -> bool {
        let Some((tree, walk)) = &mut self.ground else { return false };
        let path = &mut self.path;
        path.become_domain(domain);
        let top = match self.apex {
            // At its apex, and outside of it.
            Some((apex, labels)) if labels == path.labels() || !path.key().starts_with(apex) => {
                return false;
            }
            Some((_, labels)) => labels,
            None => path.labels(),
        };
        let mut above = (top + 1..=path.labels()).map(|labels| path.ancestor(labels));
        !above.any(|key| tree.turns.may_hold(key))
            && !tree.turns.may_hold_within(path.key())
            && walk.portray(path, Scope { spells_addresses, tells_soa: true }, portrait)
    }

    fn portray_but_soa(
        &mut self,
        domain: &MailDomain,
        spells_addresses: bool,
        portrait: &mut Portrait,
    ) -> bool {
        self.path.become_domain(domain);
        match self.zones.own_of(&self.path) {
            Some(tree) => {
                let scope = Scope { spells_addresses, tells_soa: false };
                tree.nodes().portray(&self.path, scope, portrait)
            }
            None => self.portray(domain, spells_addresses, portrait),
        }
    }
}
