//! The one table of mail services: label, TLS mode, default port and RFC.
//!
//! Port numbers and service labels stand nowhere else in the program.
//!
//! ```
//! use mailsrv::service::{Label, Service, TlsMode};
//!
//! let label = Service::Submission.label(TlsMode::Implicit);
//! assert_eq!((label.text(), label.default_port()), ("_submissions", 465));
//! assert_eq!(label.prefix().join("."), "_submissions._tcp");
//! assert_eq!(label.sibling(), Label::Submission);
//! assert_eq!(label.reference(), "RFC 8314 section 5.1");
//! ```

use std::fmt;

/// A service a mail client is set up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// IMAP4 (RFC 9051).
    Imap,
    /// POP3 (RFC 1939).
    Pop3,
    /// Message submission (RFC 6409).
    Submission,
}

impl Service {
    /// Every service, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Imap, Self::Pop3, Self::Submission];

    /// The key of a hosting profile.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Submission => "submission",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Submission => "submission",
        }
    }

    /// Whether a client reads mail with it; submission only sends.
    pub const fn is_retrieval(self) -> bool {
        matches!(self, Self::Imap | Self::Pop3)
    }

    /// The label of this service in the given mode.
    pub const fn label(self, mode: TlsMode) -> Label {
        match (self, mode) {
            (Self::Imap, TlsMode::Implicit) => Label::Imaps,
            (Self::Imap, TlsMode::StartTls) => Label::Imap,
            (Self::Pop3, TlsMode::Implicit) => Label::Pop3s,
            (Self::Pop3, TlsMode::StartTls) => Label::Pop3,
            (Self::Submission, TlsMode::Implicit) => Label::Submissions,
            (Self::Submission, TlsMode::StartTls) => Label::Submission,
        }
    }
}

/// A direction of mail that a client has to find a server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Reading mail.
    Incoming,
    /// Sending mail.
    Outgoing,
}

impl Direction {
    /// Both directions.
    pub const ALL: [Self; 2] = [Self::Incoming, Self::Outgoing];

    /// What people call the server of that direction.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Incoming => "incoming server",
            Self::Outgoing => "outgoing server",
        }
    }

    /// Whether a service is of that direction.
    pub const fn has(self, service: Service) -> bool {
        service.is_retrieval() == matches!(self, Self::Incoming)
    }
}

/// When TLS begins on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsMode {
    /// At once on connecting (RFC 8314 §3).
    Implicit,
    /// After the STARTTLS or STLS command (RFC 3207, RFC 2595).
    StartTls,
}

impl TlsMode {
    /// Both modes, the preferred one first (RFC 8314 §4).
    pub const ALL: [Self; 2] = [Self::Implicit, Self::StartTls];

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Implicit => "TLS",
            Self::StartTls => "STARTTLS",
        }
    }
}

/// A service label of RFC 6186 and RFC 8314: the first label of an SRV owner name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// IMAP over implicit TLS.
    Imaps,
    /// IMAP with STARTTLS.
    Imap,
    /// POP3 over implicit TLS.
    Pop3s,
    /// POP3 with STLS.
    Pop3,
    /// Submission over implicit TLS.
    Submissions,
    /// Submission with STARTTLS.
    Submission,
}

/// A row of the table.
struct Row {
    service: Service,
    mode: TlsMode,
    label: &'static str,
    port: u16,
    reference: &'static str,
}

/// In the order of [`Label`], whose variants are the places in it.
const TABLE: [Row; 6] = {
    use Service::{Imap, Pop3, Submission};
    use TlsMode::{Implicit, StartTls};
    const fn row(
        service: Service,
        mode: TlsMode,
        label: &'static str,
        port: u16,
        reference: &'static str,
    ) -> Row {
        Row { service, mode, label, port, reference }
    }
    [
        row(Imap, Implicit, "_imaps", 993, "RFC 6186 section 3.2, RFC 8314 section 3.2"),
        row(Imap, StartTls, "_imap", 143, "RFC 6186 section 3.2"),
        row(Pop3, Implicit, "_pop3s", 995, "RFC 6186 section 3.3, RFC 8314 section 3.1"),
        row(Pop3, StartTls, "_pop3", 110, "RFC 6186 section 3.3"),
        row(Submission, Implicit, "_submissions", 465, "RFC 8314 section 5.1"),
        row(Submission, StartTls, "_submission", 587, "RFC 6186 section 3.1"),
    ]
};

impl Label {
    /// Every label, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Imaps, Self::Imap, Self::Pop3s, Self::Pop3, Self::Submissions, Self::Submission];

    /// All that is known of a label.
    const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The service behind the label.
    pub const fn service(self) -> Service {
        self.row().service
    }

    /// The TLS mode that the label, not the port, tells a client (RFC 6186 §3).
    pub const fn mode(self) -> TlsMode {
        self.row().mode
    }

    /// The label as it stands in an owner name.
    pub const fn text(self) -> &'static str {
        self.row().label
    }

    /// The registered port.
    pub const fn default_port(self) -> u16 {
        self.row().port
    }

    /// Where the label is defined.
    pub const fn reference(self) -> &'static str {
        self.row().reference
    }

    /// The label of the same service in the other TLS mode.
    pub const fn sibling(self) -> Self {
        match self.mode() {
            TlsMode::Implicit => self.service().label(TlsMode::StartTls),
            TlsMode::StartTls => self.service().label(TlsMode::Implicit),
        }
    }

    /// The two labels in front of the mail domain.
    pub const fn prefix(self) -> [&'static str; 2] {
        [self.text(), PROTO]
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// The protocol label of every SRV owner name of this program (RFC 2782).
pub const PROTO: &str = "_tcp";

/// The service label of Autodiscover (MS-OXDISCO).
pub const AUTODISCOVER_LABEL: &str = "_autodiscover";

/// The only port of `_autodiscover._tcp` that clients use: MS-OXDISCO §3.1.5 builds an `https` URL
/// from the host and drops the port.
pub const AUTODISCOVER_PORT: u16 = HTTPS_PORT;

/// The port of mail transfer (RFC 5321), which submission labels are now and then pointed at.
pub const SMTP_PORT: u16 = 25;

/// A label that people publish and no RFC 6186 client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misnomer {
    /// The label as published.
    pub text: &'static str,
    /// The label that clients ask for instead.
    pub right: Label,
}

/// The misnomers worth asking for, from what is seen in the wild.
///
/// RFC 8314 §7.3 revoked the registration of `smtps`; RFC 2782 allows no name but the assigned one.
pub const MISNOMERS: [Misnomer; 6] = [
    Misnomer { text: "_smtps", right: Label::Submissions },
    Misnomer { text: "_smtp", right: Label::Submission },
    Misnomer { text: "_imap4s", right: Label::Imaps },
    Misnomer { text: "_imap4", right: Label::Imap },
    Misnomer { text: "_pops", right: Label::Pop3s },
    Misnomer { text: "_pop", right: Label::Pop3 },
];

/// A label that is published for clients of old only where the user asks for it: aerc's stored
/// configuration asks for it in place of `_submissions`.
pub const SMTPS_LABEL: &str = "_smtps";

/// A service beside mail that clients look for under the same domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Related {
    /// JMAP over HTTPS (RFC 8620 §2.2).
    Jmap,
    /// Management of filters with STARTTLS (RFC 5804 §1.8).
    Sieve,
    /// Calendars (RFC 6764 §3).
    Caldav,
    /// Address books (RFC 6764 §3).
    Carddav,
}

impl Related {
    /// Every related service, in the order of publication.
    pub const ALL: [Self; 4] = [Self::Jmap, Self::Sieve, Self::Caldav, Self::Carddav];

    /// The key of a hosting profile.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Jmap => "jmap",
            Self::Sieve => "sieve",
            Self::Caldav => "caldav",
            Self::Carddav => "carddav",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Jmap => "JMAP",
            Self::Sieve => "ManageSieve",
            Self::Caldav => "CalDAV",
            Self::Carddav => "CardDAV",
        }
    }

    /// The label under which it is published.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Jmap => "_jmap",
            Self::Sieve => "_sieve",
            Self::Caldav => "_caldavs",
            Self::Carddav => "_carddavs",
        }
    }

    /// The label of the same service without TLS, which is denied and never offered (RFC 6764 §8).
    pub const fn cleartext(self) -> Option<&'static str> {
        match self {
            Self::Caldav => Some("_caldav"),
            Self::Carddav => Some("_carddav"),
            Self::Jmap | Self::Sieve => None,
        }
    }

    /// The registered port.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Jmap | Self::Caldav | Self::Carddav => HTTPS_PORT,
            Self::Sieve => 4190,
        }
    }
}

/// The port of HTTPS (RFC 9110 §4.2.2).
pub const HTTPS_PORT: u16 = 443;

/// The port of HTTP (RFC 9110 §4.2.1).
pub const HTTP_PORT: u16 = 80;

/// The name below the mail domain that serves the PACC document (draft-ietf-mailmaint-pacc).
pub const PACC_NAME: &str = "ua-auto-config";

/// The name of the TXT record with the digest of the PACC document.
pub const PACC_DIGEST_LABEL: &str = "_ua-auto-config";

/// The labels of the SRV record by which the first draft of PACC (July 2025) was found, and no client
/// of the present one asks for.
pub const PACC_OBSOLETE: [&str; 2] = ["_pacc", "_https"];

/// A name below the mail domain that clients fetch a configuration document from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigName {
    /// `autoconfig`, read by Thunderbird and most other clients (draft-ietf-mailmaint-autoconfig §4.1).
    Autoconfig,
    /// `autodiscover`, read by Outlook and a few others (MS-OXDISCO).
    Autodiscover,
}

impl ConfigName {
    /// Both names.
    pub const ALL: [Self; 2] = [Self::Autoconfig, Self::Autodiscover];

    /// The label in front of the mail domain, and the key of a hosting profile.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Autoconfig => "autoconfig",
            Self::Autodiscover => "autodiscover",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_finds_its_own_row() {
        for label in Label::ALL {
            assert_eq!(label.service().label(label.mode()), label);
            assert_eq!(label.sibling().sibling(), label);
            assert_ne!(label.sibling(), label);
        }
        let rows: Vec<_> = Label::ALL.map(|l| (l.text(), l.default_port(), l.mode())).into();
        assert_eq!(
            rows,
            [
                ("_imaps", 993, TlsMode::Implicit),
                ("_imap", 143, TlsMode::StartTls),
                ("_pop3s", 995, TlsMode::Implicit),
                ("_pop3", 110, TlsMode::StartTls),
                ("_submissions", 465, TlsMode::Implicit),
                ("_submission", 587, TlsMode::StartTls),
            ]
        );
    }
}
