//! A change batch for Amazon Route 53 (`ChangeResourceRecordSets`, API version 2013-04-01).
//!
//! RDATA is in presentation form, but octets that are not printable are octal there.

use std::fmt::{self, Write};

use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData};
use serde::Deserialize;

use super::quoted::Quoted;
use super::read::{Reading, absolute, presented};
use super::{COMMON, Scope, Sheet, Spec};
use crate::name::{plain_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "route53",
    headline: "change batch for Amazon Route 53",
    extension: "json",
    scope: Scope::OneEach,
    write: |sheet, out| write(sheet, out).expect("a text takes whatever is written to it"),
    read,
    ..COMMON
};

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    // A comment may have 256 characters, a mail domain has 234 at most.
    let comment = match sheet.plan() {
        Some(plan) => format!("Mail settings for {}", plain_text(plan.domain().name())),
        None => "Hosts of the mail provider".to_owned(),
    };
    write!(out, "{{\n  \"Comment\": {},\n  \"Changes\": [", Quoted(&comment))?;
    for (index, (_, set)) in sheet.sets().iter().enumerate() {
        let owner = text(set.owner());
        let rtype = zonefile::type_name(set.record_type());
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        write!(out, "    {{\"Action\": \"UPSERT\", \"ResourceRecordSet\": {{")?;
        write!(out, "\"Name\": {}, \"Type\": {}, ", Quoted(&owner), Quoted(&rtype))?;
        write!(out, "\"TTL\": {}, \"ResourceRecords\": [", set.ttl())?;
        for (index, data) in set.rdatas().iter().enumerate() {
            out.push_str(if index == 0 { "" } else { ", " });
            write!(out, "{{\"Value\": {}}}", Quoted(&value(data)))?;
        }
        out.push_str("]}}");
    }
    writeln!(out, "\n  ]\n}}")
}

fn value(data: &RData) -> String {
    match data {
        RData::TXT(txt) => {
            let strings: Vec<String> = txt.txt_data.iter().map(|string| quote(string)).collect();
            strings.join(" ")
        }
        other => zonefile::rdata(other),
    }
}

fn quote(octets: &[u8]) -> String {
    let mut quoted = octets.iter().fold("\"".to_owned(), |mut quoted, &octet| {
        let _infallible = match octet {
            b'"' | b'\\' => write!(quoted, "\\{}", char::from(octet)),
            b' '..=b'~' => write!(quoted, "{}", char::from(octet)),
            _ => write!(quoted, "\\{octet:03o}"),
        };
        quoted
    });
    quoted.push('"');
    quoted
}

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
    let strings = strings(value).ok_or_else(|| format!("`{value}` is no TXT of Route 53"))?;
    let strings: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
    let data = RData::TXT(TXT::from_bytes(strings));
    Ok(Reading { owner: absolute(owner)?, ttl: Some(ttl), data })
}

/// Reads strings in quotation marks with a blank between them; None where there is anything else.
fn strings(value: &str) -> Option<Vec<Vec<u8>>> {
    let mut strings = Vec::new();
    let mut octets = value.bytes();
    loop {
        octets.next().filter(|octet| *octet == b'"')?;
        let mut string = Vec::new();
        loop {
            string.push(match octets.next()? {
                b'"' => break,
                b'\\' => unescape(&mut octets)?,
                octet @ b' '..=b'~' => octet,
                _ => return None,
            });
        }
        if string.len() > 255 {
            return None;
        }
        strings.push(string);
        match octets.next() {
            None => return Some(strings),
            Some(b' ') => {}
            Some(_) => return None,
        }
    }
}

/// Reads what follows a backslash: three octal digits, or the octet itself.
fn unescape(octets: &mut std::str::Bytes<'_>) -> Option<u8> {
    let digit = |octet: u8| (b'0'..=b'7').contains(&octet).then(|| u16::from(octet - b'0'));
    match octets.next()? {
        octet @ (b'"' | b'\\') => Some(octet),
        first => {
            let (second, third) = (octets.next()?, octets.next()?);
            u8::try_from(digit(first)? * 64 + digit(second)? * 8 + digit(third)?).ok()
        }
    }
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
            ("\\\"path", "path", "no TXT"),
            ("/a;", "\\\\400", "no TXT"),
            ("/a;", "\\\\4", "no TXT"),
            ("/a;", "\\u00fc", "no TXT"),
            ("net.", "net", "mx.example.net"),
            ("\"TXT\"", "\"A\"", "path"),
            ("example.com\"", &format!("{}\"", "a".repeat(256)), "256"),
            ("_pop3._tcp", "_imap._tcp", "changed twice"),
        ] {
            let error = refused(Format::ROUTE53, &text.replacen(from, to, 1));
            assert!(error.contains(part), "{to}: {error}");
        }
        assert_eq!(strings("\"a\"\"b\""), None);
        assert_eq!(strings("\"a\" "), None);
        assert_eq!(strings(&quote(&[b'a'; 256])), None);
    }
}
