//! The profile from its file.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::args::SubjectArgs;
use super::trouble::Trouble;
use crate::hosting::{Columns, Hosting, file};

/// Reads the profile that the arguments name, or the documented one.
pub(super) fn read(args: &SubjectArgs) -> Result<Hosting, Trouble> {
    let hosting = match &args.profile {
        Some(path) => read_file(path)?,
        None => Hosting::documented(),
    };
    Ok(match &args.host {
        Some(host) => hosting.with_host(host.clone()),
        None => hosting,
    })
}

/// Reads a profile from a file.
pub(super) fn read_file(path: &Path) -> Result<Hosting, Trouble> {
    let trouble = |source| Trouble::Read { path: path.to_owned(), source };
    let mut text = String::new();
    let limit = file::MAX_OCTETS as u64 + 1;
    fs::File::open(path)
        .map_err(trouble)?
        .take(limit)
        .read_to_string(&mut text)
        .map_err(trouble)?;
    file::parse(&text, &path.display().to_string())
        .map_err(|error| Trouble::Profile(error.to_string()))
}

/// A word for each column that a profile needs, to plan it for a domain that is no customer's.
pub(super) fn sample_columns(hosting: &Hosting) -> Columns {
    Columns::new(hosting.columns().into_iter().map(|column| (column, "sample".to_owned())))
}
