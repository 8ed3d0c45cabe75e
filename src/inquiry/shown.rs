//! What need not be asked, because the answer for an alias shows it.
//!
//! The answer for an alias has the RRset at its end. So where a planned alias leads to a host whose
//! addresses are worth asking for, those of one family are known. What is shown must be all that an
//! answer for the host would say to a judgment; else the host is asked for.
//!
//! A question that may be spared so is held back until the answers for the aliases are there: what is
//! asked does not depend on their order.

use hickory_proto::rr::RecordType;

use super::names::NameId;
use super::observed::{
    AUTHORITATIVE, Datum, NONE, Observed, PARTIAL, Role, Slot, State, UNEVEN_TTLS,
};
use super::{Inquiry, Known};
use crate::answer::{Answer, Dnssec};

impl Inquiry {
    /// Whether answers to come may show what is asked for in a role.
    pub(super) fn may_be_shown(&self, owner: NameId, rtype: RecordType, role: Role) -> bool {
        // What is sought is compared with the plan, TTL and all, and is asked for itself.
        self.spares
            && matches!(role, Role::Evidence | Role::End)
            && self.observed.aliases_of(owner, rtype).next().is_some()
    }
}

impl Observed {
    /// The questions for the planned aliases of a host.
    fn aliases_of(&self, host: NameId, rtype: RecordType) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| {
            slot.role == Role::Alias(host) && slot.rtype() == rtype && slot.owner != host
        })
    }

    /// The answer to a question for a host, as the answer for one of its aliases shows it.
    pub(super) fn is_shown(&self, slot: &Slot) -> Known {
        let aliases = || self.aliases_of(slot.owner, slot.rtype());
        if aliases().any(|alias| alias.state == State::Open) {
            return Known::Later;
        }
        let alias = aliases().find(|alias| self.shows(alias, slot.owner));
        alias.map_or(Known::Nothing, |alias| {
            let answer = Answer { chain: Vec::new(), ..self.answer(alias) };
            Known::All(Box::new(answer), 0)
        })
    }

    /// Whether an answer for an alias says of the host all that an answer for the host would.
    fn shows(&self, alias: &Slot, host: NameId) -> bool {
        let last = alias.alias_range().next_back().map(|last| self.data[last]);
        matches!(last, Some(Datum::Alias(end)) if end == host)
            && alias.state == State::Records
            && !alias.has(PARTIAL | UNEVEN_TTLS)
            && matches!(alias.rcode, 0 | NONE)
            && alias.extended == NONE
            && [Some(alias.dnssec), alias.validated]
                .into_iter()
                .flatten()
                .all(|state| self.is_of_the_end(alias, host, state))
            && self.is_own(alias, host)
    }

    /// Whether what is said of DNSSEC holds for the end of the chain. All of a secure answer is secure;
    /// one that is not may be so for another link, unless the host lies in the zone of the alias or below
    /// it.
    fn is_of_the_end(&self, alias: &Slot, host: NameId, state: Dnssec) -> bool {
        match state {
            Dnssec::Secure | Dnssec::Unknown => true,
            Dnssec::Insecure => {
                let above = self.names.name(alias.owner).base_name();
                alias.aliases == 1 && above.zone_of(&self.names.name(host))
            }
            Dnssec::Bogus => false,
        }
    }

    /// Whether who answered for the alias would answer for the host, too: the AA bit is about the first
    /// name of a chain (RFC 1035 §4.1.1), and servers of a zone below are asked in place of others.
    fn is_own(&self, alias: &Slot, host: NameId) -> bool {
        let is_own = !alias.has(AUTHORITATIVE) || self.names.prefix(host).is_some();
        is_own && self.referred.as_ref().is_none_or(|referred| !referred.holds(alias.owner))
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, SRV};
    use hickory_proto::rr::{Name, RData};

    use super::*;
    use crate::answer::{Failure, Outcome};
    use crate::inquiry::Wanted;
    use crate::inquiry::tests::finish;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn srv(host: &str) -> RData {
        RData::SRV(SRV::new(0, 1, 993, name(host)))
    }

    fn a(octet: u8) -> RData {
        RData::A(A::new(192, 0, 2, octet))
    }

    fn records(data: RData) -> Answer {
        Answer::plain(Outcome::Records { ttl: 60, data: vec![data] })
    }

    /// The answer for an alias with these canonical names.
    fn behind(chain: &[&str]) -> Answer {
        Answer { chain: chain.iter().map(|to| name(to)).collect(), ..records(a(1)) }
    }

    /// Asks about an alias and an SRV record of one host, and takes the answer that comes last first or
    /// not. Whether the host was asked for, and what was heard of it.
    fn asked_for(host: &str, alias: &Answer, is_backwards: bool) -> (bool, Vec<RData>) {
        let mut inquiry = Inquiry::new("d.test".parse().unwrap());
        let (host, wanted) = (name(host), [srv(host)]);
        inquiry.seek(&name("_imaps._tcp.d.test."), RecordType::SRV, Wanted::Records(&wanted));
        inquiry.seek(&name("autoconfig.d.test."), RecordType::A, Wanted::Alias(&host));
        let mut is_asked = false;
        let observed = finish(inquiry, is_backwards, |question| {
            let is_host = question.name == host && question.rtype == RecordType::A;
            is_asked |= is_host;
            match question.rtype {
                RecordType::SRV => records(wanted[0].clone()),
                RecordType::A if is_host => records(a(2)),
                RecordType::A if question.name == name("autoconfig.d.test.") => alias.clone(),
                _ => Answer::plain(Outcome::NoData),
            }
        });
        assert_eq!(observed.unanswered().next(), None);
        (is_asked, observed.heard(&host, RecordType::A).rdatas())
    }

    #[track_caller]
    fn check(host: &str, alias: &Answer, is_shown: bool) {
        for is_backwards in [false, true] {
            let seen = if is_shown { a(1) } else { a(2) };
            let heard = asked_for(host, alias, is_backwards);
            assert_eq!(heard, (!is_shown, vec![seen]), "{is_backwards} {alias:?}");
        }
    }

    const OWN: &str = "mail.d.test.";
    const OTHER: &str = "server1.example.";

    #[test]
    fn the_end_of_an_alias_is_not_asked_for_again() {
        for host in [OWN, OTHER] {
            check(host, &behind(&[host]), true);
            check(host, &behind(&["web.d.test.", host]), true);
            for rcode in [Some(0), Some(3)] {
                check(host, &Answer { rcode, ..behind(&[host]) }, rcode == Some(0));
            }
        }
    }

    #[test]
    fn what_stands_elsewhere_or_behind_the_host_is_no_answer_for_it() {
        check(OWN, &behind(&["web.d.test."]), false);
        check(OWN, &behind(&[OWN, "web.d.test."]), false);
        check(OWN, &Answer { outcome: Outcome::NoData, ..behind(&[OWN]) }, false);
        check(OWN, &Answer { uneven_ttls: true, ..behind(&[OWN]) }, false);
        check(OWN, &Answer { extended: vec![3], ..behind(&[OWN]) }, false);
    }

    #[test]
    fn what_is_secure_is_so_to_its_end_and_what_is_not_may_be_so_for_another_link() {
        let says = |dnssec, chain: &[&str]| Answer { dnssec, ..behind(chain) };
        for host in [OWN, OTHER] {
            check(host, &says(Dnssec::Secure, &[host]), true);
            check(host, &says(Dnssec::Bogus, &[host]), false);
            check(host, &says(Dnssec::Insecure, &[host]), host == OWN);
            let validated = Some(Dnssec::Insecure);
            check(host, &Answer { validated, ..behind(&[host]) }, host == OWN);
        }
        check(OWN, &says(Dnssec::Insecure, &["web.example.", OWN]), false);
    }

    #[test]
    fn a_server_that_speaks_for_the_alias_need_not_speak_for_a_host_elsewhere() {
        for host in [OWN, OTHER] {
            check(host, &Answer { authoritative: true, ..behind(&[host]) }, host == OWN);
        }
    }

    #[test]
    fn whoever_asks_in_full_asks_for_the_host_itself() {
        let host = name(OWN);
        let mut inquiry = Inquiry::new("d.test".parse().unwrap()).without_sparing();
        inquiry.seek(&name("autoconfig.d.test."), RecordType::A, Wanted::Alias(&host));
        inquiry.seek(&name("_imaps._tcp.d.test."), RecordType::SRV, Wanted::Anything);
        inquiry.seek(&name("d.test."), RecordType::MX, Wanted::Anything);
        let mut asked = 0;
        while let Some(ticket) = inquiry.poll() {
            let question = inquiry.question(ticket);
            asked += usize::from(question.name == host);
            inquiry.answer(
                ticket,
                match question.rtype {
                    RecordType::A => behind(&[OWN]),
                    RecordType::MX => {
                        let mx = hickory_proto::rr::rdata::MX::new(1, host.clone());
                        records(RData::MX(mx))
                    }
                    _ => Answer::plain(Outcome::Failed(Failure::Timeout)),
                },
            );
        }
        assert_eq!(asked, 1);
    }
}
