//! YAML, read by `serde_yaml`; what it takes and other readers may not is looked for in the text.

use hickory_proto::rr::Name;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::parts::{dotless, number, presented};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "yaml",
    read,
    mistakes: &[
        ("0 1 993", "0 993 1"),
        ("$d", "d"),
        ("ttl: 3600", "ttl: 3601"),
        ("owner: \"_imaps", "owner: \"_imap"),
        ("domain: \"provider", "domain: \"example"),
        ("purpose: \"pacc\"", "purpose: \"\""),
    ],
    refused: &[
        ("- owner: \"a.\"\n", "missing field"),
        ("- - 1\n", "expected struct"),
        ("{}", "sequence"),
        ("- a\n", "`a` stands without quotation marks"),
        ("- ttl: 60\n  ttl: 60\n", "duplicate entry"),
        ("- domain: &domain \"a\"\n", "`&domain` stands without"),
        ("- domain: !!str \"a\"\n", "`!!str` stands without"),
        ("- domain: 'a'\n", "`'a'` stands without"),
        ("- domain: |\n    a\n", "`|` stands without"),
        ("- domain: no\n", "`no` stands without"),
        ("- domain: 0x1\n", "`0x1` stands without"),
        ("- domain: 01\n", "`01` stands without"),
        ("- domain: 1\n", "integer `1`, expected a string"),
        ("- domain: \"a\nowner: \"b\"\n", ""),
        (
            "- domain: \"a\"\n  owner: \"a.\"\n  ttl: \"60\"\n  type: \"A\"\n  data: \"192.0.2.1\"\n  purpose: \"b\"\n",
            "expected u32",
        ),
        (
            "- domain: \"a\"\n  owner: \"a\"\n  ttl: 60\n  type: \"A\"\n  data: \"192.0.2.1\"\n  purpose: \"b\"\n",
            "`a`",
        ),
        (
            "- domain: \"a\"\n  owner: \"a.\"\n  ttl: 60\n  type: \"A\"\n  data: \"192.0.2.1 ; b\"\n  purpose: \"b\"\n",
            "means a. A 192.0.2.1",
        ),
        (
            "- domain: \"a\"\n  owner: \"a.\"\n  ttl: 60\n  type: \"a\"\n  data: \"192.0.2.1\"\n  purpose: \"b\"\n",
            "means a. A 192.0.2.1",
        ),
    ],
};

const KEYS: &[&str] = &["domain", "owner", "ttl", "type", "data", "purpose"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    domain: String,
    owner: String,
    ttl: u32,
    r#type: String,
    data: String,
    purpose: String,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let lists: Vec<Option<Vec<Record>>> = documents(text, KEYS)?;
    lists.into_iter().flatten().flatten().map(reading).collect()
}

fn reading(record: Record) -> Result<Reading, String> {
    let Record { domain, owner, ttl, r#type: rtype, data, purpose } = record;
    let reading = presented(&owner, ttl, &rtype, &data)?;
    match dotless(&domain)?.zone_of(&reading.owner) && !purpose.is_empty() {
        true => Ok(reading),
        false => Err(format!("{owner} is for {domain} and `{purpose}`")),
    }
}

/// Reads every document of a text. Nothing but whole numbers and some words, which are not those
/// that mean something to YAML 1.1, may stand without quotation marks.
pub(super) fn documents<T: DeserializeOwned>(text: &str, words: &[&str]) -> Result<Vec<T>, String> {
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let line = line.replace("\\\\", "").replace("\\\"", "");
        let plain = line.split('"').step_by(2);
        let mut scalars =
            plain.flat_map(|part| part.split([' ', ':', ',', '{', '}', '[', ']', '-']));
        let odd = scalars.find(|scalar| {
            !scalar.is_empty() && !words.contains(scalar) && number::<u32>(scalar).is_err()
        });
        if let Some(odd) = odd {
            return Err(format!("`{odd}` stands without quotation marks"));
        }
    }
    // A text that stands for a number is one only on the way through a value.
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde_yaml::from_value(Value::deserialize(document)?))
        .collect::<Result<_, serde_yaml::Error>>()
        .map_err(|error| error.to_string())
}
