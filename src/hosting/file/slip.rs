//! Placeholders that are likely slips, with their places.

use super::diagnose::{Fault, Problem, ProfileError, line};
use super::span::Span;
use super::tree::{self, Node, Value};
use crate::hosting::column_name;

/// Says of a profile that a column in it is likely a slip, at the first place that reads it.
///
/// `meant` is the placeholder that was likely meant. None where the profile does not read the column.
///
/// ```
/// use mailsrv::hosting::file;
///
/// let slip = file::slip("host: 'mail.{domian}'\nimap: true\n", "p.yaml", "domian", "domain").unwrap();
/// assert_eq!((slip.line(), slip.column(), slip.field()), (1, 13, "host"));
/// ```
pub fn slip(text: &str, file: &str, column: &str, meant: &str) -> Option<ProfileError> {
    let root = tree::read(text).ok()?;
    let (span, path) = find(&root, "", column)?;
    let problem = Problem::Slip { column: column.to_owned(), meant: meant.to_owned() };
    let fault = Fault::new(within(text, span, column), &path, problem);
    Some(ProfileError::new(fault, text, file))
}

/// The first scalar that reads a column, and the path of its field.
fn find(node: &Node, path: &str, column: &str) -> Option<(Span, String)> {
    match &node.value {
        Value::Scalar { text, .. } => {
            placeholder(text, column).map(|_| (node.span, path.to_owned()))
        }
        Value::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| find(item, &format!("{path}[{at}]"), column)),
        Value::Map(entries) => entries.iter().find_map(|(key, node)| {
            let dot = if path.is_empty() { "" } else { "." };
            find(node, &format!("{path}{dot}{}", key.text), column)
        }),
    }
}

/// The place of the placeholder in a scalar, where it is written as it is read.
fn within(text: &str, span: Span, column: &str) -> Span {
    let line = line(text, span.line);
    let behind: String = line.chars().skip(span.column - 1).collect();
    let Some((before, length)) = placeholder(&behind, column) else { return span };
    Span { column: span.column + before, length, ..span }
}

/// Where a column is read, and how long its placeholder is, in characters.
fn placeholder(text: &str, column: &str) -> Option<(usize, usize)> {
    text.match_indices('{').find_map(|(at, _)| {
        let (name, _) = text[at + 1..].split_once('}')?;
        let is_meant = column_name(name) == column;
        is_meant.then(|| (text[..at].chars().count(), name.chars().count() + 2))
    })
}
