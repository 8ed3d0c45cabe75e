//! One YAML list of records, for programs of any language.

use std::fmt::{self, Write};

use hickory_proto::rr::Name;

use super::quoted::Quoted;
use super::read::{Reading, presented};
use super::tree::{Node, documents};
use super::{COMMON, Sheet, Spec};
use crate::name::{plain_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "yaml",
    headline: "one YAML list of records",
    extension: "yaml",
    opening: "---\n",
    write,
    read,
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

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let lists = documents(text)?.into_iter().map(Node::list).collect::<Result<Vec<_>, _>>()?;
    lists.into_iter().flatten().map(reading).collect()
}

fn reading(record: Node) -> Result<Reading, String> {
    let keys = ["domain", "owner", "ttl", "type", "data", "purpose"];
    let [domain, owner, ttl, rtype, data, purpose] = record.fields(keys)?;
    let _said_beside = (domain.text()?, purpose.text()?);
    presented(&owner.text()?, ttl.number()?, &rtype.text()?, &data.text()?)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{every_plan_reads_back, is_noticed, printed, refused};
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
        every_plan_reads_back(Format::YAML);
    }

    #[test]
    fn mistakes_are_noticed() {
        is_noticed(Format::YAML, "0 1 143", "0 143 1");
        is_noticed(Format::YAML, "$d", "d");
        is_noticed(Format::YAML, "ttl: 60", "ttl: 61");
        is_noticed(Format::YAML, "owner: \"_imap", "owner: \"_imaps");
        for (text, part) in [
            ("- owner: \"a.\"\n", "the keys owner, and not"),
            ("{}", "is no list"),
            ("- a\n", "is no map"),
            (record("a.", "\"60\"", "A", "192.0.2.1").as_str(), "no plain word"),
            (record("a", "60", "A", "192.0.2.1").as_str(), "`a`"),
            (record("a.", "60", "A", "192.0.2.1 ; b").as_str(), "means a. A 192.0.2.1"),
            (record("a.", "60", "a", "192.0.2.1").as_str(), "means a. A 192.0.2.1"),
        ] {
            let error = refused(Format::YAML, text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    fn record(owner: &str, ttl: &str, rtype: &str, data: &str) -> String {
        format!(
            "- domain: \"a\"\n  owner: \"{owner}\"\n  ttl: {ttl}\n  type: \"{rtype}\"\n  data: \"{data}\"\n  purpose: \"b\"\n"
        )
    }
}
