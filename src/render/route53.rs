//! A change batch for Amazon Route 53 (`ChangeResourceRecordSets`, API version 2013-04-01).
//!
//! RDATA is in presentation form, but octets that are not printable are octal there.

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};
use serde::{Deserialize, Serialize};

use super::quoted::Quoted;
use super::read::{Reading, absolute, presented};
use super::spaced::write_items;
use super::txt::{self, Digits};
use super::{COMMON, Scope, Sheet, Spec};
use crate::name::{plain_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "route53",
    headline: "change batch for Amazon Route 53",
    extension: "json",
    scope: Scope::OneEach,
    write,
    read,
    ..COMMON
};

/// What ends a string and begins the next.
const JOINT: &str = "\" \"";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Change {
    action: Action,
    resource_record_set: Set,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Action {
    Upsert,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Set {
    name: String,
    r#type: String,
    #[serde(rename = "TTL")]
    ttl: u32,
    resource_records: Vec<Record>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Record {
    value: String,
}

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    // A comment may have 256 characters, a mail domain has 234 at most.
    let comment = match sheet.plan() {
        Some(plan) => format!("Mail settings for {}", plain_text(plan.domain().name())),
        None => "Hosts of the mail provider".to_owned(),
    };
    let changes = sheet.sets().iter().map(|(_, set)| Change {
        action: Action::Upsert,
        resource_record_set: Set {
            name: text(set.owner()),
            r#type: zonefile::type_name(set.record_type()),
            ttl: set.ttl(),
            resource_records: set.rdatas().iter().map(|it| Record { value: value(it) }).collect(),
        },
    });
    write!(out, "{{\n  \"Comment\": {},\n  \"Changes\": [", Quoted(&comment))?;
    write_items(changes, out);
    out.push_str("\n  ]\n}\n");
    Ok(())
}

fn value(data: &RData) -> String {
    match data {
        RData::TXT(txt) => format!("\"{}\"", txt::escaped(txt, Digits::Octal, JOINT)),
        other => zonefile::rdata(other),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Batch {
    comment: String,
    changes: Vec<Change>,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let batch: Batch = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if batch.comment.chars().count() > 256 {
        return Err("the comment has more than 256 characters".to_owned());
    }
    let mut readings = Vec::new();
    let mut seen = std::collections::HashSet::new();
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
    let data = txt::of_strings(&txt::unescaped(inner, Digits::Octal, JOINT)?)?;
    Ok(Reading { owner: absolute(owner)?, ttl: Some(ttl), data })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        every_plan_reads_back, is_noticed, printed, printed_records, refused,
    };
    use super::*;
    use crate::render::Format;

    #[test]
    fn every_rrset_is_a_change() {
        let text = printed(Format::ROUTE53);
        assert!(text.starts_with(
            r#"{
  "Comment": "Mail settings for example.com",
  "Changes": [
    {"Action": "UPSERT", "ResourceRecordSet": {"Name": "example.com.", "Type": "MX", "TTL": 3600, "ResourceRecords": [{"Value": "10 mx.example.net."}]}},
    {"Action": "UPSERT", "ResourceRecordSet": {"Name": "_imap._tcp.example.com.", "Type": "SRV", "TTL": 3600, "ResourceRecords": [{"Value": "0 1 143 imap.example.net."}, {"Value": "10 20 993 imap2.example.net."}]}},
    {"Action": "UPSERT", "ResourceRecordSet": {"Name": "_pop3._tcp.example.com.", "Type": "SRV", "TTL": 60, "ResourceRecords": [{"Value": "0 0 0 ."}]}},
    {"Action": "UPSERT", "ResourceRecordSet": {"Name": "_caldavs._tcp.example.com.", "Type": "SRV", "TTL": 3600, "ResourceRecords": [{"Value": "0 1 443 dav.example.net."}]}},
    {"Action": "UPSERT", "ResourceRecordSet": {"Name": "_caldavs._tcp.example.com.", "Type": "TXT", "TTL": 3600, "ResourceRecords": [{"Value": "\"path=/a;b?c='\\\"$d${e}\\\\%{f}\""}]}},
"#
        ), "{text}");
        assert!(text.ends_with("}]}}\n  ]\n}\n"), "{text}");
        every_plan_reads_back(Format::ROUTE53);
        let empty = printed_records(Format::ROUTE53, "").unwrap();
        assert!(empty.ends_with("\"Changes\": [\n  ]\n}\n"), "{empty}");
    }

    #[test]
    fn octets_are_octal() {
        let record = "a.example.com. 60 IN TXT \"\\252\\009\" b\n";
        let text = printed_records(Format::ROUTE53, record).unwrap();
        assert!(text.contains(r#"{"Value": "\"\\374\\011\" \"b\""}"#), "{text}");
    }

    #[test]
    fn a_comment_fits_with_the_longest_mail_domain() {
        assert!("Mail settings for ".len() + crate::name::MAX_MAIL_DOMAIN_OCTETS <= 256);
    }

    #[test]
    fn mistakes_are_noticed() {
        is_noticed(Format::ROUTE53, "0 1 143", "0 143 1");
        is_noticed(Format::ROUTE53, "\"TTL\": 60", "\"TTL\": 61");
        is_noticed(Format::ROUTE53, "$d", "d");
        is_noticed(Format::ROUTE53, "\"Name\": \"_imap.", "\"Name\": \"_imaps.");
        let text = printed(Format::ROUTE53);
        for (from, to, part) in [
            ("UPSERT", "DELETE", "DELETE"),
            ("\"TTL\": 60", "\"TTL\": \"60\"", "invalid type"),
            ("\"TTL\": 60", "\"TTL\": 60, \"Weight\": 1", "unknown field"),
            ("\"TTL\": 60", "\"TTL\": 60, \"TTL\": 60", "duplicate field"),
            ("\\\"path", "path", "quotation marks"),
            ("/a;", "\\\\400", "escaped wrongly"),
            ("/a;", "\\\\4", "escaped wrongly"),
            ("/a;", "\\u00fc", "escaped wrongly"),
            ("net.", "net", "mx.example.net"),
            ("\"TXT\"", "\"A\"", "path"),
            ("example.com\"", &format!("{}\"", "a".repeat(256)), "256"),
            ("_pop3._tcp", "_imap._tcp", "changed twice"),
        ] {
            let error = refused(Format::ROUTE53, &text.replacen(from, to, 1));
            assert!(error.contains(part), "{to}: {error}");
        }
        let long = format!("\"{}\"", "a".repeat(256));
        for value in ["\"a\"\"b\"", "\"a\" ", "\"", "\"a\\\"", long.as_str()] {
            reading("a.", 60, "TXT", value).expect_err(value);
        }
    }
}
