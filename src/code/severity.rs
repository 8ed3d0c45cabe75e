//! Severities, and how a user sets them for a code.

use std::fmt;
use std::str::FromStr;

/// How much a finding matters.
///
/// They are ordered, the mildest first, so that `--fail-on` is a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A SHOULD is broken, or a named client misbehaves.
    Warning,
    /// A MUST is broken, or a service cannot be reached.
    Error,
    /// Credentials are exposed, or clients are sent to a stranger.
    Critical,
}

impl Severity {
    /// Every severity, the mildest first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// Says that a text is no severity.
///
/// The text is shown as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no severity; use info, warning, error, critical or off")]
pub struct UnknownLevel(String);

impl FromStr for Severity {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.text() == text)
            .ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// The word by which a user drops the findings of a code.
/// The same word on the command line and in profiles.
pub const OFF: &str = "off";

/// What a user sets a code to: a severity, or `off`.
///
/// None is `off`: the findings of the code are dropped.
///
/// ```
/// use mailsrv::code::{Severity, parse_setting};
///
/// assert_eq!(parse_setting("error"), Ok(Some(Severity::Error)));
/// assert_eq!(parse_setting("off"), Ok(None));
/// assert!(parse_setting("fatal").is_err());
/// ```
///
/// # Errors
///
/// The word is neither; words are in lower case.
pub fn parse_setting(text: &str) -> Result<Option<Severity>, UnknownLevel> {
    if text == OFF { Ok(None) } else { text.parse().map(Some) }
}
