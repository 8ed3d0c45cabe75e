//! The servers of a mail domain, each asked for itself.

use std::net::IpAddr;
use std::rc::Rc;

use futures_util::future::join_all;
use hickory_proto::rr::{Name, RecordType};

use super::Authority;
use super::below::name_servers;
use super::shared::Walker;
use super::told::{MAX_SERVERS, Told, Zone, told};
use super::walk::Path;
use crate::answer::{Answer, Failure, Outcome, Question, Sight, Vantage};
use crate::name::MailDomain;

/// The most addresses of one zone that are asked.
const MAX_VANTAGES: usize = 32;

/// How many servers are asked about a domain that does not exist in the zone above it: that of a
/// registry has two dozen, and they are not what is audited.
const WITNESSES: usize = 4;

/// A server with its addresses, or why they are not known.
type Home = (Name, Result<Vec<IpAddr>, Failure>);

impl Authority {
    /// Finds the zone of a domain with its servers: those that the zone above names, and those that it
    /// names itself, since resolvers end up at either (RFC 1034 §4.2.2). None where nothing leads there.
    pub(super) async fn find_sight(&self, domain: &MailDomain) -> Option<Sight> {
        // A domain that comes again in a list begins anew.
        let case = self.open(domain);
        let walker = self.set_out(domain);
        let path = Path::of(&walker);
        let zone = self.zone_of(domain.name(), path).await.ok()?;
        let is_denied = zone.apex != *domain.name() && self.denies(&zone, domain, path).await;
        let parent = zone.by_parent.then(|| zone.servers.clone());
        let sight = if is_denied {
            let witnesses = &zone.servers[..zone.servers.len().min(WITNESSES)];
            let homes = self.homes(domain, &zone, witnesses).await;
            let mut sight = sight_of(&zone, parent, homes);
            sight.vantages.truncate(WITNESSES);
            sight
        } else {
            self.look_around(domain, &zone, parent).await
        };
        case.see(&sight);
        Some(sight)
    }

    /// Finds the servers of a zone: those that are known, and those that they name.
    pub(super) async fn look_around(
        &self,
        domain: &MailDomain,
        zone: &Zone,
        parent: Option<Vec<Name>>,
    ) -> Sight {
        let mut homes = self.homes(domain, zone, &zone.servers).await;
        let others = self.other_servers(domain, zone, &vantages(&homes)).await;
        homes.extend(self.homes(domain, zone, &others).await);
        homes.sort_by(|(a, _), (b, _)| a.cmp(b));
        sight_of(zone, parent, homes)
    }

    /// The servers that those of a zone name beside the ones that are known.
    async fn other_servers(
        &self,
        domain: &MailDomain,
        zone: &Zone,
        known: &[(Name, IpAddr)],
    ) -> Vec<Name> {
        let asked = known.iter().map(|(_, address)| self.named_by(domain, *address, &zone.apex));
        let mut others: Vec<Name> = join_all(asked).await.into_iter().flatten().collect();
        others.retain(|name| !zone.servers.contains(name));
        others.sort();
        others.dedup();
        others.truncate(MAX_SERVERS);
        others
    }

    /// The addresses of servers: those that came with the names, and those that the zones of the names
    /// tell.
    async fn homes(&self, domain: &MailDomain, zone: &Zone, servers: &[Name]) -> Vec<Home> {
        let find = async |server: &Name| {
            let walker = self.set_out(domain);
            let told = self.addresses_of(server, &Path::of(&walker)).await;
            let mut addresses: Vec<IpAddr> = zone.glue_of(server).collect();
            match told {
                Ok(told) => addresses.extend(told.iter()),
                Err(failure) if addresses.is_empty() => return (server.clone(), Err(failure)),
                Err(_) => {}
            }
            addresses.sort();
            addresses.dedup();
            (server.clone(), Ok(addresses))
        };
        join_all(servers.iter().map(find)).await
    }

    /// The servers that a server names for the zone. One that is silent is remembered as such: each
    /// question would wait for it anew.
    async fn named_by(&self, domain: &MailDomain, address: IpAddr, apex: &Name) -> Vec<Name> {
        let walker = self.set_out(domain);
        let question = Question { name: apex.clone(), rtype: RecordType::NS };
        let outcome = match self.ask_often(address, apex, &question, &walker).await {
            Ok(Told::Answer(answer, _)) => answer.outcome,
            Ok(Told::Referral(_)) => Outcome::NoData,
            Err(answer) => answer.outcome,
        };
        // Some firewalls drop the questions of one type.
        let outcome = match outcome {
            Outcome::Failed(Failure::Timeout) => {
                let question = Question { name: apex.clone(), rtype: RecordType::SOA };
                match self.ask_often(address, apex, &question, &walker).await {
                    Ok(_) => Outcome::NoData,
                    Err(_) if !self.reaches(address).await => Outcome::Failed(Failure::NoRoute),
                    Err(_) => outcome,
                }
            }
            outcome => outcome,
        };
        let failure = if let Outcome::Failed(failure) = outcome { Some(failure) } else { None };
        self.case(domain).heard(address, apex, failure);
        name_servers(outcome).collect()
    }

    /// Whether the servers of a zone say that a domain in it does not exist.
    async fn denies(&self, zone: &Rc<Zone>, domain: &MailDomain, path: Path<'_>) -> bool {
        let question = Question { name: domain.name().clone(), rtype: RecordType::MX };
        let answer = self.resolve_in(Rc::clone(zone), &question, path).await;
        answer.outcome == Outcome::NxDomain
    }

    /// Asks one server of the zone of a domain, or of a zone below it. Where it points to a zone below
    /// the domain, the answer says so: each server there is asked for itself. To one beside the domain
    /// it is followed, and whichever of its servers answers first is believed.
    pub(super) async fn ask_at(
        &self,
        address: IpAddr,
        domain: &MailDomain,
        question: &Question,
    ) -> Answer {
        let walker = self.set_out(domain);
        let path = Path::of(&walker);
        let zone = match self.zone_of(domain.name(), path).await {
            Ok(zone) => zone,
            Err(failure) => return Answer::plain(Outcome::Failed(failure)),
        };
        let case = self.case(domain);
        if let Some(failure) = case.silence(address, &question.name) {
            return Answer::plain(Outcome::Failed(failure));
        }
        let apex = case.apex_at(address, &question.name, &zone.apex);
        let is_noted = |cut: &Name| domain.name().zone_of(cut) && case.note_cut(cut, &apex);
        match self.ask_often(address, &apex, question, &walker).await {
            Ok(Told::Answer(answer, besides)) => {
                if let Some(cut) = &besides.cut {
                    is_noted(cut);
                }
                *answer
            }
            Err(answer) => *answer,
            Ok(Told::Referral(below)) if is_noted(&below.apex) => {
                Answer::plain(Outcome::Failed(Failure::Delegated))
            }
            Ok(Told::Referral(below)) => {
                below_referral(self.resolve_in(Rc::new(below), question, path).await)
            }
        }
    }

    /// Asks one server of a zone as often as the options say, unless it answers before. Of several
    /// failures the first is kept.
    pub(super) async fn ask_often(
        &self,
        address: IpAddr,
        apex: &Name,
        question: &Question,
        walker: &Walker<'_>,
    ) -> Result<Told, Box<Answer>> {
        let mut kept = None;
        for _try in 0..self.options.tries.max(1) {
            if !walker.step() {
                break;
            }
            let failed = |failure| Box::new(Answer::plain(Outcome::Failed(failure)));
            let said = match self.ask_server(address, question).await {
                Ok(response) => told(apex, question, &response),
                Err(failure) => Err(failed(failure)),
            };
            match said {
                Ok(told) => return Ok(told),
                Err(answer) => kept = kept.or(Some(answer)),
            }
        }
        Err(kept.unwrap_or_else(|| Box::new(Answer::plain(Outcome::Failed(Failure::NotAsked)))))
    }
}

/// What servers of a zone below do not answer is not for the server that points there to answer.
fn below_referral(answer: Answer) -> Answer {
    match answer.outcome {
        Outcome::Failed(
            Failure::ServFail
            | Failure::Refused
            | Failure::Rcode(_)
            | Failure::Timeout
            | Failure::Lame
            | Failure::Malformed
            | Failure::Truncated
            | Failure::Unreachable
            | Failure::NoServer,
        ) => Answer::plain(Outcome::Failed(Failure::Delegated)),
        _ => answer,
    }
}

/// From where a zone is seen whose servers are these.
fn sight_of(zone: &Zone, parent: Option<Vec<Name>>, homes: Vec<Home>) -> Sight {
    let server = |(name, address)| Vantage::Server { name, address };
    let vantages = vantages(&homes).into_iter().map(server).collect();
    let homeless = homes.into_iter().filter_map(|(name, home)| match home {
        Ok(addresses) => addresses.is_empty().then_some((name, None)),
        Err(failure) => Some((name, Some(failure))),
    });
    Sight { zone: zone.apex.clone(), parent, vantages, homeless: homeless.collect() }
}

/// The addresses of the servers with the first name of each, in order.
fn vantages(homes: &[Home]) -> Vec<(Name, IpAddr)> {
    let mut seen: Vec<(Name, IpAddr)> = Vec::new();
    for (name, home) in homes {
        for address in home.iter().flatten() {
            if seen.len() < MAX_VANTAGES && !seen.iter().any(|(_, known)| known == address) {
                seen.push((name.clone(), *address));
            }
        }
    }
    seen
}
