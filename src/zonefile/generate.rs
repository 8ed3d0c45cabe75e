//! `$GENERATE`: one line that stands for many records, as BIND reads it.
//!
//! No RFC has the directive. Counts and widths are limited here, because one short line would
//! otherwise make records without end.

use std::fmt::Write;

use super::error::{Position, ScanErrorKind};
use super::presentation::{number, shown};

/// The most records one `$GENERATE` may make.
pub(super) const MAX_GENERATED: u64 = 65_536;

/// The widest number a modifier may ask for; no name holds a wider one.
const MAX_WIDTH: usize = 255;

/// The range of a `$GENERATE`: START-STOP or START-STOP/STEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// The value to give next.
    next: u64,
    /// The last value, inclusive.
    stop: u64,
    step: u64,
}

impl Range {
    /// Reads a range and refuses one of more than [`MAX_GENERATED`] values.
    pub(super) fn read(text: &[u8]) -> Result<Self, ScanErrorKind> {
        let range =
            Self::parse(text).ok_or_else(|| ScanErrorKind::GenerateRange { typed: shown(text) })?;
        let count = (range.stop - range.next) / range.step + 1;
        if count > MAX_GENERATED {
            let typed = shown(text);
            return Err(ScanErrorKind::GenerateSize { typed, count, limit: MAX_GENERATED });
        }
        Ok(range)
    }

    /// Numbers have 31 bits, because an offset that may be negative is added to them.
    fn parse(text: &[u8]) -> Option<Self> {
        let cut = |text: &'_ [u8], at: u8| text.iter().position(|octet| *octet == at);
        let small = |text| number(text).filter(|value| i32::try_from(*value).is_ok());
        let dash = cut(text, b'-')?;
        let slash = cut(text, b'/').unwrap_or(text.len());
        let next = small(text.get(..dash)?)?;
        let stop = small(text.get(dash + 1..slash)?)?;
        let step = text.get(slash + 1..).map_or(Some(1), small)?;
        (next <= stop && step > 0).then_some(Self { next, stop, step })
    }
}

impl Iterator for Range {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let value = self.next;
        self.next += self.step;
        (value <= self.stop).then_some(value)
    }
}

/// A `$GENERATE` under way.
#[derive(Debug)]
pub(super) struct Generate {
    pub(super) range: Range,
    /// The template of the owner names.
    pub(super) owner: Vec<u8>,
    /// The template of the RDATA.
    pub(super) rdata: Vec<u8>,
    pub(super) code: u16,
    pub(super) ttl: u32,
    /// Where the directive stands; all its records are said to stand there.
    pub(super) position: Position,
}

/// Puts a value in the place of `$` and `${offset,width,base}`; `$$` stands for a dollar sign.
pub(super) fn expand(template: &[u8], value: u64) -> Result<Vec<u8>, ScanErrorKind> {
    let bad = || ScanErrorKind::GenerateModifier { typed: shown(template) };
    let mut out = Vec::with_capacity(template.len() + 8);
    let mut rest = template;
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match (octet, rest) {
            (b'\\', [next, after @ ..]) => {
                out.extend([b'\\', *next]);
                rest = after;
            }
            (b'$', [b'$', after @ ..]) => {
                out.push(b'$');
                rest = after;
            }
            (b'$', [b'{', after @ ..]) => {
                let end = after.iter().position(|octet| *octet == b'}').ok_or_else(bad)?;
                let (modifier, after) = after.split_at(end);
                push_modified(modifier, value, &mut out).ok_or_else(bad)?;
                rest = &after[1..];
            }
            (b'$', _) => out.extend(value.to_string().bytes()),
            _ => out.push(octet),
        }
    }
    Ok(out)
}

/// Appends the value as `offset,width,base` say; the last two may be missing.
fn push_modified(modifier: &[u8], value: u64, out: &mut Vec<u8>) -> Option<()> {
    let mut parts = std::str::from_utf8(modifier).ok()?.split(',');
    let offset: i32 = parts.next()?.parse().ok()?;
    let width: usize = parts.next().map_or(Ok(0), str::parse).ok()?;
    let base = parts.next().unwrap_or("d");
    let value = i32::try_from(value).ok()?.checked_add(offset).filter(|value| *value >= 0)?;
    if parts.next().is_some() || width > MAX_WIDTH {
        return None;
    }
    let mut text = String::new();
    let _infallible = match base {
        "d" => write!(text, "{value:0width$}"),
        "o" => write!(text, "{value:0width$o}"),
        "x" => write!(text, "{value:0width$x}"),
        "X" => write!(text, "{value:0width$X}"),
        "n" | "N" => {
            push_nibbles(value.cast_unsigned(), width, base == "N", &mut text);
            Ok(())
        }
        _ => return None,
    };
    out.extend_from_slice(text.as_bytes());
    Some(())
}

/// Writes hexadecimal digits in reverse, a dot between them; the width counts the dots.
fn push_nibbles(mut value: u32, width: usize, upper: bool, out: &mut String) {
    loop {
        let digit = char::from_digit(value & 15, 16).expect("four bits are a hexadecimal digit");
        out.push(if upper { digit.to_ascii_uppercase() } else { digit });
        value >>= 4;
        if value == 0 && out.len() >= width {
            return;
        }
        out.push('.');
        if value == 0 && out.len() >= width {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, value: u64, expected: &str) {
        let got = expand(template.as_bytes(), value);
        let got =
            got.map_or_else(|error| error.to_string(), |text| String::from_utf8(text).unwrap());
        assert!(got.starts_with(expected), "{got}");
    }

    #[test]
    fn templates_are_filled_as_bind_fills_them() {
        check("h$", 7, "h7");
        check("a$$b\\$c", 7, "a$b\\$c");
        check("h${10,3,d}", 1, "h011");
        check("h${0,2,X}", 10, "h0A");
        check("h${-1}", 1, "h0");
        check("h${0,4,n}", 1, "h1.0.");
        check("h${0,0,n}", 0x1f, "hf.1");
        check("h${0,3,o}", 10, "h012");
        check("h${0,2,x}", 10, "h0a");
        check("${0,255,d}", 7, &format!("{}7", "0".repeat(254)));
        check("${0,256,d}", 7, "`${0,256,d}` has a bad modifier");
        check("h${x}", 1, "`h${x}` has a bad modifier");
        check("h${0", 1, "`h${0` has a bad modifier");
        check("h${-2}", 1, "`h${-2}` has a bad modifier");
        check("h${0,99999,d}", 1, "`h${0,99999,d}` has a bad");
    }

    #[test]
    fn ranges_are_bounded() {
        assert_eq!(Range::read(b"1-5/2").unwrap().collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(Range::read(b"0-65535").unwrap().count(), 65_536);
        assert_eq!(Range::read(b"65536-65537").unwrap().count(), 2);
        assert_eq!(Range::read(b"0-131071/2").unwrap().count(), 65_536);
        for text in ["0-65536", "5-1", "1-5/0", "1", "a-b", "1-99999999999", "", "1-2/"] {
            assert!(Range::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
