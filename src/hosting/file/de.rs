//! Deserializes from a [`Node`], so that every error has a place and a path.

use std::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
    value::StrDeserializer,
};
use serde::forward_to_deserialize_any;

#[cfg(test)]
use super::super::cost;
use super::MAX_TTL;
use super::diagnose::{Fault, Problem};
use super::span::Span;
use super::tree::{Key, Node, Value};
use crate::words::{did_you_mean, nearest};

/// A node to deserialize from.
///
/// Plain scalars are resolved by the core schema of YAML 1.2.2 §10.3.2, with decimal numbers only.
#[derive(Clone, Copy)]
pub(super) struct Source<'a>(pub(super) &'a Node);

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        #[cfg(test)]
        cost::spend(1);
        let result = match &self.0.value {
            Value::Map(entries) => visitor.visit_map(Entries { left: entries.iter(), next: None }),
            Value::List(items) => visitor.visit_seq(Items { left: items.iter().enumerate() }),
            Value::Scalar { text, plain } => match scalar(text, *plain) {
                Scalar::Nothing => visitor.visit_unit(),
                Scalar::Bool(value) => visitor.visit_bool(value),
                Scalar::Number(value) => visitor.visit_i64(value),
                Scalar::Text => visitor.visit_str(text),
            },
        };
        result.map_err(|fault| self.place(fault))
    }

    // A derived struct would take a list for its fields in order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Value::List(_) = self.0.value {
            return Err(self.place(de::Error::invalid_type(Unexpected::Seq, &visitor)));
        }
        self.deserialize_any(visitor)
    }

    // Nothing but an absent key is None: `ttl:` without a value is a slip.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let result = match &self.0.value {
            Value::Scalar { text, .. } => {
                StrDeserializer::<Fault>::new(text).deserialize_enum(name, variants, visitor)
            }
            Value::List(_) | Value::Map(_) => {
                Err(unplaced(Problem::Value { expected: one_of(variants), found: self.describe() }))
            }
        };
        result.map_err(|fault| self.place(fault))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl Source<'_> {
    /// Gives a fault of this very node its place, what was found, and a hint.
    fn place(self, mut fault: Fault) -> Fault {
        if fault.span != UNPLACED {
            return fault;
        }
        fault.span = self.0.span;
        if let Problem::Value { expected, found } = &mut *fault.problem {
            *found = self.describe();
            if fault.hint.is_none() {
                fault.hint = self.hint(expected);
            }
        }
        fault
    }

    /// What stands at the node, in words that go after "found".
    fn describe(self) -> String {
        match &self.0.value {
            Value::Map(_) => "a map".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Scalar { text, plain: true } if text.is_empty() => "nothing".to_owned(),
            Value::Scalar { text, plain: true } => format!("`{text}`"),
            Value::Scalar { text, plain: false } => format!("the text \"{text}\""),
        }
    }

    /// Finds a way out; serde says in prose only what was expected.
    fn hint(self, expected: &str) -> Option<String> {
        let Value::Scalar { text, plain } = &self.0.value else {
            let braces = matches!(self.0.value, Value::Map(_)) && expected.contains("text");
            return braces.then(|| "quote a text that begins with `{`".to_owned());
        };
        let number = expected.contains("number");
        let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
        let word = text.to_ascii_lowercase();
        if text.is_empty() && *plain {
            return Some("give it a value, or leave the line out".to_owned());
        }
        if number && digits && !plain {
            return Some(format!("write it without quotes: {text}"));
        }
        if number && digits && text.starts_with('0') && text.len() > 1 {
            let bare = text.trim_start_matches('0');
            let bare = if bare.is_empty() { "0" } else { bare };
            return Some(format!("write it without leading zeros: {bare}"));
        }
        if expected.contains("true") && ["yes", "on", "true", "y"].contains(&word.as_str()) {
            return Some("write `true`".to_owned());
        }
        if expected.contains("true") && ["no", "off", "false", "n"].contains(&word.as_str()) {
            return Some("write `false`".to_owned());
        }
        None
    }
}

/// What a scalar is by its spelling.
enum Scalar {
    Nothing,
    Bool(bool),
    Number(i64),
    Text,
}

/// A text in quotes is a text, whatever it spells.
fn scalar(text: &str, plain: bool) -> Scalar {
    if !plain {
        return Scalar::Text;
    }
    match text {
        "" | "~" | "null" => Scalar::Nothing,
        "true" => Scalar::Bool(true),
        "false" => Scalar::Bool(false),
        _ => number(text).map_or(Scalar::Text, Scalar::Number),
    }
}

/// Reads a decimal number; a leading zero is none, because readers disagree whether it is octal.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let octal = digits.len() > 1 && digits.starts_with('0');
    let decimal = digits.bytes().all(|octet| octet.is_ascii_digit()) && !octal;
    if decimal { text.parse().ok() } else { None }
}

/// Hands a map to serde, entry by entry.
struct Entries<'a> {
    left: std::slice::Iter<'a, (Key, Node)>,
    next: Option<&'a (Key, Node)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.next = self.left.next();
        let Some((key, _)) = self.next else { return Ok(None) };
        let read = seed.deserialize(StrDeserializer::<Fault>::new(&key.text));
        read.map(Some).map_err(|mut fault| {
            fault.span = key.span;
            fault.inside(&key.text)
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, node) = self.next.take().expect("serde asks for a key before its value");
        seed.deserialize(Source(node)).map_err(|fault| fault.inside(&key.text))
    }
}

/// Hands a list to serde, item by item.
struct Items<'a> {
    left: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((index, node)) = self.left.next() else { return Ok(None) };
        let read = seed.deserialize(Source(node)).map(Some);
        read.map_err(|fault| fault.inside(&format!("[{index}]")))
    }
}

/// The place of a fault whose node is not known yet; no source has it.
const UNPLACED: Span = Span { line: 0, column: 0, length: 0 };

/// A fault that gets its place on the way up.
fn unplaced(problem: Problem) -> Fault {
    Fault::new(UNPLACED, "", problem)
}

/// Words in quotes with `or` before the last.
fn one_of(names: &[&str]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        text.push_str(match index {
            0 => "",
            _ if index + 1 == names.len() => " or ",
            _ => ", ",
        });
        text.push('`');
        text.push_str(name);
        text.push('`');
    }
    text
}

/// What other programs call a field; a protocol, a mode or a column of theirs.
const CALLED: [(&str, &str); 12] = [
    ("smtp", "submission"),
    ("smtps", "submission"),
    ("outgoing", "submission"),
    ("incoming", "imap"),
    ("managesieve", "sieve"),
    ("username", "login"),
    ("server", "host"),
    ("hostname", "host"),
    ("ssl", "tls"),
    ("port", "tls"),
    ("exchange", "host"),
    ("priority", "preference"),
];

/// Asks for the name that was most likely meant, if any is near.
fn near(typed: &str, names: &[&'static str]) -> Option<String> {
    let typed = typed.to_ascii_lowercase();
    let called = CALLED.into_iter().find(|(called, name)| *called == typed && names.contains(name));
    let called = called.map(|(_, name)| name);
    called.or_else(|| nearest(&typed, names.iter().copied(), 0.8)).map(did_you_mean)
}

/// A word that is near, or all that there are.
fn not_among(field: &str, names: &'static [&'static str]) -> String {
    near(field, names).unwrap_or_else(|| format!("a field here is {}", one_of(names)))
}

/// What is expected of a number; serde says only its type.
pub(super) fn whole_number(least: u32, most: u32) -> String {
    format!("a whole number from {least} to {most}")
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        unplaced(Problem::Syntax { message: message.to_string() })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_value(found, expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = match expected.to_string().as_str() {
            "a boolean" => "`true` or `false`".to_owned(),
            "a string" => "a text".to_owned(),
            "a sequence" => "a list".to_owned(),
            "u16" => whole_number(0, u16::MAX.into()),
            "a nonzero u16" => whole_number(1, u16::MAX.into()),
            "u32" => whole_number(0, MAX_TTL),
            other => other.to_owned(),
        };
        unplaced(Problem::Value { expected, found: found.to_string() })
    }

    fn unknown_variant(variant: &str, names: &'static [&'static str]) -> Self {
        let problem = Problem::Value { expected: one_of(names), found: format!("`{variant}`") };
        let fault = unplaced(problem);
        match near(variant, names) {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }

    fn unknown_field(field: &str, names: &'static [&'static str]) -> Self {
        unplaced(Problem::UnknownField { field: field.to_owned() }).hint(not_among(field, names))
    }

    fn missing_field(field: &'static str) -> Self {
        unplaced(Problem::MissingField { field: field.to_owned() }).inside(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        unplaced(Problem::DuplicateField { field: field.to_owned() }).inside(field)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for Fault {}
