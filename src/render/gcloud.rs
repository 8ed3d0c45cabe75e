//! The records file of Google Cloud DNS, one YAML document per RRset.
//!
//! Its form is `ResourceRecordSet` of the Cloud DNS API, v1; RDATA is in presentation form.

use std::fmt::{self, Write};

use super::quoted::Quoted;
use super::{COMMON, Kin, Mending, Scope, Sheet, Spec};
use crate::name::text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "gcloud",
    aliases: &["google"],
    kin: Kin::Host,
    headline: "records file for gcloud dns record-sets import (Google Cloud DNS)",
    extension: "yaml",
    scope: Scope::OneEach,
    mending: Mending { whole: true, ..Mending::with_comment("#") },
    write,
    ..COMMON
};

const KIND: &str = "dns#resourceRecordSet";

/// The command, and the option that must not be taken.
const HEADER: &str = "\
# gcloud dns record-sets import FILE --zone=ZONE
# It imports nothing where one of the names has records of the same type
# already. Leave out --delete-all-existing, which would delete every other
# record of the zone.
";

/// What is to be said of remedies: they are of RRsets that stand, and the import replaces none.
const OF_REMEDIES: &str = "\
# Delete each RRset below that stands already, as the import replaces none:
#     gcloud dns record-sets delete NAME --type=TYPE --zone=ZONE
# gcloud dns record-sets import FILE --zone=ZONE
# Leave out --delete-all-existing, which would delete every other record of the
# zone.
";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    out.push_str(if sheet.gone().is_some() { OF_REMEDIES } else { HEADER });
    for (_, set) in sheet.sets() {
        writeln!(out, "---")?;
        writeln!(out, "kind: {}", Quoted(KIND))?;
        writeln!(out, "name: {}", Quoted(&text(set.owner())))?;
        writeln!(out, "rrdatas:")?;
        for data in set.rdatas() {
            writeln!(out, "- {}", Quoted(&zonefile::rdata(data)))?;
        }
        writeln!(out, "ttl: {}", set.ttl())?;
        writeln!(out, "type: {}", Quoted(&zonefile::type_name(set.record_type())))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::printed;
    use crate::render::Format;

    #[test]
    fn every_rrset_is_a_document() {
        let text = printed(Format::GCLOUD);
        for part in [
            r#"---
kind: "dns#resourceRecordSet"
name: "example.com."
rrdatas:
- "10 mx.example.net."
ttl: 3600
type: "MX"
---
kind: "dns#resourceRecordSet"
name: "_imap._tcp.example.com."
rrdatas:
- "0 1 143 imap.example.net."
- "10 20 993 imap2.example.net."
ttl: 3600
type: "SRV"
"#,
            "- \"0 0 0 .\"\nttl: 60\ntype: \"SRV\"\n",
            r#"- "\"path=/a;b?c='\\\"$d${e}\\\\%{f}\"""#,
            "- \"www.example.net.\"\nttl: 3600\ntype: \"CNAME\"\n",
            "- \"3 1 1 8CB0",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
