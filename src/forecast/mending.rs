//! What makes a client work, in words: of one mail domain, and of all of them alike.

use std::fmt;

use hickory_proto::rr::Name;

use super::facts::Planned;
use crate::name::{MailDomain, relative_text, text};
use crate::page::{Scheme, Url};
use crate::reading::USER;
use crate::rrset::RrSet;
use crate::words::listed;
use crate::zonefile::rdata;

/// What stands for the mail domain in a name that many share.
const DOMAIN: &str = "DOMAIN";

/// The one change that makes a client work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mending {
    /// What is to be done for this mail domain, with all names and data.
    pub said: String,
    /// What that is for every mail domain alike: owner names relative to it, types and paths. There are
    /// not more of them than a profile plans, however many domains there are.
    pub kind: String,
}

impl fmt::Display for Mending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl Mending {
    /// An RRset is published.
    pub(super) fn record(set: &RrSet, domain: &MailDomain) -> Self {
        let data: Vec<_> = set.rdatas().iter().map(rdata).collect();
        let rtype = set.record_type();
        Self {
            said: format!("publish {} {rtype} {}", text(set.owner()), data.join(", ")),
            kind: format!("publish {rtype} {}", relative(set.owner(), domain)),
        }
    }

    /// SRV records are published together.
    pub(super) fn services(sets: &[&RrSet], domain: &MailDomain) -> Self {
        let of = |said: &dyn Fn(&Name) -> String| {
            let owners: Vec<_> = sets.iter().map(|set| said(set.owner())).collect();
            format!("publish the SRV records of {}", listed(&owners))
        };
        Self { said: of(&text), kind: of(&|owner| relative(owner, domain)) }
    }

    /// A document is served, by a host that may lack a record.
    pub(super) fn document(planned: &Planned, with: Option<&RrSet>, domain: &MailDomain) -> Self {
        let url = Url::new(Scheme::Https, &planned.host, &planned.path);
        let host = planned.host.strip_suffix(domain.as_str()).unwrap_or(&planned.host);
        let served = Self {
            said: format!("serve the document at {url}"),
            kind: format!("serve {} of {host}{DOMAIN}", planned.path),
        };
        let Some(set) = with else { return served };
        let record = Self::record(set, domain);
        Self {
            said: format!("{}, and {}", record.said, served.said),
            kind: format!("{}, and {}", record.kind, served.kind),
        }
    }

    /// Servers take another login name, too.
    pub(super) fn login(entered: &str, domain: &MailDomain) -> Self {
        let form = match entered.strip_prefix(USER) {
            Some("") => USER.to_owned(),
            Some(rest) if rest.strip_prefix('@') == Some(domain.as_str()) => {
                format!("{USER}@{DOMAIN}")
            }
            // Documents may say anything.
            _ => "the documents say".to_owned(),
        };
        let said = |name: &str| format!("let users log in as {name}, too");
        Self { said: said(entered), kind: said(&form) }
    }

    /// The same with another name in the place of one.
    pub(super) fn renamed(&self, from: &str, to: &str) -> Self {
        Self { said: self.said.replace(from, to), kind: self.kind.clone() }
    }
}

/// An owner name below the mail domain.
fn relative(owner: &Name, domain: &MailDomain) -> String {
    match relative_text(owner, domain.name()) {
        apex if apex == "@" => DOMAIN.to_owned(),
        relative => relative,
    }
}
