//! The records file of Google Cloud DNS.

use hickory_proto::rr::Name;
use serde::Deserialize;

use super::parts::presented;
use super::yaml::documents;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "gcloud",
    read,
    mistakes: &[
        ("0 1 993", "0 993 1"),
        ("ttl: 3600", "ttl: 3601"),
        ("name: \"_imaps", "name: \"_imap"),
        ("- \"0 20 993 imap.example.net.\"\n", ""),
        ("Set\"", "Sets\""),
        ("type: \"MX\"", "type: MX"),
        ("ttl: 3600", "ttl: \"3600\""),
        ("ttl: 3600", "ttl: 4294967296"),
        ("ttl: 3600", "ttl: 3600\nttl: 3600"),
        ("kind: \"dns#resourceRecordSet\"\n", ""),
        ("net.\"", "net\""),
    ],
    refused: &[],
};

const KIND: &str = "dns#resourceRecordSet";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    kind: String,
    name: String,
    rrdatas: Vec<String>,
    ttl: u32,
    r#type: String,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let mut readings = Vec::new();
    let documents: Vec<Option<Set>> = documents(text, &["kind", "name", "rrdatas", "ttl", "type"])?;
    for Set { kind, name, rrdatas, ttl, r#type: rtype } in documents.into_iter().flatten() {
        if kind != KIND {
            return Err(format!("a document is not of the kind {KIND}"));
        }
        for rdata in rrdatas {
            readings.push(presented(&name, ttl, &rtype, &rdata)?);
        }
    }
    Ok(readings)
}
