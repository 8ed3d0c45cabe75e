//! The header of a CSV list: where the mail domains stand, and what the other columns are called.

use std::sync::Arc;

use super::error::ListError;
use super::row::Row;
use crate::hosting::column_name;
use crate::name::{MailDomain, beginning};
use crate::words::{did_you_mean, enumerate, nearest};

/// What separates the fields: spreadsheets take semicolons where the comma is decimal, and copy with
/// tabs.
pub(super) const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The column that holds the mail domains, unless another one is named.
const DOMAIN: &str = "domain";

/// What the header says of the rows below it.
pub(super) struct Header {
    /// The columns beside the mail domain.
    pub(super) columns: Arc<[String]>,
    /// Where the mail domain stands among them.
    pub(super) domain: usize,
    pub(super) separator: u8,
}

impl Header {
    /// Reads the first line of a list; None where it is a mail domain itself.
    pub(super) fn read(
        text: &str,
        line: u64,
        column: Option<&str>,
    ) -> Result<Option<Self>, ListError> {
        let typed = column.unwrap_or(DOMAIN);
        let wanted = column_name(typed);
        let mut first = None;
        for separator in SEPARATORS {
            let named = names(text, separator);
            match named {
                Ok(names) if names.iter().any(|name| column_name(name) == wanted) => {
                    return Self::of(&names, &wanted, separator, line).map(Some);
                }
                other if text.as_bytes().contains(&separator) => {
                    first.get_or_insert(other);
                }
                _ => {}
            }
        }
        match first {
            None if column.is_none() => Ok(None),
            None => Err(no_column(line, column, &[text.to_owned()])),
            Some(Err(problem)) => Err(ListError::Header { line, problem }),
            Some(Ok(names)) => {
                let is_domain = |name: &&String| name.parse::<MailDomain>().is_ok();
                if let Some(domain) = names.iter().find(is_domain) {
                    let (wanted, domain) = (typed.to_owned(), domain.to_lowercase());
                    return Err(ListError::NoHeader { line, wanted, domain });
                }
                Err(no_column(line, column, &names))
            }
        }
    }

    /// Takes the names of the columns, of which one is the wanted one.
    fn of(names: &[String], wanted: &str, separator: u8, line: u64) -> Result<Self, ListError> {
        let mut names: Vec<String> = names.iter().map(|name| column_name(name)).collect();
        // Spreadsheets write columns that hold nothing, too.
        let twice = |(at, name): &(usize, &String)| !name.is_empty() && names[..*at].contains(name);
        if let Some((_, name)) = names.iter().enumerate().find(twice) {
            let problem = format!("the column `{}` stands there twice", beginning(name));
            return Err(ListError::Header { line, problem });
        }
        let domain = names.iter().position(|name| name == wanted).unwrap_or_default();
        names.remove(domain);
        Ok(Self { columns: names.into(), domain, separator })
    }

    /// Whether every field of a row is empty.
    pub(super) fn is_blank(&self, row: &str) -> bool {
        row.bytes().all(|octet| octet == self.separator || octet == b' ')
    }
}

/// Says which columns there are in place of the wanted one, and which of them is likely meant.
fn no_column(line: u64, column: Option<&str>, names: &[String]) -> ListError {
    let typed = column.unwrap_or(DOMAIN);
    let wanted = column_name(typed);
    let compared: Vec<String> = names.iter().map(|name| column_name(name)).collect();
    let near = nearest(&wanted, compared.iter().map(String::as_str), 0.8);
    let near = near.and_then(|near| names.iter().find(|name| column_name(name) == near));
    let named = names.iter().filter(|name| !name.is_empty());
    let found: Vec<String> = named.map(|name| format!("`{}`", beginning(name))).collect();
    // Nobody asks whether another word was meant for one that was not typed.
    let asked = near.filter(|_| column.is_some());
    let asked = asked.map(|name| format!("; {}", did_you_mean(name))).unwrap_or_default();
    let found = format!("{}{asked}", enumerate(&found));
    ListError::NoDomainColumn { line, wanted: beginning(typed), found, meant: near.cloned() }
}

/// The names of the columns as they are written, with one blank between words.
fn names(text: &str, separator: u8) -> Result<Vec<String>, String> {
    let mut row = Row::default();
    row.split(text, separator)?;
    Ok(row.fields().map(|field| field.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
}

/// Whether a line tells a spreadsheet alone how fields are separated: `sep=;`.
pub(super) fn names_separator(text: &str) -> bool {
    text.len() <= 5 && text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="))
}
