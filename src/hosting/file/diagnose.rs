//! What can be wrong with a profile, and how people are shown where.

use std::fmt;

use super::super::{LoginError, PatternError};
use super::span::Span;
use super::{MAX_DEPTH, MAX_OCTETS, MAX_SERVERS};
use crate::service::{Label, TlsMode};

/// A mistake in a profile, with its place and, where there is one, a way out.
///
/// `Display` writes several lines: the problem, the place, the source line and the hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError(Box<Detail>);

/// Boxed, so that a result is small where nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Detail {
    file: String,
    fault: Fault,
    snippet: Snippet,
}

impl ProfileError {
    pub(super) fn new(fault: Fault, text: &str, file: &str) -> Self {
        let snippet = Snippet::new(text, fault.span);
        Self(Box::new(Detail { file: file.to_owned(), fault, snippet }))
    }

    /// What the caller of the parser calls the file.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.0.fault.span.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.0.fault.span.column
    }

    /// The path of the field, such as `imap.servers[1].host`; empty for the profile as a whole.
    pub fn field(&self) -> &str {
        &self.0.fault.path
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.0.fault.problem
    }

    /// What to write instead.
    pub fn hint(&self) -> Option<&str> {
        self.0.fault.hint.as_deref()
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { file, fault, snippet } = &*self.0;
        let gutter = " ".repeat(fault.span.line.to_string().len());
        writeln!(f, "error: {}", printable(&fault.problem.to_string()))?;
        writeln!(f, "{gutter}--> {}:{}:{}", printable(file), fault.span.line, fault.span.column)?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{}", format!("{} | {}", fault.span.line, snippet.line).trim_end())?;
        write!(f, "{gutter} | {}{}", " ".repeat(snippet.indent), "^".repeat(snippet.carets))?;
        match &fault.hint {
            Some(hint) => write!(f, "\nhint: {}", printable(hint)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ProfileError {}

/// Says what is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text is larger than any profile.
    #[error("the profile has {octets} octets, and at most {MAX_OCTETS} are read")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// A character that YAML does not allow (YAML 1.2.2 §5.1).
    #[error("the character U+{:04X} is not allowed in YAML", u32::from(*character))]
    Character {
        /// The character.
        character: char,
    },
    /// The text is no YAML.
    #[error("not YAML: {message}")]
    Syntax {
        /// The words of the YAML parser.
        message: String,
    },
    /// The nesting is deeper than any profile.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// An anchor or an alias, by which a small file can say a great deal.
    #[error("anchors (`&`) and aliases (`*`) are not used in a profile")]
    Anchor,
    /// A tag, such as `!env`.
    #[error("tags (`!`) are not used in a profile")]
    Tag,
    /// A second document after `---`.
    #[error("more than one document")]
    SecondDocument,
    /// A field that a profile does not have at this place.
    #[error("unknown field `{field}`")]
    UnknownField {
        /// The field as written.
        field: String,
    },
    /// A field that is written twice.
    #[error("duplicate field `{field}`")]
    DuplicateField {
        /// The field.
        field: String,
    },
    /// A field that cannot be left out.
    #[error("missing field `{field}`")]
    MissingField {
        /// The field.
        field: String,
    },
    /// A value of the wrong type or outside the range.
    #[error("expected {expected}, found {found}")]
    Value {
        /// What would fit.
        expected: String,
        /// What is written.
        found: String,
    },
    /// A text that is no host pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A column that is likely a slip of a placeholder.
    #[error("`{{{column}}}` would be a column of the input; did you mean `{{{meant}}}`?")]
    Slip {
        /// The column.
        column: String,
        /// The placeholder that was likely meant.
        meant: String,
    },
    /// The registered port of the other TLS mode: the label, not the port, tells a client how to
    /// begin (RFC 6186 §3).
    #[error(
        "port {port} is registered for {} with {}, not with {}",
        label.service().title(), label.sibling().mode().title(), label.mode().title()
    )]
    WrongMode {
        /// The port.
        port: u16,
        /// The label under which it would be published.
        label: Label,
    },
    /// No service is offered.
    #[error("the profile offers no service")]
    NoService,
    /// A service without TLS and without STARTTLS.
    #[error("`{service}` is offered neither with TLS nor with STARTTLS")]
    NoMode {
        /// The key of the service.
        service: &'static str,
    },
    /// A map that says nothing.
    #[error("`{field}` has no fields")]
    Nothing {
        /// The key of the map.
        field: &'static str,
    },
    /// Two fields of which one says what the other does.
    #[error("`{field}` and `{other}` exclude each other")]
    Conflict {
        /// The field that is refused.
        field: &'static str,
        /// The field that is there as well.
        other: &'static str,
    },
    /// A priority for a mode that is not offered.
    #[error("a priority for {}, which is not offered here", mode.title())]
    IdlePriority {
        /// The mode.
        mode: TlsMode,
    },
    /// A server has a port in a mode that its service does not offer.
    #[error("a port with {} for a service that does not offer it", mode.title())]
    IdlePort {
        /// The mode.
        mode: TlsMode,
    },
    /// A mode is offered, and no server of the list has it.
    #[error("the service offers {}, and no server of the list has it", mode.title())]
    NoServer {
        /// The mode.
        mode: TlsMode,
    },
    /// A login name that is none.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// A label is denied, and its service is offered.
    #[error("`{label}` is denied, and the profile offers it")]
    DeniedOffer {
        /// The label.
        label: &'static str,
    },
    /// A list of servers with none in it, or with too many.
    #[error("{count} servers, where 1 to {MAX_SERVERS} can be listed")]
    ServerCount {
        /// How many there are.
        count: usize,
    },
    /// A server that is listed twice.
    #[error("the server `{host}` is listed twice")]
    SameServer {
        /// The host pattern.
        host: String,
    },
    /// PACC knows TLS at the registered ports alone (draft-ietf-mailmaint-pacc), and nothing is
    /// offered there.
    #[error("the profile offers nothing that PACC can name: TLS at a registered port, JMAP or DAV")]
    PaccNothing,
    /// A text in the place of a finding code that is none.
    #[error("`{code}` is no finding code")]
    Code {
        /// The text.
        code: String,
    },
    /// An order of families that does not name each once.
    #[error("`prefer` names `imap` and `pop3`, each once")]
    Prefer,
}

/// A problem on its way to the top, where the source and the name of the file are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) path: String,
    pub(super) problem: Box<Problem>,
    pub(super) hint: Option<String>,
}

impl Fault {
    /// A problem without a way out, yet.
    pub(super) fn new(span: Span, path: &str, problem: Problem) -> Self {
        Self { span, path: path.to_owned(), problem: Box::new(problem), hint: None }
    }

    /// Says what to write instead.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts a key or an index in front of the path.
    pub(super) fn inside(mut self, step: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

/// The source line, cut to what fits a terminal, and what to underline in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Snippet {
    line: String,
    indent: usize,
    carets: usize,
}

impl Snippet {
    /// The most columns of a source line that are shown.
    const WIDTH: usize = 100;
    /// What is kept in front of the place when the line is cut.
    const LEAD: usize = 40;
    /// Stands where the line goes on.
    const CUT: &'static str = "...";

    /// Cuts the line so that the place is in sight.
    fn new(text: &str, span: Span) -> Self {
        let line = line(text, span.line);
        let length = line.chars().count();
        let column = (span.column - 1).min(length);
        let start = if length <= Self::WIDTH { 0 } else { column.saturating_sub(Self::LEAD) };
        let mut shown = String::new();
        if start > 0 {
            shown.push_str(Self::CUT);
        }
        let indent = column - start + shown.len();
        shown.extend(line.chars().skip(start).take(Self::WIDTH).map(visible));
        let mut room = Self::WIDTH - (column - start);
        if length > start + Self::WIDTH {
            shown.push_str(Self::CUT);
        } else {
            room = length - column;
        }
        Self { line: shown, indent, carets: span.length.min(room).max(1) }
    }
}

/// The line of the given number, by the line breaks of YAML 1.2.2 §5.4.
pub(super) fn line(text: &str, number: usize) -> &str {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    for _ in 1..number {
        let Some(at) = rest.find(['\n', '\r']) else { return "" };
        let crlf = rest[at..].starts_with("\r\n");
        rest = &rest[at + if crlf { 2 } else { 1 }..];
    }
    rest.split(['\n', '\r']).next().unwrap_or_default()
}

/// What a message may quote of a source: one line of moderate length that moves no cursor.
fn printable(text: &str) -> String {
    const LIMIT: usize = 240;
    let mut shown: String = text.chars().take(LIMIT).map(visible).collect();
    if text.chars().nth(LIMIT).is_some() {
        shown.push_str(Snippet::CUT);
    }
    shown
}

/// One column for a character that has none, or that would turn the line around.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}
