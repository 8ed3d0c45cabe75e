//! `mailsrv import`: profiles out of Thunderbird's configuration documents.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::env::Env;
use super::exit;
use super::output::Output;
use super::profile_args::ImportArgs;
use super::trouble::Trouble;
use crate::hosting::file;
use crate::hosting::ispdb::{self, Imported, Loss};
use crate::name::printable;

pub(super) fn run(args: &ImportArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    if args.from.is_dir() { folder(args, env) } else { document(args, env) }
}

fn document(args: &ImportArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let is_stdin = args.from.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_owned() } else { args.from.display().to_string() };
    let trouble = |source| Trouble::Read { path: args.from.clone(), source };
    let octets = if is_stdin {
        read(&mut env.stdin).map_err(trouble)?
    } else {
        read(File::open(&args.from).map_err(trouble)?).map_err(trouble)?
    };
    let imported = ispdb::read(&octets)
        .map_err(|error| Trouble::Input { file: name.clone(), problem: error.to_string() })?;
    put(args.output.as_deref(), &page(&args.from, &imported), &mut env.stdout)?;
    if !args.quiet {
        for loss in &imported.losses {
            say(env, &format!("{name}: {loss}"));
        }
    }
    Ok(exit::CLEAN)
}

/// Reads at most what the import looks at, and one octet more.
fn read(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    source.take(ispdb::MAX_OCTETS as u64 + 1).read_to_end(&mut octets)?;
    Ok(octets)
}

fn folder(args: &ImportArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let Some(to) = &args.output else {
        let problem = format!("{} is a folder", args.from.display());
        return Err(Trouble::usage(problem, "name a folder for the profiles with -o DIR"));
    };
    let documents = documents(&args.from)?;
    fs::create_dir_all(to).map_err(|source| Trouble::Write { path: to.clone(), source })?;
    let (mut whole, mut partial, mut refused) = (0_u64, 0_u64, 0_u64);
    for path in &documents {
        let trouble = |source| Trouble::Read { path: path.clone(), source };
        let octets = read(File::open(path).map_err(trouble)?).map_err(trouble)?;
        match ispdb::read(&octets) {
            Ok(imported) => {
                let profile = to.join(path.file_stem().unwrap_or_default());
                let profile = with_ending(profile, ".yaml");
                put(Some(&profile), &page(path, &imported), &mut std::io::sink())?;
                let count = if imported.losses.is_empty() { &mut whole } else { &mut partial };
                *count += 1;
            }
            Err(error) => {
                refused += 1;
                say(env, &format!("{}: {error}", path.display()));
            }
        }
    }
    if !args.quiet {
        let imported = whole + partial;
        say(env, &format!("{imported} imported, {partial} of them with losses; {refused} refused"));
    }
    Ok(if refused > 0 { exit::UNJUDGED } else { exit::CLEAN })
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

/// Adds an ending to a file name, which may hold dots of its own.
fn with_ending(path: PathBuf, ending: &str) -> PathBuf {
    let mut name = path.into_os_string();
    name.push(ending);
    name.into()
}

fn put(path: Option<&Path>, text: &str, stdout: &mut dyn Write) -> Result<(), Trouble> {
    let mut output = Output::open(path, stdout)?;
    output.write_all(text.as_bytes()).map_err(|error| output.trouble(error))?;
    output.finish()
}

/// With stderr closed there is nobody left to tell.
fn say(env: &mut Env<'_>, line: &str) {
    let _told = writeln!(env.stderr, "{}", printable(line));
}

/// The profile with comments that say where it is from and what it lacks.
fn page(from: &Path, imported: &Imported) -> String {
    let name = match from.file_name() {
        Some(name) if name != "-" => format!("# Imported from {}", name.to_string_lossy()),
        _ => "# Imported".to_owned(),
    };
    let mut page = String::new();
    let ending = if imported.domains.is_empty() { "." } else { ", which is for" };
    comment(&mut page, &format!("{name}{ending}"));
    for line in filled(&imported.domains) {
        comment(&mut page, &format!("#   {line}"));
    }
    let losses = by_reason(&imported.losses);
    if !losses.is_empty() {
        comment(&mut page, "#");
        comment(&mut page, "# The document says more than this profile:");
    }
    for (reason, places) in losses {
        comment(&mut page, &format!("# - {reason}:"));
        for line in filled(&places) {
            comment(&mut page, &format!("#     {line}"));
        }
    }
    page.push('\n');
    page.push_str(&file::write(&imported.hosting));
    page
}

/// A comment ends with its line, whatever is quoted in it.
fn comment(page: &mut String, text: &str) {
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    page.extend(printable(text).chars().map(visible));
    page.push('\n');
}

/// The losses, those of one reason together; in the order of the document.
fn by_reason(losses: &[Loss]) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for Loss { path, line, reason } in losses {
        let reason = reason.to_string();
        let place = format!("{path} (line {line})");
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, places)) => places.push(place),
            None => groups.push((reason, vec![place])),
        }
    }
    groups
}

/// Lists items on lines of moderate length.
fn filled(items: &[String]) -> Vec<String> {
    const WIDTH: usize = 100;
    let mut lines: Vec<String> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let comma = if place + 1 == items.len() { "" } else { "," };
        match lines.last_mut() {
            Some(line) if line.len() + item.len() + 2 <= WIDTH => {
                line.push(' ');
                line.push_str(item);
                line.push_str(comma);
            }
            _ => lines.push(format!("{item}{comma}")),
        }
    }
    lines
}
