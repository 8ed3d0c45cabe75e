//! A file that the configuration of Unbound includes.

use hickory_proto::rr::Name;
use mailsrv::name;

use super::parts::{absolute, master_file};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "unbound",
    read,
    mistakes: &[
        ("  local-zone", "  local-zones"),
        (" typetransparent", ""),
        ("\"provider.example.\"", "\"example.net.\""),
        ("net.'", "net'"),
        ("net.'", "net."),
        ("net.'", "net.\\'"),
        ("\\039", "'"),
        ("0 1 993", "1 0 993"),
        ("3600", "60"),
        ("  local-data: '_pop3._tcp.provider.example. 3600 IN SRV 0 0 0 .'\n", ""),
    ],
    refused: &[
        ("", "0 zones"),
        ("  local-zone: \"example.com.\" typetransparent\n  local-data: ''\n", "0 records"),
        ("  local-zone: \"a.\" typetransparent\n", "not in the zone example.com."),
    ],
};

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
