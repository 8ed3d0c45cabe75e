//! One JSON object per line and domain.

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};
use serde::{Deserialize, Serialize};

use super::read::{Reading, dotless, presented};
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

#[derive(PartialEq, Serialize, Deserialize)]
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

fn read(written: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let domain: Domain = serde_json::from_str(written).map_err(|error| error.to_string())?;
    if domain.origin != text(origin) || domain.unicode != unicode(&dotless(&domain.domain)?) {
        return Err(format!("it is for {} in the zone {}", domain.domain, domain.origin));
    }
    domain.records.iter().map(reading).collect()
}

fn reading(record: &Record) -> Result<Reading, String> {
    let reading = presented(&record.owner, record.ttl, &record.r#type, &record.data)?;
    match srv(&reading.data) == record.srv {
        true => Ok(reading),
        false => Err(format!("`srv` does not say {}", record.data)),
    }
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{every_plan_reads_back, is_noticed, printed, refused};

    #[test]
    fn plans_read_back() {
        every_plan_reads_back(Format::JSON);
    }

    #[test]
    fn a_mistake_is_noticed() {
        is_noticed(Format::JSON, "\"0 1 143 ", "\"0 143 1 ");
        is_noticed(Format::JSON, "\"ttl\":60", "\"ttl\":61");
        is_noticed(Format::JSON, "\"owner\":\"_imap.", "\"owner\":\"_imaps.");
        let text = printed(Format::JSON);
        for (from, to, part) in [
            ("\"weight\":20", "\"weight\":10", "`srv` does not say 10 20 993"),
            ("\"origin\":\"example.com.", "\"origin\":\"example.net.", "in the zone example.net."),
            ("\"domain\":\"", "\"domain\":\"xn--bcher-kva.", "it is for xn--bcher-kva.example.com"),
            ("net.\"", "net\"", "net"),
            ("\"purpose\"", "\"reason\"", "unknown field"),
        ] {
            let error = refused(Format::JSON, &text.replacen(from, to, 1));
            assert!(error.contains(part), "{to}: {error}");
        }
    }
}
