//! A shell script of `knotc` commands, which change the zones of a running Knot DNS.
//!
//! `zone-set` refuses a record that is there already and `zone-unset` one that is not, so our own
//! records of an earlier run are unset first, whatever comes of it. `zone-set` takes an alias
//! beside other records and lets only the commit fail, and with it the whole transaction, so the
//! script looks for what stands there beforehand. A `knotc` for each command costs a second a
//! zone, one that reads the commands of a hundred zones a fortieth of it (measured with Knot DNS
//! 3.2.6).

use std::fmt::{self, Write};

use hickory_proto::rr::RecordType;

use super::shell::{quoted, word};
use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::text;
use crate::rrset::RrSet;
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
    mending: Mending { opening: Some(OF_REMEDIES), deletes: true, ..Mending::COMMON },
    ..COMMON
};

/// What stands behind the head of a script.
///
/// It makes the plan first, and then talks with one `knotc` a step: what is to be added depends on
/// what stands there, and a `knotc` that reads commands says nothing until it has read them all.
macro_rules! script {
    ($head:literal) => {
        concat!(
            $head,
            r#"
# So many zones are changed at a time: their transactions are open together.
at_once=100

failed=0 stopped= applying= waiting=0
work=$(mktemp -d) || exit 1
trap 'apply; rm -rf "$work"; exit "$failed"' EXIT
trap 'failed=1 stopped=1 waiting=0; [ "$applying" ] || exit' HUP INT TERM

begin() { note begin "$1"; }

# beside OWNER TTL TYPE RDATA...: adds records where no alias stands.
beside() { note beside "$@"; }

# alone OWNER TTL TYPE RDATA...: adds an alias where nothing stands, a denial where
# no service does.
alone() { note alone "$@"; }

# add OWNER TTL TYPE RDATA...: adds records where no alias stands, beside any others.
add() { note add "$@"; }

# gone OWNER TTL TYPE RDATA...: deletes records. They come back where the alias that
# they make way for is left out.
gone() { note gone "$@"; }

commit() {
    note commit
    waiting=$((waiting + 1))
    [ "$waiting" -lt "$at_once" ] || apply
    [ -z "$stopped" ] || exit
}

# A line for what is to be done, with tabs between the words.
note() {
    {
        printf '%s\t' "$@"
        echo
    } >>"$work/plan"
}

apply() {
    [ "$waiting" -gt 0 ] || return 0
    waiting=0 applying=1
    : >"$work/said"
    : >"$work/open"
    for step in begin look change abort; do
        : >"$work/notes"
        awk -v step="$step" -v work="$work" -v quote="'" "$steps" \
            part=said FS=' ' "$work/said" part=open "$work/open" part=plan FS='\t' "$work/plan" \
            >"$work/commands"
        if [ -s "$work/notes" ]; then
            cat "$work/notes" >&2
            failed=1
        fi
        : >"$work/said"
        [ ! -s "$work/commands" ] || talk
    done
    rm "$work/plan"
    applying=
}

# It gets no signal, for what it has begun is to be ended, and writes no
# history.
talk() {
    (
        trap '' HUP INT TERM
        HOME=$work/none ${KNOTC:-knotc}
    ) <"$work/commands" >"$work/said" 2>&1
}

# Reads what knotc said in the step before, the zones whose transactions are
# open, and the plan; writes the commands of a step.
steps='
# A record begins with its zone in brackets; an error names the zone first if it
# is about all of it.
part == "said" && $1 == "error:" {
    if ($2 ~ /^\[/) wrong[substr($2, 2, length($2) - 2)] = $0
    errors[++count] = $0
}
part == "said" && $0 != "OK" && !index($0, "[") { lost = $0 }
part == "said" && $1 ~ /^\[/ {
    if ($4 == "SOA") begun[substr($1, 2, length($1) - 2)] = 1
    # Signatures and proofs of a signed zone are not what stands at a name.
    if ($4 != "RRSIG" && $4 != "NSEC") stands[tolower($2), $4] = stands[tolower($2)] = 1
}
part == "open" { open[$1] = 1 }
part != "plan" { next }
$1 == "begin" { zone = $2; lines = 0; next }
$1 != "commit" { line[++lines] = $0; next }
{
    if (!(zone in seen)) { seen[zone] = 1; zones[++zoned] = zone }
    if (step == "begin") next
    if (step == "look" && (zone in begun) && !(zone in wrong)) open[zone] = 1
    if (!(zone in open)) next
    for (at = 1; at <= lines; at++) { words = split(line[at], word, "\t") - 1; record() }
}

function record(    n, rdata) {
    where = zone " " word[2] " "
    if (step == "look") {
        for (n = 5; n <= words; n++) print "zone-unset", where word[4], quoted(word[n])
        # A denial stands alone, so that this one is of the time before the offer.
        if (word[1] == "beside" && word[4] == "SRV")
            print "zone-unset", where "SRV", quoted("0 0 0 .")
        if (word[1] == "gone") return
        asked[++asks] = "zone-get " where
        return
    }
    if (step != "change") return
    if (word[1] == "gone") {
        for (n = 5; n <= words && word[4] != "CNAME"; n++)
            back[where] = back[where] "zone-set " where word[3] " " word[4] " " quoted(word[n]) "\n"
        return
    }
    what = word[2] " " word[4] " " word[5]
    beside = (word[2], word[4]) in stands
    if (word[1] == "alone" && word[4] == "CNAME") taken = word[2] in stands
    else taken = (word[2], "CNAME") in stands || word[1] == "alone" && beside
    if (taken) {
        say("left out, for a foreign record stands there: " what)
        if (word[4] == "CNAME") printf "%s", back[where]
        return
    }
    if (beside && word[1] == "beside") say("beside a foreign record: " what)
    for (n = 5; n <= words; n++) print "zone-set", where word[3], word[4], quoted(word[n])
}

function quoted(text) {
    gsub(quote, quote "\\" quote quote, text)
    return quote text quote
}

function say(text) { print text >(work "/notes") }

END {
    # What is asked for has other types of ours, too, before all of them are unset.
    for (at = 1; at <= asks; at++) print asked[at]
    for (at = 1; at <= zoned; at++) {
        zone = zones[at]
        if (step == "begin") print "zone-begin", zone "\nzone-get", zone, zone, "SOA"
        if (step == "look" && (zone in open)) print zone >(work "/open")
        if (step == "look" && (zone in wrong)) say("not changed: " zone ": " wrong[zone])
        if (step == "look" && !(zone in open) && !(zone in wrong) && !left++) first = zone
        if (step == "change" && (zone in open)) print "zone-commit", zone
        if (step == "abort" && (zone in open) && (zone in wrong)) print "zone-abort", zone
    }
    if (left > 1) first = first " and " left - 1 " more"
    if (left) say("not changed: " first ": " (lost ? lost : "there is no SOA record"))
    if (step == "abort") for (at = 1; at <= count; at++) say(errors[at])
}'

"#
        )
    };
}

/// What stands at the head of a plan.
const OPENING: &str = script!(
    r#"#!/bin/sh
# Adds records to the zones of a running Knot DNS:
#     sh FILE
# With another control socket:
#     KNOTC="knotc -s /run/knot/knot.sock" sh FILE
#
# Each zone is changed in a transaction of its own. A foreign record is never
# deleted or replaced: a service record is added beside it, an alias or a denial
# is left out. Either is said, and the exit code is 1 in the end; `mailsrv
# audit` names what to delete. The script may be applied again at any time.
# Interrupted, it finishes the zones that it has begun.
"#
);

/// What stands at the head of remedies.
const OF_REMEDIES: &str = script!(
    r#"#!/bin/sh
# Mends zones of a running Knot DNS:
#     sh FILE
# With another control socket:
#     KNOTC="knotc -s /run/knot/knot.sock" sh FILE
#
# Each zone is changed in a transaction of its own. What is wrong is deleted,
# also where others have put it there: read it first. An alias takes the place of
# what is deleted at its name. Where something else stands there, too, the name
# stays as it is; that is said, and the exit code is 1 in the end: delete by hand
# what stands there, and apply the script again, at any time. Interrupted, it
# finishes the zones that it has begun.
"#
);

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# {}.", sheet.heading())?;
    writeln!(out, "begin {}", word(&text(sheet.origin())))?;
    for set in sheet.gone().unwrap_or_default() {
        write_line("gone", set, out)?;
    }
    // What a remedy is added beside has been judged.
    let beside = if sheet.gone().is_some() { "add" } else { "beside" };
    for (purpose, set) in sheet.sets() {
        let is_alone = purpose.is_denial() || set.record_type() == RecordType::CNAME;
        write_line(if is_alone { "alone" } else { beside }, set, out)?;
    }
    writeln!(out, "commit")
}

fn write_line(command: &str, set: &RrSet, out: &mut String) -> fmt::Result {
    let (owner, rtype) = (text(set.owner()), zonefile::type_name(set.record_type()));
    write!(out, "{command} {} {} {rtype}", word(&owner), set.ttl())?;
    for data in set.rdatas() {
        write!(out, " {}", quoted(&zonefile::rdata(data)))?;
    }
    writeln!(out)
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
