//! A shell script of `pdnsutil` commands, which change the database of PowerDNS.
//!
//! `add-record` adds what is there already once more, and in an RRset of another TTL it makes a
//! zone that `check-zone` refuses, so only `replace-rrset` may be run twice (measured with
//! PowerDNS 4.7.3). It refuses an alias beside other records by itself. What it writes is not
//! `rectified`: nodes without records (`_tcp`) do not exist, and the NSEC records of a signed zone
//! deny the new names, until `rectify-zone`.

use std::fmt::{self, Write};

use hickory_proto::rr::Name;

use super::read::{Reading, number, record};
use super::shell::{quoted, word, words};
use super::{COMMON, Sheet, Spec};
use crate::name::{plain_text, relative_text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "pdnsutil",
    headline: "shell script for PowerDNS; it replaces whole RRsets",
    extension: "sh",
    opening: OPENING,
    separator: "\n",
    write,
    read,
    ..COMMON
};

const OPENING: &str = r#"#!/bin/sh
# Puts records into the database of PowerDNS:
#     sh FILE
# With another configuration:
#     PDNSUTIL="pdnsutil --config-dir=/etc/powerdns" sh FILE
#
# Whole RRsets are replaced: a foreign record of the same name and type is gone afterwards;
# `mailsrv audit` shows beforehand what stands there. An alias is refused where other records
# stand; the other commands are run all the same, and the exit code is 1 in the end. Without
# `rectify-zone` the names above the records would not exist, and a signed zone would deny them.
# The script may be run again at any time. For secondaries that transfer the zone, raise its serial
# number afterwards: pdnsutil increase-serial ZONE

failed=0
trap 'exit "$failed"' EXIT
pdnsutil() {
    command ${PDNSUTIL:-pdnsutil} "$@" || failed=1
}

"#;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let zone = word(&plain_text(sheet.origin()));
    writeln!(out, "# {}.", sheet.heading())?;
    for (_, set) in sheet.sets() {
        // Even a name with a final dot is taken as relative to the zone.
        let owner = word(&relative_text(set.owner(), sheet.origin()));
        let rtype = zonefile::type_name(set.record_type());
        write!(out, "pdnsutil replace-rrset {zone} {owner} {rtype} {}", set.ttl())?;
        for data in set.rdatas() {
            write!(out, " {}", quoted(&zonefile::rdata(data)))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", rectification(sheet.origin()))
}

/// The last command, which puts in order what the others wrote.
fn rectification(origin: &Name) -> String {
    format!("pdnsutil rectify-zone {}", word(&plain_text(origin)))
}

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let commands = text
        .strip_suffix(&(rectification(origin) + "\n"))
        .ok_or("the zone is not rectified in the end")?;
    let mut readings = Vec::new();
    for line in commands.lines().skip_while(|line| line.starts_with("# ")) {
        let words = words(line)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ["pdnsutil", "replace-rrset", zone, owner, rtype, ttl, rdatas @ ..] = words.as_slice()
        else {
            return Err(format!("`{line}` is no replace-rrset"));
        };
        if *zone != plain_text(origin) {
            return Err(format!("the zone {zone}"));
        }
        if owner.ends_with('.') || rdatas.is_empty() {
            return Err(format!("an absolute owner name or no data in `{line}`"));
        }
        let ttl = number(ttl)?;
        for rdata in rdatas {
            let reading = record(owner, Some(ttl), rtype, rdata, Some(origin))?;
            // The names of the data are absolute, as there is nothing to complete them.
            if zonefile::rdata(&reading.data) != *rdata {
                return Err(format!("`{rdata}` means {}", zonefile::rdata(&reading.data)));
            }
            readings.push(reading);
        }
    }
    Ok(readings)
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{every_plan_reads_back, is_noticed, printed, refused};

    #[test]
    fn plans_read_back() {
        every_plan_reads_back(Format::PDNSUTIL);
    }

    #[test]
    fn every_rrset_is_a_command() {
        assert_eq!(
            printed(Format::PDNSUTIL),
            r#"# Mail client settings for example.com.
pdnsutil replace-rrset example.com @ MX 3600 '10 mx.example.net.'
pdnsutil replace-rrset example.com _imap._tcp SRV 3600 '0 1 143 imap.example.net.' '10 20 993 imap2.example.net.'
pdnsutil replace-rrset example.com _pop3._tcp SRV 60 '0 0 0 .'
pdnsutil replace-rrset example.com _caldavs._tcp SRV 3600 '0 1 443 dav.example.net.'
pdnsutil replace-rrset example.com _caldavs._tcp TXT 3600 '"path=/a;b?c='\''\"$d${e}\\%{f}"'
pdnsutil replace-rrset example.com autoconfig A 3600 '192.0.2.1'
pdnsutil replace-rrset example.com autoconfig AAAA 3600 '2001:db8::1'
pdnsutil replace-rrset example.com autodiscover CNAME 3600 'www.example.net.'
pdnsutil replace-rrset example.com _143._tcp.imap TLSA 3600 '3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1'
pdnsutil rectify-zone example.com
"#
        );
    }

    #[test]
    fn a_mistake_is_noticed() {
        for (part, other) in [
            ("example.com @", "example.org @"),
            ("MX 3600", "3600 MX"),
            ("_pop3._tcp", "_pop3._tcp.example.com."),
            ("SRV 60 ", "SRV 61 "),
            ("imap2.example.net.", "imap2.example.net"),
            (r"'\''", "'"),
            ("rectify-zone example.com", "rectify-zone example.org"),
            ("pdnsutil rectify-zone example.com\n", ""),
        ] {
            is_noticed(Format::PDNSUTIL, part, other);
        }
        for command in ["replace-rrset example.com @ MX 3600", "delete-rrset example.com @ MX"] {
            let last = "pdnsutil rectify-zone example.com";
            refused(Format::PDNSUTIL, &format!("pdnsutil {command}\n{last}\n"));
        }
    }
}
