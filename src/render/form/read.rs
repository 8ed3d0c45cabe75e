//! Reads the table back: the boxes stand where their titles do.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Lines;

use hickory_proto::rr::{Name, RecordType};

use super::style::{Column, Content, EMPTY, LEAVE_EMPTY, Style, leaves_empty};
use super::{DENIALS, INDENT, TYPES, destination, style_of};
use crate::dns_host::DnsHost;
use crate::render::read::{Reading, number, record};
use crate::zonefile;

pub(super) fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let mut lines = text.lines().peekable();
    lines.next().filter(|heading| !heading.is_empty()).ok_or("there is no heading")?;
    let named = lines.next().unwrap_or_default();
    let hosts = DnsHost::ALL.iter().copied().map(Some).chain([None]);
    let host = hosts
        .into_iter()
        .find(|host| destination(*host, origin) == named)
        .ok_or_else(|| format!("`{named}` names no form and zone"))?;
    let style = style_of(host);
    let leaves_empty = leaves_empty(text);
    for note in style.notes.iter().filter(|note| leaves_empty || **note != LEAVE_EMPTY) {
        expect(&mut lines, note)?;
    }
    let mut readings = Vec::new();
    while lines.peek().is_some() {
        expect(&mut lines, "")?;
        read_table(&mut lines, style, origin, &mut readings)?;
    }
    Ok(readings)
}

fn expect(lines: &mut Peekable<Lines<'_>>, wanted: &str) -> Result<(), String> {
    match lines.next() {
        Some(line) if line == wanted => Ok(()),
        other => Err(format!("`{}` stands where `{wanted}` should", other.unwrap_or_default())),
    }
}

fn read_table(
    lines: &mut Peekable<Lines<'_>>,
    style: &Style,
    origin: &Name,
    readings: &mut Vec<Reading>,
) -> Result<(), String> {
    let title = lines.next().unwrap_or_default();
    let rtype = TYPES
        .into_iter()
        .find(|rtype| title.strip_suffix(" records") == Some(&zonefile::type_name(*rtype)))
        .ok_or_else(|| format!("`{title}` is no title of a table"))?;
    let _said = lines.next_if_eq(&DENIALS);
    let columns = style.columns(rtype);
    let places = places(lines.next().unwrap_or_default(), columns)?;
    while let Some(line) = lines.next_if(|line| !line.is_empty()) {
        let cells = cells(line, &places)?;
        let typed = columns.iter().map(|(_, content)| *content).zip(cells).collect();
        readings.push(Row { typed, style, origin, rtype }.read()?);
    }
    Ok(())
}

/// Where the titles of the boxes begin, in octets.
fn places(line: &str, columns: &[Column]) -> Result<Vec<usize>, String> {
    let mistake = || format!("`{line}` does not have the titles of the boxes");
    let mut places = Vec::new();
    let mut at = INDENT.len();
    for (number, (title, _)) in columns.iter().enumerate() {
        let rest = line.get(at..).ok_or_else(mistake)?;
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let aligned = if number == 0 { blanks == 0 } else { blanks >= 2 };
        if !aligned || !rest.trim_start_matches(' ').starts_with(title) {
            return Err(mistake());
        }
        places.push(at + blanks);
        at += blanks + title.len();
    }
    if at == line.len() && line.starts_with(INDENT) { Ok(places) } else { Err(mistake()) }
}

fn cells<'a>(line: &'a str, places: &[usize]) -> Result<Vec<&'a str>, String> {
    let mistake = || format!("`{line}` is not aligned with the titles of the boxes");
    let ends = places.iter().skip(1).copied().chain([line.len()]);
    let mut cells = Vec::new();
    for (begin, end) in places.iter().copied().zip(ends) {
        let gap = line.get(begin - 2..begin).ok_or_else(mistake)?;
        let cell = line.get(begin..end).ok_or_else(mistake)?;
        let cell = if end == line.len() { cell } else { cell.trim_end_matches(' ') };
        if gap != "  " || cell.is_empty() || cell.trim() != cell {
            return Err(mistake());
        }
        cells.push(cell);
    }
    Ok(cells)
}

/// One line of a table, box by box.
struct Row<'a> {
    typed: Vec<(Content, &'a str)>,
    style: &'a Style,
    origin: &'a Name,
    rtype: RecordType,
}

impl Row<'_> {
    fn read(&self) -> Result<Reading, String> {
        for (content, cell) in &self.typed {
            if *content != Content::Text {
                plain(cell, *content)?;
            }
        }
        let ttl = self.find(|content| content == Content::Ttl);
        let ttl = ttl.map(|(_, ttl)| number(ttl)).transpose()?;
        let rtype = zonefile::type_name(self.rtype);
        record(&self.owner()?, ttl, &rtype, &self.rdata()?, Some(self.origin))
    }

    fn find(&self, wanted: impl Fn(Content) -> bool) -> Option<(Content, &str)> {
        self.typed.iter().copied().find(|(content, _)| wanted(*content))
    }

    fn owner(&self) -> Result<String, String> {
        if let Some((_, owner)) = self.find(|content| content == Content::Owner) {
            return Ok(self.relative(owner)?.unwrap_or("@").to_owned());
        }
        let mut labels = Vec::new();
        if let Some((Content::Service(spelling), service)) =
            self.find(|content| matches!(content, Content::Service(_)))
        {
            labels.push(spelling.label(service)?);
        }
        if let Some((Content::Protocol(spelling), typed)) =
            self.find(|content| matches!(content, Content::Protocol(_)))
        {
            let (protocol, rest) = typed.split_once('.').unwrap_or((typed, ""));
            labels.push(spelling.label(protocol)?);
            labels.extend((!rest.is_empty()).then(|| rest.to_owned()));
        }
        if let Some((_, name)) = self.find(|content| content == Content::Name) {
            labels.extend(self.relative(name)?.map(str::to_owned));
        }
        Ok(labels.join("."))
    }

    /// None for the zone itself.
    fn relative<'a>(&self, typed: &'a str) -> Result<Option<&'a str>, String> {
        match typed {
            _ if typed == self.style.apex => Ok(None),
            "@" | EMPTY => Err(format!("`{typed}` is not what the form wants for the zone")),
            _ if typed.ends_with('.') => Err(format!("`{typed}` is not relative")),
            _ => Ok(Some(typed)),
        }
    }

    /// The data in presentation form, in the order of RFC 2782, RFC 1035 and RFC 6698.
    fn rdata(&self) -> Result<String, String> {
        let mut parts = Vec::new();
        for wanted in [
            Content::Priority,
            Content::Weight,
            Content::Port,
            Content::WeightPortTarget,
            Content::Target,
            Content::Usage,
            Content::Selector,
            Content::Matching,
            Content::Certificate,
            Content::Bits,
            Content::Text,
        ] {
            let Some((_, cell)) = self.find(|content| content == wanted) else { continue };
            parts.push(match wanted {
                Content::Target => self.target(cell)?,
                Content::WeightPortTarget => match cell.split(' ').collect::<Vec<_>>().as_slice() {
                    [weight, port, target] => format!("{weight} {port} {}", self.target(target)?),
                    _ => return Err(format!("`{cell}` is not weight, port and target")),
                },
                Content::Text => quoted(cell)?,
                _ => cell.to_owned(),
            });
        }
        Ok(parts.join(" "))
    }

    fn target(&self, typed: &str) -> Result<String, String> {
        match (typed, self.style.dot) {
            (".", _) => Ok(typed.to_owned()),
            (_, true) if typed.ends_with('.') => Ok(typed.to_owned()),
            (_, false) if !typed.ends_with('.') => Ok(format!("{typed}.")),
            _ => Err(format!("`{typed}` does not end as the form wants targets to end")),
        }
    }
}

/// Refuses what would mean something to a reader of presentation form.
fn plain(cell: &str, content: Content) -> Result<(), String> {
    let fits = |octet| match octet {
        b' ' => content == Content::WeightPortTarget,
        b'(' | b')' => cell == EMPTY,
        b';' | b'"' | b'$' => false,
        _ => matches!(octet, b'!'..=b'~'),
    };
    if cell.bytes().all(fits) { Ok(()) } else { Err(format!("`{cell}` does not fit its box")) }
}

/// The text of a TXT record in presentation form.
fn quoted(cell: &str) -> Result<String, String> {
    if cell.starts_with('"') {
        // Strings and the blanks between them, and nothing that a reader passes over.
        let mut inside = false;
        let mut escaped = false;
        for octet in cell.bytes() {
            match octet {
                _ if escaped => escaped = false,
                b'\\' if inside => escaped = true,
                b'"' => inside = !inside,
                b' '..=b'~' if inside => {}
                b' ' => {}
                _ => return Err(format!("`{cell}` is not in quotation marks")),
            }
        }
        return if inside { Err(format!("`{cell}` has no end")) } else { Ok(cell.to_owned()) };
    }
    let mut out = String::from("\"");
    for character in cell.chars() {
        match character {
            '"' | '\\' => {
                let _infallible = write!(out, "\\{character}");
            }
            ' '..='~' => out.push(character),
            _ => return Err(format!("`{cell}` is not ASCII")),
        }
    }
    out.push('"');
    Ok(out)
}
