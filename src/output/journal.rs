//! A report that another run can go on with.
//!
//! It stands as `FILE.partial` from its first line on, locked as long as a run writes to it, and beside
//! it `FILE.journal`: first what the run is, then for each domain how far the report goes with it. A
//! line of the journal is written once what it tells of is on the disk, so what is torn, at whatever
//! octet a run was killed or a disk was full, is the end of either file, and is cut off.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::draft::Draft;
use super::{OutputError, partial};
use crate::folder::Folder;

/// How long a run may have worked in vain at most, where disks are fast.
const INTERVAL: Duration = Duration::from_secs(1);

/// How much longer than to wait for the disk a run works in between.
const SHARE: u32 = 20;

/// The lines of the journal that wait at most, in octets.
const MOST: usize = 1 << 16;

/// The longest line of a journal: longer than that of the longest mail domain and of all options.
const MAX_LINE: u64 = 1 << 20;

/// How often a place may change under our hands.
const ATTEMPTS: usize = 16;

/// What the journal of a report tells, in lines without their ends.
pub(crate) trait Journalled {
    /// What the run is.
    fn head(&self) -> String;

    /// What is different of an earlier run, in words; None where it is the same.
    fn differs(&self, head: &str) -> Option<String>;

    /// Takes what an earlier run noted of a domain; false where it is no such line.
    fn take(&mut self, line: &str) -> bool;
}

/// How a report begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// There was nothing.
    New,
    /// In the place of one that was not whole.
    Anew,
    /// Behind what an earlier run wrote.
    Resumed,
}

/// The journal of a report that is being written.
pub(crate) struct Journal {
    folder: Arc<Folder>,
    name: OsString,
    file: File,
    /// What is not written yet.
    pending: Vec<u8>,
    /// When it is to be written at the latest.
    due: Instant,
    /// The octets of the report.
    length: u64,
}

/// The name of the journal of a report.
pub(crate) fn journal(mut name: OsString) -> OsString {
    name.push(".journal");
    name
}

/// What was opened of a report.
pub(super) struct Opened {
    pub(super) report: Draft,
    pub(super) journal: Journal,
    pub(super) begun: Begun,
}

/// Begins a report with its journal, or goes on with one where `resume` says so and there is one.
pub(super) fn open(
    folder: &Arc<Folder>,
    name: &OsStr,
    path: &Path,
    run: &mut dyn Journalled,
    resume: bool,
) -> Result<Opened, OutputError> {
    let unwritten = |source| OutputError::Write { path: path.to_owned(), source };
    let names = [partial(name.to_owned()), journal(name.to_owned())];
    let (report, is_new) = lock(folder, &names[0])
        .map_err(unwritten)?
        .ok_or_else(|| OutputError::Busy(partial(path.as_os_str().to_owned()).into()))?;
    let (file, _) = edit(folder, &names[1]).map_err(unwritten)?;
    let [report_name, name] = names;
    let mut journal = Journal {
        folder: Arc::clone(folder),
        name,
        file,
        pending: Vec::new(),
        due: Instant::now(),
        length: 0,
    };
    let mut report = Draft::kept(folder, report_name, report);
    let mut begun = if is_new { Begun::New } else { Begun::Anew };
    if resume && !is_new {
        let length = report.length().map_err(unwritten)?;
        match journal.read(length, run).map_err(unwritten)? {
            Earlier::Nothing => {}
            Earlier::Other(what) => {
                let path = partial(path.as_os_str().to_owned()).into();
                return Err(OutputError::OfAnotherRun { path, what });
            }
            Earlier::Entries => begun = Begun::Resumed,
        }
    }
    if begun != Begun::Resumed {
        journal.begin(&run.head()).map_err(unwritten)?;
    }
    report.cut(journal.length).map_err(unwritten)?;
    Ok(Opened { report, journal, begun })
}

/// What there is in the journal of an earlier run.
enum Earlier {
    /// Not even what the run was.
    Nothing,
    /// It was another one.
    Other(String),
    Entries,
}

/// Opens a report, whether it is there or not, and locks it; None where another run has it.
fn lock(folder: &Folder, name: &OsStr) -> io::Result<Option<(File, bool)>> {
    for _ in 0..ATTEMPTS {
        let (file, is_new) = edit(folder, name)?;
        if !Folder::lock_file(&file)? {
            return Ok(None);
        }
        // Whoever had it may have put it in place before it was locked here.
        if folder.holds(name, &file)? {
            return Ok(Some((file, is_new)));
        }
    }
    Err(io::Error::other("it changes again and again"))
}

/// Opens a file to write and to read, and says whether it is new.
fn edit(folder: &Folder, name: &OsStr) -> io::Result<(File, bool)> {
    for _ in 0..ATTEMPTS {
        match folder.edit(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            file => return Ok((file?, false)),
        }
        match folder.create(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            file => return Ok((file?, true)),
        }
    }
    Err(io::Error::other("it changes again and again"))
}

impl Journal {
    /// Begins it anew.
    fn begin(&mut self, head: &str) -> io::Result<()> {
        self.length = 0;
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{head}")
    }

    /// Reads what an earlier run noted, of a report of so many octets, and cuts off what is torn.
    fn read(&mut self, report: u64, run: &mut dyn Journalled) -> io::Result<Earlier> {
        self.file.rewind()?;
        let mut reader = BufReader::with_capacity(MOST, &self.file);
        let mut line = String::new();
        let Some(mut end) = next(&mut reader, &mut line)? else { return Ok(Earlier::Nothing) };
        if let Some(what) = run.differs(&line) {
            return Ok(Earlier::Other(what));
        }
        let mut length = 0;
        while let Some(octets) = next(&mut reader, &mut line)? {
            let known = line.split_once(' ').and_then(|(to, told)| Some((to.parse().ok()?, told)));
            let Some((to, told)) = known.filter(|(to, _)| (length..=report).contains(to)) else {
                break;
            };
            if !run.take(told) {
                break;
            }
            (length, end) = (to, end + octets);
        }
        drop(reader);
        self.length = length;
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(end))?;
        Ok(Earlier::Entries)
    }

    /// Counts octets of the report.
    pub(super) fn count(&mut self, octets: usize) {
        self.length += octets as u64;
    }

    /// Notes how far the report goes with a domain.
    pub(super) fn note(&mut self, line: &str, report: &mut BufWriter<Draft>) -> io::Result<()> {
        writeln!(self.pending, "{} {line}", self.length)?;
        if self.pending.len() < MOST && Instant::now() < self.due {
            return Ok(());
        }
        let begun = Instant::now();
        report.flush()?;
        report.get_ref().sync_octets()?;
        self.write()?;
        self.due = Instant::now() + INTERVAL.max(begun.elapsed() * SHARE);
        Ok(())
    }

    /// Writes what waits; what it tells of has been written. It is tried once: what is torn must be the
    /// end.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.file.write_all(&pending)
    }

    /// Deletes it.
    pub(super) fn remove(self) -> io::Result<()> {
        self.folder.remove_file(&self.name)
    }
}

/// Reads a line without its end, and how many octets it has with it; None where there is no whole one.
fn next(reader: &mut impl BufRead, line: &mut String) -> io::Result<Option<u64>> {
    let mut octets = Vec::new();
    reader.take(MAX_LINE).read_until(b'\n', &mut octets)?;
    let length = octets.len() as u64;
    if octets.pop() != Some(b'\n') {
        return Ok(None);
    }
    let Ok(text) = String::from_utf8(octets) else { return Ok(None) };
    *line = text;
    Ok(Some(length))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::interrupt::Interrupt;
    use crate::output::Output;

    /// A run that reports numbers.
    #[derive(Default)]
    struct Numbers(Vec<usize>);

    const LAST: usize = 12;

    impl Journalled for Numbers {
        fn head(&self) -> String {
            "numbers".to_owned()
        }

        fn differs(&self, head: &str) -> Option<String> {
            (head != "numbers").then(|| head.to_owned())
        }

        fn take(&mut self, line: &str) -> bool {
            let number: Option<usize> =
                line.strip_prefix("<").and_then(|line| line.strip_suffix(">")?.parse().ok());
            self.0.extend(number);
            number.is_some()
        }
    }

    fn line(number: usize) -> String {
        format!("number {number}\n")
    }

    /// Reports what is left of the numbers; those that were reported before.
    fn run(path: &Path, resume: bool, whole: bool) -> Vec<usize> {
        let mut numbers = Numbers::default();
        let interrupt = Interrupt::default();
        let opened = Output::open_journalled(path, &mut numbers, resume, &interrupt);
        let (mut output, begun) = opened.unwrap();
        let Numbers(done) = numbers;
        assert_eq!(begun == Begun::Resumed && !done.is_empty(), !done.is_empty());
        for number in (0..LAST).filter(|number| !done.contains(number)) {
            output.write_all(line(number).as_bytes()).unwrap();
            output.note(&format!("<{number}>")).unwrap();
        }
        if whole {
            output.finish().unwrap();
        } else {
            output.keep().unwrap();
        }
        done
    }

    #[test]
    fn whatever_is_torn_off_either_file_the_rest_makes_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        let names = ["report.partial", "report.journal"].map(|name| folder.path().join(name));
        run(&path, false, false);
        let whole = names.clone().map(|name| fs::read(name).unwrap());
        let lengths = whole.clone().map(|it| it.len());
        let cuts = (0..=lengths[0]).map(|cut| [cut, lengths[1]]);
        let cuts = cuts.chain((0..=lengths[1]).map(|cut| [lengths[0], cut]));
        let both = (0..lengths[0].min(lengths[1])).map(|cut| [cut, cut]);
        for cuts in cuts.chain(both) {
            for ((name, octets), cut) in names.iter().zip(&whole).zip(cuts) {
                fs::write(name, &octets[..cut]).unwrap();
            }
            let done = run(&path, true, true);
            // Those, and no others, of which both files have all.
            let [report, journal] = cuts;
            let reported = whole[0][..report].iter().filter(|octet| **octet == b'\n').count();
            let noted = whole[1][..journal].iter().filter(|octet| **octet == b'\n').count();
            assert_eq!(done, (0..reported.min(noted.saturating_sub(1))).collect::<Vec<_>>());
            let all: String = (0..LAST).map(line).collect();
            assert_eq!(fs::read_to_string(&path).unwrap(), all, "{cuts:?}");
            assert!(names.iter().all(|name| !name.exists()), "{cuts:?}");
        }
    }

    #[test]
    fn what_is_no_line_ends_the_journal_and_another_head_is_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        let names = ["report.partial", "report.journal"].map(|name| folder.path().join(name));
        for (journal, done) in [
            ("numbers\n9 <0>\n\0\0\0\0\n18 <1>\n", 1),
            ("numbers\n9 <0>\n8 <1>\n", 1),
            ("numbers\n9 <0>\n18 <one>\n", 1),
            ("numbers\n9 <0>\n18 <1>\n1000 <2>\n", 2),
            ("numbers\n\n9 <0>\n", 0),
            ("", 0),
        ] {
            fs::write(&names[0], line(0) + &line(1) + &line(2)).unwrap();
            fs::write(&names[1], journal).unwrap();
            assert_eq!(run(&path, true, true).len(), done, "{journal:?}");
            let all: String = (0..LAST).map(line).collect();
            assert_eq!(fs::read_to_string(&path).unwrap(), all, "{journal:?}");
        }
        fs::write(&names[0], line(0)).unwrap();
        fs::write(&names[1], "letters\n9 <0>\n").unwrap();
        let mut numbers = Numbers::default();
        let opened = Output::open_journalled(&path, &mut numbers, true, &Interrupt::default());
        let Err(OutputError::OfAnotherRun { what, .. }) = opened else { panic!("it is opened") };
        assert_eq!(what, "letters");
        // Without the wish to go on, it makes way.
        assert_eq!(run(&path, false, true), [0; 0]);
    }
}
