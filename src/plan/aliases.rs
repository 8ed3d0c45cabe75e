//! The aliases `autoconfig` and `autodiscover`.

use crate::hosting::{Columns, ExpandError, Hosting};
use crate::name::{HostName, MailDomain};
use crate::rrset::RrSet;
use crate::service::ConfigName;

/// An alias to publish.
#[derive(Debug, Clone, PartialEq)]
pub struct AliasPlan {
    /// Which of the two names.
    pub name: ConfigName,
    /// The host that it must lead to.
    pub host: HostName,
    /// The record.
    pub set: RrSet,
}

pub(super) fn plan_aliases(
    domain: &MailDomain,
    hosting: &Hosting,
    columns: &Columns,
    host: &HostName,
) -> Result<Vec<AliasPlan>, ExpandError> {
    ConfigName::ALL
        .into_iter()
        .filter_map(|name| Some((name, hosting.alias(name)?)))
        .map(|(name, pattern)| {
            let host = pattern.expand(domain, columns, Some(host))?;
            let owner = domain.prefixed(&[name.text()]);
            let set = RrSet::cname(owner, hosting.ttl(), host.name().clone());
            Ok(AliasPlan { name, host, set })
        })
        .collect()
}
