//! A shell script of `pdnsutil` commands, which change the database of PowerDNS.
//!
//! `add-record` adds what is there already once more, and in an RRset of another TTL it makes a
//! zone that `check-zone` refuses, so only `replace-rrset` may be run twice (measured with
//! PowerDNS 4.7.3). It refuses an alias beside other records by itself. What it writes is not
//! `rectified`: nodes without records (`_tcp`) do not exist, and the NSEC records of a signed zone
//! deny the new names, until `rectify-zone`.

use std::fmt::{self, Write};

use super::shell::{quoted, word};
use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::{plain_text, relative_text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "pdnsutil",
    kin: Kin::Server,
    headline: "shell script for PowerDNS; it replaces whole RRsets",
    extension: "sh",
    opening: OPENING,
    separator: "\n",
    mending: Mending { whole: true, deletes: true, ..Mending::COMMON },
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

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let zone = word(&plain_text(sheet.origin()));
    writeln!(out, "# {}.", sheet.heading())?;
    for set in sheet.gone().unwrap_or_default() {
        let owner = word(&relative_text(set.owner(), sheet.origin()));
        writeln!(
            out,
            "pdnsutil delete-rrset {zone} {owner} {}",
            zonefile::type_name(set.record_type())
        )?;
    }
    for (_, set) in sheet.sets() {
        // Even a name with a final dot is taken as relative to the zone.
        let owner = word(&relative_text(set.owner(), sheet.origin()));
        let rtype = zonefile::type_name(set.record_type());
        write!(out, "pdnsutil replace-rrset {zone} {owner} {rtype} {}", set.ttl())?;
        for data in set.rdatas() {
            write!(out, " {}", quoted(&zonefile::rdata(data)))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "pdnsutil rectify-zone {zone}")
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
