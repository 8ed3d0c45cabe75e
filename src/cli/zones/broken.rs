//! What could not be read of the zone data, and which domains that leaves open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hickory_proto::rr::Name;

use super::super::domains::Drafted;
use crate::list::Listed;
use crate::lookup::zones::ZoneFile;
use crate::name::Shard;
use crate::zonefile::Position;

/// A file or a zone that could not be read, among others that could.
#[derive(Debug)]
pub(in crate::cli) struct Broken {
    /// What it is called.
    source: String,
    /// What is wrong with it.
    error: String,
    about: About,
    /// The file, where it was found in a folder.
    path: Option<PathBuf>,
    /// Where the first of all that is wrong stands.
    first: Option<Position>,
}

/// What is known of the zone that a broken file is about.
#[derive(Debug)]
pub(super) enum About {
    /// What could be read of it tells.
    Rest(Box<ZoneFile>),
    Zone(Name),
    /// Nothing tells; the user named the file, so it may be about any domain.
    Any,
    /// Nothing tells, and it lay around.
    Nobody,
}

impl Broken {
    /// Takes note of the first of all that is wrong, and of what helps.
    pub(super) fn new(
        source: String,
        problems: &[String],
        hint: Option<&str>,
        about: About,
    ) -> Self {
        let first = problems.first().map(String::as_str).unwrap_or_default();
        let more = match problems.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        Self { source, error: format!("{first}{more}{hint}"), about, path: None, first: None }
    }

    /// Says which file of a folder it is.
    pub(super) fn found_at(self, path: Option<PathBuf>) -> Self {
        Self { path, ..self }
    }

    /// Says where the first of all that is wrong stands.
    pub(super) fn first_at(self, first: Option<Position>) -> Self {
        Self { first, ..self }
    }

    /// The file of a folder that it is.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether it may have something to say of a domain, which cannot be judged then.
    pub(super) fn concerns(&self, domain: &Name) -> bool {
        match &self.about {
            About::Rest(file) => file.concerns(domain),
            About::Zone(zone) => zone.zone_of(domain),
            About::Any => true,
            About::Nobody => false,
        }
    }

    /// The first problem, as a line of its own.
    pub(super) fn problem(&self) -> String {
        self.error.clone()
    }
}

/// Where each of what is broken is so, by what it is called.
pub(in crate::cli) fn places(broken: &[Broken]) -> HashMap<String, Position> {
    broken.iter().filter_map(|it| Some((it.source.clone(), it.first.clone()?))).collect()
}

/// What is broken in front, each one result, and with the works behind those domains as broken that
/// it concerns: that they miss a record would be said of what was not read. Of several shards, one
/// tells of it.
pub(in crate::cli) fn with_works<T>(
    broken: Vec<Broken>,
    shard: Option<Shard>,
    works: impl Iterator<Item = Drafted<T>>,
) -> impl Iterator<Item = Drafted<T>> {
    let results: Vec<Drafted<T>> = broken
        .iter()
        .filter(|it| shard.is_none_or(|shard| shard.holds_text(&it.source)))
        .map(|Broken { source, error, .. }| {
            let parsed = Err(error.clone());
            let listed = Listed { line: None, typed: source.clone(), parsed };
            Ok((listed, Err(error.clone())))
        })
        .collect();
    let works = works.map(move |work| {
        let (listed, draft) = work?;
        let domain = listed.parsed.as_ref().ok().filter(|_| !broken.is_empty());
        let domain = domain.map(|(domain, _)| domain.name());
        let about = domain.and_then(|domain| broken.iter().find(|it| it.concerns(domain)));
        let Some(Broken { source, .. }) = about else { return Ok((listed, draft)) };
        let reason = format!("it lies in the zone of {source}, which could not be read");
        Ok((listed, Err(reason)))
    });
    results.into_iter().chain(works)
}
