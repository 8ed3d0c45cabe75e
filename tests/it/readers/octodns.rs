//! The YAML of one zone for octoDNS.

use hickory_proto::rr::{Name, RData};
use mailsrv::lookup::zones::octodns;
use mailsrv::rrset::ResourceRecord;
use mailsrv::zonefile::Limits;
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::parts::{absolute, cname, mx, rdata, relative, srv};
use super::txt::of_text;
use super::yaml::documents;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "octodns",
    read,
    mistakes: &[
        ("port: 993, priority: 0", "port: 0, priority: 993"),
        ("port: 993, priority: 0", "priority: 0, port: 993"),
        ("ttl: 3600", "ttl: 3601"),
        ("ttl: 3600", "ttl: 3600\n    ttl: 3600"),
        ("\"autoconfig\"", "\"autoconfi\""),
        ("\"autoconfig\"", "autoconfig"),
        ("\"_imap._tcp\"", "\"_zimap._tcp\""),
        ("\"_imap._tcp\"", "\"_imaps._tcp\""),
        ("$d", "d"),
        ("imap.example.net.", "imap.example.net"),
        ("\\\\;", ";"),
        ("path", "p\\u00fcth"),
        ("path", "p\\\\ath"),
        ("type: TXT", "type: SRV"),
        ("type: TXT", "type: no"),
        ("type: AAAA", "type: A"),
        ("    type: AAAA\n    value: \"2001:db8::1\"", "    type: A\n    value: \"192.0.2.2\""),
        ("value: \"192", "values: \"192"),
        ("---\n", "--- {}\n---\n"),
    ],
    refused: &[
        (
            "\"s2\":\n  ttl: 60\n  type: A\n  value: \"192.0.2.1\"\n\"s10\":\n  ttl: 60\n  type: A\n  value: \"192.0.2.1\"\n\"s3\":\n  ttl: 60\n  type: A\n  value: \"192.0.2.1\"\n",
            "`s3` is out of order",
        ),
        (
            "\"a\":\n  ttl: 60\n  type: A\n  value: \"192.0.2.1\"\n  values: []\n",
            "one of `value` and `values`",
        ),
        ("\"a\":\n  ttl: 60\n  type: A\n", "one of `value` and `values`"),
        (
            "\"a\":\n  - ttl: 60\n    type: A\n    value: \"192.0.2.1\"\n  - ttl: 60\n    type: A\n    value: \"192.0.2.2\"\n",
            "A stands twice",
        ),
        (
            "\"a\":\n  ttl: 60\n  type: TLSA\n  value: {certificate_association_data: \"0\", certificate_usage: 3, matching_type: 1, selector: 2}\n",
            "hexadecimal digits",
        ),
        ("\"a\": 1\n", "invalid type"),
    ],
};

/// The keys and the record types, which stand without quotation marks.
const WORDS: &[&str] = &[
    "ttl",
    "type",
    "value",
    "values",
    "exchange",
    "preference",
    "port",
    "priority",
    "target",
    "weight",
    "certificate_association_data",
    "certificate_usage",
    "matching_type",
    "selector",
    "A",
    "AAAA",
    "CNAME",
    "MX",
    "SRV",
    "TLSA",
    "TXT",
];

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "UPPERCASE")]
enum Set {
    A(Values<String>),
    Aaaa(Values<String>),
    Cname(Values<String>),
    Mx(Values<Mx>),
    Srv(Values<Srv>),
    Tlsa(Values<Tlsa>),
    Txt(Values<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values<T> {
    ttl: u32,
    value: Option<T>,
    values: Option<Vec<T>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mx {
    exchange: String,
    preference: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Srv {
    port: u16,
    priority: u16,
    target: String,
    weight: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tlsa {
    certificate_association_data: String,
    certificate_usage: u8,
    matching_type: u8,
    selector: u8,
}

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let [zone]: [Value; 1] =
        documents(text, WORDS)?.try_into().map_err(|_documents| "it is not one document")?;
    in_order(&zone)?;
    let program = octodns::read(text, "zone", origin, Limits::default());
    let zone: Mapping = serde_yaml::from_value(zone).map_err(|error| error.to_string())?;
    let mut readings = Vec::new();
    for (key, sets) in zone {
        let key = key.as_str().ok_or("a key is no text")?;
        let owner = relative(if key.is_empty() { "@" } else { key }, origin)?;
        let sets = match sets {
            Value::Sequence(sets) => sets,
            set => vec![set],
        };
        let mut types = Vec::new();
        for set in sets {
            let (ttl, datas) = read_set(set)?;
            let rtype = datas.first().map(RData::record_type);
            if types.contains(&rtype) {
                return Err(format!("{} stands twice at {key}", rtype.ok_or("no type")?));
            }
            types.push(rtype);
            let reading = |data| Reading { owner: owner.clone(), ttl: Some(ttl), data };
            readings.extend(datas.into_iter().map(reading));
        }
    }
    // What an audit reads is the same.
    assert_eq!(program.errors, [], "{text}");
    let program = program.file.iter().map(|ResourceRecord { owner, ttl, data }| Reading {
        owner,
        ttl: Some(ttl),
        data,
    });
    let program: Vec<_> = program.collect();
    assert_eq!(program.len(), readings.len(), "{text}");
    for reading in &readings {
        let is_it = |it: &Reading| it == reading || is_one_text(it, reading);
        assert!(program.iter().any(is_it), "{reading:?} of {program:?}");
    }
    Ok(readings)
}

/// Whether two readings say one text, however it is cut into strings.
fn is_one_text(one: &Reading, other: &Reading) -> bool {
    let text = |reading: &Reading| match &reading.data {
        RData::TXT(txt) => Some(txt.txt_data.concat()),
        _ => None,
    };
    (&one.owner, one.ttl) == (&other.owner, other.ttl)
        && text(one).is_some_and(|text_of_one| text(other) == Some(text_of_one))
}

fn read_set(set: Value) -> Result<(u32, Vec<RData>), String> {
    match serde_yaml::from_value(set).map_err(|error| error.to_string())? {
        Set::A(values) => values.read(|address| rdata("A", &address)),
        Set::Aaaa(values) => values.read(|address| rdata("AAAA", &address)),
        Set::Cname(values) => values.read(|name| Ok(cname(absolute(&name)?))),
        Set::Mx(values) => values.read(|it| Ok(mx(it.preference, absolute(&it.exchange)?))),
        Set::Srv(values) => {
            values.read(|it| Ok(srv(it.priority, it.weight, it.port, absolute(&it.target)?)))
        }
        Set::Tlsa(values) => values.read(|it| {
            let Tlsa { certificate_usage: usage, selector, matching_type: matching, .. } = it;
            let digest = it.certificate_association_data;
            rdata("TLSA", &format!("{usage} {selector} {matching} {digest}"))
        }),
        Set::Txt(values) => values.read(|text| Ok(of_text(unescaped(&text)?.as_bytes()))),
    }
}

impl<T> Values<T> {
    fn read(self, rdata: impl Fn(T) -> Result<RData, String>) -> Result<(u32, Vec<RData>), String> {
        let values = match (self.value, self.values) {
            (Some(value), None) => vec![value],
            (None, Some(values)) => values,
            _ => return Err("it has not one of `value` and `values`".to_owned()),
        };
        Ok((self.ttl, values.into_iter().map(rdata).collect::<Result<_, _>>()?))
    }
}

/// Says whether all keys are in natural order, at the top and inside.
fn in_order(value: &Value) -> Result<(), String> {
    match value {
        Value::Sequence(items) => items.iter().try_for_each(in_order),
        Value::Mapping(pairs) => {
            let mut before = "";
            for (key, value) in pairs {
                let key = key.as_str().ok_or("a key is no text")?;
                if natural(before) > natural(key) {
                    return Err(format!("the key `{key}` is out of order"));
                }
                before = key;
                in_order(value)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Texts and the numbers after them, by which keys are compared as people count. The length of a
/// number comes before its digits.
fn natural(key: &str) -> Vec<(&str, Option<(usize, &str)>)> {
    let mut parts = Vec::new();
    let mut rest = key;
    while !rest.is_empty() {
        let start = rest.find(|it: char| it.is_ascii_digit()).unwrap_or(rest.len());
        let (text, after) = rest.split_at(start);
        let end = after.find(|it: char| !it.is_ascii_digit()).unwrap_or(after.len());
        let (digits, after) = after.split_at(end);
        let number = digits.trim_start_matches('0');
        parts.push((text, (!digits.is_empty()).then_some((number.len(), number))));
        rest = after;
    }
    parts
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => characters
                .next()
                .filter(|escaped| ['\\', ';'].contains(escaped))
                .ok_or_else(|| format!("a backslash escapes nothing in `{text}`"))?,
            ';' => return Err(format!("a semicolon is not escaped in `{text}`")),
            ' '..='~' => character,
            _ => return Err(format!("`{text}` is not ASCII, which octoDNS demands")),
        });
    }
    Ok(plain)
}
