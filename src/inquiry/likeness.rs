//! What can be told from the answers about a mail domain, with the mail domain left out.
//!
//! Two mail domains whose answers are alike in this sense are judged alike, wherever their plans are.
//! What is written down is what a judgment reads, and never less: it may tell apart what a judgment
//! does not, which costs a judgment, and must not do the reverse.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};

use super::Inquiry;
use super::names::NameId;
use super::observed::{ASKED, AUTHORITATIVE, Datum, Observed, Role, Slot, State};
use crate::answer::{Dnssec, Failure};
use crate::name::MailDomain;
use crate::zonefile::rdata;

impl Inquiry {
    /// The same inquiry about another mail domain: every name in the mail domain that it was begun for
    /// is that in this one, and all others are the same.
    ///
    /// It must not have begun, and none of the other names may lie in this mail domain.
    #[must_use]
    pub fn about(&self, domain: MailDomain) -> Self {
        let mut other = self.clone();
        other.observed.names.move_to(domain);
        other
    }
}

/// The octets that say what was observed of a mail domain.
#[derive(Debug, Default)]
pub struct Likeness {
    octets: Vec<u8>,
    /// The addresses met so far, each once.
    addresses: Vec<IpAddr>,
    /// Whether which addresses they are says anything, and not only which of them are the same.
    spells_addresses: bool,
    /// Whether all is written that a report tells, and not only what a judgment reads.
    is_of_reports: bool,
}

impl Likeness {
    /// Begins; addresses are spelled out where a plan has any, since they are compared with them.
    pub fn new(spells_addresses: bool) -> Self {
        Self { spells_addresses, ..Self::default() }
    }

    /// What a report tells of it, and a judgment reads: what stands above the mail domain as well, so
    /// that those of which the same is written stand beside each other. With it the addresses that
    /// were met, each once, where nothing is written but which are equal.
    ///
    /// None where [`Likeness::of`] has none, and where addresses have an order.
    pub fn of_report(&mut self, observed: &Observed) -> Option<(&[u8], &[IpAddr])> {
        let is_address = |slot: &Slot| matches!(slot.rtype(), RecordType::A | RecordType::AAAA);
        let has_order = |slot: &Slot| is_address(slot) && slot.records > 1;
        if !self.spells_addresses && observed.slots.iter().any(has_order) {
            return None;
        }
        self.is_of_reports = true;
        let is_told = self.of(observed).is_some();
        self.is_of_reports = false;
        if !is_told {
            return None;
        }
        let (_, above) = observed.domain().as_str().split_once('.')?;
        self.push_octets(above.as_bytes());
        if self.spells_addresses {
            self.addresses.clear();
        }
        Some((&self.octets, &self.addresses))
    }

    /// Reads what was observed; None where that cannot be told without the mail domain, or where
    /// something is open.
    pub fn of(&mut self, observed: &Observed) -> Option<&[u8]> {
        let is_plain = observed.hidden.is_empty()
            && observed.skipped.is_none()
            && observed.referred.is_none()
            && !observed.names.repeat_the_domain();
        if !is_plain {
            return None;
        }
        self.octets.clear();
        self.addresses.clear();
        self.octets.push(u8::from(observed.is_probed));
        for slot in &observed.slots {
            self.push_slot(observed, slot)?;
        }
        Some(&self.octets)
    }

    fn push_slot(&mut self, observed: &Observed, slot: &Slot) -> Option<()> {
        let state = match slot.state {
            State::Records => 0,
            State::NoData => 1,
            State::NxDomain => 2,
            State::Failed(Failure::OutsideZone) => 3,
            State::Failed(_) | State::Open => return None,
        };
        let role = match slot.role {
            // What is wanted follows from the plan.
            Role::Records(_) => 0,
            Role::Denied(_) => 1,
            Role::Alias(_) => 2,
            Role::End => 3,
            Role::Evidence => 4,
            // It says nothing to a judgment, and is about other names than the inquiry; or it is held
            // against what is no answer of DNS.
            Role::Aside | Role::Association => return None,
        };
        if slot.dnssec == Dnssec::Bogus || slot.validated.is_some() {
            return None;
        }
        self.octets.extend([state, role, slot.dnssec as u8, slot.flags & !ASKED, slot.aliases]);
        self.octets.push(slot.records);
        for number in [slot.rtype().into(), slot.rcode, slot.extended] {
            self.push_u16(number);
        }
        self.push_name(observed, slot.owner);
        if let Role::Alias(host) = slot.role {
            self.push_name(observed, host);
        }
        if let Some(by) = observed.validator(slot) {
            self.push_octets(by.as_bytes());
        }
        // In a cache it counts down and says nothing.
        if slot.has(AUTHORITATIVE) && slot.state == State::Records {
            self.octets.extend(slot.ttl.to_be_bytes());
        }
        for alias in observed.aliases(slot) {
            self.push_name(observed, alias);
        }
        self.push_records(observed, slot)
    }

    fn push_records(&mut self, observed: &Observed, slot: &Slot) -> Option<()> {
        if slot.rtype() == RecordType::SOA && slot.state == State::Records {
            // The serial and the names of an SOA record are those of the zone.
            for data in observed.rdatas(slot) {
                let RData::SOA(soa) = &data else { return None };
                self.octets.extend(soa.minimum.to_be_bytes());
                if self.is_of_reports {
                    self.push_octets(rdata(&data).as_bytes());
                }
            }
            return Some(());
        }
        let records = &observed.data[slot.record_range()];
        if let [record] = records {
            self.push_record(observed, *record);
            return Some(());
        }
        // Servers rotate what they send.
        let start = self.octets.len();
        let mut each: Vec<Vec<u8>> = Vec::with_capacity(records.len());
        let mut addresses: Vec<Datum> = Vec::new();
        for record in records {
            match record {
                Datum::A(_) | Datum::Aaaa(_) => addresses.push(*record),
                _ => {
                    self.push_record(observed, *record);
                    each.push(self.octets.split_off(start));
                }
            }
        }
        each.sort();
        each.iter().for_each(|octets| self.octets.extend(octets));
        addresses.sort_by_key(address);
        addresses.iter().for_each(|record| self.push_record(observed, *record));
        Some(())
    }

    fn push_record(&mut self, observed: &Observed, record: Datum) {
        match record {
            Datum::Alias(name) => self.push_name(observed, name),
            Datum::Srv { priority, weight, port, target } => {
                for number in [priority, weight, port] {
                    self.push_u16(number);
                }
                self.push_name(observed, target);
            }
            Datum::Mx { preference, exchange } => {
                self.push_u16(preference);
                self.push_name(observed, exchange);
            }
            Datum::A(address) => self.push_address(address.into()),
            Datum::Aaaa(address) => self.push_address(address.into()),
            Datum::Other { start, length } => {
                self.push_octets(observed.names.kept(start, length));
            }
        }
    }

    fn push_u16(&mut self, number: u16) {
        self.octets.extend(number.to_be_bytes());
    }

    fn push_octets(&mut self, octets: &[u8]) {
        self.octets.extend((octets.len() as u64).to_be_bytes());
        self.octets.extend(octets);
    }

    fn push_name(&mut self, observed: &Observed, name: NameId) {
        let (times, labels) = observed.names.spelled(name);
        self.octets.extend([times, labels.len() as u8]);
        self.octets.extend(labels);
    }

    /// Which of the addresses met so far it is; no rule asks for more of the address of a host.
    fn push_address(&mut self, address: IpAddr) {
        if self.spells_addresses {
            self.push_octets(address.to_string().as_bytes());
        }
        let known = self.addresses.iter().position(|known| *known == address);
        let at = known.unwrap_or_else(|| {
            self.addresses.push(address);
            self.addresses.len() - 1
        });
        self.octets.extend((at as u64).to_be_bytes());
    }
}

/// The address of a record that has one.
fn address(record: &Datum) -> Option<IpAddr> {
    match *record {
        Datum::A(address) => Some(address.into()),
        Datum::Aaaa(address) => Some(address.into()),
        Datum::Alias(_) | Datum::Srv { .. } | Datum::Mx { .. } | Datum::Other { .. } => None,
    }
}

impl Observed {
    /// Every name outside the mail domain that the inquiry mentions, but for the root.
    pub fn outside(&self) -> impl Iterator<Item = Name> {
        self.names.outside()
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, MX, SOA};

    use super::*;
    use crate::answer::{Answer, Outcome};
    use crate::inquiry::Wanted;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    /// An inquiry about a domain, in whose names `@` stands for it.
    struct Told<'a> {
        domain: &'a str,
        answers: &'a [(&'a str, RecordType, Answer)],
    }

    impl Told<'_> {
        fn observed(&self) -> Observed {
            let mut inquiry = Inquiry::new(self.domain.parse().unwrap());
            for (owner, rtype, _) in self.answers {
                let owner = name(&owner.replace('@', self.domain));
                inquiry.seek(&owner, *rtype, Wanted::Anything);
            }
            let mut answers = self.answers.iter().map(|(_, _, answer)| answer.clone());
            while let Some(ticket) = inquiry.poll() {
                let raised = || Answer::plain(Outcome::NoData);
                inquiry.answer(ticket, answers.next().unwrap_or_else(raised));
            }
            inquiry.into_observed()
        }

        fn likeness(&self, spells_addresses: bool) -> Option<Vec<u8>> {
            Likeness::new(spells_addresses).of(&self.observed()).map(<[u8]>::to_vec)
        }
    }

    fn records(ttl: u32, data: impl IntoIterator<Item = RData>) -> Answer {
        Answer::plain(Outcome::Records { ttl, data: data.into_iter().collect() })
    }

    fn a(octet: u8) -> RData {
        RData::A(A::new(192, 0, 2, octet))
    }

    fn mx(preference: u16, host: &str) -> RData {
        RData::MX(MX::new(preference, name(host)))
    }

    /// Whether what is told of one domain is like what is told of another.
    #[track_caller]
    fn check(
        one: &[(&str, RecordType, Answer)],
        other: &[(&str, RecordType, Answer)],
        alike: bool,
    ) {
        let [one, other] = [("a.test", one), ("longer.b.test", other)]
            .map(|(domain, answers)| Told { domain, answers }.likeness(false).unwrap());
        assert_eq!(one == other, alike);
    }

    #[test]
    fn the_mail_domain_the_time_left_and_the_order_say_nothing() {
        let told = |answer| [("@.", RecordType::MX, answer)];
        let own =
            |domain: &str| records(60, [mx(1, &format!("mx.{domain}.")), mx(2, "mx.example.")]);
        check(&told(own("a.test")), &told(own("longer.b.test")), true);
        check(&told(own("a.test")), &told(own("c.test")), false);
        let two = |ttl, first, second| records(ttl, [mx(1, first), mx(1, second)]);
        check(
            &told(two(9, "a.example.", "b.example.")),
            &told(two(7, "b.example.", "a.example.")),
            true,
        );
        let authoritative =
            |ttl| Answer { authoritative: true, ..records(ttl, [mx(1, "a.example.")]) };
        check(&told(authoritative(9)), &told(authoritative(9)), true);
        check(&told(authoritative(9)), &told(authoritative(7)), false);
        check(&told(authoritative(9)), &told(records(9, [mx(1, "a.example.")])), false);
        check(
            &told(Answer::plain(Outcome::NoData)),
            &told(Answer::plain(Outcome::NxDomain)),
            false,
        );
    }

    #[test]
    fn a_mail_domain_that_stands_twice_says_nothing_either() {
        let told = |host: &str| {
            [("x.@.@.", RecordType::MX, records(60, [mx(1, host), mx(2, "mx.example.")]))]
        };
        check(&told("y.a.test.a.test."), &told("y.longer.b.test.longer.b.test."), true);
        check(&told("y.a.test.a.test."), &told("y.longer.b.test."), false);
        check(&told("y.a.test.a.test."), &told("y.a.test.longer.b.test."), false);
    }

    #[test]
    fn of_addresses_it_says_something_which_are_the_same_and_where_they_are_planned_which_they_are()
    {
        let told = |one, other: u8| {
            [
                ("a.@.", RecordType::A, records(60, one)),
                ("b.@.", RecordType::A, records(60, [a(other)])),
            ]
        };
        check(&told(vec![a(1)], 1), &told(vec![a(9)], 9), true);
        check(&told(vec![a(1)], 1), &told(vec![a(1)], 2), false);
        check(&told(vec![a(1), a(2)], 1), &told(vec![a(2), a(1)], 1), true);
        check(&told(vec![a(1), a(2)], 1), &told(vec![a(1)], 1), false);
        let spelled = |octet: u8| {
            let answers = [("a.@.", RecordType::A, records(60, [a(octet)]))];
            Told { domain: "a.test", answers: &answers }.likeness(true)
        };
        assert_ne!(spelled(1), spelled(2));
    }

    #[test]
    fn of_an_soa_record_the_negative_ttl_alone_says_something() {
        let soa = |host: &str, serial, minimum| {
            let soa = SOA::new(name(host), name(host), serial, 1, 1, 1, minimum);
            let told = records(60, [RData::SOA(soa)]);
            [("@.", RecordType::SOA, told)]
        };
        check(&soa("ns.a.test.", 1, 300), &soa("ns.b.test.", 2, 300), true);
        check(&soa("ns.a.test.", 1, 300), &soa("ns.a.test.", 1, 301), false);
    }

    #[test]
    fn what_is_open_or_spells_the_mail_domain_where_it_is_not_left_out_is_like_nothing() {
        for (owner, answer, expected) in [
            ("x.@.", Answer::plain(Outcome::NoData), true),
            ("x.@.@.", Answer::plain(Outcome::NoData), true),
            ("x.@.@.@.", Answer::plain(Outcome::NoData), false),
            ("x.@.y.@.", Answer::plain(Outcome::NoData), false),
            ("x.@.", Answer::plain(Outcome::Failed(Failure::Timeout)), false),
            ("x.@.", Answer::plain(Outcome::Failed(Failure::OutsideZone)), true),
            ("x.@.", Answer { dnssec: Dnssec::Bogus, ..Answer::plain(Outcome::NoData) }, false),
            ("x.@.", Answer { dnssec: Dnssec::Secure, ..Answer::plain(Outcome::NoData) }, true),
        ] {
            let answers = [(owner, RecordType::A, answer)];
            let likeness = Told { domain: "a.test", answers: &answers }.likeness(false);
            assert_eq!(likeness.is_some(), expected, "{answers:?}");
        }
    }
}
