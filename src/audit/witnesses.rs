//! Who was asked, and who of them answered at all.

use hickory_proto::rr::{RData, RecordType};

use super::verdict::Witness;
use crate::answer::{Failure, Outcome, Question, Sight, Vantage};
use crate::inquiry::{Observed, Views};

/// The views of a domain, told apart by whether they show anything.
pub(super) struct Witnesses<'a> {
    pub(super) sight: &'a Sight,
    /// In the order of the vantages.
    pub(super) all: Vec<Seen<'a>>,
}

/// One view.
pub(super) struct Seen<'a> {
    pub(super) vantage: &'a Vantage,
    pub(super) observed: &'a Observed,
    /// The questions that were this vantage's to answer, and were not answered.
    pub(super) failed: Vec<(Question, Failure)>,
    /// How many questions were its to answer.
    pub(super) asked: usize,
    /// What it says of the zone itself.
    pub(super) serial: Option<Serial>,
}

/// The numbers of an SOA record that tell how changes spread (RFC 1035 §3.3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Serial {
    pub(super) number: u32,
    /// How often a secondary server asks for it, in seconds.
    pub(super) refresh: i32,
}

impl<'a> Witnesses<'a> {
    pub(super) fn of(sight: &'a Sight, views: &'a Views) -> Self {
        let all = views.seen().map(|(vantage, observed)| Seen::of(sight, vantage, observed));
        Self { sight, all: all.collect() }
    }

    /// The views that show anything, be it that nothing validates.
    pub(super) fn judged(&self) -> impl Iterator<Item = (&'a Vantage, &'a Observed)> {
        let judged = self.all.iter().filter(|seen| !seen.is_silent() || seen.is_bogus());
        judged.map(|seen| (seen.vantage, seen.observed))
    }

    pub(super) fn heard(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.all.iter().filter(|seen| !seen.is_silent())
    }

    /// Whether anybody answered a question.
    pub(super) fn is_answered(&self, question: &Question) -> bool {
        self.all.iter().any(|seen| seen.observed.is_answered(question))
    }

    pub(super) fn into_all(self) -> Vec<Witness> {
        let witness = |seen: Seen<'_>| Witness {
            failure: seen.failure(),
            vantage: seen.vantage.clone(),
            serial: seen.serial.map(|serial| serial.number),
        };
        self.all.into_iter().map(witness).collect()
    }
}

impl<'a> Seen<'a> {
    fn of(sight: &'a Sight, vantage: &'a Vantage, observed: &'a Observed) -> Self {
        let mut seen = Self {
            vantage,
            observed,
            failed: Vec::new(),
            asked: 0,
            serial: serial(sight, observed),
        };
        for (question, answer) in observed.answers().filter(|(it, _)| sight.covers(&it.name)) {
            match answer.outcome {
                // It was never put on its way.
                Outcome::Failed(Failure::NotAsked) => continue,
                // It answered by a referral; others failed.
                Outcome::Failed(Failure::Delegated) => {}
                Outcome::Failed(Failure::ChainTooLong) => {}
                Outcome::Failed(failure) => seen.failed.push((question, failure)),
                Outcome::Records { .. } | Outcome::NoData | Outcome::NxDomain => {}
            }
            seen.asked += 1;
        }
        seen
    }

    /// Whether it answered nothing at all.
    pub(super) fn is_silent(&self) -> bool {
        self.failed.len() == self.asked
    }

    /// Whether it withholds answers because they do not validate: it is well, and the data are not.
    pub(super) fn is_bogus(&self) -> bool {
        self.observed.bogus().next().is_some()
    }

    /// Why it answered nothing at all: the first reason, since one who is silent has one.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failed.first().filter(|_| self.is_silent()).map(|(_, failure)| *failure)
    }
}

fn serial(sight: &Sight, observed: &Observed) -> Option<Serial> {
    let data = observed.heard(&sight.zone, RecordType::SOA).rdatas();
    match data.as_slice() {
        [RData::SOA(soa)] => Some(Serial { number: soa.serial, refresh: soa.refresh }),
        _ => None,
    }
}
