//! A template for DNS hosts that speak Domain Connect (draft-ietf-dconn-domainconnect-05): the
//! customer agrees on a web page of the DNS host, which adds the records to the zone.
//!
//! The template is the same for every customer: owner names are relative to the mail domain, targets
//! in it end in the variable `%fqdn%`, and columns of the profile are variables of their own. A TXT
//! record is refused where implementations differ on what it says. The target `.` is not taken by
//! the library of the project (release 4.0.0).

use std::fmt::{self, Write};

use hickory_proto::rr::rdata::{SRV, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use serde::Serialize;

use super::{COMMON, Kin, Scope, Sheet, Spec, Template};
use crate::name::{plain_text, relative_text};
use crate::plan::{Purpose, registrable};
use crate::rrset::{RrSet, target};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "domain-connect",
    aliases: &["domainconnect"],
    kin: Kin::Host,
    headline: "template for DNS hosts that speak Domain Connect",
    extension: "json",
    scope: Scope::OneEach,
    lacks: &[RecordType::TLSA],
    denials: false,
    is_zoneless: true,
    unfit,
    notes,
    write,
    ..COMMON
};

/// The template (draft-ietf-dconn-domainconnect-05 §6).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    provider_id: String,
    provider_name: String,
    service_id: String,
    service_name: String,
    version: u32,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_description: Option<String>,
    records: Vec<Record>,
}

/// A record of the template, its type in the field `type`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Record {
    #[serde(rename = "A")]
    V4 { host: String, points_to: String, ttl: u32 },
    #[serde(rename = "AAAA")]
    V6 { host: String, points_to: String, ttl: u32 },
    #[serde(rename = "CNAME")]
    Alias { host: String, points_to: String, ttl: u32 },
    #[serde(rename = "MX")]
    Exchange { host: String, points_to: String, priority: u16, ttl: u32 },
    #[serde(rename = "SRV")]
    Service {
        name: String,
        service: String,
        protocol: String,
        priority: u16,
        weight: u16,
        port: u16,
        target: String,
        ttl: u32,
    },
    #[serde(rename = "TXT")]
    Text { host: String, data: String, ttl: u32 },
}

/// With the identifier of the provider it names the template (draft-ietf-dconn-domainconnect-05 §6).
const SERVICE_ID: &str = "mail";
/// Of the template; a provider that changes it counts on.
const VERSION: u32 = 1;
/// The mail domain, wherever its zone begins.
const FQDN: &str = "%fqdn%";

/// The identifier of a provider whose own domain is not known.
const UNKNOWN_PROVIDER: &str = "example.com";

/// The longest identifier, in characters (draft-ietf-dconn-domainconnect-05 §3, `dc-id`).
const MAX_ID: usize = 63;

/// Says why an RRset cannot stand in a template for every customer.
fn unfit(sheet: &Sheet<'_>, purpose: Purpose, set: &RrSet) -> Option<String> {
    if purpose == Purpose::PaccDigest {
        let Some(template) = sheet.template() else {
            // Of the document of one customer nobody knows whether it is that of all.
            return Some(
                "is known for every customer only where no mail domain is named".to_owned(),
            );
        };
        let document = sheet.plan().and_then(|plan| plan.pacc()).map(|pacc| pacc.document());
        if document.is_some_and(|document| template.depends(document)) {
            let why = "differs from customer to customer, as the document does";
            return Some(why.to_owned());
        }
    }
    let is_plain = |txt: &TXT| matches!(&*txt.txt_data, [string] if string.iter().all(is_plain));
    let why = |data: &RData| match data {
        RData::TXT(txt) if !is_plain(txt) => {
            Some("holds a text that implementations of Domain Connect read in different ways")
        }
        RData::SRV(_) if service(set.owner()).is_none() => Some("is of no service over TCP or UDP"),
        RData::CNAME(_) if set.owner() == sheet.name() => {
            Some("is an alias at the mail domain itself, which Domain Connect does not allow")
        }
        _ if target(data).is_some_and(Name::is_root) => {
            Some("has the target \".\", which the format domain-connect cannot hold")
        }
        _ => None,
    };
    set.rdatas().iter().find_map(why).map(str::to_owned)
}

/// A percent sign begins a variable; of quotation marks and backslashes the draft says one thing
/// and the library of the project does another.
fn is_plain(octet: &u8) -> bool {
    matches!(octet, b' '..=b'~') && !matches!(octet, b'%' | b'"' | b'\\')
}

/// What is to be filled in by hand.
fn notes(sheet: &Sheet<'_>) -> Vec<String> {
    let why = format!(
        "`providerId` is {UNKNOWN_PROVIDER}, because the profile leads to no host of the provider's own; write your own domain there"
    );
    if provider_id(sheet).is_none() { vec![why] } else { Vec::new() }
}

/// The registrable domain of the first host that is the same for every customer.
fn provider_id(sheet: &Sheet<'_>) -> Option<String> {
    let hosts = sheet.sets().iter().flat_map(|(_, set)| set.rdatas()).filter_map(target);
    let outside = hosts.filter(|host| !host.is_root() && !sheet.name().zone_of(host));
    let mut fixed = outside.filter_map(|host| {
        let domain = plain_text(&registrable(host));
        let is_open = |template: &Template| !template.is_fixed_end(&plain_text(host), &domain);
        let is_fit = domain.len() <= MAX_ID && !sheet.template().is_some_and(is_open);
        is_fit.then_some(domain)
    });
    fixed.next()
}

/// The two labels in front of an SRV record, and what they stand in front of.
fn service(owner: &Name) -> Option<(String, String, Name)> {
    let mut labels = owner.iter().map(|label| String::from_utf8_lossy(label).into_owned());
    let (service, protocol) = (labels.next()?, labels.next()?);
    let is_fit = service.starts_with('_') && ["_tcp", "_udp"].contains(&protocol.as_str());
    is_fit.then(|| (service, protocol, owner.base_name().base_name()))
}

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let provider_id = provider_id(sheet).unwrap_or_else(|| UNKNOWN_PROVIDER.to_owned());
    let named = sheet.template().and_then(|template| template.provider());
    let variables: Vec<String> = sheet
        .template()
        .into_iter()
        .flat_map(|template| template.variables())
        .map(|(name, column)| format!("{name}: the customer's `{column}` at the mail provider"))
        .collect();
    let records = sheet.sets().iter().flat_map(|(_, set)| {
        set.rdatas().iter().filter_map(|data| record(set.owner(), set.ttl(), data, sheet.name()))
    });
    let document = Document {
        provider_name: named.unwrap_or(&provider_id).to_owned(),
        provider_id,
        service_id: SERVICE_ID.to_owned(),
        service_name: "Mail".to_owned(),
        version: VERSION,
        description: "Mail programs find the servers of the mail domain".to_owned(),
        variable_description: (!variables.is_empty()).then(|| variables.join("; ")),
        records: records.collect(),
    };
    let text = serde_json::to_string_pretty(&document).expect("a struct has a JSON form");
    writeln!(out, "{text}")
}

/// A record of the template; None of a type that is left out.
fn record(owner: &Name, ttl: u32, data: &RData, domain: &Name) -> Option<Record> {
    let host = relative_text(owner, domain);
    let target = |name: &Name| match domain.zone_of(name) {
        true if name == domain => FQDN.to_owned(),
        true => format!("{}.{FQDN}", relative_text(name, domain)),
        false => plain_text(name),
    };
    Some(match data {
        RData::A(_) => Record::V4 { host, points_to: zonefile::rdata(data), ttl },
        RData::AAAA(_) => Record::V6 { host, points_to: zonefile::rdata(data), ttl },
        RData::CNAME(name) => Record::Alias { host, points_to: target(&name.0), ttl },
        RData::MX(mx) => {
            let (points_to, priority) = (target(&mx.exchange), mx.preference);
            Record::Exchange { host, points_to, priority, ttl }
        }
        RData::SRV(srv) => {
            let (service, protocol, parent) = service(owner)?;
            let SRV { priority, weight, port, .. } = *srv;
            let (name, target) = (relative_text(&parent, domain), target(&srv.target));
            Record::Service { name, service, protocol, priority, weight, port, target, ttl }
        }
        RData::TXT(txt) => {
            let data = String::from_utf8_lossy(&txt.txt_data.concat()).into_owned();
            Record::Text { host, data, ttl }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::{Hosting, file};
    use crate::plan::plan;
    use crate::render::samples::{left_out, printed_records};
    use crate::render::{Format, Template};

    const FORMAT: Format = Format::DOMAIN_CONNECT;

    #[track_caller]
    fn check(record: &str, expected: &str) {
        let text = printed_records(FORMAT, record);
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["records"][0].to_string(), expected);
    }

    #[test]
    fn owner_names_and_targets_are_those_of_any_customer() {
        check(
            "_imaps._tcp.example.com. 60 IN SRV 0 1 993 mail.example.com.",
            r#"{"name":"@","port":993,"priority":0,"protocol":"_tcp","service":"_imaps","target":"mail.%fqdn%","ttl":60,"type":"SRV","weight":1}"#,
        );
        check(
            "_imaps._tcp.a.b.example.com. 60 IN SRV 0 1 993 mail.example.net.",
            r#"{"name":"a.b","port":993,"priority":0,"protocol":"_tcp","service":"_imaps","target":"mail.example.net","ttl":60,"type":"SRV","weight":1}"#,
        );
        check(
            "autoconfig.example.com. 60 IN CNAME example.com.",
            r#"{"host":"autoconfig","pointsTo":"%fqdn%","ttl":60,"type":"CNAME"}"#,
        );
        check(
            "example.com. 60 IN MX 10 mx.example.net.",
            r#"{"host":"@","pointsTo":"mx.example.net","priority":10,"ttl":60,"type":"MX"}"#,
        );
        check(
            "autoconfig.example.com. 60 IN AAAA 2001:db8::1",
            r#"{"host":"autoconfig","pointsTo":"2001:db8::1","ttl":60,"type":"AAAA"}"#,
        );
        check(
            "_caldavs._tcp.example.com. 60 IN TXT \"path=/a;b?c='$d\"",
            r#"{"data":"path=/a;b?c='$d","host":"_caldavs._tcp","ttl":60,"type":"TXT"}"#,
        );
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        let ways = "holds a text that implementations of Domain Connect read in different ways";
        let nowhere = "has the target \".\", which the format domain-connect cannot hold";
        for (record, reason) in [
            (r#"TXT "a\"b""#, ways),
            (r#"TXT "a\\b""#, ways),
            (r#"TXT "a%20b%20""#, ways),
            (r#"TXT "a" "b""#, ways),
            (r#"TXT "\195""#, ways),
            ("SRV 0 1 143 mail.example.net.", "is of no service over TCP or UDP"),
            ("MX 0 .", nowhere),
        ] {
            let (rtype, _) = record.split_once(' ').unwrap();
            assert_eq!(
                left_out(FORMAT, &format!("_imap._sctp.example.com. 60 IN {record}\n")),
                [format!("_imap._sctp {rtype} {reason}")]
            );
        }
        assert_eq!(
            left_out(FORMAT, "example.com. 60 IN CNAME www.example.net.\n"),
            ["@ CNAME is an alias at the mail domain itself, which Domain Connect does not allow"]
        );
    }

    /// The template of a profile, what is left out of it, and what is to be done to it.
    fn template(profile: &str) -> (String, Vec<String>, Vec<String>) {
        let hosting = file::parse(profile, "profile").expect("a profile");
        let template = Template::of(&hosting);
        let plan = plan(template.domain(), &hosting, template.columns()).expect("a plan");
        let sheet = Sheet::new(&plan, None).expect("no apex").into_template(&template);
        let sheet = sheet.fitted(FORMAT);
        let mut text = String::new();
        sheet.print(FORMAT, &mut text);
        let left_out = sheet.left_out().iter().map(|it| format!("{} {}", it.owner, it.rtype));
        (text, left_out.collect(), sheet.notes(FORMAT))
    }

    #[test]
    fn a_name_made_of_the_mail_domain_has_the_variable_in_it() {
        let profile = "host: \"mail-{domain}\"\nimap: { tls: 993 }\nmx: { host: \"{domain}.provider.example\" }\ndeny: false\n";
        let (text, _, notes) = template(profile);
        for part in [
            "\"providerId\": \"provider.example\"",
            "\"target\": \"mail-%fqdn%\"",
            "\"pointsTo\": \"%fqdn%.provider.example\"",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert_eq!(notes, [""; 0]);
    }

    #[test]
    fn a_provider_is_not_named_by_what_a_variable_is_a_part_of() {
        for host in ["mail.{server}.com", "{server}", "mail.{server}"] {
            let (text, _, notes) = template(&format!("host: \"{host}\"\nimap: {{ tls: 993 }}\n"));
            assert!(text.contains("\"providerId\": \"example.com\""), "{host}: {text}");
            assert_eq!(notes.len(), 1, "{host}");
        }
    }

    #[test]
    fn columns_are_variables() {
        let (text, left_out, notes) = template(
            "host: \"{server}.{domain}\"\nimap: { tls: 993 }\nttl: 60\nprovider: { name: Example Mail }\n\
             mx: { host: \"{state}.provider.example\" }\ndeny: false\n",
        );
        assert_eq!(
            text,
            r#"{
  "providerId": "provider.example",
  "providerName": "Example Mail",
  "serviceId": "mail",
  "serviceName": "Mail",
  "version": 1,
  "description": "Mail programs find the servers of the mail domain",
  "variableDescription": "server: the customer's `server` at the mail provider; mail-state: the customer's `state` at the mail provider",
  "records": [
    {
      "type": "SRV",
      "name": "@",
      "service": "_imaps",
      "protocol": "_tcp",
      "priority": 0,
      "weight": 1,
      "port": 993,
      "target": "%server%.%fqdn%",
      "ttl": 60
    },
    {
      "type": "MX",
      "host": "@",
      "pointsTo": "%mail-state%.provider.example",
      "priority": 10,
      "ttl": 60
    }
  ]
}
"#
        );
        assert_eq!((left_out, notes), (vec![], vec![]));
    }

    #[test]
    fn a_provider_without_a_host_of_its_own_has_to_name_itself() {
        for profile in ["imap: true\n", "host: \"{server}\"\nimap: true\n"] {
            let (text, left_out, notes) = template(profile);
            assert!(text.contains("\"providerId\": \"example.com\""), "{text}");
            assert!(text.contains("\"providerName\": \"example.com\""), "{text}");
            // The denials of POP3 and submission.
            assert_eq!(left_out.len(), 4, "{left_out:?}");
            assert_eq!(notes.len(), 1, "{notes:?}");
        }
    }

    #[test]
    fn a_digest_is_kept_where_every_customer_has_the_same_document() {
        let pacc = "imap: { tls: 993 }\ndeny: false\npacc: true\n";
        let name = "provider: { name: Example Mail }\n";
        let digest = ["_ua-auto-config TXT"];
        let host = "host: mail.provider.example\n";
        assert_eq!(template(&format!("{host}{name}{pacc}")).1, Vec::<String>::new());
        assert_eq!(template(&format!("{host}{pacc}")).1, digest);
        assert_eq!(template(&format!("{name}{pacc}")).1, digest);
        assert_eq!(template(&format!("host: \"{{server}}\"\n{name}{pacc}")).1, digest);
    }

    #[test]
    fn the_zone_does_not_matter() {
        let apex = Name::from_ascii("example.com.").expect("a name");
        let hosting = Hosting::documented();
        let domain = "sales.example.com".parse().expect("a domain");
        let plan = plan(&domain, &hosting, &Default::default()).expect("a plan");
        let text = |apex| {
            let mut text = String::new();
            let sheet = Sheet::new(&plan, apex).expect("it lies in the zone").fitted(FORMAT);
            sheet.print(FORMAT, &mut text);
            text
        };
        assert_eq!(text(Some(&apex)), text(None));
        assert!(text(None).contains("mail.%fqdn%"));
    }
}
