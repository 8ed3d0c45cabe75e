//! Several lookups, each asked for itself, so that what they say can be compared.

use hickory_proto::rr::Name;

use super::Lookup;
use crate::answer::{Answer, Failure, Outcome, Question, Sight, Vantage};
use crate::name::MailDomain;

/// Lookups with the words that tell them apart: resolvers, most often.
///
/// A question of nobody in particular goes to the first.
#[derive(Debug)]
pub struct Compared<L> {
    each: Vec<(Vantage, L)>,
}

impl<L> Compared<L> {
    /// Puts lookups beside each other, each with what it is called.
    pub fn new(each: impl IntoIterator<Item = (String, L)>) -> Self {
        let each = each.into_iter().map(|(name, lookup)| (Vantage::Resolver(name), lookup));
        Self { each: each.collect() }
    }
}

impl<L: Lookup> Lookup for Compared<L> {
    async fn ask(&self, question: &Question) -> Answer {
        match self.each.first() {
            Some((_, lookup)) => lookup.ask(question).await,
            None => Answer::plain(Outcome::Failed(Failure::NotAsked)),
        }
    }

    fn has_room(&self) -> bool {
        self.each.iter().all(|(_, lookup)| lookup.has_room())
    }

    async fn sight(&self, _domain: &MailDomain) -> Option<Sight> {
        Some(Sight {
            zone: Name::root(),
            parent: None,
            vantages: self.each.iter().map(|(vantage, _)| vantage.clone()).collect(),
            homeless: Vec::new(),
        })
    }

    fn forget(&self) {
        self.each.iter().for_each(|(_, lookup)| lookup.forget());
    }

    async fn ask_from(
        &self,
        vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> Answer {
        match self.each.iter().find(|(known, _)| known == vantage) {
            // What is compared is asked for.
            Some((_, lookup)) => {
                let answer = lookup.ask_about(domain, question).await;
                Answer { beside: Vec::new(), ..answer }
            }
            None => Answer::plain(Outcome::Failed(Failure::NotAsked)),
        }
    }
}
