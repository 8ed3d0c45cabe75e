//! The RDATA of LOC records (RFC 1876).
//!
//! Angles are thousandths of an arc second, lengths centimeters. They are written as RFC 1876 §3
//! has them, with every part that may be left out.

use super::cursor::Cursor;
use super::lex::Fault;
use super::presentation::number;

/// Zero degrees: angles are kept as unsigned numbers around it (RFC 1876 §2).
const EQUATOR: u32 = 1 << 31;
/// The reference spheroid in centimeters above the lowest altitude, 100 km below it.
const SEA_LEVEL: i64 = 10_000_000;

/// Appends the sixteen octets of a location.
pub(super) fn push_location(cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let latitude = angle(cursor, "latitude", 90, *b"NS")?;
    let longitude = angle(cursor, "longitude", 180, *b"EW")?;
    let text = cursor.word("altitude")?;
    let altitude = centimeters(text)
        .and_then(|value| u32::try_from(value.checked_add(SEA_LEVEL)?).ok())
        .ok_or_else(|| cursor.bad("altitude", "meters from -100000.00 to 42849672.95"))?;
    // Size, horizontal and vertical precision: 1 m, 10 km, 10 m unless given (RFC 1876 §3).
    let mut sizes = [0x12, 0x16, 0x13];
    for size in &mut sizes {
        let Some(text) = cursor.optional_word() else { break };
        *size = centimeters(text)
            .and_then(|value| u64::try_from(value).ok())
            .and_then(power)
            .ok_or_else(|| cursor.bad("size", "meters from 0.00 to 90000000.00"))?;
    }
    out.push(0);
    out.extend_from_slice(&sizes);
    for value in [latitude, longitude, altitude] {
        out.extend_from_slice(&value.to_be_bytes());
    }
    Ok(())
}

/// Appends the text of a location; none where it is no version 0.
pub(super) fn push_text(wire: &[u8], out: &mut String) -> Option<()> {
    use std::fmt::Write;

    let (&[0, size, horizontal, vertical], rest) = wire.split_first_chunk()? else { return None };
    let (latitude, rest) = rest.split_first_chunk()?;
    let (longitude, rest) = rest.split_first_chunk()?;
    let altitude = u32::from_be_bytes(rest.try_into().ok()?);
    push_angle(u32::from_be_bytes(*latitude), 90, ['N', 'S'], out)?;
    push_angle(u32::from_be_bytes(*longitude), 180, ['E', 'W'], out)?;
    let altitude = i64::from(altitude) - SEA_LEVEL;
    let sign = if altitude < 0 { "-" } else { "" };
    let _infallible = write!(out, "{sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100);
    for octet in [size, horizontal, vertical] {
        let (mantissa, exponent) = (u64::from(octet >> 4), u32::from(octet & 15));
        if mantissa > 9 || exponent > 9 || (mantissa == 0 && exponent > 0) {
            return None;
        }
        let value = mantissa * 10u64.pow(exponent);
        let _infallible = write!(out, " {}.{:02}m", value / 100, value % 100);
    }
    Some(())
}

/// Reads degrees, minutes and seconds up to the hemisphere, which alone says that the rest is left
/// out.
fn angle(
    cursor: &mut Cursor<'_>,
    field: &'static str,
    limit: u64,
    hemispheres: [u8; 2],
) -> Result<u32, Fault> {
    let wanted = "DEGREES [MINUTES [SECONDS]] and N, S, E or W";
    let mut thousandths = 0u64;
    for (scale, below) in [(3_600_000, limit + 1), (60_000, 60), (1, 60_000), (0, 0)] {
        let text = cursor.word(field)?;
        let sign = hemispheres.iter().position(|letter| text.eq_ignore_ascii_case(&[*letter]));
        if let Some(sign) = sign.filter(|_| scale != 3_600_000) {
            let value = u32::try_from(thousandths)
                .ok()
                .filter(|_| thousandths <= limit * 3_600_000)
                .ok_or_else(|| cursor.bad(field, wanted))?;
            return Ok(if sign == 0 { EQUATOR + value } else { EQUATOR - value });
        }
        let value = if scale == 1 { decimals(text, 3) } else { number(text) };
        let value =
            value.filter(|value| *value < below).ok_or_else(|| cursor.bad(field, wanted))?;
        thousandths += value * scale;
    }
    Err(cursor.bad(field, wanted))
}

/// Appends an angle; None beyond the pole, or the meridian opposite Greenwich.
fn push_angle(value: u32, limit: u32, hemispheres: [char; 2], out: &mut String) -> Option<()> {
    use std::fmt::Write;

    let hemisphere = hemispheres[usize::from(value < EQUATOR)];
    let thousandths = value.abs_diff(EQUATOR);
    if thousandths > limit * 3_600_000 {
        return None;
    }
    let (minutes, rest) = (thousandths / 60_000, thousandths % 60_000);
    let (degrees, minutes, seconds) = (minutes / 60, minutes % 60, rest / 1000);
    let _infallible = write!(out, "{degrees} {minutes} {seconds}.{:03} {hemisphere} ", rest % 1000);
    Some(())
}

/// Reads `[-]123.45[m]`.
fn centimeters(text: &[u8]) -> Option<i64> {
    let text = text.strip_suffix(b"m").unwrap_or(text);
    let (sign, text) = text.strip_prefix(b"-").map_or((1, text), |rest| (-1, rest));
    i64::try_from(decimals(text, 2)?).ok().map(|value| sign * value)
}

/// Reads a decimal number as a whole number of its last place.
fn decimals(text: &[u8], places: usize) -> Option<u64> {
    let dot = text.iter().position(|octet| *octet == b'.').unwrap_or(text.len());
    let fraction = text.get(dot + 1..).unwrap_or_default();
    if fraction.len() > places || (fraction.is_empty() && dot < text.len()) {
        return None;
    }
    let mut digits = [text.get(..dot)?, fraction].concat();
    digits.resize(dot + places, b'0');
    if dot == 0 {
        return None;
    }
    number(&digits)
}

/// A length as one digit and a power of ten (RFC 1876 §2); further digits are cut off.
fn power(mut value: u64) -> Option<u8> {
    let mut exponent = 0u8;
    while value >= 10 {
        value /= 10;
        exponent += 1;
    }
    (exponent <= 9).then_some((value.to_le_bytes()[0] << 4) | exponent)
}
