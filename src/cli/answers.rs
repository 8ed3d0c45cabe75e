//! Who answers the questions of an audit: a recording, zone files, servers.

use std::fs::{self, File};
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom, sink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ask_args::AskArgs;
use super::desk::Desk;
use super::domains::{Domains, Drafted};
use super::engines;
use super::judges;
use super::outlooks;
use super::progress::Progress;
use super::questions::{candidates, survey};
use super::servers::{Servers, unresolved};
use super::trouble::Trouble;
use super::visit_args::ReachArgs;
use super::wait::Book;
use super::zones::{self, Broken};
use crate::audit::Candidate;
use crate::hosting::Hosting;
use crate::interrupt::{Interrupt, Waiting};
use crate::lookup::Lookup;
use crate::lookup::authority::Authority;
use crate::lookup::hosts::Hosts;
use crate::lookup::layered::First;
use crate::lookup::once::Once;
use crate::lookup::recorded::{Recorder, Recording};
use crate::lookup::resolver::Network;
use crate::lookup::validator::Validator;
use crate::lookup::zones::Zones;
use crate::name::{MailDomain, path_text};
use crate::output::{Output, OutputError};
use crate::survey::{Probe, Visiting};

/// How long a connection to a server that is visited, a handshake and each answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Who answers the questions: a recording, else zone files, and servers for what lies outside them.
pub(super) struct Source {
    replay: Option<Recording<Checked>>,
    zones: Option<First<Zones, Hosts>>,
    /// What of the zones could not be read.
    broken: Vec<Broken>,
    /// The zone files that no option names, and what led to each.
    files: Vec<(&'static str, PathBuf)>,
    servers: Servers,
    /// Asked in the place of all others, where there is one.
    authority: Option<Authority>,
}

impl Source {
    /// Reads recordings and zone files; whether servers answer, the first question tells.
    pub(super) fn open(
        args: &AskArgs,
        visits_others: bool,
        hosting: &Hosting,
        domains: &mut Domains<'_>,
        progress: &mut Progress<'_>,
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let replay = args.replay.as_deref();
        let replay = replay.map(|path| read_recording(path, interrupt)).transpose()?;
        let servers = Servers::read(args, visits_others, interrupt)?;
        let (mut zones, mut broken, mut files) = (None, Vec::new(), Vec::new());
        if !args.zones.zone.is_empty() || args.zones.transfer.is_some() {
            let hosts = Hosts::new(hosting.addresses(), hosting.ttl());
            let data = zones::read(args, domains, progress, interrupt)?;
            if let Some(found) = data.found {
                domains.take_found(found, progress.is_followed());
            }
            zones = Some(First::new(data.zones, hosts));
            (broken, files) = (data.broken, data.files);
        }
        let authority = servers.authority(args)?;
        Ok(Self { replay, zones, broken, files, servers, authority })
    }

    /// What of the zone data could not be read, each one broken result.
    pub(super) fn take_broken(&mut self) -> Vec<Broken> {
        std::mem::take(&mut self.broken)
    }

    /// The zone files that were found in folders or included, each with what led to it.
    pub(super) fn take_files(&mut self) -> Vec<(&'static str, PathBuf)> {
        std::mem::take(&mut self.files)
    }

    /// What is known of the servers that are asked; None where nobody is.
    pub(super) fn network(&self) -> Option<Network> {
        let is_offline = self.replay.is_some() || self.zones.is_some() && self.servers.is_empty();
        (!is_offline).then(|| self.servers.network().clone())
    }

    /// Who visits servers and fetches pages, believing those authorities that are believed of servers
    /// of DNS.
    pub(super) fn probe(&self, reach: &ReachArgs) -> Probe {
        Probe::new(reach.terms(self.servers.trust().clone(), PATIENCE))
    }

    /// Conducts all inquiries: on this thread, where they wait far more than they work, or by several.
    pub(super) fn answer(
        self,
        works: impl Iterator<Item = Drafted<()>>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let probe = desk.args.probe.then(|| self.probe(&desk.args.visits.reach));
        let Self { replay, mut zones, servers, authority, .. } = self;
        let subjects = &desk.args.subjects;
        // Of a list beside zones each domain is judged when it is read.
        let is_at_hand = replay.is_none()
            && authority.is_none()
            && servers.is_empty()
            && subjects.input.is_none()
            && subjects.domains.is_empty();
        let threads = desk.threads();
        if let Some(zones) = zones.take_if(|_| is_at_hand && desk.may_be_parted()) {
            return judges::judge(&zones, works, desk, threads);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| unresolved(&error))?;
        let is_by_resolver = replay.is_none()
            && authority.is_none()
            && zones.is_none()
            && !servers.are_compared()
            && servers.anchors().is_none();
        if is_by_resolver && threads > 1 {
            let resolver = runtime.block_on(servers.resolver())?;
            let threads = engines::threads(&resolver, threads, desk);
            if threads > 1 {
                return engines::ask(resolver, works, desk, threads);
            }
        }
        let works = candidates(works, desk.series);
        runtime.block_on(async {
            if let Some(authority) = authority {
                return recorded(Visiting::new(Once::new(authority), probe), works, desk).await;
            }
            match (replay, zones) {
                (Some(recording), _) if probe.is_some() => {
                    asked(&recording.visiting(), works, desk, &(), || false).await
                }
                (Some(recording), _) => asked(&recording, works, desk, &(), || false).await,
                (None, None) if servers.are_compared() => {
                    recorded(Visiting::new(servers.compared().await?, probe), works, desk).await
                }
                (None, Some(zones)) if servers.is_empty() => {
                    recorded(Visiting::new(zones, probe), works, desk).await
                }
                (None, zones) => {
                    let resolver = servers.resolver().await?;
                    match servers.anchors() {
                        Some(anchors) => {
                            let servers = Validator::new(resolver, anchors);
                            live(zones, servers, probe, works, desk).await
                        }
                        None => live(zones, resolver, probe, works, desk).await,
                    }
                }
            }
        })
    }
}

/// Who has questions, whoever answers them.
pub(super) trait Asker {
    /// What comes of it.
    type Done;

    /// Asks all that is to be asked.
    fn ask<L: Lookup>(self, lookup: &L) -> impl Future<Output = Self::Done>;
}

impl Source {
    /// Answers whatever is asked, on this thread, and visits servers by a probe, where there is one.
    pub(super) fn serve<A: Asker>(
        self,
        asker: A,
        probe: Option<Probe>,
    ) -> Result<A::Done, Trouble> {
        let Self { replay, zones, servers, authority, .. } = self;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| unresolved(&error))?;
        runtime.block_on(async {
            if let Some(authority) = authority {
                return Ok(asker.ask(&Visiting::new(Once::new(authority), probe)).await);
            }
            Ok(match (replay, zones) {
                (Some(recording), _) if probe.is_some() => asker.ask(&recording.visiting()).await,
                (Some(recording), _) => asker.ask(&recording).await,
                (None, Some(zones)) if servers.is_empty() => {
                    asker.ask(&Visiting::new(zones, probe)).await
                }
                (None, zones) => {
                    let servers = Once::new(servers.resolver().await?);
                    match zones {
                        Some(zones) => {
                            let first = First::new(zones, servers);
                            asker.ask(&Visiting::new(first, probe)).await
                        }
                        None => asker.ask(&Visiting::new(servers, probe)).await,
                    }
                }
            })
        })
    }
}

/// Asks servers, for what the zone files at hand do not hold.
async fn live<L: Lookup>(
    zones: Option<First<Zones, Hosts>>,
    servers: L,
    probe: Option<Probe>,
    works: impl Iterator<Item = Drafted<Candidate>>,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let servers = Once::new(servers);
    match zones {
        Some(zones) => {
            recorded(Visiting::new(First::new(zones, servers), probe), works, desk).await
        }
        None => recorded(Visiting::new(servers, probe), works, desk).await,
    }
}

/// Asks about every domain, and foretells the clients of each where that is wanted.
async fn asked<L: Lookup>(
    lookup: &L,
    works: impl Iterator<Item = Drafted<Candidate>>,
    desk: &mut Desk<'_>,
    book: &impl Book,
    broken: impl Fn() -> bool,
) -> Result<(), Trouble> {
    match desk.args.forecast {
        true => outlooks::survey(lookup, works, desk, broken).await,
        false => survey(lookup, works, desk, book, broken).await,
    }
}

/// A recording is refused for its first bad line: with answers missing, verdicts would be open.
fn read_recording(path: &Path, interrupt: &Interrupt) -> Result<Recording<Checked>, Trouble> {
    let file = seekable(path, interrupt)
        .map_err(|source| Trouble::Read { path: path.to_owned(), source })?;
    let source = Checked { file, interrupt: interrupt.clone() };
    Recording::read(source, &path_text(path))
        .map_err(|error| Trouble::Profile(format!("error: {error}")))
}

/// Lines are read where they stand, so what comes out of a pipe is put into a file without a name
/// first.
pub(super) fn seekable(path: &Path, interrupt: &Interrupt) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        let mut file = tempfile::tempfile()?;
        io::copy(&mut Waiting::open(path, interrupt)?, &mut file)?;
        Ok(file)
    }
}

/// A file that is read until a signal comes.
#[derive(Debug)]
struct Checked {
    file: File,
    interrupt: Interrupt,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupt.check()?;
        self.file.read(buffer)
    }
}

impl Seek for Checked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Answers are written down where the user wants that; the file appears when the run is done. Of a
/// run that is not, and of a file that cannot be written on, what was answered is kept: each of its
/// lines is whole.
async fn recorded<L: Lookup>(
    lookup: L,
    works: impl Iterator<Item = Drafted<Candidate>>,
    desk: &mut Desk<'_>,
) -> Result<(), Trouble> {
    let Some(path) = &desk.args.record else {
        return asked(&lookup, works, desk, &(), || false).await;
    };
    let mut nowhere = sink();
    let output = Output::open(Some(path), &mut nowhere, desk.interrupt)?;
    let mut recorder = Recorder::new(lookup, output);
    if desk.args.wait.is_some() {
        recorder = recorder.deferring();
    }
    let surveyed = asked(&recorder, works, desk, &recorder, || recorder.is_broken()).await;
    let is_empty = recorder.is_empty();
    let (output, written) = recorder.finish();
    let written = written.map_err(|source| OutputError::Write { path: path.clone(), source });
    let (ended, kept) = match (surveyed, written) {
        (Ok(()), Ok(())) => return Ok(output.finish()?),
        (Err(trouble), Ok(())) if is_empty => (trouble, Ok(None)),
        // An earlier recording is not given for a part of this one.
        (Err(trouble), Ok(())) if path.exists() => (trouble, output.keep()),
        (Err(trouble), Ok(())) => (trouble, output.finish().map(|()| Some(path.clone()))),
        // A device has nothing that could be kept.
        (Ok(()), Err(error)) => (error.into(), output.keep_file()),
        (Err(trouble), Err(error)) => {
            desk.progress.say(&Trouble::from(error).to_string());
            (trouble, output.keep_file())
        }
    };
    desk.progress.clear();
    match kept {
        Ok(Some(path)) => {
            desk.progress.say(&format!("the answers so far are in {}", path_text(&path)));
        }
        Ok(None) => {}
        Err(error) => desk.progress.say(&Trouble::from(error).to_string()),
    }
    Err(ended)
}

impl<L: Lookup, W: io::Write> Book for Recorder<L, W> {
    fn settle(&self, domain: &MailDomain) {
        self.settle(domain);
    }

    fn close(&self, domain: &MailDomain) {
        self.close(domain);
    }
}
