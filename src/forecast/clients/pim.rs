//! What himalaya and io-pim-discovery have in common: the one is made with the other. So says the source
//! of io-pim-discovery 0.8.0 (commit 1855b18, in himalaya 2.2.1) and 0.9.0 (commit f7775e3), which are
//! alike in this.
//!
//! Whatever they fetch they take from where it is asked for: a redirect is a refusal (`shared/http.rs`).
//! They are strict readers: for one slip they take none of a document, and go on to the next one.

use hickory_proto::rr::{RData, RecordType};

use crate::forecast::world::{Told, World};
use crate::name::plain_text;
use crate::page::{Request, Scheme, Url};
use crate::reading::{Config, PACC_PATH, Server, digest};
use crate::service::{PACC_DIGEST_LABEL, PACC_NAME};

use super::sources::{autoconfig, well_known};

/// The document for Thunderbird, by HTTPS alone: at `autoconfig`, on the site of the domain, and where
/// a TXT record `mailconf=` of the domain leads.
pub(super) fn document<'a>(world: &World<'a>) -> Told<Option<(Url, &'a Config)>> {
    for url in places(world) {
        if let Some(config) = config(world, &url)? {
            return Ok(Some((url, config)));
        }
    }
    for url in elsewhere(world)? {
        if let Some(config) = config(world, &url)? {
            return Ok(Some((url, config)));
        }
    }
    Ok(None)
}

/// Where the document is asked for first, at once.
pub(super) fn places(world: &World<'_>) -> [Url; 2] {
    let domain = world.domain();
    let places = [autoconfig(Scheme::Https, domain), well_known(Scheme::Https, domain)];
    world.expect(&places.each_ref().map(|url| Request::get(url.clone())));
    places
}

/// The document at an address.
fn config<'a>(world: &World<'a>, url: &Url) -> Told<Option<&'a Config>> {
    world.strict_config(&Request::get(url.clone()))
}

/// The servers of the document at an address; none where there is none.
pub(super) fn servers(world: &World<'_>, url: &Url) -> Told<Vec<Server>> {
    Ok(config(world, url)?
        .map(|config| config.strict_servers(world.user(), url))
        .unwrap_or_default())
}

/// Where TXT records of the domain say that a document stands.
pub(super) fn elsewhere(world: &World<'_>) -> Told<Vec<Url>> {
    let records = world.records(world.plan().domain().name(), RecordType::TXT)?;
    Ok(records.iter().filter_map(mailconf).collect())
}

fn mailconf(data: &RData) -> Option<Url> {
    let RData::TXT(txt) = data else { return None };
    let text: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
    let text = String::from_utf8(text).ok()?;
    text.strip_prefix("mailconf=")?.parse().ok().filter(|url: &Url| url.scheme() == Scheme::Https)
}

/// The servers that the PACC document names, where it is that of the digest in DNS.
pub(super) fn pacc(world: &World<'_>) -> Told<Vec<Server>> {
    let host = format!("{PACC_NAME}.{}", world.domain());
    let url = Url::new(Scheme::Https, &host, PACC_PATH);
    let Some(pacc) = world.pacc(&Request::get(url.clone()))? else { return Ok(Vec::new()) };
    let owner = world.plan().domain().prefixed(&[PACC_DIGEST_LABEL]);
    let records = world.records(&owner, RecordType::TXT)?;
    if records.iter().any(|data| pacc.is_named(data)) {
        return Ok(pacc.servers(&url));
    }
    let wrong = records.iter().find_map(|data| digest(data)?.err());
    world.refuses(
        &url,
        &match wrong {
            Some(wrong) => format!("the TXT record of {} has {wrong}", plain_text(&owner)),
            None => "no TXT record names its digest".to_owned(),
        },
    );
    Ok(Vec::new())
}
