//! A PowerShell script for the DNS server of Windows.

use hickory_proto::rr::Name;
use mailsrv::name::plain_text;
use mailsrv::zonefile;

use super::parts::{self, record};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "windows",
    read,
    mistakes: &[
        ("-ZoneName 'provider.example'", "-ZoneName 'example.org'"),
        ("-Name '.'", "-Name '@'"),
        ("-Name '.'", "-Name 'provider.example.'"),
        ("-Priority 0 -Weight 1", "-Weight 0 -Priority 1"),
        ("-Priority 0 -Weight 1", "-Priority 1 -Weight 0"),
        ("imap.example.net.", "imap.example.net"),
        ("b''$d", "b'$d"),
        ("FromSeconds(3600)", "FromMinutes(3600)"),
        ("FromSeconds(3600))", "FromSeconds(3600)"),
        ("FromSeconds(3600)", "FromSeconds(60)"),
        ("Sha256Hash", "Sha512Hash"),
        ("DomainIssuedCertificate", "TrustAnchorAssertion"),
        ("-AAAA", "-A"),
        ("imap.example.net.'", "imap.example.net.\u{2019}"),
    ],
    refused: &[
        ("\n", "another command"),
        ("Add-DnsServerResourceRecord", "too few parameters"),
        ("Get-DnsServerZone\n", "another command"),
        ("Add-DnsServerResourceRecord -", "no word"),
    ],
};

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
    let ttl = parts::number(seconds)?;
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
