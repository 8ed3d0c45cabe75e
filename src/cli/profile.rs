//! The profile from its file, and the severities it sets.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::args::SubjectArgs;
use super::trouble::Trouble;
use crate::audit::{Code, Policy, Severity, parse_setting};
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

/// The policy of the profile, overridden by that of the command line.
pub(super) fn severity_policy(
    hosting: &Hosting,
    args: &[(Code, Option<Severity>)],
    file: Option<&Path>,
) -> Result<Policy, Trouble> {
    let mut policy = Policy::default();
    for line in hosting.severity() {
        let place = |problem: String| {
            let file =
                file.map_or_else(|| "the profile".to_owned(), |path| path.display().to_string());
            Trouble::Profile(format!("error: {problem}\n --> {file}:{}:{}", line.line, line.column))
        };
        let code: Code = line
            .code
            .parse()
            .map_err(|error: crate::audit::UnknownCode| place(error.to_string()))?;
        let setting = parse_setting(&line.level).map_err(|error| place(error.to_string()))?;
        policy.set(code, setting);
    }
    for (code, severity) in args {
        policy.set(*code, *severity);
    }
    Ok(policy)
}
