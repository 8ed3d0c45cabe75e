//! The service parameters of SVCB and HTTPS records (RFC 9460 §2.1).
//!
//! Keys are kept by number. Those with a name here are read and checked; of others the octets are
//! kept (RFC 9460 §2.1).

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::BASE64;

use super::cursor::Cursor;
use super::lex::Fault;
use super::presentation::{character_string, number, push_unescaped, read_base64};

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6HINT: u16 = 6;

/// The names of the keys, each at its number (RFC 9460 §14.3.2).
const KEYS: [&str; 7] =
    ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint"];

/// What errors call all of them.
const FIELD: &str = "parameters";

/// Appends the parameters in the order of their keys.
pub(super) fn push_parameters(cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut parameters: Vec<(u16, Vec<u8>)> = Vec::new();
    while cursor.peek().is_some() {
        let text = cursor.word(FIELD)?;
        let equals = text.iter().position(|octet| *octet == b'=');
        let mut typed = equals.and_then(|equals| text.get(equals + 1..));
        if let Some(quoted) = cursor.peek().filter(|token| token.quoted && token.glued)
            && typed.is_some_and(<[u8]>::is_empty)
        {
            typed = Some(quoted.text(cursor.text));
            cursor.next += 1;
        }
        let key_text = &text[..equals.unwrap_or(text.len())];
        let key = key_code(key_text).ok_or_else(|| cursor.bad(FIELD, "a known key or keyNNNNN"))?;
        if parameters.iter().any(|(other, _)| *other == key) {
            return Err(cursor.bad(FIELD, "each key once"));
        }
        let mut octets = Vec::new();
        push_unescaped(typed.unwrap_or_default(), &mut octets).map_err(|kind| cursor.fail(kind))?;
        let numbered = key_text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"key"));
        let value =
            if numbered { Some(octets) } else { value(key, typed.map(|_| octets.as_slice())) };
        let value = value.ok_or_else(|| cursor.bad(FIELD, wanted(key)))?;
        parameters.push((key, value));
    }
    parameters.sort_unstable();
    let start = out.len();
    for (key, value) in &parameters {
        let length = u16::try_from(value.len())
            .map_err(|_over| cursor.bad(FIELD, "a value of at most 65535 octets"))?;
        out.extend_from_slice(&key.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(value);
    }
    if push_text(&out[start..], &mut String::new()).is_none() {
        let wanted = "parameters that agree: mandatory keys present, no-default-alpn with alpn";
        return Err(cursor.bad(FIELD, wanted));
    }
    Ok(())
}

/// Appends the text of parameters, each with a blank in front; none where they are malformed.
pub(super) fn push_text(wire: &[u8], out: &mut String) -> Option<()> {
    let mut rest = wire;
    let mut keys: Vec<u16> = Vec::new();
    let mut mandatory: &[u8] = &[];
    while !rest.is_empty() {
        let ([a, b, c, d], after) = rest.split_first_chunk()?;
        let key = u16::from_be_bytes([*a, *b]);
        let (value, after) = after.split_at_checked(u16::from_be_bytes([*c, *d]).into())?;
        rest = after;
        if keys.last().is_some_and(|last| *last >= key) || key == u16::MAX {
            return None;
        }
        keys.push(key);
        if key == MANDATORY {
            mandatory = value;
        }
        out.push(' ');
        push_key(key, out);
        push_value(key, value, out)?;
    }
    let present =
        |key: &[u8]| key.try_into().is_ok_and(|key| keys.contains(&u16::from_be_bytes(key)));
    let complete = mandatory.chunks(2).all(present);
    let alpn = !keys.contains(&NO_DEFAULT_ALPN) || keys.contains(&ALPN);
    (complete && alpn).then_some(())
}

/// Appends the name of a key, or `keyNNNNN`.
fn push_key(key: u16, out: &mut String) {
    match KEYS.get(usize::from(key)) {
        Some(name) => out.push_str(name),
        None => {
            let _infallible = write!(out, "key{key}");
        }
    }
}

/// Appends `=` and the value as its key has it; None where the octets are no such value.
fn push_value(key: u16, value: &[u8], out: &mut String) -> Option<()> {
    if key == NO_DEFAULT_ALPN {
        return value.is_empty().then_some(());
    }
    if key > IPV6HINT {
        if !value.is_empty() {
            out.push('=');
            out.push_str(&character_string(value));
        }
        return Some(());
    }
    out.push('=');
    if value.is_empty() {
        return None;
    }
    match key {
        MANDATORY => {
            let (keys, []) = value.as_chunks::<2>() else { return None };
            let keys: Vec<u16> = keys.iter().map(|key| u16::from_be_bytes(*key)).collect();
            if keys.contains(&MANDATORY) || !keys.is_sorted_by(|a, b| a < b) {
                return None;
            }
            push_list(keys.iter(), out, |key, out| push_key(*key, out));
        }
        ALPN => {
            let mut list = Vec::new();
            let mut rest = value;
            while let Some((length, after)) = rest.split_first() {
                let (id, after) = after.split_at_checked(usize::from(*length))?;
                if id.is_empty() {
                    return None;
                }
                if !list.is_empty() {
                    list.push(b',');
                }
                for &octet in id {
                    if matches!(octet, b',' | b'\\') {
                        list.push(b'\\');
                    }
                    list.push(octet);
                }
                rest = after;
            }
            out.push_str(&character_string(&list));
        }
        PORT => {
            let _infallible = write!(out, "{}", u16::from_be_bytes(value.try_into().ok()?));
        }
        IPV4HINT => {
            let (addresses, []) = value.as_chunks::<4>() else { return None };
            push_list(addresses.iter(), out, |octets, out| {
                let _infallible = write!(out, "{}", Ipv4Addr::from(*octets));
            });
        }
        IPV6HINT => {
            let (addresses, []) = value.as_chunks::<16>() else { return None };
            push_list(addresses.iter(), out, |octets, out| {
                let _infallible = write!(out, "{}", Ipv6Addr::from(*octets));
            });
        }
        _ => BASE64.encode_append(value, out),
    }
    Some(())
}

/// Appends items with commas between them.
fn push_list<T>(items: impl Iterator<Item = T>, out: &mut String, push: impl Fn(T, &mut String)) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        push(item, out);
    }
}

/// Reads a name, or `keyNNNNN` without leading zeros (RFC 9460 §2.1).
fn key_code(text: &[u8]) -> Option<u16> {
    let same = |name: &str| name.as_bytes().eq_ignore_ascii_case(text);
    if let Some(index) = KEYS.iter().position(|name| same(name)) {
        return u16::try_from(index).ok();
    }
    let (prefix, digits) = text.split_at_checked(3)?;
    let plain =
        prefix.eq_ignore_ascii_case(b"key") && (digits == b"0" || digits.first() != Some(&b'0'));
    u16::try_from(number(digits)?).ok().filter(|key| plain && *key != u16::MAX)
}

/// The octets of a value as its key has it, escapes of the token undone; None where it is no such
/// value.
fn value(key: u16, octets: Option<&[u8]>) -> Option<Vec<u8>> {
    if key == NO_DEFAULT_ALPN {
        return octets.is_none().then(Vec::new);
    }
    let octets = octets?;
    let mut out = Vec::new();
    match key {
        MANDATORY => {
            let mut keys =
                octets.split(|octet| *octet == b',').map(key_code).collect::<Option<Vec<u16>>>()?;
            keys.sort_unstable();
            out.extend(keys.iter().flat_map(|key| key.to_be_bytes()));
        }
        ALPN => {
            for id in list(octets)? {
                out.push(u8::try_from(id.len()).ok().filter(|length| *length > 0)?);
                out.extend(id);
            }
        }
        PORT => out.extend(u16::try_from(number(octets)?).ok()?.to_be_bytes()),
        ECH => out = read_base64(octets)?,
        _ => {
            for address in std::str::from_utf8(octets).ok()?.split(',') {
                if key == IPV4HINT {
                    out.extend(address.parse::<Ipv4Addr>().ok()?.octets());
                } else {
                    out.extend(address.parse::<Ipv6Addr>().ok()?.octets());
                }
            }
        }
    }
    Some(out)
}

/// Splits at commas that no backslash escapes (RFC 9460 appendix A.1).
fn list(octets: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = vec![Vec::new()];
    let mut octets = octets.iter();
    while let Some(&octet) = octets.next() {
        match octet {
            b',' => items.push(Vec::new()),
            b'\\' => items.last_mut()?.push(*octets.next()?),
            _ => items.last_mut()?.push(octet),
        }
    }
    Some(items)
}

/// What to write in place of a value that could not be read.
fn wanted(key: u16) -> &'static str {
    match key {
        MANDATORY => "mandatory=KEY,KEY",
        ALPN => "alpn=ID,ID with IDs of 1 to 255 octets",
        NO_DEFAULT_ALPN => "no-default-alpn without a value",
        PORT => "port=NUMBER up to 65535",
        IPV4HINT => "ipv4hint=ADDRESS,ADDRESS",
        ECH => "ech=BASE64",
        _ => "ipv6hint=ADDRESS,ADDRESS",
    }
}
