//! Files that a run would write over each other, or over what it reads.

use std::fs;
use std::path::Path;

use super::args::SubjectArgs;
use super::trouble::Trouble;
use crate::folder::Place;

/// A file with the option that names it.
pub(super) type Named<'a> = (&'static str, &'a Path);

/// The files that every command reads that takes mail domains.
pub(super) fn read_by(args: &SubjectArgs) -> impl Iterator<Item = Named<'_>> {
    let input = args.input.as_deref().filter(|path| path.as_os_str() != "-");
    let profile = args.profile.as_deref();
    input.map(|path| ("--input", path)).into_iter().chain(profile.map(|path| ("--profile", path)))
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
        let is_device = fs::metadata(path).is_ok_and(|known| !known.is_file());
        let Some(place) = Some(path).filter(|_| !is_device).and_then(|path| Place::of(path).ok())
        else {
            continue;
        };
        for (other, second) in written[at + 1..].iter().chain(&read) {
            let is_same = Place::of(second).and_then(|second| place.meets(&second));
            if is_same.unwrap_or(false) {
                let problem =
                    format!("{option} and {other} name the same file, {}", path.display());
                return Err(Trouble::usage(problem, "give each a file of its own"));
            }
        }
    }
    Ok(())
}
