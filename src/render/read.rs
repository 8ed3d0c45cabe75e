//! What was printed is read back before it is handed on.

use std::collections::HashMap;

use hickory_proto::rr::{Name, RData};

use super::{Format, Sheet};
use crate::name::text;
use crate::zonefile;

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

#[cfg(test)]
mod tests {
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
}
