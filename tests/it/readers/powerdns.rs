//! The body of a request to the HTTP API of PowerDNS.

use hickory_proto::rr::Name;
use serde::Deserialize;

use super::parts::presented;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "powerdns",
    read,
    mistakes: &[
        ("provider.example.", "provider.example"),
        ("REPLACE", "DELETE"),
        ("\"disabled\":false", "\"disabled\":true"),
        ("0 1 993", "1 0 993"),
        ("\\\"path", "path"),
        (":3600,", ":3601,"),
    ],
    refused: &[("{\"rrsets\": [], \"comments\": []}", "unknown field")],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    rrsets: Vec<Rrset>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rrset {
    name: String,
    r#type: String,
    ttl: u32,
    changetype: ChangeType,
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ChangeType {
    Replace,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    content: String,
    disabled: bool,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let patch: Patch = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut readings = Vec::new();
    for Rrset { name, r#type, ttl, changetype: ChangeType::Replace, records } in patch.rrsets {
        for Record { content, disabled } in records {
            if disabled {
                return Err(format!("{name} {} is disabled", r#type));
            }
            readings.push(presented(&name, ttl, &r#type, &content)?);
        }
    }
    Ok(readings)
}
