//! One YAML list of records, for programs of any language.

use std::fmt::{self, Write};

use super::quoted::Quoted;
use super::{COMMON, Kin, Sheet, Spec};
use crate::name::{plain_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "yaml",
    aliases: &["yml"],
    kin: Kin::Data,
    headline: "one YAML list of records",
    extension: "yaml",
    opening: "---\n",
    write,
    ..COMMON
};

/// Text stands in quotation marks throughout, or YAML 1.1 would take some of it for numbers.
fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    let domain = plain_text(sheet.name());
    for (purpose, set) in sheet.sets() {
        let (owner, rtype) = (text(set.owner()), zonefile::type_name(set.record_type()));
        for data in set.rdatas() {
            writeln!(out, "- domain: {}", Quoted(&domain))?;
            writeln!(out, "  owner: {}", Quoted(&owner))?;
            writeln!(out, "  ttl: {}", set.ttl())?;
            writeln!(out, "  type: {}", Quoted(&rtype))?;
            writeln!(out, "  data: {}", Quoted(&zonefile::rdata(data)))?;
            writeln!(out, "  purpose: {}", Quoted(purpose.text()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::printed;
    use crate::render::Format;

    #[test]
    fn records_are_items_with_every_text_in_quotation_marks() {
        let text = printed(Format::YAML);
        assert!(text.starts_with(
            r#"# Mail client settings for example.com.
- domain: "example.com"
  owner: "example.com."
  ttl: 3600
  type: "MX"
  data: "10 mx.example.net."
  purpose: "host"
"#
        ));
        for part in [
            "  data: \"0 1 143 imap.example.net.\"\n",
            "  ttl: 60\n  type: \"SRV\"\n  data: \"0 0 0 .\"\n  purpose: \"denial\"\n",
            r#"  data: "\"path=/a;b?c='\\\"$d${e}\\\\%{f}\"""#,
            "  type: \"AAAA\"\n  data: \"2001:db8::1\"\n",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
