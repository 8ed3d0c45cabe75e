//! The subjects of a run: first the arguments, then the input.

use std::fs::File;
use std::io::{BufRead, BufReader};

use super::args::SubjectArgs;
use super::trouble::Trouble;
use crate::list::{List, Listed};

/// Reads the domains among the arguments; a bad one is a mistake in usage.
pub(super) fn arguments(domains: &[String]) -> Result<Vec<Listed>, Trouble> {
    let named = domains.iter().filter(|typed| *typed != STDIN);
    named
        .map(|typed| {
            let subject = Listed::alone(typed);
            match &subject.parsed {
                Ok(_) => Ok(subject),
                Err(problem) => Err(Trouble::Usage { problem: problem.clone(), hint: None }),
            }
        })
        .collect()
}

/// The argument that stands for standard input.
const STDIN: &str = "-";

/// The subjects of `--input` and of standard input.
pub(super) struct Stream<'a> {
    sources: Vec<(String, List<Box<dyn BufRead + 'a>>)>,
}

impl<'a> Stream<'a> {
    /// Opens the inputs that the arguments name, before any output is begun.
    pub(super) fn open(
        args: &SubjectArgs,
        stdin: &'a mut (dyn BufRead + '_),
    ) -> Result<Self, Trouble> {
        let mut sources: Vec<(String, List<Box<dyn BufRead + 'a>>)> = Vec::new();
        let is_stdin = |path: &std::path::Path| path.as_os_str() == STDIN;
        if let Some(path) = args.input.as_deref().filter(|path| !is_stdin(path)) {
            let file = File::open(path)
                .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
            let reader = BufReader::with_capacity(1 << 16, file);
            sources.push((path.display().to_string(), List::new(Box::new(reader))));
        }
        let named = args.domains.iter().any(|typed| typed == STDIN);
        if named || args.input.as_deref().is_some_and(is_stdin) {
            let reader: Box<dyn BufRead + 'a> = Box::new(stdin);
            sources.push(("standard input".to_owned(), List::new(reader)));
        }
        Ok(Self { sources })
    }

    /// Whether there is any input besides the arguments.
    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

impl Iterator for Stream<'_> {
    type Item = Result<Listed, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((file, subjects)) = self.sources.first_mut() {
            match subjects.next() {
                Some(Ok(subject)) => return Some(Ok(subject)),
                Some(Err(error)) => {
                    let trouble = Trouble::Input { file: file.clone(), problem: error.to_string() };
                    return Some(Err(trouble));
                }
                None => {
                    self.sources.remove(0);
                }
            }
        }
        None
    }
}
