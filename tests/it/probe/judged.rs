//! What is concluded of documents, by scenarios in a file; nothing is fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mailsrv::audit::{Code, JudgedDocument, Policy, judge_documents};
use mailsrv::document::{Kind, Options, documents};
use mailsrv::hickory_proto::rr::RData;
use mailsrv::hickory_proto::rr::rdata::TXT;
use mailsrv::hosting::{Columns, Hosting, file};
use mailsrv::page::{Content, Fetched, Hsts, Page, Request, Unfetched};
use mailsrv::plan::{RecordPlan, plan};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What is served, and what is concluded of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    /// The field that the profile lacks, and with it what is planned.
    without: Option<String>,
    /// Whether the digest in DNS is of the documents of the profile, or of what is served.
    #[serde(default)]
    digest: Whose,
    pages: Vec<Served>,
    /// The codes of the findings, each with a part of its message.
    #[serde(default)]
    findings: BTreeMap<String, String>,
    /// The worst of the verdicts, where it is said.
    verdict: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Whose {
    #[default]
    Planned,
    Served,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Served {
    url: String,
    #[serde(default)]
    post: bool,
    #[serde(default)]
    user: bool,
    #[serde(default)]
    hops: Vec<String>,
    unfetched: Option<String>,
    #[serde(default = "ok")]
    status: u16,
    r#type: Option<String>,
    encoding: Option<String>,
    hsts: Option<String>,
    fault: Option<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    replace: BTreeMap<String, String>,
}

fn ok() -> u16 {
    200
}

const PROFILE: &str = "host: \"mail.{domain}\"
imap: { tls: 993, starttls: 143 }
pop3: { tls: 995, starttls: 110 }
submission: { tls: 465, starttls: 587 }
login: full-address
autoconfig: { alias: \"{host}\" }
autodiscover: { alias: \"{host}\", srv: true }
pacc: { alias: \"{host}\" }
";

fn hosting(without: Option<&str>) -> Hosting {
    let lines = PROFILE.lines().filter(|line| without.is_none_or(|it| !line.starts_with(it)));
    file::parse(&lines.collect::<Vec<_>>().join("\n"), "profile").expect("the profile is sound")
}

fn planned(hosting: &Hosting) -> RecordPlan {
    let domain = "example.test".parse().expect("it is a mail domain");
    plan(&domain, hosting, &Columns::default()).expect("it can be planned")
}

pub(super) fn codes() -> BTreeSet<String> {
    scenarios().into_iter().flat_map(|it| it.findings.into_keys()).collect()
}

fn scenarios() -> Vec<Scenario> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documents.yaml");
    let read = fs::read_to_string(path).expect("the file is there");
    serde_yaml::from_str(&read).expect("the scenarios are of this form")
}

impl Served {
    fn fetched(&self, plan: &RecordPlan, hosting: &Hosting) -> Fetched {
        let url = self.url.parse().expect("it is an address");
        let request = match (self.post, self.user) {
            (true, _) => Request::post(url, "user@example.test"),
            (false, true) => Request::get(url).about("user@example.test"),
            (false, false) => Request::get(url),
        };
        let hops = self.hops.iter().map(|hop| hop.parse().expect("it is an address")).collect();
        Fetched { request, hops, page: Page::of(self.content(plan, hosting)) }
    }

    fn content(&self, plan: &RecordPlan, hosting: &Hosting) -> Result<Content, Unfetched> {
        let why = |code: &String| {
            let mut all = Unfetched::ALL.into_iter();
            all.find(|why| why.code() == code).expect("it is a reason")
        };
        if let Some(code) = &self.unfetched {
            return Err(why(code));
        }
        let of = |kind| {
            let made = documents(plan, hosting, &Options::default()).made;
            let found = made.into_iter().find(|document| document.kind == kind);
            found.expect("the profile has it").text
        };
        let mut body = match self.body.as_str() {
            "config" => of(Kind::Autoconfig),
            "pox" => of(Kind::Autodiscover),
            "pacc" => of(Kind::Pacc),
            text => text.to_owned(),
        };
        for (from, to) in &self.replace {
            assert!(body.contains(from.as_str()), "{from} is not in {body}");
            body = body.replace(from.as_str(), to);
        }
        Ok(Content {
            status: self.status,
            media_type: self.r#type.clone(),
            encoding: self.encoding.clone(),
            hsts: self.hsts.as_deref().and_then(Hsts::read),
            fault: self.fault.as_ref().map(why),
            body: body.into_bytes().into(),
            ..Content::default()
        })
    }
}

/// The TXT record of the digest of the PACC document that the plan has.
fn planned_digest(plan: &RecordPlan) -> Vec<RData> {
    let pacc = plan.pacc().expect("it is planned");
    let txt = pacc.published().flat_map(|(_, set)| set.rdatas());
    txt.filter(|data| matches!(data, RData::TXT(_))).cloned().collect()
}

/// The TXT record of the digest of what is served as PACC document.
fn digest_of(fetched: &[Fetched]) -> Vec<RData> {
    let bodies = fetched.iter().filter_map(|it| it.page.content.as_ref().ok());
    let digest = |content: &Content| {
        let digest = data_encoding::BASE64.encode(&Sha256::digest(&content.body));
        RData::TXT(TXT::new(vec![format!("v=UAAC1; a=sha256; d={digest}")]))
    };
    bodies.map(digest).collect()
}

#[test]
fn documents_are_judged_as_the_scenarios_say() {
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let hosting = hosting(scenario.without.as_deref());
        let plan = planned(&hosting);
        let fetched: Vec<_> =
            scenario.pages.iter().map(|page| page.fetched(&plan, &hosting)).collect();
        let digests = match scenario.digest {
            Whose::Planned => planned_digest(&plan),
            Whose::Served => digest_of(&fetched),
        };
        let judged = judge_documents(&plan, &digests, &fetched, &Policy::default());
        let faults = || judged.iter().flat_map(|it| &it.faults);
        let found: BTreeMap<&str, &str> =
            faults().map(|fault| (fault.code.text(), fault.message.as_str())).collect();
        let codes: Vec<_> = found.keys().copied().collect();
        let expected: Vec<_> = scenario.findings.keys().map(String::as_str).collect();
        let says = |(code, part): (&String, &String)| {
            found.get(code.as_str()).is_some_and(|message| message.contains(part.as_str()))
        };
        let has = |verdict: &String| {
            judged.iter().any(|it: &JudgedDocument<'_>| it.verdict.text() == verdict)
        };
        if codes != expected
            || faults().count() != expected.len()
            || !scenario.findings.iter().all(says)
            || !scenario.verdict.iter().all(has)
        {
            wrong.push(format!("{}: {judged:?}", scenario.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn severities_are_those_of_the_policy() {
    let hosting = hosting(None);
    let plan = planned(&hosting);
    let scenarios = scenarios();
    let missing = scenarios.iter().find(|it| it.name == "missing").expect("there is one");
    let fetched: Vec<_> = missing.pages.iter().map(|page| page.fetched(&plan, &hosting)).collect();
    let mut policy = Policy::default();
    policy.set(Code::DocumentUnreachable, None);
    let judged = judge_documents(&plan, &[], &fetched, &policy);
    assert_eq!(judged.iter().map(|it| it.verdict.text()).collect::<Vec<_>>(), ["pass"]);
    assert!(judged.iter().all(|it| it.faults.is_empty() && it.is_planned), "{judged:?}");
}
