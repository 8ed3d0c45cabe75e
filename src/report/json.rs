//! One JSON object per line and domain; the README documents the fields.
//!
//! The shapes stand apart from the types of the audit, so that those may change and the output need
//! not. What is not known is left out rather than `null`. Owner names are absolute, with the final
//! dot, and the mail domain stands without it; data are in presentation form.

mod closing;
mod foretold;
mod reading;
mod seen;

use std::io::{self, Write};

use hickory_proto::rr::{RData, RecordType};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use self::closing::ClosingShape;
pub use self::closing::{Closing, Part};
use self::foretold::{ForetoldShape, RemediedShape};
pub use self::reading::{Line, LineError, Retold};
use self::seen::{ToldShape, UnfetchedShape, UnvisitedShape, VantageShape, WitnessShape};
use super::forms::Form;
use super::{Item, Outlook, Reporter, Selection, Settings, Spec, Tally};
use crate::answer::{Answer, Dnssec, Failure, Outcome, Question};
use crate::audit::{
    Action, Audit, Finding, Fix, Gone, Severity, Since, Standing, State, Subject, Verdict,
};
use crate::dns_host::DnsHost;
use crate::inquiry::Observed;
use crate::name::text;
use crate::service::PROTO;
use crate::zonefile::{self, Position};

/// The version of the objects. It is raised where a field goes or changes its meaning; a new field
/// changes nothing for who does not know it.
pub(super) const SCHEMA: u32 = 1;

/// A line of `mailsrv audit -f json`.
///
/// Fields may be added; programs are to ignore those that they do not know.
#[derive(JsonSchema)]
#[schemars(title = "mailsrv audit report", untagged)]
#[expect(dead_code, reason = "what is written is one of them; the schema is of both")]
enum LineShape<'a> {
    Domain(Box<DomainShape<'a>>),
    Shard(ClosingShape<'a>),
}

/// What one mail domain of the input comes to.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "Domain")]
struct DomainShape<'a> {
    /// The version of this object.
    #[schemars(extend("const" = SCHEMA))]
    schema: u32,
    /// The mail domain in A-labels, without a dot at its end; of a broken line, what was typed.
    domain: &'a str,
    /// What the audit concludes.
    #[schemars(extend("enum" = Verdict::ALL.map(Verdict::text)))]
    verdict: &'static str,
    /// The line of the input, from 1, where it could not be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// What is wrong with that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// Where a file has the domain: its zone, or the line of the list. Of a domain that passes without
    /// a finding it is left out, unless the evidence of all domains is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceShape>,
    /// The word of the DNS host whose form the remedies are filled in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_host: Option<&'static str>,
    /// The apex of the zone that they are typed into there, with the final dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_zone: Option<String>,
    /// The name servers of the zone, where no DNS host is known by them; with the final dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    name_servers: Option<Vec<String>>,
    /// Why they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    name_servers_failure: Option<String>,
    /// The servers or resolvers that were asked, where each was asked for itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    servers: Vec<WitnessShape>,
    /// What an earlier report said (`--baseline`); the findings are then those that it had not.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<SinceShape<'a>>,
    /// What is wrong, the most severe first.
    findings: Vec<FindingShape<'a>>,
    /// The state of each RRset of the profile, in its order. Of a domain that passes it is left out,
    /// unless the evidence of all domains is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    rrsets: Option<Vec<StandingShape>>,
    /// The questions that nobody answered, so that the verdict is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unanswered: Vec<UnansweredShape>,
    /// The names outside the zone files, of which nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_judged: Option<Vec<String>>,
    /// The servers that were to be visited and were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unvisited: Vec<UnvisitedShape>,
    /// The pages that were to be fetched and were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unfetched: Vec<UnfetchedShape>,
    /// A name that does not exist, so that of all names below it the first was asked for alone (RFC 8020);
    /// with the final dot. Of a list (`--every-name`).
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<String>,
    /// What is foretold of mail clients (`--forecast`).
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<Vec<ForetoldShape<&'a str>>>,
    /// What becomes of them with all remedies; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast_remedied: Option<RemediedShape<&'a str>>,
    /// Every question with its answer. Of a domain that passes it is left out, unless the evidence
    /// of all domains is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Vec<AnswerShape>>,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
struct PlaceShape {
    /// The file, as the run was given it.
    file: String,
    /// The line, from 1.
    line: u64,
}

/// A question without an answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unanswered")]
struct UnansweredShape {
    /// The name that was asked for, with the final dot.
    name: String,
    /// The record type that was asked for.
    r#type: String,
    /// Why there is no answer.
    failure: String,
}

/// What an earlier report said.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Since")]
struct SinceShape<'a> {
    /// The verdict then; left out where that report has nothing of the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = Verdict::ALL.map(Verdict::text)))]
    verdict: Option<&'static str>,
    /// What is not found any more.
    gone: Vec<GoneShape<'a>>,
}

/// Something that was found then, at one RRset or server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gone")]
struct GoneShape<'a> {
    /// What kind of thing.
    code: &'a str,
    /// The owner name, with the final dot.
    owner: &'a str,
    /// The record type, or the port as in `993/tcp`.
    r#type: &'a str,
}

/// One thing that is wrong, or worth knowing.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingShape<'a> {
    /// What kind of thing; codes never change their meaning, and new ones may come.
    #[schemars(pattern(r"^[a-z0-9]+(-[a-z0-9]+)+$"))]
    code: &'static str,
    /// How much it matters, after the policy of the user.
    #[schemars(extend("enum" = Severity::ALL.map(Severity::text)))]
    severity: &'static str,
    /// The owner name of the first subject, with the final dot.
    owner: String,
    /// The record type of the first subject, or the port as in `993/tcp`.
    r#type: String,
    /// The RRsets and servers that the cause shows in.
    #[schemars(length(min = 1))]
    subjects: Vec<SubjectShape>,
    /// The RDATA that the profile wants there, in presentation form.
    expected: Vec<String>,
    /// The RDATA that DNS holds there, in presentation form.
    observed: Vec<String>,
    /// The record type of each of `expected`, where one is not of `type`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expected_types: Vec<String>,
    /// The record type of each of `observed`, where one is not of `type`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    observed_types: Vec<String>,
    /// What is the matter, in a sentence for people; it may be worded anew with any release.
    message: &'a str,
    /// RFC and section.
    reference: &'static str,
    /// Where the code is explained; the address of a code stays.
    #[schemars(extend("format" = "uri"))]
    help: String,
    /// What mends it, in the order to do it.
    fix: Vec<FixShape>,
    /// The servers or resolvers that it holds at, where that is not all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    servers: Vec<VantageShape>,
    /// What each of those says who disagree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<ToldShape>,
    /// The mail clients for which the remedy changes what they conclude or whether they work, by the
    /// words that `forecast` has for them; left out where that was not foretold.
    #[serde(skip_serializing_if = "Option::is_none")]
    affects: Option<&'a [String]>,
    /// The mail clients for which the remedy changes nothing by itself, and beside the remedies of the
    /// other findings does: what becomes of them with all remedies is otherwise without this one.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    affects_together: &'a [String],
    /// The mail clients of which nobody knows what they do, with the remedy or without.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unknown_for: &'a [String],
    /// The zone file in which the first of the subjects stands, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The line of it in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

/// What a finding is about: an RRset, or a server at a port.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Subject")]
struct SubjectShape {
    /// The owner name, or the host, with the final dot.
    owner: String,
    /// The record type, or the port as in `993/tcp`.
    r#type: String,
}

/// An RRset of the profile, or of a service that it does not offer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RRset")]
struct StandingShape {
    /// The owner name, with the final dot.
    owner: String,
    /// The record type.
    r#type: String,
    /// How it stands.
    #[schemars(extend("enum" = State::WORDS))]
    state: &'static str,
    /// Whether those who were asked disagree; the state is what most of them say.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disputed: bool,
    /// Why nothing is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// The RDATA that the profile wants there, in presentation form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expected: Vec<String>,
    /// The RDATA that DNS holds there, where that is not what is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Vec<String>>,
    /// The record type of each of those, where one is not of `type`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    observed_types: Vec<String>,
    /// The canonical names on the way, where the owner name is an alias.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
}

/// A step of a remedy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
struct FixShape {
    /// What to do.
    #[schemars(extend("enum" = [Action::Publish, Action::Delete].map(Action::text)))]
    action: &'static str,
    /// With which record: a line of a zone file, without a TTL where it is deleted.
    record: String,
    /// The boxes of the form of the DNS host, each with its title and what is typed into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    boxes: Vec<(&'static str, String)>,
    /// Why the DNS host does not take the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// One question with what DNS said to it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
struct AnswerShape {
    /// The name that was asked for, with the final dot.
    name: String,
    /// The record type that was asked for.
    r#type: String,
    /// What came of it.
    #[schemars(extend("enum" = ["records", "nodata", "nxdomain", "failed"]))]
    outcome: &'static str,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// The canonical names on the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
    /// In seconds, of authoritative answers alone: that of a cache counts down.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    /// The RDATA, in presentation form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<String>,
    /// What DNSSEC says of it, where it says anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [Dnssec::Secure, Dnssec::Insecure, Dnssec::Bogus].map(Dnssec::code)))]
    dnssec: Option<&'static str>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    dnssec_by: Option<String>,
    /// What the validator of this program says of it, where `--validate` asks it; experimental.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = Dnssec::ALL.map(Dnssec::code)))]
    validated: Option<&'static str>,
    /// Whether a server of the zone answered; left out where none did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    authoritative: bool,
    /// The response code, where the outcome does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rcode: Option<u16>,
    /// The server that was asked, where that is one of a zone below a cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<VantageShape>,
    /// The codes of extended DNS errors (RFC 8914).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extended: Vec<u16>,
}

/// The JSON Schema (draft 2020-12) of a line of the JSON report.
///
/// It leaves room for fields that come with later versions.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(without_nulls));
    settings.into_generator().into_root_schema_for::<LineShape<'static>>().to_value()
}

/// What is not known is left out and never `null`. The format of a number says no more than its
/// bounds.
fn without_nulls(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("format").is_some_and(|format| format != "uri") {
        object.remove("format");
    }
    if let Some(serde_json::Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
}

/// What `--format json` selects.
pub(super) const SPEC: Spec = Spec {
    word: "json",
    headline: "one JSON object per line and domain",
    reporter: |settings| Box::new(JsonLines { settings }),
};

/// It keeps nothing from one domain to the next.
struct JsonLines {
    settings: Settings,
}

impl Reporter for JsonLines {
    fn item(&mut self, item: Item<'_>, _: &Selection, out: &mut dyn Write) -> io::Result<()> {
        match item {
            Item::Retold(retold) => out.write_all(retold.raw.as_bytes())?,
            Item::Judged { observed, audit, outlook, .. } => {
                write_judged(observed, audit, outlook, &self.settings, out)?;
            }
            Item::Broken { line, place, typed, error } => {
                let shape = DomainShape {
                    place: place.map(place_shape),
                    schema: SCHEMA,
                    domain: typed,
                    verdict: Verdict::Broken.text(),
                    line,
                    error: Some(error),
                    ..DomainShape::default()
                };
                serde_json::to_writer(&mut *out, &shape)?;
            }
        }
        writeln!(out)
    }

    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        let Some(part) = &self.settings.part else { return Ok(()) };
        serde_json::to_writer(&mut *out, &ClosingShape::new(part, tally))?;
        writeln!(out)
    }

    fn needs_states(&self) -> bool {
        self.settings.evidence.tells_states(Verdict::Pass)
    }

    fn is_of_one(&self) -> bool {
        true
    }
}

/// Writes the object of a domain that was asked about, without a line end.
fn write_judged(
    observed: Option<&Observed>,
    audit: &Audit,
    outlook: Option<&Outlook>,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let form = observed.and_then(|observed| settings.forms.form(observed));
    let shape = |finding| finding_shape(finding, form.as_ref());
    let mends = audit.findings.iter().any(|finding| !finding.fix.is_empty());
    let (dns_zone, name_servers, why) = match form.as_ref().filter(|_| mends) {
        Some(Form::Known { origin, .. }) => (Some(text(origin)), None, None),
        Some(Form::Unknown { servers, failure }) => {
            (None, Some(servers.iter().map(text).collect()), failure.map(Failure::code))
        }
        None => (None, None, None),
    };
    let (states, answers) = (
        settings.evidence.tells_states(audit.verdict),
        settings.evidence.tells_answers(audit.verdict),
    );
    let shape = DomainShape {
        schema: SCHEMA,
        domain: audit.domain.as_str(),
        verdict: audit.verdict.text(),
        place: audit
            .place
            .as_ref()
            .filter(|_| states || !audit.findings.is_empty())
            .map(place_shape),
        dns_host: form.as_ref().and_then(Form::host).map(DnsHost::text),
        dns_zone,
        name_servers,
        name_servers_failure: why,
        servers: audit.witnesses.iter().map(WitnessShape::new).collect(),
        since: audit.since.as_ref().map(since_shape),
        findings: audit.findings.iter().map(shape).collect(),
        rrsets: states.then(|| audit.standings.iter().map(standing_shape).collect()),
        unanswered: audit.unanswered.iter().map(unanswered_shape).collect(),
        not_judged: (states || !audit.not_judged.is_empty())
            .then(|| audit.not_judged.iter().map(text).collect()),
        unvisited: audit.unvisited.iter().filter_map(UnvisitedShape::of).collect(),
        unfetched: audit.unvisited.iter().filter_map(UnfetchedShape::of).collect(),
        cut: observed
            .filter(|observed| observed.is_cut())
            .map(|_| text(&audit.domain.prefixed(&[PROTO]))),
        forecast: outlook.map(|outlook| outlook.clients.iter().map(ForetoldShape::new).collect()),
        forecast_remedied: outlook.and_then(|it| it.remedied.as_ref()).map(RemediedShape::new),
        observed: observed.filter(|_| answers).map(|observed| {
            let shape = |(question, answer)| answer_shape(observed, &question, answer);
            observed.answers().map(shape).collect()
        }),
        ..DomainShape::default()
    };
    serde_json::to_writer(out, &shape)?;
    Ok(())
}

fn place_shape(place: &Position) -> PlaceShape {
    PlaceShape { file: place.file.to_string(), line: place.line }
}

fn unanswered_shape((question, failure): &(Question, Failure)) -> UnansweredShape {
    UnansweredShape {
        name: text(&question.name),
        r#type: zonefile::type_name(question.rtype),
        failure: failure.code(),
    }
}

fn since_shape(since: &Since) -> SinceShape<'_> {
    let gone = since.gone.iter().map(|Gone { code, owner, kind }| GoneShape {
        code: code.as_str(),
        owner: owner.as_str(),
        r#type: kind.as_str(),
    });
    SinceShape { verdict: since.verdict.map(Verdict::text), gone: gone.collect() }
}

/// Subjects are never empty, so neither are the owner and type in front.
fn finding_shape<'a>(finding: &'a Finding, form: Option<&Form>) -> FindingShape<'a> {
    let subjects: Vec<SubjectShape> = finding
        .subjects
        .iter()
        .map(|subject| SubjectShape { owner: text(subject.owner()), r#type: subject.kind() })
        .collect();
    let fix = finding.fix.iter().map(|fix| fix_shape(fix, form));
    let rtype = finding.subjects.first().and_then(Subject::rtype);
    FindingShape {
        code: finding.code.text(),
        severity: finding.severity.text(),
        owner: subjects.first().map(|subject| subject.owner.clone()).unwrap_or_default(),
        r#type: subjects.first().map(|subject| subject.r#type.clone()).unwrap_or_default(),
        subjects,
        expected: rdatas(&finding.expected),
        observed: rdatas(&finding.observed),
        expected_types: other_types(&finding.expected, rtype),
        observed_types: other_types(&finding.observed, rtype),
        message: &finding.message,
        reference: finding.reference(),
        help: finding.code.address(),
        fix: fix.collect(),
        servers: finding.seen_by.iter().map(VantageShape::new).collect(),
        answers: finding.told.iter().map(ToldShape::new).collect(),
        affects: finding.affects.as_ref().map(|affects| affects.clients.as_slice()),
        affects_together: finding.affects.as_ref().map_or(&[], |affects| &affects.together),
        unknown_for: finding.affects.as_ref().map_or(&[], |affects| &affects.unknown),
        file: finding.position.as_ref().map(|position| position.file.to_string()),
        line: finding.position.as_ref().map(|position| position.line),
    }
}

/// Without a form, what is typed for a record is the record.
fn fix_shape(fix: &Fix, form: Option<&Form>) -> FixShape {
    let boxes = form.and_then(|form| form.boxes(&[fix]));
    let boxes = boxes.into_iter().flat_map(|boxes| {
        let cells = boxes.rows.into_iter().flatten();
        boxes.titles.into_iter().zip(cells).collect::<Vec<_>>()
    });
    FixShape {
        action: fix.action.text(),
        record: fix.text(),
        boxes: boxes.collect(),
        refused: form.and_then(|form| form.refusal(fix)),
    }
}

fn standing_shape(standing: &Standing) -> StandingShape {
    StandingShape {
        owner: text(&standing.owner),
        r#type: zonefile::type_name(standing.rtype),
        state: standing.state.text(),
        disputed: standing.disputed,
        failure: match standing.state {
            State::Unknown(failure) => Some(failure.code()),
            _ => None,
        },
        expected: rdatas(&standing.expected),
        observed: (standing.observed != standing.expected).then(|| rdatas(&standing.observed)),
        observed_types: other_types(&standing.observed, Some(standing.rtype)),
        chain: standing.chain.iter().map(text).collect(),
    }
}

/// The words are those that recordings have.
fn answer_shape(observed: &Observed, question: &Question, answer: Answer) -> AnswerShape {
    let rcode = answer.rcode.filter(|_| answer.outcome.rcode().is_none());
    let (outcome, failure, ttl, data) = match answer.outcome {
        Outcome::Records { ttl, data } => ("records", None, Some(ttl), rdatas(&data)),
        Outcome::NoData => ("nodata", None, None, Vec::new()),
        Outcome::NxDomain => ("nxdomain", None, None, Vec::new()),
        Outcome::Failed(failure) => ("failed", Some(failure.code()), None, Vec::new()),
    };
    AnswerShape {
        name: text(&question.name),
        r#type: zonefile::type_name(question.rtype),
        outcome,
        failure,
        chain: answer.chain.iter().map(text).collect(),
        // A TTL that counts down in a cache would tell two audits of one domain apart.
        ttl: ttl.filter(|_| answer.authoritative),
        data,
        dnssec_by: answer.dnssec_by.as_deref().map(str::to_owned),
        validated: answer.validated.map(Dnssec::code),
        dnssec: Some(answer.dnssec.code()).filter(|_| answer.dnssec != Dnssec::Unknown),
        authoritative: answer.authoritative,
        rcode,
        from: observed.said_by(question).map(VantageShape::new),
        extended: answer.extended,
    }
}

fn rdatas(data: &[RData]) -> Vec<String> {
    data.iter().map(zonefile::rdata).collect()
}

/// The types of data, where one of them is not that of the RRset that they are told of.
fn other_types(data: &[RData], rtype: Option<RecordType>) -> Vec<String> {
    if data.iter().all(|data| Some(data.record_type()) == rtype) {
        return Vec::new();
    }
    data.iter().map(|data| zonefile::type_name(data.record_type())).collect()
}
