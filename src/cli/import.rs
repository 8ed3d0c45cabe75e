//! `mailsrv import`: profiles out of Thunderbird's configuration documents.

use std::ffi::OsStr;
use std::fs;
use std::io::sink;
use std::path::{Path, PathBuf};

use super::env::Env;
use super::profile_args::ImportArgs;
use super::trouble::Trouble;
use super::{exit, profile};
use crate::hosting::ispdb::{self, Imported};
use crate::output;

/// One document, or all of a folder.
pub(super) fn run(args: &ImportArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    if args.from.is_dir() { folder(args, env) } else { document(args, env) }
}

/// Prints the profile, and says on stderr what of the document it cannot hold.
fn document(args: &ImportArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let file = Some(args.from.as_path()).filter(|path| path.as_os_str() != "-");
    let octets = match file {
        Some(path) => profile::octets(path, ispdb::MAX_OCTETS, &env.interrupt)?,
        None => profile::octets_of(&mut env.stdin, ispdb::MAX_OCTETS)
            .map_err(|source| Trouble::Read { path: args.from.clone(), source })?,
    };
    let name = file.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let imported = ispdb::read(&octets)
        .map_err(|error| Trouble::Input { file: name.clone(), problem: error.to_string() })?;
    output::write(args.output.as_deref(), &page(file, &imported), &mut env.stdout)?;
    if !args.quiet {
        for loss in &imported.losses {
            env.say(&format!("{name}: {loss}"));
        }
    }
    Ok(exit::CLEAN)
}

/// Writes a profile beside its losses for each document; one that is refused stops no other.
fn folder(args: &ImportArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let Some(to) = &args.output else {
        let problem = format!("{} is a folder", args.from.display());
        return Err(Trouble::usage(problem, "name a folder for the profiles with -o DIR"));
    };
    let documents = documents(&args.from)?;
    output::make_folder(to)?;
    let (mut whole, mut partial, mut refused) = (0, 0, 0_usize);
    for path in &documents {
        env.interrupt.check()?;
        match ispdb::read(&profile::octets(path, ispdb::MAX_OCTETS, &env.interrupt)?) {
            Ok(imported) => {
                // The name of a file may hold dots of its own.
                let mut name = path.file_stem().unwrap_or_default().to_owned();
                name.push(".yaml");
                output::write(Some(&to.join(name)), &page(Some(path), &imported), &mut sink())?;
                let count = if imported.losses.is_empty() { &mut whole } else { &mut partial };
                *count += 1;
            }
            Err(error) => {
                refused += 1;
                env.say(&format!("{}: {error}", path.display()));
            }
        }
    }
    if !args.quiet {
        let imported = whole + partial;
        env.say(&format!("{imported} imported, {partial} of them with losses; {refused} refused"));
    }
    Ok(exit::of_refusals(refused))
}

/// The documents of a folder, in the order of their names.
fn documents(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let trouble = |source| Trouble::Read { path: folder.to_owned(), source };
    let mut documents = Vec::new();
    for file in fs::read_dir(folder).map_err(trouble)? {
        let path = file.map_err(trouble)?.path();
        let ending = path.extension().and_then(OsStr::to_str);
        if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("xml")) && path.is_file() {
            documents.push(path);
        }
    }
    if documents.is_empty() {
        let problem = format!("there is no *.xml in {}", folder.display());
        return Err(Trouble::usage(problem, "name a folder of config-v1.1.xml documents"));
    }
    documents.sort();
    Ok(documents)
}

/// The profile; comments in front of it say where it is from and what it lacks.
fn page(from: Option<&Path>, imported: &Imported) -> String {
    let document = from.and_then(Path::file_name).map(OsStr::to_string_lossy);
    imported.page(document.as_deref())
}
