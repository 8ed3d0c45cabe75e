//! `--set NAME=VALUE`: a placeholder of the profile, filled for a whole run.

use super::trouble::Trouble;
use crate::hosting::{Hosting, column_name};

/// A placeholder of the profile, and what stands in its place.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) column: String,
    pub(super) value: String,
}

/// The name is compared as columns are.
pub(super) fn parse_set(text: &str) -> Result<Setting, String> {
    let (column, value) = text
        .split_once('=')
        .filter(|(column, value)| !column.trim().is_empty() && !value.trim().is_empty())
        .ok_or("write NAME=VALUE, as in server=srv7.provider.example")?;
    let column = column.trim().trim_start_matches('{').trim_end_matches('}');
    Ok(Setting { column: column_name(column), value: value.trim().to_owned() })
}

/// Puts values in the places of placeholders.
pub(super) fn apply(mut hosting: Hosting, settings: &[Setting]) -> Result<Hosting, Trouble> {
    for (at, Setting { column, value }) in settings.iter().enumerate() {
        if settings[..at].iter().any(|other| other.column == *column) {
            let problem = format!("--set gives `{column}` two values");
            return Err(Trouble::usage(problem, "keep one of them"));
        }
        hosting = hosting.with_column(column, value).map_err(|error| Trouble::Usage {
            problem: format!("--set {column}={value}: {error}"),
            hint: None,
        })?;
    }
    Ok(hosting)
}
