//! What is known of one mail domain: the answers of DNS and the pages of the web, and what clients read
//! in them.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::iter;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData};

use super::reach::Reach;
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::endpoint::{Endpoint, Sighting};
use crate::page::{Page, Request};
use crate::plan::RecordPlan;
use crate::reading::{Config, Entry, Pacc, Pox};
use crate::rrset::RrSet;

/// What is known of a planned mail domain so far.
#[derive(Debug)]
pub struct Facts<'a> {
    pub(super) plan: &'a RecordPlan,
    pub(super) answers: HashMap<Question, Answer>,
    /// Of each request what came of it, by the addresses that were asked.
    pages: HashMap<Request, Vec<Fetched>>,
    /// What is seen of servers; None where none is visited.
    pub(super) sightings: Option<HashMap<Endpoint, Arc<Sighting>>>,
    /// What is said of how hosts are reached.
    pub(super) reach: Option<&'a Reach>,
    pub(super) memory: Memory,
}

impl<'a> Facts<'a> {
    /// Nothing is known yet.
    pub fn of(plan: &'a RecordPlan) -> Self {
        let (answers, pages) = (HashMap::new(), HashMap::new());
        Self { plan, answers, pages, sightings: None, reach: None, memory: Memory::default() }
    }

    /// Hosts are reached as is said, where something is.
    #[must_use]
    pub fn reaching(self, reach: Option<&'a Reach>) -> Self {
        Self { reach, ..self }
    }

    /// Servers are visited: what a client concludes must be seen to work.
    #[must_use]
    pub fn visiting(self) -> Self {
        Self { sightings: Some(HashMap::new()), ..self }
    }

    /// Takes what was seen of a server.
    pub fn see(&mut self, sighting: Arc<Sighting>) {
        let sightings = self.sightings.get_or_insert_default();
        sightings.insert(sighting.endpoint.clone(), sighting);
    }

    /// Takes the answer to a question.
    pub fn tell(&mut self, question: Question, answer: Answer) {
        self.answers.insert(question, answer);
    }

    /// Whether a question was given up.
    pub fn is_given_up(&self) -> bool {
        let late = Outcome::Failed(Failure::Deadline);
        self.answers.values().any(|said| said.outcome == late)
    }

    /// Takes what came of a request to these addresses.
    pub fn show(&mut self, request: Request, addresses: &[IpAddr], page: Page) {
        self.pages.entry(request).or_default().push((addresses.into(), Held::new(page)));
    }

    /// The names that are others' than the mail domain's: those that were asked for, and those that
    /// answers lead to; None where what stands at one of them leads back to the mail domain, or stands
    /// beside what does: which of the two goes first may depend on how they are spelled.
    pub fn names_elsewhere(&self) -> Option<HashSet<&Name>> {
        let domain = self.plan.domain().name();
        let mut names = HashSet::new();
        for (question, answer) in &self.answers {
            let data = match &answer.outcome {
                Outcome::Records { data, .. } => data.as_slice(),
                _ => &[],
            };
            let led_to = data.iter().filter_map(named);
            if led_to.clone().any(|(name, _)| domain.zone_of(name))
                && led_to.clone().any(|(name, _)| !domain.zone_of(name))
            {
                return None;
            }
            let mut is_elsewhere = false;
            let owners = iter::once(&question.name).chain(&answer.chain);
            for (name, is_owner) in owners.map(|it| (it, true)).chain(data.iter().filter_map(named))
            {
                match domain.zone_of(name) {
                    true if is_elsewhere => return None,
                    true => {}
                    false => {
                        is_elsewhere |= is_owner;
                        names.insert(name);
                    }
                }
            }
        }
        Some(names)
    }

    /// The mail exchanges at and below the mail domain.
    pub fn own_exchanges(&self) -> impl Iterator<Item = &Name> {
        let domain = self.plan.domain().name();
        let data = self.answers.values().filter_map(|answer| match &answer.outcome {
            Outcome::Records { data, .. } => Some(data),
            _ => None,
        });
        data.flatten().filter_map(|data| match data {
            RData::MX(mx) => Some(&mx.exchange).filter(|exchange| domain.zone_of(exchange)),
            _ => None,
        })
    }

    /// The pages that were looked at, each with the addresses of its host.
    pub fn pages(&self) -> impl Iterator<Item = (&Request, &[IpAddr], &Page)> {
        let fetched =
            self.pages.iter().flat_map(|(request, by)| by.iter().map(move |it| (request, it)));
        fetched.map(|(request, (addresses, held))| (request, &**addresses, &held.page))
    }

    /// The addresses that are others' than the mail domain's: those of names elsewhere, those that the
    /// plan has, and those that were looked at as they are written.
    pub fn elsewhere(&self) -> HashSet<IpAddr> {
        let domain = self.plan.domain().name();
        let elsewhere = self.answers.iter().filter(|(question, answer)| {
            !domain.zone_of(answer.chain.last().unwrap_or(&question.name))
        });
        let told = elsewhere.filter_map(|(_, answer)| match &answer.outcome {
            Outcome::Records { data, .. } => Some(data.as_slice()),
            _ => None,
        });
        let planned = self.plan.published().map(|(_, set)| set.rdatas());
        let addresses = told.chain(planned).flatten().filter_map(address);
        addresses.chain(self.memory.written.borrow().iter().copied()).collect()
    }

    /// What came of a request to these addresses.
    pub(super) fn page(&self, request: &Request, addresses: &[IpAddr]) -> Option<&Held> {
        let by_addresses = self.pages.get(request)?;
        by_addresses.iter().find(|(asked, _)| **asked == *addresses).map(|(_, held)| held)
    }
}

/// What came of a request to these addresses.
type Fetched = (Box<[IpAddr]>, Held);

/// What was found out of the answers and is asked for by many clients.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The SRV records of each label in line, by its place.
    pub(super) labels: [OnceCell<(Vec<SRV>, Sets)>; 6],
    /// The addresses of hosts, by their text.
    pub(super) hosts: RefCell<HashMap<String, Addressed>>,
    /// The addresses that stood where a host could.
    pub(super) written: RefCell<Vec<IpAddr>>,
}

/// The name that a record leads to, which is not its owner.
fn named(data: &RData) -> Option<(&Name, bool)> {
    match data {
        RData::SRV(srv) => Some((&srv.target, false)),
        RData::MX(mx) => Some((&mx.exchange, false)),
        _ => None,
    }
}

/// The address of an A or AAAA record.
pub(super) fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    }
}

/// The addresses of a host, and what was looked at for them.
pub(super) type Addressed = (Rc<[IpAddr]>, Sets);

/// Some of the RRsets of a plan, a bit for each by its place; the last one stands for all behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sets(pub(super) u64);

impl Sets {
    /// Those that stand at a name.
    pub(super) fn at(plan: &RecordPlan, name: &Name) -> Self {
        // Most are told apart by their lengths, which is cheaper.
        let is_there = |set: &RrSet| set.owner().len() == name.len() && set.owner() == name;
        let sets = plan.published().enumerate().filter(|(_, (_, set))| is_there(set));
        Self(sets.fold(0, |all, (place, _)| all | 1 << place.min(63)))
    }

    pub(super) fn are_among(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

/// A page with what clients read in it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) page: Page,
    /// Whether it is XML, whatever its root.
    pub(super) is_xml: OnceCell<bool>,
    pub(super) config: OnceCell<Option<Config>>,
    /// The servers that it names, whatever its root; looked for where it is no such document.
    pub(super) entries: OnceCell<Option<Vec<Entry>>>,
    /// The document, where its root is another.
    pub(super) any_root: OnceCell<Option<Box<Config>>>,
    pub(super) pox: OnceCell<Option<Pox>>,
    pub(super) pacc: OnceCell<Option<Pacc>>,
}

impl Held {
    fn new(page: Page) -> Self {
        let (is_xml, config, entries) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let (any_root, pox, pacc) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { page, is_xml, config, entries, any_root, pox, pacc }
    }
}

/// A document that can be served.
#[derive(Debug)]
pub struct Planned {
    /// The host that serves it.
    pub(super) host: String,
    /// Where on the host, beginning with a slash.
    pub(super) path: String,
    pub(super) held: Held,
}

impl Planned {
    /// A document that a host serves at a path, which begins with a slash.
    pub fn new(host: String, path: String, octets: Vec<u8>) -> Self {
        Self { host, path, held: Held::new(Page::found(octets)) }
    }

    /// The same on another host.
    pub(super) fn at(&self, host: String) -> Self {
        Self { host, path: self.path.clone(), held: Held::new(self.held.page.clone()) }
    }
}
