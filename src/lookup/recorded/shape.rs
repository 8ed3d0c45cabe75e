//! The lines of a recording as JSON has them.

use std::io;
use std::sync::Arc;

use hickory_proto::rr::{Name, RData, RecordType};
use serde::{Deserialize, Serialize};

use super::fetched::{FETCHED, FetchedShape};
use super::line::{Line, LineError};
use super::seen::{SEEN, SeenShape, VantageShape};
use super::sighting::{SightingShape, VISITED};
use super::unfinished::{UNFINISHED, UnfinishedShape};
use crate::answer::{Answer, Dnssec, Failure, Hidden, MAX_EXTENDED, Outcome, Question, Vantage};
use crate::name::{NameError, parse_text, text};
use crate::zonefile;

/// How a line begins that holds no answer, and no line that holds one.
const UNASKED: &[u8] = br#"{"domain":"#;

impl Line {
    /// Reads a line; None where it is empty.
    pub(super) fn parse(line: &[u8]) -> Result<Option<Self>, LineError> {
        if line.trim_ascii().is_empty() {
            Ok(None)
        } else if line.starts_with(UNASKED) {
            let shape: UnaskedShape = serde_json::from_slice(line).map_err(LineError::Shape)?;
            shape.try_into().map(Some)
        } else if line.starts_with(SEEN) {
            let shape: SeenShape = serde_json::from_slice(line).map_err(LineError::Shape)?;
            shape.try_into().map(Some)
        } else if line.starts_with(VISITED) {
            let shape: SightingShape = serde_json::from_slice(line).map_err(LineError::Shape)?;
            shape.try_into().map(Some)
        } else if line.starts_with(FETCHED) {
            let shape: FetchedShape = serde_json::from_slice(line).map_err(LineError::Shape)?;
            shape.try_into().map(Some)
        } else if line.starts_with(UNFINISHED) {
            let shape: UnfinishedShape = serde_json::from_slice(line).map_err(LineError::Shape)?;
            shape.try_into().map(Some)
        } else {
            let shape: AnswerShape = serde_json::from_slice(line).map_err(LineError::Shape)?;
            shape.try_into().map(Some)
        }
    }

    /// The line as it is written, without its end.
    pub(super) fn json(&self) -> io::Result<String> {
        let json = match self {
            Self::Answer { question, about, from, answer } => {
                let mut shape = AnswerShape::new(question, about.as_ref(), answer);
                shape.from = from.as_ref().map(VantageShape::new);
                serde_json::to_string(&shape)
            }
            Self::Seen { domain, sight, is_below } => {
                serde_json::to_string(&SeenShape::new(domain, sight, *is_below))
            }
            Self::Visited { about, sighting } => {
                serde_json::to_string(&SightingShape::new(sighting, about.as_ref()))
            }
            Self::Fetched { about, request, addresses, page } => {
                let asked = (&**request, addresses.as_slice());
                serde_json::to_string(&FetchedShape::new(asked, about.as_ref(), page))
            }
            Self::Unfinished { domain, stage, given } => {
                serde_json::to_string(&UnfinishedShape::new(domain, *stage, given))
            }
            Self::Unasked { domain, owners, hidden } => {
                serde_json::to_string(&UnaskedShape::new(domain, owners, hidden))
            }
        };
        json.map_err(io::Error::from)
    }
}

/// A question with its answer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerShape {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<VantageShape>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dnssec_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validated: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    authoritative: bool,
    /// Left out where the outcome tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rcode: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extended: Vec<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    uneven_ttls: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    negative_ttl: Option<u32>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Records,
    NoData,
    NxDomain,
    Failed,
}

impl AnswerShape {
    fn new(question: &Question, about: Option<&Name>, answer: &Answer) -> Self {
        let mut line = Self {
            name: text(&question.name),
            rtype: zonefile::type_name(question.rtype),
            about: about.map(text),
            from: None,
            chain: answer.chain.iter().map(text).collect(),
            outcome: Word::NoData,
            ttl: None,
            data: Vec::new(),
            failure: None,
            dnssec: Some(answer.dnssec.code().to_owned())
                .filter(|_| answer.dnssec != Dnssec::Unknown),
            dnssec_by: answer.dnssec_by.as_deref().map(str::to_owned),
            validated: answer.validated.map(|state| state.code().to_owned()),
            authoritative: answer.authoritative,
            rcode: answer.rcode.filter(|_| answer.outcome.rcode().is_none()),
            extended: answer.extended.clone(),
            uneven_ttls: answer.uneven_ttls,
            negative_ttl: answer.negative_ttl,
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

impl TryFrom<AnswerShape> for Line {
    type Error = LineError;

    fn try_from(line: AnswerShape) -> Result<Self, LineError> {
        let Some(rtype) = zonefile::parse_type(&line.rtype) else {
            return Err(LineError::Type { rtype: line.rtype });
        };
        let name = parse_text(&line.name)?;
        let about = line.about.as_deref().map(parse_text).transpose()?;
        let from = line.from.map(Vantage::try_from).transpose()?;
        let chain = parse_names(&line.chain)?;
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
        let dnssec = line.dnssec.map(parse_state).transpose()?.unwrap_or_default();
        let validated = line.validated.map(parse_state).transpose()?;
        let (told, authoritative) = (outcome.rcode(), line.authoritative);
        if (told.is_some() && line.rcode.is_some()) || line.extended.len() > MAX_EXTENDED {
            return Err(LineError::Besides);
        }
        let rcode = line.rcode.or(told);
        let answer = Answer {
            chain,
            outcome,
            dnssec,
            dnssec_by: line.dnssec_by.map(Arc::from),
            validated,
            authoritative,
            rcode,
            extended: line.extended,
            uneven_ttls: line.uneven_ttls,
            negative_ttl: line.negative_ttl,
            beside: Vec::new(),
        };
        Ok(Self::Answer { question: Question { name, rtype }, about, from, answer })
    }
}

/// What was known of a mail domain unasked; `domain` comes first, which tells it from an answer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnaskedShape {
    domain: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    srv_owners: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<HiddenShape>,
}

/// Records below a zone cut.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HiddenShape {
    cut: String,
    owners: Vec<String>,
    records: usize,
}

impl UnaskedShape {
    fn new(domain: &Name, owners: &[Name], hidden: &[Hidden]) -> Self {
        let hidden = hidden.iter().map(|hidden| HiddenShape {
            cut: text(&hidden.cut),
            owners: hidden.owners.iter().map(text).collect(),
            records: hidden.records,
        });
        Self {
            domain: text(domain),
            srv_owners: owners.iter().map(text).collect(),
            hidden: hidden.collect(),
        }
    }
}

impl TryFrom<UnaskedShape> for Line {
    type Error = LineError;

    fn try_from(line: UnaskedShape) -> Result<Self, LineError> {
        let domain = parse_text(&line.domain)?;
        let owners = parse_names(&line.srv_owners)?;
        let hidden = line.hidden.iter().map(|hidden| {
            let (cut, owners) = (parse_text(&hidden.cut)?, parse_names(&hidden.owners)?);
            Ok(Hidden { cut, owners, records: hidden.records })
        });
        let hidden = hidden.collect::<Result<_, NameError>>()?;
        Ok(Self::Unasked { domain, owners, hidden })
    }
}

fn parse_state(word: String) -> Result<Dnssec, LineError> {
    Dnssec::from_code(&word).ok_or(LineError::Dnssec { word })
}

fn parse_names(names: &[String]) -> Result<Vec<Name>, NameError> {
    names.iter().map(|name| parse_text(name)).collect()
}

fn parse_data(data: &str, rtype: RecordType) -> Result<RData, LineError> {
    zonefile::parse_rdata(data, rtype)
        .ok_or_else(|| LineError::Data { data: data.to_owned(), rtype })
}
