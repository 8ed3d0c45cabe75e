//! The YAML of one zone for octoDNS (`YamlProvider`).
//!
//! octoDNS refuses keys that are not in natural order, at the top and inside of every record. In a
//! TXT record a semicolon and a backslash stand escaped, a quotation mark does not.

use std::cmp::Ordering;
use std::fmt::{self, Write};

use hickory_proto::rr::RData;

use super::fields::tlsa_fields;
use super::quoted::Quoted;
use super::{COMMON, Kin, Mending, Scope, Sheet, Spec, txt};
use crate::name::{plain_text, relative_text, text};
use crate::rrset::RrSet;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "octodns",
    kin: Kin::Tool,
    headline: "YAML of one zone for octoDNS",
    extension: "yaml",
    scope: Scope::OneEach,
    unfit: |_, _, set| {
        let is_ascii = |text: &[u8]| text.iter().all(|octet| matches!(octet, b' '..=b'~'));
        txt::unfit(set, is_ascii, "holds a text that octoDNS refuses or cuts otherwise")
    },
    mending: Mending { whole: true, ..Mending::with_comment("#") },
    write,
    ..COMMON
};

/// What to do with the file, behind its name.
const USE: &str = "\
# make the folder a YamlProvider, and add that to the sources of the zone.
# octodns-sync --config-file FILE shows what would change, and makes the changes
# with --doit. An RRset that another source has is an error. As its only source
# this file would have octoDNS delete all else in the zone.
";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let zone = plain_text(sheet.origin());
    writeln!(out, "---\n# {}.", sheet.heading())?;
    writeln!(out, "# Save as {zone}.yaml in a folder of its own,")?;
    out.push_str(USE);
    for (key, sets) in owners(sheet) {
        writeln!(out, "{}:", Quoted(&key))?;
        for (index, set) in sets.iter().enumerate() {
            let (first, rest) = match (sets.len(), index) {
                (1, _) => ("  ", "  "),
                _ => ("  - ", "    "),
            };
            writeln!(out, "{first}ttl: {}", set.ttl())?;
            writeln!(out, "{rest}type: {}", zonefile::type_name(set.record_type()))?;
            match set.rdatas() {
                [data] => writeln!(out, "{rest}value: {}", Value(data))?,
                several => {
                    writeln!(out, "{rest}values:")?;
                    for data in several {
                        writeln!(out, "{rest}- {}", Value(data))?;
                    }
                }
            }
        }
    }
    if sheet.sets().is_empty() {
        writeln!(out, "{{}}")?;
    }
    Ok(())
}

/// The owner names within the zone in the order that octoDNS demands, each with its RRsets.
fn owners<'a>(sheet: &Sheet<'a>) -> Vec<(String, Vec<&'a RrSet>)> {
    let keyed = sheet.sets().iter().map(|(_, set)| {
        let owner = relative_text(set.owner(), sheet.origin());
        (if owner == "@" { String::new() } else { owner }, *set)
    });
    let mut keyed: Vec<(String, &RrSet)> = keyed.collect();
    keyed.sort_by(|(a, _), (b, _)| natural_order(a, b).then_with(|| a.cmp(b)));
    let mut owners: Vec<(String, Vec<&RrSet>)> = Vec::new();
    for (key, set) in keyed {
        match owners.last_mut() {
            Some((known, sets)) if *known == key => sets.push(set),
            _ => owners.push((key, vec![set])),
        }
    }
    owners
}

/// Compares as people count: digits in a row are one number, and what stands between is text.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !(a.is_empty() && b.is_empty()) {
        let texts = take(&mut a, |octet| !octet.is_ascii_digit())
            .cmp(take(&mut b, |octet| !octet.is_ascii_digit()));
        let numbers = || {
            let digits = |rest: &mut &str| {
                let digits = take(rest, |octet| octet.is_ascii_digit());
                // No digits at all come before every number.
                let number = digits.trim_start_matches('0').to_owned();
                (!digits.is_empty(), number.len(), number)
            };
            digits(&mut a).cmp(&digits(&mut b))
        };
        let order = texts.then_with(numbers);
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Takes the octets of a kind from the front of an ASCII text.
fn take<'a>(rest: &mut &'a str, kind: impl Fn(&u8) -> bool) -> &'a str {
    let length = rest.bytes().take_while(|octet| kind(octet)).count();
    let (taken, after) = rest.split_at(length);
    *rest = after;
    taken
}

/// RDATA as octoDNS takes it.
struct Value<'a>(&'a RData);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            RData::CNAME(canonical) => write!(f, "{}", Quoted(&text(&canonical.0))),
            RData::MX(mx) => {
                let (exchange, preference) = (text(&mx.exchange), mx.preference);
                write!(f, "{{exchange: {}, preference: {preference}}}", Quoted(&exchange))
            }
            RData::SRV(srv) => {
                write!(f, "{{port: {}, priority: {}, ", srv.port, srv.priority)?;
                write!(f, "target: {}, weight: {}}}", Quoted(&text(&srv.target)), srv.weight)
            }
            RData::TLSA(tlsa) => {
                let (usage, selector, matching, digest) = tlsa_fields(tlsa);
                write!(f, "{{certificate_association_data: {}, ", Quoted(&digest))?;
                write!(f, "certificate_usage: {usage}, matching_type: {matching}, ")?;
                write!(f, "selector: {selector}}}")
            }
            RData::TXT(txt) => {
                let text = txt::text(txt).replace('\\', "\\\\").replace(';', "\\;");
                write!(f, "{}", Quoted(&text))
            }
            other => write!(f, "{}", Quoted(&zonefile::rdata(other))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{left_out, printed, printed_records};
    use super::*;
    use crate::render::Format;

    #[test]
    fn owner_names_are_keys_in_natural_order() {
        let text = printed(Format::OCTODNS);
        let (head, body) = text.split_once("else in the zone.\n").unwrap();
        assert!(head.contains("# Save as example.com.yaml in a folder"), "{head}");
        assert_eq!(
            body,
            r#""":
  ttl: 3600
  type: MX
  value: {exchange: "mx.example.net.", preference: 10}
"_143._tcp.imap":
  ttl: 3600
  type: TLSA
  value: {certificate_association_data: "8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1", certificate_usage: 3, matching_type: 1, selector: 1}
"_caldavs._tcp":
  - ttl: 3600
    type: SRV
    value: {port: 443, priority: 0, target: "dav.example.net.", weight: 1}
  - ttl: 3600
    type: TXT
    value: "path=/a\\;b?c='\"$d${e}\\\\%{f}"
"_imap._tcp":
  ttl: 3600
  type: SRV
  values:
  - {port: 143, priority: 0, target: "imap.example.net.", weight: 1}
  - {port: 993, priority: 10, target: "imap2.example.net.", weight: 20}
"_pop3._tcp":
  ttl: 60
  type: SRV
  value: {port: 0, priority: 0, target: ".", weight: 0}
"autoconfig":
  - ttl: 3600
    type: A
    value: "192.0.2.1"
  - ttl: 3600
    type: AAAA
    value: "2001:db8::1"
"autodiscover":
  ttl: 3600
  type: CNAME
  value: "www.example.net."
"#
        );
        assert!(printed_records(Format::OCTODNS, "").ends_with("zone.\n{}\n"));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let ordered = [
            "",
            "1",
            "2",
            "2a",
            "10",
            "_9._tcp",
            "_25._tcp",
            "_143",
            "_143._tcp",
            "_imap._tcp",
            "_imaps._tcp",
            "a",
            "a2",
            "a2.x",
            "a10b",
            "a-1",
            "a-b",
            "a.b",
            "ab",
        ];
        for (at, a) in ordered.iter().enumerate() {
            for (other, b) in ordered.iter().enumerate() {
                assert_eq!(natural_order(a, b), at.cmp(&other), "{a} {b}");
            }
        }
        assert_eq!(natural_order("a01", "a1"), Ordering::Equal);
    }

    #[test]
    fn what_octodns_refuses_or_cuts_otherwise_is_left_out() {
        for text in ["\"\\252\"", "\"\\195\\188\"", "\"\\009\"", "a b"] {
            assert_eq!(
                left_out(Format::OCTODNS, &format!("a.example.com. 60 IN TXT {text}\n")),
                ["a TXT holds a text that octoDNS refuses or cuts otherwise"]
            );
        }
    }
}
