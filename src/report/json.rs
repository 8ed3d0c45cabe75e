//! One JSON object per line and domain; the README documents the fields.
//!
//! The shapes stand apart from the types of the audit, so that those may change and the output need
//! not. What is not known is left out rather than `null`. Owner names are absolute, with the final
//! dot, and the mail domain stands without it; data are in presentation form.

use std::io::{self, Write};

use hickory_proto::rr::RData;
use serde::Serialize;

use super::forms::{Form, Forms};
use super::{Item, Reporter, Selection, Spec};
use crate::answer::{Answer, Dnssec, Outcome, Question};
use crate::audit::{Audit, Finding, Fix, Standing, Verdict};
use crate::dns_host::DnsHost;
use crate::inquiry::Observed;
use crate::name::{plain_text, text};
use crate::zonefile;

#[derive(Default, Serialize)]
struct DomainShape<'a> {
    domain: &'a str,
    verdict: &'static str,
    /// Of the input, where it came from a list and could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// The word of the one whose form the remedies are filled in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_host: Option<&'static str>,
    findings: Vec<FindingShape<'a>>,
    rrsets: Vec<StandingShape>,
    not_judged: Vec<String>,
    observed: Vec<AnswerShape>,
}

/// A finding; `owner` and `type` repeat the first of the subjects, for scripts that want one.
#[derive(Serialize)]
struct FindingShape<'a> {
    code: &'static str,
    severity: &'static str,
    owner: String,
    r#type: String,
    subjects: Vec<SubjectShape>,
    expected: Vec<String>,
    observed: Vec<String>,
    message: &'a str,
    reference: &'static str,
    fix: Vec<FixShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

/// An RRset that a finding is about.
#[derive(Serialize)]
struct SubjectShape {
    owner: String,
    r#type: String,
}

/// An RRset of the plan, by the word for its state.
#[derive(Serialize)]
struct StandingShape {
    owner: String,
    r#type: String,
    state: &'static str,
}

/// A step of a remedy, the record as a line of a zone file.
#[derive(Serialize)]
struct FixShape {
    action: &'static str,
    record: String,
    /// The boxes of a form with what is typed into each, in the order of the form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    boxes: Vec<(&'static str, String)>,
    /// Why the DNS host does not take the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// The evidence: one question with what DNS said to it.
#[derive(Serialize)]
struct AnswerShape {
    name: String,
    r#type: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dnssec: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    authoritative: bool,
    /// Left out where the outcome tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rcode: Option<u16>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extended: Vec<u16>,
}

/// What `--format json` selects.
pub(super) const SPEC: Spec = Spec {
    word: "json",
    headline: "one JSON object per line and domain",
    reporter: |_| Box::new(JsonLines { forms: Forms::None }),
};

/// It keeps nothing from one domain to the next.
struct JsonLines {
    forms: Forms,
}

impl Reporter for JsonLines {
    fn fill_in(&mut self, forms: Forms) {
        self.forms = forms;
    }

    fn item(&mut self, item: Item<'_>, _: &Selection, out: &mut dyn Write) -> io::Result<()> {
        match item {
            Item::Judged { observed, audit, .. } => write_judged(observed, audit, self.forms, out)?,
            Item::Broken { line, typed, error } => {
                let shape = DomainShape {
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
}

/// Writes the object of a domain that was asked about, without a line end.
fn write_judged(
    observed: &Observed,
    audit: &Audit,
    forms: Forms,
    out: &mut dyn Write,
) -> io::Result<()> {
    let domain = plain_text(audit.domain.name());
    let form = forms.form(observed);
    let shape = |finding| finding_shape(finding, form.as_ref());
    let shape = DomainShape {
        domain: &domain,
        verdict: audit.verdict.text(),
        dns_host: form.as_ref().and_then(Form::host).map(DnsHost::text),
        findings: audit.findings.iter().map(shape).collect(),
        rrsets: audit.standings.iter().map(standing_shape).collect(),
        not_judged: audit.not_judged.iter().map(text).collect(),
        observed: observed
            .answers()
            .map(|(question, answer)| answer_shape(&question, answer))
            .collect(),
        ..DomainShape::default()
    };
    serde_json::to_writer(out, &shape)?;
    Ok(())
}

/// Subjects are never empty, so neither are the owner and type in front.
fn finding_shape<'a>(finding: &'a Finding, form: Option<&Form>) -> FindingShape<'a> {
    let subjects: Vec<SubjectShape> = finding
        .subjects
        .iter()
        .map(|subject| SubjectShape {
            owner: text(subject.owner()),
            r#type: zonefile::type_name(subject.rtype()),
        })
        .collect();
    let fix = finding.fix.iter().map(|fix| fix_shape(fix, form));
    FindingShape {
        code: finding.code.text(),
        severity: finding.severity.text(),
        owner: subjects.first().map(|subject| subject.owner.clone()).unwrap_or_default(),
        r#type: subjects.first().map(|subject| subject.r#type.clone()).unwrap_or_default(),
        subjects,
        expected: rdatas(&finding.expected),
        observed: rdatas(&finding.observed),
        message: &finding.message,
        reference: finding.reference(),
        fix: fix.collect(),
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
    }
}

/// The words are those that recordings have.
fn answer_shape(question: &Question, answer: Answer) -> AnswerShape {
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
        dnssec: Some(answer.dnssec.code()).filter(|_| answer.dnssec != Dnssec::Unknown),
        authoritative: answer.authoritative,
        rcode,
        extended: answer.extended,
    }
}

fn rdatas(data: &[RData]) -> Vec<String> {
    data.iter().map(zonefile::rdata).collect()
}
