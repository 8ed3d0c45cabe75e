//! An earlier JSON report, which a run is compared with.
//!
//! Of each domain that had findings, or did not pass, it keeps the verdict and what was found; of all
//! others, that they passed.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, Read};

use serde::Deserialize;

use super::json::SCHEMA;
use crate::audit::{Audit, Finding, Gone, Since, Verdict};
use crate::name::{plain_text, printable, text};
use crate::words::counted;
use crate::zonefile;

/// The longest line of a report, in octets: more than any domain takes with its evidence.
const MAX_LINE: u64 = 1 << 26;

/// What an earlier report said.
#[derive(Debug, Default)]
pub struct Baseline {
    /// Those that did not pass, or had findings.
    domains: HashMap<String, Known>,
    /// Whether a domain of the report was met again, by the hash of its name: a list may be long.
    met: HashMap<u64, bool>,
}

/// What it said of a domain.
#[derive(Debug)]
struct Known {
    verdict: Verdict,
    found: BTreeSet<Gone>,
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

impl Baseline {
    /// Reads a JSON report, a line a domain.
    ///
    /// # Errors
    ///
    /// The first line that is none of a report: compared with a part of it, old findings would look
    /// new.
    pub fn read(mut source: impl BufRead) -> Result<Self, BaselineError> {
        let mut baseline = Self::default();
        let mut buffer = Vec::new();
        for line in 1.. {
            buffer.clear();
            let taken = (&mut source).take(MAX_LINE + 1).read_until(b'\n', &mut buffer);
            let taken = taken.map_err(|source| BaselineError::Read { line, source })?;
            if taken == 0 {
                break;
            }
            if taken as u64 > MAX_LINE {
                return Err(BaselineError::TooLong { line });
            }
            let shape: DomainShape = serde_json::from_slice(&buffer)
                .map_err(|source| BaselineError::Shape { line, source })?;
            baseline.add(line, shape)?;
        }
        Ok(baseline)
    }

    fn add(&mut self, line: u64, shape: DomainShape) -> Result<(), BaselineError> {
        let DomainShape { schema, domain, verdict, since, findings } = shape;
        if schema != SCHEMA {
            return Err(BaselineError::Schema { line, schema });
        }
        if since.is_some() {
            return Err(BaselineError::Partial { line });
        }
        let known = Verdict::ALL.into_iter().find(|it| it.text() == verdict);
        let verdict = known.ok_or(BaselineError::Verdict { line, verdict })?;
        let found = findings.into_iter().flat_map(|FindingShape { code, subjects }| {
            subjects.into_iter().map(move |subject| Gone {
                code: code.clone(),
                owner: subject.owner,
                rtype: subject.r#type,
            })
        });
        let found: BTreeSet<Gone> = found.collect();
        self.met.insert(hash(&domain), false);
        if verdict != Verdict::Pass || !found.is_empty() {
            self.domains.insert(domain, Known { verdict, found });
        }
        Ok(())
    }

    /// The verdict that a domain had; None where the report has nothing of it.
    pub(super) fn verdict(&self, domain: &str) -> Option<Verdict> {
        let passed = || self.met.contains_key(&hash(domain)).then_some(Verdict::Pass);
        self.domains.get(domain).map(|known| known.verdict).or_else(passed)
    }

    /// Takes note that a domain is in this run, too.
    pub(super) fn meet(&mut self, domain: &str) {
        self.met.entry(hash(domain)).and_modify(|met| *met = true);
    }

    /// Says how many domains of the report were not met, with one that is known by name.
    pub(super) fn lost(&self) -> Option<String> {
        let count = self.met.values().filter(|met| !**met).count();
        let names = self.domains.keys().filter(|name| self.met.get(&hash(name)) == Some(&false));
        let example = names.min().map_or_else(String::new, |name| format!(", such as {name}"));
        let are = if count == 1 { "is" } else { "are" };
        let domains = counted(count, "domain");
        (count > 0).then(|| {
            let text = format!("{domains} of the earlier report {are} not in this run{example}");
            printable(&text).into_owned()
        })
    }

    /// What is new of a domain; None where nothing changed.
    ///
    /// A finding is known where the same code was found at each of its RRsets. What was found and
    /// cannot be judged now is not gone.
    pub(super) fn changed(&self, audit: &Audit) -> Option<Audit> {
        let domain = plain_text(audit.domain.name());
        let known = self.domains.get(&domain);
        let mut changed = audit.clone();
        changed.findings.retain(|finding| {
            let is_known = |it: &Gone| known.is_some_and(|known| known.found.contains(it));
            !found(finding).all(|it| is_known(&it))
        });
        let verdict = self.verdict(&domain);
        let now: BTreeSet<Gone> = audit.findings.iter().flat_map(found).collect();
        let is_judged = !matches!(audit.verdict, Verdict::Unknown | Verdict::Broken);
        let before = known.into_iter().flat_map(|known| &known.found);
        let gone = before.filter(|it| is_judged && !now.contains(it)).cloned();
        let gone: Vec<Gone> = gone.collect();
        if changed.findings.is_empty()
            && gone.is_empty()
            && verdict.unwrap_or(Verdict::Pass) == audit.verdict
        {
            return None;
        }
        changed.since = Some(Since { verdict, gone });
        Some(changed)
    }
}

fn hash(domain: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    domain.hash(&mut hasher);
    hasher.finish()
}

/// A finding as it is known again: its code at each of its RRsets.
fn found(finding: &Finding) -> impl Iterator<Item = Gone> {
    finding.subjects.iter().map(|subject| Gone {
        code: finding.code.text().to_owned(),
        owner: text(subject.owner()),
        rtype: zonefile::type_name(subject.rtype()),
    })
}
