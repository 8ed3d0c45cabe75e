//! A reader that can be looked into before it is read.

use std::io::{self, BufRead, Read};

/// How much is looked at in one piece, in octets.
const PIECE: usize = 8 * 1024;

/// A reader with what was looked at and not yet read, which is read first.
pub(super) struct Ahead<R> {
    reader: R,
    octets: Vec<u8>,
    /// How many of them have been read.
    taken: usize,
}

impl<R: BufRead> Ahead<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, octets: Vec::new(), taken: 0 }
    }

    /// What is read after so many octets more, without reading it; empty at the end.
    ///
    /// All of it is kept until it is read, so the caller bounds how far it looks.
    pub(super) fn look(&mut self, offset: usize) -> io::Result<&[u8]> {
        if self.octets.len() <= self.taken + offset {
            // Moved by half, so that an octet is moved but once, about.
            if self.taken > self.octets.len() / 2 {
                self.octets.drain(..self.taken);
                self.taken = 0;
            }
            let more = loop {
                match self.reader.fill_buf() {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    more => break more?,
                }
            };
            let more = &more[..more.len().min(PIECE)];
            self.octets.extend_from_slice(more);
            let length = more.len();
            self.reader.consume(length);
        }
        Ok(self.octets.get(self.taken + offset..).unwrap_or_default())
    }
}

impl<R: BufRead> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.octets.is_empty() {
            true => self.reader.fill_buf(),
            false => Ok(&self.octets[self.taken..]),
        }
    }

    fn consume(&mut self, amount: usize) {
        if self.octets.is_empty() {
            return self.reader.consume(amount);
        }
        self.taken += amount;
        if self.taken == self.octets.len() {
            self.octets.clear();
            self.taken = 0;
        }
    }
}
