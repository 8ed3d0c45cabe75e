//! Files that a run would write over each other, or over what it reads.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::domains::STDIN;
use super::subject_args::SubjectArgs;
use super::trouble::Trouble;
use crate::folder::Place;
use crate::name::path_text;
use crate::output::{Spared, journal, partial};

/// What helps where two names meet.
const OWN: &str = "give each a file of its own";

/// A file with the option that names it.
pub(super) type Named<'a> = (&'static str, &'a Path);

/// The files that every command reads that takes mail domains.
pub(super) fn read_by(args: &SubjectArgs) -> impl Iterator<Item = Named<'_>> {
    let is_stdin = |path: &Path| path.as_os_str() == STDIN;
    let input = args.input.as_deref().filter(|path| !is_stdin(path));
    let profile = args.profile.as_deref();
    let stdin = args.input.as_deref().is_some_and(is_stdin)
        || args.domains.iter().any(|typed| typed == STDIN);
    // What a shell gave for it may be a file, `< list`.
    let stdin = Some(Path::new("/dev/stdin")).filter(|path| stdin && path.is_file());
    let input = input.map(|path| ("--input", path));
    let profile = profile.map(|path| ("--profile", path));
    input.into_iter().chain(stdin.map(|path| ("standard input", path))).chain(profile)
}

/// Refuses a file that is written and named once more, by whatever path.
///
/// Devices may be; what cannot be looked at is told where it is opened.
pub(super) fn refuse<'a>(
    written: &[Named<'a>],
    read: impl Iterator<Item = Named<'a>>,
) -> Result<(), Trouble> {
    let read: Vec<_> = read.collect();
    for (at, (option, path)) in written.iter().enumerate() {
        let Some(place) = place(path) else { continue };
        let others = written[at + 1..].iter().chain(&read);
        if let Some((other, _)) = met(&place, others) {
            let problem = format!("{option} and {other} name the same file, {}", path_text(path));
            return Err(Trouble::usage(problem, OWN));
        }
    }
    Ok(())
}

/// Refuses a file under whose name another one would be kept if the run ended early.
pub(super) fn refuse_kept<'a>(
    written: &[Named<'a>],
    read: impl Iterator<Item = Named<'a>>,
) -> Result<(), Trouble> {
    let read: Vec<_> = read.collect();
    for (option, path) in written {
        let Some(Place { folder, name }) = place(path) else { continue };
        for name in [partial(name.clone()), journal(name)] {
            let kept = Place { folder: Arc::clone(&folder), name };
            let others = written.iter().filter(|(other, _)| other != option).chain(&read);
            if let Some((other, path)) = met(&kept, others) {
                let path = path_text(path);
                let problem =
                    format!("{other} names {path}, where {option} is kept if the run ends early");
                return Err(Trouble::usage(problem, OWN));
            }
        }
    }
    Ok(())
}

/// What no file takes the place of: those of these that are files.
pub(super) fn spared<'a>(read: impl Iterator<Item = Named<'a>>) -> Vec<Spared> {
    read.filter_map(|(option, path)| Some(Spared::new(option, place(path)?))).collect()
}

/// Where a file is that a run reads or would write; None for devices, and where it cannot be told.
fn place(path: &Path) -> Option<Place> {
    let is_device = fs::metadata(path).is_ok_and(|known| !known.is_file());
    Some(path).filter(|_| !is_device).and_then(|path| Place::of(path).ok())
}

/// The first of the files that is at this place.
fn met<'n, 'a: 'n>(
    place: &Place,
    mut others: impl Iterator<Item = &'n Named<'a>>,
) -> Option<&'n Named<'a>> {
    others.find(|(_, path)| Place::of(path).and_then(|it| place.meets(&it)).unwrap_or(false))
}
