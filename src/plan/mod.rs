//! The record plan: every RRset that a mail domain must, must not or may hold, and why.
//!
//! Both the generator and the auditor read it, so they cannot disagree. [`plan`] makes that of a
//! mail domain, and [`plan_provider`] that of the provider's own zone. Each part of a plan has a file:
//! `srv` to be read first, then `aliases`, `related`, `pacc` and `tlsa`; `refusal` looks at the whole
//! in the end. `alike` tells the plans of one profile that differ by the mail domain alone.
//!
//! ```
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::plan::{Purpose, plan};
//! use mailsrv::service::Label;
//!
//! let hosting = Hosting::documented();
//! let plan = plan(&"example.com".parse()?, &hosting, &Columns::default())?;
//! let imaps = plan.label(Label::Imaps).best().unwrap();
//! assert_eq!((imaps.priority, imaps.port), (0, 993));
//! let (purpose, set) = plan.published().next().unwrap();
//! assert_eq!(purpose, Purpose::Service(Label::Imaps));
//! assert_eq!(set.ttl(), plan.ttl());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aliases;
mod alike;
mod pacc;
mod provider;
mod purpose;
mod refusal;
mod related;
mod srv;
mod tlsa;

pub use self::alike::AlikePlans;
pub(crate) use self::alike::{STAND_INS, names};
pub use self::pacc::PaccPlan;
pub(crate) use self::provider::{DerivedNames, derived_names, provider_zone, registrable};
pub use self::provider::{ProviderPlan, ProviderRefusal, plan_provider};
pub use self::purpose::Purpose;
pub use self::refusal::Refusal;
pub use self::related::RelatedPlan;
pub use self::srv::{Expected, LabelPlan};

use hickory_proto::rr::Name;

use self::aliases::lead_sets;
use crate::hosting::{Columns, ExpandError, HostPattern, Hosting, Login};
use crate::name::{HostName, MailDomain};
use crate::rrset::RrSet;
use crate::service::{ConfigName, Label, Service};

/// The records that one hosting profile means for one mail domain.
///
/// Everything in it is spelled out for the domain: no placeholder is left, and every name is
/// absolute. It is the same each time it is made of the same.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPlan {
    domain: MailDomain,
    host: HostName,
    labels: Vec<LabelPlan>,
    compat_smtps: Option<RrSet>,
    autodiscover: Option<RrSet>,
    aliases: Vec<(ConfigName, RrSet)>,
    addresses: Vec<(ConfigName, RrSet)>,
    pacc: Option<PaccPlan>,
    related: Vec<RelatedPlan>,
    exchanges: Option<RrSet>,
    certificates: Vec<RrSet>,
    uncovered: Vec<Name>,
    issuer: Option<HostName>,
    preferred: Service,
    logins: [Login; 3],
    ttl: u32,
}

/// What every part of a plan is made from.
struct Context<'a> {
    domain: &'a MailDomain,
    hosting: &'a Hosting,
    columns: &'a Columns,
    /// The default host, spelled out.
    host: &'a HostName,
}

impl Context<'_> {
    /// The host of a pattern for this domain; the default host where there is none.
    fn host(&self, pattern: Option<&HostPattern>) -> Result<HostName, ExpandError> {
        match pattern {
            Some(pattern) => pattern.expand(self.domain, self.columns, Some(self.host)),
            None => Ok(self.host.clone()),
        }
    }
}

/// Plans the records of a mail domain; columns stand for the placeholders of the profile.
///
/// # Errors
///
/// A column of the profile is missing, a host does not come out as a host name, or the records
/// would contradict each other: see [`Refusal`].
pub fn plan(
    domain: &MailDomain,
    hosting: &Hosting,
    columns: &Columns,
) -> Result<RecordPlan, Refusal> {
    let plan = plan_unpublished(domain, hosting, columns)?;
    refusal::refuse_contradictions(&plan)?;
    Ok(plan)
}

/// The same where only the documents are made of it: its records may contradict each other.
///
/// # Errors
///
/// A column of the profile is missing, or a host does not come out as a host name.
pub(crate) fn plan_unpublished(
    domain: &MailDomain,
    hosting: &Hosting,
    columns: &Columns,
) -> Result<RecordPlan, ExpandError> {
    let host = hosting.host().expand(domain, columns, None)?;
    let context = Context { domain, hosting, columns, host: &host };
    let labels = srv::plan_labels(&context)?;
    let related = related::plan_related(&context)?;
    let mut plan = RecordPlan {
        compat_smtps: srv::plan_compat_smtps(&context, &labels),
        autodiscover: srv::plan_autodiscover(&context)?,
        aliases: aliases::plan_aliases(&context)?,
        addresses: aliases::plan_addresses(&context),
        pacc: pacc::plan_pacc(&context, &labels, &related)?,
        exchanges: related::plan_exchanges(&context)?,
        certificates: Vec::new(),
        uncovered: Vec::new(),
        issuer: hosting
            .lead(ConfigName::Autoconfig)
            .and_then(|_published| hosting.provider().issuer.clone()),
        preferred: hosting.preferred(),
        logins: Service::ALL.map(|service| hosting.login_of(service).clone()),
        ttl: hosting.ttl(),
        domain: domain.clone(),
        labels,
        related,
        host,
    };
    if !hosting.certificates().is_empty() {
        let endpoints = tlsa::endpoints(plan.published().map(|(_, set)| set));
        plan.certificates = tlsa::plan_tlsa(&endpoints, hosting.certificates(), plan.ttl);
        plan.uncovered = tlsa::uncovered(&endpoints, hosting.certificates());
    }
    Ok(plan)
}

impl RecordPlan {
    /// The mail domain.
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// The default host of the profile, spelled out for this domain.
    pub fn host(&self) -> &HostName {
        &self.host
    }

    /// What is planned under each label, in the order of [`Label::ALL`].
    pub fn labels(&self) -> &[LabelPlan] {
        &self.labels
    }

    /// What is planned under one label.
    pub fn label(&self, label: Label) -> &LabelPlan {
        &self.labels[label as usize]
    }

    /// The SRV record of `_autodiscover._tcp`, where the profile has one.
    pub fn autodiscover(&self) -> Option<&RrSet> {
        self.autodiscover.as_ref()
    }

    /// What is planned for PACC.
    pub fn pacc(&self) -> Option<&PaccPlan> {
        self.pacc.as_ref()
    }

    /// What is planned for services beside mail.
    pub fn related(&self) -> &[RelatedPlan] {
        &self.related
    }

    /// The targets that none of the certificates is good for; empty where there are no certificates.
    pub fn uncovered(&self) -> &[Name] {
        &self.uncovered
    }

    /// The certificate authority that issues for `autoconfig`, as CAA records name it (RFC 8659 §4.2);
    /// None where the profile names none, or does not publish the name.
    pub fn issuer(&self) -> Option<&HostName> {
        self.issuer.as_ref()
    }

    /// The retrieval service that clients are to prefer (RFC 6186 §3.4).
    pub fn preferred(&self) -> Service {
        self.preferred
    }

    /// The form of the login name of a service.
    pub fn login(&self, service: Service) -> &Login {
        &self.logins[service as usize]
    }

    /// The TTL of everything planned, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// Every RRset to publish, with what it is for, in a stable order.
    ///
    /// The order is that of services, documents, services beside mail, mail exchanges and
    /// certificates; printed and judged records keep it. No RRset is empty, and none stands twice.
    pub fn published(&self) -> impl Iterator<Item = (Purpose, &RrSet)> {
        let labels = self.labels.iter().filter_map(|plan| match &plan.expected {
            Expected::Offered(set) => Some((Purpose::Service(plan.label), set)),
            Expected::Denied(set) => Some((Purpose::Denial(plan.label), set)),
            Expected::Absent => None,
        });
        let compat = self.compat_smtps.iter().map(|set| (Purpose::CompatSmtps, set));
        let aliases = self.aliases.iter().map(|(name, set)| (Purpose::Config(*name), set));
        let addresses = self.addresses.iter().map(|(name, set)| (Purpose::Config(*name), set));
        let autodiscover = self.autodiscover.iter().map(|set| (Purpose::Autodiscover, set));
        let pacc = self.pacc.iter().flat_map(PaccPlan::published);
        let related = |denial: bool| {
            let sets = self.related.iter().flat_map(RelatedPlan::published);
            sets.filter(move |(purpose, _)| purpose.is_denial() == denial)
        };
        let exchanges = self.exchanges.iter().map(|set| (Purpose::Exchange, set));
        let certificates = self.certificates.iter().map(|set| (Purpose::Certificate, set));
        labels
            .chain(compat)
            .chain(aliases)
            .chain(addresses)
            .chain(autodiscover)
            .chain(pacc)
            .chain(related(false))
            .chain(related(true))
            .chain(exchanges)
            .chain(certificates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::{Certificate, HostPattern};

    fn documented(domain: &str, host: &str) -> Result<RecordPlan, Refusal> {
        let hosting = Hosting::documented().with_host(HostPattern::host(host).unwrap());
        plan(&domain.parse().unwrap(), &hosting, &Columns::default())
    }

    #[test]
    fn the_documented_profile_plans_nine_rrsets() {
        let plan = documented("example.com", "mail.{domain}").unwrap();
        let lines: Vec<String> = plan
            .published()
            .map(|(_, set)| {
                let srv = match &set.rdatas()[0] {
                    hickory_proto::rr::RData::SRV(srv) => format!(
                        "{} {} {} {}",
                        srv.priority,
                        srv.weight,
                        srv.port,
                        crate::name::text(&srv.target)
                    ),
                    hickory_proto::rr::RData::CNAME(name) => crate::name::text(&name.0),
                    other => panic!("{other:?}"),
                };
                format!("{} {} {srv}", crate::name::text(set.owner()), set.record_type())
            })
            .collect();
        assert_eq!(
            lines,
            [
                "_imaps._tcp.example.com. SRV 0 1 993 mail.example.com.",
                "_imap._tcp.example.com. SRV 10 1 143 mail.example.com.",
                "_pop3s._tcp.example.com. SRV 20 1 995 mail.example.com.",
                "_pop3._tcp.example.com. SRV 30 1 110 mail.example.com.",
                "_submissions._tcp.example.com. SRV 0 1 465 mail.example.com.",
                "_submission._tcp.example.com. SRV 10 1 587 mail.example.com.",
                "autoconfig.example.com. CNAME mail.example.com.",
                "autodiscover.example.com. CNAME mail.example.com.",
                "_autodiscover._tcp.example.com. SRV 0 0 443 mail.example.com.",
            ]
        );
    }

    #[test]
    fn contradictions_are_refused_with_the_reason() {
        #[track_caller]
        fn check(domain: &str, host: &str, part: &str) {
            let error = documented(domain, host).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        check("example.com", "autoconfig.example.com", "alias of itself");
        check("example.com", "ma_il.{domain}", "not a host name");
        check("example.com", "{server}", "needs a column `server`");
        let long = format!("{}.example", ["a".repeat(60).as_str(); 3].join("."));
        check(&long, &format!("{}.{{domain}}", "b".repeat(63)), "octets on the wire");
    }

    #[test]
    fn targets_that_no_certificate_is_good_for_are_told() {
        let pem = include_bytes!("../../tests/certificate.pem");
        let hosting = Hosting::documented()
            .with_host(HostPattern::host("mail.{domain}").unwrap())
            .with_certificates(vec![Certificate::from_pem(pem).unwrap()]);
        for (domain, uncovered) in
            [("provider.example", &[][..]), ("example.com", &["mail.example.com."])]
        {
            let plan = plan(&domain.parse().unwrap(), &hosting, &Columns::default()).unwrap();
            let told: Vec<_> = plan.uncovered().iter().map(crate::name::text).collect();
            assert_eq!(told, uncovered, "{domain}");
        }
    }
}
