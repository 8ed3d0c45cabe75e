//! The SRV records of RFC 6186 and RFC 8314, and that of Autodiscover.

use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::SRV;

use super::Context;
use crate::hosting::{Endpoint, ExpandError, Offer};
use crate::rrset::RrSet;
use crate::service::{AUTODISCOVER_LABEL, AUTODISCOVER_PORT, Label, PROTO, SMTPS_LABEL};

/// What is planned under one service label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelPlan {
    /// The label.
    pub label: Label,
    /// What must stand there.
    pub expected: Expected,
}

/// What must stand under a service label.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// The service is offered: exactly these records.
    Offered(RrSet),
    /// The service is not offered, and DNS must say so: the lone target `.` (RFC 6186 §3.4).
    Denied(RrSet),
    /// The service is not offered: no record, or the target `.`, but no real target.
    Absent,
}

impl LabelPlan {
    /// The records of an offered service; empty where it is not offered.
    pub fn offered(&self) -> impl Iterator<Item = &SRV> {
        let set = match &self.expected {
            Expected::Offered(set) => Some(set),
            Expected::Denied(_) | Expected::Absent => None,
        };
        set.into_iter().flat_map(RrSet::srvs)
    }

    /// The RRset of an offered service.
    pub fn offered_set(&self) -> Option<&RrSet> {
        match &self.expected {
            Expected::Offered(set) => Some(set),
            Expected::Denied(_) | Expected::Absent => None,
        }
    }

    /// The record that most clients of a service are sent to, for documents that name one server:
    /// that of the lowest priority with the highest weight.
    pub fn best(&self) -> Option<&SRV> {
        self.in_line().first().copied()
    }

    /// The records of an offered service, the best first: the order in which most clients are sent
    /// to them.
    pub fn in_line(&self) -> Vec<&SRV> {
        let mut offered: Vec<&SRV> = self.offered().collect();
        offered.sort_by_key(|srv| (srv.priority, std::cmp::Reverse(srv.weight)));
        offered
    }

    /// Whether the profile offers the service under this label.
    pub fn is_offered(&self) -> bool {
        matches!(self.expected, Expected::Offered(_))
    }
}

/// Plans each label: what is not offered is denied, unless the profile denies nothing.
pub(super) fn plan_labels(context: &Context<'_>) -> Result<Vec<LabelPlan>, ExpandError> {
    let Context { domain, hosting, .. } = context;
    Label::ALL
        .into_iter()
        .map(|label| {
            let owner = domain.prefixed(&label.prefix());
            let expected = match hosting.endpoint(label) {
                Some((offer, endpoint)) => {
                    let records = records(label, offer, endpoint, context)?;
                    Expected::Offered(RrSet::srv(owner, hosting.ttl(), records))
                }
                None if hosting.denies(label.text()) => {
                    let denial = SRV::new(0, 0, 0, Name::root());
                    Expected::Denied(RrSet::srv(owner, hosting.ttl(), vec![denial]))
                }
                None => Expected::Absent,
            };
            Ok(LabelPlan { label, expected })
        })
        .collect()
}

/// A record for each server of a mode, all with the priority of the mode.
fn records(
    label: Label,
    offer: &Offer,
    endpoint: Endpoint,
    context: &Context<'_>,
) -> Result<Vec<SRV>, ExpandError> {
    let records = offer.servers_in(label.mode()).map(|(server, port)| {
        let target = context.host(server.host.as_ref())?;
        Ok(SRV::new(endpoint.priority, server.weight, port, target.name().clone()))
    });
    records.collect()
}

/// Priority and weight are 0, as RFC 2782 advises where there is nothing to choose among.
pub(super) fn plan_autodiscover(context: &Context<'_>) -> Result<Option<RrSet>, ExpandError> {
    let Some(pattern) = context.hosting.autodiscover_srv() else { return Ok(None) };
    let target = context.host(Some(pattern))?;
    let record = SRV::new(0, 0, AUTODISCOVER_PORT, target.name().clone());
    let owner = context.domain.prefixed(&[AUTODISCOVER_LABEL, PROTO]);
    Ok(Some(RrSet::srv(owner, context.hosting.ttl(), vec![record])))
}

/// The records of `_submissions` once more under the label that the assigned names do not know.
pub(super) fn plan_compat_smtps(context: &Context<'_>, labels: &[LabelPlan]) -> Option<RrSet> {
    let set = labels[Label::Submissions as usize].offered_set()?;
    let owner = context.domain.prefixed(&[SMTPS_LABEL, PROTO]);
    let records = set.srvs().cloned().collect();
    context.hosting.has_compat_smtps().then(|| RrSet::srv(owner, set.ttl(), records))
}
