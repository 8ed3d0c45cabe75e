//! Records in presentation form (RFC 1035 §5.1, RFC 3597 §5).

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::{BASE32HEX_NOPAD, BASE64, HEXUPPER};
use hickory_proto::rr::RData;
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder, NameEncoding};

use super::fields::{self, Field};
use super::presentation::{push_quoted, wire_name};
use super::types::code_name;
use super::{loc, svcb};
use crate::name;
use crate::rrset::ResourceRecord;

/// Writes a record on one line: absolute owner name, TTL, class, type and RDATA.
///
/// [`Scanner`](super::Scanner) reads it back, whatever the origin there: the same record, but for
/// strings of TXT over 255 octets, which come back in parts.
pub fn record(record: &ResourceRecord) -> String {
    let mut out = String::new();
    push_record(record, &mut out);
    out
}

/// Writes a record as [`record`] does, without its TTL: what is deleted has none (RFC 2136 §2.5.4).
pub fn record_without_ttl(record: &ResourceRecord) -> String {
    let mut out = name::text(&record.owner);
    let rtype = code_name(record.data.record_type().into());
    let _infallible = write!(out, " IN {rtype} ");
    push_rdata(&record.data, &mut out);
    out
}

/// Appends what [`record`] returns, without a line end.
///
/// Writers of many records append to one text instead of making a string for each.
pub fn push_record(record: &ResourceRecord, out: &mut String) {
    name::push_text(&record.owner, out);
    let rtype = code_name(record.data.record_type().into());
    let _infallible = write!(out, " {} IN {rtype} ", record.ttl);
    push_rdata(&record.data, out);
}

/// Writes RDATA with absolute names and single blanks; generic (RFC 3597 §5) where its type has no
/// form of its own here, or the data breaks that form.
pub fn rdata(data: &RData) -> String {
    let mut out = String::new();
    push_rdata(data, &mut out);
    out
}

/// Appends what [`rdata`] returns.
pub fn push_rdata(data: &RData, out: &mut String) {
    if let RData::TXT(txt) = data
        && !txt.txt_data.is_empty()
    {
        push_txt(&txt.txt_data, out);
        return;
    }
    // What the codec cannot encode, such as a CPU of 256 octets in HINFO, exists in no DNS.
    let wire = wire(data).unwrap_or_default();
    let start = out.len();
    if push_fields(data.record_type().into(), &wire, out).is_none() {
        out.truncate(start);
        let _infallible = write!(out, "\\# {}", wire.len());
        if !wire.is_empty() {
            out.push(' ');
            HEXUPPER.encode_append(&wire, out);
        }
    }
}

/// Encodes RDATA without compression; None where a part is too long, or the whole is.
pub(crate) fn wire(data: &RData) -> Option<Vec<u8>> {
    let mut wire = Vec::new();
    let mut encoder = BinEncoder::new(&mut wire);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    data.emit(&mut encoder).ok()?;
    Some(wire)
}

/// Says whether octets are what the fields of their type demand.
pub(super) fn is_valid(code: u16, wire: &[u8]) -> bool {
    push_fields(code, wire, &mut String::new()).is_some()
}

/// Strings over 255 octets are split, which readers of TXT undo.
fn push_txt(strings: &[Box<[u8]>], out: &mut String) {
    let start = out.len();
    for string in strings {
        let mut rest: &[u8] = string;
        loop {
            let (chunk, after) = rest.split_at(rest.len().min(255));
            if out.len() > start {
                out.push(' ');
            }
            push_quoted(chunk, out);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
}

/// Appends the fields of a type; None where there is no row for it, or the octets do not fit the
/// row.
fn push_fields(code: u16, wire: &[u8], out: &mut String) -> Option<()> {
    let mut rest = wire;
    for (index, (_, field)) in fields::fields(code)?.iter().enumerate() {
        // These begin with their own blank, because they may be empty.
        let own_blank = matches!(
            field,
            Field::Parameters
                | Field::AnyTypes
                | Field::Services
                | Field::OptionalBase64
                | Field::OptionalString
        );
        if index > 0 && !own_blank {
            out.push(' ');
        }
        push_field(*field, &mut rest, out)?;
    }
    rest.is_empty().then_some(())
}

/// Takes one field off the front of the octets and appends its text; what is more than a line is in
/// the function of its kind.
fn push_field(field: Field, rest: &mut &[u8], out: &mut String) -> Option<()> {
    match field {
        Field::Name => {
            let (name, length) = wire_name(rest)?;
            take(rest, length)?;
            name::push_text(&name, out);
        }
        Field::U8 | Field::Algorithm | Field::DigestType => push_number(take(rest, 1)?, out),
        Field::U16 | Field::CertType => push_number(take(rest, 2)?, out),
        Field::U32 | Field::Period => push_number(take(rest, 4)?, out),
        Field::Time => push_time(u32::from_be_bytes(take(rest, 4)?.try_into().ok()?), out),
        Field::Type => {
            out.push_str(&code_name(u16::from_be_bytes(take(rest, 2)?.try_into().ok()?)));
        }
        Field::V4 => {
            let octets: [u8; 4] = take(rest, 4)?.try_into().ok()?;
            let _infallible = write!(out, "{}", Ipv4Addr::from(octets));
        }
        Field::V6 => {
            let octets: [u8; 16] = take(rest, 16)?.try_into().ok()?;
            let _infallible = write!(out, "{}", Ipv6Addr::from(octets));
        }
        Field::String => push_quoted(counted(rest)?, out),
        Field::OptionalString => {
            if !rest.is_empty() {
                out.push(' ');
                push_quoted(counted(rest)?, out);
            }
        }
        Field::Strings => {
            push_quoted(counted(rest)?, out);
            while !rest.is_empty() {
                out.push(' ');
                push_quoted(counted(rest)?, out);
            }
        }
        Field::Text | Field::AnyText => {
            let text = take(rest, rest.len())?;
            if text.is_empty() && field == Field::Text {
                return None;
            }
            push_quoted(text, out);
        }
        Field::Tag => {
            let tag = counted(rest)?;
            if tag.is_empty() || !tag.iter().all(u8::is_ascii_alphanumeric) {
                return None;
            }
            out.extend(tag.iter().map(|octet| char::from(*octet)));
        }
        Field::Types | Field::AnyTypes => return push_types(field, rest, out),
        Field::Location => return loc::push_text(take(rest, rest.len())?, out),
        Field::Services => return push_services(rest, out),
        Field::Parameters => return svcb::push_text(take(rest, rest.len())?, out),
        Field::Hex
        | Field::Base64
        | Field::OptionalBase64
        | Field::Salt
        | Field::Hash
        | Field::Eui(_)
        | Field::Locator => return push_digits(field, rest, out),
    }
    Some(())
}

/// Appends octets as digits of the base that the field has.
fn push_digits(field: Field, rest: &mut &[u8], out: &mut String) -> Option<()> {
    match field {
        Field::OptionalBase64 if rest.is_empty() => {}
        Field::Hex | Field::Base64 if rest.is_empty() => return None,
        Field::Hex => HEXUPPER.encode_append(take(rest, rest.len())?, out),
        Field::Base64 => BASE64.encode_append(take(rest, rest.len())?, out),
        Field::OptionalBase64 => {
            out.push(' ');
            BASE64.encode_append(take(rest, rest.len())?, out);
        }
        Field::Salt => match counted(rest)? {
            [] => out.push('-'),
            salt => HEXUPPER.encode_append(salt, out),
        },
        Field::Hash => match counted(rest)? {
            [] => return None,
            hash => BASE32HEX_NOPAD.encode_append(hash, out),
        },
        Field::Eui(octets) => push_groups(take(rest, octets)?, 1, '-', out),
        _ => push_groups(take(rest, 8)?, 2, ':', out),
    }
    Some(())
}

/// Appends hexadecimal digits in groups of some octets.
fn push_groups(octets: &[u8], size: usize, separator: char, out: &mut String) {
    for (index, group) in octets.chunks(size).enumerate() {
        if index > 0 {
            out.push(separator);
        }
        HEXUPPER.encode_append(group, out);
    }
}

/// Appends up to four octets as one decimal number.
fn push_number(octets: &[u8], out: &mut String) {
    let value = octets.iter().fold(0u32, |value, octet| value << 8 | u32::from(*octet));
    let _infallible = write!(out, "{value}");
}

/// Appends the types of a bit map (RFC 4034 §4.1.2); none where windows or octets are out of order.
fn push_types(field: Field, rest: &mut &[u8], out: &mut String) -> Option<()> {
    if field == Field::Types && rest.is_empty() {
        return None;
    }
    let mut last = None;
    while !rest.is_empty() {
        let window = *take(rest, 1)?.first()?;
        let bits = counted(rest)?;
        if last >= Some(window) || bits.len() > 32 || *bits.last()? == 0 {
            return None;
        }
        last = Some(window);
        for (index, octet) in bits.iter().enumerate() {
            for bit in (0..8).filter(|bit| octet & (0x80 >> bit) != 0) {
                if field == Field::AnyTypes || !out.ends_with(' ') {
                    out.push(' ');
                }
                let low = u16::try_from(index * 8 + bit).ok()?;
                let code = u16::from(window) << 8 | low;
                if code == 0 {
                    return None;
                }
                out.push_str(&code_name(code));
            }
        }
    }
    Some(())
}

/// Appends protocol and ports of WKS; None for a bit map that ends in zeros or has more than 65,536
/// bits.
fn push_services(rest: &mut &[u8], out: &mut String) -> Option<()> {
    out.push(' ');
    push_number(take(rest, 1)?, out);
    let bits = take(rest, rest.len())?;
    if bits.len() > 8192 || bits.last() == Some(&0) {
        return None;
    }
    for (index, octet) in bits.iter().enumerate() {
        for bit in (0..8).filter(|bit| octet & (0x80 >> bit) != 0) {
            let _infallible = write!(out, " {}", index * 8 + bit);
        }
    }
    Some(())
}

/// Appends `YYYYMMDDHHMMSS`, taking the number as seconds since 1970 (until 2106).
fn push_time(seconds: u32, out: &mut String) {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    // The year that begins on 1 March has its leap day at the end.
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let (month, next) = if shifted < 10 { (shifted + 3, 0) } else { (shifted - 9, 1) };
    let year = era * 400 + year_of_era + next;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let _infallible = write!(out, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
}

/// Takes octets off the front; None where there are fewer.
fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// Takes octets with their length in front, as a character-string has it.
fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = *take(rest, 1)?.first()?;
    take(rest, usize::from(length))
}
