//! What each mail client takes from a document, by the rules of its source code.
//!
//! The rules are those of Thunderbird (`readFromXML.sys.mjs`, `ExchangeAutoDiscover.sys.mjs`),
//! Thunderbird for Android (`RealAutoconfigParser.kt`), Geary (`accounts-autoconfig.vala`), Delta
//! Chat (`auto_mozilla.rs`, `auto_outlook.rs`), `KMail` (`ispdbservice.cpp`) and, as it was measured,
//! Evolution 3.46. Where a client is strict, it is as strict here.

use roxmltree::{Document, Node};

use super::{AUTODISCOVER, CONFIG, FULL, POP3, Root, STARTTLS, written};

/// What a client takes: its incoming and its outgoing server.
type Account = Option<(String, String)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Thunderbird,
    ThunderbirdAndroid,
    Geary,
    DeltaChat,
    KMail,
    Evolution,
}

use Client::{DeltaChat, Evolution, Geary, KMail, Thunderbird, ThunderbirdAndroid};

/// The text of a child that is there and not empty.
fn field<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let child = node.children().find(|child| child.has_tag_name(name))?;
    child.text().map(str::trim).filter(|text| !text.is_empty())
}

/// Thunderbird's `sanitize.hostname`: letters, digits, hyphens and dots.
fn is_host(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'.';
    !text.is_empty() && text.bytes().all(allowed)
}

/// A server with every field that the strict readers ask for.
fn server(node: Node<'_, '_>, modes: &[&str]) -> Option<String> {
    let (kind, host) = (node.attribute("type")?, field(node, "hostname")?);
    let (mode, user) = (field(node, "socketType")?, field(node, "username")?);
    let port: u16 = field(node, "port")?.parse().ok().filter(|port| *port > 0)?;
    let known = ["password-cleartext", "password-encrypted", "plain", "secure"];
    let login = node
        .children()
        .filter(|child| child.has_tag_name("authentication"))
        .any(|child| child.text().is_some_and(|text| known.contains(&text)));
    (is_host(host) && login && modes.contains(&mode))
        .then(|| format!("{kind} {host}:{port} {mode} {user}"))
}

const ANY: [&str; 3] = ["SSL", "STARTTLS", "plain"];
const ENCRYPTED: [&str; 2] = ["SSL", "STARTTLS"];

fn read(client: Client, text: &str) -> Account {
    let document = Document::parse(text).expect("it is well-formed");
    let root = Some(document.root_element()).filter(|root| root.has_tag_name("clientConfig"))?;
    let provider = root.children().find(|child| child.has_tag_name("emailProvider"))?;
    let all =
        |element: &'static str| provider.children().filter(move |it| it.has_tag_name(element));
    let of = |element: &'static str, kinds: &'static [&'static str]| {
        all(element)
            .filter(move |it| it.attribute("type").is_some_and(|kind| kinds.contains(&kind)))
    };
    let lenient = |node| server(node, &ANY);
    let strict = matches!(client, Thunderbird | ThunderbirdAndroid);
    if strict
        && !(provider.attribute("id").is_some_and(is_host)
            && all("domain").any(|it| it.text().is_some_and(is_host)))
    {
        return None;
    }
    let retrieval: &[&str] = &["imap", "pop3"];
    let (incoming, outgoing) = match client {
        Thunderbird => (
            of("incomingServer", retrieval).find_map(lenient),
            of("outgoingServer", &["smtp"]).find_map(lenient),
        ),
        // One server that it cannot read makes it refuse the whole document.
        ThunderbirdAndroid => {
            let all = |element, kinds| -> Option<Vec<String>> {
                of(element, kinds).map(|node| server(node, &ENCRYPTED)).collect()
            };
            let (incoming, outgoing) =
                (all("incomingServer", &["imap"])?, all("outgoingServer", &["smtp"])?);
            (incoming.into_iter().next(), outgoing.into_iter().next())
        }
        Geary => (
            all("incomingServer")
                .next()
                .filter(|it| it.attribute("type") == Some("imap"))
                .and_then(lenient),
            of("outgoingServer", &["smtp"]).next().and_then(lenient),
        ),
        DeltaChat => (
            of("incomingServer", &["imap"]).next().and_then(lenient),
            of("outgoingServer", &["smtp"]).next().and_then(lenient),
        ),
        KMail => (
            of("incomingServer", &["imap"])
                .next()
                .or_else(|| of("incomingServer", &["pop3"]).next())
                .and_then(lenient),
            of("outgoingServer", &["smtp"]).next().and_then(lenient),
        ),
        Evolution => (
            of("incomingServer", &["imap"])
                .next_back()
                .or_else(|| of("incomingServer", &["pop3"]).next_back())
                .and_then(lenient),
            of("outgoingServer", &["smtp"]).next_back().and_then(lenient),
        ),
    };
    Some((incoming?, outgoing?))
}

const ALL: [Client; 6] = [Thunderbird, ThunderbirdAndroid, Geary, DeltaChat, KMail, Evolution];

/// Holds what every client takes; those that are not named take the first account.
#[track_caller]
fn check(root: &Root, account: [&str; 2], others: &[(Client, Option<[&str; 2]>)]) {
    let text = root.text(CONFIG);
    for client in ALL {
        let other = others.iter().find(|(named, _)| *named == client);
        let expected = other.map_or(Some(account), |(_, account)| *account);
        let expected = expected.map(|servers| servers.map(str::to_owned)).map(Into::into);
        assert_eq!(read(client, &text), expected, "{client:?}: {text}");
    }
}

const USER: &str = "%EMAILADDRESS%";

#[test]
fn every_client_takes_the_same_account_with_tls() {
    let account = [
        &format!("imap mail.example.com:993 SSL {USER}")[..],
        &format!("smtp mail.example.com:465 SSL {USER}"),
    ];
    check(&written(None, "example.com", &[]), account, &[]);
    let account = [
        "imap imap2.provider.example:993 SSL %EMAILLOCALPART%",
        "smtp mail.provider.example:465 SSL %EMAILLOCALPART%",
    ];
    check(&written(Some(FULL), "b\u{fc}cher.example", &[]), account, &[]);
}

#[test]
fn every_client_takes_starttls_where_there_is_nothing_else() {
    let account = [
        &format!("imap mail.example.com:143 STARTTLS {USER}")[..],
        &format!("smtp mail.example.com:587 STARTTLS {USER}"),
    ];
    check(&written(Some(STARTTLS), "example.com", &[]), account, &[]);
}

#[test]
fn of_alternatives_all_take_the_first_and_evolution_the_last() {
    let tls = [
        &format!("imap mail.example.com:993 SSL {USER}")[..],
        &format!("smtp mail.example.com:465 SSL {USER}"),
    ];
    let starttls = [
        &format!("imap mail.example.com:143 STARTTLS {USER}")[..],
        &format!("smtp mail.example.com:587 STARTTLS {USER}"),
    ];
    let root = written(None, "example.com", &["--alternatives"]);
    check(&root, tls, &[(Evolution, Some(starttls))]);
}

#[test]
fn pop3_alone_is_of_use_to_those_who_know_it() {
    let account = [
        &format!("pop3 mail.example.com:995 SSL {USER}")[..],
        &format!("smtp mail.example.com:465 SSL {USER}"),
    ];
    let others = [(ThunderbirdAndroid, None), (Geary, None), (DeltaChat, None)];
    check(&written(Some(POP3), "example.com", &[]), account, &others);
}

#[test]
fn the_readers_are_as_strict_as_the_clients() {
    let text = written(None, "example.com", &[]).text(CONFIG);
    let swapped = text
        .replace("\"imap\"", "\"x\"")
        .replace("\"pop3\"", "\"imap\"")
        .replace("\"x\"", "\"pop3\"");
    assert_eq!(read(Geary, &swapped), None);
    let plain = text.replacen("<socketType>SSL", "<socketType>plain", 1);
    assert_eq!(read(ThunderbirdAndroid, &plain), None);
    assert!(read(Thunderbird, &plain).is_some_and(|(incoming, _)| incoming.contains("plain")));
    let tls = text.replacen("<socketType>SSL", "<socketType>TLS", 1);
    assert!(read(Thunderbird, &tls).is_some_and(|(incoming, _)| incoming.starts_with("pop3")));
    for (from, to) in [
        ("<domain>example.com</domain>", ""),
        ("id=\"example.com\"", "id=\"b\u{fc}cher.example\""),
        ("type=\"smtp\"", "type=\"submission\""),
    ] {
        assert_eq!(read(Thunderbird, &text.replace(from, to)), None, "{to}");
    }
}

/// What Thunderbird makes of an answer of Autodiscover: `SSL` off or `Encryption` None is no
/// encryption; else the port tells STARTTLS from TLS.
fn autodiscover(text: &str) -> Vec<String> {
    let document = Document::parse(text).expect("it is well-formed");
    let protocols = document.descendants().filter(|node| node.has_tag_name("Protocol"));
    let on = |node, name| field(node, name).is_none_or(|text| text.eq_ignore_ascii_case("on"));
    protocols
        .filter_map(|node| {
            let (kind, host) = (field(node, "Type")?, field(node, "Server")?);
            let port: u16 = field(node, "Port")?.parse().ok()?;
            let none = field(node, "Encryption").is_some_and(|it| it.eq_ignore_ascii_case("none"));
            let mode = match port {
                _ if !on(node, "SSL") || none => "plain",
                143 | 110 | 25 | 587 => "STARTTLS",
                _ => "SSL",
            };
            let login = if on(node, "SPA") { "NTLM" } else { "password" };
            let user = match node.children().find(|child| child.has_tag_name("LoginName")) {
                // The name of an empty element is read as `true`.
                Some(name) => name.text().unwrap_or("true"),
                None => "-",
            };
            Some(format!("{kind} {host}:{port} {mode} {login} {user}"))
        })
        .collect()
}

#[test]
fn autodiscover_is_read_as_encrypted_with_a_password() {
    for (profile, options, expected) in [
        (
            None,
            &[][..],
            [
                "IMAP mail.example.com:993 SSL password -",
                "POP3 mail.example.com:995 SSL password -",
                "SMTP mail.example.com:465 SSL password -",
            ],
        ),
        (
            Some(STARTTLS),
            &[],
            [
                "IMAP mail.example.com:143 STARTTLS password -",
                "POP3 mail.example.com:110 STARTTLS password -",
                "SMTP mail.example.com:587 STARTTLS password -",
            ],
        ),
        (
            Some(FULL),
            &["--address", "joe@example.com"],
            [
                "IMAP imap2.provider.example:993 SSL password joe",
                "POP3 mail.provider.example:995 SSL password joe",
                "SMTP mail.provider.example:465 SSL password joe",
            ],
        ),
    ] {
        let root = written(profile, "example.com", options);
        assert_eq!(autodiscover(&root.text(AUTODISCOVER)), expected);
    }
}
