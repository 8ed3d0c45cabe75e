//! File descriptors: how many questions may be on their way at one time.

use super::exchange::failure_of;
use crate::answer::Failure;

/// The descriptors that a run needs besides those of questions: streams, files, the runtime.
const RESERVED: u64 = 24;

/// The questions that may be in flight at one time where so many are wanted: each takes a file
/// descriptor.
///
/// A soft limit of this process that is too low for them is raised, up to the hard one. What is
/// more than that allows would fail, so it is not asked at one time; one always is.
pub fn room(wanted: usize) -> usize {
    let limit = raised(RESERVED.saturating_add(wanted as u64));
    limit.map_or(wanted, |limit| fitting(wanted, limit))
}

/// Whether an error says that there is no file descriptor left.
pub fn is_out_of_descriptors(error: &std::io::Error) -> bool {
    failure_of(error) == Failure::NoDescriptor
}

fn fitting(wanted: usize, limit: u64) -> usize {
    let room = limit.saturating_sub(RESERVED).max(1);
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
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
        for (limit, room) in [(0, 1), (16, 1), (25, 1), (30, 6), (280, 256), (1 << 40, 256)] {
            assert_eq!(fitting(256, limit), room, "{limit}");
        }
    }
}
