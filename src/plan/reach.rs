//! By which way a mail client comes to the servers of a profile, if it does.

use crate::clients::{Client, Entered};
use crate::hosting::{Hosting, Login};
use crate::service::{ConfigName, Direction, Label, Service};

/// How surely a client finds a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hold {
    /// Not at all, or with a login name that is refused.
    None,
    /// Only where the target of `_autodiscover._tcp` serves a document.
    Target,
    /// By what the profile publishes, or by a guess that is right.
    Sure,
}

/// The way by which a client comes to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Srv,
    Document,
    /// A document behind `_autodiscover._tcp`.
    Target,
    Guess,
}

/// What a client can see of a profile.
pub(super) struct Sight {
    /// By the place of the label in [`Label::ALL`].
    labels: [bool; 6],
    smtps: bool,
    /// By the place of the name in [`ConfigName::ALL`].
    names: [bool; 2],
    autodiscover_srv: bool,
    pacc: bool,
    /// What documents name, by the place of the service in [`Service::ALL`].
    documented: [bool; 3],
    /// What PACC names, likewise.
    in_pacc: [bool; 3],
    /// The hosts below the mail domain that have a service at its registered port.
    hosts: Vec<(String, Label)>,
    logins: [Login; 3],
}

impl Sight {
    pub(super) fn of(hosting: &Hosting) -> Self {
        let labels = Label::ALL.map(|label| hosting.endpoint(label).is_some());
        Self {
            labels,
            smtps: hosting.has_compat_smtps() && labels[Label::Submissions as usize],
            names: ConfigName::ALL.map(|name| hosting.lead(name).is_some()),
            autodiscover_srv: hosting.autodiscover_srv().is_some(),
            pacc: hosting.pacc().is_some(),
            documented: Service::ALL.map(|service| hosting.offer(service).is_some()),
            in_pacc: Service::ALL.map(|service| hosting.is_at_registered_tls_port(service)),
            hosts: hosts(hosting),
            logins: Service::ALL.map(|service| hosting.login_of(service).clone()),
        }
    }

    /// Whether a document names servers of both directions: none is made for less.
    fn has_document(&self) -> bool {
        Direction::ALL.into_iter().all(|direction| {
            Service::ALL.into_iter().any(|s| direction.has(s) && self.documented[s as usize])
        })
    }
}

/// The hosts of a profile that stand below the mail domain whichever that is, or are the mail
/// domain itself, where they have a service at its registered port.
fn hosts(hosting: &Hosting) -> Vec<(String, Label)> {
    let mut hosts = Vec::new();
    for label in Label::ALL {
        let Some(offer) = hosting.offer(label.service()) else { continue };
        let registered =
            offer.servers_in(label.mode()).filter(|(_, port)| *port == label.default_port());
        for (server, _) in registered {
            let pattern = server.host.as_ref().filter(|pattern| !pattern.is_default_host());
            let text = pattern.unwrap_or_else(|| hosting.host()).to_string();
            if let Some(below) = text.strip_suffix("{domain}") {
                hosts.push((below.trim_end_matches('.').to_owned(), label));
            }
        }
    }
    hosts
}

/// How surely it finds a server of a direction.
pub(super) fn hold(client: &Client, direction: Direction, sight: &Sight) -> Hold {
    match way(client, direction, sight) {
        None => Hold::None,
        Some(Way::Target) => Hold::Target,
        Some(Way::Guess) if !guesses_login(client, direction, sight) => Hold::None,
        Some(Way::Srv | Way::Document | Way::Guess) => Hold::Sure,
    }
}

/// How it comes to a server of a direction: one that has begun with SRV records looks no
/// further.
fn way(client: &Client, direction: Direction, sight: &Sight) -> Option<Way> {
    if finds_srv(client, direction, sight) {
        return Some(Way::Srv);
    }
    let begun = Direction::ALL.into_iter().any(|other| finds_srv(client, other, sight));
    if !(client.srv_first && begun) {
        let leads = ConfigName::ALL
            .into_iter()
            .any(|name| sight.names[name as usize] && client.names.contains(&name));
        if leads && sight.has_document() {
            return Some(Way::Document);
        }
        let in_pacc = |s: Service| direction.has(s) && sight.in_pacc[s as usize];
        if client.pacc && sight.pacc && Service::ALL.into_iter().any(in_pacc) {
            return Some(Way::Document);
        }
        if client.autodiscover_srv && sight.autodiscover_srv && sight.has_document() {
            return Some(Way::Target);
        }
    }
    guess(client, direction, sight).map(|_label| Way::Guess)
}

/// Whether a label that it asks for is offered.
fn finds_srv(client: &Client, direction: Direction, sight: &Sight) -> bool {
    let offered = |label: &Label| direction.has(label.service()) && sight.labels[*label as usize];
    client.labels.iter().any(offered)
        || client.smtps && sight.smtps && direction == Direction::Outgoing
}

/// The first of the hosts it guesses that has a service.
fn guess(client: &Client, direction: Direction, sight: &Sight) -> Option<Label> {
    let guesses = client.guesses?;
    let tried = |host: &str, label: Label| {
        direction.has(label.service())
            && guesses.modes.contains(&label.mode())
            && guesses
                .hosts
                .iter()
                .any(|(name, services)| *name == host && services.contains(&label.service()))
    };
    sight.hosts.iter().find(|(host, label)| tried(host, *label)).map(|(_, label)| *label)
}

/// Whether what it enters at a guessed host is what the profile documents.
fn guesses_login(client: &Client, direction: Direction, sight: &Sight) -> bool {
    let label = guess(client, direction, sight);
    let documented = label.map(|label| &sight.logins[label.service() as usize]);
    match (client.guesses.map(|guesses| guesses.enters), documented) {
        (Some(Entered::FullAddress), Some(login)) => *login == Login::FullAddress,
        (Some(Entered::LocalPart), Some(login)) => *login == Login::LocalPart,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients;

    const MEASURED: &str = include_str!("../../tests/clients/measured.csv");
    const PUBLISHED: &str = include_str!("../../tests/clients/published.csv");
    const BEYOND: &str = include_str!("../../tests/clients/beyond.csv");

    /// The rows of a table without quotation marks.
    fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        rows.map(|row| {
            let fields: Vec<_> = row.split(',').collect();
            fields.try_into().unwrap_or_else(|_| panic!("{row}"))
        })
    }

    /// What clients see of a mail domain whose servers take the full address alone.
    fn sight([_, srv, names, hosts]: [&str; 4]) -> Sight {
        let has = |list: &str, word: &str| list.split(' ').any(|one| one == word);
        let at = |host: &&str| Label::ALL.map(|label| ((*host).to_owned(), label));
        Sight {
            labels: Label::ALL.map(|label| has(srv, label.text())),
            smtps: false,
            names: ConfigName::ALL.map(|name| has(names, name.text())),
            autodiscover_srv: has(srv, crate::service::AUTODISCOVER_LABEL),
            pacc: false,
            documented: [true; 3],
            in_pacc: [true; 3],
            hosts: hosts
                .split(' ')
                .filter(|host| !host.is_empty())
                .collect::<Vec<_>>()
                .iter()
                .flat_map(at)
                .collect(),
            logins: Service::ALL.map(|_service| Login::FullAddress),
        }
    }

    /// The login name with which a client goes to a server of a direction.
    fn entered(client: &Client, direction: Direction, sight: &Sight) -> &'static str {
        let how = match way(client, direction, sight) {
            None => return "-",
            Some(Way::Guess) => client.guesses.expect("it has guessed").enters,
            Some(Way::Srv | Way::Document | Way::Target) => client.enters,
        };
        match how {
            Entered::Documented | Entered::FullAddress => "full",
            Entered::LocalPart => "local",
            Entered::Unknown => panic!("{} was measured", client.name),
        }
    }

    #[test]
    fn measured_clients_come_to_the_servers_as_they_were_seen_to() {
        let sights: Vec<_> = rows::<4>(PUBLISHED).map(|row| (row[0], sight(row))).collect();
        let beyond: Vec<_> = rows::<3>(BEYOND).collect();
        let (mut held, mut others) = (0, 0);
        for row @ [published, name, version, incoming, outgoing, _] in rows::<6>(MEASURED) {
            let (_, sight) = sights.iter().find(|(name, _)| *name == published).expect(published);
            let client = clients::ALL.iter().find(|c| (c.name, c.version) == (name, version));
            let client = client.unwrap_or_else(|| panic!("{name} {version} has no row"));
            let said = Direction::ALL.map(|direction| entered(client, direction, sight));
            // SRV records say nothing of login names, and some clients leave it at that.
            let as_seen = std::iter::zip(said, [incoming, outgoing])
                .all(|(said, seen)| said == seen || seen == "none" && said == "full");
            let is_beyond = beyond.iter().any(|row| row[..2] == [published, name]);
            assert_eq!(as_seen, !is_beyond, "{row:?}: {said:?}");
            *if is_beyond { &mut others } else { &mut held } += 1;
        }
        assert_eq!((held, others), (313, beyond.len()));
        assert_eq!((sights.len(), held + others), (30, 330));
    }

    #[test]
    fn measured_clients_ask_for_the_labels_they_were_seen_to_ask_for() {
        for client in clients::ALL {
            let of_client = |row: &[&str; 6]| (row[1], row[2]) == (client.name, client.version);
            let asked: Vec<_> = rows::<6>(MEASURED)
                .filter(of_client)
                .flat_map(|row| row[5].split(' '))
                .filter(|label| !label.is_empty())
                .collect();
            if !rows::<6>(MEASURED).any(|row| of_client(&row)) {
                continue;
            }
            for label in Label::ALL {
                let (asks, listed) =
                    (asked.contains(&label.text()), client.labels.contains(&label));
                assert_eq!(asks, listed, "{} {label}", client.name);
            }
            let autodiscover = asked.contains(&crate::service::AUTODISCOVER_LABEL);
            assert_eq!(autodiscover, client.autodiscover_srv, "{}", client.name);
            assert!(!asked.contains(&crate::service::SMTPS_LABEL) && !client.smtps);
        }
    }
}
