//! RDATA on both sides of the borders of its fields.

use super::*;

const DIGEST: &str = "a digest of the length its type has";
const KEY: &str = "a known key or keyNNNNN";
const ALPN: &str = "alpn=ID,ID with IDs of 1 to 255 octets";

/// What stands beyond a border, and the words in which it is refused.
const BEYOND: [(&str, &str); 18] = [
    ("DS 1 8 1 aa", DIGEST),
    ("CDS 1 8 4 aa", DIGEST),
    ("SSHFP 4 1 aa", DIGEST),
    ("CAA 0 \"\" x", "a token without quotes"),
    ("LOC 1 N 2 E 92233720368547758.07", "meters from -100000.00"),
    ("SVCB 1 . alpn= \"h2\"", ALPN),
    ("SVCB 1 . alpn=h2,,h3", ALPN),
    ("SVCB 1 . xyz7=a", KEY),
    ("SVCB 1 . key07=a", KEY),
    ("SVCB 1 . key65535=a", KEY),
    ("SVCB 1 . key=a", KEY),
    ("SVCB 1 . mandatory=x", "mandatory=KEY,KEY"),
    ("SVCB 1 . alpn=h2 no-default-alpn=", "no-default-alpn without a value"),
    ("SVCB 1 . port=x", "port=NUMBER up to 65535"),
    ("SVCB 1 . ipv4hint=::1", "ipv4hint=ADDRESS,ADDRESS"),
    ("SVCB 1 . ech=!", "ech=BASE64"),
    ("SVCB 1 . ipv6hint=192.0.2.1", "ipv6hint=ADDRESS,ADDRESS"),
    ("SVCB 1 . mandatory=port,port port=80", "parameters that agree"),
];

#[test]
fn what_is_beyond_the_border_of_a_field_is_refused_in_words_of_its_own() {
    for (line, words) in BEYOND {
        check_rdata(line, &format!("!{words}"));
    }
    let strings = format!("TXT{}", format!(" \"{}\"", "a".repeat(255)).repeat(256));
    check_rdata(&strings, "!the RDATA takes 65536 octets, and at most 65535 fit");
}

#[test]
fn what_is_within_the_border_of_a_field_is_read() {
    for (start, octets) in [
        ("DS 1 8 1", 20),
        ("DS 1 8 2", 32),
        ("CDS 1 8 4", 48),
        ("SSHFP 4 1", 20),
        ("SSHFP 4 2", 32),
    ] {
        let line = format!("{start} {}", "AB".repeat(octets));
        check_rdata(&line, &line);
    }
    check_rdata("SVCB 1 . key0=\\000\\003 key3=\\000P", "SVCB 1 . mandatory=port port=80");
    // Each name has its 255 octets.
    let long = "a.".repeat(127);
    let line = format!("MINFO {long} {long}");
    check_rdata(&line, &line);
    let strings = format!(" \"{}\"", "a".repeat(255)).repeat(255);
    let line = format!("TXT{strings} \"{}\"", "a".repeat(254));
    check_rdata(&line, &line);
}
