//! The walk: from the root down the referrals, to the servers of the zone that holds a name.

use std::net::IpAddr;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use hickory_proto::rr::{Name, RData, RecordType};

use super::Authority;
use super::shared::Walker;
use super::told::{Told, Zone, hidden_cut, told};
use crate::answer::{Answer, Failure, MAX_CHAIN, Outcome, Question};

/// How many name servers may be looked for in order to reach another: each is named in a zone whose
/// servers are named in the next.
const MAX_DEPTH: usize = 8;

/// Where a walk stands: what for, and for what that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) walker: &'a Walker<'a>,
    /// The name server whose addresses are looked for, and the path on which it was met.
    towards: Option<(&'a Name, &'a Self)>,
}

impl<'a> Path<'a> {
    pub(super) fn of(walker: &'a Walker<'a>) -> Self {
        Self { walker, towards: None }
    }

    /// Goes on towards a name server; None where that leads in a circle, or too far.
    fn towards(&'a self, server: &'a Name) -> Option<Self> {
        let outer = |path: &Path<'a>| path.towards.map(|(_, outer)| *outer);
        let mut depth = 0;
        let mut path = Some(*self);
        while let Some(at) = path {
            depth += 1;
            let again = at.towards.is_some_and(|(name, _)| name == server);
            if again || depth > MAX_DEPTH || !self.walker.step() {
                self.walker.give_up();
                return None;
            }
            path = outer(&at);
        }
        Some(Self { walker: self.walker, towards: Some((server, self)) })
    }
}

/// A failure of nobody in particular.
fn failed(failure: Failure) -> Box<Answer> {
    Box::new(Answer::plain(Outcome::Failed(failure)))
}

/// Why there is no answer, of one that is none.
fn failure_of(answer: &Answer) -> Failure {
    match answer.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Records { .. } | Outcome::NoData | Outcome::NxDomain => Failure::Malformed,
    }
}

impl Authority {
    /// The zone that holds a name.
    ///
    /// Every name from the root down is asked for once a run: whether a zone begins there. That a name
    /// in between does not exist ends nothing, since broken servers say so of names with children.
    pub(super) async fn zone_of(&self, name: &Name, path: Path<'_>) -> Result<Rc<Zone>, Failure> {
        let labels = name.iter().len();
        let known = (1..=labels).rev().find_map(|labels| {
            let at = name.trim_to(labels);
            self.zones.known(&at).map(|zone| (labels, zone))
        });
        let (mut at, mut zone) = match known {
            Some((labels, zone)) => (labels, zone?),
            None => (0, Rc::clone(&self.root)),
        };
        while at < labels {
            at += 1;
            let cut = name.trim_to(at);
            let above = Rc::clone(&zone);
            let find = async || self.find_cut(&above, &cut, path).await;
            zone = self.zones.of(&cut, path.walker, find).await?;
        }
        Ok(zone)
    }

    /// The zone that holds a name, of one below a zone that is known.
    async fn find_cut(
        &self,
        above: &Rc<Zone>,
        name: &Name,
        path: Path<'_>,
    ) -> Result<Rc<Zone>, Failure> {
        let question = Question { name: name.clone(), rtype: RecordType::NS };
        match self.ask_zone(above, &question, path).await {
            Ok((Told::Referral(zone), _)) => Ok(Rc::new(zone)),
            Ok((Told::Answer(answer, besides), address)) => {
                let zone = hidden_cut(&question, &answer, &besides.glue, (above, address));
                Ok(zone.map_or_else(|| Rc::clone(above), Rc::new))
            }
            Err(answer) => Err(failure_of(&answer)),
        }
    }

    /// Asks the servers of a zone until one of them answers: those first whose addresses are known.
    /// Tells at which address that was.
    async fn ask_zone(
        &self,
        zone: &Zone,
        question: &Question,
        path: Path<'_>,
    ) -> Result<(Told, IpAddr), Box<Answer>> {
        let mut kept: Option<Box<Answer>> = None;
        let glue = zone.glue.iter().map(|(_, address)| *address);
        let mut addresses: Vec<IpAddr> = glue.chain(zone.known_at).collect();
        let mut homeless =
            zone.servers.iter().filter(|server| zone.glue_of(server).next().is_none());
        for _round in 0..self.options.tries.max(1) {
            let mut at = 0;
            self.put_late_last(&mut addresses);
            loop {
                while let Some(address) = addresses.get(at).copied() {
                    at += 1;
                    if !path.walker.step() {
                        return Err(kept.unwrap_or_else(|| failed(Failure::NotAsked)));
                    }
                    let answer = match self.ask_server(address, question).await {
                        Ok(response) => told(&zone.apex, question, &response),
                        Err(failure) => Err(failed(failure)),
                    };
                    match answer {
                        Ok(told) => return Ok((told, address)),
                        Err(answer) if kept.as_ref().is_none_or(|kept| says_less(kept)) => {
                            kept = Some(answer);
                        }
                        Err(_) => {}
                    }
                }
                let Some(server) = homeless.next() else { break };
                match self.addresses_of(server, &path).await {
                    Ok(found) => addresses.extend(found.iter()),
                    Err(failure) => kept = kept.or_else(|| Some(failed(failure))),
                }
            }
        }
        Err(kept.unwrap_or_else(|| failed(Failure::NoServer)))
    }

    /// The addresses of a name server as the servers of its own zone tell them, in order; none where
    /// it has none.
    pub(super) fn addresses_of<'a>(
        &'a self,
        server: &'a Name,
        path: &'a Path<'a>,
    ) -> LocalBoxFuture<'a, Result<Rc<[IpAddr]>, Failure>> {
        Box::pin(async move {
            let path = path.towards(server).ok_or(Failure::NoServer)?;
            let find = async || self.find_addresses(server, path).await;
            self.hosts.of(server, path.walker, find).await
        })
    }

    async fn find_addresses(&self, server: &Name, path: Path<'_>) -> Result<Rc<[IpAddr]>, Failure> {
        let mut addresses = Vec::new();
        let mut failure = None;
        for rtype in [RecordType::A, RecordType::AAAA] {
            let answer = self.follow(Question { name: server.clone(), rtype }, path).await;
            match answer.outcome {
                Outcome::Records { data, .. } => {
                    addresses.extend(data.iter().filter_map(|data| match data {
                        RData::A(address) => Some(IpAddr::V4(address.0)),
                        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                        _ => None,
                    }));
                }
                Outcome::NoData | Outcome::NxDomain => {}
                Outcome::Failed(why) => failure = failure.or(Some(why)),
            }
        }
        addresses.sort();
        addresses.dedup();
        match failure {
            Some(failure) if addresses.is_empty() => Err(failure),
            _ => Ok(addresses.into()),
        }
    }

    /// Answers a question, aliases into other zones followed (RFC 1034 §4.3.2 step 3a): resolvers find
    /// a server that is an alias, though none should be (RFC 2181 §10.3).
    async fn follow(&self, mut question: Question, path: Path<'_>) -> Answer {
        for _ in 0..=MAX_CHAIN {
            let answer = self.resolve(&question, path).await;
            match answer.chain.last() {
                Some(end) if answer.outcome == Outcome::NoData => question.name = end.clone(),
                _ => return answer,
            }
        }
        Answer::plain(Outcome::Failed(Failure::ChainTooLong))
    }

    /// Answers a question at the servers of the zone that holds the name. Aliases out of the zone are
    /// left to be asked for.
    pub(super) async fn resolve(&self, question: &Question, path: Path<'_>) -> Answer {
        // The zone that the name begins is found by a referral, if it begins one.
        match self.zone_of(&question.name.base_name(), path).await {
            Ok(zone) => self.resolve_in(zone, question, path).await,
            Err(failure) => Answer::plain(Outcome::Failed(failure)),
        }
    }

    /// Answers a question about a name in a zone, or in one below it.
    pub(super) async fn resolve_in(
        &self,
        mut zone: Rc<Zone>,
        question: &Question,
        path: Path<'_>,
    ) -> Answer {
        loop {
            match self.ask_zone(&zone, question, path).await {
                Ok((Told::Answer(answer, _), _)) => return *answer,
                // Each lies below the one before, so that there is an end.
                Ok((Told::Referral(below), _)) => zone = Rc::new(below),
                Err(answer) => return *answer,
            }
        }
    }
}

/// Whether another failure says more: that nobody answers says least.
fn says_less(answer: &Answer) -> bool {
    matches!(failure_of(answer), Failure::Timeout | Failure::NoRoute)
}
