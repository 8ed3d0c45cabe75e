//! The mail clients that are known, and what each looks for.
//!
//! A row says what was read in the source of one version, or measured with it, in 2026.

use crate::service::{ConfigName, Label};

/// A mail client, and what it looks for in DNS.
#[derive(Debug)]
pub struct Client {
    /// What it is called.
    pub name: &'static str,
    /// The version, or the date of the source, that the row speaks of.
    pub version: &'static str,
    /// The service labels it asks for.
    pub labels: &'static [Label],
    /// Whether it asks for `_smtps`, which is not assigned (RFC 8314 §7.3), in place of
    /// `_submissions`.
    pub smtps: bool,
    /// The names it fetches documents from.
    pub names: &'static [ConfigName],
    /// Whether `_autodiscover._tcp` leads it to a document too.
    pub autodiscover_srv: bool,
    /// Whether it takes what the SRV records say without a look at documents, even where they name
    /// only one direction.
    pub srv_first: bool,
}

/// A client that reads documents and no SRV records.
const fn documents(
    name: &'static str,
    version: &'static str,
    names: &'static [ConfigName],
) -> Client {
    let (labels, smtps) = (&[], false);
    Client { name, version, labels, smtps, names, autodiscover_srv: false, srv_first: false }
}

/// A client that goes by SRV records.
const fn labels(name: &'static str, version: &'static str, labels: &'static [Label]) -> Client {
    Client { labels, srv_first: true, ..documents(name, version, &[]) }
}

/// Every client that is known.
pub const ALL: &[Client] = {
    use ConfigName::{Autoconfig, Autodiscover};
    use Label::{Imap, Imaps, Pop3, Pop3s, Submission, Submissions};
    &[
        Client {
            autodiscover_srv: true,
            ..documents("Thunderbird", "153", &[Autoconfig, Autodiscover])
        },
        documents("Thunderbird for Android", "2026-08-20", &[Autoconfig]),
        // MS-OXDISCO §3.1.5.
        Client { autodiscover_srv: true, ..documents("Outlook", "MS-OXDISCO", &[Autodiscover]) },
        documents("Delta Chat", "2026-08-21", &[Autoconfig, Autodiscover]),
        documents("KMail", "24.12", &[Autoconfig]),
        documents("Geary", "46", &[Autoconfig]),
        documents("GNOME Online Accounts", "3.58", &[Autoconfig]),
        Client { labels: &Label::ALL, ..documents("Evolution", "3.56", &[Autoconfig]) },
        Client {
            labels: &[Imap, Imaps, Submission, Submissions],
            ..documents("FairEmail", "1.2331", &[Autoconfig, Autodiscover])
        },
        Client {
            labels: &[Imap, Imaps, Submission],
            ..documents("himalaya", "pimconf 0.1", &[Autoconfig])
        },
        labels("Claws Mail", "4.3", &[Imaps, Imap, Pop3s, Pop3, Submission]),
        labels("Balsa", "2.6", &Label::ALL),
        labels("Horde", "Mail_Autoconfig, read in 2026", &Label::ALL),
        Client {
            smtps: true,
            names: &[Autoconfig],
            ..labels("aerc", "read in 2026", &[Imap, Imaps, Submission])
        },
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_stands_once_with_its_version_and_looks_for_something() {
        for (at, client) in ALL.iter().enumerate() {
            assert!(!client.version.is_empty(), "{}", client.name);
            assert!(!client.labels.is_empty() || !client.names.is_empty(), "{}", client.name);
            assert!(ALL[..at].iter().all(|other| other.name != client.name), "{}", client.name);
        }
    }
}
