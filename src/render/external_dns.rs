//! `DNSEndpoint` objects for `ExternalDNS` in Kubernetes.
//!
//! The form is that of the resource definition `dnsendpoints.externaldns.k8s.io`: owner names, MX
//! and CNAME without a final dot, SRV with it, TXT without quotation marks.

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};

use super::fields::Fields;
use super::quoted::Quoted;
use super::read::{Reading, dotless, number, presented};
use super::tree::{Node, documents};
use super::{COMMON, Sheet, Spec, txt};
use crate::name::plain_text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "external-dns",
    headline: "DNSEndpoint objects for ExternalDNS in Kubernetes",
    extension: "yaml",
    opening: OPENING,
    unfit: |_, _, set| {
        let is_text = |octets: &[u8]| str::from_utf8(octets).is_ok();
        txt::unfit(set, is_text, "holds a text that is no UTF-8 or would be cut otherwise")
    },
    write,
    read,
    ..COMMON
};

const OPENING: &str = "\
# kubectl apply -f FILE
# ExternalDNS sees this with --source=crd. It publishes A, AAAA and CNAME, or else the types that it
# is told, once for each: --managed-record-types=SRV and so on, those of its other sources, too.
";

const VERSION: &str = "externaldns.k8s.io/v1alpha1";
const KIND: &str = "DNSEndpoint";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "---\n# {}.", sheet.heading())?;
    writeln!(out, "apiVersion: {}", Quoted(VERSION))?;
    writeln!(out, "kind: {}", Quoted(KIND))?;
    let name = match sheet.plan() {
        Some(plan) => format!("mail-{}", plain_text(plan.domain().name())),
        None => "mail-hosts".to_owned(),
    };
    writeln!(out, "metadata:\n  name: {}\nspec:", Quoted(&name))?;
    if sheet.sets().is_empty() {
        return writeln!(out, "  endpoints: []");
    }
    writeln!(out, "  endpoints:")?;
    for (_, set) in sheet.sets() {
        writeln!(out, "  - dnsName: {}", Quoted(&plain_text(set.owner())))?;
        writeln!(out, "    recordTTL: {}", set.ttl())?;
        writeln!(out, "    recordType: {}", Quoted(&zonefile::type_name(set.record_type())))?;
        writeln!(out, "    targets:")?;
        for data in set.rdatas() {
            writeln!(out, "    - {}", Quoted(&target(data)))?;
        }
    }
    Ok(())
}

fn target(data: &RData) -> String {
    match Fields::of(data) {
        Some(Fields::Txt(text)) => text,
        Some(Fields::Cname(canonical)) => plain_text(&canonical),
        Some(Fields::Mx { preference, exchange }) => {
            format!("{preference} {}", plain_text(&exchange))
        }
        _ => zonefile::rdata(data),
    }
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let mut readings = Vec::new();
    for document in documents(text)? {
        let [version, kind, metadata, spec] =
            document.fields(["apiVersion", "kind", "metadata", "spec"])?;
        if (version.text()?.as_str(), kind.text()?.as_str()) != (VERSION, KIND) {
            return Err(format!("an object is no {KIND} of {VERSION}"));
        }
        let [name] = metadata.fields(["name"])?;
        let name = name.text()?;
        if !is_object_name(&name) {
            return Err(format!("`{name}` is no name of an object in Kubernetes"));
        }
        let [endpoints] = spec.fields(["endpoints"])?;
        for endpoint in endpoints.list()? {
            read_endpoint(endpoint, &mut readings)?;
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

fn read_endpoint(endpoint: Node, readings: &mut Vec<Reading>) -> Result<(), String> {
    let [owner, ttl, rtype, targets] =
        endpoint.fields(["dnsName", "recordTTL", "recordType", "targets"])?;
    let owner = dotless(&owner.text()?)?;
    let (ttl, rtype) = (ttl.number()?, rtype.text()?);
    for target in targets.list()?.into_iter().map(Node::text) {
        let data = rdata(&rtype, target?)?;
        readings.push(Reading { owner: owner.clone(), ttl: Some(ttl), data });
    }
    Ok(())
}

fn rdata(rtype: &str, target: String) -> Result<RData, String> {
    let fields = match rtype {
        "TXT" => Fields::Txt(target),
        "CNAME" => Fields::Cname(dotless(&target)?),
        "MX" => {
            let (preference, exchange) = target.split_once(' ').unwrap_or_default();
            Fields::Mx { preference: number(preference)?, exchange: dotless(exchange)? }
        }
        _ => return presented(".", 0, rtype, &target).map(|reading| reading.data),
    };
    fields.rdata(rtype)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        every_plan_reads_back, is_noticed, left_out, printed, printed_records, refused,
    };
    use super::*;
    use crate::render::Format;

    #[test]
    fn every_rrset_is_an_endpoint() {
        let text = printed(Format::EXTERNAL_DNS);
        assert!(text.starts_with(
            r#"---
# Mail client settings for example.com.
apiVersion: "externaldns.k8s.io/v1alpha1"
kind: "DNSEndpoint"
metadata:
  name: "mail-example.com"
spec:
  endpoints:
  - dnsName: "example.com"
    recordTTL: 3600
    recordType: "MX"
    targets:
    - "10 mx.example.net"
  - dnsName: "_imap._tcp.example.com"
    recordTTL: 3600
    recordType: "SRV"
    targets:
    - "0 1 143 imap.example.net."
    - "10 20 993 imap2.example.net."
"#
        ));
        for part in [
            "recordTTL: 60\n    recordType: \"SRV\"\n    targets:\n    - \"0 0 0 .\"\n",
            r#"    - "path=/a;b?c='\"$d${e}\\%{f}""#,
            "    - \"www.example.net\"\n",
            "    - \"3 1 1 8CB0",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        every_plan_reads_back(Format::EXTERNAL_DNS);
    }

    #[test]
    fn mistakes_are_noticed() {
        is_noticed(Format::EXTERNAL_DNS, "0 1 143", "0 143 1");
        is_noticed(Format::EXTERNAL_DNS, "recordTTL: 60", "recordTTL: 61");
        is_noticed(Format::EXTERNAL_DNS, "dnsName: \"_imap", "dnsName: \"_imaps");
        is_noticed(Format::EXTERNAL_DNS, "$d", "d");
        let text = printed(Format::EXTERNAL_DNS);
        for (from, to, part) in [
            ("v1alpha1", "v1", "an object is no DNSEndpoint"),
            ("\"mail-", "\"mail_", "no name of an object"),
            ("\"MX\"", "\"CNAME\"", "presentation form"),
            ("imap.example.net.", "imap.example.net", "imap.example.net"),
            ("www.example.net", "www.example.net.", "empty label"),
            ("10 mx", "mx", "no number"),
            ("\"AAAA\"", "\"A\"", "2001:db8::1"),
            ("  endpoints:", "  endpoint:", "the keys endpoint"),
        ] {
            let error = refused(Format::EXTERNAL_DNS, &text.replacen(from, to, 1));
            assert!(error.contains(part), "{to}: {error}");
        }
        assert!(!is_object_name("a..b"));
        assert!(!is_object_name(&"a".repeat(254)));
    }

    #[test]
    fn what_has_no_text_or_is_cut_otherwise_is_left_out() {
        for text in ["\"\\252\"", "a b"] {
            assert_eq!(
                left_out(Format::EXTERNAL_DNS, &format!("a.example.com. 60 IN TXT {text}\n")),
                ["a TXT holds a text that is no UTF-8 or would be cut otherwise"]
            );
        }
        let umlaut = "a.example.com. 60 IN TXT \"\\195\\188\"\n";
        let text = printed_records(Format::EXTERNAL_DNS, umlaut).unwrap();
        assert!(text.contains("- \"\\u00fc\"\n"), "{text}");
    }
}
