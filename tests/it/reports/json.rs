//! `audit -f json`: objects by the published schema, short for healthy domains, with addresses of the
//! documentation that stay.

use std::collections::BTreeSet;

use mailsrv::audit::Code;
use mailsrv::report::{Evidence, Looks, Settings};
use serde_json::{Value, json};

use super::{hold, run};
use crate::program::{field, printed};

/// The lines of a run over all scenarios.
fn lines(evidence: Evidence) -> Vec<Value> {
    let settings = Settings { evidence, ..Settings::from(Looks::default()) };
    let read = |line: &str| serde_json::from_str(line).expect("a line is an object");
    run("json", settings).lines().map(read).collect()
}

fn schema() -> Value {
    serde_json::from_str(&printed(["schema", "report"])).expect("it is JSON")
}

/// Takes the room for later fields out of a schema, so that whatever it does not describe is wrong.
fn close(schema: &mut Value) {
    if let Value::Object(object) = schema {
        if object.contains_key("properties") {
            object.insert("additionalProperties".to_owned(), json!(false));
        }
        object.values_mut().for_each(close);
    }
}

#[test]
fn the_published_schemas_are_those_that_the_program_prints() {
    hold("docs/report.schema.json", &printed(["schema", "report"]));
    hold("zones/profile.schema.json", &printed(["schema", "profile"]));
}

/// The schema without room for what it does not describe.
pub(super) fn closed() -> Value {
    let mut schema = schema();
    close(&mut schema);
    schema
}

#[test]
fn every_report_is_as_the_schema_says_and_has_no_field_that_it_does_not_know() {
    let validator = jsonschema::validator_for(&closed()).expect("it is a schema");
    for evidence in Evidence::ALL {
        for line in lines(evidence) {
            let wrong: Vec<_> = validator.iter_errors(&line).map(|it| it.to_string()).collect();
            assert_eq!(wrong, [""; 0], "{line}");
        }
    }
    let good = || {
        let lines = lines(Evidence::Always);
        lines.into_iter().find(|line| line["verdict"] == "fail").expect("a scenario fails")
    };
    assert!(validator.is_valid(&good()));
    for (pointer, value) in [
        ("/schema", json!(2)),
        ("/schema", json!(null)),
        ("/verdict", json!("good")),
        ("/findings/0/severity", json!("fatal")),
        ("/findings/0/code", json!("Bad Code")),
        ("/findings/0/subjects", json!([])),
        ("/findings/0/subjects/0/owner", json!(null)),
        ("/rrsets/0/state", json!("fine")),
        ("/observed/0/outcome", json!("maybe")),
    ] {
        let mut bad = good();
        *bad.pointer_mut(pointer).expect("there is such a field") = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn the_schema_has_room_for_fields_to_come() {
    let validator = jsonschema::validator_for(&schema()).expect("it is a schema");
    let mut line = lines(Evidence::Problems).pop().expect("there are scenarios");
    line["vantage"] = json!("elsewhere");
    assert!(validator.is_valid(&line));
}

#[test]
fn a_healthy_domain_is_one_short_line() {
    let text = run("json", Settings::default());
    let healthy = r#"{"schema":1,"domain":"example.com","verdict":"pass","findings":[]}"#;
    assert!(text.lines().any(|line| line == healthy), "no {healthy}");
}

#[test]
fn answers_are_told_of_whom_the_user_wants() {
    #[track_caller]
    fn check(evidence: Evidence, verdict: &str, fields: [bool; 3]) {
        for line in lines(evidence).iter().filter(|line| line["verdict"] == verdict) {
            let told = ["rrsets", "not_judged", "observed"].map(|key| line.get(key).is_some());
            // What is not judged is said of a domain that passes, too.
            let silent = line["not_judged"] == json!(null) || line["not_judged"] == json!([]);
            if silent && line.get("error").is_none() {
                assert_eq!(told, fields, "{evidence:?}: {line}");
            }
        }
    }
    check(Evidence::Always, "pass", [true; 3]);
    check(Evidence::Problems, "pass", [false; 3]);
    check(Evidence::Problems, "warn", [true; 3]);
    check(Evidence::Problems, "unknown", [true; 3]);
    check(Evidence::Never, "pass", [false; 3]);
    check(Evidence::Never, "fail", [true, true, false]);
}

#[test]
fn every_finding_has_the_address_of_its_code() {
    let mut seen = BTreeSet::new();
    for line in lines(Evidence::Never) {
        for finding in line["findings"].as_array().expect("findings are an array") {
            let code = field(finding, "code");
            assert!(field(finding, "help").ends_with(&format!("/docs/findings.md#{code}")));
            seen.insert(code.to_owned());
        }
    }
    let known = Code::ALL.iter().filter(|code| !code.is_probed()).count();
    assert_eq!(seen.len(), known);
}

/// GitHub makes an anchor of a heading: lower-case letters, digits and hyphens stay as they are.
#[test]
fn the_documentation_has_a_section_for_every_code() {
    let mut page = "# Findings\n\nWhat `mailsrv audit` finds, by code; `mailsrv explain CODE` says the same. Codes and the addresses of these\nsections stay as they are.\n".to_owned();
    for code in Code::ALL {
        page.push_str(&["\n", &code.section()].concat());
        let is_anchor = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        assert!(code.text().chars().all(|it| is_anchor(it) || it.is_ascii_digit()), "{code}");
    }
    hold("docs/findings.md", &page);
}
