//! The table that a person types from: the boxes stand where their titles do.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Lines;

use hickory_proto::rr::{Name, RecordType};
use mailsrv::dns_host::DnsHost;
use mailsrv::name::plain_text;
use mailsrv::zonefile;

use super::parts::{number, record};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "form",
    read,
    mistakes: &[
        ("0         1       993 ", "1         0       993 "),
        ("0         1       993 ", "0         1       995 "),
        ("0         1       993 ", "0         1       9930"),
        ("  _pop3s ", "  _pop3  "),
        ("0         20      993   imap", "0         20      993   imaq"),
        ("3600", "3601"),
        ("path=/a", "\"path=/a"),
        ("zone provider.example.", "zone example.org."),
    ],
    refused: &[("", "there is no heading"), ("Mail\n", "names no form")],
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

const INDENT: &str = "  ";

/// What stands for a box that is left empty, and what is said where there is one.
const EMPTY: &str = "(empty)";
const LEAVE_EMPTY: &str = "(empty): leave the box empty.";

/// Said where targets are typed with a final dot.
const END_WITH_DOT: [&str; 2] =
    ["Targets end with a dot: without it the form completes them, too.", "Targets end with a dot."];

/// Said where owner names are typed whole.
const ABSOLUTE: &str =
    "Names are typed whole, with a dot at their end; targets are typed without it.";

/// What the box for a priority or a preference is called.
const PRIORITY: [&str; 4] = ["Priority", "Prio", "MX Level", "(right of Value)"];

/// What a box holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Box {
    /// The owner name; in the table of SRV records beside boxes for the first two labels, what
    /// follows these.
    Owner,
    Service,
    Protocol,
    Ttl,
    /// A number, or a word of another type; these stand in the order of presentation form.
    Priority,
    Weight,
    Port,
    Usage,
    Selector,
    Matching,
    /// The last box holds the rest of the data.
    WeightPortTarget,
    Whole,
    Target,
    Text,
    Bits,
}

impl Box {
    /// The last box of a table holds the rest of the data, whatever it is called.
    ///
    /// Without another box for a priority, the numbers are in it, too.
    fn of(title: &str, rtype: RecordType, is_last: bool, has_priority: bool) -> Self {
        match (is_last, rtype, title) {
            (true, RecordType::SRV, "Destination SRV" | "Data") => Self::WeightPortTarget,
            (true, RecordType::SRV | RecordType::MX, _) if !has_priority => Self::Whole,
            (true, RecordType::SRV | RecordType::CNAME | RecordType::MX, _) => Self::Target,
            (true, RecordType::TXT, _) => Self::Text,
            (true, ..) => Self::Bits,
            (_, _, "Service" | "Service name") => Self::Service,
            (_, _, "Protocol" | "Protocol name") => Self::Protocol,
            (_, _, "TTL" | "TTL (seconds)") => Self::Ttl,
            (_, _, title) if PRIORITY.contains(&title) => Self::Priority,
            (_, _, "Weight") => Self::Weight,
            (_, _, "Port" | "Target Port") => Self::Port,
            (_, _, "Usage") => Self::Usage,
            (_, _, "Selector") => Self::Selector,
            (_, _, "Matching type") => Self::Matching,
            _ => Self::Owner,
        }
    }
}

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let mut lines = text.lines().peekable();
    lines.next().filter(|heading| !heading.is_empty()).ok_or("there is no heading")?;
    let named = lines.next().unwrap_or_default();
    names_form(named, origin)?;
    let notes = std::iter::from_fn(|| lines.next_if(|line| !line.is_empty()));
    let style = Style::of(notes);
    let mut readings = Vec::new();
    while lines.next_if_eq(&"").is_some() {
        read_table(&mut lines, style, origin, &mut readings)?;
    }
    match lines.next() {
        Some(line) => Err(format!("`{line}` stands where a blank line should")),
        None => Ok(readings),
    }
}

/// Refuses what does not say where to type.
pub(super) fn names_form(named: &str, origin: &Name) -> Result<(), String> {
    let titles = DnsHost::ALL.iter().map(|host| host.title()).chain(["the DNS host"]);
    let zone = plain_text(origin);
    let line = |title| format!("To type into the form of {title}, in the zone {zone}.");
    if titles.into_iter().any(|title| line(title) == named) {
        return Ok(());
    }
    Err(format!("`{named}` names no form and zone"))
}

/// What the notes say of a form.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether targets end with a dot.
    dot: bool,
    /// Whether a box may be left empty.
    empty: bool,
    /// Whether owner names are typed whole.
    absolute: bool,
}

impl Style {
    pub(super) fn of<'a>(notes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut style = Self { dot: false, empty: false, absolute: false };
        for note in notes {
            style.dot |= END_WITH_DOT.contains(&note);
            style.empty |= note == LEAVE_EMPTY;
            style.absolute |= note == ABSOLUTE;
        }
        style
    }
}

/// Reads a row of a table from its cells.
pub(super) fn read_row(
    (titles, cells): (&[&str], &[&str]),
    style: Style,
    origin: &Name,
    rtype: RecordType,
) -> Result<Reading, String> {
    let boxes = named(titles, rtype).ok_or_else(|| format!("{titles:?} are no boxes"))?;
    if boxes.len() != cells.len() || cells.iter().any(|cell| cell.is_empty()) {
        return Err(format!("{cells:?} are not for {titles:?}"));
    }
    let typed = boxes.into_iter().zip(cells.iter().copied()).collect();
    Row { typed, style, origin, rtype }.read()
}

/// The type of the records below a title.
pub(super) fn titled(title: &str) -> Result<RecordType, String> {
    TYPES
        .into_iter()
        .find(|rtype| title.strip_suffix(" records") == Some(&zonefile::type_name(*rtype)))
        .ok_or_else(|| format!("`{title}` is no title of a table"))
}

fn read_table(
    lines: &mut Peekable<Lines<'_>>,
    style: Style,
    origin: &Name,
    readings: &mut Vec<Reading>,
) -> Result<(), String> {
    let rtype = titled(lines.next().unwrap_or_default())?;
    let _said = lines.next_if_eq(&DENIALS);
    let (places, boxes) = boxes(lines.next().unwrap_or_default(), rtype)?;
    while let Some(line) = lines.next_if(|line| !line.is_empty()) {
        let typed = boxes.iter().copied().zip(cells(line, &places)?).collect();
        readings.push(Row { typed, style, origin, rtype }.read()?);
    }
    Ok(())
}

/// Where the boxes begin, in octets, and what they hold; two blanks at least part their titles.
fn boxes(line: &str, rtype: RecordType) -> Result<(Vec<usize>, Vec<Box>), String> {
    let mistake = || format!("`{line}` does not have the titles of the boxes");
    let mut places = Vec::new();
    let mut titles = Vec::new();
    let mut rest = line.strip_prefix(INDENT).ok_or_else(mistake)?;
    while !rest.is_empty() {
        places.push(line.len() - rest.len());
        let (title, after) = rest.split_once("  ").unwrap_or((rest, ""));
        titles.push(title);
        rest = after.trim_start_matches(' ');
    }
    let is_title = |title: &&str| !title.is_empty() && title.trim() == *title;
    if !titles.iter().all(is_title) || line.ends_with(' ') {
        return Err(mistake());
    }
    named(&titles, rtype).map(|boxes| (places, boxes)).ok_or_else(mistake)
}

/// What the boxes of these titles hold; None where two hold the same.
fn named(titles: &[&str], rtype: RecordType) -> Option<Vec<Box>> {
    let has_priority = titles.iter().any(|title| PRIORITY.contains(title));
    let boxes = titles.iter().enumerate();
    let boxes: Vec<Box> = boxes
        .map(|(at, title)| Box::of(title, rtype, at + 1 == titles.len(), has_priority))
        .collect();
    let twice = boxes.iter().enumerate().any(|(at, it)| boxes[..at].contains(it));
    (!twice).then_some(boxes)
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
    typed: Vec<(Box, &'a str)>,
    style: Style,
    origin: &'a Name,
    rtype: RecordType,
}

impl Row<'_> {
    fn read(&self) -> Result<Reading, String> {
        for (content, cell) in &self.typed {
            if *content != Box::Text {
                plain(cell, *content)?;
            }
        }
        let ttl = self.find(Box::Ttl).map(number).transpose()?;
        let rtype = zonefile::type_name(self.rtype);
        record(&self.owner()?, ttl, &rtype, &self.rdata()?, Some(self.origin))
    }

    fn find(&self, wanted: Box) -> Option<&str> {
        self.typed.iter().find(|(holds, _)| *holds == wanted).map(|(_, cell)| *cell)
    }

    fn owner(&self) -> Result<String, String> {
        let mut labels = Vec::new();
        labels.extend(self.find(Box::Service).map(label).transpose()?);
        if let Some(typed) = self.find(Box::Protocol) {
            let (protocol, rest) = typed.split_once('.').unwrap_or((typed, ""));
            labels.push(label(protocol)?);
            labels.extend((!rest.is_empty()).then(|| rest.to_owned()));
        }
        match self.find(Box::Owner) {
            Some(owner) => labels.extend(self.relative(owner)?.map(str::to_owned)),
            None if labels.is_empty() => return Err("no box has the owner name".to_owned()),
            None => {}
        }
        Ok(if labels.is_empty() { "@".to_owned() } else { labels.join(".") })
    }

    /// None for the zone itself.
    fn relative<'a>(&self, typed: &'a str) -> Result<Option<&'a str>, String> {
        match typed {
            _ if self.style.absolute => match typed.ends_with('.') {
                true => Ok(Some(typed)),
                false => Err(format!("`{typed}` is not whole")),
            },
            "@" if !self.style.empty => Ok(None),
            EMPTY if self.style.empty => Ok(None),
            "@" | EMPTY => Err(format!("`{typed}` is not what the form wants for the zone")),
            _ if typed.ends_with('.') => Err(format!("`{typed}` is not relative")),
            _ => Ok(Some(typed)),
        }
    }

    /// The data in presentation form, in the order of RFC 2782, RFC 1035 and RFC 6698.
    fn rdata(&self) -> Result<String, String> {
        let mut parts = Vec::new();
        for wanted in [
            Box::Priority,
            Box::Weight,
            Box::Port,
            Box::WeightPortTarget,
            Box::Whole,
            Box::Target,
            Box::Usage,
            Box::Selector,
            Box::Matching,
            Box::Bits,
            Box::Text,
        ] {
            let Some(cell) = self.find(wanted) else { continue };
            parts.push(match wanted {
                Box::Target => self.target(cell)?,
                Box::WeightPortTarget => match cell.split(' ').collect::<Vec<_>>().as_slice() {
                    [weight, port, target] => format!("{weight} {port} {}", self.target(target)?),
                    _ => return Err(format!("`{cell}` is not weight, port and target")),
                },
                Box::Whole => {
                    let (numbers, target) =
                        cell.rsplit_once(' ').ok_or_else(|| format!("`{cell}` is not all"))?;
                    format!("{numbers} {}", self.target(target)?)
                }
                Box::Text => quoted(cell)?,
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

/// A label as it begins with an underscore, without it, or without it in capitals.
fn label(typed: &str) -> Result<String, String> {
    let bare = typed.strip_prefix('_').unwrap_or(typed);
    match bare == bare.to_ascii_lowercase() || typed == typed.to_ascii_uppercase() {
        true => Ok(format!("_{}", bare.to_ascii_lowercase())),
        false => Err(format!("`{typed}` is not spelled as a form wants it")),
    }
}

/// Refuses what would mean something to a reader of presentation form.
fn plain(cell: &str, content: Box) -> Result<(), String> {
    let fits = |octet| match octet {
        b' ' => matches!(content, Box::WeightPortTarget | Box::Whole),
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

const TEXT: &str = "\
Mail client settings for example.com
To type into the form of Hover, in the zone example.com.

SRV records
  Hostname     Priority  Weight  Port  Target
  _imaps._tcp  0         1       993   mail.example.com

TXT records
  Hostname  Value
  x         \"a\" \"b\"
";

#[test]
fn a_text_that_is_not_ours_is_refused() {
    #[track_caller]
    fn check(from: &str, to: &str, part: &str) {
        let text = TEXT.replacen(from, to, 1);
        assert_ne!(text, TEXT);
        let error = read(&text, &super::name("example.com.")).expect_err(&text);
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(read(TEXT, &super::name("example.com.")).map(|readings| readings.len()), Ok(2));
    check("Hover", "Heaver", "names no form");
    check("zone example.com", "zone example.net", "names no form");
    check("SRV records", "NS records", "is no title of a table");
    check("Weight  Port", "Port  Weight", "is not aligned");
    check("Priority  ", "Priority ", "does not have the titles");
    check("Port  Target", "Port  Target ", "does not have the titles");
    check("Port  Target", "Port  Port  T", "does not have the titles");
    check("Hostname     Priority", "Weight       Priority", "does not have the titles");
    check("0         1 ", "0          1", "is not aligned");
    check("0         1 ", "          1 ", "is not aligned");
    check("_tcp  0", "_tcp.0", "is not aligned");
    check("mail.example.com\n", "mail.example.com.\n", "does not end as");
    check("mail.example.com\n", "mail.example.com ;\n", "does not fit its box");
    check("mail.example.com\n", "mail.example.com \n", "is not aligned");
    check("_imaps._tcp ", "_imaps.tcp. ", "is not relative");
    check("_imaps._tcp  ", "_imaps(_tcp) ", "is not aligned");
    check("_imaps._tcp", "_imaps;_tcp", "does not fit its box");
    check("_imaps._tcp", "(empty)    ", "not what the form wants");
    check("993 ", "99x ", "99x");
    check("\"b\"", "\"b\" ; c", "is not in quotation marks");
    check("\"b\"", "\"b", "has no end");
    check("\"a\" \"b\"", "\u{fc}", "is not ASCII");
    check("Mail client settings for example.com", "", "there is no heading");
    // The rest of the text belongs to another domain, and is no table.
    check("\nTXT", "\n\nTXT", "is no title of a table");
}
