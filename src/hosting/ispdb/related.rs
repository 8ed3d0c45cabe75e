//! What stands in a document beside its provider: calendars, address books and filters, and what a
//! profile does not have.

use super::super::RelatedOffer;
use super::super::related::is_path;
use super::loss::{Losses, Reason};
use super::servers::{host, login};
use super::tree::{Element, shown};
use crate::service::Related;

/// The services beside mail, in the order of [`Related::ALL`]; tells what else stands there,
/// the providers beside the one that is read among it.
pub(super) fn related(
    root: &Element,
    block: usize,
    losses: &mut Losses,
) -> [Option<RelatedOffer>; 4] {
    let mut offers = [None, None, None, None];
    let mut providers = 0;
    for child in &root.children {
        let service = match child.name.as_str() {
            "emailProvider" => {
                providers += 1;
                if providers != block {
                    losses.add(child, Reason::OtherProvider { number: providers });
                }
                continue;
            }
            "addressbook" | "addressBook" => Related::Carddav,
            "calendar" => Related::Caldav,
            "setupServer" => Related::Sieve,
            other => {
                losses.add(child, unlike(other));
                continue;
            }
        };
        let slot = &mut offers[service as usize];
        let read =
            if slot.is_some() { Err((child, Reason::Second)) } else { offer(child, service) };
        match read {
            Ok(offer) => {
                *slot = Some(offer);
                tell_details(child, losses);
            }
            Err((place, reason)) => losses.add(place, reason),
        }
    }
    offers
}

/// Why an element beside the provider has no counterpart.
fn unlike(name: &str) -> Reason {
    match name {
        "webMail" => Reason::WebMail,
        "oAuth2" => Reason::OAuth2,
        "enable" | "instruction" | "documentation" => Reason::Instructions,
        "clientConfigUpdate" => Reason::ClientSetting,
        "fileShare" | "chatServer" | "videoConference" => Reason::Type { found: name.to_owned() },
        _ => Reason::Unknown,
    }
}

/// A service beside mail: a web address taken apart, because a profile has host, port and path.
fn offer(element: &Element, service: Related) -> Result<RelatedOffer, (&Element, Reason)> {
    let kind = element.attribute("type").unwrap_or_default();
    let wanted = if service == Related::Sieve { "managesieve" } else { service.key() };
    if kind != wanted {
        return Err((element, Reason::Type { found: shown(kind) }));
    }
    if service == Related::Sieve {
        return filters(element);
    }
    let url = field(element, "url")?;
    let refused = |problem| (url, Reason::Text { found: url.shown(), problem });
    let rest = match url.text().split_once("://") {
        Some(("https", rest)) => rest,
        Some(("http", _)) => return Err((url, Reason::Cleartext)),
        _ => return Err(refused("no web address")),
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (name, port) = match authority.split_once(':') {
        Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0)),
        None => (authority, Some(service.default_port())),
    };
    let port = port.ok_or_else(|| refused("no port"))?;
    let host = host(name).map_err(|problem| (url, Reason::Host { problem }))?;
    // The path that clients begin with is said of itself (RFC 6764 §5).
    let is_usual = path.is_empty() || path == format!("/.well-known/{}", service.key());
    if !is_usual && (!is_path(path) || path.contains("%EMAIL")) {
        return Err(refused("the path holds more than a path on the server"));
    }
    let path = (!is_usual).then(|| path.to_owned());
    Ok(RelatedOffer { host: Some(host), port, path })
}

/// ManageSieve has host and port; TLS begins with STARTTLS (RFC 5804 §1.1).
fn filters(element: &Element) -> Result<RelatedOffer, (&Element, Reason)> {
    let socket_type = field(element, "socketType")?;
    match socket_type.text() {
        "STARTTLS" => {}
        "plain" => return Err((socket_type, Reason::Cleartext)),
        _ => return Err((socket_type, Reason::SocketType { found: socket_type.shown() })),
    }
    let hostname = field(element, "hostname")?;
    let host = host(hostname.text()).map_err(|problem| (hostname, Reason::Host { problem }))?;
    let port = match element.child("port") {
        None => Related::Sieve.default_port(),
        Some(at) => {
            let port = at.text().parse().ok().filter(|port| *port != 0);
            port.ok_or_else(|| (at, Reason::Port { found: at.shown() }))?
        }
    };
    Ok(RelatedOffer { host: Some(host), port, path: None })
}

/// An element that holds something.
fn field<'a>(
    element: &'a Element,
    name: &'static str,
) -> Result<&'a Element, (&'a Element, Reason)> {
    let found = element.child(name).filter(|child| !child.text().is_empty());
    found.ok_or((element, Reason::Missing { element: name }))
}

/// Tells what else is said of a service that is kept.
fn tell_details(element: &Element, losses: &mut Losses) {
    for child in &element.children {
        match child.name.as_str() {
            "url" | "hostname" | "port" | "socketType" => {}
            "authentication" if matches!(child.text(), "basic" | "password-cleartext") => {}
            "authentication" => {
                losses.add(child, Reason::OtherMethod { method: child.shown() });
            }
            "username" if login(child.text()).is_some() => {}
            "username" => losses.add(child, Reason::LoginName { found: child.shown() }),
            _ => losses.add(child, Reason::Unknown),
        }
    }
}
