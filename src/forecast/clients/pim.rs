//! What himalaya and io-pim-discovery have in common: they are made of the same parts.

use hickory_proto::rr::{RData, RecordType};

use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::page::{Request, Scheme, Url};
use crate::reading::{Config, PACC_PATH, Server};
use crate::service::{PACC_DIGEST_LABEL, PACC_NAME, Service};

use super::sources::{autoconfig, first, well_known};

/// The document for Thunderbird, by HTTPS alone: at `autoconfig`, on the site of the domain, and where
/// a TXT record `mailconf=` of the domain leads.
pub(super) fn document<'a>(world: &World<'a>) -> Told<Option<(Url, &'a Config)>> {
    let domain = world.domain();
    let urls = [autoconfig(Scheme::Https, domain), well_known(Scheme::Https, domain)];
    if let Some(found) = first(world, urls.map(Request::get), |_| true)? {
        return Ok(Some(found));
    }
    first(world, elsewhere(world)?.into_iter().map(Request::get), |_| true)
}

/// The servers of the document at an address; none where there is none.
pub(super) fn servers(world: &World<'_>, url: &Url) -> Told<Vec<Server>> {
    let config = world.config(&Request::get(url.clone()))?;
    Ok(config.map(|config| config.servers(world.user(), url)).unwrap_or_default())
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

/// What the PACC document says, where it is that of the digest in DNS.
pub(super) fn pacc(world: &World<'_>) -> Told<Conclusion> {
    let host = format!("{PACC_NAME}.{}", world.domain());
    let url = Url::new(Scheme::Https, &host, PACC_PATH);
    let Some(pacc) = world.pacc(&Request::get(url.clone()))? else {
        return Ok(Conclusion::default());
    };
    let owner = world.plan().domain().prefixed(&[PACC_DIGEST_LABEL]);
    if !world.records(&owner, RecordType::TXT)?.iter().any(|data| pacc.is_named(data)) {
        return Ok(Conclusion::default());
    }
    Ok(Conclusion {
        incoming: pacc.server(Service::Imap, &url),
        outgoing: pacc.server(Service::Submission, &url),
    })
}
