use super::*;

#[track_caller]
fn check(input: &[u8], expected: &[&str]) {
    let got: Vec<String> = List::new(input)
        .map(|listed| match listed {
            Ok(Listed { line, typed, parsed }) => {
                let line = line.unwrap_or_default();
                match parsed {
                    Ok((domain, columns)) => {
                        let server = columns.value("server").unwrap_or("-");
                        format!("{line} {domain} {server}")
                    }
                    Err(error) => format!("{line} bad {typed}: {error}"),
                }
            }
            Err(error) => format!("end: {error}"),
        })
        .collect();
    assert_eq!(got.len(), expected.len(), "{got:#?}");
    for (got, part) in got.iter().zip(expected) {
        assert!(got.starts_with(part), "{got:?} does not begin with {part:?}");
    }
}

#[test]
fn plain_lines_are_one_domain_each() {
    check(b"", &[]);
    check(b"example.com", &["1 example.com -"]);
    check(
        "\u{feff}# customers\r\n\r\nA.example\r\nbücher.example\n".as_bytes(),
        &["3 a.example -", "4 xn--bcher-kva.example -"],
    );
    check(
        b"a.example\nb example\n\xff\nc.example\n",
        &[
            "1 a.example",
            "2 bad b example: ",
            "3 bad \u{fffd}: the line is not UTF-8",
            "4 c.example",
        ],
    );
}

#[test]
fn a_header_makes_it_csv() {
    check(
        b"Domain,server\na.example,s1.example\n\"b.example\", \n",
        &["2 a.example s1.example", "3 b.example "],
    );
    check(b"domain\na.example\n", &["2 a.example -"]);
    check(
        b"server,domain\ns1.example\n\"open,a.example\ns1,a.example\n",
        &[
            "2 bad s1.example: the row has 1 field and the header has 2",
            "3 bad \"open,a.example: a quoted",
            "4 a.example s1",
        ],
    );
    check(b"a;b\n", &["end: line 1: the header has no column `domain`, but `a` and `b`"]);
    check(b"a.example,s1\n", &["end: line 1: `a.example` is no name of a column; put a header"]);
    check(b"name,server\nx,y\n", &["end: line 1: the header has no column `domain`"]);
    check(b"domain,a,a\n", &["end: line 1: the header is no CSV: the column `a` stands"]);
}

#[test]
fn a_quoted_field_may_go_on_over_lines() {
    check(
        b"domain,\"The\r\nnote\",server\r\na.example,\"one\r\n\r\n# \"\"two\"\"\r\nx.example,,s\",s1\r\nb.example,,s2",
        &["3 a.example s1", "7 b.example s2"],
    );
    check(
        b"domain;server;note\n#a.example;s0;\"x\nevil.example;s1;\"\nb.example;s2;\"y\n\"",
        &["4 b.example s2"],
    );
    // What a field of too many makes bad goes with all of its lines.
    check(
        b"note,domain\n\"x\nevil.example,y\nz\",b.example,\nc,d.example\n",
        &[
            "2 bad \"x: the row has 3 fields and the header has 2; a quoted field makes one row of it and all to line 4",
            "5 d.example",
        ],
    );
}

#[test]
fn a_comment_that_could_be_a_row_is_counted() {
    for (list, expected) in [
        (&b"id,domain\n#5,a.example\n6,b.example\n#7,\"c.example\"\n"[..], Some((2, 2))),
        (b"domain;id\n#a.example;5\nb.example;6\n", None),
        (b"id,domain\n# a note\n#5,no domain\n#5,a.example,more\n\"#5\",b.example\n", None),
        (b"#id,x.example\nid\tdomain\n#\ta.example\n", Some((3, 1))),
        (b"note,domain\n#\"x\n,a.example\n#y,\"b.example\n\"\n", Some((4, 1))),
        (b"#a.example\nb.example\n", None),
    ] {
        let mut list = List::new(list);
        while list.next().is_some() {}
        let passed = list.passed_over().map(|passed| (passed.first, passed.count));
        assert_eq!(passed, expected);
    }
}

#[test]
fn a_stray_quote_swallows_no_other_row() {
    check(
        b"note,domain\n\"open,a.example\n\"s1\",b.example\n\"c.example\nx,d.example\n",
        &[
            "2 bad \"open,a.example: a quoted field has no closing quote",
            "3 b.example",
            "4 bad \"c.example: a quoted field has no closing quote",
            "5 d.example",
        ],
    );
    let rows = "x,a.example\n".repeat(MAX_AHEAD / 16);
    let list = format!("note,domain\n\"x,a.example\n{rows}");
    let mut list = List::new(list.as_bytes());
    assert!(list.next().unwrap().unwrap().parsed.is_err());
    assert_eq!(list.filter(|row| row.as_ref().unwrap().parsed.is_ok()).count(), MAX_AHEAD / 16);
}

#[test]
fn a_long_note_is_one_bad_row_and_never_a_mail_domain() {
    let lines = |octets: usize| "evil.example,x\n".repeat(octets / 15);
    for octets in [MAX_LINE, MAX_AHEAD, 3 * MAX_AHEAD] {
        let list = format!("domain,note\na.example,\"{}\"\r\nb.example,\n", lines(octets));
        check(
            list.as_bytes(),
            &[
                &format!(
                    "2 bad a.example,\"evil.example,x: the row is longer than 65536 octets; a quoted field makes one row of it and all to line {}",
                    2 + octets / 15
                ),
                &format!("{} b.example", 3 + octets / 15),
            ],
        );
    }
    // Where nothing tells a note from rows, nothing is guessed.
    for end in ["", "\"b\",c.example\n"] {
        let list = format!("domain,note\n\"a.example,\n{}{end}", lines(2 * MAX_AHEAD));
        check(list.as_bytes(), &["end: line 2: a quoted field begins there and has no end"]);
    }
    let endless = io::Cursor::new(b"domain,note\na.example,\"").chain(io::repeat(b'\n'));
    let mut endless = List::new(io::BufReader::new(endless));
    let error = endless.next().unwrap().unwrap_err().to_string();
    assert!(error.starts_with("line 2: a quoted field"), "{error}");
    assert!(endless.next().is_none());
}

#[test]
fn no_line_and_no_length_of_a_field_reaches_a_message() {
    let long = "a".repeat(60_000);
    let list = format!(
        "domain,note\n\"x\n::error::boo\nexample.com: pass\",n\n{long},n\n\" b.example\n\",n\n"
    );
    let rows: Vec<Listed> = List::new(list.as_bytes()).map(Result::unwrap).collect();
    let said: Vec<_> =
        rows.iter().map(|row| (row.typed.len(), row.parsed.as_ref().err())).collect();
    assert_eq!(rows.len(), 3, "{said:?}");
    assert!(rows[2].parsed.is_ok() && rows[2].typed == "b.example", "{said:?}");
    for row in rows[..2].iter().chain([&Listed::alone("x\n::error::boo"), &Listed::alone(&long)]) {
        let error = row.parsed.as_ref().unwrap_err();
        assert!(row.typed.len() <= 80 && error.len() < 300, "{error}");
        assert!(!row.typed.contains('\n') && !error.contains('\n'), "{error}");
    }
}

#[test]
fn the_text_of_a_long_line_stays_the_text_of_its_note() {
    let long = "x".repeat(70_000);
    let list = format!("domain,note\na.example,\"{long}\nevil.example,y\"\nb.example,z\n");
    check(list.as_bytes(), &["2 bad a.example,\"xxx", "4 b.example"]);
    let list = format!("domain,note\na.example,\"{long}\"\nb.example,z\n");
    check(list.as_bytes(), &["2 bad a.example,\"xxx", "3 b.example"]);
    let list = format!("domain,note\na.example,\"{long}\nb.example,z\n");
    check(list.as_bytes(), &["end: line 2: a quoted field begins there and has no end"]);
}

#[test]
fn what_is_looked_at_is_bounded_by_what_is_read() {
    let list = format!("domain,note\n{}", "x\",\"\n".repeat(400_000));
    let mut list = List::new(list.as_bytes());
    let ended = list.by_ref().find_map(Result::err).unwrap().to_string();
    assert!(ended.contains("a quoted field begins there and has no end"), "{ended}");
    assert!(list.looked <= 16 * list.read + (2 << 20) + (8 << 10), "{}", list.looked);
}

#[test]
fn text_behind_the_quote_of_a_mail_domain_is_bad() {
    check(
        b"domain,note\n\"b.example\"x,y\n\"c.example\" ,\"n\"x\n\"d.example\",y\n",
        &["2 bad \"b.example\"x,y: text follows the quote", "3 c.example", "4 d.example"],
    );
}

/// A field as a writer of CSV writes it (RFC 4180 §2), in quotes where it needs them.
fn written(field: &str, separator: char) -> String {
    let needs = |letter: char| matches!(letter, '"' | '\n' | '\r' | '#') || letter == separator;
    if field.contains(needs) || field.trim() != field {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn well_formed_csv_reads_back_as_it_was_written(
        rows in proptest::collection::vec(proptest::array::uniform2("[a,;\t\"\"\r\n #ü]{0,12}"), 1..12),
        separator in proptest::sample::select(vec![',', ';', '\t']),
        end in proptest::sample::select(vec!["\n", "\r\n"]),
        domain_at in 0..3_usize,
    ) {
        let row = |fields: [&str; 2], domain: &str| {
            let mut fields: Vec<String> =
                fields.iter().map(|field| written(field, separator)).collect();
            fields.insert(domain_at, domain.to_owned());
            fields.join(&separator.to_string()) + end
        };
        let mut list = row(["server", "a\nb"], "domain");
        for (at, [server, note]) in rows.iter().enumerate() {
            list += &row([server, note], &format!("d{at}.example"));
        }
        let read: Vec<_> = List::new(list.as_bytes()).map(Result::unwrap).collect();
        proptest::prop_assert_eq!(read.len(), rows.len(), "{:?}", list);
        for (at, (listed, [server, note])) in read.iter().zip(&rows).enumerate() {
            let (domain, columns) = listed.parsed.as_ref().unwrap();
            proptest::prop_assert_eq!(domain.to_string(), format!("d{at}.example"));
            proptest::prop_assert_eq!(columns.value("server"), Some(server.as_str()));
            proptest::prop_assert_eq!(columns.value("a b"), Some(note.as_str()));
        }
    }
}

#[test]
fn spreadsheets_separate_by_semicolons_and_tabs() {
    check(
        b"\xef\xbb\xbfsep=;\r\nName;Domain;Server;;\r\n\"A; B\";a.example;s1;;\r\n;;;;\r\n;b.example;;;\r\n",
        &["3 a.example s1", "5 b.example "],
    );
    check(
        b"Note\t\"Domain\"\tServer\n\ta.example\t\nx\tb.example\ts2\n\t\t\n",
        &["2 a.example ", "3 b.example s2"],
    );
    check(b"domain;note\na.example;one,two\n", &["2 a.example -"]);
    check(b"\ta.example\t\nb.example\n", &["1 a.example -", "2 b.example -"]);
}

#[test]
fn another_column_may_hold_the_mail_domains() {
    let check = |input: &str, column: &str, expected: &str| {
        let mut list = List::new(input.as_bytes()).with_domain_column(column);
        let got = match list.next() {
            Some(Ok(Listed { parsed: Ok((domain, columns)), .. })) => {
                format!("{domain} {}", columns.value("mail server").unwrap_or("-"))
            }
            other => format!("{other:?}"),
        };
        assert!(got.contains(expected), "{got}");
    };
    check("Mail Domain,Mail  Server\na.example,s1\n", "mail domain", "a.example s1");
    check("\"FQDN\"\na.example\n", "fqdn", "a.example -");
    check("domain,server\na.example,s1\n", "fqdn", "NoDomainColumn");
    check("a.example\n", "fqdn", "NoDomainColumn");
}

#[test]
fn octets_of_other_encodings_harm_only_what_is_read() {
    check(
        b"domain;Gr\xf6\xdfe;server\na.example;M\xfcller;s1\nm\xfcller.example;;s2\n",
        &["2 a.example s1", "3 bad m\u{fffd}ller.example;;s2: the line is not UTF-8"],
    );
    check(b"# Gr\xf6\xdfe\na.example\n", &["2 a.example -"]);
    for utf16 in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a", b"a\0.\0", b"\0a\0."] {
        check(utf16, &["end: the list is in UTF-16; save it as UTF-8"]);
    }
}

#[test]
fn an_endless_line_is_one_bad_line_in_bounded_memory() {
    let mut input = vec![b'a'; 3 * MAX_LINE];
    input.extend_from_slice(b"\nb.example\n");
    check(&input, &["1 bad aaaaaaaa", "2 b.example"]);
}

#[test]
fn what_has_no_line_end_is_left() {
    let endless = io::BufReader::new(io::repeat(b'a'));
    let read: Vec<_> = List::new(endless).map(|listed| listed.unwrap_err().to_string()).collect();
    assert_eq!(read.len(), 1, "{read:?}");
    assert!(read[0].starts_with("line 1 has no end within 67108864 octets"), "{read:?}");
}
