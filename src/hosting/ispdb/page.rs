//! An imported profile as a file, with comments that say where it is from and what it lacks.

use super::{Imported, Loss};
use crate::hosting::file;
use crate::name::printable;

impl Imported {
    /// Writes the profile below comments that name the document, if it has a name, and what it says
    /// more.
    pub fn page(&self, document: Option<&str>) -> String {
        let mut page = String::new();
        let from = document.map(|name| format!(" from {name}")).unwrap_or_default();
        let ending = if self.domains.is_empty() { "." } else { ", which is for" };
        comment(&mut page, &format!("# Imported{from}{ending}"));
        for line in filled(&self.domains) {
            comment(&mut page, &format!("#   {line}"));
        }
        if !self.losses.is_empty() {
            comment(&mut page, "#");
            comment(&mut page, "# The document says more than this profile:");
        }
        for (reason, places) in by_reason(&self.losses) {
            comment(&mut page, &format!("# - {reason}:"));
            for line in filled(&places) {
                comment(&mut page, &format!("#     {line}"));
            }
        }
        page.push('\n');
        page.push_str(&file::write(&self.hosting));
        page
    }
}

/// A comment ends with its line, whatever is quoted in it.
fn comment(page: &mut String, text: &str) {
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    page.extend(printable(text).chars().map(visible));
    page.push('\n');
}

/// The losses, those of one reason together; in the order of the document.
fn by_reason(losses: &[Loss]) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for Loss { path, line, reason } in losses {
        let reason = reason.to_string();
        let place = format!("{path} (line {line})");
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, places)) => places.push(place),
            None => groups.push((reason, vec![place])),
        }
    }
    groups
}

/// Lists items on lines of moderate length.
fn filled(items: &[String]) -> Vec<String> {
    const WIDTH: usize = 100;
    let mut lines: Vec<String> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let comma = if place + 1 == items.len() { "" } else { "," };
        match lines.last_mut() {
            Some(line) if line.len() + item.len() + 2 <= WIDTH => {
                line.push(' ');
                line.push_str(item);
                line.push_str(comma);
            }
            _ => lines.push(format!("{item}{comma}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_line_is_filled_to_its_last_column() {
        let lines = |lengths: [usize; 3]| -> Vec<usize> {
            let items = lengths.map(|length| "x".repeat(length));
            filled(&items).iter().map(String::len).collect()
        };
        assert_eq!(lines([49, 48, 1]), [100, 1]);
        assert_eq!(lines([49, 49, 1]), [50, 52]);
    }
}
