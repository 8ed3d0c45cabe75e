//! A shell script of `pdnsutil` commands, which change the database of PowerDNS.
//!
//! `add-record` adds what is there already once more, and in an RRset of another TTL it makes a
//! zone that `check-zone` refuses, so only `replace-rrset` may be run twice (measured with
//! PowerDNS 4.7.3). It refuses an alias beside other records by itself. What it writes is not
//! `rectified`: nodes without records (`_tcp`) do not exist, and the NSEC records of a signed zone
//! deny the new names, until `rectify-zone`.

use std::fmt::{self, Write};

use hickory_proto::rr::RecordType;

use super::shell::{quoted, word};
use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::{plain_text, relative_text};
use crate::rrset::RrSet;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "pdnsutil",
    kin: Kin::Server,
    headline: "shell script for PowerDNS; it replaces whole RRsets",
    extension: "sh",
    opening: OPENING,
    separator: "\n",
    mending: Mending { opening: Some(OF_REMEDIES), whole: true, deletes: true, ..Mending::COMMON },
    write,
    ..COMMON
};

/// It says what goes, because `replace-rrset` does not ask.
const OPENING: &str = r#"#!/bin/sh
# Puts records into the database of PowerDNS:
#     sh FILE
# With another configuration:
#     PDNSUTIL="pdnsutil --config-dir=/etc/powerdns" sh FILE
#
# Whole RRsets are replaced: a foreign record of the same name and type is gone
# afterwards; `mailsrv audit` shows beforehand what stands there. An alias is
# refused where other records stand; the other commands are run all the same,
# and the exit code is 1 in the end. Without `rectify-zone` the names above the
# records would not exist, and a signed zone would deny them. The script may be
# run again at any time. For secondaries that transfer the zone, raise its
# serial number afterwards: pdnsutil increase-serial ZONE

failed=0
trap 'exit "$failed"' EXIT
pdnsutil() {
    command ${PDNSUTIL:-pdnsutil} "$@" || failed=1
}

"#;

/// What stands at the head of remedies.
const OF_REMEDIES: &str = r#"#!/bin/sh
# Mends zones in the database of PowerDNS:
#     sh FILE
# With another configuration:
#     PDNSUTIL="pdnsutil --config-dir=/etc/powerdns" sh FILE
#
# What is wrong is deleted, also where others have put it there: read it first.
# An alias takes the place of what is deleted at its name. Where something else
# stands there, too, pdnsutil refuses the alias, what made way for it is put
# back, and the exit code is 1 in the end: delete by hand what stands there, and
# run the script again, at any time. Without `rectify-zone` the names above the
# records would not exist, and a signed zone would deny them. For secondaries
# that transfer the zone, raise its serial number afterwards: pdnsutil
# increase-serial ZONE

failed=0
trap 'exit "$failed"' EXIT
pdnsutil() {
    command ${PDNSUTIL:-pdnsutil} "$@" || { failed=1; return 1; }
}

"#;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let zone = word(&plain_text(sheet.origin()));
    writeln!(out, "# {}.", sheet.heading())?;
    let gone = sheet.gone().unwrap_or_default();
    for set in gone {
        let (owner, rtype) = place(sheet, set);
        writeln!(out, "pdnsutil delete-rrset {zone} {owner} {rtype}")?;
    }
    for (_, set) in sheet.sets() {
        write_set(sheet, set, out)?;
        if set.record_type() == RecordType::CNAME {
            let made_way: Vec<&RrSet> =
                gone.iter().filter(|it| it.owner() == set.owner()).collect();
            write_return(sheet, &made_way, out)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "pdnsutil rectify-zone {zone}")
}

/// Owner name and type; even a name with a final dot is taken as relative to the zone.
fn place(sheet: &Sheet<'_>, set: &RrSet) -> (String, String) {
    let owner = relative_text(set.owner(), sheet.origin());
    (word(&owner), zonefile::type_name(set.record_type()))
}

/// The command that puts an RRset in place, without a line end.
fn write_set(sheet: &Sheet<'_>, set: &RrSet, out: &mut String) -> fmt::Result {
    let (zone, (owner, rtype)) = (word(&plain_text(sheet.origin())), place(sheet, set));
    write!(out, "pdnsutil replace-rrset {zone} {owner} {rtype} {}", set.ttl())?;
    set.rdatas().iter().try_for_each(|data| write!(out, " {}", quoted(&zonefile::rdata(data))))
}

/// Where an alias is refused, what made way for it comes back: a name that has something else, too,
/// is not left with that alone.
fn write_return(sheet: &Sheet<'_>, made_way: &[&RrSet], out: &mut String) -> fmt::Result {
    if made_way.is_empty() {
        return Ok(());
    }
    out.push_str(" || {\n");
    for set in made_way {
        out.push_str("    ");
        write_set(sheet, set, out)?;
        out.push('\n');
    }
    out.push('}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::printed;

    #[test]
    fn every_rrset_is_a_command() {
        assert_eq!(
            printed(Format::PDNSUTIL),
            r#"# Mail client settings for example.com.
pdnsutil replace-rrset example.com @ MX 3600 '10 mx.example.net.'
pdnsutil replace-rrset example.com _imap._tcp SRV 3600 '0 1 143 imap.example.net.' '10 20 993 imap2.example.net.'
pdnsutil replace-rrset example.com _pop3._tcp SRV 60 '0 0 0 .'
pdnsutil replace-rrset example.com _caldavs._tcp SRV 3600 '0 1 443 dav.example.net.'
pdnsutil replace-rrset example.com _caldavs._tcp TXT 3600 '"path=/a;b?c='\''\"$d${e}\\%{f}"'
pdnsutil replace-rrset example.com autoconfig A 3600 '192.0.2.1'
pdnsutil replace-rrset example.com autoconfig AAAA 3600 '2001:db8::1'
pdnsutil replace-rrset example.com autodiscover CNAME 3600 'www.example.net.'
pdnsutil replace-rrset example.com _143._tcp.imap TLSA 3600 '3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1'
pdnsutil rectify-zone example.com
"#
        );
    }
}
