//! Where entries stand, and what makes one a directive.

use super::*;

#[test]
fn a_record_stands_where_its_first_token_does() {
    let zone = "a 1 A 192.0.2.1\n  1 A 192.0.2.2\n(\nb 1 A 192.0.2.3 )\n\
                $GENERATE 1-2 h$ 1 A 192.0.2.$\n(\n$GENERATE 1-1 i$ 1 A 192.0.2.4 )\n";
    let scanner = Scanner::new(zone.as_bytes(), "z", Some(name("example.com")));
    let positions: Vec<_> = scanner.map(|entry| entry.unwrap().position.to_string()).collect();
    assert_eq!(positions, ["z:1:1", "z:2:1", "z:4:1", "z:5:1", "z:5:1", "z:7:1"]);
}

#[test]
fn an_error_stands_at_its_token_whichever_line_of_the_entry_it_is_on() {
    check(
        "a 1 SOA b c ( 1 2\n x 4 5 )\nb 1 A 192.0.2.1\n",
        &["!z:2:2: `x` is not fit", "b.example.com. 1 IN A 192.0.2.1"],
    );
    check("$ORIGIN", &["!z:1:8: the origin of the $ORIGIN is missing"]);
}

#[test]
fn a_directive_begins_its_line_and_stands_in_no_quotes() {
    check(
        "a 1 A 192.0.2.1\n $TTL 5\n",
        &["a.example.com. 1 IN A 192.0.2.1", "!z:2:2: `$TTL` is no record type"],
    );
    check("\"$x\" 1 A 192.0.2.1\n", &["\\$x.example.com. 1 IN A 192.0.2.1"]);
}

#[test]
fn generated_data_in_quotes_may_have_quotes_of_its_own() {
    check(
        r#"$GENERATE 1-1 h$ 5 TXT "\"a b\" c\;d \\""#,
        &[r#"h1.example.com. 5 IN TXT "a b" "c;d" "\\""#],
    );
}

#[test]
fn as_many_files_are_included_as_the_limit_says() {
    let opener = |_: &str| -> io::Result<Box<dyn BufRead + Send>> { Ok(Box::new(&b""[..])) };
    let zone = "$INCLUDE x\n".repeat(1025);
    let scanner = Scanner::new(zone.as_bytes(), "z", None).with_includes(opener);
    assert!(format!("{scanner:?}").starts_with("Scanner { file: \"z\", lines_read: 0"));
    let refused = "!z:1025:10: $INCLUDE `x` is refused: more than 1024 files are included";
    assert_eq!(lines_of(scanner), [refused]);
}
