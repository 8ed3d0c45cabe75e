//! A line of a recording: one question with its answer, as JSON.

use std::io;

use hickory_proto::rr::{RData, RecordType};
use serde::{Deserialize, Serialize};

use super::recording::MAX_LINE;
use crate::answer::{Answer, Dnssec, Failure, MAX_EXTENDED, Outcome, Question};
use crate::name::{NameError, parse_text, text};
use crate::zonefile;

/// Says why a line is no part of a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The file cannot be read on.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The line does not end within the bound.
    #[error("the line is longer than {MAX_LINE} octets; this is not a recording")]
    TooLong,
    /// No JSON object of the right shape.
    #[error("not a recorded answer: {0}")]
    Shape(#[source] serde_json::Error),
    /// A name that is none.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A type that is none, or of queries alone.
    #[error("`{rtype}` is no record type that a zone holds; write SRV, or TYPE33")]
    Type {
        /// The type as read.
        rtype: String,
    },
    /// Data that is none of its type.
    #[error("`{data}` is not the data of one {rtype} record")]
    Data {
        /// The data as read.
        data: String,
        /// The type it should have.
        rtype: RecordType,
    },
    /// A failure that is unknown.
    #[error("`{code}` is not a failure")]
    Failure {
        /// The word as read.
        code: String,
    },
    /// Fields that the outcome does not have, or lacks.
    #[error(
        "the fields do not fit the outcome: `ttl` and `data` belong to `records`, `failure` to `failed`"
    )]
    Fields,
    /// A state of validation that is unknown.
    #[error("`{word}` is not what a resolver says of DNSSEC; secure, insecure or bogus is")]
    Dnssec {
        /// The word as read.
        word: String,
    },
    /// An RCODE that the outcome tells, or too many extended errors.
    #[error(
        "`rcode` belongs to failures that do not tell it, and `extended` has at most {MAX_EXTENDED} codes"
    )]
    Besides,
    /// The same question with another answer.
    #[error("the question has another answer on an earlier line")]
    Contradiction,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
    outcome: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    data: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dnssec: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    authoritative: bool,
    /// Left out where the outcome tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rcode: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extended: Vec<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    uneven_ttls: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Records,
    NoData,
    NxDomain,
    Failed,
}

impl Line {
    pub(super) fn new(question: &Question, answer: &Answer) -> Self {
        let mut line = Self {
            name: text(&question.name),
            rtype: zonefile::type_name(question.rtype),
            chain: answer.chain.iter().map(text).collect(),
            outcome: Word::NoData,
            ttl: None,
            data: Vec::new(),
            failure: None,
            dnssec: Some(answer.dnssec.code().to_owned())
                .filter(|_| answer.dnssec != Dnssec::Unknown),
            authoritative: answer.authoritative,
            rcode: answer.rcode.filter(|_| answer.outcome.rcode().is_none()),
            extended: answer.extended.clone(),
            uneven_ttls: answer.uneven_ttls,
        };
        match &answer.outcome {
            Outcome::Records { ttl, data } => {
                let asked = data.iter().filter(|data| data.record_type() == question.rtype);
                line.data = asked.map(zonefile::rdata).collect();
                // Nothing of the type asked for is NODATA (RFC 2308 §2.2).
                if !line.data.is_empty() {
                    line.outcome = Word::Records;
                    line.ttl = Some(*ttl);
                }
            }
            Outcome::NoData => {}
            Outcome::NxDomain => line.outcome = Word::NxDomain,
            Outcome::Failed(failure) => {
                line.outcome = Word::Failed;
                line.failure = Some(failure.code());
            }
        }
        line
    }
}

impl TryFrom<Line> for (Question, Answer) {
    type Error = LineError;

    fn try_from(line: Line) -> Result<Self, LineError> {
        let Some(rtype) = zonefile::parse_type(&line.rtype) else {
            return Err(LineError::Type { rtype: line.rtype });
        };
        let name = parse_text(&line.name)?;
        let chain = line.chain.iter().map(|name| parse_text(name)).collect::<Result<_, _>>()?;
        let outcome = match (line.outcome, line.ttl, line.data.as_slice(), line.failure) {
            (Word::Records, Some(ttl), data @ [_, ..], None) => {
                let data =
                    data.iter().map(|data| parse_data(data, rtype)).collect::<Result<_, _>>()?;
                Outcome::Records { ttl, data }
            }
            (Word::NoData, None, [], None) => Outcome::NoData,
            (Word::NxDomain, None, [], None) => Outcome::NxDomain,
            (Word::Failed, None, [], Some(code)) => {
                let failure = Failure::from_code(&code);
                Outcome::Failed(failure.ok_or(LineError::Failure { code })?)
            }
            _ => return Err(LineError::Fields),
        };
        let dnssec = match line.dnssec {
            None => Dnssec::Unknown,
            Some(word) => Dnssec::from_code(&word).ok_or(LineError::Dnssec { word })?,
        };
        let (told, authoritative) = (outcome.rcode(), line.authoritative);
        if (told.is_some() && line.rcode.is_some()) || line.extended.len() > MAX_EXTENDED {
            return Err(LineError::Besides);
        }
        let rcode = line.rcode.or(told);
        let (extended, uneven_ttls) = (line.extended, line.uneven_ttls);
        let answer = Answer { chain, outcome, dnssec, authoritative, rcode, extended, uneven_ttls };
        Ok((Question { name, rtype }, answer))
    }
}

fn parse_data(data: &str, rtype: RecordType) -> Result<RData, LineError> {
    zonefile::parse_rdata(data, rtype)
        .ok_or_else(|| LineError::Data { data: data.to_owned(), rtype })
}
