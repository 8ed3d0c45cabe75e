//! `mailsrv import`: profiles out of Thunderbird's configuration documents.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::env::Env;
use super::profile_args::ImportArgs;
use super::trouble::Trouble;
use super::{exit, meeting, profile};
use crate::folder::{Folder, Kind, folded};
use crate::hosting::ispdb::{self, Imported};
use crate::name::path_text;
use crate::output::{self, OutputFolder};

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
    let output = args.output.as_deref().map(|path| ("--output", path));
    meeting::refuse(output.as_slice(), file.map(|path| ("the document", path)).into_iter())?;
    let name = file.map_or_else(|| "standard input".to_owned(), path_text);
    let imported = ispdb::read_block(&octets, args.block as usize)
        .map_err(|error| Trouble::Input { file: name.clone(), problem: error.to_string() })?;
    let page = page(file, &imported);
    output::write(args.output.as_deref(), &page, &mut env.stdout, &env.interrupt)?;
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
        let problem = format!("{} is a folder", path_text(&args.from));
        return Err(Trouble::usage(problem, "name a folder for the profiles with -o DIR"));
    };
    let unread = |source| Trouble::Read { path: args.from.clone(), source };
    let from = Folder::open(&args.from).map_err(unread)?;
    let documents = documents(&from, &args.from)?;
    refuse_one_name(&documents, |name| name.to_string_lossy().into_owned())?;
    let paths: Vec<PathBuf> = documents.iter().map(|name| args.from.join(name)).collect();
    let read = paths.iter().map(|path| ("a document", path.as_path()));
    let to = OutputFolder::open(to)?.sparing(meeting::spared(read));
    if to.ignores_case()? {
        refuse_one_name(&documents, folded)?;
    }
    for name in &documents {
        to.look_at_file(&profile_name(name))?;
    }
    let mut counts = Counts::default();
    let mut import = || -> Result<(), Trouble> {
        for (name, path) in documents.iter().zip(&paths) {
            env.interrupt.check()?;
            let octets =
                from.file(name).and_then(|file| profile::octets_of(file, ispdb::MAX_OCTETS));
            let imported = octets.map_err(|error| error.to_string()).and_then(|octets| {
                ispdb::read_block(&octets, args.block as usize).map_err(|error| error.to_string())
            });
            match imported {
                Ok(imported) => {
                    to.put_file(&profile_name(name), &[&page(Some(path), &imported)])?;
                    counts.imported += 1;
                    counts.with_losses += usize::from(!imported.losses.is_empty());
                }
                Err(error) => {
                    counts.refused += 1;
                    env.say(&format!("{}: {error}", path_text(path)));
                }
            }
        }
        Ok(())
    };
    let ended = import();
    // What a run has written that does not go on is told, too.
    let Counts { imported, with_losses, refused } = counts;
    if !args.quiet {
        let losses = format!("{with_losses} of them with losses");
        env.say(&format!("{imported} imported, {losses}; {refused} refused"));
    }
    ended.map(|()| exit::of_refusals(refused))
}

/// What came of the documents of a folder.
#[derive(Default)]
struct Counts {
    imported: usize,
    with_losses: usize,
    refused: usize,
}

/// The file of a document's profile; the name of the document may hold dots of its own.
fn profile_name(document: &OsStr) -> OsString {
    let mut name = Path::new(document).file_stem().unwrap_or_default().to_owned();
    name.push(".yaml");
    name
}

/// Of two profiles under one name, the second would take the place of the first.
fn refuse_one_name(
    documents: &[OsString],
    spelt: impl Fn(&OsStr) -> String,
) -> Result<(), Trouble> {
    let mut names = BTreeMap::new();
    for document in documents {
        let name = profile_name(document);
        if let Some(other) = names.insert(spelt(&name), document) {
            let [one, other] = [other, document].map(|name| path_text(Path::new(name)));
            let problem =
                format!("{one} and {other} would both become {}", path_text(Path::new(&name)));
            return Err(Trouble::usage(problem, "rename one of them; nothing was written"));
        }
    }
    Ok(())
}

/// The documents of a folder, in the order of their names.
fn documents(folder: &Folder, path: &Path) -> Result<Vec<OsString>, Trouble> {
    let unread = |source| Trouble::Read { path: path.to_owned(), source };
    let mut documents = folder.names().map_err(unread)?;
    documents.retain(|name| {
        let ending = Path::new(name).extension().and_then(OsStr::to_str);
        let is_folder =
            || matches!(folder.known(name), Ok(Some(known)) if known.kind == Kind::Folder);
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case("xml")) && !is_folder()
    });
    if documents.is_empty() {
        let problem = format!("there is no *.xml in {}", path_text(path));
        return Err(Trouble::usage(problem, "name a folder of config-v1.1.xml documents"));
    }
    Ok(documents)
}

/// The profile; comments in front of it say where it is from and what it lacks.
fn page(from: Option<&Path>, imported: &Imported) -> String {
    let document = from.and_then(Path::file_name).map(|name| path_text(Path::new(name)));
    imported.page(document.as_deref())
}
