//! Lines for the configuration of dnsmasq.

use hickory_proto::rr::Name;
use mailsrv::name::{parse_text, text};
use mailsrv::zonefile::character_string;

use super::parts::{number, record};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "dnsmasq",
    read,
    mistakes: &[
        (",993,0,1", ",993,1,0"),
        (",993,0,1", ",0,1,993"),
        ("imap.example.net", "imap.example.net."),
        ("mx-host", "mx-target"),
        ("\"path", "\\\"path"),
        ("path=/a", "path=/\\a"),
        ("192.0.2.1,3600", "192.0.2.1"),
        ("1,3600", "1,60"),
        (",33,00", ",33,"),
        (",52,03", ",52,02"),
    ],
    refused: &[
        ("\n", "no directive"),
        ("cname", "no directive"),
        ("cname=\n", "for a value"),
        ("cname=a..b,c,60\n", "`cname=a..b,c,60`"),
        ("txt-record=a\n", "with 1 values"),
        ("txt-record=a,\"b\n", "without its end"),
        ("txt-record=a,\"b\"c\n", "after a value"),
        ("txt-record=a,\"b\\t\"\n", "escapes nothing"),
        ("txt-record=a,\"\u{fc}\"\n", "printable ASCII"),
        ("dns-rr=a,33,0\n", "`dns-rr=a,33,0`"),
        ("dns-rr=a,x,00\n", "`dns-rr=a,x,00`"),
    ],
};

/// The longest line that dnsmasq reads, in octets.
const LONGEST_LINE: usize = 1024;

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| read_line(line).map_err(|reason| format!("{reason} in `{line}`"))).collect()
}

fn read_line(line: &str) -> Result<Reading, String> {
    if line.len() > LONGEST_LINE {
        return Err("too many octets".to_owned());
    }
    let (directive, rest) = line.split_once('=').ok_or("no directive")?;
    let values = values(rest)?;
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let (owner, ttl, rtype, rdata) = match (directive, values.as_slice()) {
        ("host-record", [owner, address, ttl]) => {
            let rtype = if address.contains(':') { "AAAA" } else { "A" };
            (owner, Some(*ttl), rtype, (*address).to_owned())
        }
        ("cname", [owner, target, ttl]) => (owner, Some(*ttl), "CNAME", absolute(target)?),
        ("srv-host", [owner, target, port, priority, weight]) => {
            (owner, None, "SRV", format!("{priority} {weight} {port} {}", absolute(target)?))
        }
        ("mx-host", [owner, exchange, preference]) => {
            (owner, None, "MX", format!("{preference} {}", absolute(exchange)?))
        }
        ("txt-record", [owner, strings @ ..]) if !strings.is_empty() => {
            let mut rdata = String::new();
            for string in strings {
                rdata.push_str(&character_string(string.as_bytes()));
                rdata.push(' ');
            }
            (owner, None, "TXT", rdata)
        }
        ("dns-rr", [owner, code, hex]) => {
            let rdata = format!("\\# {} {hex}", hex.len() / 2);
            return record(&absolute(owner)?, None, &format!("TYPE{code}"), &rdata, None);
        }
        _ => return Err(format!("`{directive}` with {} values", values.len())),
    };
    record(&absolute(owner)?, ttl.map(number).transpose()?, rtype, &rdata, None)
}

/// Reads a name of letters, digits, hyphens and underscores, which stands without its final dot.
fn absolute(name: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.ends_with('.') || !name.chars().all(is_plain) {
        return Err(format!("`{name}` for a name"));
    }
    parse_text(&format!("{name}.")).map(|name| text(&name)).map_err(|error| error.to_string())
}

/// The values between commas; a value may be quoted as a whole.
fn values(text: &str) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (value, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                if value.is_empty() || value.contains(['"', '\\', ' ', '#']) {
                    return Err(format!("`{value}` for a value"));
                }
                (value.to_owned(), after)
            }
        };
        values.push(value);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(values),
            None => return Err(format!("`{after}` after a value")),
        }
    }
}

/// The text up to its quotation mark, and what follows it.
fn unquoted(quoted: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next() {
            Some('"') => return Ok((value, rest.as_str())),
            Some('\\') => match rest.next() {
                Some(escaped @ ('"' | '\\')) => value.push(escaped),
                _ => return Err("a backslash that escapes nothing".to_owned()),
            },
            Some(character @ ' '..='~') => value.push(character),
            Some(_) => return Err("a character that is not printable ASCII".to_owned()),
            None => return Err("a quotation mark without its end".to_owned()),
        }
    }
}
