//! A template for DNS hosts that speak Domain Connect, applied to a mail domain.

use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData};
use mailsrv::name::plain_text;
use serde::Deserialize;

use super::parts::{cname, dotless, mx, rdata, relative, srv};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "domain-connect",
    read,
    mistakes: &[
        ("\"providerId\": \"", "\"providerId\": \"a b"),
        ("\"providerName\": \"example.net\"", "\"providerName\": \"\""),
        ("\"serviceId\": \"mail\"", "\"serviceId\": \"\""),
        ("\"version\": 1", "\"version\": \"1\""),
        ("\"records\"", "\"entries\""),
        ("\"port\": 143", "\"port\": 993"),
        ("\"ttl\": 3600", "\"ttl\": 3601"),
        ("\"service\": \"_imap\"", "\"service\": \"imap\""),
        ("\"_tcp\"", "\"_udp\""),
        ("\"_tcp\"", "\"_sctp\""),
        ("\"imap.example.net\"", "\"imap.example.net.\""),
        ("\"imap.example.net\"", "\"%server%\""),
        ("\"imap.example.net\"", "\"imap%fqdn%\""),
        ("\"imap.example.net\"", "\"imap.%fqdn%\""),
        ("\"imap.example.net\"", "\".\""),
        ("\"type\": \"MX\"", "\"type\": \"SRV\""),
        ("\"priority\": 10,", "\"priority\": 10, \"priority\": 10,"),
        ("\"host\": \"autodiscover\"", "\"host\": \"@\""),
    ],
    refused: &[
        (
            r#"{"providerId": "a", "providerName": "a", "serviceId": "mail", "serviceName": "a", "version": 1,
                "description": "a", "records": [{"type": "TXT", "host": "@", "data": "a\\b", "ttl": 60}]}"#,
            "different ways",
        ),
        (
            r#"{"providerId": "a", "providerName": "a", "serviceId": "mail", "serviceName": "a", "version": 1,
                "description": "a", "records": [{"type": "TLSA", "host": "@", "data": "3 1 1 00", "ttl": 60}]}"#,
            "unknown variant",
        ),
    ],
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    provider_id: String,
    provider_name: String,
    service_id: String,
    service_name: String,
    version: u32,
    description: String,
    variable_description: Option<String>,
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase", deny_unknown_fields)]
#[serde(rename_all = "UPPERCASE")]
enum Record {
    A {
        host: String,
        points_to: String,
        ttl: u32,
    },
    Aaaa {
        host: String,
        points_to: String,
        ttl: u32,
    },
    Cname {
        host: String,
        points_to: String,
        ttl: u32,
    },
    Mx {
        host: String,
        points_to: String,
        priority: u16,
        ttl: u32,
    },
    Srv {
        name: String,
        service: String,
        protocol: String,
        priority: u16,
        weight: u16,
        port: u16,
        target: String,
        ttl: u32,
    },
    Txt {
        host: String,
        data: String,
        ttl: u32,
    },
}

const FQDN: &str = "%fqdn%";

fn read(text: &str, domain: &Name) -> Result<Vec<Reading>, String> {
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Document { provider_id: id, provider_name, service_id, service_name, .. } = &document;
    let is_id = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
    if id.is_empty() || id.len() > 63 || !id.bytes().all(is_id) {
        return Err(format!("`{id}` is no identifier"));
    }
    if (service_id.as_str(), document.version) != ("mail", 1) {
        return Err(format!("`{service_id}` {} is not the service of ours", document.version));
    }
    let variables = document.variable_description.as_ref();
    let texts = [provider_name, service_name, &document.description];
    if texts.into_iter().chain(variables).any(String::is_empty) {
        return Err("a name or description is empty".to_owned());
    }
    document.records.into_iter().map(|record| reading(record, domain)).collect()
}

fn reading(record: Record, domain: &Name) -> Result<Reading, String> {
    let (owner, ttl, data) = match record {
        Record::A { host, points_to, ttl } => (host, ttl, rdata("A", &points_to)?),
        Record::Aaaa { host, points_to, ttl } => (host, ttl, rdata("AAAA", &points_to)?),
        Record::Cname { host, .. } if host == "@" => {
            return Err("an alias stands at the domain itself".to_owned());
        }
        Record::Cname { host, points_to, ttl } => {
            (host, ttl, cname(target_of(&points_to, domain)?))
        }
        Record::Mx { host, points_to, priority, ttl } => {
            (host, ttl, mx(priority, target_of(&points_to, domain)?))
        }
        Record::Srv { name, service, protocol, priority, weight, port, target, ttl } => {
            if !service.starts_with('_') || !["_tcp", "_udp"].contains(&protocol.as_str()) {
                return Err(format!("`{service}.{protocol}` is no service"));
            }
            let owner = match name.as_str() {
                "@" => format!("{service}.{protocol}"),
                name => format!("{service}.{protocol}.{name}"),
            };
            (owner, ttl, srv(priority, weight, port, target_of(&target, domain)?))
        }
        Record::Txt { host, data, ttl } => {
            if data.len() > 255 || !data.bytes().all(is_plain) {
                return Err(format!("`{data}` can be read in different ways"));
            }
            (host, ttl, RData::TXT(TXT::new(vec![data])))
        }
    };
    Ok(Reading { owner: relative(&owner, domain)?, ttl: Some(ttl), data })
}

fn is_plain(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && !matches!(octet, b'%' | b'"' | b'\\')
}

/// Reads a target, in which a variable stands for the mail domain; one that lies in it ends so.
fn target_of(target: &str, domain: &Name) -> Result<Name, String> {
    let spelled = target.replace(FQDN, &plain_text(domain));
    let name = dotless(&spelled)?;
    match spelled.contains('%') || name.is_root() {
        false if !domain.zone_of(&name) || target.ends_with(FQDN) => Ok(name),
        _ => Err(format!("`{target}` is no target of ours")),
    }
}

#[test]
fn targets_follow_the_mail_domain() {
    let domain = Name::from_ascii("example.com.").expect("a name");
    let read = |target| target_of(target, &domain).ok().map(|name| plain_text(&name));
    for (target, name) in [
        ("%fqdn%", Some("example.com")),
        ("mail.%fqdn%", Some("mail.example.com")),
        ("mail-%fqdn%", Some("mail-example.com")),
        ("%fqdn%.provider.example", Some("example.com.provider.example")),
        ("mail.provider.example", Some("mail.provider.example")),
        ("mail.example.com", None),
        ("%server%.provider.example", None),
        (".", None),
    ] {
        assert_eq!(read(target).as_deref(), name, "{target}");
    }
}
