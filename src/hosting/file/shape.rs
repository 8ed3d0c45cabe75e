//! The fields of a profile, for serde and for the JSON Schema; the doc comments are its descriptions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU16;

use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde::de::value::{I64Deserializer, MapAccessDeserializer, StrDeserializer, UnitDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::super::publication::{MAX_NAME, MAX_SHORT_NAME};
use super::words::{Deny, Login};
use super::{DEFAULT_TTL, DEFAULT_WEIGHT, MAX_ADDRESSES, MAX_SERVERS, MAX_TTL};
use crate::code::{Code, OFF, Severity, parse_setting};

/// What a mail provider tells its customers about its servers.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a map of fields")]
#[schemars(title = "mailsrv hosting profile")]
pub(super) struct Profile {
    /// The default host; `{domain}` is the mail domain, `{server}` a column `server` of the input.
    #[serde(default = "default_host")]
    pub(super) host: String,
    /// IMAP; not offered where it is left out.
    pub(super) imap: Option<Switch<Service>>,
    /// POP3; not offered where it is left out.
    pub(super) pop3: Option<Switch<Service>>,
    /// Message submission; not offered where it is left out.
    pub(super) submission: Option<Switch<Service>>,
    /// What users type as the login name: `full-address`, `local-part`, or something made of
    /// `{local-part}` or `{address}`, such as `{local-part}-al`.
    #[serde(default)]
    pub(super) login: Login,
    /// Where most clients fetch their configuration; `true` for an alias of the host.
    pub(super) autoconfig: Option<Switch<Autoconfig>>,
    /// What Outlook asks for; `true` for an alias of the host and an SRV record.
    pub(super) autodiscover: Option<Switch<AutodiscoverShape>>,
    /// What the newest clients ask for, PACC; `true` for an alias of the host.
    pub(super) pacc: Option<Switch<PaccShape>>,
    /// JMAP, read by clients in place of IMAP and submission.
    pub(super) jmap: Option<Switch<RelatedShape>>,
    /// ManageSieve, for filters.
    pub(super) sieve: Option<Switch<RelatedShape>>,
    /// CalDAV, for calendars.
    pub(super) caldav: Option<Switch<Dav>>,
    /// CardDAV, for address books.
    pub(super) carddav: Option<Switch<Dav>>,
    /// The servers that take mail for the domain; `true` for the host of the profile.
    pub(super) mx: Option<Switch<Mx>>,
    /// The addresses of the provider's own hosts, for the provider's own zone.
    pub(super) addresses: Option<BTreeMap<String, Vec<String>>>,
    /// What the documents tell users about the provider, and who issues its certificates.
    pub(super) provider: Option<ProviderShape>,
    /// The order in which clients are to choose between the services they read mail with.
    #[serde(default = "default_prefer")]
    #[schemars(length(equal = 2), extend("uniqueItems" = true))]
    pub(super) prefer: Vec<Family>,
    /// Whether STARTTLS is published at all.
    #[serde(default = "yes")]
    pub(super) starttls: bool,
    /// Whether what is not offered is denied with the target `.` (RFC 6186 section 3.4); or the
    /// labels that are.
    #[serde(default)]
    pub(super) deny: Deny,
    /// The TTL of all records, in seconds.
    #[serde(default = "default_ttl")]
    #[schemars(range(max = MAX_TTL))]
    pub(super) ttl: u32,
    /// The severity of findings, by their code.
    #[schemars(extend("propertyNames" = { "enum": codes() }))]
    pub(super) severity: Option<BTreeMap<String, Level>>,
}

/// What is offered of one service.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "`true`, `false` or a map such as `{ tls: true }`"
)]
pub(super) struct Service {
    /// The port with TLS from the first octet on; `true` for the registered one.
    pub(super) tls: Option<Switch<NonZeroU16>>,
    /// The port with STARTTLS; `true` for the registered one.
    pub(super) starttls: Option<Switch<NonZeroU16>>,
    /// The host, where it is not that of the profile.
    pub(super) host: Option<String>,
    /// The share of a server among those of the same priority (RFC 2782).
    pub(super) weight: Option<u16>,
    /// The SRV priority with TLS, where the computed one does not fit.
    pub(super) tls_priority: Option<u16>,
    /// The SRV priority with STARTTLS, where the computed one does not fit.
    pub(super) starttls_priority: Option<u16>,
    /// What users type as the login name of this service, where it is not that of the others.
    pub(super) login: Option<Login>,
    /// Several servers, instead of `host` and `weight`.
    #[schemars(length(min = 1, max = MAX_SERVERS))]
    pub(super) servers: Option<Vec<Server>>,
}

/// One of several servers.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map such as `{ host: mail1.provider.example }`")]
pub(super) struct Server {
    /// Its host.
    pub(super) host: String,
    /// Its share among the servers of the same priority (RFC 2782).
    #[serde(default = "default_weight")]
    pub(super) weight: u16,
    /// Its own port with TLS, where it is not that of the service; `false` where it has none.
    pub(super) tls: Option<Switch<NonZeroU16>>,
    /// Its own port with STARTTLS, where it is not that of the service; `false` where it has none.
    pub(super) starttls: Option<Switch<NonZeroU16>>,
}

/// A service that clients read mail with.
#[derive(Clone, Copy, PartialEq, Eq, DeriveDeserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Family {
    Imap,
    Pop3,
}

/// How `autoconfig` or the PACC name is published.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`true`, `false` or a map such as `{ alias: true }`")]
pub(super) struct Autoconfig {
    /// The host that the name leads to; `true` for `{host}`, the host of the profile.
    pub(super) alias: Option<Switch<String>>,
    /// The addresses of the name, where it may not be an alias.
    #[schemars(length(min = 1, max = MAX_ADDRESSES))]
    pub(super) addresses: Option<Vec<String>>,
}

/// How `autodiscover` is published.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "`true`, `false` or a map such as `{ alias: true, srv: true }`"
)]
#[schemars(rename = "Autodiscover")]
pub(super) struct AutodiscoverShape {
    /// The host that the name leads to; `true` for `{host}`, the host of the profile.
    pub(super) alias: Option<Switch<String>>,
    /// The addresses of the name, where it may not be an alias.
    #[schemars(length(min = 1, max = MAX_ADDRESSES))]
    pub(super) addresses: Option<Vec<String>>,
    /// The target of the SRV record; `true` for that of the alias.
    pub(super) srv: Option<Switch<String>>,
}

/// How PACC is published (draft-ietf-mailmaint-pacc).
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`true`, `false` or a map such as `{ alias: true }`")]
#[schemars(rename = "Pacc")]
pub(super) struct PaccShape {
    /// The host that `ua-auto-config` leads to; `true` for `{host}`, the host of the profile.
    pub(super) alias: Option<Switch<String>>,
    /// The addresses of `ua-auto-config`, where it may not be an alias.
    #[schemars(length(min = 1, max = MAX_ADDRESSES))]
    pub(super) addresses: Option<Vec<String>>,
    /// Digests of other documents to publish beside ours, while one takes the place of the other.
    #[schemars(length(max = MAX_SERVERS))]
    pub(super) digests: Option<Vec<String>>,
}

/// Where a service beside mail is.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`true`, `false` or a map such as `{ port: 4190 }`")]
#[schemars(rename = "Related")]
pub(super) struct RelatedShape {
    /// The host, where it is not that of the profile.
    pub(super) host: Option<String>,
    /// The port, where it is not the registered one.
    pub(super) port: Option<NonZeroU16>,
}

/// Where calendars or address books are.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`true`, `false` or a map such as `{ path: /dav/ }`")]
pub(super) struct Dav {
    /// The host, where it is not that of the profile.
    pub(super) host: Option<String>,
    /// The port, where it is not the registered one.
    pub(super) port: Option<NonZeroU16>,
    /// The path on the server (RFC 6764 section 4).
    pub(super) path: Option<String>,
}

/// The servers that take mail for the domain.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "`true`, `false` or a map such as `{ host: mx.provider.example }`"
)]
pub(super) struct Mx {
    /// The host, where it is not that of the profile.
    pub(super) host: Option<String>,
    /// The preference; lower is tried first.
    pub(super) preference: Option<u16>,
    /// Several servers, instead of `host` and `preference`.
    #[schemars(length(min = 1, max = MAX_SERVERS))]
    pub(super) servers: Option<Vec<MxServer>>,
}

/// One of several servers that take mail.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a map such as `{ host: mx1.provider.example }`")]
pub(super) struct MxServer {
    /// Its host.
    pub(super) host: String,
    /// Its preference; lower is tried first.
    pub(super) preference: Option<u16>,
}

/// What the documents tell users about the provider, and who issues its certificates.
#[derive(DeriveDeserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a map such as `{ name: Example Hosting }`"
)]
#[schemars(rename = "Provider")]
pub(super) struct ProviderShape {
    /// Its name, at most 60 characters.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub(super) name: Option<String>,
    /// A name for narrow places, at most 20 characters.
    #[schemars(length(min = 1, max = MAX_SHORT_NAME))]
    pub(super) short_name: Option<String>,
    /// The address of the instructions for users.
    pub(super) documentation: Option<String>,
    /// The certificate authority that issues for `autoconfig`, by its name in CAA records, such as
    /// `letsencrypt.org` (RFC 8659 section 4.2).
    pub(super) issuer: Option<String>,
}

fn default_host() -> String {
    "mail.{domain}".to_owned()
}

fn default_weight() -> u16 {
    DEFAULT_WEIGHT
}

fn default_ttl() -> u32 {
    DEFAULT_TTL
}

fn default_prefer() -> Vec<Family> {
    vec![Family::Imap, Family::Pop3]
}

fn codes() -> Vec<&'static str> {
    Code::ALL.iter().map(|code| code.text()).collect()
}

fn yes() -> bool {
    true
}

/// `true`, `false`, or something that says more.
pub(super) enum Switch<T> {
    Flag(bool),
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Switch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SwitchVisitor(PhantomData))
    }
}

struct SwitchVisitor<T>(PhantomData<T>);

/// What is no flag is left to the other type, whose errors say more than this one could.
impl<'de, T: Deserialize<'de>> Visitor<'de> for SwitchVisitor<T> {
    type Value = Switch<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true`, `false` or a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Switch::Flag(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(I64Deserializer::new(value)).map(Switch::Value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        T::deserialize(StrDeserializer::new(value)).map(Switch::Value)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        T::deserialize(UnitDeserializer::new()).map(Switch::Value)
    }

    // No field of a profile has a list behind a switch, so that the other type is to refuse it.
    fn visit_seq<A: SeqAccess<'de>>(self, _list: A) -> Result<Self::Value, A::Error> {
        self.visit_unit()
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Switch::Value)
    }
}

impl<T: JsonSchema> JsonSchema for Switch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Switch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "boolean" }, generator.subschema_for::<T>()] })
    }
}

/// A severity, or `off`.
#[derive(Clone, Copy)]
pub(super) struct Level(pub(super) Option<Severity>);

impl Level {
    const ALL: &'static [&'static str] = &[
        OFF,
        Severity::Info.text(),
        Severity::Warning.text(),
        Severity::Error.text(),
        Severity::Critical.text(),
    ];
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelVisitor)
    }
}

struct LevelVisitor;

impl Visitor<'_> for LevelVisitor {
    type Value = Level;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`off`, `info`, `warning`, `error` or `critical`")
    }

    // YAML 1.1 reads `off` as false, and so do the tools that rewrite files by it.
    fn visit_bool<E: Error>(self, value: bool) -> Result<Level, E> {
        if value {
            return Err(E::invalid_type(Unexpected::Bool(value), &self));
        }
        Ok(Level(None))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Level, E> {
        parse_setting(value).map(Level).map_err(|_error| E::unknown_variant(value, Level::ALL))
    }
}

impl JsonSchema for Level {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "enum": Self::ALL }, { "const": false }] })
    }
}

/// The schema of a whole profile.
pub(super) fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(simplify));
    settings.into_generator().into_root_schema_for::<Profile>()
}

/// An absent field is left out of the file; `null` is a slip that the parser refuses. The format of
/// a number says no more than its bounds.
fn simplify(schema: &mut Schema) {
    let null = serde_json::json!({ "type": "null" });
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("format");
    if let Some(serde_json::Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(serde_json::Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| *choice != null);
        if let [serde_json::Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            object.extend(only);
        }
    }
}
