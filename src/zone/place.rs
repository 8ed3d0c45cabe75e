//! Where records stand in files, in eight octets each.

use std::sync::Arc;

use crate::zonefile::Position;

/// A line of one of the [`Files`]; in the order of the files and of their lines.
///
/// A million records have one each; the name of the file is kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileLine {
    file: u16,
    line: u32,
}

impl FileLine {
    /// The place of what no file holds, and of what stands too far back to be counted.
    pub(crate) const NOWHERE: Self = Self { file: u16::MAX, line: u32::MAX };

    /// A number in the order of places.
    pub(crate) fn number(self) -> u64 {
        u64::from(self.file) << 32 | u64::from(self.line)
    }

    /// The place with this number.
    pub(crate) fn of_number(number: u64) -> Self {
        let line = u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        Self { file: u16::try_from(number >> 32).unwrap_or(u16::MAX), line }
    }

    /// The place where these files stand behind so many others.
    pub(crate) fn behind(self, files: usize) -> Self {
        let file = u16::try_from(usize::from(self.file) + files).unwrap_or(u16::MAX);
        Self { file, ..self }
    }
}

/// The names of files, each once for all the records in it.
#[derive(Debug, Default)]
pub(crate) struct Files {
    names: Vec<Arc<str>>,
    /// The file of the record before: records of one file stand together.
    last: usize,
}

impl Files {
    /// How many files there are, which is where those of another list begin.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Adds the files of another list behind these.
    pub(crate) fn append(&mut self, mut others: Self) {
        self.names.append(&mut others.names);
    }

    /// Keeps a position in short, and the name of its file where it is new.
    pub(crate) fn place(&mut self, file: &Arc<str>, line: u64) -> FileLine {
        let is_it = |known: &Arc<str>| Arc::ptr_eq(known, file) || known == file;
        if !self.names.get(self.last).is_some_and(is_it) {
            self.last = self.names.iter().position(is_it).unwrap_or_else(|| {
                self.names.push(Arc::clone(file));
                self.names.len() - 1
            });
        }
        match (u16::try_from(self.last), u32::try_from(line)) {
            (Ok(file), Ok(line)) => FileLine { file, line },
            _ => FileLine::NOWHERE,
        }
    }

    /// The position in full, without its column; None where it was not kept.
    pub(crate) fn position(&self, place: FileLine) -> Option<Position> {
        let is_counted = place.file != FileLine::NOWHERE.file;
        let file = self.names.get(usize::from(place.file)).filter(|_| is_counted)?;
        Some(Position { file: Arc::clone(file), line: u64::from(place.line), column: 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_once_however_its_lines_are_mixed_with_those_of_others() {
        let mut files = Files::default();
        let places = [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2)].map(|(file, line)| {
            let position = Position { file: Arc::from(file), line, column: 1 };
            let place = files.place(&position.file, line);
            assert_eq!(files.position(place), Some(position));
            place
        });
        assert_eq!(files.len(), 2);
        assert!(places[2] < places[3] && places[3] < places[1] && places[1] < places[4]);
    }

    #[test]
    fn what_stands_too_far_back_has_no_place() {
        let files = Files { names: vec![Arc::from("zone"); 65_536], last: 0 };
        let line = |files: usize| FileLine { file: 0, line: 7 }.behind(files);
        assert_eq!(files.position(line(65_534)).map(|position| position.line), Some(7));
        for place in [line(65_535), line(65_536), FileLine::NOWHERE, FileLine::NOWHERE.behind(1)] {
            assert_eq!(files.position(place), None, "{place:?}");
        }
    }
}
