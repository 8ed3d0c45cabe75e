//! What a server says that was asked about a name in one of its zones: an answer, or where to ask.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Answer, Failure, Outcome, Question};
use crate::message::{self, Response};

/// The most name servers of one zone that are looked at; the largest have thirteen.
pub(super) const MAX_SERVERS: usize = 32;

/// A zone, and who serves it.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub(super) apex: Name,
    /// The names of its servers, each once.
    pub(super) servers: Vec<Name>,
    /// Addresses of these that came with their names.
    pub(super) glue: Vec<(Name, IpAddr)>,
    /// An address that answered for the zone, where its servers were not told with theirs.
    pub(super) known_at: Option<IpAddr>,
    /// Whether the servers are those that the zone above names.
    pub(super) by_parent: bool,
}

/// What came back from a server of a zone.
#[derive(Debug)]
pub(super) enum Told {
    /// It speaks for the name.
    Answer(Box<Answer>, Besides),
    /// The name lies in a zone below.
    Referral(Zone),
}

/// What came with an answer.
#[derive(Debug)]
pub(super) struct Besides {
    pub(super) glue: Vec<(Name, IpAddr)>,
    /// The apex that it names above the name asked for, where it lies below that of the zone asked: the
    /// server serves both.
    pub(super) cut: Option<Name>,
}

impl Zone {
    /// Keeps of what was told what is worth believing.
    ///
    /// An address counts where its name lies in the zone whose server tells it (RFC 5452 §6): about
    /// other names anybody could tell anything.
    pub(super) fn new(
        apex: &Name,
        servers: impl IntoIterator<Item = Name>,
        glue: &[(Name, IpAddr)],
        told_in: &Name,
        by_parent: bool,
    ) -> Self {
        let (apex, known_at) = (apex.clone(), None);
        let mut zone = Self { apex, servers: Vec::new(), glue: Vec::new(), known_at, by_parent };
        for server in servers {
            if !zone.servers.contains(&server) && zone.servers.len() < MAX_SERVERS {
                zone.servers.push(server);
            }
        }
        let is_server = |name: &Name| told_in.zone_of(name) && zone.servers.contains(name);
        zone.glue = glue.iter().filter(|(name, _)| is_server(name)).cloned().collect();
        zone.glue.sort();
        zone.glue.dedup();
        // Servers rotate what they send.
        zone.servers.sort();
        zone
    }

    /// The addresses that came with a name.
    pub(super) fn glue_of(&self, server: &Name) -> impl Iterator<Item = IpAddr> {
        self.glue.iter().filter(move |(name, _)| name == server).map(|(_, address)| *address)
    }
}

/// Reads what a server of the zone `apex` said to a question about a name in it.
///
/// # Errors
///
/// It has nothing to say: the answer with the failure. Without AA it is lame (RFC 9499), whatever else
/// it says; that is how a resolver looks that was taken for a server of the zone.
pub(super) fn told(
    apex: &Name,
    question: &Question,
    response: &Response,
) -> Result<Told, Box<Answer>> {
    if let Some(zone) = referral(apex, question, response) {
        return Ok(Told::Referral(zone));
    }
    let mut answer = message::read(question, response);
    // Each name is for the servers of its own zone to speak of.
    answer.beside = Vec::new();
    let is_endless = answer.outcome == Outcome::Failed(Failure::ChainTooLong);
    if matches!(answer.outcome, Outcome::Failed(_)) && !is_endless {
        return Err(Box::new(answer));
    }
    if !answer.authoritative {
        let failed = Answer::plain(Outcome::Failed(Failure::Lame));
        return Err(Box::new(Answer { rcode: answer.rcode, ..failed }));
    }
    bound(apex, &mut answer);
    let besides =
        Besides { glue: response.aside().glue.clone(), cut: cut(apex, question, response) };
    Ok(Told::Answer(Box::new(answer), besides))
}

/// Whether a zone between this one and a name may begin there.
fn is_between(apex: &Name, cut: &Name, name: &Name) -> bool {
    cut != apex && apex.zone_of(cut) && cut.zone_of(name)
}

/// The apex nearest to the name of those in the authority section.
fn cut(apex: &Name, question: &Question, response: &Response) -> Option<Name> {
    let aside = response.aside();
    let owners = aside.name_servers.iter().map(|(owner, _)| owner);
    let cuts = aside.apexes.iter().chain(owners);
    let cuts = cuts.filter(|cut| is_between(apex, cut, &question.name));
    cuts.max_by_key(|cut| cut.num_labels()).cloned()
}

/// The zone below that the servers point to (RFC 1034 §4.3.2 step 3b), whatever the AA bit says.
///
/// It lies below the zone and above the name, or a server could send a walk up and round for ever.
fn referral(apex: &Name, question: &Question, response: &Response) -> Option<Zone> {
    let aside = response.aside();
    let is_positive = response.is_response()
        && response.rcode == 0
        && response.sound
        && response.is_about(question)
        && response.answers.is_empty()
        && aside.apexes.is_empty();
    let is_cut = |cut: &Name| is_positive && is_between(apex, cut, &question.name);
    let (cut, _) = aside.name_servers.iter().find(|(cut, _)| is_cut(cut))?;
    let of_cut = aside.name_servers.iter().filter(|(owner, _)| owner == cut);
    let servers = of_cut.map(|(_, name)| name.clone());
    Some(Zone::new(cut, servers, &aside.glue, apex, true))
}

/// The zone that begins at the name asked for, where a server of the zone above, at this address,
/// serves it too, and so answers for it instead of pointing to it.
pub(super) fn hidden_cut(
    question: &Question,
    answer: &Answer,
    glue: &[(Name, IpAddr)],
    (above, address): (&Zone, IpAddr),
) -> Option<Zone> {
    let Outcome::Records { data, .. } = &answer.outcome else { return None };
    if !answer.chain.is_empty() || question.rtype != RecordType::NS {
        return None;
    }
    let servers = data.iter().filter_map(|data| match data {
        RData::NS(server) => Some(server.0.clone()),
        _ => None,
    });
    let zone = Zone::new(&question.name, servers, glue, &above.apex, false);
    Some(Zone { known_at: Some(address), ..zone })
}

/// Cuts an alias chain off where it leaves the zone: what stands at its end is for others to say
/// (RFC 2181 §5.4.1), and is asked for anew.
fn bound(apex: &Name, answer: &mut Answer) {
    let outside = answer.chain.iter().position(|name| !apex.zone_of(name));
    if let Some(at) = outside.filter(|_| answer.outcome != Outcome::Failed(Failure::ChainTooLong)) {
        answer.chain.truncate(at + 1);
        answer.outcome = Outcome::NoData;
        answer.uneven_ttls = false;
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{Message, Query, ResponseCode};
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, CNAME, NS};

    use super::*;
    use crate::lookup::responder::{name, record, response};

    fn asked() -> Question {
        Question { name: name("_imaps._tcp.d.test."), rtype: RecordType::A }
    }

    /// What a server of `test.` says with these records.
    fn says(
        authoritative: bool,
        answers: &[Record],
        servers: &[(&str, &str)],
        glue: &[(&str, [u8; 4])],
    ) -> Result<Told, Box<Answer>> {
        let mut message: Message = response(ResponseCode::NoError, answers);
        message.metadata.authoritative = authoritative;
        message.add_query(Query::query(asked().name, asked().rtype));
        let servers =
            servers.iter().map(|(owner, server)| record(owner, 60, RData::NS(NS(name(server)))));
        message.add_authorities(servers);
        let glue =
            glue.iter().map(|(owner, address)| record(owner, 60, RData::A(A((*address).into()))));
        message.add_additionals(glue);
        let response = Response::decode(&message.to_vec().unwrap()).unwrap();
        told(&name("test."), &asked(), &response)
    }

    #[track_caller]
    fn is_lame(said: Result<Told, Box<Answer>>) {
        match said {
            Err(answer) => assert_eq!(answer.outcome, Outcome::Failed(Failure::Lame)),
            Ok(told) => panic!("{told:?}"),
        }
    }

    #[test]
    fn a_referral_names_the_servers_below_and_an_address_counts_in_the_zone_that_tells_it() {
        for authoritative in [false, true] {
            let servers =
                [("d.test.", "ns2.d.test."), ("D.test.", "ns1.other."), ("d.test.", "ns2.d.test.")];
            let glue = [
                ("ns2.D.test.", [192, 0, 2, 2]),
                // Anybody could say so of another's name, and this one is no server.
                ("ns1.other.", [192, 0, 2, 66]),
                ("www.d.test.", [192, 0, 2, 67]),
            ];
            let Ok(Told::Referral(zone)) = says(authoritative, &[], &servers, &glue) else {
                panic!("it is a referral");
            };
            assert_eq!((zone.apex, zone.by_parent), (name("d.test."), true));
            assert_eq!(zone.servers, [name("ns1.other."), name("ns2.d.test.")]);
            assert_eq!(zone.glue, [(name("ns2.d.test."), IpAddr::from([192, 0, 2, 2]))]);
        }
    }

    #[test]
    fn who_points_up_round_or_aside_is_lame() {
        for cut in [".", "test.", "other.test.", "x._imaps._tcp.d.test."] {
            is_lame(says(false, &[], &[(cut, "ns.test.")], &[]));
        }
        let address = record("_imaps._tcp.d.test.", 60, RData::A(A::new(192, 0, 2, 1)));
        is_lame(says(false, &[address], &[], &[]));
    }

    #[test]
    fn what_stands_at_the_end_of_an_alias_into_another_zone_is_not_believed() {
        let alias = |owner: &str, to: &str| record(owner, 60, RData::CNAME(CNAME(name(to))));
        let answers = [
            alias("_imaps._tcp.d.test.", "a.test."),
            alias("a.test.", "b.other."),
            alias("b.other.", "c.other."),
            record("c.other.", 60, RData::A(A::new(192, 0, 2, 66))),
        ];
        let Ok(Told::Answer(answer, _)) = says(true, &answers, &[], &[]) else {
            panic!("it is an answer");
        };
        assert_eq!(answer.chain, [name("a.test."), name("b.other.")]);
        assert_eq!(answer.outcome, Outcome::NoData);
        let inside = [answers[0].clone(), record("a.test.", 60, RData::A(A::new(192, 0, 2, 1)))];
        let Ok(Told::Answer(answer, _)) = says(true, &inside, &[], &[]) else {
            panic!("it is an answer");
        };
        assert!(matches!(answer.outcome, Outcome::Records { .. }));
    }
}
