//! A PowerShell script for the DNS server of Windows (module `DnsServer`).
//!
//! A command that adds what is there already fails by itself and changes nothing, which is what an
//! administrator knows, so the script stays one plain command a record. It is pure ASCII: Windows
//! PowerShell reads other octets in the code page of the machine, and takes typographic quotation
//! marks for the end of a string (`about_Quoting_Rules`).

use std::fmt::{self, Write};

use hickory_proto::rr::RData;

use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::{plain_text, relative_text, text};
use crate::rrset::RrSet;

pub(super) const SPEC: Spec = Spec {
    word: "windows",
    aliases: &["ps1", "powershell", "windows-dns"],
    kin: Kin::Server,
    headline: "PowerShell script for the DNS server of Windows",
    extension: "ps1",
    opening: OPENING,
    separator: "\n",
    unfit: |_, _, set| unfit(set),
    write,
    mending: Mending::with_comment("#"),
    ..COMMON
};

const OPENING: &str = "\
# Adds records to zones of this DNS server; run it as an administrator:
#     powershell -ExecutionPolicy Bypass -File FILE
# Nothing is deleted or replaced: a record is added beside foreign ones of the
# same name and type. `mailsrv audit` names what to delete; before a denial (the
# target '.') or an alias can do any good, nothing else may stand there. The
# script may be run again at any time: a record that exists is an error
# (ResourceExists), which changes nothing, and the next command runs.

";

const COMMAND: &str = "Add-DnsServerResourceRecord";

/// What stands between the strings of a TXT record.
const NEXT_STRING: &str = " + \"`r`n\" + ";

/// The octets of a string of a TXT record that the command takes ("254 characters per line").
const LONGEST_STRING: usize = 254;

/// The words for TLSA certificate usages, each at its number (RFC 7218 §2.1 has others).
const USAGES: [&str; 4] = [
    "CAConstraint",
    "ServiceCertificateConstraint",
    "TrustAnchorAssertion",
    "DomainIssuedCertificate",
];
const SELECTORS: [&str; 2] = ["FullCertificate", "SubjectPublicKeyInfo"];
const MATCHING_TYPES: [&str; 3] = ["ExactMatch", "Sha256Hash", "Sha512Hash"];

/// Says why an RRset has no place, where the command does not take it.
fn unfit(set: &RrSet) -> Option<String> {
    let is_plain = |string: &[u8]| {
        (1..=LONGEST_STRING).contains(&string.len())
            && string.iter().all(|octet| matches!(octet, b' '..=b'~'))
    };
    set.rdatas().iter().find_map(|data| match data {
        RData::TXT(txt) if !txt.txt_data.iter().all(|string| is_plain(string)) => {
            Some("holds a string that Windows does not take".to_owned())
        }
        RData::TLSA(tlsa)
            if word(&USAGES, tlsa.cert_usage.into()).is_none()
                || word(&SELECTORS, tlsa.selector.into()).is_none()
                || word(&MATCHING_TYPES, tlsa.matching.into()).is_none() =>
        {
            Some("holds a number that Windows has no word for".to_owned())
        }
        _ => None,
    })
}

/// The word for a number, where the command has one.
fn word(words: &[&'static str], number: u8) -> Option<&'static str> {
    words.get(usize::from(number)).copied()
}

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let origin = sheet.origin();
    let zone = quoted(&plain_text(origin));
    writeln!(out, "# Records for {}.", plain_text(sheet.name()))?;
    for (_, set) in sheet.sets() {
        let relative = relative_text(set.owner(), origin);
        let owner = quoted(if relative == "@" { "." } else { &relative });
        let ttl = set.ttl();
        for data in set.rdatas() {
            write!(out, "{COMMAND} -ZoneName {zone} -Name {owner} ")?;
            write_data(data, out)?;
            writeln!(out, " -TimeToLive ([TimeSpan]::FromSeconds({ttl}))")?;
        }
    }
    Ok(())
}

/// Appends the switches of the command that say the data.
fn write_data(data: &RData, out: &mut String) -> fmt::Result {
    match data {
        RData::A(address) => write!(out, "-A -IPv4Address '{}'", address.0),
        RData::AAAA(address) => write!(out, "-AAAA -IPv6Address '{}'", address.0),
        RData::CNAME(target) => write!(out, "-CName -HostNameAlias {}", quoted(&text(&target.0))),
        RData::MX(mx) => {
            let (exchange, preference) = (quoted(&text(&mx.exchange)), mx.preference);
            write!(out, "-MX -MailExchange {exchange} -Preference {preference}")
        }
        RData::SRV(srv) => {
            let (priority, weight, port) = (srv.priority, srv.weight, srv.port);
            write!(out, "-Srv -DomainName {}", quoted(&text(&srv.target)))?;
            write!(out, " -Priority {priority} -Weight {weight} -Port {port}")
        }
        RData::TXT(txt) => {
            let strings: Vec<String> = txt
                .txt_data
                .iter()
                .map(|string| quoted(&string.iter().copied().map(char::from).collect::<String>()))
                .collect();
            match strings.as_slice() {
                [one] => write!(out, "-Txt -DescriptiveText {one}"),
                several => write!(out, "-Txt -DescriptiveText ({})", several.join(NEXT_STRING)),
            }
        }
        RData::TLSA(tlsa) => {
            let usage = word(&USAGES, tlsa.cert_usage.into()).unwrap_or_default();
            let selector = word(&SELECTORS, tlsa.selector.into()).unwrap_or_default();
            let matching = word(&MATCHING_TYPES, tlsa.matching.into()).unwrap_or_default();
            write!(out, "-TLSA -CertificateUsage {usage} -Selector {selector}")?;
            write!(out, " -MatchingType {matching} -CertificateAssociationData '")?;
            for octet in &tlsa.cert_data {
                write!(out, "{octet:02x}")?;
            }
            write!(out, "'")
        }
        // No plan has another type.
        _ => Ok(()),
    }
}

/// Writes a text that PowerShell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{left_out, printed, printed_records};

    #[test]
    fn every_record_is_a_command() {
        assert_eq!(
            printed(Format::WINDOWS),
            r#"# Records for example.com.
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '.' -MX -MailExchange 'mx.example.net.' -Preference 10 -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_imap._tcp' -Srv -DomainName 'imap.example.net.' -Priority 0 -Weight 1 -Port 143 -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_imap._tcp' -Srv -DomainName 'imap2.example.net.' -Priority 10 -Weight 20 -Port 993 -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_pop3._tcp' -Srv -DomainName '.' -Priority 0 -Weight 0 -Port 0 -TimeToLive ([TimeSpan]::FromSeconds(60))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_caldavs._tcp' -Srv -DomainName 'dav.example.net.' -Priority 0 -Weight 1 -Port 443 -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_caldavs._tcp' -Txt -DescriptiveText 'path=/a;b?c=''"$d${e}\%{f}' -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name 'autoconfig' -A -IPv4Address '192.0.2.1' -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name 'autoconfig' -AAAA -IPv6Address '2001:db8::1' -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name 'autodiscover' -CName -HostNameAlias 'www.example.net.' -TimeToLive ([TimeSpan]::FromSeconds(3600))
Add-DnsServerResourceRecord -ZoneName 'example.com' -Name '_143._tcp.imap' -TLSA -CertificateUsage DomainIssuedCertificate -Selector SubjectPublicKeyInfo -MatchingType Sha256Hash -CertificateAssociationData '8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1' -TimeToLive ([TimeSpan]::FromSeconds(3600))
"#
        );
    }

    #[test]
    fn strings_of_a_text_are_lines() {
        let text = printed_records(Format::WINDOWS, "example.com. 60 IN TXT \"a b\" \"it's\"\n");
        let line = "-Txt -DescriptiveText ('a b' + \"`r`n\" + 'it''s') -TimeToLive";
        assert!(text.contains(line));
    }

    #[test]
    fn what_the_command_does_not_take_is_left_out() {
        let longest = "x".repeat(254);
        let record = |data: &str| format!("a.example.com. 60 IN {data}\n");
        for data in [&format!("TXT {longest}"), "TLSA 3 1 2 00", "TLSA 0 0 0 00"] {
            assert_eq!(left_out(Format::WINDOWS, &record(data)), [""; 0], "{data}");
        }
        let strings = [&format!("{longest}y"), "\"\\200\"", "\"\\010\"", "\"\\127\"", "a \"\""];
        for data in strings {
            assert_eq!(
                left_out(Format::WINDOWS, &record(&format!("TXT {data}"))),
                ["a TXT holds a string that Windows does not take"]
            );
        }
        for data in ["TLSA 4 1 1 00", "TLSA 3 2 1 00", "TLSA 3 1 3 00"] {
            assert_eq!(
                left_out(Format::WINDOWS, &record(data)),
                ["a TLSA holds a number that Windows has no word for"]
            );
        }
    }
}
