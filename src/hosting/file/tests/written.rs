//! What is written is what was read.

use proptest::collection::vec;
use proptest::option;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::*;
use crate::code::Code;
use crate::hosting::HostAddresses;
use crate::hosting::publication::is_legible;

#[track_caller]
fn check_written(hosting: &Hosting) {
    let text = write(hosting);
    let again = accepted(&text);
    assert_eq!(again, *hosting, "{text}");
    assert_eq!(write(&again), text);
    // Another reader of YAML takes it for what the schema describes.
    let value: Value =
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    assert!(validator.is_valid(&value), "{text}");
}

#[track_caller]
fn check_text(yaml: &str, expected: &str) {
    let hosting = accepted(yaml);
    assert_eq!(write(&hosting), expected);
    check_written(&hosting);
}

#[test]
fn an_ordinary_profile_is_short() {
    check_text("imap: { tls: 993 }", "host: \"mail.{domain}\"\nimap: { tls: 993 }\n");
    check_text(
        DOCUMENTED,
        "host: \"mail.{domain}\"\n\
         imap:       { tls: 993, starttls: 143 }\n\
         pop3:       { tls: 995, starttls: 110 }\n\
         submission: { tls: 465, starttls: 587 }\n\
         autoconfig: true\n\
         autodiscover: true\n",
    );
}

#[test]
fn every_key_is_written_where_it_says_something() {
    check_text(
        "{ host: mail.provider.example, prefer: [pop3, imap], deny: false, ttl: 60, login: local-part,
           imap: { servers: [{ host: a.example, weight: 3 }, { host: '{server}' }], tls: true,
                   tls-priority: 0, login: full-address },
           pop3: { host: 163.example, weight: 0, starttls: true },
           submission: { tls: 465, starttls: 2587, starttls-priority: 3 },
           jmap: { host: jmap.example }, sieve: true, caldav: { port: 8443, path: /dav/ }, carddav: true,
           mx: { servers: [{ host: mx1.example, preference: 5 }, { host: mx2.example }] },
           autoconfig: { addresses: [192.0.2.1, '2001:db8::1'] },
           autodiscover: { alias: ad.example, srv: '{host}' },
           pacc: { digests: ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='] },
           provider: { name: 'Example: Hosting', short-name: \"No\", documentation: 'https://provider.example/',
                       issuer: CA.Example. },
           addresses: { mail.provider.example: [192.0.2.2], true.example: ['2001:db8::2'] },
           severity: { target-alias: off, alias-loop: info } }",
        "host: mail.provider.example\n\
         imap:\n\
         \x20 servers:\n\
         \x20   - { host: a.example, weight: 3 }\n\
         \x20   - { host: \"{server}\" }\n\
         \x20 tls: 993\n\
         \x20 tls-priority: 0\n\
         \x20 login: full-address\n\
         pop3:       { host: \"163.example\", weight: 0, starttls: 110 }\n\
         submission: { tls: 465, starttls: 2587, starttls-priority: 3 }\n\
         jmap:   { host: jmap.example }\n\
         sieve: true\n\
         caldav: { port: 8443, path: /dav/ }\n\
         carddav: true\n\
         mx:\n\
         \x20 servers:\n\
         \x20   - { host: mx1.example, preference: 5 }\n\
         \x20   - { host: mx2.example }\n\
         login: local-part\n\
         autoconfig:   { addresses: [\"192.0.2.1\", \"2001:db8::1\"] }\n\
         autodiscover: { alias: ad.example, srv: \"{host}\" }\n\
         pacc:         { digests: [\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"] }\n\
         provider:\n\
         \x20 name: \"Example: Hosting\"\n\
         \x20 short-name: \"No\"\n\
         \x20 documentation: \"https://provider.example/\"\n\
         \x20 issuer: ca.example\n\
         addresses:\n\
         \x20 mail.provider.example: [\"192.0.2.2\"]\n\
         \x20 true.example: [\"2001:db8::2\"]\n\
         prefer: [pop3, imap]\n\
         deny: false\n\
         ttl: 60\n\
         severity:\n\
         \x20 target-alias: \"off\"\n\
         \x20 alias-loop: info\n",
    );
}

#[test]
fn texts_that_yaml_reads_in_other_ways_are_quoted() {
    for name in [
        "yes",
        "No",
        "NULL",
        "~",
        "1e3",
        "0x1F",
        "12:30:45",
        "2001-12-14",
        ".inf",
        "-",
        "? a",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "<<",
        "=",
        "{a}",
        "[a]",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a'",
        "\"a\"",
        "%a",
        "@a",
        "`a`",
        "a\\b",
        " a",
        "a ",
        "a\u{a0}b",
        "Bücher",
        "例え",
        "e\u{301}",
        "\u{feff}x",
        "\u{fffe}",
        "🦀",
        "---",
        "...",
        ",",
        "y",
        "off",
        "nan",
        "1_000",
        "+1",
        "0o17",
        "a  b",
        "/",
        "a,b",
        "a]",
    ] {
        let mut hosting = Hosting::documented();
        hosting.provider.name = Some(name.to_owned());
        check_written(&hosting);
    }
    let long = format!("{}.example", ["a".repeat(63).as_str(); 3].join("."));
    for host in ["1.example", "1e3.0x1f", &long] {
        let mut hosting = Hosting::documented();
        let addresses = vec![std::net::IpAddr::from([192, 0, 2, 1])];
        hosting.addresses = vec![HostAddresses { host: host.parse().unwrap(), addresses }];
        check_written(&hosting);
    }
}

#[test]
fn servers_are_written_with_ports_of_their_own() {
    check_written(&accepted(
        "imap: { tls: true, starttls: true, servers: [{ host: a.example, starttls: false },
           { host: b.example, tls: 10993, weight: 2 }, { host: c.example, tls: false }] }",
    ));
    check_written(&accepted("imap: { tls: true, servers: [{ host: a.example, tls: 10993 }] }"));
}

#[test]
fn letters_are_written_as_they_are_and_signs_by_their_code_point() {
    for (name, written) in [
        ("Bücher & 例え", "Bücher & 例え"),
        ("a\u{a0}b", "a\\u00a0b"),
        ("\u{1f980}", "\\U0001f980"),
        ("a\\b\"", "a\\\\b\\\""),
    ] {
        let mut hosting = Hosting::documented();
        hosting.provider.name = Some(name.to_owned());
        let text = write(&hosting);
        assert!(text.contains(&format!("\n  name: \"{written}\"\n")), "{text}");
        check_written(&hosting);
    }
}

const HOSTS: [&str; 8] = [
    "mail.{domain}",
    "{domain}",
    "{server}",
    "imap.{server}",
    "1.2e3",
    "S2.Provider.example.",
    "bücher.example",
    "a \u{1} b'\" # {domain}",
];

fn host() -> impl Strategy<Value = Value> {
    select(&HOSTS[..]).prop_map(|host| json!(host))
}

fn alias() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!(true)), Just(json!("{host}")), host()]
}

fn addresses() -> impl Strategy<Value = Value> {
    vec(any::<std::net::IpAddr>(), 1..4).prop_map(|list| json!(list))
}

/// An object of the fields that are there.
fn map(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(key, value)| {
            option::of(value).prop_map(move |value| value.map(|value| (key, value)))
        })
        .collect();
    fields
        .prop_map(|fields| {
            let fields = fields.into_iter().flatten();
            Value::Object(fields.map(|(key, value)| (key.to_owned(), value)).collect())
        })
        .boxed()
}

fn several(key: &'static str) -> BoxedStrategy<Value> {
    let servers = subsequence(HOSTS.to_vec(), 1..=4).prop_flat_map(move |hosts| {
        let servers = hosts.into_iter().map(|host| {
            option::of(any::<u16>()).prop_map(move |number| match number {
                Some(number) => json!({ "host": host, key: number }),
                None => json!({ "host": host }),
            })
        });
        servers.collect::<Vec<_>>()
    });
    servers.prop_map(|servers| json!(servers)).boxed()
}

fn short() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<u16>().prop_map(|number| json!(number)),
        select(&[0, 1, 10, 20, 30][..]).prop_map(|number| json!(number))
    ]
    .boxed()
}

fn login() -> BoxedStrategy<Value> {
    select(&["full-address", "local-part"][..]).prop_map(|login| json!(login)).boxed()
}

fn service() -> BoxedStrategy<Value> {
    let port = || {
        prop_oneof![2 => Just(json!(true)), 1 => (1000..=u16::MAX).prop_map(|port| json!(port))]
            .boxed()
    };
    let place = || {
        vec![
            ("tls", port()),
            ("starttls", port()),
            ("tls-priority", short()),
            ("starttls-priority", short()),
            ("login", login()),
        ]
    };
    let mut one = place();
    one.extend([("host", host().boxed()), ("weight", short())]);
    let mut more = place();
    more.push(("servers", several("weight")));
    let told = prop_oneof![map(one), map(more)].prop_map(|mut service| {
        for mode in ["tls", "starttls"] {
            if service.get(mode).is_none() {
                service.as_object_mut().unwrap().remove(&format!("{mode}-priority"));
            }
        }
        service
    });
    prop_oneof![1 => Just(json!(true)), 6 => told].boxed()
}

fn related(with_path: bool) -> BoxedStrategy<Value> {
    let mut fields = vec![("host", host().boxed()), ("port", short())];
    if with_path {
        fields.push(("path", "/[a-z/.%0-9=-]{0,8}".prop_map(|path| json!(path)).boxed()));
    }
    prop_oneof![Just(json!(true)), map(fields)].boxed()
}

fn named(more: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let mut by_alias = vec![("alias", alias().boxed())];
    let mut by_address = vec![("addresses", addresses().boxed())];
    by_alias.extend(more.clone());
    by_address.extend(more);
    prop_oneof![Just(json!(true)), map(by_alias), map(by_address)].boxed()
}

fn text(most: usize) -> BoxedStrategy<Value> {
    let words =
        select(&["yes", "0x1", "1e3", "12:30", "~", "Example Hosting"][..]).prop_map(str::to_owned);
    let texts = vec(any::<char>(), 1..most).prop_map(|text| {
        text.into_iter().filter(|c| is_legible(&c.to_string())).chain(['x']).collect()
    });
    prop_oneof![words, texts].prop_map(|text| json!(text)).boxed()
}

fn severity() -> BoxedStrategy<Value> {
    let level = select(&["off", "info", "warning", "error", "critical"][..]);
    let lines = vec((select(Code::ALL), level), 0..4).prop_map(|lines| {
        let lines = lines.into_iter().map(|(code, level)| (code.text().to_owned(), json!(level)));
        Value::Object(lines.collect())
    });
    lines.boxed()
}

fn profile() -> impl Strategy<Value = String> {
    let digest = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A=");
    let digests = vec(Just(digest), 0..3).prop_map(|list| json!(list)).boxed();
    let flag = || any::<bool>().prop_map(|flag| json!(flag)).boxed();
    let mx = prop_oneof![
        Just(json!(true)),
        map(vec![("host", host().boxed()), ("preference", short())]),
        several("preference").prop_map(|list| json!({ "servers": list }))
    ];
    let known = (addresses(), addresses())
        .prop_map(|(one, two)| json!({ "1e3.0x1f": one, "mail.1und1.example": two }));
    let provider = map(vec![
        ("name", text(40)),
        ("short-name", text(20)),
        ("documentation", Just(json!("https://a.example/?q=#f")).boxed()),
        (
            "issuer",
            select(&["ca.example", "1.example", "1e3.0x1f"][..]).prop_map(|ca| json!(ca)).boxed(),
        ),
    ]);
    let prefer = prop_oneof![Just(json!(["imap", "pop3"])), Just(json!(["pop3", "imap"]))];
    let starttls = proptest::bool::weighted(0.9).prop_map(|flag| json!(flag));
    map(vec![
        ("host", host().boxed()),
        ("imap", service()),
        ("pop3", service()),
        ("submission", service()),
        ("login", login()),
        ("autoconfig", named(vec![])),
        ("autodiscover", named(vec![("srv", alias().boxed())])),
        ("pacc", named(vec![("digests", digests)])),
        ("jmap", related(false)),
        ("sieve", related(false)),
        ("caldav", related(true)),
        ("carddav", related(true)),
        ("mx", mx.boxed()),
        ("addresses", known.boxed()),
        ("provider", provider),
        ("prefer", prefer.boxed()),
        ("starttls", starttls.boxed()),
        ("deny", flag()),
        ("ttl", (0..=i32::MAX).prop_map(|ttl| json!(ttl)).boxed()),
        ("severity", severity()),
    ])
    .prop_map(|profile| profile.to_string())
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_and_read_again(text in profile()) {
        // Some of these profiles contradict themselves, and are refused.
        if let Ok(hosting) = parse(&text, "profile.yaml") {
            check_written(&hosting);
        }
    }
}

#[test]
fn most_random_profiles_are_sound() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let sound = (0..200)
        .filter(|_| {
            let text = profile().new_tree(&mut runner).unwrap().current();
            parse(&text, "profile.yaml").is_ok()
        })
        .count();
    assert!(sound > 40, "{sound} of 200");
}
