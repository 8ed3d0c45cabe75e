//! What becomes of a client: what it concludes, whether that works, and why not.

use super::change;
use super::client::Client;
use super::conclusion::Conclusion;
use super::endpoint::obstacle;
use super::facts::Planned;
use super::mending::Mending;
use super::obstacle::Obstacle;
use super::world::{Met, Stop, Told, Unknown, World};
use crate::endpoint::Unseen;
use crate::name::plain_text;
use crate::page::Url;
use crate::reading::Server;
use crate::service::Direction;

/// What is foretold of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// What it concludes; nothing where that is not known.
    pub conclusion: Conclusion,
    /// Whether it concludes something in each direction that it has; None where nobody knows.
    pub found: Option<bool>,
    /// Whether all that it concludes are servers of the profile, with the login name that is
    /// documented; None where nobody knows.
    pub works: Option<bool>,
    /// What decides, in a sentence without its end.
    pub why: String,
    /// The one change that makes it work, where there is one that is known.
    pub change: Option<Mending>,
}

impl Forecast {
    /// The same with another name in the place of one, wherever that stands.
    pub fn renamed(&self, from: &str, to: &str) -> Self {
        Self {
            conclusion: self.conclusion.renamed(from, to),
            found: self.found,
            works: self.works,
            why: self.why.replace(from, to),
            change: self.change.as_ref().map(|change| change.renamed(from, to)),
        }
    }
}

/// What another world does to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The same becomes of it.
    Same,
    /// It concludes something else, or that it works is what changes.
    Changed,
    /// The same becomes of it, but beside other changes of the world this one matters: without it they
    /// come to something else. [`Forecast::effect`] of one world alone is never that.
    Together,
    /// What becomes of it is not known in one of the worlds.
    Unknown,
}

impl Forecast {
    /// What a world does to a client in which this is foretold of it, where the other is without it.
    ///
    /// Where it has its servers from is no part of what becomes of it.
    pub fn effect(&self, without: &Self) -> Effect {
        if self.found.is_none() || without.found.is_none() {
            return Effect::Unknown;
        }
        let is_same = |direction: Direction| {
            let servers = [self, without].map(|it| it.conclusion.server(direction));
            match servers {
                [Some(one), Some(other)] => one.is_like(other),
                [one, other] => one.is_none() && other.is_none(),
            }
        };
        match (self.works, without.works) {
            _ if !Direction::ALL.into_iter().all(is_same) => Effect::Changed,
            (Some(works), Some(worked)) if works == worked => Effect::Same,
            (Some(_), Some(_)) => Effect::Changed,
            (None, _) | (_, None) => Effect::Unknown,
        }
    }
}

/// Foretells one client; None where it wants what is not known yet. `planned` makes the documents that
/// can be served.
pub fn foretell<'p>(
    world: &World<'_>,
    client: &Client,
    planned: impl FnOnce() -> &'p [Planned],
) -> Option<Forecast> {
    let forecast = outcome(world, client)?;
    let change = match forecast.works {
        Some(false) => change::find(world, planned, |changed| works_in(changed, client))?
            .or_else(|| said_login(world, client, &forecast.conclusion)),
        _ => None,
    };
    Some(Forecast { change, ..forecast })
}

/// Foretells one client, without what would make it work; None where it wants what is not known yet.
pub fn outcome(world: &World<'_>, client: &Client) -> Option<Forecast> {
    let (conclusion, met) = match conclude(world, client) {
        Ok(concluded) => concluded,
        Err(Stop::Wanted) => return None,
        Err(Stop::Unknown(unknown)) => {
            let (conclusion, why) = (Conclusion::default(), said_unknown(&unknown));
            return Some(Forecast { conclusion, found: None, works: None, why, change: None });
        }
    };
    let found = client.directions.iter().all(|it| conclusion.server(*it).is_some());
    let (works, why) = match why_not(world, client, &conclusion) {
        Ok(None) => (Some(true), said_sources(&conclusion)),
        Ok(Some(reason)) => (Some(false), said(client, &reason, &met)),
        Err(Stop::Wanted) => return None,
        Err(Stop::Unknown(unknown)) => (None, said_unknown(&unknown)),
    };
    Some(Forecast { conclusion, found: Some(found), works, why, change: None })
}

/// What is said of a client that wants to know ever more.
pub fn given_up() -> Forecast {
    let (conclusion, why) =
        (Conclusion::default(), "it asks for more than is looked at".to_owned());
    Forecast { conclusion, found: None, works: None, why, change: None }
}

/// The login name that servers would have to take, where nothing else is in the way.
fn said_login(world: &World<'_>, client: &Client, conclusion: &Conclusion) -> Option<Mending> {
    let mut other = None;
    for direction in client.directions {
        match obstacle(world, conclusion.server(*direction)?) {
            Ok(None) => {}
            Ok(Some(Obstacle::Login { entered, .. })) => other = Some(entered),
            Ok(Some(_)) | Err(_) => return None,
        }
    }
    other.map(|entered| Mending::login(&entered, world.plan().domain()))
}

/// Whether a client works in a world.
fn works_in(world: &World<'_>, client: &Client) -> Told<bool> {
    let (conclusion, _) = conclude(world, client)?;
    Ok(why_not(world, client, &conclusion)?.is_none())
}

/// Goes the way of a client for what it wants alone, whatever it concludes.
pub fn follow(world: &World<'_>, client: &Client) {
    let _whatever = conclude(world, client);
}

/// What a client concludes, and what it has met on the way.
pub(super) fn conclude(world: &World<'_>, client: &Client) -> Told<(Conclusion, Vec<Met>)> {
    world.begin();
    let conclusion = (client.conclude)(world)?;
    Ok((conclusion, world.met()))
}

/// Why a client does not work.
enum Reason {
    /// It finds nothing in a direction.
    Nothing(Direction),
    /// A server does not do.
    At(Server, Obstacle),
}

fn why_not(world: &World<'_>, client: &Client, conclusion: &Conclusion) -> Told<Option<Reason>> {
    for direction in client.directions {
        let Some(server) = conclusion.server(*direction) else {
            return Ok(Some(Reason::Nothing(*direction)));
        };
        if let Some(obstacle) = obstacle(world, server)? {
            return Ok(Some(Reason::At(server.clone(), obstacle)));
        }
    }
    Ok(None)
}

/// Where it has its servers from.
fn said_sources(conclusion: &Conclusion) -> String {
    let mut sources: Vec<String> = Vec::new();
    for server in [&conclusion.incoming, &conclusion.outgoing].into_iter().flatten() {
        let source = server.by.to_string();
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    format!("it goes by {}", crate::words::listed(&sources))
}

fn said(client: &Client, reason: &Reason, met: &[Met]) -> String {
    match reason {
        Reason::At(server, obstacle) => format!("{server}, by {}: {obstacle}", server.by),
        Reason::Nothing(direction) => {
            let is_failure = |met: &&Met| matches!(met, Met::Failed(..));
            if let Some(Met::Failed(server, obstacle)) = met.iter().find(is_failure) {
                return format!("it saves nothing: {server}, by {}: {obstacle}", server.by);
            }
            let nothing = format!("it finds no {}", direction.title());
            match met.iter().find_map(said_met) {
                Some(met) => format!("{nothing}: {met}"),
                None => format!("{nothing}: it reads {}", client.reads),
            }
        }
    }
}

/// What was met, where that is more than that nothing is there.
fn said_met(met: &Met) -> Option<String> {
    Some(match met {
        Met::Status(_, 404 | 410) | Met::Failed(..) => return None,
        Met::Unfetched(url, why) => format!("{url}: {why}"),
        Met::Status(url, status) => format!("{url}: HTTP status {status}"),
        Met::Unread(url) => said_unread(url),
        Met::Refused(url, why) => format!("{url}: it takes none of it: {why}"),
        Met::Elsewhere(url, to) => {
            format!("{url}: it points to {to}, and redirects are not followed")
        }
    })
}

fn said_unread(url: &Url) -> String {
    format!("{url}: what is served there is not what it reads")
}

fn said_unknown(unknown: &Unknown) -> String {
    match unknown {
        Unknown::Answer(question, failure) => {
            let name = plain_text(&question.name);
            format!("it depends on {} of {name}: {failure}", question.rtype)
        }
        Unknown::Page(url, why) => format!("it depends on {url}: {why}"),
        Unknown::Server(endpoint, Unseen::NotRecorded) => {
            format!("it depends on {endpoint}, of which the recording has nothing")
        }
        Unknown::Server(endpoint, _) => format!("it depends on {endpoint}, which was not visited"),
    }
}
