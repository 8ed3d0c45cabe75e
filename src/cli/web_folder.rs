//! The web of a forecast as a folder: what each host serves by HTTP and HTTPS.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, de};

use super::progress::Progress;
use super::trouble::Trouble;
use super::{beside, profile};
use crate::forecast::Reach;
use crate::hosting::file;
use crate::interrupt::Interrupt;
use crate::name::{MailDomain, path_text};
use crate::page::{Content, MAX_BODY, Page, Request, Scheme, Unfetched, Url};
use crate::survey::Web;
use crate::words::did_you_mean;

/// What says how the hosts of the folder are reached, where that is not as usual.
const SETTINGS: &str = "web.yaml";

/// `web.yaml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Settings {
    /// Whether anybody answers by HTTPS.
    https: bool,
    /// Whether anybody answers by IPv6.
    ipv6: bool,
    /// The hosts that the certificate is not for.
    certificate_lacks: Vec<String>,
    /// Where is pointed to from addresses that begin so.
    redirects: BTreeMap<String, Location>,
}

impl Default for Settings {
    fn default() -> Self {
        let (certificate_lacks, redirects) = (Vec::new(), BTreeMap::new());
        Self { https: true, ipv6: true, certificate_lacks, redirects }
    }
}

/// An address that is pointed to.
#[derive(Debug)]
struct Location(Url);

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(LocationVisitor)
    }
}

/// Reads an address where it stands, so that a wrong one is pointed at.
struct LocationVisitor;

impl Visitor<'_> for LocationVisitor {
    type Value = Location;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address that begins with https:// or http://")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Location, E> {
        text.parse().map(Location).map_err(|_error| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// A folder in which `HOST/PATH` is what the host serves there.
#[derive(Debug)]
pub(super) struct WebFolder {
    folder: PathBuf,
    https: bool,
    redirects: BTreeMap<String, Location>,
    reach: Reach,
    /// The hosts of which something is said, and the names above them; None where that may be any.
    named: Option<HashSet<String>>,
}

impl WebFolder {
    /// Opens a folder where one is named, and says whether it is there.
    pub(super) fn named(
        folder: Option<&Path>,
        interrupt: &Interrupt,
        progress: &mut Progress<'_>,
    ) -> Result<Option<Self>, Trouble> {
        let web = folder.map(|folder| Self::open(folder, interrupt)).transpose()?;
        progress.note_any(web.as_ref().and_then(Self::absence));
        Ok(web)
    }

    /// Opens a folder, and reads how its hosts are reached. One that is not there is that of a domain for
    /// which nothing is served, and [`absence`](Self::absence) tells; one of which not even the folder
    /// around it is there, is mistyped.
    pub(super) fn open(folder: &Path, interrupt: &Interrupt) -> Result<Self, Trouble> {
        let unread = |path: &Path, source| Trouble::Read { path: path.to_owned(), source };
        let mut hosts = Vec::new();
        match fs::read_dir(folder) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                if beside::around(folder).is_some_and(|around| !around.is_dir()) {
                    return Err(unread(folder, source));
                }
            }
            Err(source) => return Err(unread(folder, source)),
            Ok(names) => {
                for name in names {
                    let name = name.map_err(|source| unread(folder, source))?.file_name();
                    hosts.push(name.to_string_lossy().into_owned());
                }
            }
        }
        let path = folder.join(SETTINGS);
        let settings = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Settings::default(),
            _ => {
                let octets = profile::octets(&path, file::MAX_OCTETS, interrupt)?;
                let text = io::read_to_string(octets.as_slice());
                let text = text.map_err(|source| unread(&path, source))?;
                file::parse_as(&text, &path_text(&path))
                    .map_err(|error| Trouble::Profile(error.to_string()))?
            }
        };
        let named = named(hosts, &settings);
        let Settings { https, ipv6, certificate_lacks, redirects } = settings;
        let reach = Reach { ipv6, certificate_lacks };
        Ok(Self { folder: folder.to_owned(), https, redirects, reach, named })
    }

    /// What is said where there is no such folder: of those beside it, one is likely meant.
    pub(super) fn absence(&self) -> Option<String> {
        if self.folder.is_dir() {
            return None;
        }
        let likely = beside::likely(&self.folder, Path::is_dir);
        let meant = likely.map_or_else(String::new, |it| format!("; {}", did_you_mean(&it)));
        let folder = path_text(&self.folder);
        Some(format!("note: {folder}: there is no such folder, so nothing is served{meant}"))
    }

    /// What the hosts of an address say.
    fn page(&self, url: &Url, addresses: &[IpAddr]) -> Page {
        let is_https = url.scheme() == Scheme::Https;
        let is_answered = self.reach.is_answered(addresses) && url.port().is_none();
        if !is_answered || is_https && !self.https {
            return Page::of(Err(Unfetched::Refused));
        }
        let is_lacking = is_https && !self.reach.is_certified(url.host());
        let fault = is_lacking.then_some(Unfetched::Certificate);
        let asked = url.to_string();
        // The longest beginning is meant.
        let prefix = |(prefix, _): &(&String, &Location)| prefix.len();
        let redirects = self.redirects.iter();
        let redirect = redirects.filter(|(from, _)| asked.starts_with(*from)).max_by_key(prefix);
        let page = match redirect {
            Some((_, Location(url))) => Page::redirect(url.clone()),
            None => self.file(url).unwrap_or_else(Page::missing),
        };
        Page { content: page.content.map(|content| Content { fault, ..content }) }
    }

    /// What stands in the folder.
    fn file(&self, url: &Url) -> Option<Page> {
        let mut path = self.folder.join(url.host());
        // Nothing leads out of the folder of the host.
        let is_name = |name: &&str| !name.is_empty() && !matches!(*name, "." | "..");
        if matches!(url.host(), "." | "..") || url.path().contains('\\') {
            return None;
        }
        for name in url.path().split('/').skip(1) {
            path.push(Some(name).filter(is_name)?);
        }
        let file = File::open(&path).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        // Room for all, and to see that no more follows.
        let room = usize::try_from(length).ok()?.min(MAX_BODY) + 1;
        let mut octets = Vec::with_capacity(room);
        file.take(MAX_BODY as u64 + 1).read_to_end(&mut octets).ok()?;
        Some(match octets.len() > MAX_BODY {
            true => Page::of(Err(Unfetched::TooLarge)),
            false => Page::found(octets),
        })
    }
}

/// The hosts of which something is said, and the names above them; None where addresses are told by
/// less than a whole host.
fn named(mut hosts: Vec<String>, settings: &Settings) -> Option<HashSet<String>> {
    hosts.extend(settings.certificate_lacks.iter().cloned());
    for prefix in settings.redirects.keys() {
        let (_, rest) = prefix.split_once("://")?;
        hosts.push(rest.split_once('/')?.0.to_owned());
    }
    let mut named = HashSet::new();
    for host in hosts {
        let host = host.to_ascii_lowercase();
        let places = host.match_indices('.').map(|(place, _)| place + 1);
        named.extend(places.filter_map(|place| host.get(place..)).map(str::to_owned));
        named.insert(host);
    }
    Some(named)
}

impl Web for WebFolder {
    async fn fetch(&self, request: &Request, addresses: &[IpAddr]) -> Page {
        self.page(&request.url, addresses)
    }

    fn reach(&self) -> Option<&Reach> {
        Some(&self.reach)
    }

    fn names(&self, domain: &MailDomain) -> bool {
        self.named.as_ref().is_none_or(|named| named.contains(domain.as_str()))
    }
}
