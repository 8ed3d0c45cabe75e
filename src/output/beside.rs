//! Writing beside what is written being made.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// How many texts wait to be written: one is made while one is written, and neither side stops for the
/// other's short breaks.
const WAITING: usize = 2;

/// A thread that writes texts to a file, in the order in which they come.
#[derive(Debug)]
pub(crate) struct Beside {
    /// None once the last has been given.
    texts: Option<SyncSender<String>>,
    /// Memory of texts that were written.
    spare: Receiver<String>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Beside {
    pub(super) fn begin(mut file: File) -> io::Result<Self> {
        let (texts, waiting) = sync_channel::<String>(WAITING);
        let (back, spare) = channel();
        let write = move || {
            for mut text in waiting {
                file.write_all(text.as_bytes())?;
                text.clear();
                // Nobody wants it where no text comes any more.
                let _wanted = back.send(text);
            }
            Ok(())
        };
        let thread = thread::Builder::new().spawn(write)?;
        Ok(Self { texts: Some(texts), spare, thread: Some(thread) })
    }

    /// Gives a text away, and leaves memory for another. An error may be that of a text before.
    pub(super) fn put(&mut self, text: &mut String) -> io::Result<()> {
        let next = self.spare.try_recv().unwrap_or_default();
        let full = std::mem::replace(text, next);
        match self.texts.as_ref().map(|texts| texts.send(full)) {
            Some(Ok(())) => Ok(()),
            // The thread has ended, which only an error makes it do.
            Some(Err(_)) | None => self.end(),
        }
    }

    /// Waits until all is written.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.texts = None;
        let ended = self.thread.take().map(JoinHandle::join);
        ended
            .unwrap_or(Ok(Ok(())))
            .unwrap_or_else(|_panic| Err(io::Error::other("it was not written")))
    }
}

impl Drop for Beside {
    /// Nothing is written to a file that is given up.
    fn drop(&mut self) {
        let _told = self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::Read;

    use super::*;

    #[test]
    fn texts_are_written_in_order_and_their_memory_comes_back() {
        let (file, path) = tempfile::NamedTempFile::new().unwrap().into_parts();
        let mut beside = Beside::begin(file).unwrap();
        let (mut text, mut expected) = (String::new(), String::new());
        for number in 0..1000 {
            writeln!(text, "{number}").unwrap();
            expected.push_str(&text);
            beside.put(&mut text).unwrap();
            assert_eq!(text, "");
        }
        beside.end().unwrap();
        let mut written = String::new();
        File::open(&path).unwrap().read_to_string(&mut written).unwrap();
        assert_eq!(written, expected);
    }

    #[test]
    fn what_cannot_be_written_is_told_by_the_end() {
        // It is open to be read alone.
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        let mut beside = Beside::begin(File::open(&path).unwrap()).unwrap();
        let mut put = |_| beside.put(&mut "text".to_owned());
        let error = (0..10).find_map(|at| put(at).err());
        assert!(error.or_else(|| beside.end().err()).is_some());
    }
}
