//! Below a name that does not exist, nothing does (RFC 8020 §2).
//!
//! Where `_tcp` does not exist, and the first service record that should stand below it does not either,
//! the other names below it need not be asked for. That holds as long as the server does not deny names
//! with others below them, which some do: who cuts off many domains so is to ask some of them in full,
//! and to look at each for [a contradiction](Observed::contradicts_the_cut).

use hickory_proto::rr::RecordType;

use super::observed::{BELOW_NOTHING, HELD, NONE, Observed, Role, Slot, State};
use super::{Inquiry, Known};
use crate::answer::Dnssec;

/// Whether names below `_tcp` are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cuts {
    Never,
    /// From the first question on.
    Later,
    Now,
}

impl Inquiry {
    /// Asks for no other names below `_tcp` where that, and the first of them that is planned, do not
    /// exist (RFC 8020 §2).
    #[must_use]
    pub fn with_tcp_cut(self) -> Self {
        Self { cuts: Cuts::Later, ..self }
    }

    /// Holds back all that stands below `_tcp` but the first that is planned. What is sought is known
    /// then.
    pub(super) fn begin_cutting(&mut self) {
        if self.cuts != Cuts::Later {
            return;
        }
        self.cuts = Cuts::Now;
        let Some(first) = self.observed.first_planned() else { return };
        for at in 0..self.observed.slots.len() {
            let slot = self.observed.slots[at];
            if at != first && self.observed.is_service(&slot) {
                self.observed.slots[at].flags |= HELD;
            }
        }
        self.ask_tcp_node();
    }
}

impl Observed {
    /// Whether names below `_tcp` were not asked for, because that does not exist.
    pub fn is_cut(&self) -> bool {
        self.slots.iter().any(|slot| slot.has(BELOW_NOTHING))
    }

    /// Whether `_tcp` is denied, and something stands below it: who says so denies names that exist, and
    /// what it denies says nothing of the names below.
    pub fn contradicts_the_cut(&self) -> bool {
        let is_something = |slot: &Slot| slot.state == State::Records || slot.aliases > 0;
        self.tcp_node().is_some_and(|node| node.state == State::NxDomain)
            && self.slots.iter().any(|slot| self.is_service(slot) && is_something(slot))
    }

    /// The answer to a question for a name below `_tcp`, where the two that tell are denied.
    pub(super) fn is_cut_off(&self) -> Known {
        let first = self.first_planned().map(|at| &self.slots[at]);
        let Some((first, node)) = first.zip(self.tcp_node()) else { return Known::Nothing };
        let told = [first, node];
        let is_denied = |slot: &&Slot| {
            slot.state == State::NxDomain
                && slot.aliases == 0
                && matches!(slot.rcode, 3 | NONE)
                && slot.dnssec != Dnssec::Bogus
                && self.referred.as_ref().is_none_or(|referred| !referred.holds(slot.owner))
        };
        let answered = |slot: &&&Slot| slot.state != State::Open;
        if !told.iter().filter(answered).all(is_denied) {
            return Known::Nothing;
        }
        if told.iter().any(|slot| slot.state == State::Open) {
            return Known::Later;
        }
        let [first, node] = told.map(|slot| self.answer(slot));
        match (first.dnssec, first.validated) == (node.dnssec, node.validated) {
            true => Known::All(Box::new(first), BELOW_NOTHING),
            false => Known::Nothing,
        }
    }

    /// The first service record that should stand below `_tcp`.
    fn first_planned(&self) -> Option<usize> {
        let is_planned =
            |slot: &Slot| matches!(slot.role, Role::Records(_)) && self.is_service(slot);
        self.slots.iter().position(is_planned)
    }

    fn is_service(&self, slot: &Slot) -> bool {
        slot.rtype() == RecordType::SRV && self.is_below_tcp(slot)
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::SRV;
    use hickory_proto::rr::{Name, RData};

    use super::*;
    use crate::answer::{Answer, Failure, Outcome};
    use crate::inquiry::tests::finish;
    use crate::inquiry::{Said, Wanted};

    const LABELS: [&str; 3] = ["_imaps", "_imap", "_pop3s"];

    fn owner(label: &str) -> Name {
        Name::from_ascii(format!("{label}._tcp.d.test.")).unwrap()
    }

    fn srv() -> RData {
        RData::SRV(SRV::new(0, 1, 993, Name::from_ascii("mail.d.test.").unwrap()))
    }

    /// The labels below `_tcp` that are asked for where `_tcp`, the first of them and the others are
    /// answered so; and what was heard in the end.
    fn asked(told: [Outcome; 3], is_backwards: bool) -> (Vec<&'static str>, Observed) {
        let [node, first, others] = told.map(Answer::plain);
        let mut inquiry = Inquiry::new("d.test".parse().unwrap()).with_tcp_cut();
        for label in LABELS {
            inquiry.seek(&owner(label), RecordType::SRV, Wanted::Records(&[srv()]));
        }
        let mut asked = Vec::new();
        let observed = finish(inquiry, is_backwards, |question| {
            let label = LABELS.into_iter().find(|label| owner(label) == question.name);
            asked.extend(label);
            match label {
                Some("_imaps") => first.clone(),
                Some(_) => others.clone(),
                None if question.name.to_ascii() == "_tcp.d.test." => node.clone(),
                None => Answer::plain(Outcome::NoData),
            }
        });
        asked.sort_by_key(|label| LABELS.iter().position(|known| known == label));
        (asked, observed)
    }

    #[track_caller]
    fn check(told: &[Outcome; 3], is_cut: bool, contradicts: bool) {
        for is_backwards in [false, true] {
            let (asked, observed) = asked(told.clone(), is_backwards);
            let expected = if is_cut { &LABELS[..1] } else { &LABELS };
            assert_eq!(asked, expected, "{told:?}");
            assert_eq!(observed.is_cut(), is_cut);
            assert_eq!(observed.contradicts_the_cut(), contradicts, "{told:?}");
            if is_cut {
                let heard = observed.heard(&owner("_pop3s"), RecordType::SRV);
                assert_eq!(heard.said(), Said::NxDomain);
            }
        }
    }

    fn records() -> Outcome {
        Outcome::Records { ttl: 60, data: vec![srv()] }
    }

    #[test]
    fn where_tcp_and_the_first_name_below_it_do_not_exist_no_other_is_asked_for() {
        check(&[Outcome::NxDomain, Outcome::NxDomain, records()], true, false);
    }

    #[test]
    fn all_are_asked_for_where_anything_else_is_said_of_either() {
        let failed = Outcome::Failed(Failure::ServFail);
        for other in [Outcome::NoData, failed] {
            check(&[other.clone(), Outcome::NxDomain, records()], false, false);
            check(&[Outcome::NxDomain, other.clone(), other], false, false);
        }
    }

    #[test]
    fn what_stands_below_a_name_that_is_denied_contradicts_the_cut() {
        check(&[Outcome::NxDomain, records(), Outcome::NxDomain], false, true);
        check(&[Outcome::NxDomain, Outcome::NoData, records()], false, true);
        check(&[Outcome::NoData, records(), records()], false, false);
    }
}
