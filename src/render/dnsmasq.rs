//! Lines for the configuration of dnsmasq.
//!
//! Only aliases and addresses have a TTL of their own. A directive without a target is answered
//! with `0 0 1 .`, so that a denial is written as the record that it is; so are strings that a
//! quoted text cannot hold (measured with dnsmasq 2.90).

use std::fmt::{self, Write};

use hickory_proto::rr::RData;
use hickory_proto::serialize::binary::BinEncodable;

use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::plain_text;
use crate::rrset::RrSet;

pub(super) const SPEC: Spec = Spec {
    word: "dnsmasq",
    kin: Kin::Server,
    headline: "lines for the configuration of dnsmasq",
    extension: "conf",
    opening: OPENING,
    separator: "\n",
    unfit: |_, _, set| too_long(set),
    write,
    mending: Mending::with_comment("#"),
    ..COMMON
};

/// What is not as in a zone: targets of aliases, reverse lookups, and TTLs.
const OPENING: &str = "\
# Put into /etc/dnsmasq.d/, test with `dnsmasq --test` and restart dnsmasq.
# The target of a `cname` is not looked up elsewhere: where dnsmasq itself does
# not know its address (from a `host-record` or /etc/hosts), clients get an
# alias that leads nowhere. A `host-record` answers for the address in reverse,
# too. SRV, MX and other records have the TTL of the option `local-ttl`, 0 where
# it is not set.

";

/// The longest line that dnsmasq reads, in octets.
const LONGEST_LINE: usize = 1024;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    sheet.sets().iter().try_for_each(|(_, set)| write_lines(set, out))
}

/// Says why an RRset has no place, where dnsmasq does not read a line of it.
fn too_long(set: &RrSet) -> Option<String> {
    let mut lines = String::new();
    write_lines(set, &mut lines).ok()?;
    let is_long = lines.lines().any(|line| line.len() > LONGEST_LINE);
    is_long.then(|| format!("makes a line of more than {LONGEST_LINE} octets"))
}

/// The directive of each type, or the record in hexadecimal where none says it.
fn write_lines(set: &RrSet, out: &mut String) -> fmt::Result {
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
    Ok(())
}

/// What may stand between quotation marks.
fn is_printable(string: &[u8]) -> bool {
    string.iter().all(|octet| matches!(octet, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{left_out, printed, printed_records};

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
            assert_eq!(text.lines().last(), Some(line));
        }
    }

    #[test]
    fn what_makes_a_line_that_is_too_long_is_left_out() {
        // 24 octets before the strings, and three around each.
        let string = "0123456789012345678901234567890123456789";
        let record = |last: &str| {
            format!("a.example.com. 60 IN TXT {}{last}\n", format!("\"{string}\" ").repeat(23))
        };
        assert_eq!(left_out(Format::DNSMASQ, &record("12345678")), [""; 0]);
        assert_eq!(
            left_out(Format::DNSMASQ, &record("123456789")),
            ["a TXT makes a line of more than 1024 octets"]
        );
    }
}
