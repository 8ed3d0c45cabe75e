//! A script for `nsupdate` (RFC 2136) that never overwrites a foreign record.
//!
//! Prerequisites are conjunctive, so "absent or ours" takes two updates per RRset: the first deletes
//! exactly the records of an earlier run, the second adds ours where nothing else stands. RFC 2136
//! §3.4.2.2 ignores an addition beside a CNAME and replaces a CNAME, both without an error, so the
//! prerequisites look for those too. A foreign record makes its own update fail and no other.

use std::io::{self, Write};

use hickory_proto::rr::RecordType;

use super::{Sheet, heading};
use crate::name::text;
use crate::rrset::RrSet;
use crate::zonefile;

pub(super) fn write(sheet: &Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "; Mail client settings for {}.", heading(sheet.plan))?;
    writeln!(
        out,
        "; For each RRset: delete our own records of an earlier run, then add them where"
    )?;
    writeln!(
        out,
        "; nothing foreign stands. YXRRSET or YXDOMAIN means that something foreign does:"
    )?;
    writeln!(out, "; it was left alone, and nsupdate exits with 2.")?;
    if let Some(apex) = sheet.apex {
        writeln!(out, "zone {}", text(apex))?;
    }
    for (_, set) in sheet.plan.published() {
        write_set(set, out)?;
    }
    Ok(())
}

fn write_set(set: &RrSet, out: &mut dyn Write) -> io::Result<()> {
    let owner = text(set.owner());
    let rtype = zonefile::type_name(set.record_type());
    writeln!(out)?;
    for data in set.rdatas() {
        writeln!(out, "update delete {owner} IN {rtype} {}", zonefile::rdata(data))?;
    }
    writeln!(out, "send")?;
    if set.record_type() == RecordType::CNAME {
        writeln!(out, "prereq nxdomain {owner}")?;
    } else {
        writeln!(out, "prereq nxrrset {owner} IN {rtype}")?;
        writeln!(out, "prereq nxrrset {owner} IN CNAME")?;
    }
    for data in set.rdatas() {
        writeln!(out, "update add {owner} {} IN {rtype} {}", set.ttl(), zonefile::rdata(data))?;
    }
    writeln!(out, "send")
}
