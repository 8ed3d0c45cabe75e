//! Worlds that are made up: certain RRsets stand, certain documents are served, and there is nothing
//! else.

use std::net::Ipv4Addr;

use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, RecordType};

use super::facts::{Facts, Planned};
use super::world::{Stop, Told, Want, World};
use crate::answer::{Answer, MAX_CHAIN, Outcome, Question};
use crate::page::{Page, Request};
use crate::plan::RecordPlan;
use crate::rrset::{RrSet, target};

/// How often clients are asked what more they want.
const ROUNDS: usize = 40;

/// How long records stand, in seconds; nobody looks.
const TTL: u32 = 3600;

/// What stands and is served.
#[derive(Debug, Clone, Default)]
pub(super) struct Published<'a> {
    /// The RRsets.
    pub(super) records: Vec<&'a RrSet>,
    /// The documents.
    pub(super) documents: Vec<&'a Planned>,
}

impl<'a> Published<'a> {
    /// All that is planned for a mail domain.
    pub(super) fn all(plan: &'a RecordPlan, documents: &'a [Planned]) -> Self {
        let records = plan.published().map(|(_, set)| set).collect();
        Self { records, documents: documents.iter().collect() }
    }

    /// Looks at this world, which `facts` takes in as far as that is wanted.
    pub(super) fn show<T>(
        &self,
        facts: &mut Facts<'_>,
        look: impl Fn(&World<'_>) -> Told<T>,
    ) -> Told<T> {
        for _ in 0..ROUNDS {
            let world = World::new(facts);
            let told = look(&world);
            if !matches!(told, Err(Stop::Wanted)) {
                return told;
            }
            for want in world.wanted() {
                match want {
                    Want::Answer(question) => {
                        let answer = self.answer(&question);
                        facts.tell(question, answer);
                    }
                    Want::Page(request, addresses) => {
                        let page = self.page(&request);
                        facts.show(request, &addresses, page);
                    }
                    // What is only planned cannot be seen.
                    Want::Sighting(_) => return Err(Stop::Wanted),
                }
            }
        }
        Err(Stop::Wanted)
    }

    fn answer(&self, question: &Question) -> Answer {
        let Question { name, rtype } = question;
        let mut chain: Vec<Name> = Vec::new();
        let outcome = loop {
            let at = chain.last().unwrap_or(name);
            let mut here = self.records.iter().filter(|set| set.owner() == at).peekable();
            let exists = here.peek().is_some();
            let found = here
                .find(|set| set.record_type() == *rtype || set.record_type() == RecordType::CNAME);
            match found.map(|set| set.rdatas()) {
                Some([RData::CNAME(canonical)]) if *rtype != RecordType::CNAME => {
                    if chain.len() == MAX_CHAIN {
                        break Outcome::NoData;
                    }
                    chain.push(canonical.0.clone());
                }
                Some(data) => break Outcome::Records { ttl: TTL, data: data.to_vec() },
                None => break self.made_up(at, *rtype, exists),
            }
        };
        Answer { chain, ..Answer::plain(outcome) }
    }

    /// A host that records point to has an address of its own.
    fn made_up(&self, name: &Name, rtype: RecordType, exists: bool) -> Outcome {
        let mut hosts = self.records.iter().flat_map(|set| set.rdatas()).filter_map(target);
        let place = hosts.position(|host| host == name).and_then(|it| u32::try_from(it).ok());
        match place {
            Some(place) if rtype == RecordType::A && !exists => {
                // The network of RFC 2544.
                let address =
                    Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + place % 0xffff);
                Outcome::Records { ttl: TTL, data: vec![RData::A(A(address))] }
            }
            Some(_) => Outcome::NoData,
            None if exists => Outcome::NoData,
            None => Outcome::NxDomain,
        }
    }

    fn page(&self, request: &Request) -> Page {
        let (host, path) = (request.url.host(), request.url.path());
        let served =
            self.documents.iter().find(|it| (it.host.as_str(), it.path.as_str()) == (host, path));
        served.map_or_else(Page::missing, |it| it.held.page.clone())
    }
}
