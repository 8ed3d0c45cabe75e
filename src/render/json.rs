//! One JSON object per line and domain.

use std::io::{self, Write};

use hickory_proto::rr::RData;
use serde::Serialize;

use super::{Sheet, Spec};
use crate::name::{plain_text, text, unicode};
use crate::plan::Purpose;
use crate::zonefile;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Domain {
    domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unicode: Option<String>,
    origin: String,
    records: Vec<Record>,
}

#[derive(Serialize)]
struct Record {
    owner: String,
    ttl: u32,
    r#type: String,
    data: String,
    purpose: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    srv: Option<Srv>,
}

#[derive(Serialize)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

pub(super) const SPEC: Spec =
    Spec { word: "json", headline: "one JSON object per line and domain", separator: "", write };

fn write(sheet: &Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let plan = sheet.plan;
    let records = plan
        .published()
        .flat_map(|(purpose, set)| set.records().map(move |record| (purpose, record)))
        .map(|(purpose, record)| Record {
            owner: text(&record.owner),
            ttl: record.ttl,
            r#type: zonefile::type_name(record.data.record_type()),
            data: zonefile::rdata(&record.data),
            purpose: word(purpose),
            srv: srv(&record.data),
        })
        .collect();
    let domain = Domain {
        domain: plain_text(plan.domain().name()),
        unicode: unicode(plan.domain().name()),
        origin: text(sheet.origin()),
        records,
    };
    serde_json::to_writer(&mut *out, &domain)?;
    writeln!(out)
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Service(_) => "service",
        Purpose::Denial(_) => "denial",
        Purpose::Config(_) => "configuration",
        Purpose::Autodiscover => "autodiscover",
    }
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
