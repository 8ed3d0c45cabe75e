//! A `dnsconfig.js` for `DNSControl`.
//!
//! Text is plain JavaScript: DNSControl does the quoting of DNS itself, and cuts long texts.

mod script;

use std::fmt::{self, Write};

use hickory_proto::rr::{Name, RData};

use self::script::{Expression, statements};
use super::fields::Fields;
use super::quoted::Quoted;
use super::read::{Reading, absolute, dotless, relative};
use super::{COMMON, Scope, Sheet, Spec};
use crate::name::{plain_text, relative_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "dnscontrol",
    headline: "dnsconfig.js for DNSControl",
    extension: "js",
    scope: Scope::ZoneOnce,
    opening: OPENING,
    separator: "\n",
    write,
    read,
    ..COMMON
};

const OPENING: &str = r#"// dnscontrol preview --config FILE, then dnscontrol push --config FILE
// "none" and "dns" are names in creds.json: a registrar of the type NONE, and where the zones are.
var REG_NONE = NewRegistrar("none");
var DSP = NewDnsProvider("dns");

"#;

/// What every zone is declared with; DNSControl would otherwise delete what it is not told of.
const NO_PURGE: &str = "NO_PURGE";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let zone = plain_text(sheet.origin());
    writeln!(out, "// {}.", sheet.heading())?;
    writeln!(
        out,
        "// NO_PURGE keeps RRsets of other names and types; a foreign record in one of those below is\n\
         // deleted, as `dnscontrol preview` shows. A zone is declared once: where it has a D(...)\n\
         // already, put this after it, and write D_EXTEND({}, in place of the next line.",
        Quoted(&zone)
    )?;
    write!(out, "D({}, REG_NONE, DnsProvider(DSP), {NO_PURGE}", Quoted(&zone))?;
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

fn write_arguments(data: &RData, out: &mut String) -> fmt::Result {
    match Fields::of(data) {
        Some(Fields::Address(text) | Fields::Txt(text)) => write!(out, "{}", Quoted(&text)),
        Some(Fields::Cname(canonical)) => write!(out, "{}", Quoted(&text(&canonical))),
        Some(Fields::Mx { preference, exchange }) => {
            write!(out, "{preference}, {}", Quoted(&text(&exchange)))
        }
        Some(Fields::Srv { priority, weight, port, target }) => {
            write!(out, "{priority}, {weight}, {port}, {}", Quoted(&text(&target)))
        }
        Some(Fields::Tlsa { usage, selector, matching, digest }) => {
            write!(out, "{usage}, {selector}, {matching}, {}", Quoted(&digest))
        }
        None => Ok(()),
    }
}

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let [declaration] = <[Expression; 1]>::try_from(statements(text)?)
        .map_err(|statements| format!("it has {} statements", statements.len()))?;
    let ("D", arguments) = declaration.call()? else {
        return Err("it declares no zone with D(...)".to_owned());
    };
    let [zone, registrar, provider, purge, records @ ..] = arguments else {
        return Err("D(...) lacks arguments".to_owned());
    };
    let zone = dotless(zone.text()?)?;
    let provider = match provider.call()? {
        ("DnsProvider", [provider]) => provider.word()?,
        _ => return Err("D(...) has no DnsProvider(...)".to_owned()),
    };
    if (registrar.word()?, provider, purge.word()?) != ("REG_NONE", "DSP", NO_PURGE) {
        return Err("D(...) has another registrar, provider or way to purge".to_owned());
    }
    if zone != *origin {
        return Err(format!("it declares the zone {}", plain_text(&zone)));
    }
    records.iter().map(|record| reading(record, origin)).collect()
}

fn reading(record: &Expression, origin: &Name) -> Result<Reading, String> {
    let (rtype, arguments) = record.call()?;
    let [owner, arguments @ .., ttl] = arguments else {
        return Err(format!("{rtype}(...) lacks arguments"));
    };
    let ("TTL", [ttl]) = ttl.call()? else {
        return Err(format!("{rtype}(...) has no TTL(...)"));
    };
    let fields = match (rtype, arguments) {
        ("A" | "AAAA", [address]) => Fields::Address(address.text()?.to_owned()),
        ("CNAME", [canonical]) => Fields::Cname(absolute(canonical.text()?)?),
        ("MX", [preference, exchange]) => {
            let exchange = absolute(exchange.text()?)?;
            Fields::Mx { preference: preference.number()?, exchange }
        }
        ("SRV", [priority, weight, port, target]) => {
            let target = absolute(target.text()?)?;
            let (priority, weight) = (priority.number()?, weight.number()?);
            Fields::Srv { priority, weight, port: port.number()?, target }
        }
        ("TLSA", [usage, selector, matching, digest]) => {
            let (usage, selector) = (usage.number()?, selector.number()?);
            let digest = digest.text()?.to_owned();
            Fields::Tlsa { usage, selector, matching: matching.number()?, digest }
        }
        ("TXT", [text]) => Fields::Txt(text.text()?.to_owned()),
        _ => return Err(format!("{rtype}(...) has not the arguments of its type")),
    };
    let owner = relative(owner.text()?, origin)?;
    Ok(Reading { owner, ttl: Some(ttl.number()?), data: fields.rdata(rtype)? })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        every_plan_reads_back, is_noticed, printed, printed_records, refused,
    };
    use crate::render::Format;

    #[test]
    fn a_zone_is_declared_with_its_records() {
        let text = printed(Format::DNSCONTROL);
        let (head, body) = text.split_once("in place of the next line.\n").unwrap();
        assert!(head.starts_with("// Mail client settings for example.com.\n"), "{head}");
        assert!(head.contains("write D_EXTEND(\"example.com\", "), "{head}");
        assert_eq!(
            body,
            r#"D("example.com", REG_NONE, DnsProvider(DSP), NO_PURGE,
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
        every_plan_reads_back(Format::DNSCONTROL);
        assert!(printed_records(Format::DNSCONTROL, "").unwrap().ends_with("NO_PURGE\n);\n"));
    }

    #[test]
    fn mistakes_are_noticed() {
        is_noticed(Format::DNSCONTROL, "0, 1, 143", "0, 143, 1");
        is_noticed(Format::DNSCONTROL, "TTL(60)", "TTL(61)");
        is_noticed(Format::DNSCONTROL, "$d", "d");
        is_noticed(Format::DNSCONTROL, "\"_imap._tcp", "\"_imaps._tcp");
        is_noticed(Format::DNSCONTROL, "3, 1, 1, \"8", "3, 0, 1, \"8");
        let text = printed(Format::DNSCONTROL);
        let arguments = "has not the arguments of its type";
        for (from, to, part) in [
            ("\nD(", "\nE(", "declares no zone"),
            ("\nD(\"example.com\"", "\nD(\"example.org\"", "the zone example.org"),
            (", NO_PURGE", "", "stands where"),
            (", NO_PURGE", ", PURGE", "way to purge"),
            (", TTL(60)", "", "stands where"),
            ("TTL(60)", "T(60)", "no TTL"),
            ("TTL(60)", "TTL(\"60\")", "stands where"),
            ("0, 1, 143", "1, 143", arguments),
            ("SRV(", "SRW(", arguments),
            ("net.\"", "net\"", "final dot"),
            ("10, \"mx", "\"10\", \"mx", "stands where"),
            ("10, \"mx", "65536, \"mx", "65536"),
            (");\n", ");\nD();\n", "2 statements"),
        ] {
            let error = refused(Format::DNSCONTROL, &text.replacen(from, to, 1));
            assert!(error.contains(part), "{to}: {error}");
        }
    }
}
