//! JSON, an object per line and domain.

use hickory_proto::rr::{Name, RData};
use mailsrv::name::{text, unicode};
use serde::Deserialize;

use super::parts::{dotless, presented};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "json",
    read,
    mistakes: &[
        ("\"0 1 993 ", "\"0 993 1 "),
        ("\"ttl\":3600", "\"ttl\":3601"),
        ("\"owner\":\"_imaps.", "\"owner\":\"_imap."),
        ("\"weight\":20", "\"weight\":10"),
        ("\"origin\":\"provider.example.", "\"origin\":\"example.net."),
        ("\"domain\":\"", "\"domain\":\"xn--bcher-kva."),
        ("net.\"", "net\""),
        ("\"purpose\"", "\"reason\""),
        ("\"purpose\":\"pacc\"", "\"purpose\":\"\""),
    ],
    refused: &[],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Domain {
    domain: String,
    unicode: Option<String>,
    origin: String,
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    owner: String,
    ttl: u32,
    r#type: String,
    data: String,
    purpose: String,
    srv: Option<Srv>,
}

#[derive(Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
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
    let srv = match &reading.data {
        RData::SRV(srv) => Some(Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: text(&srv.target),
        }),
        _ => None,
    };
    match srv == record.srv && !record.purpose.is_empty() {
        true => Ok(reading),
        false => Err(format!("`srv` or `purpose` does not say {}", record.data)),
    }
}
