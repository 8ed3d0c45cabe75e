//! What is published beside mail access: JMAP, ManageSieve, calendars, address books, and the mail
//! exchanges.

use hickory_proto::rr::rdata::{MX, SRV, TXT};
use hickory_proto::rr::{Name, RData};

use super::{Context, Purpose};
use crate::hosting::{ExpandError, RelatedOffer};
use crate::name::HostName;
use crate::rrset::RrSet;
use crate::service::{HTTPS_PORT, PROTO, Related};

/// What is planned for a service beside mail.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedPlan {
    /// The service.
    pub service: Related,
    /// Its host.
    pub host: HostName,
    /// Its port.
    pub port: u16,
    /// Its path on the server (RFC 6764 §4).
    pub path: Option<String>,
    sets: Vec<(Purpose, RrSet)>,
}

impl RelatedPlan {
    /// The address of the service on the web; None where it is no service of the web.
    ///
    /// JMAP is found at its well-known address (RFC 8620 §2.2), and so are calendars and address
    /// books whose path the profile does not name (RFC 6764 §5).
    pub fn url(&self) -> Option<String> {
        let well_known = match self.service {
            Related::Jmap => "/.well-known/jmap",
            Related::Caldav => "/.well-known/caldav",
            Related::Carddav => "/.well-known/carddav",
            Related::Sieve => return None,
        };
        let path = self.path.as_deref().unwrap_or(well_known);
        let host = &self.host;
        Some(match self.port {
            HTTPS_PORT => format!("https://{host}{path}"),
            port => format!("https://{host}:{port}{path}"),
        })
    }

    /// The RRsets to publish: the SRV record, its path, and the denial of the form without TLS.
    pub fn published(&self) -> impl Iterator<Item = (Purpose, &RrSet)> {
        self.sets.iter().map(|(purpose, set)| (*purpose, set))
    }
}

/// Plans each service that the profile offers, in the order of [`Related::ALL`].
pub(super) fn plan_related(context: &Context<'_>) -> Result<Vec<RelatedPlan>, ExpandError> {
    Related::ALL
        .into_iter()
        .filter_map(|service| Some((service, context.hosting.related(service)?)))
        .map(|(service, offer)| plan_one(service, offer, context))
        .collect()
}

/// Weight 1 and priority 0, as in the examples of RFC 6764 §3 and RFC 5804 §1.8.
fn plan_one(
    service: Related,
    offer: &RelatedOffer,
    context: &Context<'_>,
) -> Result<RelatedPlan, ExpandError> {
    let host = context.host(offer.host.as_ref())?;
    let ttl = context.hosting.ttl();
    let owner = |label| context.domain.prefixed(&[label, PROTO]);
    let record = SRV::new(0, 1, offer.port, host.name().clone());
    let mut sets =
        vec![(Purpose::Related(service), RrSet::srv(owner(service.text()), ttl, vec![record]))];
    if let Some(path) = &offer.path {
        let text = TXT::new(vec![format!("path={path}")]);
        let set = RrSet::of(owner(service.text()), ttl, vec![RData::TXT(text)]);
        sets.extend(set.map(|set| (Purpose::RelatedPath(service), set)));
    }
    if let Some(label) = service.cleartext().filter(|label| context.hosting.denies(label)) {
        let denial = SRV::new(0, 0, 0, Name::root());
        let set = RrSet::srv(owner(label), ttl, vec![denial]);
        sets.push((Purpose::RelatedDenial(service), set));
    }
    Ok(RelatedPlan { service, host, port: offer.port, path: offer.path.clone(), sets })
}

/// Plans the MX RRset; None where the profile names no exchange.
pub(super) fn plan_exchanges(context: &Context<'_>) -> Result<Option<RrSet>, ExpandError> {
    let records: Result<Vec<RData>, ExpandError> = context
        .hosting
        .exchanges()
        .iter()
        .map(|exchange| {
            let host = context.host(exchange.host.as_ref())?;
            Ok(RData::MX(MX::new(exchange.preference, host.name().clone())))
        })
        .collect();
    Ok(RrSet::of(context.domain.name().clone(), context.hosting.ttl(), records?))
}
