//! Signing a request and verifying what comes back, message by message (RFC 8945).
//!
//! A transfer is one digest: each signature covers the one before it and every message since, so that
//! no message can be changed, left out or put in. What is digested are the octets as they came; the
//! record itself is found by its bounds.

use hickory_proto::rr::Name;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// The number of TSIG among the record types (RFC 8945 §4.2).
pub(super) const TSIG: u16 = 250;

/// The class of a TSIG record.
const ANY: u16 = 255;

/// How many seconds the clocks may differ, as RFC 8945 §10 recommends.
const FUDGE: u16 = 300;

/// How many messages may come without a signature between two with one (RFC 8945 §5.3.1).
const MAX_UNSIGNED: u8 = 99;

/// The ends of a header that are of interest: the ID, and the number of additional records.
const ID: std::ops::Range<usize> = 0..2;
const ADDITIONALS: std::ops::Range<usize> = 10..12;

/// Error numbers of the record (RFC 8945 §5.2 and §5.3.2).
const BADSIG: u16 = 16;
const BADKEY: u16 = 17;
const BADTIME: u16 = 18;
const BADTRUNC: u16 = 22;

/// What a key signs with (RFC 8945 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-1.
    Sha1,
    /// HMAC with SHA-224.
    Sha224,
    /// HMAC with SHA-256, which every server has.
    Sha256,
    /// HMAC with SHA-384.
    Sha384,
    /// HMAC with SHA-512.
    Sha512,
}

impl Algorithm {
    /// Every algorithm, by the length of its signature.
    pub const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its word, which is its name in DNS, too.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Sha1 => "hmac-sha1",
            Self::Sha224 => "hmac-sha224",
            Self::Sha256 => "hmac-sha256",
            Self::Sha384 => "hmac-sha384",
            Self::Sha512 => "hmac-sha512",
        }
    }

    /// The algorithm of a word, in any case and with the final dot or without.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text);
        Self::ALL.into_iter().find(|algorithm| algorithm.text().eq_ignore_ascii_case(text))
    }

    /// Its name on the wire, of one label.
    fn octets(self) -> Vec<u8> {
        let text = self.text().as_bytes();
        let length = u8::try_from(text.len()).unwrap_or_default();
        [&[length], text, &[0]].concat()
    }
}

/// A secret that a server shares with its clients.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub(super) name: Name,
    pub(super) algorithm: Algorithm,
    pub(super) secret: Vec<u8>,
}

impl Key {
    /// The name by which the server knows it.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// What it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Without the secret, which is to stand in no log.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, algorithm) = (self.name.to_ascii(), self.algorithm.text());
        f.debug_struct("Key")
            .field("name", &name)
            .field("algorithm", &algorithm)
            .finish_non_exhaustive()
    }
}

/// Says why a signed transfer is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TsigError {
    /// BADKEY: the server does not know the key, or not with this algorithm.
    #[error("the server does not know the key {key} with the algorithm {algorithm} (BADKEY)")]
    UnknownKey {
        /// Its name.
        key: String,
        /// The word of the algorithm.
        algorithm: &'static str,
    },
    /// BADSIG: the secret of the server is another one.
    #[error("the server has another secret for the key {key} (BADSIG)")]
    OtherSecret {
        /// The name of the key.
        key: String,
    },
    /// BADTIME, or the same found out here: the clocks differ by more than is allowed.
    #[error("the clock of the server is {} that of this machine (BADTIME)", apart(*.seconds))]
    Clock {
        /// By how many seconds the server is ahead.
        seconds: i64,
    },
    /// Another error of the server, by its number.
    #[error("the server refuses the signature with TSIG error {0}")]
    Other(u16),
    /// A response without a signature where there has to be one.
    #[error("message {message} has no signature where it needs one")]
    Unsigned {
        /// Which message it is, from 1.
        message: u64,
    },
    /// A signature by a key that is not ours.
    #[error("message {message} is signed with another key or algorithm")]
    OtherKey {
        /// Which message it is, from 1.
        message: u64,
    },
    /// A signature that is wrong: the message, or one before it, was changed on the way.
    #[error(
        "the signature of message {message} is wrong: what came was changed, or the secret is another one"
    )]
    Forged {
        /// Which message it is, from 1.
        message: u64,
    },
}

/// How far clocks are apart, in words.
fn apart(seconds: i64) -> String {
    let (ahead, behind) = ("ahead of", "behind");
    let side = if seconds < 0 { behind } else { ahead };
    format!("{} seconds {side}", seconds.unsigned_abs())
}

/// A TSIG record as it stands at the end of a message.
#[derive(Debug, Clone)]
pub(super) struct Signature<'a> {
    /// Where it begins in the message.
    pub(super) start: usize,
    pub(super) key: Name,
    algorithm: Name,
    time: u64,
    fudge: u16,
    mac: &'a [u8],
    original_id: [u8; 2],
    error: u16,
    other: &'a [u8],
}

impl<'a> Signature<'a> {
    /// Reads the RDATA of a record; None where it is cut or has too much.
    pub(super) fn read(start: usize, key: Name, rdata: &'a [u8]) -> Option<Self> {
        let (algorithm, rest) = split_name(rdata)?;
        let (time, rest) = rest.split_first_chunk()?;
        let (fudge, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (mac, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let (original_id, rest) = rest.split_first_chunk()?;
        let (error, rest) = rest.split_first_chunk()?;
        let (length, other) = rest.split_first_chunk()?;
        let is_whole = other.len() == usize::from(u16::from_be_bytes(*length));
        is_whole.then_some(Self {
            start,
            key,
            algorithm,
            time: seconds(time),
            fudge: u16::from_be_bytes(*fudge),
            mac,
            original_id: *original_id,
            error: u16::from_be_bytes(*error),
            other,
        })
    }

    /// The time of the server, which it tells where it refuses ours (RFC 8945 §5.2.3).
    fn server_time(&self) -> u64 {
        self.other.try_into().map_or(self.time, seconds)
    }
}

/// The time of a signature, of 48 bits.
fn seconds(&[a, b, c, d, e, f]: &[u8; 6]) -> u64 {
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

/// A name in front of octets, uncompressed as it has to be (RFC 8945 §4.2).
fn split_name(octets: &[u8]) -> Option<(Name, &[u8])> {
    let mut labels: Vec<&[u8]> = Vec::new();
    let mut rest = octets;
    loop {
        let (length, after) = rest.split_first()?;
        match usize::from(*length) {
            0 => return Some((Name::from_labels(labels).ok()?, after)),
            length @ 1..=63 => {
                let (label, after) = after.split_at_checked(length)?;
                labels.push(label);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// A digest under way.
#[derive(Clone)]
enum Running {
    Sha1(Hmac<Sha1>),
    Sha224(Hmac<Sha224>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

/// Does the same with whichever digest it is.
macro_rules! each {
    ($running:expr, $mac:ident => $do:expr) => {
        match $running {
            Running::Sha1($mac) => $do,
            Running::Sha224($mac) => $do,
            Running::Sha256($mac) => $do,
            Running::Sha384($mac) => $do,
            Running::Sha512($mac) => $do,
        }
    };
}

impl Running {
    fn begin(key: &Key) -> Self {
        /// HMAC takes keys of any length (RFC 2104 §2).
        fn keyed<M: KeyInit>(secret: &[u8]) -> M {
            M::new_from_slice(secret).expect("a key of any length will do")
        }
        let secret = &key.secret;
        match key.algorithm {
            Algorithm::Sha1 => Self::Sha1(keyed(secret)),
            Algorithm::Sha224 => Self::Sha224(keyed(secret)),
            Algorithm::Sha256 => Self::Sha256(keyed(secret)),
            Algorithm::Sha384 => Self::Sha384(keyed(secret)),
            Algorithm::Sha512 => Self::Sha512(keyed(secret)),
        }
    }

    fn take(&mut self, octets: &[u8]) {
        each!(self, mac => mac.update(octets));
    }

    fn finish(self) -> Vec<u8> {
        each!(self, mac => mac.finalize().into_bytes().to_vec())
    }

    /// Whether it comes to this signature, of full length; how far they agree takes no time that
    /// tells.
    fn is(self, mac: &[u8]) -> bool {
        each!(self, running => running.verify_slice(mac).is_ok())
    }
}

/// One request and the messages that respond to it.
pub(super) struct Session<'k> {
    key: &'k Key,
    /// What the next signature covers, so far.
    running: Running,
    /// How many messages came.
    messages: u64,
    /// How many of them came since the last signature.
    unsigned: u8,
}

impl<'k> Session<'k> {
    /// Signs a request, and begins to verify what it is answered with (RFC 8945 §5.1).
    pub(super) fn sign(key: &'k Key, request: &mut Vec<u8>, now: u64) -> Self {
        let timers = time_octets(now, FUDGE);
        let mut running = Running::begin(key);
        running.take(request);
        running.take(&variables(key, &timers, 0, &[]));
        let mac = running.finish();
        let length = u16::try_from(mac.len()).unwrap_or_default().to_be_bytes();
        let id: Vec<u8> = request[ID].to_vec();
        let rdata = [
            &key.algorithm.octets()[..],
            &timers,
            &length,
            &mac,
            &id,
            // No error, and no other data.
            &[0; 4],
        ]
        .concat();
        let (kind, class) = (TSIG.to_be_bytes(), ANY.to_be_bytes());
        let size = u16::try_from(rdata.len()).unwrap_or_default().to_be_bytes();
        request
            .extend([&name_octets(&key.name)[..], &kind, &class, &[0; 4], &size, &rdata].concat());
        add_additionals(request, 1);
        let mut session = Self { key, running: Running::begin(key), messages: 0, unsigned: 0 };
        session.begin_after(&mac);
        session
    }

    /// What follows a signature covers it (RFC 8945 §5.3 and §5.3.1).
    fn begin_after(&mut self, mac: &[u8]) {
        self.running = Running::begin(self.key);
        self.running.take(&u16::try_from(mac.len()).unwrap_or_default().to_be_bytes());
        self.running.take(mac);
        self.unsigned = 0;
    }

    /// Verifies the next message, or takes note of it where it has no signature.
    pub(super) fn take(
        &mut self,
        message: &[u8],
        signature: Option<&Signature<'_>>,
        now: u64,
    ) -> Result<(), TsigError> {
        self.messages += 1;
        let number = self.messages;
        let Some(signature) = signature else {
            self.unsigned += 1;
            if number == 1 || self.unsigned > MAX_UNSIGNED {
                return Err(TsigError::Unsigned { message: number });
            }
            self.running.take(message);
            return Ok(());
        };
        // A server that could not verify the request cannot sign what it says to it (RFC 8945 §5.3.2).
        let (key, algorithm) = (self.key.name.to_ascii(), self.key.algorithm.text());
        match signature.error {
            BADKEY => return Err(TsigError::UnknownKey { key, algorithm }),
            BADSIG => return Err(TsigError::OtherSecret { key }),
            _ => {}
        }
        let is_ours = signature.key == self.key.name
            && signature.algorithm.to_ascii().trim_end_matches('.').eq_ignore_ascii_case(algorithm);
        if !is_ours {
            return Err(TsigError::OtherKey { message: number });
        }
        self.running.take(&without(message, signature));
        let timers = time_octets(signature.time, signature.fudge);
        match number {
            1 => {
                let variables = variables(self.key, &timers, signature.error, signature.other);
                self.running.take(&variables);
            }
            _ => self.running.take(&timers),
        }
        if !self.running.clone().is(signature.mac) {
            return Err(TsigError::Forged { message: number });
        }
        self.begin_after(signature.mac);
        let server = signature.server_time();
        let is_late = server.abs_diff(now) > signature.fudge.into();
        match signature.error {
            0 if !is_late => Ok(()),
            0 | BADTIME => Err(TsigError::Clock { seconds: difference(server, now) }),
            BADTRUNC => Err(TsigError::Other(BADTRUNC)),
            other => Err(TsigError::Other(other)),
        }
    }

    /// Whether the last message was signed, as the last of all has to be (RFC 8945 §5.3.1).
    pub(super) fn settled(&self) -> Result<(), TsigError> {
        match self.unsigned {
            0 => Ok(()),
            _ => Err(TsigError::Unsigned { message: self.messages }),
        }
    }
}

fn difference(server: u64, now: u64) -> i64 {
    let seconds = i64::try_from(server.abs_diff(now)).unwrap_or(i64::MAX);
    if server < now { -seconds } else { seconds }
}

/// The time of a signature in 48 bits, and what clocks may differ by.
fn time_octets(time: u64, fudge: u16) -> [u8; 8] {
    let [_, _, a, b, c, d, e, f] = time.to_be_bytes();
    let [g, h] = fudge.to_be_bytes();
    [a, b, c, d, e, f, g, h]
}

/// What a signature covers beside the message (RFC 8945 §4.3.3).
fn variables(key: &Key, timers: &[u8; 8], error: u16, other: &[u8]) -> Vec<u8> {
    let class = ANY.to_be_bytes();
    let length = u16::try_from(other.len()).unwrap_or_default().to_be_bytes();
    let (name, algorithm) = (name_octets(&key.name), key.algorithm.octets());
    [&name[..], &class, &[0; 4], &algorithm, timers, &error.to_be_bytes(), &length, other].concat()
}

/// A name in lower case and uncompressed, as it is digested.
fn name_octets(name: &Name) -> Vec<u8> {
    let mut octets = Vec::with_capacity(name.len() + 1);
    for label in name {
        octets.push(u8::try_from(label.len()).unwrap_or_default());
        octets.extend(label.iter().map(u8::to_ascii_lowercase));
    }
    octets.push(0);
    octets
}

/// A message as it was before it was signed (RFC 8945 §5.2).
fn without(message: &[u8], signature: &Signature<'_>) -> Vec<u8> {
    let mut unsigned = message[..signature.start].to_vec();
    unsigned[ID].copy_from_slice(&signature.original_id);
    add_additionals(&mut unsigned, u16::MAX);
    unsigned
}

/// Changes the number of additional records; 65,535 more is one less.
fn add_additionals(message: &mut [u8], more: u16) {
    let count = u16::from_be_bytes([message[ADDITIONALS.start], message[ADDITIONALS.start + 1]]);
    message[ADDITIONALS].copy_from_slice(&count.wrapping_add(more).to_be_bytes());
}

/// A server that signs, for the tests of transfers.
#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Signs one message after the other.
    pub(in crate::lookup::transfer) struct Signer<'k> {
        key: &'k Key,
        prior: Vec<u8>,
        since: Vec<u8>,
        messages: usize,
    }

    impl<'k> Signer<'k> {
        /// Begins behind the request, whose signature stands in front of its last six octets.
        pub(in crate::lookup::transfer) fn new(key: &'k Key, request: &[u8]) -> Self {
            let end = request.len() - 6;
            let prior = request[end - 32..end].to_vec();
            Self { key, prior, since: Vec::new(), messages: 0 }
        }

        /// Sends a message without a signature.
        pub(in crate::lookup::transfer) fn pass(&mut self, message: &[u8]) -> Vec<u8> {
            self.messages += 1;
            self.since.extend(message);
            message.to_vec()
        }

        /// Sends a message with one.
        pub(in crate::lookup::transfer) fn sign(
            &mut self,
            message: &[u8],
            time: u64,
            error: u16,
            other: &[u8],
        ) -> Vec<u8> {
            self.messages += 1;
            let timers = time_octets(time, FUDGE);
            let mut running = Running::begin(self.key);
            running.take(&32_u16.to_be_bytes());
            running.take(&self.prior);
            running.take(&self.since);
            running.take(message);
            match self.messages {
                1 => running.take(&variables(self.key, &timers, error, other)),
                _ => running.take(&timers),
            }
            let mac = running.finish();
            let length = u16::try_from(other.len()).unwrap();
            let rdata = [
                &self.key.algorithm.octets()[..],
                &timers,
                &32_u16.to_be_bytes(),
                &mac,
                &message[ID],
                &error.to_be_bytes(),
                &length.to_be_bytes(),
                other,
            ]
            .concat();
            let mut signed = message.to_vec();
            signed.extend(name_octets(&self.key.name));
            signed.extend([TSIG.to_be_bytes(), ANY.to_be_bytes(), [0; 2], [0; 2]].concat());
            signed.extend(u16::try_from(rdata.len()).unwrap().to_be_bytes());
            signed.extend(rdata);
            add_additionals(&mut signed, 1);
            self.prior = mac;
            self.since.clear();
            signed
        }
    }
}
