//! Those who are asked for themselves in a scenario: the servers of the zone, or resolvers.

use std::net::IpAddr;
use std::ops::Range;

use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{RData, RecordType};
use mailsrv::answer::{Answer, Dnssec, Failure, Outcome, Question, Sight, Vantage};
use serde::Deserialize;

use super::file::{AnswerShape, Reader};
use crate::healthy;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenShape {
    /// The apex of the zone; the domain where there is none.
    #[serde(default)]
    zone: String,
    /// The servers that the zone above names; those that are asked where there are none.
    parent: Option<Vec<String>>,
    /// Servers without an address.
    #[serde(default)]
    homeless: Vec<String>,
    #[serde(default)]
    servers: Vec<ServerShape>,
    #[serde(default)]
    resolvers: Vec<ResolverShape>,
    /// The zones below, to which every server points; each is at its place a whole one.
    #[serde(default)]
    below: Vec<Self>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerShape {
    name: String,
    address: IpAddr,
    #[serde(default = "one")]
    serial: u32,
    #[serde(default)]
    answers: Vec<AnswerShape>,
    /// The failure that all its answers are.
    all: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolverShape {
    name: String,
    #[serde(default)]
    answers: Vec<AnswerShape>,
    all: Option<String>,
    /// Whether it fails because nothing validates.
    #[serde(default)]
    bogus: bool,
}

fn one() -> u32 {
    1
}

/// Who is asked, and what each says otherwise than the scenario.
pub(super) struct Seen {
    pub(super) sight: Sight,
    each: Vec<One>,
    /// The zones below, and who of them is asked; those of the zone itself come first.
    pub(super) below: Vec<(Sight, Range<usize>)>,
}

struct One {
    answers: Vec<(Question, Answer)>,
    all: Option<Failure>,
    dnssec: Dnssec,
}

impl SeenShape {
    pub(super) fn read(&self, reader: &Reader<'_>) -> Seen {
        let zone = reader.name(if self.zone.is_empty() { "@" } else { &self.zone });
        let names = self.servers.iter().map(|server| server.name.as_str());
        let mut named: Vec<&str> = names.collect();
        named.dedup();
        let parent = self.parent.as_ref().map(|names| names.iter().map(String::as_str).collect());
        let mut parent: Vec<_> =
            parent.unwrap_or_else(|| named.clone()).into_iter().map(|it| reader.name(it)).collect();
        parent.sort();
        let servers = self.servers.iter().map(|server| Vantage::Server {
            name: reader.name(&server.name),
            address: server.address,
        });
        let resolvers =
            self.resolvers.iter().map(|resolver| Vantage::Resolver(resolver.name.clone()));
        let sight = Sight {
            zone: if self.resolvers.is_empty() { zone.clone() } else { reader.name(".") },
            parent: self.resolvers.is_empty().then_some(parent),
            vantages: servers.chain(resolvers).collect(),
            homeless: self.homeless.iter().map(|name| (reader.name(name), None)).collect(),
        };
        let records = |rtype, data| {
            let outcome = Outcome::Records { ttl: healthy::TTL, data };
            let answer = Answer { authoritative: true, ..Answer::plain(outcome) };
            (Question { name: zone.clone(), rtype }, answer)
        };
        let servers = self.servers.iter().map(|server| {
            let soa = format!("@ 0 IN SOA ns. hm. {} 7200 3600 1209600 300\n", server.serial);
            let known = [
                records(RecordType::SOA, vec![reader.record(&soa).data]),
                records(
                    RecordType::NS,
                    named.iter().map(|name| RData::NS(NS(reader.name(name)))).collect(),
                ),
            ];
            let said = server.answers.iter().map(|answer| reader.answer(answer));
            (said.chain(known).collect(), &server.all, Dnssec::Unknown)
        });
        let resolvers = self.resolvers.iter().map(|resolver| {
            let answers = resolver.answers.iter().map(|answer| reader.answer(answer)).collect();
            let dnssec = if resolver.bogus { Dnssec::Bogus } else { Dnssec::Unknown };
            (answers, &resolver.all, dnssec)
        });
        let each = servers.chain(resolvers).map(|(answers, all, dnssec)| One {
            answers,
            dnssec,
            all: all.as_deref().map(|code| Failure::from_code(code).expect("a failure")),
        });
        let mut seen = Seen { each: each.collect(), sight, below: Vec::new() };
        for shape in &self.below {
            let Seen { sight, each, .. } = shape.read(reader);
            let first = seen.each.len();
            seen.each.extend(each);
            seen.below.push((sight, first..seen.each.len()));
        }
        seen
    }
}

impl Seen {
    /// Who is asked a question from the place of one, in turn until there is an answer; with who that
    /// is, where it is a server of a zone below.
    pub(super) fn asked(&self, by: usize, question: &Question) -> Vec<(usize, Option<Vantage>)> {
        let below = self.below.iter().find(|(sight, _)| sight.covers(&question.name));
        let Some((sight, range)) = below else {
            let above = if by < self.sight.vantages.len() { by } else { 0 };
            return vec![(above, None)];
        };
        let servers = range.clone().zip(sight.vantages.iter().cloned().map(Some));
        servers.filter(|(at, _)| !range.contains(&by) || *at == by).collect()
    }

    /// What one says otherwise than the scenario.
    pub(super) fn answer(&self, by: usize, question: &Question) -> Option<Answer> {
        let One { answers, all, dnssec } = self.each.get(by)?;
        let below = self.below.iter().find(|(_, range)| range.contains(&by));
        let sight = below.map_or(&self.sight, |(sight, _)| sight);
        let failed = all.filter(|_| sight.covers(&question.name));
        let failed = failed
            .map(|failure| Answer { dnssec: *dnssec, ..Answer::plain(Outcome::Failed(failure)) });
        let known = || answers.iter().find(|(known, _)| known == question);
        failed.or_else(|| known().map(|(_, answer)| answer.clone()))
    }
}
