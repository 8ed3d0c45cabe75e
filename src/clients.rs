//! The mail clients that are known, and what each looks for.
//!
//! A row says what was measured with one version, or read in its source, in 2026; a test holds
//! those that were measured against what was seen.

use crate::service::{ConfigName, Label, Service, TlsMode};

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
    /// Whether it reads PACC (draft-ietf-mailmaint-pacc).
    pub pacc: bool,
    /// Whether `_autodiscover._tcp` leads it to a document too.
    pub autodiscover_srv: bool,
    /// Whether it takes what the SRV records say without a look at documents, even where they name
    /// only one direction.
    pub srv_first: bool,
    /// What it tries where it has found nothing.
    pub guesses: Option<&'static Guesses>,
    /// What it enters as login name.
    pub enters: Entered,
}

/// The hosts that a client tries at the registered ports where nothing is published.
#[derive(Debug)]
pub struct Guesses {
    /// The names below the mail domain, empty for the mail domain itself, with what is sought there.
    pub hosts: &'static [(&'static str, &'static [Service])],
    /// The modes in which it tries them.
    pub modes: &'static [TlsMode],
    /// What it enters as login name then.
    pub enters: Entered,
}

/// What a client enters as login name before its user has changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// What the document says; the full address where it has read none (RFC 6186 §4).
    Documented,
    /// The full address, whatever a document says.
    FullAddress,
    /// The part before the `@`, whatever a document says.
    LocalPart,
    /// Nobody has looked.
    Unknown,
}

/// What people call these clients, each once, in the order of the table: a client is named by its
/// version where other versions of it are known and not among them.
pub fn titles<'a>(clients: impl IntoIterator<Item = &'a Client>) -> Vec<String> {
    let clients: Vec<&Client> = clients.into_iter().collect();
    let is_among = |one: &Client| {
        clients.iter().any(|other| (other.name, other.version) == (one.name, one.version))
    };
    let mut titles = Vec::new();
    for client in &clients {
        let is_whole = ALL.iter().filter(|other| other.name == client.name).all(is_among);
        let title = match is_whole {
            true => client.name.to_owned(),
            false => format!("{} {}", client.name, client.version),
        };
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles
}

/// A client that reads documents and no SRV records.
const fn documents(
    name: &'static str,
    version: &'static str,
    names: &'static [ConfigName],
) -> Client {
    Client {
        name,
        version,
        labels: &[],
        smtps: false,
        names,
        pacc: false,
        autodiscover_srv: false,
        srv_first: false,
        guesses: None,
        enters: Entered::Documented,
    }
}

/// A client that goes by SRV records.
const fn labels(name: &'static str, version: &'static str, labels: &'static [Label]) -> Client {
    Client { labels, srv_first: true, ..documents(name, version, &[]) }
}

/// Every client that is known.
pub const ALL: &[Client] = {
    use ConfigName::{Autoconfig, Autodiscover};
    use Entered::{FullAddress, LocalPart, Unknown};
    use Label::{Imap, Imaps, Pop3, Pop3s, Submission, Submissions};
    &[
        Client {
            autodiscover_srv: true,
            guesses: Some(&THUNDERBIRD),
            ..documents("Thunderbird", "153.7", &[Autoconfig, Autodiscover])
        },
        documents("Thunderbird for Android", "2026-08-20", &[Autoconfig]),
        // MS-OXDISCO §3.1.5.
        Client { autodiscover_srv: true, ..documents("Outlook", "MS-OXDISCO", &[Autodiscover]) },
        Client {
            guesses: Some(&DELTA_CHAT),
            ..documents("Delta Chat", "2.65.0", &[Autoconfig, Autodiscover])
        },
        documents("KMail", "24.12", &[Autoconfig]),
        // So does the source of 46.
        Client { enters: FullAddress, ..documents("Geary", "43", &[Autoconfig]) },
        documents("GNOME Online Accounts", "3.58", &[Autoconfig]),
        // So does the source of 3.56.
        Client { labels: &Label::ALL, ..documents("Evolution", "3.46.4", &[Autoconfig]) },
        Client {
            labels: &[Imap, Imaps, Submission, Submissions],
            ..documents("FairEmail", "1.2331", &[Autoconfig, Autodiscover])
        },
        Client {
            labels: &[Imap, Imaps, Submission, Submissions],
            pacc: true,
            enters: FullAddress,
            ..documents("himalaya", "2.2.1", &[Autoconfig])
        },
        Client {
            labels: &[Imap, Imaps, Submission, Submissions],
            pacc: true,
            ..documents("io-pim-discovery", "0.9.0", &[Autoconfig])
        },
        // So does the source of 4.3.
        Client {
            enters: FullAddress,
            ..labels("Claws Mail", "4.1.1", &[Imaps, Imap, Pop3s, Pop3, Submission])
        },
        Client { enters: Unknown, ..labels("Balsa", "2.6", &Label::ALL) },
        Client { enters: Unknown, ..labels("Horde", "Mail_Autoconfig, read in 2026", &Label::ALL) },
        Client {
            guesses: Some(&AERC),
            enters: FullAddress,
            ..labels("aerc", "0.14", &[Imaps, Imap, Submission])
        },
        Client {
            smtps: true,
            names: &[Autoconfig],
            enters: FullAddress,
            ..labels("aerc", "of 2026", &[Imap, Imaps, Submission])
        },
        Client { enters: LocalPart, ..labels("msmtp", "1.8.23", &[Submissions, Submission]) },
        Client { enters: LocalPart, ..labels("mpop", "1.4.18", &[Pop3s, Pop3]) },
    ]
};

/// It enters the full address only where a document says so.
const THUNDERBIRD: Guesses = {
    use Service::{Imap, Pop3, Submission};
    Guesses {
        hosts: &[
            ("imap", &[Imap]),
            ("pop3", &[Pop3]),
            ("pop", &[Pop3]),
            ("smtp", &[Submission]),
            ("mail", &Service::ALL),
            ("", &Service::ALL),
        ],
        modes: &TlsMode::ALL,
        enters: Entered::LocalPart,
    }
};

const DELTA_CHAT: Guesses = {
    use Service::{Imap, Submission};
    Guesses {
        hosts: &[
            ("imap", &[Imap]),
            ("smtp", &[Submission]),
            ("mail", &[Imap, Submission]),
            ("", &[Imap, Submission]),
        ],
        modes: &TlsMode::ALL,
        enters: Entered::FullAddress,
    }
};

/// It proposes the mail domain itself.
const AERC: Guesses = Guesses {
    hosts: &[("", &[Service::Imap, Service::Submission])],
    modes: &[TlsMode::Implicit],
    enters: Entered::FullAddress,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_stands_once_with_its_version_and_looks_for_something() {
        for (at, client) in ALL.iter().enumerate() {
            assert!(!client.version.is_empty(), "{}", client.name);
            assert!(!client.labels.is_empty() || !client.names.is_empty(), "{}", client.name);
            let same =
                |other: &Client| (other.name, other.version) == (client.name, client.version);
            assert!(!ALL[..at].iter().any(same), "{client:?}");
        }
    }

    #[test]
    fn a_client_is_named_by_its_version_where_others_are_not_meant() {
        let of = |version: &str| {
            let meant =
                |client: &&Client| client.name == "aerc" && client.version.contains(version);
            titles(ALL.iter().filter(meant))
        };
        assert_eq!(of("0.14"), ["aerc 0.14"]);
        assert_eq!(of(""), ["aerc"]);
    }
}
