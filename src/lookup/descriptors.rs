//! File descriptors: how many questions may be on their way at one time.

use super::exchange::failure_of;
use super::server::{Server, Transport};
use crate::answer::Failure;

/// The descriptors that a run needs besides those of questions: streams, files, the runtime.
const RESERVED: u64 = 24;

/// The questions that may be in flight at one time where so many are wanted, at these servers; at
/// those of the system where there are none.
///
/// By UDP each takes a file descriptor, by all other transports all questions to a server together
/// take one. A soft limit of this process that is too low for them is raised, up to the hard one.
/// What is more than that allows would fail, so it is not asked at one time; one always is.
pub fn room(wanted: usize, servers: &[Server]) -> usize {
    let by_datagrams = |server: &Server| server.transport() == Transport::Udp;
    let needed = match servers.is_empty() || servers.iter().any(by_datagrams) {
        true => wanted.saturating_add(servers.len()),
        false => servers.len(),
    };
    let limit = raised(RESERVED.saturating_add(needed as u64));
    limit.map_or(wanted, |limit| fitting(wanted, needed, limit))
}

/// Whether an error says that there is no file descriptor left.
pub fn is_out_of_descriptors(error: &std::io::Error) -> bool {
    failure_of(error) == Failure::NoDescriptor
}

/// Of what is wanted, what there are descriptors for.
fn fitting(wanted: usize, needed: usize, limit: u64) -> usize {
    let left = limit.saturating_sub(RESERVED);
    let missing = (needed as u64).saturating_sub(left);
    wanted.saturating_sub(usize::try_from(missing).unwrap_or(usize::MAX)).max(1)
}

/// The limit of file descriptors after it was raised, if need be; None where there is none.
#[cfg(unix)]
fn raised(needed: u64) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    let wanted = maximum.map_or(needed, |maximum| needed.min(maximum));
    if current >= wanted {
        return Some(current);
    }
    // A system that refuses leaves the limit as it is.
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => Some(wanted),
        Err(_refused) => Some(current),
    }
}

#[cfg(not(unix))]
fn raised(_needed: u64) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_leave_descriptors_for_the_rest_and_one_is_always_asked() {
        for (needed, limit, room) in [
            (256, 0, 1),
            (256, 16, 1),
            (256, 25, 1),
            (256, 30, 6),
            (256, 280, 256),
            (256, 1 << 40, 256),
            // A connection for all of them, at one server or two.
            (1, 25, 256),
            (2, 26, 256),
            (257, 280, 255),
        ] {
            assert_eq!(fitting(256, needed, limit), room, "{needed} of {limit}");
        }
    }
}
