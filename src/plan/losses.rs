//! What named mail clients lose when less is published.

use crate::clients::{self, Client};
use crate::hosting::Hosting;
use crate::service::{Label, Service};

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

    /// Whether a service is of that direction.
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
///
/// It goes by [`crate::clients`]; a client that is not listed there is not spoken of. Nothing is
/// lost that was not found before, so widening a profile gives an empty list.
pub fn losses(before: &Hosting, after: &Hosting) -> Vec<Loss> {
    let losses = Direction::ALL.into_iter().map(|direction| {
        let lost = clients::ALL
            .iter()
            .filter(|client| finds(client, direction, before) && !finds(client, direction, after));
        Loss { direction, clients: lost.map(|client| client.name).collect() }
    });
    losses.filter(|loss| !loss.clients.is_empty()).collect()
}

/// Whether a client finds a server of a direction at all: one that has begun with SRV records looks
/// no further.
fn finds(client: &Client, direction: Direction, hosting: &Hosting) -> bool {
    if finds_srv(client, direction, hosting) {
        return true;
    }
    let begun = Direction::ALL.into_iter().any(|other| finds_srv(client, other, hosting));
    !(client.srv_first && begun) && finds_document(client, direction, hosting)
}

/// Whether a label that the client asks for is offered.
fn finds_srv(client: &Client, direction: Direction, hosting: &Hosting) -> bool {
    let offered =
        |label: Label| direction.has(label.service()) && hosting.endpoint(label).is_some();
    client.labels.iter().any(|label| offered(*label))
        || client.smtps && hosting.has_compat_smtps() && offered(Label::Submissions)
}

/// Whether a name that the client fetches documents from is published, and the document has
/// something to say.
fn finds_document(client: &Client, direction: Direction, hosting: &Hosting) -> bool {
    let leads = client.names.iter().any(|name| hosting.lead(*name).is_some())
        || client.autodiscover_srv && hosting.autodiscover_srv().is_some();
    leads
        && Service::ALL
            .into_iter()
            .any(|service| direction.has(service) && hosting.offer(service).is_some())
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
