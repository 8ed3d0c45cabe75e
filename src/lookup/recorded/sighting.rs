//! What was seen of mail servers, as JSON has it.

use std::net::IpAddr;

use data_encoding::HEXLOWER_PERMISSIVE;
use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};

use super::line::{Line, LineError};
use crate::endpoint::{
    Chain, Digests, Endpoint, Fingerprint, Handshake, Instead, Key, Offered, Protocol, Served,
    Shown, Sighting, StartTls, Tls, Unseen, Validity,
};
use crate::name::{parse_text, text};
use crate::service::TlsMode;

/// How a line begins that tells what was seen of a server.
pub(super) const VISITED: &[u8] = br#"{"visited":"#;

/// What was seen of an endpoint; `visited` comes first, which tells it from other lines.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SightingShape {
    visited: EndpointShape,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    /// In seconds since 1970.
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unseen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<ShownShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointShape {
    host: String,
    port: u16,
    protocol: String,
    mode: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownShape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    greeting: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instead: Option<InsteadShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<OfferedShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starttls: Option<StartTlsShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handshake: Option<HandshakeShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<OfferedShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    injected: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    broken_off: Option<String>,
}

/// The protocol is None where it is none of mail.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum InsteadShape {
    Clear(Option<String>),
    Tls,
    Other(Option<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferedShape {
    starttls: bool,
    login: bool,
    mechanisms: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StartTlsShape {
    NotOffered,
    Refused(String),
    Unanswered(String),
    Begun,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HandshakeShape {
    Done(Box<TlsShape>),
    NoModernTls,
    NothingShared,
    Failed(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsShape {
    version: String,
    suite: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<ServedShape>,
    chain: ChainShape,
    sent: Vec<FingerprintShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ChainShape {
    Trusted,
    SelfSigned,
    Incomplete(String),
    Unknown(String),
    Broken(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServedShape {
    hosts: Vec<String>,
    services: Vec<String>,
    addresses: Vec<IpAddr>,
    begin: u64,
    end: u64,
    subject: String,
    issuer: String,
    key: KeyShape,
    broken_digest: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeyShape {
    Rsa(usize),
    Ec(usize),
    Ed25519,
    Other(String),
}

/// SHA-256 and SHA-512 in hexadecimal, of the certificate and of its key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FingerprintShape {
    certificate: [String; 2],
    key: [String; 2],
}

impl SightingShape {
    pub(super) fn new(sighting: &Sighting, about: Option<&Name>) -> Self {
        Self {
            visited: EndpointShape::from(&sighting.endpoint),
            about: about.map(text),
            address: sighting.address,
            at: sighting.at,
            unseen: sighting.seen.as_ref().err().map(|why| why.code().to_owned()),
            shown: sighting.seen.as_ref().ok().map(ShownShape::from),
        }
    }
}

impl TryFrom<SightingShape> for Line {
    type Error = LineError;

    fn try_from(shape: SightingShape) -> Result<Self, LineError> {
        let about = shape.about.as_deref().map(parse_text).transpose()?;
        let endpoint = shape.visited.try_into()?;
        let seen = match (shape.shown, shape.unseen) {
            (Some(shown), None) => Ok(Shown::try_from(shown)?),
            (None, Some(why)) => Err(unseen(why)?),
            _ => return Err(LineError::Seen),
        };
        let sighting = Sighting { endpoint, address: shape.address, at: shape.at, seen };
        Ok(Self::Visited { about, sighting: Box::new(sighting) })
    }
}

impl From<&Endpoint> for EndpointShape {
    fn from(Endpoint { host, port, protocol, mode }: &Endpoint) -> Self {
        let (protocol, mode) = (protocol.text().to_owned(), mode.title().to_owned());
        Self { host: host.clone(), port: *port, protocol, mode }
    }
}

impl TryFrom<EndpointShape> for Endpoint {
    type Error = LineError;

    fn try_from(shape: EndpointShape) -> Result<Self, LineError> {
        let EndpointShape { host, port, protocol, mode } = shape;
        let begins = TlsMode::ALL.into_iter().find(|it| it.title() == mode);
        let mode = begins.ok_or(LineError::Word { word: mode, kind: "TLS mode" })?;
        Ok(Self { host, port, protocol: protocol_of(protocol)?, mode })
    }
}

fn protocol_of(word: String) -> Result<Protocol, LineError> {
    let known = Protocol::ALL.into_iter().find(|it| it.text() == word);
    known.ok_or(LineError::Word { word, kind: "protocol" })
}

fn unseen(word: String) -> Result<Unseen, LineError> {
    Unseen::from_code(&word).ok_or(LineError::Word { word, kind: "reason why nothing is seen" })
}

impl From<&Shown> for ShownShape {
    fn from(shown: &Shown) -> Self {
        let code = |why: Unseen| why.code().to_owned();
        let spoken = |protocol: Option<Protocol>| protocol.map(|it| it.text().to_owned());
        Self {
            greeting: shown.greeting.clone(),
            instead: shown.instead.map(|instead| match instead {
                Instead::Clear(protocol) => InsteadShape::Clear(spoken(protocol)),
                Instead::Tls => InsteadShape::Tls,
                Instead::Other(protocol) => InsteadShape::Other(spoken(protocol)),
            }),
            before: shown.before.as_ref().map(OfferedShape::from),
            starttls: shown.starttls.as_ref().map(|starttls| match starttls {
                StartTls::NotOffered => StartTlsShape::NotOffered,
                StartTls::Refused(words) => StartTlsShape::Refused(words.clone()),
                StartTls::Unanswered(why) => StartTlsShape::Unanswered(code(*why)),
                StartTls::Begun => StartTlsShape::Begun,
            }),
            handshake: shown.handshake.as_ref().map(|handshake| match handshake {
                Handshake::Done(tls) => HandshakeShape::Done(Box::new(TlsShape::from(&**tls))),
                Handshake::NoModernTls => HandshakeShape::NoModernTls,
                Handshake::NothingShared => HandshakeShape::NothingShared,
                Handshake::Failed(problem) => HandshakeShape::Failed(problem.clone()),
            }),
            refusal: shown.refusal.clone(),
            after: shown.after.as_ref().map(OfferedShape::from),
            injected: shown.injected,
            broken_off: shown.broken_off.map(code),
        }
    }
}

impl TryFrom<ShownShape> for Shown {
    type Error = LineError;

    fn try_from(shape: ShownShape) -> Result<Self, LineError> {
        let spoken = |word: Option<String>| word.map(protocol_of).transpose();
        let instead = shape.instead.map(|instead| {
            Ok::<_, LineError>(match instead {
                InsteadShape::Clear(word) => Instead::Clear(spoken(word)?),
                InsteadShape::Tls => Instead::Tls,
                InsteadShape::Other(word) => Instead::Other(spoken(word)?),
            })
        });
        let starttls = shape.starttls.map(|starttls| {
            Ok::<_, LineError>(match starttls {
                StartTlsShape::NotOffered => StartTls::NotOffered,
                StartTlsShape::Refused(words) => StartTls::Refused(words),
                StartTlsShape::Unanswered(why) => StartTls::Unanswered(unseen(why)?),
                StartTlsShape::Begun => StartTls::Begun,
            })
        });
        let handshake = shape.handshake.map(|handshake| {
            Ok::<_, LineError>(match handshake {
                HandshakeShape::Done(tls) => Handshake::Done(Box::new(Tls::try_from(*tls)?)),
                HandshakeShape::NoModernTls => Handshake::NoModernTls,
                HandshakeShape::NothingShared => Handshake::NothingShared,
                HandshakeShape::Failed(problem) => Handshake::Failed(problem),
            })
        });
        Ok(Self {
            greeting: shape.greeting,
            instead: instead.transpose()?,
            before: shape.before.map(Offered::from),
            starttls: starttls.transpose()?,
            handshake: handshake.transpose()?,
            refusal: shape.refusal,
            after: shape.after.map(Offered::from),
            injected: shape.injected,
            broken_off: shape.broken_off.map(unseen).transpose()?,
        })
    }
}

impl From<&Offered> for OfferedShape {
    fn from(offered: &Offered) -> Self {
        let Offered { starttls, login, mechanisms } = offered.clone();
        Self { starttls, login, mechanisms }
    }
}

impl From<OfferedShape> for Offered {
    fn from(shape: OfferedShape) -> Self {
        let OfferedShape { starttls, login, mechanisms } = shape;
        Self { starttls, login, mechanisms }
    }
}

impl From<&Tls> for TlsShape {
    fn from(tls: &Tls) -> Self {
        Self {
            version: tls.version.clone(),
            suite: tls.suite.clone(),
            certificate: tls.certificate.as_ref().map(ServedShape::from),
            chain: match &tls.chain {
                Chain::Trusted => ChainShape::Trusted,
                Chain::SelfSigned => ChainShape::SelfSigned,
                Chain::Incomplete(issuer) => ChainShape::Incomplete(issuer.clone()),
                Chain::Unknown(issuer) => ChainShape::Unknown(issuer.clone()),
                Chain::Broken(problem) => ChainShape::Broken(problem.clone()),
            },
            sent: tls.sent.iter().map(FingerprintShape::from).collect(),
        }
    }
}

impl TryFrom<TlsShape> for Tls {
    type Error = LineError;

    fn try_from(shape: TlsShape) -> Result<Self, LineError> {
        Ok(Self {
            version: shape.version,
            suite: shape.suite,
            certificate: shape.certificate.map(Served::from),
            chain: match shape.chain {
                ChainShape::Trusted => Chain::Trusted,
                ChainShape::SelfSigned => Chain::SelfSigned,
                ChainShape::Incomplete(issuer) => Chain::Incomplete(issuer),
                ChainShape::Unknown(issuer) => Chain::Unknown(issuer),
                ChainShape::Broken(problem) => Chain::Broken(problem),
            },
            sent: shape.sent.into_iter().map(Fingerprint::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl From<&Served> for ServedShape {
    fn from(served: &Served) -> Self {
        let Served { hosts, services, addresses, validity, subject, issuer, .. } = served.clone();
        Self {
            hosts,
            services,
            addresses,
            begin: validity.begin,
            end: validity.end,
            subject,
            issuer,
            key: match &served.key {
                Key::Rsa(bits) => KeyShape::Rsa(*bits),
                Key::Ec(bits) => KeyShape::Ec(*bits),
                Key::Ed25519 => KeyShape::Ed25519,
                Key::Other(kind) => KeyShape::Other(kind.clone()),
            },
            broken_digest: served.has_broken_digest,
        }
    }
}

impl From<ServedShape> for Served {
    fn from(shape: ServedShape) -> Self {
        Self {
            hosts: shape.hosts,
            services: shape.services,
            addresses: shape.addresses,
            validity: Validity { begin: shape.begin, end: shape.end },
            subject: shape.subject,
            issuer: shape.issuer,
            key: match shape.key {
                KeyShape::Rsa(bits) => Key::Rsa(bits),
                KeyShape::Ec(bits) => Key::Ec(bits),
                KeyShape::Ed25519 => Key::Ed25519,
                KeyShape::Other(kind) => Key::Other(kind),
            },
            has_broken_digest: shape.broken_digest,
        }
    }
}

impl From<&Fingerprint> for FingerprintShape {
    fn from(fingerprint: &Fingerprint) -> Self {
        let hex = |digests: &Digests| {
            [
                HEXLOWER_PERMISSIVE.encode(&digests.sha256),
                HEXLOWER_PERMISSIVE.encode(&digests.sha512),
            ]
        };
        Self { certificate: hex(&fingerprint.certificate), key: hex(&fingerprint.key) }
    }
}

impl TryFrom<FingerprintShape> for Fingerprint {
    type Error = LineError;

    fn try_from(shape: FingerprintShape) -> Result<Self, LineError> {
        let digests = |[sha256, sha512]: [String; 2]| {
            Ok::<_, LineError>(Digests { sha256: octets(sha256)?, sha512: octets(sha512)? })
        };
        Ok(Self { certificate: digests(shape.certificate)?, key: digests(shape.key)? })
    }
}

/// A digest of so many octets.
fn octets<const LENGTH: usize>(hex: String) -> Result<[u8; LENGTH], LineError> {
    let read = HEXLOWER_PERMISSIVE.decode(hex.as_bytes());
    let read = read.ok().and_then(|octets| octets.try_into().ok());
    read.ok_or(LineError::Word { word: hex, kind: "digest" })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::super::{Recorder, Recording};
    use super::*;
    use crate::answer::{Answer, Failure, Outcome, Question};
    use crate::lookup::Lookup;
    use crate::name::MailDomain;

    /// Sees this at every endpoint, and nothing for one domain.
    struct Seeing(Result<Shown, Unseen>);

    impl Lookup for Seeing {
        async fn ask(&self, _question: &Question) -> Answer {
            Answer::plain(Outcome::Failed(Failure::Timeout))
        }

        async fn visit(&self, domain: &MailDomain, endpoint: &Endpoint) -> Option<Arc<Sighting>> {
            let (at, address) = (1_800_000_000, "192.0.2.1".parse().ok());
            let seen = match domain.as_str() {
                "other.test" => Err(Unseen::Timeout),
                _ => self.0.clone(),
            };
            Some(Arc::new(Sighting { endpoint: endpoint.clone(), address, at, seen }))
        }
    }

    fn endpoint() -> Endpoint {
        let (protocol, mode) = (Protocol::Imap, TlsMode::StartTls);
        Endpoint { host: "mail.d.test".to_owned(), port: 143, protocol, mode }
    }

    fn visited(lookup: &impl Lookup, domain: &str) -> Sighting {
        let domain = domain.parse().unwrap();
        let sighting = lookup.visit(&domain, &endpoint()).now_or_never().unwrap();
        Sighting::clone(&sighting.unwrap())
    }

    /// Whatever a server can show, in some sighting or other.
    fn sightings() -> Vec<Result<Shown, Unseen>> {
        let offered = Offered { starttls: true, login: true, mechanisms: vec!["PLAIN".to_owned()] };
        let digests = |octet| Digests { sha256: [octet; 32], sha512: [octet; 64] };
        let keys = [Key::Rsa(2048), Key::Ec(256), Key::Ed25519, Key::Other("1.2.3".to_owned())];
        let chains = [
            Chain::Trusted,
            Chain::SelfSigned,
            Chain::Incomplete("CN=a".to_owned()),
            Chain::Unknown("CN=b".to_owned()),
            Chain::Broken("why".to_owned()),
        ];
        let certificate = |key| Served {
            hosts: vec!["mail.d.test".to_owned(), "\u{1b}[31m".to_owned()],
            services: vec!["_imap.d.test".to_owned()],
            addresses: vec!["2001:db8::1".parse().unwrap()],
            validity: Validity { begin: 1, end: u64::MAX },
            subject: "CN=d".to_owned(),
            issuer: "CN=e".to_owned(),
            key,
            has_broken_digest: true,
        };
        let tls = |certificate, chain| Tls {
            version: "1.3".to_owned(),
            suite: "TLS_AES_128_GCM_SHA256".to_owned(),
            certificate,
            chain,
            sent: vec![Fingerprint { certificate: digests(1), key: digests(254) }],
        };
        let served = keys.into_iter().map(|key| tls(Some(certificate(key)), Chain::Trusted));
        let behind = chains.into_iter().map(|chain| tls(None, chain));
        let handshakes = served.chain(behind).map(|tls| Handshake::Done(Box::new(tls))).chain([
            Handshake::NoModernTls,
            Handshake::NothingShared,
            Handshake::Failed("so".to_owned()),
        ]);
        let shaken = handshakes.map(|it| Shown { handshake: Some(it), ..Shown::default() });
        let [clear, other] = [None, Some(Protocol::Pop3)];
        let insteads = [
            Instead::Clear(clear),
            Instead::Clear(other),
            Instead::Tls,
            Instead::Other(clear),
            Instead::Other(other),
        ];
        let insteads =
            insteads.into_iter().map(|it| Shown { instead: Some(it), ..Shown::default() });
        let begun = [
            StartTls::NotOffered,
            StartTls::Refused("no".to_owned()),
            StartTls::Unanswered(Unseen::Closed),
            StartTls::Begun,
        ];
        let begun = begun.into_iter().map(|it| Shown { starttls: Some(it), ..Shown::default() });
        let whole = Shown {
            greeting: Some("* OK".to_owned()),
            before: Some(offered.clone()),
            refusal: Some("no".to_owned()),
            after: Some(offered),
            injected: Some(true),
            broken_off: Some(Unseen::Timeout),
            ..Shown::default()
        };
        let shown = shaken.chain(insteads).chain(begun).chain([Shown::default(), whole]);
        shown.map(Ok).chain(Unseen::ALL.map(Err)).collect()
    }

    #[test]
    fn what_was_seen_is_read_again_and_what_was_not_is_unknown() {
        for seen in sightings() {
            let recorder = Recorder::new(Seeing(seen.clone()), Vec::new());
            for domain in ["d.test", "e.test", "other.test"] {
                visited(&recorder, domain);
            }
            let (written, outcome) = recorder.finish();
            outcome.unwrap();
            let text = String::from_utf8(written).unwrap();
            let told_apart = if seen == Err(Unseen::Timeout) { 1 } else { 2 };
            assert_eq!(text.lines().count(), told_apart, "{text}");
            let recording = Recording::read(Cursor::new(&text), "run").unwrap();
            for domain in ["d.test", "e.test", "other.test"] {
                assert_eq!(visited(&recording, domain), visited(&Seeing(seen.clone()), domain));
            }
        }
        let nothing = visited(&Recording::default(), "d.test");
        assert_eq!(nothing.seen, Err(Unseen::NotRecorded));
    }

    #[test]
    fn a_line_that_is_none_is_refused_and_says_why() {
        const BEGIN: &str = r#"{"visited":{"host":"a.test","port":143,"protocol":"imap","mode":"#;
        for (rest, problem) in [
            (r#""TLS"},"at":1,"unseen":"sleepy"}"#, "`sleepy` is no reason why nothing is seen"),
            (r#""tls"},"at":1,"unseen":"timeout"}"#, "`tls` is no TLS mode"),
            (r#""TLS"},"at":1}"#, "either what it has `shown`, or why it is `unseen`"),
            (r#""TLS"},"at":1,"shown":{},"unseen":"timeout"}"#, "either what it has `shown`"),
            (r#""TLS"},"at":1,"shown":{"hello":"a"}}"#, "unknown field `hello`"),
            (r#""TLS"},"at":1,"unseen":"timeout","why":1}"#, "unknown field `why`"),
            (r#""TLS"},"unseen":"timeout"}"#, "missing field `at`"),
        ] {
            let line = format!("\n{BEGIN}{rest}\n");
            let error = Recording::read(Cursor::new(line), "run").unwrap_err().to_string();
            assert!(error.starts_with("run:2: ") && error.contains(problem), "{error}");
        }
        let digests = r#""TLS"},"at":1,"shown":{"handshake":{"done":{"version":"1.3","suite":"","chain":"trusted","sent":[{"certificate":["ab","cd"],"key":["",""]}]}}}}"#;
        let error = Recording::read(Cursor::new([BEGIN, digests].concat()), "run").unwrap_err();
        assert!(error.to_string().contains("`ab` is no digest"), "{error}");
    }
}
