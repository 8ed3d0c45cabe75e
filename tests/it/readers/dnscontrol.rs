//! A `dnsconfig.js` for `DNSControl`.

use hickory_proto::rr::Name;
use mailsrv::name::plain_text;

use super::parts::{absolute, cname, dotless, mx, rdata, relative, srv};
use super::script::{Expression, statements};
use super::txt::of_text;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "dnscontrol",
    read,
    mistakes: &[
        ("0, 1, 993", "0, 993, 1"),
        ("0, 1, 993", "1, 993"),
        ("$d", "d"),
        ("\"_imap._tcp", "\"_imaps._tcp"),
        ("3, 1, 1, \"8", "3, 0, 1, \"8"),
        ("\nD(", "\nE("),
        ("\nD(\"provider.example\"", "\nD(\"example.org\""),
        ("DnsProvider(DSP), ", ""),
        (", NO_PURGE", ""),
        (", NO_PURGE", ", PURGE"),
        (", TTL(3600)", ""),
        ("TTL(3600)", "TTL(3601)"),
        ("TTL(3600)", "T(3600)"),
        ("TTL(3600)", "TTL(\"3600\")"),
        ("SRV(", "SRW("),
        ("net.\"", "net\""),
        ("10, \"mx", "\"10\", \"mx"),
        ("10, \"mx", "65536, \"mx"),
        (");\n", ");\nD();\n"),
    ],
    refused: &[
        ("", "0 statements"),
        ("D();", "lacks arguments"),
        ("E();", "declares no zone"),
        ("D(\"example.org\", REG_NONE, DnsProvider(DSP), NO_PURGE);", "the zone example.org"),
        ("D(\"example.com\", REG_NONE, DnsProvider(DSP), PURGE);", "way to purge"),
        ("D(\"example.com\", REG_NONE, DnsProvider(DSP), NO_PURGE, A(TTL(1)));", "lacks arguments"),
        (
            "D(\"example.com\", REG_NONE, DnsProvider(DSP), NO_PURGE, A(\"a\", TTL(1)));",
            "of its type",
        ),
    ],
};

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
    if (registrar.word()?, provider, purge.word()?) != ("REG_NONE", "DSP", "NO_PURGE") {
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
    let data = match (rtype, arguments) {
        ("A" | "AAAA", [address]) => rdata(rtype, address.text()?)?,
        ("CNAME", [canonical]) => cname(absolute(canonical.text()?)?),
        ("MX", [preference, exchange]) => mx(preference.number()?, absolute(exchange.text()?)?),
        ("SRV", [priority, weight, port, target]) => {
            let target = absolute(target.text()?)?;
            srv(priority.number()?, weight.number()?, port.number()?, target)
        }
        ("TLSA", [usage, selector, matching, digest]) => {
            let (usage, selector): (u8, u8) = (usage.number()?, selector.number()?);
            let (matching, digest): (u8, _) = (matching.number()?, digest.text()?);
            rdata(rtype, &format!("{usage} {selector} {matching} {digest}"))?
        }
        // DNSControl cuts the text itself.
        ("TXT", [text]) => of_text(text.text()?.as_bytes()),
        _ => return Err(format!("{rtype}(...) has not the arguments of its type")),
    };
    Ok(Reading { owner: relative(owner.text()?, origin)?, ttl: Some(ttl.number()?), data })
}
