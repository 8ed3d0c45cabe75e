//! How much is read of one zone.
//!
//! A line of a zone stands for 65,536 records (`$GENERATE`) or for another file (`$INCLUDE`), a few
//! octets for 8 KiB of RDATA (WKS), and what is named as a file may never end. So what a zone costs is
//! counted as it is read, whatever the lines that it comes from: the records, the octets that are kept
//! of them, and once more those that no line of text stands for.

use super::error::ScanErrorKind;
use super::lex::MAX_ENTRY;

/// The most that is read of one zone, with the files that it includes and what it generates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Records, and entries that are wrong.
    pub records: u64,
    /// Octets of text, comments included, or of the records in memory where those are more.
    pub octets: u64,
    /// Octets in memory of the records that `$GENERATE` makes: a few octets of text stand for any
    /// number of them, so that these have less room.
    pub generated: u64,
}

/// What a record counts beside its names and RDATA. In a tree of many alike ones it takes far less;
/// what is gathered, sorted and merged on the way there takes as much, about.
const RECORD: u64 = 136;

/// How many octets a record counts whose owner name and RDATA take so many on the wire.
pub(crate) const fn kept(owner: u64, rdata: u64) -> u64 {
    owner + rdata + RECORD
}

impl Limits {
    /// The limits of a zone that may have so many records: 512 octets for each, which signed zones
    /// need, and 64 where `$GENERATE` makes them; 64 MiB of both at least.
    ///
    /// An ordinary record counts 200 octets. So a million of them fit into the limits of a million, and
    /// 300,000 where they are generated.
    pub const fn of_records(records: u64) -> Self {
        const LEAST: u64 = 64 << 20;
        const fn limit(records: u64, each: u64) -> u64 {
            let octets = records.saturating_mul(each);
            if octets > LEAST { octets } else { LEAST }
        }
        Self { records, octets: limit(records, 512), generated: limit(records, 64) }
    }
}

impl Default for Limits {
    /// A million records.
    fn default() -> Self {
        Self::of_records(1_000_000)
    }
}

/// What is left of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    left: Limits,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, left: limits }
    }

    /// How many octets may still be read.
    pub(super) fn octets(&self) -> u64 {
        self.left.octets
    }

    /// Whether there is room for any plain line: its octets, or a record of them in memory.
    pub(super) fn has_room(&self) -> bool {
        const MOST: u64 = MAX_ENTRY as u64 + kept(255, u16::MAX as u64);
        self.left.records > 0 && self.left.octets >= MOST
    }

    /// Counts a record of so many octets where there [is room](Self::has_room).
    pub(super) fn spend_plain(&mut self, octets: u64) {
        self.left.records -= 1;
        self.left.octets -= octets;
    }

    /// Counts a record, or an entry that is wrong.
    pub(super) fn spend_record(&mut self) -> Result<(), ScanErrorKind> {
        let left = self.left.records.checked_sub(1);
        let limit = self.limits.records;
        self.left.records = left.ok_or(ScanErrorKind::TooManyRecords { limit })?;
        Ok(())
    }

    /// Counts octets.
    pub(super) fn spend_octets(&mut self, octets: u64) -> Result<(), ScanErrorKind> {
        let left = self.left.octets.checked_sub(octets);
        let limit = self.limits.octets;
        self.left.octets = left.ok_or(ScanErrorKind::TooManyOctets { limit })?;
        Ok(())
    }

    /// Counts octets of a record that is generated.
    pub(super) fn spend_generated(&mut self, octets: u64) -> Result<(), ScanErrorKind> {
        let left = self.left.generated.checked_sub(octets);
        let limit = self.limits.generated;
        self.left.generated = left.ok_or(ScanErrorKind::TooMuchGenerated { limit })?;
        self.spend_octets(octets)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufRead, BufReader, Read};

    use super::super::{Scanner, record};
    use super::*;

    /// What the limits leave of a zone with origin `example.com.`; the last line may be an error.
    #[track_caller]
    fn check(zone: impl BufRead, limits: Limits, expected: &[&str]) {
        let scanner = Scanner::new(zone, "z", "example.com.".parse().ok())
            .with_limits(limits)
            .with_includes(|_path| Ok(Box::new(&b"; included\n"[..])));
        let lines = scanner.map(|entry| match entry {
            Ok(entry) => record(&entry.record),
            Err(error) => error.to_string(),
        });
        assert_eq!(lines.collect::<Vec<_>>(), expected);
    }

    const PLENTY: u64 = 1 << 20;

    #[test]
    fn records_count_wherever_they_come_from() {
        let zone =
            "$TTL 1\n\n$GENERATE 1-2 h$ A 192.0.2.$\nh A 300\n$GENERATE 8-99 h$ A 192.0.2.$\n";
        let limits = |records| Limits { records, octets: PLENTY, generated: PLENTY };
        let first = [
            "h1.example.com. 1 IN A 192.0.2.1",
            "h2.example.com. 1 IN A 192.0.2.2",
            "z:4:5: `300` is not fit to be the address of A; wanted is an IPv4 address of four \
             decimal numbers",
            "h8.example.com. 1 IN A 192.0.2.8",
        ];
        let over =
            "z:5:1: the zone has more than 4 records, with those that it includes and generates";
        check(zone.as_bytes(), limits(4), &[&first[..], &[over]].concat());
        let over = over.replace("5:1", "4:5").replace('4', "2").replace("2:5", "4:5");
        check(zone.as_bytes(), limits(2), &[&first[..2], &[&over]].concat());
        let start = zone.rfind("$GENERATE").unwrap();
        check(&zone.as_bytes()[..start], limits(3), &first[..3]);
    }

    #[test]
    fn octets_are_those_of_the_text_or_of_the_records() {
        let limits = |octets| Limits { records: PLENTY, octets, generated: PLENTY };
        let over = |at: &str, limit| {
            format!(
                "z:{at}: the zone has more than {limit} octets, with what it includes and generates"
            )
        };
        check(&b"; 10 octets\n\n;"[..], limits(14), &[]);
        check(&b"; 10 octets\n\n;"[..], limits(13), &[&over("3:1", 13)]);
        // The file, and eleven octets for each time that the other is read.
        let includes = b"$INCLUDE x\n$INCLUDE x\n";
        check(&includes[..], limits(44), &[]);
        check(&includes[..], limits(43), &[&over("1:1", 43).replace("z:", "x:")]);
        // The bit map of a port takes an octet for every eight ports before it; the owner name has 14.
        let port = "h 1 WKS 192.0.2.1 6 65535\n";
        let read = "h.example.com. 1 IN WKS 192.0.2.1 6 65535";
        let each = 14 + 8197 + RECORD;
        check(port.repeat(2).as_bytes(), limits(2 * each), &[read; 2]);
        let less = 2 * each - 1;
        check(port.repeat(2).as_bytes(), limits(less), &[read, &over("2:1", less)]);
    }

    #[test]
    fn what_is_generated_counts_as_it_is_kept_and_beside_the_line_that_it_comes_from() {
        let limits = |octets, generated| Limits { records: PLENTY, octets, generated };
        let generate = &b"$GENERATE 1-9 h 1 TXT ${0,99,d}\n"[..];
        let made = |last: &str| format!("h.example.com. 1 IN TXT \"{}{last}\"", "0".repeat(98));
        let line = generate.len() as u64;
        // The owner name, 99 octets behind that of their length, and the record itself.
        let each = 14 + 100 + RECORD;
        let two = 2 * each;
        let over = format!("z:1:1: the $GENERATE lines of the zone make more than {two} octets");
        check(generate, limits(PLENTY, two), &[&made("1"), &made("2"), &over]);
        let limit = line + two;
        let over = format!(
            "z:1:1: the zone has more than {limit} octets, with what it includes and generates"
        );
        check(generate, limits(limit, PLENTY), &[&made("1"), &made("2"), &over]);
        // What stands in the text does not count as generated.
        let text = "h 1 A 192.0.2.1\n".repeat(2);
        check(text.as_bytes(), limits(PLENTY, 0), &["h.example.com. 1 IN A 192.0.2.1"; 2]);
    }

    #[test]
    fn what_never_ends_is_left() {
        let over =
            "z:1:1: the zone has more than 1048576 octets, with what it includes and generates";
        let limits = Limits { records: PLENTY, octets: PLENTY, generated: PLENTY };
        check(BufReader::new(io::repeat(b'x')), limits, &[over]);
        check(BufReader::new(io::repeat(b'(').take(PLENTY + 1)), limits, &[over]);
        let blank = over.replace("z:1:1", "z:1048577:1");
        check(BufReader::new(io::repeat(b'\n')), limits, &[&blank]);
    }

    #[test]
    fn a_small_zone_may_have_large_records() {
        assert_eq!(Limits::of_records(1).octets, 64 << 20);
        assert_eq!(Limits::of_records(u64::MAX).octets, u64::MAX);
        let octets = 512_000_000;
        let million = Limits { records: 1_000_000, octets, generated: 64 << 20 };
        assert_eq!(Limits::default(), million);
        let tenfold = Limits { records: 10_000_000, octets: 10 * octets, generated: 640_000_000 };
        assert_eq!(Limits::of_records(10_000_000), tenfold);
    }
}
