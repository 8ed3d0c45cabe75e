//! One JSON object per line and domain.

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};
use serde::{Deserialize, Serialize};

use super::read::{Reading, record};
use super::{COMMON, Sheet, Spec};
use crate::name::{plain_text, text, unicode};
use crate::zonefile;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Domain {
    domain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unicode: Option<String>,
    origin: String,
    records: Vec<Record>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    owner: String,
    ttl: u32,
    r#type: String,
    data: String,
    purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    srv: Option<Srv>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

pub(super) const SPEC: Spec = Spec {
    word: "json",
    headline: "one JSON object per line and domain",
    extension: "json",
    write,
    read,
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

fn srv(data: &RData) -> Option<Srv> {
    let RData::SRV(srv) = data else { return None };
    Some(Srv {
        priority: srv.priority,
        weight: srv.weight,
        port: srv.port,
        target: text(&srv.target),
    })
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let domain: Domain = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let records = domain.records.iter();
    records.map(|r| record(&r.owner, Some(r.ttl), &r.r#type, &r.data, None)).collect()
}
