//! One JSON object per line and domain.
//!
//! Data are in presentation form, and SRV data once more in parts, for programs that would have to
//! take them apart.

use std::fmt::{self, Write};

use hickory_proto::rr::RData;
use serde::Serialize;

use super::{COMMON, Kin, Sheet, Spec};
use crate::name::{plain_text, text, unicode};
use crate::zonefile;

#[derive(Serialize)]
struct Domain {
    domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unicode: Option<String>,
    origin: String,
    records: Vec<Record>,
}

/// One record; an RRset is as many as it has data.
#[derive(Serialize)]
struct Record {
    owner: String,
    ttl: u32,
    r#type: String,
    data: String,
    purpose: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    srv: Option<Srv>,
}

/// SRV data in parts; the target is absolute, with its final dot.
#[derive(Serialize)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

pub(super) const SPEC: Spec = Spec {
    word: "json",
    aliases: &["jsonl", "ndjson"],
    kin: Kin::Data,
    headline: "one JSON object per line and domain",
    extension: "json",
    write,
    ..COMMON
};

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let records = sheet
        .sets()
        .iter()
        .flat_map(|(purpose, set)| set.records().map(move |record| (purpose, record)))
        .map(|(purpose, record)| Record {
            owner: text(&record.owner),
            ttl: record.ttl,
            r#type: zonefile::type_name(record.data.record_type()),
            data: zonefile::rdata(&record.data),
            purpose: purpose.text().to_owned(),
            srv: srv(&record.data),
        })
        .collect();
    let domain = Domain {
        domain: plain_text(sheet.name()),
        unicode: unicode(sheet.name()),
        origin: text(sheet.origin()),
        records,
    };
    let text = serde_json::to_string(&domain).expect("a struct of texts has a JSON form");
    writeln!(out, "{text}")
}

/// The parts, where the record has them.
fn srv(data: &RData) -> Option<Srv> {
    let RData::SRV(srv) = data else { return None };
    Some(Srv {
        priority: srv.priority,
        weight: srv.weight,
        port: srv.port,
        target: text(&srv.target),
    })
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::printed;

    #[test]
    fn a_domain_is_an_object_and_srv_fields_stand_apart() {
        let text = printed(Format::JSON);
        for part in [
            r#"{"domain":"example.com","origin":"example.com.","records":[{"owner":"example.com.","ttl":3600,"type":"MX","data":"10 mx.example.net.","purpose":"host"},"#,
            r#""data":"0 1 143 imap.example.net.","purpose":"host","srv":{"priority":0,"weight":1,"port":143,"target":"imap.example.net."}},"#,
            r#""data":"\"path=/a;b?c='\\\"$d${e}\\\\%{f}\"""#,
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(text.ends_with("}]}\n"), "{text}");
    }
}
