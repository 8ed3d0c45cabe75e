//! RDATA from presentation form: tokens to wire octets to the codec's types.
//!
//! Everything goes through wire octets, so that a record typed in generic form and the same record
//! typed in its own form cannot differ.

use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::{BASE32_DNSSEC, HEXUPPER_PERMISSIVE};
use hickory_proto::rr::rdata::NULL;
use hickory_proto::rr::{RData, RecordType};
use hickory_proto::serialize::binary::{BinDecoder, Restrict};

use super::cursor::Cursor;
use super::error::ScanErrorKind;
use super::fields::{self, Field};
use super::lex::Fault;
use super::presentation::{self, shown};
use super::types::{code_name, type_code};
use super::{loc, svcb, write};

/// Reads the RDATA of a type into wire form, in place of what `wire` holds.
pub(super) fn read(cursor: &mut Cursor<'_>, wire: &mut Vec<u8>) -> Result<(), Fault> {
    wire.clear();
    let generic =
        cursor.peek().is_some_and(|token| !token.quoted && token.text(cursor.text) == b"\\#");
    if generic {
        cursor.next += 1;
        push_generic(cursor, wire)?;
    } else {
        let row = fields::fields(cursor.code).ok_or_else(|| {
            let rtype = code_name(cursor.code);
            cursor.fail(ScanErrorKind::TypeNotRead { rtype })
        })?;
        for (name, field) in row {
            push_field(cursor, name, *field, wire)?;
        }
        check_digest(cursor, wire)?;
    }
    if let Some(token) = cursor.peek() {
        let (typed, rtype) = (shown(token.text(cursor.text)), code_name(cursor.code));
        return Err(Fault { at: token.at, kind: ScanErrorKind::ExtraToken { typed, rtype } });
    }
    if wire.len() > usize::from(u16::MAX) {
        return Err(cursor.fail(ScanErrorKind::RdataTooLong { octets: wire.len() }));
    }
    Ok(())
}

/// Turns wire octets, uncompressed and 65,535 at most, into the codec's types, or keeps them as they
/// are where it would lose some.
pub(crate) fn decode(code: u16, wire: &[u8]) -> RData {
    let rtype = RecordType::from(code);
    let length = u16::try_from(wire.len()).unwrap_or(u16::MAX);
    let read = RData::read(&mut BinDecoder::new(wire), rtype, Restrict::new(length));
    // The codec keeps every octet of these; of others, such as CERT and CAA, it may not.
    let lossless = matches!(code, 1 | 2 | 5 | 6 | 12 | 15 | 16 | 28 | 33);
    if let Ok(data) = read
        && (lossless || write::wire(&data).is_some_and(|again| again == wire))
    {
        return data;
    }
    // `NULL::with` asserts that there is data.
    let rdata = if wire.is_empty() { NULL::new() } else { NULL::with(wire.to_vec()) };
    RData::Unknown { code: rtype, rdata }
}

/// Reads what follows `\#` (RFC 3597 §5).
fn push_generic(cursor: &mut Cursor<'_>, wire: &mut Vec<u8>) -> Result<(), Fault> {
    let said = cursor.number("length", u32::from(u16::MAX))?;
    let digits = digits(cursor, "data", "hexadecimal digits", u8::is_ascii_hexdigit)?;
    let octets = hexadecimal(&digits)
        .ok_or_else(|| cursor.bad("data", "an even number of hexadecimal digits"))?;
    wire.extend(octets);
    if wire.len() != said as usize {
        return Err(cursor.fail(ScanErrorKind::GenericLength { said, found: wire.len() }));
    }
    if fields::fields(cursor.code).is_some() && !write::is_valid(cursor.code, wire) {
        let rtype = code_name(cursor.code);
        return Err(cursor.fail(ScanErrorKind::GenericRdata { rtype }));
    }
    Ok(())
}

/// Appends one field. The name is what the RFC of the type calls it, for errors.
fn push_field(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    field: Field,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    match field {
        Field::Name => {
            let text = cursor.word(name)?;
            return presentation::push_name(text, cursor.origin, out).map_err(|k| cursor.fail(k));
        }
        Field::U8 => out.push(cursor.number(name, 255)?.to_le_bytes()[0]),
        Field::U16 => out.extend_from_slice(&cursor.number(name, 65_535)?.to_be_bytes()[2..]),
        Field::U32 => out.extend_from_slice(&cursor.number(name, u32::MAX)?.to_be_bytes()),
        Field::Period => {
            let text = cursor.word(name)?;
            let value = presentation::period(text)
                .ok_or_else(|| cursor.bad(name, "seconds, or a period such as 1h30m"))?;
            let value = cursor.limited(value, text, name, u32::MAX)?;
            out.extend_from_slice(&value.to_be_bytes());
        }
        Field::Time => {
            let value = time(cursor.word(name)?)
                .ok_or_else(|| cursor.bad(name, "a time as YYYYMMDDHHMMSS, or seconds"))?;
            out.extend_from_slice(&value.to_be_bytes());
        }
        Field::Type => {
            let code =
                type_code(cursor.word(name)?).ok_or_else(|| cursor.bad(name, "a record type"))?;
            out.extend_from_slice(&code.to_be_bytes());
        }
        Field::Algorithm => out.push(mnemonic(cursor, name, fields::ALGORITHMS, 255)?[1]),
        Field::DigestType => out.push(mnemonic(cursor, name, fields::DIGESTS, 255)?[1]),
        Field::CertType => {
            out.extend_from_slice(&mnemonic(cursor, name, fields::CERT_TYPES, 65_535)?);
        }
        Field::V4 => {
            let address = parse::<Ipv4Addr>(cursor.word(name)?)
                .ok_or_else(|| cursor.bad(name, "an IPv4 address of four decimal numbers"))?;
            out.extend_from_slice(&address.octets());
        }
        Field::V6 => {
            let address = parse::<Ipv6Addr>(cursor.word(name)?)
                .ok_or_else(|| cursor.bad(name, "an IPv6 address"))?;
            out.extend_from_slice(&address.octets());
        }
        Field::String | Field::OptionalString | Field::Strings => {
            return push_strings(cursor, name, field, out);
        }
        Field::Text | Field::AnyText => {
            let start = out.len();
            // RFC 7553 §4.4 demands the quotes; CAA leaves them free (RFC 8659 §4.1.1).
            let bare = cursor.peek().is_some_and(|token| !token.quoted);
            let text = cursor.string(name)?;
            presentation::push_unescaped(text, out).map_err(|kind| cursor.fail(kind))?;
            if field == Field::Text && (bare || out.len() == start) {
                return Err(cursor.bad(name, "a text in quotes that is not empty"));
            }
        }
        Field::Tag => return push_tag(cursor, name, out),
        Field::Types | Field::AnyTypes => return push_types(cursor, name, field, out),
        Field::Location => return loc::push_location(cursor, out),
        Field::Services => return push_services(cursor, name, out),
        Field::Parameters => return svcb::push_parameters(cursor, out),
        Field::Hex
        | Field::Base64
        | Field::OptionalBase64
        | Field::Salt
        | Field::Hash
        | Field::Eui(_)
        | Field::Locator => return push_digits(cursor, name, field, out),
    }
    Ok(())
}

/// A CAA property tag (RFC 8659 §4.1).
fn push_tag(cursor: &mut Cursor<'_>, name: &'static str, out: &mut Vec<u8>) -> Result<(), Fault> {
    let text = cursor.word(name)?;
    let length = u8::try_from(text.len())
        .ok()
        .filter(|_| text.iter().all(u8::is_ascii_alphanumeric))
        .ok_or_else(|| cursor.bad(name, "letters and digits"))?;
    out.push(length);
    out.extend_from_slice(text);
    Ok(())
}

/// Appends one character-string, or all that are left (RFC 1035 §3.3.14).
fn push_strings(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    field: Field,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if field == Field::OptionalString && cursor.peek().is_none() {
        return Ok(());
    }
    loop {
        let text = cursor.string(name)?;
        presentation::push_string(text, out).map_err(|kind| cursor.fail(kind))?;
        if field != Field::Strings || cursor.peek().is_none() {
            return Ok(());
        }
    }
}

/// Appends octets that stand in one token as digits of some base.
fn push_digits(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    field: Field,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if matches!(field, Field::Hex | Field::Base64 | Field::OptionalBase64) {
        return push_broken_digits(cursor, name, field, out);
    }
    let text = cursor.word(name)?;
    let (octets, wanted) = match field {
        Field::Salt => (
            if text == b"-" { Some(Vec::new()) } else { hexadecimal(text) },
            "hexadecimal digits, or - for none",
        ),
        Field::Hash => (
            BASE32_DNSSEC.decode(text).ok().filter(|octets| !octets.is_empty()),
            "base32hex digits without padding",
        ),
        Field::Eui(count) => {
            let pairs: Vec<&[u8]> = text.split(|octet| *octet == b'-').collect();
            let is_paired = pairs.iter().all(|pair| pair.len() == 2);
            let octets = hexadecimal(&pairs.concat());
            (
                octets.filter(|octets| is_paired && octets.len() == count),
                "pairs of hexadecimal digits joined by hyphens",
            )
        }
        _ => {
            let groups: Vec<&[u8]> = text.split(|octet| *octet == b':').collect();
            let is_short = groups.iter().all(|group| (1..=4).contains(&group.len()));
            let fill = |group: &&[u8]| [&b"0000"[group.len().min(4)..], *group].concat();
            let octets = hexadecimal(&groups.iter().flat_map(fill).collect::<Vec<u8>>());
            (
                octets.filter(|octets| is_short && octets.len() == 8),
                "four groups of hexadecimal digits",
            )
        }
    };
    let octets = octets.ok_or_else(|| cursor.bad(name, wanted))?;
    if matches!(field, Field::Salt | Field::Hash) {
        out.push(u8::try_from(octets.len()).map_err(|_over| cursor.bad(name, wanted))?);
    }
    out.extend(octets);
    Ok(())
}

/// Digits to the end of the record, which RDATA may break anywhere.
fn push_broken_digits(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    field: Field,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if field != Field::OptionalBase64 && cursor.peek().is_none() {
        cursor.word(name)?;
    }
    let octets = if field == Field::Hex {
        let wanted = "hexadecimal digits in pairs";
        let digits = digits(cursor, name, wanted, u8::is_ascii_hexdigit)?;
        hexadecimal(&digits).ok_or_else(|| cursor.bad(name, wanted))?
    } else {
        let wanted = "padded base64";
        let is_digit = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=".contains(octet);
        let digits = digits(cursor, name, wanted, is_digit)?;
        presentation::read_base64(&digits).ok_or_else(|| cursor.bad(name, wanted))?
    };
    out.extend(octets);
    Ok(())
}

/// Takes the tokens that are left, as one.
fn digits(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    wanted: &'static str,
    is_digit: fn(&u8) -> bool,
) -> Result<Vec<u8>, Fault> {
    let mut digits = Vec::new();
    while cursor.peek().is_some() {
        let text = cursor.word(name)?;
        if !text.iter().all(is_digit) {
            return Err(cursor.bad(name, wanted));
        }
        digits.extend_from_slice(text);
    }
    Ok(digits)
}

/// Hexadecimal digits in either case; None for an odd number of them.
fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    HEXUPPER_PERMISSIVE.decode(digits).ok()
}

/// Appends a type bit map: windows of 256 types, each as long as its last bit needs (RFC 4034
/// §4.1.2).
fn push_types(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    field: Field,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let mut codes = Vec::new();
    if field == Field::Types && cursor.peek().is_none() {
        cursor.word(name)?;
    }
    while cursor.peek().is_some() {
        let code = type_code(cursor.word(name)?).filter(|code| *code != 0);
        codes.push(code.ok_or_else(|| cursor.bad(name, "record types"))?);
    }
    codes.sort_unstable();
    codes.dedup();
    for window in codes.chunk_by(|a, b| a >> 8 == b >> 8) {
        let mut bits = [0u8; 32];
        for code in window {
            let [_, low] = code.to_be_bytes();
            bits[usize::from(low >> 3)] |= 0x80 >> (low & 7);
        }
        let length = bits.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
        out.push(window[0].to_be_bytes()[0]);
        out.push(length.to_le_bytes()[0]);
        out.extend_from_slice(&bits[..length]);
    }
    Ok(())
}

/// Appends protocol and port bit map of WKS (RFC 1035 §3.4.2).
fn push_services(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let text = cursor.word("protocol")?;
    let protocol = match text.to_ascii_lowercase().as_slice() {
        b"tcp" => 6,
        b"udp" => 17,
        _ => presentation::number(text)
            .and_then(|value| u8::try_from(value).ok())
            .ok_or_else(|| cursor.bad("protocol", "tcp, udp or a number up to 255"))?,
    };
    out.push(protocol);
    let start = out.len();
    while cursor.peek().is_some() {
        let [high, low] = mnemonic(cursor, name, fields::SERVICES, 65_535)?;
        let port = usize::from(u16::from_be_bytes([high, low]));
        if out.len() <= start + port / 8 {
            out.resize(start + port / 8 + 1, 0);
        }
        out[start + port / 8] |= 0x80 >> (port % 8);
    }
    Ok(())
}

/// Reads a number that may have a name, as two octets.
fn mnemonic(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    table: &[(&str, u8)],
    limit: u32,
) -> Result<[u8; 2], Fault> {
    let text = cursor.word(name)?;
    let known = table.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(text));
    let value = match known {
        Some((_, value)) => u32::from(*value),
        None => {
            let value = presentation::number(text)
                .ok_or_else(|| cursor.bad(name, "a number or a known mnemonic"))?;
            cursor.limited(value, text, name, limit)?
        }
    };
    let [_, _, high, low] = value.to_be_bytes();
    Ok([high, low])
}

/// A digest of the wrong length is a digest cut or misread.
fn check_digest(cursor: &Cursor<'_>, wire: &[u8]) -> Result<(), Fault> {
    let (offset, start) = if cursor.code == 44 { (1, 2) } else { (3, 4) };
    let length = wire.get(offset).and_then(|kind| fields::digest_length(cursor.code, *kind));
    if length.is_some_and(|length| wire.len() != start + length) {
        return Err(cursor.bad("digest", "a digest of the length its type has"));
    }
    Ok(())
}

/// What the standard library reads; text that is not UTF-8 is nothing.
fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads `YYYYMMDDHHMMSS` in UTC, or seconds since 1970, modulo 2^32 (RFC 4034 §3.2).
fn time(text: &[u8]) -> Option<u32> {
    if text.len() != 14 {
        return u32::try_from(presentation::number(text)?).ok();
    }
    let part = |from: usize, to: usize| presentation::number(text.get(from..to)?);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < 1970 || day == 0 || day > days || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1 March of year 0, which puts the leap day at the end of the year.
    let (shifted, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let count =
        shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (months * 153 + 2) / 5 + day
            - 1;
    let seconds = (count - 719_468) * 86_400 + hour * 3600 + minute * 60 + second;
    let [.., a, b, c, d] = seconds.to_be_bytes();
    Some(u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_read_as_seconds_since_1970() {
        for (text, seconds) in [
            ("19700101000000", Some(0)),
            ("20000229120000", Some(951_825_600)),
            ("20260101000000", Some(1_767_225_600)),
            ("1767225600", Some(1_767_225_600)),
            ("20161231235960", Some(1_483_228_800)),
            ("20250430000000", Some(1_745_971_200)),
            ("19691231000000", None),
            ("20250100000000", None),
            ("20250229000000", None),
            ("20250431000000", None),
            ("20161231235961", None),
            ("20251301000000", None),
            ("4294967296", None),
        ] {
            assert_eq!(time(text.as_bytes()), seconds, "{text}");
        }
    }
}
