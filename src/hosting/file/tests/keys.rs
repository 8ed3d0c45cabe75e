//! The keys beside host, ports and aliases: what they mean, and what is refused.

use super::*;
use crate::hosting::{HostAddresses, HostPattern, MailExchange, Provider, RelatedOffer};
use crate::service::Related;

/// Every profile here offers IMAP in its first line.
#[track_caller]
fn check_refused(yaml: &str, line: usize, column: usize, field: &str, message: &str) {
    let error = refused(&format!("imap: true\n{yaml}"));
    let shown = error.to_string();
    assert_eq!((error.line(), error.column(), error.field()), (line, column, field), "{shown}");
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    assert_eq!(format!("{}{hint}", error.problem()), message);
}

#[test]
fn names_lead_to_an_alias_or_to_addresses() {
    let lead = |yaml: &str, name| {
        let hosting = accepted(&format!("imap: true\n{}: {yaml}", ConfigName::text(name)));
        hosting.lead(name).cloned()
    };
    let addresses =
        Some(Lead::Addresses(vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()]));
    let list = "{ addresses: [192.0.2.1, '2001:db8::1', 192.0.2.1] }";
    for name in ConfigName::ALL {
        assert_eq!(lead(list, name), addresses);
        assert_eq!(lead(&list.replace("{ ", "{ alias: false, "), name), addresses);
        assert_eq!(lead("true", name), lead("{ alias: '{host}' }", name));
    }
    let alias = "{ alias: a.example, addresses: [192.0.2.1] }";
    let message = "`addresses` and `alias` exclude each other\n\
                   hint: an alias may not stand beside addresses (RFC 2181 section 10.1); keep one";
    check_refused(&format!("autoconfig: {alias}"), 2, 33, "autoconfig.addresses", message);
    check_refused(&format!("autodiscover: {alias}"), 2, 35, "autodiscover.addresses", message);
    check_refused(&format!("pacc: {alias}"), 2, 27, "pacc.addresses", message);
    check_refused(
        "autoconfig: { addresses: [] }",
        2,
        15,
        "autoconfig.addresses",
        "expected 1 to 16 addresses, found 0",
    );
    check_refused(
        "pacc: { addresses: [192.0.2.1, mail.example] }",
        2,
        32,
        "pacc.addresses[1]",
        "expected an IP address such as 192.0.2.1 or 2001:db8::1, found `mail.example`",
    );
    check_refused(
        "autodiscover: {}",
        2,
        1,
        "autodiscover",
        "`autodiscover` has no fields\nhint: write `autodiscover: true`, or `autodiscover: false`",
    );
}

#[test]
fn pacc_needs_something_to_name_and_digests_of_sha_256() {
    const DIGEST: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let pacc = |yaml: &str| accepted(&format!("imap: true\npacc: {yaml}")).pacc().cloned();
    assert_eq!(pacc("true"), pacc("{ alias: true }"));
    assert_eq!(pacc("true"), pacc("{ digests: [] }"));
    assert_eq!(pacc("false"), None);
    let given = pacc(&format!("{{ alias: a.example, digests: ['{DIGEST}'] }}")).unwrap();
    assert_eq!(given.lead.alias().unwrap().to_string(), "a.example");
    assert_eq!(given.other_digests, [DIGEST]);
    for digest in ["", "AAAA", &DIGEST[1..], &DIGEST.replace('U', "V"), &DIGEST.replace('+', "-")] {
        check_refused(
            &format!("pacc:\n  digests:\n    - '{DIGEST}'\n    - '{digest}'"),
            5,
            7,
            "pacc.digests[1]",
            &format!(
                "expected the base64 form of a SHA-256 digest, 44 characters, found `{digest}`"
            ),
        );
    }
    check_refused(
        &format!("pacc: {{ digests: [{}] }}", format!("'{DIGEST}',").repeat(33)),
        2,
        9,
        "pacc.digests",
        "expected at most 32 digests, found 33",
    );
    check_refused(
        "pacc: { alias: 192.0.2.1 }",
        2,
        16,
        "pacc.alias",
        "`192.0.2.1` is an IP address; a host name is wanted",
    );
    let error = refused("imap: { tls: 1993, starttls: 143 }\npacc: true");
    assert_eq!((error.line(), error.column(), error.field()), (2, 1, "pacc"));
    assert_eq!(error.problem(), &Problem::PaccNothing);
    assert_eq!(error.hint(), Some("offer a service with `tls: true`, or leave `pacc` out"));
    for beside in [Related::Jmap, Related::Caldav, Related::Carddav] {
        accepted(&format!("imap: {{ starttls: 143 }}\n{}: true\npacc: true", beside.key()));
    }
    assert_eq!(refused("imap: { starttls: 143 }\nsieve: true\npacc: true").field(), "pacc");
}

#[test]
fn services_beside_mail_have_a_host_a_port_and_some_a_path() {
    for service in Related::ALL {
        let key = service.key();
        let offer =
            |yaml: &str| accepted(&format!("imap: true\n{key}: {yaml}")).related(service).cloned();
        let port = service.default_port();
        let plain = RelatedOffer { host: None, port, path: None };
        assert_eq!(offer("true"), Some(plain.clone()));
        assert_eq!(offer(&format!("{{ port: {port} }}")), Some(plain));
        assert_eq!(offer("false"), None);
        let told = offer("{ host: \"dav.{domain}\", port: 8443 }").unwrap();
        assert_eq!((told.host.unwrap().to_string().as_str(), told.port), ("dav.{domain}", 8443));
        let width = key.len();
        check_refused(
            &format!("{key}: {{ port: 0 }}"),
            2,
            width + 11,
            &format!("{key}.port"),
            "expected a whole number from 1 to 65535, found `0`",
        );
        check_refused(
            &format!("{key}: {{ host: '{{host}}' }}"),
            2,
            width + 11,
            &format!("{key}.host"),
            "`{host}` stands for the default host and cannot be used to define it\n\
             hint: `{domain}` stands for the mail domain, as in `mail.{domain}`",
        );
        if service.cleartext().is_some() {
            assert_eq!(offer("{ path: /dav/ }").unwrap().path.as_deref(), Some("/dav/"));
            for path in ["dav", "", "/a b", "/?q", &format!("/{}", "a".repeat(200))] {
                check_refused(
                    &format!("{key}:\n  path: '{path}'"),
                    3,
                    9,
                    &format!("{key}.path"),
                    &format!(
                        "expected a path that begins with `/`, at most 200 octets of a URL, found `{path}`"
                    ),
                );
            }
        } else {
            check_refused(
                &format!("{key}: {{ path: /dav/ }}"),
                2,
                width + 5,
                &format!("{key}.path"),
                "unknown field `path`\nhint: a field here is `host` or `port`",
            );
        }
    }
}

#[test]
fn mail_exchanges_are_the_host_or_a_list() {
    let exchanges = |yaml: &str| accepted(&format!("imap: true\nmx: {yaml}")).exchanges().to_vec();
    let host = |text: &str| Some(HostPattern::host(text).unwrap());
    assert_eq!(exchanges("true"), [MailExchange { host: None, preference: 10 }]);
    assert_eq!(exchanges("{ preference: 0 }"), [MailExchange { host: None, preference: 0 }]);
    assert_eq!(exchanges("false"), []);
    assert_eq!(
        exchanges("{ servers: [{ host: b.example, preference: 20 }, { host: a.example }] }"),
        [
            MailExchange { host: host("b.example"), preference: 20 },
            MailExchange { host: host("a.example"), preference: 10 },
        ]
    );
    for field in ["host: x.example", "preference: 5"] {
        let key = field.split_once(':').unwrap().0;
        check_refused(
            &format!("mx:\n  servers: [{{ host: a.example }}]\n  {field}"),
            4,
            3,
            &format!("mx.{key}"),
            &format!(
                "`{key}` and `servers` exclude each other\nhint: give each server its own `{key}`"
            ),
        );
    }
    check_refused(
        "mx: { servers: [] }",
        2,
        7,
        "mx.servers",
        "0 servers, where 1 to 32 can be listed",
    );
    check_refused(
        "mx: { servers: [{ host: a.example }, { host: A.example }] }",
        2,
        46,
        "mx.servers[1].host",
        "the server `A.example` is listed twice",
    );
    check_refused(
        "mx: { preference: 65536 }",
        2,
        19,
        "mx.preference",
        "expected a whole number from 0 to 65535, found `65536`",
    );
    check_refused(
        "mx: mx.example",
        2,
        5,
        "mx",
        "expected `true`, `false` or a map such as `{ host: mx.provider.example }`, found `mx.example`",
    );
}

#[test]
fn addresses_belong_to_one_host_each() {
    let hosting = accepted("imap: true\naddresses: { mail.example: ['2001:db8::1', 192.0.2.1] }");
    let addresses = vec!["2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap()];
    let host = "mail.example".parse().unwrap();
    assert_eq!(hosting.addresses(), [HostAddresses { host, addresses }]);
    check_refused(
        "addresses:\n  a.example: [192.0.2.1]\n  A.example: [192.0.2.2]",
        4,
        3,
        "addresses.A.example",
        "the server `A.example` is listed twice",
    );
    check_refused(
        "addresses:\n  'mail.{domain}': [192.0.2.1]",
        3,
        3,
        "addresses.mail.{domain}",
        "`mail.{domain}` is not a host name: letters, digits and inner hyphens only (RFC 1123 section 2.1)",
    );
    check_refused(
        "addresses:\n  a.example: []",
        3,
        3,
        "addresses.a.example",
        "expected 1 to 16 addresses, found 0",
    );
    check_refused(
        "addresses:\n  a.example: [192.0.2.256]",
        3,
        15,
        "addresses.a.example[0]",
        "expected an IP address such as 192.0.2.1 or 2001:db8::1, found `192.0.2.256`",
    );
}

#[test]
fn names_of_the_provider_are_short_and_on_one_line() {
    let domain = "example.com".parse().unwrap();
    let name = "é".repeat(60);
    let hosting = accepted(&format!(
        "imap: true\nprovider: {{ name: {name}, documentation: 'http://a.example/?q#f' }}"
    ));
    let provider = hosting.provider();
    assert_eq!(provider.name_for(&domain), name);
    assert_eq!(provider.short_name_for(&domain), "é".repeat(20));
    assert_eq!(provider.documentation.as_deref(), Some("http://a.example/?q#f"));
    assert_eq!(accepted("imap: true").provider().name_for(&domain), "example.com");
    for (text, found) in [
        ("x".repeat(61).as_str(), "61 characters"),
        ("", "none"),
        (" \\n", "none"),
        ("a\\nb", "an invisible character"),
        ("a\u{202e}b", "an invisible character"),
    ] {
        check_refused(
            &format!("provider: {{ name: \"{text}\" }}"),
            2,
            19,
            "provider.name",
            &format!("expected a name of 1 to 60 characters on one line, found {found}"),
        );
    }
    check_refused(
        "provider: { short-name: A name that is not short }",
        2,
        25,
        "provider.short-name",
        "expected a name of 1 to 20 characters on one line, found 24 characters",
    );
    for text in ["www.a.example", "ftp://a.example", "https://", "https:///x", "http://a b"] {
        check_refused(
            &format!("provider:\n  documentation: '{text}'"),
            3,
            18,
            "provider.documentation",
            &format!(
                "expected a web address such as https://provider.example/mail, found `{text}`"
            ),
        );
    }
}

#[test]
fn the_issuer_is_a_name() {
    let hosting = accepted("imap: true\nprovider: { issuer: LetsEncrypt.org }");
    assert_eq!(hosting.provider().issuer.as_ref().unwrap().to_string(), "letsencrypt.org");
    check_refused(
        "provider: { issuer: \"Let's Encrypt\" }",
        2,
        21,
        "provider.issuer",
        "`Let's Encrypt` is not a host name: letters, digits and inner hyphens only (RFC 1123 section 2.1)",
    );
}

#[test]
fn a_service_may_have_its_own_login() {
    let hosting = accepted("imap: { tls: true, login: local-part }\nsubmission: true");
    assert_eq!(hosting.login_of(Service::Imap), &Login::LocalPart);
    assert_eq!(hosting.login_of(Service::Submission), &Login::FullAddress);
    assert_eq!(hosting.login_of(Service::Pop3), &Login::FullAddress);
    check_refused(
        "pop3: { tls: true, login: localpart }",
        2,
        27,
        "pop3.login",
        "expected `full-address` or `local-part`, found `localpart`\n\
         hint: did you mean `local-part`?",
    );
}

#[test]
fn a_constructor_changes_one_thing_of_a_profile() {
    const MAIL: &str = "imap: true\npop3: true\nsubmission: true\n";
    const NAMES: &str = "autoconfig: true\nautodiscover: true\n";
    let documented = Hosting::documented;
    let host = HostPattern::host("a.example").unwrap();
    let provider = Provider::named("A").unwrap();
    for (hosting, yaml) in [
        (documented(), format!("{MAIL}{NAMES}")),
        (documented().with_host(host), format!("host: a.example\n{MAIL}{NAMES}")),
        (documented().with_services(&[Service::Pop3]), format!("pop3: true\n{NAMES}")),
        (documented().with_login(Login::LocalPart), format!("{MAIL}{NAMES}login: local-part")),
        (documented().with_provider(provider), format!("{MAIL}{NAMES}provider: {{ name: A }}")),
        (documented().without_config_names(), MAIL.to_owned()),
        (documented().with_srv_only(), format!("{MAIL}autodiscover: {{ srv: true }}")),
        (documented().with_implicit_only(), format!("{MAIL}{NAMES}starttls: false")),
        (documented().with_ttl(7), format!("{MAIL}{NAMES}ttl: 7")),
    ] {
        assert_eq!(hosting, accepted(&yaml), "{yaml}");
    }
    let starttls = accepted("imap: { starttls: 143 }\npop3: { tls: 995 }").with_implicit_only();
    assert_eq!(starttls, accepted("pop3: { tls: 995 }"));
    assert!(documented().with_compat_smtps().has_compat_smtps());
    assert!(!documented().has_compat_smtps());
    let refused = |name: &str| Provider::named(name).unwrap_err().to_string();
    assert_eq!(refused(" "), "expected a name of 1 to 60 characters on one line, found none");
    assert!(refused("a\nb").ends_with("found an invisible character"));
    assert!(refused(&"a".repeat(61)).ends_with("found 61 characters"));
    assert!(Provider::named(&"é".repeat(60)).is_ok());
}

#[test]
fn servers_may_differ_by_mode_and_port() {
    let hosting = accepted(
        "imap:\n  servers:\n    - { host: ssl.example.net, starttls: false }\n    \
         - { host: imap.example.net, tls: false, weight: 2 }\n    \
         - { host: ssl.example.net, tls: 10993, starttls: false }\n  tls: 993\n  starttls: 143",
    );
    let domain = "example.com".parse().unwrap();
    let planned =
        crate::plan::plan(&domain, &hosting, &crate::hosting::Columns::default()).unwrap();
    let records = |label| {
        let srvs = planned.label(label).in_line().into_iter();
        let record = srvs.map(|srv| format!("{} {}", srv.port, crate::name::text(&srv.target)));
        record.collect::<Vec<_>>()
    };
    assert_eq!(records(Label::Imaps), ["993 ssl.example.net.", "10993 ssl.example.net."]);
    assert_eq!(records(Label::Imap), ["143 imap.example.net."]);
    let implicit = hosting.with_implicit_only();
    assert_eq!(implicit.offer(Service::Imap).unwrap().servers().len(), 2);
    check_refused(
        "pop3: { tls: true, servers: [{ host: a.example, tls: false }, { host: b.example, tls: false }] }",
        2,
        20,
        "pop3.servers",
        "the service offers TLS, and no server of the list has it",
    );
    check_refused(
        "pop3: { tls: true, servers: [{ host: a.example, tls: false }, { host: b.example, starttls: 2110 }] }",
        2,
        82,
        "pop3.servers[1].starttls",
        "a port with STARTTLS for a service that does not offer it\n\
         hint: add `starttls: true` to the service, beside `servers`",
    );
    check_refused(
        "pop3: { tls: true, servers: [{ host: a.example, tls: false }, { host: b.example, tls: 110 }] }",
        2,
        87,
        "pop3.servers[1].tls",
        "port 110 is registered for POP3 with STARTTLS, not with TLS\n\
         hint: write `starttls: 110`, or `tls: 995`",
    );
    check_refused(
        "pop3: { servers: [{ host: a.example }, { host: A.example, tls: 995 }], tls: true }",
        2,
        48,
        "pop3.servers[1].host",
        "the server `A.example` is listed twice",
    );
}

#[test]
fn a_login_name_may_be_made_of_the_address() {
    let hosting = accepted(
        "imap: { tls: true, login: \"{local-part}@{domain}\" }\nlogin: \"{local-part}-al\"",
    );
    assert_eq!(hosting.login_of(Service::Imap), &Login::FullAddress);
    assert_eq!(hosting.login().to_string(), "{local-part}-al");
    assert!(write(&hosting).contains("\nlogin: \"{local-part}-al\"\n"));
    check_refused(
        "login: \"{localpart}\"",
        2,
        8,
        "login",
        "`{localpart}` is no form of a login name; write full-address, local-part, or a form of your own with {address} or {local-part} in it, such as {local-part}-al or {local-part}+{domain}",
    );
}

#[test]
fn labels_may_be_denied_one_by_one() {
    let hosting = accepted("imap: { tls: true }\ndeny: [_pop3s, _pop3, _caldav]");
    assert!(hosting.denies("_pop3") && hosting.denies("_caldav") && !hosting.denies("_imap"));
    assert!(write(&hosting).contains("\ndeny: [_pop3s, _pop3, _caldav]\n"));
    check_refused(
        "deny: [_pop3, _imaps]",
        2,
        15,
        "deny[1]",
        "`_imaps` is denied, and the profile offers it",
    );
    check_refused(
        "deny: [_pop]",
        2,
        8,
        "deny[0]",
        "expected `_imaps`, `_imap`, `_pop3s`, `_pop3`, `_submissions`, `_submission`, `_caldav` or `_carddav`, found `_pop`\n\
         hint: did you mean `_pop3`?",
    );
}

#[test]
fn autodiscover_may_be_an_srv_record_alone() {
    let hosting = accepted("imap: true\nautodiscover: { srv: autodiscover.provider.example }");
    assert_eq!(hosting.lead(ConfigName::Autodiscover), None);
    let target = hosting.autodiscover_srv().map(ToString::to_string);
    assert_eq!(target.as_deref(), Some("autodiscover.provider.example"));
    let written = write(&hosting);
    assert!(
        written.contains("autodiscover: { srv: autodiscover.provider.example }\n"),
        "{written}"
    );
}

#[test]
fn a_value_takes_the_place_of_a_column_in_every_host() {
    const PROFILE: &str = "host: 'a.{server}'\n\
        imap: { tls: true, host: 'b.{server}' }\n\
        autoconfig: { alias: 'c.{server}' }\n\
        autodiscover: { alias: 'd.{server}', srv: 'e.{server}' }\n\
        pacc: { alias: 'f.{server}' }\n\
        caldav: { host: 'g.{server}' }\n\
        mx: { host: 'h.{mail server}' }";
    let hosting = accepted(PROFILE);
    assert_eq!(hosting.columns(), ["mail server", "server"]);
    let filled = hosting.clone().with_column(" Server", "s1.example ").unwrap();
    assert_eq!(filled, accepted(&PROFILE.replace("{server}", "s1.example")));
    assert_eq!(filled.columns(), ["mail server"]);
    let unread = hosting.with_column("sever", "s1.example").unwrap_err().to_string();
    let said = "the profile has no placeholder `{sever}`; it has `{mail server}` and `{server}`";
    assert_eq!(unread, said);
    let unread = accepted("imap: true").with_column("server", "x").unwrap_err().to_string();
    assert_eq!(unread, "the profile has no placeholder `{server}`; it reads no columns");
}

#[test]
fn the_target_of_autodiscover_is_spelled_out() {
    let target = |yaml: &str| {
        let hosting = accepted(&format!("host: a.example\nimap: true\nautodiscover: {yaml}"));
        hosting.autodiscover_target().map(ToString::to_string)
    };
    assert_eq!(target("true").as_deref(), Some("a.example"));
    assert_eq!(target("{ srv: b.example }").as_deref(), Some("b.example"));
    assert_eq!(target("{ alias: true }"), None);
}

#[test]
fn a_login_name_and_a_column_are_as_long_as_their_bounds_and_no_longer() {
    let host = |length: usize| format!("imap: true\nhost: '{{{}}}'", "x".repeat(length));
    accepted(&host(64));
    assert_eq!(refused(&host(65)).field(), "host");
    let login = |length: usize| "{address}".to_owned() + &"x".repeat(length - "{address}".len());
    accepted(&format!("imap: true\nlogin: \"{}\"", login(200)));
    assert_eq!(refused(&format!("imap: true\nlogin: \"{}\"", login(201))).field(), "login");
}

#[test]
fn a_server_may_say_what_its_service_says() {
    let profile = |server: &str, service: &str| {
        format!("{service}imap: {{ tls: true, servers: [{{ host: a.example{server} }}] }}")
    };
    let plain = accepted(&profile("", ""));
    assert_eq!(accepted(&profile(", tls: 993", "")), plain);
    assert_eq!(accepted(&profile(", tls: true, starttls: false", "")), plain);
    // What is left unpublished as a whole may still be written down.
    accepted(&profile(", starttls: 2143", "starttls: false\n"));
}
