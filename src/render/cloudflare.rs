//! The body of a batch request to Cloudflare (`POST /zones/{zone_id}/dns_records/batch`, API v4).
//!
//! Names stand without a final dot, TXT with its quotation marks. A name that is proxied is
//! answered with addresses of Cloudflare, where no mail server and no certificate of ours is.

use std::fmt;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::SRV;
use serde::Serialize;

use super::fields::tlsa_fields;
use super::spaced::write_items;
use super::{COMMON, Kin, Scope, Sheet, Spec};
use crate::name::plain_text;
use crate::rrset::RrSet;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "cloudflare",
    kin: Kin::Host,
    headline: "body of a batch request to the API of Cloudflare",
    dns_host: Some("cloudflare"),
    extension: "json",
    scope: Scope::OneEach,
    write,
    ..COMMON
};

/// A record, with the fields that its type has.
#[derive(Serialize)]
struct Post {
    r#type: String,
    name: String,
    ttl: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxied: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

/// The types whose data the API wants in parts.
#[derive(Serialize)]
#[serde(untagged)]
enum Data {
    Srv { priority: u16, weight: u16, port: u16, target: String },
    Tlsa { usage: u8, selector: u8, matching_type: u8, certificate: String },
}

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let sets = sheet.sets().iter();
    let posts = sets.flat_map(|(_, set)| set.rdatas().iter().map(|data| post(set, data)));
    out.push_str("{\n  \"posts\": [");
    write_items(posts, out);
    out.push_str("\n  ]\n}\n");
    Ok(())
}

/// A record with its data where its type has them: in `content`, or in parts.
fn post(set: &RrSet, data: &RData) -> Post {
    let post = Post {
        r#type: zonefile::type_name(set.record_type()),
        name: plain_text(set.owner()),
        ttl: set.ttl(),
        content: None,
        priority: None,
        proxied: None,
        data: None,
    };
    match data {
        RData::CNAME(canonical) => {
            Post { content: Some(plain_text(&canonical.0)), proxied: Some(false), ..post }
        }
        RData::MX(mx) => {
            let (content, priority) = (Some(plain_text(&mx.exchange)), Some(mx.preference));
            Post { content, priority, ..post }
        }
        RData::SRV(srv) => {
            let SRV { priority, weight, port, .. } = *srv;
            let target = plain_text(&srv.target);
            Post { data: Some(Data::Srv { priority, weight, port, target }), ..post }
        }
        RData::TLSA(tlsa) => {
            let (usage, selector, matching_type, certificate) = tlsa_fields(tlsa);
            Post { data: Some(Data::Tlsa { usage, selector, matching_type, certificate }), ..post }
        }
        other => {
            let proxied = matches!(other, RData::A(_) | RData::AAAA(_)).then_some(false);
            Post { content: Some(zonefile::rdata(other)), proxied, ..post }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{printed, printed_records};
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
        assert_eq!(printed_records(Format::CLOUDFLARE, ""), "{\n  \"posts\": [\n  ]\n}\n");
    }
}
