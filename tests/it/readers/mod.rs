//! Strict readers of what `generate` prints, one format per file.
//!
//! They judge the writers: every text reads back as exactly the records that it was printed of. The
//! program itself reads nothing of its own output.

mod azure;
mod cloudflare;
mod csv;
mod dnscontrol;
mod dnsmasq;
mod domain_connect;
mod external_dns;
mod form;
mod gcloud;
mod handout;
mod json;
mod knotc;
mod nsupdate;
mod octodns;
mod parts;
mod pdnsutil;
mod powerdns;
mod route53;
mod script;
mod shell;
mod terraform;
mod tinydns;
mod txt;
mod unbound;
mod windows;
mod yaml;
mod zone;

use hickory_proto::rr::{Name, RData};
use mailsrv::hosting::Columns;
use mailsrv::name::{relative_text, text};
use mailsrv::plan::{Purpose, plan};
use mailsrv::render::{Format, LeftOut, Sheet};
use mailsrv::rrset::{ResourceRecord, RrSet};
use mailsrv::zonefile::{rdata, type_name};

use crate::properties::hosting_of;

/// Every reader, in the order of the formats.
pub(super) const READERS: &[Reader] = &[
    zone::READER,
    json::READER,
    yaml::READER,
    csv::READER,
    form::READER,
    handout::MARKDOWN,
    handout::HTML,
    nsupdate::READER,
    knotc::READER,
    pdnsutil::READER,
    powerdns::READER,
    tinydns::READER,
    dnsmasq::READER,
    unbound::READER,
    windows::READER,
    azure::READER,
    cloudflare::READER,
    gcloud::READER,
    route53::READER,
    octodns::READER,
    dnscontrol::READER,
    external_dns::READER,
    domain_connect::READER,
    terraform::aws::READER,
    terraform::azure::READER,
    terraform::cloudflare::READER,
    terraform::dns::READER,
    terraform::google::READER,
];

/// What reads the text of a format, and what it must not take for what was meant.
pub(super) struct Reader {
    /// The word of the format.
    word: &'static str,
    /// Reads a text without the opening of the format; the name is the origin that it was printed for.
    read: fn(&str, &Name) -> Result<Vec<Reading>, String>,
    /// Parts of the text of [`RICH`], and what stands in the place of the first of each: the reader
    /// then fails, or reads something else.
    mistakes: &'static [(&'static str, &'static str)],
    /// Texts that no writer prints for `example.com`, and what the reader says of each.
    refused: &'static [(&'static str, &'static str)],
}

/// A record as the text of a format says it.
#[derive(Debug, Clone, PartialEq)]
struct Reading {
    owner: Name,
    /// None where the format does not say it.
    ttl: Option<u32>,
    data: RData,
}

/// A profile whose plans hold every record type and a denial, and what is hard to quote.
const RICH: &str = r#"
host: mail.{domain}
ttl: 3600
imap: { tls: 993, starttls: 143, servers: [{ host: imap.example.net, weight: 20 }, { host: mail.provider.example, weight: 1 }] }
submission: true
autoconfig: { addresses: [192.0.2.1, "2001:db8::1"] }
autodiscover: { alias: www.example.net, srv: true }
pacc: true
jmap: true
sieve: true
caldav: { path: "/a;b'$d%7B,c", host: dav.example.net }
mx: { servers: [{ host: mx1.example.net }, { host: mx2.example.net, preference: 20 }] }
"#;

impl Reader {
    /// The format that it reads.
    pub(super) fn format(&self) -> Format {
        let format = Format::ALL.iter().find(|format| format.text() == self.word);
        *format.expect("the word is that of a format")
    }

    /// Reads a text back, and compares it in any order with the RRsets that are not left out; their
    /// owner names are relative to a name.
    pub(super) fn judge<'a>(
        &self,
        text: &str,
        origin: &Name,
        sets: impl Iterator<Item = (Purpose, &'a RrSet)>,
        (left_out, name): (&[LeftOut], &Name),
    ) -> Result<(), String> {
        let is_left_out = |set: &RrSet| {
            let owner = relative_text(set.owner(), name);
            left_out.iter().any(|it| it.rtype == set.record_type() && it.owner == owner)
        };
        let sets = sets.map(|(_, set)| set).filter(|set| !is_left_out(set));
        let mut left =
            (self.read)(text, origin).map_err(|why| format!("{}: {why}\n{text}", self.word))?;
        for record in sets.flat_map(RrSet::records) {
            let ResourceRecord { owner, ttl, data } = &record;
            let found = left.iter().position(|reading| {
                reading.owner == *owner
                    && reading.ttl.is_none_or(|read| read == *ttl)
                    && reading.data == *data
            });
            let Some(found) = found else {
                return Err(format!("{}: {} is not in\n{text}", self.word, shown(owner, data)));
            };
            left.swap_remove(found);
        }
        match left.first() {
            Some(Reading { owner, data, .. }) => {
                Err(format!("{}: {} is in\n{text}", self.word, shown(owner, data)))
            }
            None => Ok(()),
        }
    }
}

/// Prints the sheet without the opening of the format, once what does not fit is left out.
pub(super) fn print(sheet: &Sheet<'_>, format: Format) -> String {
    let mut text = String::new();
    sheet.print(format, &mut text);
    text
}

/// The text of [`RICH`] for `provider.example`.
fn printed(format: Format) -> String {
    let domain = "provider.example".parse().expect("a domain");
    let plan = plan(&domain, &hosting_of(RICH), &Columns::default()).expect("a plan");
    print(&Sheet::new(&plan, None).expect("it is its own apex").fitted(format), format)
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

fn shown(owner: &Name, data: &RData) -> String {
    format!("{} {} {}", text(owner), type_name(data.record_type()), rdata(data))
}

#[test]
fn every_format_has_a_reader() {
    let words = READERS.iter().map(|reader| reader.word);
    assert!(words.eq(Format::ALL.iter().map(|format| format.text())));
}

#[test]
fn every_mistake_is_noticed() {
    let origin = name("provider.example.");
    let mut wrong = Vec::new();
    for reader in READERS {
        let Reader { word, read, mistakes, .. } = reader;
        let text = printed(reader.format());
        let meant = read(&text, &origin).unwrap_or_else(|why| panic!("{word}: {why}\n{text}"));
        let passes = |broken: &str| read(broken, &origin).as_ref() == Ok(&meant);
        let common = if word.starts_with("terraform-") { terraform::MISTAKES } else { &[] };
        for (part, other) in common.iter().chain(*mistakes) {
            if !text.contains(part) || passes(&text.replacen(part, other, 1)) {
                wrong.push(format!("{word}: {part:?} -> {other:?}"));
            }
        }
        // Some say everything twice.
        let ends = (0..text.len() / 2).step_by(97).filter(|end| text.is_char_boundary(*end));
        wrong.extend(ends.filter(|end| passes(&text[..*end])).map(|end| format!("{word}: {end}")));
    }
    assert_eq!(wrong, [""; 0], "a part that is not there, or not missed");
}

#[test]
fn what_no_writer_prints_is_refused() {
    let origin = name("example.com.");
    let mut wrong = Vec::new();
    for Reader { word, read, refused, .. } in READERS {
        for (text, part) in *refused {
            match read(text, &origin) {
                Err(why) if why.contains(part) => {}
                other => wrong.push(format!("{word}: {text:?}: {other:?}")),
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_reader_panics_on_a_broken_text() {
    let origin = name("provider.example.");
    let pieces = ["", "\"", "\\", "\n", "\u{fc}", "\0", "9", "{", "[", ",", ";", " ", "("];
    for reader in READERS {
        let text = printed(reader.format());
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        // About as many for the longest as for the shortest.
        for (number, at) in places.iter().copied().step_by(places.len() / 97 + 1).enumerate() {
            let (before, after) = text.split_at(at);
            let piece = pieces[number % pieces.len()];
            let _said = (reader.read)(&format!("{before}{piece}{}", &after[1..]), &origin);
            let _said = (reader.read)(&format!("{before}{piece}{after}"), &origin);
            let _said = (reader.read)(before, &origin);
        }
    }
}
