//! Whether a server of the profile is where a client would look for one.

use hickory_proto::rr::Name;

use super::obstacle::Obstacle;
use super::world::{Stop, Told, Unknown, World};
use crate::answer::Failure;
use crate::endpoint::{Endpoint, Refusal, Unseen};
use crate::name::plain_text;
use crate::reading::{By, Mode, Server, USER};
use crate::service::{Service, TlsMode};

/// What stands between a client and a server; None where nothing does.
pub(super) fn obstacle(world: &World<'_>, server: &Server) -> Told<Option<Obstacle>> {
    if let Some(absence) = absence(world, server)? {
        return Ok(Some(absence));
    }
    let seen = refusal(world, server)?.map(Obstacle::Seen);
    Ok(seen.or_else(|| login(world, server)))
}

/// What keeps a client out that logs in before it saves; None where nothing does. `beside` are the
/// servers that are named along with this one.
///
/// That a server is none of the profile does not keep the client out: where the mail domain names no
/// server of the profile beside it, its users are taken to have their mail there.
pub(super) fn barrier(
    world: &World<'_>,
    server: &Server,
    beside: &[Server],
) -> Told<Option<Obstacle>> {
    let obstacle = obstacle(world, server)?;
    if obstacle != Some(Obstacle::NoServer) || !is_at_registered_port(server) {
        return Ok(obstacle);
    }
    for other in beside {
        if matches!(absence(world, other)?, None | Some(Obstacle::NotThere { .. })) {
            return Ok(obstacle);
        }
    }
    Ok(refusal(world, server)?.map(Obstacle::Seen))
}

fn is_at_registered_port(server: &Server) -> bool {
    let Mode::Tls(mode) = server.mode else { return false };
    server.port == server.service.label(mode).default_port()
}

/// Whether a server of the profile is there.
pub(super) fn is_offered(world: &World<'_>, server: &Server) -> Told<bool> {
    is_taken(world, server, Refusal::is_absence)
}

/// Whether a server of the profile is there, and no reason to turn away that counts to a client.
pub(super) fn is_taken(
    world: &World<'_>,
    server: &Server,
    counts: impl Fn(Refusal) -> bool,
) -> Told<bool> {
    Ok(absence(world, server)?.is_none() && !refusal(world, server)?.is_some_and(counts))
}

/// Why clients turn away from a server as it was seen, or is said to be reached; None where they do
/// not, or nobody looked.
fn refusal(world: &World<'_>, server: &Server) -> Told<Option<Refusal>> {
    let Mode::Tls(mode) = server.mode else { return Ok(None) };
    let host = server.host.trim_end_matches('.').to_ascii_lowercase();
    let endpoint = Endpoint { host, port: server.port, protocol: server.service.into(), mode };
    if let Some(said) = said(world, &endpoint.host)? {
        return Ok(Some(said));
    }
    let Some(sighting) = world.sighting(endpoint)? else { return Ok(None) };
    match &sighting.seen {
        // Nobody has got there. Of what may not be visited, the profile is believed.
        Err(why @ (Unseen::NotLookedUp | Unseen::NotRecorded | Unseen::Deadline)) => {
            Err(Stop::Unknown(Unknown::Server(sighting.endpoint.clone(), *why)))
        }
        Ok(_) | Err(_) => Ok(sighting.refusal()),
    }
}

/// What is said against the servers of a host by who says how hosts are reached.
fn said(world: &World<'_>, host: &str) -> Told<Option<Refusal>> {
    let Some(reach) = world.reach() else { return Ok(None) };
    match world.addresses_of(host) {
        Ok(addresses) => Ok(reach.refusal(host, &addresses)),
        Err(Stop::Wanted) => Err(Stop::Wanted),
        // Where its addresses are not known, it is taken to be answered there.
        Err(Stop::Unknown(_)) => Ok((!reach.is_certified(host)).then_some(Refusal::Name)),
    }
}

/// Whether the login name is another than the documented one.
fn login(world: &World<'_>, server: &Server) -> Option<Obstacle> {
    let documented = documented(world, server.service);
    match &server.login {
        Some(login) if *login != documented => {
            Some(Obstacle::Login { entered: login.clone(), documented })
        }
        _ => None,
    }
}

/// The login name that the profile documents.
pub(super) fn documented(world: &World<'_>, service: Service) -> String {
    world.plan().login(service).of(USER, world.address(), world.domain())
}

/// Why no server of the profile is there; None where one is.
fn absence(world: &World<'_>, server: &Server) -> Told<Option<Obstacle>> {
    let mut there = Vec::new();
    // The hosts of large providers have other addresses everywhere, so they are told by their names.
    let is_by_heart = matches!(server.by, By::Provider(_));
    for mode in TlsMode::ALL {
        for srv in world.plan().label(server.service.label(mode)).offered() {
            let is_same = || plain_text(&srv.target).eq_ignore_ascii_case(&server.host);
            let is_host = match is_by_heart {
                true => Some(is_same()),
                false => is_host(world, &server.host, &srv.target)?,
            };
            match is_host {
                Some(true) if (srv.port, Mode::Tls(mode)) == (server.port, server.mode) => {
                    return Ok(None);
                }
                Some(true) => there.push((srv.port, mode)),
                Some(false) => {}
                None => return Ok(Some(Obstacle::NoAddress)),
            }
        }
    }
    Ok(Some(match there.is_empty() {
        false => Obstacle::NotThere { there },
        true if !is_by_heart && world.addresses_of(&server.host)?.is_empty() => Obstacle::NoAddress,
        true => Obstacle::NoServer,
    }))
}

/// Whether a host is one of the profile, by its name or by an address that both have; None where it
/// has no address.
fn is_host(world: &World<'_>, host: &str, target: &Name) -> Told<Option<bool>> {
    let target = plain_text(target);
    let is_same = target.eq_ignore_ascii_case(host);
    let own = match world.addresses_of(host) {
        Ok(own) if own.is_empty() => return Ok(None),
        Ok(_) if is_same => return Ok(Some(true)),
        // Of what lies outside what is at hand, the profile is believed.
        Err(Stop::Unknown(Unknown::Answer(_, Failure::OutsideZone | Failure::NotRecorded)))
            if is_same =>
        {
            return Ok(Some(true));
        }
        Ok(own) => own,
        Err(stop) => return Err(stop),
    };
    let others = world.addresses_of(&target)?;
    Ok(Some(own.iter().any(|address| others.contains(address))))
}
