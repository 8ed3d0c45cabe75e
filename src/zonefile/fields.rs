//! The RDATA of each type as a row of fields, which reading and writing share.
//!
//! To read and write one more type, add a row here; a field that no other type has is one more
//! variant of [`Field`] and an arm in `rdata` and in `write`. Numbers of types are those of IANA,
//! as in `types`.

/// One field of RDATA: how it stands in presentation form and on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// A domain name, uncompressed.
    Name,
    /// A number of one octet.
    U8,
    /// A number of two octets.
    U16,
    /// A number of four octets.
    U32,
    /// A number of four octets that may be written with time units.
    Period,
    /// A point in time (RFC 4034 §3.2).
    Time,
    /// A type mnemonic.
    Type,
    /// A DNSSEC algorithm, by number or mnemonic.
    Algorithm,
    /// A digest type of DS, by number or mnemonic.
    DigestType,
    /// A certificate type, by number or mnemonic (RFC 4398 §2.1).
    CertType,
    /// An IPv4 address in four decimal numbers.
    V4,
    /// An IPv6 address.
    V6,
    /// A character-string.
    String,
    /// A character-string that may be missing.
    OptionalString,
    /// One character-string or more.
    Strings,
    /// A text without a length that takes the rest, none allowed to be empty.
    Text,
    /// The same, which may be empty.
    AnyText,
    /// A CAA property tag (RFC 8659 §4.1).
    Tag,
    /// Hexadecimal digits to the end.
    Hex,
    /// Base64 digits to the end.
    Base64,
    /// Base64 digits to the end, of which there may be none.
    OptionalBase64,
    /// A salt with its length, `-` for none (RFC 5155 §3.3).
    Salt,
    /// A hashed owner name with its length (RFC 5155 §3.3).
    Hash,
    /// A type bit map of one type at least (RFC 4034 §4.1.2).
    Types,
    /// A type bit map that may be empty.
    AnyTypes,
    /// The whole of LOC (RFC 1876).
    Location,
    /// The protocol and the services of WKS (RFC 1035 §3.4.2).
    Services,
    /// Service parameters (RFC 9460 §2.1).
    Parameters,
    /// Octets joined by hyphens (RFC 7043).
    Eui(usize),
    /// Four groups of hexadecimal digits (RFC 6742 §2.1.2).
    Locator,
}

use Field::{
    Algorithm, AnyText, AnyTypes, Base64, CertType, DigestType, Eui, Hash, Hex, Location, Locator,
    Name, OptionalBase64, OptionalString, Parameters, Period, Salt, Services, String, Strings, Tag,
    Text, Time, Type, Types, U8, U16, U32, V4, V6,
};

/// A field with the name its RFC gives it.
pub(super) type Row = &'static [(&'static str, Field)];

/// Returns the fields of a type; none for a type that is read in generic form alone.
pub(super) fn fields(code: u16) -> Option<Row> {
    plain_fields(code).or_else(|| security_fields(code))
}

/// The types that carry names, addresses and texts.
fn plain_fields(code: u16) -> Option<Row> {
    let row: Row = match code {
        1 => &[("address", V4)],
        2 | 5 | 12 | 39 => &[("target", Name)],
        7..=9 => &[("mailbox", Name)],
        23 => &[("target", Name)],
        6 => &[
            ("primary server", Name),
            ("mailbox", Name),
            ("serial", U32),
            ("refresh", Period),
            ("retry", Period),
            ("expire", Period),
            ("minimum", Period),
        ],
        11 => &[("address", V4), ("services", Services)],
        13 => &[("CPU", String), ("OS", String)],
        14 | 17 => &[("mailbox", Name), ("second name", Name)],
        58 => &[("previous name", Name), ("next name", Name)],
        15 | 21 | 36 | 107 => &[("preference", U16), ("exchange", Name)],
        16 | 56 | 99 | 258 | 261 | 262 => &[("text", Strings)],
        18 => &[("subtype", U16), ("host name", Name)],
        19 => &[("address", String)],
        20 => &[("address", String), ("subaddress", OptionalString)],
        26 => &[("preference", U16), ("RFC 822 name", Name), ("X.400 name", Name)],
        27 => &[("longitude", String), ("latitude", String), ("altitude", String)],
        28 => &[("address", V6)],
        29 => &[("location", Location)],
        33 => &[("priority", U16), ("weight", U16), ("port", U16), ("target", Name)],
        35 => &[
            ("order", U16),
            ("preference", U16),
            ("flags", String),
            ("services", String),
            ("regexp", String),
            ("replacement", Name),
        ],
        64 | 65 => &[("priority", U16), ("target", Name), ("parameters", Parameters)],
        104 | 106 => &[("preference", U16), ("locator", Locator)],
        105 => &[("preference", U16), ("locator", V4)],
        108 => &[("address", Eui(6))],
        109 => &[("address", Eui(8))],
        256 => &[("priority", U16), ("weight", U16), ("target", Text)],
        257 => &[("flags", U8), ("tag", Tag), ("value", AnyText)],
        _ => return None,
    };
    Some(row)
}

/// The types of DNSSEC and those that carry keys, certificates and digests.
fn security_fields(code: u16) -> Option<Row> {
    let row: Row = match code {
        24 | 46 => &[
            ("type covered", Type),
            ("algorithm", Algorithm),
            ("labels", U8),
            ("original TTL", U32),
            ("expiration", Time),
            ("inception", Time),
            ("key tag", U16),
            ("signer's name", Name),
            ("signature", Base64),
        ],
        25 => &[
            ("flags", U16),
            ("protocol", U8),
            ("algorithm", Algorithm),
            ("public key", OptionalBase64),
        ],
        48 | 57 | 60 => {
            &[("flags", U16), ("protocol", U8), ("algorithm", Algorithm), ("public key", Base64)]
        }
        37 => &[
            ("certificate type", CertType),
            ("key tag", U16),
            ("algorithm", Algorithm),
            ("certificate", Base64),
        ],
        43 | 59 | 32768 | 32769 => &[
            ("key tag", U16),
            ("algorithm", Algorithm),
            ("digest type", DigestType),
            ("digest", Hex),
        ],
        44 => &[("algorithm", U8), ("fingerprint type", U8), ("fingerprint", Hex)],
        47 => &[("next name", Name), ("types", Types)],
        49 | 61 => &[("data", Base64)],
        50 => &[
            ("hash algorithm", U8),
            ("flags", U8),
            ("iterations", U16),
            ("salt", Salt),
            ("next hashed name", Hash),
            ("types", AnyTypes),
        ],
        51 => &[("hash algorithm", U8), ("flags", U8), ("iterations", U16), ("salt", Salt)],
        52 | 53 => {
            &[("usage", U8), ("selector", U8), ("matching type", U8), ("association data", Hex)]
        }
        62 => &[("serial", U32), ("flags", U16), ("types", AnyTypes)],
        63 => &[("serial", U32), ("scheme", U8), ("hash algorithm", U8), ("digest", Hex)],
        _ => return None,
    };
    Some(row)
}

/// The mnemonics of DNSSEC algorithms (IANA, "DNS Security Algorithm Numbers").
pub(super) const ALGORITHMS: &[(&str, u8)] = &[
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("RSASHA1", 5),
    ("NSEC3DSA", 6),
    ("DSA-NSEC3-SHA1", 6),
    ("NSEC3RSASHA1", 7),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECC-GOST", 12),
    ("ECCGOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ECDSA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

/// The mnemonics of DS digest types.
pub(super) const DIGESTS: &[(&str, u8)] = &[
    ("SHA1", 1),
    ("SHA-1", 1),
    ("SHA256", 2),
    ("SHA-256", 2),
    ("GOST", 3),
    ("SHA384", 4),
    ("SHA-384", 4),
];

/// The mnemonics of certificate types (RFC 4398 §2.1).
pub(super) const CERT_TYPES: &[(&str, u8)] = &[
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// The services that a WKS record may name rather than number.
pub(super) const SERVICES: &[(&str, u8)] = &[
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("http", 80),
    ("pop3", 110),
    ("nntp", 119),
    ("ntp", 123),
    ("imap2", 143),
    ("snmp", 161),
];

/// The digest length a type and its digest type demand, where one is set: DS, CDS and SSHFP.
pub(super) fn digest_length(code: u16, digest_type: u8) -> Option<usize> {
    match (code, digest_type) {
        (43 | 59 | 44 | 32768 | 32769, 1) => Some(20),
        (43 | 59 | 44 | 32768 | 32769, 2) | (43 | 59 | 32768 | 32769, 3) => Some(32),
        (43 | 59 | 32768 | 32769, 4) => Some(48),
        _ => None,
    }
}
