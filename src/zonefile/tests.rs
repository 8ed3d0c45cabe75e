//! Master files in, records or errors out.

use std::io::{self, BufRead};

use hickory_proto::rr::rdata::svcb::{Alpn, IpHint, SvcParamKey, SvcParamValue};
use hickory_proto::rr::rdata::{A, CNAME, HTTPS, MX, NULL, SOA, SRV, SVCB, TXT};
use hickory_proto::rr::{Name, RData, RecordType};

use super::{Scanner, character_string, rdata, record, record_without_ttl};
use crate::rrset::ResourceRecord;

mod borders;
mod entries;
mod plain;
#[cfg(feature = "net")]
mod wire;

const SOA_LINE: &str = "@ SOA ns hm 1 2 3 4 5\n";
const SOA_TEXT: &str = "example.com. 60 IN SOA ns.example.com. hm.example.com. 1 2 3 4 5";

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

fn lines_of<R: BufRead>(scanner: Scanner<R>) -> Vec<String> {
    scanner
        .map(|entry| match entry {
            Ok(entry) => record(&entry.record),
            Err(error) => format!("!{error}"),
        })
        .collect()
}

/// Scans with origin `example.com.`; an expectation that begins with `!` is part of an error.
#[track_caller]
fn check(zone: impl AsRef<[u8]>, expected: &[&str]) {
    let got = lines_of(Scanner::new(zone.as_ref(), "z", Some(name("example.com"))));
    assert_eq!(got.len(), expected.len(), "{got:#?}");
    for (got, expected) in got.iter().zip(expected) {
        match expected.strip_prefix('!') {
            Some(part) => assert!(got.starts_with('!') && got.contains(part), "{got} / {part}"),
            None => assert_eq!(got, expected),
        }
    }
}

/// Scans one record below `$TTL 60` and compares what stands behind the class.
#[track_caller]
fn check_rdata(line: &str, expected: &str) {
    let zone = format!("$TTL 60\nh {line}\n");
    if expected.starts_with('!') {
        check(zone, &[expected]);
    } else {
        check(&zone, &[&format!("h.example.com. 60 IN {expected}")]);
        check(format!("h 60 {expected}\n"), &[&format!("h.example.com. 60 IN {expected}")]);
    }
}

#[track_caller]
fn check_written(data: &RData, expected: &str) {
    assert_eq!(rdata(data), expected);
}

#[test]
fn records_the_codec_prints_wrongly_are_written_as_zone_text() {
    let imap = name("imap.example.net");
    // SRV and its kin: owner name, TTL, class, type and RDATA with single blanks.
    let data = RData::SRV(SRV::new(0, 1, 993, imap.clone()));
    let whole = ResourceRecord { owner: name("_imaps._tcp.example.com"), ttl: 3600, data };
    assert_eq!(record(&whole), "_imaps._tcp.example.com. 3600 IN SRV 0 1 993 imap.example.net.");
    check_written(&RData::CNAME(CNAME(imap.clone())), "imap.example.net.");
    check_written(&RData::MX(MX::new(10, imap)), "10 imap.example.net.");
    check_rdata("TLSA 3 1 1 aB cD", "TLSA 3 1 1 ABCD");
    check_rdata("CAA 128 issue ca.test", "CAA 128 issue \"ca.test\"");
    check_rdata("NAPTR 1 2 s SIP+D2U \"\" a", "NAPTR 1 2 \"s\" \"SIP+D2U\" \"\" a.example.com.");
    // Null target.
    check_written(&RData::SRV(SRV::new(0, 0, 0, Name::root())), "0 0 0 .");
    // TXT: quotes, escapes, and several strings kept apart.
    check_written(&RData::TXT(TXT::new(vec!["v=spf1 mx -all".into()])), "\"v=spf1 mx -all\"");
    let strings = vec!["a;b \"q\" \\ back".to_owned(), "second é".to_owned()];
    let text = r#""a;b \"q\" \\ back" "second \195\169""#;
    check_written(&RData::TXT(TXT::new(strings)), text);
    let split = format!("\"{}\" \"{}\"", "a".repeat(255), "a".repeat(45));
    check_written(&RData::TXT(TXT::new(vec!["a".repeat(300)])), &split);
    // HTTPS and SVCB: no trailing commas.
    let parameters = vec![
        (SvcParamKey::Alpn, SvcParamValue::Alpn(Alpn(vec!["h2".into(), "h3".into()]))),
        (SvcParamKey::Port, SvcParamValue::Port(443)),
        (SvcParamKey::Ipv4Hint, SvcParamValue::Ipv4Hint(IpHint(vec![A::new(192, 0, 2, 1)]))),
    ];
    let https = RData::HTTPS(HTTPS(SVCB::new(1, Name::root(), parameters)));
    check_written(&https, "1 . alpn=\"h2,h3\" port=443 ipv4hint=192.0.2.1");
    // Unknown type: the form of RFC 3597.
    let unknown = |octets: Vec<u8>| RData::Unknown {
        code: RecordType::Unknown(65400),
        rdata: if octets.is_empty() { NULL::new() } else { NULL::with(octets) },
    };
    let owner = name("a.example");
    let whole = ResourceRecord { owner, ttl: 1, data: unknown(vec![1, 2, 8]) };
    assert_eq!(record(&whole), "a.example. 1 IN TYPE65400 \\# 3 010208");
    assert_eq!(record_without_ttl(&whole), "a.example. IN TYPE65400 \\# 3 010208");
    check_written(&unknown(Vec::new()), "\\# 0");
    // IDN owner: A-labels stay A-labels.
    check("xn--mnchen-3ya.de. 1 A 192.0.2.1", &["xn--mnchen-3ya.de. 1 IN A 192.0.2.1"]);
    // Special bytes: decimal escapes, in names and in strings.
    let owner = Name::from_labels([&b"a b\0\xc8;\"(@$\\"[..], b"x"]).unwrap();
    let data = RData::TXT(TXT::from_bytes(vec![&b"\0\xc8 "[..]]));
    let text = "a\\032b\\000\\200\\;\\\"\\(\\@\\$\\\\.x. 1 IN TXT \"\\000\\200 \"";
    let whole = ResourceRecord { owner, ttl: 1, data };
    assert_eq!(record(&whole), text);
    check(text, &[text]);
    // Relative name: written absolute, read as absolute.
    check_written(&RData::CNAME(CNAME(Name::from_ascii("ExAmple.COM").unwrap())), "ExAmple.COM.");
    assert_eq!(character_string(b"a\"\\\x7f"), r#""a\"\\\127""#);
}

/// RDATA that the codec reads wrongly or not at all, and what it is.
const READ: [(&str, &str); 20] = [
    // \DDD is decimal.
    ("TXT \"a\\065b\"", "TXT \"aAb\""),
    // a\;b without quotes.
    ("TXT a\\;b", "TXT \"a;b\""),
    // @ in RDATA.
    ("CNAME @", "CNAME example.com."),
    ("MX 10 @", "MX 10 example.com."),
    // TYPE65400 \#, CLASS1, A \# 4.
    ("CLASS1 TYPE65400 \\# 3 aa bbc c", "TYPE65400 \\# 3 AABBCC"),
    ("A \\# 4 c0000201", "A 192.0.2.1"),
    ("TYPE1 \\# 4 c0000201", "A 192.0.2.1"),
    ("TYPE65400 \\# 0", "TYPE65400 \\# 0"),
    // RRSIG, NSEC, NSEC3, DNSKEY: signed zones load.
    (
        "RRSIG A RSASHA256 3 3600 20260101000000 1767225600 7 @ AQ ID",
        "RRSIG A 8 3 3600 20260101000000 20260101000000 7 example.com. AQID",
    ),
    ("NSEC a RRSIG TYPE65400 A", "NSEC a.example.com. A RRSIG TYPE65400"),
    ("NSEC3 1 0 10 - co A NS", "NSEC3 1 0 10 - CO A NS"),
    ("NSEC3 1 0 10 aabb CPNMU", "NSEC3 1 0 10 AABB CPNMU"),
    ("NSEC3PARAM 1 0 0 -", "NSEC3PARAM 1 0 0 -"),
    ("DNSKEY 257 3 ED25519 ( AQ\n ID )", "DNSKEY 257 3 15 AQID"),
    // DNAME, LOC, SPF, WKS.
    ("DNAME b", "DNAME b.example.com."),
    (
        "LOC 42 21 54 N 71 06 18 W -24m 30m",
        "LOC 42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m",
    ),
    ("LOC 1 S 2 E 3.5", "LOC 1 0 0.000 S 2 0 0.000 E 3.50m 1.00m 10000.00m 10.00m"),
    ("SPF v=spf1", "SPF \"v=spf1\""),
    ("WKS 192.0.2.1 tcp smtp 80", "WKS 192.0.2.1 6 25 80"),
    // An extra token.
    ("SRV 0 1 993 a b", "!z:2:17: `b` is one token too many for SRV"),
];

#[test]
fn zones_the_codec_reads_wrongly_are_read_right() {
    for (line, expected) in READ {
        check_rdata(line, expected);
    }
    // $ORIGIN sub (relative).
    let relative = "$ORIGIN sub\na 1 A 192.0.2.1\n";
    check(relative, &["a.sub.example.com. 1 IN A 192.0.2.1"]);
    // The usual DKIM layout.
    let dkim = "k 1 TXT ( \"v=DKIM1; k=rsa; \" ; comment )\n \"p=abc\" )\n";
    check(dkim, &["k.example.com. 1 IN TXT \"v=DKIM1; k=rsa; \" \"p=abc\""]);
    // SOA whose parenthesis touches the name.
    let soa = "@ 60 SOA ns. hm.(1 2 3 4 5)\n";
    check(soa, &["example.com. 60 IN SOA ns. hm. 1 2 3 4 5"]);
    // $GENERATE, lower-case $ttl, BOM, quoted owner.
    check(
        "$GENERATE 1-3/2 h$ 5 IN MX \"10 m${10,3,d}\"\n",
        &[
            "h1.example.com. 5 IN MX 10 m011.example.com.",
            "h3.example.com. 5 IN MX 10 m013.example.com.",
        ],
    );
    check("$ttl 1h\na A 192.0.2.1\n", &["a.example.com. 3600 IN A 192.0.2.1"]);
    check("\u{feff}a 1 A 192.0.2.1", &["a.example.com. 1 IN A 192.0.2.1"]);
    check("\"a b\" 1 A 192.0.2.1", &["a\\032b.example.com. 1 IN A 192.0.2.1"]);
    // Owners outside the zone and CNAME with other data are for the zone.
    let outside = format!("$TTL 60\n{SOA_LINE}a.example.net. A 192.0.2.1\n");
    check(outside, &[SOA_TEXT, "a.example.net. 60 IN A 192.0.2.1"]);
    let both = "c 1 CNAME a\nc 1 CNAME b\nc 1 A 192.0.2.1\n";
    check(
        both,
        &[
            "c.example.com. 1 IN CNAME a.example.com.",
            "c.example.com. 1 IN CNAME b.example.com.",
            "c.example.com. 1 IN A 192.0.2.1",
        ],
    );
    // Class ANY, a relative owner before $ORIGIN, the origin after $INCLUDE (below).
    check("a 1 ANY A 192.0.2.1", &["!class `ANY` is not read"]);
    check("a 1 CH A 192.0.2.1", &["!class `CH` is not read"]);
    let unrooted =
        lines_of(Scanner::new(&b"a 1 A 192.0.2.1\n$ORIGIN b.\na 1 A 192.0.2.1"[..], "z", None));
    assert_eq!(
        unrooted[0],
        "!z:1:1: `a` is relative and no origin is known; add the final dot or an $ORIGIN line"
    );
    assert_eq!(unrooted[1], "a.b. 1 IN A 192.0.2.1");
    // $INCLUDE opens nothing unless allowed.
    check(
        "$INCLUDE /etc/passwd\n",
        &["!z:1:10: $INCLUDE `/etc/passwd` is refused: including files is"],
    );
    // Errors have line and column, and reading goes on.
    check(
        "a 1 A 192.0.2.1\nb 1 A 192.0.2.256\n  \nc 1 A 192.0.2.3",
        &[
            "a.example.com. 1 IN A 192.0.2.1",
            "!z:2:7: `192.0.2.256` is not fit to be the address of A; wanted is an IPv4",
            "c.example.com. 1 IN A 192.0.2.3",
        ],
    );
}

#[test]
fn included_files_leave_origin_and_owner_as_they_were() {
    let opener = |path: &str| -> io::Result<Box<dyn BufRead + Send>> {
        match path {
            "sub" => Ok(Box::new(&b"$TTL 9\n@ A 192.0.2.1\n$ORIGIN x.\ny A 192.0.2.2\n bad\n"[..])),
            "loop" => Ok(Box::new(&b"$INCLUDE loop\n"[..])),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    };
    let zone =
        &b"a 1 A 192.0.2.9\n$INCLUDE sub sub\n TXT a\n$include none\n$INCLUDE loop\nb A 192.0.2.8"
            [..];
    let got = lines_of(Scanner::new(zone, "z", Some(name("example.com"))).with_includes(opener));
    let expected = [
        "a.example.com. 1 IN A 192.0.2.9",
        "sub.example.com. 9 IN A 192.0.2.1",
        "y.x. 9 IN A 192.0.2.2",
        "!sub:5:2: `bad` is no record type",
        "a.example.com. 9 IN TXT \"a\"",
        "!z:4:10: $INCLUDE `none` cannot be opened: entity not found",
        "!loop:1:10: $INCLUDE `loop` is refused: files are included more than 8 deep",
        "b.example.com. 9 IN A 192.0.2.8",
    ];
    assert_eq!(got, expected);
}

#[test]
fn owner_ttl_and_class_come_in_any_order_and_are_inherited() {
    let a = "A 192.0.2.1";
    let one = "a.example.com. 5400 IN A 192.0.2.1";
    for line in ["a 1h30m IN A 192.0.2.1", "a IN 5400 A 192.0.2.1", "a 5400 in a 192.0.2.1"] {
        check(line, &[one]);
    }
    check(format!("a 7 {a}\n {a}\n\t{a}"), &["a.example.com. 7 IN A 192.0.2.1"; 3]);
    check(
        format!("a 7 {a}\nb {a}"),
        &["a.example.com. 7 IN A 192.0.2.1", "b.example.com. 7 IN A 192.0.2.1"],
    );
    check(
        format!("{SOA_LINE}a {a}"),
        &[&SOA_TEXT.replace(" 60 ", " 5 "), "a.example.com. 5 IN A 192.0.2.1"],
    );
    check(format!("a {a}"), &["!z:1:3: no TTL is known"]);
    check(format!(" {a}"), &["!z:1:2: the line begins with a blank"]);
    check(
        format!("a. 1 {a}\n\\@ 1 {a}"),
        &["a. 1 IN A 192.0.2.1", "\\@.example.com. 1 IN A 192.0.2.1"],
    );
    check("a 1", &["!the record type is missing"]);
    check("a 2147483648 A 192.0.2.1", &["!z:1:3: the TTL `2147483648` is over 2147483647"]);
    check("a \"1\" A 192.0.2.1", &["!`1` is no record type"]);
    check("a 1 IXFR", &["!`IXFR` is a type for queries"]);
}

#[test]
fn what_leans_on_an_unread_line_is_not_misread() {
    check("a..b 1 A 192.0.2.1\n 1 A 192.0.2.2", &["!has an empty label", "!the owner name above"]);
    check("a 1 A x\n 1 A 192.0.2.2", &["!`x` is not fit", "a.example.com. 1 IN A 192.0.2.2"]);
    check("a \"x\n 1 A 192.0.2.2", &["!quoted string", "a.example.com. 1 IN A 192.0.2.2"]);
    check("$ORIGIN ..\nb 1 A 192.0.2.2", &["!empty label", "!`b` is relative, and the $ORIGIN"]);
    check("$TTL x\nb A 192.0.2.2", &["!`x` is not fit to be the TTL of $TTL", "!the $TTL above"]);
    check(
        "$foo 1 A 192.0.2.2\n 1 A 192.0.2.2",
        &["!`$foo` is no directive", "!the owner name above"],
    );
    check("$TTL 1 2", &["!z:1:8: `2` is one token too many for $TTL"]);
    check("$ORIGIN", &["!the origin of the $ORIGIN is missing"]);
    check("$GENERATE 1-2 a$ 1 A x$", &["!`x1` is not fit"]);
    check("$GENERATE 0-65536 a$ 1 A x", &["!makes 65537 records, and at most 65536"]);
}

#[test]
fn fields_are_checked_against_their_limits() {
    check_rdata("SRV 0 1 99300 a", "!`99300` is over 65535, the limit of the port of SRV");
    check_rdata("SRV 0 1 993", "!z:2:14: the target of the SRV is missing");
    check_rdata("SRV 0 1 imaps a", "!`imaps` is not fit to be the port of SRV; wanted is a number");
    check_rdata("MX 10 a..b", "!`a..b` has an empty label");
    check_rdata("MX 10 \"a\"", "!wanted is a token without quotes");
    check_rdata("A 010.0.0.1", "!an IPv4 address of four decimal numbers");
    check_rdata("AAAA 2001:DB8::1", "AAAA 2001:db8::1");
    check_rdata("AAAA 192.0.2.1", "!an IPv6 address");
    check_rdata("TXT", "!the text of the TXT is missing");
    check_rdata("TXT \"\"", "TXT \"\"");
    check_rdata("TXT a\\256", "!`a\\256` has a bad escape");
    check_rdata("TXT a\\1", "!`a\\1` has a bad escape");
    check_rdata(&format!("TXT {}", "a".repeat(256)), "!is a string of 256 octets");
    check_rdata(&format!("NS {}.", "a".repeat(64)), "!more than 63 octets");
    check_rdata(&format!("NS {}", "a.".repeat(127)), &format!("NS {}", "a.".repeat(127)));
    check_rdata(&format!("NS {}", "a.".repeat(128)), "!more than 255 octets");
    check_rdata("TXT \\# 0", "!the octets behind \\# are no TXT RDATA");
    check_rdata("A \\# 5 c000020111", "!no A RDATA");
    check_rdata("A \\# 5 c0000201", "!\\# announces 5 octets, but 4 follow");
    check_rdata("TYPE65400 x", "!write it as \\# LENGTH HEX");
    check_rdata("FOO x", "!`FOO` is no record type");
    check_rdata("DS 1 8 2 aa", "!a digest of the length its type has");
    check_rdata("CAA 0 a-b x", "!letters and digits");
    check_rdata("CAA 0 issue \"\"", "CAA 0 issue \"\"");
    check(
        "a 1 SOA a b 1 2 3 4 5\nb 1 SOA a b 1 2 3 4 5\n",
        &[
            "a.example.com. 1 IN SOA a.example.com. b.example.com. 1 2 3 4 5",
            "b.example.com. 1 IN SOA a.example.com. b.example.com. 1 2 3 4 5",
        ],
    );
    check(
        "@ 1 SOA a b 1 2 3 4 5\nb 1 SOA a b 1 2 3 4 5\n",
        &[
            "example.com. 1 IN SOA a.example.com. b.example.com. 1 2 3 4 5",
            "!the SOA at `b.example.com.` is not at the apex",
        ],
    );
}

/// RDATA that is written as it is read.
const SAME: [&str; 31] = [
    "KEY 49152 3 5",
    "KEY 256 3 5 AQID",
    "PTR a.example.",
    "MB a.example.",
    "MINFO a.example. b.example.",
    "TALINK a.example. b.example.",
    "RT 10 a.example.",
    "KX 10 a.example.",
    "LP 10 a.example.",
    "X25 \"311061700956\"",
    "PX 10 a.example. b.example.",
    "GPOS \"-32.6882\" \"116.8652\" \"10.0\"",
    "NSAP-PTR a.example.",
    "EUI64 00-00-5E-EF-10-00-00-2A",
    "NID 10 0014:4FFF:FF20:EE64",
    "SMIMEA 3 1 0 AB",
    "DHCID AQID",
    "ZONEMD 2018031500 1 9 AB",
    "DLV 1 8 9 AB",
    "CSYNC 66 3",
    "NSEC3 1 0 0 - VS",
    "WKS 192.0.2.1 6 25 80 110",
    "LOC 90 0 0.000 N 180 0 0.000 W -100000.00m 90000000.00m 10000.00m 10.00m",
    "LOC 59 59 59.999 S 0 0 0.001 E 42849672.95m 1.00m 0.00m 0.01m",
    "RRSIG A 8 3 60 19700101000000 19700101000001 7 . AQID",
    "RRSIG A 8 3 60 20000229235959 20000301000000 7 . AQID",
    "RRSIG A 8 3 60 20231231235959 20240101000000 7 . AQID",
    "RRSIG A 8 3 60 20240229120000 20240301000000 7 . AQID",
    "RRSIG A 8 3 60 20250228235959 20250301000000 7 . AQID",
    "RRSIG A 8 3 60 21000228235959 21000301000000 7 . AQID",
    "RRSIG A 8 3 60 21060207062815 19991231235959 7 . AQID",
];

#[test]
fn the_other_types_read_and_write() {
    for line in SAME {
        check_rdata(line, line);
    }
    check_rdata("WKS 192.0.2.1 tcp 80 25", "WKS 192.0.2.1 6 25 80");
    check_rdata("HINFO x \"y z\"", "HINFO \"x\" \"y z\"");
    check_rdata("RP a b", "RP a.example.com. b.example.com.");
    check_rdata("AFSDB 1 a", "AFSDB 1 a.example.com.");
    check_rdata("URI 1 2 \"ftp://x\"", "URI 1 2 \"ftp://x\"");
    check_rdata("OPENPGPKEY AQ ID", "OPENPGPKEY AQID");
    check_rdata("CERT PKIX 1 8 AQID", "CERT 1 1 8 AQID");
    check_rdata("CSYNC 66 3 A NS", "CSYNC 66 3 A NS");
    check_rdata("CSYNC 66 65535", "CSYNC 66 65535");
    check_rdata("SSHFP 4 9 ab", "SSHFP 4 9 AB");
    check_rdata("CDS 0 0 0 00", "CDS 0 0 0 00");
    check_rdata("CDNSKEY 0 3 0 AA==", "CDNSKEY 0 3 0 AA==");
    check_rdata("EUI48 00-00-5e-00-53-2a", "EUI48 00-00-5E-00-53-2A");
    check_rdata("L64 10 2001:db8:1140:1000", "L64 10 2001:0DB8:1140:1000");
    check_rdata("L32 10 10.1.2.0", "L32 10 10.1.2.0");
    check_rdata("ISDN 1", "ISDN \"1\"");
    check_rdata("ISDN 1 2", "ISDN \"1\" \"2\"");
    check_rdata("HTTPS 0 a", "HTTPS 0 a.example.com.");
    check_rdata(
        "SVCB 1 . key65400=\"a b\\001\" ipv6hint=2001:db8::1,::1 ech=AQ== \
         no-default-alpn alpn=\"a\\\\,b,c\" mandatory=port,alpn port=1 key65401",
        "SVCB 1 . mandatory=alpn,port alpn=\"a\\\\,b,c\" no-default-alpn port=1 ech=AQ== \
         ipv6hint=2001:db8::1,::1 key65400=\"a b\\001\" key65401",
    );
    for bad in ["alpn", "alpn=h2 alpn=h3", "no-default-alpn", "mandatory=port", "port=99300", "x=1"]
    {
        check_rdata(&format!("HTTPS 1 . {bad}"), "!is not fit to be the parameters of HTTPS");
    }
    let soa = RData::SOA(SOA::new(name("a.b"), name("c.b"), 1, 2, 3, 4, 5));
    check_written(&soa, "a.b. c.b. 1 2 3 4 5");
}

/// RDATA in octets that no reader of its type would take, in hexadecimal digits.
const MALFORMED: [(&str, &str); 41] = [
    // Type bit maps (RFC 4034 §4.1.2): windows that repeat or fall, empty ones, type 0, too many
    // octets, and octets of zeros at the end.
    ("NSEC", "00 000140 000140"),
    ("NSEC", "00 010140 000140"),
    ("NSEC", "00 0000"),
    ("NSEC", "00 000180"),
    ("NSEC", "00 0021 40000000000000000000000000000000 000000000000000000000000000000000001"),
    ("NSEC", "00 00024000"),
    ("NSEC", "00 0002 40"),
    ("NSEC", "00"),
    ("NSEC3", "01 00 0000 00 00"),
    ("NSEC3", "01 00 0000 01"),
    ("CAA", "00 00 78"),
    ("CAA", "00 03 612d62 78"),
    ("URI", "0001 0002"),
    ("OPENPGPKEY", ""),
    ("A", "c00002"),
    ("AAAA", "20010db8"),
    ("WKS", "c0000201 06 00"),
    ("WKS", "c0000201 06 0100"),
    ("EUI48", "0000000000"),
    ("L64", "000a 20010db8"),
    ("HINFO", "0161"),
    ("MX", "000a 0161"),
    // Locations (RFC 1876 §2): version, powers of ten, degrees.
    ("LOC", "01 12 16 13 80000000 80000000 00989680"),
    ("LOC", "00 a2 16 13 80000000 80000000 00989680"),
    ("LOC", "00 12 1a 13 80000000 80000000 00989680"),
    ("LOC", "00 12 16 01 80000000 80000000 00989680"),
    ("LOC", "00 12 16 13 934fd901 80000000 00989680"),
    ("LOC", "00 12 16 13 80000000 a69fb201 00989680"),
    ("LOC", "00 12 16 13 80000000 80000000 009896"),
    // Service parameters (RFC 9460 §2.2): keys that repeat or fall, and values of other forms.
    ("SVCB", "0001 00 0003 0002 0050 0003 0002 0050"),
    ("SVCB", "0001 00 0003 0002 0050 0001 0003 026832"),
    ("SVCB", "0001 00 ffff 0000"),
    ("SVCB", "0001 00 0003 0003 005000"),
    ("SVCB", "0001 00 0003 0003 0050"),
    ("SVCB", "0001 00 0001 0003 026832 0002 0001 00"),
    ("SVCB", "0001 00 0001 0001 00"),
    ("SVCB", "0001 00 0001 0000"),
    ("SVCB", "0001 00 0000 0002 0003"),
    ("SVCB", "0001 00 0000 0004 00030001 0001 0003 026832 0003 0002 0050"),
    ("SVCB", "0001 00 0000 0002 0000"),
    ("SVCB", "0001 00 0004 0003 c00002"),
];

/// The same on the other side of each border.
const WELL_FORMED: [(&str, &str, &str); 15] = [
    ("NSEC", "00 000140 010140", "NSEC . A CAA"),
    (
        "NSEC",
        "00 0020 0000000000000000000000000000000000000000000000000000000000000001",
        "NSEC . TYPE255",
    ),
    ("NSEC3", "01 00 0000 00 01 ff 000140", "NSEC3 1 0 0 - VS A"),
    ("CAA", "00 01 61", "CAA 0 a \"\""),
    ("WKS", "c0000201 06", "WKS 192.0.2.1 6"),
    ("WKS", "c0000201 06 01", "WKS 192.0.2.1 6 7"),
    (
        "LOC",
        "00 99 00 13 934fd900 59604e00 00989680",
        "LOC 90 0 0.000 N 180 0 0.000 W 0.00m 90000000.00m 0.00m 10.00m",
    ),
    (
        "LOC",
        "00 12 16 13 80000001 80000000 0098967f",
        "LOC 0 0 0.001 N 0 0 0.000 E -0.01m 1.00m 10000.00m 10.00m",
    ),
    ("SVCB", "0001 00 0003 0002 0050", "SVCB 1 . port=80"),
    ("SVCB", "0001 00 0000 0002 0003 0003 0002 0050", "SVCB 1 . mandatory=port port=80"),
    ("SVCB", "0001 00 0001 0003 026832 0002 0000", "SVCB 1 . alpn=\"h2\" no-default-alpn"),
    ("SVCB", "0001 00 0004 0008 c0000201 c0000202", "SVCB 1 . ipv4hint=192.0.2.1,192.0.2.2"),
    ("SVCB", "0001 00 0005 0001 ff", "SVCB 1 . ech=/w=="),
    ("SVCB", "0001 00 0007 0000", "SVCB 1 . key7"),
    ("OPENPGPKEY", "ff", "OPENPGPKEY /w=="),
];

#[track_caller]
fn check_octets(rtype: &str, octets: &str, expected: &str) {
    let digits = octets.replace(' ', "");
    check_rdata(&format!("{rtype} \\# {} {digits}", digits.len() / 2), expected);
}

#[test]
fn octets_that_break_the_form_of_their_type_are_refused() {
    for (rtype, octets) in MALFORMED {
        check_octets(rtype, octets, &format!("!the octets behind \\# are no {rtype} RDATA"));
    }
    for (rtype, octets, expected) in WELL_FORMED {
        check_octets(rtype, octets, expected);
    }
}

/// What no field takes, and the words in which it is refused.
const REFUSED: [(&str, &str); 39] = [
    ("TLSA 3 1 1 abc", "hexadecimal digits in pairs"),
    ("TLSA 3 1 1 ab xy", "z:2:17: `xy`"),
    ("TLSA 3 1 1", "is missing"),
    ("TYPE65400 \\# 1 abc", "an even number of hexadecimal digits"),
    ("TYPE65400 \\# 1 zz", "`zz` is not fit to be the data"),
    ("OPENPGPKEY Zg", "padded base64"),
    ("OPENPGPKEY Zg=", "padded base64"),
    ("OPENPGPKEY Zg===", "padded base64"),
    ("OPENPGPKEY Zg== Zg==", "padded base64"),
    ("OPENPGPKEY Zh==", "padded base64"),
    ("OPENPGPKEY Zg=a", "padded base64"),
    ("OPENPGPKEY Z", "padded base64"),
    ("OPENPGPKEY Z!==", "padded base64"),
    ("OPENPGPKEY ====", "padded base64"),
    ("NSEC3 1 0 10 abc co A", "hexadecimal digits, or - for none"),
    ("NSEC3 1 0 10 - c A", "base32hex digits without padding"),
    ("NSEC3 1 0 10 - cp A", "base32hex digits without padding"),
    ("NSEC3 1 0 10 - wo A", "base32hex digits without padding"),
    ("EUI48 00-00-5e-00-53", "pairs of hexadecimal digits joined by hyphens"),
    ("EUI48 00-00-5e-0-053-2a", "pairs of hexadecimal digits joined by hyphens"),
    ("EUI48 00-00-5e-00-53-2a-00", "pairs of hexadecimal digits joined by hyphens"),
    ("L64 10 2001:db8:1140", "four groups of hexadecimal digits"),
    ("L64 10 2001:db8::1140", "four groups of hexadecimal digits"),
    ("L64 10 2001:00db8:1140:1", "four groups of hexadecimal digits"),
    ("NSEC a TYPE0", "record types"),
    ("NSEC a", "is missing"),
    ("WKS 192.0.2.1 256 80", "tcp, udp or a number up to 255"),
    ("WKS 192.0.2.1 tcp 65536", "`65536` is over 65535"),
    ("DNSKEY 257 3 NOSUCH AQID", "a number or a known mnemonic"),
    ("URI 1 2 ftp://x", "a text in quotes that is not empty"),
    ("LOC 1 60 N 2 E 0", "DEGREES [MINUTES [SECONDS]] and N, S, E or W"),
    ("LOC 1 0 60 N 2 E 0", "DEGREES [MINUTES [SECONDS]] and N, S, E or W"),
    ("LOC 90 0 0.001 N 2 E 0", "DEGREES [MINUTES [SECONDS]] and N, S, E or W"),
    ("LOC 1 N 2 E 1.234", "meters from -100000.00 to 42849672.95"),
    ("LOC 1 N 2 E -100000.01", "meters from -100000.00 to 42849672.95"),
    ("LOC 1 N 2 E 42849672.96", "meters from -100000.00 to 42849672.95"),
    ("LOC 1 N 2 E .5", "meters from -100000.00 to 42849672.95"),
    ("LOC 1 N 2 E 5.", "meters from -100000.00 to 42849672.95"),
    ("LOC 1 N 2 E 0 100000000", "meters from 0.00 to 90000000.00"),
];

#[test]
fn fields_refuse_what_is_not_of_their_form() {
    for (line, words) in REFUSED {
        check_rdata(line, &format!("!{words}"));
    }
    check_rdata(&format!("NSEC3 1 0 10 {} co A", "ab".repeat(256)), "!or - for none");
    let salt = "AB".repeat(255);
    check_rdata(&format!("NSEC3PARAM 1 0 10 {salt}"), &format!("NSEC3PARAM 1 0 10 {salt}"));
    check_rdata("TLSA 3 1 0 a bc d", "TLSA 3 1 0 ABCD");
    check_rdata("OPENPGPKEY Z g = =", "OPENPGPKEY Zg==");
    check_rdata("NSEC a TYPE256 TYPE65535 A A NS", "NSEC a.example.com. A NS URI TYPE65535");
    check_rdata("WKS 192.0.2.1 udp domain 0 65535", "WKS 192.0.2.1 17 0 53 65535");
    check_rdata("WKS 192.0.2.1 255", "WKS 192.0.2.1 255");
}

#[test]
fn a_failing_reader_ends_the_scan() {
    struct Failing;
    impl io::Read for Failing {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
    }
    let got = lines_of(Scanner::new(io::BufReader::new(Failing), "z", None));
    assert_eq!(got, ["!z:1:1: cannot be read: connection reset"]);
}
