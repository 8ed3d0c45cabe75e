//! Profiles and certificates from their files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::setting;
use super::subject_args::SubjectArgs;
use super::trouble::Trouble;
use crate::hosting::{Certificate, Columns, Hosting, MAX_PEM, file};
use crate::interrupt::{Interrupt, Waiting};
use crate::name::path_text;

/// Reads the profile that the arguments name, or the documented one.
pub(super) fn read(args: &SubjectArgs, interrupt: &Interrupt) -> Result<Hosting, Trouble> {
    let hosting = match &args.profile {
        Some(path) => read_file(path, interrupt)?.0,
        None => Hosting::documented(),
    };
    let hosting = match &args.host {
        Some(host) => hosting.with_host(host.clone()),
        None => hosting,
    };
    setting::apply(hosting, &args.set)
}

/// Reads a profile from a file, and its text.
pub(super) fn read_file(path: &Path, interrupt: &Interrupt) -> Result<(Hosting, String), Trouble> {
    let text = io::read_to_string(octets(path, file::MAX_OCTETS, interrupt)?.as_slice())
        .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    let hosting = file::parse(&text, &path_text(path))
        .map_err(|error| Trouble::Profile(error.to_string()))?;
    Ok((hosting, text))
}

/// The mail domain that profiles are looked at with where none is given (RFC 2606 §3).
pub(super) const SAMPLE_DOMAIN: &str = "example.com";

/// What a sample column holds: most are whole host names.
const SAMPLE: &str = "sample.provider.example";

/// A host name for each column that a profile needs, to plan it for a domain that is no customer's.
pub(super) fn sample_columns(hosting: &Hosting) -> Columns {
    Columns::new(hosting.columns().into_iter().map(|column| (column, SAMPLE.to_owned())))
}

/// Reads the server certificate of each file.
pub(super) fn certificates(
    paths: &[PathBuf],
    interrupt: &Interrupt,
) -> Result<Vec<Certificate>, Trouble> {
    let certificate = |path: &PathBuf| {
        let wrong = |problem: String| Trouble::Input { file: path_text(path), problem };
        let pem = octets(path, MAX_PEM, interrupt)?;
        if pem.len() > MAX_PEM {
            return Err(wrong(format!("larger than {MAX_PEM} octets, which no certificate is")));
        }
        Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))
    };
    paths.iter().map(certificate).collect()
}

/// Reads at most so many octets of a file, and one more.
pub(super) fn octets(path: &Path, limit: usize, interrupt: &Interrupt) -> Result<Vec<u8>, Trouble> {
    let read = Waiting::open(path, interrupt).and_then(|file| octets_of(file, limit));
    read.map_err(|source| Trouble::Read { path: path.to_owned(), source })
}

/// Reads at most so many octets, and one more.
pub(super) fn octets_of(source: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut octets)?;
    Ok(octets)
}
