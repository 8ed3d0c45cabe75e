//! Offline: zone data in memory, answered as an authoritative server answers it.
//!
//! A zone begins at its apex: the owner name of its SOA record, or a name it is added under.
//! Records of files without an SOA record are *loose*: snippets, and what `generate` prints for a
//! list of domains, have one `$ORIGIN` after the other and no apex. The mail domain that is audited
//! is the apex for them, for its own audit alone: what stands in the files at or below it is all
//! there is, and a name that is missing there does not exist. Other loose records answer for what
//! they hold and never say that something is missing; the files may hold a part of their zone.
//!
//! This makes an answer depend on nothing but the records, the question and the domain whose audit
//! asks it ([`Lookup::ask_about`]): not on the order of files and sections, and not on the domains
//! audited before, of which there may be a million that nobody has to remember.

mod clash;
mod domains;
mod file;
mod hidden;
pub mod octodns;
mod portrayer;
mod sorting;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::{Future, ready};
use std::sync::OnceLock;

use hickory_proto::rr::{Name, RecordType};

pub use self::clash::{Clash, ClashError};
pub use self::domains::{Found, IntoMailDomains, MailDomains};
pub use self::file::{Outside, Unread, ZoneFile, doubled};
use self::portrayer::Portrayer;
use super::{Lookup, Portray};
use crate::answer::{Answer, Failure, Hidden, MAX_CHAIN, Outcome, Question};
use crate::message::extend_chain;
use crate::name::MailDomain;
use crate::rrset::ResourceRecord;
use crate::zone::gather::Gathering;
use crate::zone::node::{Loose, Node, Step};
use crate::zone::path::{self, Path};
use crate::zone::place::{FileLine, Files};
use crate::zone::tree::{Looking, Tree};
use crate::zonefile::{self, Position};

/// The zones at hand.
///
/// Names outside all of them are [`Failure::OutsideZone`], never missing: an audit does not judge
/// them.
#[derive(Debug, Default)]
pub struct Zones {
    /// By the key of the apex, as [`Path`] makes it.
    by_apex: HashMap<Box<[u8]>, Tree>,
    /// The records that lie in none of the zones.
    loose: Tree,
    /// Where the zones begin that are kept without an SOA record, by the key of the apex.
    homes: HashMap<Box<[u8]>, FileLine>,
    files: Files,
    /// Whether each domain stands for itself, looked at once: see [`Zones::are_plain`].
    plain: OnceLock<bool>,
    /// The apexes below which other zones begin, looked for once: see [`Zones::around`].
    around: OnceLock<HashSet<Box<[u8]>>>,
}

impl Zones {
    /// Makes an empty set of zones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes zones of files; `origin` is the apex of those without an SOA record.
    ///
    /// Files of one zone make one zone. Without an origin, records of files without an SOA record
    /// belong to the zone at hand around them, and are loose where there is none.
    pub fn of(files: Vec<ZoneFile>, origin: Option<&Name>) -> Self {
        let mut zones = Self::new();
        let (mut gathered, mut loose) = (HashMap::<Box<[u8]>, Gathering>::new(), Vec::new());
        for file in files {
            let apex = file.apex().or(origin).cloned();
            let ZoneFile { gathering, files, home, .. } = file;
            let behind = zones.files.len();
            zones.files.append(files);
            match apex {
                Some(apex) => {
                    let apex = Path::of(&apex);
                    if let Some(home) = home {
                        let home = home.behind(behind);
                        zones.homes.entry(apex.key().into()).or_insert(home);
                    }
                    let zone = gathered.entry(apex.key().into()).or_default();
                    zone.absorb(gathering, apex.key(), behind);
                }
                None => loose.push((gathering, behind)),
            }
        }
        let settled = gathered.into_iter().map(|(apex, gathering)| (apex, gathering.into_tree()));
        zones.by_apex = settled.collect();
        zones.add_loose(loose);
        zones
    }

    /// Adds a zone, or more records to one that is there.
    ///
    /// Records with an owner outside the zone are left out, as servers do, and so is what has no
    /// wire form, such as a string of 300 octets.
    pub fn add_zone(&mut self, apex: &Name, records: impl IntoIterator<Item = ResourceRecord>) {
        self.plain.take();
        self.around.take();
        let zone = self.by_apex.entry(Path::of(apex).into_key()).or_default();
        let mut gathering = Gathering::of(std::mem::take(zone));
        for ResourceRecord { owner, ttl, data } in records {
            let octets = zonefile::wire(&data).filter(|_| apex.zone_of(&owner));
            if let Some(octets) = octets {
                let (code, place) = (data.record_type().into(), FileLine::NOWHERE);
                let record = Loose { code, ttl, place, octets: &octets };
                gathering.insert(Path::of(&owner).key(), record);
            }
        }
        *zone = gathering.into_tree();
    }

    /// How many zones there are; loose records make none.
    pub fn count(&self) -> usize {
        self.by_apex.len()
    }

    /// Leaves a zone out: names in it lie outside the zones at hand from now on.
    pub fn leave_out(&mut self, apex: &Name) {
        self.plain.take();
        self.around.take();
        self.by_apex.remove(Path::of(apex).key());
    }

    /// Puts each node of files into the zone around it, where there is one that has not delegated it
    /// away.
    fn add_loose(&mut self, files: Vec<(Gathering, usize)>) {
        let (mut loose, mut claimed) = (Gathering::default(), Claimed::default());
        for (gathering, behind) in files {
            if self.by_apex.is_empty() {
                loose.absorb(gathering, &[], behind);
                continue;
            }
            let tree = gathering.into_tree();
            let mut walk = tree.nodes();
            while let Some(node) = walk.node() {
                match self.claim(&Path::of_key(node.key)) {
                    Some((apex, _)) if !claimed.has_cut(apex, node.key) => {
                        claimed.insert(apex, node, behind);
                    }
                    _ => loose.insert_node(node, behind),
                }
                walk.advance();
            }
        }
        for (apex, gathering) in claimed.by_apex {
            let zone = self.by_apex.entry(apex).or_default();
            let mut gathered = Gathering::of(std::mem::take(zone));
            gathered.absorb(gathering, &[], 0);
            *zone = gathered.into_tree();
        }
        self.loose = loose.into_tree();
    }

    /// Whether a name lies in a zone at hand, or loose records stand at or below it.
    pub fn hold(&self, domain: &Name) -> bool {
        let path = Path::of(domain);
        self.zone_of(&path).is_some() || self.loose.holds(path.key())
    }

    /// Where the first record of an RRset stands in a file.
    fn place(&self, owner: &Name, rtype: RecordType) -> Option<FileLine> {
        let path = Path::of(owner);
        let first = |node: Node<'_>| node.of_type(rtype).map(|held| held.place).min();
        let zone = self.zone_of(&path).map(|(_, zone)| zone);
        let trees = zone.into_iter().chain([&self.loose]);
        trees.filter_map(|tree| tree.get(path.key(), first)?).min()
    }

    /// Whether the records of an RRset have different TTLs, which a file may give them (RFC 2181 §5.2).
    fn has_uneven_ttls(&self, path: &Path, rtype: RecordType) -> bool {
        let are_uneven = |node: Node<'_>| {
            let mut ttls = node.of_type(rtype).map(|held| held.ttl);
            let first = ttls.next();
            ttls.any(|ttl| Some(ttl) != first)
        };
        self.zone_of(path)
            .and_then(|(_, zone)| zone.get(path.key(), are_uneven))
            .or_else(|| self.loose.get(path.key(), are_uneven))
            .unwrap_or_default()
    }

    /// Whether all records lie in one zone without a DNAME record at its apex, or in none: then nothing
    /// but zone cuts, DNAME records and what stands there decides about a domain inside.
    fn are_plain(&self) -> bool {
        let mut zones = self.by_apex.iter();
        match (zones.next(), zones.next()) {
            (None, _) => true,
            (Some((apex, zone)), None) => {
                let has_dname = zone.get(apex, |node| node.dname().is_some());
                !has_dname.unwrap_or_default() && !self.loose.holds(&[])
            }
            _ => false,
        }
    }

    /// The zone that begins at a name and of which all of it is: no other zone or part of it begins below
    /// the name, nothing leads away from there (DNAME), and no records lie in no zone.
    fn own_of(&self, path: &Path) -> Option<&Tree> {
        let zone = self.by_apex.get(path.key())?;
        let around = self.around.get_or_init(|| self.around());
        let has_dname = || zone.get(path.key(), |node| node.dname().is_some()).unwrap_or_default();
        let is_whole = !zone.turns.may_hold_below(path.key()) && !around.contains(path.key());
        (is_whole && !has_dname() && !self.loose.holds(&[])).then_some(zone)
    }

    /// The apexes below which other zones begin.
    fn around(&self) -> HashSet<Box<[u8]>> {
        let above = |apex: &[u8]| -> Vec<Box<[u8]>> {
            let path = Path::of_key(apex);
            let above = (0..path.labels()).map(|labels| path.ancestor(labels));
            above.filter(|key| self.by_apex.contains_key(*key)).map(Into::into).collect()
        };
        self.by_apex.keys().flat_map(|apex| above(apex)).collect()
    }

    /// The deepest zone around a name, and the labels of its apex.
    fn zone_of(&self, path: &Path) -> Option<(usize, &Tree)> {
        (0..=path.labels()).rev().find_map(|labels| {
            let zone = self.by_apex.get(path.ancestor(labels))?;
            Some((labels, zone))
        })
    }

    /// The zone that a name lies in and that does not delegate it away.
    fn claim(&self, path: &Path) -> Option<(usize, &Tree)> {
        self.zone_of(path).filter(|(apex, zone)| zone.cut(*apex, path).is_none())
    }

    /// The records that decide about a domain, and the labels of their apex.
    fn realm(&self, domain: &Path) -> (usize, &Tree) {
        self.claim(domain).unwrap_or_else(|| (domain.labels(), &self.loose))
    }

    /// Answers a question, across zones where aliases lead there (RFC 1034 §4.3.2).
    fn answer(&self, domain: Option<&MailDomain>, question: &Question) -> Answer {
        let apex = domain.map(|domain| Path::of(domain.name()));
        let apex = apex.filter(|apex| self.loose.holds(apex.key()) && self.claim(apex).is_none());
        let mut chain = Vec::new();
        let outcome = self.follow(apex.as_ref(), question, &mut chain, 0);
        let outcome = outcome.unwrap_or(match chain.is_empty() {
            true => Outcome::Failed(Failure::OutsideZone),
            // A server returns the chain without its end then.
            false => Outcome::NoData,
        });
        let authoritative = outcome != Outcome::Failed(Failure::OutsideZone);
        let end = chain.last().unwrap_or(&question.name);
        let uneven_ttls = matches!(outcome, Outcome::Records { .. })
            && self.has_uneven_ttls(&Path::of(end), question.rtype);
        Answer { chain, authoritative, uneven_ttls, ..Answer::plain(outcome) }
    }

    /// Follows aliases to what stands at their end; None where that lies outside.
    fn follow(
        &self,
        domain: Option<&Path>,
        question: &Question,
        chain: &mut Vec<Name>,
        depth: usize,
    ) -> Option<Outcome> {
        loop {
            let name = chain.last().unwrap_or(&question.name);
            match self.step(domain, name, question.rtype) {
                Step::Alias(canonical) => {
                    if extend_chain(chain, &question.name, canonical).is_err() {
                        return Some(Outcome::Failed(Failure::ChainTooLong));
                    }
                }
                Step::End(outcome) => return Some(outcome),
                Step::Elsewhere => return None,
                Step::Flattened(_) if depth == MAX_CHAIN => {
                    return Some(Outcome::Failed(Failure::ChainTooLong));
                }
                // The DNS host follows, and answers as if the records stood here.
                Step::Flattened(name) => {
                    let question = Question { name, rtype: question.rtype };
                    let end = self.follow(domain, &question, &mut Vec::new(), depth + 1);
                    return Some(match end {
                        None => Outcome::Failed(Failure::OutsideZone),
                        Some(Outcome::NxDomain) => Outcome::NoData,
                        Some(outcome) => outcome,
                    });
                }
            }
        }
    }

    /// `domain` is the apex of the loose records at or below it.
    /// One step on the way to an answer: data, an alias to follow, or nothing that is known here.
    fn step(&self, domain: Option<&Path>, name: &Name, rtype: RecordType) -> Step {
        let path = Path::of(name);
        if let Some((apex, zone)) = self.zone_of(&path) {
            let step = zone.step(apex, &path, name, rtype);
            if !matches!(step, Step::Elsewhere) {
                return step;
            }
        }
        match domain.filter(|domain| path.is_within(domain)) {
            Some(domain) => self.loose.step(domain.labels(), &path, name, rtype),
            None => {
                let glimpsed = self.loose.get(path.key(), |node| node.glimpse(rtype));
                glimpsed.unwrap_or(Step::Elsewhere)
            }
        }
    }
}

/// The loose records that belong to zones at hand.
#[derive(Default)]
struct Claimed {
    by_apex: HashMap<Box<[u8]>, Gathering>,
    /// Where some of them delegate names away.
    cuts: BTreeSet<Box<[u8]>>,
}

impl Claimed {
    /// Whether a record among them delegates a name away, below an apex of so many labels.
    fn has_cut(&self, apex: usize, key: &[u8]) -> bool {
        let path = Path::of_key(key);
        !self.cuts.is_empty()
            && (apex + 1..=path.labels()).any(|labels| self.cuts.contains(path.ancestor(labels)))
    }

    fn insert(&mut self, apex: usize, node: Node<'_>, behind: usize) {
        let path = Path::of_key(node.key);
        if path.labels() > apex && node.has(RecordType::NS) {
            self.cuts.insert(node.key.into());
        }
        let zone = self.by_apex.entry(path.ancestor(apex).into()).or_default();
        zone.insert_node(node, behind);
    }
}

impl Lookup for Zones {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        ready(self.answer(None, question))
    }

    fn ask_about(&self, domain: &MailDomain, question: &Question) -> impl Future<Output = Answer> {
        ready(self.answer(Some(domain), question))
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let domain = Path::of(domain);
        let (apex, tree) = self.realm(&domain);
        let mut owners = Vec::new();
        tree.look_at_visible(apex, domain.key(), |node| {
            if owners.len() >= limit {
                return Looking::Ends;
            }
            if node.has(RecordType::SRV) && !path::is_wildcard(node.key) {
                owners.push(path::name(node.key));
            }
            Looking::GoesOn
        });
        owners
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        let home = || self.homes.get(Path::of(owner).key()).copied();
        let place = self.place(owner, rtype);
        let place = place.or_else(|| home().filter(|_| rtype == RecordType::SOA));
        place.and_then(|place| self.files.position(place))
    }

    fn portrayer(&self) -> impl Portray {
        Portrayer::of(self)
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.hidden(domain)
    }
}

#[cfg(test)]
mod tests;
