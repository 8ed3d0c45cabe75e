//! Who was asked, and who of them answered at all.

use hickory_proto::rr::{Name, RData, RecordType};

use super::verdict::Witness;
use crate::answer::{Failure, Outcome, Question, Sight, Vantage};
use crate::inquiry::{Observed, Views};

/// Those who are asked for one zone: that of the domain or one below it, or everything, of resolvers.
pub(super) struct Scope<'a> {
    pub(super) sight: &'a Sight,
    /// Whether the zone lies below that of the domain.
    is_below: bool,
    /// The zones below it.
    below: Vec<&'a Sight>,
}

/// Whose a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// That of who was asked.
    Own,
    /// That of a zone below to which who was asked pointed.
    Referred,
    /// Who was asked speaks for another zone there, or for none.
    Others,
}

/// The views of a zone, told apart by whether they show anything.
pub(super) struct Witnesses<'a> {
    pub(super) scope: Scope<'a>,
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

impl Scope<'_> {
    /// Whose a question is that was asked from a vantage.
    pub(super) fn share(
        &self,
        vantage: &Vantage,
        observed: &Observed,
        question: &Question,
    ) -> Share {
        let is_of = |zone: &&&Sight| {
            zone.covers(&question.name) && zone.vantages.iter().any(|one| one.is_at(vantage))
        };
        if !self.sight.covers(&question.name) || self.below.iter().any(|zone| is_of(&zone)) {
            return Share::Others;
        }
        let is_own = match self.is_below {
            true => observed.said_by(question) == Some(vantage),
            false => !observed.is_referred(&question.name),
        };
        if is_own { Share::Own } else { Share::Referred }
    }
}

impl<'a> Witnesses<'a> {
    /// Those of the zone of the domain, and those of each zone below; nothing where nobody in
    /// particular was asked.
    pub(super) fn of(views: &'a Views) -> Vec<Self> {
        let zones: Vec<&Sight> = views.below().map(|(sight, _)| sight).collect();
        let below = |apex: &Name| -> Vec<&'a Sight> {
            let is_below = |zone: &&&Sight| zone.zone != *apex && apex.zone_of(&zone.zone);
            zones.iter().filter(is_below).copied().collect()
        };
        let of_domain = views.sight().map(|sight| {
            let scope = Scope { sight, is_below: false, below: below(&sight.zone) };
            Self::new(scope, views.seen())
        });
        let of_zones = views.below().map(|(sight, seen)| {
            let scope = Scope { sight, is_below: true, below: below(&sight.zone) };
            Self::new(scope, seen)
        });
        of_domain.into_iter().chain(of_zones).collect()
    }

    fn new(scope: Scope<'a>, seen: impl Iterator<Item = (&'a Vantage, &'a Observed)>) -> Self {
        let all = seen.map(|(vantage, observed)| Seen::of(&scope, vantage, observed)).collect();
        Self { scope, all }
    }

    /// The zone, where it lies below that of the domain.
    pub(super) fn zone_below(&self) -> Option<&'a Name> {
        self.scope.is_below.then_some(&self.scope.sight.zone)
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
        let zone = self.zone_below();
        let witness = |seen: Seen<'_>| Witness {
            zone: zone.cloned(),
            failure: seen.failure(),
            vantage: seen.vantage.clone(),
            serial: seen.serial.map(|serial| serial.number),
        };
        self.all.into_iter().map(witness).collect()
    }
}

impl<'a> Seen<'a> {
    fn of(scope: &Scope<'a>, vantage: &'a Vantage, observed: &'a Observed) -> Self {
        let mut seen = Self {
            vantage,
            observed,
            failed: Vec::new(),
            asked: 0,
            serial: serial(scope.sight, observed),
        };
        for (question, answer) in observed.answers() {
            match scope.share(vantage, observed, &question) {
                Share::Others => continue,
                // That is an answer; whether there is one below is for others to say.
                Share::Referred => {
                    seen.asked += 1;
                    continue;
                }
                Share::Own => {}
            }
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
