//! What is said of slips, the way out of each, and how long a list may be.

use serde::Deserialize;
use serde::de::value::F64Deserializer;

use super::super::shape::Switch;
use super::*;

const SWITCH: &str = "expected `true`, `false` or a map such as `{ tls: true }`, found";
const TTL: &str = "expected a whole number from 0 to 2147483647, found";
const NO_SERVICE: &str = "the profile offers no service";
const FLOW: &str = "not YAML: while parsing a flow mapping, did not find expected ',' or '}'";
const ANCHOR: &str = "not YAML: while parsing node, found unknown anchor";
const KEY: &str = "expected the name of a field, found";
const IMAP: &str = "name one service at least, such as `imap: true`";
const QUOTE: &str = "quote a text with a placeholder in it, as in \"mail.{domain}\"";
const QUOTE_KEY: &str = "quote a text that begins with `{` or `[`";
const GIVE: &str = "give it a value, or leave the line out";

/// Profiles, what is said of them in one or two parts, and the hint; empty where there is none.
const SAID: [(&str, [&str; 2], &str); 34] = [
    ("imap: true\npop3:\n", [SWITCH, " nothing"], GIVE),
    ("imap: true\nhost: [a.example]", ["expected a text, found", " a list"], ""),
    ("imap: true\nttl: { a: 1 }", [TTL, " a map"], ""),
    ("imap: true\nttl: \"1h\"", [TTL, " the text \"1h\""], ""),
    ("imap: true\nttl: \"\"", [TTL, " the text \"\""], ""),
    ("imap: true\nttl: 0x10", [TTL, " `0x10`"], ""),
    ("imap: true\nttl: 060", [TTL, " `060`"], "write it without leading zeros: 60"),
    ("imap: true\nttl: 00", [TTL, " `00`"], "write it without leading zeros: 0"),
    ("imap: \"993\"", [SWITCH, " the text \"993\""], ""),
    ("imap: 0993", [SWITCH, " `0993`"], ""),
    ("imap: true\nhost: null", ["expected a text, found", " `null`"], ""),
    ("imap: true\nhost: ~", ["expected a text, found", " `~`"], ""),
    ("host: \"\"\nimap: true", ["the name is", " empty"], ""),
    (
        "imap: true\nseverity: { ttl-long: 3 }",
        ["expected `off`, `info`, `warning`, `error` or `critical`, found", " `3`"],
        "",
    ),
    (
        "imap: true\nlogin: 3",
        [
            "expected `full-address`, `local-part` or a form such as `{local-part}-al`,",
            " found `3`",
        ],
        "",
    ),
    (
        "imap: true\ndeny: _pop3",
        [
            "expected `true`, `false` or a list of labels such as `[_pop3s, _pop3]`,",
            " found `_pop3`",
        ],
        "",
    ),
    ("imap: true\ndeny: [3]", ["expected a label such as `_pop3s`,", " found `3`"], ""),
    ("# nothing", [NO_SERVICE, ""], IMAP),
    ("---\n", [NO_SERVICE, ""], IMAP),
    ("~", [NO_SERVICE, ""], IMAP),
    ("null", [NO_SERVICE, ""], IMAP),
    (
        "imap: true\nhost: \"x\n",
        ["not YAML: while scanning a quoted scalar, ", "found unexpected end of stream"],
        "",
    ),
    ("imap: {} }", ["not YAML: misplaced", " bracket"], ""),
    ("imap: { host: {}x }", [FLOW, ""], ""),
    ("imap: { tls: 993, starttls: { a: b }x }", [FLOW, ""], ""),
    ("imap: { host: mail.{Domain} }", [FLOW, ""], QUOTE),
    ("imap: { host: mail.{mail server} }", [FLOW, ""], QUOTE),
    ("imap: { host: mail.{server-2} }", [FLOW, ""], QUOTE),
    (
        "imap: true\nhost: %x",
        ["not YAML: unexpected character:", " `%'"],
        "quote a text that begins with `%`",
    ),
    (
        "imap: true\nhost: @x",
        ["not YAML: unexpected character:", " `@'"],
        "quote a text that begins with `@`",
    ),
    ("imap: true\nhost: *.example", [ANCHOR, ""], "quote a text that begins with `*`"),
    ("imap: true\n*a : 2", [ANCHOR, ""], "quote a text that begins with `*`"),
    ("imap: true\n? [a]\n: b", [KEY, " a list"], QUOTE_KEY),
    ("imap: true\n? {a: b}\n: c", [KEY, " a map"], QUOTE_KEY),
];

#[test]
fn a_slip_is_named_with_the_way_out() {
    for (yaml, said, hint) in SAID {
        let error = refused(yaml);
        assert_eq!(error.problem().to_string(), said.concat(), "{yaml}");
        assert_eq!(error.hint().unwrap_or_default(), hint, "{yaml}");
    }
}

#[test]
fn a_list_is_as_long_as_its_bound_and_no_longer() {
    let numbered = |count: usize, item: fn(usize) -> String| {
        (1..=count).map(item).collect::<Vec<_>>().join(", ")
    };
    let digest = |_| "'47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='".to_owned();
    let server: fn(usize) -> String = |number| format!("{{ host: mx{number}.example }}");
    for (key, field, item, most) in [
        ("mx", "servers", server, MAX_SERVERS),
        ("autoconfig", "addresses", |number| format!("192.0.2.{number}"), MAX_ADDRESSES),
        ("pacc", "digests", digest, MAX_SERVERS),
    ] {
        let profile =
            |count| format!("imap: true\n{key}: {{ {field}: [{}] }}", numbered(count, item));
        accepted(&profile(most));
        assert_eq!(refused(&profile(most + 1)).field(), format!("{key}.{field}"));
    }
}

#[test]
fn what_no_profile_can_hold_is_refused_by_a_switch_in_its_own_words() {
    let float = F64Deserializer::<Fault>::new(1.5);
    let fault = Switch::<bool>::deserialize(float).err().expect("it is no flag");
    let said = "expected `true`, `false` or a value, found floating point `1.5`";
    assert_eq!(fault.to_string(), said);
}
