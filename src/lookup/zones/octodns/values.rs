//! The values of octoDNS as RDATA.

use hickory_proto::rr::rdata::{NULL, TXT};
use hickory_proto::rr::{Name, RData, RecordType};

use super::tree::{Node, Value};
use crate::name::{parse_text, parse_typed, text};
use crate::zone::ALIAS;
use crate::zonefile::{character_string, parse_rdata, parse_type, wire};

/// The fields of a type whose value is a map, in the order of its RDATA.
struct Fields {
    rtype: &'static str,
    fields: &'static [Field],
}

/// A field: its name, another one that it had before, what stands for it where it is left out, and
/// how it is written.
struct Field(&'static str, Option<&'static str>, Option<&'static str>, Form);

#[derive(Clone, Copy)]
enum Form {
    Number,
    Name,
    /// A word that is written as it is: digits and letters.
    Word,
    /// A character-string, in quotes.
    Text,
}

const fn number(name: &'static str) -> Field {
    Field(name, None, None, Form::Number)
}

/// The types with maps; octoDNS has more that mail does not need.
const MAPS: [Fields; 7] = [
    Fields {
        rtype: "MX",
        fields: &[
            Field("preference", Some("priority"), None, Form::Number),
            Field("exchange", Some("value"), None, Form::Name),
        ],
    },
    Fields {
        rtype: "SRV",
        fields: &[
            number("priority"),
            number("weight"),
            number("port"),
            Field("target", None, None, Form::Name),
        ],
    },
    Fields {
        rtype: "CAA",
        fields: &[
            Field("flags", None, Some("0"), Form::Number),
            Field("tag", None, None, Form::Word),
            Field("value", None, None, Form::Text),
        ],
    },
    Fields {
        rtype: "TLSA",
        fields: &[
            number("certificate_usage"),
            number("selector"),
            number("matching_type"),
            Field("certificate_association_data", None, None, Form::Word),
        ],
    },
    Fields {
        rtype: "NAPTR",
        fields: &[
            number("order"),
            number("preference"),
            Field("flags", None, None, Form::Text),
            Field("service", None, None, Form::Text),
            Field("regexp", None, None, Form::Text),
            Field("replacement", None, None, Form::Name),
        ],
    },
    Fields {
        rtype: "DS",
        fields: &[
            number("key_tag"),
            number("algorithm"),
            number("digest_type"),
            Field("digest", None, None, Form::Word),
        ],
    },
    Fields {
        rtype: "SSHFP",
        fields: &[
            number("algorithm"),
            number("fingerprint_type"),
            Field("fingerprint", None, None, Form::Word),
        ],
    },
];

/// The types whose value is a name.
const NAMES: [&str; 5] = ["ALIAS", "CNAME", "DNAME", "NS", "PTR"];

/// The types of octoDNS that no mail client asks for.
const OTHERS: [&str; 6] = ["HTTPS", "LOC", "OPENPGPKEY", "SVCB", "URI", "URLFWD"];

/// What is known of a type by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Address,
    Name,
    Text,
    Map,
    /// It is passed over: mail does not need it, or one provider alone has it.
    Other,
}

/// The kind of a type; None for what octoDNS does not know either.
pub(super) fn kind(rtype: &str) -> Option<Kind> {
    Some(match rtype {
        "A" | "AAAA" => Kind::Address,
        "TXT" | "SPF" => Kind::Text,
        name if NAMES.contains(&name) => Kind::Name,
        map if MAPS.iter().any(|row| row.rtype == map) => Kind::Map,
        other if OTHERS.contains(&other) || other.contains('/') => Kind::Other,
        _ => return None,
    })
}

/// Reads one value of a type; `lenient` records may have what octoDNS refuses else.
pub(super) fn read(rtype: &str, kind: Kind, node: &Node, lenient: bool) -> Result<RData, String> {
    match kind {
        Kind::Address => {
            let address = scalar(node, "an address")?;
            parsed(rtype, address).ok_or_else(|| match rtype {
                "A" => format!("`{address}` is no IPv4 address"),
                _ => format!("`{address}` is no IPv6 address"),
            })
        }
        Kind::Name => {
            let target = target(scalar(node, "a name")?, lenient)?;
            if rtype != "ALIAS" {
                return parsed(rtype, &text(&target)).ok_or_else(|| unread(rtype));
            }
            // What is kept of a name is what stands in a DNAME record.
            let data = parsed("DNAME", &text(&target)).ok_or_else(|| unread(rtype))?;
            let octets = wire(&data).ok_or_else(|| unread(rtype))?;
            Ok(RData::Unknown { code: RecordType::from(ALIAS), rdata: NULL::with(octets) })
        }
        Kind::Text => {
            let octets = unescaped(scalar(node, "a text")?, lenient)?;
            let strings: Vec<&[u8]> = match octets.as_slice() {
                [] => vec![&[]],
                octets => octets.chunks(255).collect(),
            };
            Ok(RData::TXT(TXT::from_bytes(strings)))
        }
        Kind::Map => {
            let row = MAPS.iter().find(|row| row.rtype == rtype).ok_or_else(|| unread(rtype))?;
            let fields = row.fields.iter().map(|field| read_field(node, field, lenient));
            let fields: Vec<String> = fields.collect::<Result<_, _>>()?;
            parsed(rtype, &fields.join(" ")).ok_or_else(|| unread(rtype))
        }
        Kind::Other => Err(unread(rtype)),
    }
}

fn unread(rtype: &str) -> String {
    format!("its fields make no {rtype} record; look for numbers that are too large")
}

fn parsed(rtype: &str, rdata: &str) -> Option<RData> {
    parse_rdata(rdata, parse_type(rtype)?)
}

fn scalar<'a>(node: &'a Node, wanted: &str) -> Result<&'a str, String> {
    match &node.value {
        _ if node.is_null() => Err("the value is missing".to_owned()),
        Value::Scalar { text, .. } if text.is_empty() => Err("the value is empty".to_owned()),
        Value::Scalar { text, .. } => Ok(text),
        Value::List(_) | Value::Map(_) => Err(format!("the value has to be {wanted}")),
    }
}

fn read_field(node: &Node, field: &Field, lenient: bool) -> Result<String, String> {
    let Field(name, former, default, form) = field;
    if !matches!(node.value, Value::Map(_)) {
        return Err(format!("the value has to be a map with `{name}` in it"));
    }
    let value = node.entry(name).or_else(|| node.entry((*former)?));
    let text = match (value, default) {
        (None, Some(default)) => return Ok((*default).to_owned()),
        (None, None) => return Err(format!("`{name}` is missing")),
        (Some(value), _) => match &value.value {
            Value::Scalar { text, .. } => text,
            Value::List(_) | Value::Map(_) => return Err(format!("`{name}` has to be one value")),
        },
    };
    match form {
        Form::Number => {
            // YAML 1.1 takes what begins with 0 for octal.
            let is_number = text.bytes().all(|it| it.is_ascii_digit()) && !text.is_empty();
            let is_plain = text == "0" || !text.starts_with('0');
            match is_number && is_plain {
                true => Ok(text.clone()),
                false => Err(format!("`{text}` is no number for `{name}`")),
            }
        }
        Form::Word => match !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric()) {
            true => Ok(text.clone()),
            false => Err(format!("`{text}` is not fit to be the `{name}`")),
        },
        Form::Name => target(text, lenient).map(|name| crate::name::text(&name)),
        Form::Text => Ok(character_string(text.as_bytes())),
    }
}

/// Reads the name that a record leads to. Without its final dot it is another name for each provider,
/// and so for none.
fn target(typed: &str, lenient: bool) -> Result<Name, String> {
    if typed == "." {
        return Ok(Name::root());
    }
    match typed.strip_suffix('.') {
        None if !lenient => Err(format!("`{typed}` lacks its final dot; write {typed}.")),
        absolute => absolute_name(absolute.unwrap_or(typed)),
    }
}

/// Reads a name without its final dot; U-labels are encoded, as octoDNS does.
pub(super) fn absolute_name(typed: &str) -> Result<Name, String> {
    let labels = typed.split('.').map(|label| match label.is_ascii() {
        true => Ok(label.to_owned()),
        false => parse_typed(label).map(|name| crate::name::plain_text(&name)),
    });
    let labels: Vec<String> =
        labels.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    parse_text(&(labels.join(".") + ".")).map_err(|error| error.to_string())
}

/// Reads a text, in which a semicolon and a backslash may stand escaped.
fn unescaped(typed: &str, lenient: bool) -> Result<Vec<u8>, String> {
    let chunked = typed.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    let typed = chunked.unwrap_or(typed).replace("\" \"", "");
    if !lenient && !typed.is_ascii() {
        return Err(format!("`{typed}` is not ASCII"));
    }
    if !lenient && typed.contains("\\\\;") {
        return Err(format!("`{typed}` has a semicolon that is escaped twice"));
    }
    let mut octets = Vec::with_capacity(typed.len());
    let mut rest = typed.bytes().peekable();
    while let Some(octet) = rest.next() {
        let is_word =
            octets.last().is_some_and(|last: &u8| last.is_ascii_alphanumeric() || *last == b'_');
        match octet {
            b'\\' => {
                octets.push(rest.next_if(|next| matches!(next, b';' | b'\\')).unwrap_or(octet));
            }
            b';' if is_word && !lenient => {
                return Err(format!("`{typed}` has a semicolon that is not escaped; write \\;"));
            }
            other => octets.push(other),
        }
    }
    Ok(octets)
}
