//! What a provider serves to all its customers, under names of its own.

use hickory_proto::rr::Name;

use crate::hosting::{Columns, ExpandError, Hosting};
use crate::name::{HostName, MailDomain, NameError, plain_text};
use crate::plan::{
    DerivedNames, LabelPlan, ProviderRefusal, RecordPlan, derived_names, plan_provider,
    plan_unpublished, provider_zone, registrable,
};
use crate::words::enumerate;

/// A customer that is like any other (RFC 2606 §2).
const CUSTOMER: &str = "customer.example";

/// The site of a provider: one set of documents for all its customers.
#[derive(Debug)]
pub struct SharedSite {
    /// What the documents are made of: the provider's own domain, as a mail domain.
    pub plan: RecordPlan,
    /// The names that have the autoconfig document: those that clients derive from a customer's MX.
    pub autoconfig: Vec<Name>,
    /// The target of `_autodiscover._tcp`, where it is the same for all customers.
    pub autodiscover: Option<HostName>,
    /// Why other names have none, one sentence each.
    pub notes: Vec<String>,
}

/// Says why a profile has no documents that serve all customers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SharedRefusal {
    /// There is no name of the provider's own that they could be served under.
    #[error(transparent)]
    Zone(#[from] ProviderRefusal),
    /// They depend on columns of a list of customers.
    #[error("the documents depend on {}, which differs by customer", braced(.0))]
    Columns(Vec<String>),
    /// They depend on the customer's mail domain.
    #[error("the hosts of the profile depend on the mail domain, and so do its documents")]
    Hosts,
    /// The provider's own domain takes no mail.
    #[error(transparent)]
    Domain(#[from] NameError),
    /// A host cannot be spelled out.
    #[error(transparent)]
    Expand(#[from] ExpandError),
}

fn braced(columns: &[String]) -> String {
    let braced: Vec<String> = columns.iter().map(|column| format!("`{{{column}}}`")).collect();
    enumerate(&braced)
}

/// The site that serves all customers of a profile.
///
/// Its names are those that stand in the provider's own zone: see [`plan_provider`].
///
/// ```
/// use mailsrv::document::shared_site;
/// use mailsrv::hosting::file;
///
/// let profile = "host: mail.provider.example\nmx: { host: mx.provider.example }\n\
///                imap: true\nsubmission: true\nautoconfig: true\n";
/// let site = shared_site(&file::parse(profile, "profile.yaml")?)?;
/// assert_eq!(mailsrv::name::text(&site.autoconfig[0]), "autoconfig.provider.example.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// No name of the provider's own is known that could be published, or the documents would differ by
/// customer: see [`SharedRefusal`].
pub fn shared_site(hosting: &Hosting) -> Result<SharedSite, SharedRefusal> {
    let autodiscover = hosting.autodiscover_target().and_then(|target| target.fixed()).cloned();
    let at_target = || autodiscover.as_ref().map(|target| registrable(target.name()));
    let no_host = || ProviderRefusal::NoHost { columns: hosting.columns() };
    let zone = provider_zone(hosting).or_else(at_target).ok_or_else(no_host)?;
    let DerivedNames { found, mut notes } = derived_names(hosting);
    let names = found.into_iter().map(|(name, _)| name);
    let (autoconfig, outside): (Vec<Name>, Vec<Name>) = names.partition(|it| zone.zone_of(it));
    if autoconfig.is_empty() && autodiscover.is_none() {
        plan_provider(hosting, None)?;
    }
    notes.extend(outside.iter().map(|name| {
        format!("{} lies outside {}, and is not served", plain_text(name), plain_text(&zone))
    }));
    let columns = hosting.columns();
    if !columns.is_empty() {
        return Err(SharedRefusal::Columns(columns));
    }
    let of = |domain: &MailDomain| plan_unpublished(domain, hosting, &Columns::default());
    let plan = of(&plain_text(&zone).parse()?)?;
    if hosts(&plan) != hosts(&of(&CUSTOMER.parse()?)?) {
        return Err(SharedRefusal::Hosts);
    }
    Ok(SharedSite { plan, autoconfig, autodiscover, notes })
}

/// The hosts that documents name.
fn hosts(plan: &RecordPlan) -> Vec<&Name> {
    let mail = plan.labels().iter().flat_map(LabelPlan::in_line).map(|srv| &srv.target);
    mail.chain(plan.related().iter().map(|related| related.host.name())).collect()
}
