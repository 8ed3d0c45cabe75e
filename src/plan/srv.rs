//! The SRV records of RFC 6186 and RFC 8314, and that of Autodiscover.

use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::SRV;

use crate::hosting::{Columns, Endpoint, ExpandError, Hosting, Offer};
use crate::name::{HostName, MailDomain};
use crate::rrset::RrSet;
use crate::service::{AUTODISCOVER_LABEL, AUTODISCOVER_PORT, Label, PROTO};

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

    /// Whether the profile offers the service under this label.
    pub fn is_offered(&self) -> bool {
        matches!(self.expected, Expected::Offered(_))
    }

    pub(super) fn targets(&self) -> impl Iterator<Item = &Name> {
        self.offered().map(|srv| &srv.target)
    }
}

pub(super) fn plan_labels(
    domain: &MailDomain,
    hosting: &Hosting,
    columns: &Columns,
    host: &HostName,
) -> Result<Vec<LabelPlan>, ExpandError> {
    Label::ALL
        .into_iter()
        .map(|label| {
            let owner = domain.prefixed(&label.prefix());
            let expected = match hosting.endpoint(label) {
                Some((offer, endpoint)) => {
                    let records = records(offer, endpoint, domain, columns, host)?;
                    Expected::Offered(RrSet::srv(owner, hosting.ttl(), records))
                }
                None if hosting.denies() => {
                    let denial = SRV::new(0, 0, 0, Name::root());
                    Expected::Denied(RrSet::srv(owner, hosting.ttl(), vec![denial]))
                }
                None => Expected::Absent,
            };
            Ok(LabelPlan { label, expected })
        })
        .collect()
}

fn records(
    offer: &Offer,
    endpoint: Endpoint,
    domain: &MailDomain,
    columns: &Columns,
    host: &HostName,
) -> Result<Vec<SRV>, ExpandError> {
    offer
        .servers()
        .iter()
        .map(|server| {
            let target = match &server.host {
                Some(pattern) => pattern.expand(domain, columns, Some(host))?,
                None => host.clone(),
            };
            Ok(SRV::new(endpoint.priority, server.weight, endpoint.port, target.name().clone()))
        })
        .collect()
}

/// Priority and weight are 0, as RFC 2782 advises where there is nothing to choose among.
pub(super) fn plan_autodiscover(
    domain: &MailDomain,
    hosting: &Hosting,
    columns: &Columns,
    host: &HostName,
) -> Result<Option<RrSet>, ExpandError> {
    let Some(pattern) = hosting.autodiscover_srv() else { return Ok(None) };
    let target = pattern.expand(domain, columns, Some(host))?;
    let record = SRV::new(0, 0, AUTODISCOVER_PORT, target.name().clone());
    let owner = domain.prefixed(&[AUTODISCOVER_LABEL, PROTO]);
    Ok(Some(RrSet::srv(owner, hosting.ttl(), vec![record])))
}
