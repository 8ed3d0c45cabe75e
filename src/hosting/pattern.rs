//! Host names with placeholders, as a hosting profile writes them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::name::{HostName, MailDomain, NameError};
use crate::words::{enumerate, hint, slip_of};

/// A host name with placeholders: `mail.{domain}`, `{server}`, `server1.provider.example`.
///
/// ```
/// use mailsrv::hosting::{Columns, HostPattern};
///
/// let pattern: HostPattern = "{server}.provider.example".parse()?;
/// let columns = Columns::new([("server".to_owned(), "mx1".to_owned())]);
/// let host = pattern.expand(&"example.com".parse()?, &columns, None)?;
/// assert_eq!(host.to_string(), "mx1.provider.example");
/// assert_eq!(pattern.fixed(), None);
///
/// let error = pattern.expand(&"example.com".parse()?, &Columns::default(), None).unwrap_err();
/// assert!(error.to_string().starts_with("the profile needs a column `server`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    segments: Vec<Segment>,
    /// Set where there is no placeholder, so that it is checked once and not per domain.
    fixed: Option<HostName>,
}

/// A part of a pattern: text, or what stands for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Domain,
    Host,
    Column(String),
}

/// Says why a text is no host pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// A brace stands alone.
    #[error(
        "`{pattern}` has an unmatched brace; a placeholder is written {{domain}} or {{server}}"
    )]
    Brace {
        /// The pattern as typed.
        pattern: String,
    },
    /// A placeholder that could be the name of no column.
    #[error("`{{{placeholder}}}` is no placeholder: write the name of a column, as in {{server}}")]
    Placeholder {
        /// What stands between the braces.
        placeholder: String,
    },
    /// `{host}` inside the definition of the host.
    #[error("`{{host}}` stands for the default host and cannot be used to define it")]
    HostInHost,
    /// Without placeholders, the text is no host name.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Says why a pattern gives no host name for a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// The input has no such column.
    #[error(
        "the profile needs a column `{column}` for `{pattern}`{}; give a CSV input with that column in its header",
        hint(&likely_placeholder(.column))
    )]
    Column {
        /// The name of the column.
        column: String,
        /// The pattern that needs it.
        pattern: String,
    },
    /// The text that comes out is no host name.
    #[error("`{pattern}` gives no host name: {source}")]
    Name {
        /// The pattern.
        pattern: String,
        /// What is wrong with the result.
        source: NameError,
    },
}

/// Says why a column of a profile cannot be given a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnError {
    /// No host of the profile has such a placeholder.
    #[error("the profile has no placeholder `{{{column}}}`; {}", placeholders(.known))]
    Unread {
        /// The name of the column.
        column: String,
        /// The columns that it reads.
        known: Vec<String>,
    },
    /// With the value, a host is no host name.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

/// What a profile reads, in a sentence.
fn placeholders(columns: &[String]) -> String {
    let braced: Vec<String> = columns.iter().map(|column| format!("`{{{column}}}`")).collect();
    match braced.as_slice() {
        [] => "it reads no columns".to_owned(),
        braced => format!("it has {}", enumerate(braced)),
    }
}

/// The longest name of a column, in characters.
const MAX_COLUMN: usize = 64;

/// The name of a column as placeholders and headers are compared by it: in lower case, with one
/// blank between words.
///
/// ```
/// assert_eq!(mailsrv::hosting::column_name(" Mail  Server "), "mail server");
/// ```
pub fn column_name(typed: &str) -> String {
    let words: Vec<&str> = typed.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// The placeholder that is known by itself and that a column is likely a slip of: `domian`.
pub fn likely_placeholder(column: &str) -> Option<&'static str> {
    slip_of(column, &["domain", "host"])
}

/// The columns of an input row, by name; empty for plain input.
///
/// Names are in lower case, as placeholders are. The default is that of plain input and of a domain
/// alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Shared by all rows of an input; None where there are none, which no two threads share.
    names: Option<Arc<[String]>>,
    /// The values, one after the other: a row costs two allocations, however many it has.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Columns {
    /// Takes names and values as the input has them.
    pub fn new(columns: impl IntoIterator<Item = (String, String)>) -> Self {
        let (names, values): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        Self::of_row(&names.into(), values.iter().map(String::as_str))
    }

    /// Takes the values of a row, in the order of the names; what has no name is left out.
    pub fn of_row<'a>(
        names: &Arc<[String]>,
        values: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let values = values.take(names.len());
        let mut columns = Self {
            names: Some(names).filter(|names| !names.is_empty()).cloned(),
            text: String::with_capacity(values.clone().map(str::len).sum()),
            ends: Vec::with_capacity(names.len()),
        };
        for value in values {
            columns.text.push_str(value);
            columns.ends.push(columns.text.len());
        }
        columns
    }

    /// The names of the columns, in the order of the input.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().flat_map(|names| names.iter()).map(String::as_str)
    }

    /// The value of a column.
    ///
    /// Of two columns with one name the first counts; lists refuse such a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        let at = self.names.as_ref()?.iter().position(|column| column == name)?;
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }
}

impl HostPattern {
    /// Reads a pattern that may hold `{domain}` and columns of the input.
    ///
    /// # Errors
    ///
    /// A brace stands alone, a placeholder is no word or is `{host}`, or a text without
    /// placeholders is no host name.
    pub fn host(pattern: &str) -> Result<Self, PatternError> {
        let pattern = Self::alias(pattern)?;
        if pattern.segments.contains(&Segment::Host) {
            return Err(PatternError::HostInHost);
        }
        Ok(pattern)
    }

    /// Reads a pattern that may also hold `{host}`, the default host.
    ///
    /// # Errors
    ///
    /// Those of [`HostPattern::host`], but that `{host}` is allowed.
    pub fn alias(pattern: &str) -> Result<Self, PatternError> {
        let segments = segments(pattern)?;
        let fixed = match segments.as_slice() {
            [] => Some(pattern.parse()?),
            [Segment::Literal(text)] => Some(text.parse()?),
            _ => None,
        };
        Ok(Self { segments, fixed })
    }

    /// `{host}`: the default host, whatever it is.
    pub fn default_host() -> Self {
        Self { segments: vec![Segment::Host], fixed: None }
    }

    /// The host name, where it is the same for every mail domain.
    pub fn fixed(&self) -> Option<&HostName> {
        self.fixed.as_ref()
    }

    /// Puts a value in the place of a column.
    ///
    /// # Errors
    ///
    /// The value has a placeholder that is none or is `{host}`, or without a placeholder left, what
    /// comes out is no host name.
    pub(super) fn fill(&mut self, column: &str, value: &str) -> Result<(), PatternError> {
        let is_meant = |segment: &Segment| matches!(segment, Segment::Column(it) if it == column);
        if !self.segments.iter().any(is_meant) {
            return Ok(());
        }
        let value = segments(value)?;
        if value.contains(&Segment::Host) {
            return Err(PatternError::HostInHost);
        }
        let before = self.segments.drain(..);
        let after = before
            .flat_map(|segment| if is_meant(&segment) { value.clone() } else { vec![segment] });
        let mut filled: Vec<Segment> = Vec::new();
        for segment in after {
            match (filled.last_mut(), segment) {
                (Some(Segment::Literal(before)), Segment::Literal(text)) => before.push_str(&text),
                (_, segment) => filled.push(segment),
            }
        }
        if let [Segment::Literal(text)] = filled.as_slice() {
            self.fixed = Some(text.parse()?);
        }
        self.segments = filled;
        Ok(())
    }

    /// Whether it is `{host}` alone, the default host of the profile.
    pub fn is_default_host(&self) -> bool {
        matches!(self.segments.as_slice(), [Segment::Host])
    }

    /// The columns of the input that it needs.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Column(column) => Some(column.as_str()),
            Segment::Literal(_) | Segment::Domain | Segment::Host => None,
        })
    }

    /// The host name for one mail domain.
    ///
    /// `host` is what `{host}` stands for: None where the default host itself is made. The value of
    /// a column is taken without the blanks around it.
    ///
    /// # Errors
    ///
    /// The columns lack one that the pattern needs, or what comes out is no host name.
    pub fn expand(
        &self,
        domain: &MailDomain,
        columns: &Columns,
        host: Option<&HostName>,
    ) -> Result<HostName, ExpandError> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone());
        }
        if let ([Segment::Host], Some(host)) = (self.segments.as_slice(), host) {
            return Ok(host.clone());
        }
        let missing = |column: &str| ExpandError::Column {
            column: column.to_owned(),
            pattern: self.to_string(),
        };
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Domain => text.push_str(&domain.to_string()),
                Segment::Host => {
                    text.push_str(&host.ok_or_else(|| missing("host"))?.to_string());
                }
                Segment::Column(column) => {
                    text.push_str(columns.value(column).ok_or_else(|| missing(column))?.trim());
                }
            }
        }
        text.parse().map_err(|source| ExpandError::Name { pattern: self.to_string(), source })
    }
}

impl FromStr for HostPattern {
    type Err = PatternError;

    /// Reads what [`HostPattern::host`] reads.
    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::host(text)
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => f.write_str(literal)?,
                Segment::Domain => f.write_str("{domain}")?,
                Segment::Host => f.write_str("{host}")?,
                Segment::Column(column) => write!(f, "{{{column}}}")?,
            }
        }
        Ok(())
    }
}

/// Cuts a pattern at its braces.
fn segments(pattern: &str) -> Result<Vec<Segment>, PatternError> {
    let brace = || PatternError::Brace { pattern: pattern.to_owned() };
    let mut segments = Vec::new();
    let mut rest = pattern.trim();
    while !rest.is_empty() {
        let (literal, after) = rest.split_once('{').map_or((rest, None), |(l, a)| (l, Some(a)));
        if literal.contains('}') {
            return Err(brace());
        }
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal.to_owned()));
        }
        let Some(after) = after else { break };
        let (placeholder, after) = after.split_once('}').ok_or_else(brace)?;
        segments.push(placeholder_segment(placeholder)?);
        rest = after;
    }
    Ok(segments)
}

/// `domain` and `host` are taken; every other word is a column.
fn placeholder_segment(placeholder: &str) -> Result<Segment, PatternError> {
    let column = column_name(placeholder);
    let odd =
        |character: char| character.is_control() || matches!(character, '{' | '"' | ',' | ';');
    if column.is_empty() || column.contains(odd) || column.chars().count() > MAX_COLUMN {
        return Err(PatternError::Placeholder { placeholder: placeholder.to_owned() });
    }
    Ok(match column.as_str() {
        "domain" => Segment::Domain,
        "host" => Segment::Host,
        _ => Segment::Column(column),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: Result<&str, &str>) {
        let columns = [
            ("server", " s1.provider.example "),
            ("mail server", "s2.provider.example"),
            ("short", "s1"),
        ];
        let columns =
            Columns::new(columns.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let domain = "bücher.example".parse().unwrap();
        let host = "mail.example".parse().unwrap();
        let got = HostPattern::alias(pattern).map_err(|error| error.to_string()).and_then(|p| {
            assert_eq!(p.to_string(), pattern.to_lowercase());
            p.expand(&domain, &columns, Some(&host)).map_err(|error| error.to_string())
        });
        match (got, expected) {
            (Ok(name), Ok(text)) => assert_eq!(name.to_string(), text),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (got, _) => panic!("{pattern}: {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn placeholders_stand_for_the_domain_the_host_and_columns() {
        check("mail.{domain}", Ok("mail.xn--bcher-kva.example"));
        check("{server}", Ok("s1.provider.example"));
        check("autoconfig.{server}", Ok("autoconfig.s1.provider.example"));
        check("{host}", Ok("mail.example"));
        check("server1.provider.example", Ok("server1.provider.example"));
        check("{cluster}.provider.example", Err("column `cluster`"));
        check("mail.{domain", Err("unmatched brace"));
        check("mail.}x", Err("unmatched brace"));
        check("mail.{Domain}", Ok("mail.xn--bcher-kva.example"));
        check("{Mail Server}", Ok("s2.provider.example"));
        check("{mailserver}", Err("column `mailserver`"));
        check("{domian}", Err("for `{domian}`; did you mean `domain`?"));
        check("{}", Err("no placeholder"));
        check("{a,b}", Err("no placeholder"));
        check(
            "{short}",
            Err("`s1` is a single label, and a host name has two at least: s1.example"),
        );
        check("ma_il.{domain}", Err("not a host name"));
        check("192.0.2.1", Err("IP address"));
        check("", Err("empty"));
        assert_eq!(HostPattern::host("{host}"), Err(PatternError::HostInHost));
        assert_eq!(HostPattern::alias(" "), Err(PatternError::Name(NameError::Empty)));
    }
}
