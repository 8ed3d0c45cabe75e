//! What a profile cannot hold of a document is told where it stands.

use super::super::servers::host;
use super::*;
use crate::service::{Related, Service};

const GROUPWARE: &str = include_str!("../../../../tests/ispdb/groupware.xml");

/// A document with one place of [`GROUPWARE`] changed.
fn changed(from: &str, to: &str) -> Imported {
    assert!(GROUPWARE.contains(from), "{from}");
    read(GROUPWARE.replacen(from, to, 1).as_bytes()).expect("it is imported")
}

/// What stands in the document, what is put in its place, and what is lost in addition.
const LOST: [(&str, &str, &str); 10] = [
    (
        "https://dav.provider.example/addressbooks/",
        "http://dav.provider.example/",
        "addressbook/url (line 23): without TLS, which a profile does not offer (RFC 8314 section 4)",
    ),
    (
        "https://dav.provider.example/addressbooks/",
        "ftp://dav.provider.example/",
        "addressbook/url (line 23): `ftp://dav.provider.example/` cannot stand in a profile: no web address",
    ),
    (
        "addressbooks/",
        "a?b",
        "addressbook/url (line 23): `https://dav.provider.example/a?b` cannot stand in a profile: the path holds more than a path on the server",
    ),
    (
        "addressbooks/",
        "%EMAILADDRESS%/",
        "addressbook/url (line 23): `https://dav.provider.example/%EMAILADDRESS%/` cannot stand in a profile: the path holds more than a path on the server",
    ),
    (
        "STARTTLS",
        "plain",
        "setupServer/socketType (line 38): without TLS, which a profile does not offer (RFC 8314 section 4)",
    ),
    (
        "STARTTLS",
        "SSL",
        "setupServer/socketType (line 38): `SSL` is no way of TLS; a profile has SSL and STARTTLS",
    ),
    (
        "<displayShortName>Example<",
        "<displayShortName>%EMAILDOMAIN%<",
        "emailProvider/displayShortName (line 6): `%EMAILDOMAIN%` cannot stand in a profile: a name has no placeholder",
    ),
    (
        "</displayShortName>",
        "</displayShortName><documentation url='https://a.example/%EMAILADDRESS%'/>",
        "emailProvider/documentation (line 6): `https://a.example/%EMAILADDRESS%` cannot stand in a profile: an address of documentation has no placeholder",
    ),
    (
        "</displayShortName>",
        "</displayShortName><documentation url='ftp://a.example/'/>",
        "emailProvider/documentation (line 6): `ftp://a.example/` cannot stand in a profile: no web address",
    ),
    (
        "<port>993</port>",
        "<port>993</port><port>994</port>",
        "emailProvider/incomingServer/port[2] (line 9): a profile has one of these, and another one is listed first",
    ),
];

#[test]
fn what_a_profile_cannot_hold_is_told_where_it_stands() {
    for (from, to, told) in LOST {
        let losses: Vec<String> =
            changed(from, to).losses.iter().map(ToString::to_string).collect();
        assert!(losses.iter().any(|loss| loss == told), "{to}: {losses:#?}");
    }
}

#[test]
fn a_text_is_taken_up_to_its_bound() {
    let names = |length: usize| {
        let name = "x".repeat(length);
        let Imported { hosting, losses, .. } = changed("Example Hosting", &name);
        let cut = losses.iter().any(|loss| loss.reason == Reason::TooLong { most: 60 });
        (hosting.provider.name.map_or(0, |name| name.len()), cut)
    };
    assert_eq!([60, 61].map(names), [(60, false), (60, true)]);
    // Longer ones are not looked at, so that nothing else is said of them.
    let domain = |length: usize| {
        let losses = changed("customer.example", &"x".repeat(length)).losses;
        losses.into_iter().find(|loss| loss.path.ends_with("domain")).map(|loss| loss.reason)
    };
    assert!(matches!(domain(1000), Some(Reason::Domain(_))));
    assert!(matches!(domain(1001), Some(Reason::Text { problem: "no domain", .. })));
    let refused = |length: usize| host(&"x".repeat(length)).expect_err("it is no host name");
    assert!(!refused(400).ends_with("is no host name"), "{}", refused(400));
    assert!(refused(401).ends_with("is no host name"), "{}", refused(401));
}

#[test]
fn a_short_name_is_kept_without_a_long_one() {
    let provider = changed("<displayName>Example Hosting</displayName>", "").hosting.provider;
    assert_eq!((provider.name, provider.short_name.as_deref()), (None, Some("Example")));
}

#[test]
fn what_is_the_only_service_to_read_mail_with_needs_no_preference() {
    let pop3 = changed("<incomingServer type=\"imap\">", "<incomingServer type=\"pop3\">");
    let pop3 = pop3.hosting;
    assert_eq!(pop3.preferred(), Service::Imap);
    assert!(!file::write(&pop3).contains("prefer"));
}

#[test]
fn a_host_that_is_that_of_the_profile_is_not_repeated() {
    let hosting =
        changed("https://dav.provider.example/", "https://mail.provider.example/").hosting;
    let host = |service| hosting.related(service).map(|offer| offer.host.is_some());
    assert_eq!(Related::ALL.map(host), [None, Some(false), Some(true), Some(false)]);
}

#[test]
fn a_web_page_may_begin_with_an_empty_line() {
    check_refused(b"\n <html><p>&nbsp;", &ImportError::WebPage { title: None });
}

#[test]
fn a_web_page_may_begin_with_comments() {
    let page = ImportError::WebPage { title: Some("Not found".to_owned()) };
    for before in [
        "<!-- x -->",
        "\u{feff}<!-- a -->\n<!-- <clientConfig> -->\r\n",
        "<?xml version='1.0'?> <!-- a --> <?xml-stylesheet href='a.css'?> <!DOCTYPE html>\n",
        "<!-- a --><!DOCTYPE html><!-- b -->\n",
    ] {
        let text = format!("{before}<html><title>Not found</title><p>&nbsp;<br>");
        check_refused(text.as_bytes(), &page);
    }
    // What is commented out is no page.
    check_refused(b"<!-- <html> --><x/>", &ImportError::NotConfig { found: "x".to_owned() });
    check_refused(
        b"<!-- <html>",
        &ImportError::Syntax { line: 1, message: "expected '-->'".to_owned() },
    );
}

/// A document of IMAP servers, each a host, a port and a socket type.
fn imap(servers: &[(&str, u16, &str)]) -> Imported {
    let servers = servers.iter().map(|(host, port, socket)| {
        format!(
            "<incomingServer type='imap'><hostname>{host}.example</hostname><port>{port}</port>\
             <socketType>{socket}</socketType></incomingServer>"
        )
    });
    let servers = servers.collect::<String>();
    let document = format!("<clientConfig><emailProvider>{servers}</emailProvider></clientConfig>");
    read(document.as_bytes()).expect("it is imported")
}

#[test]
fn what_is_listed_first_has_the_highest_weight() {
    let weights = |servers: &[(&str, u16, &str)]| -> Vec<u16> {
        let hosting = imap(servers).hosting;
        let offer = hosting.offer(Service::Imap).expect("it is offered");
        offer.servers().iter().map(|server| server.weight).collect()
    };
    let tls = [("a.b", 993, "SSL"), ("a.c", 993, "SSL"), ("a.d", 993, "SSL")];
    let starttls = tls.map(|(host, ..)| (host, 143, "STARTTLS"));
    let others = [("a.e", 143, "STARTTLS"), ("a.f", 143, "STARTTLS")];
    assert_eq!(weights(&[tls, starttls].concat()), [3, 2, 1]);
    assert_eq!(weights(&starttls), [3, 2, 1]);
    assert_eq!(weights(&[&tls[..], &others].concat()), [3, 2, 1, 2, 1]);
}

#[test]
fn another_port_than_that_of_the_first_server_is_kept() {
    let written = file::write(&imap(&[("a.b", 993, "SSL"), ("a.c", 10993, "SSL")]).hosting);
    assert!(written.contains("{ host: a.c.example, tls: 10993 }"), "{written}");
}
