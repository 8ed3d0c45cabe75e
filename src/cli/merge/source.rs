//! The files of a merge, and their lines: each is read twice.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::super::domains::STDIN;
use super::super::trouble::Trouble;
use crate::interrupt::{Interrupt, Waiting};
use crate::name::path_text;
use crate::report::Line;

/// The longest line of a report, in octets: more than any domain takes with its evidence.
const MAX_LINE: u64 = 1 << 26;

/// How much of a report is read at one time.
const BLOCK: usize = 1 << 16;

/// A file of reports, as the user named it.
pub(super) struct Source {
    pub(super) name: String,
    kept: Kept,
}

/// Where it is read again.
enum Kept {
    /// Opened each time: there may be more of them than a process may have open.
    At(PathBuf),
    /// What came out of a pipe, in a file without a name.
    Held(File),
}

impl Source {
    /// Looks at a file; what comes out of a pipe is read to its end.
    pub(super) fn open(
        path: &Path,
        stdin: &mut dyn BufRead,
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let unread = |source| Trouble::Read { path: path.to_owned(), source };
        if path.as_os_str() == STDIN {
            let kept = Kept::Held(held(stdin).map_err(unread)?);
            return Ok(Self { name: "standard input".to_owned(), kept });
        }
        let is_file = fs::metadata(path).map_err(unread)?.is_file();
        let kept = match is_file {
            true => Kept::At(path.to_owned()),
            false => {
                let mut pipe = Waiting::open(path, interrupt).map_err(unread)?;
                Kept::Held(held(&mut pipe).map_err(unread)?)
            }
        };
        Ok(Self { name: path_text(path), kept })
    }

    /// Its lines from so many octets on.
    pub(super) fn lines_from(
        &self,
        begin: u64,
        interrupt: &Interrupt,
    ) -> Result<Lines<'_>, Trouble> {
        let opened = match &self.kept {
            Kept::At(path) => File::open(path),
            Kept::Held(file) => file.try_clone(),
        };
        let sought = opened.and_then(|mut file| file.seek(SeekFrom::Start(begin)).map(|_| file));
        let file = sought.map_err(|error| self.trouble(&error.to_string()))?;
        let reader = BufReader::with_capacity(BLOCK, file);
        Ok(Lines {
            source: self,
            reader,
            interrupt: interrupt.clone(),
            at: begin,
            line: 0,
            from_begin: begin == 0,
            buffer: Vec::new(),
        })
    }

    /// What is wrong with it.
    pub(super) fn trouble(&self, problem: &str) -> Trouble {
        Trouble::Input { file: self.name.clone(), problem: problem.to_owned() }
    }
}

/// The files that a path names: itself, or of a folder those that end as reports do, by their names.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, Trouble> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let paths = fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>());
    let mut paths = paths.map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    if paths.is_empty() {
        let problem = format!("{}: no file in it ends in .jsonl", path_text(path));
        return Err(Trouble::usage(problem, "name the reports"));
    }
    Ok(paths)
}

/// Puts what can be read once into a file without a name.
fn held(mut pipe: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut pipe, &mut file)?;
    Ok(file)
}

/// The lines of a file, one at a time.
pub(super) struct Lines<'a> {
    source: &'a Source,
    reader: BufReader<File>,
    interrupt: Interrupt,
    /// Where the next line begins.
    pub(super) at: u64,
    /// The last line that was read, from 1.
    pub(super) line: u64,
    /// Whether lines are counted from the front of the file.
    from_begin: bool,
    buffer: Vec<u8>,
}

/// What stands next in a file.
pub(super) enum Found {
    Line(Line),
    /// A line without its end: whoever wrote it did not come to it.
    Torn,
    /// Nothing.
    End,
}

impl Lines<'_> {
    /// Reads the next line.
    pub(super) fn next(&mut self) -> Result<Found, Trouble> {
        self.interrupt.check()?;
        self.buffer.clear();
        let taken = (&mut self.reader).take(MAX_LINE + 1).read_until(b'\n', &mut self.buffer);
        let taken = taken.map_err(|error| self.source.trouble(&error.to_string()))? as u64;
        self.line += 1;
        self.at += taken;
        if taken > MAX_LINE {
            let problem = format!("the line is longer than {MAX_LINE} octets; this is no report");
            return Err(self.trouble(&problem));
        }
        let Some((b'\n', raw)) = self.buffer.split_last() else {
            return Ok(if taken == 0 { Found::End } else { Found::Torn });
        };
        let raw = std::str::from_utf8(raw.strip_suffix(b"\r").unwrap_or(raw));
        let read = raw.map_err(|error| error.to_string());
        let read = read.and_then(|raw| Line::read(raw).map_err(|error| error.to_string()));
        read.map(Found::Line)
            .map_err(|error| self.trouble(&format!("{error}\nhint: give reports of audit -f json")))
    }

    /// What is wrong with the line that was read last.
    pub(super) fn trouble(&self, problem: &str) -> Trouble {
        match self.from_begin {
            true => self.source.trouble(&format!("line {}: {problem}", self.line)),
            false => self.source.trouble(problem),
        }
    }

    /// What stood there when it was looked at first stands there no more.
    pub(super) fn changed(&self) -> Trouble {
        self.source.trouble("it was changed while it was read")
    }
}
