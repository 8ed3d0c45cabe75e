//! What a run tells scripts on stderr: one JSON object a line.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::Serialize;

/// How far a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Told {
    /// A line on a terminal
    Auto,
    /// A JSON object a line, on standard error
    Json,
    /// Not at all
    Never,
}

/// Something that came to pass; further fields may come.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Event<'a> {
    /// The run begins; for so many seconds it asks again until the verdicts are as wanted.
    Started {
        #[serde(skip_serializing_if = "Option::is_none")]
        wait: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<&'static str>,
    },
    /// So many domains are done after so many seconds.
    Progress {
        done: u64,
        /// How many of them an earlier run had done.
        #[serde(skip_serializing_if = "Option::is_none")]
        earlier: Option<u64>,
        seconds: u64,
        /// How much of the input is done, where it is known how long that is.
        #[serde(skip_serializing_if = "Option::is_none")]
        percent: Option<u64>,
        /// For how many seconds it goes on at this rate.
        #[serde(skip_serializing_if = "Option::is_none")]
        left: Option<u64>,
        /// How many questions servers were asked, and to how many there was no response.
        #[serde(skip_serializing_if = "Option::is_none")]
        queries: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        lost: Option<u64>,
        verdicts: BTreeMap<&'static str, u64>,
    },
    /// All that were to be asked about have been asked about once more.
    Try {
        /// From 1.
        number: u32,
        /// The domains that were asked about.
        asked: usize,
        /// Those of them whose verdict is not yet as wanted.
        waiting: usize,
        /// The first of these.
        domains: Vec<Missing<'a>>,
        /// Seconds until the next try; none is made where it is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<u64>,
        /// For how many seconds caches remember what is not as planned, as far as they say.
        #[serde(skip_serializing_if = "Option::is_none")]
        remembered: Option<u32>,
    },
    /// A line for people.
    Note { text: &'a str },
    /// The report is written, but for a run that a signal ended of what was known by then.
    Finished { domains: u64, verdicts: BTreeMap<&'static str, u64>, whole: bool },
}

/// A domain whose verdict is not yet as wanted.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Missing<'a> {
    pub(super) domain: &'a str,
    pub(super) verdict: &'static str,
    /// The codes of its findings, but for those that are mere information.
    pub(super) findings: Vec<&'static str>,
    /// How many questions nobody answered.
    pub(super) unanswered: usize,
}

impl Event<'_> {
    /// The line, with its end.
    pub(super) fn line(&self) -> String {
        // Words and numbers have a form in JSON.
        serde_json::to_string(self).map(|json| json + "\n").unwrap_or_default()
    }
}
