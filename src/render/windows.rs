//! A PowerShell script for the DNS server of Windows (module `DnsServer`).
//!
//! A command that adds what is there already fails by itself and changes nothing, which is what an
//! administrator knows, so the script stays one plain command a record. It is pure ASCII: Windows
//! PowerShell reads other octets in the code page of the machine, and takes typographic quotation
//! marks for the end of a string (`about_Quoting_Rules`).

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};

use super::read::{self, Reading, record};
use super::{COMMON, Sheet, Spec};
use crate::name::{plain_text, relative_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "windows",
    headline: "PowerShell script for the DNS server of Windows",
    extension: "ps1",
    opening: OPENING,
    separator: "\n",
    write,
    read,
    ..COMMON
};

const OPENING: &str = "\
# Adds records to zones of this DNS server; run it as an administrator:
#     powershell -ExecutionPolicy Bypass -File FILE
# Nothing is deleted or replaced: a record is added beside foreign ones of the same name and
# type. `mailsrv audit` names what to delete; before a denial (the target '.') or an alias can
# do any good, nothing else may stand there. The script may be run again at any time: a record
# that exists is an error (ResourceExists), which changes nothing, and the next command runs.

";

const COMMAND: &str = "Add-DnsServerResourceRecord";

/// What stands between the strings of a TXT record.
const NEXT_STRING: &str = " + \"`r`n\" + ";

/// The octets of a string of a TXT record that the command takes ("254 characters per line").
const LONGEST_STRING: usize = 254;

const USAGES: [&str; 4] = [
    "CAConstraint",
    "ServiceCertificateConstraint",
    "TrustAnchorAssertion",
    "DomainIssuedCertificate",
];
const SELECTORS: [&str; 2] = ["FullCertificate", "SubjectPublicKeyInfo"];
const MATCHING_TYPES: [&str; 3] = ["ExactMatch", "Sha256Hash", "Sha512Hash"];

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
            let word = |words: &[&'static str], number: u8| {
                words.get(usize::from(number)).copied().unwrap_or_default()
            };
            let usage = word(&USAGES, tlsa.cert_usage.into());
            let selector = word(&SELECTORS, tlsa.selector.into());
            let matching = word(&MATCHING_TYPES, tlsa.matching.into());
            write!(out, "-TLSA -CertificateUsage {usage} -Selector {selector}")?;
            write!(out, " -MatchingType {matching} -CertificateAssociationData '")?;
            for octet in &tlsa.cert_data {
                write!(out, "{octet:02x}")?;
            }
            write!(out, "'")
        }
        // No plan has another type; reading back says which record has no place.
        _ => Ok(()),
    }
}

/// Writes a text that PowerShell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    if !text.is_ascii() {
        return Err("it is not all ASCII".to_owned());
    }
    let commands = text.lines().skip_while(|line| line.starts_with("# "));
    commands
        .map(|line| read_command(line, origin).map_err(|reason| format!("{reason} in `{line}`")))
        .collect()
}

/// The value of a parameter.
#[derive(Debug, PartialEq)]
enum Value<'a> {
    /// None: the parameter is a switch.
    Absent,
    Word(&'a str),
    Strings(Vec<String>),
    Seconds(&'a str),
}

fn read_command(line: &str, origin: &Name) -> Result<Reading, String> {
    let parameters = parameters(line)?;
    let [zone, owner, switch, specific @ .., ttl] = parameters.as_slice() else {
        return Err("too few parameters".to_owned());
    };
    if *zone != ("ZoneName", Value::Strings(vec![plain_text(origin)])) || switch.1 != Value::Absent
    {
        return Err("another zone, or no type".to_owned());
    }
    let ("Name", Value::Strings(owner)) = owner else {
        return Err("no owner name".to_owned());
    };
    let ("TimeToLive", Value::Seconds(seconds)) = ttl else {
        return Err("no TTL".to_owned());
    };
    let ttl = read::number(seconds)?;
    let (rtype, rdata) = read_data(switch.0, specific)?;
    let owner = match one(owner)? {
        "." => "@",
        "@" => return Err("no period for the apex".to_owned()),
        relative if relative.ends_with('.') => return Err("an absolute owner name".to_owned()),
        relative => relative,
    };
    record(owner, Some(ttl), rtype, &rdata, Some(origin))
}

/// The type and the RDATA in presentation form.
fn read_data<'a>(
    switch: &str,
    parameters: &[(&str, Value<'a>)],
) -> Result<(&'static str, String), String> {
    use Value::{Strings, Word};
    Ok(match (switch, parameters) {
        ("A", [("IPv4Address", Strings(address))]) => ("A", one(address)?.to_owned()),
        ("AAAA", [("IPv6Address", Strings(address))]) => ("AAAA", one(address)?.to_owned()),
        ("CName", [("HostNameAlias", Strings(target))]) => ("CNAME", absolute(target)?.to_owned()),
        ("MX", [("MailExchange", Strings(exchange)), ("Preference", Word(preference))]) => {
            ("MX", format!("{preference} {}", absolute(exchange)?))
        }
        (
            "Srv",
            [
                ("DomainName", Strings(target)),
                ("Priority", Word(priority)),
                ("Weight", Word(weight)),
                ("Port", Word(port)),
            ],
        ) => ("SRV", format!("{priority} {weight} {port} {}", absolute(target)?)),
        ("Txt", [("DescriptiveText", Strings(strings))]) => {
            let longest = strings.iter().map(String::len).max().unwrap_or_default();
            if longest > LONGEST_STRING || strings.iter().any(String::is_empty) {
                return Err("a string that is empty or too long".to_owned());
            }
            let strings = strings.iter().map(|one| zonefile::character_string(one.as_bytes()));
            ("TXT", strings.collect::<Vec<_>>().join(" "))
        }
        (
            "TLSA",
            [
                ("CertificateUsage", Word(usage)),
                ("Selector", Word(selector)),
                ("MatchingType", Word(matching)),
                ("CertificateAssociationData", Strings(digits)),
            ],
        ) => {
            let usage = number(&USAGES, usage)?;
            let selector = number(&SELECTORS, selector)?;
            let matching = number(&MATCHING_TYPES, matching)?;
            ("TLSA", format!("{usage} {selector} {matching} {}", one(digits)?))
        }
        _ => return Err(format!("-{switch} with other parameters")),
    })
}

fn one(strings: &[String]) -> Result<&str, String> {
    match strings {
        [one] if !one.is_empty() && !one.contains([' ', ';', '"', '(', ')']) => Ok(one),
        _ => Err(format!("{strings:?} for one word")),
    }
}

fn absolute(strings: &[String]) -> Result<&str, String> {
    let name = one(strings)?;
    if name.ends_with('.') { Ok(name) } else { Err(format!("the relative name {name}")) }
}

fn number(words: &[&str], word: &str) -> Result<usize, String> {
    words.iter().position(|known| *known == word).ok_or_else(|| format!("`{word}`"))
}

fn parameters(line: &str) -> Result<Vec<(&str, Value<'_>)>, String> {
    let mut rest = line.strip_prefix(COMMAND).ok_or("another command")?;
    let mut parameters = Vec::new();
    while !rest.is_empty() {
        let (name, after) = token(rest.strip_prefix(" -").ok_or("no parameter")?)?;
        rest = after;
        let value = match rest.strip_prefix(' ').filter(|value| !value.starts_with('-')) {
            None => Value::Absent,
            Some(value) => {
                let (value, after) = read_value(value)?;
                rest = after;
                value
            }
        };
        parameters.push((name, value));
    }
    Ok(parameters)
}

/// Letters and digits, and what follows them.
fn token(text: &str) -> Result<(&str, &str), String> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    if end == 0 { Err("no word".to_owned()) } else { Ok(text.split_at(end)) }
}

fn read_value(text: &str) -> Result<(Value<'_>, &str), String> {
    if let Some(time) = text.strip_prefix("([TimeSpan]::FromSeconds(") {
        let (seconds, after) = token(time)?;
        let after = after.strip_prefix("))").ok_or("a parenthesis without its end")?;
        return Ok((Value::Seconds(seconds), after));
    }
    if let Some(sum) = text.strip_prefix('(') {
        let (first, mut rest) = read_string(sum)?;
        let mut strings = vec![first];
        while let Some(next) = rest.strip_prefix(NEXT_STRING) {
            let (string, after) = read_string(next)?;
            strings.push(string);
            rest = after;
        }
        let after = rest.strip_prefix(')').ok_or("a parenthesis without its end")?;
        return Ok((Value::Strings(strings), after));
    }
    if text.starts_with('\'') {
        let (string, after) = read_string(text)?;
        return Ok((Value::Strings(vec![string]), after));
    }
    let (word, after) = token(text)?;
    Ok((Value::Word(word), after))
}

/// A string in single quotation marks, in which two of them stand for one.
fn read_string(text: &str) -> Result<(String, &str), String> {
    let mut rest = text.strip_prefix('\'').ok_or("no string")?;
    let mut string = String::new();
    loop {
        let (part, after) = rest.split_once('\'').ok_or("a quotation mark without its end")?;
        if part.contains(|c: char| c.is_ascii_control()) {
            return Err("a control character".to_owned());
        }
        string.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                string.push('\'');
                rest = more;
            }
            None => return Ok((string, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{
        every_plan_reads_back, is_noticed, printed, printed_records, refused,
    };

    #[test]
    fn plans_read_back() {
        every_plan_reads_back(Format::WINDOWS);
    }

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
        assert!(text.unwrap().contains(line));
        let long = "x".repeat(254);
        printed_records(Format::WINDOWS, &format!("example.com. 60 IN TXT {long}\n")).unwrap();
        for data in [format!("{long}y"), "\"\\200\"".to_owned(), "\"\\010\"".to_owned()] {
            printed_records(Format::WINDOWS, &format!("example.com. 60 IN TXT {data}\n"))
                .expect_err(&data);
        }
    }

    #[test]
    fn a_mistake_is_noticed() {
        for (part, other) in [
            ("-ZoneName 'example.com'", "-ZoneName 'example.org'"),
            ("-Name '.'", "-Name '@'"),
            ("-Name '.'", "-Name 'example.com.'"),
            ("-Priority 0 -Weight 1", "-Weight 0 -Priority 1"),
            ("-Priority 0 -Weight 1", "-Priority 1 -Weight 0"),
            ("imap.example.net.", "imap.example.net"),
            ("''", "'"),
            ("FromSeconds(3600)", "FromMinutes(3600)"),
            ("FromSeconds(3600))", "FromSeconds(3600)"),
            ("FromSeconds(3600)", "FromSeconds(60)"),
            ("Sha256Hash", "Sha512Hash"),
            ("DomainIssuedCertificate", "TrustAnchorAssertion"),
            ("-AAAA", "-A"),
            ("imap.example.net.'", "imap.example.net.\u{2019}"),
        ] {
            is_noticed(Format::WINDOWS, part, other);
        }
        for text in [
            "\n",
            "Add-DnsServerResourceRecord",
            "Get-DnsServerZone\n",
            "Add-DnsServerResourceRecord -",
        ] {
            refused(Format::WINDOWS, text);
        }
    }
}
