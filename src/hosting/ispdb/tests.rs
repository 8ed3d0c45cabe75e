mod lost;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::{cost, file};
use super::*;

const ORDINARY: &str = include_str!("../../../tests/ispdb/ordinary.xml");

#[track_caller]
fn check_refused(document: &[u8], expected: &ImportError) {
    assert_eq!(&read(document).expect_err("it is refused"), expected);
}

#[test]
fn what_is_no_document_is_refused_with_the_reason() {
    let line =
        |line| move |message: &str| ImportError::Syntax { line, message: message.to_owned() };
    check_refused(b"", &line(1)("there is no element"));
    check_refused(b"\n<a>\n<b>\n", &line(3)("the document ends inside an element"));
    check_refused(b"<a/>\n\n<b/>", &line(3)("unknown token"));
    check_refused(b"\n<a/>\nx", &line(3)("unknown token"));
    check_refused(b"\n<a\n/x>", &line(3)("expected '>' not 'x'"));
    check_refused(b"<a x:b='1'/>", &line(1)("an unknown namespace prefix 'x'"));
    check_refused(b"\n<a>\xff</a>", &ImportError::NotUtf8 { line: 2 });
    check_refused(
        "<?xml version='1.0' encoding='ISO-8859-1'?><clientConfig>\u{e9}</clientConfig>".as_bytes(),
        &ImportError::Encoding { encoding: "ISO-8859-1".to_owned() },
    );
    check_refused(
        "\u{feff}<?xml version='1.0' encoding=\"utf-8\"?><html>\u{e9}</html>".as_bytes(),
        &ImportError::WebPage { title: None },
    );
    check_refused("x".repeat(MAX_OCTETS).as_bytes(), &line(1)("unknown token"));
    check_refused(b"<feed/>", &ImportError::NotConfig { found: "feed".to_owned() });
    check_refused(b"<clientConfig/>", &ImportError::NoProvider);
    check_refused(
        b"\xef\xbb\xbf\n<?xml version='1.0' encoding='US-ASCII'?><clientConfig><emailProvider/></clientConfig>",
        &ImportError::Nothing { losses: Vec::new() },
    );
    for (text, most) in MOST {
        let enough = format!("<feed>{}</feed>", text.repeat(most));
        check_refused(enough.as_bytes(), &ImportError::NotConfig { found: "feed".to_owned() });
        let more = format!("<feed>\n{}</feed>", text.repeat(most + 1));
        check_refused(more.as_bytes(), &ImportError::TooOften { line: 2, text, most });
    }
    for (document, at) in
        [("<a>\n<b></c></a>", 2), ("\n\n<a b></a>", 3), ("<a>\n<", 2), ("<a>&#0;</a>", 1)]
    {
        match read(document.as_bytes()) {
            Err(ImportError::Syntax { line, .. }) => assert_eq!(line, at, "{document}"),
            other => panic!("{document}: {other:?}"),
        }
    }
}

#[test]
fn nothing_is_expanded_but_what_xml_itself_defines() {
    check_refused(
        b"<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY lol 'lol'>]>\n<a>&lol;</a>",
        &ImportError::DocumentType { line: 2 },
    );
    check_refused(b"<a>\n&lol;</a>", &ImportError::Entity { line: 2, entity: "lol".to_owned() });
    check_refused(b"\n<a b='&lol;'/>", &ImportError::Entity { line: 2, entity: "lol".to_owned() });
    let hosts = ORDINARY.replace("mail.provider", "m&#97;il<!-- -->.<![CDATA[provider]]>");
    assert_eq!(read(hosts.as_bytes()), read(ORDINARY.as_bytes()));
}

#[test]
fn a_refusal_of_every_server_says_why() {
    let cleartext = include_bytes!("../../../tests/ispdb/cleartext.xml");
    let Err(error @ ImportError::Nothing { .. }) = read(cleartext) else { panic!("it is refused") };
    assert_eq!(
        error.to_string(),
        "every server of the document is without TLS, which a profile does not offer (RFC 8314 section 4)"
    );
    let told = |body: &str| {
        let document =
            format!("<clientConfig><emailProvider>{body}</emailProvider></clientConfig>");
        read(document.as_bytes()).expect_err("it is refused").to_string()
    };
    assert_eq!(told(""), "the document lists no server for IMAP, POP3 or submission");
    assert_eq!(
        told("<incomingServer type=\"imap\"/>\n<outgoingServer/>"),
        "no server of the document can stand in a profile: \
         emailProvider/incomingServer (line 1): there is no `socketType`; \
         emailProvider/outgoingServer (line 2): a profile has no service of the type ``"
    );
    let many = told(&"<incomingServer type=\"imap\"/>".repeat(1000));
    assert!(many.ends_with("; …") && many.len() < 1000, "{many}");
    assert!(!told(&"<incomingServer type=\"imap\"/>".repeat(4)).contains('…'));
}

#[test]
fn what_would_cost_much_is_refused_at_once() {
    let inside =
        |text: &str| format!("<clientConfig><emailProvider>{text}</emailProvider></clientConfig>");
    let names: String = (0..8000).map(|number| format!("<a{number}/>")).collect();
    let long = "x".repeat(MAX_OCTETS / 4);
    let [attributes, namespaces] =
        MOST.map(|(text, most)| ImportError::TooOften { line: 1, text, most });
    let nested: String = (0..2047).map(|number| format!("<a xmlns:p{number:04}=\"u\">")).collect();
    for (document, error, most_steps) in [
        ("x".repeat(MAX_OCTETS + 1), Some(ImportError::TooLarge { octets: MAX_OCTETS + 1 }), 0),
        ("<a>".repeat(MAX_OCTETS / 3), Some(ImportError::TooMany), 0),
        (format!("<a>{}", "<b/>".repeat(200_000)), Some(ImportError::TooMany), 0),
        (format!("<a {}/>", "b='' ".repeat(200_000)), Some(attributes), 0),
        (nested + &"</a>".repeat(2047), Some(namespaces), 0),
        (format!("<a>{}</a>", "&#65;".repeat(200_000)), None, 10),
        (inside(&names), None, 300_000),
        (format!("<a><{long}>{}</{long}></a>", "<b/>".repeat(50)), None, 600_000),
        (inside(&format!("<domain>{long}</domain>")), None, 600_000),
        (inside(&ORDINARY.replace("mail.provider", &long[..MAX_OCTETS / 8])), None, 1_000_000),
        (inside(&format!("<incomingServer type=\"{long}\"/>")), None, 600_000),
    ] {
        let (refused, steps) = cost::of(|| read(document.as_bytes()).expect_err("it is refused"));
        let text = refused.to_string();
        assert!(steps <= most_steps, "{steps} steps, {most_steps} at most: {text}");
        assert!(text.len() < 2000, "{text}");
        if let Some(error) = error {
            assert_eq!(refused, error);
        }
    }
}

#[test]
fn a_document_for_thousands_of_domains_is_read() {
    let domains: String =
        (0..8000).map(|number| format!("<domain>d{number}.example</domain>\n")).collect();
    let document = ORDINARY.replacen("<domain>", &format!("{domains}<domain>"), 1);
    let (read, steps) = cost::of(|| read(document.as_bytes()).expect("it is imported"));
    assert!(read.domains.len() > 8000, "{}", read.domains.len());
    assert!(steps <= 500_000, "{steps} steps");
}

#[test]
fn elements_nest_to_the_depth_that_is_read() {
    let nested = |depth| format!("<feed>\n{}{}</feed>", "<a>".repeat(depth), "</a>".repeat(depth));
    let not_config = ImportError::NotConfig { found: "feed".to_owned() };
    check_refused(nested(MAX_DEPTH - 1).as_bytes(), &not_config);
    for depth in [MAX_DEPTH, 8000] {
        check_refused(nested(depth).as_bytes(), &ImportError::TooDeep { line: 2 });
    }
}

#[test]
fn an_element_of_another_vocabulary_is_none_of_ours() {
    let given = "<displayName>A</displayName>";
    let foreign = "<x:displayName xmlns:x='https://x.example/'>B</x:displayName>";
    let document = ORDINARY.replacen("<domain", &format!("{foreign}{given}<domain"), 1);
    let Imported { hosting, losses, .. } = read(document.as_bytes()).expect("it is imported");
    assert_eq!(hosting.provider.name.as_deref(), Some("A"));
    let told = Reason::Unknown;
    assert!(losses.iter().any(|loss| loss.path.ends_with("x:displayName") && loss.reason == told));
}

/// What is imported is a sound profile, and its losses print on a line each.
fn check_any(document: &[u8]) {
    match read(document) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(imported) => {
            let text = file::write(&imported.hosting);
            match file::parse(&text, "imported.yaml") {
                Ok(hosting) => assert_eq!(hosting, imported.hosting, "{text}"),
                Err(error) => panic!("{error}\n{text}"),
            }
            for loss in imported.losses {
                assert!(loss.line >= 1 && !loss.path.is_empty());
                assert!(!loss.to_string().contains(char::is_control), "{loss:?}");
            }
        }
    }
}

const SAMPLES: [&str; 6] = [
    ORDINARY,
    include_str!("../../../tests/ispdb/groupware.xml"),
    include_str!("../../../tests/ispdb/informational.xml"),
    include_str!("../../../tests/ispdb/mail-domain.xml"),
    include_str!("../../../tests/ispdb/ports.xml"),
    include_str!("../../../tests/ispdb/several-hosts.xml"),
];

#[test]
fn what_is_quoted_of_a_document_stays_on_its_line() {
    let quoted = |text: &str| {
        let losses = read(ORDINARY.replacen("SSL", text, 1).as_bytes()).expect("it is read").losses;
        let found = losses.into_iter().find_map(|loss| match loss.reason {
            Reason::SocketType { found } => Some((loss.path, loss.line, found)),
            _ => None,
        });
        found.expect("it is no way of TLS")
    };
    let path = "emailProvider/incomingServer[1]/socketType";
    assert_eq!(quoted("T\n L \u{7f}"), (path.to_owned(), 10, "T L \u{fffd}".to_owned()));
    assert_eq!(quoted(&"x".repeat(80)).2, "x".repeat(80));
    assert_eq!(quoted(&"x".repeat(81)).2, format!("{}…", "x".repeat(80)));
    for text in ["mail\n.example", "mail&#10;.example", "mail\u{1b}[31m.example", "\u{7f}"] {
        let hostile = ORDINARY.replacen("mail.provider.example", text, 1);
        check_any(hostile.as_bytes());
        check_any(ORDINARY.replace("customer.example", text).as_bytes());
        check_any(ORDINARY.replace("SSL", text).as_bytes());
        check_any(ORDINARY.replace("password-cleartext", text).as_bytes());
        check_any(ORDINARY.replace("\"imap\"", &format!("\"{text}\"")).as_bytes());
    }
}

proptest! {
    #[test]
    fn no_octets_upset_the_reader(octets in vec(any::<u8>(), 0..300)) {
        check_any(&octets);
    }

    #[test]
    fn no_xml_like_text_upsets_the_reader(
        text in "(</?(clientConfig|emailProvider|domain|a)( url=\"[^\"]{0,3}\")?/?>|&(lt|#[0-9]{1,6});|<!--|-->|[ -~\n]|é){0,60}",
    ) {
        check_any(text.as_bytes());
    }

    #[test]
    fn no_change_of_a_document_upsets_the_reader(
        sample in select(&SAMPLES[..]),
        edits in vec((any::<Index>(), 0..5_usize, any::<Index>(), any::<char>()), 1..8),
    ) {
        let mut lines: Vec<String> = sample.lines().map(str::to_owned).collect();
        for (line, kind, place, character) in edits {
            let at = line.index(lines.len());
            let other = place.index(lines.len());
            match kind {
                0 => lines.swap(at, other),
                1 => lines.insert(other, lines[at].clone()),
                2 => drop(lines.remove(at)),
                _ => {
                    // Between the tags stands what is read.
                    let start = lines[at].find('>').map_or(0, |found| found + 1);
                    lines[at].insert(start, if kind == 3 { character } else { '0' });
                }
            }
            if lines.is_empty() {
                return Ok(());
            }
        }
        check_any(lines.join("\n").as_bytes());
    }
}

#[test]
fn a_web_page_is_called_one() {
    let page = |title: &str| ImportError::WebPage { title: Some(title.to_owned()) };
    check_refused(
        b"<!DOCTYPE html>\n<html lang=en><head><title>404 Not\nFound</title><p>&nbsp;<br>",
        &page("404 Not Found"),
    );
    check_refused(b"<HTML><TITLE>Parked</TITLE>\xe9<a href=x>", &page("Parked"));
    check_refused(
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x' 'y'><html><body/></html>",
        &ImportError::WebPage { title: None },
    );
}

/// What is printed under each label of a document: the target of the first record, or nothing.
#[track_caller]
fn targets(document: &str) -> Vec<String> {
    let hosting = read(document.as_bytes()).expect("it is imported").hosting;
    let domain = "customer.example".parse().expect("it is a domain");
    let plan = crate::plan::plan(&domain, &hosting, &Default::default()).expect("it is planned");
    let sets = plan.published().filter_map(|(_, set)| {
        let srv = set.srvs().next()?;
        let owner = crate::name::text(set.owner());
        Some(format!("{} {}", owner.split('.').next()?, crate::name::text(&srv.target)))
    });
    sets.collect()
}

#[test]
fn what_is_listed_and_not_carried_over_is_not_denied() {
    let server = |element: &str, kind: &str, host: &str, port: &str, socket: &str| {
        format!(
            "<{element} type='{kind}'><hostname>{host}</hostname><port>{port}</port>\
             <socketType>{socket}</socketType></{element}>"
        )
    };
    let document = |servers: &[String]| {
        format!("<clientConfig><emailProvider>{}</emailProvider></clientConfig>", servers.concat())
    };
    let smtp = server("outgoingServer", "smtp", "smtp.example.net", "465", "SSL");
    let imap =
        |host: &str, port: &str, socket: &str| server("incomingServer", "imap", host, port, socket);
    let sent = "_submissions smtp.example.net.";
    let denied = ["_pop3s .", "_pop3 ."];
    // An address literal, a socket type that is none, no TLS: IMAP is there all the same.
    for lost in [imap("192.0.2.1", "993", "ssl"), imap("imap.example.net", "143", "plain")] {
        let expected = [&denied[..], &[sent, "_submission ."]].concat();
        assert_eq!(targets(&document(&[lost, smtp.clone()])), expected);
    }
    // In one mode: the other is not listed, and denied.
    let lost = imap("[192.0.2.1]", "993", "SSL");
    let expected = [&["_imap ."], &denied[..], &[sent, "_submission ."]].concat();
    assert_eq!(targets(&document(&[lost, smtp.clone()])), expected);
    // A type in other letters, or none: what may have been meant is not denied.
    let lost = server("incomingServer", "IMAP", "imap.example.net", "993", "SSL");
    assert_eq!(targets(&document(&[lost, smtp.clone()])), expected);
    let lost = server("incomingServer", "", "imap.example.net", "993", "SSL");
    let expected = ["_imap .", "_pop3 .", sent, "_submission ."];
    assert_eq!(targets(&document(&[lost, smtp.clone()])), expected);
    let lost = server("outgoingServer", "smtp", "a_b.example.net", "587", "STARTTLS");
    let kept = imap("imap.example.net", "993", "SSL");
    let expected = [&["_imaps imap.example.net.", "_imap ."], &denied[..], &[sent]].concat();
    assert_eq!(targets(&document(&[kept.clone(), smtp.clone(), lost])), expected);
    // Nothing is lost: what is not listed is denied.
    let expected =
        [&["_imaps imap.example.net.", "_imap ."], &denied[..], &[sent, "_submission ."]].concat();
    assert_eq!(targets(&document(&[kept, smtp])), expected);
}

#[test]
fn a_mistake_is_told_at_its_own_line() {
    let broken = ORDINARY.replacen("<port>993", "<port><993", 1);
    let line = ORDINARY.lines().position(|line| line.contains("<port>993")).expect("it is there");
    match read(broken.as_bytes()) {
        Err(ImportError::Syntax { line: told, .. }) => assert_eq!(told, line + 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_of_several_providers_is_read() {
    let block = |domain: &str| {
        format!(
            "\n<emailProvider id='{domain}'><domain>{domain}</domain><domain>%EMAILDOMAIN%</domain>\
             <incomingServer type='imap'><hostname>imap.{domain}</hostname><port>993</port>\
             <socketType>SSL</socketType><authentication>password</authentication>\
             <username>%EMAILLOCALPART%-al</username></incomingServer></emailProvider>"
        )
    };
    let document =
        format!("<clientConfig>{}{}</clientConfig>", block("a.example"), block("b.example"));
    for (number, other, domain) in [(1, 2, "a.example"), (2, 1, "b.example")] {
        let imported = read_block(document.as_bytes(), number).expect("it is imported");
        assert_eq!(imported.domains, [domain]);
        assert_eq!(imported.hosting.login().to_string(), "{local-part}-al");
        let reasons: Vec<_> = imported.losses.into_iter().map(|loss| loss.reason).collect();
        assert_eq!(reasons, [Reason::OtherProvider { number: other }]);
    }
    assert_eq!(read_block(document.as_bytes(), 3), Err(ImportError::NoBlock { count: 2 }));
}
