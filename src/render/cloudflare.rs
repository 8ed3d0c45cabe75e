//! The body of a batch request to Cloudflare (`POST /zones/{zone_id}/dns_records/batch`, API v4).
//!
//! Names stand without a final dot, TXT with its quotation marks. A name that is proxied is
//! answered with addresses of Cloudflare, where no mail server and no certificate of ours is.

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};
use serde::Deserialize;
use serde_json::Value;

use super::fields::Fields;
use super::quoted::Quoted;
use super::read::{Reading, dotless, presented};
use super::{COMMON, Scope, Sheet, Spec};
use crate::name::plain_text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "cloudflare",
    headline: "body of a batch request to the API of Cloudflare",
    dns_host: Some("cloudflare"),
    extension: "json",
    scope: Scope::OneEach,
    write,
    read,
    ..COMMON
};

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    write!(out, "{{\n  \"posts\": [")?;
    let mut first = true;
    for (_, set) in sheet.sets() {
        let owner = plain_text(set.owner());
        let rtype = zonefile::type_name(set.record_type());
        for data in set.rdatas() {
            out.push_str(if first { "\n" } else { ",\n" });
            first = false;
            write!(out, "    {{\"type\": {}, ", Quoted(&rtype))?;
            write!(out, "\"name\": {}, \"ttl\": {}, ", Quoted(&owner), set.ttl())?;
            write_data(data, out)?;
            out.push('}');
        }
    }
    writeln!(out, "\n  ]\n}}")
}

fn write_data(data: &RData, out: &mut String) -> fmt::Result {
    match Fields::of(data) {
        Some(Fields::Address(address)) => {
            write!(out, "\"content\": {}, \"proxied\": false", Quoted(&address))
        }
        Some(Fields::Cname(canonical)) => {
            let canonical = plain_text(&canonical);
            write!(out, "\"content\": {}, \"proxied\": false", Quoted(&canonical))
        }
        Some(Fields::Mx { preference, exchange }) => {
            let exchange = plain_text(&exchange);
            write!(out, "\"content\": {}, \"priority\": {preference}", Quoted(&exchange))
        }
        Some(Fields::Srv { priority, weight, port, target }) => {
            let target = plain_text(&target);
            write!(out, "\"data\": {{\"priority\": {priority}, \"weight\": {weight}, ")?;
            write!(out, "\"port\": {port}, \"target\": {}}}", Quoted(&target))
        }
        Some(Fields::Tlsa { usage, selector, matching, digest }) => {
            write!(out, "\"data\": {{\"usage\": {usage}, \"selector\": {selector}, ")?;
            write!(out, "\"matching_type\": {matching}, \"certificate\": {}}}", Quoted(&digest))
        }
        Some(Fields::Txt(_)) | None => {
            write!(out, "\"content\": {}", Quoted(&zonefile::rdata(data)))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    posts: Vec<Post>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    r#type: String,
    name: String,
    ttl: u32,
    content: Option<String>,
    priority: Option<u16>,
    proxied: Option<bool>,
    data: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tlsa {
    usage: u8,
    selector: u8,
    matching_type: u8,
    certificate: String,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let batch: Batch = serde_json::from_str(text).map_err(|error| error.to_string())?;
    batch.posts.into_iter().map(reading).collect()
}

fn reading(post: Post) -> Result<Reading, String> {
    let Post { r#type: rtype, name, ttl, content, priority, proxied, data } = post;
    let invalid = |error: serde_json::Error| format!("{name} {rtype}: {error}");
    let given = (content, priority, proxied, data);
    let data = match (rtype.as_str(), given) {
        ("A" | "AAAA", (Some(address), None, Some(false), None)) => {
            Fields::Address(address).rdata(&rtype)?
        }
        ("CNAME", (Some(canonical), None, Some(false), None)) => {
            Fields::Cname(dotless(&canonical)?).rdata(&rtype)?
        }
        ("MX", (Some(exchange), Some(preference), None, None)) => {
            Fields::Mx { preference, exchange: dotless(&exchange)? }.rdata(&rtype)?
        }
        ("SRV", (None, None, None, Some(data))) => {
            let Srv { priority, weight, port, target } =
                serde_json::from_value(data).map_err(invalid)?;
            Fields::Srv { priority, weight, port, target: dotless(&target)? }.rdata(&rtype)?
        }
        ("TLSA", (None, None, None, Some(data))) => {
            let Tlsa { usage, selector, matching_type, certificate } =
                serde_json::from_value(data).map_err(invalid)?;
            let matching = matching_type;
            Fields::Tlsa { usage, selector, matching, digest: certificate }.rdata(&rtype)?
        }
        ("TXT", (Some(strings), None, None, None)) => presented(".", 0, &rtype, &strings)?.data,
        _ => return Err(format!("{name} {rtype} has not the fields of its type")),
    };
    Ok(Reading { owner: dotless(&name)?, ttl: Some(ttl), data })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        every_plan_reads_back, is_noticed, printed, printed_records, refused,
    };
    use crate::render::Format;

    #[test]
    fn every_record_is_a_post() {
        assert_eq!(
            printed(Format::CLOUDFLARE),
            r#"{
  "posts": [
    {"type": "MX", "name": "example.com", "ttl": 3600, "content": "mx.example.net", "priority": 10},
    {"type": "SRV", "name": "_imap._tcp.example.com", "ttl": 3600, "data": {"priority": 0, "weight": 1, "port": 143, "target": "imap.example.net"}},
    {"type": "SRV", "name": "_imap._tcp.example.com", "ttl": 3600, "data": {"priority": 10, "weight": 20, "port": 993, "target": "imap2.example.net"}},
    {"type": "SRV", "name": "_pop3._tcp.example.com", "ttl": 60, "data": {"priority": 0, "weight": 0, "port": 0, "target": "."}},
    {"type": "SRV", "name": "_caldavs._tcp.example.com", "ttl": 3600, "data": {"priority": 0, "weight": 1, "port": 443, "target": "dav.example.net"}},
    {"type": "TXT", "name": "_caldavs._tcp.example.com", "ttl": 3600, "content": "\"path=/a;b?c='\\\"$d${e}\\\\%{f}\""},
    {"type": "A", "name": "autoconfig.example.com", "ttl": 3600, "content": "192.0.2.1", "proxied": false},
    {"type": "AAAA", "name": "autoconfig.example.com", "ttl": 3600, "content": "2001:db8::1", "proxied": false},
    {"type": "CNAME", "name": "autodiscover.example.com", "ttl": 3600, "content": "www.example.net", "proxied": false},
    {"type": "TLSA", "name": "_143._tcp.imap.example.com", "ttl": 3600, "data": {"usage": 3, "selector": 1, "matching_type": 1, "certificate": "8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1"}}
  ]
}
"#
        );
        every_plan_reads_back(Format::CLOUDFLARE);
        assert_eq!(printed_records(Format::CLOUDFLARE, "").unwrap(), "{\n  \"posts\": [\n  ]\n}\n");
    }

    #[test]
    fn mistakes_are_noticed() {
        is_noticed(
            Format::CLOUDFLARE,
            "\"weight\": 1, \"port\": 143",
            "\"port\": 1, \"weight\": 143",
        );
        is_noticed(Format::CLOUDFLARE, "\"ttl\": 60", "\"ttl\": 61");
        is_noticed(Format::CLOUDFLARE, "$d", "d");
        is_noticed(Format::CLOUDFLARE, "\"name\": \"_imap.", "\"name\": \"_imaps.");
        is_noticed(Format::CLOUDFLARE, "\"selector\": 1", "\"selector\": 0");
        let text = printed(Format::CLOUDFLARE);
        let fields = "has not the fields of its type";
        for (from, to, part) in [
            ("\"posts\"", "\"puts\"", "unknown field"),
            ("\"proxied\": false", "\"proxied\": true", fields),
            (", \"priority\": 10", "", fields),
            ("\"weight\": 1, ", "", "missing field"),
            ("\"weight\": 1, ", "\"weight\": 1, \"proto\": \"_tcp\", ", "unknown field"),
            ("\"content\": \"192", "\"data\": {}, \"content\": \"192", fields),
            ("www.example.net", "www.example.net.", "empty label"),
            ("com\"", "com.\"", "empty label"),
            ("\\\"path", "path", "path"),
            ("\"ttl\": 60", "\"ttl\": -60", "invalid value"),
        ] {
            let error = refused(Format::CLOUDFLARE, &text.replacen(from, to, 1));
            assert!(error.contains(part), "{to}: {error}");
        }
    }
}
