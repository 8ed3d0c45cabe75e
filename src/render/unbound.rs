//! A file that the configuration of Unbound includes.
//!
//! Unbound reads nothing but a backslash and what follows it in another way within single quotation
//! marks, and leaves both as they are, so that presentation form may stand there; only a single
//! quotation mark itself takes an escape, that of RFC 1035 §5.1.

use std::fmt::{self, Write};

use hickory_proto::rr::Name;

use super::read::{Reading, absolute, master_file};
use super::{COMMON, Sheet, Spec};
use crate::name::{self, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "unbound",
    headline: "file for the configuration of Unbound to include",
    extension: "conf",
    opening: OPENING,
    separator: "\n",
    write,
    read,
    ..COMMON
};

/// With `typetransparent`, records of other types at the same names are still looked up.
const OPENING: &str = "\
# Put into /etc/unbound/unbound.conf.d/, test with `unbound-checkconf` and reload Unbound.
# The target of a CNAME below is not looked up: a client that asks for the address of an alias
# gets the alias alone, and many take that for no address.
server:
";

const ESCAPED_QUOTE: &str = "\\039";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "  # {}.", sheet.heading())?;
    writeln!(out, "  local-zone: \"{}\" typetransparent", text(sheet.name()))?;
    for (_, set) in sheet.sets() {
        for record in set.records() {
            let record = zonefile::record(&record).replace('\'', ESCAPED_QUOTE);
            writeln!(out, "  local-data: '{record}'")?;
        }
    }
    Ok(())
}

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let mut records = String::new();
    let mut zones = 0;
    for line in text.lines().skip_while(|line| line.starts_with("  # ")) {
        if let Some(record) = line.strip_prefix("  local-data: '") {
            let record = record.strip_suffix('\'').filter(|record| is_whole(record));
            records.push_str(record.ok_or_else(|| format!("no quoted record in `{line}`"))?);
            records.push('\n');
        } else if let Some(zone) = line.strip_prefix("  local-zone: \"") {
            let zone = absolute(zone.strip_suffix("\" typetransparent").unwrap_or_default())?;
            if !origin.zone_of(&zone) {
                return Err(format!("`{line}` is not in the zone {}", name::text(origin)));
            }
            zones += 1;
        } else {
            return Err(format!("`{line}` is not expected"));
        }
    }
    let readings = master_file(&records, None)?;
    if zones == 1 && readings.len() == records.lines().count() {
        Ok(readings)
    } else {
        Err(format!("{zones} zones, and {} records", readings.len()))
    }
}

/// Whether the text between two single quotation marks ends where it seems to.
fn is_whole(record: &str) -> bool {
    let mut rest = record.chars();
    while let Some(character) = rest.next() {
        if character == '\'' || (character == '\\' && rest.next().is_none()) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{every_plan_reads_back, is_noticed, printed, refused};

    #[test]
    fn plans_read_back() {
        every_plan_reads_back(Format::UNBOUND);
    }

    #[test]
    fn every_record_is_local_data() {
        assert_eq!(
            printed(Format::UNBOUND),
            r#"  # Mail client settings for example.com.
  local-zone: "example.com." typetransparent
  local-data: 'example.com. 3600 IN MX 10 mx.example.net.'
  local-data: '_imap._tcp.example.com. 3600 IN SRV 0 1 143 imap.example.net.'
  local-data: '_imap._tcp.example.com. 3600 IN SRV 10 20 993 imap2.example.net.'
  local-data: '_pop3._tcp.example.com. 60 IN SRV 0 0 0 .'
  local-data: '_caldavs._tcp.example.com. 3600 IN SRV 0 1 443 dav.example.net.'
  local-data: '_caldavs._tcp.example.com. 3600 IN TXT "path=/a;b?c=\039\"$d${e}\\%{f}"'
  local-data: 'autoconfig.example.com. 3600 IN A 192.0.2.1'
  local-data: 'autoconfig.example.com. 3600 IN AAAA 2001:db8::1'
  local-data: 'autodiscover.example.com. 3600 IN CNAME www.example.net.'
  local-data: '_143._tcp.imap.example.com. 3600 IN TLSA 3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1'
"#
        );
    }

    #[test]
    fn a_mistake_is_noticed() {
        for (part, other) in [
            ("  local-zone", "  local-zones"),
            (" typetransparent", ""),
            ("\"example.com.\"", "\"example.net.\""),
            ("net.'", "net'"),
            ("net.'", "net."),
            ("net.'", "net.\\'"),
            ("\\039", "'"),
            ("0 1 143", "1 0 143"),
            ("3600", "60"),
            ("  local-data: '_pop3._tcp.example.com. 60 IN SRV 0 0 0 .'\n", ""),
        ] {
            is_noticed(Format::UNBOUND, part, other);
        }
        refused(Format::UNBOUND, "");
        refused(Format::UNBOUND, "  local-zone: \"a.\" typetransparent\n  local-data: ''\n");
    }
}
