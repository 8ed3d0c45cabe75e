//! How the names behind which documents stand are published, and what the documents say of the
//! provider.

use std::net::IpAddr;

use data_encoding::BASE64_NOPAD;

use super::HostPattern;
use crate::name::{HostName, MailDomain, printable};

/// Where a name with a document behind it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// The name is an alias of this host.
    Alias(HostPattern),
    /// The name has these addresses itself, where it may not be an alias; one at least.
    Addresses(Vec<IpAddr>),
}

impl Lead {
    /// The host of an alias.
    pub fn alias(&self) -> Option<&HostPattern> {
        match self {
            Self::Alias(host) => Some(host),
            Self::Addresses(_) => None,
        }
    }

    pub(super) fn alias_mut(&mut self) -> Option<&mut HostPattern> {
        match self {
            Self::Alias(host) => Some(host),
            Self::Addresses(_) => None,
        }
    }
}

/// How Autodiscover is published.
///
/// The two ways are independent: either may be published without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Autodiscover {
    /// Where `autodiscover` leads.
    pub(crate) lead: Option<Lead>,
    /// The target of `_autodiscover._tcp`.
    pub(crate) srv: Option<HostPattern>,
}

/// How PACC is published (draft-ietf-mailmaint-pacc).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pacc {
    /// Where `ua-auto-config` leads.
    pub lead: Lead,
    /// Digests of documents that are still or already served beside ours, while rolling over:
    /// base64 of SHA-256, 44 characters each.
    pub other_digests: Vec<String>,
}

/// Whether a text is a SHA-256 digest in base64: 43 characters for 32 octets, and one to fill.
pub(crate) fn is_digest(text: &str) -> bool {
    let octets = text.strip_suffix('=').and_then(|text| BASE64_NOPAD.decode(text.as_bytes()).ok());
    octets.is_some_and(|octets| octets.len() == 32)
}

/// The provider: what the documents tell users about it, and who issues its certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// Its name, at most 60 characters; None for the mail domain, with its
    /// U-labels.
    pub name: Option<String>,
    /// A name for narrow places, at most 20 characters; None for the long one, cut.
    pub short_name: Option<String>,
    /// An `https` or `http` address of the instructions for users.
    pub documentation: Option<String>,
    /// The certificate authority that issues for the names the provider serves, by the name that CAA
    /// records have for it (RFC 8659 §4.2).
    pub issuer: Option<HostName>,
}

/// Says why a text is no name of a provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct ProviderNameError {
    pub(super) expected: String,
    pub(super) found: String,
}

impl Provider {
    /// A provider of which nothing is known but its name.
    ///
    /// # Errors
    ///
    /// The name is empty, has more than 60 characters or more than one line, or holds an invisible
    /// character.
    pub fn named(name: &str) -> Result<Self, ProviderNameError> {
        check_name(name, MAX_NAME)?;
        Ok(Self { name: Some(name.to_owned()), ..Self::default() })
    }

    /// Its name, or the mail domain where the profile names none.
    pub fn name_for(&self, domain: &MailDomain) -> String {
        self.name.clone().unwrap_or_else(|| cut(&domain.shown(), MAX_NAME))
    }

    /// A name for narrow places.
    pub fn short_name_for(&self, domain: &MailDomain) -> String {
        self.short_name.clone().unwrap_or_else(|| cut(&self.name_for(domain), MAX_SHORT_NAME))
    }
}

/// The longest name of a provider, in characters (draft-ietf-mailmaint-autoconfig §3).
pub(super) const MAX_NAME: usize = 60;

/// The longest name for narrow places.
pub(super) const MAX_SHORT_NAME: usize = 20;

/// The longest web address, in octets.
const MAX_ADDRESS: usize = 800;

/// Whether a text is a web address that a document can hold.
pub(super) fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let printable = |octet: u8| octet.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&octet);
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && text.len() <= MAX_ADDRESS
        && text.bytes().all(printable)
}

/// Checks a name of at most so many characters.
pub(super) fn check_name(text: &str, most: usize) -> Result<(), ProviderNameError> {
    let found = match text.chars().count() {
        _ if text.trim().is_empty() => "none".to_owned(),
        _ if !is_legible(text) => "an invisible character".to_owned(),
        length if length > most => format!("{length} characters"),
        _ => return Ok(()),
    };
    let expected = format!("a name of 1 to {most} characters on one line");
    Err(ProviderNameError { expected, found })
}

/// Whether people can read a name: on one line, with nothing that is invisible or turns the line
/// around.
pub(super) fn is_legible(text: &str) -> bool {
    !text.contains('\n') && printable(text) == *text
}

/// The first characters of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    let short: String = text.chars().take(most).collect();
    short.trim_end().to_owned()
}
