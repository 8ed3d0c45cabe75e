//! A `dnsconfig.js` for `DNSControl`.
//!
//! Text is plain JavaScript: DNSControl does the quoting of DNS itself, and cuts long texts.

use std::fmt::{self, Write};

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::SRV;

use super::fields::tlsa_fields;
use super::quoted::Quoted;
use super::{COMMON, Kin, Mending, Scope, Sheet, Spec, txt};
use crate::name::{plain_text, relative_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "dnscontrol",
    kin: Kin::Tool,
    headline: "dnsconfig.js for DNSControl",
    extension: "js",
    scope: Scope::ZoneOnce,
    opening: OPENING,
    separator: "\n",
    unfit: |_, _, set| {
        let is_text = |octets: &[u8]| str::from_utf8(octets).is_ok();
        txt::unfit(set, is_text, "holds a text that is no UTF-8 or would be cut otherwise")
    },
    mending: Mending { whole: true, ..Mending::with_comment("//") },
    write,
    ..COMMON
};

/// It names what the user's `creds.json` has to have.
const OPENING: &str = r#"// dnscontrol preview --config FILE, then dnscontrol push --config FILE
// "none" and "dns" are names in creds.json: a registrar of the type NONE, and where
// the zones are. NO_PURGE keeps RRsets of other names and types; a foreign record in
// one of those below is deleted, as `dnscontrol preview` shows. A zone is declared
// once: where it has a D("ZONE", ...) already, put its part of this file after that,
// and write D_EXTEND("ZONE", in place of all before the first record.
var REG_NONE = NewRegistrar("none");
var DSP = NewDnsProvider("dns");

"#;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let zone = plain_text(sheet.origin());
    writeln!(out, "// {}.", sheet.heading())?;
    // DNSControl would otherwise delete what it is not told of.
    write!(out, "D({}, REG_NONE, DnsProvider(DSP), NO_PURGE", Quoted(&zone))?;
    for (_, set) in sheet.sets() {
        let owner = relative_text(set.owner(), sheet.origin());
        let rtype = zonefile::type_name(set.record_type());
        for data in set.rdatas() {
            write!(out, ",\n  {rtype}({}, ", Quoted(&owner))?;
            write_arguments(data, out)?;
            write!(out, ", TTL({}))", set.ttl())?;
        }
    }
    out.push_str("\n);\n");
    Ok(())
}

/// The arguments of the function of a type; numbers are bare and texts quoted.
fn write_arguments(data: &RData, out: &mut String) -> fmt::Result {
    match data {
        RData::TXT(txt) => write!(out, "{}", Quoted(&txt::text(txt))),
        RData::CNAME(canonical) => write!(out, "{}", Quoted(&text(&canonical.0))),
        RData::MX(mx) => write!(out, "{}, {}", mx.preference, Quoted(&text(&mx.exchange))),
        RData::SRV(SRV { priority, weight, port, target, .. }) => {
            write!(out, "{priority}, {weight}, {port}, {}", Quoted(&text(target)))
        }
        RData::TLSA(tlsa) => {
            let (usage, selector, matching, digest) = tlsa_fields(tlsa);
            write!(out, "{usage}, {selector}, {matching}, {}", Quoted(&digest))
        }
        other => write!(out, "{}", Quoted(&zonefile::rdata(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{left_out, printed, printed_records};
    use crate::render::Format;

    #[test]
    fn a_zone_is_declared_with_its_records() {
        let text = printed(Format::DNSCONTROL);
        assert_eq!(
            text,
            r#"// Mail client settings for example.com.
D("example.com", REG_NONE, DnsProvider(DSP), NO_PURGE,
  MX("@", 10, "mx.example.net.", TTL(3600)),
  SRV("_imap._tcp", 0, 1, 143, "imap.example.net.", TTL(3600)),
  SRV("_imap._tcp", 10, 20, 993, "imap2.example.net.", TTL(3600)),
  SRV("_pop3._tcp", 0, 0, 0, ".", TTL(60)),
  SRV("_caldavs._tcp", 0, 1, 443, "dav.example.net.", TTL(3600)),
  TXT("_caldavs._tcp", "path=/a;b?c='\"$d${e}\\%{f}", TTL(3600)),
  A("autoconfig", "192.0.2.1", TTL(3600)),
  AAAA("autoconfig", "2001:db8::1", TTL(3600)),
  CNAME("autodiscover", "www.example.net.", TTL(3600)),
  TLSA("_143._tcp.imap", 3, 1, 1, "8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1", TTL(3600))
);
"#
        );
        assert!(printed_records(Format::DNSCONTROL, "").ends_with("NO_PURGE\n);\n"));
    }

    #[test]
    fn what_has_no_text_or_is_cut_otherwise_is_left_out() {
        for text in ["\"\\252\"", "a b"] {
            assert_eq!(
                left_out(Format::DNSCONTROL, &format!("a.example.com. 60 IN TXT {text}\n")),
                ["a TXT holds a text that is no UTF-8 or would be cut otherwise"]
            );
        }
        let umlaut = "a.example.com. 60 IN TXT \"\\195\\188\"\n";
        let text = printed_records(Format::DNSCONTROL, umlaut);
        assert!(text.contains("TXT(\"a\", \"\\u00fc\", TTL(60))"), "{text}");
    }
}
