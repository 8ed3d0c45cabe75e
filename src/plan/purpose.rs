//! What the RRsets of a plan are for.

use crate::service::{ConfigName, Label, Related};

/// What an RRset of a plan is for.
///
/// It decides what is said of a record to people, and how it is compared; the type alone does not
/// tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// It tells where a service is.
    Service(Label),
    /// It tells that a service is not offered.
    Denial(Label),
    /// It tells clients of old where submission is, under a label that is not assigned.
    CompatSmtps,
    /// It leads to the documents that clients fetch.
    Config(ConfigName),
    /// It leads Autodiscover to its host.
    Autodiscover,
    /// It leads to the PACC document.
    PaccName,
    /// It holds the digest of the PACC document.
    PaccDigest,
    /// It tells where a service beside mail is.
    Related(Related),
    /// It holds the path of a service beside mail.
    RelatedPath(Related),
    /// It tells that a service beside mail is not offered without TLS.
    RelatedDenial(Related),
    /// It tells where mail for the domain is taken.
    Exchange,
    /// It binds a server to its certificate.
    Certificate,
    /// It holds the addresses of a host of the provider.
    Host,
}

impl Purpose {
    /// The word for it in machine-readable output; it never changes its meaning.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Denial(_) | Self::RelatedDenial(_) => "denial",
            Self::CompatSmtps => "compatibility",
            Self::Config(_) => "configuration",
            Self::Autodiscover => "autodiscover",
            Self::PaccName | Self::PaccDigest => "pacc",
            Self::Related(_) | Self::RelatedPath(_) => "related",
            Self::Exchange => "exchange",
            Self::Certificate => "certificate",
            Self::Host => "host",
        }
    }

    /// Whether the RRset says that something is not there, with the target `.`.
    pub const fn is_denial(self) -> bool {
        matches!(self, Self::Denial(_) | Self::RelatedDenial(_))
    }

    /// What it means for clients that the RRset is not published, in words that go after "so".
    pub const fn consequence(self) -> &'static str {
        match self {
            Self::Service(_) | Self::CompatSmtps | Self::Related(_) => {
                "clients that look for the service in DNS do not find it"
            }
            Self::Denial(_) | Self::RelatedDenial(_) => {
                "nothing tells clients that the service is not offered"
            }
            Self::Config(_) | Self::PaccName => "clients do not find the document",
            Self::Autodiscover => "Autodiscover is found by its host name or not at all",
            Self::PaccDigest => "clients cannot tell whether the document is genuine",
            Self::RelatedPath(_) => "clients have to guess the path",
            Self::Exchange => "senders do not find the mail host",
            Self::Certificate => "nobody can hold the certificate against DNS (DANE)",
            Self::Host => "the host has no address",
        }
    }
}
