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
use crate::reading::{PACC_PATH, Server, digest};
use crate::service::{PACC_DIGEST_LABEL, PACC_NAME};

use super::sources::{autoconfig, well_known};

/// Where the document for Thunderbird is asked for first.
pub(super) fn places(world: &World<'_>) -> [Url; 2] {
    let domain = world.domain();
    let places = [autoconfig(Scheme::Https, domain), well_known(Scheme::Https, domain)];
    world.expect(&places.each_ref().map(|url| Request::get(url.clone())));
    places
}

/// The servers of the document at an address; none where there is none.
pub(super) fn servers(world: &World<'_>, url: &Url) -> Told<Vec<Server>> {
    let config = world.strict_config(&Request::get(url.clone()))?;
    Ok(config.map(|config| config.strict_servers(world.user(), url)).unwrap_or_default())
}

/// Where a TXT record of the domain says that a document stands: the first that does, by HTTP, too.
pub(super) fn mailconf(world: &World<'_>) -> Told<Option<Url>> {
    let records = world.records(world.plan().domain().name(), RecordType::TXT)?;
    Ok(records.iter().find_map(|data| {
        let RData::TXT(txt) = data else { return None };
        let text = String::from_utf8(txt.txt_data.concat()).ok()?;
        text.strip_prefix("mailconf=")?.trim().parse().ok()
    }))
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
