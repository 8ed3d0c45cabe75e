//! Plain lines, read the short way and the long one.

use std::io::{BufRead, BufReader};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::limits::Limits;
use super::super::plain;
use super::super::presentation::Origin;
use super::super::{ScanError, Scanner, WireEntry};
use super::name;

/// What a reader of records sees: each of them, or the error in its place.
type Seen = Result<(Vec<u8>, u16, u32, Vec<u8>, u64, u64), String>;

fn seen(
    text: impl BufRead,
    limits: Limits,
    origin: Option<&str>,
    in_rows: bool,
) -> (Vec<Seen>, bool) {
    let mut scanner = Scanner::new(text, "z", origin.map(name))
        .assuming(Some(name("assumed.test")))
        .with_limits(limits)
        .with_includes(|path| Ok(Box::new(BufReader::new(std::io::Cursor::new(path.to_owned())))));
    let mut all = Vec::new();
    let one = |entry: &WireEntry<'_>| {
        let (owner, rdata) = (entry.owner.to_vec(), entry.rdata.to_vec());
        (owner, entry.code, entry.ttl, rdata, entry.line, entry.column)
    };
    loop {
        if in_rows && let Err(error) = scanner.take_plain(|entry| all.push(Ok(one(entry)))) {
            all.push(Err(error.to_string()));
        }
        let Some(entry) = scanner.next_wire() else { break };
        all.push(entry.map_err(|error: ScanError| error.to_string()).map(|entry| one(&entry)));
    }
    (all, scanner.has_assumed())
}

/// Reads a text in blocks of so many octets, line by line and as many lines as are plain, and octet by
/// octet, where no line is ever at hand.
#[track_caller]
fn check(text: &[u8], block: usize, limits: Limits, origin: Option<&str>) {
    let long = seen(BufReader::with_capacity(1, text), limits, origin, false);
    for in_rows in [false, true] {
        let short = seen(BufReader::with_capacity(block, text), limits, origin, in_rows);
        assert_eq!(short, long, "{}", String::from_utf8_lossy(text));
    }
}

const OWNERS: [&str; 12] = [
    "_imaps._tcp.d1.test.",
    "d1.test.",
    "Mail",
    "@",
    ".",
    "",
    " ",
    "a..b",
    "*",
    "a\\.b",
    "$TTL",
    "x@y",
];

const HEADS: [&str; 10] =
    ["3600 IN ", "IN 60 ", "", "IN ", "0 ", "1h ", "2147483648 ", "IN IN ", "CH ", "1 2 "];

const DATA: [&str; 34] = [
    "SRV 0 1 993 mail.d1.test.",
    "SRV 0 01 65535 @",
    "SRV 0 1 65536 mail",
    "SRV 0 1 993",
    "A 192.0.2.1",
    "A 192.0.2.01",
    "A 192.0.2.256",
    "A 1.2.3",
    "A 1.2.3.4.5",
    "AAAA 2001:db8::1",
    "AAAA ::",
    "AAAA 1:2:3:4:5:6:7:8",
    "AAAA 1:2:3:4:5:6:7::",
    "AAAA ::ffff:192.0.2.1",
    "AAAA 1:2:3:4:5:6:7:8::",
    "AAAA 1::2::3",
    "AAAA 12345::",
    "MX 10 Mail",
    "MX 10 mail extra",
    "NS ns1",
    "CNAME .",
    "CNAME mail ; comment",
    "PTR a.b.",
    "TXT \"v=spf1 ; (-all)\"",
    "TXT \"a\" \"\"\t\"b\"",
    "TXT \"a\"\"b\"",
    "TXT \"a\\\"b\"",
    "TXT bare",
    "TXT \"open",
    "mx 5 lower",
    "SOA ns hm 1 2 3 4 5",
    "SOA ( ns hm\n 1 2 3 ; (\n 4 5 )",
    "TYPE1 \\# 4 01020304",
    "CAA 0 issue \"ca\"",
];

const OTHERS: [&str; 12] = [
    "$ORIGIN sub.test.\n",
    "$ORIGIN a..b\n",
    "$TTL 300\n",
    "$TTL x\n",
    "$GENERATE 1-3 h$ A 192.0.2.$\n",
    "$INCLUDE h\\032A\\0321.2.3.4\n",
    "; comment\n",
    "\n",
    " \t\n",
    "\u{feff}a A 1.2.3.4\n",
    "\r\n",
    "a ( A\n",
];

const ENDS: [&str; 6] = ["\n", "\r\n", " \t\n", "\r", "", "\r\r\n"];

/// What stands in the place of an octet, or in front of it.
const OCTETS: &[u8] = b" \t\r\n;()\"\\$@.:-0129aAzZ_\0\x7f\xc3";

fn any_line() -> impl Strategy<Value = String> {
    // The plain ones stand in front, and come more often.
    let early = |count: usize| prop_oneof![0..count.div_ceil(4), 0..count];
    let line = (early(OWNERS.len()), early(HEADS.len()), 0..DATA.len(), early(ENDS.len()))
        .prop_map(|(owner, head, data, end)| {
            [OWNERS[owner], " ", HEADS[head], DATA[data], ENDS[end]].concat()
        });
    prop_oneof![6 => line, 1 => select(&OTHERS[..]).prop_map(str::to_owned)]
}

proptest! {
    #[test]
    fn a_file_reads_alike_the_short_way_and_the_long_one(
        lines in vec(any_line(), 0..10),
        changes in vec((any::<Index>(), select(OCTETS), 0_usize..3), 0..4),
        block in prop_oneof![2 => Just(1 << 12), 1 => 2_usize..100],
        limits in prop_oneof![4 => Just(Limits::default()), 1 => (0_u64..9, 0_u64..2500).prop_map(
            |(records, octets)| Limits { records, octets, generated: 500 }
        )],
        origin in select(&[Some("example.com"), None][..]),
    ) {
        let mut text = lines.concat().into_bytes();
        for (at, octet, change) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + change.min(1)).min(text.len());
            text.splice(at..end, (change < 2).then_some(octet));
        }
        check(&text, block, limits, origin);
    }

    #[test]
    fn addresses_read_as_the_standard_library_reads_them(text in "[0-9a-fA-F:.]{0,18}|(:?[0-9a-f]{1,4}:{1,2}){0,8}[0-9a-f]{0,4}") {
        check(format!("a 1 AAAA {text}\na 1 A {text}\n").as_bytes(), 1 << 12, Limits::default(), None);
    }
}

#[test]
fn what_is_plain_takes_the_short_way_and_what_is_not_leaves_it() {
    let origin = Origin::new(name("example.com"));
    for (text, is_plain) in [
        ("a 1 A 1.2.3.4\n", true),
        ("a IN 1 SRV 0 1 993 b.\r\n", true),
        ("  IN AAAA ::1 \t\nrest", true),
        ("@ TXT \"x;(\" \"\"\n", true),
        ("*.a MX 0 @\n", true),
        ("a 1 A 1.2.3.4", false),
        ("a 1 A 1.2.3.4 ; c\n", false),
        ("a 1 A ( 1.2.3.4 )\n", false),
        ("$TTL 1\n", false),
        ("a\\. 1 A 1.2.3.4\n", false),
        ("a SOA b c 1 2 3 4 5\n", false),
        ("", false),
    ] {
        let (mut recent, mut owner, mut rdata) = Default::default();
        let read = plain::read(text.as_bytes(), &origin, &mut recent, &mut owner, &mut rdata);
        assert_eq!(read.is_some(), is_plain, "{text}");
        let whole = text.find('\n').map(|at| at + 1);
        assert_eq!(read.map(|plain| plain.octets), whole.filter(|_| is_plain), "{text}");
    }
}

#[test]
fn names_and_entries_have_the_same_limits_both_ways() {
    let label = "a".repeat(63);
    for last in 55..64 {
        let name = format!("{label}.{label}.{label}.{}", "b".repeat(last));
        for dot in ["", "."] {
            let text = format!("{name}{dot} 1 CNAME {name}{dot}\nx 1 CNAME {label}a\n");
            for origin in [Some("a"), Some("."), None] {
                check(text.as_bytes(), 1 << 12, Limits::default(), origin);
            }
        }
    }
    for octets in [255, 256] {
        let text = format!("x 1 TXT \"{}\"\n", "s".repeat(octets));
        check(text.as_bytes(), 1 << 12, Limits::default(), Some("a"));
    }
    // An entry of 256 KiB, and one of an octet more; RDATA of 65,535 octets, and of one more.
    let rest = "x 1 A 1.2.3.4\n";
    for octets in [256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1] {
        let text = format!("x{}1 A 1.2.3.4\n{rest}", " ".repeat(octets - rest.len() + 1));
        check(text.as_bytes(), 1 << 20, Limits::default(), Some("a"));
    }
    for strings in [65_535, 65_536] {
        let text = format!("x 1 TXT{}\n{rest}", " \"\"".repeat(strings));
        check(text.as_bytes(), 1 << 20, Limits::default(), Some("a"));
    }
}
