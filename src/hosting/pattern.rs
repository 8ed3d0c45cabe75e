//! Host names with placeholders, as a hosting profile writes them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::name::{HostName, MailDomain, NameError};

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
    /// A placeholder is no word.
    #[error("`{{{placeholder}}}` is no placeholder: lower-case letters, digits, `-` and `_` only")]
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
        "the profile needs a column `{column}` for `{pattern}`; give a CSV input with that column in its header"
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

/// The columns of an input row, by name; empty for plain input.
///
/// Names are in lower case, as placeholders are. The default is that of plain input and of a domain
/// alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Shared by all rows of an input.
    names: Arc<[String]>,
    values: Vec<String>,
}

impl Columns {
    /// Takes names and values as the input has them.
    pub fn new(columns: impl IntoIterator<Item = (String, String)>) -> Self {
        let (names, values): (Vec<String>, _) = columns.into_iter().unzip();
        Self { names: names.into(), values }
    }

    /// Takes the values of a row, in the order of the names; what has no name is left out.
    pub fn of_row(names: &Arc<[String]>, values: Vec<String>) -> Self {
        Self { names: Arc::clone(names), values }
    }

    /// The names of the columns, in the order of the input.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The value of a column.
    ///
    /// Of two columns with one name the first counts; lists refuse such a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|column| column == name)?;
        self.values.get(at).map(String::as_str)
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

    /// The host name, where it is the same for every mail domain.
    pub fn fixed(&self) -> Option<&HostName> {
        self.fixed.as_ref()
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
    let word = |octet: u8| {
        octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-' || octet == b'_'
    };
    if placeholder.is_empty() || !placeholder.bytes().all(word) {
        return Err(PatternError::Placeholder { placeholder: placeholder.to_owned() });
    }
    Ok(match placeholder {
        "domain" => Segment::Domain,
        "host" => Segment::Host,
        column => Segment::Column(column.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: Result<&str, &str>) {
        let columns = Columns::new([("server".to_owned(), " s1.provider.example ".to_owned())]);
        let domain = "bücher.example".parse().unwrap();
        let host = "mail.example".parse().unwrap();
        let got = HostPattern::alias(pattern).map_err(|error| error.to_string()).and_then(|p| {
            assert_eq!(p.to_string(), pattern);
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
        check("{Domain}", Err("no placeholder"));
        check("ma_il.{domain}", Err("not a host name"));
        check("192.0.2.1", Err("IP address"));
        check("", Err("empty"));
        assert_eq!(HostPattern::host("{host}"), Err(PatternError::HostInHost));
    }
}
