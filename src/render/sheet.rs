//! What is to be printed: the RRsets of a plan that go into one zone, in one format.

use std::io::{self, Write};

use hickory_proto::rr::{Name, RecordType};

use super::layout::Layout;
use super::{Format, Template};
use crate::dns_host::DnsHost;
use crate::name::{MailDomain, plain_text, relative_text};
use crate::plan::{ProviderPlan, Purpose, RecordPlan};
use crate::rrset::RrSet;

/// The RRsets of a plan, and the zone that they go into.
///
/// Of what is planned it holds only what can be printed; [`Self::left_out`] has the rest, with
/// reasons. The calls are made in this order: [`new`](Self::new) or [`provider`](Self::provider),
/// [`for_host`](Self::for_host), [`fitted`](Self::fitted), [`print`](Self::print).
///
/// ```
/// use mailsrv::hosting::{Columns, file};
/// use mailsrv::render::{Format, Sheet};
///
/// let profile = "host: mail.provider.example\nimap: { tls: true }\n";
/// let hosting = file::parse(profile, "profile.yaml")?;
/// let plan = mailsrv::plan::plan(&"example.com".parse()?, &hosting, &Columns::default())?;
///
/// // This DNS host does not take the target `.`, which says that a service is not offered.
/// let sheet = Sheet::new(&plan, None)?.for_host("alidns".parse()?).fitted(Format::ZONE);
/// assert!(sheet.left_out().iter().all(|left| left.reason.contains("the target \".\"")));
///
/// let mut text = String::new();
/// sheet.print(Format::ZONE, &mut text);
/// assert!(text.contains("_imaps._tcp IN SRV "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    subject: Subject<'a>,
    /// The apex where the user named it.
    apex: Option<&'a Name>,
    /// Where the user named one: forms are filled in as it wants them.
    host: Option<DnsHost>,
    template: Option<&'a Template>,
    /// In the order of the plan.
    sets: Vec<(Purpose, &'a RrSet)>,
    /// What is to go; None where all of the plan is printed, and not a remedy.
    gone: Option<&'a [RrSet]>,
    /// In the order in which the reasons were looked for.
    left_out: Vec<LeftOut>,
}

/// Whose records they are.
#[derive(Debug, Clone, Copy)]
enum Subject<'a> {
    Domain(&'a RecordPlan),
    Provider(&'a ProviderPlan),
}

/// What mends a domain: RRsets to publish, and data to delete.
///
/// Which they are depends on what the format can say ([`Format::mending`]).
#[derive(Debug, Clone, Default)]
pub struct Remedy {
    /// What is to stand, or to be added.
    pub sets: Vec<(Purpose, RrSet)>,
    /// What is to go. Their TTL says nothing.
    pub gone: Vec<RrSet>,
}

/// Only TLSA records stand at a target, which may lie anywhere. Several mail domains of a zone may
/// share it, and it is not to be printed with each.
const OTHER_HOST: &str =
    "stands at a host outside the mail domain; the provider's own are printed with --provider";

/// Says that a mail domain does not lie in the zone it is to be published in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{domain} does not lie in the zone {apex}; give the zone that holds it with --zone-apex")]
pub struct OutsideApex {
    domain: String,
    apex: String,
}

impl OutsideApex {
    /// Refuses a mail domain that does not lie in the zone of an apex.
    ///
    /// # Errors
    ///
    /// It does not.
    pub fn refuse(domain: &MailDomain, apex: Option<&Name>) -> Result<(), Self> {
        match apex {
            Some(apex) if !apex.zone_of(domain.name()) => {
                Err(Self { domain: domain.to_string(), apex: plain_text(apex) })
            }
            _ => Ok(()),
        }
    }
}

/// Says which RRset of a plan is not printed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The owner name, relative to the mail domain or the provider's zone where it lies in it.
    pub owner: String,
    /// The record type.
    pub rtype: RecordType,
    /// Why, in words that go after the owner name and the type.
    pub reason: String,
}

impl<'a> Sheet<'a> {
    /// Prepares a plan for a zone; without an apex the mail domain is taken for the origin.
    ///
    /// # Errors
    ///
    /// The mail domain does not lie in the zone of the apex.
    pub fn new(plan: &'a RecordPlan, apex: Option<&'a Name>) -> Result<Self, OutsideApex> {
        OutsideApex::refuse(plan.domain(), apex)?;
        Ok(Self::of(Subject::Domain(plan), apex, plan.published().collect()))
    }

    /// Prepares the provider's own zone.
    pub fn provider(plan: &'a ProviderPlan) -> Self {
        Self::of(Subject::Provider(plan), Some(plan.zone()), plan.published().collect())
    }

    /// Prepares the remedy of a mail domain for a zone; without an apex the mail domain is taken for
    /// the origin.
    ///
    /// # Errors
    ///
    /// The mail domain does not lie in the zone of the apex.
    pub fn mending(
        plan: &'a RecordPlan,
        remedy: &'a Remedy,
        apex: Option<&'a Name>,
    ) -> Result<Self, OutsideApex> {
        OutsideApex::refuse(plan.domain(), apex)?;
        let sets = remedy.sets.iter().map(|(purpose, set)| (*purpose, set)).collect();
        let subject = Subject::Domain(plan);
        let gone = Some(remedy.gone.as_slice());
        let (host, template, left_out) = (None, None, Vec::new());
        let mut sheet = Self { subject, apex, host, template, sets, gone, left_out };
        sheet.keep_inside();
        Ok(sheet)
    }

    /// Begins with all that is published, and says of what certificates do not cover that it is
    /// left out.
    fn of(subject: Subject<'a>, apex: Option<&'a Name>, sets: Vec<(Purpose, &'a RrSet)>) -> Self {
        let mut sheet = Self {
            subject,
            apex,
            host: None,
            template: None,
            sets,
            gone: None,
            left_out: Vec::new(),
        };
        sheet.left_out.extend(sheet.plan().into_iter().flat_map(|plan| {
            plan.uncovered().iter().map(|target| LeftOut {
                owner: relative_text(target, plan.domain().name()),
                rtype: RecordType::TLSA,
                reason: "is covered by none of the certificates".to_owned(),
            })
        }));
        sheet.keep_inside();
        sheet
    }

    /// Leaves out what does not belong to the mail domain.
    fn keep_inside(&mut self) {
        let name = self.name();
        self.keep(|_, _, set| (!name.zone_of(set.owner())).then(|| OTHER_HOST.to_owned()));
    }

    /// Leaves out what there is a reason against.
    fn keep(&mut self, reason: impl Fn(&Self, Purpose, &RrSet) -> Option<String>) {
        let name = self.name();
        let mut sets = std::mem::take(&mut self.sets);
        let mut left_out = std::mem::take(&mut self.left_out);
        sets.retain(|(purpose, set)| {
            let Some(reason) = reason(self, *purpose, set) else { return true };
            let (owner, rtype) = (relative_text(set.owner(), name), set.record_type());
            left_out.push(LeftOut { owner, rtype, reason });
            false
        });
        (self.sets, self.left_out) = (sets, left_out);
    }

    /// The zone that owner names are relative to.
    pub(super) fn origin(&self) -> &'a Name {
        match (self.apex, self.subject) {
            (Some(apex), _) => apex,
            (None, Subject::Domain(plan)) => plan.domain().name(),
            (None, Subject::Provider(plan)) => plan.zone(),
        }
    }

    /// The apex, where the user named it.
    pub(super) fn apex(&self) -> Option<&'a Name> {
        self.apex
    }

    /// The DNS host that the records are for, where the user named it.
    pub(super) fn dns_host(&self) -> Option<DnsHost> {
        self.host
    }

    /// What the records leave open, where they are a template.
    pub(super) fn template(&self) -> Option<&'a Template> {
        self.template
    }

    /// The plan of the mail domain; None for the provider's own zone.
    pub(super) fn plan(&self) -> Option<&'a RecordPlan> {
        match self.subject {
            Subject::Domain(plan) => Some(plan),
            Subject::Provider(_) => None,
        }
    }

    /// The mail domain, or the provider's zone.
    pub(super) fn name(&self) -> &'a Name {
        match self.subject {
            Subject::Domain(plan) => plan.domain().name(),
            Subject::Provider(plan) => plan.zone(),
        }
    }

    /// What a comment at the head of a snippet says, without a full stop; one line.
    pub(super) fn heading(&self) -> String {
        match self.subject {
            Subject::Domain(plan) => {
                let what =
                    if self.gone.is_some() { "What mends" } else { "Mail client settings for" };
                format!("{what} {}", plan.domain().heading())
            }
            Subject::Provider(plan) => {
                format!("The mail provider's own records in {}", plain_text(plan.zone()))
            }
        }
    }

    /// The TTL of everything on the sheet, in seconds.
    pub(super) fn ttl(&self) -> u32 {
        match self.subject {
            Subject::Domain(plan) => plan.ttl(),
            Subject::Provider(plan) => plan.ttl(),
        }
    }

    /// Every RRset to print, with what it is for, in a stable order.
    pub(super) fn sets(&self) -> &[(Purpose, &'a RrSet)] {
        &self.sets
    }

    /// What is to go; None where it is no remedy.
    pub(super) fn gone(&self) -> Option<&'a [RrSet]> {
        self.gone
    }

    /// Puts made-up RRsets in place of those of the plan.
    #[cfg(test)]
    pub(super) fn with_sets(mut self, sets: &'a [(Purpose, RrSet)]) -> Self {
        self.sets = sets.iter().map(|(purpose, set)| (*purpose, set)).collect();
        self
    }

    /// Leaves out what a format has no place for.
    #[must_use]
    pub fn fitted(mut self, format: Format) -> Self {
        let spec = format.0;
        if spec.is_zoneless && self.apex.take().is_some() {
            self.keep_inside();
        }
        self.keep(|sheet, purpose, set| {
            if spec.lacks.contains(&set.record_type()) {
                return Some(format!("has no place in the format {}", spec.word));
            }
            if purpose.is_denial() && !spec.denials {
                let word = spec.word;
                return Some(format!("has the target \".\", which the format {word} cannot hold"));
            }
            (spec.unfit)(sheet, purpose, set)
        });
        self
    }

    /// Leaves out what a DNS host refuses, and has forms filled in as it wants them.
    #[must_use]
    pub fn for_host(mut self, host: DnsHost) -> Self {
        self.host = Some(host);
        self.keep(|_, purpose, set| {
            let reason = host.refusal(set)?;
            let remedy = host.remedy().map_or_else(String::new, |remedy| format!("; {remedy}"));
            Some(format!("{reason}, so {}{remedy}", purpose.consequence()))
        });
        self
    }

    /// Has variables for what the records leave open; the plan must be of the stand-ins.
    #[must_use]
    pub fn into_template(mut self, template: &'a Template) -> Self {
        self.template = Some(template);
        self
    }

    /// What is to be done to the text of a format before it is used, one sentence each.
    pub fn notes(&self, format: Format) -> Vec<String> {
        (format.0.notes)(self)
    }

    /// What is left out: for the zone, for the DNS host, for the format, each in the order of the plan.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Appends the sheet in a format that it is [fitted](Self::fitted) to.
    ///
    /// Nothing may be left that the format has no place for: formats print what they get.
    pub fn print(&self, format: Format, out: &mut String) {
        let start = out.len();
        (format.0.write)(self, out).expect("a text takes whatever is written to it");
        if let Some(template) = self.template {
            let layout = Layout::of(&out[start..], &template.stand_ins());
            let variables: Vec<String> =
                template.variables().map(|(name, _)| format!("%{name}%")).collect();
            let variables = variables.iter().map(String::as_str);
            out.truncate(start);
            layout.fill(&std::iter::once("%fqdn%").chain(variables).collect::<Vec<_>>(), out);
        }
    }

    /// Writes the sheet in a format; what the format has no place for is left out.
    ///
    /// # Errors
    ///
    /// `out` does not take it.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let mut text = String::new();
        self.clone().fitted(format).print(format, &mut text);
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::{Columns, file};
    use crate::plan::plan;

    #[test]
    fn what_a_host_refuses_is_left_out_with_the_reason() {
        #[track_caller]
        fn check(word: &str, left: &[(&str, &str)]) {
            let profile = "host: mail.provider.example\nimap: { tls: true }\nsubmission: { tls: true }\nautodiscover: { srv: true }";
            let hosting = file::parse(profile, "profile").unwrap();
            let domain = "example.com".parse().unwrap();
            let plan = plan(&domain, &hosting, &Columns::default()).unwrap();
            let sheet = Sheet::new(&plan, None).unwrap();
            let all = sheet.sets().len();
            let sheet = sheet.for_host(word.parse().unwrap());
            let got: Vec<_> = sheet
                .left_out()
                .iter()
                .map(|left| (left.owner.as_str(), left.reason.as_str()))
                .collect();
            assert_eq!(got, left, "{word}");
            assert_eq!(sheet.sets().len() + left.len(), all);
        }
        let denied = ["_imap._tcp", "_pop3s._tcp", "_pop3._tcp", "_submission._tcp"];
        let dot = "has the target \".\", which Alibaba Cloud DNS refuses, so nothing tells clients that the service is not offered";
        check("alidns", &denied.map(|owner| (owner, dot)));
        let port = "has port 0, which Joker refuses, so nothing tells clients that the service is not offered";
        check("joker", &denied.map(|owner| (owner, port)));
        check("bunny", &[]);
        let weight = "has a weight other than 0, 5, 10 and so on to 50, which METANET refuses, so clients that look for the service in DNS do not find it; give a `weight` of 5 in the profile";
        check("metanet", &[("_imaps._tcp", weight), ("_submissions._tcp", weight)]);
        let srv = "has a type that the documented API of Namecheap does not take, so";
        let service = format!(
            "{srv} clients that look for the service in DNS do not find it; type it into the web form (--for namecheap)"
        );
        let denial = format!(
            "{srv} nothing tells clients that the service is not offered; type it into the web form (--for namecheap)"
        );
        let autodiscover = format!(
            "{srv} Autodiscover is found by its host name or not at all; type it into the web form (--for namecheap)"
        );
        check(
            "namecheap-api",
            &[
                ("_imaps._tcp", &service),
                ("_imap._tcp", &denial),
                ("_pop3s._tcp", &denial),
                ("_pop3._tcp", &denial),
                ("_submissions._tcp", &service),
                ("_submission._tcp", &denial),
                ("_autodiscover._tcp", &autodiscover),
            ],
        );
    }
}
