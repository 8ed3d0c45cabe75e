//! An earlier JSON report, which a run is compared with.
//!
//! Of each domain it keeps 16 octets: a hash of its name, its verdict, and where its line begins. What
//! was found is read there again when it is asked for.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Seek};

use serde::Deserialize;

use super::json::SCHEMA;
use crate::audit::{Audit, Finding, Gone, Since, Verdict};
use crate::name::{Shard, plain_text, printable, text};
use crate::words::counted;

/// The longest line of a report, in octets: more than any domain takes with its evidence.
const MAX_LINE: u64 = 1 << 26;

/// How much of the report is read at one time.
const BLOCK: usize = 1 << 16;

/// What an earlier report said.
pub struct Baseline {
    lines: Lines,
    /// In the order of the hashes, each of them once.
    index: Vec<Entry>,
    /// Whoever chooses domains cannot choose which are taken for each other.
    key: RandomState,
}

/// Where the lines of a report are read again.
struct Lines {
    source: BufReader<Box<dyn Source>>,
    /// Where it is read next.
    at: u64,
}

/// What can be read where one likes.
trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// A domain of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: u64,
    /// Where its line begins, above the bits for all else.
    note: u64,
}

impl Entry {
    /// The bits for the place of the verdict in [`Verdict::ALL`].
    const VERDICT: u64 = 0b111;
    /// Whether something was found.
    const FOUND: u64 = 1 << 3;
    /// Whether the domain was met again.
    const MET: u64 = 1 << 4;
    const BITS: u32 = 5;

    fn new(hash: u64, begins: u64, verdict: Verdict, found: bool) -> Self {
        let found = if found { Self::FOUND } else { 0 };
        Self { hash, note: begins << Self::BITS | found | verdict as u64 }
    }

    fn begins(self) -> u64 {
        self.note >> Self::BITS
    }

    fn verdict(self) -> Verdict {
        Verdict::ALL[(self.note & Self::VERDICT) as usize]
    }

    fn is(self, bit: u64) -> bool {
        self.note & bit != 0
    }

    /// Whether the report says more of it than that it passed.
    fn is_noted(self) -> bool {
        self.is(Self::FOUND) || self.verdict() != Verdict::Pass
    }
}

/// Says why a file is no baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It cannot be read on.
    #[error("line {line}: {source}")]
    Read {
        /// The line, from 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// A line is too long.
    #[error("line {line} is longer than {MAX_LINE} octets; this is no JSON report")]
    TooLong {
        /// The line, from 1.
        line: u64,
    },
    /// A line is no object of a report.
    #[error("line {line}: not an object of audit -f json: {source}")]
    Shape {
        /// The line, from 1.
        line: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// A report of another version.
    #[error("line {line} has the schema {schema}; this version reads {SCHEMA}")]
    Schema {
        /// The line, from 1.
        line: u64,
        /// The version as read.
        schema: u32,
    },
    /// A word that is no verdict.
    #[error("line {line}: `{verdict}` is no verdict")]
    Verdict {
        /// The line, from 1.
        line: u64,
        /// The word as read.
        verdict: String,
    },
    /// It can be read no longer.
    #[error("it cannot be read again: {0}")]
    Again(#[source] io::Error),
    /// What was read once does not stand there any more.
    #[error("it was changed while the run read it")]
    Changed,
    /// A report of changes is not all that was found.
    #[error("line {line} was itself made with --baseline, and tells changes alone")]
    Partial {
        /// The line, from 1.
        line: u64,
    },
}

/// What is read of an object; a report may have more fields, also such as are not known yet.
#[derive(Deserialize)]
struct DomainShape {
    schema: u32,
    domain: String,
    verdict: String,
    #[serde(default)]
    since: Option<serde::de::IgnoredAny>,
    findings: Vec<FindingShape>,
}

/// The end of a shard, which is about no domain.
#[derive(Deserialize)]
struct ClosingShape {
    #[serde(rename = "shard")]
    _shard: serde::de::IgnoredAny,
}

#[derive(Deserialize)]
struct FindingShape {
    code: String,
    subjects: Vec<SubjectShape>,
}

#[derive(Deserialize)]
struct SubjectShape {
    owner: String,
    r#type: String,
}

impl DomainShape {
    /// Reads a line, the number of which is for the message.
    fn read(line: u64, octets: &[u8]) -> Result<(Self, Verdict), BaselineError> {
        let shape: Self = serde_json::from_slice(octets)
            .map_err(|source| BaselineError::Shape { line, source })?;
        if shape.schema != SCHEMA {
            return Err(BaselineError::Schema { line, schema: shape.schema });
        }
        if shape.since.is_some() {
            return Err(BaselineError::Partial { line });
        }
        let known = Verdict::ALL.into_iter().find(|it| it.text() == shape.verdict);
        match known {
            Some(verdict) => Ok((shape, verdict)),
            None => Err(BaselineError::Verdict { line, verdict: shape.verdict }),
        }
    }

    fn found(self) -> BTreeSet<Gone> {
        let found = self.findings.into_iter().flat_map(|FindingShape { code, subjects }| {
            subjects.into_iter().map(move |subject| Gone {
                code: code.clone(),
                owner: subject.owner,
                kind: subject.r#type,
            })
        });
        found.collect()
    }
}

impl Lines {
    /// Reads on to the end of a line, or a little more than the most of it; how much that was.
    fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<u64> {
        buffer.clear();
        let taken = (&mut self.source).take(MAX_LINE + 1).read_until(b'\n', buffer)? as u64;
        self.at += taken;
        Ok(taken)
    }

    /// Reads the line that begins there. What stands in the buffer is not read anew: a list in the
    /// order of the report costs what reading it on costs.
    fn again(&mut self, begins: u64) -> Result<DomainShape, BaselineError> {
        let mut buffer = Vec::new();
        let way = begins.cast_signed() - self.at.cast_signed();
        let moved = self.source.seek_relative(way);
        self.at = begins;
        moved.and_then(|()| self.next(&mut buffer)).map_err(BaselineError::Again)?;
        // It was good when it was read first.
        let read = DomainShape::read(0, &buffer);
        read.map(|(shape, _)| shape).or(Err(BaselineError::Changed))
    }
}

impl Baseline {
    /// Reads a JSON report, a line a domain; of a domain that it has twice, the last one counts.
    ///
    /// # Errors
    ///
    /// The first line that is none of a report: compared with a part of it, old findings would look
    /// new.
    pub fn read(source: impl Read + Seek + 'static) -> Result<Self, BaselineError> {
        Self::read_while(source, None, || Ok(()))
    }

    /// Reads it as long as `go_on` has nothing against it, which is asked for each line; of a shard, its
    /// domains alone.
    pub(crate) fn read_while(
        source: impl Read + Seek + 'static,
        shard: Option<Shard>,
        go_on: impl Fn() -> io::Result<()>,
    ) -> Result<Self, BaselineError> {
        let source: BufReader<Box<dyn Source>> = BufReader::with_capacity(BLOCK, Box::new(source));
        let mut lines = Lines { source, at: 0 };
        let (mut index, key) = (Vec::new(), RandomState::new());
        let mut buffer = Vec::new();
        for line in 1.. {
            let begins = lines.at;
            match go_on().and_then(|()| lines.next(&mut buffer)) {
                Ok(0) => break,
                Ok(1..=MAX_LINE) => {}
                Ok(_) => return Err(BaselineError::TooLong { line }),
                Err(source) => return Err(BaselineError::Read { line, source }),
            }
            let (shape, verdict) = match DomainShape::read(line, &buffer) {
                Err(_) if serde_json::from_slice::<ClosingShape>(&buffer).is_ok() => continue,
                read => read?,
            };
            if shard.is_some_and(|shard| !shard.holds_typed(&shape.domain)) {
                continue;
            }
            let found = shape.findings.iter().any(|finding| !finding.subjects.is_empty());
            index.push(Entry::new(key.hash_one(&shape.domain), begins, verdict, found));
        }
        index.sort_unstable();
        index.dedup_by(|later, kept| {
            let is_same = later.hash == kept.hash;
            if is_same {
                *kept = *later;
            }
            is_same
        });
        Ok(Self { lines, index, key })
    }

    /// The place of a domain in the index.
    fn place(&self, domain: &str) -> Option<usize> {
        let hash = self.key.hash_one(domain);
        self.index.binary_search_by_key(&hash, |entry| entry.hash).ok()
    }

    /// The verdict that a domain had; None where the report has nothing of it.
    pub(super) fn verdict(&self, domain: &str) -> Option<Verdict> {
        self.place(domain).map(|at| self.index[at].verdict())
    }

    /// What was found of a domain.
    fn found(&mut self, domain: &str) -> Result<BTreeSet<Gone>, BaselineError> {
        match self.place(domain).map(|at| self.index[at]) {
            Some(entry) if entry.is(Entry::FOUND) => Ok(self.lines.again(entry.begins())?.found()),
            Some(_) | None => Ok(BTreeSet::new()),
        }
    }

    /// Takes note that a domain is in this run, too.
    pub(crate) fn meet(&mut self, domain: &str) {
        if let Some(at) = self.place(domain) {
            self.index[at].note |= Entry::MET;
        }
    }

    /// Says how many domains of the report were not met, with one that is known by name: the first of
    /// those that had findings or did not pass.
    ///
    /// # Errors
    ///
    /// The report cannot be read again.
    pub(super) fn lost(&mut self) -> Result<Option<String>, BaselineError> {
        let lost = self.index.iter().filter(|entry| !entry.is(Entry::MET));
        let count = lost.clone().count();
        let mut noted: Vec<u64> =
            lost.filter(|entry| entry.is_noted()).map(|entry| entry.begins()).collect();
        noted.sort_unstable();
        let mut first: Option<String> = None;
        for begins in noted {
            let domain = self.lines.again(begins)?.domain;
            if first.as_ref().is_none_or(|first| domain < *first) {
                first = Some(domain);
            }
        }
        let example = first.map_or_else(String::new, |name| format!(", such as {name}"));
        let are = if count == 1 { "is" } else { "are" };
        let domains = counted(count, "domain");
        Ok((count > 0).then(|| {
            let text = format!("{domains} of the earlier report {are} not in this run{example}");
            printable(&text).into_owned()
        }))
    }

    /// What is new of a domain; None where nothing changed.
    ///
    /// A finding is known where the same code was found at each of its RRsets. What was found and
    /// cannot be judged now is not gone.
    ///
    /// # Errors
    ///
    /// The report cannot be read again.
    pub(super) fn changed(&mut self, audit: &Audit) -> Result<Option<Audit>, BaselineError> {
        let domain = plain_text(audit.domain.name());
        let known = self.found(&domain)?;
        let mut changed = audit.clone();
        changed.findings.retain(|finding| !found(finding).all(|it| known.contains(&it)));
        let verdict = self.verdict(&domain);
        let now: BTreeSet<Gone> = audit.findings.iter().flat_map(found).collect();
        let is_judged = !matches!(audit.verdict, Verdict::Unknown | Verdict::Broken);
        let gone = known.into_iter().filter(|it| is_judged && !now.contains(it));
        let gone: Vec<Gone> = gone.collect();
        if changed.findings.is_empty()
            && gone.is_empty()
            && verdict.unwrap_or(Verdict::Pass) == audit.verdict
        {
            return Ok(None);
        }
        changed.since = Some(Since { verdict, gone });
        Ok(Some(changed))
    }
}

/// Who writes a report knows errors of I/O alone.
impl From<BaselineError> for io::Error {
    fn from(error: BaselineError) -> Self {
        Self::other(error)
    }
}

/// A finding as it is known again: its code at each of its subjects.
fn found(finding: &Finding) -> impl Iterator<Item = Gone> {
    finding.subjects.iter().map(|subject| Gone {
        code: finding.code.text().to_owned(),
        owner: text(subject.owner()),
        kind: subject.kind(),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Cursor;
    use std::rc::Rc;

    use super::*;

    fn line(domain: &str, verdict: &str, owners: &[&str]) -> String {
        let finding = |owner: &&str| {
            format!(r#"{{"code":"srv-missing","subjects":[{{"owner":"{owner}","type":"SRV"}}]}}"#)
        };
        let findings = owners.iter().map(finding).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"schema":1,"domain":"{domain}","verdict":"{verdict}","findings":[{findings}]}}"#
        ) + "\n"
    }

    /// A file that somebody else writes to meanwhile.
    #[derive(Clone)]
    struct Shared(Rc<RefCell<Cursor<Vec<u8>>>>);

    impl Read for Shared {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.borrow_mut().read(buffer)
        }
    }

    impl Seek for Shared {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.borrow_mut().seek(to)
        }
    }

    fn read(report: &str) -> (Baseline, Shared) {
        let shared = Shared(Rc::new(RefCell::new(Cursor::new(report.as_bytes().to_vec()))));
        (Baseline::read(shared.clone()).unwrap(), shared)
    }

    fn owners(baseline: &mut Baseline, domain: &str) -> Vec<String> {
        baseline.found(domain).unwrap().into_iter().map(|gone| gone.owner).collect()
    }

    #[test]
    fn a_domain_costs_16_octets_and_its_findings_are_read_in_any_order() {
        const COUNT: usize = 3000;
        let names: Vec<String> = (0..COUNT).map(|number| format!("d{number}.example")).collect();
        let owned = |at: usize| (0..at % 3).map(|it| format!("_{it}.{}.", names[at])).collect();
        let report = (0..COUNT).map(|at| {
            let owned: Vec<String> = owned(at);
            let owned: Vec<&str> = owned.iter().map(String::as_str).collect();
            line(&names[at], if owned.is_empty() { "pass" } else { "fail" }, &owned)
        });
        let (mut baseline, _) = read(&report.collect::<String>());
        assert_eq!((baseline.index.len(), size_of::<Entry>()), (COUNT, 16));
        for step in [1, 7, COUNT - 1] {
            for at in (0..COUNT).map(|at| at * step % COUNT) {
                let found: Vec<String> = owned(at);
                assert_eq!(owners(&mut baseline, &names[at]), found, "{at}");
                let verdict = if found.is_empty() { Verdict::Pass } else { Verdict::Fail };
                assert_eq!(baseline.verdict(&names[at]), Some(verdict));
            }
        }
        assert_eq!(baseline.verdict("other.example"), None);
    }

    #[test]
    fn of_a_domain_that_stands_twice_the_last_line_counts() {
        for (lines, verdict, found) in [
            ([("fail", &["_a."][..]), ("pass", &[][..])], Verdict::Pass, &[][..]),
            ([("pass", &[]), ("warn", &["_b."])], Verdict::Warn, &["_b."]),
        ] {
            let report = lines.map(|(verdict, owners)| line("a.example", verdict, owners));
            let (mut baseline, _) = read(&report.concat());
            assert_eq!(baseline.verdict("a.example"), Some(verdict));
            assert_eq!(owners(&mut baseline, "a.example"), found);
        }
    }

    #[test]
    fn a_report_that_changes_under_the_run_is_no_earlier_report_any_more() {
        let report = line("a.example", "fail", &["_a."]);
        let (mut baseline, shared) = read(&report);
        *shared.0.borrow_mut().get_mut() = report.replace("schema", "scheme").into_bytes();
        assert!(matches!(baseline.found("a.example"), Err(BaselineError::Changed)));
        assert!(matches!(baseline.lost(), Err(BaselineError::Changed)));
        *shared.0.borrow_mut().get_mut() = Vec::new();
        assert!(matches!(baseline.found("a.example"), Err(BaselineError::Changed)));
    }
}
