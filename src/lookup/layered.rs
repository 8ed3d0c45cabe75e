//! Two lookups as one: the second answers what lies outside the first.

use hickory_proto::rr::{Name, RecordType};

use super::{Lookup, Portray};
use crate::answer::{Answer, Failure, Hidden, Outcome, Portrait, Question};
use crate::name::MailDomain;
use crate::zonefile::Position;

/// Asks one lookup first, and the other where that says [`Failure::OutsideZone`].
///
/// An alias chain that leads out of the first ends there with NODATA, as a server's answer does; the
/// inquiry asks for its end in a question of its own.
#[derive(Debug)]
pub struct First<A, B> {
    first: A,
    then: B,
}

impl<A, B> First<A, B> {
    /// Puts one lookup before another.
    ///
    /// Several are nested: `First::new(zones, First::new(hosts, resolver))`.
    pub fn new(first: A, then: B) -> Self {
        Self { first, then }
    }
}

/// What the answers of two depend on.
struct Both<A, B> {
    first: A,
    then: B,
}

impl<A: Portray, B: Portray> Portray for Both<A, B> {
    fn portray(
        &mut self,
        domain: &MailDomain,
        spells_addresses: bool,
        portrait: &mut Portrait,
    ) -> bool {
        self.first.portray(domain, spells_addresses, portrait)
            && self.then.portray(domain, spells_addresses, portrait)
    }

    fn portray_but_soa(
        &mut self,
        domain: &MailDomain,
        spells_addresses: bool,
        portrait: &mut Portrait,
    ) -> bool {
        self.first.portray_but_soa(domain, spells_addresses, portrait)
            && self.then.portray_but_soa(domain, spells_addresses, portrait)
    }
}

/// Whether the first has nothing to say of a name, not even where it leads.
fn is_outside(answer: &Answer) -> bool {
    answer.chain.is_empty() && answer.outcome == Outcome::Failed(Failure::OutsideZone)
}

impl<A: Lookup, B: Lookup> Lookup for First<A, B> {
    async fn ask(&self, question: &Question) -> Answer {
        match self.first.ask(question).await {
            answer if is_outside(&answer) => self.then.ask(question).await,
            answer => answer,
        }
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        match self.first.ask_about(domain, question).await {
            answer if is_outside(&answer) => self.then.ask_about(domain, question).await,
            answer => answer,
        }
    }

    fn forget(&self) {
        self.first.forget();
        self.then.forget();
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let mut owners = self.first.srv_owners(domain, limit);
        if owners.is_empty() {
            owners = self.then.srv_owners(domain, limit);
        }
        owners
    }

    fn has_room(&self) -> bool {
        self.first.has_room() && self.then.has_room()
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        self.first.position(owner, rtype).or_else(|| self.then.position(owner, rtype))
    }

    fn portrayer(&self) -> impl Portray {
        Both { first: self.first.portrayer(), then: self.then.portrayer() }
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.first.hidden(domain).chain(self.then.hidden(domain))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use hickory_proto::rr::RData;
    use hickory_proto::rr::rdata::{A, CNAME};

    use super::*;
    use crate::hosting::HostAddresses;
    use crate::lookup::hosts::Hosts;
    use crate::lookup::recorded::Recorder;
    use crate::lookup::responder::{name, srv};
    use crate::lookup::zones::{ZoneFile, Zones};
    use crate::rrset::ResourceRecord;
    use crate::zonefile::Scanner;

    /// Answers everything with one address, like a network that is not to be asked here.
    struct Network;

    impl Lookup for Network {
        async fn ask(&self, _question: &Question) -> Answer {
            let data = vec![RData::A(A::new(203, 0, 113, 9))];
            Answer::plain(Outcome::Records { ttl: 1, data })
        }
    }

    #[test]
    fn zones_come_before_the_hosts_of_the_profile_and_these_before_the_network() {
        let record = |owner: &str, data| ResourceRecord { owner: name(owner), ttl: 60, data };
        let mut zones = Zones::new();
        zones.add_zone(
            &name("d.test."),
            [
                record("_imaps._tcp.d.test.", srv("mail.h.test.")),
                record("autoconfig.d.test.", RData::CNAME(CNAME(name("mail.h.test.")))),
            ],
        );
        let host = |host: &str, address: &str| HostAddresses {
            host: host.parse().unwrap(),
            addresses: vec![address.parse().unwrap()],
        };
        let known = [("mail.h.test", "192.0.2.1"), ("x.d.test", "::1"), ("v6.h.test", "::1")];
        let hosts = Hosts::new(&known.map(|(name, address)| host(name, address)), 300);
        let lookup = First::new(First::new(zones, hosts), Network);
        for (owner, rtype, ttl) in [
            ("_imaps._tcp.d.test.", RecordType::SRV, Ok(60)),
            ("_imap._tcp.d.test.", RecordType::SRV, Err(Outcome::NxDomain)),
            // The zone encloses this host of the profile and does not have it.
            ("x.d.test.", RecordType::AAAA, Err(Outcome::NxDomain)),
            ("MAIL.h.test.", RecordType::A, Ok(300)),
            ("mail.h.test.", RecordType::AAAA, Err(Outcome::NoData)),
            ("mail.h.test.", RecordType::SRV, Ok(1)),
            ("v6.h.test.", RecordType::AAAA, Ok(300)),
            ("v6.h.test.", RecordType::A, Err(Outcome::NoData)),
            ("smtp.h.test.", RecordType::A, Ok(1)),
            ("autoconfig.d.test.", RecordType::A, Err(Outcome::NoData)),
        ] {
            let question = Question { name: name(owner), rtype };
            let domain = "d.test".parse().unwrap();
            for answer in [
                lookup.ask(&question).now_or_never().unwrap(),
                lookup.ask_about(&domain, &question).now_or_never().unwrap(),
            ] {
                let got = match answer.outcome {
                    Outcome::Records { ttl, .. } => Ok(ttl),
                    other => Err(other),
                };
                assert_eq!(got, ttl, "{owner} {rtype}");
            }
        }
        assert_eq!(lookup.srv_owners(&name("d.test."), 9), [name("_imaps._tcp.d.test.")]);
    }

    #[test]
    fn what_zones_alone_can_tell_is_told_through_other_lookups() {
        let text = "$ORIGIN d.test.\n$TTL 60\n@ SOA ns hm 1 2 3 4 5\n_imaps._tcp SRV 0 0 0 .\n\
                    sub NS ns\nx.sub TXT x\n";
        let mut file = ZoneFile::new();
        Scanner::new(text.as_bytes(), "z", None).for_each(|entry| file.insert(entry.unwrap()));
        let zones = Zones::of(vec![file], None);
        let lookup = First::new(Network, First::new(zones, Network));
        let lookup = Recorder::new(lookup, Vec::new());
        let (domain, imaps) = (name("d.test."), name("_imaps._tcp.d.test."));
        assert_eq!(lookup.srv_owners(&domain, 9), [name("_imaps._tcp.d.test.")]);
        let line = lookup.position(&imaps, RecordType::SRV).map(|position| position.line);
        assert_eq!((line, lookup.position(&domain, RecordType::MX)), (Some(4), None));
        let cuts: Vec<_> = lookup.hidden(&domain).map(|hidden| hidden.cut).collect();
        assert_eq!(cuts, [name("sub.d.test.")]);
    }
}
