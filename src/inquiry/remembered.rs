//! How long a resolver goes on saying what it said.

use super::observed::{AS_WANTED, AUTHORITATIVE, Observed, Role, Slot, State};

impl Observed {
    /// How long caches remember what is not as planned, in seconds; None where nothing tells.
    ///
    /// That is the longest time that remains of what is missing (RFC 2308 §5) or wrong: asked again
    /// before, a resolver says the same. What the servers of the zone say is remembered by nobody.
    pub fn remembered(&self) -> Option<u32> {
        let is_cached = |slot: &&Slot| !slot.has(AUTHORITATIVE) && slot.ttl > 0;
        let wrong = self.slots.iter().filter(|slot| self.is_amiss(slot));
        wrong.filter(is_cached).map(|slot| slot.ttl).max()
    }

    /// Whether an answer is another one than the plan wants. Addresses of hosts, and what helps to
    /// understand other answers, are nothing that it wants in so many words.
    fn is_amiss(&self, slot: &Slot) -> bool {
        let is_something = slot.state == State::Records || slot.aliases > 0;
        match slot.role {
            Role::Records(_) => (is_something || slot.is_absent()) && !slot.has(AS_WANTED),
            Role::Denied(_) => is_something && !slot.has(AS_WANTED),
            Role::Alias(host) => {
                (is_something || slot.is_absent()) && !self.aliases(slot).any(|alias| alias == host)
            }
            Role::End => slot.is_absent(),
            Role::Evidence | Role::Aside | Role::Association => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::SRV;
    use hickory_proto::rr::{Name, RData, RecordType};

    use crate::answer::{Answer, Outcome};
    use crate::inquiry::{Inquiry, Wanted};

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn srv(target: &str) -> RData {
        RData::SRV(SRV::new(0, 1, 993, name(target)))
    }

    fn absent(seconds: u32, authoritative: bool) -> Answer {
        Answer { negative_ttl: Some(seconds), authoritative, ..Answer::plain(Outcome::NxDomain) }
    }

    fn records(seconds: u32, target: &str) -> Answer {
        Answer::plain(Outcome::Records { ttl: seconds, data: vec![srv(target)] })
    }

    /// What is said of the records that are wanted, and of what is evidence.
    #[track_caller]
    fn check(wanted: Answer, evidence: Answer, expected: Option<u32>) {
        let mut inquiry = Inquiry::new("d.test".parse().unwrap());
        let planned = [srv("mail.d.test.")];
        inquiry.seek(&name("_imaps._tcp.d.test."), RecordType::SRV, Wanted::Records(&planned));
        inquiry.seek(&name("_smtps._tcp.d.test."), RecordType::SRV, Wanted::Anything);
        let mut answers = [wanted, evidence].into_iter();
        while let Some(ticket) = inquiry.poll() {
            let nothing = || Answer::plain(Outcome::NoData);
            inquiry.answer(ticket, answers.next().unwrap_or_else(nothing));
        }
        assert_eq!(inquiry.into_observed().remembered(), expected);
    }

    #[test]
    fn what_is_missing_is_remembered_for_the_time_that_the_zone_says() {
        check(absent(300, false), absent(900, false), Some(300));
        check(absent(0, false), absent(900, false), None);
    }

    #[test]
    fn what_the_servers_of_the_zone_say_is_not_remembered() {
        check(absent(300, true), absent(900, true), None);
    }

    #[test]
    fn what_is_wrong_is_remembered_and_what_is_right_is_no_matter() {
        check(records(60, "old.d.test."), absent(900, false), Some(60));
        check(records(60, "mail.d.test."), absent(900, false), None);
    }
}
