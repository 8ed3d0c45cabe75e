//! `DNSEndpoint` objects for `ExternalDNS`.

use hickory_proto::rr::{Name, RData};
use serde::Deserialize;

use super::parts::{cname, dotless, mx, number, rdata};
use super::txt::of_text;
use super::yaml::documents;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "external-dns",
    read,
    mistakes: &[
        ("0 1 993", "0 993 1"),
        ("recordTTL: 3600", "recordTTL: 3601"),
        ("dnsName: \"_imaps", "dnsName: \"_imap"),
        ("$d", "d"),
        ("v1alpha1", "v1"),
        ("\"DNSEndpoint\"", "\"Service\""),
        ("\"mail-", "\"mail_"),
        ("\"MX\"", "\"CNAME\""),
        ("imap.example.net.", "imap.example.net"),
        ("www.example.net", "www.example.net."),
        ("10 mx", "mx"),
        ("\"AAAA\"", "\"A\""),
        ("  endpoints:", "  endpoint:"),
        ("recordTTL: 3600", "recordTTL: 3600\n    recordTTL: 3600"),
        ("recordTTL: 3600", "recordTTL: 1_000"),
    ],
    refused: &[],
};

const KEYS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "spec",
    "endpoints",
    "dnsName",
    "recordTTL",
    "recordType",
    "targets",
];

const VERSION: &str = "externaldns.k8s.io/v1alpha1";
const KIND: &str = "DNSEndpoint";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Object {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Endpoint {
    dns_name: String,
    #[serde(rename = "recordTTL")]
    record_ttl: u32,
    record_type: String,
    targets: Vec<String>,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let mut readings = Vec::new();
    for object in documents::<Object>(text, KEYS)? {
        if (object.api_version.as_str(), object.kind.as_str()) != (VERSION, KIND) {
            return Err(format!("an object is no {KIND} of {VERSION}"));
        }
        if !is_object_name(&object.metadata.name) {
            return Err(format!("`{}` is no name of an object", object.metadata.name));
        }
        for Endpoint { dns_name, record_ttl, record_type, targets } in object.spec.endpoints {
            let (owner, ttl) = (dotless(&dns_name)?, Some(record_ttl));
            for target in targets {
                let data = data(&record_type, &target)?;
                readings.push(Reading { owner: owner.clone(), ttl, data });
            }
        }
    }
    Ok(readings)
}

/// Says whether a text is a DNS subdomain name as Kubernetes has it: at most 253 characters, labels
/// of lower-case letters, digits and inner hyphens.
fn is_object_name(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(allowed)
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn data(rtype: &str, target: &str) -> Result<RData, String> {
    Ok(match rtype {
        "TXT" => of_text(target.as_bytes()),
        "CNAME" => cname(dotless(target)?),
        "MX" => {
            let (preference, exchange) = target.split_once(' ').unwrap_or_default();
            mx(number(preference)?, dotless(exchange)?)
        }
        _ => rdata(rtype, target)?,
    })
}

#[test]
fn a_name_of_an_object_is_one_of_hosts() {
    assert!(is_object_name("mail-example.com"));
    assert!(!is_object_name("a..b"));
    assert!(!is_object_name("a.-b"));
    assert!(!is_object_name("A"));
    assert!(!is_object_name(&"a".repeat(254)));
}
