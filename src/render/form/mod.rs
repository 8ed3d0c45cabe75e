//! The table that a person types from: what goes into which box of a DNS host's form.
//!
//! `forms` says what the boxes of each DNS host are called, `style` what can be said of a box, and
//! `cell` fills one in.

mod cell;
mod forms;
mod style;

#[cfg(test)]
mod tests;

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RecordType};

use self::cell::Typed;
use self::style::Style;
use super::{COMMON, Sheet, Spec};
use crate::dns_host::DnsHost;
use crate::name::plain_text;
use crate::zonefile;

/// Which form is meant is said with `--for`.
pub(super) const SPEC: Spec = Spec {
    word: "form",
    headline: "table to type from, box by box, into the form of a DNS host (--for)",
    extension: "txt",
    separator: "\n\n",
    write,
    ..COMMON
};

/// The record types in the order of their tables.
const TYPES: [RecordType; 7] = [
    RecordType::SRV,
    RecordType::CNAME,
    RecordType::TXT,
    RecordType::MX,
    RecordType::A,
    RecordType::AAAA,
    RecordType::TLSA,
];

/// What stands below the title of a table with the target `.`.
const DENIALS: &str = "A single dot as the target says that the service is not offered.";

const INDENT: &str = "  ";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let style = style_of(sheet.dns_host());
    writeln!(out, "{}", sheet.heading())?;
    writeln!(out, "{}", destination(sheet.dns_host(), sheet.origin()))?;
    let mut tables = String::new();
    for rtype in TYPES {
        write_table(sheet, style, rtype, &mut tables)?;
    }
    let leaves_empty = style::leaves_empty(&tables);
    for note in style.notes.iter().filter(|note| leaves_empty || **note != style::LEAVE_EMPTY) {
        writeln!(out, "{note}")?;
    }
    out.push_str(&tables);
    Ok(())
}

/// Of a DNS host whose form is not known, boxes have the names that most have.
fn style_of(host: Option<DnsHost>) -> &'static Style {
    host.and_then(forms::of).unwrap_or(&forms::GENERAL)
}

/// The line that says where to type.
fn destination(host: Option<DnsHost>, origin: &Name) -> String {
    let zone = plain_text(origin);
    match host {
        Some(host) => format!("To type into the form of {}, in the zone {zone}.", host.title()),
        None => format!("To type into the form of the DNS host, in the zone {zone}."),
    }
}

/// Appends the table of a type, where there are records of it.
fn write_table(
    sheet: &Sheet<'_>,
    style: &Style,
    rtype: RecordType,
    out: &mut String,
) -> fmt::Result {
    let columns = style.columns(rtype);
    let sets = sheet.sets().iter().filter(|(_, set)| set.record_type() == rtype);
    let mut denials = false;
    let mut rows: Vec<Vec<String>> = vec![columns.iter().map(|(it, _)| (*it).to_owned()).collect()];
    for (purpose, set) in sets {
        denials |= purpose.is_denial();
        let origin = sheet.origin();
        rows.extend(set.rdatas().iter().map(|data| {
            let typed = Typed { style, columns, origin, owner: set.owner(), ttl: set.ttl(), data };
            columns.iter().map(|(_, content)| typed.cell(*content)).collect()
        }));
    }
    if rows.len() == 1 {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "{} records", zonefile::type_name(rtype))?;
    if denials {
        writeln!(out, "{DENIALS}")?;
    }
    // The last box is as wide as the name in it, and nothing stands right of it.
    let widths: Vec<usize> = (0..columns.len().saturating_sub(1))
        .map(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or_default())
        .collect();
    for row in &rows {
        out.push_str(INDENT);
        for (at, cell) in row.iter().enumerate() {
            match widths.get(at) {
                Some(&width) => write!(out, "{cell:width$}  ")?,
                None => writeln!(out, "{cell}")?,
            }
        }
    }
    Ok(())
}
