//! How many sockets for datagrams are open in a run: they share the descriptors of this process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::offload::{BATCH, LENGTH};

/// Of so many sockets in use one more may be open that nobody uses.
const IN_USE_PER_IDLE: usize = 4;

/// The sockets that so many questions in flight take at most: each has one of its own where each goes
/// to another server.
pub(in crate::lookup) fn sockets_of(in_flight: usize) -> usize {
    in_flight.saturating_add(in_flight / IN_USE_PER_IDLE)
}

/// The most questions in flight that take no more sockets than that.
pub(in crate::lookup) fn in_flight_by(sockets: usize) -> usize {
    let (groups, rest) = (sockets / (IN_USE_PER_IDLE + 1), sockets % (IN_USE_PER_IDLE + 1));
    groups * IN_USE_PER_IDLE + rest.min(IN_USE_PER_IDLE - 1)
}

/// The sockets that are open in a run.
#[derive(Debug, Clone)]
pub(in crate::lookup::exchange) struct OpenSockets {
    open: Arc<AtomicUsize>,
    /// How many may be open that nobody uses.
    idle: usize,
    /// Room for what is read, which all of a thread share.
    buffer: Arc<Mutex<Vec<u8>>>,
}

impl OpenSockets {
    /// None yet, in a run with so many questions in flight.
    pub(in crate::lookup::exchange) fn new(in_flight: usize) -> Self {
        let (open, idle) = (Arc::default(), in_flight / IN_USE_PER_IDLE);
        Self { open, idle, buffer: Arc::default() }
    }

    /// Those of another thread, which has room of its own for what it reads.
    pub(in crate::lookup::exchange) fn beside(&self) -> Self {
        Self { buffer: Arc::default(), ..self.clone() }
    }

    /// One more is open, until this is dropped.
    pub(super) fn count(&self) -> Counted {
        self.open.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }
}

/// One of the sockets that are open.
#[derive(Debug)]
pub(super) struct Counted(OpenSockets);

impl Counted {
    /// Room for what is read, until it is looked through.
    pub(super) fn buffer(&self) -> MutexGuard<'_, Vec<u8>> {
        let mut buffer = self.0.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.resize(BATCH * LENGTH, 0);
        buffer
    }

    /// Whether so many are open that one which nobody uses is to be closed.
    pub(super) fn is_one_of_many(&self) -> bool {
        self.0.open.load(Ordering::Relaxed) > self.0.idle
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_questions_are_in_flight_as_there_are_sockets_for() {
        for (sockets, in_flight) in [(0, 0), (1, 1), (4, 3), (5, 4), (6, 5), (9, 7), (320, 256)] {
            assert_eq!(in_flight_by(sockets), in_flight, "{sockets}");
            let most = (0..=sockets).rfind(|in_flight| sockets_of(*in_flight) <= sockets);
            assert_eq!(most, Some(in_flight), "{sockets}");
        }
    }

    #[test]
    fn a_socket_that_nobody_uses_is_kept_while_few_are_open() {
        let sockets = OpenSockets::new(8);
        let mut counted: Vec<_> = (0..3).map(|_| sockets.count()).collect();
        assert!(counted.iter().all(Counted::is_one_of_many));
        counted.pop();
        assert!(!counted.iter().any(Counted::is_one_of_many));
    }
}
