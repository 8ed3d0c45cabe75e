//! What was found out about one mail domain, once or as each of several see it.

use std::sync::Arc;

use hickory_proto::rr::RecordType;

use super::{Inquiry, Observed, Wanted};
use crate::answer::{Sight, Vantage};
use crate::endpoint::Sighting;
use crate::page::Fetched;

/// What was observed of a mail domain: by one inquiry, or by one from each of several vantages.
///
/// There is always one at least, which [`Self::first`] has.
#[derive(Debug, Clone)]
pub struct Views {
    first: Observed,
    more: Vec<Observed>,
    sight: Option<Sight>,
    below: Vec<(Sight, Vec<Observed>)>,
    sightings: Vec<Arc<Sighting>>,
    documents: Vec<Fetched>,
}

impl Views {
    /// What was observed from each vantage of a sight, in its order; None where that is nothing.
    pub fn of(sight: Sight, observed: impl IntoIterator<Item = Observed>) -> Option<Self> {
        let mut observed = observed.into_iter().take(sight.vantages.len());
        Some(Self {
            first: observed.next()?,
            more: observed.collect(),
            sight: Some(sight),
            below: Vec::new(),
            sightings: Vec::new(),
            documents: Vec::new(),
        })
    }

    /// Adds what was observed from each server of a zone below a cut, in the order of its sight: what
    /// lies in that zone, that server says, and all else one of the servers above.
    pub fn add_below(&mut self, sight: Sight, observed: Vec<Observed>) {
        self.below.push((sight, observed));
    }

    /// The zones below, each with the vantages of its servers and what was observed from them.
    pub fn below(
        &self,
    ) -> impl Iterator<Item = (&Sight, impl Iterator<Item = (&Vantage, &Observed)>)> {
        self.below.iter().map(|(sight, observed)| (sight, sight.vantages.iter().zip(observed)))
    }

    /// What was observed from the first vantage, or from nowhere in particular.
    pub fn first(&self) -> &Observed {
        &self.first
    }

    /// The one with the most answers, the first of them: of it evidence is shown.
    pub fn best(&self) -> &Observed {
        let answered = |observed: &Observed| observed.answers_count();
        let better = |best, other| if answered(other) > answered(best) { other } else { best };
        self.more.iter().fold(&self.first, better)
    }

    /// Everything that was observed, in the order of the vantages, and then below zone cuts.
    pub fn all(&self) -> impl Iterator<Item = &Observed> {
        self.at_domain().chain(self.below.iter().flat_map(|(_, observed)| observed))
    }

    fn at_domain(&self) -> impl Iterator<Item = &Observed> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// What was observed from each vantage; nothing where nobody in particular was asked.
    pub fn seen(&self) -> impl Iterator<Item = (&Vantage, &Observed)> {
        let vantages = self.sight.iter().flat_map(|sight| &sight.vantages);
        vantages.zip(self.at_domain())
    }

    /// Adds what was seen of the servers that the records lead to.
    pub fn add_sightings(&mut self, sightings: impl IntoIterator<Item = Arc<Sighting>>) {
        self.sightings.extend(sightings);
    }

    /// What was seen of servers, whoever named them; nothing where none was visited.
    pub fn sightings(&self) -> &[Arc<Sighting>] {
        &self.sightings
    }

    /// Adds what the web serves to clients.
    pub fn add_documents(&mut self, documents: impl IntoIterator<Item = Fetched>) {
        self.documents.extend(documents);
    }

    /// What the web serves to clients; nothing where nobody fetched it.
    pub fn documents(&self) -> &[Fetched] {
        &self.documents
    }

    /// From where it was seen; None where nobody in particular was asked.
    pub fn sight(&self) -> Option<&Sight> {
        self.sight.as_ref()
    }
}

impl From<Observed> for Views {
    fn from(observed: Observed) -> Self {
        Self {
            first: observed,
            more: Vec::new(),
            sight: None,
            below: Vec::new(),
            sightings: Vec::new(),
            documents: Vec::new(),
        }
    }
}

impl Inquiry {
    /// Seeks what servers are compared by: the serial number of their zone, and whom it names as its
    /// servers. Nothing is judged by it beside the comparison.
    pub fn seek_zone(&mut self, sight: &Sight) {
        if sight.is_of_servers() {
            self.seek(&sight.zone, RecordType::SOA, Wanted::Aside);
            self.seek(&sight.zone, RecordType::NS, Wanted::Aside);
        }
    }
}
