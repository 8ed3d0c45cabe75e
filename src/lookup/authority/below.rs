//! The zones below that of a mail domain, with their servers.
//!
//! A cut is known because a server of the zone above points to it, or because one that serves both
//! zones says of itself that it answers out of the lower one.

use std::net::IpAddr;
use std::rc::Rc;

use futures_util::future::join_all;
use hickory_proto::rr::{Name, RData, RecordType};

use super::Authority;
use super::case::Case;
use super::told::{Told, Zone};
use crate::answer::{Outcome, Question, Sight};
use crate::name::MailDomain;

impl Authority {
    /// The deepest zone that a name lies in, of those known below the zone of a domain.
    pub(super) async fn find_below(&self, domain: &MailDomain, name: &Name) -> Option<Sight> {
        let case = self.cases.known(domain.name())?;
        for (cut, above) in case.cuts_above(name) {
            let walker = self.set_out(domain);
            let find = async || self.find_zone(domain, &case, &cut, &above).await.map(Rc::new);
            if let Some(sight) = case.below.of(&cut, &walker, find).await {
                return Some((*sight).clone());
            }
        }
        None
    }

    /// The zone that begins at a cut, as all servers of the zone above tell it: they may not agree, and
    /// a resolver gets to whom any of them names.
    async fn find_zone(
        &self,
        domain: &MailDomain,
        case: &Case,
        cut: &Name,
        above: &Name,
    ) -> Option<Sight> {
        let question = Question { name: cut.clone(), rtype: RecordType::NS };
        let servers = case.servers_of(above);
        let heard = servers.iter().filter(|server| case.silence(**server, above).is_none());
        let heard = heard.map(async |server| {
            let walker = self.set_out(domain);
            self.ask_often(*server, above, &question, &walker).await.ok()
        });
        let (mut parent, mut inside): (Vec<Name>, Vec<Name>) = (Vec::new(), Vec::new());
        let mut glue: Vec<(Name, IpAddr)> = Vec::new();
        for told in join_all(heard).await.into_iter().flatten() {
            match told {
                Told::Referral(zone) if zone.apex == *cut => {
                    parent.extend(zone.servers);
                    glue.extend(zone.glue);
                }
                Told::Referral(_) => {}
                Told::Answer(answer, besides) if answer.chain.is_empty() => {
                    inside.extend(name_servers(answer.outcome));
                    glue.extend(besides.glue);
                }
                Told::Answer(..) => {}
            }
        }
        let parent = Zone::new(cut, parent, &[], above, true).servers;
        let zone = Zone::new(cut, parent.iter().cloned().chain(inside), &glue, above, false);
        let parent = (!parent.is_empty()).then_some(parent);
        match zone.servers.is_empty() {
            true => None,
            false => Some(self.look_around(domain, &zone, parent).await),
        }
    }
}

/// The names in NS records.
pub(super) fn name_servers(outcome: Outcome) -> impl Iterator<Item = Name> {
    let data = if let Outcome::Records { data, .. } = outcome { data } else { Vec::new() };
    data.into_iter().filter_map(|data| match data {
        RData::NS(server) => Some(server.0),
        _ => None,
    })
}
