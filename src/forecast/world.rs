//! What a client can see: the answers of DNS and the pages of the web about one mail domain.

mod pages;

use std::cell::{OnceCell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};

use super::altered::{self, Alterations, Altered, Says};
use super::facts::{Facts, Memory, Planned, Sets, address};
use super::obstacle::Obstacle;
use super::reach::Reach;
use super::wildcard;
use crate::answer::{Answer, Failure, MAX_CHAIN, Outcome, Question};
use crate::endpoint::{Endpoint, Sighting, Unseen};
use crate::name::{HostName, MailDomain};
use crate::page::{Request, Unfetched, Url};
use crate::plan::{Purpose, RecordPlan};
use crate::reading::{Server, User};
use crate::rrset::RrSet;
use crate::service::Label;

/// What is not known yet, and would be asked for by a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Want {
    /// A question to DNS.
    Answer(Question),
    /// A page, with the addresses of its host.
    Page(Request, Vec<IpAddr>),
    /// What a server shows.
    Sighting(Endpoint),
}

/// What would be otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Change<'a> {
    /// RRsets that are altered.
    pub(super) records: &'a [Altered<'a>],
    /// The names that exist because of them, where wildcards are looked at: the longest first.
    pub(super) existing: &'a [Name],
    /// A document that is served.
    pub(super) document: Option<&'a Planned>,
}

/// Why a client cannot be followed further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It wants what is not known yet; [`World::wanted`] says what.
    Wanted,
    /// It depends on what could not be found out.
    Unknown(Unknown),
}

/// What could not be found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// The answer to a question.
    Answer(Question, Failure),
    /// A page.
    Page(Url, Unfetched),
    /// What a server shows.
    Server(Endpoint, Unseen),
}

/// What a client is told, or why it cannot be.
pub type Told<T> = Result<T, Stop>;

/// Something that was met on the way and tells why a client finds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Met {
    /// A request that came to nothing.
    Unfetched(Url, Unfetched),
    /// A page with another status than 200.
    Status(Url, u16),
    /// A page that is not what the client reads there.
    Unread(Url),
    /// A page that points elsewhere, where the client does not go.
    Elsewhere(Url, Url),
    /// A document of which the client takes nothing, and why.
    Refused(Url, String),
    /// A server that did not let the client in.
    Failed(Server, Obstacle),
}

/// The world of one mail domain, as it is or as it would be.
#[derive(Debug)]
pub struct World<'a> {
    facts: &'a Facts<'a>,
    change: Change<'a>,
    /// The sets at the names of the change; none where nothing is remembered that it could touch.
    changed: Sets,
    memory: &'a Memory,
    /// Whether all that a client may try is wanted together: it is no world that is but tried.
    is_settled: bool,
    user: User<'a>,
    wanted: RefCell<Vec<Want>>,
    met: RefCell<Vec<Met>>,
    /// What was looked at of the world as it is.
    touched: RefCell<Touched>,
    lacking: OnceCell<Vec<(Purpose, &'a RrSet)>>,
}

/// What a client has looked at, whether there was anything or not.
#[derive(Debug, Default)]
struct Touched {
    sets: Sets,
    pages: Vec<Url>,
}

impl<'a> World<'a> {
    /// The world of a mail domain, as far as it is known.
    pub fn new(facts: &'a Facts<'a>) -> Self {
        Self {
            user: User::of(facts.plan.domain()),
            facts,
            change: Change::default(),
            changed: Sets::default(),
            memory: &facts.memory,
            is_settled: true,
            wanted: RefCell::default(),
            met: RefCell::default(),
            touched: RefCell::default(),
            lacking: OnceCell::new(),
        }
    }

    /// The same world with one change.
    pub(super) fn changed<'b>(&self, change: Change<'b>) -> World<'b>
    where
        'a: 'b,
    {
        let at = change.records.iter().map(|set| Sets::at(self.plan(), set.owner).0);
        let changed = Sets(at.fold(0, |all, at| all | at));
        World { change, changed, is_settled: false, ..World::new(self.facts) }
    }

    /// The world as it would be with other RRsets, all of them together.
    pub fn altered(facts: &'a Facts<'a>, alterations: &'a Alterations<'a>) -> Self {
        let Alterations { sets, existing, .. } = alterations;
        let change = Change { records: sets, existing, document: None };
        World { change, memory: &alterations.memory, ..World::new(facts) }
    }

    /// What should be.
    pub(super) fn plan(&self) -> &'a RecordPlan {
        self.facts.plan
    }

    /// The mail domain as it stands in URLs.
    pub(super) fn domain(&self) -> &'a str {
        self.plan().domain().as_str()
    }

    /// Whom it is about.
    pub(super) fn user(&self) -> &User<'a> {
        &self.user
    }

    /// The mail address of the user.
    pub(super) fn address(&self) -> &str {
        &self.user.address
    }

    /// What was wanted and not known, each once.
    pub fn wanted(&self) -> Vec<Want> {
        let mut wanted = self.wanted.take();
        wanted.sort();
        wanted.dedup();
        wanted
    }

    /// Takes note of a server at which a client fails that tries before it saves.
    pub(super) fn fails_at(&self, server: &Server, obstacle: Obstacle) {
        self.met.borrow_mut().push(Met::Failed(server.clone(), obstacle));
    }

    /// Takes note of a document of which a client takes nothing, and why.
    pub(super) fn refuses(&self, url: &Url, why: &str) {
        self.met.borrow_mut().push(Met::Refused(url.clone(), why.to_owned()));
    }

    /// Forgets what another client has met and touched.
    pub(super) fn begin(&self) {
        self.met.borrow_mut().clear();
        let mut touched = self.touched.borrow_mut();
        touched.sets = Sets::default();
        touched.pages.clear();
    }

    /// What a client has met on the way.
    pub(super) fn met(&self) -> Vec<Met> {
        self.met.take()
    }

    /// Whether a client has looked at any of these RRsets: if not, what stands there is nothing to it.
    pub(super) fn has_touched(&self, sets: &[&RrSet]) -> bool {
        let touched = self.touched.borrow().sets;
        sets.iter().any(|set| Sets::at(self.plan(), set.owner()).are_among(touched))
    }

    /// Whether a client has looked for a document where this one can be served.
    pub(super) fn has_sought(&self, planned: &Planned) -> bool {
        let pages = &self.touched.borrow().pages;
        pages.iter().any(|url| (url.host(), url.path()) == (&planned.host, &planned.path))
    }

    fn touch(&self, sets: Sets) {
        self.touched.borrow_mut().sets.0 |= sets.0;
    }

    /// Does something with what it touches told apart.
    fn touching<T>(&self, look: impl FnOnce() -> T) -> (T, Sets) {
        let before = std::mem::take(&mut self.touched.borrow_mut().sets);
        let seen = look();
        let sets = std::mem::replace(&mut self.touched.borrow_mut().sets, before);
        self.touch(sets);
        (seen, sets)
    }

    /// Takes over what a changed world wants.
    pub(super) fn want_also(&self, changed: &World<'_>) {
        self.wanted.borrow_mut().append(&mut changed.wanted.borrow_mut());
    }

    fn want<T>(&self, want: Want) -> Told<T> {
        self.wanted.borrow_mut().push(want);
        Err(Stop::Wanted)
    }

    /// The records of a name and type, aliases followed; none where there are none.
    pub(super) fn records(&self, name: &Name, rtype: RecordType) -> Told<&'a [RData]> {
        let mut at: &Name = name;
        for _ in 0..MAX_CHAIN {
            self.touch(Sets::at(self.plan(), at));
            match altered::says(self.change.records, at, rtype) {
                Some(Says::Data(data)) => return Ok(data),
                Some(Says::Alias(canonical)) => {
                    at = canonical;
                    continue;
                }
                None => {}
            }
            let question = Question { name: at.clone(), rtype };
            let Some(answer) = self.facts.answers.get(&question) else {
                return self.want(Want::Answer(question));
            };
            if self.is_silenced(&question, answer)? {
                return Ok(&[]);
            }
            // What is altered on the way decides from there on.
            if let Some(next) = answer.chain.iter().find(|name| self.is_altered(name)) {
                at = next;
                continue;
            }
            match (&answer.outcome, answer.chain.last()) {
                (Outcome::Records { data, .. }, _) => return Ok(data),
                (Outcome::NoData, Some(end)) => at = end,
                (Outcome::NoData | Outcome::NxDomain, _) => return Ok(&[]),
                // Whoever asks for a name in a loop is told nothing.
                (Outcome::Failed(Failure::ChainTooLong), _) if is_loop(at, &answer.chain) => {
                    return Ok(&[]);
                }
                (Outcome::Failed(failure), _) => {
                    return Err(Stop::Unknown(Unknown::Answer(question, *failure)));
                }
            }
        }
        Ok(&[])
    }

    /// Whether something else may be said of a name than it was.
    fn is_altered(&self, name: &Name) -> bool {
        let domain = self.plan().domain().name();
        self.change.records.iter().any(|it| it.owner == name)
            || wildcard::closest(self.change.existing, name, domain).is_some()
    }

    /// Whether a wildcard gave an answer that it gives no longer.
    fn is_silenced(&self, question: &Question, answer: &Answer) -> Told<bool> {
        let existing = self.change.existing;
        let Some(probes) = wildcard::probes(existing, question, answer, self.facts) else {
            return Ok(false);
        };
        for probe in probes {
            let Some(said) = self.facts.answers.get(&probe) else {
                return self.want(Want::Answer(probe));
            };
            match said.outcome {
                _ if wildcard::is_same(said, answer) => {}
                Outcome::Failed(why) => return Err(Stop::Unknown(Unknown::Answer(probe, why))),
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The planned RRsets that are not known to stand as they should, with what each is for.
    pub(super) fn lacking(&self) -> &[(Purpose, &'a RrSet)] {
        let lacking = || self.plan().published().filter(|(_, set)| !self.has(set)).collect();
        self.lacking.get_or_init(lacking)
    }

    /// Whether an RRset is known to stand as it is planned.
    fn has(&self, set: &RrSet) -> bool {
        if let [RData::CNAME(canonical)] = set.rdatas() {
            let question = Question { name: set.owner().clone(), rtype: RecordType::A };
            let answer = self.facts.answers.get(&question);
            return answer.and_then(|it| it.chain.first()) == Some(&canonical.0);
        }
        let question = Question { name: set.owner().clone(), rtype: set.record_type() };
        match self.facts.answers.get(&question).map(|answer| &answer.outcome) {
            Some(Outcome::Records { data, .. }) => {
                data.len() == set.rdatas().len() && data.iter().all(|it| set.rdatas().contains(it))
            }
            _ => false,
        }
    }

    /// The SRV records below the mail domain; none where the lone target `.` denies the service
    /// (RFC 2782).
    pub(super) fn srv(&self, labels: &[&str]) -> Told<Vec<&'a SRV>> {
        self.srv_of(self.plan().domain(), labels)
    }

    /// The same below another domain.
    pub(super) fn srv_of(&self, domain: &MailDomain, labels: &[&str]) -> Told<Vec<&'a SRV>> {
        let owner = domain.prefixed(labels);
        let mut records: Vec<_> =
            self.records(&owner, RecordType::SRV)?.iter().filter_map(srv).collect();
        self.order(&owner, &mut records);
        if let [only] = records.as_slice()
            && only.target.is_root()
        {
            records.clear();
        }
        Ok(records)
    }

    /// In a world that is altered, what stands there already keeps the order in which it was answered: of
    /// records that are alike, clients take the first.
    fn order(&self, owner: &Name, records: &mut [&SRV]) {
        if self.change.records.is_empty() {
            return;
        }
        let question = Question { name: owner.clone(), rtype: RecordType::SRV };
        let answer = self.facts.answers.get(&question).map(|answer| &answer.outcome);
        if let Some(Outcome::Records { data, .. }) = answer {
            let place = |it: &SRV| data.iter().filter_map(srv).position(|answered| answered == it);
            records.sort_by_key(|it| place(it).unwrap_or(usize::MAX));
        }
    }

    /// The SRV records of a service label, in the order in which most clients are sent to them.
    pub(super) fn label(&self, label: Label) -> Told<Vec<&'a SRV>> {
        let memory = self.memory.labels.get(label as usize);
        if let Some((records, sets)) = memory.and_then(OnceCell::get)
            && !sets.are_among(self.changed)
        {
            self.touch(*sets);
            return Ok(records.iter().collect());
        }
        let (records, sets) = self.touching(|| self.srv(&label.prefix()));
        let mut records = records?;
        records.sort_by_key(|srv| (srv.priority, std::cmp::Reverse(srv.weight)));
        if let Some(memory) = memory.filter(|_| !sets.are_among(self.changed)) {
            let _first = memory.set((records.iter().copied().cloned().collect(), sets));
        }
        Ok(records)
    }

    /// The addresses of a host; none where it has none.
    pub(super) fn addresses(&self, host: &Name) -> Told<Vec<IpAddr>> {
        let v4 = self.records(host, RecordType::A);
        let v6 = self.records(host, RecordType::AAAA);
        let known: Vec<IpAddr> = [&v4, &v6]
            .into_iter()
            .flat_map(|data| data.as_ref().copied().unwrap_or_default())
            .filter_map(address)
            .collect();
        match (v4, v6) {
            (Err(Stop::Wanted), _) | (_, Err(Stop::Wanted)) => Err(Stop::Wanted),
            (Err(unknown), _) | (_, Err(unknown)) if known.is_empty() => Err(unknown),
            _ => Ok(known),
        }
    }

    /// The addresses of a host as a document names it.
    pub(super) fn addresses_of(&self, host: &str) -> Told<Rc<[IpAddr]>> {
        if let Some((addresses, sets)) = self.memory.hosts.borrow().get(host)
            && !sets.are_among(self.changed)
        {
            self.touch(*sets);
            return Ok(Rc::clone(addresses));
        }
        let look = || match (host.parse::<IpAddr>(), host.parse::<HostName>()) {
            (Ok(address), _) => {
                self.memory.written.borrow_mut().push(address);
                Ok(vec![address])
            }
            (_, Ok(name)) => self.addresses(name.name()),
            (_, Err(_)) => Ok(Vec::new()),
        };
        let (addresses, sets) = self.touching(look);
        let addresses: Rc<[IpAddr]> = addresses?.into();
        if !sets.are_among(self.changed) {
            let known = (Rc::clone(&addresses), sets);
            self.memory.hosts.borrow_mut().insert(host.to_owned(), known);
        }
        Ok(addresses)
    }

    /// What is said of how hosts are reached.
    pub(super) fn reach(&self) -> Option<&'a Reach> {
        self.facts.reach
    }

    /// What a server shows; None where nobody is visited.
    pub(super) fn sighting(&self, endpoint: Endpoint) -> Told<Option<&'a Sighting>> {
        let Some(sightings) = &self.facts.sightings else { return Ok(None) };
        match sightings.get(&endpoint) {
            Some(sighting) => Ok(Some(sighting)),
            None => self.want(Want::Sighting(endpoint)),
        }
    }
}

/// Whether a chain of aliases comes back to where it has been.
fn is_loop(owner: &Name, chain: &[Name]) -> bool {
    let mut before = vec![owner];
    chain.iter().any(|name| {
        let again = before.contains(&name);
        before.push(name);
        again
    })
}

fn srv(data: &RData) -> Option<&SRV> {
    match data {
        RData::SRV(srv) => Some(srv),
        _ => None,
    }
}
