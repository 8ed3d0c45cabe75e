//! The keys that validation begins with.

use std::sync::Arc;

use hickory_proto::dnssec::{Algorithm, PublicKeyBuf, TrustAnchors};
use hickory_proto::rr::{LowerName, RecordType};

use crate::zonefile::{Entry, Scanner, wire};

/// The keys that are trusted from the start (RFC 4033 §2).
#[derive(Clone)]
pub struct Anchors(Arc<TrustAnchors>);

/// Says why a file holds no keys to trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// It is no master file.
    #[error("line {line}: {problem}")]
    Syntax {
        /// From 1.
        line: u64,
        /// What is wrong there.
        problem: String,
    },
    /// A record is something else than a key.
    #[error("line {line}: a trust anchor is a DNSKEY record, as in `. IN DNSKEY 257 3 13 …`")]
    NoKey {
        /// From 1.
        line: u64,
    },
    /// There is no record in it.
    #[error("there is no DNSKEY record in it")]
    Empty,
}

impl Anchors {
    /// The keys of the root zone that IANA publishes: 20326 (in use since 2018) and 38696 (published
    /// in 2024), as <https://data.iana.org/root-anchors/root-anchors.xml> has them.
    pub fn iana() -> Self {
        Self(Arc::new(TrustAnchors::default()))
    }

    /// Reads DNSKEY records in master-file form, of any zones; IANA's are not among them.
    ///
    /// # Errors
    ///
    /// There is something else in it, or nothing.
    pub fn read(text: &str) -> Result<Self, AnchorError> {
        let mut keys = TrustAnchors::empty();
        let mut count = 0;
        // The files of keys that tools write have no TTL.
        let text = format!("$TTL 0\n{text}");
        for entry in Scanner::new(text.as_bytes(), "", None) {
            let entry = entry.map_err(|error| AnchorError::Syntax {
                line: error.position.line.saturating_sub(1),
                problem: error.kind.to_string(),
            })?;
            let Entry { record, position } = entry;
            let octets = wire(&record.data).unwrap_or_default();
            let (RecordType::DNSKEY, [_, _, _, algorithm, key @ ..]) =
                (record.data.record_type(), octets.as_slice())
            else {
                return Err(AnchorError::NoKey { line: position.line.saturating_sub(1) });
            };
            let key = PublicKeyBuf::new(key.to_vec(), Algorithm::from_u8(*algorithm));
            keys.insert_with_name(&key, LowerName::new(&record.owner));
            count += 1;
        }
        if count == 0 { Err(AnchorError::Empty) } else { Ok(Self(Arc::new(keys))) }
    }

    pub(super) fn into_keys(self) -> Arc<TrustAnchors> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(text: &str, message: &str) {
        let error = Anchors::read(text).map(|_anchors| ()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn keys_are_read_and_nothing_else() {
        let key = "; of a tool\n. IN DNSKEY 257 3 13 AQID\n";
        let keys = Anchors::read(key).unwrap().into_keys();
        assert_eq!(keys.len(), 1);
        let wanted = "line 2: a trust anchor is a DNSKEY record, as in `. IN DNSKEY 257 3 13 …`";
        refuses(&key.replace("DNSKEY 257 3 13 AQID", "A 192.0.2.1"), wanted);
        refuses("", "there is no DNSKEY record in it");
    }
}
