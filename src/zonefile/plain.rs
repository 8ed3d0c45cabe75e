//! Plain lines, read without cutting them into tokens first.
//!
//! Of a large zone nearly every line is an owner name, a TTL, a class, a type and its RDATA, without
//! quotes outside text, without parentheses, escapes and comments. Such a line is read straight into
//! octets. Whatever is not plain here, and whatever is wrong, is left to `lex` and `record`, which
//! alone say what a line means: nothing is read here that they would read in another way.

use super::lex::MAX_ENTRY;
use super::presentation::Origin;

/// What a plain line says, but for its names and its RDATA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plain {
    /// Whether it begins with an owner name, and not with a blank.
    pub(super) has_owner: bool,
    pub(super) ttl: Option<u32>,
    /// The number of the type.
    pub(super) code: u16,
    /// How many octets the line takes, its end included.
    pub(super) octets: usize,
}

/// What lines before spelled out, with what it says: those of a zone have little to tell apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    /// What stands between owner name and RDATA; the next one takes the place of the oldest.
    heads: [Head; 8],
    next: usize,
    /// The absolute name that ended RDATA last, and its wire form.
    target: Vec<u8>,
    wire: Vec<u8>,
}

/// What a line says between its owner name and its RDATA.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    /// Its octets and the blank behind the type, and which of 16 they are.
    text: u128,
    mask: u128,
    /// How many there are without the blank.
    octets: usize,
    ttl: Option<u32>,
    code: u16,
}

impl Recent {
    /// Takes the head off the front of a line, where one before had the same.
    fn take_head(&self, line: &mut Line<'_>) -> Option<(Option<u32>, u16)> {
        let text = u128::from_le_bytes(*line.rest.first_chunk()?);
        let head = self.heads.iter().find(|head| text & head.mask == head.text)?;
        // A line cannot have none of its octets.
        line.take(head.octets).filter(|head| !head.is_empty())?;
        Some((head.ttl, head.code))
    }

    /// Remembers the head between two places of a line, with a blank behind it.
    fn push_head(&mut self, line: &[u8], behind: &[u8], ttl: Option<u32>, code: u16) {
        let octets = line.len() - behind.len();
        let (Some(text), Some(b' '), 1..16) = (line.first_chunk::<16>(), behind.first(), octets)
        else {
            return;
        };
        let mask = u128::MAX >> (8 * (15 - octets));
        let text = u128::from_le_bytes(*text) & mask;
        self.heads[self.next] = Head { text, mask, octets, ttl, code };
        self.next = (self.next + 1) % self.heads.len();
    }

    /// Appends the name at the end of RDATA.
    fn push_target(&mut self, word: &[u8], origin: &Origin, out: &mut Vec<u8>) -> Option<()> {
        if word == self.target {
            out.extend_from_slice(&self.wire);
            return Some(());
        }
        let start = out.len();
        push_name(word, origin, out)?;
        if word.ends_with(b".") {
            word.clone_into(&mut self.target);
            out[start..].clone_into(&mut self.wire);
        }
        Some(())
    }
}

/// Reads the line at the front of some octets; None where it is not plain, or not all there.
///
/// The owner name, where there is one, and the RDATA replace what is in the two rooms, which hold
/// anything at all where the line is not plain.
pub(super) fn read(
    text: &[u8],
    origin: &Origin,
    recent: &mut Recent,
    owner: &mut Vec<u8>,
    rdata: &mut Vec<u8>,
) -> Option<Plain> {
    let mut line = Line { rest: text };
    let has_owner = !matches!(text.first()?, b' ' | b'\t');
    if has_owner {
        owner.clear();
        push_name(line.word()?, origin, owner)?;
    }
    let (ttl, code) = match recent.take_head(&mut line) {
        Some(head) => head,
        None => {
            let before = line.rest;
            let (ttl, code) = line.head()?;
            recent.push_head(before, line.rest, ttl, code);
            (ttl, code)
        }
    };
    rdata.clear();
    match code {
        A => line.push_v4(rdata)?,
        AAAA => rdata.extend_from_slice(&v6(line.next_word()?)?.to_be_bytes()),
        TXT => line.push_strings(rdata)?,
        _ => {
            for _ in 0..numbers(code) {
                let number = u16::try_from(number(line.next_word()?)?).ok()?;
                rdata.extend_from_slice(&number.to_be_bytes());
            }
            recent.push_target(line.next_word()?, origin, rdata)?;
        }
    }
    line.end()?;
    let octets = text.len() - line.rest.len();
    (octets <= MAX_ENTRY).then_some(Plain { has_owner, ttl, code, octets })
}

const A: u16 = 1;
const TXT: u16 = 16;
const AAAA: u16 = 28;

/// The types of plain lines, by their mnemonics as zones are mostly written.
fn code(word: &[u8]) -> Option<u16> {
    Some(match word {
        b"SRV" => 33,
        b"A" => A,
        b"AAAA" => AAAA,
        b"CNAME" => 5,
        b"MX" => 15,
        b"NS" => 2,
        b"TXT" => TXT,
        b"PTR" => 12,
        _ => return None,
    })
}

/// How many numbers of two octets stand before the name of a type.
fn numbers(code: u16) -> u8 {
    match code {
        33 => 3,
        15 => 1,
        _ => 0,
    }
}

/// What is left of a line, and the lines behind it.
struct Line<'a> {
    rest: &'a [u8],
}

impl<'a> Line<'a> {
    /// Takes octets off the front.
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Takes octets up to a blank or the end of the line, one at least; they may be anything but
    /// control characters.
    fn word(&mut self) -> Option<&'a [u8]> {
        // Eight at a time: the lowest octet of which the highest bit stays set is a blank or below it.
        const EACH: u64 = u64::MAX / 255;
        let (eights, _) = self.rest.as_chunks::<8>();
        let low = eights.iter().zip(0..).find_map(|(eight, before)| {
            let eight = u64::from_le_bytes(*eight);
            let low = eight.wrapping_sub(EACH * 0x21) & !eight & (EACH * 0x80);
            (low != 0).then(|| 8 * before + low.trailing_zeros() as usize / 8)
        });
        let length = low.or_else(|| self.rest.iter().position(|octet| *octet <= b' '))?;
        let ends = matches!(self.rest.get(length), Some(b' ' | b'\t' | b'\n' | b'\r'));
        if length == 0 || !ends { None } else { self.take(length) }
    }

    /// Takes the blanks in front of the next word, and the word.
    fn next_word(&mut self) -> Option<&'a [u8]> {
        self.skip_blanks();
        self.word()
    }

    /// Takes class and TTL, each once at most, and the type.
    fn head(&mut self) -> Option<(Option<u32>, u16)> {
        let (mut ttl, mut has_class) = (None, false);
        loop {
            let word = self.next_word()?;
            match word {
                b"IN" if !has_class => has_class = true,
                [b'0'..=b'9', ..] if ttl.is_none() => {
                    // RFC 2181 §8.
                    ttl = Some(number(word).filter(|ttl| i32::try_from(*ttl).is_ok())?);
                }
                _ => return Some((ttl, code(word)?)),
            }
        }
    }

    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Takes the end of the line.
    fn end(&mut self) -> Option<()> {
        self.skip_blanks();
        self.rest = match self.rest {
            [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] => rest,
            _ => return None,
        };
        Some(())
    }

    /// Takes strings in quotes, one at least (RFC 1035 §3.3.14).
    fn push_strings(&mut self, out: &mut Vec<u8>) -> Option<()> {
        loop {
            let before = self.rest.len();
            self.skip_blanks();
            match self.rest.first()? {
                b'"' if self.rest.len() < before => self.take(1)?,
                b'\r' | b'\n' if !out.is_empty() => return Some(()),
                _ => return None,
            };
            let is_end = |octet: &u8| matches!(octet, b'"' | b'\\' | b'\n');
            let text = self.rest.iter().position(is_end)?;
            let text = self.take(text)?;
            out.push(u8::try_from(text.len()).ok()?);
            out.extend_from_slice(text);
            if self.take(1)? != b"\"" || out.len() > usize::from(u16::MAX) {
                return None;
            }
        }
    }

    /// Takes an IPv4 address.
    fn push_v4(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let word = self.next_word()?;
        for part in word.split(|octet| *octet == b'.') {
            // Zeros in front would make it octal to some (RFC 6943 §3.1.1).
            if part.len() > 3 || part.len() > 1 && part[0] == b'0' {
                return None;
            }
            out.push(u8::try_from(number(part)?).ok()?);
        }
        (out.len() == 4).then_some(())
    }
}

/// Appends a name in wire form; relative ones end in the origin.
fn push_name(word: &[u8], origin: &Origin, out: &mut Vec<u8>) -> Option<()> {
    const LONGEST: usize = 255;
    match word {
        b"@" => {
            out.extend_from_slice(origin.octets()?);
            return Some(());
        }
        b"." => {
            out.push(0);
            return Some(());
        }
        _ if word.len() > LONGEST => return None,
        _ => {}
    }
    let start = out.len();
    out.push(0);
    out.extend_from_slice(word);
    let wire = &mut out[start..];
    // Where the length of the label under way stands.
    let mut label = 0;
    let (eights, rest) = word.as_chunks::<8>();
    let mut last = [b'a'; 8];
    last[..rest.len()].copy_from_slice(rest);
    for (eight, from) in eights.iter().chain([&last]).zip((0..).step_by(8)) {
        let mut dots = dots(*eight)?;
        while dots != 0 {
            let at = from + dots.trailing_zeros() as usize / 8;
            wire[label] = length(at - label)?;
            label = at + 1;
            dots &= dots - 1;
        }
    }
    if label == word.len() {
        wire[label] = 0;
    } else {
        wire[label] = length(word.len() - label)?;
        out.extend_from_slice(origin.octets()?);
    }
    (out.len() - start <= LONGEST).then_some(())
}

/// The highest bit of each octet that is a dot; None where one does not stand for itself.
fn dots(octets: [u8; 8]) -> Option<u64> {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH * 0x80;
    let word = u64::from_le_bytes(octets);
    // By the seven low bits of each.
    let low = word & !HIGH;
    let other = |octet: u8| ((low ^ (EACH * u64::from(octet))) + (HIGH - EACH)) & HIGH;
    // Letters, digits, the hyphen, the underscore, and little else: from the hyphen on, but for these.
    let from_hyphen = ((word | HIGH) - EACH * u64::from(b'-')) & HIGH;
    let plain = from_hyphen & other(b';') & other(b'@') & other(b'\\') & other(0x7f);
    if word & HIGH == 0 && plain == HIGH {
        return Some(other(b'.') ^ HIGH);
    }
    let mut dots = 0;
    for (at, octet) in octets.into_iter().enumerate() {
        match KINDS[usize::from(octet)] {
            Kind::Plain => {}
            Kind::Dot => dots |= 0x80 << (8 * at),
            Kind::Other => return None,
        }
    }
    Some(dots)
}

/// The length of a label (RFC 1035 §2.3.4).
fn length(octets: usize) -> Option<u8> {
    u8::try_from(octets).ok().filter(|octets| (1..=63).contains(octets))
}

/// Reads decimal digits, ten at most.
fn number(word: &[u8]) -> Option<u32> {
    if word.is_empty() || word.len() > 10 {
        return None;
    }
    let mut value = 0_u64;
    for octet in word {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    u32::try_from(value).ok()
}

/// Reads an IPv6 address without an IPv4 address in it (RFC 4291 §2.2).
fn v6(word: &[u8]) -> Option<u128> {
    let (mut value, mut groups, mut gap) = (0_u128, 0_u32, None);
    let mut rest = word;
    if let [b':', b':', after @ ..] = rest {
        (gap, rest) = (Some(0), after);
    }
    while !rest.is_empty() {
        let (mut group, mut digits) = (0_u128, 0);
        while let [octet, after @ ..] = rest
            && let Some(digit) = char::from(*octet).to_digit(16)
        {
            (group, digits, rest) = (group << 4 | u128::from(digit), digits + 1, after);
            if digits > 4 {
                return None;
            }
        }
        if digits == 0 || groups == 8 {
            return None;
        }
        (value, groups) = (value << 16 | group, groups + 1);
        rest = match rest {
            [] => break,
            [b':', b':', after @ ..] if gap.is_none() => {
                gap = Some(groups);
                after
            }
            // A colon joins two groups.
            [b':', after @ ..] if !after.is_empty() => after,
            _ => return None,
        };
    }
    match gap {
        None => (groups == 8).then_some(value),
        // One group of zeros at least.
        Some(_) if groups > 7 => None,
        Some(before) => {
            let behind = 16 * (groups - before);
            let low = value & 1_u128.checked_shl(behind)?.wrapping_sub(1);
            let high = value.checked_shr(behind)?.checked_shl(128 - 16 * before).unwrap_or(0);
            Some(high | low)
        }
    }
}

/// What an octet of a name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It stands for itself.
    Plain,
    /// It ends a label.
    Dot,
    Other,
}

const KINDS: [Kind; 256] = {
    let mut table = [Kind::Other; 256];
    let mut octet = b'!';
    while octet <= b'~' {
        table[octet as usize] = match octet {
            b'.' => Kind::Dot,
            b'"' | b'(' | b')' | b';' | b'\\' | b'$' | b'@' => Kind::Other,
            _ => Kind::Plain,
        };
        octet += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_of_names_are_known_eight_at_a_time_as_one_by_one() {
        for octet in 0..=u8::MAX {
            for at in 0..8 {
                for beside in [b'a', b'.', b'*', octet] {
                    let mut octets = [beside; 8];
                    octets[at] = octet;
                    let kinds = octets.map(|octet| KINDS[usize::from(octet)]);
                    let expected =
                        kinds.iter().zip(0..).try_fold(0, |dots, (kind, at)| match kind {
                            Kind::Plain => Some(dots),
                            Kind::Dot => Some(dots | 0x80 << (8 * at)),
                            Kind::Other => None,
                        });
                    assert_eq!(dots(octets), expected, "{octets:?}");
                }
            }
        }
    }
}
