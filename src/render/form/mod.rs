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
use super::{COMMON, Mending, Sheet, Spec, zone};
use crate::dns_host::DnsHost;
use crate::name::plain_text;
use crate::rrset::{ResourceRecord, RrSet, is_denial};
use crate::words::push_wrapped;
use crate::zonefile;

/// Which form is meant is said with `--for`.
pub(super) const SPEC: Spec = Spec {
    word: "form",
    headline: "table to type from, box by box, into the form of a DNS host (--for)",
    extension: "txt",
    separator: "\n\n",
    mending: Mending { deletes: true, ..Mending::COMMON },
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
pub(super) const DENIALS: &str = "A single dot as the target says that the service is not offered.";

/// The columns that a sentence above the tables takes at most.
const WIDTH: usize = 80;

/// Two blanks stand in front of every row.
const INDENT: &str = "  ";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "{}", sheet.heading())?;
    writeln!(out, "{}", form_destination(sheet.dns_host(), sheet.origin()))?;
    let tables = tables(sheet);
    for note in form_notes(sheet.dns_host(), &tables) {
        writeln!(out, "{note}")?;
    }
    if let Some(note) = sheet.plan().and_then(zone::spelled) {
        push_wrapped(out, &note, 0, WIDTH);
    }
    // An alias wants its name for itself.
    for table in &tables_of_gone(sheet) {
        writeln!(out)?;
        writeln!(out, "{}", title_of_gone(table))?;
        out.push_str(&table.text(INDENT));
    }
    for table in &tables {
        writeln!(out)?;
        writeln!(out, "{} records", zonefile::type_name(table.rtype))?;
        if table.denies {
            writeln!(out, "{DENIALS}")?;
        }
        out.push_str(&table.text(INDENT));
    }
    Ok(())
}

/// What is typed into the form of a DNS host for records of one type: a row for each.
///
/// ```
/// use hickory_proto::rr::{Name, RecordType};
/// use mailsrv::hosting::{Columns, Hosting};
/// use mailsrv::render::Boxes;
///
/// let domain = "example.com".parse()?;
/// let plan = mailsrv::plan::plan(&domain, &Hosting::documented(), &Columns::default())?;
/// let (_, set) = plan.published().next().unwrap();
/// let host = Some("name.com".parse()?);
/// let boxes = Boxes::of(host, domain.name(), RecordType::SRV, set.records()).unwrap();
/// assert_eq!(boxes.titles[..3], ["Service", "Weight", "TTL"]);
/// assert_eq!(boxes.rows[0][..3], ["imaps", "1", "3600"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxes {
    /// The type of the records.
    pub rtype: RecordType,
    /// What the boxes are called, in the order of the form.
    pub titles: Vec<&'static str>,
    /// What is typed, a text for each box.
    pub rows: Vec<Vec<String>>,
    /// Whether a record has the target `.`, which says that a service is not offered.
    pub(super) denies: bool,
}

impl Boxes {
    /// Fills in the form of a DNS host, for records of one type in the zone of an origin; without a
    /// host, and of one whose form is not known, boxes have the names that most have.
    ///
    /// None where there are no records, or where no form has boxes for the type.
    pub fn of(
        host: Option<DnsHost>,
        origin: &Name,
        rtype: RecordType,
        records: impl IntoIterator<Item = ResourceRecord>,
    ) -> Option<Self> {
        let style = style_of(host);
        let columns = style.columns(rtype);
        let mut denies = false;
        let rows: Vec<Vec<String>> = records
            .into_iter()
            .map(|ResourceRecord { owner, ttl, data }| {
                denies |= is_denial(&data);
                let typed = Typed { style, columns, origin, owner: &owner, ttl, data: &data };
                columns.iter().map(|(_, content)| typed.cell(*content)).collect()
            })
            .collect();
        let titles: Vec<_> = columns.iter().map(|(title, _)| *title).collect();
        let is_any = !rows.is_empty() && !titles.is_empty();
        is_any.then_some(Self { rtype, titles, rows, denies })
    }

    /// Leaves out what is typed for the TTL, where records are looked for and not made.
    #[must_use]
    pub fn without_ttl(mut self) -> Self {
        if let Some(at) = self.titles.iter().position(|title| title.starts_with("TTL")) {
            self.titles.remove(at);
            for row in &mut self.rows {
                row.remove(at);
            }
        }
        self
    }

    /// Lines the boxes up, each row behind an indentation; the first line has the titles.
    ///
    /// The last box is as wide as the name in it, and nothing stands right of it.
    pub fn text(&self, indent: &str) -> String {
        let titles = self.titles.iter().map(|title| (*title).to_owned()).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&titles).chain(&self.rows).collect();
        let widths: Vec<usize> = (0..titles.len().saturating_sub(1))
            .map(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or_default())
            .collect();
        let mut out = String::new();
        for row in rows {
            out.push_str(indent);
            for (at, cell) in row.iter().enumerate() {
                let _infallible = match widths.get(at) {
                    Some(&width) => write!(out, "{cell:width$}  "),
                    None => writeln!(out, "{cell}"),
                };
            }
        }
        out
    }

    /// Lines the boxes up as [`Self::text`] does where they fit into so many columns; else every box
    /// has a line, behind its title, and an empty line stands between two records.
    pub fn text_within(&self, indent: &str, columns: usize) -> String {
        let table = self.text(indent);
        if table.lines().all(|line| line.chars().count() <= columns) {
            return table;
        }
        let width = self.titles.iter().map(|title| title.len()).max().unwrap_or_default();
        let records = self.rows.iter().map(|row| {
            let boxes = self.titles.iter().zip(row);
            let lines = boxes.map(|(title, cell)| format!("{indent}{title:width$}  {cell}\n"));
            lines.collect::<String>()
        });
        records.collect::<Vec<_>>().join("\n")
    }

    /// Whether a box is left empty.
    fn leaves_empty(&self) -> bool {
        self.rows.iter().flatten().any(|cell| cell == style::EMPTY)
    }
}

/// What is typed for each record type of a sheet.
pub(super) fn tables(sheet: &Sheet<'_>) -> Vec<Boxes> {
    let sets: Vec<&RrSet> = sheet.sets().iter().map(|(_, set)| *set).collect();
    tables_of(sheet, &sets)
}

/// What is looked for and deleted, for each record type; a TTL says nothing there.
pub(super) fn tables_of_gone(sheet: &Sheet<'_>) -> Vec<Boxes> {
    let sets: Vec<&RrSet> = sheet.gone().unwrap_or_default().iter().collect();
    tables_of(sheet, &sets).into_iter().map(Boxes::without_ttl).collect()
}

/// What stands above a table of what is deleted.
pub(super) fn title_of_gone(table: &Boxes) -> String {
    format!("{} records to delete", zonefile::type_name(table.rtype))
}

fn tables_of(sheet: &Sheet<'_>, sets: &[&RrSet]) -> Vec<Boxes> {
    let of = |rtype: RecordType| {
        let sets = sets.iter().filter(|set| set.record_type() == rtype);
        let records = sets.flat_map(|set| set.records());
        Boxes::of(sheet.dns_host(), sheet.origin(), rtype, records)
    };
    TYPES.into_iter().filter_map(of).collect()
}

/// What to know before these are typed into the form of a DNS host, a sentence each.
pub fn form_notes(host: Option<DnsHost>, boxes: &[Boxes]) -> Vec<&'static str> {
    let leaves_empty = boxes.iter().any(Boxes::leaves_empty);
    let notes = style_of(host).notes.iter().copied();
    notes.filter(|note| leaves_empty || *note != style::LEAVE_EMPTY).collect()
}

/// Of a DNS host whose form is not known, boxes have the names that most have.
fn style_of(host: Option<DnsHost>) -> &'static Style {
    host.and_then(forms::of).unwrap_or(&forms::GENERAL)
}

/// The line that says where to type.
pub fn form_destination(host: Option<DnsHost>, origin: &Name) -> String {
    let zone = plain_text(origin);
    match host {
        Some(host) => format!("To type into the form of {}, in the zone {zone}.", host.title()),
        None => format!("To type into the form of the DNS host, in the zone {zone}."),
    }
}
