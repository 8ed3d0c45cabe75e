//! What a document says of the provider itself.

use super::super::Provider;
use super::super::publication::{MAX_NAME, MAX_SHORT_NAME, cut, is_legible, is_web_address};
use super::loss::{Losses, Reason};
use super::tree::Element;
use crate::name::MailDomain;

/// What stands for the mail domain.
pub(super) const DOMAIN: &str = "%EMAILDOMAIN%";

/// The longest domain that is looked at, in octets of its U-labels.
const MAX_DOMAIN: usize = 1000;

/// The mail domains of the document.
pub(super) fn domains(provider: &Element, losses: &mut Losses) -> Vec<String> {
    let mut domains = Vec::new();
    for element in provider.children_of("domain") {
        if element.attribute("purpose") == Some("mx") {
            losses.add(element, Reason::ExchangeDomain);
            continue;
        }
        // Whichever it is: the document is for everybody who finds it.
        if element.text() == DOMAIN {
            continue;
        }
        if element.text().len() > MAX_DOMAIN || element.text().contains(char::is_control) {
            let problem = "no domain";
            losses.add(element, Reason::Text { found: element.shown(), problem });
            continue;
        }
        match element.text().parse::<MailDomain>() {
            Ok(domain) => domains.push(domain.to_string()),
            Err(error) => losses.add(element, Reason::Domain(error)),
        }
    }
    domains
}

/// The names and the documentation; tells what else stands there.
pub(super) fn provider(given: &Element, losses: &mut Losses) -> Provider {
    let mut provider = Provider::default();
    // Without a name of its own, a provider goes by the mail domain.
    let by_domain = given.child("displayName").is_none_or(|name| name.text() == DOMAIN);
    for child in &given.children {
        match child.name.as_str() {
            // They are read elsewhere.
            "domain" | "incomingServer" | "outgoingServer" => {}
            "displayName" => {
                take(&mut provider.name, child, losses, || name(child, MAX_NAME, by_domain));
            }
            "displayShortName" => {
                take(&mut provider.short_name, child, losses, || {
                    name(child, MAX_SHORT_NAME, by_domain)
                });
            }
            "documentation" => {
                let is_first = provider.documentation.is_none();
                take(&mut provider.documentation, child, losses, || address(child));
                if is_first {
                    child.children.iter().for_each(|words| losses.add(words, Reason::Instructions));
                }
            }
            "enable" | "instruction" => losses.add(child, Reason::Instructions),
            _ => losses.add(child, Reason::Unknown),
        }
    }
    provider
}

/// A text with what is lost of it.
type Taken = (Option<String>, Option<Reason>);

/// Fills a field that has one place in a profile.
fn take(
    field: &mut Option<String>,
    element: &Element,
    losses: &mut Losses,
    read: impl FnOnce() -> Taken,
) {
    if field.is_some() {
        let instructions = element.name == "documentation";
        losses.add(element, if instructions { Reason::Instructions } else { Reason::Second });
        return;
    }
    let (text, reason) = read();
    *field = text;
    if let Some(reason) = reason {
        losses.add(element, reason);
    }
}

/// A name on one line; that of the mail domain is none of the provider's own.
fn name(element: &Element, most: usize, by_domain: bool) -> Taken {
    let line = element.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let refused = |problem| (None, Some(Reason::Text { found: element.shown(), problem }));
    if line.is_empty() || by_domain && line == DOMAIN {
        return (None, None);
    }
    if !is_legible(&line) {
        return refused("an invisible character");
    }
    if line.contains("%EMAIL") {
        return refused("a name has no placeholder");
    }
    let too_long = line.chars().count() > most;
    (Some(cut(&line, most)), too_long.then_some(Reason::TooLong { most }))
}

/// The address of the documentation, in its attribute.
fn address(element: &Element) -> Taken {
    let Some(url) = element.attribute("url").filter(|url| !url.is_empty()) else {
        return (None, None);
    };
    let problem = match url {
        _ if url.contains("%EMAIL") => "an address of documentation has no placeholder",
        _ if !is_web_address(url) => "no web address",
        _ => return (Some(url.to_owned()), None),
    };
    let found = super::tree::shown(url);
    (None, Some(Reason::Text { found, problem }))
}
