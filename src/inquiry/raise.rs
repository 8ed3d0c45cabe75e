//! What an answer makes worth asking.
//!
//! Which questions are raised depends on the answers alone, not on the order in which they come.

use hickory_proto::rr::{Name, RecordType};

use super::names::NameId;
use super::observed::{AS_WANTED, AUTHORITATIVE, Datum, Family, Observed, Role, Slot, State};
use super::{Inquiry, probe_beside};
use crate::endpoint::association_name;
use crate::service::{Label, MISNOMERS, PROTO, Related};

/// The most targets of one RRset whose addresses are asked for, the preferred ones first; what DNS
/// says decides how many there are, so there must be an end.
pub const MAX_TARGETS: usize = 8;

/// The names below a mail domain under which its records now and then stand by mistake: somebody
/// took the host for the domain.
const WRONG_PARENTS: [&str; 2] = ["mail", "www"];

/// The node above the services of the domain, as its names are kept.
const TCP: &[u8] = b"\x04_tcp";

impl Inquiry {
    /// Asks what an answer makes worth asking, and what known answers behind its alias do.
    pub(super) fn raise_from(&mut self, index: usize) {
        let mut next = Some(index);
        while let Some(index) = next {
            next = self.raise_from_one(index);
        }
    }

    /// Returns the slot of a known answer that this one makes count for more.
    fn raise_from_one(&mut self, index: usize) -> Option<usize> {
        let slot = self.observed.slots[index];
        if slot.role == Role::Aside {
            return None;
        }
        let is_soa = |slot: &Slot| slot.rtype() == RecordType::SOA;
        if slot.has(AUTHORITATIVE) && !self.observed.slots.iter().any(is_soa) {
            // Its numbers count down in a cache, so a resolver is not asked for them.
            let apex = self.observed.domain().name().clone();
            self.ask(&apex, RecordType::SOA);
        }
        let end = self.observed.continuation(&slot);
        let known = end.and_then(|end| self.follow(end, slot.rtype()));
        match slot.rtype() {
            RecordType::SRV => self.raise_from_srv(&slot),
            RecordType::MX => self.raise_from_mx(&slot),
            RecordType::A | RecordType::AAAA => self.raise_from_address(&slot),
            _ => {}
        }
        known
    }

    /// A healthy answer raises the addresses of its targets; one that is not as planned, what a
    /// wildcard says beside it.
    fn raise_from_srv(&mut self, slot: &Slot) {
        let is_something = slot.state == State::Records || slot.aliases > 0;
        match slot.role {
            Role::Records(_) | Role::Denied(_) if is_something && !slot.has(AS_WANTED) => {
                self.probe(slot);
            }
            // Before it is called a leftover: a wildcard says the same of every name.
            Role::Evidence if slot.state == State::Records => self.probe(slot),
            Role::Records(_)
            | Role::Denied(_)
            | Role::Alias(_)
            | Role::End
            | Role::Evidence
            | Role::Aside
            | Role::Association => {}
        }
        if slot.state == State::Records && matches!(slot.role, Role::Records(_) | Role::End) {
            self.raise_targets(slot, &Family::ALL);
            if self.observed.is_below_tcp(slot) {
                self.ask_tcp_node();
            }
        }
        if self.associations && slot.state == State::Records && self.may_name_servers(slot) {
            self.raise_associations(slot);
        }
    }

    /// Whether clients of mail come to the targets of SRV records: the owner name is that of a service of
    /// the domain, or stands at the end of aliases of one.
    fn may_name_servers(&self, slot: &Slot) -> bool {
        let is_visited = |label: &str| {
            let labels = Label::ALL.map(Label::text).into_iter();
            labels.chain([Related::Sieve.text()]).any(|known| known == label)
        };
        slot.role == Role::End || self.label_below_tcp(slot).is_some_and(|label| is_visited(&label))
    }

    /// Asks for the TLSA records of the servers that SRV records name, the preferred ones first.
    fn raise_associations(&mut self, slot: &Slot) {
        let observed = &self.observed;
        let servers = observed.data[slot.record_range()].iter().filter_map(|datum| match *datum {
            Datum::Srv { priority, target, port, .. } => {
                Some((priority, observed.names.name(target), port))
            }
            _ => None,
        });
        let mut servers: Vec<(u16, Name, u16)> = servers.collect();
        servers.sort();
        if servers.len() > MAX_TARGETS {
            self.observed.skip(slot.owner, slot.rtype());
        }
        for (_, host, port) in servers.into_iter().take(MAX_TARGETS) {
            if let Some(owner) = association_name(&host, port) {
                let owner = self.observed.names.intern(&owner);
                self.raise(owner, RecordType::TLSA, Role::Association);
            }
        }
    }

    /// Asks what a wildcard says where it would answer for a name.
    fn probe(&mut self, slot: &Slot) {
        let owner = self.observed.names.name(slot.owner);
        self.observed.is_probed = true;
        self.ask(&probe_beside(&owner), slot.rtype());
    }

    /// Asks for the end of an alias chain, whose records then count as those of the name in front.
    /// Returns its slot where it was answered before that was known.
    fn follow(&mut self, end: NameId, rtype: RecordType) -> Option<usize> {
        let known = |slot: &Slot| slot.owner == end && slot.rtype() == rtype;
        let Some(index) = self.observed.slots.iter().position(known) else {
            self.raise(end, rtype, Role::End);
            return None;
        };
        let slot = &mut self.observed.slots[index];
        if slot.role != Role::Evidence {
            return None;
        }
        slot.role = Role::End;
        (slot.state != State::Open).then_some(index)
    }

    /// One family tells whether an exchange is an alias.
    fn raise_from_mx(&mut self, slot: &Slot) {
        match slot.state {
            State::Records => self.raise_targets(slot, &[Family::V4]),
            // Without an MX, mail goes to the addresses of the domain (RFC 5321 §5.1).
            State::NoData if slot.aliases == 0 => {
                let apex = self.observed.domain().name().clone();
                for family in Family::ALL {
                    self.ask(&apex, family.record_type());
                }
            }
            State::Open | State::NoData | State::NxDomain | State::Failed(_) => {}
        }
    }

    /// Where a name does not lead to the host that it should lead to, the addresses of both tell
    /// whether that matters, and a wildcard may be what answers.
    fn raise_from_address(&mut self, slot: &Slot) {
        let is_something = slot.state == State::Records || slot.aliases > 0;
        match slot.role {
            Role::Alias(host) if !self.observed.aliases(slot).any(|alias| alias == host) => {
                // What nobody answers stays open, whatever the other family says.
                let is_answered = !matches!(slot.state, State::NxDomain | State::Failed(_));
                if is_answered || slot.aliases > 0 {
                    self.raise(slot.owner, RecordType::AAAA, Role::Evidence);
                    for family in Family::ALL {
                        self.raise(host, family.record_type(), Role::Evidence);
                    }
                }
                if is_something {
                    self.probe(slot);
                }
            }
            Role::Records(_) if is_something && !slot.has(AS_WANTED) => {
                self.probe(slot);
            }
            // A target of the domain that is an alias: it is to go only where it stands itself.
            Role::Evidence
                if slot.aliases > 0 && self.observed.names.prefix(slot.owner).is_some() =>
            {
                self.probe(slot);
            }
            Role::Alias(_)
            | Role::Records(_)
            | Role::Denied(_)
            | Role::End
            | Role::Evidence
            | Role::Aside
            | Role::Association => {}
        }
    }

    /// Asks for the addresses of the targets, in an order that is not that of the response.
    fn raise_targets(&mut self, slot: &Slot, families: &[Family]) {
        let observed = &self.observed;
        let mut targets: Vec<(u16, NameId)> = observed.data[slot.record_range()]
            .iter()
            .filter_map(|datum| match *datum {
                Datum::Srv { priority, target, .. } => Some((priority, target)),
                Datum::Mx { preference, exchange } => Some((preference, exchange)),
                Datum::Alias(_) | Datum::A(_) | Datum::Aaaa(_) | Datum::Other { .. } => None,
            })
            .filter(|(_, target)| !observed.names.is_root(*target))
            .collect();
        if targets.len() > 1 {
            targets.sort_by_cached_key(|(first, target)| (*first, observed.names.name(*target)));
            targets.dedup_by_key(|(_, target)| *target);
        }
        if targets.len() > MAX_TARGETS {
            self.observed.skip(slot.owner, slot.rtype());
        }
        for (_, target) in targets.into_iter().take(MAX_TARGETS) {
            for family in families {
                self.raise(target, family.record_type(), Role::Evidence);
            }
        }
    }

    /// Where the right record is missing, it may stand under a wrong name.
    pub(super) fn raise_near_misses(&mut self) {
        if !self.may_hold_records() {
            return;
        }
        let missing: Vec<Slot> =
            self.observed.slots.iter().filter(|slot| self.is_missing(slot)).copied().collect();
        if missing.is_empty() {
            return;
        }
        let domain = self.observed.domain().clone();
        // The domain appended twice, where somebody typed it in front of a zone that is appended.
        let doubled = domain.name().clone().append_name(domain.name()).ok();
        if let Some(doubled) = &doubled {
            self.ask(doubled, RecordType::A);
        }
        let doubled = doubled.filter(|doubled| self.may_exist(doubled));
        for slot in missing {
            let Some(label) = self.label_below_tcp(&slot) else {
                let prefix = self.observed.names.prefix(slot.owner).and_then(first_label);
                let owner =
                    prefix.and_then(|label| prepended(&[label.as_bytes()], doubled.as_ref()?));
                if let Some(owner) = owner {
                    self.ask(&owner, slot.rtype());
                }
                continue;
            };
            self.raise_wrong_owners(&label, domain.name(), doubled.as_ref());
        }
    }

    /// Whether of all service records that were sought none stands.
    pub(super) fn is_nothing_there(&self) -> bool {
        let is_service =
            |slot: &&Slot| slot.rtype() == RecordType::SRV && matches!(slot.role, Role::Records(_));
        !self.observed.slots.iter().filter(is_service).any(|slot| slot.state == State::Records)
    }

    /// Whether the domain exists, as far as its MX was answered; it is asked for in every audit, and
    /// where there is no domain, nothing stands under a wrong name.
    fn may_hold_records(&self) -> bool {
        let apex = self.observed.names.find(self.observed.domain().name());
        let mx = apex.and_then(|apex| self.observed.slot(apex, RecordType::MX));
        mx.is_none_or(|mx| match mx.state {
            State::Open => false,
            State::NxDomain => self.observed.is_anything_there(),
            State::Records | State::NoData | State::Failed(_) => true,
        })
    }

    /// Whether something that was sought is absent, so that it may stand under a wrong name.
    fn is_missing(&self, slot: &Slot) -> bool {
        let is_sought = match slot.rtype() {
            RecordType::SRV => matches!(slot.role, Role::Records(_)),
            RecordType::A => matches!(slot.role, Role::Alias(_)),
            _ => false,
        };
        is_sought && slot.is_absent() && slot.aliases == 0
    }

    /// Asks for the misspellings of one owner name that are seen in the wild, most of them only
    /// where a node above them exists.
    fn raise_wrong_owners(&mut self, label: &str, domain: &Name, doubled: Option<&Name>) {
        let mut owners = vec![prepended(&[label.as_bytes()], domain)];
        self.ask_tcp_node();
        if prepended(&[PROTO.as_bytes()], domain).is_some_and(|node| self.may_exist(&node)) {
            let bare = label.trim_start_matches('_');
            owners.push(prepended(&[bare.as_bytes(), PROTO.as_bytes()], domain));
            let misnomers = MISNOMERS.into_iter().filter(|misnomer| misnomer.right.text() == label);
            owners.extend(
                misnomers.map(|misnomer| {
                    prepended(&[misnomer.text.as_bytes(), PROTO.as_bytes()], domain)
                }),
            );
        }
        for parent in WRONG_PARENTS {
            let node = prepended(&[PROTO.as_bytes(), parent.as_bytes()], domain);
            let Some(node) = node else { continue };
            self.ask(&node, RecordType::A);
            if self.may_exist(&node) {
                owners.push(prepended(&[label.as_bytes()], &node));
            }
        }
        owners.extend(doubled.map(|zone| prepended(&[label.as_bytes(), PROTO.as_bytes()], zone)));
        for owner in owners.into_iter().flatten() {
            self.ask(&owner, RecordType::SRV);
        }
    }

    /// Whether something may stand below a name: its answer is there, and is not NXDOMAIN
    /// (RFC 8020 §2), or a broken server says so of a name with children.
    fn may_exist(&self, node: &Name) -> bool {
        let Some(id) = self.observed.names.find(node) else { return false };
        let slot = self.observed.slot(id, RecordType::A);
        if slot.is_some_and(|slot| matches!(slot.state, State::Records | State::NoData)) {
            return true;
        }
        let is_child =
            |slot: &&Slot| slot.state == State::Records && self.label_below_tcp(slot).is_some();
        self.observed.names.prefix(id) == Some(TCP)
            && self.observed.slots.iter().any(|slot| is_child(&slot))
    }

    /// Asks once whether `_tcp` exists: below a name that does not, nothing does (RFC 8020 §2).
    pub(super) fn ask_tcp_node(&mut self) {
        if self.observed.tcp_node().is_some() {
            return;
        }
        if let Some(node) = prepended(&[PROTO.as_bytes()], self.observed.domain().name()) {
            self.ask(&node, RecordType::A);
        }
    }

    fn ask(&mut self, owner: &Name, rtype: RecordType) {
        let owner = self.observed.names.intern(owner);
        self.raise(owner, rtype, Role::Evidence);
    }

    /// The service label of a slot whose owner name is that of a service of the domain.
    fn label_below_tcp(&self, slot: &Slot) -> Option<String> {
        let prefix = self.observed.names.prefix(slot.owner)?;
        let label = first_label(prefix)?;
        (prefix[1 + label.len()..] == *TCP).then_some(label)
    }
}

impl Observed {
    /// The question for the node above the services of the domain.
    pub(super) fn tcp_node(&self) -> Option<&Slot> {
        let is_node = |slot: &&Slot| {
            slot.rtype() == RecordType::A && self.names.prefix(slot.owner) == Some(TCP)
        };
        self.slots.iter().find(is_node)
    }

    /// Whether the owner name of a slot is that of a service of the domain.
    pub(super) fn is_below_tcp(&self, slot: &Slot) -> bool {
        self.names.prefix(slot.owner).is_some_and(|prefix| {
            let first = prefix.first().map_or(0, |length| 1 + usize::from(*length));
            prefix.get(first..) == Some(TCP)
        })
    }
}

/// The first label of a name as it is kept; None of what is no text.
fn first_label(prefix: &[u8]) -> Option<String> {
    let (length, rest) = prefix.split_first()?;
    String::from_utf8(rest.get(..usize::from(*length))?.to_vec()).ok()
}

/// Labels in front of a name; None where that gets too long for a name.
fn prepended(labels: &[&[u8]], name: &Name) -> Option<Name> {
    labels.iter().rev().try_fold(name.clone(), |name, label| name.prepend_label(*label).ok())
}
