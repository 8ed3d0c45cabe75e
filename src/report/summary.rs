//! What a list comes to beside its verdicts: the commonest findings, and what was not answered.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::unjudged::why_not;
use super::{Item, Retold};
use crate::audit::Code;
use crate::name::plain_text;

/// The findings and failures that are listed.
pub(super) const LISTED: usize = 10;

/// Counts what is found, each with its first example. It grows with the kinds and not with the
/// domains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Summary {
    codes: BTreeMap<Code, Kind>,
    /// By the words for the code and the severity.
    severities: BTreeMap<(&'static str, &'static str), u64>,
    /// Of how many outcomes of clients remedies decide, alone or together, and in how many domains.
    effects: BTreeMap<Code, (u64, u64)>,
    /// By the words for the failure.
    failures: BTreeMap<String, Kind>,
}

/// Something that is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) count: u64,
    /// The first domain, or question.
    pub(super) example: String,
}

impl Kind {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.count == 1 {
            self.example = example();
        }
    }
}

impl Summary {
    /// Counts what a domain comes to.
    pub(super) fn take(&mut self, item: Item<'_>) {
        let (Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. })) = item else {
            return;
        };
        for finding in &audit.findings {
            let kind = self.codes.entry(finding.code).or_default();
            kind.add(|| plain_text(audit.domain.name()));
            let known = (finding.code.text(), finding.severity.text());
            *self.severities.entry(known).or_default() += 1;
        }
        for it in &audit.unvisited {
            let kind = self.failures.entry(why_not(it)).or_default();
            kind.add(|| it.to_string());
        }
        let mut affected: BTreeMap<Code, u64> = BTreeMap::new();
        for finding in &audit.findings {
            let affects = finding.affects.iter();
            let clients = affects.map(|it| it.clients.len() + it.together.len()).sum::<usize>();
            *affected.entry(finding.code).or_default() += clients as u64;
        }
        for (code, clients) in affected.into_iter().filter(|(_, clients)| *clients > 0) {
            let (outcomes, domains) = self.effects.entry(code).or_default();
            *outcomes += clients;
            *domains += 1;
        }
        for (question, failure) in &audit.unanswered {
            let kind = self.failures.entry(failure.to_string()).or_default();
            kind.add(|| plain_text(&question.name));
        }
    }

    /// The commonest findings, the commonest first.
    pub(super) fn commonest(&self) -> impl Iterator<Item = (Code, &Kind)> {
        let mut codes: Vec<_> = self.codes.iter().map(|(code, kind)| (*code, kind)).collect();
        codes.sort_by_key(|(code, kind)| (Reverse(kind.count), *code));
        codes.into_iter().take(LISTED)
    }

    /// The findings whose remedies change most outcomes of clients, with how many that are and in how
    /// many domains.
    pub(super) fn effects(&self) -> impl Iterator<Item = (Code, u64, u64)> {
        let effects = self.effects.iter().map(|(code, it)| (*code, it.0, it.1));
        let mut effects: Vec<_> = effects.collect();
        effects.sort_by_key(|(code, outcomes, _)| (Reverse(*outcomes), *code));
        effects.into_iter().take(LISTED)
    }

    /// How many findings there are of each code and severity, in the order of their words.
    pub(super) fn findings(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        self.severities.iter().map(|((code, severity), count)| (*code, *severity, *count))
    }

    /// Why questions were not answered, the commonest reason first.
    pub(super) fn failures(&self) -> impl Iterator<Item = (&str, &Kind)> {
        let mut all: Vec<_> =
            self.failures.iter().map(|(why, kind)| (why.as_str(), kind)).collect();
        all.sort_by_key(|(why, kind)| (Reverse(kind.count), *why));
        all.into_iter().take(LISTED)
    }
}
