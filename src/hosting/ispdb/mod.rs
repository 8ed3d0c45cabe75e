//! Reads Thunderbird's configuration documents (`config-v1.1.xml`) as hosting profiles.
//!
//! The format is that of draft-ietf-mailmaint-autoconfig §3 and of the ISPDB, Thunderbird's
//! collection of such documents. It can say things that no profile can; each is told as a [`Loss`],
//! so that nothing of a document is dropped in silence.
//!
//! ```
//! use mailsrv::hosting::ispdb;
//!
//! let document = br#"<clientConfig version="1.1"><emailProvider id="provider.example">
//!   <domain>provider.example</domain>
//!   <incomingServer type="imap">
//!     <hostname>mail.provider.example</hostname><port>993</port><socketType>SSL</socketType>
//!     <username>%EMAILADDRESS%</username><authentication>OAuth2</authentication>
//!   </incomingServer>
//! </emailProvider></clientConfig>"#;
//! let imported = ispdb::read(document)?;
//! assert_eq!(imported.hosting.host().to_string(), "mail.provider.example");
//! assert_eq!(imported.domains, ["provider.example"]);
//! assert_eq!(imported.losses[0].path, "emailProvider/incomingServer/authentication");
//! # Ok::<(), ispdb::ImportError>(())
//! ```
//!
//! `tree` reads the XML, `servers`, `provider` and `related` what it says, `loss` tells what is
//! left, and `page` writes the profile down.

mod loss;
mod page;
mod provider;
mod related;
mod servers;
#[cfg(test)]
mod tests;
mod tree;

pub use self::loss::{Loss, Reason};
pub(crate) use self::tree::{Element, read as read_tree, shown};

use self::loss::Losses;
use self::servers::Mail;
use super::{Autodiscover, Hosting};
use crate::service::Related;

/// The most octets of a document that are read.
pub const MAX_OCTETS: usize = 1 << 20;

/// The levels of nesting that are read; a document has five.
const MAX_DEPTH: usize = 8;

/// The most elements, comments and texts that are read; the largest document known has under 300
/// elements.
const MAX_NODES: u32 = 1 << 15;

/// What the parser takes more than a line's work for, and how often it may stand in a document.
///
/// Every attribute has the sign `=`, and to look for duplicates takes the square of their number.
/// Every namespace has `xmlns`, and an element with one copies all those around it, looking each up
/// among the others: nested, they take the cube. A document has under 300 of the one, and none or
/// one of the other.
const MOST: [(&str, usize); 2] = [("=", 1 << 11), ("xmlns", 1 << 5)];

/// A document, read as a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The profile; it publishes no name with a document behind it, because the document does not
    /// say where it stands.
    pub hosting: Hosting,
    /// The mail domains that the document is for, A-labels, in its order.
    pub domains: Vec<String>,
    /// What the profile does not say, in the order of the document.
    pub losses: Vec<Loss>,
}

/// Says why a document gives no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The document is larger than any.
    #[error("the document has {octets} octets, and at most {MAX_OCTETS} are read")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// The octets are no UTF-8.
    #[error("line {line}: the document is not UTF-8; convert it first")]
    NotUtf8 {
        /// The line, counted from 1.
        line: usize,
    },
    /// The document says that it is written in something else.
    #[error("the document says that its encoding is {encoding}; convert it to UTF-8 first")]
    Encoding {
        /// The encoding as declared.
        encoding: String,
    },
    /// The text is no XML.
    #[error("line {line}: not XML: {message}")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// The words of the parser.
        message: String,
    },
    /// A document type, by which a small document can say a great deal.
    #[error("line {line}: a document type (DOCTYPE) is not read; leave it out")]
    DocumentType {
        /// The line, counted from 1.
        line: usize,
    },
    /// An entity that XML itself does not define (XML 1.0 §4.6).
    #[error("line {line}: the entity `&{entity};` is not defined")]
    Entity {
        /// The line, counted from 1.
        line: usize,
        /// Its name.
        entity: String,
    },
    /// The nesting is deeper than in any document.
    #[error("line {line}: nested deeper than {MAX_DEPTH} levels")]
    TooDeep {
        /// The line, counted from 1.
        line: usize,
    },
    /// There is more in it than in any document.
    #[error("the document has more than {MAX_NODES} elements, comments and texts")]
    TooMany,
    /// There is more of something in it than in any document, and it is costly to read.
    #[error("line {line}: more than {most} times `{text}`")]
    TooOften {
        /// The line of the first one too many, counted from 1.
        line: usize,
        /// What stands there.
        text: &'static str,
        /// How often it may.
        most: usize,
    },
    /// The document is XML of another kind.
    #[error(
        "the outermost element is `{found}`; a document for Thunderbird (config-v1.1.xml) has `clientConfig` there"
    )]
    NotConfig {
        /// The name of the outermost element.
        found: String,
    },
    /// A web page stands in the place of a document.
    #[error(
        "this is a web page (HTML){}, and no document for Thunderbird; look at the address it was fetched from",
        .title.as_ref().map(|title| format!(", `{title}`")).unwrap_or_default()
    )]
    WebPage {
        /// Its title, if it has one.
        title: Option<String>,
    },
    /// There are not so many providers in the document.
    #[error("the document has {count} `emailProvider`, and another one is asked for")]
    NoBlock {
        /// How many there are.
        count: usize,
    },
    /// There is no provider in the document.
    #[error("`clientConfig` has no `emailProvider`")]
    NoProvider,
    /// No server of the document has a counterpart in a profile.
    #[error("{}", loss::nothing(.losses))]
    Nothing {
        /// Why none has.
        losses: Vec<Loss>,
    },
}

/// Reads a document as a profile: the first of its providers, if there are several.
///
/// # Errors
///
/// Those of [`read_block`].
pub fn read(document: &[u8]) -> Result<Imported, ImportError> {
    read_block(document, 1)
}

/// Reads one of the providers of a document, counted from 1, as a profile.
///
/// # Errors
///
/// The document is no XML within the limits, of another kind, has not so many providers, or names
/// no server that a profile can offer.
pub fn read_block(document: &[u8], block: usize) -> Result<Imported, ImportError> {
    let root = tree::read(document).map_err(|error| web_page(document).unwrap_or(error))?;
    if root.name != "clientConfig" {
        return Err(web_page(document).unwrap_or(ImportError::NotConfig { found: root.name }));
    }
    let given = root.children_of("emailProvider").nth(block.saturating_sub(1));
    let Some(given) = given else {
        return Err(match root.children_of("emailProvider").count() {
            0 => ImportError::NoProvider,
            count => ImportError::NoBlock { count },
        });
    };
    let mut losses = Losses::default();
    let domains = provider::domains(given, &mut losses);
    let provider = provider::provider(given, &mut losses);
    let mail = Mail::read(given, &mut losses);
    let mut related = related::related(&root, block, &mut losses);
    let (Some(host), Some(login)) = (mail.host(), mail.login()) else {
        return Err(ImportError::Nothing { losses: losses.sorted() });
    };
    for offer in related.iter_mut().flatten() {
        offer.host = offer.host.take().filter(|own| own.to_string() != host.to_string());
    }
    let offered: Vec<Related> =
        Related::ALL.into_iter().filter(|service| related[*service as usize].is_some()).collect();
    let prefer = mail.prefer();
    let services = mail.offers(&host, &login, prefer);
    let hosting = Hosting {
        host,
        services,
        login,
        autoconfig: None,
        autodiscover: Autodiscover { lead: None, srv: None },
        pacc: None,
        related,
        exchanges: Vec::new(),
        addresses: Vec::new(),
        provider,
        certificates: Vec::new(),
        compat_smtps: false,
        deny: mail.deny(&offered),
        prefer,
        ttl: super::file::DEFAULT_TTL,
        severities: Vec::new(),
    };
    Ok(Imported { hosting, domains, losses: losses.sorted() })
}

/// Says that a document is a web page, if it is one: the address that it was fetched from answers
/// every question with a page, or has none but that of an error.
fn web_page(document: &[u8]) -> Option<ImportError> {
    let start = String::from_utf8_lossy(&document[..document.len().min(MAX_OCTETS)]);
    let text = without_preamble(&start);
    let begins = |text: &str, word: &str| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if !begins(text, "<html") && !begins(text, "<!doctype html") {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|from| {
        let from = from + lower[from..].find('>')? + 1;
        let length = lower[from..].find("</title")?;
        Some(shown(&text[from..from + length]))
    });
    Some(ImportError::WebPage { title: title.filter(|title| !title.is_empty()) })
}

/// What stands behind all that may precede a document type or an element: the declaration of XML,
/// processing instructions and comments, of which a server or a template leaves some.
fn without_preamble(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_ascii_whitespace());
        let rest = [("<!--", "-->"), ("<?", "?>")].into_iter().find_map(|(begin, end)| {
            let (_, rest) = text.strip_prefix(begin)?.split_once(end)?;
            Some(rest)
        });
        match rest {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}
