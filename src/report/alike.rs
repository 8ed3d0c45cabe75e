//! Layouts of what a report says of mail domains that are alike.
//!
//! Of mail domains about which the same is heard ([`Alike`](crate::audit::Alike)) a format says the
//! same, but for the mail domain, the addresses that are its own and the lines of files. What it says
//! of one is laid out once: of two stand-ins for the domain, which are judged like it, the texts are cut where the stand-ins
//! are; and the first and a second domain, both judged by themselves, must read as the layout has it.
//! Only then are others filled in. A domain whose name might mean anything to a rule is none of them.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};

use super::blanks::{Blank, Cloze};
use super::tally::Share;
use super::{Item, Report};
use crate::audit::{Alike, Audit, Candidate, Finding, Passed, Series, Standing};
use crate::inquiry::Observed;
use crate::name::MailDomain;
use crate::plan::{STAND_INS, registrable};
use crate::zonefile::Position;

/// What the labels of stand-ins have behind that of the domain: so they stand where it does among other
/// names. They are of different lengths.
const BEHIND: [&str; 2] = ["-7q4x", "-k2z9w-8w5yq3vj"];

/// The longest mail domain for which no name of an inquiry is too long (RFC 1035 §2.3.4), even the
/// doubled one.
const LONGEST: usize = 100;

/// The layouts that are kept at most, at some 10 KiB each.
const MOST: usize = 2_048;

/// The layouts of a run, by the numbers of those who are alike.
#[derive(Default)]
pub struct Layouts {
    by_number: HashMap<usize, Known>,
    /// How those read who pass like others, by their numbers; None where that is not all alike.
    passed: HashMap<usize, Option<Passing>>,
    /// Room for what is said of one domain.
    page: Vec<u8>,
}

/// How the report reads of each of several domains that pass.
struct Passing {
    /// What came of one of them.
    audit: Audit,
    share: Share,
    cloze: Cloze,
}

/// What is known of domains that are alike.
enum Known {
    /// One was judged, or some of which each has a name that may mean more.
    Met,
    /// How one of them reads.
    Once(Box<Layout>),
    /// A second one reads like that.
    Proven(Box<Layout>),
    /// They do not read alike.
    Never,
}

/// How the report reads of each of several domains.
struct Layout {
    /// What came of the first of them.
    audit: Audit,
    share: Share,
    cloze: Cloze,
    /// What is said of all of them: none of it may be the label of one.
    words: HashSet<Box<[u8]>>,
    /// The labels of other names beside the domain, and how its own stands to each of them.
    beside: Vec<(Box<[u8]>, Ordering)>,
    /// The addresses that are not the domain's own.
    foreign: HashSet<IpAddr>,
    /// The most octets of the first label.
    longest: usize,
    /// The labels of what can be registered, of the domain or above it.
    registrable: usize,
    /// Where each finding was located.
    located: Vec<Located>,
    placed: Placed,
}

/// An RRset that was found in a file.
struct Located {
    /// Its owner name; relative to the mail domain where that is in it.
    owner: Name,
    is_inside: bool,
    rtype: RecordType,
    file: Arc<str>,
}

/// Where things stand in files.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// Where the first record of an RRset stands.
    pub position: &'a dyn Fn(&Name, RecordType) -> Option<Position>,
    /// Where a domain is placed of which no file has a zone or a record, as far as that is known.
    pub otherwise: Option<&'a Position>,
}

/// A domain that was judged by itself.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// Which one.
    pub candidate: &'a Candidate,
    /// What was observed of it.
    pub observed: &'a Observed,
    /// What came of that, with the places of files.
    pub audit: &'a Audit,
}

impl Layouts {
    /// Learns from a domain that was judged by itself.
    ///
    /// # Errors
    ///
    /// Never but for memory: nothing is written.
    pub fn learn(
        &mut self,
        sample: Sample<'_>,
        series: &Series<'_>,
        report: &mut Report,
        places: Places<'_>,
    ) -> io::Result<()> {
        let Some(alike) = sample.candidate.alike() else { return Ok(()) };
        let number = alike.number;
        let known = match self.by_number.remove(&number) {
            None if self.by_number.len() >= MOST => return Ok(()),
            // Most that are like nobody are like nobody to come.
            None => Known::Met,
            Some(Known::Met) => Layout::of(sample, alike, series, report, places)?,
            Some(Known::Once(layout)) => {
                if !layout.holds_for(sample.audit.domain.as_str(), alike) {
                    Known::Once(layout)
                } else if layout.reads_like(sample, alike, report, places)? {
                    Known::Proven(layout)
                } else {
                    Known::Never
                }
            }
            Some(known @ (Known::Proven(_) | Known::Never)) => known,
        };
        self.by_number.insert(number, known);
        Ok(())
    }

    /// Whether it is known how a candidate reads, without that it is asked about; its lines in files are
    /// known then.
    pub fn fit(&self, candidate: &Candidate, places: Places<'_>) -> bool {
        let Some(alike) = candidate.alike() else { return false };
        let Some(Known::Proven(layout)) = self.by_number.get(&alike.number) else { return false };
        if !layout.holds_for(candidate.domain().as_str(), alike) {
            return false;
        }
        let Some(lines) = layout.lines(candidate.domain(), places) else { return false };
        alike.lines.get_or_init(|| lines.into());
        true
    }

    /// Adds a candidate that [fits](Self::fit) to a report.
    ///
    /// # Errors
    ///
    /// As those of [`Report::item`].
    pub fn report(
        &mut self,
        candidate: &Candidate,
        report: &mut Report,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(alike) = candidate.alike() else { return Ok(()) };
        let Some(Known::Proven(layout)) = self.by_number.get(&alike.number) else { return Ok(()) };
        let lines = alike.lines.get().map_or(&[][..], |lines| lines);
        self.page.clear();
        layout.cloze.fill(candidate.domain().as_str(), &alike.addresses, lines, &mut self.page);
        report.alike(&layout.audit, layout.share, &self.page, out)
    }

    /// Adds a mail domain to a report that passes like others; false where it is not known how those
    /// read.
    ///
    /// # Errors
    ///
    /// As those of [`Report::item`].
    pub fn report_passed(
        &mut self,
        domain: &MailDomain,
        passed: &Passed,
        report: &mut Report,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        let is_full = self.passed.len() >= MOST;
        let passing = match self.passed.entry(passed.number()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if is_full => return Ok(false),
            Entry::Vacant(room) => room.insert(Passing::of(passed, report)?),
        };
        let Some(Passing { audit, share, cloze }) = passing else { return Ok(false) };
        self.page.clear();
        cloze.fill(domain.as_str(), &[], &[], &mut self.page);
        report.alike(audit, *share, &self.page, out).map(|()| true)
    }
}

impl Passing {
    /// Lays out what is said of those who pass like others: of one that passes nothing is said but its
    /// name and names outside.
    fn of(passed: &Passed, report: &mut Report) -> io::Result<Option<Self>> {
        let mut known: Option<Self> = None;
        for stand_in in STAND_INS {
            let Ok(domain) = stand_in.parse() else { return Ok(None) };
            let audit = passed.audit(&domain);
            let item = Item::Judged { plan: None, observed: None, audit: &audit, outlook: None };
            let blanks = [(stand_in.to_owned(), Blank::Domain)];
            let Some(cloze) = Cloze::cut(&report.text(item)?, &blanks) else { return Ok(None) };
            if known.as_ref().is_some_and(|it| it.cloze != cloze) {
                return Ok(None);
            }
            let share = Share::of(item);
            known = Some(Self { audit, share, cloze });
        }
        Ok(known)
    }
}

impl Layout {
    /// Lays out what is said of a domain. Where it says nothing about others, the next one may; such
    /// names are few or told before anything is judged.
    fn of(
        sample: Sample<'_>,
        alike: &Alike,
        series: &Series<'_>,
        report: &mut Report,
        places: Places<'_>,
    ) -> io::Result<Known> {
        let Sample { observed, audit, .. } = sample;
        let domain = audit.domain.name();
        let above = domain.base_name();
        let text = audit.domain.as_str();
        let Some((label, _)) = text.split_once('.') else { return Ok(Known::Never) };
        let own = |name: &Name| name.iter().any(|it| it.eq_ignore_ascii_case(label.as_bytes()));
        let is_foreign = |address: &IpAddr| !alike.addresses.contains(address);
        // Of another's address nobody can tell that it is not the domain's own.
        let is_mixed = !alike.are_all
            && observed.addresses().any(|(is_own, address)| !is_own && !is_foreign(&address));
        let mut words: HashSet<Box<[u8]>> = observed.labels().collect();
        let means_more = is_mixed
            || !is_plain(label.as_bytes())
            || words.contains(label.as_bytes())
            || observed.outside().any(|name| own(&name));
        if means_more {
            return Ok(Known::Met);
        }
        let placed = Placed::of(audit, places);
        let Some((placed, located)) = placed.zip(located(audit, places)) else {
            return Ok(Known::Never);
        };
        let mut clozes = Vec::with_capacity(BEHIND.len());
        for at in 0..BEHIND.len() {
            let Some(judged) = stand_in(at, sample, alike, (&located, &placed), series) else {
                return Ok(Known::Never);
            };
            let StandIn { domain, audit, observed, values } = judged;
            let judged = Item::Judged {
                plan: None,
                observed: Some(&observed),
                audit: &audit,
                outlook: None,
            };
            let blanks = values.blanks(&alike.addresses, domain.as_str());
            clozes.push(Cloze::cut(&report.text(judged)?, &blanks));
        }
        let first = clozes.pop().flatten();
        let cloze = first.filter(|it| clozes.iter().all(|other| other.as_ref() == Some(it)));
        let Some(cloze) = cloze else { return Ok(Known::Never) };
        words.extend(cloze.words());
        let beside = observed.labels_below(&above).into_iter().map(|it| {
            let order = label.as_bytes().cmp(&it);
            (it, order)
        });
        let layout = Self {
            share: Share::of(Item::Judged { plan: None, observed: None, audit, outlook: None }),
            audit: audit.clone(),
            cloze,
            words,
            beside: beside.collect(),
            foreign: observed.addresses().map(|(_, it)| it).filter(is_foreign).collect(),
            longest: label.len() + BEHIND[1].len(),
            registrable: registrable(domain).iter().len(),
            located,
            placed,
        };
        if !layout.holds_for(text, alike) {
            return Ok(Known::Met);
        }
        let is_one = layout.reads_like(sample, alike, report, places)?;
        Ok(if is_one { Known::Once(Box::new(layout)) } else { Known::Never })
    }

    /// Whether nothing but the spelling of names depends on the name and the addresses of a domain.
    fn holds_for(&self, domain: &str, alike: &Alike) -> bool {
        let Some((label, parent)) = domain.split_once('.') else { return false };
        let octets = label.as_bytes();
        domain.len() <= LONGEST
            && octets.len() <= self.longest
            && is_plain(octets)
            && !self.words.contains(octets)
            && self.beside.iter().all(|(other, order)| octets.cmp(other) == *order)
            && !alike.addresses.iter().any(|address| self.foreign.contains(address))
            // Below a single label, nothing else can be registered with what is inside.
            && (!parent.contains('.') || self.is_registrable_alike(domain))
    }

    fn is_registrable_alike(&self, domain: &str) -> bool {
        let domain = domain.parse::<MailDomain>();
        domain.is_ok_and(|domain| registrable(domain.name()).iter().len() == self.registrable)
    }

    /// The lines in files where the records of a domain stand; None where they are in other files.
    fn lines(&self, domain: &MailDomain, places: Places<'_>) -> Option<Vec<u64>> {
        let line = |located: &Located| {
            let inside = || located.owner.clone().append_name(domain.name()).ok();
            let owner = if located.is_inside { inside()? } else { located.owner.clone() };
            let found = (places.position)(&owner, located.rtype)?;
            (found.file == located.file).then_some(found.line)
        };
        let place = match (&self.placed, places.otherwise) {
            (Placed::Above, _) | (Placed::Nowhere, None) => None,
            (Placed::In(file), Some(place)) if place.file == *file => Some(place.line),
            (Placed::In(_) | Placed::Nowhere, _) => return None,
        };
        self.located.iter().map(line).chain(place.map(Some)).collect()
    }

    /// Whether a domain that was judged by itself reads as the layout has it.
    fn reads_like(
        &self,
        sample: Sample<'_>,
        alike: &Alike,
        report: &mut Report,
        places: Places<'_>,
    ) -> io::Result<bool> {
        let Sample { observed, audit, .. } = sample;
        let item = Item::Judged { plan: None, observed: Some(observed), audit, outlook: None };
        if self.share != Share::of(item) {
            return Ok(false);
        }
        let Some(lines) = self.lines(&audit.domain, places) else { return Ok(false) };
        let mut filled = Vec::new();
        self.cloze.fill(audit.domain.as_str(), &alike.addresses, &lines, &mut filled);
        Ok(filled == report.text(item)?)
    }
}

/// Whether a label is a word, and no number: those may spell an address.
fn is_plain(label: &[u8]) -> bool {
    label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
        && label.iter().any(u8::is_ascii_alphabetic)
        && !label.starts_with(b"-")
        && !label.ends_with(b"-")
}

/// Another domain that was judged in the place of one.
struct StandIn {
    domain: MailDomain,
    audit: Audit,
    observed: Observed,
    values: Values,
}

/// Judges the stand-in at a place in the place of a domain, and places it like that.
fn stand_in(
    at: usize,
    sample: Sample<'_>,
    alike: &Alike,
    (located, placed): (&[Located], &Placed),
    series: &Series<'_>,
) -> Option<StandIn> {
    let (label, parent) = sample.audit.domain.as_str().split_once('.')?;
    let domain: MailDomain = format!("{label}{}.{parent}", BEHIND[at]).parse().ok()?;
    let values = Values::of(alike.addresses.len(), located.len() + 1, at);
    let address = |own: IpAddr| {
        let at = alike.addresses.iter().position(|known| *known == own)?;
        let (v4, v6) = values.addresses.get(at)?;
        Some(if own.is_ipv4() { IpAddr::from(*v4) } else { IpAddr::from(*v6) })
    };
    let Sample { candidate, observed, audit: told } = sample;
    let (mut audit, observed) = series.stand_in(candidate, observed, &domain, address)?;
    if audit.findings.len() != told.findings.len() {
        return None;
    }
    audit.place.clone_from(&told.place);
    let mut lines = values.lines.iter();
    for (finding, told) in audit.findings.iter_mut().zip(&told.findings) {
        finding.position.clone_from(&told.position);
        if let Some(position) = &mut finding.position {
            position.line = *lines.next()?;
        }
    }
    if let (Placed::In(_), Some(place)) = (placed, &mut audit.place) {
        place.line = *lines.next()?;
    }
    Some(StandIn { domain, audit, observed, values })
}

/// Where a domain itself is placed.
enum Placed {
    /// Where the zone around it is, as all beside it.
    Above,
    /// In this file, on a line of its own.
    In(Arc<str>),
    Nowhere,
}

impl Placed {
    /// None where it is placed by its own records.
    fn of(audit: &Audit, places: Places<'_>) -> Option<Self> {
        let domain = audit.domain.name();
        let find = places.position;
        let is_found = |it: &Standing| find(&it.owner, it.rtype).is_some();
        if find(domain, RecordType::SOA).is_some() {
            return None;
        }
        let labels = usize::from(domain.num_labels());
        let mut above = (1..labels).rev().map(|labels| domain.trim_to(labels));
        if let Some(above) = above.find_map(|apex| find(&apex, RecordType::SOA)) {
            return (audit.place == Some(above)).then_some(Self::Above);
        }
        if audit.standings.iter().any(is_found) || audit.place.as_ref() != places.otherwise {
            return None;
        }
        Some(audit.place.as_ref().map_or(Self::Nowhere, |place| Self::In(place.file.clone())))
    }
}

/// By which RRset each finding was located that was.
fn located(audit: &Audit, places: Places<'_>) -> Option<Vec<Located>> {
    let (domain, position) = (audit.domain.name(), places.position);
    let of_finding = |finding: &Finding| {
        let file = finding.position.as_ref()?.file.clone();
        let is_it = |found: Position| Some(&found) == finding.position.as_ref();
        let subject = finding.subjects.iter().find(|it| {
            it.rtype().and_then(|rtype| position(it.owner(), rtype)).is_some_and(is_it)
        })?;
        let (owner, is_inside) = (subject.owner(), domain.zone_of(subject.owner()));
        let kept = owner.iter().len() - if is_inside { domain.iter().len() } else { 0 };
        let owner = match is_inside {
            true => Name::from_labels(owner.iter().take(kept)).ok()?,
            false => owner.clone(),
        };
        Some(Located { owner, is_inside, rtype: subject.rtype()?, file })
    };
    let located = audit.findings.iter().filter(|finding| finding.position.is_some());
    located.map(of_finding).collect()
}

/// What stands in the place of addresses and lines: each is spelled with as many characters as all of
/// its kind, and nothing else is spelled so.
struct Values {
    addresses: Vec<(Ipv4Addr, Ipv6Addr)>,
    lines: Vec<u64>,
}

impl Values {
    fn of(addresses: usize, lines: usize, series: usize) -> Self {
        // 64 nodes hold fewer than 20 × 90 addresses without two in one RRset.
        let address = |at: usize| {
            let (high, low) = ((at / 90) as u8, (at % 90) as u8);
            let v4 = Ipv4Addr::new(247 + series as u8, 113, 110 + high, 110 + low);
            let tail = [0x1d4b, 0x2000 + series as u16, 0x3000 + at as u16];
            let v6 =
                Ipv6Addr::new(0xfd7a, 0x4c1e, 0x9b3d, 0x5f2a, 0x8e6c, tail[0], tail[1], tail[2]);
            (v4, v6)
        };
        let line = |at: usize| 7_310_460_000_000_000_000 + 1_000_000 * series as u64 + at as u64;
        Self {
            addresses: (0..addresses).map(address).collect(),
            lines: (0..lines).map(line).collect(),
        }
    }

    /// How each is spelled, and what it stands for.
    fn blanks(&self, own: &[IpAddr], domain: &str) -> Vec<(String, Blank)> {
        let addresses = own.iter().zip(&self.addresses).enumerate().map(|(at, (own, it))| {
            let spelled = if own.is_ipv4() { it.0.to_string() } else { it.1.to_string() };
            (spelled, Blank::Address(at))
        });
        let lines = self.lines.iter().enumerate();
        let lines = lines.map(|(at, line)| (line.to_string(), Blank::Line(at)));
        addresses.chain(lines).chain([(domain.to_owned(), Blank::Domain)]).collect()
    }
}
