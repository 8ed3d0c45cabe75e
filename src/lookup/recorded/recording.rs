//! Recordings read again.

use std::collections::{BTreeSet, HashMap};
use std::future::{Future, ready};
use std::io::{BufRead, Read};

use hickory_proto::rr::{Name, RecordType};

use super::line::{Line, LineError};
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::lookup::Lookup;

/// The longest line of a recording: more than any DNS message takes, its names without compression
/// and escaped to the utmost.
pub(super) const MAX_LINE: u64 = 1 << 23;

/// Says where and why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct RecordingError {
    /// The name of the file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    #[source]
    pub problem: LineError,
}

/// Answers read from a recording.
///
/// A question that was not recorded has no answer ([`Failure::NotRecorded`]).
/// ```
/// use mailsrv::lookup::recorded::Recording;
/// let error = Recording::read(&b"\nMX\n"[..], "run.jsonl").unwrap_err();
/// assert!(error.to_string().starts_with("run.jsonl:2: not a recorded answer"));
/// ```
#[derive(Debug, Default)]
pub struct Recording {
    answers: HashMap<Question, Answer>,
    /// The owner names of SRV records, in canonical order.
    owners: BTreeSet<Name>,
}

impl Recording {
    /// Reads a recording; `file` is what errors call it. Empty lines are skipped.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read, or is no recorded answer.
    pub fn read(mut input: impl BufRead, file: &str) -> Result<Self, RecordingError> {
        let mut recording = Self::default();
        let mut line = Vec::new();
        for number in 1.. {
            let added = match read_line(&mut input, &mut line) {
                Ok(true) => recording.add(&line),
                Ok(false) => break,
                Err(problem) => Err(problem),
            };
            added.map_err(|problem| RecordingError {
                file: file.to_owned(),
                line: number,
                problem,
            })?;
        }
        Ok(recording)
    }

    fn add(&mut self, line: &[u8]) -> Result<(), LineError> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let line: Line = serde_json::from_slice(line).map_err(LineError::Shape)?;
        let (question, answer) = line.try_into()?;
        match self.answers.get(&question) {
            Some(known) if *known != answer => return Err(LineError::Contradiction),
            Some(_) => {}
            None => {
                if question.rtype == RecordType::SRV
                    && matches!(answer.outcome, Outcome::Records { .. })
                {
                    self.owners.insert(question.name.clone());
                }
                self.answers.insert(question, answer);
            }
        }
        Ok(())
    }
}

impl Lookup for Recording {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        let answer = self.answers.get(question).cloned();
        ready(answer.unwrap_or_else(|| Answer::plain(Outcome::Failed(Failure::NotRecorded))))
    }

    /// Those under which SRV records were recorded: what was known unasked then is known now.
    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let from = self.owners.range(domain.clone()..);
        from.take_while(|owner| domain.zone_of(owner)).take(limit).cloned().collect()
    }
}

/// Reads a line without its end; false at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, LineError> {
    line.clear();
    input.take(MAX_LINE + 1).read_until(b'\n', line).map_err(LineError::Read)?;
    if line.len() as u64 > MAX_LINE {
        return Err(LineError::TooLong);
    }
    Ok(!line.is_empty())
}
