//! The PACC document (draft-ietf-mailmaint-pacc), as those who read drafts -02 read it, and the digest
//! in DNS that it is held against.
//!
//! So read io-pim-discovery 0.8.0 and 0.9.0 (`pacc/config.rs`, `pacc/discover.rs`), and himalaya, which is
//! made with it. What its drafts want and is not there, or is of another type, makes them take nothing.

use std::fmt;

use data_encoding::BASE64;
use hickory_proto::rr::RData;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::server::{By, Mode, Server};
use crate::hosting::is_digest;
use crate::page::Url;
use crate::service::{Service, TlsMode};

/// Where it stands on `ua-auto-config`.
pub const PACC_PATH: &str = "/.well-known/user-agent-configuration.json";

/// The tag that begins the text of a digest record: `v=UAAC1`.
const VERSION: &str = "UAAC1";

/// The digest of a PACC document in base64 that a record says, or what is wrong with it; None of another
/// text. The tags stand in any order, with any space around them.
pub fn digest(data: &RData) -> Option<Result<String, String>> {
    let RData::TXT(txt) = data else { return None };
    let text = String::from_utf8_lossy(&txt.txt_data.concat()).into_owned();
    let tags: Vec<(String, &str)> = text
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim()))
        .collect();
    let tag = |name: &str| tags.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
    if !tag("v").is_some_and(|version| version.eq_ignore_ascii_case(VERSION)) {
        return None;
    }
    Some(match (tag("a"), tag("d")) {
        (None, None) if !text.contains(';') => {
            Err("the version alone: the text was cut at a \";\" that was not quoted".to_owned())
        }
        (None, _) => Err("no algorithm; it must be sha256".to_owned()),
        (Some(algorithm), _) if !algorithm.eq_ignore_ascii_case("sha256") => {
            Err(format!("the algorithm `{algorithm}`; it must be sha256"))
        }
        (_, None) => Err("no digest".to_owned()),
        (_, Some(digest)) if is_digest(digest) => Ok(digest.to_owned()),
        (_, Some(digest)) => Err(format!("the digest `{digest}`, which is no SHA-256 in base64")),
    })
}

/// A document.
#[derive(Debug)]
pub struct Pacc {
    digest: String,
    /// The hosts by their services; the document has no place for ports.
    hosts: Vec<(Service, String)>,
    gap: Option<Gap>,
}

/// Why readers take nothing of a document: what must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    object: &'static str,
    member: &'static str,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Object,
    Text,
    Truth,
    List,
}

/// What readers look for, in their order: an object by its pointer (RFC 6901), a member of it, and whether
/// it must be there where the object is.
const MEMBERS: &[(&str, &str, Shape, bool)] = &[
    ("/protocols", "imap", Shape::Object, false),
    ("/protocols/imap", "host", Shape::Text, true),
    ("/protocols", "pop3", Shape::Object, false),
    ("/protocols/pop3", "host", Shape::Text, true),
    ("/protocols", "smtp", Shape::Object, false),
    ("/protocols/smtp", "host", Shape::Text, true),
    ("/protocols", "managesieve", Shape::Object, false),
    ("/protocols/managesieve", "host", Shape::Text, true),
    ("/protocols", "jmap", Shape::Object, false),
    ("/protocols/jmap", "url", Shape::Text, true),
    ("/protocols", "caldav", Shape::Object, false),
    ("/protocols/caldav", "url", Shape::Text, true),
    ("/protocols", "carddav", Shape::Object, false),
    ("/protocols/carddav", "url", Shape::Text, true),
    ("/protocols", "webdav", Shape::Object, false),
    ("/protocols/webdav", "url", Shape::Text, true),
    ("", "authentication", Shape::Object, true),
    ("/authentication", "password", Shape::Truth, false),
    ("/authentication", "oauth-public", Shape::Object, false),
    ("/authentication/oauth-public", "issuer", Shape::Text, true),
    ("", "info", Shape::Object, true),
    ("/info", "provider", Shape::Object, true),
    ("/info/provider", "name", Shape::Text, true),
    ("/info/provider", "shortName", Shape::Text, false),
    ("/info/provider", "logo", Shape::List, false),
    ("/info", "help", Shape::Object, false),
    ("/info/help", "documentation", Shape::Text, false),
    ("/info/help", "developer", Shape::Text, false),
    ("/info/help", "contact", Shape::List, false),
];

impl Pacc {
    /// Reads a document; None where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(body).ok()?;
        let protocols = document.get("protocols")?.as_object()?;
        let host =
            |key: &str| Some(protocols.get(key)?.get("host")?.as_str()?.to_ascii_lowercase());
        // Draft -03 says `submit`, which nobody reads who was looked at.
        let keys =
            [("imap", Service::Imap), ("pop3", Service::Pop3), ("smtp", Service::Submission)];
        let hosts = keys.into_iter().filter_map(|(key, service)| Some((service, host(key)?)));
        let digest = BASE64.encode(&Sha256::digest(body));
        Some(Self { digest, hosts: hosts.collect(), gap: Gap::of(&document) })
    }

    /// Why readers take none of it; None where they take it.
    pub fn gap(&self) -> Option<Gap> {
        self.gap
    }

    /// Whether a TXT record names its digest.
    pub fn is_named(&self, data: &RData) -> bool {
        digest(data).is_some_and(|it| it.as_ref() == Ok(&self.digest))
    }

    /// The servers that it names, each with TLS at its registered port.
    pub fn servers(&self, url: &Url) -> Vec<Server> {
        let server = |(service, host): &(Service, String)| Server {
            service: *service,
            host: host.clone(),
            port: service.label(TlsMode::Implicit).default_port(),
            mode: Mode::Tls(TlsMode::Implicit),
            login: None,
            by: By::Document(url.clone()),
        };
        self.hosts.iter().map(server).collect()
    }
}

impl Gap {
    fn of(document: &Value) -> Option<Self> {
        let is_missing = |(object, member, shape, is_needed): &&(&str, &str, Shape, bool)| {
            let Some(object) = document.pointer(object).filter(|it| !it.is_null()) else {
                return false;
            };
            match object.get(member) {
                None => *is_needed,
                Some(Value::Null) => *is_needed,
                Some(value) => !shape.is_of(value),
            }
        };
        let (object, member, shape, _) = MEMBERS.iter().find(is_missing)?;
        Some(Self { object, member, shape: *shape })
    }
}

impl Shape {
    fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Text => value.is_string(),
            Self::Truth => value.is_boolean(),
            Self::List => value.is_array(),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = match self.shape {
            Shape::Object => "an object",
            Shape::Text => "a text",
            Shape::Truth => "true or false",
            Shape::List => "a list",
        };
        for object in self.object.split('/').filter(|it| !it.is_empty()) {
            write!(f, "{object}.")?;
        }
        write!(f, "{} must be {shape}", self.member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"protocols":{"imap":{"host":"I.a.test"},"smtp":{"host":"o.a.test"}},
        "authentication":{"password":true},"info":{"provider":{"name":"A"}}}"#;

    /// What readers say of the document with one text put in the place of another.
    fn said(from: &str, to: &str) -> String {
        assert!(DOCUMENT.contains(from), "{from}");
        let document = DOCUMENT.replacen(from, to, 1);
        let pacc = Pacc::read(document.as_bytes()).expect(to);
        pacc.gap().map_or_else(|| "taken".to_owned(), |gap| gap.to_string())
    }

    #[test]
    fn what_readers_want_must_be_there() {
        for (from, to, expected) in [
            ("\"authentication\"", "\"login\"", "authentication must be an object"),
            ("{\"password\":true}", "null", "authentication must be an object"),
            (":true", ":\"yes\"", "authentication.password must be true or false"),
            ("\"info\"", "\"about\"", "info must be an object"),
            ("\"provider\"", "\"name\"", "info.provider must be an object"),
            ("\"name\"", "\"title\"", "info.provider.name must be a text"),
            ("\"A\"", "null", "info.provider.name must be a text"),
            ("\"A\"", "\"A\",\"logo\":\"a\"", "info.provider.logo must be a list"),
            ("{\"provider\"", "{\"help\":1,\"provider\"", "info.help must be an object"),
            ("{\"host\":\"I.a.test\"}", "\"i.a.test\"", "protocols.imap must be an object"),
            ("\"host\"", "\"url\"", "protocols.imap.host must be a text"),
            ("\"smtp\"", "\"jmap\"", "protocols.jmap.url must be a text"),
        ] {
            assert_eq!(said(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn what_they_do_not_want_may_be_missing_and_unknown() {
        for (from, to) in [
            ("\"A\"", "\"\""),
            ("\"password\":true", ""),
            (":true", ":null"),
            ("\"A\"", "\"A\",\"shortName\":null"),
            ("\"imap\"", "\"submit\":\"a\",\"imap\""),
            ("{\"host\":\"I.a.test\"}", "null"),
            ("{\"protocols\"", "{\"version\":1,\"protocols\""),
        ] {
            assert_eq!(said(from, to), "taken", "{from} {to}");
        }
    }
}
