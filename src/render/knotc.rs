//! A shell script of `knotc` commands, which change the zones of a running Knot DNS.
//!
//! `zone-set` refuses a record that is there already and `zone-unset` one that is not, so our own
//! records of an earlier run are unset first, whatever comes of it. `zone-set` takes an alias
//! beside other records and lets only the commit fail, and with it the whole transaction, so the
//! script looks for what stands there beforehand (measured with Knot DNS 3.2.6).

use std::fmt::{self, Write};

use hickory_proto::rr::RecordType;

use super::shell::{quoted, word};
use super::{COMMON, Kin, Sheet, Spec};
use crate::name::text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "knotc",
    aliases: &["knot"],
    kin: Kin::Server,
    headline: "shell script for Knot DNS that keeps foreign records",
    extension: "sh",
    opening: OPENING,
    separator: "\n",
    write,
    ..COMMON
};

/// Signatures and proofs of a signed zone are not what stands at a name.
const OPENING: &str = r#"#!/bin/sh
# Adds records to the zones of a running Knot DNS:
#     sh FILE
# With another control socket:
#     KNOTC="knotc -s /run/knot/knot.sock" sh FILE
#
# Each zone is changed in a transaction of its own. A foreign record is never deleted or
# replaced: a service record is added beside it, an alias or a denial is left out. Either is
# said, and the exit code is 1 in the end; `mailsrv audit` names what to delete. The script
# may be applied again at any time.

failed=0
zone=
trap '[ -z "$zone" ] || knot zone-abort "$zone"; exit "$failed"' EXIT
trap 'failed=1; exit 1' HUP INT TERM

knot() {
    ${KNOTC:-knotc} "$@"
}

begin() {
    if knot zone-begin "$1"; then zone=$1; else failed=1; fi
}

commit() {
    if [ -n "$zone" ] && ! knot zone-commit "$zone"; then
        knot zone-abort "$zone"
        failed=1
    fi
    zone=
}

# beside OWNER TTL TYPE RDATA...: adds records where no alias stands.
beside() {
    [ -n "$zone" ] || return 0
    unset_own "$@"
    # A denial stands alone, so that this one is of the time before the offer.
    if [ "$3" = SRV ]; then unset_own "$1" "$2" SRV "0 0 0 ."; fi
    if stands "$1" CNAME; then
        leave_out "$@"
        return
    fi
    if stands "$1" "$3"; then
        echo "beside a foreign record: $1 $3 $4" >&2
        failed=1
    fi
    set_own "$@"
}

# alone OWNER TTL TYPE RDATA...: adds an alias where nothing stands, a denial where no service does.
alone() {
    [ -n "$zone" ] || return 0
    unset_own "$@"
    case $3 in CNAME) foreign= ;; *) foreign=$3 ;; esac
    if stands "$1" CNAME || stands "$1" $foreign; then leave_out "$@"; else set_own "$@"; fi
}

unset_own() {
    owner=$1 type=$3
    shift 3
    for rdata in "$@"; do
        knot zone-unset "$zone" "$owner" "$type" "$rdata" >/dev/null 2>&1
    done
}

set_own() {
    owner=$1 ttl=$2 type=$3
    shift 3
    for rdata in "$@"; do
        knot zone-set "$zone" "$owner" "$ttl" "$type" "$rdata" >/dev/null || failed=1
    done
}

stands() {
    # Errors are on standard output, too; every record begins with the zone in brackets.
    knot zone-get "$zone" "$@" 2>/dev/null |
        grep '^\[' | grep -Evq '^[^ ]+ [^ ]+ [0-9]+ (RRSIG|NSEC) '
}

leave_out() {
    echo "left out, for a foreign record stands there: $1 $3 $4" >&2
    failed=1
}

"#;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    writeln!(out, "begin {}", word(&text(sheet.origin())))?;
    for (purpose, set) in sheet.sets() {
        let is_alone = purpose.is_denial() || set.record_type() == RecordType::CNAME;
        let command = if is_alone { "alone" } else { "beside" };
        let (owner, rtype) = (text(set.owner()), zonefile::type_name(set.record_type()));
        write!(out, "{command} {} {} {rtype}", word(&owner), set.ttl())?;
        for data in set.rdatas() {
            write!(out, " {}", quoted(&zonefile::rdata(data)))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "commit")
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::printed;

    #[test]
    fn every_record_is_a_command_of_the_transaction() {
        assert_eq!(
            printed(Format::KNOTC),
            r#"# Mail client settings for example.com.
begin example.com.
beside example.com. 3600 MX '10 mx.example.net.'
beside _imap._tcp.example.com. 3600 SRV '0 1 143 imap.example.net.' '10 20 993 imap2.example.net.'
alone _pop3._tcp.example.com. 60 SRV '0 0 0 .'
beside _caldavs._tcp.example.com. 3600 SRV '0 1 443 dav.example.net.'
beside _caldavs._tcp.example.com. 3600 TXT '"path=/a;b?c='\''\"$d${e}\\%{f}"'
beside autoconfig.example.com. 3600 A '192.0.2.1'
beside autoconfig.example.com. 3600 AAAA '2001:db8::1'
alone autodiscover.example.com. 3600 CNAME 'www.example.net.'
beside _143._tcp.imap.example.com. 3600 TLSA '3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1'
commit
"#
        );
    }
}
