//! Snippets for the configuration of a web server that serves the documents.
//!
//! Plain HTTP serves the autoconfig document, which some clients ask for in that way alone; for
//! Autodiscover it leads to HTTPS with 302, the one status that Outlook follows (MS-OXDISCO
//! §3.1.5); PACC knows nothing but HTTPS. Each server has a file that writes for it.

mod caddy;
mod fleet;
mod nginx;

pub use self::fleet::Fleet;

use std::fmt::{self, Write};
use std::str::FromStr;

use hickory_proto::rr::Name;

use super::shared::SharedSite;
use crate::name::{MailDomain, plain_text};
use crate::plan::{Purpose, RecordPlan};
use crate::service::{ConfigName, PACC_NAME};

/// The path of the Autodiscover document; clients write it in several cases.
pub(super) const AUTODISCOVER_PATH: &str = "autodiscover/autodiscover.xml";

/// A web server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebServer {
    /// nginx.
    Nginx,
    /// Caddy 2.
    Caddy,
}

impl WebServer {
    /// Both servers.
    pub const ALL: [Self; 2] = [Self::Nginx, Self::Caddy];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
        }
    }

    /// What serves the documents of a mail domain under its names; None where it has none.
    ///
    /// The target of `_autodiscover._tcp` is among them where it is the mail domain's own, with the
    /// domain in its name: Thunderbird and Outlook look for the document there.
    pub fn snippet(self, plan: &RecordPlan, root: &Root) -> Option<String> {
        self.written(&plan.domain().to_string(), &sites(plan), root)
    }

    /// What serves the documents under the provider's own names: those that clients derive from the
    /// MX of a customer, and the target of `_autodiscover._tcp` where it is the same for all
    /// customers; None where there is no such name.
    pub fn shared_snippet(self, site: &SharedSite, root: &Root) -> Option<String> {
        self.written("the provider", &shared_sites(site), root)
    }

    /// Whether one configuration of it can stand for all mail domains of a list: see [`Fleet`].
    pub const fn has_fleets(self) -> bool {
        matches!(self, Self::Caddy)
    }

    /// The target of `_autodiscover._tcp` where it is not the mail domain's own: one site serves all
    /// its customers.
    pub fn shared_target(plan: &RecordPlan) -> Option<&Name> {
        let target = plan.autodiscover().and_then(|set| set.srvs().next());
        target.map(|srv| &srv.target).filter(|target| !fleet::is_own(target, plan))
    }

    fn written(self, whose: &str, sites: &[Site], root: &Root) -> Option<String> {
        if sites.is_empty() {
            return None;
        }
        let mut out = String::new();
        let write = match self {
            Self::Nginx => nginx::write,
            Self::Caddy => caddy::write,
        };
        writeln!(out, "# The documents of {whose}, as `mailsrv documents` writes them.")
            .and_then(|()| sites.iter().try_for_each(|site| write(site, root, &mut out)))
            .expect("a text takes whatever is written to it");
        Some(out)
    }
}

/// The folder that holds the documents: an absolute path that means the same in the configuration of
/// every web server, without quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(String);

/// Says that a text is no such path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give an absolute path of letters, digits and any of / . _ - + = , : @")]
pub struct RootError;

impl Root {
    /// The folder of a mail domain below this one.
    pub fn of(&self, domain: &MailDomain) -> Self {
        Self(self.below(&domain.to_string()))
    }

    /// The path of a folder in it.
    pub fn below(&self, folder: &str) -> String {
        format!("{}/{folder}", self.0.trim_end_matches('/'))
    }
}

impl FromStr for Root {
    type Err = RootError;

    fn from_str(text: &str) -> Result<Self, RootError> {
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"/._-+=,:@".contains(&octet);
        if !text.starts_with('/') || !text.bytes().all(plain) {
            return Err(RootError);
        }
        let path = text.trim_end_matches('/');
        Ok(Self(if path.is_empty() { "/" } else { path }.to_owned()))
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that documents are served under, and which.
#[derive(Default)]
struct Site {
    name: String,
    autoconfig: bool,
    autodiscover: bool,
    pacc: bool,
    /// Whether it is the name of a host, which may have a site for other things.
    is_host: bool,
}

/// Sites under construction; a name has one.
#[derive(Default)]
struct Sites(Vec<Site>);

impl Sites {
    fn of(&mut self, name: &Name) -> &mut Site {
        let name = plain_text(name).to_ascii_lowercase();
        let at = self.0.iter().position(|site| site.name == name).unwrap_or_else(|| {
            self.0.push(Site { name, ..Site::default() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Adds the target of `_autodiscover._tcp`.
    fn add_target(&mut self, target: &Name) {
        let before = self.0.len();
        self.of(target).autodiscover = true;
        if let Some(new) = self.0.get_mut(before) {
            new.is_host = true;
        }
    }
}

/// The names of the plan that documents stand behind.
fn sites(plan: &RecordPlan) -> Vec<Site> {
    let has = |wanted| plan.published().any(|(purpose, _)| purpose == wanted);
    let name = |label: &str| plan.domain().prefixed(&[label]);
    let mut sites = Sites::default();
    if has(Purpose::Config(ConfigName::Autoconfig)) {
        sites.of(&name(ConfigName::Autoconfig.text())).autoconfig = true;
    }
    if has(Purpose::Config(ConfigName::Autodiscover)) {
        sites.of(&name(ConfigName::Autodiscover.text())).autodiscover = true;
    }
    if plan.pacc().is_some() {
        sites.of(&name(PACC_NAME)).pacc = true;
    }
    let target = plan.autodiscover().and_then(|set| set.srvs().next());
    if let Some(srv) = target.filter(|srv| fleet::is_own(&srv.target, plan)) {
        sites.add_target(&srv.target);
    }
    sites.0
}

/// The names of the provider's own that documents stand behind.
fn shared_sites(site: &SharedSite) -> Vec<Site> {
    let mut sites = Sites::default();
    for name in &site.autoconfig {
        sites.of(name).autoconfig = true;
    }
    if let Some(target) = &site.autodiscover {
        sites.add_target(target.name());
    }
    sites.0
}

/// Said of the Autodiscover document in both snippets.
const POSTED: &str = "Outlook posts its question in any case of letters; the answer is one file.";

/// Said of a host that is the target of `_autodiscover._tcp`.
const TARGET: &str =
    "The target of _autodiscover._tcp; where this host has a site, add to that one.";
