//! `audit -f sarif`: by the schema of the standard, and by what GitHub demands beside it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mailsrv::audit::Code;
use mailsrv::report::Settings;
use serde_json::Value;
use tempfile::TempDir;

use super::{count, run};
use crate::program::{field, mailsrv, text};

fn log() -> Value {
    serde_json::from_str(&run("sarif", Settings::default())).expect("it is JSON")
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().expect("there are results")
}

#[test]
fn every_finding_is_a_result_of_a_known_rule_with_a_place() {
    let log = log();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("there are rules");
    assert_eq!(rules.len(), Code::ALL.len());
    let results = results(&log);
    assert_eq!(results.len(), count().findings);
    for result in results {
        let index = result["ruleIndex"].as_u64().and_then(|it| usize::try_from(it).ok());
        let rule = &rules[index.expect("it is an index")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(field(rule, "helpUri").ends_with(&format!("#{}", field(result, "ruleId"))));
        assert!(["error", "warning", "note"].contains(&field(result, "level")));
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert!(!field(place, "uri").is_empty());
    }
    let told = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let told: Vec<_> = told.as_array().expect("they are told").iter().collect();
    assert!(told.iter().any(|it| field(&it["message"], "text").starts_with("=cmd|")), "{told:?}");
    assert!(told.iter().any(|it| field(&it["message"], "text").contains(" not answered: ")));
}

/// The schema of OASIS, out of a package that `tests/tools/install` unpacks.
#[test]
#[ignore = "needs the schema of SARIF"]
fn the_schema_of_the_standard_takes_the_log() {
    let tools = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target"),
        |target| Path::new(&target).to_owned(),
    );
    let path = tools.join("tools/sarif/sarif-2.1.0.json");
    let schema = fs::read_to_string(&path).expect("tests/tools/install has put it there");
    // One bracket too many, which is an error to regular expressions of Unicode.
    let schema = schema.replace("{2}]?$", "{2}$");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let log = log();
    let wrong: Vec<_> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0]);
    for (pointer, value) in [
        ("/version", "2.0.0"),
        ("/runs/0/results/0/level", "fatal"),
        ("/runs/0/results/0/ruleIndex", "first"),
        ("/runs/0/tool/driver/rules/0/helpUri", "not a reference %"),
    ] {
        let mut bad = log.clone();
        *bad.pointer_mut(pointer).expect("there is such a field") = Value::from(value);
        let is_format = pointer.ends_with("helpUri");
        assert!(is_format || !validator.is_valid(&bad), "{pointer}");
    }
}

/// A zone without records of the profile but one, which is wrong.
const ZONE: &str = "\
$ORIGIN example.com.
$TTL 3600
; the first lines
@ IN SOA ns hostmaster 1 7200 3600 1209600 300
mail IN A 192.0.2.25
_imaps._tcp IN SRV 0 1 994 mail
";

#[test]
fn a_result_stands_at_a_line_of_the_zone_or_of_the_list_or_at_the_profile() {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let write = |name: &str, content: &str| {
        let path = dir.path().join(name);
        fs::write(&path, content).expect("the folder is writable");
        path.display().to_string()
    };
    let zone = write("a zone", ZONE);
    let list = write("list.csv", "domain\n\nother.example\nb_d\n");
    let profile = write("profile.yaml", "imap: { tls: true }\n");
    let places = |args: &[&str]| -> BTreeSet<String> {
        let output = mailsrv(["audit", "-f", "sarif"].iter().chain(args));
        let log: Value = serde_json::from_str(&text(&output.stdout))
            .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
        let told = log.pointer("/runs/0/invocations/0/toolExecutionNotifications");
        let told = told.and_then(Value::as_array).expect("they are told").iter();
        let place = |it: &Value| {
            let place = &it["locations"][0]["physicalLocation"];
            let uri =
                field(&place["artifactLocation"], "uri").rsplit('/').next().map(str::to_owned);
            let code = it["ruleId"].as_str().unwrap_or("none");
            format!("{code} {}:{}", uri.unwrap_or_default(), place["region"]["startLine"])
        };
        results(&log).iter().chain(told).map(place).collect()
    };
    let of_zone = places(&["example.com", "--zone", &zone]);
    // One stands in line 6, and what is missing belongs below the SOA record in line 4.
    assert!(of_zone.contains("srv-missing a%20zone:4"), "{of_zone:?}");
    assert!(of_zone.contains("port-unexpected a%20zone:6"), "{of_zone:?}");
    let of_list = places(&["--input", &list, "--resolver", "127.0.0.1:9", "--timeout", "0.05"]);
    assert!(
        of_list.contains("none list.csv:3") && of_list.contains("none list.csv:4"),
        "{of_list:?}"
    );
    let empty = write("empty.zone", "$ORIGIN example.com.\n@ 60 IN A 192.0.2.1\n");
    let of_first = places(&["example.com", "--zone", &empty]);
    assert!(of_first.contains("nothing-published empty.zone:1"), "{of_first:?}");
    let broken = write("broken.zone", "$ORIGIN example.org.\n@ 60 IN A 192.0.2.1\n@ 60 IN A b\n");
    let of_broken = places(&["--zone", &zone, "--zone", &broken]);
    assert!(of_broken.contains("none broken.zone:3"), "{of_broken:?}");
    let server = ["--resolver", "127.0.0.1:9", "--timeout", "0.05", "--tries", "1"];
    let of_profile = places(&[&["example.com", "-p", &profile], &server[..]].concat());
    assert_eq!(of_profile.into_iter().collect::<Vec<_>>(), ["none profile.yaml:1"]);
}

#[test]
fn a_run_that_reads_no_file_has_no_places_and_is_refused() {
    let output = mailsrv(["audit", "example.com", "-f", "sarif", "--resolver", "127.0.0.1:9"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(2), ""));
    let told = text(&output.stderr);
    assert!(told.contains("hint: name a file with --input, --zone or --profile"), "{told}");
}
