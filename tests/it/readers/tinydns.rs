//! Lines for the data file of tinydns (djbdns).

use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::BinEncodable;
use mailsrv::name;

use super::parts::{number, record};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "tinydns",
    read,
    mistakes: &[
        ("@provider.example::", "@provider.example:"),
        (":10:3600", ":10::3600"),
        ("\\000\\217", "\\217\\000"),
        ("\\004imap", "\\005imap"),
        ("004imap", "004imaq"),
        (":3600", ":3601"),
        ("\\073", ":"),
        ("Cauto", "Dauto"),
    ],
    refused: &[
        ("\n", "no sign"),
        ("+", "too few fields"),
        ("+example.com:192.0.2.1\n", "no number"),
        ("+example.com:192.0.2:60\n", "`+example.com:192.0.2:60`"),
        ("+example.com:192.0.2.256:60\n", "`256`"),
        ("Cexample..com:a:60\n", "`Cexample..com:a:60`"),
        ("'example.com:\\40:60\n", "three octal digits"),
        ("'example.com:\\400:60\n", "out of range"),
        ("'example.com:a b:60\n", "needs an escape"),
        ("@example.com::mx:10:60\n", "`@` with 5 fields"),
        (":example.com:33:\\000:60\n", "`:example.com:33"),
        (":example.com:33:\\000:+60\n", "`+60`"),
        ("\u{fc}example.com:a:60\n", "`\u{fc}` with 3 fields"),
    ],
};

/// The octets of a string in the line for TXT.
const LONGEST_TEXT: usize = 127;

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| read_line(line).map_err(|reason| format!("{reason} in `{line}`"))).collect()
}

fn read_line(line: &str) -> Result<Reading, String> {
    let kind = line.chars().next().ok_or("no sign")?;
    let fields: Vec<&str> = line[kind.len_utf8()..].split(':').collect();
    let (owner, ttl) = match fields.as_slice() {
        [owner, .., ttl] => (parse_name(owner)?, number(ttl)?),
        _ => return Err("too few fields".to_owned()),
    };
    let (code, wire) = match (kind, fields.as_slice()) {
        ('+', [_, address, _]) => {
            let octets: Result<Vec<u8>, _> = address.split('.').map(number).collect();
            (1, octets?)
        }
        ('C', [_, target, _]) => (5, wire_name(&parse_name(target)?)?),
        ('@', [_, "", exchange, preference, _]) if exchange.contains('.') => {
            let mut wire = number::<u16>(preference)?.to_be_bytes().to_vec();
            wire.extend(wire_name(&parse_name(exchange)?)?);
            (15, wire)
        }
        ('\'', [_, text, _]) => {
            let text = unescaped(text)?;
            let chunks = text.chunks(LONGEST_TEXT);
            (16, chunks.flat_map(|chunk| [&[chunk.len() as u8], chunk].concat()).collect())
        }
        (':', [_, code, rdata, _]) => (number(code)?, unescaped(rdata)?),
        _ => return Err(format!("`{kind}` with {} fields", fields.len())),
    };
    let hex: String = wire.iter().map(|octet| format!("{octet:02x}")).collect();
    let rdata = format!("\\# {} {hex}", wire.len());
    record(&name::text(&owner), Some(ttl), &format!("TYPE{code}"), &rdata, None)
}

fn parse_name(text: &str) -> Result<Name, String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_empty() {
        return Ok(Name::root());
    }
    let labels: Result<Vec<Vec<u8>>, String> = text.split('.').map(unescaped).collect();
    let labels = labels?;
    Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|error| error.to_string())
}

fn wire_name(name: &Name) -> Result<Vec<u8>, String> {
    name.to_bytes().map_err(|error| error.to_string())
}

fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'\\' {
            if !octet.is_ascii_graphic() {
                return Err("an octet that needs an escape".to_owned());
            }
            octets.push(octet);
            continue;
        }
        let mut value = 0u16;
        for _ in 0..3 {
            let digit = rest.next().filter(|digit| (b'0'..=b'7').contains(digit));
            let digit = digit.ok_or("a backslash without three octal digits")?;
            value = value * 8 + u16::from(digit - b'0');
        }
        octets.push(u8::try_from(value).map_err(|error| error.to_string())?);
    }
    Ok(octets)
}
