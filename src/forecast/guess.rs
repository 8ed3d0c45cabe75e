//! Host names that a client tries where it has found nothing. Whether a server answers there, DNS and
//! the profile tell: the host exists, and is one of the profile's that has the service at that port.

use super::endpoint::is_taken;
use super::world::{Told, World};
use crate::endpoint::Refusal;
use crate::reading::{By, Mode, Server};
use crate::service::{Service, TlsMode};

/// The first server that answers, host by host, service by service, mode by mode, at the registered
/// ports. An empty name is the mail domain itself; `counts` says why the client goes on to the next.
pub(super) fn first(
    world: &World<'_>,
    hosts: &[(&str, &[Service])],
    modes: &[TlsMode],
    login: &str,
    counts: impl Fn(Refusal) -> bool,
) -> Told<Option<Server>> {
    let host = |name: &str| match name.is_empty() {
        true => world.domain().to_owned(),
        false => format!("{name}.{}", world.domain()),
    };
    let hosts: Vec<_> = hosts.iter().map(|(name, services)| (host(name), services)).collect();
    for (host, _) in &hosts {
        // All are asked for together.
        let _in_time = world.addresses_of(host);
    }
    for (host, services) in hosts {
        if world.addresses_of(&host)?.is_empty() {
            continue;
        }
        for service in *services {
            for mode in modes {
                let server = server(&host, *service, *mode, login, By::Guess);
                if is_taken(world, &server, &counts)? {
                    return Ok(Some(server));
                }
            }
        }
    }
    Ok(None)
}

/// A server at the registered port.
pub(super) fn server(host: &str, service: Service, mode: TlsMode, login: &str, by: By) -> Server {
    let port = service.label(mode).default_port();
    let (host, login) = (host.to_owned(), Some(login.to_owned()));
    Server { service, host, port, mode: Mode::Tls(mode), login, by }
}
