//! The change batch for Amazon Route 53.

use std::collections::HashSet;

use hickory_proto::rr::Name;
use serde::Deserialize;

use super::parts::{absolute, presented};
use super::txt::{Digits, of_strings, unescaped};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "route53",
    read,
    mistakes: &[
        ("0 1 993", "0 993 1"),
        ("\"TTL\": 3600", "\"TTL\": 3601"),
        ("$d", "d"),
        ("\"Name\": \"_imaps.", "\"Name\": \"_imap."),
        ("UPSERT", "DELETE"),
        ("\"TTL\": 3600", "\"TTL\": \"3600\""),
        ("\"TTL\": 3600", "\"TTL\": 3600, \"Weight\": 1"),
        ("\"TTL\": 3600", "\"TTL\": 3600, \"TTL\": 3600"),
        ("\\\"path", "path"),
        ("/a;", "\\\\400"),
        ("/a;", "\\\\4"),
        ("/a;", "\\u00fc"),
        ("net.", "net"),
        ("\"TXT\"", "\"A\""),
        ("_pop3._tcp", "_pop3s._tcp"),
    ],
    refused: &[
        (
            r#"{"Comment": "", "Changes": [
                {"Action": "UPSERT", "ResourceRecordSet":
                    {"Name": "a.", "Type": "A", "TTL": 60, "ResourceRecords": []}},
                {"Action": "UPSERT", "ResourceRecordSet":
                    {"Name": "a.", "Type": "A", "TTL": 60, "ResourceRecords": []}}]}"#,
            "changed twice",
        ),
        (r#"{"Changes": []}"#, "missing field"),
    ],
};

/// What ends a string and begins the next.
const JOINT: &str = "\" \"";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Batch {
    comment: String,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Change {
    action: Action,
    resource_record_set: Set,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Action {
    Upsert,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Set {
    name: String,
    r#type: String,
    #[serde(rename = "TTL")]
    ttl: u32,
    resource_records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Record {
    value: String,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let batch: Batch = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if batch.comment.chars().count() > 256 {
        return Err("the comment has more than 256 characters".to_owned());
    }
    let mut readings = Vec::new();
    let mut seen = HashSet::new();
    for Change { action: Action::Upsert, resource_record_set: set } in batch.changes {
        let Set { name, r#type: rtype, ttl, resource_records } = set;
        if !seen.insert((name.clone(), rtype.clone())) {
            return Err(format!("{name} {rtype} is changed twice"));
        }
        for Record { value } in resource_records {
            readings.push(reading(&name, ttl, &rtype, &value)?);
        }
    }
    Ok(readings)
}

fn reading(owner: &str, ttl: u32, rtype: &str, value: &str) -> Result<Reading, String> {
    if rtype != "TXT" {
        return presented(owner, ttl, rtype, value);
    }
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.ok_or_else(|| format!("`{value}` is not in quotation marks"))?;
    let data = of_strings(&unescaped(inner, Digits::Octal, JOINT)?)?;
    Ok(Reading { owner: absolute(owner)?, ttl: Some(ttl), data })
}

#[test]
fn texts_are_strings_with_a_blank_between() {
    assert!(reading("a.", 60, "TXT", "\"a\" \"\\374\"").is_ok());
    let long = format!("\"{}\"", "a".repeat(256));
    for value in ["\"a\"\"b\"", "\"a\" ", "\"", "\"a\\\"", long.as_str()] {
        reading("a.", 60, "TXT", value).expect_err(value);
    }
    let comment = format!("{{\"Comment\": \"{}\", \"Changes\": []}}", "a".repeat(257));
    assert!(read(&comment, &Name::root()).is_err_and(|why| why.contains("256")));
}
