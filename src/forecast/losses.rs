//! What named mail clients lose when less is published, and which enter another login name.

use std::sync::LazyLock;

use super::client::Client;
use super::clients::CLIENTS;
use super::endpoint::obstacle;
use super::facts::{Facts, Planned};
use super::obstacle::Obstacle;
use super::planned::made;
use super::published::Published;
use super::verdict::conclude;
use super::world::{Met, Told, World};
use crate::document::Options;
use crate::hosting::{Columns, Hosting, Login};
use crate::name::{MailDomain, plain_text};
use crate::plan::{RecordPlan, Refusal, plan};
use crate::reading::{POX_PATH, Server, USER};
use crate::service::{Direction, Service, TlsMode};

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

/// How far a client gets in a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// It has no server of the profile.
    Nothing,
    /// It has one, and enters another login name than the documented one.
    Login,
    /// It works.
    Whole,
}

/// Says which clients lose what in a mail domain when `after` is published in place of `before`.
///
/// All that is planned stands and is served where the profile says so, and nothing else is there: not
/// the site of the domain, nor what the customer has beside. Nothing is lost that was not found
/// before, so widening a profile gives an empty list.
///
/// # Errors
///
/// One of the profiles is refused for this domain.
pub fn losses(
    before: &Hosting,
    after: &Hosting,
    domain: &MailDomain,
    columns: &Columns,
) -> Result<Vec<Loss>, Refusal> {
    let (before, after) = (Site::of(before, domain, columns)?, Site::of(after, domain, columns)?);
    let targets = after.targets();
    let (mut as_before, mut as_after) = (Facts::of(&before.plan), Facts::of(&after.plan));
    let mut with_targets = Facts::of(&after.plan);
    let mut found: Vec<(Vec<Direction>, Left, Vec<&Client>)> = Vec::new();
    for client in CLIENTS {
        let was = before.holds(&mut as_before, &[], client);
        let is = after.holds(&mut as_after, &[], client);
        let may_be = after.holds(&mut with_targets, &targets, client);
        for left in [Left::Nothing, Left::AutodiscoverTarget] {
            let falls = |at: &usize| {
                let is_left = (may_be[*at] >= was[*at]) == (left == Left::AutodiscoverTarget);
                is[*at] < was[*at] && is_left
            };
            let fallen = (0..Direction::ALL.len()).filter(falls);
            let directions: Vec<_> = fallen.map(|at| Direction::ALL[at]).collect();
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
    let loss = |(directions, left, clients): (_, _, Vec<_>)| Loss {
        directions,
        left,
        clients: titles(&clients),
    };
    Ok(found.into_iter().map(loss).collect())
}

/// A mail domain of which all that is planned stands, and is served at the planned names.
struct Site {
    plan: RecordPlan,
    documents: Vec<Planned>,
}

impl Site {
    fn of(hosting: &Hosting, domain: &MailDomain, columns: &Columns) -> Result<Self, Refusal> {
        Self::with(hosting, domain, columns, &Options::default())
    }

    fn with(
        hosting: &Hosting,
        domain: &MailDomain,
        columns: &Columns,
        options: &Options,
    ) -> Result<Self, Refusal> {
        let plan = plan(domain, hosting, columns)?;
        let mut documents = made(&plan, hosting, options);
        // The site of the domain is the customer's own.
        documents.retain(|it| it.host != domain.as_str());
        Ok(Self { plan, documents })
    }

    /// What serves Autodiscover where `_autodiscover._tcp` leads, as if the provider served it there.
    fn targets(&self) -> Vec<Planned> {
        let own = self.documents.iter().find(|it| it.path == POX_PATH);
        let targets = self.plan.autodiscover().into_iter().flat_map(|set| set.srvs());
        let at = |host: String| own.map(|it| it.at(host));
        targets.filter_map(|srv| at(plain_text(&srv.target).to_ascii_lowercase())).collect()
    }

    /// How far a client gets, by the place of the direction, with these documents beside.
    fn holds(&self, facts: &mut Facts<'_>, beside: &[Planned], client: &Client) -> [Hold; 2] {
        let mut published = Published::all(&self.plan, &self.documents);
        published.documents.extend(beside);
        let held = published.show(facts, |world| {
            let (conclusion, _) = conclude(world, client)?;
            let [incoming, outgoing] = Direction::ALL.map(|it| conclusion.server(it));
            Ok([hold(world, incoming)?, hold(world, outgoing)?])
        });
        held.unwrap_or([Hold::Nothing; 2])
    }
}

fn hold(world: &World<'_>, server: Option<&Server>) -> Told<Hold> {
    let Some(server) = server else { return Ok(Hold::Nothing) };
    Ok(match obstacle(world, server)? {
        None => Hold::Whole,
        Some(Obstacle::Login { .. }) => Hold::Login,
        Some(_) => Hold::Nothing,
    })
}

/// The clients that enter another login name than a profile documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What they enter.
    pub entered: Login,
    /// The names of the clients.
    pub clients: Vec<String>,
}

/// Says which clients enter a login name of their own that is not the one that a plan documents.
///
/// A server that accepts both forms, as RFC 6186 §5 advises, loses none of them.
pub fn login_mismatches(plan: &RecordPlan) -> Vec<Mismatch> {
    let is_offered = |service: Service| {
        TlsMode::ALL.into_iter().any(|mode| plan.label(service.label(mode)).is_offered())
    };
    let mismatch = |entered: Login| {
        let is_other = |service: Service| is_offered(service) && *plan.login(service) != entered;
        let habits = HABITS.iter().filter(|habit| habit.entered == entered);
        let lost = habits.filter(|habit| habit.services.iter().any(|it| is_other(*it)));
        let clients = titles(&lost.map(|habit| habit.client).collect::<Vec<_>>());
        (!clients.is_empty()).then_some(Mismatch { entered, clients })
    };
    [Login::FullAddress, Login::LocalPart].into_iter().filter_map(mismatch).collect()
}

/// A client that enters the same login name whatever is documented.
struct Habit {
    client: &'static Client,
    entered: Login,
    /// The services that it has been seen to enter it for.
    services: Vec<Service>,
}

/// What clients enter under the documented profile, with the one login name and with the other, where
/// documents are made for the user and say it.
static HABITS: LazyLock<Vec<Habit>> = LazyLock::new(|| {
    let forms = [Login::FullAddress, Login::LocalPart];
    // Nobody has it (RFC 2606 §2).
    let domain: Option<MailDomain> = "login-names.invalid".parse().ok();
    let options = Options { user: USER.parse().ok(), ..Options::default() };
    let site = |login: &Login| {
        let hosting = Hosting::documented().with_login(login.clone());
        domain.as_ref().and_then(|it| Site::with(&hosting, it, &Columns::default(), &options).ok())
    };
    let sites = forms.each_ref().map(site);
    let mut habits = Vec::new();
    for client in CLIENTS {
        let [Some(full), Some(local)] =
            sites.each_ref().map(|site| Some(entered(site.as_ref()?, client)))
        else {
            continue;
        };
        for (form, entered) in std::iter::zip(&forms, [&local, &full]) {
            // What is entered where the other one is documented.
            let services = entered.iter().filter(|(_, login)| login == form);
            let services: Vec<_> = services.map(|(service, _)| *service).collect();
            if !services.is_empty() {
                habits.push(Habit { client, entered: form.clone(), services });
            }
        }
    }
    habits
});

/// The login names that a client enters, or tries in vain.
fn entered(site: &Site, client: &Client) -> Vec<(Service, Login)> {
    let published = Published::all(&site.plan, &site.documents);
    let entered = published.show(&mut Facts::of(&site.plan), |world| {
        let (conclusion, met) = conclude(world, client)?;
        let concluded = [&conclusion.incoming, &conclusion.outgoing].into_iter().flatten();
        let tried = met.iter().filter_map(|met| match met {
            Met::Failed(server, _) => Some(server),
            Met::Unfetched(..)
            | Met::Status(..)
            | Met::Unread(..)
            | Met::Elsewhere(..)
            | Met::Refused(..) => None,
        });
        let form = |login: &str| match login {
            USER => Some(Login::LocalPart),
            login if login == world.address() => Some(Login::FullAddress),
            _ => None,
        };
        let of = |server: &Server| Some((server.service, form(server.login.as_deref()?)?));
        Ok(concluded.chain(tried).filter_map(of).collect::<Vec<_>>())
    });
    entered.unwrap_or_default()
}

/// What people call these clients, each once: one is named by its version where another of its name is
/// known and not among them.
fn titles(clients: &[&Client]) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    for client in clients {
        let name = |it: &&Client| it.title.split(" (").next();
        let mut kin = CLIENTS.iter().filter(|it| name(it) == name(client));
        let is_whole = kin.all(|it| clients.iter().any(|other| other.name == it.name));
        let title = match (is_whole, name(client)) {
            (true, Some(plain)) => plain.to_owned(),
            (false, Some(plain)) if plain == client.title => format!("{plain} {}", client.version),
            _ => client.title.to_owned(),
        };
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles
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
        let (domain, columns) = ("example.com".parse().unwrap(), Columns::default());
        losses(before, after, &domain, &columns).unwrap().into_iter().map(line).collect()
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
        let target = format!("{both} but for the target: Thunderbird, Outlook (classic)");
        let readers = "GNOME Online Accounts, Geary, KMail";
        // Delta Chat guesses `mail.example.com`.
        let full = Hosting::documented();
        let told = lost(&full, &full.clone().with_srv_only());
        let expected = [target.clone(), format!("{both}: Thunderbird for Android, {readers}")];
        assert_eq!(told, expected);
        // Nobody guesses a host elsewhere.
        let host = HostPattern::host("mail.provider.example").unwrap();
        let elsewhere = full.with_host(host);
        let told = lost(&elsewhere, &elsewhere.clone().with_srv_only());
        let expected = [target, format!("{both}: Thunderbird for Android, {readers}, Delta Chat")];
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
            let hosting = Hosting::documented().with_login(login);
            let plan = plan(&"example.com".parse().unwrap(), &hosting, &Columns::default());
            let told = login_mismatches(&plan.unwrap()).into_iter();
            told.map(|one| (one.entered, one.clients.join(", "))).collect::<Vec<_>>()
        };
        assert_eq!(mismatches(Login::FullAddress), [(Login::LocalPart, "msmtp, mpop".to_owned())]);
        let full = "Geary, Claws Mail, himalaya, aerc";
        assert_eq!(mismatches(Login::LocalPart), [(Login::FullAddress, full.to_owned())]);
    }
}
