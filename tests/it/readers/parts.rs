//! Parts of records, as several formats spell them.

use std::fmt::{Display, Write as _};
use std::str::FromStr;

use hickory_proto::rr::rdata::{CNAME, MX, SRV};
use hickory_proto::rr::{Name, RData};
use mailsrv::name::{parse_text, text};
use mailsrv::zonefile::{self, Scanner};

use super::{Reading, shown};

/// Reads master-file syntax; relative names are completed with the origin.
pub(super) fn master_file(text: &str, origin: Option<&Name>) -> Result<Vec<Reading>, String> {
    Scanner::new(text.as_bytes(), "text", origin.cloned())
        .map(|entry| {
            let record = entry.map_err(|error| error.to_string())?.record;
            Ok(Reading { owner: record.owner, ttl: Some(record.ttl), data: record.data })
        })
        .collect()
}

/// Reads one record from its parts in presentation form, absolute and spelled as this program does.
pub(super) fn presented(
    owner: &str,
    ttl: u32,
    rtype: &str,
    rdata: &str,
) -> Result<Reading, String> {
    let reading = record(owner, Some(ttl), rtype, rdata, None)?;
    let same = text(&reading.owner) == owner
        && zonefile::type_name(reading.data.record_type()) == rtype
        && zonefile::rdata(&reading.data) == rdata;
    let other =
        || format!("`{owner} {rtype} {rdata}` means {}", shown(&reading.owner, &reading.data));
    if same { Ok(reading) } else { Err(other()) }
}

/// Reads a whole number, spelled as this program does.
pub(super) fn number<T: FromStr + Display>(written: &str) -> Result<T, String> {
    let number = written.parse::<T>().ok().filter(|number| number.to_string() == written);
    number.ok_or_else(|| format!("`{written}` is no number, too large, or spelled oddly"))
}

/// Reads a name with its final dot.
pub(super) fn absolute(written: &str) -> Result<Name, String> {
    let name = parse_text(written).map_err(|error| error.to_string())?;
    if text(&name) == written { Ok(name) } else { Err(format!("`{written}` is spelled oddly")) }
}

/// Reads a name without its final dot; the root is a dot all the same.
pub(super) fn dotless(written: &str) -> Result<Name, String> {
    match written {
        "." => Ok(Name::root()),
        _ => absolute(&format!("{written}.")),
    }
}

/// Reads a name below an origin, which itself is called `@`.
pub(super) fn relative(written: &str, origin: &Name) -> Result<Name, String> {
    match written {
        "@" => Ok(origin.clone()),
        _ => absolute(&format!("{written}.{}", text(origin))),
    }
}

/// Reads one record from its parts in presentation form.
pub(super) fn record(
    owner: &str,
    ttl: Option<u32>,
    rtype: &str,
    rdata: &str,
    origin: Option<&Name>,
) -> Result<Reading, String> {
    let mut line = String::new();
    let _infallible = writeln!(line, "{owner} {} IN {rtype} {rdata}", ttl.unwrap_or_default());
    let mut readings = master_file(&line, origin)?;
    match readings.pop() {
        Some(reading) if readings.is_empty() => Ok(Reading { ttl, ..reading }),
        _ => Err(format!("`{}` is not one record", line.trim_end())),
    }
}

/// The data of a record in presentation form, spelled as this program does.
pub(super) fn rdata(rtype: &str, text: &str) -> Result<RData, String> {
    Ok(presented(".", 0, rtype, text)?.data)
}

/// The data of an alias.
pub(super) fn cname(canonical: Name) -> RData {
    RData::CNAME(CNAME(canonical))
}

/// The data of a mail exchange.
pub(super) fn mx(preference: u16, exchange: Name) -> RData {
    RData::MX(MX::new(preference, exchange))
}

/// The data of a service.
pub(super) fn srv(priority: u16, weight: u16, port: u16, target: Name) -> RData {
    RData::SRV(SRV::new(priority, weight, port, target))
}
