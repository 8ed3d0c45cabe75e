//! What is known of one mail domain while it is asked about.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;

use hickory_proto::rr::Name;

use super::shared::Shared;
use super::{MAX_REQUESTS, is_silence};
use crate::answer::{Failure, Sight, Vantage};

/// The most zone cuts below one mail domain that are looked at.
const MAX_CUTS: usize = 8;

/// The servers of one mail domain, and the zones below it.
#[derive(Debug)]
pub(super) struct Case {
    /// The requests that are left to it.
    pub(super) budget: Rc<Cell<u32>>,
    /// The addresses that are asked for its zone.
    servers: RefCell<Vec<IpAddr>>,
    /// Those of servers that did not answer at all when they were asked for a zone, and why. Of other
    /// zones they may speak.
    silent: RefCell<BTreeMap<(IpAddr, Name), Failure>>,
    /// The zone cuts below it, each with the apex of the zone above.
    cuts: RefCell<BTreeMap<Name, Name>>,
    /// What begins at a cut, where a zone does.
    pub(super) below: Shared<Option<Rc<Sight>>>,
}

impl Case {
    pub(super) fn new() -> Self {
        Self {
            budget: Rc::new(Cell::new(MAX_REQUESTS)),
            servers: RefCell::default(),
            silent: RefCell::default(),
            cuts: RefCell::default(),
            below: Shared::default(),
        }
    }

    /// Takes note of who is asked for the zone of the domain.
    pub(super) fn see(&self, sight: &Sight) {
        *self.servers.borrow_mut() = addresses(sight).collect();
    }

    /// Takes note of what came of asking a server for its zone.
    pub(super) fn heard(&self, server: IpAddr, apex: &Name, failure: Option<Failure>) {
        let (mut silent, key) = (self.silent.borrow_mut(), (server, apex.clone()));
        match failure.filter(|failure| is_silence(*failure)) {
            Some(failure) => drop(silent.insert(key, failure)),
            None => drop(silent.remove(&key)),
        }
    }

    /// Why a server says nothing at all of a zone that a name lies in.
    pub(super) fn silence(&self, server: IpAddr, name: &Name) -> Option<Failure> {
        let silent = self.silent.borrow();
        let mut silent =
            silent.iter().filter(|((at, apex), _)| *at == server && apex.zone_of(name));
        silent.next().map(|(_, failure)| *failure)
    }

    /// Takes note of a cut; false where there are too many.
    pub(super) fn note_cut(&self, cut: &Name, above: &Name) -> bool {
        let mut cuts = self.cuts.borrow_mut();
        let has_room = cuts.len() < MAX_CUTS || cuts.contains_key(cut);
        if has_room {
            cuts.entry(cut.clone()).or_insert_with(|| above.clone());
        }
        has_room
    }

    /// The cuts at or above a name, the deepest first, each with the apex of the zone above.
    pub(super) fn cuts_above(&self, name: &Name) -> Vec<(Name, Name)> {
        let cuts = self.cuts.borrow();
        let mut above: Vec<_> = cuts.iter().filter(|(cut, _)| cut.zone_of(name)).collect();
        above.sort_by_key(|(cut, _)| std::cmp::Reverse(cut.num_labels()));
        above.into_iter().map(|(cut, above)| (cut.clone(), above.clone())).collect()
    }

    /// The addresses that are asked for a zone of the domain.
    pub(super) fn servers_of(&self, apex: &Name) -> Vec<IpAddr> {
        match self.below.known(apex).flatten() {
            Some(sight) => addresses(&sight).collect(),
            None => self.servers.borrow().clone(),
        }
    }

    /// The apex of the zone as whose server one is asked for a name: of several, the one above the
    /// others, whose answers say the most.
    pub(super) fn apex_at(&self, server: IpAddr, name: &Name, zone: &Name) -> Name {
        if self.servers.borrow().contains(&server) {
            return zone.clone();
        }
        let mut below = self.cuts_above(name).into_iter().rev().map(|(cut, _)| cut);
        let is_served = |cut: &Name| {
            let sight = self.below.known(cut).flatten();
            sight.is_some_and(|sight| addresses(&sight).any(|address| address == server))
        };
        below.find(is_served).unwrap_or_else(|| zone.clone())
    }
}

fn addresses(sight: &Sight) -> impl Iterator<Item = IpAddr> {
    sight.vantages.iter().filter_map(|vantage| match vantage {
        Vantage::Server { address, .. } => Some(*address),
        Vantage::Resolver(_) => None,
    })
}
