//! Record plans out, one format per file.
//!
//! A format is one file with one pure `write`, and one row in [`Format`].

mod json;
mod nsupdate;
mod zone;

use std::io::{self, Write};

use hickory_proto::rr::Name;

use crate::name::plain_text;
use crate::plan::RecordPlan;

/// An output format of `generate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A snippet in master-file syntax (RFC 1035 §5).
    Zone,
    /// One JSON object per line and domain.
    Json,
    /// A script for `nsupdate` (RFC 2136).
    Nsupdate,
}

impl Format {
    /// Every format, the default first.
    pub const ALL: [Self; 3] = [Self::Zone, Self::Json, Self::Nsupdate];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Json => "json",
            Self::Nsupdate => "nsupdate",
        }
    }

    /// What stands between the records of two domains.
    pub const fn separator(self) -> &'static [u8] {
        match self {
            Self::Zone | Self::Nsupdate => b"\n",
            Self::Json => b"",
        }
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Zone => "snippet to paste into a zone file (BIND, Knot, NSD, PowerDNS)",
            Self::Json => "one JSON object per line and domain",
            Self::Nsupdate => "script for nsupdate that never overwrites a foreign record",
        }
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
        match format {
            Format::Zone => zone::write(self, out),
            Format::Json => json::write(self, out),
            Format::Nsupdate => nsupdate::write(self, out),
        }
    }
}

/// The mail domain as a heading: with its U-labels where it has any.
fn heading(plan: &RecordPlan) -> String {
    let domain = plan.domain();
    match crate::name::unicode(domain.name()) {
        Some(shown) => format!("{shown} ({domain})"),
        None => domain.to_string(),
    }
}
