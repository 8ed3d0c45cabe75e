//! Sorting the records of a large file beside the reading of it.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use crate::zone::gather::{Gathering, Sorted};
use crate::zone::heap::Heap;

/// How many heaps wait to be sorted: one is gathered while one is sorted, and neither side stops for the
/// other's short breaks.
const WAITING: usize = 2;

/// Who sorts what was gathered. What comes out does not depend on it.
#[derive(Default)]
pub(super) enum Sorting {
    /// Nothing had to be sorted yet, and of small files nothing has.
    #[default]
    Unbegun,
    Beside(Sorter),
    /// Whoever reads, where there is no thread to be had.
    Here,
}

/// A thread that sorts.
pub(super) struct Sorter {
    heaps: SyncSender<Heap>,
    /// Memory of heaps that were sorted.
    spare: Receiver<Heap>,
    thread: JoinHandle<Sorted>,
}

impl Sorting {
    /// Sorts what was gathered where it is time.
    pub(super) fn sort_full(&mut self, gathering: &mut Gathering) {
        if !gathering.is_full() {
            return;
        }
        if let Self::Unbegun = self {
            *self = Sorter::begin().map_or(Self::Here, Self::Beside);
        }
        match self {
            Self::Beside(sorter) => {
                let full = gathering.take_full(sorter.spare.try_recv().unwrap_or_default());
                // A thread that has ended has panicked, which is told in the end.
                let _waits = sorter.heaps.send(full);
            }
            Self::Unbegun | Self::Here => gathering.sort_full(),
        }
    }

    /// Waits for what is sorted elsewhere.
    pub(super) fn end(self, gathering: &mut Gathering) {
        if let Self::Beside(Sorter { heaps, spare: _, thread }) = self {
            drop(heaps);
            gathering.take_sorted(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
    }
}

impl Sorter {
    /// Begins with nothing.
    fn begin() -> io::Result<Self> {
        let (heaps, waiting) = sync_channel::<Heap>(WAITING);
        let (back, spare) = channel();
        let sort = move || {
            let mut sorted = Sorted::default();
            for mut heap in waiting {
                sorted.insert_full(&mut heap);
                // Nobody wants it where all is read.
                let _wanted = back.send(heap);
            }
            sorted
        };
        Ok(Self { heaps, spare, thread: thread::Builder::new().spawn(sort)? })
    }
}
