//! A change batch for Amazon Route 53 (`ChangeResourceRecordSets`, API version 2013-04-01).
//!
//! RDATA is in presentation form, but octets that are not printable are octal there.

use std::fmt::{self, Write};

use hickory_proto::rr::RData;
use serde::Serialize;

use super::quoted::Quoted;
use super::spaced::write_items;
use super::txt::{self, Digits};
use super::{COMMON, Kin, Mending, Scope, Sheet, Spec};
use crate::name::{plain_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "route53",
    aliases: &["aws"],
    kin: Kin::Host,
    headline: "change batch for Amazon Route 53",
    extension: "json",
    scope: Scope::OneEach,
    mending: Mending { whole: true, ..Mending::COMMON },
    write,
    ..COMMON
};

/// What ends a string and begins the next.
const JOINT: &str = "\" \"";

/// One RRset; all changes of a batch are made, or none.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    action: Action,
    resource_record_set: Set,
}

/// `UPSERT` makes an RRset or replaces it, so that the batch may be sent again.
#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Action {
    Upsert,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Set {
    name: String,
    r#type: String,
    #[serde(rename = "TTL")]
    ttl: u32,
    resource_records: Vec<Record>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
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

/// RDATA as Route 53 reads it.
fn value(data: &RData) -> String {
    match data {
        RData::TXT(txt) => format!("\"{}\"", txt::escaped(txt, Digits::Octal, JOINT)),
        other => zonefile::rdata(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{printed, printed_records};
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
        let empty = printed_records(Format::ROUTE53, "");
        assert!(empty.ends_with("\"Changes\": [\n  ]\n}\n"), "{empty}");
    }

    #[test]
    fn octets_are_octal() {
        let record = "a.example.com. 60 IN TXT \"\\252\\009\" b\n";
        let text = printed_records(Format::ROUTE53, record);
        assert!(text.contains(r#"{"Value": "\"\\374\\011\" \"b\""}"#), "{text}");
    }

    #[test]
    fn a_comment_fits_with_the_longest_mail_domain() {
        assert!("Mail settings for ".len() + crate::name::MAX_MAIL_DOMAIN_OCTETS <= 256);
    }
}
