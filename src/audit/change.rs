//! What the remedies of several findings come to, RRset by RRset.

use hickory_proto::rr::{Name, RData, RecordType};

use super::finding::{Action, Finding};
use crate::inquiry::Observed;

/// What becomes of an RRset when the remedies are done.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The owner name.
    pub owner: Name,
    /// The record type.
    pub rtype: RecordType,
    /// The TTL in seconds: that of what is published, else that of what stays, else the plan's.
    pub ttl: u32,
    /// What is deleted.
    pub deleted: Vec<RData>,
    /// What is published.
    pub published: Vec<RData>,
    /// What stands there and stays.
    pub kept: Vec<RData>,
}

/// The changes that mend findings, in the order in which their RRsets are first named.
///
/// A record that mends two findings is there once. Of what stays, only what was asked for is known:
/// all that is to be changed was.
pub fn changes<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    observed: &Observed,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for fix in findings.into_iter().flat_map(|finding| &finding.fix) {
        let (owner, rtype) = (&fix.record.owner, fix.record.data.record_type());
        let at = changes.iter().position(|it| it.owner == *owner && it.rtype == rtype);
        let at = at.unwrap_or_else(|| {
            changes.push(begun(owner, rtype, fix.record.ttl, observed));
            changes.len() - 1
        });
        let change = &mut changes[at];
        let data = match fix.action {
            Action::Delete => &mut change.deleted,
            Action::Publish => &mut change.published,
        };
        if !data.contains(&fix.record.data) {
            data.push(fix.record.data.clone());
        }
    }
    for change in &mut changes {
        let Change { deleted, published, kept, .. } = change;
        kept.retain(|data| !deleted.contains(data) && !published.contains(data));
        if !published.is_empty() && change.rtype == RecordType::CNAME {
            kept.clear();
        }
    }
    changes
}

/// An RRset as it stands. What a wildcard says at a name does not stand there, and what an alias
/// leads to stands elsewhere.
fn begun(owner: &Name, rtype: RecordType, ttl: u32, observed: &Observed) -> Change {
    let heard = observed.heard(owner, rtype);
    let stands = !heard.is_alias() && !observed.is_from_wildcard(&heard);
    let kept = if stands { heard.rdatas() } else { Vec::new() };
    Change { owner: owner.clone(), rtype, ttl, deleted: Vec::new(), published: Vec::new(), kept }
}
