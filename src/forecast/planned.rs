//! The documents that a profile has, where clients fetch them.

use super::facts::Planned;
use crate::document::{Kind, Options, documents};
use crate::hosting::Hosting;
use crate::plan::RecordPlan;
use crate::service::{ConfigName, PACC_NAME};

/// The documents that can be served for a planned domain, each at the first place where clients look
/// for it, and that of `autoconfig` on the site of the domain, too.
///
/// The hosting must be the one that the plan was made of.
pub fn planned(plan: &RecordPlan, hosting: &Hosting) -> Vec<Planned> {
    made(plan, hosting, &Options::default())
}

/// The same of documents that are made for a user.
pub(super) fn made(plan: &RecordPlan, hosting: &Hosting, options: &Options) -> Vec<Planned> {
    let made = documents(plan, hosting, options).made;
    let at = |kind: Kind| match kind {
        Kind::Autoconfig => Some(ConfigName::Autoconfig.text()),
        Kind::Autodiscover => Some(ConfigName::Autodiscover.text()),
        Kind::Pacc => Some(PACC_NAME),
        // Users are given a link to it.
        Kind::Apple => None,
    };
    let mut planned = Vec::new();
    let mut on_site = None;
    for document in made {
        let Some(name) = at(document.kind) else { continue };
        let paths = document.kind.paths(plan.domain());
        let mut paths = paths.iter().map(|path| format!("/{path}"));
        let octets = document.text.into_bytes();
        if let (Kind::Autoconfig, Some(second)) = (document.kind, paths.clone().nth(1)) {
            on_site = Some(Planned::new(plan.domain().to_string(), second, octets.clone()));
        }
        let host = format!("{name}.{}", plan.domain());
        planned.extend(paths.next().map(|path| Planned::new(host, path, octets)));
    }
    // The site of the domain is the customer's own, and is touched last.
    planned.extend(on_site);
    planned
}
