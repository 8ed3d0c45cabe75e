//! `DNSEndpoint` objects for `ExternalDNS` in Kubernetes.
//!
//! The form is that of the resource definition `dnsendpoints.externaldns.k8s.io`: owner names, MX
//! and CNAME without a final dot, SRV with it, TXT without quotation marks.

use std::fmt::{self, Write};

use hickory_proto::rr::RData;

use super::quoted::Quoted;
use super::{COMMON, Kin, Mending, Sheet, Spec, txt};
use crate::name::plain_text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "external-dns",
    aliases: &["externaldns", "kubernetes"],
    kin: Kin::Tool,
    headline: "DNSEndpoint objects for ExternalDNS in Kubernetes",
    extension: "yaml",
    opening: OPENING,
    unfit: |_, _, set| {
        let is_text = |octets: &[u8]| str::from_utf8(octets).is_ok();
        txt::unfit(set, is_text, "holds a text that is no UTF-8 or would be cut otherwise")
    },
    mending: Mending { whole: true, ..Mending::with_comment("#") },
    write,
    ..COMMON
};

/// By default `ExternalDNS` leaves out SRV and TXT; who applies the file has to know.
const OPENING: &str = "\
# kubectl apply -f FILE
# ExternalDNS sees this with --source=crd. It publishes A, AAAA and CNAME, or
# else the types that it is told, once for each: --managed-record-types=SRV and
# so on, those of its other sources, too.
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
    match data {
        RData::TXT(txt) => txt::text(txt),
        RData::CNAME(canonical) => plain_text(&canonical.0),
        RData::MX(mx) => format!("{} {}", mx.preference, plain_text(&mx.exchange)),
        other => zonefile::rdata(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{left_out, printed, printed_records};
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
        let text = printed_records(Format::EXTERNAL_DNS, umlaut);
        assert!(text.contains("- \"\\u00fc\"\n"), "{text}");
    }
}
