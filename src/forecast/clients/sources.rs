//! Where documents for Thunderbird are asked for, by those who ask there.

use crate::forecast::world::{Told, World};
use crate::page::{Request, Scheme, Url};
use crate::reading::{CONFIG_PATH, Config};

/// Where the document stands on the site of the mail domain (draft-ietf-mailmaint-autoconfig §4.1).
const WELL_KNOWN: &str = "/.well-known/autoconfig/mail/config-v1.1.xml";

/// The address at `autoconfig` below a domain.
pub(super) fn autoconfig(scheme: Scheme, domain: &str) -> Url {
    Url::new(scheme, &format!("autoconfig.{domain}"), CONFIG_PATH)
}

/// The address on the site of a domain itself.
pub(super) fn well_known(scheme: Scheme, domain: &str) -> Url {
    Url::new(scheme, domain, WELL_KNOWN)
}

/// The first document of these requests that is read, and is good enough, with where it stands.
pub(super) fn first<'a>(
    world: &World<'a>,
    requests: impl IntoIterator<Item = Request>,
    is_good: impl Fn(&Config) -> bool,
) -> Told<Option<(Url, &'a Config)>> {
    let requests: Vec<Request> = requests.into_iter().collect();
    world.expect(&requests);
    for request in requests {
        let found = world.config(&request)?;
        if let Some(config) = found.filter(|config| is_good(config)) {
            return Ok(Some((request.url, config)));
        }
    }
    Ok(None)
}

/// The first of these requests that is answered, whatever the answer is: what says it is XML, and is
/// not, counts as none.
pub(super) fn first_answer(
    world: &World<'_>,
    requests: impl IntoIterator<Item = Request>,
) -> Told<Option<Request>> {
    let requests: Vec<Request> = requests.into_iter().collect();
    world.expect(&requests);
    for request in requests {
        let Some((content, is_xml)) = world.content(&request)? else { continue };
        let is_said = |it: &str| it.to_ascii_lowercase().contains("xml");
        if is_xml || !content.media_type.as_deref().is_none_or(is_said) {
            return Ok(Some(request));
        }
    }
    Ok(None)
}
