//! Certificates from PEM files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::trouble::Trouble;
use crate::hosting::{Certificate, MAX_PEM};

/// Reads the server certificate of each file.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Certificate>, Trouble> {
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<Certificate, Trouble> {
    let trouble = |source| Trouble::Read { path: path.to_owned(), source };
    let mut pem = Vec::new();
    let limit = MAX_PEM as u64 + 1;
    File::open(path).map_err(trouble)?.take(limit).read_to_end(&mut pem).map_err(trouble)?;
    let wrong = |problem: String| Trouble::Input { file: path.display().to_string(), problem };
    if pem.len() > MAX_PEM {
        return Err(wrong(format!("larger than {MAX_PEM} octets, which no certificate is")));
    }
    Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))
}
