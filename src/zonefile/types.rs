//! Record types by name and number (IANA, "Resource Record (RR) TYPEs").

use hickory_proto::rr::RecordType;

/// Every type with a mnemonic, in the order of its number.
const TYPES: &[(u16, &str)] = &[
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (7, "MB"),
    (8, "MG"),
    (9, "MR"),
    (10, "NULL"),
    (11, "WKS"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (19, "X25"),
    (20, "ISDN"),
    (21, "RT"),
    (22, "NSAP"),
    (23, "NSAP-PTR"),
    (24, "SIG"),
    (25, "KEY"),
    (26, "PX"),
    (27, "GPOS"),
    (28, "AAAA"),
    (29, "LOC"),
    (30, "NXT"),
    (31, "EID"),
    (32, "NIMLOC"),
    (33, "SRV"),
    (34, "ATMA"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (38, "A6"),
    (39, "DNAME"),
    (40, "SINK"),
    (42, "APL"),
    (43, "DS"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (49, "DHCID"),
    (50, "NSEC3"),
    (51, "NSEC3PARAM"),
    (52, "TLSA"),
    (53, "SMIMEA"),
    (55, "HIP"),
    (56, "NINFO"),
    (57, "RKEY"),
    (58, "TALINK"),
    (59, "CDS"),
    (60, "CDNSKEY"),
    (61, "OPENPGPKEY"),
    (62, "CSYNC"),
    (63, "ZONEMD"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (104, "NID"),
    (105, "L32"),
    (106, "L64"),
    (107, "LP"),
    (108, "EUI48"),
    (109, "EUI64"),
    (256, "URI"),
    (257, "CAA"),
    (258, "AVC"),
    (259, "DOA"),
    (260, "AMTRELAY"),
    (261, "RESINFO"),
    (262, "WALLET"),
    (32768, "TA"),
    (32769, "DLV"),
];

/// Types of queries and messages, and two that are obsolete: zones hold none (RFC 6895 §3.1).
const META_TYPES: &[(u16, &str)] = &[
    (3, "MD"),
    (4, "MF"),
    (41, "OPT"),
    (128, "NXNAME"),
    (249, "TKEY"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (253, "MAILB"),
    (254, "MAILA"),
    (255, "ANY"),
];

/// Names a record type: its mnemonic, or `TYPEn` where it has none (RFC 3597 §5).
///
/// ```
/// use hickory_proto::rr::RecordType;
/// use mailsrv::zonefile::{parse_type, type_name};
///
/// assert_eq!(type_name(RecordType::Unknown(65400)), "TYPE65400");
/// assert_eq!(parse_type("srv"), Some(RecordType::SRV));
/// assert_eq!(parse_type("ANY"), None);
/// ```
pub fn type_name(rtype: RecordType) -> String {
    code_name(rtype.into())
}

/// Reads what [`type_name`] writes; None for what no zone holds (RFC 6895 §3.1).
pub fn parse_type(text: &str) -> Option<RecordType> {
    type_code(text.as_bytes()).filter(|code| !is_meta(*code)).map(RecordType::from)
}

/// Names a type by its number.
pub(super) fn code_name(code: u16) -> String {
    mnemonic(code).map_or_else(|| format!("TYPE{code}"), str::to_owned)
}

/// The name of a type, where IANA has given one.
fn mnemonic(code: u16) -> Option<&'static str> {
    let known = TYPES.binary_search_by_key(&code, |(number, _)| *number);
    known.ok().and_then(|index| TYPES.get(index)).map(|(_, name)| *name)
}

/// Reads a mnemonic or `TYPEn`, in any case.
pub(super) fn type_code(text: &[u8]) -> Option<u16> {
    // The types of which large zones consist, ahead of the search.
    let common = match text {
        b"A" => 1,
        b"NS" => 2,
        b"CNAME" => 5,
        b"MX" => 15,
        b"TXT" => 16,
        b"AAAA" => 28,
        b"SRV" => 33,
        b"RRSIG" => 46,
        b"NSEC3" => 50,
        _ => 0,
    };
    if common != 0 {
        return Some(common);
    }
    let same = |name: &str| name.as_bytes().eq_ignore_ascii_case(text);
    if let Some((code, _)) = TYPES.iter().chain(META_TYPES).find(|(_, name)| same(name)) {
        return Some(*code);
    }
    let (prefix, digits) = text.split_at_checked(4)?;
    (prefix.eq_ignore_ascii_case(b"TYPE")).then(|| decimal(digits)).flatten()
}

/// Says whether a type belongs to queries and messages alone (RFC 6895 §3.1), or to no one.
pub(super) fn is_meta(code: u16) -> bool {
    code == 0 || (128..=255).contains(&code) || META_TYPES.iter().any(|(meta, _)| *meta == code)
}

/// Reads a class mnemonic or `CLASSn`.
pub(super) fn class_code(text: &[u8]) -> Option<u16> {
    let known: &[(&[u8], u16)] =
        &[(b"IN", 1), (b"CH", 3), (b"CHAOS", 3), (b"HS", 4), (b"NONE", 254), (b"ANY", 255)];
    if let Some((_, code)) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Some(*code);
    }
    let (prefix, digits) = text.split_at_checked(5)?;
    (prefix.eq_ignore_ascii_case(b"CLASS")).then(|| decimal(digits)).flatten()
}

/// Digits alone: a sign is none.
fn decimal(digits: &[u8]) -> Option<u16> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_type_reads_back() {
        assert!(TYPES.is_sorted_by_key(|(code, _)| *code));
        for code in 0..=u16::MAX {
            assert_eq!(type_code(code_name(code).as_bytes()), Some(code));
        }
        assert_eq!(type_name(RecordType::SRV), "SRV");
        assert_eq!(type_name(RecordType::Unknown(65400)), "TYPE65400");
        assert_eq!(parse_type("TYPE65400"), Some(RecordType::Unknown(65400)));
        assert_eq!(parse_type("caa"), Some(RecordType::CAA));
        for meta in ["ANY", "MD", "AXFR", "TYPE0", "TYPE200"] {
            assert_eq!(parse_type(meta), None, "{meta}");
        }
        assert_eq!(type_code(b"type1"), Some(1));
        assert_eq!(type_code(b"TYPE65536"), None);
        assert_eq!(type_code(b"TYPE+1"), None);
        assert_eq!(class_code(b"class1"), Some(1));
    }
}
