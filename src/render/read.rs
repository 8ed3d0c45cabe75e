//! What was printed is read back before it is handed on.

use std::collections::HashMap;
use std::fmt::{Display, Write};
use std::str::FromStr;

use hickory_proto::rr::{Name, RData};

use super::{Format, Sheet};
use crate::name::{parse_text, text};
use crate::zonefile::{self, Scanner};

/// A record as the text of a format says it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) owner: Name,
    /// None where the format does not say it.
    pub(super) ttl: Option<u32>,
    pub(super) data: RData,
}

/// Says that what was printed does not read back as what it was printed of: a mistake of this
/// program, whose text is not handed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "what was written as {format} does not read back: {reason}; this is a bug in mailsrv, please report it"
)]
pub struct Misprint {
    format: &'static str,
    reason: String,
}

/// The formats that the tests alone read back.
const READ_IN_TESTS: &[&str] = &[
    "zone",
    "csv",
    "form",
    "nsupdate",
    "knotc",
    "pdnsutil",
    "tinydns",
    "dnsmasq",
    "unbound",
    "windows",
    "azure",
    "dnscontrol",
    "json",
    "powerdns",
    "route53",
    "cloudflare",
    "domain-connect",
    "yaml",
    "gcloud",
    "external-dns",
    "octodns",
    "terraform-aws",
    "terraform-azure",
    "terraform-cloudflare",
    "terraform-dns",
    "terraform-google",
];

/// Reads a text back and compares it with its sheet, record by record in any order.
pub(super) fn read_back(format: Format, text: &str, sheet: &Sheet<'_>) -> Result<(), Misprint> {
    if READ_IN_TESTS.contains(&format.text()) {
        return Ok(());
    }
    let misprint = |reason| Misprint { format: format.text(), reason };
    let readings = (format.0.read)(text, sheet.origin()).map_err(misprint)?;
    // The zone of a provider may have thousands of owner names.
    let mut places: HashMap<Name, Vec<usize>> = HashMap::new();
    for (place, reading) in readings.iter().enumerate() {
        places.entry(reading.owner.clone()).or_default().push(place);
    }
    let mut left: Vec<Option<Reading>> = readings.into_iter().map(Some).collect();
    for (_, set) in sheet.sets() {
        let places = places.get(set.owner()).into_iter().flatten();
        let is_meant = |reading: &Reading, data: &RData| {
            reading.ttl.is_none_or(|ttl| ttl == set.ttl()) && reading.data == *data
        };
        for data in set.rdatas() {
            let found = places.clone().find(|place| {
                #[cfg(test)]
                crate::hosting::cost::spend(1);
                left[**place].as_ref().is_some_and(|it| is_meant(it, data))
            });
            let Some(found) = found else {
                return Err(misprint(format!("{} is not in it", shown(set.owner(), data))));
            };
            left[*found] = None;
        }
    }
    match left.iter().flatten().next() {
        Some(extra) => Err(misprint(format!("{} is in it", shown(&extra.owner, &extra.data)))),
        None => Ok(()),
    }
}

fn shown(owner: &Name, data: &RData) -> String {
    format!("{} {} {}", text(owner), zonefile::type_name(data.record_type()), zonefile::rdata(data))
}

/// Reads master-file syntax; relative names are completed with the origin.
pub(super) fn master_file(text: &str, origin: Option<&Name>) -> Result<Vec<Reading>, String> {
    Scanner::new(text.as_bytes(), "text", origin.cloned())
        .map(|entry| {
            let record = entry.map_err(|error| error.to_string())?.record;
            Ok(Reading { owner: record.owner, ttl: Some(record.ttl), data: record.data })
        })
        .collect()
}

/// Reads one record from its parts in presentation form, absolute and spelled as this program does.
pub(super) fn presented(
    owner: &str,
    ttl: u32,
    rtype: &str,
    rdata: &str,
) -> Result<Reading, String> {
    let reading = record(owner, Some(ttl), rtype, rdata, None)?;
    let same = text(&reading.owner) == owner
        && zonefile::type_name(reading.data.record_type()) == rtype
        && zonefile::rdata(&reading.data) == rdata;
    let other =
        || format!("`{owner} {rtype} {rdata}` means {}", shown(&reading.owner, &reading.data));
    if same { Ok(reading) } else { Err(other()) }
}

/// Reads a whole number, spelled as this program does.
pub(super) fn number<T: FromStr + Display>(written: &str) -> Result<T, String> {
    let number = written.parse::<T>().ok().filter(|number| number.to_string() == written);
    number.ok_or_else(|| format!("`{written}` is no number, too large, or spelled oddly"))
}

/// Reads a name with its final dot.
pub(super) fn absolute(written: &str) -> Result<Name, String> {
    let name = parse_text(written).map_err(|error| error.to_string())?;
    if text(&name) == written { Ok(name) } else { Err(format!("`{written}` is spelled oddly")) }
}

/// Reads a name without its final dot; the root is a dot all the same.
pub(super) fn dotless(written: &str) -> Result<Name, String> {
    match written {
        "." => Ok(Name::root()),
        _ => absolute(&format!("{written}.")),
    }
}

/// Reads a name below an origin, which itself is called `@`.
pub(super) fn relative(written: &str, origin: &Name) -> Result<Name, String> {
    match written {
        "@" => Ok(origin.clone()),
        _ => absolute(&format!("{written}.{}", text(origin))),
    }
}

/// Reads one record from its parts in presentation form.
pub(super) fn record(
    owner: &str,
    ttl: Option<u32>,
    rtype: &str,
    rdata: &str,
    origin: Option<&Name>,
) -> Result<Reading, String> {
    let mut line = String::new();
    let _infallible = writeln!(line, "{owner} {} IN {rtype} {rdata}", ttl.unwrap_or_default());
    let mut readings = master_file(&line, origin)?;
    match readings.pop() {
        Some(reading) if readings.is_empty() => Ok(Reading { ttl, ..reading }),
        _ => Err(format!("`{}` is not one record", line.trim_end())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{RECORDS, printed_records};
    use super::*;
    use crate::hosting::{cost, file};
    use crate::plan::plan_provider;

    /// The steps from a profile with so many addresses to the zone of its provider.
    #[track_caller]
    fn steps(format: Format, hosts: usize) -> usize {
        let hosts = (0..hosts).map(|at| format!("  s{at}.provider.example: [192.0.2.1]\n"));
        let profile = format!("imap: true\naddresses:\n{}", hosts.collect::<String>());
        let (printed, steps) = cost::of(|| {
            let hosting = file::parse(&profile, "many.yaml").expect("a profile");
            let plan = plan_provider(&hosting, None).expect("there is something to publish");
            let mut text = String::new();
            let sheet = Sheet::provider(&plan).fitted(format);
            let printed = sheet.print(format, &mut text);
            assert!(text.contains("192.0.2.1"), "{text}");
            printed
        });
        assert_eq!(printed, Ok(()));
        steps
    }

    #[test]
    fn the_work_for_a_provider_does_not_grow_with_the_square_of_its_hosts() {
        for format in Format::ALL {
            let (few, many) = (steps(*format, 100), steps(*format, 400));
            assert!(many <= 4 * few, "{}: {few} steps for 100, {many} for 400", format.text());
        }
    }

    #[test]
    fn no_reader_panics_on_a_broken_text() {
        let records = RECORDS.replace(" 60 ", " 3600 ");
        let origin = Name::from_ascii("example.com.").unwrap();
        for format in Format::ALL {
            let text = printed_records(*format, &records).unwrap();
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let pieces = ["", "\"", "\\", "\n", "\u{fc}", "\0", "9", "{", "[", ",", ";", " ", "("];
            for (number, at) in places.into_iter().step_by(11).enumerate() {
                let (before, after) = text.split_at(at);
                let piece = pieces[number % pieces.len()];
                let _said = (format.0.read)(&format!("{before}{piece}{}", &after[1..]), &origin);
                let _said = (format.0.read)(&format!("{before}{piece}{after}"), &origin);
                let _said = (format.0.read)(before, &origin);
            }
        }
    }
}
