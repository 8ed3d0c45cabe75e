//! The record plan: every RRset that a mail domain must, must not or may hold, and why.
//!
//! Both the generator and the auditor read it, so they cannot disagree.

mod aliases;
mod srv;

pub use self::aliases::AliasPlan;
pub use self::srv::{Expected, LabelPlan};

use hickory_proto::rr::Name;

use crate::hosting::{Columns, ExpandError, Hosting, Login};
use crate::name::{HostName, MailDomain, plain_text};
use crate::rrset::RrSet;
use crate::service::{ConfigName, Label, Service};

/// The records that one hosting profile means for one mail domain.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPlan {
    domain: MailDomain,
    host: HostName,
    labels: Vec<LabelPlan>,
    autodiscover: Option<RrSet>,
    aliases: Vec<AliasPlan>,
    preferred: Service,
    login: Login,
    ttl: u32,
}

/// Says why a profile gives no records for a domain that could be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A host of the profile cannot be spelled out.
    #[error(transparent)]
    Expand(#[from] ExpandError),
    /// A target of an SRV record would be an alias of the same plan (RFC 2782, "Target").
    #[error(
        "the target {target} would itself be an alias (CNAME), which RFC 2782 forbids; name the canonical host in the profile, or leave out the alias"
    )]
    TargetIsAlias {
        /// The target.
        target: String,
    },
    /// An alias would point at itself.
    #[error("{owner} would be an alias of itself; give it another host in the profile")]
    AliasOfItself {
        /// The owner name.
        owner: String,
    },
    /// One alias of the plan would lead to the other and back.
    #[error("{owner} would lead to {target}, which leads back to it; give one of them a real host")]
    AliasLoop {
        /// One owner name.
        owner: String,
        /// The other.
        target: String,
    },
}

/// Plans the records of a mail domain; columns stand for the placeholders of the profile.
pub fn plan(
    domain: &MailDomain,
    hosting: &Hosting,
    columns: &Columns,
) -> Result<RecordPlan, Refusal> {
    let host = hosting.host().expand(domain, columns, None)?;
    let labels = srv::plan_labels(domain, hosting, columns, &host)?;
    let autodiscover = srv::plan_autodiscover(domain, hosting, columns, &host)?;
    let aliases = aliases::plan_aliases(domain, hosting, columns, &host)?;
    let plan = RecordPlan {
        domain: domain.clone(),
        host,
        labels,
        autodiscover,
        aliases,
        preferred: hosting.preferred(),
        login: hosting.login(),
        ttl: hosting.ttl(),
    };
    plan.refuse_contradictions()?;
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

    /// The aliases to publish.
    pub fn aliases(&self) -> &[AliasPlan] {
        &self.aliases
    }

    /// The alias planned for one configuration name.
    pub fn alias(&self, name: ConfigName) -> Option<&AliasPlan> {
        self.aliases.iter().find(|alias| alias.name == name)
    }

    /// The retrieval service that clients are to prefer (RFC 6186 §3.4).
    pub fn preferred(&self) -> Service {
        self.preferred
    }

    /// The form of the login name.
    pub fn login(&self) -> Login {
        self.login
    }

    /// The TTL of everything planned, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// Every RRset to publish, with what it is for, in a stable order.
    pub fn published(&self) -> impl Iterator<Item = (Purpose, &RrSet)> {
        let labels = self.labels.iter().filter_map(|plan| match &plan.expected {
            Expected::Offered(set) => Some((Purpose::Service(plan.label), set)),
            Expected::Denied(set) => Some((Purpose::Denial(plan.label), set)),
            Expected::Absent => None,
        });
        let aliases = self.aliases.iter().map(|alias| (Purpose::Config(alias.name), &alias.set));
        let autodiscover = self.autodiscover.iter().map(|set| (Purpose::Autodiscover, set));
        labels.chain(aliases).chain(autodiscover)
    }

    /// The hosts that the configuration names lead to, as an inquiry wants to know them.
    pub fn alias_hosts(&self) -> impl Iterator<Item = (ConfigName, HostName)> {
        self.aliases.iter().map(|alias| (alias.name, alias.host.clone()))
    }

    fn refuse_contradictions(&self) -> Result<(), Refusal> {
        let is_alias = |name: &Name| self.aliases.iter().any(|alias| alias.set.owner() == name);
        for alias in &self.aliases {
            if alias.host.name() == alias.set.owner() {
                return Err(Refusal::AliasOfItself { owner: plain_text(alias.set.owner()) });
            }
        }
        let targets = self
            .labels
            .iter()
            .flat_map(LabelPlan::targets)
            .chain(self.autodiscover.iter().flat_map(RrSet::srvs).map(|srv| &srv.target));
        for target in targets {
            if is_alias(target) {
                return Err(Refusal::TargetIsAlias { target: plain_text(target) });
            }
        }
        if let [one, two] = self.aliases.as_slice()
            && one.host.name() == two.set.owner()
            && two.host.name() == one.set.owner()
        {
            return Err(Refusal::AliasLoop {
                owner: plain_text(one.set.owner()),
                target: plain_text(two.set.owner()),
            });
        }
        Ok(())
    }
}

/// What an RRset of a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It tells where a service is.
    Service(Label),
    /// It tells that a service is not offered.
    Denial(Label),
    /// It leads to the documents that clients fetch.
    Config(ConfigName),
    /// It leads Autodiscover to its host.
    Autodiscover,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::HostPattern;

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
}
