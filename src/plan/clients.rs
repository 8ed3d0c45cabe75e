//! What named mail clients look for, and what they lose when less is published.
//!
//! The facts were read in the clients' sources or measured in 2026: Thunderbird 153, Thunderbird
//! for Android, Evolution 3.56, `FairEmail` 1.2331, Claws Mail 4.3, Balsa 2.6, aerc, himalaya with
//! pimconf 0.1, Delta Chat, `KMail` 24.12, Geary 46, GNOME Online Accounts 3.58, Horde. Outlook's are
//! in MS-OXDISCO §3.1.5.

use crate::hosting::Hosting;
use crate::service::{ConfigName, Label, Service};

/// A mail client, and what it looks for.
struct Client {
    name: &'static str,
    /// The service labels it asks for.
    labels: &'static [Label],
    /// Whether it asks for `_smtps` where others ask for `_submissions`.
    smtps: bool,
    /// The names it fetches documents from.
    names: &'static [ConfigName],
    /// Whether `_autodiscover._tcp` leads it to a document too.
    autodiscover_srv: bool,
    /// Whether it takes what the SRV records say without a look at documents, even where they name
    /// only one direction.
    srv_first: bool,
}

const fn documents(name: &'static str, names: &'static [ConfigName]) -> Client {
    Client { name, labels: &[], smtps: false, names, autodiscover_srv: false, srv_first: false }
}

const fn labels(name: &'static str, labels: &'static [Label]) -> Client {
    Client { name, labels, smtps: false, names: &[], autodiscover_srv: false, srv_first: true }
}

const CLIENTS: &[Client] = {
    use ConfigName::{Autoconfig, Autodiscover};
    use Label::{Imap, Imaps, Pop3, Pop3s, Submission, Submissions};
    &[
        Client { autodiscover_srv: true, ..documents("Thunderbird", &[Autoconfig, Autodiscover]) },
        documents("Thunderbird for Android", &[Autoconfig]),
        Client { autodiscover_srv: true, ..documents("Outlook", &[Autodiscover]) },
        documents("Delta Chat", &[Autoconfig, Autodiscover]),
        documents("KMail", &[Autoconfig]),
        documents("Geary", &[Autoconfig]),
        documents("GNOME Online Accounts", &[Autoconfig]),
        Client { labels: &Label::ALL, ..documents("Evolution", &[Autoconfig]) },
        Client {
            labels: &[Imap, Imaps, Submission, Submissions],
            ..documents("FairEmail", &[Autoconfig, Autodiscover])
        },
        Client { labels: &[Imap, Imaps, Submission], ..documents("himalaya", &[Autoconfig]) },
        labels("Claws Mail", &[Imaps, Imap, Pop3s, Pop3, Submission]),
        labels("Balsa", &Label::ALL),
        labels("Horde", &Label::ALL),
        Client { smtps: true, names: &[Autoconfig], ..labels("aerc", &[Imap, Imaps, Submission]) },
    ]
};

/// A direction of mail that a client has to find a server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Reading mail.
    Incoming,
    /// Sending mail.
    Outgoing,
}

impl Direction {
    const ALL: [Self; 2] = [Self::Incoming, Self::Outgoing];

    /// What people call the server of that direction.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Incoming => "incoming server",
            Self::Outgoing => "outgoing server",
        }
    }

    fn has(self, service: Service) -> bool {
        service.is_retrieval() == (self == Self::Incoming)
    }
}

/// The clients that find no server of a direction under the one profile, and do under the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What they no longer find.
    pub direction: Direction,
    /// The names of the clients.
    pub clients: Vec<&'static str>,
}

/// Says which clients lose what when `after` is published in place of `before`.
pub fn losses(before: &Hosting, after: &Hosting) -> Vec<Loss> {
    let losses = Direction::ALL.into_iter().map(|direction| {
        let lost = CLIENTS
            .iter()
            .filter(|client| client.finds(direction, before) && !client.finds(direction, after));
        Loss { direction, clients: lost.map(|client| client.name).collect() }
    });
    losses.filter(|loss| !loss.clients.is_empty()).collect()
}

impl Client {
    fn finds(&self, direction: Direction, hosting: &Hosting) -> bool {
        if self.finds_srv(direction, hosting) {
            return true;
        }
        let begun = Direction::ALL.into_iter().any(|other| self.finds_srv(other, hosting));
        !(self.srv_first && begun) && self.finds_document(direction, hosting)
    }

    fn finds_srv(&self, direction: Direction, hosting: &Hosting) -> bool {
        let offered =
            |label: Label| direction.has(label.service()) && hosting.endpoint(label).is_some();
        self.labels.iter().any(|label| offered(*label))
            || self.smtps && hosting.has_compat_smtps() && offered(Label::Submissions)
    }

    fn finds_document(&self, direction: Direction, hosting: &Hosting) -> bool {
        let leads = self.names.iter().any(|name| hosting.lead(*name).is_some())
            || self.autodiscover_srv && hosting.autodiscover_srv().is_some();
        leads
            && Service::ALL
                .into_iter()
                .any(|service| direction.has(service) && hosting.offer(service).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(before: &Hosting, after: &Hosting) -> Vec<String> {
        let losses = losses(before, after);
        losses
            .iter()
            .map(|loss| format!("{}: {}", loss.direction.title(), loss.clients.join(", ")))
            .collect()
    }

    #[test]
    fn each_narrowing_costs_the_clients_that_lean_on_what_goes() {
        let full = Hosting::documented();
        assert_eq!(
            lost(&full, &full.clone().with_implicit_only()),
            ["outgoing server: Claws Mail, aerc"]
        );
        let implicit = full.clone().with_implicit_only();
        assert_eq!(
            lost(&full, &implicit.clone().with_compat_smtps()),
            ["outgoing server: Claws Mail"]
        );
        let names = "Thunderbird for Android, Delta Chat, KMail, Geary, GNOME Online Accounts";
        assert_eq!(
            lost(&full, &full.clone().with_srv_only()),
            [format!("incoming server: {names}"), format!("outgoing server: {names}")]
        );
        assert_eq!(
            lost(&implicit, &implicit.clone().with_srv_only()),
            [format!("incoming server: {names}"), format!("outgoing server: {names}, himalaya"),]
        );
        assert_eq!(lost(&full, &full), [""; 0]);
    }
}
