//! What DNS says once the fixes of findings are applied.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use mailsrv::answer::{Answer, Outcome, Question};
use mailsrv::audit::{Action, Audit, Finding, Fix, State};
use mailsrv::inquiry::Observed;

use super::file::fix_text;
use crate::healthy::Step;

/// The fixes of some findings, to be applied to what DNS says.
pub(super) struct Mend {
    fixes: Vec<Fix>,
    /// The names for which a wildcard answered, until something is published there.
    synthesised: Vec<Name>,
}

impl Mend {
    /// No fix.
    pub(super) const NONE: Self = Self { fixes: Vec::new(), synthesised: Vec::new() };

    pub(super) fn of(findings: &[Finding], observed: &Observed) -> Self {
        let fixes: Vec<Fix> = findings.iter().flat_map(|it| it.fix.iter().cloned()).collect();
        let published = fixes.iter().filter(|fix| fix.action == Action::Publish);
        let owners = published.map(|fix| &fix.record.owner);
        let synthesised = owners.filter(|owner| is_synthesised(observed, owner)).cloned().collect();
        Self { fixes, synthesised }
    }

    /// Whether all records of a type go from a name.
    pub(super) fn empties(&self, at: &Question) -> bool {
        let mut gone = self.data(Action::Delete, &at.name);
        gone.any(|data| data.record_type() == at.rtype)
    }

    fn data<'a>(&'a self, action: Action, owner: &'a Name) -> impl Iterator<Item = &'a RData> {
        let fixes = self.fixes.iter().filter(move |fix| fix.action == action);
        fixes.filter(move |fix| fix.record.owner == *owner).map(|fix| &fix.record.data)
    }

    /// What stands at a name, where this stood there before.
    pub(super) fn step(&self, at: &Question, before: Step) -> Step {
        if let Some(RData::CNAME(canonical)) = self.published(&at.name, RecordType::CNAME).next() {
            return Step::Alias(canonical.0.clone());
        }
        let before = if self.synthesised.contains(&at.name) {
            Step::End(Answer::plain(Outcome::NoData))
        } else {
            before
        };
        let had_alias = match &before {
            Step::Alias(_) => true,
            Step::End(answer) => !answer.chain.is_empty(),
        };
        let loses_alias = had_alias
            && self.data(Action::Delete, &at.name).any(|it| it.record_type() == RecordType::CNAME);
        let answer = match before {
            Step::End(answer) if !had_alias => answer,
            Step::End(_) | Step::Alias(_) if loses_alias => Answer::plain(Outcome::NoData),
            other => return other,
        };
        Step::End(self.mended(at, answer))
    }

    fn published<'a>(
        &'a self,
        owner: &'a Name,
        rtype: RecordType,
    ) -> impl Iterator<Item = &'a RData> {
        self.data(Action::Publish, owner).filter(move |data| data.record_type() == rtype)
    }

    fn mended(&self, at: &Question, before: Answer) -> Answer {
        let (mut ttl, mut data) = match &before.outcome {
            Outcome::Records { ttl, data } => (Some(*ttl), data.clone()),
            _ => (None, Vec::new()),
        };
        let count = data.len();
        data.retain(|data| !self.data(Action::Delete, &at.name).any(|gone| gone == data));
        let is_touched = data.len() < count || self.published(&at.name, at.rtype).next().is_some();
        for new in self.published(&at.name, at.rtype) {
            let fix = self.fixes.iter().find(|fix| fix.record.data == *new);
            ttl = fix.map(|fix| fix.record.ttl);
            if !data.contains(new) {
                data.push(new.clone());
            }
        }
        // A name above one that is published exists (RFC 8020 §2).
        let is_above = self
            .fixes
            .iter()
            .any(|fix| fix.action == Action::Publish && at.name.zone_of(&fix.record.owner));
        let is_new = |data| self.published(&at.name, at.rtype).any(|new| new == data);
        let uneven_ttls = before.uneven_ttls && !data.iter().all(is_new);
        let outcome = match ttl {
            Some(ttl) if is_touched && !data.is_empty() => Outcome::Records { ttl, data },
            _ if is_touched => Outcome::NoData,
            _ if is_above && before.outcome == Outcome::NxDomain => Outcome::NoData,
            _ => return before,
        };
        Answer { outcome, uneven_ttls, ..before }
    }
}

/// What is wrong with the fixes themselves, against what was observed.
pub(super) fn faults(observed: &Observed, audit: &Audit) -> Vec<String> {
    let fixes: Vec<&Fix> = audit.findings.iter().flat_map(|finding| &finding.fix).collect();
    let mut faults = Vec::new();
    for fix in &fixes {
        let owner = &fix.record.owner;
        let data = &fix.record.data;
        match fix.action {
            Action::Delete if !stands(observed, owner, data) => {
                faults.push(format!("nothing to do for: {}", fix_text(fix)));
            }
            Action::Delete
                if fixes
                    .iter()
                    .any(|it| it.action == Action::Publish && it.record == fix.record) =>
            {
                faults
                    .push(format!("one fix publishes what another takes away: {}", fix_text(fix)));
            }
            Action::Publish if clashes(observed, &fixes, owner, data) => {
                faults.push(format!("an alias and other data: {}", fix_text(fix)));
            }
            Action::Delete | Action::Publish => {}
        }
    }
    faults
}

/// Whether a wildcard is what answered for a name (RFC 4592).
fn is_synthesised(observed: &Observed, owner: &Name) -> bool {
    at(observed, owner).any(|rtype| observed.is_from_wildcard(&observed.heard(owner, rtype)))
}

/// Whether a record was observed where it stands, neither behind an alias nor made by a wildcard.
fn stands(observed: &Observed, owner: &Name, data: &RData) -> bool {
    let is_there = match data {
        RData::CNAME(CNAME(next)) => at(observed, owner)
            .any(|rtype| observed.heard(owner, rtype).chain().first() == Some(next)),
        other => {
            let heard = observed.heard(owner, other.record_type());
            !heard.is_alias() && heard.rdatas().contains(other)
        }
    };
    is_there && !is_synthesised(observed, owner)
}

/// The types that a name was asked for.
fn at<'a>(observed: &'a Observed, owner: &'a Name) -> impl Iterator<Item = RecordType> + 'a {
    let questions = observed.answers().map(|(question, _)| question);
    questions.filter(move |question| question.name == *owner).map(|question| question.rtype)
}

/// Whether a published record would stand beside an alias, or is an alias beside other data.
fn clashes(observed: &Observed, fixes: &[&Fix], owner: &Name, data: &RData) -> bool {
    let is_deleted = |data: &RData| {
        fixes.iter().any(|fix| {
            fix.action == Action::Delete && fix.record.owner == *owner && fix.record.data == *data
        })
    };
    if is_synthesised(observed, owner) {
        return false;
    }
    at(observed, owner).any(|rtype| {
        let heard = observed.heard(owner, rtype);
        match heard.chain().first() {
            Some(next) => {
                let alias = RData::CNAME(CNAME(next.clone()));
                alias != *data && !is_deleted(&alias)
            }
            None => {
                data.record_type() == RecordType::CNAME
                    && heard.rdatas().iter().any(|data| !is_deleted(data))
            }
        }
    })
}

/// What is wrong after the fixes of one audit, says another: what they were to heal and did not, and
/// what they made.
pub(super) fn relapses(before: &Audit, after: &Audit) -> Vec<String> {
    let is_same = |one: &Finding, other: &Finding| {
        let is_shared = other.subjects.iter().any(|it| one.subjects.contains(it));
        one.code == other.code && is_shared
    };
    let mut relapses = Vec::new();
    for finding in &after.findings {
        let was = before.findings.iter().find(|was| is_same(was, finding));
        let what = match was {
            Some(was) if was.fix.is_empty() => continue,
            Some(_) => "stays",
            None => "comes",
        };
        relapses.push(format!("after the fixes {what}: {} {}", finding.code, finding.message));
    }
    relapses
}

/// The RRsets that are not as planned, and that no finding names.
pub(super) fn unnamed(audit: &Audit) -> Vec<String> {
    let is_wrong = |state| matches!(state, State::Differs | State::Missing | State::Denied);
    let is_named =
        |owner: &Name, rtype| audit.findings.iter().any(|finding| finding.is_about(owner, rtype));
    let wrong = audit.standings.iter().filter(|standing| is_wrong(standing.state));
    wrong
        .filter(|standing| !is_named(&standing.owner, standing.rtype))
        .map(|standing| format!("no finding names {} {}", standing.owner, standing.rtype))
        .collect()
}
