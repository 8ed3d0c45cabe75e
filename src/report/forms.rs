//! Remedies as what is typed into the form of a DNS host.
//!
//! The audit says which records to publish and delete, and `render` what goes into which box;
//! neither knows of the other.

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::Failure;
use crate::audit::{Action, Fix};
use crate::dns_host::DnsHost;
use crate::inquiry::{Inquiry, Observed, Said, Wanted};
use crate::name::MailDomain;
use crate::plan::registrable;
use crate::render::{Boxes, form_destination, form_notes};
use crate::rrset::{ResourceRecord, RrSet};

/// Whose form remedies are typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forms {
    /// Nobody's: records stand as lines of a zone file.
    #[default]
    None,
    /// That of a DNS host.
    Of(DnsHost),
    /// That of the DNS host whose name servers the zone has; [`Forms::seek`] has them asked for.
    ByNameServers,
}

impl Forms {
    /// Seeks what is needed to know the DNS host: the name servers of the zone.
    ///
    /// Where the zone begins is not known beforehand, so every name up to the registrable domain is
    /// asked for. No verdict depends on the answers.
    pub fn seek(self, inquiry: &mut Inquiry) {
        if self == Self::ByNameServers {
            for name in apexes(&inquiry.domain().clone()) {
                inquiry.seek(&name, RecordType::NS, Wanted::Aside);
            }
        }
    }

    /// What is known of the form after the inquiry of a mail domain; None where none is wanted.
    pub(super) fn form(self, observed: &Observed) -> Option<Form> {
        let domain = observed.domain();
        match self {
            Self::None => None,
            Self::Of(host) => Some(Form::Known { host, origin: domain.name().clone() }),
            Self::ByNameServers => Some(recognised(domain, observed)),
        }
    }
}

/// The names that the zone of a mail domain may begin at, the longest first.
fn apexes(domain: &MailDomain) -> Vec<Name> {
    let registrable = registrable(domain.name());
    let shortest = registrable.num_labels();
    (shortest..=domain.name().num_labels())
        .rev()
        .map(|labels| domain.name().trim_to(usize::from(labels)))
        .collect()
}

fn recognised(domain: &MailDomain, observed: &Observed) -> Form {
    let mut failure = None;
    for origin in apexes(domain) {
        let heard = observed.heard(&origin, RecordType::NS);
        if let Said::Failed(why) = heard.said() {
            failure.get_or_insert(why);
        }
        let servers: Vec<Name> = heard
            .rdatas()
            .into_iter()
            .filter_map(|data| if let RData::NS(server) = data { Some(server.0) } else { None })
            .collect();
        if !servers.is_empty() {
            return match DnsHost::of_name_servers(&servers) {
                Some(host) => Form::Known { host, origin },
                None => Form::Unknown { servers, failure: None },
            };
        }
    }
    Form::Unknown { servers: Vec::new(), failure }
}

/// The form that a remedy is typed into.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Known {
        host: DnsHost,
        /// The apex of the zone.
        origin: Name,
    },
    /// It was sought in vain.
    Unknown {
        /// Of nobody known, or of several.
        servers: Vec<Name>,
        /// Why they are not known.
        failure: Option<Failure>,
    },
}

impl Form {
    /// The DNS host, where it is known.
    pub(super) fn host(&self) -> Option<DnsHost> {
        match self {
            Self::Known { host, .. } => Some(*host),
            Self::Unknown { .. } => None,
        }
    }

    /// Where to type, and what to know before it, for the remedies of a domain.
    pub(super) fn heading<'a>(&self, fixes: impl Iterator<Item = &'a Fix>) -> Vec<String> {
        match self {
            Self::Known { host, origin } => {
                let boxes: Vec<Boxes> = fixes.filter_map(|fix| self.boxes(&[fix])).collect();
                let notes = form_notes(Some(*host), &boxes).into_iter().map(str::to_owned);
                std::iter::once(form_destination(Some(*host), origin)).chain(notes).collect()
            }
            Self::Unknown { servers, .. } if !servers.is_empty() => {
                let names: Vec<String> = servers.iter().map(crate::name::plain_text).collect();
                vec![format!(
                    "No DNS host with a known form has these name servers: {}; name it with --for.",
                    names.join(", ")
                )]
            }
            Self::Unknown { failure, .. } => {
                let why = failure.map_or_else(String::new, |why| format!(" ({why})"));
                vec![format!("The name servers are not known{why}; name the DNS host with --for.")]
            }
        }
    }

    /// What is typed for steps of one action and type; None where the form has no place for them.
    pub(super) fn boxes(&self, fixes: &[&Fix]) -> Option<Boxes> {
        let Self::Known { host, origin } = self else { return None };
        let first = fixes.first()?;
        if !fixes.iter().all(|fix| origin.zone_of(&fix.record.owner)) {
            return None;
        }
        let records = fixes.iter().map(|fix| fix.record.clone());
        let boxes = Boxes::of(Some(*host), origin, first.record.data.record_type(), records)?;
        Some(if first.action == Action::Delete { boxes.without_ttl() } else { boxes })
    }

    /// Why the DNS host does not take the record of a step, where it does not.
    pub(super) fn refusal(&self, fix: &Fix) -> Option<String> {
        let host = self.host().filter(|_| fix.action == Action::Publish)?;
        let ResourceRecord { owner, ttl, data } = fix.record.clone();
        let refusal = host.refusal(&RrSet::of(owner, ttl, vec![data])?)?;
        let remedy = host.remedy().map_or_else(String::new, |remedy| format!("; {remedy}"));
        Some(format!("{refusal}{remedy}"))
    }
}
