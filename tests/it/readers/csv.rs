//! CSV (RFC 4180).

use hickory_proto::rr::Name;

use super::parts::{number, presented};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "csv",
    read,
    mistakes: &[
        ("0 1 993", "0 993 1"),
        (",10,20,143,", ",20,10,143,"),
        ("\"\"path", "path"),
        (",3600,", ",3601,"),
        ("\r\n", "\n"),
    ],
    refused: &[
        ("a", "field 1"),
        ("a,b,c\r\n", "\",\" is missing after field 3"),
        ("\"a", "closing"),
        ("\"a\"b", "field 1 `a`"),
        ("d,a.,60,A,192.0.2.1,p,,,,,\r\n", "field 10"),
        ("d,a.,60,A,192.0.2.1,p,1,,,\r\n", "do not say"),
        ("d,a.,x,A,192.0.2.1,p,,,,\r\n", "no number"),
        ("d,a.,60,A,192.0.2,p,,,,\r\n", "192.0.2"),
        ("d,a.,60,A,\"192.0.2.1\nb. 5 A 192.0.2.1\",p,,,,\r\n", "not one record"),
    ],
};

/// The fields of a row.
const FIELDS: usize = 10;

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let mut rest = text;
    let mut readings = Vec::new();
    while !rest.is_empty() {
        let row = row(&mut rest)?;
        readings.push(reading(&row)?);
    }
    Ok(readings)
}

fn reading(row: &[String; FIELDS]) -> Result<Reading, String> {
    let [_domain, owner, ttl, rtype, data, _purpose, srv @ ..] = row;
    let fields = match rtype.as_str() {
        "SRV" => srv.join(" ") == *data,
        _ => srv.iter().all(String::is_empty),
    };
    if !fields {
        return Err(format!("the fields {} do not say {rtype} {data}", srv.join(",")));
    }
    presented(owner, number(ttl)?, rtype, data)
}

/// Takes one row from the front of the text.
fn row(rest: &mut &str) -> Result<[String; FIELDS], String> {
    let mut row: [String; FIELDS] = Default::default();
    for (index, field) in row.iter_mut().enumerate() {
        *field = take_field(rest)?;
        let end = if index + 1 == FIELDS { "\r\n" } else { "," };
        *rest = rest
            .strip_prefix(end)
            .ok_or_else(|| format!("{end:?} is missing after field {} `{field}`", index + 1))?;
    }
    Ok(row)
}

fn take_field(rest: &mut &str) -> Result<String, String> {
    let Some(mut quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', '\r', '\n', '"']).unwrap_or(rest.len());
        let (field, after) = rest.split_at(end);
        *rest = after;
        return Ok(field.to_owned());
    };
    let mut field = String::new();
    loop {
        let (part, after) =
            quoted.split_once('"').ok_or("a field lacks its closing quotation mark")?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => quoted = more,
            None => {
                *rest = after;
                return Ok(field);
            }
        }
        field.push('"');
    }
}
