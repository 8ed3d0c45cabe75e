//! A line of a JSON report, read back, so that other formats can be made of it.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};
use serde::Deserialize;

use super::SCHEMA;
use super::closing::{Closing, ShardShape};
use super::foretold::{ForetoldShape, RemediedShape};
use super::seen::{UnfetchedShape, UnvisitedShape};
use crate::answer::{Failure, Question, Vantage};
use crate::audit::{
    Action, Affects, Audit, Code, Finding, Fix, Gone, Severity, Since, Standing, State, Subject,
    Told, Unvisited, Verdict, Witness,
};
use crate::dns_host::DnsHost;
use crate::name::{MailDomain, NameError, ShardError, parse_text};
use crate::report::forms::Form;
use crate::report::outlook::{Foretold, Remedied};
use crate::report::{Item, Outlook};
use crate::zonefile::{self, Position, Scanner};

/// A line of a JSON report.
#[derive(Debug)]
#[non_exhaustive]
pub enum Line {
    /// A domain that was judged.
    Judged(Box<Retold>),
    /// What could not even be asked about.
    Broken {
        /// The line of the input, from 1; None for an argument.
        line: Option<u64>,
        /// Where a file has it.
        place: Option<Position>,
        /// The domain as typed.
        typed: String,
        /// What is wrong with it.
        error: String,
    },
    /// The end of a shard.
    Closing(Closing),
}

/// What a line says of a domain that was judged: all that a report needs to say it again.
#[derive(Debug)]
pub struct Retold {
    pub(in crate::report) audit: Audit,
    pub(in crate::report) form: Option<Form>,
    pub(in crate::report) outlook: Option<Outlook>,
    /// The line itself, without its end.
    pub(in crate::report) raw: String,
    has_states: bool,
}

impl Retold {
    /// What was concluded. What a line does not hold is empty in it: of a domain that passes, the
    /// standings and its place.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Whether the line holds how every RRset stands.
    pub fn has_states(&self) -> bool {
        self.has_states
    }
}

/// Says why a line is none of a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// It is no such object.
    #[error("not an object of audit -f json: {0}")]
    Shape(#[from] serde_json::Error),
    /// A report of another version.
    #[error("it has the schema {schema}; this version reads {SCHEMA}")]
    Schema {
        /// The version as read.
        schema: u32,
    },
    /// A word that stands for nothing.
    #[error("`{word}` is no {kind} that this version knows")]
    Word {
        /// The word as read.
        word: String,
        /// What it should be.
        kind: &'static str,
    },
    /// A name that is none.
    #[error("{0}")]
    Name(#[from] NameError),
    /// Data that are none of their type.
    #[error("`{data}` is no data of type {rtype}")]
    Data {
        /// The data as read.
        data: String,
        /// The type.
        rtype: String,
    },
    /// A record that is none.
    #[error("`{record}` is no record")]
    Record {
        /// The record as read.
        record: String,
    },
    /// A shard that is none.
    #[error("{0}")]
    Shard(#[from] ShardError),
    /// An earlier version did not say what is expected.
    #[error("its `rrsets` do not say what is expected: it was made by an earlier version")]
    Early,
}

#[derive(Deserialize)]
struct LineShape {
    schema: u32,
    domain: Option<String>,
    verdict: Option<String>,
    line: Option<u64>,
    error: Option<String>,
    place: Option<PlaceShape>,
    dns_host: Option<String>,
    dns_zone: Option<String>,
    name_servers: Option<Vec<String>>,
    name_servers_failure: Option<String>,
    #[serde(default)]
    servers: Vec<VantageShape>,
    since: Option<SinceShape>,
    #[serde(default)]
    findings: Vec<FindingShape>,
    rrsets: Option<Vec<StandingShape>>,
    #[serde(default)]
    unanswered: Vec<UnansweredShape>,
    #[serde(default)]
    not_judged: Vec<String>,
    #[serde(default)]
    unvisited: Vec<UnvisitedShape>,
    #[serde(default)]
    unfetched: Vec<UnfetchedShape>,
    forecast: Option<Vec<ForetoldShape<String>>>,
    forecast_remedied: Option<RemediedShape<String>>,
    shard: Option<ShardShape<'static>>,
}

#[derive(Deserialize)]
struct PlaceShape {
    file: String,
    line: u64,
}

#[derive(Deserialize)]
struct VantageShape {
    server: Option<String>,
    address: Option<IpAddr>,
    resolver: Option<String>,
    zone: Option<String>,
    serial: Option<u32>,
    failure: Option<String>,
}

#[derive(Deserialize)]
struct SinceShape {
    verdict: Option<String>,
    gone: Vec<GoneShape>,
}

#[derive(Deserialize)]
struct GoneShape {
    code: String,
    owner: String,
    r#type: String,
}

#[derive(Deserialize)]
struct FindingShape {
    code: String,
    severity: String,
    r#type: String,
    subjects: Vec<SubjectShape>,
    expected: Vec<String>,
    observed: Vec<String>,
    #[serde(default)]
    expected_types: Vec<String>,
    #[serde(default)]
    observed_types: Vec<String>,
    message: String,
    fix: Vec<FixShape>,
    #[serde(default)]
    servers: Vec<VantageShape>,
    #[serde(default)]
    answers: Vec<ToldShape>,
    affects: Option<Vec<String>>,
    #[serde(default)]
    affects_together: Vec<String>,
    #[serde(default)]
    unknown_for: Vec<String>,
    file: Option<String>,
    line: Option<u64>,
}

#[derive(Deserialize)]
struct SubjectShape {
    owner: String,
    r#type: String,
}

#[derive(Deserialize)]
struct FixShape {
    action: String,
    record: String,
}

#[derive(Deserialize)]
struct ToldShape {
    owner: String,
    r#type: String,
    servers: Vec<VantageShape>,
    data: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
    failure: Option<String>,
}

#[derive(Deserialize)]
struct StandingShape {
    owner: String,
    r#type: String,
    state: String,
    #[serde(default)]
    disputed: bool,
    failure: Option<String>,
    #[serde(default)]
    expected: Vec<String>,
    observed: Option<Vec<String>>,
    #[serde(default)]
    observed_types: Vec<String>,
    #[serde(default)]
    chain: Vec<String>,
}

#[derive(Deserialize)]
struct UnansweredShape {
    name: String,
    r#type: String,
    failure: String,
}

impl Line {
    /// Reads a line of `audit -f json`, without its end. Fields that are not known are passed over.
    ///
    /// # Errors
    ///
    /// It is none, or says what this version does not know.
    pub fn read(raw: &str) -> Result<Self, LineError> {
        let shape: LineShape = serde_json::from_str(raw)?;
        if shape.schema != SCHEMA {
            return Err(LineError::Schema { schema: shape.schema });
        }
        if let Some(shard) = shape.shard {
            return Ok(Self::Closing(shard.try_into()?));
        }
        let missing = |field| <serde_json::Error as serde::de::Error>::missing_field(field);
        let typed = shape.domain.as_deref().ok_or_else(|| missing("domain"))?;
        let verdict = shape.verdict.as_deref().ok_or_else(|| missing("verdict"))?;
        let verdict = word(verdict, "verdict", Verdict::ALL, Verdict::text)?;
        let place = shape.place.as_ref().map(|place| position(&place.file, place.line));
        if let Some(error) = shape.error {
            let typed = typed.to_owned();
            return Ok(Self::Broken { line: shape.line, place, typed, error });
        }
        let domain: MailDomain = typed.parse()?;
        let form = form(&shape, &domain)?;
        let remedied = shape.forecast_remedied.map(Remedied::from);
        let foretold = |shapes: Vec<_>| {
            let clients = shapes.into_iter().map(Foretold::from).collect();
            Outlook { clients, remedied }
        };
        let outlook = shape.forecast.map(foretold);
        let has_states = shape.rrsets.is_some();
        let rrsets = shape.rrsets.unwrap_or_default();
        if !rrsets.is_empty() && rrsets.iter().all(|it| it.expected.is_empty()) {
            return Err(LineError::Early);
        }
        let mut unvisited = each(shape.unvisited, unvisited_of)?;
        unvisited.extend(each(shape.unfetched, unvisited_of)?);
        let audit = Audit {
            domain,
            verdict,
            standings: rrsets.iter().map(standing).collect::<Result<_, _>>()?,
            findings: each(shape.findings, finding)?,
            unanswered: shape.unanswered.iter().map(unanswered).collect::<Result<_, _>>()?,
            not_judged: names(&shape.not_judged)?,
            unvisited,
            place,
            witnesses: each(shape.servers, witness)?,
            since: shape.since.map(since).transpose()?,
        };
        Ok(Self::Judged(Box::new(Retold { audit, form, outlook, raw: raw.to_owned(), has_states })))
    }

    /// What a report takes; None of the end of a shard.
    pub fn item(&self) -> Option<Item<'_>> {
        match self {
            Self::Judged(retold) => Some(Item::Retold(retold)),
            Self::Broken { line, place, typed, error } => {
                Some(Item::Broken { line: *line, place: place.as_ref(), typed, error })
            }
            Self::Closing(_) => None,
        }
    }
}

/// Makes something of each.
fn each<S, T>(
    shapes: Vec<S>,
    make: impl Fn(S) -> Result<T, LineError>,
) -> Result<Vec<T>, LineError> {
    shapes.into_iter().map(make).collect()
}

fn finding(shape: FindingShape) -> Result<Finding, LineError> {
    let place = shape.file.as_deref().zip(shape.line);
    let subject = |it: SubjectShape| subject(&it.owner, it.r#type);
    let (together, unknown) = (shape.affects_together, shape.unknown_for);
    let affects = shape.affects.map(|clients| Affects { clients, together, unknown });
    Ok(Finding {
        code: word(&shape.code, "finding code", Code::ALL.iter().copied(), Code::text)?,
        severity: word(&shape.severity, "severity", Severity::ALL, Severity::text)?,
        expected: datas(&shape.expected, &shape.expected_types, &shape.r#type)?,
        observed: datas(&shape.observed, &shape.observed_types, &shape.r#type)?,
        subjects: each(shape.subjects, subject)?,
        message: shape.message,
        fix: each(shape.fix, fix)?,
        position: place.map(|(file, line)| position(file, line)),
        seen_by: each(shape.servers, vantage)?,
        told: each(shape.answers, told)?,
        affects,
    })
}

fn subject(owner: &str, kind: String) -> Result<Subject, LineError> {
    Subject::read(&parse_text(owner)?, &kind)
        .ok_or(LineError::Word { word: kind, kind: "record type" })
}

fn fix(shape: FixShape) -> Result<Fix, LineError> {
    let action = word(&shape.action, "action", [Action::Publish, Action::Delete], Action::text)?;
    // What is deleted has no TTL, and none is shown of it.
    let text = format!("$TTL 0\n{}\n", shape.record);
    let read = Scanner::new(text.as_bytes(), "", None).next().and_then(Result::ok);
    let entry = read.ok_or(LineError::Record { record: shape.record })?;
    Ok(Fix { action, record: entry.record })
}

fn told(shape: ToldShape) -> Result<Told, LineError> {
    Ok(Told {
        data: datas(&shape.data, &shape.types, &shape.r#type)?,
        subject: subject(&shape.owner, shape.r#type)?,
        by: each(shape.servers, vantage)?,
        failure: shape.failure.as_deref().map(failure).transpose()?,
    })
}

/// What it is for is not said again: no report tells it.
fn standing(shape: &StandingShape) -> Result<Standing, LineError> {
    let expected = datas(&shape.expected, &[], &shape.r#type)?;
    let observed = match &shape.observed {
        Some(observed) => datas(observed, &shape.observed_types, &shape.r#type)?,
        None => expected.clone(),
    };
    let state = match shape.failure.as_deref() {
        Some(why) => State::Unknown(failure(why)?),
        None => {
            let states =
                [State::Ok, State::Differs, State::Missing, State::Denied, State::NotJudged];
            word(&shape.state, "state", states, State::text)?
        }
    };
    Ok(Standing {
        purpose: None,
        owner: parse_text(&shape.owner)?,
        rtype: rtype(&shape.r#type)?,
        expected,
        observed,
        chain: names(&shape.chain)?,
        state,
        disputed: shape.disputed,
    })
}

fn unanswered(shape: &UnansweredShape) -> Result<(Question, Failure), LineError> {
    let question = Question { name: parse_text(&shape.name)?, rtype: rtype(&shape.r#type)? };
    Ok((question, failure(&shape.failure)?))
}

fn unvisited_of<S>(shape: S) -> Result<Unvisited, LineError>
where
    S: TryInto<Unvisited, Error = (String, &'static str)>,
{
    shape.try_into().map_err(|(word, kind)| LineError::Word { word, kind })
}

fn vantage(shape: VantageShape) -> Result<Vantage, LineError> {
    match (shape.server, shape.address, shape.resolver) {
        (Some(name), Some(address), None) => {
            Ok(Vantage::Server { name: parse_text(&name)?, address })
        }
        (None, None, Some(resolver)) => Ok(Vantage::Resolver(resolver)),
        (server, ..) => {
            Err(LineError::Word { word: server.unwrap_or_default(), kind: "server or resolver" })
        }
    }
}

fn witness(shape: VantageShape) -> Result<Witness, LineError> {
    Ok(Witness {
        zone: shape.zone.as_deref().map(parse_text).transpose()?,
        serial: shape.serial,
        failure: shape.failure.as_deref().map(failure).transpose()?,
        vantage: vantage(shape)?,
    })
}

fn since(shape: SinceShape) -> Result<Since, LineError> {
    let verdict = shape.verdict.as_deref();
    let verdict = verdict.map(|it| word(it, "verdict", Verdict::ALL, Verdict::text)).transpose()?;
    let gone = |it: GoneShape| Gone { code: it.code, owner: it.owner, kind: it.r#type };
    Ok(Since { verdict, gone: shape.gone.into_iter().map(gone).collect() })
}

/// The form that the remedies are typed into. Without remedies its zone is not told, nor needed.
fn form(shape: &LineShape, domain: &MailDomain) -> Result<Option<Form>, LineError> {
    if let Some(host) = &shape.dns_host {
        let no_host = |_| LineError::Word { word: host.clone(), kind: "DNS host" };
        let host: DnsHost = host.parse().map_err(no_host)?;
        let origin = shape.dns_zone.as_deref().map(parse_text).transpose()?;
        let origin = origin.unwrap_or_else(|| domain.name().clone());
        return Ok(Some(Form::Known { host, origin }));
    }
    let Some(servers) = &shape.name_servers else { return Ok(None) };
    let failure = shape.name_servers_failure.as_deref().map(failure).transpose()?;
    Ok(Some(Form::Unknown { servers: names(servers)?, failure }))
}

/// Finds what a word stands for.
fn word<T: Copy>(
    word: &str,
    kind: &'static str,
    all: impl IntoIterator<Item = T>,
    text: impl Fn(T) -> &'static str,
) -> Result<T, LineError> {
    let found = all.into_iter().find(|it| text(*it) == word);
    found.ok_or_else(|| LineError::Word { word: word.to_owned(), kind })
}

fn failure(code: &str) -> Result<Failure, LineError> {
    let unknown = || LineError::Word { word: code.to_owned(), kind: "failure" };
    Failure::from_code(code).ok_or_else(unknown)
}

fn rtype(word: &str) -> Result<RecordType, LineError> {
    let unknown = || LineError::Word { word: word.to_owned(), kind: "record type" };
    zonefile::parse_type(word).ok_or_else(unknown)
}

fn names(texts: &[String]) -> Result<Vec<Name>, LineError> {
    texts.iter().map(|text| Ok(parse_text(text)?)).collect()
}

/// Data, each of its own type, or else all of one.
fn datas(texts: &[String], types: &[String], own: &str) -> Result<Vec<RData>, LineError> {
    let datas = texts.iter().enumerate().map(|(at, text)| {
        let word = types.get(at).map_or(own, String::as_str);
        let data = zonefile::parse_rdata(text, rtype(word)?);
        data.ok_or_else(|| LineError::Data { data: text.clone(), rtype: word.to_owned() })
    });
    datas.collect()
}

fn position(file: &str, line: u64) -> Position {
    Position { file: file.into(), line, column: 1 }
}
