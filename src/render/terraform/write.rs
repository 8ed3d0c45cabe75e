//! Writes HCL as `terraform fmt` lays it out.

use std::fmt::{self, Display, Write};

use crate::name::plain_text;
use crate::render::Sheet;
use crate::rrset::RrSet;
use crate::zonefile;

/// What stands in the body of a resource.
pub(super) enum Item {
    /// An argument, as HCL has its value.
    Argument(&'static str, String),
    /// An argument whose value is an object.
    Object(&'static str, Vec<(&'static str, String)>),
    /// A nested block.
    Block(&'static str, Vec<(&'static str, String)>),
}

/// Appends what a sheet is for, as a comment.
pub(super) fn heading(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())
}

/// Appends a resource after a blank line.
pub(super) fn resource(rtype: &str, name: &str, body: &[Item], out: &mut String) -> fmt::Result {
    writeln!(out, "\nresource \"{rtype}\" \"{name}\" {{")?;
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        match first {
            Item::Argument(..) => {
                let arguments: Vec<(&str, &str)> = rest
                    .iter()
                    .map_while(|item| match item {
                        Item::Argument(key, value) => Some((*key, value.as_str())),
                        Item::Object(..) | Item::Block(..) => None,
                    })
                    .collect();
                aligned("  ", arguments.iter().copied(), out)?;
                rest = rest.get(arguments.len()..).unwrap_or_default();
                continue;
            }
            Item::Object(key, members) => nested("", &format!("{key} ="), members, out)?,
            Item::Block(word, arguments) => nested("\n", word, arguments, out)?,
        }
        rest = after;
    }
    writeln!(out, "}}")
}

/// Appends a block, or an object behind its equals sign.
fn nested(before: &str, head: &str, arguments: &[(&str, String)], out: &mut String) -> fmt::Result {
    writeln!(out, "{before}  {head} {{")?;
    aligned("    ", arguments.iter().map(|(key, value)| (*key, value.as_str())), out)?;
    writeln!(out, "  }}")
}

/// Arguments on lines that follow each other have their equals signs in one column.
fn aligned<'a>(
    indent: &str,
    mut arguments: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    out: &mut String,
) -> fmt::Result {
    let width = arguments.clone().map(|(key, _)| key.len()).max().unwrap_or_default();
    arguments.try_for_each(|(key, value)| writeln!(out, "{indent}{key:width$} = {value}"))
}

/// The name of the resource for an RRset: its type and its owner name with underscores for the
/// dots.
///
/// Labels of ours have an underscore in front at most, so that different owner names have different
/// ones; and the type stands in front because a name that begins with a digit is none.
pub(super) fn identifier(set: &RrSet) -> String {
    let mut name = zonefile::type_name(set.record_type()).to_ascii_lowercase();
    name.push('_');
    name.extend(plain_text(set.owner()).chars().map(|character| match character {
        '.' => '_',
        '-' | '_' | 'A'..='Z' | 'a'..='z' | '0'..='9' => character,
        _ => '-',
    }));
    name
}

/// A quoted string; `${` and `%{` would begin a template.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => out.extend([character, character]),
            _ if character.is_control() => {
                let _infallible = write!(out, "\\u{:04X}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// A list of quoted strings, on one line.
pub(super) fn list(texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(&text)).collect();
    format!("[{}]", texts.join(", "))
}

/// What a variable holds for the zone of a sheet.
pub(super) fn per_zone(variable: &str, sheet: &Sheet<'_>) -> String {
    format!("var.{variable}[{}]", quoted(&plain_text(sheet.origin())))
}

/// A number, as HCL has it.
pub(super) fn number(number: impl Display) -> String {
    number.to_string()
}
