//! Lines for the data file of tinydns (djbdns).
//!
//! `tinydns-data` knows no SRV, TLSA or AAAA lines, which are written as generic ones: RDATA as it
//! is on the wire, with octal escapes. Its line for TXT cuts the text into strings of 127 octets,
//! so it only serves where that changes nothing.

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};
use hickory_proto::serialize::binary::BinEncodable;

use super::{COMMON, Kin, Mending, Sheet, Spec};

pub(super) const SPEC: Spec = Spec {
    word: "tinydns",
    aliases: &["djbdns"],
    kin: Kin::Server,
    headline: "lines for the data file of tinydns (djbdns)",
    extension: "data",
    opening: OPENING,
    separator: "\n",
    write,
    mending: Mending::with_comment("#"),
    ..COMMON
};

/// The lines are added to a file that stands, and nothing looks for those of an earlier run.
const OPENING: &str = "\
# Append to /etc/tinydns/root/data, where the lines of the zone itself (`.` or
# `Z`) stand, and run `make` there. Delete the lines of an earlier run before:
# tinydns would serve both.

";

/// The octets of a TXT string that the line for TXT holds.
const LONGEST_TEXT: usize = 127;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    for (_, set) in sheet.sets() {
        let (owner, ttl) = (dotted(set.owner()), set.ttl());
        for data in set.rdatas() {
            match data {
                RData::A(address) => writeln!(out, "+{owner}:{}:{ttl}", address.0)?,
                RData::CNAME(target) => writeln!(out, "C{owner}:{}:{ttl}", dotted(&target.0))?,
                RData::MX(mx) => {
                    // A name without a dot is taken for a part of `NAME.mx.OWNER`.
                    let dot = if mx.exchange.num_labels() == 1 { "." } else { "" };
                    let exchange = dotted(&mx.exchange);
                    writeln!(out, "@{owner}::{exchange}{dot}:{}:{ttl}", mx.preference)?;
                }
                RData::TXT(txt) => match txt.txt_data.as_ref() {
                    [one] if (1..=LONGEST_TEXT).contains(&one.len()) => {
                        writeln!(out, "'{owner}:{}:{ttl}", Escaped(one))?;
                    }
                    strings => {
                        write!(out, ":{owner}:16:")?;
                        for string in strings {
                            write!(out, "{}{}", Octal(&length(string)), Escaped(string))?;
                        }
                        writeln!(out, ":{ttl}")?;
                    }
                },
                RData::SRV(srv) => {
                    write!(out, ":{owner}:33:")?;
                    for number in [srv.priority, srv.weight, srv.port] {
                        write!(out, "{}", Octal(&number.to_be_bytes()))?;
                    }
                    for label in &srv.target {
                        write!(out, "{}{}", Octal(&length(label)), Escaped(label))?;
                    }
                    writeln!(out, "\\000:{ttl}")?;
                }
                other => {
                    let wire = other.to_bytes().unwrap_or_default();
                    let code = u16::from(other.record_type());
                    writeln!(out, ":{owner}:{code}:{}:{ttl}", Octal(&wire))?;
                }
            }
        }
    }
    Ok(())
}

/// The octet that stands before a label or a string; neither is longer than 255 octets.
fn length(octets: &[u8]) -> [u8; 1] {
    [u8::try_from(octets.len()).unwrap_or(u8::MAX)]
}

/// A name without its final dot; the root is a lone dot.
fn dotted(name: &Name) -> String {
    if name.is_root() {
        return ".".to_owned();
    }
    let labels: Vec<String> = name.iter().map(|label| Escaped(label).to_string()).collect();
    labels.join(".")
}

/// Octets as three octal digits each.
struct Octal<'a>(&'a [u8]);

impl fmt::Display for Octal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "\\{octet:03o}"))
    }
}

/// Octets as they are where no field, name or line can take them for its own.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'/' | b'=' => {
                f.write_char(char::from(*octet))
            }
            _ => Octal(&[*octet]).fmt(f),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{printed, printed_records};

    #[test]
    fn every_record_is_a_line() {
        assert_eq!(
            printed(Format::TINYDNS),
            r#"# Mail client settings for example.com.
@example.com::mx.example.net:10:3600
:_imap._tcp.example.com:33:\000\000\000\001\000\217\004imap\007example\003net\000:3600
:_imap._tcp.example.com:33:\000\012\000\024\003\341\005imap2\007example\003net\000:3600
:_pop3._tcp.example.com:33:\000\000\000\000\000\000\000:60
:_caldavs._tcp.example.com:33:\000\000\000\001\001\273\003dav\007example\003net\000:3600
'_caldavs._tcp.example.com:path=/a\073b\077c=\047\042\044d\044\173e\175\134\045\173f\175:3600
+autoconfig.example.com:192.0.2.1:3600
:autoconfig.example.com:28:\040\001\015\270\000\000\000\000\000\000\000\000\000\000\000\001:3600
Cautodiscover.example.com:www.example.net:3600
:_143._tcp.imap.example.com:52:\003\001\001\214\260\374\154\122\165\006\240\123\364\361\114\204\144\276\273\326\336\336\047\070\321\024\150\335\225\075\175\152\060\041\361:3600
"#
        );
    }

    #[test]
    fn what_a_line_of_its_own_would_change_is_generic() {
        let long = "x".repeat(128);
        for (record, line) in [
            ("MX 10 mx.", "@example.com::mx.:10:60".to_owned()),
            ("MX 0 .", "@example.com::.:0:60".to_owned()),
            ("TXT \"a\" \"\"", ":example.com:16:\\001a\\000:60".to_owned()),
            ("TXT \"\"", ":example.com:16:\\000:60".to_owned()),
            ("TXT \"a: \\200\"", "'example.com:a\\072\\040\\310:60".to_owned()),
            (&format!("TXT {long}"), format!(":example.com:16:\\200{long}:60")),
            ("CNAME .", "Cexample.com:.:60".to_owned()),
        ] {
            let text = printed_records(Format::TINYDNS, &format!("example.com. 60 IN {record}\n"));
            assert_eq!(text.lines().last(), Some(line.as_str()));
        }
    }
}
