//! File descriptors: how many questions may be on their way at one time.

use super::exchange::{SOCKETS, failure_of, in_flight_by, sockets_of};
use super::server::{Server, Transport};
use crate::answer::Failure;

/// The descriptors that a run needs besides those of questions: streams, files, the runtime.
const RESERVED: u64 = 24;

/// The descriptors that a server takes which is asked by UDP: those that made room for others may be
/// open yet, and what is truncated is asked for by TCP.
const BY_DATAGRAMS: usize = 2 * SOCKETS + 1;

/// The descriptors that the runtime of one more thread takes.
const RUNTIME: usize = 4;

/// The questions that may be in flight at one time where so many are wanted, at these servers; at any
/// number of servers where none is named.
///
/// Questions to one server share a few descriptors, however many they are. A soft limit of this process
/// that is too low is raised, up to the hard one. Where each question may go to a server of its own,
/// what is more than that allows would fail, so it is not asked at one time; one always is.
pub fn room(wanted: usize, servers: &[Server]) -> usize {
    if servers.is_empty() {
        let limit = raised(RESERVED.saturating_add(sockets_of(wanted) as u64));
        return limit.map_or(wanted, |limit| fitting(wanted, limit));
    }
    let of_one = |server: &Server| match server.transport() {
        Transport::Udp => BY_DATAGRAMS,
        Transport::Tcp | Transport::Tls | Transport::Https | Transport::Quic => 1,
    };
    let needed: usize = servers.iter().map(of_one).sum();
    // With fewer than are needed the questions to a server share what there is.
    raised(RESERVED.saturating_add(needed as u64));
    wanted
}

/// The threads that may ask so many servers by UDP, each by sockets of its own, where so many are wanted.
pub(super) fn threads(wanted: usize, servers: usize) -> usize {
    let of_one = servers.saturating_mul(BY_DATAGRAMS).saturating_add(RUNTIME);
    let limit = raised(RESERVED.saturating_add(wanted.saturating_mul(of_one) as u64));
    let fitting = limit.map(|limit| fitting_threads(limit, of_one));
    fitting.map_or(wanted, |fitting| wanted.min(fitting))
}

/// The threads, of so many descriptors each, that a limit allows; one always is.
fn fitting_threads(limit: u64, of_one: usize) -> usize {
    let left = usize::try_from(limit.saturating_sub(RESERVED)).unwrap_or(usize::MAX);
    (left / of_one).max(1)
}

/// Whether an error says that there is no file descriptor left.
pub fn is_out_of_descriptors(error: &std::io::Error) -> bool {
    failure_of(error) == Failure::NoDescriptor
}

/// Of what is wanted, what there are descriptors for.
fn fitting(wanted: usize, limit: u64) -> usize {
    let left = usize::try_from(limit.saturating_sub(RESERVED)).unwrap_or(usize::MAX);
    wanted.min(in_flight_by(left)).max(1)
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
    fn threads_leave_descriptors_for_each_other_and_one_always_asks() {
        for (limit, threads) in [(0, 1), (24, 1), (49, 1), (50, 2), (62, 2), (63, 3)] {
            assert_eq!(fitting_threads(limit, 13), threads, "{limit}");
        }
    }

    #[test]
    fn questions_leave_descriptors_for_the_rest_and_one_is_always_asked() {
        for (limit, room) in
            [(0, 1), (16, 1), (25, 1), (30, 5), (24 + 319, 255), (24 + 320, 256), (1 << 40, 256)]
        {
            assert_eq!(fitting(256, limit), room, "{limit}");
        }
    }
}
