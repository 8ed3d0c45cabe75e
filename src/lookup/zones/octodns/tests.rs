//! What octoDNS takes and what it refuses.

use futures_util::FutureExt;
use hickory_proto::rr::RecordType;
use proptest::prelude::*;

use super::*;
use crate::answer::{Outcome, Question};
use crate::lookup::Lookup;
use crate::lookup::zones::Zones;
use crate::name::parse_text;
use crate::zonefile::{Scanner, record};

fn of(yaml: &str) -> OctoDns {
    let zone = parse_text("example.com.").unwrap();
    read(yaml, "z", &zone, Limits { records: 50, octets: 100_000, generated: 0 })
}

/// The records of the zone that was read, as text.
fn records(read: &OctoDns) -> Vec<String> {
    read.file.iter().map(|it| record(&it)).collect()
}

/// Compares with master-file lines, whatever the order at a name.
#[track_caller]
fn check(yaml: &str, lines: &[&str]) {
    let read = of(yaml);
    assert_eq!(read.errors, [], "{yaml}");
    let text = lines.iter().fold("$ORIGIN example.com.\n".to_owned(), |all, it| all + it + "\n");
    let expected = Scanner::new(text.as_bytes(), "", None).map(|it| record(&it.unwrap().record));
    let (mut expected, mut read) = (expected.collect::<Vec<_>>(), records(&read));
    expected.sort();
    read.sort();
    assert_eq!(read, expected, "{yaml}");
}

/// Compares what is wrong, `LINE: PROBLEM` each.
#[track_caller]
fn check_errors(yaml: &str, expected: &[&str]) {
    let errors: Vec<_> = of(yaml).errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors, expected, "{yaml}");
}

proptest! {
    #[test]
    fn whatever_the_text_is_it_is_read_or_refused_within_its_limits(
        text in "(a|''|_imaps\\._tcp|: |- |\n|\n  |\\{|\\}|\\[|\\]|, |type|ttl|value|values|A|SRV|TXT|192\\.0\\.2\\.1|port|&a |\\*a|<<|!x |'|\"|\\\\;|9){0,40}",
    ) {
        let read = of(&text);
        prop_assert!(read.file.records() <= 51);
        prop_assert!(read.errors.iter().all(|error| error.line >= 1));
    }
}

#[test]
fn values_are_one_or_a_list_and_the_ttl_may_be_left_out() {
    let yaml = "---\n? ''\n: - type: MX\n    values:\n    - {exchange: mx1.example.net., preference: 10}\n    - {value: mx2.example.net., priority: 20}\n  - {type: NS, ttl: 60, values: [ns1.example.net., ns2.example.net.]}\nwww:\n  type: A\n  ttl: 300\n  value: 192.0.2.1\nwww2: {type: AAAA, values: ['2001:DB8::1']}\n";
    check(
        yaml,
        &[
            "@ 3600 MX 10 mx1.example.net.",
            "@ 3600 MX 20 mx2.example.net.",
            "@ 60 NS ns1.example.net.",
            "@ 60 NS ns2.example.net.",
            "www 300 A 192.0.2.1",
            "www2 3600 AAAA 2001:db8::1",
        ],
    );
    for empty in ["", "---\n", "{}\n", "--- {}\n", "# nothing\n", "~\n"] {
        check(empty, &[]);
    }
}

#[test]
fn every_type_that_mail_needs_is_read() {
    check(
        "_imaps._tcp:\n  type: SRV\n  value: {port: '993', priority: 0, target: mail.example.com., weight: 1}\n\
         _pop3._tcp: {type: SRV, value: {port: 0, priority: 0, target: ., weight: 0}}\n\
         _25._tcp.mail: {type: TLSA, value: {certificate_association_data: AB01, certificate_usage: 3, matching_type: 1, selector: 1}}\n\
         autoconfig: {type: CNAME, value: mail.example.com.}\n\
         caa: {type: CAA, values: [{tag: issue, value: ca.example}, {flags: 128, tag: iodef, value: 'mailto:a@b.example'}]}\n\
         naptr: {type: NAPTR, value: {flags: S, order: 1, preference: 2, regexp: '', replacement: a.example., service: X}}\n\
         old: {type: DNAME, value: new.example.com.}\n\
         ds: {type: DS, value: {algorithm: 13, digest: ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB, digest_type: 2, key_tag: 7}}\n\
         ssh: {type: SSHFP, value: {algorithm: 4, fingerprint: ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB, fingerprint_type: 2}}\n\
         '*': {type: TXT, value: any}\n",
        &[
            "_imaps._tcp 3600 SRV 0 1 993 mail",
            "_pop3._tcp 3600 SRV 0 0 0 .",
            "_25._tcp.mail 3600 TLSA 3 1 1 AB01",
            "autoconfig 3600 CNAME mail",
            "caa 3600 CAA 0 issue \"ca.example\"",
            "caa 3600 CAA 128 iodef \"mailto:a@b.example\"",
            "naptr 3600 NAPTR 1 2 \"S\" \"X\" \"\" a.example.",
            "old 3600 DNAME new",
            "ds 3600 DS 7 13 2 ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB",
            "ssh 3600 SSHFP 4 2 ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB",
            "* 3600 TXT any",
        ],
    );
}

#[test]
fn texts_are_unescaped_and_cut_into_strings() {
    let long = "x".repeat(300);
    check(
        &format!(
            "a: {{type: TXT, value: 'v=spf1\\; a=\"b\"'}}\nb: {{type: TXT, value: 'back\\\\slash'}}\nc: {{type: TXT, value: {long}}}\nd: {{type: TXT, value: '\"one\" \"two\"'}}\ne: {{type: SPF, value: 12}}\n"
        ),
        &[
            "a 3600 TXT \"v=spf1; a=\\\"b\\\"\"",
            "b 3600 TXT \"back\\\\slash\"",
            &format!("c 3600 TXT {} {}", &long[..255], &long[255..]),
            "d 3600 TXT onetwo",
            "e 3600 TXT 12",
        ],
    );
    check_errors(
        "a: {type: TXT, value: 'k=v; b'}\nb: {type: TXT, value: 'k\\\\; b'}\nc: {type: TXT, value: p\u{fc}th}\n",
        &[
            "1: `a` TXT: `k=v; b` has a semicolon that is not escaped; write \\;",
            "2: `b` TXT: `k\\\\; b` has a semicolon that is escaped twice",
            "3: `c` TXT: `p\u{fc}th` is not ASCII",
        ],
    );
}

#[test]
fn names_may_be_international_and_anchors_and_merges_are_followed() {
    check(
        "b\u{fc}ro: &it\n  type: A\n  ttl: 60\n  value: 192.0.2.1\nb: *it\nc:\n  <<: *it\n  value: 192.0.2.2\nd: {type: CNAME, value: b\u{fc}ro.example.com.}\n",
        &[
            "xn--bro-hoa 60 A 192.0.2.1",
            "b 60 A 192.0.2.1",
            "c 60 A 192.0.2.2",
            "d 3600 CNAME xn--bro-hoa",
        ],
    );
}

#[test]
fn what_octodns_refuses_is_refused_with_its_line() {
    for (yaml, error) in [
        ("a: {type: A, value: 1.2.3}\n", "1: `a` A: `1.2.3` is no IPv4 address"),
        ("a:\n  type: AAAA\n  values:\n  - ::1\n  - x\n", "5: `a` AAAA: `x` is no IPv6 address"),
        ("a: {type: A}\n", "1: `a` A has no value"),
        ("a: {type: A, value: ~}\n", "1: `a` A has no value"),
        ("a: {type: A, values: []}\n", "1: `a` A has no value"),
        ("a: {type: A, value: ''}\n", "1: `a` A: the value is empty"),
        ("a: {value: 192.0.2.1}\n", "1: `a` has no `type`"),
        ("a: {type: FOO, value: x}\n", "1: `FOO` is no record type of octoDNS"),
        ("a: x\n", "1: `a` has to be a map with `type` in it"),
        ("- a\n", "1: a zone has to be a map of owner names"),
        ("'@': {type: A, value: 192.0.2.1}\n", "1: the apex is written '', not @"),
        ("no: {type: A, value: 192.0.2.1}\n", "1: `no` is no text to YAML; put it in quotes"),
        (
            "a..b: {type: A, value: 192.0.2.1}\n",
            "1: `a..b.example.com.` has an empty label (two dots in a row, or one in front)",
        ),
        ("a b: {type: A, value: 192.0.2.1}\n", "1: `a b` has a blank in it"),
        ("'': {type: CNAME, value: b.example.}\n", "1: the apex cannot be an alias (CNAME)"),
        (
            "a: {type: ALIAS, value: b.example.}\n",
            "1: `a` is not the apex; ALIAS stands there alone",
        ),
        (
            "a: {type: CNAME, value: b.example}\n",
            "1: `a` CNAME: `b.example` lacks its final dot; write b.example.",
        ),
        (
            "imaps: {type: SRV, value: {port: 1, priority: 0, target: ., weight: 0}}\n",
            "1: `imaps` is no name for SRV; write _service._protocol",
        ),
        (
            "_a._tcp: {type: SRV, value: {port: x, priority: 0, target: ., weight: 0}}\n",
            "1: `_a._tcp` SRV: `x` is no number for `port`",
        ),
        (
            "_a._tcp: {type: SRV, value: {port: 0143, priority: 0, target: ., weight: 0}}\n",
            "1: `_a._tcp` SRV: `0143` is no number for `port`",
        ),
        (
            "_a._tcp: {type: SRV, value: {port: 70000, priority: 0, target: ., weight: 0}}\n",
            "1: `_a._tcp` SRV: its fields make no SRV record; look for numbers that are too large",
        ),
        (
            "_a._tcp: {type: SRV, value: {priority: 0, target: ., weight: 0}}\n",
            "1: `_a._tcp` SRV: `port` is missing",
        ),
        (
            "_a._tcp: {type: SRV, value: 0 1 993 a.}\n",
            "1: `_a._tcp` SRV: the value has to be a map with `priority` in it",
        ),
        (
            "a: {type: A, ttl: -1, value: 192.0.2.1}\n",
            "1: `-1` is no TTL; give seconds, at most 2147483647",
        ),
        (
            "a:\n- {type: A, value: 192.0.2.1}\n- {type: A, value: 192.0.2.2}\n",
            "3: `a` has A in line 2 already",
        ),
        (
            "a: {type: A, value: 192.0.2.1}\nb: {type: A, value: 192.0.2.1}\na: {type: TXT, value: x}\n",
            "3: the key `a` stands in line 1 already, and octoDNS takes the last alone",
        ),
        ("a: !include other.yaml\n", "1: the tag `!include` is not followed; write it out"),
        ("{}\n---\n{}\n", "2: a second document begins; keep one zone per file"),
        ("a: [\n", "2: it is no YAML: while parsing a flow sequence, expected ',' or ']'"),
    ] {
        let errors: Vec<_> = of(yaml).errors.iter().map(ToString::to_string).collect();
        match yaml.starts_with("a: [\n") {
            true => assert!(errors.len() == 1 && errors[0].contains("it is no YAML"), "{errors:?}"),
            false => assert_eq!(errors, [error], "{yaml}"),
        }
    }
}

#[test]
fn a_lenient_record_is_read_as_far_as_it_goes() {
    let lenient = "octodns: {lenient: true}";
    check(
        &format!(
            "a: {{type: CNAME, value: b.example, {lenient}}}\nimaps: {{type: SRV, value: {{port: 993, priority: 0, target: mail.example.com., weight: 0}}, {lenient}}}\nt: {{type: TXT, value: k=v; b, lenient: true}}\nx: {{type: A, values: [1.2.3, 192.0.2.1], {lenient}}}\ny: {{type: A, {lenient}}}\n"
        ),
        &[
            "a 3600 CNAME b.example.",
            "imaps 3600 SRV 0 0 993 mail",
            "t 3600 TXT \"k=v; b\"",
            "x 3600 A 192.0.2.1",
        ],
    );
}

#[test]
fn what_is_left_out_or_not_for_every_provider_is_noted_with_its_line() {
    let read = of(
        "a: {type: A, value: 192.0.2.1, octodns: {ignored: true}}\nb: {type: A, value: 192.0.2.2, octodns: {included: [one]}}\nc: {type: A, value: 192.0.2.3, octodns: {excluded: [two], ignored: false}}\nd:\n  type: A\n  octodns: {lenient: true}\n  values:\n  - 1.2.3\n  - 192.0.2.4\n",
    );
    assert_eq!(read.errors, []);
    let published = ["b 3600 A 192.0.2.2", "c 3600 A 192.0.2.3", "d 3600 A 192.0.2.4"];
    let published =
        published.map(|it| it.replacen(' ', ".example.com. ", 1).replacen("3600 ", "3600 IN ", 1));
    assert_eq!(records(&read), published);
    let notes: Vec<_> = read.notes.iter().map(ToString::to_string).collect();
    let all = "so not every provider gets it; it is judged as if all did";
    let expected = [
        "1: `a` A is ignored, so no provider gets it; it is left out".to_owned(),
        format!("2: `b` A has `included`, {all}"),
        format!("3: `c` A has `excluded`, {all}"),
        "8: `d` A: `1.2.3` is no IPv4 address; the record is lenient, and the value is left out"
            .to_owned(),
    ];
    assert_eq!(notes, expected);
}

#[test]
fn a_zone_without_records_exists_and_begins_in_its_file() {
    let zones = Zones::of(vec![of("").file], None);
    let zone = parse_text("example.com.").unwrap();
    let answer = |name: &str| {
        let question = Question { name: parse_text(name).unwrap(), rtype: RecordType::MX };
        zones.ask(&question).now_or_never().unwrap().outcome
    };
    assert_eq!(answer("example.com."), Outcome::NoData);
    assert_eq!(answer("www.example.com."), Outcome::NxDomain);
    let begins = zones.position(&zone, RecordType::SOA).map(|it| it.record());
    assert_eq!(begins.as_deref(), Some("z:1"));
    assert_eq!(zones.position(&zone, RecordType::MX), None);
}

#[test]
fn what_mail_does_not_need_is_passed_over_and_counted() {
    let read = of(
        "a: {type: HTTPS, value: {}}\nb: {type: LOC, value: {}}\nc: {type: LOC, value: {}}\nd: {type: CloudflareProvider/URLFWD, value: x}\n",
    );
    assert_eq!(read.errors, []);
    assert_eq!(read.file.records(), 0);
    let passed: Vec<_> =
        read.passed.iter().map(|(rtype, count)| (rtype.as_str(), *count)).collect();
    assert_eq!(passed, [("CloudflareProvider/URLFWD", 1), ("HTTPS", 1), ("LOC", 2)]);
}

#[test]
fn what_is_large_is_left() {
    let many = "  - 192.0.2.1\n".repeat(60);
    check_errors(
        &format!("a:\n  type: A\n  values:\n{many}"),
        &["1: the zone has more than 50 records"],
    );
    let deep = format!("a: {}", "[".repeat(100));
    check_errors(&deep, &["1: values nest more than 32 deep"]);
    let laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(b'b'..=b'i').fold(String::new(), |all, it| {
            let (own, before) = (it as char, (it - 1) as char);
            all + &format!("{own}: &{own} [{}]\n", vec![format!("*{before}"); 9].join(", "))
        });
    assert!(!of(&laughs).errors.is_empty());
    let nodes = "[x, x, x, x, x, x, x, x, x, x]";
    check_errors(
        &format!("a: [{}]\n", vec![nodes; 60].join(", ")),
        &["1: the file has more values than are read"],
    );
}

#[test]
fn every_record_knows_its_line() {
    let read =
        of("a:\n  type: A\n  values:\n  - 192.0.2.1\n  - 192.0.2.2\nb: {type: TXT, value: x}\n");
    let mut lines = Vec::new();
    read.file.gathering.for_each(|_key, place| {
        lines.push(read.file.files.position(place).map(|it| it.record()));
    });
    assert_eq!(lines, ["z:4", "z:5", "z:6"].map(|it| Some(it.to_owned())));
}
