//! A script for `nsupdate` (RFC 2136) that never overwrites a foreign record.
//!
//! Prerequisites are conjunctive, so "absent or ours" takes two updates per RRset. Records of a
//! service are added first, which harms nothing that stands there, and then replaced under the
//! prerequisite that the RRset is exactly ours: that refreshes the TTL, and fails where a foreign
//! record stands beside. An alias and a denial cannot stand beside anything, so our own of an
//! earlier run is deleted first and added where nothing else is. RFC 2136 §3.4.2.2 ignores an
//! addition beside an alias and replaces an alias, both without an error, so the prerequisites
//! look for aliases too. A foreign record fails its own update and no other. Between the two updates of
//! an alias or a denial there is a moment without it.

use std::io::{self, Write};

use hickory_proto::rr::RData;

use super::{Sheet, Spec};
use crate::name::text;
use crate::plan::Purpose;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "nsupdate",
    headline: "script for nsupdate that never overwrites a foreign record",
    separator: "\n",
    write,
};

fn write(sheet: &Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "; Mail client settings for {}.", sheet.plan.domain().heading())?;
    out.write_all(HEADER.as_bytes())?;
    if let Some(apex) = sheet.apex {
        writeln!(out, "zone {}", text(apex))?;
    }
    for (purpose, set) in sheet.plan.published() {
        let owner = text(set.owner());
        let rtype = zonefile::type_name(set.record_type());
        let lines = Lines { owner, rtype, ttl: set.ttl(), data: set.rdatas() };
        writeln!(out)?;
        match purpose {
            Purpose::Service(_) | Purpose::Autodiscover => lines.add_beside(out)?,
            Purpose::Denial(_) | Purpose::Config(_) => lines.add_alone(purpose, out)?,
        }
    }
    Ok(())
}

const HEADER: &str = "\
; A foreign record is never deleted or replaced. Where one stands in an RRset of ours, an
; update fails (NXRRSET, YXRRSET or YXDOMAIN), the others go on, and nsupdate exits with 2:
; a service record then stands beside the foreign one, an alias or a denial is left out,
; and `mailsrv audit` names what to delete. The script may be applied again at any time.
";

struct Lines<'a> {
    owner: String,
    rtype: String,
    ttl: u32,
    data: &'a [RData],
}

impl Lines<'_> {
    fn add_beside(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { owner, rtype, .. } = self;
        writeln!(out, "prereq nxrrset {owner} IN CNAME")?;
        self.add(out)?;
        for data in self.data {
            writeln!(out, "prereq yxrrset {owner} IN {rtype} {}", zonefile::rdata(data))?;
        }
        writeln!(out, "update delete {owner} IN {rtype}")?;
        self.add(out)
    }

    fn add_alone(&self, purpose: Purpose, out: &mut dyn Write) -> io::Result<()> {
        let Self { owner, rtype, .. } = self;
        for data in self.data {
            writeln!(out, "update delete {owner} IN {rtype} {}", zonefile::rdata(data))?;
        }
        writeln!(out, "send")?;
        match purpose {
            // An alias has its name to itself, a denial its RRset.
            Purpose::Config(_) => writeln!(out, "prereq nxdomain {owner}")?,
            Purpose::Denial(_) | Purpose::Service(_) | Purpose::Autodiscover => {
                writeln!(out, "prereq nxrrset {owner} IN {rtype}")?;
                writeln!(out, "prereq nxrrset {owner} IN CNAME")?;
            }
        }
        self.add(out)
    }

    fn add(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { owner, rtype, ttl, data } = self;
        for data in *data {
            writeln!(out, "update add {owner} {ttl} IN {rtype} {}", zonefile::rdata(data))?;
        }
        writeln!(out, "send")
    }
}
