//! A shell script of `pdnsutil` commands.

use hickory_proto::rr::Name;
use mailsrv::name::plain_text;
use mailsrv::zonefile;

use super::parts::{number, record};
use super::shell::words;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "pdnsutil",
    read,
    mistakes: &[
        ("provider.example @", "example.org @"),
        ("MX 3600", "3600 MX"),
        ("_pop3._tcp", "_pop3._tcp.provider.example."),
        ("SRV 3600 ", "SRV 3601 "),
        ("imap.example.net.", "imap.example.net"),
        (r"'\''", "'"),
        ("rectify-zone provider.example", "rectify-zone example.org"),
        ("pdnsutil rectify-zone provider.example\n", ""),
    ],
    refused: &[
        (
            "pdnsutil replace-rrset example.com @ MX 3600\npdnsutil rectify-zone example.com\n",
            "no data",
        ),
        (
            "pdnsutil delete-rrset example.com @ MX\npdnsutil rectify-zone example.com\n",
            "no replace-rrset",
        ),
    ],
};

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let commands = text
        .strip_suffix(&format!("pdnsutil rectify-zone {}\n", plain_text(origin)))
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
