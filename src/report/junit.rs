//! Test results as Jenkins, GitLab and others read them: a suite per domain, a test per RRset.
//!
//! The elements and attributes are those of Jenkins' xUnit plugin (`junit-10.xsd`, 2026-11). Counts
//! stand at each suite and not at the root, so that nothing is kept until the end.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text::sentence;
use super::{Item, Reporter, Retold, Selection, Spec, Tally, reason, steps};
use crate::audit::{Audit, Finding, Severity, Standing, State, Subject, Verdict};
use crate::document::xml_text;
use crate::name::{plain_text, printable};
use crate::zonefile;

/// What `--format junit` selects.
pub(super) const SPEC: Spec = Spec {
    word: "junit",
    headline: "JUnit XML, a suite per domain and a test per RRset",
    reporter: |settings| Box::new(Suites { fail_on: settings.fail_on }),
};

/// It keeps nothing from one domain to the next.
struct Suites {
    /// The lowest severity of a finding that fails a test.
    fail_on: Severity,
}

/// One test with what came of it.
struct Test {
    name: String,
    results: Vec<Outcome>,
}

/// What came of a test: the element, what kind of thing, in one line, and at length.
struct Outcome {
    element: &'static str,
    kind: String,
    message: String,
    text: String,
}

const FAILURE: &str = "failure";
const ERROR: &str = "error";
const SKIPPED: &str = "skipped";
/// What does not fail is said there.
const SAID: &str = "system-out";

impl Reporter for Suites {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut xml = Writer::new(&mut *out);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writeln!(out, "\n<testsuites name=\"mailsrv\">")
    }

    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (domain, tests) = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                (plain_text(audit.domain.name()), self.tests(audit, selection, reason(item)))
            }
            Item::Broken { typed, error, .. } => {
                (printable(typed).into_owned(), vec![unjudged(Verdict::Broken, error)])
            }
        };
        write_suite(&domain, &tests, out)
    }

    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        // Else what was not reached would pass for what does not fail.
        if tally.is_early() {
            let message = "the run ended early: there are more domains".to_owned();
            let result = Outcome {
                element: ERROR,
                kind: "early".to_owned(),
                text: message.clone(),
                message,
            };
            let test = Test { name: "comes to its end".to_owned(), results: vec![result] };
            write_suite("mailsrv", &[test], out)?;
        }
        writeln!(out, "</testsuites>")
    }

    fn needs_states(&self) -> bool {
        true
    }
}

impl Suites {
    /// A test for each RRset of the profile, one for each finding about something else, and one for
    /// what was not answered. Where a domain is broken nothing is known of its RRsets.
    fn tests(&self, audit: &Audit, selection: &Selection, reason: Option<String>) -> Vec<Test> {
        let findings: Vec<&Finding> = selection.findings(audit).collect();
        let whole = selection.shows_whole(audit.verdict);
        let judged = whole && audit.verdict != Verdict::Broken;
        let standings: Vec<&Standing> = audit.standings.iter().filter(|_| judged).collect();
        let mut tests: Vec<Test> =
            standings.iter().map(|standing| self.of_standing(standing, audit, &findings)).collect();
        for finding in &findings {
            if standings.iter().any(|it| finding.is_about(&it.owner, it.rtype)) {
                continue;
            }
            let owner = finding.subjects.first().map(Subject::place);
            let name = format!("{} at {}", finding.code, owner.unwrap_or_default());
            tests.push(Test { name, results: vec![self.of_finding(audit, finding)] });
        }
        let is_told = |test: &Test| test.results.iter().any(|it| it.element == FAILURE);
        match reason {
            Some(reason)
                if whole && !(audit.verdict == Verdict::Broken && tests.iter().any(is_told)) =>
            {
                tests.push(unjudged(audit.verdict, &reason));
            }
            _ => {}
        }
        tests
    }

    fn of_standing(&self, standing: &Standing, audit: &Audit, findings: &[&Finding]) -> Test {
        let about = findings.iter().filter(|it| it.is_about(&standing.owner, standing.rtype));
        let mut results: Vec<Outcome> = about.map(|it| self.of_finding(audit, it)).collect();
        let outcome = |element, kind: &str, message: String| Outcome {
            element,
            kind: kind.to_owned(),
            text: message.clone(),
            message,
        };
        match standing.state {
            State::Unknown(failure) => {
                results.push(outcome(ERROR, "unknown", format!("not answered: {failure}")));
            }
            State::NotJudged => {
                let message = "outside the zones at hand".to_owned();
                results.push(outcome(SKIPPED, "not judged", message));
            }
            State::Ok | State::Differs | State::Missing | State::Denied => {}
        }
        let name =
            format!("{} {}", plain_text(&standing.owner), zonefile::type_name(standing.rtype));
        Test { name, results }
    }

    fn of_finding(&self, audit: &Audit, finding: &Finding) -> Outcome {
        let mut lines = vec![format!("{} {}", finding.severity, finding.code)];
        lines.extend(audit.place_of(finding).map(|place| printable(&place.record()).into_owned()));
        lines.push(sentence(&finding.message));
        lines.push(finding.code.why().to_owned());
        lines.push(format!("See {}.", finding.reference()));
        lines.extend(steps::lines(finding));
        if finding.fix.is_empty() {
            lines.push(finding.code.remedy().to_owned());
        }
        lines.push(finding.code.address());
        Outcome {
            element: if finding.severity >= self.fail_on { FAILURE } else { SAID },
            kind: finding.code.text().to_owned(),
            message: finding.message.clone(),
            text: lines.join("\n"),
        }
    }
}

fn unjudged(verdict: Verdict, problem: &str) -> Test {
    let message = printable(problem).into_owned();
    let result =
        Outcome { element: ERROR, kind: verdict.text().to_owned(), text: message.clone(), message };
    Test { name: "can be judged".to_owned(), results: vec![result] }
}

fn write_suite(domain: &str, tests: &[Test], out: &mut dyn Write) -> io::Result<()> {
    let with = |element: &str| {
        let has = |test: &&Test| test.results.iter().any(|it| it.element == element);
        tests.iter().filter(has).count().to_string()
    };
    let count = tests.len().to_string();
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    let domain = xml_text(domain);
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", domain.as_str()));
    suite.push_attribute(("tests", count.as_str()));
    for (attribute, element) in [("failures", FAILURE), ("errors", ERROR), ("skipped", SKIPPED)] {
        suite.push_attribute((attribute, with(element).as_str()));
    }
    xml.write_event(Event::Start(suite))?;
    for test in tests {
        let mut start = BytesStart::new("testcase");
        start.push_attribute(("classname", domain.as_str()));
        start.push_attribute(("name", xml_text(&test.name).as_str()));
        if test.results.is_empty() {
            xml.write_event(Event::Empty(start))?;
            continue;
        }
        xml.write_event(Event::Start(start))?;
        for result in &test.results {
            let mut start = BytesStart::new(result.element);
            if result.element != SAID {
                start.push_attribute(("type", result.kind.as_str()));
                start.push_attribute(("message", xml_text(&result.message).as_str()));
            }
            xml.write_event(Event::Start(start))?;
            xml.write_event(Event::Text(BytesText::new(&xml_text(&result.text))))?;
            xml.write_event(Event::End(BytesEnd::new(result.element)))?;
        }
        xml.write_event(Event::End(BytesEnd::new("testcase")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    writeln!(out)
}
