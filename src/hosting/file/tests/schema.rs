//! The JSON Schema and the parser agree.

use super::*;

#[test]
fn the_schema_in_zones_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/zones/profile.schema.json");
    let schema = format!("{:#}\n", json_schema());
    #[expect(clippy::disallowed_methods, reason = "UPDATE=1 rewrites what the tests compare with")]
    if std::env::var("UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(path, &schema).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), schema, "run the tests with UPDATE=1");
}

#[test]
fn the_schema_accepts_the_profiles_in_zones() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/zones");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
            assert!(validator.is_valid(&value), "{}", path.display());
            accepted(&text);
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn the_schema_and_the_parser_agree_on_the_shape() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    for (yaml, valid) in [
        ("imap: true", true),
        ("imap: { tls: 993, starttls: false, tls-priority: 5, weight: 0 }", true),
        ("imap: { tls: true, servers: [{ host: a.example, weight: 2 }] }", true),
        ("imap: true\nautoconfig: { alias: false }\nautodiscover: { srv: a.example }", true),
        ("imap: true\nseverity: { ttl-long: off, null-mx: false, mx-alias: critical }", true),
        ("imap: true\nprefer: [pop3, imap]\nlogin: local-part\nttl: 2147483647", true),
        ("imap: { tls: true, login: local-part }\npacc: { digests: [] }\njmap: true", true),
        ("imap: true\ncaldav: { path: /dav/, port: 8443 }\nmx: { preference: 0 }", true),
        ("imap: true\nautoconfig: { addresses: ['192.0.2.1'] }\naddresses: { a.b: ['::1'] }", true),
        ("imap: true\nprovider: { name: A, short-name: B, documentation: 'http://a' }", true),
        ("imap: true\nsieve: maybe", false),
        ("imap: true\njmap: { path: / }", false),
        ("imap: true\nsieve: { port: 0 }", false),
        ("imap: true\npacc: { srv: true }", false),
        ("imap: true\nmx: { servers: [{ preference: 3 }] }", false),
        ("imap: true\nmx: { servers: [] }", false),
        ("imap: true\nautoconfig: { addresses: [] }", false),
        ("imap: true\naddresses: [a.example]", false),
        ("imap: true\nprovider: true", false),
        ("imap: true\nprovider: { name: '' }", false),
        ("imap: true\nprovider: { short-name: 'x x x x x x x x x x x' }", false),
        ("imap: { tls: true, login: name }", false),
        ("imap: { tls: 0 }", false),
        ("imap: { tls: 65536 }", false),
        ("imap: { tsl: 993 }", false),
        ("imap: null", false),
        ("imap: [993]", false),
        ("imap: { tls: null, starttls: true }", false),
        ("imap: { tls: true, servers: [] }", false),
        ("imap: { tls: true, servers: [{ weight: 2 }] }", false),
        ("imap: true\nautoconfig: a.example", false),
        ("imap: true\nseverity: { ttl-long: true }", false),
        ("imap: true\nseverity: { a: off }", false),
        ("imap: true\nseverity: null", false),
        ("imap: true\nprefer: [imap, imap]", false),
        ("imap: true\nprefer: [imap]", false),
        ("imap: true\nlogin: name", false),
        ("imap: true\nttl: 2147483648", false),
        ("imap: true\nttl: -1", false),
    ] {
        let value: serde_json::Value = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(validator.is_valid(&value), valid, "{yaml}");
        assert_eq!(parse(yaml, "profile.yaml").is_ok(), valid, "{yaml}");
    }
}
