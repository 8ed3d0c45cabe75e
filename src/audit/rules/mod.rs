//! The rules, one file a subject. A rule reads the case and adds findings; it asks for nothing.

mod aliases;
mod autodiscover;
mod domain;
mod labels;
mod order;
mod ports;
mod presence;
mod records;
mod targets;

use hickory_proto::rr::rdata::{CNAME, SRV};
use hickory_proto::rr::{Name, RData};

use super::finding::{Finding, Findings};
use crate::answer::MAX_CHAIN;
use crate::inquiry::{Heard, Observed, SrvView};
use crate::name::plain_text;
use crate::plan::{LabelPlan, RecordPlan};
use crate::rrset::RrSet;
use crate::service::Label;

/// What is judged: the plan and what DNS said.
pub(super) struct Case<'a> {
    pub(super) plan: &'a RecordPlan,
    pub(super) observed: &'a Observed,
}

/// Applies every rule; false where the domain cannot be judged at all.
pub(super) fn apply(case: &Case<'_>, findings: &mut Findings) -> bool {
    if domain::check_existence(case, findings) {
        return false;
    }
    presence::check(case, findings);
    records::check(case, findings);
    ports::check(case, findings);
    order::check(case, findings);
    labels::check(case, findings);
    targets::check(case, findings);
    aliases::check(case, findings);
    autodiscover::check(case, findings);
    domain::check_null_mx(case, findings);
    true
}

impl Case<'_> {
    /// The real records under a label: those with a target other than `.`.
    fn reals(&self, label: Label) -> Vec<SrvView<'_>> {
        let mut srvs = self.observed.service(label).srvs();
        srvs.retain(|srv| !srv.is_denial());
        srvs
    }

    /// The real records under a label that have a target of the plan, each with its planned record.
    fn ours(&self, label: Label) -> Vec<(SrvView<'_>, &SRV)> {
        let plan = self.plan.label(label);
        self.reals(label)
            .into_iter()
            .filter_map(|srv| Some((srv, planned_for(plan, srv.target)?)))
            .collect()
    }

    /// The planned SRV owner name of a label.
    fn owner(&self, label: Label) -> Name {
        self.plan.domain().prefixed(&label.prefix())
    }

    /// Whether a target is one name appended to another that was complete already, and what was
    /// probably meant (RFC 1035 §5.1: a name without a trailing dot is relative).
    fn undoubled(&self, target: &Name) -> Option<Name> {
        let domain = self.plan.domain().name();
        let labels = usize::from(domain.num_labels());
        // A snippet may have been pasted into any zone that encloses the domain.
        let zones = (2..=labels).rev().map(|count| domain.trim_to(count));
        for zone in zones.filter(|zone| zone.zone_of(target)) {
            let kept = usize::from(target.num_labels() - zone.num_labels());
            let rest = absolute(target.iter().take(kept))?;
            let is_expected = self.expected_targets().any(|expected| *expected == rest);
            if is_expected || domain.zone_of(&rest) {
                return Some(rest);
            }
        }
        None
    }

    fn expected_targets(&self) -> impl Iterator<Item = &Name> {
        let labels = self.plan.labels().iter().flat_map(LabelPlan::offered);
        labels.map(|srv| &srv.target).chain([self.plan.host().name()])
    }
}

/// Adds what turns the RRset that was heard into the planned one.
///
/// Behind an alias the records are at another name, often in another's zone: the alias goes.
fn mend(finding: &mut Finding, heard: &Heard<'_>, planned: &RrSet) {
    match heard.chain().first() {
        Some(next) => {
            let alias = RData::CNAME(CNAME((*next).clone()));
            finding.delete(planned.owner(), planned.ttl(), alias).replace(&[], planned);
        }
        None => {
            finding.replace(&rdatas(&heard.srvs()), planned);
        }
    }
}

fn planned_for<'a>(plan: &'a LabelPlan, target: &Name) -> Option<&'a SRV> {
    planned_in(plan.offered_set()?, target)
}

fn planned_in<'a>(planned: &'a RrSet, target: &Name) -> Option<&'a SRV> {
    planned.srvs().find(|srv| srv.target == *target)
}

fn absolute<'a>(labels: impl Iterator<Item = &'a [u8]>) -> Option<Name> {
    let mut name = Name::new();
    for label in labels {
        name = name.append_label(label).ok()?;
    }
    name.set_fqdn(true);
    Some(name)
}

fn rdatas(srvs: &[SrvView<'_>]) -> Vec<RData> {
    srvs.iter().map(SrvView::rdata).collect()
}

/// How an alias chain fails to end, for a message.
fn endless(start: &Name, chain: &[&Name]) -> String {
    let returns =
        chain.split_last().is_some_and(|(last, before)| *last == start || before.contains(last));
    if returns {
        "an alias that loops".to_owned()
    } else {
        format!("an alias at the head of a chain of more than {MAX_CHAIN}")
    }
}

/// The most names that a message lists.
const LISTED: usize = 8;

/// Lists names for a message: `a, b and c`.
fn enumerate(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if words.len() <= LISTED => format!("{} and {last}", first.join(", ")),
        more => format!("{} and {} others", more[..LISTED].join(", "), more.len() - LISTED),
    }
}

fn targets_text(srvs: &[SrvView<'_>]) -> String {
    let mut names: Vec<String> = srvs.iter().map(|srv| plain_text(srv.target)).collect();
    names.dedup();
    enumerate(&names)
}
