//! Master files against `named-compilezone`, which writes what it read as wire octets.
//!
//! Known differences, which the generators avoid. Refused here and read there: abbreviated IPv4
//! addresses (`10.1`), TTLs over 2^31-1, a carriage return inside a line, `$DATE`, an empty URI
//! target (RFC 7553 §4.5), `\#` without a length where the type takes texts. Read here and refused
//! there: a byte order mark, a quoted owner name that begins with `$`, `\[` at the front of a label,
//! types newer than the tool, a NAPTR regexp that does not compile, an X25 or GPOS string that is no
//! number. A record outside the zone is read here and left out there, with a warning.

use std::collections::BTreeSet;
use std::process::Command;

use hickory_proto::rr::rdata::{MX, NULL, SRV, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder, NameEncoding};
use mailsrv::rrset::ResourceRecord;
use mailsrv::zonefile::{Entry, ScanError, Scanner, push_record};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::Config;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

const TOOL: &str = "named-compilezone";

/// Owner name in lower case, TTL, type, RDATA: all as on the wire.
type Row = (Vec<u8>, u32, u16, Vec<u8>);

fn encode(data: &impl BinEncodable) -> Vec<u8> {
    let mut wire = Vec::new();
    let mut encoder = BinEncoder::new(&mut wire);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    data.emit(&mut encoder).expect("what was read fits on the wire");
    wire
}

fn row(record: &ResourceRecord) -> Row {
    let owner = encode(&record.owner.to_lowercase());
    (owner, record.ttl, record.data.record_type().into(), encode(&record.data))
}

fn scan(zone: &[u8]) -> Result<BTreeSet<Row>, ScanError> {
    let origin = Name::from_ascii("e.test.").expect("a name");
    let entries = Scanner::new(zone, "zone", Some(origin));
    entries.map(|entry| entry.map(|entry| row(&entry.record))).collect()
}

/// Compiles a zone; none where the tool refuses it.
fn compile(zone: &[u8], format: &str) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::write(&input, zone).expect("the zone is written");
    let done = Command::new(TOOL)
        .args(["-i", "local", "-k", "ignore", "-m", "ignore", "-M", "ignore", "-n", "ignore"])
        .args(["-r", "ignore", "-S", "ignore", "-W", "ignore", "-f", "text", "-F", format])
        .args(["-s", "full", "-o"])
        .arg(&output)
        .arg("e.test")
        .arg(&input)
        .output()
        .expect("the tool runs");
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned());
    }
    Ok(std::fs::read(&output).expect("the zone was compiled"))
}

/// Reads the raw form of BIND: a header, then RRsets whose numbers are big-endian.
fn raw_rows(raw: &[u8]) -> BTreeSet<Row> {
    fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
        let (taken, after) = rest.split_at(length);
        *rest = after;
        taken
    }
    fn number(rest: &mut &[u8], length: usize) -> u32 {
        take(rest, length).iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet))
    }
    let mut rows = BTreeSet::new();
    let mut rest = raw;
    take(&mut rest, 24);
    while !rest.is_empty() {
        let (_length, _class) = (number(&mut rest, 4), number(&mut rest, 2));
        let rtype = u16::try_from(number(&mut rest, 2)).expect("two octets");
        let _covers = number(&mut rest, 2);
        let (ttl, count) = (number(&mut rest, 4), number(&mut rest, 4));
        let length = number(&mut rest, 2) as usize;
        let owner = take(&mut rest, length).to_ascii_lowercase();
        for _ in 0..count {
            let length = number(&mut rest, 2) as usize;
            rows.insert((owner.clone(), ttl, rtype, take(&mut rest, length).to_vec()));
        }
    }
    rows
}

/// BIND gives all records of an RRset the TTL of one of them; signatures of different types are
/// different RRsets to it.
fn with_ttl_of_rrset(rows: &BTreeSet<Row>, like: &BTreeSet<Row>) -> BTreeSet<Row> {
    const SIGNATURES: [u16; 2] = [24, 46];
    let covered =
        |row: &Row| row.3.get(..2).filter(|_| SIGNATURES.contains(&row.2)).map(<[u8]>::to_vec);
    let same = |a: &Row, b: &Row| a.0 == b.0 && a.2 == b.2 && covered(a) == covered(b);
    rows.iter()
        .map(|row| {
            let single = rows.iter().filter(|other| same(row, other)).count() == 1;
            let ttl = like.iter().find(|other| same(row, other)).map_or(row.1, |other| other.1);
            (row.0.clone(), if single { row.1 } else { ttl }, row.2, row.3.clone())
        })
        .collect()
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9-]{0,8}",
        "[A-Z][a-z]{0,5}\\.[a-z]{1,5}",
        "[a-z]{1,6}\\.example\\.net\\.",
        select(vec![
            "@",
            ".",
            "a\\.b",
            "x\\032y",
            "q\\;r",
            "\\@z",
            "\\200\\000",
            "_a._tcp",
            "\\\"",
            "\\(x"
        ])
        .prop_map(str::to_owned),
    ]
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9=:/+-]{1,12}",
        "[a-z]{0,4}\\\\[;\"() ][a-z]{0,4}",
        "[a-z]{0,4}\\\\(0[0-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])",
        "\"[a-z ;()@$.=é]{0,20}\"",
        "\"[a-z]{0,4}\\\\[\"\\\\;a][ a-z]{0,4}\"",
    ]
}

fn hex(octets: usize) -> impl Strategy<Value = String> {
    vec(select(vec!["0", "9", "a", "F"]), octets * 2).prop_map(|digits| digits.concat())
}

fn n16() -> impl Strategy<Value = String> {
    any::<u16>().prop_map(|number| number.to_string())
}

fn seconds() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,6}",
        select(vec!["1h", "1h30m", "1W2D", "2d", "90s", "1w1d1h1m1s"]).prop_map(str::to_owned)
    ]
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// A type and the tokens of its RDATA.
fn data() -> impl Strategy<Value = Vec<String>> {
    let with =
        |rtype: &'static str| move |rest: Vec<String>| [vec![rtype.to_owned()], rest].concat();
    let v4 = any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string());
    let v6 = any::<[u8; 16]>().prop_map(|octets| std::net::Ipv6Addr::from(octets).to_string());
    let fixed = select(vec![
        "LOC 42 21 54 N 71 06 18.25 W -24m 30m",
        "LOC 1 S 2 5 E 42849672.95m 0.01m 90000000m 12",
        "RRSIG A RSASHA256 3 3600 20260101000000 20250101000000 7 e.test. AQ ID",
        "RRSIG TYPE65400 13 3 60 20380119031408 20000229235959 7 e.test. AQIDBA==",
        "NSEC a RRSIG TYPE65400 A NSEC TYPE256",
        "DNSKEY 257 3 ED25519 AQ ID",
        "CDNSKEY 0 3 0 AA==",
        "CDS 0 0 0 00",
        "NSEC3PARAM 1 0 10 aabb",
        "NSEC3PARAM 1 0 0 -",
        "CAA 128 issue letsencrypt.org",
        "CAA 0 iodef \"mailto:a@b;c\"",
        "HTTPS 0 .",
        "HTTPS 1 . alpn=\"h2,h3\" port=443 ipv4hint=192.0.2.1,192.0.2.2 ech=AQ==",
        "SVCB 1 x key65400=\"a\\001\" no-default-alpn alpn=h2 mandatory=port,alpn port=1 key65401",
        "SVCB 16 foo alpn=\"f\\\\\\\\oo\\\\,bar,h2\" ipv6hint=2001:db8::1,::1",
        "WKS 192.0.2.1 tcp smtp 80 443",
        "TYPE65400 \\# 3 aa bbc c",
        "TYPE65400 \\# 0",
        "A \\# 4 c0000201",
        "MX \\# 3 000a00",
        "OPENPGPKEY AQ ID",
        "CERT PKIX 1 RSASHA256 AQID",
        "CSYNC 66 3 A NS",
        "EUI48 00-00-5e-00-53-2a",
        "EUI64 00-00-5e-ef-10-00-00-2a",
        "NID 10 0014:4fff:ff20:ee64",
        "L64 10 2001:db8:1140:1000",
        "L32 10 10.1.2.0",
        "NAPTR 1 2 \"s\" \"SIP+D2U\" \"!^.*$!sip:a@b!\" .",
        "NAPTR 1 2 \"\" \"\" \"\" @",
        "GPOS 1.5 -2.5 3",
        "X25 311061700956",
        "ISDN 150862028003217 004",
        "PX 1 a b",
        "MINFO a b",
        "TALINK a b",
        "DHCID AAIB",
    ])
    .prop_map(words);
    prop_oneof![
        3 => fixed,
        1 => v4.prop_map(|v4| vec!["A".to_owned(), v4]),
        1 => v6.prop_map(|v6| vec!["AAAA".to_owned(), v6]),
        1 => (select(vec!["NS", "CNAME", "PTR", "DNAME", "MB"]), target())
            .prop_map(|(rtype, target)| vec![rtype.to_owned(), target]),
        1 => (select(vec!["MX", "AFSDB", "KX", "RT", "LP"]), n16(), target())
            .prop_map(|(rtype, number, target)| vec![rtype.to_owned(), number, target]),
        2 => (n16(), n16(), n16(), target())
            .prop_map(|(a, b, c, d)| vec!["SRV".to_owned(), a, b, c, d]),
        2 => (select(vec!["TXT", "SPF"]), vec(string(), 1..4))
            .prop_map(move |(rtype, strings)| with(rtype)(strings)),
        1 => (string(), string()).prop_map(|(a, b)| vec!["HINFO".to_owned(), a, b]),
        1 => (target(), target()).prop_map(|(a, b)| vec!["RP".to_owned(), a, b]),
        1 => (n16(), n16(), "\"[a-z ;()]{1,9}\"")
            .prop_map(|(a, b, c)| vec!["URI".to_owned(), a, b, c]),
        1 => (0..4u8, 0..2u8, hex(32)).prop_map(|(usage, selector, data)| {
            let (first, second) = data.split_at(33);
            words(&format!("TLSA {usage} {selector} 1 {first} {second}"))
        }),
        1 => (n16(), hex(32)).prop_map(|(tag, data)| words(&format!("DS {tag} ECDSAP256SHA256 SHA-256 {data}"))),
        1 => (1..5u8, hex(20)).prop_map(|(algorithm, data)| words(&format!("SSHFP {algorithm} 1 {data}"))),
    ]
}

#[derive(Debug, Clone)]
struct Line {
    data: Vec<String>,
    owner: u8,
    ttl: Option<String>,
    class: u8,
    gaps: Vec<u8>,
    directive: u8,
}

fn line() -> impl Strategy<Value = Line> {
    (data(), 0..6u8, proptest::option::of(seconds()), 0..4u8, vec(0..12u8, 0..6), 0..24u8).prop_map(
        |(data, owner, ttl, class, gaps, directive)| Line {
            data,
            owner,
            ttl,
            class,
            gaps,
            directive,
        },
    )
}

const HEAD: &str =
    "$ORIGIN e.test.\n$TTL 3h\n@ IN SOA ns hm.(1 2h ; serial\n 3 4 5)\n NS ns\nns A 192.0.2.1\n";

fn push_line(index: usize, line: &Line, alias_above: bool, zone: &mut String) {
    match line.directive {
        0 => zone.extend(["$ORIGIN sub", &index.to_string(), "\n"]),
        1 => *zone += "$origin e.test. ; back\n",
        2 => *zone += "$Ttl 1d2h\n",
        3 => *zone += "\n \t; nothing ( \"\n",
        4 => {
            let line = format!("$GENERATE 1-5/2 g{index}-$ 1h A 192.0.2.${{10,0,d}}\n");
            zone.push_str(&line);
        }
        _ => {}
    }
    let single = matches!(line.data[0].as_str(), "CNAME" | "DNAME" | "NS");
    let owner = match line.owner {
        0 | 1 if !single && !alias_above => String::new(),
        0 | 2 => format!("h{index}.e.test."),
        1 => format!("H\\046{index}"),
        3 => format!("\"h {index}\""),
        4 if !single => format!("*.h{index}"),
        _ => format!("h{index}"),
    };
    *zone += &owner;
    let ttl = line.ttl.as_ref().map_or(String::new(), |ttl| format!("{ttl} "));
    let header = match line.class {
        0 => format!(" {ttl}IN "),
        1 => format!("\tin {ttl}"),
        2 => format!(" CLASS1\t{ttl}"),
        _ => format!("  {ttl}"),
    };
    zone.push_str(&header);
    *zone += &line.data[0];
    let mut open = false;
    for (position, token) in line.data.iter().enumerate().skip(1) {
        let gap = line.gaps.get(position - 1).copied().unwrap_or_default();
        *zone += match (gap, open) {
            (1, false) => " (",
            (2, false) => " ( ; a \"comment )\n",
            (3, true) => "\n\t",
            (4, true) => " ; ) a comment\r\n ",
            (5, true) => " ) ",
            (6, true) => " ( ) ",
            _ => " ",
        };
        open = match gap {
            1 | 2 => true,
            5 => false,
            _ => open,
        };
        *zone += token;
    }
    *zone += if open { "\n )" } else { "" };
    *zone += if line.class == 2 { " ; end\r\n" } else { "\n" };
}

fn zone(lines: &[Line]) -> String {
    let mut zone = HEAD.to_owned();
    let mut alias_above = true;
    for (index, line) in lines.iter().enumerate() {
        push_line(index, line, alias_above, &mut zone);
        alias_above = matches!(line.data[0].as_str(), "CNAME" | "DNAME");
    }
    zone
}

#[test]
#[ignore = "needs named-compilezone"]
fn random_zones_are_read_as_named_compilezone_reads_them() {
    proptest!(config(64), |(lines in vec(line(), 1..24))| {
        let zone = zone(&lines);
        let raw = compile(zone.as_bytes(), "raw");
        let raw = raw.map_err(|said| TestCaseError::fail(format!("{said}\n{zone}")))?;
        let theirs = raw_rows(&raw);
        let ours = scan(zone.as_bytes());
        let ours = ours.map_err(|error| TestCaseError::fail(format!("{error}\n{zone}")))?;
        prop_assert_eq!(&with_ttl_of_rrset(&ours, &theirs), &theirs, "{}", zone);
        let text = compile(zone.as_bytes(), "text").map_err(TestCaseError::fail)?;
        let again = scan(&text);
        let again = again.map_err(|error| TestCaseError::fail(format!("{error}\n{zone}")))?;
        prop_assert_eq!(&again, &theirs);
    });
}

#[test]
#[ignore = "needs named-compilezone"]
fn broken_records_are_refused_where_named_compilezone_refuses_them() {
    let odd = select(vec![
        "65536",
        "-1",
        "x",
        "\"q\"",
        "1h",
        "\\#",
        "a..b",
        "\\256",
        "\\1",
        "4294967296",
        "@",
        "(",
        ")",
        "aabb",
        "=",
        "key1",
        "alpn=h2",
        "\"",
        "192.0.2.1",
        "::1",
        "TYPE1",
        "\"\"",
        ";",
        "1 2",
    ]);
    proptest!(config(64), |(data in data(), at in any::<Index>(), odd in odd, how in 0..3u8)| {
        let mut data = data;
        let at = 1 + at.index(data.len() - 1);
        match how {
            0 => drop(data.remove(at)),
            1 => data.insert(at, odd.to_owned()),
            _ => data[at] = odd.to_owned(),
        }
        // What these strings say is judged there alone.
        prop_assume!(!["NAPTR", "X25", "GPOS"].contains(&data[0].as_str()));
        prop_assume!(data[0] != "URI" || !data.contains(&"\"\"".to_owned()));
        // There, `\\#` without a length is a text; here it is a mistake.
        let generic = data.get(1).is_some_and(|token| token == "\\#");
        prop_assume!(!generic || data.get(2).is_some_and(|token| token.parse::<u32>().is_ok()));
        let zone = format!("{HEAD}h {}\n", data.join(" "));
        match (scan(zone.as_bytes()), compile(zone.as_bytes(), "raw")) {
            (Ok(ours), Ok(raw)) => prop_assert_eq!(ours, raw_rows(&raw), "{}", zone),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(said)) => prop_assert!(false, "read here alone: {}\n{}", zone, said),
            (Err(error), Ok(_)) => prop_assert!(false, "refused here alone: {}\n{}", zone, error),
        }
    });
}

fn labels() -> impl Strategy<Value = Name> {
    vec(vec(any::<u8>(), 1..20), 0..5).prop_map(|labels| {
        let mut name = Name::from_labels(labels.iter().map(Vec::as_slice)).expect("short labels");
        name.set_fqdn(true);
        name
    })
}

fn octets(limit: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..limit)
}

fn any_data() -> impl Strategy<Value = RData> {
    prop_oneof![
        vec(octets(256), 1..5).prop_map(|texts| RData::TXT(TXT::from_bytes(
            texts.iter().map(Vec::as_slice).collect()
        ))),
        (any::<[u16; 3]>(), labels())
            .prop_map(|([a, b, c], target)| RData::SRV(SRV::new(a, b, c, target))),
        (any::<u16>(), labels())
            .prop_map(|(preference, target)| RData::MX(MX::new(preference, target))),
        (65_280..65_300u16, octets(40)).prop_map(|(code, octets)| {
            let rdata = if octets.is_empty() { NULL::new() } else { NULL::with(octets) };
            RData::Unknown { code: RecordType::from(code), rdata }
        }),
    ]
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn what_is_written_reads_back(
        records in vec((labels(), 0..0x8000_0000u32, any_data()), 0..8)
    ) {
        let records: Vec<ResourceRecord> =
            records.into_iter().map(|(owner, ttl, data)| ResourceRecord { owner, ttl, data }).collect();
        let mut text = String::new();
        for record in &records {
            push_record(record, &mut text);
            text.push('\n');
        }
        let read: Result<Vec<Entry>, _> = Scanner::new(text.as_bytes(), "zone", None).collect();
        let read: Vec<_> = read.map_err(|error| TestCaseError::fail(error.to_string()))?
            .into_iter().map(|entry| entry.record).collect();
        prop_assert_eq!(read.iter().map(row).collect::<Vec<_>>(), records.iter().map(row).collect::<Vec<_>>());
        prop_assert_eq!(read, records);
    }

    #[test]
    fn random_octets_do_not_panic(octets in vec(any::<u8>(), 0..400)) {
        let count = Scanner::new(octets.as_slice(), "zone", Some(Name::root())).count();
        prop_assert!(count <= octets.len());
    }

    #[test]
    fn mutated_zones_do_not_panic_and_what_is_read_can_be_written(
        lines in vec(line(), 1..12),
        changes in vec((any::<Index>(), prop_oneof![any::<u8>(), select(b" \"()\\;@$\n\r.=-0".to_vec())]), 1..20),
    ) {
        let mut zone = zone(&lines).into_bytes();
        for (index, octet) in changes {
            let index = index.index(zone.len());
            zone[index] = octet;
        }
        for entry in Scanner::new(zone.as_slice(), "zone", None).flatten() {
            let mut text = String::new();
            push_record(&entry.record, &mut text);
            let again: Result<Vec<Entry>, _> = Scanner::new(text.as_bytes(), "zone", None).collect();
            let again = again.map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
            prop_assert_eq!(again.len(), 1);
            prop_assert_eq!(row(&again[0].record), row(&entry.record));
        }
    }
}
