//! The fields of a profile whose words are checked as they are read: the login name and what is
//! denied.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::super::login::{FULL_ADDRESS, LOCAL_PART};
use crate::service::{Label, Related};
use crate::words::nearest;

/// What users type as the login name.
#[derive(Clone)]
pub(super) struct Login(pub(super) String);

impl Login {
    const WORDS: &'static [&'static str] = &[FULL_ADDRESS, LOCAL_PART];
}

impl Default for Login {
    fn default() -> Self {
        Self(FULL_ADDRESS.to_owned())
    }
}

impl Serialize for Login {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Login {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LoginVisitor)
    }
}

struct LoginVisitor;

impl Visitor<'_> for LoginVisitor {
    type Value = Login;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`full-address`, `local-part` or a form such as `{local-part}-al`")
    }

    /// What is near to one of the words is a slip of it, unless it has placeholders; of all else the
    /// conversion says what there is.
    fn visit_str<E: Error>(self, value: &str) -> Result<Login, E> {
        let words = || Login::WORDS.iter().copied();
        let is_word = value.contains('{') || words().any(|word| word == value);
        if !is_word && nearest(value, words(), 0.8).is_some() {
            return Err(E::unknown_variant(value, Login::WORDS));
        }
        Ok(Login(value.to_owned()))
    }
}

impl JsonSchema for Login {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Login".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let pattern = r"^[^\s%]*\{(local-part|address)\}[^\s%]*$";
        json_schema!({ "anyOf": [
            { "enum": Self::WORDS },
            { "type": "string", "pattern": pattern, "maxLength": 200 },
        ] })
    }
}

/// What is denied of that which is not offered.
#[derive(Clone)]
pub(super) enum Deny {
    Flag(bool),
    Labels(Vec<DeniedLabel>),
}

impl Default for Deny {
    fn default() -> Self {
        Self::Flag(true)
    }
}

impl Serialize for Deny {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Labels(labels) => serializer.collect_seq(labels.iter().map(|label| label.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Deny {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DenyVisitor)
    }
}

struct DenyVisitor;

impl<'de> Visitor<'de> for DenyVisitor {
    type Value = Deny;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true`, `false` or a list of labels such as `[_pop3s, _pop3]`")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Deny, E> {
        Ok(Deny::Flag(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Deny, A::Error> {
        let mut labels = Vec::new();
        while let Some(label) = list.next_element()? {
            labels.push(label);
        }
        Ok(Deny::Labels(labels))
    }
}

impl JsonSchema for Deny {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Deny".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let labels = json_schema!({
            "type": "array", "uniqueItems": true, "items": { "enum": DENIABLE },
        });
        json_schema!({ "anyOf": [{ "type": "boolean" }, labels] })
    }
}

/// A label that can be denied.
#[derive(Clone)]
pub(super) struct DeniedLabel(pub(super) &'static str);

/// The labels of mail, and those of calendars and address books without TLS.
const DENIABLE: &[&str] = &[
    Label::Imaps.text(),
    Label::Imap.text(),
    Label::Pop3s.text(),
    Label::Pop3.text(),
    Label::Submissions.text(),
    Label::Submission.text(),
    CALDAV,
    CARDDAV,
];

const CALDAV: &str = match Related::Caldav.cleartext() {
    Some(label) => label,
    None => Related::Caldav.text(),
};

const CARDDAV: &str = match Related::Carddav.cleartext() {
    Some(label) => label,
    None => Related::Carddav.text(),
};

impl<'de> Deserialize<'de> for DeniedLabel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelVisitor)
    }
}

struct LabelVisitor;

impl Visitor<'_> for LabelVisitor {
    type Value = DeniedLabel;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a label such as `_pop3s`")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<DeniedLabel, E> {
        let known = DENIABLE.iter().find(|label| **label == value);
        known.map(|label| DeniedLabel(label)).ok_or_else(|| E::unknown_variant(value, DENIABLE))
    }
}
