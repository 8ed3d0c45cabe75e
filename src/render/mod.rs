//! Record plans out, one format per file.
//!
//! A format is one file with one pure `write` and a `Spec` that names it, and one row in
//! [`Format::ALL`].

mod json;
mod nsupdate;
mod zone;

use std::fmt;
use std::io::{self, Write};

use hickory_proto::rr::Name;

use crate::name::plain_text;
use crate::plan::RecordPlan;

/// An output format of `generate`.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What a format is called, and what writes it.
struct Spec {
    word: &'static str,
    headline: &'static str,
    /// What stands between the records of two domains.
    separator: &'static str,
    write: fn(&Sheet<'_>, &mut dyn Write) -> io::Result<()>,
}

impl Format {
    /// A snippet in master-file syntax (RFC 1035 §5).
    pub const ZONE: Self = Self(&zone::SPEC);
    /// One JSON object per line and domain.
    pub const JSON: Self = Self(&json::SPEC);
    /// A script for `nsupdate` (RFC 2136).
    pub const NSUPDATE: Self = Self(&nsupdate::SPEC);

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[Self::ZONE, Self::JSON, Self::NSUPDATE];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        self.0.word
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        self.0.headline
    }

    /// What stands between the records of two domains.
    pub const fn separator(self) -> &'static str {
        self.0.separator
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A plan, and the zone that its records go into.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    plan: &'a RecordPlan,
    /// The apex where the user named it.
    apex: Option<&'a Name>,
}

/// Says that a mail domain does not lie in the zone it is to be published in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{domain} does not lie in the zone {apex}; give the zone that holds it with --zone-apex")]
pub struct OutsideApex {
    domain: String,
    apex: String,
}

impl<'a> Sheet<'a> {
    /// Prepares a plan for a zone; without an apex the mail domain is taken for the origin.
    pub fn new(plan: &'a RecordPlan, apex: Option<&'a Name>) -> Result<Self, OutsideApex> {
        match apex {
            Some(apex) if !apex.zone_of(plan.domain().name()) => {
                Err(OutsideApex { domain: plan.domain().to_string(), apex: plain_text(apex) })
            }
            _ => Ok(Self { plan, apex }),
        }
    }

    fn origin(&self) -> &'a Name {
        self.apex.unwrap_or_else(|| self.plan.domain().name())
    }

    /// Writes the plan in a format.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        (format.0.write)(self, out)
    }
}
