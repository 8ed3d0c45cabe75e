//! Lines for the configuration of dnsmasq.
//!
//! Only aliases and addresses have a TTL of their own. A directive without a target is answered
//! with `0 0 1 .`, so that a denial is written as the record that it is; so are strings that a
//! quoted text cannot hold (measured with dnsmasq 2.90).

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};
use hickory_proto::serialize::binary::BinEncodable;

use super::read::{Reading, number, record};
use super::{COMMON, Sheet, Spec};
use crate::name::{parse_text, plain_text, text};

pub(super) const SPEC: Spec = Spec {
    word: "dnsmasq",
    headline: "lines for the configuration of dnsmasq",
    extension: "conf",
    opening: OPENING,
    separator: "\n",
    write,
    read,
    ..COMMON
};

const OPENING: &str = "\
# Put into /etc/dnsmasq.d/, test with `dnsmasq --test` and restart dnsmasq.
# The target of a `cname` is not looked up elsewhere: where dnsmasq itself does not know its
# address (from a `host-record` or /etc/hosts), clients get an alias that leads nowhere.
# A `host-record` answers for the address in reverse, too. SRV, MX and other records have the
# TTL of the option `local-ttl`, 0 where it is not set.

";

/// The longest line that dnsmasq reads, in octets.
const LONGEST_LINE: usize = 1024;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    for (_, set) in sheet.sets() {
        let (owner, ttl) = (plain_text(set.owner()), set.ttl());
        for data in set.rdatas() {
            match data {
                RData::A(address) => writeln!(out, "host-record={owner},{},{ttl}", address.0)?,
                RData::AAAA(address) => writeln!(out, "host-record={owner},{},{ttl}", address.0)?,
                RData::CNAME(target) => {
                    writeln!(out, "cname={owner},{},{ttl}", plain_text(&target.0))?;
                }
                RData::SRV(srv) if !srv.target.is_root() => {
                    let target = plain_text(&srv.target);
                    let (port, priority, weight) = (srv.port, srv.priority, srv.weight);
                    writeln!(out, "srv-host={owner},{target},{port},{priority},{weight}")?;
                }
                RData::MX(mx) if !mx.exchange.is_root() => {
                    let exchange = plain_text(&mx.exchange);
                    writeln!(out, "mx-host={owner},{exchange},{}", mx.preference)?;
                }
                RData::TXT(txt) if txt.txt_data.iter().all(|string| is_printable(string)) => {
                    write!(out, "txt-record={owner}")?;
                    for string in &txt.txt_data {
                        out.push_str(",\"");
                        for octet in string {
                            if matches!(octet, b'"' | b'\\') {
                                out.push('\\');
                            }
                            out.push(char::from(*octet));
                        }
                        out.push('"');
                    }
                    out.push('\n');
                }
                other => {
                    write!(out, "dns-rr={owner},{},", u16::from(other.record_type()))?;
                    for octet in other.to_bytes().unwrap_or_default() {
                        write!(out, "{octet:02x}")?;
                    }
                    out.push('\n');
                }
            }
        }
    }
    Ok(())
}

fn is_printable(string: &[u8]) -> bool {
    string.iter().all(|octet| matches!(octet, b' '..=b'~'))
}

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
                rdata.push_str(&crate::zonefile::character_string(string.as_bytes()));
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

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{
        every_plan_reads_back, is_noticed, printed, printed_records, refused,
    };

    #[test]
    fn plans_read_back() {
        every_plan_reads_back(Format::DNSMASQ);
    }

    #[test]
    fn every_record_is_a_line() {
        assert_eq!(
            printed(Format::DNSMASQ),
            r#"# Mail client settings for example.com.
mx-host=example.com,mx.example.net,10
srv-host=_imap._tcp.example.com,imap.example.net,143,0,1
srv-host=_imap._tcp.example.com,imap2.example.net,993,10,20
dns-rr=_pop3._tcp.example.com,33,00000000000000
srv-host=_caldavs._tcp.example.com,dav.example.net,443,0,1
txt-record=_caldavs._tcp.example.com,"path=/a;b?c='\"$d${e}\\%{f}"
host-record=autoconfig.example.com,192.0.2.1,3600
host-record=autoconfig.example.com,2001:db8::1,3600
cname=autodiscover.example.com,www.example.net,3600
dns-rr=_143._tcp.imap.example.com,52,0301018cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
"#
        );
    }

    #[test]
    fn what_no_directive_holds_is_a_record_in_hexadecimal_digits() {
        for (record, line) in [
            ("TXT \"a, #b\" \"\"", "txt-record=example.com,\"a, #b\",\"\""),
            ("TXT \"\\200\"", "dns-rr=example.com,16,01c8"),
            ("MX 0 .", "dns-rr=example.com,15,000000"),
        ] {
            let text = printed_records(Format::DNSMASQ, &format!("example.com. 60 IN {record}\n"));
            assert_eq!(text.unwrap().lines().last(), Some(line));
        }
        let strings = "\"0123456789012345678901234567890123456789\" ".repeat(30);
        printed_records(Format::DNSMASQ, &format!("example.com. 60 IN TXT {strings}\n"))
            .expect_err("dnsmasq does not read lines that long");
    }

    #[test]
    fn a_mistake_is_noticed() {
        for (part, other) in [
            (",143,0,1", ",143,1,0"),
            (",143,0,1", ",0,1,143"),
            ("imap.example.net", "imap.example.net."),
            ("mx-host", "mx-target"),
            ("\\\"", "\""),
            ("\\\\", "\\"),
            ("192.0.2.1,3600", "192.0.2.1"),
            ("1,3600", "1,60"),
            (",33,00", ",33,"),
            (",52,03", ",52,02"),
        ] {
            is_noticed(Format::DNSMASQ, part, other);
        }
        for text in [
            "\n",
            "cname",
            "cname=\n",
            "cname=a..b,c,60\n",
            "txt-record=a\n",
            "txt-record=a,\"b\n",
            "txt-record=a,\"b\"c\n",
            "txt-record=a,\"b\\t\"\n",
            "txt-record=a,\"\u{fc}\"\n",
            "dns-rr=a,33,0\n",
            "dns-rr=a,x,00\n",
        ] {
            refused(Format::DNSMASQ, text);
        }
    }
}
