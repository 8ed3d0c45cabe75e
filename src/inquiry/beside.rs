//! What need not be asked, because a server of the zone put it beside an SRV answer.
//!
//! Servers add the addresses of targets (RFC 2782). Those of the IPv6 family are taken where the server
//! speaks for the host: the answer for its IPv4 addresses says so, because what is added may be glue of a
//! zone below, or what a cache holds. That nothing is added says nothing.
//!
//! The question is held back until all that tells is there: what is asked does not depend on the order
//! of the answers. Meanwhile its slot, still open, has what was added.

use hickory_proto::rr::RecordType;

use super::names::NameId;
use super::observed::{AUTHORITATIVE, Datum, Family, HELD, NONE, Observed, Role, Slot, State};
use super::{Inquiry, Known, MAX_RECORDS};
use crate::answer::{Answer, Beside, Dnssec, Outcome};

impl Inquiry {
    /// Whether what is asked for in a role may stand beside an answer to come.
    pub(super) fn may_be_beside(&self, owner: NameId, rtype: RecordType, role: Role) -> bool {
        self.spares
            && rtype == Family::V6.record_type()
            && matches!(role, Role::Evidence | Role::End)
            && self.observed.names.prefix(owner).is_some()
            && self.observed.slots.iter().any(leads_to_targets)
    }

    /// Keeps what stood beside an answer where its question is held back; where another server added
    /// something else, the question is let go.
    pub(super) fn note_beside(&mut self, index: usize, beside: &[Beside]) {
        let slot = self.observed.slots[index];
        let is_own = self.observed.names.prefix(slot.owner).is_some() && slot.aliases == 0;
        if !leads_to_targets(&slot) || !is_own || !self.observed.vouches(&slot) {
            return;
        }
        for Beside { host, ttl, addresses } in beside {
            let Some(host) = self.observed.names.find(host) else { continue };
            let is_its = |slot: &Slot| {
                slot.owner == host && slot.rtype() == RecordType::AAAA && slot.has(HELD)
            };
            let Some(at) = self.observed.slots.iter().position(is_its) else { continue };
            let count = u8::try_from(addresses.len()).unwrap_or(u8::MAX);
            if usize::from(count) > MAX_RECORDS || !self.observed.agrees(at, *ttl, addresses) {
                self.release(at);
            } else if self.observed.slots[at].records == 0 {
                let start = self.observed.data.len();
                self.observed.data.extend(addresses.iter().map(|one| Datum::Aaaa(*one)));
                let slot = &mut self.observed.slots[at];
                // There are no more than eight beside each of 200 answers: it fits.
                slot.start = u16::try_from(start).unwrap_or(u16::MAX);
                (slot.records, slot.ttl) = (count, *ttl);
            }
        }
    }
}

impl Observed {
    /// The answer to a question for addresses, as it stood beside others.
    pub(super) fn is_beside(&self, slot: &Slot) -> Known {
        let is_host = |other: &&Slot| other.owner == slot.owner && other.rtype() == RecordType::A;
        let tells = |other: &&Slot| leads_to_targets(other) || is_host(other);
        let tellers = || self.slots.iter().filter(tells);
        let mut answered = tellers().filter(|other| other.state != State::Open);
        if slot.rtype() != RecordType::AAAA || !answered.all(|other| self.vouches(other)) {
            return Known::Nothing;
        }
        if tellers().any(|other| other.state == State::Open) {
            return Known::Later;
        }
        let is_there =
            |host: &Slot| host.aliases == 0 && matches!(host.state, State::Records | State::NoData);
        if slot.records == 0 || !tellers().find(is_host).is_some_and(is_there) {
            return Known::Nothing;
        }
        let outcome = Outcome::Records { ttl: slot.ttl, data: self.rdatas(slot) };
        let plain = Answer::plain(outcome);
        Known::All(Box::new(Answer { authoritative: true, rcode: Some(0), ..plain }), 0)
    }

    /// Whether a server of the zone that was asked speaks, and nothing else is said of its answer: of
    /// DNSSEC, what is said holds for no other section (RFC 4035 §3.2.3).
    fn vouches(&self, slot: &Slot) -> bool {
        slot.has(AUTHORITATIVE)
            && !matches!(slot.state, State::Failed(_))
            && slot.extended == NONE
            && slot.dnssec == Dnssec::Unknown
            && slot.validated.is_none()
            && self.referred.as_ref().is_none_or(|referred| !referred.holds(slot.owner))
    }

    /// Whether a slot has nothing yet, or these addresses.
    fn agrees(&self, at: usize, ttl: u32, addresses: &[std::net::Ipv6Addr]) -> bool {
        let slot = &self.slots[at];
        let known = self.data[slot.record_range()].iter().map(|datum| match datum {
            Datum::Aaaa(address) => Some(*address),
            _ => None,
        });
        let mut known: Vec<_> = known.collect();
        let mut told: Vec<_> = addresses.iter().copied().map(Some).collect();
        known.sort_unstable();
        told.sort_unstable();
        slot.records == 0 || (slot.ttl == ttl && known == told)
    }
}

/// Whether the targets of an answer are asked about.
fn leads_to_targets(slot: &Slot) -> bool {
    slot.rtype() == RecordType::SRV && matches!(slot.role, Role::Records(_) | Role::End)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use hickory_proto::rr::rdata::{A, AAAA, SRV};
    use hickory_proto::rr::{Name, RData};
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::answer::{Failure, Question};
    use crate::inquiry::Wanted;
    use crate::inquiry::tests::finish;

    const LABELS: [&str; 3] = ["_imaps", "_imap", "_pop3s"];
    const HOSTS: [&str; 3] = ["mail.d.test.", "web.d.test.", "mail.example."];

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn owner(label: &str) -> Name {
        name(&format!("{label}._tcp.d.test."))
    }

    fn addresses(host: &Name) -> Vec<Ipv6Addr> {
        let last = u16::try_from(host.len()).unwrap();
        (1..=2).map(|first| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, first, last)).collect()
    }

    /// What DNS holds, and how it is said.
    #[derive(Debug, Clone)]
    struct World {
        /// The host that each SRV record leads to.
        targets: [usize; 3],
        /// Whether an SRV record stands, a failure, or nothing at all.
        services: [Outcome; 3],
        /// What is said of the IPv4 addresses of each host, and of the IPv6 addresses without these.
        hosts: [Outcome; 3],
        /// Who speaks for each of the hosts, and for the SRV records.
        authoritative: [bool; 4],
        dnssec: Dnssec,
        /// Whether the addresses of a target stand beside each SRV record.
        carries: [bool; 3],
        /// Whether `autoconfig` leads to the first host.
        is_alias: bool,
        is_backwards: bool,
    }

    impl World {
        fn answer(&self, question: &Question, carries: bool) -> Answer {
            let service = LABELS.iter().position(|label| owner(label) == question.name);
            let host = HOSTS.iter().position(|host| name(host) == question.name);
            let said = |outcome: Outcome, authoritative| {
                let rcode = outcome.rcode();
                Answer { authoritative, rcode, dnssec: self.dnssec, ..Answer::plain(outcome) }
            };
            if let Some(at) = service.filter(|_| question.rtype == RecordType::SRV) {
                let target = name(HOSTS[self.targets[at]]);
                let is_there = matches!(self.services[at], Outcome::Records { .. });
                let is_full = matches!(self.hosts[self.targets[at]], Outcome::Records { .. });
                let mut answer = said(self.services[at].clone(), self.authoritative[3]);
                if carries && is_there && is_full && self.carries[at] {
                    let addresses = addresses(&target);
                    answer.beside = vec![Beside { host: target, ttl: 60, addresses }];
                }
                return answer;
            }
            let nothing = said(Outcome::NoData, self.authoritative[3]);
            if question.name == name("autoconfig.d.test.") && self.is_alias {
                let end = Question { name: name(HOSTS[0]), ..question.clone() };
                return Answer { chain: vec![name(HOSTS[0])], ..self.answer(&end, false) };
            }
            let Some(at) = host else { return nothing };
            let outcome = match (&self.hosts[at], question.rtype) {
                (Outcome::Records { .. }, RecordType::AAAA) => {
                    let data = addresses(&question.name).into_iter();
                    let data = data.map(|one| RData::AAAA(AAAA(one))).collect();
                    Outcome::Records { ttl: 60, data }
                }
                (other, _) => other.clone(),
            };
            said(outcome, self.authoritative[at])
        }

        /// What is asked, and everything that was observed.
        fn observe(&self, carries: bool) -> (Vec<String>, Vec<String>) {
            let mut inquiry = Inquiry::new("d.test".parse().unwrap());
            for (label, target) in LABELS.iter().zip(self.targets) {
                let srv = srv(target);
                inquiry.seek(&owner(label), RecordType::SRV, Wanted::Records(&[srv]));
            }
            let alias = name("autoconfig.d.test.");
            inquiry.seek(&alias, RecordType::A, Wanted::Alias(&name(HOSTS[0])));
            let mut asked = Vec::new();
            let observed = finish(inquiry, self.is_backwards, |question| {
                asked.push(format!("{} {}", question.name, question.rtype));
                self.answer(question, carries)
            });
            asked.sort();
            (asked, observed.answers().map(|answer| format!("{answer:?}")).collect())
        }
    }

    fn srv(target: usize) -> RData {
        RData::SRV(SRV::new(0, 1, 993, name(HOSTS[target])))
    }

    fn there(data: RData) -> Outcome {
        Outcome::Records { ttl: 60, data: vec![data] }
    }

    fn healthy() -> World {
        World {
            targets: [0; 3],
            services: [const { Outcome::NoData }; 3].map(|_| there(srv(0))),
            hosts: [0; 3].map(|_| there(RData::A(A::new(192, 0, 2, 1)))),
            authoritative: [true; 4],
            dnssec: Dnssec::Unknown,
            carries: [true; 3],
            is_alias: true,
            is_backwards: false,
        }
    }

    const QUESTION: &str = "mail.d.test. AAAA";

    #[track_caller]
    fn check(world: &World, is_asked: bool) {
        for is_backwards in [false, true] {
            let world = World { is_backwards, ..world.clone() };
            let (asked, observed) = world.observe(true);
            assert_eq!(asked.iter().any(|asked| asked == QUESTION), is_asked, "{world:?}");
            let (all, plain) = world.observe(false);
            assert!(all.iter().any(|asked| asked == QUESTION), "{world:?}");
            assert_eq!(observed, plain);
        }
    }

    #[test]
    fn what_a_server_of_the_zone_puts_beside_an_answer_is_not_asked_for() {
        check(&healthy(), false);
        check(&World { is_alias: false, ..healthy() }, false);
        check(&World { carries: [false, false, true], ..healthy() }, false);
        check(
            &World { hosts: [0; 3].map(|_| there(RData::A(A::new(192, 0, 2, 9)))), ..healthy() },
            false,
        );
    }

    #[test]
    fn what_is_beside_is_asked_for_where_anything_speaks_against_it() {
        check(&World { carries: [false; 3], ..healthy() }, true);
        // A cache, and glue of a zone below.
        check(&World { authoritative: [true, true, true, false], ..healthy() }, true);
        check(
            &World { is_alias: false, authoritative: [false, true, true, true], ..healthy() },
            true,
        );
        for dnssec in [Dnssec::Secure, Dnssec::Insecure] {
            check(&World { dnssec, ..healthy() }, true);
        }
        let mut failed = healthy();
        failed.services[2] = Outcome::Failed(Failure::Timeout);
        failed.authoritative[3] = true;
        check(&failed, true);
    }

    #[test]
    fn where_servers_put_different_addresses_beside_their_answers_these_are_asked_for() {
        for is_even in [true, false] {
            let mut inquiry = Inquiry::new("d.test".parse().unwrap());
            for label in LABELS {
                inquiry.seek(&owner(label), RecordType::SRV, Wanted::Records(&[srv(0)]));
            }
            let mut world = healthy();
            let mut asked = Vec::new();
            let mut octet = 0;
            while let Some(ticket) = inquiry.poll() {
                let question = inquiry.question(ticket);
                world.is_backwards = false;
                let mut answer = world.answer(&question, true);
                for beside in &mut answer.beside {
                    octet += u16::from(!is_even);
                    beside.addresses[0] = Ipv6Addr::new(0x2001, 0xdb8, 9, 0, 0, 0, 0, octet);
                }
                asked.push(format!("{} {}", question.name, question.rtype));
                inquiry.answer(ticket, answer);
            }
            assert!(inquiry.is_finished());
            assert_eq!(asked.iter().any(|asked| asked == QUESTION), !is_even, "{asked:?}");
        }
    }

    fn any_outcome(data: RData) -> impl Strategy<Value = Outcome> {
        let failed = Outcome::Failed(Failure::ServFail);
        let there = there(data);
        select(vec![
            there.clone(),
            there.clone(),
            there,
            Outcome::NoData,
            Outcome::NxDomain,
            failed,
        ])
    }

    fn any_world() -> impl Strategy<Value = World> {
        let address = || any_outcome(RData::A(A::new(192, 0, 2, 1)));
        let service = |target| any_outcome(srv(target));
        let targets = prop::array::uniform3(0..3_usize);
        let services = targets.prop_flat_map(move |targets| (Just(targets), targets.map(service)));
        let dnssec = select(vec![Dnssec::Unknown, Dnssec::Unknown, Dnssec::Secure]);
        let bits = (any::<[bool; 4]>(), any::<bool>(), any::<[bool; 3]>(), any::<[bool; 2]>());
        (services, prop::array::uniform3(address()), dnssec, bits).prop_map(
            |((targets, services), hosts, dnssec, (who, is_all, carries, [alias, backwards]))| {
                World {
                    targets,
                    services,
                    hosts,
                    authoritative: if is_all { [true; 4] } else { who },
                    dnssec,
                    carries,
                    is_alias: alias,
                    is_backwards: backwards,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn whatever_stands_beside_answers_the_same_is_observed_in_any_order(world in any_world()) {
            let (asked, observed) = world.observe(true);
            let (all, plain) = world.observe(false);
            prop_assert_eq!(observed, plain);
            prop_assert!(asked.iter().all(|asked| all.contains(asked)));
            let other = World { is_backwards: !world.is_backwards, ..world };
            prop_assert_eq!(other.observe(true).0, asked);
        }
    }
}
