//! Strict readers of `config-v1.1.xml`: for one slip they take none of it.
//!
//! So read io-pim-discovery 0.8.0 and 0.9.0 (`autoconfig/config.rs`, by serde-xml-rs 0.8.2), and himalaya,
//! which is made with it. The table is what they were seen to refuse, document by document; elements that
//! it does not name are passed over.

use std::fmt;

use crate::hosting::ispdb::{Element, shown};

/// Why strict readers take nothing of a document: what is wrong, and how it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// The element, by its path below the outermost one.
    path: String,
    wrong: Wrong,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wrong {
    /// An attribute is not there.
    NoAttribute(&'static str),
    /// An element is not there.
    NoElement(&'static str),
    /// It stands a second time.
    Again,
    /// Another element parts it from those of its name.
    Parted,
    /// It holds an element.
    Nested,
    /// What an attribute says, or the element itself.
    Said { attribute: Option<&'static str>, found: String, must: String },
    /// Something stands before the declaration.
    Late,
}

/// What an element may hold.
struct Shape {
    attributes: &'static [(&'static str, Needed, Holds)],
    parts: &'static [(&'static str, Often, Holds)],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Yes,
    No,
}

/// How often an element may stand in another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Often {
    Once,
    OnceAtMost,
    /// As often as one likes, with no other element between.
    InARow,
}

enum Holds {
    Parts(&'static Shape),
    /// Any text, and no element.
    Text,
    /// A text that is not empty.
    Words,
    /// A number up to this one.
    Number(u64),
    Truth,
    /// One of some words: the first are those of the format.
    Word(&'static [&'static str], &'static str),
}

const CLIENT_CONFIG: Shape = Shape {
    attributes: &[("version", Needed::Yes, Holds::Text)],
    parts: &[
        ("emailProvider", Often::Once, Holds::Parts(&PROVIDER)),
        ("oAuth2", Often::OnceAtMost, Holds::Parts(&OAUTH2)),
    ],
};

const PROVIDER: Shape = Shape {
    attributes: &[("id", Needed::Yes, Holds::Text)],
    parts: &[
        ("domain", Often::InARow, Holds::Text),
        ("displayName", Often::OnceAtMost, Holds::Text),
        ("displayShortName", Often::OnceAtMost, Holds::Text),
        ("incomingServer", Often::InARow, Holds::Parts(&SERVER)),
        ("outgoingServer", Often::InARow, Holds::Parts(&SERVER)),
        ("documentation", Often::InARow, Holds::Parts(&DOCUMENTATION)),
    ],
};

const SERVER: Shape = Shape {
    attributes: &[("type", Needed::Yes, Holds::Word(&["imap", "pop3", "smtp"], TYPES))],
    parts: &[
        ("hostname", Often::OnceAtMost, Holds::Text),
        ("port", Often::OnceAtMost, Holds::Number(u16::MAX as u64)),
        ("socketType", Often::OnceAtMost, Holds::Word(SOCKET_TYPES, "SSL, STARTTLS or plain")),
        ("username", Often::OnceAtMost, Holds::Text),
        ("authentication", Often::InARow, Holds::Word(METHODS, METHODS_OF_THE_FORMAT)),
        ("pop3", Often::OnceAtMost, Holds::Parts(&POP3)),
    ],
};

const TYPES: &str = "imap, pop3 or smtp, or the server be left out";

/// They know words of their own beside those of the format.
pub(super) const SOCKET_TYPES: &[&str] = &["SSL", "STARTTLS", "plain", "tls", "starttls"];

const METHODS_OF_THE_FORMAT: &str = "password-cleartext, password-encrypted, OAuth2, NTLM, client-IP-address, TLS-client-cert or none, or be left out";

/// Kerberos (`GSSAPI`) is not among them: they have it misspelt.
const METHODS: &[&str] = &[
    "password-cleartext",
    "password-encrypted",
    "OAuth2",
    "NTLM",
    "client-IP-address",
    "TLS-client-cert",
    "none",
    "GSAPI",
    "gsApi",
    "passwordCleartext",
    "passwordEncrypted",
    "oAuth2",
    "ntlm",
    "clientIPAddress",
    "tlsClientCert",
];

const POP3: Shape = Shape {
    attributes: &[],
    parts: &[
        ("leaveMessagesOnServer", Often::OnceAtMost, Holds::Truth),
        ("downloadOnBiff", Often::OnceAtMost, Holds::Truth),
        ("daysToLeaveMessagesOnServer", Often::OnceAtMost, Holds::Number(u64::MAX)),
        ("checkInterval", Often::OnceAtMost, Holds::Parts(&CHECK_INTERVAL)),
    ],
};

const CHECK_INTERVAL: Shape =
    Shape { attributes: &[("minutes", Needed::No, Holds::Number(u64::MAX))], parts: &[] };

const DOCUMENTATION: Shape = Shape {
    attributes: &[("url", Needed::Yes, Holds::Text)],
    parts: &[("descr", Often::InARow, Holds::Words)],
};

const OAUTH2: Shape = Shape {
    attributes: &[],
    parts: &[
        ("issuer", Often::Once, Holds::Text),
        ("scope", Often::Once, Holds::Text),
        ("authURL", Often::Once, Holds::Text),
        ("tokenURL", Often::Once, Holds::Text),
    ],
};

/// The first slip in a document with this root; None where strict readers take it.
pub(super) fn slip(body: &[u8], root: &Element) -> Option<Slip> {
    let at_root = |wrong| Slip { path: root.name.clone(), wrong };
    let begin = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    // The declaration stands at the very beginning (XML 1.0 §2.8).
    if begin.first().is_some_and(u8::is_ascii_whitespace)
        && begin.trim_ascii_start().starts_with(b"<?xml ")
    {
        return Some(at_root(Wrong::Late));
    }
    within(root, &CLIENT_CONFIG)
}

fn within(element: &Element, shape: &Shape) -> Option<Slip> {
    let slip = |wrong| Some(Slip { path: path(element), wrong });
    for (name, needed, holds) in shape.attributes {
        match element.attribute(name) {
            Some(text) => {
                if let Some(must) = holds.refuse(text) {
                    return slip(Wrong::Said { attribute: Some(name), found: shown(text), must });
                }
            }
            None if *needed == Needed::Yes => return slip(Wrong::NoAttribute(name)),
            None => {}
        }
    }
    shape.parts.iter().find_map(|(name, often, holds)| {
        let all = element.children.iter().enumerate();
        let found: Vec<(usize, &Element)> = all.filter(|(_, it)| it.name == *name).collect();
        let wrong = |at: &Element, wrong| Some(Slip { path: path(at), wrong });
        match (often, found.as_slice()) {
            (Often::Once, []) => return slip(Wrong::NoElement(name)),
            (Often::Once | Often::OnceAtMost, [_, (_, again), ..]) => {
                return wrong(again, Wrong::Again);
            }
            _ => {}
        }
        let parted = found.windows(2).find_map(|pair| match pair {
            [(before, _), (place, part)] if before + 1 < *place => Some(part),
            _ => None,
        });
        match parted {
            Some(part) => wrong(part, Wrong::Parted),
            None => found.iter().find_map(|(_, part)| holds.check(part)),
        }
    })
}

fn path(element: &Element) -> String {
    if element.path.is_empty() { element.name.clone() } else { element.path.clone() }
}

impl Holds {
    fn check(&self, element: &Element) -> Option<Slip> {
        let wrong = match self {
            Self::Parts(shape) => return within(element, shape),
            Self::Text | Self::Number(_) | Self::Truth if !element.children.is_empty() => {
                Wrong::Nested
            }
            _ => {
                let must = self.refuse(element.text())?;
                Wrong::Said { attribute: None, found: shown(element.text()), must }
            }
        };
        Some(Slip { path: path(element), wrong })
    }

    /// How a text must be that does not do.
    fn refuse(&self, text: &str) -> Option<String> {
        let (fits, must) = match self {
            Self::Parts(_) | Self::Text => return None,
            Self::Words => (!text.is_empty(), "say something".to_owned()),
            Self::Truth => {
                (matches!(text, "true" | "false" | "1" | "0"), "be true or false".to_owned())
            }
            Self::Number(u64::MAX) => (text.parse::<u64>().is_ok(), "be a number".to_owned()),
            Self::Number(most) => (
                text.parse::<u64>().is_ok_and(|number| number <= *most),
                format!("be a number up to {most}"),
            ),
            Self::Word(known, of_the_format) => {
                (known.contains(&text), format!("be {of_the_format}"))
            }
        };
        (!fits).then_some(must)
    }
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.wrong {
            Wrong::NoAttribute(name) => write!(f, "{path} must have the attribute {name}"),
            Wrong::NoElement(name) => write!(f, "{path} must have the element {name}"),
            Wrong::Again => write!(f, "{path} is one too many, and must be left out"),
            Wrong::Parted => {
                write!(f, "{path} must stand next to the one before, with no other element between")
            }
            Wrong::Nested => write!(f, "{path} must hold no element, but text alone"),
            Wrong::Late => {
                f.write_str("nothing may stand before the XML declaration, but space does")
            }
            Wrong::Said { attribute, found, must } => {
                let of = attribute.map(|it| format!("the attribute {it} of ")).unwrap_or_default();
                match found.is_empty() {
                    true => write!(f, "{of}{path} is empty, and must {must}"),
                    false => write!(f, "{of}{path} is `{found}`, and must {must}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reading::{Config, User};

    const DOCUMENT: &str = "<clientConfig version=\"1.1\"><emailProvider id=\"a.test\">\
        <domain>a.test</domain><displayName>A</displayName>\
        <incomingServer type=\"imap\"><hostname>i.a.test</hostname><port>993</port>\
        <socketType>SSL</socketType><authentication>none</authentication></incomingServer>\
        <outgoingServer type=\"smtp\"><hostname>o.a.test</hostname><port>465</port>\
        <socketType>SSL</socketType><authentication>none</authentication></outgoingServer>\
        <documentation url=\"https://a.test/\"><descr>A</descr></documentation>\
        </emailProvider></clientConfig>";

    /// What strict readers say of the document with one text put in the place of another.
    fn said(from: &str, to: &str) -> String {
        assert!(DOCUMENT.contains(from), "{from}");
        let document = DOCUMENT.replacen(from, to, 1);
        let config = Config::read(document.as_bytes()).expect(to);
        config.slip().map_or_else(|| "taken".to_owned(), ToString::to_string)
    }

    #[test]
    fn for_one_slip_nothing_is_taken() {
        let server = "emailProvider/incomingServer";
        let another = "<incomingServer type=\"pop3\"/>";
        let methods = super::METHODS_OF_THE_FORMAT;
        for (from, to, expected) in [
            (
                "<clientConfig",
                "\n<?xml version=\"1.0\"?><clientConfig",
                "nothing may stand before the XML declaration, but space does".to_owned(),
            ),
            (" version=\"1.1\"", "", "clientConfig must have the attribute version".to_owned()),
            (" id=\"a.test\"", "", "emailProvider must have the attribute id".to_owned()),
            (" type=\"imap\"", "", format!("{server} must have the attribute type")),
            (
                "\"imap\"",
                "\"jmap\"",
                format!(
                    "the attribute type of {server} is `jmap`, and must be imap, pop3 or smtp, or the server be left out"
                ),
            ),
            (
                ">SSL<",
                ">TLS<",
                format!("{server}/socketType is `TLS`, and must be SSL, STARTTLS or plain"),
            ),
            (
                ">SSL<",
                "><",
                format!("{server}/socketType is empty, and must be SSL, STARTTLS or plain"),
            ),
            (
                "</socketType>",
                "</socketType><socketType>SSL</socketType>",
                format!("{server}/socketType[2] is one too many, and must be left out"),
            ),
            (
                ">none<",
                ">GSSAPI<",
                format!("{server}/authentication is `GSSAPI`, and must be {methods}"),
            ),
            (
                "</authentication>",
                "</authentication><username/><authentication>OAuth2</authentication>",
                format!(
                    "{server}/authentication[2] must stand next to the one before, with no other element between"
                ),
            ),
            (
                ">993<",
                ">imaps<",
                format!("{server}/port is `imaps`, and must be a number up to 65535"),
            ),
            (
                ">993<",
                ">65536<",
                format!("{server}/port is `65536`, and must be a number up to 65535"),
            ),
            (
                ">i.a.test<",
                ">i.a.test<br/><",
                format!("{server}/hostname must hold no element, but text alone"),
            ),
            (
                "</outgoingServer>",
                &format!("</outgoingServer>{another}"),
                format!(
                    "{server}[2] must stand next to the one before, with no other element between"
                ),
            ),
            (
                "</incomingServer>",
                "<pop3><downloadOnBiff>yes</downloadOnBiff></pop3></incomingServer>",
                format!("{server}/pop3/downloadOnBiff is `yes`, and must be true or false"),
            ),
            (
                "</incomingServer>",
                "<pop3><checkInterval minutes=\"often\"/></pop3></incomingServer>",
                format!(
                    "the attribute minutes of {server}/pop3/checkInterval is `often`, and must be a number"
                ),
            ),
            (
                ">A</descr>",
                "> </descr>",
                "emailProvider/documentation/descr is empty, and must say something".to_owned(),
            ),
            (
                "</clientConfig>",
                "<oAuth2><issuer/><authURL/><tokenURL/></oAuth2></clientConfig>",
                "oAuth2 must have the element scope".to_owned(),
            ),
            (
                "</clientConfig>",
                "<emailProvider id=\"b\"/></clientConfig>",
                "emailProvider[2] is one too many, and must be left out".to_owned(),
            ),
        ] {
            assert_eq!(said(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn what_strict_readers_do_not_know_they_pass_over() {
        for (from, to) in [
            ("</domain>", "</domain><domain>b.test</domain>"),
            ("<port>993</port>", ""),
            (">SSL<", "> SSL\n<"),
            (">SSL<", ">tls<"),
            ("<socketType>SSL</socketType>", ""),
            (">none<", ">OAuth2<"),
            (
                "</authentication>",
                "</authentication><!-- or --><authentication>NTLM</authentication>",
            ),
            (
                "</authentication>",
                "</authentication><username>u</username><restriction><a/></restriction>",
            ),
            (
                "</emailProvider>",
                "<instruction><b/></instruction></emailProvider><webMail/><setupServer type=\"x\"/>",
            ),
            ("<clientConfig", "\u{feff}<?xml version=\"1.0\"?><clientConfig"),
            ("<clientConfig", "\n<clientConfig"),
        ] {
            assert_eq!(said(from, to), "taken", "{from} {to}");
        }
    }

    #[test]
    fn what_is_missing_is_as_it_is_by_default() {
        let domain = "a.test".parse().unwrap();
        let url = "https://autoconfig.a.test/".parse().unwrap();
        let servers = |replaced: &[(&str, &str)]| {
            let replace = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
            let document = replaced.iter().fold(DOCUMENT.to_owned(), replace);
            let servers = Config::read(document.as_bytes()).unwrap();
            let servers = servers.strict_servers(&User::of(&domain), &url);
            servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        let no_ports = [("<port>993</port>", ""), ("<port>465</port>", "")];
        for (mode, expected) in [
            ("", "IMAP i.a.test:993 TLS, submission o.a.test:465 TLS"),
            ("<socketType>tls</socketType>", "IMAP i.a.test:993 TLS, submission o.a.test:465 TLS"),
            (
                "<socketType>STARTTLS</socketType>",
                "IMAP i.a.test:143 STARTTLS, submission o.a.test:587 STARTTLS",
            ),
            (
                "<socketType>plain</socketType>",
                "IMAP i.a.test:143 plain, submission o.a.test:25 plain",
            ),
        ] {
            let replaced = [no_ports[0], no_ports[1], ("<socketType>SSL</socketType>", mode)];
            assert_eq!(servers(&replaced), expected, "{mode}");
        }
        // Those for reading mail come first, and the type alone says what a server is for.
        let replaced = [("incomingServer type=\"imap\"", "incomingServer type=\"smtp\"")];
        let both = "submission i.a.test:993 TLS, submission o.a.test:465 TLS";
        assert_eq!(servers(&replaced), both);
    }
}
