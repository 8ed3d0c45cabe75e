mod keys;
mod schema;
mod slips;
mod written;

use proptest::prelude::*;

use super::*;
use crate::code::{Code, Severity};
use crate::hosting::{Endpoint, Lead, Login, cost};
use crate::service::{ConfigName, Label, Service};

#[track_caller]
fn refused(yaml: &str) -> ProfileError {
    parse(yaml, "profile.yaml").expect_err(yaml)
}

#[track_caller]
fn accepted(yaml: &str) -> Hosting {
    parse(yaml, "profile.yaml").unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn check_text(yaml: &str, expected: &str) {
    assert_eq!(format!("\n{}\n", refused(yaml)), expected);
}

#[track_caller]
fn check(yaml: &str, line: usize, column: usize, field: &str) {
    let error = refused(yaml);
    assert_eq!((error.line(), error.column(), error.field()), (line, column, field), "{error}");
}

/// Profiles, and the whole of what is said of them.
const SHOWN: [(&str, &str); 17] = [
    (
        "imap: { tls: 993, statrtls: 143 }\n",
        r#"
error: unknown field `statrtls`
 --> profile.yaml:1:19
  |
1 | imap: { tls: 993, statrtls: 143 }
  |                   ^^^^^^^^
hint: did you mean `starttls`?
"#,
    ),
    (
        "# a comment\nimap:\n  tls: 993   # the port\n  tls: 994\n",
        r#"
error: duplicate field `tls`
 --> profile.yaml:4:3
  |
4 |   tls: 994
  |   ^^^
hint: keep one of the two
"#,
    ),
    (
        "imap: true\nseverity: { target-allias: off }\n",
        r#"
error: `target-allias` is no finding code
 --> profile.yaml:2:13
  |
2 | severity: { target-allias: off }
  |             ^^^^^^^^^^^^^
hint: did you mean `target-alias`? (`mailsrv explain --list` shows them all)
"#,
    ),
    (
        "imap: true\nseverity: { ttl-long: of }\n",
        r#"
error: expected `off`, `info`, `warning`, `error` or `critical`, found `of`
 --> profile.yaml:2:23
  |
2 | severity: { ttl-long: of }
  |                       ^^
hint: did you mean `off`?
"#,
    ),
    (
        "imap: { tls: 143 }\n",
        r#"
error: port 143 is registered for IMAP with STARTTLS, not with TLS
 --> profile.yaml:1:14
  |
1 | imap: { tls: 143 }
  |              ^^^
hint: write `starttls: 143`, or `tls: 993`
"#,
    ),
    (
        "imap: { tls: \"993\" }\n",
        r#"
error: expected a whole number from 1 to 65535, found the text "993"
 --> profile.yaml:1:14
  |
1 | imap: { tls: "993" }
  |              ^^^^^^
hint: write it without quotes: 993
"#,
    ),
    (
        "imap: true\nhost: {domain}\n",
        r#"
error: expected a text, found a map
 --> profile.yaml:2:1
  |
2 | host: {domain}
  | ^^^^
hint: quote a text that begins with `{`
"#,
    ),
    (
        "imap: { host: mail.{domain}, tls: 993 }\n",
        r#"
error: not YAML: while parsing a flow mapping, did not find expected ',' or '}'
 --> profile.yaml:1:20
  |
1 | imap: { host: mail.{domain}, tls: 993 }
  |                    ^
hint: quote a text with a placeholder in it, as in "mail.{domain}"
"#,
    ),
    (
        "",
        r#"
error: the profile offers no service
 --> profile.yaml:1:1
  |
1 |
  | ^
hint: name one service at least, such as `imap: true`
"#,
    ),
    (
        "imap: { servers: [ { host: a.example }, { weight: 1 } ], tls: 993 }\n",
        r#"
error: missing field `host`
 --> profile.yaml:1:41
  |
1 | imap: { servers: [ { host: a.example }, { weight: 1 } ], tls: 993 }
  |                                         ^
"#,
    ),
    (
        "imap: { tls: 993, starttls-priority: 3 }\n",
        r#"
error: a priority for STARTTLS, which is not offered here
 --> profile.yaml:1:19
  |
1 | imap: { tls: 993, starttls-priority: 3 }
  |                   ^^^^^^^^^^^^^^^^^
hint: add `starttls: true`, or leave the priority out
"#,
    ),
    (
        "imap: true\nlogin: full-adress\n",
        r#"
error: expected `full-address` or `local-part`, found `full-adress`
 --> profile.yaml:2:8
  |
2 | login: full-adress
  |        ^^^^^^^^^^^
hint: did you mean `full-address`?
"#,
    ),
    (
        "imap: yes\n",
        r#"
error: expected `true`, `false` or a map such as `{ tls: true }`, found `yes`
 --> profile.yaml:1:7
  |
1 | imap: yes
  |       ^^^
hint: write `true`
"#,
    ),
    (
        "imap: &a true\npop3: *a\n",
        r#"
error: anchors (`&`) and aliases (`*`) are not used in a profile
 --> profile.yaml:1:7
  |
1 | imap: &a true
  |       ^^^^^^^
hint: write the value out where it is used
"#,
    ),
    (
        "{ imap: { tls: 993, host: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example\", weight: 1, starttls-priority: 5, servers: [] } }\n",
        r#"
error: a priority for STARTTLS, which is not offered here
 --> profile.yaml:1:111
  |
1 | ...aaaaaaaaaaaaaaaaaa.example", weight: 1, starttls-priority: 5, servers: [] } }
  |                                            ^^^^^^^^^^^^^^^^^
hint: add `starttls: true`, or leave the priority out
"#,
    ),
    (
        "imap: true\nhost: \"a\tb\t{\"\n",
        r#"
error: `a b {` has an unmatched brace; a placeholder is written {domain} or {server}
 --> profile.yaml:2:7
  |
2 | host: "a b {"
  |       ^^^^^^^
"#,
    ),
    (
        "imap: true\nhost: \"x\u{202e}y\"\n",
        r#"
error: `x�y` is not a valid internationalised name (RFC 5891)
 --> profile.yaml:2:7
  |
2 | host: "x�y"
  |       ^^^^^
"#,
    ),
];

#[test]
fn errors_show_the_source_and_a_way_out() {
    for (yaml, text) in SHOWN {
        check_text(yaml, text);
    }
}

/// Profiles, and the line, the column and the field that is blamed.
const PLACES: [(&str, usize, usize, &str); 75] = [
    ("submission:\n  starttls: 465\n", 2, 13, "submission.starttls"),
    ("imap: { tls: 0143 }\n", 1, 14, "imap.tls"),
    ("imap: { tls: 0 }\n", 1, 14, "imap.tls"),
    ("imap:\n  host: mail.{domain\n  tls: true\n", 2, 9, "imap.host"),
    ("host: mail.example.com\n", 1, 1, ""),
    ("imap: {}\n", 1, 1, "imap"),
    (
        "imap:\n  tls: 993\n  servers:\n    - host: a.example\n    # twice\n    - host: A.example\n    - {host: a.example, weight: 3}\n",
        6,
        13,
        "imap.servers[1].host",
    ),
    ("imap:\n  host: x.example\n  tls: 993\n  servers: [{host: a.example}]\n", 2, 3, "imap.host"),
    ("imap: true\nprefer: [imap]\n", 2, 1, "prefer"),
    ("imap: true\nprefer: [imap, submission]\n", 2, 16, "prefer[1]"),
    (
        "imap: true\nseverity: { target-one-family: of, x: warning }\n",
        2,
        32,
        "severity.target-one-family",
    ),
    ("imap: true\nseverity:\n", 2, 1, "severity"),
    ("imap:\nttl: 3600\n", 1, 1, "imap"),
    ("imap: true\nttl: 1h\n", 2, 6, "ttl"),
    ("imap: true\nttl: 2147483648\n", 2, 6, "ttl"),
    ("imap: true\n---\nimap: true\n", 2, 1, ""),
    ("imap: !env FOO\n", 1, 7, "imap"),
    ("imap: true\nhost: \"x\n", 2, 7, "host"),
    ("- imap\n", 1, 1, ""),
    ("autoconfig: {}\nimap: true\n", 1, 1, "autoconfig"),
    ("imap: true\nautodiscover: { alias: \"{ho;st}\" }\n", 2, 24, "autodiscover.alias"),
    ("imap: { tls: [993] }\n", 1, 9, "imap.tls"),
    ("imap: { tls: 993\npop3: true\n", 2, 5, "imap"),
    ("imap: true\nhost: 192.0.2.1\n", 2, 7, "host"),
    ("imap: true\nhost: \"{host}\"\n", 2, 7, "host"),
    ("imap: { tls: 993, weight: -1 }\n", 1, 27, "imap.weight"),
    ("pop33: false\n", 1, 1, "pop33"),
    ("imap: { tls: 993, servers: [] }\n", 1, 19, "imap.servers"),
    ("starttls: false\nimap: { starttls: 143 }\n", 2, 1, "imap"),
    ("imap: true\ndeny: no\n", 2, 7, "deny"),
    (
        "{ imap: { tls: 993, x-very-long-key-number-one: 1, x-very-long-key-number-two: 2, x-very-long-key-number-three: 3, x: 4 } }\n",
        1,
        21,
        "imap.x-very-long-key-number-one",
    ),
    ("imap: true\n? [a]\n: b\n", 2, 3, ""),
    ("imap: true\n<<: {tls: 3}\n", 2, 1, "<<"),
    ("port: 993\n", 1, 1, "port"),
    ("imap: true\nttl: 99999999999999999999\n", 2, 6, "ttl"),
    ("imap: { tls: 993, starttls: 143, port: 99 }\n", 1, 34, "imap.port"),
    ("imap: true\nhost: %x\n", 2, 7, "host"),
    ("imap: true\nhost: @x\n", 2, 7, "host"),
    ("imap: true\nhost: *.example\n", 2, 7, "host"),
    ("imap: { servers: [[a.example, 3]], tls: true }\n", 1, 19, "imap.servers[0]"),
    ("imap: { servers: { host: a.example }, tls: true }\n", 1, 9, "imap.servers"),
    ("imap: [993]\n", 1, 1, "imap"),
    ("imap: 993\n", 1, 7, "imap"),
    (
        "imap: { tls: true, servers: [{host: \"a.example\"}, {host: \"A.example\"}]}\n",
        1,
        58,
        "imap.servers[1].host",
    ),
    ("imap: true\nprefer: imap\n", 2, 9, "prefer"),
    ("a: [[[[[[[[[[[[1]]]]]]]]]]]]\n", 1, 12, "a[0][0][0][0][0][0][0][0]"),
    ("? ? ? ? ? ? ? ? a\n", 1, 3, ""),
    ("imap: true\nautoconfig: { alias: }\n", 2, 15, "autoconfig.alias"),
    ("null\n", 1, 1, ""),
    ("imap: true\n...\npop3: true\n", 3, 1, ""),
    ("%YAML 1.1\n---\nimap: true\nttl: \"\"\n", 4, 6, "ttl"),
    ("imap: true\nttl: |\n  3600\n", 3, 3, "ttl"),
    ("imap: true\nhost: >-\n  mail.\n   example\n  {\n", 3, 3, "host"),
    ("imap: true\n\"x\ny\": 3\n", 3, 3, ""),
    ("\u{feff}imap: 1", 1, 7, "imap"),
    ("imap: true\r\nttl: x\r\n", 2, 6, "ttl"),
    ("imap: true\rttl: x", 2, 6, "ttl"),
    ("imap: true # é\n\"tt\\x6c\": x", 2, 11, "ttl"),
    ("imap: { host: \"é.example\", tls: x }", 1, 33, "imap.tls"),
    ("imap: {\n  tls: # the port\n    70000\n}", 3, 5, "imap.tls"),
    (
        "imap:\n  tls: 993\n  servers:\n  - weight: 1\n    host: a_b\n",
        5,
        11,
        "imap.servers[0].host",
    ),
    ("imap: true\nautodiscover: { srv: true, alias: 'a b' }", 2, 35, "autodiscover.alias"),
    ("imap: true\nautodiscover: {}", 2, 1, "autodiscover"),
    ("imap: { tls: 993, weight: 1, servers: [{ host: a.example }] }", 1, 19, "imap.weight"),
    ("imap: { tls-priority: 1, starttls: 143 }", 1, 9, "imap.tls-priority"),
    ("pop3: { tls: 110 }", 1, 14, "pop3.tls"),
    ("imap: false\npop3: false", 1, 1, ""),
    ("imap: true\nprefer: [imap, imap]", 2, 1, "prefer"),
    ("imap: true\nseverity: { a: true }", 2, 16, "severity.a"),
    ("imap: true\nseverity: { a: off, a: off }", 2, 21, "severity.a"),
    ("imap: true\nseverity: { null-mx: off, \"a\": off }", 2, 27, "severity.a"),
    ("imap: true\nseverity: { '': off }", 2, 13, "severity."),
    ("imap: true\nseverity:\n  TTL-LONG:\n    off\n", 3, 3, "severity.TTL-LONG"),
    ("imap: true\0\nbogus: 1", 1, 11, ""),
    ("imap: true\r\n# \u{7}", 2, 3, ""),
];

#[test]
fn errors_know_their_line_column_and_field() {
    for (yaml, line, column, field) in PLACES {
        check(yaml, line, column, field);
    }
}

#[test]
fn a_problem_can_be_told_from_its_type() {
    let error = refused("imap: { tls: 143 }");
    let port = Label::Imap.default_port();
    assert_eq!(error.problem(), &Problem::WrongMode { port, label: Label::Imaps });
    assert_eq!(error.hint(), Some("write `starttls: 143`, or `tls: 993`"));
    assert_eq!(error.file(), "profile.yaml");
    let error = refused("imap: { tls: 993, tsl: 1 }");
    assert_eq!(error.problem(), &Problem::UnknownField { field: "tsl".to_owned() });
    for (profile, meant) in [
        ("smtp: true", "submission"),
        ("imap: { ssl: 993 }", "tls"),
        ("imap: true\nmx: { priority: 10 }", "preference"),
    ] {
        let hint = format!("did you mean `{meant}`?");
        assert_eq!(refused(profile).hint(), Some(hint.as_str()), "{profile}");
    }
    let error = refused("imap: true\nhost: 192.0.2.1");
    assert!(matches!(error.problem(), Problem::Pattern(_)), "{error}");
}

#[test]
fn every_registered_port_is_refused_in_the_other_mode_and_taken_in_its_own() {
    for label in Label::ALL {
        let (service, port) = (label.service(), label.default_port());
        let key = |label: Label| match label.mode() {
            crate::service::TlsMode::Implicit => "tls",
            crate::service::TlsMode::StartTls => "starttls",
        };
        let own = accepted(&format!("{}: {{ {}: {port} }}", service.key(), key(label)));
        assert_eq!(own.endpoint(label).map(|(_, endpoint)| endpoint.port), Some(port));
        assert_eq!(own.endpoint(label.sibling()), None);
        let other = refused(&format!("{}: {{ {}: {port} }}", service.key(), key(label.sibling())));
        assert_eq!(other.problem(), &Problem::WrongMode { port, label: label.sibling() });
    }
}

#[test]
fn the_documented_profile_offers_the_six_registered_ports() {
    let hosting = Hosting::documented();
    let priorities = [0, 10, 20, 30, 0, 10];
    for (label, priority) in Label::ALL.into_iter().zip(priorities) {
        let (offer, endpoint) = hosting.endpoint(label).unwrap();
        assert_eq!(endpoint, Endpoint { port: label.default_port(), priority });
        assert_eq!(offer.servers().len(), 1);
        assert_eq!(offer.servers()[0].host, None);
        assert_eq!(offer.servers()[0].weight, 1);
    }
    for name in ConfigName::ALL {
        assert_eq!(hosting.lead(name).and_then(Lead::alias).unwrap().to_string(), "{host}");
    }
    assert_eq!(hosting.autodiscover_srv().unwrap().to_string(), "{host}");
}

#[test]
fn what_is_left_out_takes_its_default() {
    let hosting = accepted("imap: true");
    assert_eq!(hosting.host().to_string(), "mail.{domain}");
    assert_eq!(hosting.login(), &Login::FullAddress);
    assert_eq!(hosting.preferred(), Service::Imap);
    assert_eq!(hosting.ttl(), 3600);
    assert!(hosting.denies("_pop3"));
    assert_eq!(hosting.severities(), []);
    assert_eq!(hosting.autodiscover_srv(), None);
    for name in ConfigName::ALL {
        assert_eq!(hosting.lead(name), None);
    }
    assert_eq!(hosting.offer(Service::Pop3), None);
    assert_eq!(hosting.offer(Service::Submission), None);
    let spelled_out = "host: 'mail.{domain}'\nimap: { tls: true, starttls: true, weight: 1 }\n\
                       pop3: false\nlogin: full-address\nautoconfig: false\nautodiscover: false\n\
                       prefer: [imap, pop3]\nstarttls: true\ndeny: true\nttl: 3600\nseverity: {}\n";
    assert_eq!(accepted(spelled_out), hosting);
}

#[test]
fn every_field_of_a_profile_is_read() {
    let hosting = accepted(
        "host: \"{server}\"\n\
         imap:\n\
         \x20 servers:   # two of them\n\
         \x20   - { host: imap1.provider.example, weight: 3 }\n\
         \x20   - host: imap2.provider.example\n\
         \x20 tls: 1993\n\
         \x20 starttls: false\n\
         \x20 tls-priority: 7\n\
         pop3: { host: \"pop.{domain}\", weight: 0, starttls: true }\n\
         submission: true\n\
         login: local-part\n\
         autoconfig: { alias: autoconfig.provider.example }\n\
         autodiscover: { srv: \"autodiscover.{domain}\" }\n\
         prefer: [pop3, imap]\n\
         deny: false\n\
         ttl: 0\n\
         severity: { ttl-long: off, alias-loop: false,\n  \"null-mx\": critical }\n",
    );
    assert_eq!(hosting.host().to_string(), "{server}");
    let (imap, endpoint) = hosting.endpoint(Label::Imaps).unwrap();
    assert_eq!(endpoint, Endpoint { port: 1993, priority: 7 });
    let servers: Vec<_> = imap
        .servers()
        .iter()
        .map(|server| (server.host.as_ref().unwrap().to_string(), server.weight))
        .collect();
    let expected = [("imap1.provider.example", 3), ("imap2.provider.example", 1)];
    assert_eq!(servers, expected.map(|(host, weight)| (host.to_owned(), weight)));
    assert_eq!(hosting.endpoint(Label::Imap), None);
    let (pop3, endpoint) = hosting.endpoint(Label::Pop3).unwrap();
    assert_eq!(endpoint, Endpoint { port: 110, priority: 10 });
    assert_eq!(pop3.servers()[0].host.as_ref().unwrap().to_string(), "pop.{domain}");
    assert_eq!(pop3.servers()[0].weight, 0);
    assert_eq!(hosting.login(), &Login::LocalPart);
    assert_eq!(hosting.preferred(), Service::Pop3);
    let alias = hosting.lead(ConfigName::Autoconfig).and_then(Lead::alias).unwrap();
    assert_eq!(alias.to_string(), "autoconfig.provider.example");
    assert_eq!(hosting.lead(ConfigName::Autodiscover), None);
    assert_eq!(hosting.autodiscover_srv().unwrap().to_string(), "autodiscover.{domain}");
    assert!(!hosting.denies("_pop3"));
    assert_eq!(hosting.ttl(), 0);
    let expected =
        [(Code::TtlLong, None), (Code::AliasLoop, None), (Code::NullMx, Some(Severity::Critical))];
    assert_eq!(hosting.severities(), expected);
}

#[test]
fn starttls_can_be_left_unpublished_as_a_whole() {
    let hosting = accepted("starttls: false\nimap: true\nsubmission: { tls: 465, starttls: 587 }");
    let offered: Vec<_> =
        Label::ALL.into_iter().filter(|label| hosting.endpoint(*label).is_some()).collect();
    assert_eq!(offered, [Label::Imaps, Label::Submissions]);
}

#[test]
fn the_srv_of_autodiscover_follows_its_alias() {
    let srv = |yaml: &str| {
        let hosting = accepted(&format!("imap: true\nautodiscover: {yaml}"));
        hosting.autodiscover_srv().map(ToString::to_string)
    };
    assert_eq!(srv("true").as_deref(), Some("{host}"));
    assert_eq!(srv("{ alias: a.example, srv: true }").as_deref(), Some("a.example"));
    assert_eq!(srv("{ alias: false, srv: true }").as_deref(), Some("{host}"));
    assert_eq!(srv("{ srv: 'ad.{host}' }").as_deref(), Some("ad.{host}"));
    assert_eq!(srv("{ alias: true, srv: false }"), None);
    assert_eq!(srv("false"), None);
}

#[test]
fn what_would_cost_much_is_refused_at_once() {
    let level = |level: usize| {
        let below = format!("*a{}, ", level - 1).repeat(9);
        format!("a{level}: &a{level} [{below}]\n")
    };
    let bomb = format!("a0: &a0 [x, x]\n{}", (1..12).map(level).collect::<String>());
    let many_keys: String = (0..50_000).map(|index| format!("  code-{index}: off\n")).collect();
    for (yaml, problem, most_steps) in [
        ("x".repeat(MAX_OCTETS + 1), Some(Problem::TooLarge { octets: MAX_OCTETS + 1 }), 0),
        (bomb, Some(Problem::Anchor), 10),
        ("[".repeat(MAX_OCTETS), None, 10),
        ("{".repeat(MAX_OCTETS), None, 10),
        (format!("a: {}", "[".repeat(MAX_OCTETS / 2)), None, 10),
        (format!("a: {}", "[".repeat(50)), Some(Problem::TooDeep), 20),
        ("? ".repeat(MAX_OCTETS / 2), None, 10),
        ("- ".repeat(MAX_OCTETS / 2), Some(Problem::TooDeep), 20),
        (
            (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
            Some(Problem::TooDeep),
            30,
        ),
        ("a".repeat(MAX_OCTETS), None, 10),
        (format!("{}: 1", "a".repeat(MAX_OCTETS - 3)), None, 10),
        // A key and a value that have no near name among those of a profile, however long.
        (format!("{}: 1", "a".repeat(1000)), None, 20),
        (format!("login: {}", "a".repeat(MAX_OCTETS - 7)), None, 20),
        (format!("\"{}", "\\n".repeat(MAX_OCTETS / 2 - 1)), None, 10),
        ("\n".repeat(MAX_OCTETS), Some(Problem::NoService), 10),
        // Every key is two events and a value.
        (format!("imap: true\nseverity:\n{many_keys}bogus: 1"), None, 200_000),
        (
            format!("imap: true\nprefer: [{}]", "imap,".repeat(100_000)),
            Some(Problem::Prefer),
            200_000,
        ),
    ] {
        let (error, steps) = cost::of(|| refused(&yaml));
        let text = error.to_string();
        assert!(steps <= most_steps, "{steps} steps, {most_steps} at most: {text}");
        assert!(text.len() < 2000, "{text}");
        if let Some(problem) = problem {
            assert_eq!(error.problem(), &problem);
        }
    }
}

/// Whatever is read, an error points into the text and prints.
fn check_any(text: &str) {
    if let Err(error) = parse(text, "profile.yaml") {
        assert!(error.line() >= 1 && error.column() >= 1);
        let shown = error.to_string();
        assert!(shown.starts_with("error: ") && shown.contains('^'), "{shown}");
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    }
}

proptest! {
    #[test]
    fn no_octets_make_the_parser_panic(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        check_any(&String::from_utf8_lossy(&octets));
    }

    #[test]
    fn no_yaml_like_text_makes_the_parser_panic(
        text in "([a-z]{1,4}|imap|tls|[0-9]{1,3}|[-?:,{}\\[\\]&*!|>'\"%@`#~]|[ \t\r\n]|: |- |é){0,60}",
    ) {
        check_any(&text);
    }

    #[test]
    fn no_mutation_of_a_profile_makes_the_parser_panic(
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), 0..4usize, any::<char>()), 1..8),
    ) {
        let mut text: Vec<char> = DOCUMENTED.chars().collect();
        for (index, kind, character) in edits {
            let at = index.index(text.len());
            match kind {
                0 => text[at] = character,
                1 => text.insert(at, character),
                2 => drop(text.remove(at)),
                _ => text.swap(at, 0),
            }
        }
        check_any(&text.into_iter().collect::<String>());
    }
}
