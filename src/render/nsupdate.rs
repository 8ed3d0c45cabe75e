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

use std::fmt::{self, Write};

use hickory_proto::rr::{RData, RecordType};

use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::text;
use crate::rrset::RrSet;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "nsupdate",
    aliases: &["rfc2136"],
    kin: Kin::Server,
    headline: "script for nsupdate that never overwrites a foreign record",
    extension: "nsupdate",
    opening: HEADER,
    separator: "\n",
    mending: Mending { opening: Some(OF_REMEDIES), deletes: true, ..Mending::COMMON },
    write,
    ..COMMON
};

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "; {}.", sheet.heading())?;
    if let Some(apex) = sheet.apex() {
        writeln!(out, "zone {}", text(apex))?;
    }
    if let Some(gone) = sheet.gone() {
        return write_remedy(sheet, gone, out);
    }
    for (purpose, set) in sheet.sets() {
        let lines = Lines::of(set);
        writeln!(out)?;
        if purpose.is_denial() || set.record_type() == RecordType::CNAME {
            lines.add_alone(out)?;
        } else {
            lines.add_beside(out)?;
        }
    }
    Ok(())
}

/// What the script does where something foreign stands, for the person who applies it.
///
/// `nsupdate` says that an update failed and not which, and has no command that prints a text. With
/// `-d` it shows what it sends and what it hears, one on standard output and one on standard error,
/// which the IDs of the messages bring together again: in order, because 16 bits repeat.
const HEADER: &str = r#"; A foreign record is never deleted or replaced. Where one stands in an RRset of
; ours, an update fails (NXRRSET, YXRRSET or YXDOMAIN), the others go on, and
; nsupdate exits with 2: a service record then stands beside the foreign one, an
; alias or a denial is left out, and `mailsrv audit` names what to delete. A
; denial (the target .) of what is offered now is deleted. The script may be
; applied again at any time.
;
; nsupdate does not say which update failed. This applies the script, too, and
; says it:
;     sed -n 's/^;| //p' FILE | sh -s FILE -k update.key
;| work=$(mktemp -d) || exit 2
;| file=$1; shift
;| nsupdate -d "$@" "$file" >"$work/sent" 2>"$work/heard"; code=$?
;| awk '
;| FILENAME ~ /sent$/ && /opcode: UPDATE/ { id[++sent] = $NF }
;| FILENAME ~ /sent$/ && /^;; UPDATE S/ { getline; what[sent] = $1 " " $4 }
;| FILENAME ~ /heard$/ && /opcode: UPDATE/ {
;|     for (at = last + 1; at <= sent && id[at] != $NF; at++) ;
;|     if (at <= sent) last = at
;|     sub(",", "", $6)
;|     heard++
;|     if ($6 == "NOERROR") next
;|     if (what[last] != told) print "refused: " what[last] " (" $6 ")"
;|     told = what[last]
;| }
;| FILENAME ~ /heard$/ && /failed|unsuccessful|could not|refused/ { print }
;| END { if (heard < sent) print sent - heard " updates got no answer" }
;| ' "$work/sent" "$work/heard" >&2
;| rm -r "$work"; exit "$code"
"#;

/// One update for a domain: all of it is done, or nothing is. What is deleted that is not there, and
/// added that is, changes nothing.
///
/// An alias is ignored where something stands beside that nobody asked for, and what makes way for
/// it would be gone without anything in its place. So what makes way is added once more behind the
/// alias: RFC 2136 §3.4.2.2 ignores that beside an alias, and brings it back where there is none. An
/// update without a change then fails where the alias does not stand.
fn write_remedy(sheet: &Sheet<'_>, gone: &[RrSet], out: &mut String) -> fmt::Result {
    writeln!(out)?;
    for set in gone {
        let Lines { owner, rtype, data, .. } = Lines::of(set);
        for data in data {
            writeln!(out, "update delete {owner} IN {rtype} {}", zonefile::rdata(data))?;
        }
    }
    for (_, set) in sheet.sets() {
        Lines::of(set).put(out)?;
    }
    let aliases = || sheet.sets().iter().map(|(_, set)| *set).filter(|set| is_alias(set));
    for alias in aliases() {
        let makes_way = |set: &&RrSet| set.owner() == alias.owner() && !is_alias(set);
        gone.iter().filter(makes_way).try_for_each(|set| Lines::of(set).put(out))?;
    }
    writeln!(out, "send")?;
    for alias in aliases() {
        Lines::of(alias).require(out)?;
        writeln!(out, "send")?;
    }
    Ok(())
}

fn is_alias(set: &RrSet) -> bool {
    set.record_type() == RecordType::CNAME
}

/// What stands at the head of remedies.
const OF_REMEDIES: &str = "\
; What is wrong is deleted, also where others have put it there: read it first.
; An alias takes the place of what is deleted at its name. Where something else
; stands there, too, the name stays as it is and an update fails (NXRRSET):
; delete by hand what stands there, and apply the script again, at any time.
";

/// What says that a service is not offered.
const DENIAL: &str = "0 0 0 .";

/// An RRset in the words of the script.
struct Lines<'a> {
    owner: String,
    rtype: String,
    ttl: u32,
    data: &'a [RData],
}

impl<'a> Lines<'a> {
    fn of(set: &'a RrSet) -> Self {
        let (owner, rtype) = (text(set.owner()), zonefile::type_name(set.record_type()));
        Self { owner, rtype, ttl: set.ttl(), data: set.rdatas() }
    }

    /// Two updates: add, then replace where nothing is there but ours.
    fn add_beside(&self, out: &mut String) -> fmt::Result {
        let Self { owner, rtype, .. } = self;
        writeln!(out, "prereq nxrrset {owner} IN CNAME")?;
        if rtype == "SRV" {
            // A denial stands alone (RFC 2782), so that this one is of the time before the offer.
            writeln!(out, "update delete {owner} IN SRV {DENIAL}")?;
        }
        self.add(out)?;
        self.require(out)?;
        writeln!(out, "update delete {owner} IN {rtype}")?;
        self.add(out)
    }

    /// Two updates: delete ours, then add where nothing else is.
    fn add_alone(&self, out: &mut String) -> fmt::Result {
        let Self { owner, rtype, .. } = self;
        for data in self.data {
            writeln!(out, "update delete {owner} IN {rtype} {}", zonefile::rdata(data))?;
        }
        writeln!(out, "send")?;
        // An alias has its name to itself, a denial its RRset.
        if rtype == "CNAME" {
            writeln!(out, "prereq nxdomain {owner}")?;
        } else {
            writeln!(out, "prereq nxrrset {owner} IN {rtype}")?;
            writeln!(out, "prereq nxrrset {owner} IN CNAME")?;
        }
        self.add(out)
    }

    /// Adds the records and sends the update.
    fn add(&self, out: &mut String) -> fmt::Result {
        self.put(out)?;
        writeln!(out, "send")
    }

    /// The update fails where the RRset is not exactly ours.
    fn require(&self, out: &mut String) -> fmt::Result {
        let Self { owner, rtype, data, .. } = self;
        for data in *data {
            writeln!(out, "prereq yxrrset {owner} IN {rtype} {}", zonefile::rdata(data))?;
        }
        Ok(())
    }

    /// Adds the records.
    fn put(&self, out: &mut String) -> fmt::Result {
        let Self { owner, rtype, ttl, data } = self;
        for data in *data {
            writeln!(out, "update add {owner} {ttl} IN {rtype} {}", zonefile::rdata(data))?;
        }
        Ok(())
    }
}
