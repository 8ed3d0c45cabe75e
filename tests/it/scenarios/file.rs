//! The shape of a scenario file, and what it means.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hickory_proto::rr::{Name, RecordType};
use mailsrv::answer::{Answer, Dnssec, Failure, Hidden, Outcome, Question, Vantage};
use mailsrv::audit::{Audit, Code, Finding, Fix, Policy, Standing, Verdict, parse_setting};
use mailsrv::hosting::{Certificate, Columns, Hosting, file};
use mailsrv::name::text;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::rrset::ResourceRecord;
use mailsrv::zonefile::{self, Scanner};
use serde::Deserialize;

use super::mend::Mend;
use super::seen::{Seen, SeenShape};
use crate::healthy::{self, Step, address};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    title: String,
    #[serde(default = "default_domain")]
    domain: String,
    /// A hosting profile; the documented one where there is none.
    profile: Option<String>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    /// Whether the profile has the certificate of `tests/certificate.pem`, for hosts below
    /// `provider.example`.
    #[serde(default)]
    certificate: bool,
    #[serde(default)]
    base: Base,
    /// Names with an address of each family.
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    answers: Vec<AnswerShape>,
    #[serde(default)]
    severity: BTreeMap<String, String>,
    /// Whether a name outside the zones at hand leaves the verdict open.
    #[serde(default)]
    strict: bool,
    verdict: String,
    #[serde(default)]
    findings: Vec<FindingShape>,
    #[serde(default)]
    unanswered: Vec<String>,
    /// Zone cuts of the zones at hand, each with the owner names that it hides.
    #[serde(default)]
    hidden: BTreeMap<String, Vec<String>>,
    /// The names outside the zones at hand.
    #[serde(default)]
    not_judged: Vec<String>,
    /// How some RRsets stand, by owner name and type: a state, or `none` where there is no row.
    #[serde(default)]
    rrsets: BTreeMap<String, String>,
    /// The codes that are one small step away, and must not come.
    #[serde(default)]
    near: Vec<String>,
    /// Those who are asked for themselves, where there are several.
    seen: Option<SeenShape>,
    /// Why the fixes of the findings do not heal everything that they are about.
    unhealed: Option<String>,
}

/// What DNS says where the scenario does not.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Base {
    /// The plan is published, its hosts have addresses, and there is an MX.
    #[default]
    Healthy,
    /// Every name is there, and holds nothing.
    Empty,
    /// No name is there.
    Nxdomain,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerShape {
    name: String,
    r#type: String,
    /// The canonical names met on the way.
    #[serde(default)]
    chain: Vec<String>,
    /// The data in presentation form.
    #[serde(default)]
    data: Vec<String>,
    /// Repeats the data with `{n}` from 1 up to this.
    #[serde(default = "one")]
    count: u16,
    /// In place of data: `nodata`, `nxdomain`, or the code of a failure.
    outcome: Option<String>,
    /// `secure`, `insecure` or `bogus`, as the responder says.
    dnssec: Option<String>,
    /// The same, as the validator of this program says.
    validated: Option<String>,
    /// Whether the server of the zone speaks, whose TTLs do not count down.
    #[serde(default)]
    authoritative: bool,
    ttl: Option<u32>,
    #[serde(default)]
    extended: Vec<u16>,
    /// Whether the records have TTLs of their own each.
    #[serde(default)]
    uneven_ttls: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingShape {
    code: String,
    severity: String,
    /// The owner name that it is about.
    owner: Option<String>,
    /// The owner names, where there are several.
    #[serde(default)]
    owners: Vec<String>,
    /// The whole message, where the wording matters.
    message: Option<String>,
    /// The whole remedy, as `publish` or `delete` with owner, type and data.
    fix: Option<Vec<String>>,
}

fn default_domain() -> String {
    "example.com".to_owned()
}

fn one() -> u16 {
    1
}

/// One domain as DNS may show it, and what an audit has to say of it.
pub(super) struct Scenario {
    pub(super) file: String,
    pub(super) title: String,
    pub(super) plan: RecordPlan,
    pub(super) policy: Policy,
    pub(super) verdict: Verdict,
    pub(super) unhealed: Option<String>,
    pub(super) hidden: Vec<Hidden>,
    pub(super) seen: Option<Seen>,
    base: Base,
    answers: Vec<(Question, Answer)>,
    findings: Vec<FindingShape>,
    unanswered: Vec<String>,
    not_judged: Vec<String>,
    rrsets: Vec<(String, String)>,
    near: Vec<Code>,
}

impl Scenario {
    pub(super) fn read(path: &Path) -> Self {
        let file = path.file_name().map_or_else(String::new, |name| name.display().to_string());
        let source = fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let shape = serde_yaml::from_str(&source).unwrap_or_else(|error| panic!("{file}: {error}"));
        Self::new(file, shape)
    }

    fn new(file: String, shape: Shape) -> Self {
        let wrong = |what: &dyn std::fmt::Display| -> ! { panic!("{file}: {what}") };
        let domain = shape.domain.parse().unwrap_or_else(|error| wrong(&error));
        let hosting = shape.profile.map_or_else(Hosting::documented, |profile| {
            file::parse(&profile, &file).unwrap_or_else(|error| wrong(&error))
        });
        let hosting = if shape.certificate {
            hosting.with_certificates(vec![
                Certificate::from_pem(include_bytes!("../../certificate.pem"))
                    .unwrap_or_else(|error| wrong(&error)),
            ])
        } else {
            hosting
        };
        let plan = plan(&domain, &hosting, &Columns::new(shape.columns))
            .unwrap_or_else(|refusal| wrong(&refusal));
        let reader = Reader { origin: domain.name(), file: &file };
        let mut answers: Vec<_> =
            shape.answers.iter().map(|answer| reader.answer(answer)).collect();
        for host in &shape.hosts {
            for rtype in [RecordType::A, RecordType::AAAA] {
                let outcome = Outcome::Records { ttl: healthy::TTL, data: vec![address(rtype)] };
                let question = Question { name: reader.name(host), rtype };
                answers.push((question, Answer::plain(outcome)));
            }
        }
        let seen = shape.seen.map(|seen| seen.read(&reader));
        let code = |text: &String| text.parse().unwrap_or_else(|error| wrong(&error));
        let mut policy = Policy::default();
        policy.strict = shape.strict;
        for (text, level) in &shape.severity {
            policy.set(code(text), parse_setting(level).unwrap_or_else(|error| wrong(&error)));
        }
        let near = shape.near.iter().map(code).collect();
        let verdict = read_verdict(&shape.verdict)
            .unwrap_or_else(|| wrong(&format_args!("no verdict: {}", shape.verdict)));
        let findings = shape
            .findings
            .into_iter()
            .map(|finding| {
                let owners = finding.owner.iter().chain(&finding.owners);
                let owners = owners.map(|owner| text(&reader.name(owner))).collect();
                FindingShape { owner: None, owners, ..finding }
            })
            .collect();
        let not_judged = shape.not_judged.iter().map(|name| text(&reader.name(name))).collect();
        let rrsets = shape.rrsets.into_iter().map(|(rrset, state)| {
            let Some((owner, rtype)) = rrset.split_once(' ') else { wrong(&rrset) };
            (format!("{} {rtype}", text(&reader.name(owner))), state)
        });
        let rrsets = rrsets.collect();
        let hidden = shape
            .hidden
            .iter()
            .map(|(cut, owners)| Hidden {
                cut: reader.name(cut),
                owners: owners.iter().map(|owner| reader.name(owner)).collect(),
                records: owners.len(),
            })
            .collect();
        let Shape { title, base, unanswered, unhealed, .. } = shape;
        Self {
            file,
            title,
            plan,
            policy,
            verdict,
            unhealed,
            hidden,
            seen,
            base,
            answers,
            findings,
            unanswered,
            not_judged,
            rrsets,
            near,
        }
    }

    /// What is said to a question that is asked from the place of one, or of nobody in particular;
    /// and by which server of a zone below.
    pub(super) fn answer_for(
        &self,
        by: Option<usize>,
        question: &Question,
        mend: &Mend,
    ) -> (Answer, Option<Vantage>) {
        let Some((seen, by)) = self.seen.as_ref().zip(by) else {
            return (self.answer(by, question, mend), None);
        };
        let asked = seen.asked(by, question).into_iter();
        let said = asked.map(|(by, server)| (self.answer(Some(by), question, mend), server));
        let mut said: Vec<_> = said.collect();
        let is_answer = |(answer, _): &(Answer, _)| !matches!(answer.outcome, Outcome::Failed(_));
        let first = said.iter().position(is_answer).unwrap_or(0);
        said.swap_remove(first)
    }

    /// What DNS says to a question, or one who was asked for himself, once some fixes are applied.
    fn answer(&self, by: Option<usize>, question: &Question, mend: &Mend) -> Answer {
        healthy::resolve(question, |at| match mend.step(at, self.step(by, at)) {
            // Without the data beside it, an alias stands for every type.
            Step::End(end) if end.outcome == Outcome::NoData && mend.empties(at) => {
                let alias = self
                    .answers
                    .iter()
                    .find(|(known, answer)| known.name == at.name && !answer.chain.is_empty());
                match alias {
                    Some((_, answer)) => Step::Alias(answer.chain[0].clone()),
                    None => Step::End(end),
                }
            }
            step => step,
        })
    }

    /// What stands at a name: what the scenario says, or its base.
    fn step(&self, by: Option<usize>, at: &Question) -> Step {
        let said = self.seen.as_ref().zip(by).and_then(|(seen, by)| seen.answer(by, at));
        if let Some(answer) = said {
            return Step::End(answer);
        }
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| known == at) {
            return Step::End(answer.clone());
        }
        let nothing = |outcome| Step::End(Answer::plain(outcome));
        match self.base {
            Base::Healthy => match healthy::step(&self.plan, at) {
                Some(Step::Alias(host)) => {
                    self.beside(&at.name).map_or(Step::Alias(host), Step::End)
                }
                Some(end) => end,
                None => nothing(Outcome::NoData),
            },
            Base::Empty => nothing(Outcome::NoData),
            Base::Nxdomain => nothing(Outcome::NxDomain),
        }
    }

    /// What follows from the answer to another type: a name is an alias for all of them or for none
    /// (RFC 1034 §3.6.2).
    fn beside(&self, owner: &Name) -> Option<Answer> {
        let (_, answer) = self.answers.iter().find(|(known, _)| known.name == *owner)?;
        let outcome = match &answer.outcome {
            Outcome::Records { .. } => Outcome::NoData,
            other => other.clone(),
        };
        Some(Answer { outcome, ..answer.clone() })
    }

    /// The codes that the scenario expects.
    pub(super) fn codes(&self) -> impl Iterator<Item = Code> {
        self.findings.iter().map(|finding| self.code(finding))
    }

    /// The codes whose message the scenario expects in full.
    pub(super) fn messages(&self) -> impl Iterator<Item = Code> {
        let whole = self.findings.iter().filter(|finding| finding.message.is_some());
        whole.map(|finding| self.code(finding))
    }

    /// The codes whose remedy the scenario expects in full.
    pub(super) fn remedies(&self) -> impl Iterator<Item = Code> {
        let whole = self.findings.iter().filter(|finding| finding.fix.is_some());
        whole.map(|finding| self.code(finding))
    }

    /// The codes that are one small step away from the scenario.
    pub(super) fn near(&self) -> &[Code] {
        &self.near
    }

    fn code(&self, finding: &FindingShape) -> Code {
        finding.code.parse().unwrap_or_else(|error| panic!("{}: {error}", self.file))
    }

    /// What was expected against what came, where they differ.
    pub(super) fn differences(&self, audit: &Audit) -> Vec<(String, String)> {
        let verdicts = (self.verdict.text().to_owned(), audit.verdict.text().to_owned());
        let unanswered = |(question, failure): &(Question, Failure)| {
            let rtype = zonefile::type_name(question.rtype);
            format!("{} {rtype} {}", text(&question.name), failure.code())
        };
        let got: Vec<String> = audit.unanswered.iter().map(unanswered).collect();
        let not_judged: Vec<String> = audit.not_judged.iter().map(text).collect();
        let mut pairs = vec![
            verdicts,
            (self.unanswered.join("\n"), got.join("\n")),
            (self.not_judged.join("\n"), not_judged.join("\n")),
        ];
        for (rrset, expected) in &self.rrsets {
            let is_it = |standing: &&Standing| {
                let rtype = zonefile::type_name(standing.rtype);
                format!("{} {rtype}", text(&standing.owner)) == *rrset
            };
            let row = audit.standings.iter().find(is_it);
            let got = row.map_or("none", |standing| standing.state.text());
            pairs.push((format!("{rrset} {expected}"), format!("{rrset} {got}")));
        }
        for at in 0..self.findings.len().max(audit.findings.len()) {
            let expected = self.findings.get(at);
            let got = audit.findings.get(at).map(|got| {
                let whole = FindingShape {
                    message: Some(String::new()),
                    fix: Some(Vec::new()),
                    ..heading(got)
                };
                shown(got, expected.unwrap_or(&whole))
            });
            let expected = expected.map(FindingShape::to_text);
            pairs.push((expected.unwrap_or_default(), got.unwrap_or_default()));
        }
        pairs.retain(|(expected, got)| expected != got);
        pairs
    }
}

impl FindingShape {
    fn to_text(&self) -> String {
        let mut out = format!("{} {} {}", self.severity, self.code, self.owners.join(" "));
        if let Some(message) = &self.message {
            out.push_str(&["\n    ", message].concat());
        }
        for fix in self.fix.iter().flatten() {
            out.push_str(&["\n    fix: ", fix].concat());
        }
        out
    }
}

fn heading(finding: &Finding) -> FindingShape {
    let mut owners: Vec<String> =
        finding.subjects.iter().map(|subject| text(subject.owner())).collect();
    owners.dedup();
    FindingShape {
        code: finding.code.text().to_owned(),
        severity: finding.severity.text().to_owned(),
        owner: None,
        owners,
        message: None,
        fix: None,
    }
}

/// A finding in the form of an expectation, with what that expectation says something of.
fn shown(finding: &Finding, expected: &FindingShape) -> String {
    FindingShape {
        message: expected.message.as_ref().map(|_| finding.message.clone()),
        fix: expected.fix.as_ref().map(|_| finding.fix.iter().map(fix_text).collect()),
        ..heading(finding)
    }
    .to_text()
}

/// One step of a remedy: what to do, and with which record.
pub(super) fn fix_text(fix: &Fix) -> String {
    let ResourceRecord { owner, data, .. } = &fix.record;
    let rtype = zonefile::type_name(data.record_type());
    format!("{} {} {rtype} {}", fix.action.text(), text(owner), zonefile::rdata(data))
}

fn read_verdict(word: &str) -> Option<Verdict> {
    [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Unknown, Verdict::Broken]
        .into_iter()
        .find(|verdict| verdict.text() == word)
}

/// Reads names and data in presentation form.
pub(super) struct Reader<'a> {
    origin: &'a Name,
    file: &'a str,
}

impl Reader<'_> {
    pub(super) fn record(&self, line: &str) -> ResourceRecord {
        let mut scanner = Scanner::new(line.as_bytes(), self.file, Some(self.origin.clone()));
        match scanner.next() {
            Some(Ok(entry)) => entry.record,
            Some(Err(error)) => panic!("{error}: {line}"),
            None => panic!("{}: no record: {line}", self.file),
        }
    }

    pub(super) fn name(&self, typed: &str) -> Name {
        self.record(&format!("{typed} 0 IN A 192.0.2.1\n")).owner
    }

    pub(super) fn answer(&self, shape: &AnswerShape) -> (Question, Answer) {
        let AnswerShape { name, r#type, .. } = shape;
        let rtype = r#type
            .parse()
            .unwrap_or_else(|_error| panic!("{}: no record type: {}", self.file, r#type));
        let data: Vec<_> = (1..=shape.count)
            .flat_map(|n| shape.data.iter().map(move |data| data.replace("{n}", &n.to_string())))
            .map(|data| self.record(&format!("{name} 0 IN {} {data}\n", r#type)).data)
            .collect();
        let outcome = match shape.outcome.as_deref() {
            None if !data.is_empty() => {
                Outcome::Records { ttl: shape.ttl.unwrap_or(healthy::TTL), data }
            }
            Some("nodata") => Outcome::NoData,
            Some("nxdomain") => Outcome::NxDomain,
            Some(code) if data.is_empty() => match Failure::from_code(code) {
                Some(failure) => Outcome::Failed(failure),
                None => panic!("{}: no outcome: {code}", self.file),
            },
            _ => panic!("{}: {name} needs data, or an outcome", self.file),
        };
        let chain = shape.chain.iter().map(|name| self.name(name)).collect();
        let question = Question { name: self.name(name), rtype };
        let dnssec = shape.dnssec.as_deref().map_or(Dnssec::Unknown, |word| {
            Dnssec::from_code(word).unwrap_or_else(|| panic!("{}: no state: {word}", self.file))
        });
        let validated = shape.validated.as_deref().map(|word| {
            Dnssec::from_code(word).unwrap_or_else(|| panic!("{}: no state: {word}", self.file))
        });
        let (authoritative, extended) = (shape.authoritative, shape.extended.clone());
        let uneven_ttls = shape.uneven_ttls;
        let plain = Answer::plain(outcome);
        let answer =
            Answer { chain, dnssec, validated, authoritative, extended, uneven_ttls, ..plain };
        (question, answer)
    }
}
