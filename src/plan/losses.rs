//! What named mail clients lose when less is published, and which enter another login name.

use super::reach::{Hold, Sight, hold};
use crate::clients::{self, Client, Entered};
use crate::hosting::{Hosting, Login};
use crate::service::{Direction, Service};

/// What is left to clients that no longer find a server as they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing: their users have to type it in.
    Nothing,
    /// The target of `_autodiscover._tcp`, if a document is served there.
    AutodiscoverTarget,
}

/// The clients that find a server under the one profile, and under the other do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What they no longer find; one direction at least.
    pub directions: Vec<Direction>,
    /// What is left to them.
    pub left: Left,
    /// The names of the clients.
    pub clients: Vec<String>,
}

impl Loss {
    /// What they no longer find, in words.
    pub fn servers(&self) -> String {
        match self.directions.as_slice() {
            [one] => format!("the {}", one.title()),
            _ => "the incoming and the outgoing server".to_owned(),
        }
    }
}

/// Says which clients lose what when `after` is published in place of `before`.
///
/// It goes by [`crate::clients`]; a client that is not listed there is not spoken of. Nothing is
/// lost that was not found before, so widening a profile gives an empty list. A host that a client
/// guesses is found, unless the client then enters another login name than the profile documents.
pub fn losses(before: &Hosting, after: &Hosting) -> Vec<Loss> {
    let (before, after) = (Sight::of(before), Sight::of(after));
    let mut found: Vec<(Vec<Direction>, Left, Vec<&Client>)> = Vec::new();
    for client in clients::ALL {
        for left in [Left::Nothing, Left::AutodiscoverTarget] {
            let falls = |direction: &Direction| {
                let is = hold(client, *direction, &after);
                is < hold(client, *direction, &before) && left_of(is) == left
            };
            let directions: Vec<_> = Direction::ALL.into_iter().filter(falls).collect();
            let same = |(known, of, _): &&mut (Vec<Direction>, Left, _)| {
                *known == directions && *of == left
            };
            match found.iter_mut().find(same) {
                _ if directions.is_empty() => {}
                Some((_, _, clients)) => clients.push(client),
                None => found.push((directions, left, vec![client])),
            }
        }
    }
    let losses = found.into_iter().map(|(directions, left, clients)| Loss {
        directions,
        left,
        clients: clients::titles(clients),
    });
    losses.collect()
}

/// The clients that enter another login name than a profile documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What they enter.
    pub entered: Login,
    /// The names of the clients.
    pub clients: Vec<String>,
}

/// Says which clients enter a login name of their own that is not the documented one.
///
/// A server that accepts both forms, as RFC 6186 §5 advises, loses none of them.
pub fn login_mismatches(hosting: &Hosting) -> Vec<Mismatch> {
    mismatches(|service| hosting.offer(service).is_some().then(|| hosting.login_of(service)))
}

/// The same for the documented login names of the services that are offered.
pub(super) fn mismatches<'a>(login: impl Fn(Service) -> Option<&'a Login>) -> Vec<Mismatch> {
    let forms =
        [(Entered::FullAddress, Login::FullAddress), (Entered::LocalPart, Login::LocalPart)];
    let mut mismatches = Vec::new();
    for (how, entered) in forms {
        let another = |service: &Service| login(*service).is_some_and(|own| *own != entered);
        let is_lost = |client: &&Client| {
            client.enters == how && Service::ALL.iter().any(|s| another(s) && uses(client, *s))
        };
        let clients = clients::titles(clients::ALL.iter().filter(is_lost));
        if !clients.is_empty() {
            mismatches.push(Mismatch { entered, clients });
        }
    }
    mismatches
}

/// Whether a client has to do with a service at all.
fn uses(client: &Client, service: Service) -> bool {
    !client.names.is_empty() || client.labels.iter().any(|label| label.service() == service)
}

const fn left_of(hold: Hold) -> Left {
    match hold {
        Hold::None | Hold::Sure => Left::Nothing,
        Hold::Target => Left::AutodiscoverTarget,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::{HostPattern, file};

    fn lost(before: &Hosting, after: &Hosting) -> Vec<String> {
        let line = |loss: Loss| {
            let but = match loss.left {
                Left::Nothing => "",
                Left::AutodiscoverTarget => " but for the target",
            };
            format!("{}{but}: {}", loss.servers(), loss.clients.join(", "))
        };
        losses(before, after).into_iter().map(line).collect()
    }

    #[test]
    fn each_narrowing_costs_the_clients_that_lean_on_what_goes() {
        let full = Hosting::documented();
        let implicit = full.clone().with_implicit_only();
        let outgoing = "the outgoing server: Claws Mail, aerc";
        assert_eq!(lost(&full, &implicit), [outgoing]);
        let compat = implicit.with_compat_smtps();
        assert_eq!(lost(&full, &compat), [format!("{outgoing} 0.14")]);
        assert_eq!(lost(&full, &full), [""; 0]);
    }

    #[test]
    fn srv_records_alone_cost_those_who_read_documents_and_guess_no_host() {
        let both = "the incoming and the outgoing server";
        let target = format!("{both} but for the target: Thunderbird, Outlook");
        let readers = "KMail, Geary, GNOME Online Accounts";
        // Delta Chat guesses `mail.example.com`.
        let full = Hosting::documented();
        let told = lost(&full, &full.clone().with_srv_only());
        let expected = [target.clone(), format!("{both}: Thunderbird for Android, {readers}")];
        assert_eq!(told, expected);
        // Nobody guesses a host elsewhere.
        let host = HostPattern::host("mail.provider.example").unwrap();
        let elsewhere = full.with_host(host);
        let told = lost(&elsewhere, &elsewhere.clone().with_srv_only());
        let expected = [target, format!("{both}: Thunderbird for Android, Delta Chat, {readers}")];
        assert_eq!(told, expected);
        // Thunderbird guesses too, and enters the local part.
        let guessed = "imap: true\nsubmission: true\nautoconfig: true\nlogin: ";
        let of = |login: &str| file::parse(&format!("{guessed}{login}\n"), "p").unwrap();
        let (local, address) = (of("local-part"), of("full-address"));
        let told = |before: &Hosting| lost(before, &before.clone().with_srv_only()).join("; ");
        assert!(told(&address).contains("server: Thunderbird, "), "{}", told(&address));
        assert!(!told(&local).contains("Thunderbird, "), "{}", told(&local));
        assert!(told(&local).contains("Delta Chat"), "{}", told(&local));
        // No document is made for one direction alone, so none is lost.
        let incoming = file::parse("imap: true\nautoconfig: true\n", "p").unwrap();
        assert_eq!(told(&incoming), "");
    }

    #[test]
    fn clients_with_a_login_name_of_their_own_are_named_where_another_is_documented() {
        let mismatches = |login: Login| {
            let told = login_mismatches(&Hosting::documented().with_login(login)).into_iter();
            told.map(|one| (one.entered, one.clients.join(", "))).collect::<Vec<_>>()
        };
        assert_eq!(mismatches(Login::FullAddress), [(Login::LocalPart, "msmtp, mpop".to_owned())]);
        let full = "Geary, himalaya, Claws Mail, aerc";
        assert_eq!(mismatches(Login::LocalPart), [(Login::FullAddress, full.to_owned())]);
    }
}
